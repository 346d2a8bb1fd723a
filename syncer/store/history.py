"""The history: every field change that was seen or told, append-only. What is seen is written with the items."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, func, select, tuple_, update

from syncer.contract.history import Aspect, HistoryPage, aspect
from syncer.contract.model import Account, Cursor, Field, Kind, Observed, Ref, Side
from syncer.core.codec import decode_observed
from syncer.core.records import FieldChange, OperationState, Verb
from syncer.store.columns import printable
from syncer.store.database import Lease
from syncer.store.imported_history import mark_imported, record_imported
from syncer.store.part import StorePart
from syncer.store.recording import UNTOLD, UNTOLD_LATELY, RecordingContext
from syncer.store.schema import accounts, history, journal, observed, showings, sides

PAGE = 1_000


class HistoryRecords(StorePart):
    """Field changes, by the tracker's clock, and what the trackers are still to be asked of the past."""

    def changes(
        self,
        pair: str,
        *,
        side: Side | None = None,
        ref: Ref | None = None,
        field: Aspect | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Iterator[FieldChange]:
        """Changes with `since <= at < until`, oldest first, each once; read as it is asked for.

        A change that a reading saw and the tracker told later is as it was told.
        """
        with self._database.reading() as connection:
            number = self._database.pair_number(connection, pair)
        order = (history.c.at, history.c.sequence)
        listing = (
            select(history).where(history.c.pair == number, history.c.superseded == 0).order_by(*order).limit(PAGE)
        )
        conditions = [
            side is not None and history.c.side == side.value,
            ref is not None and history.c.ref == str(ref),
            field is not None and history.c.field == field.value,
            since is not None and history.c.at >= since,
            until is not None and history.c.at < until,
        ]
        listing = listing.where(*(condition for condition in conditions if condition is not False))

        def following(last: Row[Any] | None) -> Select[Any]:
            return listing if last is None else listing.where(tuple_(*order) > (last.at, last.sequence))

        for rows in self._database.pages(following):
            for row in rows:
                yield _field_change(row, pair)

    def pending(self, pair: str, side: Side, *, lately: bool) -> list[Observed]:
        """Tasks whose past the tracker is to be asked for, without their bodies, the latest made first.

        `lately`: those of which only later changes are missing; else those of which nothing was told.
        """
        wanted = UNTOLD_LATELY if lately else UNTOLD
        query = select(showings.c.payload).join(observed).where(observed.c.untold == wanted, *_there(side))
        with self._database.reading() as connection:
            number = self._database.pair_number(connection, pair)
            rows = connection.execute(
                query.where(observed.c.pair == number).order_by(observed.c.created.desc(), observed.c.ref.desc())
            )
            return [_without_body(decode_observed(row.payload)) for row in rows]

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


def _without_body(item: Observed) -> Observed:
    return replace(item, showing={name: value for name, value in item.showing.items() if name is not Field.BODY})


def _field_change(row: Row[Any], pair: str) -> FieldChange:
    return FieldChange(
        pair=pair,
        side=Side(row.side),
        ref=Ref.parse(row.ref),
        field=None if row.field is None else aspect(row.field),
        at=row.at,
        seen_at=row.seen_at,
        actor=row.actor,
        old=row.old,
        new=row.new,
        operation=row.operation,
        event=row.event,
    )
