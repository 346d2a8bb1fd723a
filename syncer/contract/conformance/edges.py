"""Edges: parents, blockers, relations and duplicates, whose other ends are tasks too."""
# ruff: noqa: S101  (a suite is made of assertions)

from __future__ import annotations

from syncer.contract.conformance.world import Remembered, Suite
from syncer.contract.connector import Connector
from syncer.contract.model import EDGES, Field, Ref, Value


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

    def _edges(self, connector: Connector) -> list[Field]:
        return [field for field in EDGES if self.has(connector, field)]

    def _end(self, field: Field) -> Ref:
        return self.person_creates_parent("Above") if field is Field.PARENT else self.person_creates("Other end")


def _holding(field: Field, *ends: Ref) -> Value:
    """The value of a field that leads to these tasks."""
    natives = sorted(end.id for end in ends)
    return tuple(natives) if field is not Field.PARENT else natives[0] if natives else None
