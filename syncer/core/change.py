"""Changes as data: what a run intends to write, and why.

The same change set is previewed, guarded, approved and applied.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import blake2b
from typing import Any

from syncer.contract.model import Field, Kind, Observed, Showing, Side
from syncer.core.codec import compact, said_fields
from syncer.core.files import WantedFiles
from syncer.core.records import Conflict, Link
from syncer.core.waiting import Waiting, Why


@dataclass(frozen=True, slots=True)
class CreateContent:
    """What a new item is to show."""

    fields: Showing
    """In the vocabulary of the side where it is created."""
    wanted: Mapping[Field, Any] = field(default_factory=dict)
    """The comparable fields (`syncer.core.side_view`) it is meant to show; each is pending until it does."""
    truncated: frozenset[Field] = frozenset()


@dataclass(frozen=True)
class Create:
    """An item of one side is created on the other."""

    side: Side
    """Where it is created."""
    source: Observed
    reason: str
    make: Callable[[], CreateContent] = field(compare=False)
    """Makes what it is to show. Texts take time, and of a large first sync a run sends only what a budget allows."""
    behind: Mapping[Field, Any] = field(default_factory=dict, compare=False)
    """See `LinkMemory.behind`."""

    @cached_property
    def content(self) -> CreateContent:
        """What it is to show, made when somebody first asks for it."""
        return self.make()

    @property
    def fields(self) -> Showing:
        """What is sent, in the vocabulary of `side`."""
        return self.content.fields

    @property
    def wanted(self) -> Mapping[Field, Any]:
        """The comparable fields that are pending until it shows them."""
        return self.content.wanted

    @property
    def truncated(self) -> frozenset[Field]:
        """The fields of which the target holds a part."""
        return self.content.truncated

    def reduced_to(self, names: Collection[Field]) -> Create:
        """The same with fewer fields sent; the others are pending."""
        fields = {name: value for name, value in self.fields.items() if name in names}
        content = replace(self.content, fields=fields)
        return replace(self, make=lambda: content)


@dataclass(frozen=True, slots=True)
class Update:
    """Fields of a linked item are changed on one side."""

    side: Side
    link: Link
    target: Observed
    source: Observed | None
    patch: Showing
    reason: str
    closes: bool = False
    """It takes a task from open to done."""
    agreed: Mapping[str, Any] = field(default_factory=dict)
    """What the other side shows in the fields of the patch, encoded: its new base once the write is done."""
    wanted: Mapping[Field, Any] = field(default_factory=dict)
    """The comparable fields behind the patch (`syncer.core.side_view`), so that it can be written field by field."""
    merged: frozenset[Field] = frozenset()
    """Fields that are written to the other side, too: their bases advance once both sides show them."""
    retires: bool = False
    """It is the last word to a side whose partner is gone."""
    renews: frozenset[Field] = frozenset()
    """Fields in which nothing changes but our own words: nobody can have undone them."""


@dataclass(frozen=True, slots=True)
class Adopt:
    """Two items that carry our marker, or that a person named, become a link. Nothing is written to a tracker."""

    left: Observed
    right: Observed
    origin: Side
    reason: str


@dataclass(frozen=True, slots=True)
class Record:
    """Both sides agree, or what differs waits: the store is brought up to date. Nothing is written to a tracker."""

    link: Link
    """With the new base, settled digests, memory and state."""
    conflicts: tuple[Conflict, ...] = ()
    agreed: frozenset[Field] = frozenset()
    """Fields whose open conflicts are settled."""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Skip:
    """Something that was considered and is not written, with the reason."""

    side: Side
    """The side that is not written."""
    item: Observed
    field: Field | None
    why: Why
    reason: str


@dataclass(frozen=True, slots=True)
class Reconciled:
    """The decision about one link: what to write, and the link once those fields that need no write are recorded."""

    record: Record
    updates: tuple[Update, ...] = ()
    skips: tuple[Skip, ...] = ()
    files: tuple[WantedFiles, ...] = ()
    """To be added before the updates are written: with them the texts read differently."""
    waits: bool = False
    """A file is still missing, so the link is not settled whatever is written."""
    doubts: tuple[tuple[Side, Field], ...] = ()
    """Fields of which only the item's own history tells whether a person edited what was sent."""

    @property
    def says_nothing(self) -> bool:
        """Whether the link is only brought up to date, and there is nothing to write, to list or to tell."""
        return not (self.updates or self.skips or self.files or self.record.conflicts or self.record.reason)


def with_merged(updates: Sequence[Update]) -> tuple[Update, ...]:
    """The updates of one link, each with the fields that the other one writes as well."""
    both = [update.wanted.keys() for update in updates]
    merged = frozenset(both[0] & both[1]) if len(both) == len(Side) else frozenset()
    return tuple(replace(update, merged=merged) for update in updates)


Change = Create | Update | Adopt | Record | Skip


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """All that one run intends for one pair."""

    pair: str
    changes: tuple[Change, ...] = ()
    settling: int = 0
    """How many links are besides brought up to date, of which there is nothing to say."""

    @property
    def empty(self) -> bool:
        """Whether a run would do nothing at all."""
        return not self.settling and all(isinstance(change, Skip) for change in self.changes)

    def writes(self) -> Iterator[Create | Update]:
        """The changes that reach a tracker."""
        return (change for change in self.changes if isinstance(change, Create | Update))

    def of(self, kind: type[Any]) -> Iterator[Any]:
        """The changes of one sort."""
        return (change for change in self.changes if isinstance(change, kind))

    def tasks_to_create(self) -> dict[str, int]:
        """How many tasks would be created on each side."""
        sides = [create.side for create in self.of(Create) if create.source.kind is Kind.TASK]
        return {side.value: sides.count(side) for side in Side}

    @property
    def digest(self) -> str:
        """12 characters that name exactly these writes: what a person approves."""
        lines = sorted(compact(describe(change)) for change in self.writes())
        return blake2b("\n".join(lines).encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


def called(item: Observed) -> str:
    """What people call an item: its key, or a milestone's title."""
    title = item.showing.get(Field.TITLE)
    return f"“{title}”" if item.kind is Kind.MILESTONE and isinstance(title, str) else item.key


def describe(change: Change) -> dict[str, Any]:
    """A change as JSON for `preview --json`, approvals and the journal."""
    match change:
        case Create():
            return {
                "change": "create", "side": change.side.value, "kind": change.source.kind.value,
                "source": called(change.source), "source_ref": str(change.source.ref),
                "fields": said_fields(change.fields), "reason": change.reason,
            }  # fmt: skip
        case Update():
            return {
                "change": "update", "side": change.side.value, "kind": change.target.kind.value,
                "target": called(change.target), "target_ref": str(change.target.ref),
                "fields": said_fields(change.patch), "reason": change.reason,
            }  # fmt: skip
        case Adopt():
            return {
                "change": "adopt",
                "kind": change.left.kind.value,
                "left": called(change.left),
                "right": called(change.right),
                "reason": change.reason,
            }
        case Record():
            return {
                "change": "record",
                "left": str(change.link.left),
                "right": str(change.link.right),
                "reason": change.reason,
                "conflicts": [str(conflict.field) for conflict in change.conflicts],
            }
        case Skip():
            return {"change": "skip", "side": change.side.value, "item": called(change.item), "why": change.why.value,
                    "field": str(change.field) if change.field else None, "reason": change.reason}  # fmt: skip


EXAMPLES = 20


def writes_in(result: Mapping[str, Any]) -> int:
    """How many writes reached a tracker, from a tally as JSON; one of an older version may lack some counts."""
    counted = ("created", "updated", "closed", "comments", "milestones")
    return sum(sum(result.get(name, {}).values()) for name in counted) + sum(
        int(result.get(name, 0)) for name in ("files", "pulls")
    )


@dataclass(slots=True)
class Tally:
    """What a run did, as `sync --json` prints it for a pair."""

    name: str
    run: str = ""
    """Id of the run, under which journal and `syncer explain` know it; empty when the pair was busy."""
    outcome: str = "clean"
    mode: str = "sync"
    """`watch`: the run read both sides and wrote to neither, whatever differs."""
    created: dict[str, int] = field(default_factory=lambda: {"left": 0, "right": 0})
    updated: dict[str, int] = field(default_factory=lambda: {"left": 0, "right": 0})
    closed: dict[str, int] = field(default_factory=lambda: {"left": 0, "right": 0})
    comments: dict[str, int] = field(default_factory=lambda: {"created": 0, "updated": 0, "deleted": 0})
    milestones: dict[str, int] = field(default_factory=lambda: {"created": 0, "updated": 0})
    files: int = 0
    """Pictures and files added to tasks."""
    first_sync: dict[str, int] = field(default_factory=dict)
    """Of a run that finds nothing in step yet: how many tasks it begins to create on each side."""
    adopted: int = 0
    commands: int = 0
    """Commands in comments that were obeyed."""
    answers: int = 0
    """Signs and lines that answered commands, and lines that show a conflict."""
    pulls: int = 0
    """Links to pull requests that were made, changed or taken away with tasks."""
    conflicts: int = 0
    """Conflicts that wait for a decision."""
    held: int = 0
    """Items set aside until a person or an edit settles them."""
    skipped: int = 0
    kept_back: dict[str, int] = field(default_factory=dict)
    """How many items one side has alone because the rules keep them there, by the reason."""
    retry: int = 0
    remaining: int = 0
    """Writes that are still to do when a budget stopped the run, or when it left the backlog to another one."""
    untold: int = 0
    """Of how many tasks the trackers are still to be asked what happened before they were first read."""
    requests: dict[str, int] = field(default_factory=lambda: {"left": 0, "right": 0})
    seconds: float = 0.0
    swept: bool = False
    complete: bool = False
    """The run came to its end: whatever it did not write is held, waits, or is to be tried again item by item."""
    outage: bool = False
    """A tracker did not answer, or not with sense: nothing is wrong with the run or its rules."""
    message: str = ""
    """One sentence for people: why it stopped, when it resumes, how to approve."""
    approve: str | None = None
    """The change set to approve when a guard refused."""
    resumes_at: str | None = None
    rate_limited: list[dict[str, Any]] = field(default_factory=list)
    """How often a rate limit of a tracker held up the run: `side`, `reason` in the tracker's words, `count`."""
    credentials_end: dict[str, str] = field(default_factory=dict)
    """By side, when its tracker said that the credentials end."""
    lacking: dict[str, list[str]] = field(default_factory=dict)
    """By side, the fields that are not carried there because its server does not have them."""
    unheld: list[str] = field(default_factory=list)
    """The declared fields that are not carried, and why: a sentence each."""
    staying: list[str] = field(default_factory=list)
    """The links that stay on their side because the other one has nothing for their type: a sentence for each type."""
    waiting: Sequence[Waiting] | None = None
    """All that waits at the end of the run, for whoever tells of it; None where the run did not come to its end."""
    skips: list[dict[str, Any]] = field(default_factory=list)
    """`EXAMPLES` of what was left alone, and one for each further reason."""

    def leave_alone(self, skips: Iterable[Skip]) -> None:
        """Counts what is not written, and keeps some examples."""
        for skip in skips:
            self.skipped += 1
            self.example(skip.item, skip.why.value, skip.reason, skip.field)

    def example(self, item: Observed, why: str, reason: str, name: Field | None = None) -> None:
        """Keeps one of the first things that were left alone or refused, and the first for each reason."""
        if len(self.skips) < EXAMPLES or all(skip["why"] != why for skip in self.skips):
            field_name = None if name is None else str(name)
            self.skips.append({"item": item.key, "field": field_name, "why": why, "reason": reason})

    @property
    def writes(self) -> int:
        """Writes that reached a tracker."""
        return writes_in(self.as_json())

    def as_json(self) -> dict[str, Any]:
        """The object of this pair in `sync --json`."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__ if name != "waiting"}
