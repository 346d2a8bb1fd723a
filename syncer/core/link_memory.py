"""What a link remembers beside its bases, as a record, and its stored form.

The stored form is JSON whose keys never change their meaning, so that a state of any age is read by one function. A key
that this version does not know was written by a newer one of the same schema: it is kept as it is and written back, so
that going back a version and forth again loses nothing. Empty entries are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from syncer.contract.model import Field, Side


class Verdict(StrEnum):
    """Whose doing it is that a side does not show what was sent, as far as the item's own history tells."""

    EDITED = "edited"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class Way(StrEnum):
    """How a field came to be pending."""

    CREATED = "created"
    """Asked for when the item was created."""
    LEFT_OUT = "left out"
    """Wanted when the item was created, but no part of the request that was taken."""
    NOT_ASKED = "not asked"
    """Not asked for: what is expected is what the tracker gives by itself."""
    UPDATED = "updated"
    """Asked for by an update that was answered with less than the item."""
    FAILED = "failed"
    """Asked for by an update of which nobody knows how far it came."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One field that one side was asked for and has not shown yet. Values are encoded views."""

    way: Way
    known: bool = True
    """Whether `asked` is known; an older state only knows that the field is pending."""
    asked: Any = None
    source: Any = None
    """What the other side showed: its base once this is settled. None: its base says so already."""
    answered: bool = False
    """Whether the tracker's own answer showed the item, as `shown`."""
    shown: Any = None
    verdict: Verdict | None = None
    before: Any = None
    """What the side showed before it was written, where that is known: nothing arrived if it still does."""
    since: datetime | None = None
    """The item's time of change before it was written, by the tracker's clock."""
    first: bool = False
    """It belongs to the creation of the item, and its side has no base yet."""


@dataclass(frozen=True, slots=True)
class LinkMemory:
    """What was learned of a link and is needed later. Never changed in place; a side without an entry has none."""

    pending: Mapping[Side, Mapping[Field, Sent]] = field(default_factory=dict)
    """What was written to a side and not yet seen there: see `syncer.core.pending`."""
    refused: Mapping[Side, Mapping[Field, str]] = field(default_factory=dict)
    """The marks of the values that a side refused last."""
    apart: frozenset[Field] = frozenset()
    """Fields that wait for a person: each side's value is shown, and neither has a base."""
    given: Mapping[Field, Any] = field(default_factory=dict)
    """What its tracker, or the configuration, gave a new item by itself, as encoded views."""
    restored: frozenset[Field] = frozenset()
    """Fields that were changed since the backup was made that took the place of the state."""
    truncated: Mapping[Side, frozenset[Field]] = field(default_factory=dict)
    """Fields of which a side shows only the beginning."""
    inexact: frozenset[Field] = frozenset()
    """Fields that agree only because we saw the side show what we wrote: it cannot hold more of them."""
    before: Mapping[Side, tuple[Any, ...]] = field(default_factory=dict)
    """The last statuses of each side, newest first, as encoded views: for the way back."""
    awaits: Mapping[Side, tuple[str, ...]] = field(default_factory=dict)
    """The native ids of the items that edges of a side lead to and that are not linked yet."""
    missed: Mapping[Side, int] = field(default_factory=dict)
    """How many complete listings in a row did not show a side's item."""
    read: int = 0
    """By which reading of texts both sides agreed: see `syncer.core.wording`."""
    outside: frozenset[Side] = frozenset()
    """The sides whose filter does not admit its item, which is followed there or about to be closed."""
    resumed: bool = False
    """Whether a person said that it stays in step whatever the filters say."""
    left: tuple[str, ...] = ()
    """When its item left the rule of its route: its time of change by its tracker's clock, then ours (ISO 8601)."""
    received: frozenset[Field] = frozenset()
    """Fields of the original in which we wrote words or names of the other side: a title until it is another one."""
    behind: Mapping[Field, Any] = field(default_factory=dict)
    """Fields of the original that people of another place wrote: they stay behind. A title while it is this one."""
    linked: tuple[str, ...] = ()
    """Who linked it by a command, and when (ISO 8601); empty where a run did."""
    unknown: Mapping[str, Any] = field(default_factory=dict)
    """What a newer version stored here."""


def encode_memory(memory: LinkMemory) -> dict[str, Any]:
    """A JSON-able form from which `decode_memory` restores the memory."""
    encoded = dict(memory.unknown)
    for key, form in _STORED.items():
        value = getattr(memory, form.name)
        if value and (stored := form.encode(value)):
            encoded[key] = stored
    return encoded


def decode_memory(encoded: Mapping[str, Any]) -> LinkMemory:
    """The memory that `encode_memory` of any version was given."""
    known = {form.name: form.decode(encoded[key]) for key, form in _STORED.items() if key in encoded}
    return LinkMemory(**known, unknown={key: value for key, value in encoded.items() if key not in _STORED})


def _decode_pending(stored: Any) -> dict[Field, Sent]:
    """The fields of a side; an older state only names them."""
    if isinstance(stored, list):
        return {Field(name): Sent(Way.CREATED, known=False, first=True) for name in stored}
    return {Field(name): _decode_sent(entry) for name, entry in stored.items()}


def _decode_sent(entry: Mapping[str, Any]) -> Sent:
    answered = "shown" in entry or bool(entry.get("answered"))
    return Sent(
        way=Way(entry["way"]),
        known="asked" in entry,
        asked=entry.get("asked"),
        source=entry.get("source"),
        answered=answered,
        shown=entry.get("shown", entry.get("asked")) if answered else None,
        verdict=Verdict(entry["verdict"]) if "verdict" in entry else None,
        before=entry.get("before"),
        since=datetime.fromisoformat(entry["since"]) if "since" in entry else None,
        first=bool(entry.get("first")),
    )


def _encode_sent(sent: Sent) -> dict[str, Any]:
    entry: dict[str, Any] = {"way": sent.way.value}
    if sent.known:
        entry["asked"] = sent.asked
    if sent.source is not None:
        entry["source"] = sent.source
    if sent.answered:
        # Most answers show what was asked for: a long text is not kept twice.
        entry |= {"answered": True} if sent.known and sent.shown == sent.asked else {"shown": sent.shown}
    if sent.verdict is not None:
        entry["verdict"] = sent.verdict.value
    if sent.before is not None:
        entry["before"] = sent.before
    if sent.first:
        entry["first"] = True
    if sent.since is not None:
        entry["since"] = sent.since.isoformat()
    return entry


@dataclass(frozen=True, slots=True)
class _Form:
    """How one field of the memory is stored."""

    name: str
    encode: Callable[[Any], Any]
    decode: Callable[[Any], Any]

    def by_side(self) -> _Form:
        """The same for each side by itself."""
        return _Form(
            self.name,
            lambda sides: {side.value: self.encode(value) for side, value in sides.items() if value},
            lambda sides: {Side(side): self.decode(value) for side, value in sides.items()},
        )


def _same(value: Any) -> Any:
    return value


def _encode_pending(fields: Mapping[Field, Sent]) -> dict[str, Any]:
    return {name.value: _encode_sent(sent) for name, sent in sorted(fields.items())}


def _encode_by_field(values: Mapping[Field, Any]) -> dict[str, Any]:
    return {name.value: value for name, value in values.items()}


def _decode_by_field(stored: Mapping[str, Any]) -> dict[Field, Any]:
    return {Field(name): value for name, value in stored.items()}


def _encode_names(names: frozenset[Field]) -> list[str]:
    return sorted(name.value for name in names)


def _decode_names(stored: Iterable[str]) -> frozenset[Field]:
    return frozenset(map(Field, stored))


def _encode_sides(sides: frozenset[Side]) -> list[str]:
    return sorted(side.value for side in sides)


def _decode_sides(stored: Iterable[str]) -> frozenset[Side]:
    return frozenset(map(Side, stored))


_STORED = {
    "owed": _Form("pending", _encode_pending, _decode_pending).by_side(),
    "refused": _Form("refused", _encode_by_field, _decode_by_field).by_side(),
    "apart": _Form("apart", _encode_names, _decode_names),
    "given": _Form("given", _encode_by_field, _decode_by_field),
    "restored": _Form("restored", _encode_names, _decode_names),
    "truncated": _Form("truncated", _encode_names, _decode_names).by_side(),
    "inexact": _Form("inexact", _encode_names, _decode_names),
    "before": _Form("before", list, tuple).by_side(),
    "awaits": _Form("awaits", list, tuple).by_side(),
    "missed": _Form("missed", _same, _same).by_side(),
    "read": _Form("read", _same, _same),
    "outside": _Form("outside", _encode_sides, _decode_sides),
    "resumed": _Form("resumed", _same, _same),
    "left": _Form("left", list, tuple),
    "received": _Form("received", _encode_names, _decode_names),
    "behind": _Form("behind", _encode_by_field, _decode_by_field),
    "linked": _Form("linked", list, tuple),
}
"""Each field of the memory by the key under which it is stored."""
