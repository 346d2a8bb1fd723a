"""What somebody is told at once after a run: each incident once to each place that is told of it.

What was told is kept by place, so that a place that did not take a message gets it after the next run, and no other
place gets it twice. What is over is forgotten: should it come again, it is told again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from syncer.core.amounts import moment, plural, span
from syncer.core.change import Tally
from syncer.core.notification import BEGUN, LASTING, SHOWN, cause_of
from syncer.core.waiting import Waiting, Why

SOON = timedelta(days=14)
"""How long before its end a token is told of."""
PREFIX = "notify:"
"""What the keys begin with under which the state remembers what was told, before the name of the place."""
FIRST = "first:"
"""The key of a first sync that goes on."""
OUT = "outage"
"""The key of an outage that was told."""


class Event(StrEnum):
    """What can be told."""

    CONFLICT = "conflict"
    HOLD = "hold"
    REFUSAL = "refusal"
    """A tracker refused to write something."""
    GUARD = "guard"
    """A run stopped before its first write."""
    TOKEN = "token"  # noqa: S105 - a word, and no secret
    """It ends soon, or was refused."""
    OUTAGE = "outage"
    RECOVERY = "recovery"
    FIRST_SYNC = "first-sync"


@dataclass(frozen=True, slots=True)
class IncidentLine:
    """One line of a message: what everybody may read, and what only those who may read the item."""

    item: str
    """Keys, the field and the command that settles it."""
    detail: str = ""
    """The reason, which may hold words of a tracker or a person."""
    settle: str = ""


@dataclass(frozen=True, slots=True)
class Incident:
    """Something that a place is told once."""

    event: Event
    title: str
    keys: frozenset[str]
    """Under which it is remembered."""
    lines: tuple[IncidentLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Concluded:
    """A run of a pair as incidents see it."""

    tally: Tally
    waiting: Sequence[Waiting]
    told: Mapping[str, datetime]
    """What the pair was told, by any key: when an outage began is among it."""
    place: str
    """The place that is told."""
    now: datetime

    @property
    def known(self) -> frozenset[str]:
        """The keys of what the place was told already."""
        prefix = f"{PREFIX}{self.place}:"
        return frozenset(key.removeprefix(prefix) for key in self.told if key.startswith(prefix))

    @property
    def reached(self) -> bool:
        """Whether the run has read both sides."""
        return (self.tally.complete or self.tally.outcome in {"refused", "budget"}) and not self.tally.outage


def stored(place: str, keys: frozenset[str]) -> frozenset[str]:
    """Keys of a place as the state remembers them."""
    return frozenset(f"{PREFIX}{place}:{key}" for key in keys)


def incidents(ended: Concluded) -> list[Incident]:
    """What a place is to be told after a run."""
    found = [*_waiting(ended), *_stopped(ended), *_tokens(ended), *_outage(ended), *_first_sync(ended)]
    return [one for one in found if not one.keys <= ended.known]


def over(ended: Concluded) -> frozenset[str]:
    """The keys of a place that are over: what waits no more, what stopped the pair and does not now."""
    if ended.tally.outcome == "busy":
        return frozenset()
    waits = {f"waits:{one.key}" for one in ended.waiting}
    gone = {key for key in ended.known if key.startswith("waits:") and key not in waits}
    if ended.reached:
        stops = {key for key in ended.known if key.startswith("denied:")}
        guards = {key for key in ended.known if key.startswith("guard:") and ended.tally.outcome != "refused"}
        gone |= stops | guards
    ends = {f"token:{side}:{end[:10]}" for side, end in ended.tally.credentials_end.items()}
    if ends:
        gone |= {key for key in ended.known if key.startswith("token:") and key not in ends}
    return frozenset(gone)


_OF_WHY = {Why.CONFLICT: Event.CONFLICT, Why.REFUSED: Event.REFUSAL}
_WORDS = {
    Event.CONFLICT: ("1 new conflict", "{} new conflicts"),
    Event.REFUSAL: ("1 thing was refused by a tracker", "{} things were refused by a tracker"),
    Event.HOLD: ("1 item is held", "{} items are held"),
}


def _waiting(ended: Concluded) -> list[Incident]:
    """What needs a person and is new, one incident for each sort."""
    groups: dict[Event, list[Waiting]] = {}
    for one in ended.waiting if ended.tally.outcome != "busy" else ():
        if one.needs_a_person and f"waits:{one.key}" not in ended.known:
            groups.setdefault(_OF_WHY.get(one.why, Event.HOLD), []).append(one)
    return [_of_group(ended.tally.name, event, group) for event, group in sorted(groups.items())]


def _of_group(pair: str, event: Event, group: Sequence[Waiting]) -> Incident:
    one, many = _WORDS[event]
    lines = [
        IncidentLine(item.item if item.field is None else f"{item.item}, {item.field}", item.reason, item.settle)
        for item in group[:SHOWN]
    ]
    if len(group) > SHOWN:
        lines.append(IncidentLine(f"{len(group) - SHOWN} more", settle=f"syncer status --pair {pair}"))
    keys = frozenset(f"waits:{item.key}" for item in group)
    return Incident(event, one if len(group) == 1 else many.format(len(group)), keys, tuple(lines))


def _stopped(ended: Concluded) -> list[Incident]:
    tally, pair = ended.tally, ended.tally.name
    if tally.outcome == "refused":
        approve = f"syncer sync --pair {pair} --approve {tally.approve}" if tally.approve else ""
        settle = f"syncer preview --pair {pair}" + (f", then: {approve}" if approve else "")
        line = IncidentLine("nothing was written", tally.message, settle)
        return [Incident(Event.GUARD, "the run was refused", frozenset({f"guard:{cause_of(tally.message)}"}), (line,))]
    if tally.outcome == "denied":
        line = IncidentLine("nothing is carried until it is set right", tally.message, f"syncer check --pair {pair}")
        title = "credentials or permissions were refused"
        return [Incident(Event.TOKEN, title, frozenset({f"denied:{cause_of(tally.message)}"}), (line,))]
    return []


def _tokens(ended: Concluded) -> list[Incident]:
    found = []
    for side, text in ended.tally.credentials_end.items():
        left = datetime.fromisoformat(text) - ended.now
        if left < SOON:
            when = f"ends in {span(left)}" if left > timedelta() else "has ended"
            line = IncidentLine(f"the {side} side", settle="put a new one into its place, then: syncer check")
            key = frozenset({f"token:{side}:{text[:10]}"})
            found.append(Incident(Event.TOKEN, f"a token {when} ({text[:10]})", key, (line,)))
    return found


def _outage(ended: Concluded) -> list[Incident]:
    """Once it has lasted, and once it is over; what is over is told only where it was told."""
    begun = ended.told.get(BEGUN)
    if ended.tally.outage:
        lasted = timedelta() if begun is None else ended.now - begun
        if begun is None or lasted < LASTING:
            return []
        line = IncidentLine("every run tries again", ended.tally.message)
        title = f"out of reach since {moment(begun)} ({span(lasted)})"
        return [Incident(Event.OUTAGE, title, frozenset({OUT}), (line,))]
    if OUT in ended.known and ended.reached:
        return [Incident(Event.RECOVERY, "in reach again", frozenset({"recovery"}))]
    return []


def _first_sync(ended: Concluded) -> list[Incident]:
    if FIRST not in ended.told or not ended.tally.complete:
        return []
    return [Incident(Event.FIRST_SYNC, "the first sync is finished", frozenset({"first"}))]


def begins_first_sync(tally: Tally) -> bool:
    """Whether a run has begun a first sync."""
    return bool(tally.first_sync) and sum(tally.first_sync.values()) > 0


def text_of(pair: str, found: Sequence[Incident], *, details: bool) -> tuple[str, str]:
    """Title and body of a message about a pair; `details` where its readers may read what trackers and people said."""
    titles = [one.title for one in found]
    title = f"{pair}: {titles[0]}" if len(titles) == 1 else f"{pair}: {plural(len(titles), 'message')}"
    body: list[str] = []
    for one in found:
        body += [] if len(found) == 1 else [one.title]
        for line in one.lines:
            said = f"{line.item}: {line.detail}" if details and line.detail else line.item
            body.append(said + (f"\n  {line.settle}" if line.settle else ""))
    return title, "\n".join(body) or title
