"""Comments that are hidden on GitHub (spam, off-topic, resolved …): not carried, and emptied where they were."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from syncer.contract.model import Side
from syncer.core.waiting import Why
from syncer.sync.ledger import waiting
from syncer.sync.verify import verify_pair
from tests.rig import Rig

pytestmark = pytest.mark.slow  # its tests together take more than ten seconds

NOTE = "This comment is hidden on GitHub"


@pytest.fixture(params=["cloud", "datacenter"])
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    with Rig(tmp_path, "cloud" if request.param == "cloud" else "datacenter") as made:
        made.github("POST", "/issues", {"title": "Refund fails"})
        yield made


def comment(rig: Rig, text: str) -> int:
    return int(rig.github("POST", "/issues/1/comments", {"body": text})["id"])


def in_jira(rig: Rig) -> list[str]:
    """What the comments of the mirror say."""
    return [json.dumps(one["body"], sort_keys=True) for one in rig.jira("GET", "/issue/PAY-1/comment")["comments"]]


def on_github(rig: Rig) -> list[str]:
    return [one["body"] for one in rig.github("GET", "/issues/1/comments")]


def hide(rig: Rig, number: int, reason: str | None = "off-topic") -> None:
    rig.box.github.minimize_comment("acme/pay", number, reason)


def listed(rig: Rig) -> list[tuple[Why, str]]:
    with rig.context() as context:
        return [(one.why, one.reason) for one in waiting(context.store, "pay")]


def quiet(rig: Rig, *, sweep: bool = True) -> None:
    tally = rig.sync(sweep=sweep)
    assert (tally.writes, tally.conflicts) == (0, 0)


@pytest.mark.parametrize("reason", ["spam", "resolved", None])
def test_a_hidden_comment_is_not_carried_and_listed_until_it_is_shown(rig: Rig, reason: str | None) -> None:
    number = comment(rig, "Buy my watches")
    comment(rig, "It fails on Mondays")
    hide(rig, number, reason)
    tally = rig.sync()
    assert (tally.outcome, tally.kept_back) == ("clean", {"hidden": 1})
    (carried,) = in_jira(rig)
    assert "Mondays" in carried
    with rig.context() as context:
        (row,) = [row for row in verify_pair(context).differences if row.why is Why.HIDDEN]
    assert "hidden" in row.reason
    quiet(rig)
    rig.box.github.minimize_comment("acme/pay", number, shown=True)
    rig.sync(sweep=True)
    assert any("watches" in text for text in in_jira(rig))
    quiet(rig)


def test_the_mirror_of_a_comment_that_is_hidden_later_is_emptied_and_comes_back_with_it(rig: Rig) -> None:
    number = comment(rig, "Buy my watches")
    rig.sync()
    before = in_jira(rig)
    hide(rig, number)
    tally = rig.sync(sweep=True)
    (text,) = in_jira(rig)
    assert "watches" not in text
    assert f"{NOTE} (off-topic)" in text
    assert "Li Wei" in text
    assert (tally.outcome, tally.comments["updated"]) == ("clean", 1)
    quiet(rig)
    assert on_github(rig) == ["Buy my watches"]
    rig.box.github.minimize_comment("acme/pay", number, shown=True)
    rig.sync(sweep=True)
    assert in_jira(rig) == before
    quiet(rig)


def test_a_comment_whose_time_moves_when_it_is_hidden_is_seen_by_the_next_run(rig: Rig) -> None:
    number = comment(rig, "Buy my watches")
    rig.sync()
    rig.box.github.minimize_comment("acme/pay", number, "spam", touch=True)
    rig.sync()
    assert NOTE in in_jira(rig)[0]
    quiet(rig, sweep=False)


def test_a_mirror_that_is_hidden_on_github_changes_nothing_of_its_original(rig: Rig) -> None:
    rig.sync()
    made = rig.jira("POST", "/issue/PAY-1/comment", {"body": rig.text("From Jira")})
    rig.sync()
    (mirror,) = rig.github("GET", "/issues/1/comments")
    hide(rig, mirror["id"])
    before = in_jira(rig)
    quiet(rig)
    assert in_jira(rig) == before
    rig.jira("PUT", f"/issue/PAY-1/comment/{made['id']}", {"body": rig.text("From Jira, again")})
    rig.sync()
    assert "again" in on_github(rig)[0]
    quiet(rig)


def test_a_hidden_mirror_that_lost_its_marker_does_not_empty_its_original(rig: Rig) -> None:
    rig.sync()
    rig.jira("POST", "/issue/PAY-1/comment", {"body": rig.text("From Jira")})
    rig.sync()
    (mirror,) = rig.github("GET", "/issues/1/comments")
    stripped = mirror["body"].partition("<!--")[0]
    comment_of_ours = next(one for one in rig.box.github.repository("acme/pay").issues[1].comments)
    comment_of_ours.body = stripped
    hide(rig, mirror["id"])
    before = in_jira(rig)
    rig.sync(sweep=True)
    assert in_jira(rig) == before


def test_an_edit_of_the_mirror_of_a_hidden_comment_waits_and_is_listed(rig: Rig) -> None:
    number = comment(rig, "Buy my watches")
    rig.sync()
    hide(rig, number)
    rig.sync(sweep=True)
    rig.box.jira.grant("mia", "EDIT_ALL_COMMENTS", "PAY")
    (mirror,) = rig.jira("GET", "/issue/PAY-1/comment")["comments"]
    rig.jira("PUT", f"/issue/PAY-1/comment/{mirror['id']}", {"body": rig.text("What Mia wrote")})
    tally = rig.sync()
    assert tally.writes == 0
    assert on_github(rig) == ["Buy my watches"]
    assert [why for why, _ in listed(rig)] == [Why.HIDDEN]
    quiet(rig)
    rig.box.github.minimize_comment("acme/pay", number, shown=True)
    assert rig.sync(sweep=True).conflicts == 1
    assert on_github(rig) == ["Buy my watches"]


def test_a_hidden_comment_that_is_deleted_leads_to_the_usual_note(rig: Rig) -> None:
    number = comment(rig, "Buy my watches")
    rig.sync()
    hide(rig, number)
    rig.sync(sweep=True)
    rig.github("DELETE", f"/issues/comments/{number}")
    rig.sync(sweep=True)
    (text,) = in_jira(rig)
    assert "This comment was deleted" in text
    assert NOTE not in text
    quiet(rig)


def without_minimized(_path: str, body: bytes) -> bytes:
    """An answer of a server that does not tell which comments are hidden."""

    def cut(value: object) -> object:
        if isinstance(value, list):
            return [cut(each) for each in value]
        if isinstance(value, dict):
            return {key: cut(each) for key, each in value.items() if key != "minimized"}
        return value

    try:
        return json.dumps(cut(json.loads(body))).encode()
    except ValueError:
        return body


def test_a_server_that_does_not_tell_which_comments_are_hidden_is_said_so(rig: Rig) -> None:
    def said() -> list[str]:
        with rig.context() as context:
            findings = context.connectors[Side.RIGHT].check()
        return [finding.message for finding in findings if finding.about == "hidden comments"]

    hide(rig, comment(rig, "Buy my watches"))
    assert said() == []
    rig.box.faults.rewriting = without_minimized
    (message,) = said()
    assert "does not tell" in message
    assert rig.sync().comments["created"] == 1
    quiet(rig)
