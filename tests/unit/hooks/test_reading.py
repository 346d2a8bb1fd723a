"""What deliveries of the vendors say, by the shapes that their documents show."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from connectors.github.hooks import GitHubHooks
from connectors.github.settings import GitHubScope
from connectors.jira.hooks import JiraHooks
from connectors.jira.settings import ScopeSettings
from syncer.contract.hooks import Delivery, HookPlace, HookReader

REPOSITORY = {"id": 7, "full_name": "Acme/Pay"}
PROJECT = {"id": "10000", "key": "PAY"}
ISSUE = {"id": "10007", "key": "PAY-7", "fields": {"summary": "x", "project": PROJECT}}
BARE = {"id": "10007", "key": "PAY-7"}
MOVED = {"items": [{"field": "Key", "fromString": "WEB-3", "toString": "PAY-7"}, {"field": "status"}]}
PAY, WEB, BY_KEY = HookPlace("PAY", "10000"), HookPlace("WEB"), HookPlace("PAY")


def delivery(body: Mapping[str, Any], **headers: str) -> Delivery:
    told = {"content-type": "application/json; charset=utf-8"} | {k.replace("_", "-"): v for k, v in headers.items()}
    return Delivery(told, json.dumps(body).encode())


def places(reader: HookReader, body: Mapping[str, Any], **headers: str) -> set[HookPlace]:
    return set(reader.read(delivery(body, **headers)).places)


@pytest.mark.parametrize("event", ["issues", "issue_comment", "milestone", "label", "sub_issues", "repository"])
def test_what_concerns_issues_of_a_repository_names_it(event: str) -> None:
    told = places(GitHubHooks(), {"repository": REPOSITORY, "action": "edited"}, x_github_event=event)
    assert told == {HookPlace("acme/pay", "7")}
    news = GitHubHooks().read(delivery({"repository": REPOSITORY}, x_github_event=event))
    assert news.proof is (event == "issues")
    assert GitHubHooks().place(GitHubScope(repository="acme/Pay")) == "acme/pay"


@pytest.mark.parametrize(
    ("event", "more"),
    [
        ("push", {}),
        ("pull_request", {}),
        ("star", {}),
        ("issue_comment", {"issue": {"pull_request": {"url": "x"}}}),
    ],
)
def test_what_concerns_no_issue_names_nothing(event: str, more: Mapping[str, Any]) -> None:
    assert places(GitHubHooks(), {"repository": REPOSITORY, **more}, x_github_event=event) == set()


def test_a_project_of_an_organisation_names_no_repository() -> None:
    news = {"organization": {"login": "acme"}, "projects_v2_item": {}}
    assert places(GitHubHooks(), news, x_github_event="projects_v2_item") == set()


@pytest.mark.parametrize(
    ("events", "lacking"), [(["*"], ()), (["issues", "issue_comment", "push"], ()), (["issues"], ("issue_comment",))]
)
def test_a_ping_tells_which_events_are_missing(events: list[str], lacking: tuple[str, ...]) -> None:
    news = GitHubHooks().read(delivery({"zen": "x", "hook": {"events": events}}, x_github_event="ping"))
    assert (news.event, news.places, news.lacking) == ("ping", (), lacking)


@pytest.mark.parametrize("event", ["", "Issues", "a" * 51, "issues\r\nX: y", "ïssues"])
def test_an_event_of_no_name_is_refused_and_not_repeated(event: str) -> None:
    with pytest.raises(ValueError, match=r"^X-GitHub-Event names no event$"):
        GitHubHooks().read(delivery({}, x_github_event=event))


JIRA = {
    "an issue": ({"webhookEvent": "jira:issue_updated", "issue": ISSUE}, {PAY, BY_KEY}),
    "one that is gone": ({"webhookEvent": "jira:issue_deleted", "issue": ISSUE}, {PAY, BY_KEY}),
    "a comment": ({"webhookEvent": "comment_created", "comment": {}, "issue": BARE}, {BY_KEY}),
    "one that moved": ({"webhookEvent": "jira:issue_updated", "issue": ISSUE, "changelog": MOVED}, {PAY, BY_KEY, WEB}),
    "a project": ({"webhookEvent": "project_updated", "project": PROJECT}, {PAY}),
    "a link": ({"webhookEvent": "issuelink_created", "issueLink": {"sourceIssueId": 1}}, set()),
    "a sprint": ({"webhookEvent": "sprint_started", "sprint": {}}, set()),
    "a comment of a version that shows no issue": ({"webhookEvent": "comment_created", "comment": {}}, set()),
    "shapes of no kind": (
        {"webhookEvent": "jira:issue_updated", "issue": [], "changelog": {"items": [None, {"field": 3}]}},
        set(),
    ),
}


@pytest.mark.parametrize("what", JIRA)
def test_what_jira_tells_names_its_project(what: str) -> None:
    body, expected = JIRA[what]
    assert places(JiraHooks(), body) == expected
    assert JiraHooks().place(ScopeSettings(project="PAY")) == "PAY"


@pytest.mark.parametrize("event", [None, "", 7, "x" * 61, "jira:issue_updated\n"])
def test_a_jira_event_of_no_name_is_refused(event: object) -> None:
    with pytest.raises(ValueError, match=r"^webhookEvent names no event$"):
        JiraHooks().read(delivery({"webhookEvent": event}))


def test_a_form_is_none_of_what_jira_sends() -> None:
    with pytest.raises(ValueError, match="content type"):
        JiraHooks().read(Delivery({"content-type": "application/x-www-form-urlencoded"}, b"payload=%7B%7D"))


@pytest.mark.parametrize("body", [b"payload", b"a=secret-text", b"secret-text&payload", b"payload=secret-text", b"%ff"])
def test_what_is_wrong_with_a_body_is_said_without_the_body(body: bytes) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded", "x-github-event": "issues"}
    with pytest.raises(ValueError, match=r"^the body is ") as raised:
        GitHubHooks().read(Delivery(headers, body))
    assert "secret-text" not in str(raised.value)
    assert raised.value.__suppress_context__
