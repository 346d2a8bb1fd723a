"""Recording what a tracker told of the past, beside what readings saw, inside a transaction somebody else holds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, select, update

from syncer.contract.history import PastChange, aspect
from syncer.contract.model import Account, Observed, Ref
from syncer.core.history_merge import Sighting, ToldChange, aspects_of, explained, unfold
from syncer.core.records import OURS
from syncer.store.database import chunks
from syncer.store.recording import TOLD, RecordingContext
from syncer.store.schema import accounts, history, observed


@dataclass(slots=True)
class Past:
    """What the history holds of one item: changes that were told, and those that readings saw."""

    told: list[ToldChange] = field(default_factory=list)
    seen: list[Sighting] = field(default_factory=list)


def record_imported(
    place: RecordingContext, shown: Mapping[Ref, Observed], told: Iterable[PastChange], *, ours: frozenset[str]
) -> int:
    """Appends the changes that the history does not hold yet; returns how many.

    What a reading saw of them is superseded. A change that our operation caused, or that one of our accounts (`ours`)
    made, is marked as ours. Changes of items that are not `shown` are left out.
    """
    by_item: dict[Ref, list[PastChange]] = defaultdict(list)
    for change in told:
        if change.ref in shown:
            by_item[change.ref].append(change)
    known = _past_of(place, list(by_item))
    lines: list[dict[str, Any]] = []
    superseded: list[int] = []
    for ref, changes in by_item.items():
        item, past = shown[ref], known[ref]
        recorded = {(entry.change.aspect, entry.change.event): entry.old for entry in past.told}
        entries = unfold(aspects_of(item), item.updated, changes, recorded)
        repeated = explained(entries, past.told, past.seen)
        causes = _causes(repeated, past.seen)
        lines += [_line(place, entry, causes.get(id(entry)) or _ours(entry, ours)) for entry in entries]
        superseded += repeated
    if lines:
        place.connection.execute(history.insert(), lines)
    for start in range(0, len(superseded), 500):
        piece = superseded[start : start + 500]
        place.connection.execute(update(history).where(history.c.sequence.in_(piece)).values(superseded=1))
    _meet(place, [change.actor for changes in by_item.values() for change in changes])
    return len(lines)


def mark_imported(place: RecordingContext, refs: Iterable[Ref]) -> None:
    """Says that nothing is left to be asked of the past of these items."""
    for piece in chunks([str(ref) for ref in refs]):
        place.connection.execute(
            update(observed)
            .where(observed.c.pair == place.pair, observed.c.side == place.side.value, observed.c.ref.in_(piece))
            .values(untold=TOLD)
        )


def _past_of(place: RecordingContext, refs: Sequence[Ref]) -> Mapping[Ref, Past]:
    found: dict[Ref, Past] = defaultdict(Past)
    for piece in chunks([str(ref) for ref in refs]):
        query = select(history).where(
            history.c.pair == place.pair,
            history.c.side == place.side.value,
            history.c.ref.in_(piece),
            history.c.field.is_not(None),
            history.c.superseded == 0,
        )
        for row in place.connection.execute(query):
            _sort_in(found[Ref.parse(row.ref)], row)
    return found


def _sort_in(past: Past, row: Row[Any]) -> None:
    if row.event is None:
        past.seen.append(Sighting(row.sequence, aspect(row.field), row.at, row.new, row.operation))
        return
    change = PastChange(Ref.parse(row.ref), row.event, aspect(row.field), row.at, None, None, None)
    past.told.append(ToldChange(change, row.old, row.new))


def _causes(repeated: Mapping[int, ToldChange], seen: Sequence[Sighting]) -> dict[int, str]:
    """The operations behind entries that a reading knew to be our doing."""
    operations = {one.number: one.operation for one in seen}
    return {id(entry): cause for number, entry in repeated.items() if (cause := operations[number]) is not None}


def _ours(entry: ToldChange, ours: frozenset[str]) -> str | None:
    actor = entry.change.actor
    return OURS if actor is not None and actor.id in ours else None


def _line(place: RecordingContext, entry: ToldChange, operation: str | None) -> dict[str, Any]:
    change = entry.change
    return {
        "pair": place.pair,
        "side": place.side.value,
        "ref": str(change.ref),
        "field": change.aspect.value,
        "at": change.at,
        "seen_at": place.seen_at,
        "actor": None if change.actor is None else change.actor.id,
        "old": entry.old,
        "new": entry.new,
        "operation": operation,
        "event": change.event,
    }


def _meet(place: RecordingContext, met: Iterable[Account | None]) -> None:
    """Keeps what the people are called who were told of."""
    known = {account.id: account for account in met if account is not None}
    rows = [
        {"pair": place.pair, "side": place.side.value, "account": account.id, "name": account.name or account.id,
         "bot": int(account.bot)}
        for account in known.values()
    ]  # fmt: skip
    if rows:
        place.connection.execute(place.database.upsert(accounts), rows)
