"""Fields of people's own making: what a pair declares, and what a tracker tells of it.

An optional part of a connector, beside `syncer.contract.connector`. A pair names such a field by its *locator* on each
side (`"Story points"`, `{ project = 3, field = "Estimate" }`); what is there and what it holds, the tracker tells.
A locator may stand for a field that every pair knows, too, where a tracker has none of its own (a due date on GitHub).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Protocol, TypeGuard, runtime_checkable

from syncer.contract.model import Audience, Field, Observed, Showing

LARGEST: Final = 1e15
"""Beyond it a double does not tell one whole number from the next: no number that people mean is larger."""


def is_number(value: object) -> TypeGuard[int | float]:
    """Whether it is a number that can be carried: a finite one, and none beyond `LARGEST`."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= LARGEST


class CustomType(StrEnum):
    """What a field holds, and by which sort of value it is shown.

    | type          | value                                                                             |
    |---------------|-----------------------------------------------------------------------------------|
    | TEXT, URL     | str, plain and on one line ("" when empty)                                        |
    | NUMBER        | float (see `is_number`), or None                                                  |
    | DATE          | date or None                                                                      |
    | CHOICE        | str: the name of an option, or None                                               |
    | CHOICES       | tuple[str, ...] of names of options, sorted                                       |
    | PERSON        | tuple[str, ...] of account ids, none or one                                       |
    | SPRINT        | str: the name of the sprint or iteration that the task is in, or None             |
    | TASKS         | tuple[str, ...] of native ids of the tasks that this one leads to, sorted         |
    | PEERS         | the same, of links that both ends show alike                                      |

    What is told of a sprint besides its name, its days above all, belongs into `Facts.sprints` of the task.
    """

    TEXT = "text"
    URL = "url"
    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"
    CHOICES = "choices"
    PERSON = "person"
    SPRINT = "sprint"
    TASKS = "tasks"
    PEERS = "peers"


@dataclass(frozen=True, slots=True)
class DeclaredField:
    """A field that a pair carries, and how it is found in one tracker."""

    field: Field
    locator: Any
    """As `ConnectorKind.custom_locator` returned it."""


@dataclass(frozen=True, slots=True)
class CustomField:
    """What a tracker tells of a declared field."""

    type: CustomType
    name: str
    """What people of that tracker call it."""
    id: str = ""
    """The tracker's own id of it: with another one it is another field, whatever it is called. Empty: not told."""
    read_only: bool = False
    """The tracker computes it, or takes it from nobody."""
    options: tuple[str, ...] = ()
    """Of choices and sprints: what may be chosen now, in the tracker's order; see `tells_options`."""
    audience: Audience = Audience.PUBLIC
    """Who can read it at most, where that is fewer than can read the task."""
    undated: bool = False
    """A change of it does not move the time of change of its task: nothing tells when it was made."""
    tells_options: bool = False
    """The options are all there are, be there none; else none means that they are not told."""

    @property
    def choices(self) -> tuple[str, ...] | None:
        """What may be chosen now; None where that is not told."""
        return self.options if self.options or self.tells_options else None


Resolved = Mapping[Field, CustomField | str]
"""By declared field what the tracker tells of it, or why it cannot be held: a part of a sentence, `has no field X`."""


@runtime_checkable
class CustomHolder(Protocol):
    """A connector whose tracker has fields of people's own making.

    A declared field is a key of `Observed.showing`, `Draft.fields` and patches like any other, and is listed in
    `Capabilities.fields` and `Capabilities.custom` once it is resolved. Of a value that makes no sense (no number, an
    option that is gone) nothing is shown: what is absent is not known, and is never taken for empty.
    """

    def declare(self, fields: Sequence[DeclaredField]) -> None:
        """Says which fields the pair carries beside those that every pair knows. Asks nothing, and comes first."""
        ...

    def declared(self) -> Resolved:
        """What they are, as the tracker tells now or told at the last complete reading.

        Asked at most once; costs nothing where the cursor of `changes` knew it. Raises TrackerError.
        """
        ...


@runtime_checkable
class Foreseer(Protocol):
    """A connector that knows of some values of declared fields, before it sends them, that they cannot be written.

    `update` refuses these without a request for the write, and `create` leaves them out. A preview asks before.
    """

    def unsendable(self, item: Observed | None, fields: Showing) -> Mapping[Field, str]:
        """Those among the fields of a patch, or of a new task (None), each with the reason. Only reads.

        Raises TrackerError.
        """
        ...
