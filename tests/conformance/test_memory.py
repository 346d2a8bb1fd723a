"""The tracker in memory obeys the protocol."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.github.markdown import GitHubMarkdown
from connectors.memory import DONE, EVERYTHING, TODO, MemoryConnector, MemoryTracker
from syncer.contract.conformance import ConnectorSuite
from syncer.contract.connector import Connector
from syncer.contract.custom import CustomField, CustomType
from syncer.contract.model import Field, Kind, Ref, Showing, Status, Value
from syncer.richtext.markup import Markup
from tests.conformance.steering import SteeringSuite

OPTIONS = {
    CustomType.CHOICE: ("High", "Low"),
    CustomType.CHOICES: ("API", "Docs", "Web"),
    CustomType.SPRINT: ("Sprint 1", "Sprint 2"),
}

FILLED = [type_ for type_ in CustomType if type_ not in {CustomType.TASKS, CustomType.PEERS}]
"""What people fill; links have types of their own in no memory."""


class TestMemory(ConnectorSuite, SteeringSuite):
    """Every test of the suite, against a tracker in memory."""

    capabilities = EVERYTHING
    markup: Markup | None = None

    @pytest.fixture(autouse=True)
    def _world(self) -> None:
        self.time = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
        self.tracker = MemoryTracker(lambda: self.time, capabilities=self.capabilities)
        for person in ("mia", "liwei"):
            self.tracker.person(person)
        for type_ in FILLED:
            self.tracker.custom[f"The {type_}"] = CustomField(type_, f"The {type_}", options=OPTIONS.get(type_, ()))

    def custom_locators(self) -> Mapping[CustomType, Any]:
        return {type_: f"The {type_}" for type_ in FILLED}

    def custom_nowhere(self) -> Any:
        return "Nothing"

    def person_fills(self, task: Ref, type_: CustomType, value: Value) -> None:
        self.tracker.edit(task, {Field.declared(f"The {type_}"): value})

    def open_connector(self) -> Connector:
        return MemoryConnector(self.tracker, markup=self.markup)

    def people(self) -> Sequence[str]:
        return ("mia", "liwei")

    def account_is_renamed(self, account_id: str, new: str) -> None:
        self.tracker.rename_person(account_id, new)

    def open_status(self) -> Status:
        return TODO

    def closed_status(self) -> Status:
        return DONE

    def person_creates(self, title: str, body: str = "", *, labels: Sequence[str] = ()) -> Ref:
        return self.tracker.create(title, body, by="mia", fields={Field.LABELS: tuple(labels)})

    def person_copies(self, task: Ref) -> Ref:
        ours = self.tracker.show(task)
        return self.tracker.create("Copy", str(ours.showing[Field.BODY]), by="mia", marker=ours.marker)

    def person_edits(self, task: Ref, fields: Showing) -> None:
        self.tracker.edit(task, fields)

    def person_closes(self, task: Ref) -> None:
        self.tracker.close(task)

    def person_deletes(self, item: Ref) -> None:
        self.tracker.delete(item)

    def person_comments(self, task: Ref, body: str) -> Ref:
        return self.tracker.comment(task, body, by="liwei")

    def person_edits_comment(self, comment: Ref, body: str) -> None:
        self.tracker.edit(comment, {Field.BODY: body})

    def person_creates_milestone(self, title: str) -> Ref:
        return self.tracker.milestone(title, by="mia")

    def person_ties(self, field: Field, task: Ref, end: Ref) -> None:
        ends = self.tracker.show(task).showing[field]
        self.tracker.edit(task, {field: (*ends, end.id) if isinstance(ends, tuple) else end.id})

    def person_unties(self, field: Field, task: Ref, end: Ref) -> None:
        ends = self.tracker.show(task).showing[field]
        rest = tuple(each for each in ends if each != end.id) if isinstance(ends, tuple) else None
        self.tracker.edit(task, {field: rest})

    def garbles(self, item: Ref) -> None:
        self.tracker.garble(item)

    def mends(self, item: Ref) -> None:
        self.tracker.mend(item)

    def count(self, kind: Kind) -> int:
        return len(self.tracker.items(kind))

    def lose_next_answer(self, *, committed: bool) -> None:
        self.tracker.lose_next_answer(committed=committed)

    def time_passes(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)

    def now(self) -> datetime:
        return self.time


class TestMemoryThatCanDoLess(TestMemory):
    """The same for a tracker with one assignee, one milestone, folded labels, short titles and large batches."""

    capabilities = replace(
        EVERYTHING,
        create_batch={Kind.TASK: 12},
        labels_fold_case=True,
        label_spaces=False,
        max_assignees=1,
        max_milestones=1,
        title_limit=60,
    )


class TestMemoryInMarkdown(TestMemory):
    """The same for a tracker whose bodies are GitHub's Markdown."""

    markup = GitHubMarkdown("https://memory.example", "acme/pay")
