"""What each side shows."""

from __future__ import annotations

from dataclasses import replace

from syncer.contract.model import Audience, Cursor, Facts, Field, Kind, Ref, Side
from syncer.core.records import FieldChange, SideState
from syncer.store import Lease, Store
from tests.unit.store.builders import CLOSED, NOON, PAIR, comment, create, later, link, page, task

LEFT, RIGHT = Side.LEFT, Side.RIGHT


def refs(items: object) -> list[str]:
    return [str(item.ref) for item in items]  # type: ignore[attr-defined]


def test_an_item_comes_back_as_it_was_shown(store: Store, lease: Lease) -> None:
    facts = Facts(open_blockers=1, flagged=True, closed=NOON, points=2.5, attachments=1)
    item = task(1, status=CLOSED, due=NOON.date(), priority=None, parent="9", facts=facts)
    item = replace(item, showing={**item.showing, Field.BLOCKED_BY: ("3",)})
    store.observed.save_page(lease, LEFT, page(item), seen_at=NOON)
    assert store.observed.get(PAIR, LEFT, item.ref) == item


def test_edges_that_were_not_told_before_are_no_change(store: Store, lease: Lease) -> None:
    for edges in ({}, {"parent": "9"}, {}, {"parent": "9"}, {"parent": "8"}):
        store.observed.save_page(lease, LEFT, page(task(1, **edges)), seen_at=NOON)
    assert [(line.old, line.new) for line in store.history.changes(PAIR) if line.field is Field.PARENT] == [("9", "8")]


def test_sides_and_pairs_are_apart(store: Store, lease: Lease) -> None:
    store.observed.save_page(lease, LEFT, page(task(1)), seen_at=NOON)
    with store.lease("billing", "run-2") as other:
        store.observed.save_page(other, LEFT, page(task(1, title="other")), seen_at=NOON)
    assert store.observed.get(PAIR, RIGHT, task(1).ref) is None
    assert store.observed.get(PAIR, LEFT, task(1).ref) == task(1)
    assert store.observed.get("unheard of", LEFT, task(1).ref) is None
    assert store.pairs.names() == ["billing", PAIR]


def test_a_page_tells_new_changed_and_unchanged_apart(store: Store, lease: Lease) -> None:
    store.observed.save_page(lease, LEFT, page(task(1), task(2), task(3)), seen_at=NOON)
    again = page(task(1), task(2, title="moved"), task(3, facts=Facts(flagged=True)), task(4))
    stored = store.observed.save_page(lease, LEFT, again, seen_at=later(5))
    assert (stored.new, stored.changed, stored.gone) == ([task(4).ref], [task(2).ref], [])
    flagged = store.observed.get(PAIR, LEFT, task(3).ref)
    assert flagged is not None
    assert flagged.facts.flagged


def test_an_item_shown_twice_in_a_page_counts_as_last_shown(store: Store, lease: Lease) -> None:
    store.observed.save_page(lease, LEFT, page(task(1), task(1, title="later")), seen_at=NOON)
    found = store.observed.get(PAIR, LEFT, task(1).ref)
    assert found is not None
    assert found.showing[Field.TITLE] == "later"
    assert len(list(store.history.changes(PAIR))) == 1


def test_the_cursor_is_stored_with_the_page_and_kept_by_an_empty_one(store: Store, lease: Lease) -> None:
    state = SideState(Cursor("c1"), "all of PAY", NOON, Audience.MEMBERS, NOON, "acme PAY")
    store.pairs.set_side(lease, LEFT, state)
    store.observed.save_page(lease, LEFT, page(task(1), cursor="c2"), seen_at=NOON)
    store.observed.save_page(lease, LEFT, page(task(2)), seen_at=NOON)
    assert store.pairs.side(PAIR, LEFT) == replace(state, cursor=Cursor("c2"))
    assert store.pairs.side(PAIR, RIGHT) is None


def test_a_cursor_before_the_side_is_known_trusts_nobody(store: Store, lease: Lease) -> None:
    store.observed.save_page(lease, LEFT, page(cursor="c1"), seen_at=NOON)
    assert store.pairs.side(PAIR, LEFT) == SideState(Cursor("c1"), "", None, Audience.RESTRICTED, None)


def test_a_comment_missing_from_a_complete_task_is_gone(store: Store, lease: Lease) -> None:
    one, two = task(1), task(2)
    kept, deleted, elsewhere = comment(11, one), comment(12, one), comment(21, two)
    store.observed.save_page(lease, LEFT, page(one, two, kept, deleted, elsewhere), seen_at=NOON)
    stored = store.observed.save_page(lease, LEFT, page(one, kept, complete=(one,)), seen_at=later(1))
    assert stored.gone == [deleted.ref]
    assert store.observed.comments_of(PAIR, LEFT, one.ref) == [kept]
    assert store.observed.comment_count(PAIR, LEFT, one.ref) == 1
    assert store.observed.comment_count(PAIR, LEFT, two.ref) == 1


def test_what_is_gone_is_not_shown_and_comes_back(store: Store, lease: Lease) -> None:
    store.observed.save_page(lease, LEFT, page(task(1)), seen_at=NOON)
    store.observed.mark_gone(lease, LEFT, [task(1).ref, task(9).ref], seen_at=later(1))
    store.observed.mark_gone(lease, LEFT, [task(1).ref], seen_at=later(2))
    assert store.observed.get(PAIR, LEFT, task(1).ref) is None
    assert store.observed.by_key(PAIR, LEFT, "PAY-1") is None
    assert list(store.observed.items(PAIR, LEFT)) == []
    stored = store.observed.save_page(lease, LEFT, page(task(1)), seen_at=later(3))
    assert stored.changed == [task(1).ref]
    assert [(change.old, change.new) for change in store.history.changes(PAIR)] == [
        (None, "created"),
        (None, "gone"),
        ("gone", "created"),
    ]


def test_a_sweep_finds_what_it_did_not_see(store: Store, lease: Lease) -> None:
    store.observed.save_page(lease, LEFT, page(task(1), task(2), task(3)), seen_at=NOON, sweep="s1")
    store.observed.save_page(lease, LEFT, page(task(4)), seen_at=NOON)
    store.observed.save_page(lease, LEFT, page(task(1), task(2, title="changed")), seen_at=NOON, sweep="s2")
    store.observed.save_page(lease, LEFT, page(task(2, title="again")), seen_at=NOON)
    assert refs(store.observed.unseen(PAIR, LEFT, "s2")) == ["task:3", "task:4"]
    store.observed.mark_gone(lease, LEFT, [task(3).ref], seen_at=NOON)
    assert refs(store.observed.unseen(PAIR, LEFT, "s2")) == ["task:4"]


def test_items_are_found_by_key_and_by_address(store: Store, lease: Lease) -> None:
    store.observed.save_page(lease, LEFT, page(task(1), task(2)), seen_at=NOON)
    store.observed.save_page(lease, LEFT, page(task(1, key="PAY2-1")), seen_at=NOON)
    found = store.observed.by_key(PAIR, LEFT, "PAY2-1")
    assert found is not None
    assert found.ref == task(1).ref
    assert store.observed.by_key(PAIR, LEFT, "PAY-1") is None
    assert store.observed.by_url(PAIR, LEFT, task(2).url) == task(2)


def test_items_stream_in_the_order_of_their_creation(store: Store, lease: Lease) -> None:
    items = [
        task(n, status=CLOSED if n % 3 else task(n).showing[Field.STATUS], created=later(n % 7)) for n in range(1200)
    ]
    notes = [comment(5000 + n, items[0]) for n in range(3)]
    store.observed.save_page(lease, LEFT, page(*items, *notes), seen_at=NOON)
    streamed = list(store.observed.items(PAIR, LEFT))
    assert len(streamed) == 1203
    assert [item.created for item in streamed] == sorted(item.created for item in streamed)
    assert list(store.observed.items(PAIR, LEFT, Kind.COMMENT)) == notes


def test_unlinked_tasks_come_open_ones_first(store: Store, lease: Lease) -> None:
    items = [task(1, status=CLOSED), task(2), task(3, status=CLOSED), task(4), task(5)]
    store.observed.save_page(lease, LEFT, page(*items), seen_at=NOON)
    store.links.save(lease, link(task(4), task(44)))
    assert refs(store.observed.unlinked(PAIR, LEFT, Kind.TASK)) == ["task:2", "task:5", "task:1", "task:3"]
    assert refs(store.observed.unlinked(PAIR, LEFT, Kind.COMMENT)) == []


def test_a_stream_may_be_written_under_while_it_is_read(store: Store, lease: Lease) -> None:
    store.observed.save_page(lease, LEFT, page(*(task(n) for n in range(1100))), seen_at=NOON)
    for item in store.observed.unlinked(PAIR, LEFT, Kind.TASK):
        if int(item.ref.id) % 100 == 0:
            store.links.save(lease, link(item, item))
    assert store.links.count(PAIR)[Kind.TASK] == 11


def test_many_items_are_read_at_once(store: Store, lease: Lease) -> None:
    items = [task(n) for n in range(1300)]
    store.observed.save_page(lease, LEFT, page(*items), seen_at=NOON)
    wanted = [item.ref for item in items] + [Ref(Kind.TASK, "never")]
    assert store.observed.get_many(PAIR, LEFT, wanted) == {item.ref: item for item in items}


def test_what_a_page_changed_is_in_the_history(store: Store, lease: Lease) -> None:
    store.observed.save_page(lease, LEFT, page(task(1)), seen_at=later(10))
    moved = task(1, title="moved", status=CLOSED, labels=("a",), updated=later(20))
    store.observed.save_page(lease, LEFT, page(moved), seen_at=later(21), operation="op-7")

    def change(field: Field | None, old: object, new: object, **others: object) -> FieldChange:
        values = {"at": later(20), "seen_at": later(21), "actor": None, "operation": "op-7"}
        return FieldChange(PAIR, LEFT, task(1).ref, field, old=old, new=new, **(values | others))  # type: ignore[arg-type]

    todo, done = (
        {"name": n, "category": c, "reason": r} for n, c, r in (("To Do", "todo", None), ("Done", "done", "Fixed"))
    )
    assert list(store.history.changes(PAIR)) == [
        change(None, None, "created", at=later(1), seen_at=later(10), actor="zhao.min", operation=None),
        change(Field.TITLE, "Task 1", "moved"),
        change(Field.STATUS, todo, done),
        change(Field.LABELS, ["a", "b"], ["a"]),
    ]


def test_an_unconfirmed_create_is_confirmed_in_the_name_of_its_operation(store: Store, lease: Lease) -> None:
    store.journal.begin(lease, [create(task(9), "op-1")])
    store.observed.save(lease, RIGHT, task(1, version="", body="as sent"), seen_at=NOON, operation="op-1")
    store.observed.save_page(lease, RIGHT, page(task(1, body="as kept")), seen_at=later(1))
    store.observed.save_page(lease, RIGHT, page(task(1, body="by a person")), seen_at=later(2))
    causes = [(change.new, change.operation) for change in store.history.changes(PAIR)]
    assert causes == [("created", "op-1"), ("as kept", "op-1"), ("by a person", None)]


def test_a_page_that_brings_nothing_new_leaves_no_trace(store: Store, lease: Lease) -> None:
    store.observed.save_page(lease, LEFT, page(task(1), comment(2, task(1))), seen_at=NOON)
    before = list(store.history.changes(PAIR))
    stored = store.observed.save_page(
        lease, LEFT, page(task(1), comment(2, task(1)), complete=(task(1),)), seen_at=later(1)
    )
    assert (stored.new, stored.changed, stored.gone) == ([], [], [])
    assert list(store.history.changes(PAIR)) == before


def test_a_change_that_moved_no_time_of_the_item_happened_since_it_was_read(store: Store, lease: Lease) -> None:
    """A value of a board, an edge: the item's own time of change is that of an older edit."""
    store.observed.save_page(lease, LEFT, page(replace(task(1), updated=NOON)), seen_at=later(5))
    store.observed.save_page(lease, LEFT, page(replace(task(1, due=NOON.date()), updated=NOON)), seen_at=later(60))
    moved = replace(task(1, due=None), updated=later(70))
    store.observed.save_page(lease, LEFT, page(moved), seen_at=later(90))
    found = store.history.changes(PAIR, side=LEFT, ref=task(1).ref, fields=[Field.DUE])
    assert [change.at for change in found] == [later(60), later(70)]


def test_the_history_is_read_by_side_item_field_and_time(store: Store, lease: Lease) -> None:
    for minute, title in enumerate(["a", "b", "c"]):
        store.observed.save_page(lease, LEFT, page(task(1, title=title, updated=later(10 + minute))), seen_at=NOON)
    store.observed.save_page(lease, RIGHT, page(task(2, created=later(12))), seen_at=NOON)
    titles = [change.new for change in store.history.changes(PAIR, side=LEFT, ref=task(1).ref, fields=[Field.TITLE])]
    assert titles == ["b", "c"]
    within = store.history.changes(PAIR, since=later(11), until=later(12))
    assert [change.new for change in within] == ["b"]
    assert [change.new for change in store.history.changes(PAIR, side=RIGHT)] == ["created"]
    assert list(store.history.changes("unheard of")) == []
