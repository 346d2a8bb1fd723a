"""Items that somebody set apart."""

from __future__ import annotations

from sqlalchemy import text

from syncer.contract.model import Kind, Ref, Side
from syncer.core.records import ApartItem
from syncer.store import Lease, Store
from tests.unit.store.builders import NOON, PAIR, later
from tests.unit.store.test_migrations import at_first_revision

ONE, TWO = Ref(Kind.TASK, "1"), Ref(Kind.TASK, "2")


def test_an_item_is_apart_until_it_is_taken_back(store: Store, lease: Lease) -> None:
    store.apart.add(lease, Side.LEFT, [ONE, TWO], since=NOON, by="Mia \x00", why="another client's")
    store.apart.add(lease, Side.RIGHT, [ONE], since=later(1), by="Mia")
    assert store.apart.of(PAIR) == {(Side.LEFT, ONE), (Side.LEFT, TWO), (Side.RIGHT, ONE)}
    assert store.apart.listed(PAIR)[0] == ApartItem(Side.RIGHT, ONE, later(1), "Mia")
    assert store.apart.remove(lease, Side.LEFT, [ONE, Ref(Kind.TASK, "9")]) == 1
    assert store.apart.of(PAIR) == {(Side.LEFT, TWO), (Side.RIGHT, ONE)}
    assert store.apart.of("another") == set()


def test_who_set_an_item_apart_first_stays_its_author(store: Store, lease: Lease) -> None:
    store.apart.add(lease, Side.LEFT, [ONE], since=NOON, by="Mia", why="ours")
    store.apart.add(lease, Side.LEFT, [ONE, TWO], since=later(5), by="Li Wei")
    assert store.apart.listed(PAIR) == [
        ApartItem(Side.LEFT, TWO, later(5), "Li Wei"),
        ApartItem(Side.LEFT, ONE, NOON, "Mia", "ours"),
    ]
    store.apart.add(lease, Side.LEFT, [], since=NOON, by="Mia")


def test_a_pair_that_is_forgotten_has_nothing_apart(store: Store, lease: Lease) -> None:
    store.apart.add(lease, Side.LEFT, [ONE], since=NOON, by="Mia")
    store.naming.forget(lease)
    assert store.apart.of(PAIR) == set()


def test_an_older_state_has_nothing_apart(state_location: str) -> None:
    database = at_first_revision(state_location)
    database.engine.dispose()
    with Store.open(state_location, clock=lambda: NOON) as store:
        assert store.apart.of(PAIR) == set()
        with store._database.reading() as connection:
            assert connection.scalar(text("SELECT count(*) FROM apart")) == 0
