"""Repositories and conversations that take nothing for a while: said by name, harmless, and resumed when that ends."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest

from syncer.sync.ledger import waiting
from tests.rig import Rig

REPOSITORY = "acme/pay"


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    with Rig(tmp_path) as made:
        for title in ("Refund fails", "Card declined", "Slow checkout"):
            made.github("POST", "/issues", {"title": title})
        assert made.sync().outcome == "clean"
        assert made.sync().writes == 0
        yield made


def listed(rig: Rig) -> list[tuple[str, str]]:
    with rig.context() as context:
        return [(one.item, one.reason) for one in waiting(context.store, "pay")]


def statuses(rig: Rig) -> set[str]:
    issues = (rig.jira("GET", f"/issue/PAY-{number}?fields=status") for number in (1, 2, 3))
    return {issue["fields"]["status"]["name"] for issue in issues}


def edit(rig: Rig, number: int, summary: str) -> None:
    rig.jira("PUT", f"/issue/PAY-{number}", {"fields": {"summary": summary}})


def titles(rig: Rig) -> list[str]:
    return sorted(issue["title"] for issue in rig.github("GET", "/issues?state=all"))


# Archived


def test_an_archived_repository_keeps_nothing_from_the_other_side(rig: Rig) -> None:
    rig.github("POST", "/issues/1/comments", {"body": "Said before it was archived"})
    rig.github("POST", "/issues", {"title": "Made before it was archived"})
    rig.box.github.archive(REPOSITORY)
    for number in (1, 2, 3):
        edit(rig, number, f"Edited {number}")
    rig.box.log.reset()
    tally = rig.sync()
    assert tally.outcome == "denied"
    assert all(words in tally.message for words in ("acme/pay", "archived"))
    assert tally.comments["created"] == 1
    assert tally.created == {"left": 1, "right": 0}
    assert rig.box.log.count("github", "PATCH", "POST") == 1, "one refusal is enough"
    assert titles(rig) == ["Card declined", "Made before it was archived", "Refund fails", "Slow checkout"]


def test_what_an_archived_repository_did_not_take_is_carried_once_it_is_not(rig: Rig) -> None:
    rig.box.github.archive(REPOSITORY)
    for number in (1, 2):
        edit(rig, number, f"Edited {number}")
    fields = {"project": {"key": "PAY"}, "summary": "New in Jira", "issuetype": {"name": "Task"}}
    rig.jira("POST", "/issue", {"fields": fields})
    assert rig.sync().outcome == "denied"
    assert rig.sync(sweep=True).outcome == "denied"
    rig.box.github.archive(REPOSITORY, archived=False)
    tally = rig.sync()
    assert tally.outcome == "clean"
    assert titles(rig) == ["Edited 1", "Edited 2", "New in Jira", "Slow checkout"]
    assert rig.sync().writes == 0


# Issues switched off


@pytest.mark.parametrize("listing", ["refused", "pull requests"])
@pytest.mark.parametrize("sweep", [False, True])
def test_issues_that_are_switched_off_are_not_deleted_ones(
    rig: Rig, listing: Literal["refused", "pull requests"], sweep: bool
) -> None:
    rig.box.github.behaviour.issues_off = listing
    rig.box.github.repository(REPOSITORY).has_issues = False
    edit(rig, 1, "Edited 1")
    for _ in range(3):
        tally = rig.sync(sweep=sweep)
        assert tally.outcome == "denied"
        assert all(words in tally.message for words in ("acme/pay", "ssues")), tally.message
    assert statuses(rig) == {"To Do"}
    rig.box.github.repository(REPOSITORY).has_issues = True
    assert rig.sync(sweep=sweep).outcome == "clean"
    assert "Edited 1" in titles(rig)
    assert statuses(rig) == {"To Do"}
    assert rig.sync(sweep=True).writes == 0


def test_a_deleted_issue_still_closes_its_partner(rig: Rig) -> None:
    rig.box.github.delete_issue(REPOSITORY, 1)
    rig.sync(sweep=True)
    assert rig.jira("GET", "/issue/PAY-1?fields=status")["fields"]["status"]["name"] == "Won't Do"


# Locked


def locked(rig: Rig) -> None:
    """Issue 1 is locked, and we may only triage: only those with write access may go on."""
    rig.box.github.add_collaborator(REPOSITORY, "sync-bot", "triage")
    rig.github("PUT", "/issues/1/lock", {"lock_reason": "too heated"})


def test_a_comment_that_a_locked_conversation_does_not_take_is_named_and_carried_when_it_is_unlocked(rig: Rig) -> None:
    locked(rig)
    made = rig.jira("POST", "/issue/PAY-1/comment", {"body": rig.text("Paid back")})
    rig.jira("POST", "/issue/PAY-2/comment", {"body": rig.text("Here it goes on")})
    tally = rig.sync()
    assert (tally.outcome, tally.comments["created"]) == ("held", 1)
    ((item, reason),) = listed(rig)
    assert item == f"comment {made['id']} on PAY-1"
    assert "locked" in reason
    rig.box.log.reset()
    assert rig.sync().writes == 0
    assert rig.box.log.count("github", "POST") == 0
    rig.github("DELETE", "/issues/1/lock")
    tally = rig.sync()
    assert (tally.outcome, tally.comments["created"]) == ("clean", 1)
    assert "Paid back" in rig.github("GET", "/issues/1/comments")[0]["body"]
    assert listed(rig) == []
    assert rig.sync().writes == 0


def test_the_fields_of_a_locked_issue_are_carried_all_the_same(rig: Rig) -> None:
    locked(rig)
    edit(rig, 1, "Edited 1")
    assert rig.sync().outcome == "clean"
    assert "Edited 1" in titles(rig)


# Renamed, transferred


def test_a_repository_that_gets_its_old_name_back_is_kept_in_step_again(rig: Rig) -> None:
    rig.box.github.rename_repository(REPOSITORY, "payments")
    edit(rig, 1, "Edited 1")
    for sweep in (False, True):
        tally = rig.sync(sweep=sweep)
        assert tally.outcome == "denied"
        assert all(words in tally.message for words in ("acme/pay", "acme/payments")), tally.message
    rig.box.github.rename_repository("acme/payments", "pay")
    assert rig.sync().outcome == "clean"
    assert "Edited 1" in titles(rig)
    assert rig.sync().writes == 0


def test_a_transferred_issue_is_held_by_its_new_address_and_nothing_else_waits(rig: Rig) -> None:
    rig.box.github.add_repository("acme/shop", visibility="private")
    rig.box.github.add_collaborator("acme/shop", "sync-bot", "maintain")
    rig.box.github.transfer_issue(REPOSITORY, 1, "acme/shop")
    edit(rig, 1, "Edited 1")
    edit(rig, 2, "Edited 2")
    tally = rig.sync()
    assert tally.outcome == "held"
    assert titles(rig) == ["Edited 2", "Slow checkout"]
    ((item, reason),) = listed(rig)
    assert "PAY-1" in item
    assert "was moved to" in reason
    assert statuses(rig) == {"To Do"}
