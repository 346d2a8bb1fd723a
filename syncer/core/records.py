"""What the store keeps, as plain data: links with their base, operations of the journal, conflicts, history, runs.

JSON-able values (`dict[str, Any]`) are what `syncer.core.codec` encodes; the store never looks inside them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from syncer.contract.connector import UnreadableItem
from syncer.contract.history import Aspect
from syncer.contract.model import Audience, Cursor, Field, Kind, Marker, Observed, Ref, Side
from syncer.core.link_memory import LinkMemory
from syncer.core.link_reason import Because, LinkReason
from syncer.core.waiting import Difference, Why

JsonObject = dict[str, Any]


class LinkState(StrEnum):
    """Whether a link is kept in step."""

    ACTIVE = "active"
    HELD = "held"
    """Set aside with a reason until a person or a later reading settles it."""
    RETIRED = "retired"
    """One side is gone and the other was told so; nothing is carried any more, nothing is ever created again."""


@dataclass(frozen=True, slots=True)
class Link:
    """The same item on both sides."""

    id: str
    """ULID-like, minted by the engine."""
    pair: str
    kind: Kind
    left: Ref
    right: Ref
    origin: Side
    """Where the item was first made by a person."""
    state: LinkState = LinkState.ACTIVE
    reason: LinkReason | None = None
    """Why it is held or retired, or, where it is active, what its last writes met; None: nothing is wrong with it."""
    base: Mapping[Side, JsonObject] = field(default_factory=dict)
    """What each side showed when both agreed: encoded fields, by side. A field missing here has no base."""
    settled: Mapping[Side, str] = field(default_factory=dict)
    """Digest of each side's showing that was last reconciled completely; equal digests mean: nothing to look at."""
    memory: LinkMemory = field(default_factory=LinkMemory)
    differs: tuple[Difference, ...] = ()
    """What differs and was not written when the link was last decided."""
    attempts: int = 0
    """Failed applications in a row."""
    retry_at: datetime | None = None

    def ref(self, side: Side) -> Ref:
        """The item's reference on a side."""
        return self.left if side is Side.LEFT else self.right

    @property
    def explanation(self) -> str:
        """Why it stands as it does, for people; empty where nothing is wrong with it."""
        if self.reason is None:
            return ""
        cycles = [one.reason for one in self.differs if one.why is Why.CYCLE]
        return "; ".join(cycles) if self.reason.because is Because.CYCLE and cycles else self.reason.sentence


MOVED = "somebody moved our marker in it: make it the last line and the only marker, or take it out, then it is new"
"""Why an item that our account created is neither a mirror nor new."""


@dataclass(frozen=True, slots=True)
class LinkedItems:
    """A link with what both sides show; None where a side's item is gone or was never stored."""

    link: Link
    left: Observed | None
    right: Observed | None

    def side(self, side: Side) -> Observed | None:
        """What a side shows."""
        return self.left if side is Side.LEFT else self.right


@dataclass(frozen=True, slots=True)
class ShownTogether:
    """What both sides of a link show, as `LinkedItems`, without the link."""

    origin: Side
    moved_on: bool
    """Whether the item is linked in another pair now."""
    left: Observed | None
    right: Observed | None


class OperationState(StrEnum):
    """How far a write has come. Moves only SENT -> DONE | FAILED | AMBIGUOUS and AMBIGUOUS -> DONE | FAILED | HELD."""

    SENT = "sent"
    """Committed before the request leaves: after a crash its outcome is unknown."""
    DONE = "done"
    FAILED = "failed"
    AMBIGUOUS = "ambiguous"
    HELD = "held"


class Verb(StrEnum):
    """What a write does."""

    CREATE = "create"
    UPDATE = "update"
    ATTACH = "attach"
    RELEASE = "release"
    """Marks a version as released, because its release was published: no echo of what the other side shows."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One row of the journal: a write that was intended, and what became of it."""

    id: str
    pair: str
    run: str
    epoch: int
    verb: Verb
    side: Side
    """The side that is written."""
    kind: Kind
    source: Ref
    """The item on the other side that caused it."""
    target: Ref | None
    """The item written; None for a create until it is done."""
    marker: Marker | None
    """Of a create."""
    payload: JsonObject
    """Encoded fields that were sent (for a create: the whole draft with `parent` ref)."""
    reason: str
    """One sentence: which change of which side led to it."""
    state: OperationState
    at: datetime
    outcome: str = ""
    """What the tracker said, for people."""
    settled_at: datetime | None = None
    never_told: bool = False
    """Of an ambiguous create: its tracker does not tell whether it took effect, so that a person finds out."""

    @property
    def after(self) -> datetime | None:
        """Of a create: the tracker's own clock before it was sent; None where its answers had told none by then."""
        told = self.payload.get("after")
        return None if told is None else datetime.fromisoformat(told)


@dataclass(frozen=True, slots=True)
class SetAside:
    """An item that could not be read, until it can."""

    side: Side
    item: UnreadableItem
    since: datetime
    seen_at: datetime
    """When it was last found to be so."""


@dataclass(frozen=True, slots=True)
class ApartItem:
    """An item that somebody set apart: it has no partner and gets none, until it is linked or taken back."""

    side: Side
    ref: Ref
    since: datetime
    by: str
    """Who set it apart, as people call them."""
    why: str = ""
    partner: Ref | None = None
    """What it was linked to, where that is known."""


@dataclass(frozen=True, slots=True)
class Attempts:
    """Failed creates of one item in a row."""

    digest: str
    """Of what the source showed: an edit begins again."""
    count: int
    retry_at: datetime


class FileState(StrEnum):
    """What became of a file that a text refers to."""

    KEPT = "kept"
    WAITING = "waiting"
    """It could not be read or added; it is tried again."""
    REFUSED = "refused"
    """It is not carried; the text keeps its original address."""
    WITHDRAWN = "withdrawn"
    """Somebody deleted it where it was kept; the text has its original address again."""


@dataclass(frozen=True, slots=True)
class CarriedFile:
    """A file to which a text of one side refers by its address, and what the task's other side made of it."""

    pair: str
    side: Side
    """The side that keeps it."""
    task: Ref
    """The task there that has it."""
    address: str
    """The stable address on the side it comes from."""
    state: FileState
    at: datetime
    digest: str = ""
    """Of its content. Empty unless it is kept, like the next four."""
    attached: str = ""
    """The keeping tracker's own id of it."""
    name: str = ""
    page: str = ""
    """The address people open there."""
    target: str = ""
    """By which an image of the keeping side shows it."""
    reason: str = ""
    """Why it waits or is refused."""
    attempts: int = 0
    retry_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Conflict:
    """Both sides changed one field apart. Never deleted, whatever the policy did."""

    id: int
    pair: str
    link: str
    field: Field
    left: Any
    right: Any
    base_left: Any
    base_right: Any
    policy: str
    """`ask`, `newest`, `left`, `right`."""
    opened_at: datetime
    decision: str | None = None
    """What `syncer.core.conflict_text` reads: `left`, `right`, `value:...` or `edited:...`; None while it waits."""
    decided_at: datetime | None = None
    settled_at: datetime | None = None
    """When both sides agreed again."""
    decided_by: str = ""
    """Who decided; empty for a policy, and where that is not known."""

    @property
    def reason(self) -> str:
        """Why both values wait. Two items that were linked by hand, or adopted, have nothing they ever agreed on."""
        if self.base_left is None and self.base_right is None:
            return "they differ, and nothing tells which one is right"
        return "both sides changed it"


OURS = "ours"
"""Stands for a journal row that is not known: what our account did before this state began."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One row of the history: a field that changed on one side, as it was seen or as the tracker told."""

    pair: str
    side: Side
    ref: Ref
    field: Aspect | None
    """None for the first sight of the item (`new` is "created") and for its disappearance ("gone")."""
    at: datetime
    """By the tracker's clock: when it told so, that very moment; else the item's `updated`.

    Where that did not move, the moment of `seen_at`.
    """
    seen_at: datetime
    actor: str | None
    """Account id of who did it; None when the tracker did not tell."""
    old: Any
    new: Any
    operation: str | None = None
    """The journal row that caused it, None when somebody else did. `OURS`: our account did, and no row tells why."""
    event: str | None = None
    """The tracker's id of its own record, when it told of the change; None when a reading saw it."""


@dataclass(frozen=True, slots=True)
class LoggedForecast:
    """What a report said of when a goal will be reached."""

    goal: str
    """Its id in the report."""
    day: date
    made_at: datetime
    due: date | None
    """The goal's date then."""
    chance: float | None
    """To keep it."""
    q50: date
    q85: date
    q95: date


@dataclass(frozen=True, slots=True)
class SideState:
    """How far one side of a pair was read."""

    cursor: Cursor | None
    covers: str
    """Fingerprint of scope and filter the cursor belongs to."""
    swept_at: datetime | None
    """When the last complete listing began, by the tracker's clock: what was made or edited later, it may lack."""
    audience: Audience
    audience_at: datetime | None
    address: str = ""
    filter: str | None = None
    """What narrowed the scope when it was last read completely; None where an older version read it."""
    outside: int = 0
    """How many linked tasks the filter did not admit then, and are followed."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who took a pair last, and when it last left a trace in the state."""

    pid: int
    host: str
    since: datetime
    moved: datetime
    """The latest of what it stored, wrote to the journal or began."""


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One pass over one pair."""

    id: str
    pair: str
    started_at: datetime
    finished_at: datetime | None
    outcome: str
    """clean, partial, held, refused, denied, budget, busy, failed; empty while it runs."""
    result: JsonObject
    """What `sync --json` prints for the pair."""
    count: int = 1
    """How many runs of a day it stands for: this one and others of its outcome that had nothing to do."""
    since: datetime | None = None
    """When the first of them began; None where it stands for itself alone."""
