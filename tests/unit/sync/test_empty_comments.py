"""A comment that says nothing is not carried, and nobody has to decide about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncer.contract.model import Field, Kind, Side
from syncer.sync.ledger import waiting
from tests.worlds import World


@pytest.mark.parametrize("body", ["", " \n \n"])
@pytest.mark.parametrize("side", list(Side))
def test_an_empty_comment_is_neither_carried_nor_held_until_it_says_something(
    tmp_path: Path, side: Side, body: str
) -> None:
    world = World(tmp_path)
    task = world.tracker(side).create("Pay")
    comment = world.tracker(side).comment(task, body)
    for sweep in (False, False, True):
        tally = world.sync(sweep=sweep)
        assert (tally.outcome, tally.retry) == ("clean", 0)
    assert world.tracker(side.other).items(Kind.COMMENT) == ()
    with world.context() as context:
        assert waiting(context.store, "pay") == []
    world.tracker(side).edit(comment, {Field.BODY: "Now it does."})
    world.sync()
    assert "Now it does." in str(world.only(side.other, Kind.COMMENT).showing[Field.BODY])
