"""Fields that a pair declares, as commands speak of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from syncer.sandbox.datasets import BOT
from syncer.sandbox.github.model import Role
from tests.rig import Rig
from tests.unit.commands.conftest import Run

DECLARED = """
[[pairs.custom]]
name = "story points"
left = "Effort in points"
right = { issue-field = "Effort" }
on-conflict = "ask"

[[pairs.custom]]
name = "note"
left = "Remark"
right = { issue-field = "Note" }
on-conflict = "ask"
"""


@pytest.fixture
def rig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    """A pair with a conflict in both of its declared fields, and its configuration here."""
    with Rig(tmp_path, extra=DECLARED) as made:
        github, jira = made.box.github, made.box.jira
        for token in github.tokens.values():
            token.scopes = ("repo", "read:org")
        github.account("acme").members |= {BOT: Role.WRITE, "liwei": Role.WRITE}
        native = {
            "points": jira.add_custom_field("Effort in points", "number").id,
            "note": jira.add_custom_field("Remark", "string").id,
        }
        effort, note = (
            github.add_issue_field("acme", "Effort", "number"),
            github.add_issue_field("acme", "Note", "text"),
        )
        (tmp_path / "syncer.toml").write_text(made.configuration(), "utf-8")
        for name, value in made.environment.items():
            monkeypatch.setenv(name, value)
        fields = {native["points"]: 3, native["note"]: "Before"}
        made.jira("POST", "/issue", {"fields": _new(made, fields)})
        made.sync()
        made.sync()
        made.jira("PUT", "/issue/PAY-1", {"fields": {native["points"]: 5, native["note"]: "There"}})
        values = [{"field_id": effort.id, "value": 8}, {"field_id": note.id, "value": "Here"}]
        made.github("POST", "/issues/1/issue-field-values", {"issue_field_values": values})
        made.sync()
        made.states.close()
        yield made


def _new(rig: Rig, fields: dict[str, object]) -> dict[str, object]:
    return {"project": {"key": "PAY"}, "issuetype": {"name": "Task"}, "summary": "Card is refused", **fields}


def on(rig: Rig) -> tuple[str, str]:
    return "--state", str(rig.directory / "state")


def test_conflicts_and_explain_name_declared_fields(syncer: Run, rig: Rig) -> None:
    listed = syncer("conflicts", *on(rig))
    assert listed.code == 0, listed.err
    assert "story points" in listed.out
    assert "custom:" not in listed.out
    told = syncer("explain", "PAY-1", "story points", *on(rig))
    assert told.code == 0, told.err
    assert "5" in told.out
    assert "8" in told.out
    assert syncer("explain", "PAY-1", *on(rig)).code == 0


def test_a_conflict_of_a_declared_field_is_decided_by_its_name(syncer: Run, rig: Rig) -> None:
    assert syncer("resolve", "PAY-1", "story points", "left", *on(rig)).code == 0
    every = syncer("resolve", "--all", "right", "--field", "note", "--yes", *on(rig))
    assert every.code == 0, every.err
    rig.sync()
    shown = rig.jira("GET", "/issue/PAY-1")["fields"]
    assert "Here" in json.dumps(shown)
    assert not json.loads(syncer("conflicts", "--json", *on(rig)).out)["conflicts"]


def test_a_text_and_a_number_of_a_declared_field_may_be_typed(syncer: Run, rig: Rig) -> None:
    assert syncer("resolve", "PAY-1", "story points", "value:13", *on(rig)).code == 0
    assert syncer("resolve", "PAY-1", "note", "value:Both of it", *on(rig)).code == 0
    rig.sync()
    shown = json.dumps(rig.jira("GET", "/issue/PAY-1")["fields"])
    assert "Both of it" in shown
    assert ": 13" in shown
    assert not json.loads(syncer("conflicts", "--json", *on(rig)).out)["conflicts"]


def test_a_name_that_no_pair_declares_is_refused_with_those_there_are(syncer: Run, rig: Rig) -> None:
    ended = syncer("explain", "PAY-1", "storypoints", *on(rig))
    assert ended.code == 2
    assert "story points" in ended.err
