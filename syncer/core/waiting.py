"""What is not written, and why: differences of a link, and what waits until a person or a reading settles it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from syncer.contract.model import Field, Side


class Why(StrEnum):
    """Why something is not written, or waits."""

    AUDIENCE = "audience"
    """More people could read it than may."""
    UNMAPPED = "unmapped"
    """No row of a map, or no person, says what it is on the other side."""
    DIRECTION = "direction"
    """The rules carry it the other way only."""
    CONFLICT = "conflict"
    """Both sides changed it, or it differed before both sides were linked."""
    GONE = "gone"
    LIMIT = "limit"
    """The other side cannot hold it: it is too long, of another sort, or has no place there."""
    CYCLE = "ring"
    """It would close a cycle of parents or blockers."""
    REFUSED = "refused"
    """The tracker did not take it, or took it and shows something else."""
    HELD = "held"
    """The whole item is set aside."""
    LOST = "lost answer"
    """Whether a write took effect cannot be told."""
    RETRY = "retry"
    """A request for it failed; a coming run sends it again by itself."""
    UNREADABLE = "unreadable"
    """The tracker's answer about it makes no sense."""
    HIDDEN = "hidden"
    """Its tracker hides it: what it says is not carried, and nothing is written to it."""
    CONSENT = "consent"
    """Whether it is new cannot be told: a person agrees to its creation."""
    PAUSED = "paused"
    """Somebody paused the item."""
    BACKLOG = "backlog"
    """It is older than the pair, and `backfill` leaves it."""
    ELSEWHERE = "elsewhere"
    """It came from another place of the scope, or is in step with one, and stays there."""


NEEDS_A_PERSON = frozenset(
    {Why.CONFLICT, Why.HELD, Why.REFUSED, Why.CYCLE, Why.GONE, Why.UNREADABLE, Why.LOST, Why.CONSENT}
)
"""What a run ends with 6 for, once: the rest follows from rules that somebody chose."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A field in which both sides of a link differ and that is not written: listed until that ends."""

    field: Field
    side: Side
    """The side that was not written."""
    why: Why
    reason: str
    """One sentence for people; it does not name the item again."""
    attempts: int = 0
    """How often a write of it was refused in a row."""
    retry_at: datetime | None = None
    """When it is tried again without being asked to; None: with the next complete reading."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One line of what `syncer status` lists: it differs, or stands still, until somebody or a reading settles it."""

    key: str
    """Stays the same as long as it waits for the same reason: somebody is told of it once."""
    item: str
    """What people call it: `PAY-3 = acme/pay#7`."""
    field: Field | None
    why: Why
    reason: str
    settle: str = ""
    """The command that settles it."""

    @property
    def needs_a_person(self) -> bool:
        """Whether nothing but a person's decision or edit settles it."""
        return self.why in NEEDS_A_PERSON
