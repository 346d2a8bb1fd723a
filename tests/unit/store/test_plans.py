"""How SQLite finds what is asked for: by an index, whatever the size of the state."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from syncer.contract.model import Field, Kind, Side
from syncer.store import Lease, Store
from tests.unit.store.builders import NOON, PAIR, comment, later, link, page, task

STREAMS: dict[str, Callable[[Store], Any]] = {
    "links": lambda store: list(store.links.of_pair(PAIR)),
    "links_digests": lambda store: list(store.links.digests(PAIR)),
    "unsettled": lambda store: list(store.links.unsettled(PAIR, Kind.TASK, NOON)),
    "unlinked": lambda store: list(store.observed.unlinked(PAIR, Side.LEFT, Kind.TASK)),
    "items": lambda store: list(store.observed.items(PAIR, Side.LEFT)),
    "history": lambda store: list(store.history.changes(PAIR, since=NOON, until=later(5))),
    "history of an item": lambda store: list(
        store.history.changes(PAIR, side=Side.LEFT, ref=task(1).ref, fields=[Field.TITLE])
    ),
}
LOOKUPS: dict[str, Callable[[Store], Any]] = {
    "observed": lambda store: store.observed.get(PAIR, Side.LEFT, task(1).ref),
    "history of a few items": lambda store: list(
        store.history.of_items(PAIR, [Field.TITLE])([task(1).ref, task(2).ref])
    ),
    "by_key": lambda store: store.observed.by_key(PAIR, Side.LEFT, "PAY-1"),
    "by_url": lambda store: store.observed.by_url(PAIR, Side.LEFT, "x"),
    "link_of": lambda store: store.links.of_item(PAIR, Side.RIGHT, task(1).ref),
    "partners": lambda store: store.links.partners(PAIR, Side.LEFT, [task(1).ref]),
    "comments_of": lambda store: store.observed.comments_of(PAIR, Side.LEFT, task(1).ref),
    "comment_count": lambda store: store.observed.comment_count(PAIR, Side.LEFT, task(1).ref),
    "open_operations": lambda store: store.journal.open(PAIR),
}


@pytest.fixture
def filled(tmp_path: Path) -> Iterator[tuple[Store, Lease]]:
    """A state with a few of everything."""
    with Store.open(tmp_path / "state", clock=lambda: NOON) as store, store.lease(PAIR, "run-1") as lease:
        items = [task(n) for n in range(1, 8)]
        for side in Side:
            store.observed.save_page(
                lease, side, page(*items, *(comment(100 + n, task(n)) for n in range(1, 8))), seen_at=NOON
            )
        store.links.save_all(lease, [link(item, item) for item in items[:4]])
        yield store, lease


@contextmanager
def plans(store: Store) -> Iterator[list[str]]:
    """The steps by which SQLite carries out every SELECT of the block."""
    steps: list[str] = []

    def explain(connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        if statement.startswith("SELECT") and not many:
            driver = connection.connection.dbapi_connection
            steps.extend(row[3] for row in driver.execute(f"EXPLAIN QUERY PLAN {statement}", parameters))

    event.listen(store._database.engine, "before_cursor_execute", explain)
    yield steps
    event.remove(store._database.engine, "before_cursor_execute", explain)


@pytest.mark.parametrize("name", STREAMS)
def test_a_stream_neither_scans_nor_sorts(filled: tuple[Store, Lease], name: str) -> None:
    with plans(filled[0]) as steps:
        STREAMS[name](filled[0])
    walked = [step for step in steps if step.startswith("SCAN") and step != "SCAN CONSTANT ROW"]
    assert [*walked, *(step for step in steps if "TEMP B-TREE" in step)] == []


@pytest.mark.parametrize("name", LOOKUPS)
def test_a_lookup_goes_to_its_rows(filled: tuple[Store, Lease], name: str) -> None:
    with plans(filled[0]) as steps:
        LOOKUPS[name](filled[0])
    whole_pair = ("(pair=?)", "(pair=? AND side=?)")
    assert [step for step in steps if step.startswith("SCAN") or step.endswith(whole_pair)] == []


def test_a_page_looks_only_at_its_own_items_and_their_comments(filled: tuple[Store, Lease]) -> None:
    store, lease = filled
    with plans(store) as steps:
        store.observed.save_page(lease, Side.LEFT, page(task(1, title="moved"), complete=(task(1),)), seen_at=NOON)
    # The identities of a side are few, and read as a whole.
    looked = [step for step in steps if "identities" not in step]
    assert [step for step in looked if step.startswith("SCAN") or step.endswith("(pair=? AND side=?)")] == []
