"""What an answer means: the judgement of status, headers and body."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from connectors.github.answers import GitHubAnswer, TransientError, judge
from syncer.contract.errors import Ambiguous, Denied, Gone, ReadOnly, Rejected, Retryable

SECONDARY = (
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again. If you reach out to"
    " GitHub Support for help, please include the request ID FA2D:87B1:8879E3:1176C87:6570B7E6.",
    "You have exceeded a secondary rate limit and have been temporarily blocked from content creation. Please retry"
    " your request again later.",
    "You have triggered an abuse detection mechanism. Please wait a few minutes before you try again.",
)
"""What people report that GitHub answers to too many requests, which its documentation describes in general only."""
DATE = {"date": "Mon, 02 Mar 2026 09:00:00 GMT"}


def answer(status: int, body: object = None, **headers: str) -> GitHubAnswer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return GitHubAnswer(status, {"content-type": "application/json; charset=utf-8", **DATE, **named}, json.dumps(body))


def raised(given: GitHubAnswer, *, write: bool = True, item: bool = False) -> Exception:
    with pytest.raises(Exception) as caught:  # noqa: PT011 - which one it is, is what the tests are about
        judge(given, "try it", write=write, item=item)
    return caught.value


@pytest.mark.parametrize("status", [200, 201])
def test_success_is_the_body(status: int) -> None:
    assert judge(answer(status, {"id": 1}), "try it", write=True, item=True) == {"id": 1}


def test_success_without_content_is_nothing() -> None:
    assert judge(GitHubAnswer(204, {}, ""), "try it", write=True, item=True) is None


@pytest.mark.parametrize(
    "given",
    [
        GitHubAnswer(200, {"content-type": "text/html"}, "<html>"),
        GitHubAnswer(200, {"content-type": "application/json"}, '{"id": 1, "ti'),
        GitHubAnswer(200, {}, '{"id": 1}'),
        GitHubAnswer(502, {"content-type": "text/html"}, "<html>"),
        GitHubAnswer(408, {}, ""),
        answer(500, {"message": "Server Error"}),
        GitHubAnswer(429, {"content-type": "text/html"}, "<html>"),
    ],
    ids=["page", "truncated", "untyped", "gateway", "timeout", "broken", "gateway-limit"],
)
def test_unclear_answer_to_a_write_is_ambiguous(given: GitHubAnswer) -> None:
    assert isinstance(raised(given), Ambiguous)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_unclear_answer_to_a_read_may_be_tried_again(status: int) -> None:
    error = raised(answer(status, {}, retry_after="3"), write=False)
    assert isinstance(error, TransientError)
    assert error.after == timedelta(seconds=3)


@pytest.mark.parametrize(
    ("given", "after"),
    [
        (answer(403, {"message": "You have exceeded a secondary rate limit."}), 60),
        (answer(403, {"message": "You have exceeded a secondary rate limit."}, retry_after="30"), 30),
        (answer(403, {"message": "API rate limit exceeded for user ID 1."}, x_ratelimit_reset="1772442060"), 60),
        (answer(403, {"message": "Forbidden"}, x_ratelimit_remaining="0", x_ratelimit_reset="1772442120"), 120),
        (answer(429, {"message": "Too many requests"}), 60),
        (answer(429, {"message": "x"}, retry_after="Mon, 02 Mar 2026 09:00:05 GMT"), 5),
        (answer(422, {"message": "Validation Failed: was submitted too quickly"}), 60),
        *(
            (answer(status, {"message": words}, x_ratelimit_remaining="4321"), 60)
            for status in (403, 429)
            for words in SECONDARY
        ),
        (answer(403, {"message": SECONDARY[0]}, retry_after="7", x_ratelimit_remaining="0"), 7),
        (answer(429, {"message": SECONDARY[1]}, x_ratelimit_remaining="0", x_ratelimit_reset="1772442090"), 90),
    ],
)
def test_limit_is_retryable_within_the_budget(given: GitHubAnswer, after: int) -> None:
    error = raised(given)
    assert isinstance(error, Retryable)
    assert (error.budget, error.after) == (True, timedelta(seconds=after))


@pytest.mark.parametrize(
    ("given", "remedy"),
    [
        (answer(401, {"message": "Bad credentials"}), "token"),
        (answer(403, {"message": "Repository was archived so is read-only."}), "archived"),
        (
            answer(403, {"message": "Resource protected by organization SAML"}, x_github_sso="required; url=x"),
            "sign-on",
        ),
        (
            answer(403, {"message": "Resource not accessible"}, x_accepted_github_permissions="issues=write"),
            "issues=write",
        ),
        (answer(403, {"message": "Must have push access"}), "issues"),
        (answer(404, {"message": "Not Found"}), "name"),
        (answer(410, {"message": "Issues are disabled for this repo"}), "issues on"),
    ],
)
def test_refusal_of_the_repository_is_denied_with_a_remedy(given: GitHubAnswer, remedy: str) -> None:
    error = raised(given)
    assert isinstance(error, Denied)
    assert remedy in error.remedy


@pytest.mark.parametrize("words", ["Issues are disabled for this repo", "Issues has been disabled in this repository."])
def test_an_issue_of_a_repository_without_issues_is_no_deleted_one(words: str) -> None:
    error = raised(answer(410, {"message": words}), item=True)
    assert isinstance(error, Denied)
    assert "issues on" in error.remedy


def test_an_archived_repository_takes_nothing_and_can_be_read() -> None:
    assert isinstance(raised(answer(403, {"message": "Repository was archived so is read-only."})), ReadOnly)


@pytest.mark.parametrize(("status", "uncertain"), [(404, True), (451, True), (410, False)])
def test_missing_item_is_gone(status: int, uncertain: bool) -> None:
    error = raised(answer(status, {"message": "Gone"}), item=True)
    assert isinstance(error, Gone)
    assert error.uncertain is uncertain


def test_locked_conversation_is_rejected() -> None:
    given = answer(403, {"message": "Unable to create comment because issue is locked."})
    assert isinstance(raised(given, item=True), Rejected)


def test_rejection_names_the_fields() -> None:
    errors = [
        {"resource": "Issue", "field": "title", "code": "missing_field"},
        {"field": "body", "message": "too long"},
    ]
    error = raised(answer(422, {"message": "Validation Failed", "errors": errors}))
    assert isinstance(error, Rejected)
    assert str(error) == "cannot try it: Validation Failed (title: missing field; body: too long)"


@pytest.mark.parametrize("errors", ["one string", ["a string"], [None], {"a": 1}, 3])
def test_rejection_with_errors_of_any_shape_is_a_message(errors: object) -> None:
    assert isinstance(raised(answer(422, {"message": "No", "errors": errors})), Rejected)


def test_message_is_one_bounded_line() -> None:
    error = raised(answer(400, {"message": "a\nb" * 1000}))
    assert "\n" not in str(error)
    assert len(str(error)) < 400


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("2026-03-10 09:00:00 UTC", "2026-03-10T09:00:00+00:00"),
        ("2026-03-10 09:00:00 -0800", "2026-03-10T17:00:00+00:00"),
        ("soon", None),
        ("", None),
    ],
)
def test_the_end_of_a_token_is_read_in_any_time_zone(header: str, expected: str | None) -> None:
    ends = answer(200, {}, github_authentication_token_expiration=header).token_ends
    assert (ends and ends.isoformat()) == expected


def test_conflict_had_no_effect() -> None:
    assert isinstance(raised(answer(409, {"message": "Conflict"})), Retryable)


def test_a_sub_resource_that_is_not_found_is_named_by_its_path() -> None:
    request = "GET /repos/acme/pay/issues/comments"
    given = GitHubAnswer(404, {"content-type": "application/json"}, '{"message": "Not Found"}', request)
    error = raised(given, write=False)
    assert isinstance(error, Denied)
    assert str(error) == f"cannot try it: Not Found ({request} was answered with 404)"
    assert error.remedy == "See that the token may read acme/pay, and that this GitHub has this address."
    whole = GitHubAnswer(404, {"content-type": "application/json"}, '{"message": "Not Found"}', "GET /repos/acme/pay")
    assert "address" not in getattr(raised(whole, write=False), "remedy", "address")


@pytest.mark.parametrize("text", ["<html>\n<h1>Go away</h1>" + "x" * 500, '{"error": "Go away</h1>' + "x" * 500 + '"}'])
def test_an_error_in_an_unknown_form_is_shown_as_it_begins(text: str) -> None:
    error = raised(GitHubAnswer(400, {"content-type": "application/json"}, text, "POST /repos/acme/pay/issues"))
    assert isinstance(error, Rejected)
    assert "POST /repos/acme/pay/issues was answered with 400: " in str(error)
    assert "Go away" in str(error)
    assert len(str(error)) < 200
