"""The store against a model of dictionaries: whatever the order of writes, both show and say the same."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from sqlalchemy import event

from syncer.contract.connector import Page
from syncer.contract.model import Cursor, Field, Kind, Observed, Ref, Side
from syncer.core.codec import digest, encode_fields
from syncer.core.records import Conflict, Link, LinkState, Operation, OperationState
from syncer.store import AlreadyBegun, AlreadyLinked, NotOpen, Store
from tests.unit.store.builders import CLOSED, NOON, OPEN, PAIR, comment, conflict, create, link, task

SIDES = st.sampled_from(Side)
TEXT = st.text(st.characters(codec=None), max_size=6)
TASKS = st.builds(
    lambda number, title, body, done: task(number, title=title, body=body, status=CLOSED if done else OPEN),
    st.integers(1, 3),
    st.sampled_from(["one", "two", "退款"]),
    TEXT,
    st.booleans(),
)
COMMENTS = st.builds(
    lambda n, of, body: comment(of * 10 + n, task(of), body), st.integers(0, 2), st.integers(1, 3), TEXT
)
ITEMS = st.one_of(TASKS, COMMENTS)
Key = tuple[Side, Ref]


class StoreMachine(RuleBasedStateMachine):
    """Random writes to an SQLite state and to dictionaries; each invariant compares one way of reading."""

    @initialize()
    def open(self) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="syncer-test-"))
        self.now = NOON
        self._open_store()
        self.shown: dict[Key, Observed] = {}
        self.gone: set[Key] = set()
        self.sweeps: dict[Key, str | None] = {}
        self.changes: dict[Key, list[tuple[Field | None, Any, Any]]] = {}
        self.cursors: dict[Side, str] = {}
        self.links: dict[str, Link] = {}
        self.operations: dict[str, Operation] = {}
        self.conflicts: dict[int, Conflict] = {}

    def _open_store(self) -> None:
        self.store = Store.open(self.directory / "state", clock=lambda: self.now)
        event.listen(self.store._database.engine, "connect", _hurry)
        self.store.close()  # the next connection is a hurried one
        self.held = self.store.lease(PAIR, "run")
        self.lease = self.held.__enter__()

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.compare()
            assert self.store.integrity() == []
            self.held.__exit__(None, None, None)
            self.store.close()
            shutil.rmtree(self.directory)

    # --- the model

    def _show(self, side: Side, item: Observed, sweep: str | None = None) -> str:
        """Shows an item to the model; returns new, changed or same."""
        key = (side, item.ref)
        before, was_gone = self.shown.get(key), key in self.gone
        lines = self.changes.setdefault(key, [])
        if sweep is not None or before is None:
            self.sweeps[key] = sweep
        self.shown[key] = item
        self.gone.discard(key)
        if before is None:
            lines.append((None, None, "created"))
            return "new"
        if was_gone:
            lines.append((None, "gone", "created"))
        old, new = encode_fields(before.showing), encode_fields(item.showing)
        lines.extend((name, old.get(name), new.get(name)) for name in Field if old.get(name) != new.get(name))
        return "changed" if was_gone or digest(before) != digest(item) else "same"

    def _lose(self, side: Side, ref: Ref) -> bool:
        key = (side, ref)
        if key not in self.shown or key in self.gone:
            return False
        self.gone.add(key)
        self.changes[key].append((None, None, "gone"))
        return True

    def _there(self, side: Side) -> dict[Ref, Observed]:
        return {ref: item for (at, ref), item in self.shown.items() if at is side and (at, ref) not in self.gone}

    def _digest(self, side: Side, ref: Ref) -> str:
        item = self._there(side).get(ref)
        return "" if item is None else digest(item)

    # --- writes

    @rule(minutes=st.integers(1, 90))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(
        side=SIDES,
        items=st.lists(ITEMS, max_size=6),
        complete=st.sets(st.integers(1, 3), max_size=2),
        cursor=st.sampled_from(["", "c1", "c2"]),
        sweep=st.sampled_from([None, None, "s1", "s1", "s2"]),
    )
    def page(self, side: Side, items: list[Observed], complete: set[int], cursor: str, sweep: str | None) -> None:
        tasks = frozenset(task(number).ref for number in complete)
        stored = self.store.observed.save_page(
            self.lease, side, Page(tuple(items), Cursor(cursor), tasks), seen_at=self.now, sweep=sweep
        )
        latest = {item.ref: item for item in items}
        outcome = {ref: self._show(side, item, sweep) for ref, item in latest.items()}
        missing = [ref for ref, item in self._there(side).items() if item.parent in tasks and ref not in latest]
        assert stored.new == [ref for ref, what in outcome.items() if what == "new"]
        assert stored.changed == [ref for ref, what in outcome.items() if what == "changed"]
        assert set(stored.gone) == {ref for ref in missing if self._lose(side, ref)}
        if cursor:
            self.cursors[side] = cursor

    @rule(side=SIDES, item=ITEMS)
    def read_again(self, side: Side, item: Observed) -> None:
        self.store.observed.save(self.lease, side, item, seen_at=self.now, operation=None)
        self._show(side, item)

    @rule(side=SIDES, items=st.lists(ITEMS, max_size=3))
    def lose(self, side: Side, items: list[Observed]) -> None:
        refs = {item.ref for item in items}
        self.store.observed.mark_gone(self.lease, side, refs, seen_at=self.now)
        for ref in refs:
            self._lose(side, ref)

    @rule(
        left=st.integers(1, 3),
        right=st.integers(1, 3),
        state=st.sampled_from([*[LinkState.ACTIVE] * 4, *LinkState]),
        settled=st.sampled_from([True, True, True, False]),
        retry=st.none() | st.none() | st.integers(-60, 60),
    )
    def save_link(self, left: int, right: int, state: LinkState, settled: bool, retry: int | None) -> None:
        retry_at = None if retry is None else self.now + timedelta(minutes=retry)
        saved = link(task(left), task(right), f"link-{left}-{right}", settled=False, state=state, retry_at=retry_at)
        if settled:
            shown = {side: self._digest(side, saved.ref(side)) for side in Side}
            saved = replace(saved, settled={side: value for side, value in shown.items() if value})
        others = [one for name, one in self.links.items() if name != saved.id]
        if any(one.left == saved.left or one.right == saved.right for one in others):
            try:
                self.store.links.save(self.lease, saved)
            except AlreadyLinked:
                return
            raise AssertionError("an item got a second link")
        self.store.links.save(self.lease, saved)
        self.links[saved.id] = saved

    @rule(source=st.integers(1, 3), side=SIDES)
    def begin(self, source: int, side: Side) -> None:
        begun = create(task(source), f"op-{len(self.operations)}", side=side)
        begun = replace(begun, reason="")
        live = [one for one in self.operations.values() if one.state is not OperationState.FAILED]
        if any((one.source, one.side) == (begun.source, begun.side) for one in live):
            try:
                self.store.journal.begin(self.lease, [begun])
            except AlreadyBegun:
                return
            raise AssertionError("an item would have been created twice")
        self.store.journal.begin(self.lease, [begun])
        self.operations[begun.id] = begun

    @precondition(lambda self: self.operations)
    @rule(data=st.data(), state=st.sampled_from(OperationState), made=st.none() | TASKS)
    def conclude(self, data: st.DataObject, state: OperationState, made: Observed | None) -> None:
        begun = self.operations[data.draw(st.sampled_from(sorted(self.operations)))]
        after = replace(begun, state=state, target=made and made.ref, settled_at=self.now)
        unsettled = begun.state in (OperationState.SENT, OperationState.AMBIGUOUS, OperationState.HELD)
        possible = unsettled and state is not OperationState.SENT
        if begun.state is OperationState.HELD and state is OperationState.AMBIGUOUS:
            possible = False
        try:
            self.store.journal.conclude(self.lease, after, observed=made, link=None)
        except NotOpen:
            assert not possible
            return
        assert possible
        self.operations[begun.id] = after
        if made is not None:
            self._show(begun.side, made)

    @rule(name=st.sampled_from(["link-1-1", "link-2-2"]), left=st.sampled_from("ab"), right=st.sampled_from("ab"))
    def disagree(self, name: str, left: str, right: str) -> None:
        number = self.store.conflicts.record(self.lease, conflict(link=name, left=left, right=right))
        before = next((one for one in self.conflicts.values() if one.link == name and one.settled_at is None), None)
        if before is None:
            assert number not in self.conflicts
            self.conflicts[number] = conflict(id=number, link=name, left=left, right=right)
            return
        assert number == before.id
        kept = {} if (before.left, before.right) == (left, right) else {"decision": None, "decided_at": None}
        self.conflicts[number] = replace(before, left=left, right=right, **kept)

    @precondition(lambda self: self.conflicts)
    @rule(data=st.data(), decision=st.sampled_from(["left", "right"]))
    def decide(self, data: st.DataObject, decision: str) -> None:
        one = self.conflicts[data.draw(st.sampled_from(sorted(self.conflicts)))]
        try:
            self.store.conflicts.decide(one.id, decision, self.now)
        except NotOpen:
            assert one.settled_at is not None
            return
        assert one.settled_at is None
        self.conflicts[one.id] = replace(one, decision=decision, decided_at=self.now)

    @rule(name=st.sampled_from(["link-1-1", "link-2-2"]))
    def agree(self, name: str) -> None:
        self.store.conflicts.settle(self.lease, name, [Field.TITLE], self.now)
        for one in list(self.conflicts.values()):
            if one.link == name and one.settled_at is None:
                self.conflicts[one.id] = replace(one, settled_at=self.now)

    @rule()
    def start_again(self) -> None:
        self.held.__exit__(None, None, None)
        self.store.close()
        self._open_store()

    # --- readings

    @rule()
    def compare(self) -> None:
        """Every way of reading says what the model says."""
        self._items_are_those_shown()
        self._sweeps_tell_what_they_did_not_see()
        self._cursors_are_the_last_ones()
        self._unlinked_items_are_in_no_link()
        self._links_are_those_saved()
        self._unsettled_links_are_those_that_differ()
        self._digests_are_those_of_the_items()
        self._the_journal_is_complete()
        self._the_ledger_is_complete()
        self._the_history_has_every_change_once()

    def _items_are_those_shown(self) -> None:
        for side in Side:
            there = self._there(side)
            assert {item.ref: item for item in self.store.observed.items(PAIR, side)} == there
            assert self.store.observed.get_many(PAIR, side, [ref for _, ref in self.shown]) == there
            for number in range(1, 4):
                notes = [item for item in there.values() if item.parent == task(number).ref]
                assert self.store.observed.comment_count(PAIR, side, task(number).ref) == len(notes)
                assert sorted(self.store.observed.comments_of(PAIR, side, task(number).ref), key=_ref) == sorted(
                    notes, key=_ref
                )

    def _sweeps_tell_what_they_did_not_see(self) -> None:
        for side in Side:
            expected = {ref for ref in self._there(side) if self.sweeps[side, ref] != "s1"}
            assert {item.ref for item in self.store.observed.unseen(PAIR, side, "s1")} == expected

    def _cursors_are_the_last_ones(self) -> None:
        states = {side: self.store.pairs.side(PAIR, side) for side in Side}
        assert {side: state.cursor for side, state in states.items() if state} == self.cursors

    def _unlinked_items_are_in_no_link(self) -> None:
        for side in Side:
            linked = {one.ref(side) for one in self.links.values()}
            free = [item for ref, item in self._there(side).items() if ref.kind is Kind.TASK and ref not in linked]
            found = list(self.store.observed.unlinked(PAIR, side, Kind.TASK))
            assert sorted(found, key=_ref) == sorted(free, key=_ref)
            finished = [item.showing[Field.STATUS] == CLOSED for item in found]
            assert finished == sorted(finished)

    def _links_are_those_saved(self) -> None:
        streamed = {both.link.id: both for both in self.store.links.of_pair(PAIR)}
        assert {name: both.link for name, both in streamed.items()} == self.links
        for both in streamed.values():
            assert both.left == self._there(Side.LEFT).get(both.link.left)
            assert both.right == self._there(Side.RIGHT).get(both.link.right)

    def _unsettled_links_are_those_that_differ(self) -> None:
        expected = {one.id for one in self.links.values() if self._is_unsettled(one, self.now)}
        assert {both.link.id for both in self.store.links.unsettled(PAIR, Kind.TASK, self.now)} == expected

    def _is_unsettled(self, one: Link, now: datetime) -> bool:
        due = one.state is LinkState.ACTIVE and (one.retry_at is None or one.retry_at <= now)
        shown = {side: self._digest(side, one.ref(side)) for side in Side}
        return due and any(not shown[side] or shown[side] != one.settled.get(side) for side in Side)

    def _digests_are_those_of_the_items(self) -> None:
        expected = {
            (
                one.id,
                *(value for side in Side for value in (one.settled.get(side, ""), self._digest(side, one.ref(side)))),
            )
            for one in self.links.values()
        }
        assert set(self.store.links.digests(PAIR)) == expected

    def _the_journal_is_complete(self) -> None:
        journal = {one.id: one for one in self.store.journal.latest(PAIR, limit=1000)}
        assert journal == self.operations
        pending = [
            one for one in self.operations.values() if one.state in {OperationState.SENT, OperationState.AMBIGUOUS}
        ]
        assert self.store.journal.open(PAIR) == pending

    def _the_ledger_is_complete(self) -> None:
        assert self.store.conflicts.of_pair(open_only=False) == list(self.conflicts.values())

    def _the_history_has_every_change_once(self) -> None:
        for (side, ref), lines in self.changes.items():
            found = [(one.field, one.old, one.new) for one in self.store.history.changes(PAIR, side=side, ref=ref)]
            assert sorted(found, key=repr) == sorted(lines, key=repr)


def _hurry(connection: Any, _record: object) -> None:
    """No waiting for the disk: nothing crashes here (tests/faults is about that)."""
    connection.execute("PRAGMA synchronous = OFF")


def _ref(item: Observed) -> Ref:
    return item.ref


TestStore = pytest.mark.slow(StoreMachine.TestCase)
TestStore.settings = settings(
    max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
