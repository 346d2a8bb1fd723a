"""What a board (Projects v2) holds, as plain mutable records: its fields, and its items in their order."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal

from syncer.sandbox.github.model import Account, Issue, Role

BoardFieldType = Literal[
    "title",
    "assignees",
    "labels",
    "linked_pull_requests",
    "milestone",
    "repository",
    "reviewers",
    "issue_type",
    "parent_issue",
    "sub_issues_progress",
    "text",
    "number",
    "date",
    "single_select",
    "iteration",
]
Workflow = Literal["added", "closed", "reopened"]
"""What happens to an item: docs.github.com, "Using the built-in automations"."""
VALUED: tuple[BoardFieldType, ...] = ("text", "number", "date", "single_select", "iteration")
"""The fields that have a value of their own on the board; the others show what the issue has."""


@dataclass(slots=True, eq=False)
class BoardOption:
    """An option of a single select."""

    id: str
    name: str
    color: str = "GRAY"
    description: str = ""


@dataclass(slots=True, eq=False)
class Iteration:
    """An iteration; `duration` in days. It is completed once its last day is over."""

    id: str
    title: str
    start: date
    duration: int

    def completed(self, today: date) -> bool:
        """True when the iteration is over."""
        return self.start + timedelta(days=self.duration) <= today


BoardValue = str | float | date | BoardOption | Iteration


@dataclass(slots=True, eq=False)
class BoardField:
    """A field of a board; `options` of a single select, `iterations` of an iteration field."""

    id: int
    name: str
    data_type: BoardFieldType
    created_at: datetime
    updated_at: datetime
    options: list[BoardOption] = field(default_factory=list)
    iterations: list[Iteration] = field(default_factory=list)
    duration: int = 14

    def sent(self, value: object) -> object:
        """Return what a request sends for a value that is named as people name it: the id of an option or iteration."""
        named = {**{each.name: each.id for each in self.options}, **{each.title: each.id for each in self.iterations}}
        return named[str(value)] if named and value is not None else value


@dataclass(slots=True, eq=False)
class BoardItem:
    """An issue or pull request on a board, with its values by the id of their field."""

    id: int
    content: Issue
    creator: Account
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None = None
    values: dict[int, BoardValue] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Board:
    """A board of an organisation or a user. `roles` lets accounts in, by login in lower case."""

    id: int
    number: int
    owner: Account
    title: str
    creator: Account
    created_at: datetime
    updated_at: datetime
    public: bool = False
    closed_at: datetime | None = None
    deleted: bool = False
    fields: list[BoardField] = field(default_factory=list)
    items: list[BoardItem] = field(default_factory=list)
    roles: dict[str, Role] = field(default_factory=dict)
    workflows: dict[Workflow, str] = field(default_factory=lambda: {"closed": "Done"})
    """The option of Status that an item is given where something happens to it; of these a new board has one."""

    def field_named(self, name: str) -> BoardField:
        """Return the field of that name; raises KeyError."""
        for each in self.fields:
            if each.name == name:
                return each
        raise KeyError(name)

    def item_of(self, issue: Issue) -> BoardItem | None:
        """Return the item that an issue is on the board, None when it is not."""
        return next((item for item in self.items if item.content is issue), None)
