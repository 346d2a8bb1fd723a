"""Every answer means one decision."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from connectors.jira.answers import Forbidden, Invalid, JiraAnswer, payload
from connectors.jira.create_answers import bulk_outcomes
from connectors.transport import retry_after
from syncer.contract.errors import Ambiguous, Denied, Gone, Rejected, Retryable, Stale, TrackerError

JSON = {"content-type": "application/json;charset=UTF-8"}
HTML = {"content-type": "text/html; charset=utf-8"}
PAGE = b"<!DOCTYPE html><html><title>Log in</title></html>"


def answer(status: int, body: bytes = b"{}", headers: dict[str, str] | None = None) -> JiraAnswer:
    return JiraAnswer("GET /rest/api/3/issue/1", status, JSON if headers is None else headers, body)


def error(status: int, *, writing: bool, body: bytes = b"{}", headers: dict[str, str] | None = None) -> TrackerError:
    with pytest.raises(TrackerError) as caught:
        payload(answer(status, body, headers), writing=writing)
    return caught.value


def test_json_is_given_back() -> None:
    assert payload(answer(200, b'{"id": "1"}'), writing=False) == {"id": "1"}


def test_an_empty_answer_to_a_write_is_nothing() -> None:
    assert payload(answer(204, b"", {}), writing=True) is None


@pytest.mark.parametrize(
    ("status", "body", "headers"),
    [
        (200, PAGE, HTML),
        (200, b'{"id": "1', JSON),
        (200, PAGE, JSON),
        (500, b"{}", JSON),
        (502, PAGE, HTML),
        (503, b"{}", JSON),
        (504, b"", {}),
        (408, b"", {}),
    ],
)
def test_an_unclear_answer_is_repeated_for_a_read_and_settled_for_a_write(
    status: int, body: bytes, headers: dict[str, str]
) -> None:
    assert type(error(status, writing=False, body=body, headers=headers)) is Retryable
    assert type(error(status, writing=True, body=body, headers=headers)) is Ambiguous


def test_an_empty_answer_to_a_read_is_repeated() -> None:
    assert type(error(200, writing=False, body=b"")) is Retryable


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Invalid),
        (401, Denied),
        (403, Forbidden),
        (404, Gone),
        (405, Invalid),
        (409, Stale),
        (410, Gone),
        (412, Stale),
        (413, Invalid),
        (422, Invalid),
        (302, Denied),
        (307, Denied),
    ],
)
@pytest.mark.parametrize("writing", [True, False])
def test_a_clear_refusal_means_the_same_for_all(status: int, kind: type[TrackerError], writing: bool) -> None:
    assert type(error(status, writing=writing)) is kind


def test_a_404_is_uncertain_and_a_410_is_not() -> None:
    missing, deleted = error(404, writing=False), error(410, writing=False)
    assert isinstance(missing, Gone)
    assert isinstance(deleted, Gone)
    assert (missing.uncertain, deleted.uncertain) == (True, False)


@pytest.mark.parametrize("writing", [True, False])
@pytest.mark.parametrize("status", [429, 403])
def test_a_rate_limit_is_waited_for(status: int, writing: bool) -> None:
    limited = error(status, writing=writing, headers={**JSON, "retry-after": "7"})
    assert isinstance(limited, Retryable)
    assert (limited.after, limited.budget) == (timedelta(seconds=7), True)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_server_in_maintenance_is_an_outage_and_no_used_up_budget(status: int) -> None:
    away = error(status, writing=False, headers={**JSON, "retry-after": "600"})
    assert isinstance(away, Retryable)
    assert (away.after, away.budget) == (timedelta(seconds=600), False)


@pytest.mark.parametrize("writing", [True, False])
def test_a_403_of_a_server_that_always_sends_the_header_is_a_403(writing: bool) -> None:
    assert type(error(403, writing=writing, headers={**JSON, "retry-after": "0"})) is Forbidden


@pytest.mark.parametrize("status", [200, 401, 403, 404])
@pytest.mark.parametrize(
    "header",
    [
        {"x-ausername": "anonymous"},
        {"x-seraph-loginreason": "AUTHENTICATED_FAILED"},
        {"x-seraph-loginreason": "AUTHENTICATION_DENIED"},
        {"x-authentication-denied-reason": "CAPTCHA_CHALLENGE; login-url=https://jira.example/login.jsp"},
    ],
)
def test_what_a_stranger_is_told_is_never_believed(status: int, header: dict[str, str]) -> None:
    denied = error(status, writing=False, body=b'{"issues": []}', headers={**JSON, **header})
    assert type(denied) is Denied
    assert denied.remedy


def test_refused_fields_are_named() -> None:
    body = json.dumps({"errorMessages": ["No."], "errors": {"summary": "too long", "duedate": "no date"}}).encode()
    refused = error(400, writing=True, body=body)
    assert isinstance(refused, Invalid)
    assert isinstance(refused, Rejected)
    assert refused.fields == {"summary": "too long", "duedate": "no date"}
    assert "summary: too long; duedate: no date" in str(refused)


def test_a_long_complaint_is_cut() -> None:
    body = json.dumps({"errorMessages": ["x" * 5_000]}).encode()
    assert len(str(error(400, writing=True, body=body))) < 500


@pytest.mark.parametrize(
    ("header", "date", "wait"),
    [
        ("0", "", timedelta(0)),
        ("30", "", timedelta(seconds=30)),
        ("Mon, 02 Mar 2026 09:01:00 GMT", "Mon, 02 Mar 2026 09:00:00 GMT", timedelta(seconds=60)),
        ("Mon, 02 Mar 2026 08:00:00 GMT", "Mon, 02 Mar 2026 09:00:00 GMT", timedelta(0)),
        ("Mon, 02 Mar 2026 09:01:00 GMT", "", None),
        ("soon", "Mon, 02 Mar 2026 09:00:00 GMT", None),
        ("", "", None),
        ("99999999999", "", timedelta(days=1)),
    ],
)
def test_the_wait_is_read_in_both_forms(header: str, date: str, wait: timedelta | None) -> None:
    assert retry_after({"retry-after": header, "date": date}) == wait


@pytest.mark.parametrize("body", [b'{"message": "Go away"}', b"<html>\n<h1>Go away</h1>", b'"Go away"'])
def test_an_error_in_an_unknown_form_is_shown_as_it_begins(body: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        payload(answer(400, body + b"x" * 500), writing=True)
    assert str(refused.value).startswith("GET /rest/api/3/issue/1: refused (400): ")
    assert "Go away" in str(refused.value)
    assert len(str(refused.value)) < 200


@pytest.mark.parametrize(
    "body", [b"<p>\x1b[2JGo\x07 away</p>" + b"x" * 500, b'{"reason": "\xe2\x80\xae\x1b[2JGo away"}']
)
def test_an_error_in_an_unknown_form_is_shown_as_it_begins_and_moves_no_cursor(body: bytes) -> None:
    refusal = error(400, writing=True, body=body, headers=HTML)
    assert isinstance(refusal, Invalid)
    assert str(refusal).startswith("GET /rest/api/3/issue/1: refused (400): ")
    assert "away" in str(refusal)
    assert str(refusal).isprintable()
    assert len(str(refusal)) < 200


def test_an_element_of_a_bulk_create_that_is_refused_in_an_unknown_form_says_how_it_was() -> None:
    refused = {"status": 400, "failedElementNumber": 0, "reason": "Field rules of Acme"}
    (outcome,) = bulk_outcomes({"issues": [], "errors": [refused]}, 1)
    assert isinstance(outcome, Rejected)
    assert "Field rules of Acme" in str(outcome)
