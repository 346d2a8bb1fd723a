"""Every kind of fault, at every request of a small life: nothing twice, nothing lost, nothing blank."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

import pytest

from connectors.jira.connector import JiraConnector
from connectors.jira.plain import one_line
from syncer.contract.conformance.world import Remembered
from syncer.contract.connector import Intent
from syncer.contract.errors import Ambiguous, Denied, Retryable, Stale, TrackerError
from syncer.contract.model import Category, Draft, Field, Kind, Marker, Observed, Patch, Status
from syncer.sandbox.faults import FAULT_KINDS, Fault
from tests.unit.connectors.jira_world import Office

pytestmark = pytest.mark.slow  # its tests together take more than ten seconds

DONE = Status("Done", Category.DONE, "Done")
TRIES = 6
T = TypeVar("T")


class Life:
    """What an engine does with one project: it creates, comments, updates, reads, and settles after an error."""

    def __init__(self, place: Office, project: str) -> None:
        self.place = place
        self.project = project
        self.store = Remembered()
        self.errors: list[TrackerError] = []
        self.connector = self.open()

    def open(self) -> JiraConnector:
        return self.place.open(self.project, answer_seconds=0.15, longest_wait=0, read_tries=2)

    def live(self) -> None:
        tasks = self.create([self.task("a"), self.task("b")])
        (single,) = self.create([self.task("c")])
        self.create([Draft(Kind.MILESTONE, {Field.TITLE: "Spring"}, Marker(f"{self.project}-m"))])
        self.create([Draft(Kind.COMMENT, {Field.BODY: "Hello"}, Marker(f"{self.project}-k"), single)])
        self.update(tasks[0], {Field.TITLE: "Renamed", Field.LABELS: ("new",), Field.STATUS: DONE})
        self.repeated(lambda: self.store.follow(self.connector))
        self.place.later(60)
        self.repeated(lambda: self.store.follow(self.connector))

    def task(self, name: str) -> Draft:
        return Draft(Kind.TASK, {Field.TITLE: f"Task {name}", Field.LABELS: ("old",)}, Marker(f"{self.project}-{name}"))

    def create(self, drafts: list[Draft]) -> list[Observed]:
        at = self.place.box.clock.now() - timedelta(seconds=1)
        done: dict[Marker, Observed] = {}
        for _ in range(TRIES):
            todo = [draft for draft in drafts if draft.marker not in done]
            if not todo:
                break
            try:
                for draft, outcome in zip(todo, self.connector.create(todo), strict=True):
                    if isinstance(outcome, TrackerError):
                        raise outcome
                    done[draft.marker] = outcome
            except (Retryable, Denied) as error:
                self.recover(error)
            except TrackerError as error:
                self.recover(error)
                done |= self.repeated(lambda: dict(self.connector.find([Intent(draft, at) for draft in drafts])))
        return [done[draft.marker] for draft in drafts]

    def update(self, item: Observed, patch: Patch) -> None:
        for _ in range(TRIES):
            try:
                self.connector.update(item, patch)
            except TrackerError as error:
                self.recover(error)
                if isinstance(error, Stale | Ambiguous):
                    fresh = self.again(item)
                    assert isinstance(fresh, Observed)
                    item = fresh
            else:
                return
        raise AssertionError(f"the update never succeeded: {self.errors}")

    def again(self, item: Observed) -> Observed | TrackerError:
        """The item as it is now."""
        return self.repeated(lambda: self.connector.read([item]))[0]

    def repeated(self, read: Callable[[], T]) -> T:
        """What a reading gives, begun again by the next run where it fails."""
        for _ in range(TRIES):
            try:
                return read()
            except TrackerError as error:
                self.recover(error)
        raise AssertionError(f"the reading never succeeded: {self.errors}")

    def recover(self, error: TrackerError) -> None:
        """As the next run would: a new connector."""
        self.errors.append(error)
        self.connector = self.open()


@pytest.mark.parametrize("kind", sorted(FAULT_KINDS))
def test_a_fault_at_any_request_loses_and_doubles_nothing(place: Office, kind: str) -> None:
    number = 0
    while True:
        key = f"P{chr(65 + number // 26)}{chr(65 + number % 26)}"
        place.add_project(key)
        place.box.log.reset()
        place.box.faults.clear()
        place.box.faults.add(Fault(kind, index=number, seconds=0.3, retry_after="1"))  # type: ignore[arg-type]
        life = Life(place, key)
        life.live()
        if place.box.faults.pending():
            assert number > 10
            return
        check(place, life, f"{kind} at {number} ({place.paths()[number]})")
        number += 1


def check(place: Office, life: Life, where: str) -> None:
    """What a person then finds in the project, and what the engine believes."""
    issues = [issue for issue in place.jira.issues.values() if issue.project.key == life.project]
    titles = sorted(issue.content["summary"] for issue in issues)
    assert titles == ["Renamed", "Task b", "Task c"], where
    assert sum(len(issue.content["comment"]) for issue in issues) == 1, where
    assert len(place.jira.project(life.project).versions) == 1, where
    renamed = next(issue for issue in issues if issue.content["summary"] == "Renamed")
    assert renamed.content["status"].name == "Done", where
    assert set(renamed.content["labels"]) == {"new"}, where
    seen = {item.ref: item for item in life.store.items.values()}
    assert len(seen) == 5, where
    assert all(one_line(str(item.showing.get(Field.TITLE, "x"))) for item in seen.values()), where
    markers = {item.marker for item in seen.values() if item.kind is not Kind.MILESTONE}
    assert markers == {f"{life.project}-{name}" for name in ("a", "b", "c", "k")}, where
