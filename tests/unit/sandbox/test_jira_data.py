"""Filling a Jira: many issues at once, and what a real site answered."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from syncer.sandbox import Clock
from syncer.sandbox.jira import Jira
from tests.unit.sandbox.jira_world import World, served

RECORDED = Path(__file__).resolve().parents[4] / "shared" / "data" / "recorded"
FILES = ("issues", "users", "sprints", "worklogs", "remotelinks", "issue-changelogs")


@pytest.fixture(params=["cloud", "datacenter"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    with served(request.param) as found:
        yield found


def _person(name: str) -> dict[str, Any]:
    return {"accountId": name, "displayName": name.title(), "active": True, "timeZone": "Asia/Shanghai"}


def _issue() -> dict[str, Any]:
    times = {"created": "2026-01-05T09:00:00.000+0800", "updated": "2026-01-06T09:00:00.000+0800"}
    return {
        "id": "20001",
        "key": "OLD-7",
        "fields": {
            "summary": "退款 overview",
            "description": "h2. Why\n\nBecause.",
            "project": {"id": "1", "key": "OLD", "name": "Old"},
            "issuetype": {"id": "1", "name": "故事", "subtask": False},
            "status": {"id": "9", "name": "已完成", "statusCategory": {"id": 3, "key": "done", "name": "Done"}},
            "reporter": _person("lan"),
            "creator": _person("lan"),
            "fixVersions": [{"id": "3", "name": "v2", "released": True, "releaseDate": "2026-02-01"}],
            "labels": ["b", "a"],
            "comment": {"total": 1, "comments": [{"id": "30001", "body": "ok", "author": _person("bo"), **times}]},
            **times,
        },
        "changelog": {
            "histories": [
                {
                    "id": "40001",
                    "author": _person("bo"),
                    "created": "2026-01-05T10:00:00.000+0800",
                    "items": [{"field": "status", "fieldtype": "jira", "from": "1", "fromString": "To Do", "to": "9", "toString": "已完成"}],  # noqa: E501
                }
            ]
        },
    }  # fmt: skip


def test_a_recorded_issue_keeps_its_identity_times_and_history(world: World) -> None:
    link = {
        "id": 5,
        "self": "https://x/rest/api/2/issue/OLD-7/remotelink/5",
        "object": {"url": "https://x", "title": "t"},
    }
    worklog = {
        "id": "6",
        "issueId": "20001",
        "author": _person("bo"),
        "created": "2026-01-05T11:00:00.000+0800",
        "timeSpentSeconds": 60,
    }
    assert world.jira.load_recorded([link, worklog, _issue()]) == ["OLD-7"]
    shown = world.get("/issue/20001", expand="changelog")
    fields = shown["fields"]
    assert (shown["key"], fields["status"]["name"], fields["issuetype"]["name"]) == ("OLD-7", "已完成", "故事")
    assert (fields["updated"], fields["labels"]) == ("2026-01-06T09:00:00.000+0800", ["a", "b"])
    assert isinstance(fields["description"], dict) == (world.deployment == "cloud")
    assert (fields["comment"]["total"], fields["worklog"]["total"], fields["fixVersions"][0]["released"]) == (
        1,
        1,
        True,
    )
    assert shown["changelog"]["histories"][0]["items"][0]["toString"] == "已完成"
    assert len(world.get("/issue/OLD-7/remotelink")) == 1
    assert world.search("status = 已完成") == ["OLD-7"]
    assert world.create(project={"key": "OLD"}) == "OLD-8"


def test_the_recorded_site_loads_and_every_issue_can_be_read(world: World) -> None:
    if not RECORDED.is_dir():
        pytest.skip(f"the recorded data is not beside this checkout: {RECORDED.name}")
    records = [
        json.loads(line) for name in FILES for line in (RECORDED / f"jira-{name}.jsonl").read_text("utf-8").splitlines()
    ]
    keys = world.jira.load_recorded(records)
    assert len(keys) == 33
    assert set(world.search("key is not empty AND created < 2026-01-01 ORDER BY updated")) == set(keys)
    for key in keys:
        assert world.get(f"/issue/{key}", expand="changelog")["changelog"]["histories"]


def test_many_issues_are_in_order_and_can_be_edited(world: World) -> None:
    keys = world.jira.seed_issues("PAY", 300, comments=2)
    assert world.search("project = PAY ORDER BY updated ASC") == keys[:100]
    world.send("PUT", f"/issue/{keys[0]}", {"fields": {"summary": "x"}})
    assert world.search("project = PAY ORDER BY updated DESC")[0] == keys[0]


def test_the_same_seed_gives_the_same_issues() -> None:
    def shown(seed: int) -> list[tuple[str, str]]:
        jira = Jira(Clock.virtual(datetime(2026, 1, 1, tzinfo=UTC)), "cloud", seed)
        jira.add_project("PAY")
        jira.seed_issues("PAY", 20)
        return [(issue.id, issue.content["summary"]) for issue in jira.issues.values()]

    assert shown(1) == shown(1)
    assert shown(1) != shown(2)
