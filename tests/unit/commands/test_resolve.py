"""Conflicts are shown with what differs, and decided one by one or many at a time."""

from __future__ import annotations

import io
import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
import requests

from syncer.commands.conflicts import how_to_decide
from syncer.demo.rehearsal import REPOSITORY
from tests.unit.commands.conftest import Run, Site, edit_both

LONG = "The amount is shown in the wrong currency until the page is loaded again. " * 30


class Terminal(io.StringIO):
    """A standard input at which somebody sits."""

    def isatty(self) -> bool:
        return True


def edit_texts(site: Site, github: str, jira: str) -> None:
    """The same description, changed apart by two people."""
    site.box.github.edit_issue(REPOSITORY, 1, "mia-berg", body=github)
    paragraphs = [
        {"type": "paragraph", "content": [{"type": "text", "text": part}]} for part in jira.split("\n\n") if part
    ]
    answer = requests.put(
        f"{site.box.jira_url}/rest/api/3/issue/PAY-1",
        json={"fields": {"description": {"version": 1, "type": "doc", "content": paragraphs}}},
        auth=("li-wei@example.com", "token-li-wei"), timeout=10,
    )  # fmt: skip
    assert answer.status_code == 204, answer.text


def body_of(site: Site) -> str:
    return str(site.box.github.repository(REPOSITORY).issues[1].body)


def in_jira(site: Site) -> dict[str, Any]:
    issue = site.box.jira.find_issue("PAY-1")
    assert issue is not None
    return dict(issue.content)


def editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str) -> Path:
    """An editor that does what a Python program says to `text`; what it was given is kept beside it."""
    seen = tmp_path / "seen.md"
    script = tmp_path / "editor.py"
    script.write_text(
        f"import pathlib, re, sys\nfile = pathlib.Path(sys.argv[-1])\ntext = file.read_text('utf-8')\n"
        f"pathlib.Path({str(seen)!r}).write_text(text, 'utf-8')\n{program}\n",
        "utf-8",
    )
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", f"'{sys.executable}' '{script}'")
    monkeypatch.setattr("sys.stdin", Terminal())
    return seen


def test_two_long_texts_that_differ_at_their_end_do_not_look_alike(syncer: Run, site: Site) -> None:
    syncer("sync")
    edit_texts(site, LONG, LONG)
    syncer("sync")
    edit_texts(site, f"{LONG}Seen in May.", f"{LONG}Seen in June.")
    assert syncer("sync").code == 6
    left, right = (line for line in syncer("conflicts").out.splitlines() if re.match(r" +(left|right) ", line))
    assert "Seen in June+}" in left
    assert "Seen in May+}" in right
    assert len(left) < 400
    full = syncer("conflicts", "1").out
    assert full.count("loaded again. The amount") > 60
    assert "base" in full


def test_conflicts_stand_item_by_item_and_can_be_asked_for_by_key(syncer: Run, site: Site) -> None:
    syncer("sync")
    edit_both(site, "Paid twice", "Paid two times")
    edit_texts(site, "On GitHub.", "In Jira.")
    assert syncer("sync").code == 6
    listed = syncer("conflicts").out
    assert listed.count("PAY-1 = acme/pay#1") == 1
    assert [line.split()[:2] for line in listed.splitlines() if re.match(r"  \d", line)] == [
        ["1", "title"],
        ["2", "body"],
    ]
    assert syncer("conflicts", "acme/pay#1").code == 0
    assert syncer("conflicts", "PAY-2").code == 2
    assert syncer("conflicts", "99").code == 2
    assert "Decide with: syncer resolve ID left|right|edit|value:TEXT" in listed


def test_a_conflict_is_decided_by_key_and_field(syncer: Run, site: Site) -> None:
    syncer("sync")
    edit_both(site, "Paid twice", "Paid two times")
    syncer("sync")
    assert syncer("resolve", "PAY-1", "body", "left").code == 2
    assert syncer("resolve", "PAY-1", "left").code == 2
    assert syncer("resolve", "PAY-1", "title", "middle").code == 2
    ended = syncer("resolve", "acme/pay#1", "title", "right")
    assert (ended.code, ended.out[:15]) == (0, "Decided: right.")
    syncer("sync")
    assert in_jira(site)["summary"] == "Paid twice"


def test_a_text_is_edited_with_both_sides_and_the_base_between_markers(
    syncer: Run, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = "A **bold** beginning.\n\nCards are refused.\n\n- one\n- two"
    site.box.github.edit_issue(REPOSITORY, 1, "mia-berg", body=base)
    syncer("sync")
    site.box.github.edit_issue(REPOSITORY, 1, "mia-berg", body=base.replace("Cards are", "All cards are"))
    content: Any = in_jira(site)["description"]
    edited = json.loads(json.dumps(content).replace("Cards are refused", "Cards are refused at night"))
    answer = requests.put(
        f"{site.box.jira_url}/rest/api/3/issue/PAY-1", json={"fields": {"description": edited}},
        auth=("li-wei@example.com", "token-li-wei"), timeout=10,
    )  # fmt: skip
    assert answer.status_code == 204, answer.text
    assert syncer("sync").code == 6
    both = r"text = re.sub(r'<<<<<<<.*>>>>>>>[^\n]*', 'All cards are *refused* at night.', text, flags=re.S)"
    seen = editor(tmp_path, monkeypatch, f"{both}\nfile.write_text(text, 'utf-8')")
    ended = syncer("resolve", "1", "edit")
    assert (ended.code, ended.out[:24]) == (0, "Decided: an edited text."), ended
    shown = seen.read_text("utf-8")
    assert (
        "<<<<<<< left: PAY-1\nCards are refused at night.\n||||||| what both agreed on\nCards are refused.\n" in shown
    )
    assert "=======\nAll cards are refused.\n>>>>>>> right: acme/pay#1" in shown
    assert "syncer" not in shown.casefold()
    assert "Synced from" not in shown
    syncer("sync")
    assert body_of(site) == base.replace("Cards are refused.", "All cards are *refused* at night.")
    described = json.dumps(in_jira(site)["description"])
    assert '"strong"' in described
    assert '"em"' in described
    assert '"bulletList"' in described
    assert syncer("conflicts").out == "No conflicts.\n"
    assert syncer("verify").code == 0


def test_an_editor_that_settles_nothing_decides_nothing(
    syncer: Run, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    syncer("sync")
    edit_both(site, "Paid twice", "Paid two times")
    syncer("sync")
    programs = {
        "pass": "was not saved", "file.write_text(text + '.', 'utf-8')": "still markers",
        "file.write_text('  ', 'utf-8')": "is empty", "sys.exit(1)": "ended with 1",
    }  # fmt: skip
    for program, words in programs.items():
        editor(tmp_path, monkeypatch, program)
        ended = syncer("resolve", "PAY-1", "title", "edit")
        assert (ended.code, words in ended.err) == (2, True), ended
    (conflict,) = json.loads(syncer("conflicts", "--json").out)["conflicts"]
    assert conflict["decision"] is None
    assert not list(tmp_path.glob("syncer-*.md"))


def test_an_editor_that_is_not_there_is_named(syncer: Run, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    syncer("sync")
    edit_both(site, "Paid twice", "Paid two times")
    syncer("sync")
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", "no-such-editor")
    assert "needs a terminal" in syncer("resolve", "1", "edit").err
    monkeypatch.setattr("sys.stdin", Terminal())
    ended = syncer("resolve", "1", "edit")
    assert (ended.code, "no-such-editor cannot be started" in ended.err) == (2, True)


@pytest.fixture
def many(syncer: Run, site: Site) -> Site:
    """A conflict of a title and one of labels that never agreed: both were linked by hand."""
    syncer("sync")
    syncer("unlink", "PAY-1")
    edit_both(site, "Paid twice", "Paid two times")
    site.box.github.edit_issue(REPOSITORY, 1, "mia-berg", labels=["enhancement"])
    syncer("sync")
    syncer("link", "PAY-1", "acme/pay#1")
    assert syncer("sync").code == 6
    return site


def open_fields(syncer: Run) -> dict[str, str | None]:
    return {one["field"]: one["decision"] for one in json.loads(syncer("conflicts", "--json").out)["conflicts"]}


def test_many_conflicts_are_decided_at_once_but_no_text(syncer: Run, many: Site) -> None:
    assert many.file.exists()
    assert open_fields(syncer) == {"title": None, "labels": None}
    refused = syncer("resolve", "--all", "newest")
    assert (refused.code, "add --yes" in refused.err) == (2, True)
    assert "labels: bug | enhancement → right" in refused.out
    assert open_fields(syncer) == {"title": None, "labels": None}
    assert "No conflict to decide" in syncer("resolve", "--all", "newest", "--older", "7d", "--yes").err
    assert "No conflict to decide" in syncer("resolve", "--all", "newest", "--field", "status", "--yes").err
    ended = syncer("resolve", "--all", "newest", "--field", "labels", "--yes")
    assert (ended.code, "1 conflict is decided" in ended.err) == (0, True)
    assert open_fields(syncer) == {"title": None, "labels": "right"}
    again = syncer("resolve", "--all", "left", "--yes", "--json")
    assert json.loads(again.out) == {"version": 1, "conflicts": [], "texts": 1}


def test_at_a_terminal_it_is_asked_for(syncer: Run, many: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    assert many.file.exists()
    for answer, decision in (("n\n", None), ("y\n", "right")):
        monkeypatch.setattr("sys.stdin", Terminal(answer))
        syncer("resolve", "--all", "right")
        assert open_fields(syncer)["labels"] == decision


def test_what_is_no_decision_is_refused(syncer: Run, many: Site) -> None:
    assert many.file.exists()
    listed = json.loads(syncer("conflicts", "--json").out)["conflicts"]
    number = str(next(one["id"] for one in listed if one["field"] == "labels"))
    for arguments in (
        ("--all", "middle"), ("--all", "left", "--field", "title"), ("--all", "left", "--field", "colour"),
        ("--all", "left", "--older", "soon"), (number, "left", "--all", "left"), (number, "left", "--yes"), (number,),
        (), (number, "value:Other"),
    ):  # fmt: skip
        assert syncer("resolve", *arguments).code == 2, arguments
    assert set(open_fields(syncer).values()) == {None}


def test_conflicts_offer_to_type_only_what_can_be_typed() -> None:
    def entry(number: int, *choices: str) -> dict[str, object]:
        return {"id": number, "decision": None, "settled_at": None, "choices": ["left", "right", *choices]}

    labels, title, points = entry(1), entry(2, "edit", "value:TEXT"), entry(3, "value:TEXT")
    decide = "Decide with: syncer resolve ID left|right"
    assert how_to_decide([labels]) == decide
    assert how_to_decide([title]) == f"{decide}|edit|value:TEXT"
    assert how_to_decide([points, title]) == f"{decide}|value:TEXT; of 2 also edit"
    assert how_to_decide([labels, title, points]) == f"{decide}; of 2 also edit|value:TEXT; of 3 also value:TEXT"
