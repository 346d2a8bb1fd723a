# ruff: noqa: S101 - these are tests
"""What a connector that can tell the past tells: who changed what, element by element or whole, the same each time."""

from __future__ import annotations

import pytest

from syncer.contract.conformance.world import Suite
from syncer.contract.connector import Connector
from syncer.contract.history import Historian, PastChange
from syncer.contract.model import Category, Field, Marker, Observed, Ref, Status


class TellingSuite(Suite):
    """Skipped for a connector without `history`."""

    def historian(self) -> tuple[Connector, Historian]:
        """A connector that can tell the past."""
        connector = self.open_connector()
        if not isinstance(connector, Historian):
            pytest.skip("this connector does not tell the past")
        return connector, connector

    def told(self, historian: Historian, items: list[Observed]) -> tuple[list[PastChange], set[Ref]]:
        """All changes that are told of some tasks, oldest first, and the tasks that are complete."""
        changes: list[PastChange] = []
        complete: set[Ref] = set()
        for step in historian.history(items):
            changes += step.changes
            complete |= step.complete
        return sorted(changes, key=lambda change: (change.at, change.event)), complete

    def test_a_person_who_changes_a_task_is_told(self) -> None:
        """Every change has its actor and its moment."""
        connector, historian = self.historian()
        task = self.person_creates("Before")
        self.time_passes(60)
        self.person_edits(task, {Field.TITLE: "After"})
        changes, complete = self.told(historian, [self.look_up(connector, task)])
        (renamed,) = [change for change in changes if change.aspect is Field.TITLE]
        assert (renamed.ref, renamed.old, renamed.new) == (task, "Before", "After")
        assert renamed.actor is not None
        assert renamed.at >= self.look_up(connector, task).created
        assert complete == {task}

    def test_labels_and_assignees_are_told_whole_or_by_element(self) -> None:
        """What was added is in the new value and not in the old one."""
        connector, historian = self.historian()
        task = self.person_creates("Task", labels=("kept",))
        self.time_passes(60)
        person = self.people()[0]
        self.person_edits(task, {Field.LABELS: ("kept", "urgent"), Field.ASSIGNEES: (person,)})
        changes, _ = self.told(historian, [self.look_up(connector, task)])
        for field, element in ((Field.LABELS, "urgent"), (Field.ASSIGNEES, person)):
            last = [change for change in changes if change.aspect is field][-1]
            assert element in (last.new or ()), last  # type: ignore[operator]
            assert element not in (last.old or ()), last  # type: ignore[operator]

    def test_closing_is_told_as_a_change_of_status(self) -> None:
        """With the meaning and the name of both statuses."""
        connector, historian = self.historian()
        task = self.person_creates("Finish me")
        self.time_passes(60)
        self.person_closes(task)
        changes, _ = self.told(historian, [self.look_up(connector, task)])
        last = [change for change in changes if change.aspect is Field.STATUS][-1]
        assert isinstance(last.old, Status)
        assert isinstance(last.new, Status)
        assert last.old.name == self.open_status().name
        assert (last.old.category is Category.DONE, last.new.category) == (False, Category.DONE)
        assert last.new.name == self.look_up(connector, task).showing[Field.STATUS].name  # type: ignore[union-attr]

    def test_the_past_is_the_same_whenever_it_is_told(self) -> None:
        """Another connector tells the same events by the same ids, however many tasks are asked for."""
        connector, historian = self.historian()
        tasks = [self.person_creates(f"Task {number}") for number in range(25)]
        for task in tasks[::5]:
            self.time_passes(60)
            self.person_edits(task, {Field.TITLE: "Changed"})
        items = [self.look_up(connector, task) for task in tasks[:1]]
        whole = {item.ref: item for page in connector.changes(None, _Nothing()) for item in page.observed}
        together, complete = self.told(historian, [whole[task] for task in tasks])
        assert complete == set(tasks)
        assert {change.ref for change in together} >= set(tasks[::5])
        _, again = self.historian()
        alone, _ = self.told(again, items)
        assert [change for change in together if change.ref == tasks[0]] == alone

    def test_a_task_that_is_gone_is_complete(self) -> None:
        """Nothing more can be told of it."""
        connector, historian = self.historian()
        task = self.person_creates("Gone")
        item = self.look_up(connector, task)
        self.person_deletes(task)
        changes, complete = self.told(historian, [item])
        assert (changes, complete) == ([], {task})

    def test_nothing_asked_costs_nothing(self) -> None:
        """No task is no request."""
        connector, historian = self.historian()
        before = connector.requests
        assert list(historian.history([])) == []
        assert connector.requests == before


class _Nothing:
    """A store that holds nothing."""

    def observed(self, _ref: Ref) -> Observed | None:
        return None

    def comments(self, _task: Ref) -> int:
        return 0

    def marker(self, _ref: Ref) -> Marker | None:
        return None

    def follows(self, _ref: Ref) -> bool:
        return False
