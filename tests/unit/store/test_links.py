"""Links, and which of them need to be looked at."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncer.contract.model import Kind, Observed, Side
from syncer.core.codec import digest
from syncer.core.link_memory import LinkMemory
from syncer.core.link_reason import Because, LinkReason
from syncer.core.records import LinkedItems, LinkState, ShownTogether
from syncer.store import AlreadyLinked, Lease, Store
from syncer.store.link_statements import UNSETTLED
from tests.unit.store.builders import NOON, PAIR, comment, later, link, page, task

LEFT, RIGHT = Side.LEFT, Side.RIGHT


def linked(store: Store, lease: Lease, count: int = 1) -> list[tuple[Observed, Observed]]:
    """So many settled links of tasks n and n + 1000."""
    both = [(task(n), task(n + 1000)) for n in range(1, count + 1)]
    store.observed.save_page(lease, LEFT, page(*(left for left, _ in both)), seen_at=NOON)
    store.observed.save_page(lease, RIGHT, page(*(right for _, right in both)), seen_at=NOON)
    store.links.save_all(lease, [link(left, right) for left, right in both])
    return both


def unsettled(store: Store, minutes: float = 0) -> list[str]:
    return [both.link.id for both in store.links.unsettled(PAIR, Kind.TASK, later(minutes))]


def test_a_link_comes_back_as_it_was_saved(store: Store, lease: Lease) -> None:
    saved = link(
        task(1),
        task(2),
        origin=RIGHT,
        state=LinkState.HELD,
        reason=LinkReason(Because.MOVED, "PAY-1", Side.RIGHT, "title \x00 \ud83d", 3),
        memory=LinkMemory(before={Side.LEFT: ("In Review",)}),
        attempts=3,
        retry_at=later(5),
    )
    store.links.save(lease, saved)
    found = store.links.get(saved.id)
    assert found == saved
    assert store.links.of_item(PAIR, LEFT, task(1).ref) == found
    assert store.links.of_item(PAIR, RIGHT, task(1).ref) is None
    assert store.links.get("unheard of") is None


def test_a_link_is_replaced_by_its_id(store: Store, lease: Lease) -> None:
    store.links.save(lease, link(task(1), task(2)))
    store.links.save(lease, link(task(1), task(2), state=LinkState.RETIRED, settled=False))
    found = store.links.get("link-1")
    assert found is not None
    assert (found.state, found.base, found.settled) == (LinkState.RETIRED, {}, {})


@pytest.mark.parametrize("second", [link(task(1), task(3), "other"), link(task(3), task(2), "other")])
def test_an_item_has_one_link(store: Store, lease: Lease, second: object) -> None:
    store.links.save(lease, link(task(1), task(2), state=LinkState.RETIRED))
    with pytest.raises(AlreadyLinked, match="is in another link"):
        store.links.save_all(lease, [link(task(8), task(9), "innocent"), second])  # type: ignore[list-item]
    assert store.links.get("innocent") is None  # all or nothing


def test_the_same_item_may_be_linked_in_another_pair(store: Store, lease: Lease) -> None:
    store.links.save(lease, link(task(1), task(2)))
    with store.lease("billing", "run-2") as other:
        store.links.save(other, link(task(1), task(3), "billing-1", pair="billing"))
    assert store.links.partner("billing", LEFT, task(1).ref) == task(3).ref
    assert store.links.partner(PAIR, LEFT, task(1).ref) == task(2).ref


def test_partners_are_found_from_both_sides(store: Store, lease: Lease) -> None:
    both = linked(store, lease, 3)
    assert store.links.partners(PAIR, LEFT, [left.ref for left, _ in both]) == {
        left.ref: right.ref for left, right in both
    }
    assert store.links.partner(PAIR, RIGHT, both[0][1].ref) == both[0][0].ref
    assert store.links.partner(PAIR, LEFT, task(99).ref) is None


def test_links_stream_with_what_both_sides_show(store: Store, lease: Lease) -> None:
    both = linked(store, lease, 1100)
    store.observed.mark_gone(lease, RIGHT, [both[0][1].ref], seen_at=NOON)
    note = comment(7, both[0][0])
    store.links.save(lease, link(note, note, "note", state=LinkState.HELD))
    streamed = {one.link.id: one for one in store.links.of_pair(PAIR)}
    assert len(streamed) == 1101
    assert streamed["link-1"] == LinkedItems(link(*both[0]), both[0][0], None)
    assert streamed["link-2"] == LinkedItems(link(*both[1]), *both[1])
    assert [one.link.id for one in store.links.of_pair(PAIR, kind=Kind.COMMENT)] == ["note"]
    assert [one.link.id for one in store.links.of_pair(PAIR, state=LinkState.HELD)] == ["note"]


def test_what_both_sides_show_is_read_without_the_links(store: Store, lease: Lease) -> None:
    both = linked(store, lease, 600)
    store.observed.mark_gone(lease, RIGHT, [both[0][1].ref], seen_at=NOON)
    moved = link(task(3000), task(4000), state=LinkState.RETIRED, reason=LinkReason(Because.MOVED_ON), origin=RIGHT)
    store.links.save(lease, moved)
    shown = list(store.links.shown_together(PAIR, Kind.TASK))
    assert [(one.left, one.right) for one in shown] == [
        (linked.left, linked.right) for linked in store.links.of_pair(PAIR, kind=Kind.TASK)
    ]
    assert ShownTogether(LEFT, False, both[0][0], None) in shown
    assert shown[-1] == ShownTogether(RIGHT, True, None, None)


def test_the_mirrors_of_a_kind_are_told(store: Store, lease: Lease) -> None:
    notes = [comment(number, task(1)) for number in (7, 8)]
    store.links.save(lease, link(notes[0], notes[1], "note"))
    store.links.save(lease, link(task(1), task(2), origin=RIGHT))
    assert store.links.mirrors(PAIR, Kind.COMMENT) == {(RIGHT, notes[1].ref)}
    assert store.links.mirrors(PAIR, Kind.TASK) == {(LEFT, task(1).ref)}


def test_settled_links_are_left_alone(store: Store, lease: Lease) -> None:
    linked(store, lease, 5)
    assert unsettled(store) == []


@pytest.mark.parametrize("side", Side)
def test_a_link_is_unsettled_when_a_side_shows_something_else(store: Store, lease: Lease, side: Side) -> None:
    both = linked(store, lease, 3)
    moved = replace(both[1][side is RIGHT], showing=task(1, title="moved").showing)
    store.observed.save_page(lease, side, page(moved), seen_at=NOON)
    (found,) = store.links.unsettled(PAIR, Kind.TASK, NOON)
    assert (found.link.id, found.side(side)) == ("link-2", moved)


def test_a_link_is_unsettled_when_a_side_is_gone_or_nothing_was_settled(store: Store, lease: Lease) -> None:
    both = linked(store, lease, 3)
    store.observed.mark_gone(lease, LEFT, [both[0][0].ref], seen_at=NOON)
    store.links.save(lease, link(*both[1], settled=False))
    assert unsettled(store) == ["link-1", "link-2"]


def test_only_active_links_of_the_kind_are_unsettled(store: Store, lease: Lease) -> None:
    both = linked(store, lease, 2)
    store.links.save(lease, link(*both[0], settled=False, state=LinkState.RETIRED))
    store.links.save(lease, link(*both[1], settled=False, state=LinkState.HELD))
    store.links.save(lease, link(comment(5, both[0][0]), comment(6, both[0][1]), "note", settled=False))
    assert unsettled(store) == []
    assert [one.link.id for one in store.links.unsettled(PAIR, Kind.COMMENT, NOON)] == ["note"]


def test_a_link_that_failed_waits_for_its_time(store: Store, lease: Lease) -> None:
    both = linked(store, lease, 1)
    store.links.save(lease, link(*both[0], settled=False, attempts=1, retry_at=later(10)))
    assert unsettled(store, 9.9) == []
    assert unsettled(store, 10) == ["link-1"]


def test_unsettled_links_may_be_settled_while_they_are_read(
    store: Store, lease: Lease, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("syncer.store.links.UNSETTLED", UNSETTLED.limit(10))
    both = linked(store, lease, 24)
    store.links.save_all(lease, [link(*one, settled=False) for one in both])
    seen = 0
    for one in store.links.unsettled(PAIR, Kind.TASK, NOON):
        assert one.left is not None
        assert one.right is not None
        settled = {LEFT: digest(one.left), RIGHT: digest(one.right)}
        store.links.save(lease, replace(one.link, settled=settled))
        seen += 1
    assert seen == 24
    assert unsettled(store) == []


def test_digests_tell_settled_and_shown(store: Store, lease: Lease) -> None:
    both = linked(store, lease, 2)
    store.observed.mark_gone(lease, RIGHT, [both[1][1].ref], seen_at=NOON)
    (one, two) = store.links.digests(PAIR)
    left, right = (digest(item) for item in both[0])
    assert one == ("link-1", left, left, right, right)
    assert two[3:] == (digest(both[1][1]), "")


def test_retired_links_are_not_counted(store: Store, lease: Lease) -> None:
    both = linked(store, lease, 3)
    store.links.save(lease, link(*both[0], state=LinkState.RETIRED))
    assert store.links.count(PAIR) == {Kind.TASK: 2, Kind.COMMENT: 0, Kind.MILESTONE: 0}
    assert store.links.count("unheard of") == dict.fromkeys(Kind, 0)


def test_links_that_wait_for_something_are_counted(store: Store, lease: Lease) -> None:
    both = linked(store, lease, 4)
    store.links.save(lease, link(*both[0], state=LinkState.HELD, reason=LinkReason(Because.GAVE_UP)))
    store.links.save(lease, link(*both[1], state=LinkState.RETIRED, reason=LinkReason(Because.BOTH_GONE)))
    store.links.save(lease, link(*both[2], reason=LinkReason(Because.FAILED, detail="priority was not taken")))
    assert store.links.count_waiting(PAIR) == 2
    assert store.links.count_waiting("unheard of") == 0


def test_a_link_that_waits_for_an_item_is_looked_at_again_once_that_is_linked(store: Store, lease: Lease) -> None:
    ((left, right),) = linked(store, lease)
    waiting = replace(link(left, right), memory=LinkMemory(awaits={Side.LEFT: ("7",), Side.RIGHT: ("1009",)}))
    store.links.save(lease, waiting)
    assert store.links.wake(lease) == 0
    assert unsettled(store) == []
    store.links.save(lease, link(task(7), task(1007), "link-7", state=LinkState.RETIRED))
    assert store.links.wake(lease) == 0  # nobody keeps it in step any more
    store.links.save(lease, link(task(9), task(1009), "link-9"))
    assert waiting.id not in unsettled(store)
    assert store.links.wake(lease) == 1
    assert waiting.id in unsettled(store)
    assert store.links.wake(lease) == 0


def test_a_link_that_waits_no_more_is_left_alone(store: Store, lease: Lease) -> None:
    ((left, right),) = linked(store, lease)
    store.links.save(lease, replace(link(left, right), memory=LinkMemory(awaits={Side.LEFT: ("7",)})))
    store.links.save(lease, link(left, right))
    store.links.save(lease, link(task(7), task(1007), "link-7"))
    assert store.links.wake(lease) == 0
