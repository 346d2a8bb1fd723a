"""Who gets in and who sees what: credentials, visitors, permissions, security levels, rate limits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import requests

from syncer.sandbox.jira.ratelimit import ISSUE_WRITES, CloudLimits, RateLimit
from tests.unit.sandbox.jira_world import World, served


@pytest.fixture(params=["cloud", "datacenter"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    with served(request.param) as found:
        yield found


def test_wrong_credentials_are_a_401(world: World) -> None:
    with requests.Session() as session:
        if world.deployment == "cloud":
            session.auth = ("mei@example.com", "wrong")
        else:
            session.headers["Authorization"] = "Bearer wrong"
        answer = session.get(f"{world.api}/myself")
    assert answer.status_code == 401
    assert answer.headers["X-Seraph-LoginReason"] == "AUTHENTICATED_FAILED"


def test_each_deployment_refuses_the_credentials_of_the_other(world: World) -> None:
    with requests.Session() as session:
        if world.deployment == "cloud":
            session.headers["Authorization"] = "Bearer token-mei"
        else:
            session.auth = ("mei@example.com", "token-mei")
        assert session.get(f"{world.api}/myself").status_code == 401


def test_a_revoked_token_and_a_deactivated_account_are_out(world: World) -> None:
    world.jira.revoke_token("mei")
    world.jira.deactivate_user("omar")
    assert world.call("GET", "/myself").status_code == 401
    assert world.call("GET", "/myself", who="omar").status_code == 401


def test_visitors_see_public_projects_only(world: World) -> None:
    world.jira.add_project("OPEN", "Open", public=True)
    key = world.create()
    shown = world.create(project={"key": "OPEN"})
    assert world.call("GET", f"/issue/{key}", who=None).status_code == 404
    assert world.get(f"/issue/{shown}", who=None)["key"] == shown
    assert world.search("status = 'To Do'", who=None) == [shown]
    assert [each["key"] for each in world.get("/project", who=None)] == ["OPEN"]
    assert world.call("GET", "/myself", who=None).status_code == 401
    assert world.call("POST", f"/issue/{shown}/comment", {"body": world.text("x")}, None).status_code == 401


def test_without_browse_a_project_does_not_exist(world: World) -> None:
    key = world.create()
    world.jira.revoke("omar", "BROWSE_PROJECTS", "PAY")
    assert world.call("GET", f"/issue/{key}", who="omar").status_code == 404
    assert world.call("GET", "/project/PAY", who="omar").status_code == 404
    answer = world.send(
        "POST", "/search/jql" if world.deployment == "cloud" else "/search", {"jql": "project = PAY"}, 400, "omar"
    )
    assert answer["errorMessages"] == ["The value 'PAY' does not exist for the field 'project'."]
    world.jira.grant("omar", "BROWSE_PROJECTS", "PAY")
    assert world.search("project = PAY", who="omar") == [key]


@pytest.mark.parametrize(
    ("permission", "verb", "path", "body"),
    [
        ("EDIT_ISSUES", "PUT", "/issue/PAY-1", {"fields": {"summary": "x"}}),
        ("TRANSITION_ISSUES", "POST", "/issue/PAY-1/transitions", {"transition": {"id": "41"}}),
        ("WORK_ON_ISSUES", "POST", "/issue/PAY-1/worklog", {"timeSpent": "1h"}),
        ("LINK_ISSUES", "POST", "/issue/PAY-1/remotelink", {"object": {"url": "http://127.0.0.1", "title": "x"}}),
        ("DELETE_ISSUES", "DELETE", "/issue/PAY-1", None),
        ("ADMINISTER_PROJECTS", "PUT", "/project/PAY/properties/x", "v"),
    ],
)
def test_what_may_be_seen_but_not_done_is_a_403(
    world: World, permission: str, verb: str, path: str, body: object
) -> None:
    world.create()
    world.jira.revoke("omar", permission, "PAY")
    assert world.call(verb, path, body, "omar").status_code == 403


def test_quiet_edits_need_an_administrator(world: World) -> None:
    key = world.create()
    body = {"fields": {"summary": "x"}}
    assert world.call("PUT", f"/issue/{key}", body, "omar", notifyUsers="false").status_code == 403
    world.send("PUT", f"/issue/{key}", body, notifyUsers="false")


def test_only_who_may_modify_reporters_sets_one(world: World) -> None:
    name = "accountId" if world.deployment == "cloud" else "name"
    fields = {"project": {"key": "PAY"}, "issuetype": {"name": "Task"}, "summary": "x", "reporter": {name: "mei"}}
    assert "reporter" in world.send("POST", "/issue", {"fields": fields}, 400, "omar")["errors"]
    world.send("POST", "/issue", {"fields": fields}, 201)


def test_a_security_level_hides_an_issue_from_everybody_else(world: World) -> None:
    level = world.jira.add_security_level("PAY", "Board only", ["mei"])
    key = world.create(security={"id": level.id})
    other = world.create()
    assert world.get(f"/issue/{key}")["fields"]["security"]["name"] == "Board only"
    assert world.call("GET", f"/issue/{key}", who="omar").status_code == 404
    assert world.search("project = PAY", who="omar") == [other]
    assert world.search('level = "Board only"') == [key]
    world.send(
        "POST",
        "/issueLink",
        {"type": {"name": "Blocks"}, "inwardIssue": {"key": key}, "outwardIssue": {"key": other}},
        201,
    )
    assert world.get(f"/issue/{other}", who="omar")["fields"]["issuelinks"] == []


def test_hiding_works_at_once_even_when_the_index_lags(world: World) -> None:
    level = world.jira.add_security_level("PAY", "Board only", ["mei"])
    key = world.create()
    world.jira.set_index_lag(60)
    world.send("PUT", f"/issue/{key}", {"fields": {"security": {"id": level.id}}})
    assert world.search("project = PAY", who="omar") == []


def test_times_are_shown_in_the_readers_zone(world: World) -> None:
    key = world.create()
    shown = {who: world.get(f"/issue/{key}", who=who)["fields"]["created"] for who in ("mei", "omar")}
    assert shown == {"mei": "2026-11-23T14:00:00.000+0800", "omar": "2026-11-23T07:00:00.000+0100"}


def test_a_full_bucket_of_data_center_answers_a_page_until_time_has_passed() -> None:
    with served("datacenter") as world:
        world.jira.rate_limit = RateLimit(capacity=2, fill_rate=1, interval=5)
        first = world.call("GET", "/myself").headers
        assert (first["X-RateLimit-Remaining"], first["Retry-After"]) == ("1", "0")
        last = world.call("GET", "/myself").headers
        assert (last["X-RateLimit-Remaining"], last["Retry-After"]) == ("0", "5")
        answer = world.call("GET", "/myself")
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "5")
        assert answer.headers["Content-Type"].startswith("text/html")
        assert "RateLimit-Reason" not in answer.headers
        assert world.call("GET", "/myself", who="omar").status_code == 200
        world.box.clock.advance(timedelta(seconds=5))
        world.get("/myself")


def refusal(answer: requests.Response) -> tuple[int, str, str]:
    """Status, reason and wait of an answer."""
    return answer.status_code, answer.headers.get("RateLimit-Reason", ""), answer.headers.get("Retry-After", "")


def test_cloud_limits_the_requests_a_second_of_each_endpoint() -> None:
    with served("cloud") as world:
        key, other = world.create(), world.create()
        world.jira.rate_limit = CloudLimits(burst=2, rate=1)
        for _ in range(2):
            world.get(f"/issue/{key}")
        refused = world.call("GET", f"/issue/{other}")
        assert refusal(refused) == (429, "jira-burst-based", "1")
        assert refused.headers["X-RateLimit-Reset"] == "2026-11-23T06:00:01Z"
        world.get("/myself")
        world.send("PUT", f"/issue/{key}", {"fields": {"summary": "Written"}})
        world.box.clock.advance(timedelta(seconds=1))
        world.get(f"/issue/{other}")


def test_cloud_limits_the_writes_to_one_issue_in_both_windows() -> None:
    with served("cloud") as world:
        key, other = world.create(), world.create()
        world.jira.rate_limit = CloudLimits(issue_writes=ISSUE_WRITES)

        def write(issue: str) -> requests.Response:
            return world.call("PUT", f"/issue/{issue}", {"fields": {"summary": "Written"}})

        assert {write(key).status_code for _ in range(20)} == {204}
        assert refusal(write(key)) == (429, "jira-per-issue-on-write", "2")
        assert write(other).status_code == 204
        world.get(f"/issue/{key}")
        for _ in range(4):
            world.box.clock.advance(timedelta(seconds=2))
            assert {write(key).status_code for _ in range(20)} == {204}
        world.box.clock.advance(timedelta(seconds=2))
        assert refusal(write(key)) == (429, "jira-per-issue-on-write", "20")


def test_cloud_limits_the_points_of_an_hour_and_warns_before() -> None:
    with served("cloud") as world:
        world.jira.rate_limit = CloudLimits(quota=10)
        warned = [world.call("GET", "/myself").headers.get("X-RateLimit-NearLimit") for _ in range(10)]
        assert warned == [None] * 8 + ["true"] * 2
        assert refusal(world.call("GET", "/myself")) == (429, "jira-quota-tenant-based", "3600")
        world.box.clock.advance(timedelta(hours=1))
        world.get("/myself")


def test_an_issue_restricted_to_a_role_is_hidden_from_everybody_else() -> None:
    with served("cloud") as world:
        key = world.create()
        assert world.get(f"/issue/{key}")["fields"]["issuerestriction"] == {
            "issuerestrictions": {},
            "shouldDisplay": False,
        }
        world.jira.restrict_issue(key, "Administrators")
        shown = world.get(f"/issue/{key}")["fields"]["issuerestriction"]
        assert shown["issuerestrictions"]["projectrole"][0]["name"] == "Administrators"
        assert world.call("GET", f"/issue/{key}", who="omar").status_code == 404
        assert world.search("project = PAY", who="omar") == []
