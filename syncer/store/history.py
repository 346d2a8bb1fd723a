"""The history: every field change that was seen or told, append-only.

What is seen is written with the items (`recording`); what a tracker tells of the past is recorded here, beside it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, func, select, tuple_, update

from syncer.contract.history import Aspect, HistoryPage, PastChange, aspect
from syncer.contract.model import Account, Cursor, Kind, Observed, Ref, Side
from syncer.core.codec import decode_observed
from syncer.core.history_merge import Sighting, ToldChange, aspects_of, explained, unfold
from syncer.core.records import OURS, FieldChange, OperationState, Verb
from syncer.store.columns import Unpacking, printable
from syncer.store.database import Lease, chunks
from syncer.store.item_histories import AS_STORED, ItemHistories
from syncer.store.part import StorePart
from syncer.store.recording import TOLD, UNTOLD, UNTOLD_LATELY, RecordingContext
from syncer.store.schema.items import history, observed, showings
from syncer.store.schema.pairs import sides
from syncer.store.schema.people import accounts
from syncer.store.schema.writes import journal
from syncer.store.untold import UntoldTasks

PAGE = 1_000


class HistoryRecords(StorePart):
    """Field changes, by the tracker's clock, and what the trackers are still to be asked of the past."""

    def changes(
        self,
        pair: str,
        *,
        side: Side | None = None,
        ref: Ref | None = None,
        fields: Collection[Aspect] = (),
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Iterator[FieldChange]:
        """Changes with `since <= at < until`, oldest first, each once; read as it is asked for. No `fields` are all.

        A change that a reading saw and the tracker told later is as it was told.
        """
        with self._database.reading() as connection:
            number = self._database.pair_number(connection, pair)
        order = (history.c.at, history.c.sequence)
        listing = (
            select(*AS_STORED).where(history.c.pair == number, history.c.superseded == 0).order_by(*order).limit(PAGE)
        )
        conditions = [
            side is not None and history.c.side == side.value,
            ref is not None and history.c.ref == str(ref),
            bool(fields) and history.c.field.in_([field.value for field in fields]),
            since is not None and history.c.at >= since,
            until is not None and history.c.at < until,
        ]
        listing = listing.where(*(condition for condition in conditions if condition is not False))

        def following(last: Row[Any] | None) -> Select[Any]:
            return listing if last is None else listing.where(tuple_(*order) > (last.at, last.sequence))

        value = Unpacking()
        for rows in self._database.pages(following):
            for row in rows:
                yield _field_change(row, pair, value)

    def of_items(self, pair: str, fields: Collection[Aspect]) -> ItemHistories:
        """What is asked for the changes of some fields of a few items at a time."""
        return ItemHistories(self._database, pair, fields)

    def pending(self, pair: str, side: Side, *, lately: bool) -> UntoldTasks:
        """Tasks whose past the tracker is to be asked for, without their bodies, the latest made first.

        `lately`: those of which only later changes are missing; else those of which nothing was told.
        """
        wanted = UNTOLD_LATELY if lately else UNTOLD
        query = select(observed.c.ref).where(observed.c.untold == wanted, *_there(side))
        with self._database.reading() as connection:
            number = self._database.pair_number(connection, pair)
            latest_first = observed.c.created.desc(), observed.c.ref.desc()
            refs = connection.scalars(query.where(observed.c.pair == number).order_by(*latest_first)).all()
        return UntoldTasks(self._database, number, side, refs)

    def count_pending(self, pair: str, side: Side) -> int:
        """How many tasks of a side the tracker is to be asked about."""
        with self._database.reading() as connection:
            number = self._database.pair_number(connection, pair)
            query = select(func.count()).where(observed.c.pair == number, observed.c.untold > 0, *_there(side))
            return connection.scalar(query) or 0

    def cursor(self, pair: str, side: Side) -> Cursor | None:
        """Where telling the past of a side goes on."""
        with self._database.reading() as connection:
            number = self._database.pair_number(connection, pair)
            found = connection.scalar(select(sides.c.past_cursor).where(sides.c.pair == number, sides.c.side == side))
        return None if found is None else Cursor(found)

    def save_page(
        self,
        lease: Lease,
        side: Side,
        told: HistoryPage,
        shown: Mapping[Ref, Observed],
        *,
        seen_at: datetime,
        ours: frozenset[str],
        keep_cursor: bool = False,
    ) -> int:
        """Appends one step of what a tracker told, with its cursor, in one transaction; returns how many rows.

        `shown` are the items as stored, `ours` the accounts whose doing counts as ours. What is in the history stays:
        telling something again changes nothing.
        """
        with self._database.writing(lease) as (connection, number):
            place = RecordingContext(self._database, connection, number, side, seen_at)
            added = record_imported(place, shown, told.changes, ours=ours)
            mark_imported(place, told.complete)
            if not keep_cursor:
                here = (sides.c.pair == number, sides.c.side == side.value)
                connection.execute(update(sides).where(*here).values(past_cursor=told.cursor))
        return added

    def our_accounts(self, pair: str, side: Side) -> frozenset[str]:
        """The account that the latest item we made on a side was made by; empty while we made none."""
        query = (
            select(showings.c.payload)
            .join(journal, (journal.c.pair == showings.c.pair) & (journal.c.target == showings.c.ref))
            .where(
                journal.c.verb == Verb.CREATE.value,
                journal.c.state == OperationState.DONE.value,
                journal.c.side == side.value,
                showings.c.side == side.value,
            )
            .order_by(journal.c.sequence.desc())
            .limit(1)
        )
        with self._database.reading() as connection:
            number = self._database.pair_number(connection, pair)
            payload = connection.scalar(query.where(journal.c.pair == number))
        author = None if payload is None else decode_observed(payload).author
        return frozenset() if author is None else frozenset({author.id})

    def accounts(self, pair: str, side: Side) -> list[Account]:
        """The people whom a tracker named when it told of the past."""
        with self._database.reading() as connection:
            number = self._database.pair_number(connection, pair)
            query = select(accounts).where(accounts.c.pair == number, accounts.c.side == side.value)
            return [Account(row.account, row.name, bot=bool(row.bot)) for row in connection.execute(query)]

    def account_name(self, pair: str, side: Side, account: str) -> str:
        """What an account is called; its id when nobody told."""
        with self._database.reading() as connection:
            number = self._database.pair_number(connection, pair)
            query = select(accounts.c.name).where(
                accounts.c.pair == number, accounts.c.side == side.value, accounts.c.account == printable(account)
            )
            return connection.scalar(query) or account


def _there(side: Side) -> tuple[Any, ...]:
    """Tasks of a side that are not gone."""
    return observed.c.side == side.value, observed.c.kind == Kind.TASK.value, observed.c.gone_at.is_(None)


def _field_change(row: Row[Any], pair: str, value: Unpacking) -> FieldChange:
    return FieldChange(
        pair=pair,
        side=Side(row.side),
        ref=Ref.parse(row.ref),
        field=None if row.field is None else aspect(row.field),
        at=row.at,
        seen_at=row.seen_at,
        actor=row.actor,
        old=value(row.old),
        new=value(row.new),
        operation=row.operation,
        event=row.event,
    )


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
