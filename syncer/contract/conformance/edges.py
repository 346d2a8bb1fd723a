"""Edges: parents, blockers, relations and duplicates, whose other ends are tasks too."""
# ruff: noqa: S101  (a suite is made of assertions)

from __future__ import annotations

from dataclasses import replace

import pytest

from syncer.contract.capabilities import Fidelity
from syncer.contract.conformance.world import Remembered, Suite
from syncer.contract.connector import Connector
from syncer.contract.errors import Ambiguous, Rejected, Retryable, Stale
from syncer.contract.model import EDGES, Field, Kind, Ref, Value


class EdgesSuite(Suite):
    """What leads from one task to others is shown by native ids, and costs nothing while nothing changes."""

    def test_task_without_edges_shows_none(self) -> None:
        """A lonely task says that it is one."""
        connector = self.open_connector()
        item = self.look_up(connector, self.person_creates("Lonely"))
        for field in self._edges(connector):
            assert item.showing[field] == _holding(field), field

    def test_edge_is_shown_until_it_is_taken_away(self) -> None:
        """A complete listing and a single reading show what a person tied and untied."""
        connector = self.open_connector()
        for field in self._edges(connector):
            task, end = self.person_creates(f"{field} task"), self._end(field)
            lonely = self.look_up(connector, task)
            self.person_ties(field, task, end)
            for item in (self.read_one(connector, lonely), self.look_up(self.open_connector(), task)):
                assert item.showing[field] == _holding(field, end), field
            tied = self.read_one(connector, lonely)
            self.person_unties(field, task, end)
            for item in (self.read_one(connector, tied), self.look_up(self.open_connector(), task)):
                assert item.showing[field] == _holding(field), field

    def test_edge_changes_the_version(self) -> None:
        """An edge is a change like any other."""
        connector = self.open_connector()
        for field in self._edges(connector):
            item = self.look_up(connector, self.person_creates(f"{field} task"))
            self.person_ties(field, item.ref, self._end(field))
            assert self.read_one(connector, item).version != item.version, field

    def test_symmetric_edge_is_shown_at_both_ends(self) -> None:
        """If this relates to that, that relates to this."""
        connector = self.open_connector()
        if not self.has(connector, Field.RELATES):
            return
        one, other = self.person_creates("One"), self.person_creates("Other")
        self.person_ties(Field.RELATES, one, other)
        assert self.look_up(connector, one).showing[Field.RELATES] == (other.id,)
        assert self.look_up(connector, other).showing[Field.RELATES] == (one.id,)

    def test_several_edges_are_sorted(self) -> None:
        """The order in which a tracker lists edges is of no meaning."""
        connector = self.open_connector()
        if not self.has(connector, Field.BLOCKED_BY):
            pytest.skip("tasks do not wait for each other here")
        task = self.person_creates("Waiting")
        ends = [self.person_creates(f"Blocker {number}") for number in range(3)]
        for end in reversed(ends):
            self.person_ties(Field.BLOCKED_BY, task, end)
        assert self.look_up(connector, task).showing[Field.BLOCKED_BY] == _holding(Field.BLOCKED_BY, *ends)

    def test_edges_cost_nothing_while_nothing_changes(self) -> None:
        """A reading after which everything is as it was asks once, whatever leads where."""
        connector, store = self.open_connector(), Remembered()
        for field in self._edges(connector):
            self.person_ties(field, self.person_creates(f"{field} task"), self._end(field))
        store.follow(connector)
        before, shown = connector.requests, dict(store.items)
        store.follow(connector)
        assert connector.requests - before == 1
        assert {ref: item.version for ref, item in store.items.items()} == {
            ref: item.version for ref, item in shown.items()
        }

    # Writing

    def test_update_ties_and_unties(self) -> None:
        """An edge that is written is shown by the answer and from then on, one that is taken away no more."""
        connector = self.open_connector()
        for field in self._tied_by(connector):
            ends = [self._end(field), self._end(field)]
            item = self.look_up(connector, self.person_creates(f"{field} task"))
            for end in ends:
                answered = connector.update(item, {field: _holding(field, end)})
                item = self.read_one(self.open_connector(), item)
                assert answered.showing[field] == item.showing[field] == _holding(field, end), field
            answered = connector.update(item, {field: _holding(field)})
            assert answered.showing[field] == _holding(field), field
            assert self.read_one(connector, item).showing[field] == _holding(field), field
            assert self.look_up(connector, item.ref).showing[field] == _holding(field), field

    def test_update_of_edges_and_fields_at_once(self) -> None:
        """A patch may hold edges and other fields."""
        connector = self.open_connector()
        edges = {field: _holding(field, self._end(field)) for field in self._tied_by(connector)}
        item = self.look_up(connector, self.person_creates("Before"))
        connector.update(item, {Field.TITLE: "After", **edges})
        now = self.read_one(connector, item)
        assert {field: now.showing[field] for field in (Field.TITLE, *edges)} == {Field.TITLE: "After", **edges}

    def test_update_keeps_a_strangers_edge(self) -> None:
        """Sets of edges are written one by one."""
        connector = self.open_connector()
        for field in self._tied_by(connector):
            if field is Field.PARENT:
                continue
            task = self.person_creates(f"{field} task")
            kept, removed, theirs, added = (self.person_creates(f"{field} end") for _ in range(4))
            for end in (kept, removed):
                self.person_ties(field, task, end)
            item = self.look_up(connector, task)
            self.person_ties(field, task, theirs)
            connector.update(item, {field: _holding(field, kept, added)})
            assert self.read_one(connector, item).showing[field] == _holding(field, kept, added, theirs), field

    def test_update_of_a_parent_changed_meanwhile_is_stale(self) -> None:
        """A person put the task below another one: that stays."""
        connector = self.open_connector()
        if Field.PARENT not in self._tied_by(connector):
            return
        ours, theirs = self._end(Field.PARENT), self._end(Field.PARENT)
        item = self.look_up(connector, self.person_creates("Child"))
        self.person_ties(Field.PARENT, item.ref, theirs)
        with pytest.raises(Stale):
            connector.update(item, {Field.PARENT: ours.id})
        assert self.read_one(connector, item).showing[Field.PARENT] == theirs.id

    def test_update_to_edges_that_are_there_succeeds(self) -> None:
        """A person tied the same: there is no quarrel."""
        connector = self.open_connector()
        for field in self._tied_by(connector):
            item, end = self.look_up(connector, self.person_creates(f"{field} task")), self._end(field)
            self.look_up(connector, end)
            self.person_ties(field, item.ref, end)
            assert connector.update(item, {field: _holding(field, end)}).showing[field] == _holding(field, end), field
            self.person_unties(field, item.ref, end)
            tied = replace(item, showing={**item.showing, field: _holding(field, end)})
            assert connector.update(tied, {field: _holding(field)}).showing[field] == _holding(field), field

    def test_edge_to_nothing_is_refused(self) -> None:
        """`Rejected` names the field."""
        connector = self.open_connector()
        for field in self._tied_by(connector):
            end = self.person_creates("Gone soon")
            item = self.look_up(connector, self.person_creates(f"{field} task"))
            self.person_deletes(end)
            with pytest.raises(Rejected, match=f"(?i){field}"):
                connector.update(item, {field: _holding(field, end)})

    def test_edge_with_a_lost_answer_can_be_written_again(self) -> None:
        """After a lost answer the same update settles it, whether or not the first took effect."""
        for committed in (True, False):
            connector = self.open_connector()
            for field in self._tied_by(connector):
                end = self._end(field)
                item = self.look_up(connector, self.person_creates(f"{field} task"))
                for value in (_holding(field, end), _holding(field)):
                    self.lose_next_answer(committed=committed)
                    try:
                        item = connector.update(item, {field: value})
                    except (Ambiguous, Retryable):
                        item = connector.update(item, {field: value})
                    assert self.read_one(connector, item).showing[field] == value, field

    def _edges(self, connector: Connector) -> list[Field]:
        return [field for field in EDGES if self.has(connector, field)]

    def _tied_by(self, connector: Connector) -> list[Field]:
        able = connector.capabilities.fields[Kind.TASK]
        return [field for field in EDGES if able.get(field) is Fidelity.EXACT]

    def _end(self, field: Field) -> Ref:
        return self.person_creates_parent("Above") if field is Field.PARENT else self.person_creates("Other end")


def _holding(field: Field, *ends: Ref) -> Value:
    """The value of a field that leads to these tasks."""
    natives = sorted(end.id for end in ends)
    return tuple(natives) if field is not Field.PARENT else natives[0] if natives else None
