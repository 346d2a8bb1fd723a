"""What was written to a side and not yet seen there: kept with the link until the side shows it or a person decides.

Why: an answer is no proof. A tracker may leave out a part of a request without a word, an answer may be lost, or tell
less than the item. Until a side *shows* what it was asked for, neither side's base may say that both agree; and what it
shows instead is either the tracker's doing (a refusal) or a person's edit, which must never be taken for each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import blake2b
from typing import Any

from syncer.contract.model import Field, Side
from syncer.core.codec import compact
from syncer.core.records import Difference, Link, Why
from syncer.core.side_view import ViewValue, encode_view
from syncer.core.trusted_time import LONGEST_BACKOFF

INEXACT = "inexact"
"""Fields that agree only because we saw the side show what we wrote: it cannot hold more of them."""
OWED = "owed"
REFUSED = "refused"
APART = "apart"
GIVEN = "given"

QUICK_TRIES = 8
"""Refusals of one field in a row after which only a complete reading, an edit or `syncer retry` tries it again."""


class Verdict(StrEnum):
    """Whose doing it is that a side does not show what was sent, as far as the item's own history tells."""

    EDITED = "edited"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class Way(StrEnum):
    """How a field came to be owed."""

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
    """Whether `asked` is known; an older state only knows that something is owed."""
    asked: Any = None
    source: Any = None
    """What the other side showed: its base once this is settled. None: its base says so already."""
    answered: bool = False
    """Whether the tracker's own answer showed the item, as `shown`."""
    shown: Any = None
    verdict: Verdict | None = None
    since: datetime | None = None
    """The item's time of change before it was written, by the tracker's clock."""
    first: bool = False
    """It belongs to the creation of the item, and its side has no base yet."""


PendingFields = dict[Side, dict[Field, Sent]]


def pending_of(memory: Mapping[str, Any]) -> PendingFields:
    """What both sides owe, from the memory of a link; one of an older state names the fields only."""
    stored = memory.get(OWED, {})
    return {side: _decoded(stored.get(side.value, {})) for side in Side}


def _decoded(stored: Any) -> dict[Field, Sent]:
    if isinstance(stored, list):
        return {Field(name): Sent(Way.CREATED, known=False, first=True) for name in stored}
    return {Field(name): _sent(entry) for name, entry in stored.items()}


def _sent(entry: Mapping[str, Any]) -> Sent:
    answered = "shown" in entry or bool(entry.get("answered"))
    return Sent(
        way=Way(entry["way"]),
        known="asked" in entry,
        asked=entry.get("asked"),
        source=entry.get("source"),
        answered=answered,
        shown=entry.get("shown", entry.get("asked")) if answered else None,
        verdict=Verdict(entry["verdict"]) if "verdict" in entry else None,
        since=datetime.fromisoformat(entry["since"]) if "since" in entry else None,
        first=bool(entry.get("first")),
    )


def pending_memory(pending_fields: PendingFields) -> dict[str, Any]:
    """What is owed as the memory of a link holds it."""
    return {
        side.value: {name.value: _entry(sent) for name, sent in sorted(fields.items())}
        for side, fields in pending_fields.items()
        if fields
    }


def _entry(sent: Sent) -> dict[str, Any]:
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
    if sent.first:
        entry["first"] = True
    if sent.since is not None:
        entry["since"] = sent.since.isoformat()
    return entry


def with_pending(link: Link, pending_fields: PendingFields) -> Link:
    """The link with another memory of what is owed."""
    memory = {key: value for key, value in link.memory.items() if key != OWED}
    kept = pending_memory(pending_fields)
    return replace(link, memory={**memory, OWED: kept} if kept else memory)


def judged(link: Link, verdicts: Mapping[tuple[Side, Field], Verdict]) -> Link:
    """The link with what a tracker's history told of fields in doubt."""
    pending_fields = pending_of(link.memory)
    for (side, name), verdict in verdicts.items():
        if name in pending_fields[side]:
            pending_fields[side][name] = replace(pending_fields[side][name], verdict=verdict)
    return replace(with_pending(link, pending_fields), settled={})


def mark(value: ViewValue) -> str:
    """A short name of a value, by which one that was refused is recognised."""
    return blake2b(compact(encode_view(value)).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def refused_of(memory: Mapping[str, Any]) -> dict[Side, dict[Field, str]]:
    """The marks of the values that each side refused last."""
    stored = memory.get(REFUSED, {})
    return {side: {Field(name): given for name, given in stored.get(side.value, {}).items()} for side in Side}


def refused_memory(refused: Mapping[Side, Mapping[Field, str]]) -> dict[str, Any]:
    """Refused values as the memory of a link holds them."""
    return {side.value: {name.value: of for name, of in names.items()} for side, names in refused.items() if names}


def refusal(before: Link, name: Field, side: Side, reason: str, now: datetime) -> Difference:
    """The difference that a refused field is, to be tried again after a pause that grows with each refusal."""
    earlier = (one for one in before.differs if one.field is name and one.side is side and one.why is Why.REFUSED)
    attempts = next((one.attempts for one in earlier), 0) + 1
    wait = min(timedelta(minutes=2 ** (attempts - 1)), LONGEST_BACKOFF) if attempts < QUICK_TRIES else None
    return Difference(name, side, Why.REFUSED, reason, attempts, None if wait is None else now + wait)


def with_difference(link: Link, difference: Difference) -> Link:
    """The link with a difference in the place of what was known of that field."""
    return replace(link, differs=(*(one for one in link.differs if one.field is not difference.field), difference))


def pending(link: Link, side: Side, names: Mapping[Field, Sent]) -> Link:
    """The link with fields of a side that are still to be seen there.

    What was owed before a write that failed is owed as it was: nothing new is known of it.
    """
    pending_fields = pending_of(link.memory)
    for name, sent in names.items():
        earlier = pending_fields[side].get(name)
        told_nothing = earlier is not None and sent.way is Way.FAILED and earlier.way is not Way.UPDATED
        kept = replace(earlier, known=True, asked=sent.asked, source=sent.source) if earlier and told_nothing else sent
        pending_fields[side][name] = replace(kept, first=earlier is not None and earlier.first)
    return with_pending(link, pending_fields)
