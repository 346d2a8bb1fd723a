"""What is held in a state of an older version is held for the same reason in this one, and goes on as it would have."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from syncer.contract.model import Field, Kind, Observed, Side
from syncer.core.link_memory import decode_memory, encode_memory
from syncer.core.records import LinkState
from syncer.store.columns import unpack
from syncer.store.database import POSTGRESQL_SCHEMA, Database, postgresql_engine
from syncer.store.revisions import upgrade
from syncer.store.schema import metadata
from syncer.sync.ledger import waiting
from tests.held import GOLDEN, HeldWorld, golden_world
from tests.servers import fresh_postgresql
from tests.worlds import START


@pytest.fixture
def world(tmp_path: Path) -> HeldWorld:
    return golden_world(tmp_path)


@pytest.fixture(params=["sqlite", "postgresql"])
def anywhere(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[HeldWorld]:
    """The same on each database."""
    world = golden_world(tmp_path)
    if request.param == "sqlite":
        yield world
        return
    with fresh_postgresql() as address:
        copied(tmp_path / "state" / "state.db", address)
        world.location = address
        yield world
        world.states.close()


def copied(file: Path, address: str) -> None:
    """Puts what a state of revision 0014 holds into an empty database, as that revision would have."""
    database = Database(postgresql_engine(address), lambda: START, None)
    source = sqlite3.connect(file)
    with database.transaction() as connection:
        connection.execute(sa.text(f"CREATE SCHEMA {POSTGRESQL_SCHEMA}"))
        upgrade(connection, "0014")
        connection.execute(metadata.tables["meta"].delete())
        for table in metadata.sorted_tables:
            names = [row[1] for row in source.execute(f"PRAGMA table_info({table.name})")]
            if not names:
                continue  # that revision has no such table
            kept = sa.table(table.name, *map(sa.column, names))
            rows = [dict(zip(names, row, strict=True)) for row in source.execute(str(sa.select(kept)))]
            if rows:
                connection.execute(kept.insert(), rows)
            numbered = table.autoincrement_column
            if rows and numbered is not None:
                sequence = sa.func.pg_get_serial_sequence(f"{POSTGRESQL_SCHEMA}.{table.name}", numbered.name)
                connection.execute(sa.select(sa.func.setval(sequence, sa.func.max(kept.c[numbered.name]))))
    source.close()
    database.engine.dispose()


def listed(world: HeldWorld) -> list[list[str | None]]:
    """What waits: item, field, why, and the sentence."""
    with world.held_context() as context:
        found = [[one.item, one.field, one.why, one.reason] for one in waiting(context.store, "pay")]
    return json.loads(json.dumps(sorted(found, key=str)))  # type: ignore[no-any-return]


def told(world: HeldWorld) -> list[list[str | None]]:
    """What the older version said of it."""
    return json.loads((GOLDEN / "waiting.json").read_text("utf-8"))  # type: ignore[no-any-return]


def titled(world: HeldWorld, side: Side, title: str) -> Observed:
    (found,) = [item for item in world.tracker(side).items() if item.showing[Field.TITLE] == title]
    return found


def titles(world: HeldWorld, side: Side) -> set[object]:
    return {item.showing[Field.TITLE] for item in world.tracker(side).items()}


def held(world: HeldWorld) -> set[str]:
    """The titles on the left of what is held."""
    with world.held_context() as context:
        several = list(context.store.links.of_pair("pay", kind=Kind.TASK, state=LinkState.HELD))
    return {str(items.left.showing[Field.TITLE]) for items in several if items.left is not None}


def test_what_waits_waits_for_the_same_reason_in_the_same_words(anywhere: HeldWorld) -> None:
    assert listed(anywhere) == told(anywhere)


def test_the_first_three_runs_write_nothing_and_release_nothing(anywhere: HeldWorld) -> None:
    before = held(anywhere)
    assert len(before) == 6
    tallies = [anywhere.run(), anywhere.run(sweep=True, hours=25), anywhere.run()]
    assert [tally.writes for tally in tallies] == [0, 0, 0], tallies
    assert held(anywhere) == before


@pytest.mark.parametrize("sweep", [False, True])
def test_what_could_not_be_seen_goes_on_once_it_is_listed(world: HeldWorld, sweep: bool) -> None:
    (hidden,) = world.right._hidden
    world.right.reveal(hidden)
    world.right.edit(hidden, {Field.TITLE: "Seen again"})
    world.run(sweep=sweep)
    assert "Seen again" in titles(world, Side.LEFT)
    assert "Unseen" not in held(world)


@pytest.mark.parametrize("title", ["Moved", "Unlisted", "Filtered"])
def test_what_left_the_scope_goes_on_only_once_a_complete_listing_shows_it(world: HeldWorld, title: str) -> None:
    for connector in world.connectors.values():
        connector.moved.clear()
        connector.unlisted.clear()
    world.left.edit(titled(world, Side.LEFT, title).ref, {Field.BODY: "Back again."})
    world.run()
    assert title in held(world)
    tally = world.run(sweep=True)
    assert title not in held(world)
    assert tally.updated["right"] == 1, tally
    assert any(str(item.showing[Field.BODY]).startswith("Back again.") for item in world.right.items())


def test_what_was_changed_since_a_backup_is_decided_without_a_base_once_it_is_back(world: HeldWorld) -> None:
    world.connectors[Side.LEFT].unlisted.clear()
    world.run(sweep=True)
    with world.held_context() as context:
        waiting_titles = {row.left for row in context.store.conflicts.of_pair("pay") if row.field is Field.TITLE}
    assert "Filtered" in waiting_titles


def test_what_was_given_up_is_tried_with_each_complete_reading(world: HeldWorld) -> None:
    world.connectors[Side.RIGHT].failing = {}
    world.run(hours=5)
    assert "It fails for good" in held(world)
    world.run(sweep=True, hours=25)
    assert "It fails for good" not in held(world)
    assert "It fails for good" in titles(world, Side.RIGHT)


def test_what_pauses_is_written_once_its_pause_is_over(world: HeldWorld) -> None:
    world.connectors[Side.RIGHT].failing = {}
    world.run(hours=5)
    assert "It failed once" in titles(world, Side.RIGHT)
    assert "It is limited" in titles(world, Side.RIGHT)


def test_a_ring_is_carried_once_it_is_broken(world: HeldWorld) -> None:
    world.left.edit(titled(world, Side.LEFT, "ring A").ref, {Field.BLOCKED_BY: ()})
    world.run()
    assert not [one for one in listed(world) if one[2] == "ring"]
    assert titled(world, Side.LEFT, "ring B").showing[Field.BLOCKED_BY] == (titled(world, Side.LEFT, "ring A").ref.id,)


def reworded(directory: Path, item: str) -> None:
    """What is held of an item gets a reason that no rule understands."""
    database = sqlite3.connect(directory / "state" / "state.db")
    changed = database.execute("UPDATE links SET reason = 'set aside: ' || id WHERE reason LIKE ?", (f"%{item} %",))
    assert changed.rowcount == 1
    database.commit()
    database.close()


def test_what_no_rule_understands_is_listed_by_its_text_and_tried_again(tmp_path: Path) -> None:
    world = golden_world(tmp_path)
    reworded(tmp_path, "PAY-5")
    world.connectors[Side.LEFT].unlisted.clear()
    (line,) = [one for one in listed(world) if str(one[3]).startswith("set aside")]
    assert line[2] == "held"
    world.run()
    assert "Filtered" in held(world)
    world.run(sweep=True)
    assert "Filtered" not in held(world)


def test_what_no_rule_understands_is_held_for_what_a_complete_reading_finds(tmp_path: Path) -> None:
    world = golden_world(tmp_path)
    reworded(tmp_path, "ACME-19")
    assert world.run(sweep=True, hours=25).writes == 0
    assert ["PAY-4 = ACME-19", None, "held", "ACME-19 is listed no more (archived?) on the right side"] in listed(world)


def test_what_links_remember_is_stored_as_before(tmp_path: Path) -> None:
    golden_world(tmp_path)
    database = sqlite3.connect(tmp_path / "state" / "state.db")
    stored = [unpack(memory) for (memory,) in database.execute("SELECT memory FROM links")]
    database.close()
    assert {key for memory in stored for key in memory} == {
        "owed", "refused", "apart", "given", "restored", "truncated", "before", "awaits", "missed", "read",
    }  # fmt: skip
    assert [encode_memory(decode_memory(memory)) for memory in stored] == stored
    assert not any(decode_memory(memory).unknown for memory in stored)


def test_an_item_whose_partner_was_deleted_while_it_was_edited_stays_held(world: HeldWorld) -> None:
    edited: dict[str, Any] = {"sweep": True, "hours": 25}
    world.run(**edited)
    assert "Edited" in held(world)
    assert [one for one in listed(world) if "decide by hand" in str(one[3])]
