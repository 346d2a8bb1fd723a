"""What a connector's author supplies to the suite, and what the parts of the suite share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from syncer.contract.connector import AudienceTeller, Connector, Page
from syncer.contract.custom import CustomType
from syncer.contract.errors import TrackerError
from syncer.contract.model import (
    Audience,
    Category,
    Cursor,
    Draft,
    Field,
    Kind,
    Marker,
    Observed,
    Ref,
    Showing,
    Status,
    Value,
)
from syncer.richtext import Document, Paragraph, Run


class World:
    """A tracker with one empty scope, the people in it, and a connector to it. Each test gets a new one.

    People act without the connector. What they write as a body is source in the tracker's own markup.

    A method that raises NotImplementedError is to be supplied. It is no abstract one: what a tracker does not have
    (edges, milestones of tasks, renamed accounts) is never asked for, and need not be written.
    """

    def open_connector(self) -> Connector:
        """A new connector to the scope, which reads again before every update. A test may open several."""
        raise NotImplementedError

    def people(self) -> Sequence[str]:
        """Ids of at least two accounts that can be assigned, the connector's own excepted."""
        raise NotImplementedError

    def account_is_renamed(self, account_id: str, new: str) -> None:
        """An account gets another `Account.id`; only asked for where the connector says that this can happen."""
        raise NotImplementedError

    def open_status(self) -> Status:
        """The status of a new task."""
        raise NotImplementedError

    def closed_status(self) -> Status:
        """A status with category DONE that the connector can set, with the reason it then shows."""
        raise NotImplementedError

    def person_creates(self, title: str, body: str = "", *, labels: Sequence[str] = ()) -> Ref:
        """A person creates a task."""
        raise NotImplementedError

    def person_edits(self, task: Ref, fields: Showing) -> None:
        """A person changes TITLE, BODY, LABELS or ASSIGNEES of a task."""
        raise NotImplementedError

    def person_closes(self, task: Ref) -> None:
        """A person finishes a task."""
        raise NotImplementedError

    def person_deletes(self, item: Ref) -> None:
        """A person deletes a task or a comment."""
        raise NotImplementedError

    def person_comments(self, task: Ref, body: str) -> Ref:
        """A person comments on a task."""
        raise NotImplementedError

    def person_edits_comment(self, comment: Ref, body: str) -> None:
        """A person changes a comment."""
        raise NotImplementedError

    def person_creates_milestone(self, title: str) -> Ref:
        """A person creates a milestone."""
        raise NotImplementedError

    def person_copies(self, task: Ref) -> Ref | None:
        """A person makes a task with all of ours that can be copied, the marker included; None: nobody can."""
        return None

    def person_creates_parent(self, title: str) -> Ref:
        """A person creates a task that can be the parent of an ordinary one."""
        return self.person_creates(title)

    def person_ties(self, field: Field, task: Ref, end: Ref) -> None:
        """A person gives a task a parent or blocker, relates it to another, or marks it as a duplicate of that."""
        raise NotImplementedError

    def person_unties(self, field: Field, task: Ref, end: Ref) -> None:
        """A person takes that away again."""
        raise NotImplementedError

    def garbles(self, item: Ref) -> None:
        """From now on the tracker shows an item so that it cannot be read."""
        raise NotImplementedError

    def mends(self, item: Ref) -> None:
        """From now on it shows that item as it is again."""
        raise NotImplementedError

    def count(self, kind: Kind) -> int:
        """How many items of a kind there really are, asked of the tracker and not of the connector."""
        raise NotImplementedError

    def lose_next_answer(self, *, committed: bool) -> None:
        """Makes the answer of the next write be lost: after it took effect when `committed`, before it otherwise."""
        raise NotImplementedError

    def time_passes(self, seconds: float) -> None:
        """Moves the tracker's clock."""
        raise NotImplementedError

    def now(self) -> datetime:
        """The time by the tracker's clock."""
        raise NotImplementedError

    def value_for(self, field: Field) -> Value:
        """A value that a task of this tracker can be given, other than what a new one has.

        Never asked for what leads to other items: milestones and edges.
        """
        values: dict[Field, Value] = {
            Field.TITLE: "Another title",
            Field.BODY: "Another body",
            Field.STATUS: self.closed_status(),
            Field.LABELS: ("urgent",),
            Field.COMPONENTS: ("checkout",),
            Field.ASSIGNEES: (self.people()[0],),
            Field.PRIORITY: "High",
            Field.TYPE: "Bug",
            Field.START: date(2026, 4, 1),
            Field.DUE: date(2026, 5, 31),
        }
        return values[field]

    def custom_locators(self) -> Mapping[CustomType, Any]:
        """The locator of a field of people's own making for each type that the tracker has; none where it has none."""
        return {}

    def custom_nowhere(self) -> Any:
        """A locator by which no such field is found."""
        raise NotImplementedError

    def custom_value(self, type_: CustomType) -> Value:
        """A value that the field of a type can be given. Its sprint, and its options, exist."""
        values: dict[CustomType, Value] = {
            CustomType.TEXT: "Ada – 退款",
            CustomType.URL: "https://acme.example/a?b=c",
            CustomType.NUMBER: 2.5,
            CustomType.DATE: date(2026, 6, 30),
            CustomType.CHOICE: "High",
            CustomType.CHOICES: ("API", "Web"),
            CustomType.PERSON: (self.people()[0],),
            CustomType.SPRINT: "Sprint 1",
        }
        return values[type_]

    def person_fills(self, task: Ref, type_: CustomType, value: Value) -> None:
        """A person gives the field of a type a value, in a task."""
        raise NotImplementedError


class Remembered:
    """A store in a dictionary: what the pages said so far."""

    def __init__(self) -> None:
        self.items: dict[Ref, Observed] = {}
        self.linked: dict[Ref, Marker] = {}
        self.cursor: Cursor | None = None

    def observed(self, ref: Ref) -> Observed | None:
        """The item as last stored."""
        return self.items.get(ref)

    def comments(self, task: Ref) -> int:
        """How many comments of a task are stored."""
        return len(self.comments_of(task))

    def marker(self, ref: Ref) -> Marker | None:
        """The marker of an item that a test calls linked."""
        return self.linked.get(ref)

    def follows(self, ref: Ref) -> bool:
        """Whether a test calls a task linked."""
        return ref in self.linked

    def comments_of(self, task: Ref) -> set[Ref]:
        """The stored comments of a task."""
        return {item.ref for item in self.items.values() if item.parent == task}

    def follow(self, connector: Connector) -> list[Page]:
        """Reads what changed since the last time, stores it, and returns it."""
        pages = []
        for page in connector.changes(self.cursor, self):
            self.store(page)
            pages.append(page)
        return pages

    def store(self, page: Page) -> None:
        """Stores one page with its cursor; comments missing from a complete task are dropped."""
        shown = {item.ref: item for item in page.observed}
        for task in page.complete:
            for comment in self.comments_of(task) - shown.keys():
                del self.items[comment]
        self.items.update(shown)
        self.cursor = page.cursor


class Suite(World):
    """What the parts of the suite share."""

    def source(self, connector: Connector, text: str) -> str:
        """One paragraph in the tracker's markup."""
        return connector.markup.write(paragraph(text)).source

    def has(self, connector: Connector, field: Field, kind: Kind = Kind.TASK) -> bool:
        """The scope can hold a field."""
        return field in connector.capabilities.fields.get(kind, {})

    def create_one(self, connector: Connector, draft: Draft) -> Observed:
        """The item created from a draft, which must be accepted."""
        return only(connector.create([draft]))

    def read_one(self, connector: Connector, item: Observed) -> Observed:
        """The item as it is now, which must exist."""
        return only(connector.read([item]))

    def readers_of(self, connector: Connector, task: Observed) -> Audience:
        """Who can read a task: as it shows, or as the tracker tells where it is asked."""
        if not task.audience_untold:
            return task.audience
        assert task.audience is Audience.RESTRICTED  # noqa: S101 - a test's
        assert isinstance(connector, AudienceTeller)  # noqa: S101
        (told,) = connector.audiences([task])
        assert isinstance(told, Audience)  # noqa: S101
        return told

    def look_up(self, connector: Connector, ref: Ref) -> Observed:
        """An item as the complete listing shows it."""
        store = Remembered()
        store.follow(connector)
        return store.items[ref]


def task_draft(
    connector: Connector, title: str, marker: str = "syncer-1", text: str = "A body", **more: Value
) -> Draft:
    """A draft of a task; `more` names further fields in lower case."""
    body = connector.markup.write(paragraph(text)).source
    fields: dict[Field, Value] = {Field.TITLE: title, Field.BODY: body}
    fields.update({Field(name): value for name, value in more.items()})
    return Draft(Kind.TASK, fields, Marker(marker))


def comment_draft(connector: Connector, task: Observed, text: str, marker: str = "syncer-c1") -> Draft:
    """A draft of a comment."""
    return Draft(Kind.COMMENT, {Field.BODY: connector.markup.write(paragraph(text)).source}, Marker(marker), task)


def milestone_draft(title: str, marker: str = "syncer-m1") -> Draft:
    """A draft of a milestone, without a body."""
    open_milestone = Status("open", Category.TODO)
    return Draft(Kind.MILESTONE, {Field.TITLE: title, Field.STATUS: open_milestone}, Marker(marker))


def paragraph(text: str) -> Document:
    """A document of one paragraph."""
    return Document((Paragraph((Run(text),)),))


def only(results: Iterable[Observed | TrackerError]) -> Observed:
    """The one result, which must not be an error."""
    (result,) = results
    if isinstance(result, TrackerError):
        raise result
    return result


def items_of(pages: Iterable[Page]) -> list[Observed]:
    """Everything that the pages show."""
    return [item for page in pages for item in page.observed]
