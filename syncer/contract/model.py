"""What two trackers have in common: items, the fields they show, and who may see them.

A connector returns an `Observed`: one item exactly as its tracker shows it now, in that tracker's own vocabulary
(a Jira status name, a GitHub login, a body in the tracker's markup). Translating between the vocabularies of the two
sides is the work of `syncer.core`, from the rules of the pair. Nothing here performs input or output.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import IntEnum, StrEnum
from typing import NewType

from syncer.contract.sprint import Sprint

Marker = NewType("Marker", str)
"""Our origin id, minted before a create and carried inside the creating request.

`[A-Za-z0-9._:-]+`, at most 200 characters.
"""

MISPLACED = "misplaced:"
"""How a marker begins that proves nothing: in an item that our account created somebody moved or doubled the marker.

The markers that stand in it follow, with colons between. Neither the item nor what they name is taken for new.
"""

Version = NewType("Version", str)
"""Changes whenever the item does; compared only for equality."""

Cursor = NewType("Cursor", str)
"""Where reading stopped, in a form only the connector that made it understands."""


class Side(StrEnum):
    """One end of a pair."""

    LEFT = "left"
    RIGHT = "right"

    @property
    def other(self) -> Side:
        """The opposite side."""
        return Side.RIGHT if self is Side.LEFT else Side.LEFT


class Kind(StrEnum):
    """What an item is."""

    TASK = "task"
    COMMENT = "comment"
    MILESTONE = "milestone"
    """A Jira version or a GitHub milestone."""


class Field(StrEnum):
    """A part of an item that is compared and carried on its own: the unit of merging.

    Those named here every pair knows. A pair may declare others, fields of people's own making: `Field.declared` makes
    a member of the enumeration for such a one, as `Flag` does for a combination of flags. Iteration yields the former.
    """

    TITLE = "title"
    BODY = "body"
    STATUS = "status"
    LABELS = "labels"
    COMPONENTS = "components"
    ASSIGNEES = "assignees"
    PRIORITY = "priority"
    TYPE = "type"
    MILESTONES = "milestones"
    START = "start"
    DUE = "due"
    PARENT = "parent"
    """The epic, the parent issue."""
    BLOCKED_BY = "blocked-by"
    """The tasks this one waits for."""
    RELATES = "relates"
    """Symmetric: both ends show it."""
    DUPLICATES = "duplicates"
    """The tasks this one duplicates."""
    CLONES = "clones"
    """The tasks this one was made from as a copy."""

    @classmethod
    def declared(cls, name: str) -> Field:
        """The field of people's own making that a pair calls `name`."""
        return cls(_DECLARED + name)

    @classmethod
    def links(cls, name: str) -> Field:
        """The links of a type that a pair calls `name`: a declared field, too, which leads to tasks."""
        return cls(_LINKS + name)

    @property
    def custom(self) -> bool:
        """Whether a pair declared the field."""
        return self.value.startswith(_DECLARED)

    @property
    def edges(self) -> bool:
        """Whether the field holds a set of edges: what leads from a task to others."""
        return self in EDGE_SETS or self.value.startswith(_LINKS)

    @property
    def leads(self) -> bool:
        """Whether the field leads to other tasks: to the one above, or to a set of them."""
        return self is Field.PARENT or self.edges

    def __str__(self) -> str:
        """What people call the field."""
        return self.value.removeprefix(_LINKS).removeprefix(_DECLARED)

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    @classmethod
    def _missing_(cls, value: object) -> Field | None:
        if not isinstance(value, str) or not value.startswith(_DECLARED) or value in {_DECLARED, _LINKS}:
            return None
        member = str.__new__(cls, value)
        member._name_ = member._value_ = value
        return cls._value2member_map_.setdefault(value, member)  # type: ignore[return-value]  # a Field, as all in it


_DECLARED = "custom:"
"""How the values of declared fields begin, so that no name in a file is taken for a field that every pair knows."""
_LINKS = _DECLARED + "link:"


COLUMN = Field.declared("status")
"""Where a task stands on a board, beside being open or closed: a declared field that is a part of its status.

No pair can give a field of its own this name: it is that of `Field.STATUS`.
"""

EDGE_SETS = (Field.BLOCKED_BY, Field.RELATES, Field.DUPLICATES, Field.CLONES)
EDGES = (Field.PARENT, *EDGE_SETS)
"""The fields of a task that lead to other tasks, beside declared ones.

An end need not be in the scope: then nobody else knows its id.
"""


class Category(StrEnum):
    """The coarse meaning of a status, the same in every tracker."""

    TODO = "todo"
    DOING = "doing"
    DONE = "done"


class Audience(IntEnum):
    """Who can read something; a larger value is a wider audience. What cannot be determined is `RESTRICTED`."""

    RESTRICTED = 0
    """Fewer people than the members of the scope: a security level, an internal comment, or unknown."""
    MEMBERS = 1
    """Those who were let into the project or repository."""
    ORGANIZATION = 2
    """Everybody of the organisation or site."""
    PUBLIC = 3
    """Anybody."""


@dataclass(frozen=True, slots=True, order=True)
class Ref:
    """A tracker's own id of an item: survives renames and moves.

    Jira: the numeric id; GitHub: the numeric `id`, never the number.
    """

    kind: Kind
    id: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"

    @classmethod
    def parse(cls, text: str) -> Ref:
        """The reference that `str(ref)` printed. Raises ValueError."""
        kind, _, native = text.partition(":")
        return cls(Kind(kind), native)


@dataclass(frozen=True, slots=True)
class Account:
    """A person as one tracker knows them.

    `id` is what the tracker's API takes: accountId (Jira Cloud), name (Data Center), login (GitHub).
    """

    id: str
    name: str = ""
    url: str = ""
    """Profile page, so that a mention written as a link can be lifted back on reading."""
    bot: bool = False
    native: str = field(default="", compare=False)
    """The id that is never changed and never given again: GitHub's numeric `id`, the user key of Data Center.

    Empty where `id` is such a one itself (Jira Cloud's accountId), or where the answer did not tell.
    """


@dataclass(frozen=True, slots=True)
class Status:
    """A status as its tracker names it, with the reason it was reached: Jira's resolution, GitHub's `state_reason`.

    In a draft or patch `category` is only a hint (it may be the other side's), and a `reason` of None leaves the reason
    to the tracker.
    """

    name: str
    category: Category
    reason: str | None = None


Value = str | Status | tuple[str, ...] | date | float | None
"""What a field may hold.

| field                                 | value                                                                       |
|---------------------------------------|-----------------------------------------------------------------------------|
| TITLE                                 | str                                                                         |
| BODY                                  | str: source in the tracker's markup ("" when empty; ADF as compact JSON)    |
| STATUS                                | Status                                                                      |
| LABELS, COMPONENTS                    | tuple[str, ...], sorted                                                     |
| ASSIGNEES                             | tuple[str, ...] of account ids, in the tracker's order                      |
| MILESTONES                            | tuple[str, ...] of native milestone ids, in the tracker's order             |
| PRIORITY, TYPE                        | str or None                                                                 |
| START, DUE                            | date or None                                                                |
| PARENT                                | str: native id of the parent task, or None                                  |
| BLOCKED_BY, RELATES, DUPLICATES,      | tuple[str, ...] of native ids of tasks, sorted                              |
| CLONES                                |                                                                             |
| a declared one                        | as its `syncer.contract.custom.CustomType` says                             |
"""

Showing = Mapping[Field, Value]
"""The fields an item shows. A field the tracker cannot hold for this item is absent, never None."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is read for the evaluation and never written. Ids are native ids of the same tracker."""

    open_blockers: int = 0
    """How many unfinished tasks this one waits for, where the tracker only gives a number."""
    flagged: bool = False
    """An impediment was raised (Jira's flag, a `blocked` label is judged later)."""
    closed: datetime | None = None
    points: float | None = None
    estimate_hours: float | None = None
    """What it was thought to take at first."""
    spent_hours: float | None = None
    """What was booked on it."""
    iteration: str | None = None
    """Name of the sprint that the task is in."""
    sprints: tuple[Sprint, ...] = ()
    """What is told with the task of the sprints that it is in or was in, by `iteration` or a declared field."""
    attachments: int = 0
    files: tuple[tuple[str, str], ...] = ()
    """Name and address of each attachment, the latest last."""
    references: tuple[str, ...] = ()
    """What the fields hold that are meant for a key or an address of the same task in another tracker."""
    uncarried: tuple[Field, ...] = ()
    """Declared fields that hold something which cannot be carried, a number beyond all sense: not shown, not empty."""
    rank: str = ""
    """Where it stands in the plan: texts of one scope sort in its order; empty where the tracker does not tell."""
    other_links: tuple[str, ...] = ()
    """Names of the types of its links to tasks that no field shows."""
    level: int | None = None
    """Of a task by its type: 0 is the usual one, above 0 is what tasks belong to (an epic), below 0 a part of a task.

    None where the tracker does not tell; then the name of the type says it.
    """


@dataclass(frozen=True, slots=True)
class Observed:
    """One item as its tracker showed it at one moment."""

    ref: Ref
    key: str
    """What people call it: `PAY-7`, `acme/pay#12`; for a comment or milestone whatever addresses it in the API."""
    url: str
    version: Version
    created: datetime
    updated: datetime
    """Aware, UTC, by the tracker's clock."""
    showing: Showing
    audience: Audience
    """Of this very item: `RESTRICTED` for a security level or a limited comment, else the audience of its scope."""
    author: Account | None = None
    marker: Marker | None = None
    parent: Ref | None = None
    """Of a comment: the task it belongs to."""
    facts: Facts = field(default_factory=Facts)
    audience_untold: bool = False
    """The answer does not tell whether fewer people than its scope's see it: RESTRICTED until that was asked.

    See `AudienceTeller`.
    """
    hidden: str = ""
    """Of a comment that its tracker folds away as spam, off-topic or the like: a note that says so, in the tracker's
    markup. It is read in place of the text, which stays in `showing`."""
    people: tuple[Account, ...] = field(default=(), compare=False)
    """The accounts that `showing` names, where they can be renamed: with their `native` ids."""

    @property
    def kind(self) -> Kind:
        """What the item is."""
        return self.ref.kind


@dataclass(frozen=True, slots=True)
class Draft:
    """An item to be created, in the vocabulary of the tracker that will hold it."""

    kind: Kind
    fields: Showing
    marker: Marker
    parent: Observed | None = None
    """Of a comment: the task it is added to. Of a task: the one above it (see `Capabilities.creates_below`)."""
    answers: Observed | None = None
    """Of a comment: one that has fewer readers than the task. Those who cannot read that one cannot read this one."""


Patch = Mapping[Field, Value]
"""The fields to change, each with its complete new value in the tracker's own vocabulary."""
