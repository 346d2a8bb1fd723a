"""Filling the sandbox's GitHub in bulk: recorded JSON and invented issues."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.sandbox.github_world import PRIVATE, World

RECORDED = Path(__file__).resolve().parents[4] / "shared" / "data" / "recorded"
FILES = ("github-issues", "github-comments", "github-milestones", "github-events")


def records(*names: str) -> Iterator[dict[str, Any]]:
    """Yield the recorded objects of some files; skips the test where they are absent."""
    for name in names:
        file = RECORDED / f"{name}.jsonl"
        if not file.is_file():
            pytest.skip("the recorded issues are not beside this checkout")
        with file.open(encoding="utf-8") as lines:
            yield from (json.loads(line) for line in lines if line.strip())


def test_every_recorded_issue_is_served_as_it_was(world: World) -> None:
    wanted = {(record["url"].partition("/repos/")[2]): record for record in records("github-issues")}
    counts = world.box.github.load_recorded(records(*FILES))
    of_events = {record["issue"]["url"].partition("/repos/")[2] for record in records("github-events")}
    assert counts["issue"] == len(wanted.keys() | of_events)
    assert counts["event"] == len(list(records("github-events")))
    for address, record in wanted.items():
        served = world.json("GET", f"/repos/{address}")
        for name in ("id", "number", "title", "body", "state", "created_at", "updated_at", "closed_at", "locked"):
            assert served[name] == record[name], (address, name)
        assert served["user"]["id"] == record["user"]["id"]
        assert [label["name"] for label in served["labels"]] == [label["name"] for label in record["labels"]]
        assert ("pull_request" in served) == ("pull_request" in record)


def test_recorded_repositories_list_comment_and_tell_events(world: World) -> None:
    world.box.github.load_recorded(records(*FILES))
    for repository in list(world.box.github.repositories.values()):
        base = f"/repos/{repository.full_name}"
        listed = world.json("GET", f"{base}/issues?state=all&per_page=100&sort=updated&direction=asc")
        assert [issue["number"] for issue in listed] == [
            issue.number
            for issue in sorted(repository.issues.values(), key=lambda each: (each.updated_at, each.number))
        ]
        assert len(world.json("GET", f"{base}/issues/comments?per_page=100")) == len(repository.comments)
        world.json("GET", f"{base}/issues/events?per_page=100")
        world.json("GET", f"{base}/milestones?state=all")


def test_an_archived_repository_is_served_whole(world: World) -> None:
    file = RECORDED / "github-tls13-archive.json"
    if not file.is_file():
        pytest.skip("the archived repository is not beside this checkout")
    archive = json.loads(file.read_text(encoding="utf-8"))
    items = {item["number"]: item for item in [*archive["issues"], *archive["pulls"]]}
    counts = world.box.github.load_recorded([archive])
    comments = sum(len(item["comments"]) for item in items.values())
    assert counts == {"issue": len(items), "comment": comments}
    pages = range(1, len(items) // 100 + 2)
    path = f"/repos/{archive['repo']}/issues?state=all&per_page=100"
    served = {issue["number"]: issue for page in pages for issue in world.json("GET", f"{path}&page={page}")}
    shown = {number: (issue["title"], issue["comments"]) for number, issue in served.items()}
    assert shown == {number: (item["title"], len(item["comments"])) for number, item in items.items()}
    pulls = {number for number, issue in served.items() if "pull_request" in issue}
    assert pulls == {item["number"] for item in archive["pulls"]}


def test_what_was_recorded_twice_or_without_its_issue_is_skipped_and_counted(world: World) -> None:
    comment = {
        "id": 5,
        "issue_url": "https://api.github.com/repos/acme/pay/issues/404",
        "body": "lost",
        "user": None,
        "created_at": "2026-01-01T00:00:00Z",
        "updated_at": "2026-01-01T00:00:00Z",
    }
    assert dict(world.box.github.load_recorded([comment, {"something": "else"}])) == {"skipped": 2}


def test_new_issues_come_after_recorded_ones(world: World) -> None:
    issue = {
        "id": 99_000_001,
        "number": 40,
        "url": "https://api.github.com/repos/acme/pay/issues/40",
        "comments_url": "https://api.github.com/repos/acme/pay/issues/40/comments",
        "title": "Recorded",
        "body": None,
        "state": "open",
        "user": {"login": "guest", "id": 77_000},
        "created_at": "2026-01-01T00:00:00Z",
        "updated_at": "2026-01-02T00:00:00Z",
    }
    world.box.github.load_recorded([issue])
    opened = world.json("POST", f"/repos/{PRIVATE}/issues", {"title": "New"})
    assert opened["number"] == 41
    assert opened["id"] > 99_000_001


def test_seeded_issues_have_comments_and_rising_times(world: World) -> None:
    world.box.github.seed_issues(PRIVATE, issues=30, comments=2)
    issues = world.json("GET", f"/repos/{PRIVATE}/issues?state=all&direction=asc&per_page=100")
    assert [issue["number"] for issue in issues] == list(range(1, 31))
    assert {issue["comments"] for issue in issues} == {2}
    times = [issue["updated_at"] for issue in issues]
    assert times == sorted(set(times))
    assert sum(issue["state"] == "closed" for issue in issues) == 10
