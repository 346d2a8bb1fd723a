"""What stands above a mirrored comment: a template of the pair, which is text like any other and calls nobody."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connectors.github.markdown import GitHubMarkdown
from connectors.memory import MemoryConnector
from syncer.contract.model import Field, Kind, Ref, Side
from syncer.core.origin import attributed
from tests.unit.settings.fakes import VALID, load_text, problems
from tests.worlds import World

TEMPLATE = "{name} wrote on {tracker}:"


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A task in step, with a comment that was mirrored as usual."""
    world = World(tmp_path)
    world.rules = replace(world.rules, trackers={Side.LEFT: "acme-jira", Side.RIGHT: "github"})
    task = world.left.create("First")
    world.left.comment(task, "The first comment.", by="a stranger")
    synced(world)
    return world


def synced(world: World, **how: Any) -> int:
    """One run between trackers that write Markdown; how much it wrote."""
    markup = GitHubMarkdown("https://acme.example", "acme/pay", 60_000)
    connectors = {side: MemoryConnector(world.tracker(side), markup=markup) for side in Side}
    return world.sync(connectors=connectors, **how).writes


def worded(world: World, template: str) -> None:
    world.rules = replace(world.rules, attribution=template)


def shown(world: World, side: Side = Side.RIGHT) -> list[str]:
    return [str(one.showing[Field.BODY]) for one in world.tracker(side).items(Kind.COMMENT)]


def comment(world: World, words: str, by: str = "a stranger") -> Ref:
    world.clock.tick()
    return world.left.comment(world.left.items()[0].ref, words, by=by)


def quiet(world: World) -> None:
    before = shown(world)
    assert [synced(world, sweep=number == 2) for number in range(5)] == [0] * 5
    assert shown(world) == before


def test_a_new_template_writes_nothing_and_is_for_new_comments_and_the_next_edit(world: World) -> None:
    assert shown(world)[0].startswith("**a stranger** commented on [")
    first = world.left.items(Kind.COMMENT)[0].ref
    for template in (TEMPLATE, "", "{name}, in {tracker},", ""):
        worded(world, template)
        quiet(world)
    worded(world, TEMPLATE)
    comment(world, "The second comment.")
    synced(world)
    usual, new = shown(world)
    assert usual.startswith("**a stranger** commented on [")
    assert new.startswith("a stranger wrote on acme-jira: [")
    world.clock.tick()
    world.left.edit(first, {Field.BODY: "The first comment, edited."}, by="a stranger")
    synced(world)
    assert shown(world)[0].startswith("a stranger wrote on acme-jira: [")
    assert shown(world)[0].endswith("The first comment, edited.")
    for template in ("", "{name}, in {tracker},"):
        worded(world, template)
        quiet(world)


def test_an_edit_of_the_mirror_carries_the_words_alone(world: World) -> None:
    worded(world, TEMPLATE)
    comment(world, "What do you think?")
    synced(world)
    mirror = world.right.items(Kind.COMMENT)[1]
    world.clock.tick()
    edited = str(mirror.showing[Field.BODY]).replace("What do you think?", "I think so.")
    world.right.edit(mirror.ref, {Field.BODY: edited}, by="liwei")
    worded(world, "")  # the template is taken back before anybody read it
    synced(world)
    assert shown(world, Side.LEFT)[1] == "I think so."
    quiet(world)


def test_a_deleted_original_keeps_the_words_above_it(world: World) -> None:
    worded(world, TEMPLATE)
    said = comment(world, "Soon gone.")
    synced(world)
    world.left.delete(said)
    synced(world, sweep=True)
    assert shown(world)[1].startswith("a stranger wrote on acme-jira: [")
    assert "was deleted" in shown(world)[1]
    quiet(world)


def test_names_and_templates_call_nobody(world: World) -> None:
    worded(world, "@acme/everyone, {name} (@{tracker}) wrote #1:")
    world.left.person("eve", "@mia {tracker} **bold**")
    comment(world, "Hello.", by="eve")
    synced(world)
    new = shown(world)[1]
    assert "@mia" not in new
    assert "@acme" not in new
    assert "#1:" not in new
    assert "{tracker}" in new  # a name is no template
    quiet(world)


def test_a_template_is_filled_once() -> None:
    assert attributed("{name} on {tracker}", "{tracker}", "{name}") == "{tracker} on {name}"


@pytest.mark.parametrize(
    ("template", "told"),
    [
        ("{nam} wrote:", "{nam} cannot be filled in"),
        ("{name} wrote {", "a lone brace cannot be filled in"),
        ("{} {name}", "{} cannot be filled in"),
        ("Somebody wrote:", "says nothing of the author: write {name}"),
        ("{name}\\nwrote:", "write one line"),
        ("{name} " + "x" * 200, "write one line of at most 200 characters"),
    ],
)
def test_a_template_that_cannot_be_is_refused_with_its_line(tmp_path: Path, template: str, told: str) -> None:
    (line,) = problems(tmp_path, f'{VALID}attribution = "{template}"\n')
    assert line.startswith("syncer.toml:")
    assert told in line
    assert load_text(tmp_path, f'{VALID}attribution = "{TEMPLATE}"\n').pairs[0].attribution == TEMPLATE
