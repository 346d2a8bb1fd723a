"""`commands` of a pair: what may be said in comments, and who may say it."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncer.app.wiring import build_rules
from syncer.core.rules import Command, CommandRules
from tests.unit.settings.fakes import VALID, load_text, problems

PEOPLE = """
[[people]]
name = "Li Wei"
accounts = { right = "li" }
[[people]]
name = "Mia Braun"
accounts = { right = "mia" }
"""


def file(commands: str, report: str = "") -> str:
    head, pairs = VALID.split("[[pairs]]")
    return f"{head}{report}\n{PEOPLE}\n[[pairs]]{pairs}commands = {commands}\n"


def rules(folder: Path, text: str) -> CommandRules:
    settings = load_text(folder, text)
    return build_rules(settings, settings.pairs[0]).commands


def test_nobody_is_obeyed_by_default(tmp_path: Path) -> None:
    assert rules(tmp_path, VALID) == CommandRules()


def test_people_are_named(tmp_path: Path) -> None:
    found = rules(tmp_path, file('{ allow = ["pause", "take"], who = ["Li Wei"] }'))
    assert found == CommandRules(frozenset({Command.PAUSE, Command.TAKE}), ("Li Wei",))


def test_a_party_is_who_is_of_it_and_in_people(tmp_path: Path) -> None:
    written = '[[people]]\nname = "Mia Braun"\nparty = "client"\n[[people]]\nname = "Ana"\nparty = "client"\n'
    (tmp_path / "who.toml").write_text(written)
    text = file('{ allow = ["pause"], who = ["client"] }', '[report]\nresponsibilities = "who.toml"\n')
    assert rules(tmp_path, text).who == ("Mia Braun",)
    (tmp_path / "who.toml").write_text("no TOML")  # a mistake there stops no sync
    assert rules(tmp_path, text).who == ()


@pytest.mark.parametrize(
    ("commands", "told"),
    [
        ('{ allow = ["pause"], who = ["Li Wie"] }', '[[people]] names no "Li Wie": did you mean "Li Wei"?'),
        ('{ allow = ["pause"], who = ["client"] }', '"client" is a party of the responsibilities file: name that file'),
        ('{ allow = ["stop"], who = ["Li Wei"] }', "pause"),
        ('{ allow = [], who = ["Li Wei"] }', "allow"),
        ('{ allow = ["pause"], who = [] }', "who"),
        ('{ who = ["Li Wei"] }', "allow"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, commands: str, told: str) -> None:
    (line,) = problems(tmp_path, file(commands))
    assert line.startswith("syncer.toml:")
    assert told in line


def test_a_pair_that_watches_answers_nobody(tmp_path: Path) -> None:
    (line,) = problems(tmp_path, file('{ allow = ["pause"], who = ["Li Wei"] }\nmode = "watch"'))
    assert "it answers nobody" in line
