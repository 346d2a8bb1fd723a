"""What a tracker tells of the past of its items: who changed what, and when.

An optional part of a connector, beside `syncer.contract.connector`: one that has a method `history` is asked for the
past of an item once, when somebody else than the sync made it, and again when a reading showed a change without saying
whose it was. What is told is recorded and evaluated. Nothing that is written is taken from it; where an answer was
lost or told too little, it says whether a difference is a person's edit.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal, Protocol, runtime_checkable

from syncer.contract.model import Account, Cursor, Field, Observed, Ref, Value


class Trait(StrEnum):
    """What is watched over time although it is no field that is carried."""

    FLAGGED = "flagged"
    """`flagged` while an impediment is raised by the tracker's own flag, else None."""
    SPRINT = "sprint"
    """Name of the sprint or iteration, else None."""


Aspect = Field | Trait
"""Whatever has a history."""

RAISED = "flagged"
"""The value of a flag that is up."""


def aspect(name: str) -> Aspect:
    """The field or trait of a name. Raises ValueError."""
    try:
        return Field(name)
    except ValueError:
        return Trait(name)


def aspect_called(name: str) -> Aspect:
    """The field or trait that people, or the state, call `name`; what is neither is a declared field."""
    try:
        return aspect(name)
    except ValueError:
        return Field.declared(name)


@dataclass(frozen=True, slots=True)
class PastChange:
    """One change of one aspect of an item, as its tracker recorded it.

    Values are in the tracker's vocabulary, as in an `Observed`; where it tells only a name or key, that stands in for
    the id: of a milestone its title, of a parent or blocker its key.
    """

    ref: Ref
    event: str
    """The tracker's own id of its record: the same whenever it is told. Numeric where the tracker's ids are."""
    aspect: Aspect
    at: datetime
    actor: Account | None
    """None where the account was deleted."""
    old: Value
    new: Value
    partial: bool = False
    """`old` and `new` hold only the elements that were taken away and added: trackers tell of some sets one by one."""


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """One step of telling. Once it is recorded, the next one may begin at `cursor`."""

    changes: tuple[PastChange, ...]
    complete: frozenset[Ref] = frozenset()
    """Items of which everything was told, with this step or before."""
    cursor: Cursor | None = None
    """Where a later telling goes on; None when this one reached its end, or needs no place to go on from."""


@runtime_checkable
class FoundById(Protocol):
    """A sequence of very many tasks of which those with some ids can be had without all being read."""

    def with_ids(self, ids: Collection[str]) -> Mapping[str, Observed]:
        """Those among them that have one of these native ids, by it."""
        ...


@runtime_checkable
class TextHistorian(Protocol):
    """A connector whose history tells of changes of bodies too; their values may be shortened, or in another form."""

    tells_texts: Literal[True]


@runtime_checkable
class Historian(Protocol):
    """A connector that can tell the past."""

    def history(
        self, items: Sequence[Observed], cursor: Cursor | None = None, *, lately: bool = False
    ) -> Iterator[HistoryPage]:
        """What happened to the tasks in `items` (without their bodies), in as few requests as the tracker allows.

        Of very many tasks, `items` is read as it is asked for: one by one and by slices, the latest made first, and by
        ids where it is `FoundById`.

        `lately`: only the latest changes are wanted, what was before them has been told; without it `cursor` is where
        an earlier telling of everything stopped.
        Each step costs a bounded number of requests, and whoever consumes them may stop after any of them. Of one item
        the changes come either all in one step or newest first. Records of an unknown kind are left out. An item that
        is gone is complete. Raises TrackerError.
        """
        ...
