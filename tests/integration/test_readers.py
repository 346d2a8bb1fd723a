"""Who can read what is written: asked before the first write of a run, and again while a long one goes on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from syncer.app.wiring import open_pairs
from syncer.contract.model import Side
from syncer.core.waiting import Why
from syncer.sandbox.datasets import BOT
from syncer.sandbox.jira.permissions import ANYONE
from syncer.settings import load as load_settings
from syncer.store import Store
from syncer.sync.run import run_pair
from syncer.sync.verify import verify_pair
from tests.rig import Rig

TITLES = [f"Task {number}" for number in range(20)]
GUARD = "guard = { updates-at-least = 100 }\n"
"""Everybody edits everything at once here."""


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    with Rig(tmp_path, extra=GUARD) as made:
        for title in TITLES:
            made.jira("POST", "/issue", {"fields": fields(title)})
        assert made.sync().created["right"] == len(TITLES)
        made.sync()
        yield made


def fields(title: str) -> dict[str, Any]:
    return {"project": {"key": "PAY"}, "issuetype": {"name": "Task"}, "summary": title}


def edit_all(rig: Rig, word: str) -> None:
    for issue in list(rig.box.jira.issues.values()):
        rig.jira("PUT", f"/issue/{issue.id}", {"fields": {"summary": f"{word} {issue.content['summary']}"}})


def turn(rig: Rig, visibility: str) -> None:
    rig.box.github.repository(rig.repository).visibility = visibility


def titles(rig: Rig) -> list[str]:
    return sorted(issue["title"] for issue in rig.github("GET", "/issues?state=all&per_page=100"))


def asked(rig: Rig, since: int) -> int:
    """How often GitHub was asked of the repository itself."""
    return sum(bool(re.search(rf"/repos/{rig.repository}$", each.path)) for each in rig.box.log.entries[since:])


def test_a_repository_that_turned_public_gets_nothing_more(rig: Rig) -> None:
    turn(rig, "public")
    edit_all(rig, "SECRET")
    tally = rig.sync()
    assert titles(rig) == sorted(TITLES)
    assert tally.writes == 0, tally
    assert {skip["why"] for skip in tally.skips} == {Why.AUDIENCE}, tally
    for _ in range(2):  # the first of these reads everything again
        assert rig.sync().writes == 0
    edit_all(rig, "MORE")
    assert rig.sync().writes == 0
    assert titles(rig) == sorted(TITLES)


def test_what_was_kept_back_goes_on_when_the_repository_is_private_again(rig: Rig) -> None:
    turn(rig, "public")
    edit_all(rig, "Better")
    rig.sync()
    turn(rig, "private")
    rig.tick(3600)
    edit_all(rig, "Still")
    rig.sync()
    rig.sync()
    assert titles(rig) == sorted(f"Still Better {title}" for title in TITLES)


def test_a_run_that_takes_longer_asks_again(rig: Rig) -> None:
    """A minute a write, as with a slow budget: public after the fifth."""
    edit_all(rig, "Slow")
    with rig.context() as context:
        writing = context.connectors[Side.RIGHT]
        update, written = writing.update, []

        def slowly(*call: Any) -> Any:
            rig.tick(60)
            written.append(call)
            if len(written) == 5:
                turn(rig, "public")
            return update(*call)

        writing.update = slowly  # type: ignore[method-assign]
        tally = run_pair(context)
    assert 5 <= tally.updated["right"] <= 11, tally
    assert Why.AUDIENCE in {skip["why"] for skip in tally.skips}, tally


def test_a_run_that_writes_nothing_asks_nothing(rig: Rig) -> None:
    rig.tick(3600)
    before = len(rig.box.log.entries)
    assert rig.sync().requests == {"left": 1, "right": 1}
    assert asked(rig, before) == 0


def test_one_changed_field_costs_one_question(rig: Rig) -> None:
    (issue, *_) = rig.box.jira.issues.values()
    rig.jira("PUT", f"/issue/{issue.id}", {"fields": {"summary": "Another"}})
    before = len(rig.box.log.entries)
    tally = rig.sync()
    assert asked(rig, before) == 1
    assert sum(tally.requests.values()) == 5, tally


def test_a_source_that_became_narrower_is_asked_where_the_target_is_wider(tmp_path: Path) -> None:
    with Rig(tmp_path) as rig:
        turn(rig, "public")
        rig.box.jira.project("PAY").grants["BROWSE_PROJECTS"].add(ANYONE)
        number = rig.github("POST", "/issues", {"title": "For all"})["number"]
        assert rig.sync().created["left"] == 1
        rig.sync()
        turn(rig, "private")
        rig.github("PATCH", f"/issues/{number}", {"title": "For us"})
        tally = rig.sync()
        (issue,) = rig.box.jira.issues.values()
        assert (issue.content["summary"], tally.writes) == ("For all", 0), tally


def test_the_pairs_of_one_pass_share_an_answer_for_a_minute(tmp_path: Path) -> None:
    second = '[[pairs]]\nname = "pay"\n'
    with Rig(tmp_path) as rig:
        text = rig.configuration().replace(second, second.replace("pay", "first"), 1)
        _, pair, rest = text.partition("[[pairs]]")
        again = (pair + rest).replace('"first"', '"second"').replace('project = "PAY"', 'project = "OPS"')
        rig.box.jira.add_project("OPS", "Operations", lead=BOT)
        file = tmp_path / "syncer.toml"
        file.write_text(text + again, encoding="utf-8")
        settings = load_settings(file, environment=rig.environment, state=str(tmp_path / "state"))
        with Store.open(settings.state, clock=rig.clock.now) as store:
            first, other = open_pairs(settings, store, clock=rig.clock.now, sleep=rig.tick)
            for context in (first, other):
                run_pair(replace(context, sweep_every=timedelta(days=9)))
            for key in ("PAY", "OPS"):
                rig.jira("POST", "/issue", {"fields": fields("New") | {"project": {"key": key}}})
            rig.tick(120)
            before = len(rig.box.log.entries)
            for context in (first, other):
                assert run_pair(context).created["right"] == 1
            assert asked(rig, before) == 1
            for connector in (*first.connectors.values(), *other.connectors.values()):
                connector.close()


def test_an_issue_that_is_kept_back_as_a_whole_is_counted_and_verify_lists_it(rig: Rig) -> None:
    turn(rig, "public")
    rig.jira("POST", "/issue", {"fields": fields("Not for everybody")})
    assert rig.sync().writes == 0
    tally = rig.sync()
    assert (tally.writes, tally.kept_back) == (0, {"audience": 1})
    with rig.context() as context:
        (kept,) = [one for one in verify_pair(context).waiting if one.field is None]
    assert (kept.why, kept.known) == (Why.AUDIENCE, True)
