"""What is remembered of a pair while its lease is held, and when it is asked for again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from syncer.contract.model import Kind, Side
from syncer.store import Store
from tests.unit.store.builders import NOON, PAIR, conflict, link, page, task


@contextmanager
def statements(store: Store) -> Iterator[list[str]]:
    """What is asked of the database meanwhile."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    engine = store.pairs._database.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_what_was_empty_is_not_asked_for_again_under_the_same_lease(store: Store) -> None:
    with store.lease(PAIR, "run-1"):
        assert list(store.observed.unlinked(PAIR, Side.LEFT, Kind.TASK)) == []
        store.conflicts.of_pair(PAIR)
        with statements(store) as asked:
            assert list(store.observed.unlinked(PAIR, Side.LEFT, Kind.TASK)) == []
            assert store.conflicts.of_pair(PAIR) == []
    assert asked == []


def test_what_this_process_writes_is_seen_at_once(store: Store) -> None:
    with store.lease(PAIR, "run-1") as lease:
        assert list(store.observed.unlinked(PAIR, Side.LEFT, Kind.TASK)) == []
        assert store.links.count(PAIR)[Kind.TASK] == 0
        store.observed.save_page(lease, Side.LEFT, page(task(1)), seen_at=NOON)
        assert [item.ref for item in store.observed.unlinked(PAIR, Side.LEFT, Kind.TASK)] == [task(1).ref]
        store.links.save(lease, link(task(1), task(2)))
        assert list(store.observed.unlinked(PAIR, Side.LEFT, Kind.TASK)) == []
        assert store.links.count(PAIR)[Kind.TASK] == 1


def test_what_is_written_without_a_lease_is_seen_at_once(store: Store) -> None:
    with store.lease(PAIR, "run-1") as lease:
        number = store.conflicts.record(lease, conflict(link="link-1"))
        assert [one.decision for one in store.conflicts.of_pair(PAIR)] == [None]
        store.conflicts.decide(number, "left", NOON)
        assert [one.decision for one in store.conflicts.of_pair(PAIR)] == ["left"]


def test_what_was_written_to_another_pair_changes_nothing(store: Store) -> None:
    with store.lease(PAIR, "run-1"), store.lease("other", "run-2") as other:
        before = store.pairs.version(PAIR)
        store.observed.save_page(other, Side.LEFT, page(task(1)), seen_at=NOON)
        assert store.pairs.version(PAIR) == before


def test_nothing_is_remembered_of_a_pair_that_another_process_may_run(store: Store, migrated_location: str) -> None:
    assert store.links.count(PAIR)[Kind.TASK] == 0
    with Store.open(migrated_location, clock=lambda: NOON) as second, second.lease(PAIR, "run-1") as lease:
        second.links.save(lease, link(task(1), task(2)))
    assert store.links.count(PAIR)[Kind.TASK] == 1


def test_a_listing_that_another_thread_read_before_a_write_is_not_kept(store: Store) -> None:
    with store.lease(PAIR, "run-1") as lease:
        reading = store.observed.unlinked(PAIR, Side.LEFT, Kind.TASK)
        remembering = store.pairs._database.remembering
        version = remembering.version(PAIR)
        store.observed.save_page(lease, Side.LEFT, page(task(1)), seen_at=NOON)
        remembering.keep(PAIR, version, "listing", ())
        assert remembering.known(PAIR, "listing") is None
        assert len(list(reading)) == 1
