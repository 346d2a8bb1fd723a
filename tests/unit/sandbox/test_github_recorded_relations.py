"""Parents and blockers of recorded issues: what happened last holds, and the parent an issue names above all."""

from __future__ import annotations

from typing import Any

from syncer.sandbox import Sandbox

ROOT = "https://api.github.com/repos/shop/web"


def issue(number: int, **more: Any) -> dict[str, Any]:
    return {
        "id": 7_000 + number,
        "number": number,
        "url": f"{ROOT}/issues/{number}",
        "comments_url": f"{ROOT}/issues/{number}/comments",
        "title": f"Issue {number}",
        "body": None,
        "state": "open",
        "user": {"login": "ines", "id": 5},
        "created_at": "2026-01-01T00:00:00Z",
        "updated_at": "2026-01-02T00:00:00Z",
        **more,
    }


def event(at: int, kind: str, of: int, **other: int) -> dict[str, Any]:
    """An event of an issue that refers to another one, at a minute."""
    [(name, number)] = other.items()
    return {
        "id": 100 + at,
        "event": kind,
        "actor": {"login": "ines", "id": 5},
        "created_at": f"2026-01-01T00:{at:02}:00Z",
        "issue": {"number": of, "url": f"{ROOT}/issues/{of}"},
        name: {"number": number, "repository": {"full_name": "shop/web"}},
    }


def loaded(*records: dict[str, Any]) -> tuple[dict[int, int | None], dict[int, list[int]], int]:
    """By number, the parent and the blockers of each issue; and how many relations were counted."""
    box = Sandbox()
    try:
        counts = box.github.load_recorded(records)
        issues = box.github.repository("shop/web").issues.values()
        parents = {each.number: each.parent.number if each.parent else None for each in issues}
        blockers = {each.number: [other.number for other in each.blocked_by] for each in issues}
        return parents, blockers, counts.get("relation", 0)
    finally:
        box.stop()


def test_what_happened_last_holds_in_whatever_order_it_was_recorded() -> None:
    told = (
        event(3, "sub_issue_removed", 1, sub_issue=2),
        event(1, "sub_issue_added", 1, sub_issue=2),
        event(4, "parent_issue_added", 3, parent_issue=1),
        event(2, "blocked_by_added", 2, blocked_by=3),
        event(6, "blocking_removed", 3, blocking=2),
        event(5, "blocking_added", 1, blocking=3),
    )
    parents, blockers, count = loaded(*told, issue(1), issue(2), issue(3))
    assert parents == {1: None, 2: None, 3: 1}
    assert blockers == {1: [], 2: [], 3: [1]}
    assert count == 2


def test_the_parent_an_issue_names_holds_above_its_events() -> None:
    told = event(1, "parent_issue_added", 3, parent_issue=1)
    parents, _, _ = loaded(issue(1), issue(2), issue(3, parent_issue_url=f"{ROOT}/issues/2"), told)
    assert parents == {1: None, 2: None, 3: 2}


def test_an_end_that_was_not_recorded_is_left_out() -> None:
    told = event(1, "blocked_by_added", 1, blocked_by=99)
    parents, blockers, count = loaded(issue(1, parent_issue_url=f"{ROOT}/issues/98"), told)
    assert (parents, blockers, count) == ({1: None}, {1: []}, 0)
