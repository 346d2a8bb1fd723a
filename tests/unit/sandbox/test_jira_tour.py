"""Walks through every operation of both deployments, so that each answer meets the vendor's document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.unit.sandbox.jira_world import World, served


@pytest.fixture(params=["cloud", "datacenter"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    with served(request.param) as found:
        yield found


def test_people_and_site(world: World) -> None:
    world.get("/serverInfo", who=None)
    me = world.get("/myself")
    assert me["timeZone"] == "Asia/Shanghai"
    assert ("accountId" in me) == (world.deployment == "cloud")
    for path in (
        "/field",
        "/priority",
        "/resolution",
        "/status",
        "/issuetype",
        "/issueLinkType",
        "/role",
        "/permissions",
    ):
        world.get(path)
    only = {"permissions": "BROWSE_PROJECTS,ADMINISTER"} if world.deployment == "cloud" else {}
    found = world.get("/mypermissions", projectKey="PAY", **only)["permissions"]
    assert found["BROWSE_PROJECTS"]["havePermission"]
    world.get("/status/Done")
    world.get("/priority/3")
    world.get("/resolution/10000")
    world.get("/issuetype/10001")
    world.get("/issueLinkType/10000")
    if world.deployment == "cloud":
        world.get("/user", accountId="omar")
        world.get("/user/bulk", accountId=["omar", "mei"])
        world.get("/user/search", query="om")
        world.get("/label")
        world.get("/field/search")
        world.get("/priority/search")
        assert [each["accountId"] for each in world.get("/user/assignable/search", project="PAY", query="omar")] == [
            "omar"
        ]
    else:
        world.get("/user", username="omar")
        world.get("/user/search", username="om")
        world.get("/statuscategory")
        assert [each["name"] for each in world.get("/user/assignable/search", project="PAY", username="omar")] == [
            "omar"
        ]


def test_projects(world: World) -> None:
    world.jira.add_version("PAY", "1.0")
    world.jira.add_component("PAY", "api")
    world.jira.add_security_level("PAY", "Board only", ["mei"])
    world.get("/project")
    project = world.get("/project/PAY")
    assert project["lead"]["displayName"] == "Mei Lin"
    for path in ("statuses", "role", "versions", "version", "components", "securitylevel", "properties"):
        world.get(f"/project/PAY/{path}")
    for address in project["roles"].values():
        world.get(address)
    kinds = world.get("/issue/createmeta/PAY/issuetypes")
    for kind in kinds["issueTypes" if world.deployment == "cloud" else "values"]:
        world.get(f"/issue/createmeta/PAY/issuetypes/{kind['id']}")
    if world.deployment == "cloud":
        world.get("/project/search")
        world.get("/project/PAY/component")
        world.get("/issue/createmeta", projectKeys="PAY", expand="projects.issuetypes.fields")


def test_an_issue_and_what_gathers_around_it(world: World) -> None:
    key = world.create(description=world.text("Why: 退款"), labels=["b", "a"], duedate="2026-12-01")
    other = world.create("Explain refunds")
    world.send(
        "PUT", f"/issue/{key}", {"fields": {"summary": "Show all refunds"}, "update": {"labels": [{"add": "c"}]}}
    )
    _properties(world, f"/issue/{key}/properties/syncer.origin")
    _properties(world, "/project/PAY/properties/syncer")
    _comments(world, key)
    _links(world, key, other)
    _work(world, key)
    world.get(f"/issue/{key}", expand="changelog,names,schema,transitions", properties="*all")
    world.get(f"/issue/{key}/editmeta")
    steps = world.get(f"/issue/{key}/transitions", expand="transitions.fields")["transitions"]
    world.send("POST", f"/issue/{key}/transitions", {"transition": {"id": steps[-1]["id"]}})
    name = "accountId" if world.deployment == "cloud" else "name"
    world.send("PUT", f"/issue/{key}/assignee", {name: "omar"})
    bulk = {
        "issueUpdates": [
            {"fields": {"project": {"key": "PAY"}, "issuetype": {"name": "Task"}, "summary": s}} for s in ("ok", "")
        ]
    }
    answer = world.send("POST", "/issue/bulk", bulk, 201)
    assert answer["errors"][0]["failedElementNumber"] == 1
    if world.deployment == "cloud":
        fetched = world.send("POST", "/issue/bulkfetch", {"issueIdsOrKeys": [key, "PAY-99"], "fields": ["*all"]}, 200)
        assert [each["key"] for each in fetched["issues"]] == [key]
        assert [each["id"] for each in fetched["issueErrors"]] == ["PAY-99"]
        assert world.get(f"/issue/{key}/changelog")["total"] > 3
        entries = world.get(f"/issue/{key}/changelog", maxResults=2)
        world.send(
            "POST",
            f"/issue/{key}/changelog/list",
            {"changelogIds": [int(each["id"]) for each in entries["values"]]},
            200,
        )
        changes = world.send("POST", "/changelog/bulkfetch", {"issueIdsOrKeys": [key], "fieldIds": ["status"]}, 200)
        assert len(changes["issueChangeLogs"][0]["changeHistories"]) == 1
        world.send("POST", "/search/approximate-count", {"jql": "project = PAY"}, 200)
        world.get("/search/jql", jql="project = PAY", fields="*all", expand="changelog")
        shown = world.send("PUT", f"/issue/{key}", {"fields": {"priority": {"name": "High"}}}, 200, returnIssue="true")
        assert shown["fields"]["priority"]["name"] == "High"
    else:
        found = world.get("/search", jql="project = PAY", fields="*all", expand="changelog")
        assert found["total"] == 3
    world.send("DELETE", f"/issue/{key}")


def _properties(world: World, path: str) -> None:
    world.send("PUT", path, {"a": [1, "二"]}, 201)
    world.send("PUT", path, {"a": 2}, 200)
    assert world.get(path)["value"] == {"a": 2}
    assert len(world.get(path.rpartition("/")[0])["keys"]) == 1
    world.send("DELETE", path)


def _comments(world: World, key: str) -> None:
    body = {"body": world.text("First"), "properties": [{"key": "marker", "value": {"id": 1}}]}
    comment = world.send(
        "POST", f"/issue/{key}/comment", body if world.deployment == "cloud" else {"body": "First"}, 201
    )
    path = f"/issue/{key}/comment/{comment['id']}"
    world.send("PUT", path, {"body": world.text("Second")}, 200)
    world.get(path)
    world.get(f"/issue/{key}/comment", orderBy="-created", expand="properties")
    _properties(world, f"/comment/{comment['id']}/properties/other") if world.deployment == "datacenter" else None
    if world.deployment == "cloud":
        world.send("POST", "/comment/list", {"ids": [int(comment["id"])]}, 200)
        world.get(f"/comment/{comment['id']}/properties")
    world.send("DELETE", path)


def _links(world: World, key: str, other: str) -> None:
    body = {"type": {"name": "Blocks"}, "inwardIssue": {"key": key}, "outwardIssue": {"key": other}}
    world.send("POST", "/issueLink", body, 201)
    (link,) = world.get(f"/issue/{key}")["fields"]["issuelinks"]
    assert link["outwardIssue"]["key"] == other
    world.get(f"/issueLink/{link['id']}")
    world.send("DELETE", f"/issueLink/{link['id']}", status=200 if world.deployment == "cloud" else 204)
    page = {"url": "http://127.0.0.1/acme/pay/issues/1", "title": "acme/pay#1"}
    created = world.call("POST", f"/issue/{key}/remotelink", {"globalId": "g", "object": page})
    assert created.status_code in {200, 201}
    number = created.json()["id"]
    world.send("PUT", f"/issue/{key}/remotelink/{number}", {"globalId": "g", "object": {**page, "title": "new"}})
    assert [each["object"]["title"] for each in world.get(f"/issue/{key}/remotelink")] == ["new"]
    world.get(f"/issue/{key}/remotelink/{number}")
    world.send("DELETE", f"/issue/{key}/remotelink/{number}")


def _work(world: World, key: str) -> None:
    body: dict[str, Any] = {
        "timeSpent": "1h 30m",
        "started": "2026-11-20T09:00:00.000+0800",
        "comment": world.text("Done"),
    }
    worklog = world.send("POST", f"/issue/{key}/worklog", body, 201)
    path = f"/issue/{key}/worklog/{worklog['id']}"
    world.send("PUT", path, {"timeSpentSeconds": 3600}, 200)
    world.get(path)
    world.get(f"/issue/{key}/worklog")
    assert world.get(f"/issue/{key}")["fields"]["timespent"] == 3600
    world.send("DELETE", path)
    with world.session() as session:
        answer = session.post(
            f"{world.api}/issue/{key}/attachments",
            files={"file": ("notes.txt", "二十".encode(), "text/plain")},
            headers={"X-Atlassian-Token": "no-check"},
        )
    (attachment,) = answer.json()
    world.get("/attachment/meta")
    world.get(f"/attachment/{attachment['id']}")
    assert world.call("GET", attachment["content"], redirect="false").content == "二十".encode()
    world.send("DELETE", f"/attachment/{attachment['id']}")
    world.send("POST", f"/issue/{key}/watchers", "omar")
    world.get(f"/issue/{key}/watchers")
    world.send(
        "DELETE", f"/issue/{key}/watchers", **{"accountId" if world.deployment == "cloud" else "username": "omar"}
    )
    world.send("POST", f"/issue/{key}/votes", who="omar", status=204 if world.deployment == "cloud" else 200)
    world.get(f"/issue/{key}/votes")
    world.send("DELETE", f"/issue/{key}/votes", who="omar")


def test_versions_and_components(world: World) -> None:
    project_id = int(world.get("/project/PAY")["id"])
    version = world.send("POST", "/version", {"name": "1.0", "projectId": project_id, "releaseDate": "2026-12-24"}, 201)
    key = world.create(fixVersions=[{"name": "1.0"}])
    world.send("PUT", f"/version/{version['id']}", {"name": "1.1", "released": True, "startDate": "2026-12-01"}, 200)
    assert world.get(f"/issue/{key}")["fields"]["fixVersions"][0]["name"] == "1.1"
    world.get(f"/version/{version['id']}")
    world.send("POST", f"/version/{version['id']}/removeAndSwap", {})
    assert world.get(f"/issue/{key}")["fields"]["fixVersions"] == []
    component = world.send("POST", "/component", {"name": "api", "project": "PAY"}, 201)
    world.send("PUT", f"/component/{component['id']}", {"name": "core", "description": "all of it"}, 200)
    world.get(f"/component/{component['id']}")
    world.send("DELETE", f"/component/{component['id']}")


def test_boards_sprints_and_epics(world: World) -> None:
    (board,) = world.get(f"{world.agile}/board")["values"]
    root = f"{world.agile}/board/{board['id']}"
    for path in ("", "/configuration", "/project", "/version", "/sprint", "/issue", "/backlog", "/epic"):
        world.get(root + path)
    sprint = world.send(
        "POST", f"{world.agile}/sprint", {"name": "S1", "originBoardId": board["id"], "goal": "Refunds"}, 201
    )
    path = f"{world.agile}/sprint/{sprint['id']}"
    key = world.create()
    world.send("POST", f"{path}/issue", {"issues": [key]})
    assert [each["key"] for each in world.get(f"{path}/issue")["issues"]] == [key]
    dates = {"startDate": "2026-11-23T00:00:00.000Z", "endDate": "2026-12-07T00:00:00.000Z"}
    world.send("POST", path, {"state": "active", **dates}, 200)
    assert world.search("sprint in openSprints()") == [key]
    world.send("POST", f"{world.agile}/backlog/issue", {"issues": [key]})
    world.send("POST", path, {"state": "closed"}, 200)
    world.get(path)
    world.send("DELETE", path)
    epic = world.create("Refunds", issuetype={"name": "Epic"})
    world.send("POST", f"{world.agile}/epic/{epic}/issue", {"issues": [key]})
    world.get(f"{world.agile}/epic/{epic}")
    assert [each["key"] for each in world.get(f"{world.agile}/epic/{epic}/issue")["issues"]] == [key]
