"""What each side shows: stored page by page, read one by one or streamed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from functools import cache
from heapq import merge
from typing import Any

from sqlalchemy import Column, Row, Select, and_, bindparam, exists, func, select, tuple_, update

from syncer.contract.connector import Page
from syncer.contract.model import Audience, Kind, Observed, Ref, Side
from syncer.core.codec import decode_observed
from syncer.store.columns import printable
from syncer.store.database import OF_PAIR, OF_SIDE, REFS, Lease, chunks
from syncer.store.part import StorePart
from syncer.store.recording import PageStored, RecordingContext, Shown, record_gone, record_shown
from syncer.store.schema.items import CAME_INTO_VIEW, COMPOSED, digested_comments, observed, showings
from syncer.store.schema.links import links
from syncer.store.schema.pairs import sides
from syncer.store.set_aside import clear_unreadable, write_unreadable

PAGE = 500
RANKS = (0, 1)
"""Open, finished."""


class Observations(StorePart):
    """Items as their trackers showed them. Gone items are kept but never returned, except by their history."""

    def save_page(
        self,
        lease: Lease,
        side: Side,
        page: Page,
        *,
        seen_at: datetime,
        sweep: str | None = None,
        operation: str | None = None,
        read_before: datetime | None = None,
        new_since: datetime | None = None,
    ) -> PageStored:
        """Stores a page, the comments it no longer has, and the cursor behind it, in one transaction.

        Nothing is written for an item that is as it was, except that `sweep` saw it. Comments of the page's complete
        tasks that it does not show are gone. What could not be read is set aside and not gone. An empty cursor leaves
        the stored one. What the page shows older than it is known stays as stored. `operation`: our own write made
        the items show this. `read_before`: when the side was read completely the last time, by the tracker's clock.
        `new_since`: what is new and was neither made nor edited from then on is the backlog.
        """
        with self._database.writing(lease) as (connection, number):
            place = RecordingContext(self._database, connection, number, side, seen_at)
            stored = record_shown(
                place,
                [Shown(item, operation) for item in page.observed],
                sweep=sweep,
                read_before=read_before,
                new_since=new_since,
                listed=operation is None,
            )
            shown = {item.ref for item in page.observed}
            clear_unreadable(place, shown)
            write_unreadable(place, page.unreadable, sweep=sweep)
            shown |= {item.ref for item in page.unreadable if item.ref is not None}
            missing = [ref for ref in _comments(place, page.complete) if ref not in shown]
            stored.gone.extend(record_gone(place, missing))
            if page.cursor:
                self._save_cursor(place, page.cursor)
        self._database.wrote(len(stored.new))
        return stored

    def _save_cursor(self, place: RecordingContext, cursor: str) -> None:
        where = (sides.c.pair == place.pair, sides.c.side == place.side.value)
        saved = place.connection.execute(update(sides).where(*where).values(cursor=cursor))
        if saved.rowcount == 0:
            unknown = {"covers": "", "audience": int(Audience.RESTRICTED), "address": ""}
            place.connection.execute(
                sides.insert(), {"pair": place.pair, "side": place.side.value, "cursor": cursor, **unknown}
            )

    def save(self, lease: Lease, side: Side, item: Observed, *, seen_at: datetime, operation: str | None) -> None:
        """Stores one item as read just now."""
        with self._database.writing(lease) as (connection, number):
            place = RecordingContext(self._database, connection, number, side, seen_at)
            record_shown(place, [Shown(item, operation)])
            clear_unreadable(place, [item.ref])

    def save_readers(self, lease: Lease, side: Side, readers: Mapping[Ref, Audience], *, seen_at: datetime) -> None:
        """Stores who can read tasks of which it was not told, and with them their comments."""
        tasks = self.get_many(lease.pair, side, readers)
        items = [item for task in tasks for item in (tasks[task], *self.comments_of(lease.pair, side, task))]
        told = [
            replace(item, audience=readers[item.parent or item.ref], audience_untold=False)
            for item in items
            if item.audience_untold
        ]
        with self._database.writing(lease) as (connection, number):
            place = RecordingContext(self._database, connection, number, side, seen_at)
            record_shown(place, [Shown(item) for item in told])

    def mark_gone(self, lease: Lease, side: Side, refs: Iterable[Ref], *, seen_at: datetime) -> None:
        """Records that items are no longer there; those that already were gone stay as they are."""
        with self._database.writing(lease) as (connection, number):
            place, gone = RecordingContext(self._database, connection, number, side, seen_at), list(refs)
            record_gone(place, gone)
            clear_unreadable(place, gone)

    def get(self, pair: str, side: Side, ref: Ref) -> Observed | None:
        """An item as last shown; None when unknown or gone."""
        with self._database.reading() as connection:
            of_side = {"of_pair": self._database.pair_number(connection, pair), "of_side": side.value}
            payload = connection.scalar(_THIS, {**of_side, "ref": str(ref)})
        return None if payload is None else decode_observed(payload)

    def get_many(self, pair: str, side: Side, refs: Collection[Ref]) -> dict[Ref, Observed]:
        """Those of the items that are known and not gone."""
        found: dict[Ref, Observed] = {}
        with self._database.reading() as connection:
            of_side = {"of_pair": self._database.pair_number(connection, pair), "of_side": side.value}
            for piece in chunks([str(ref) for ref in refs]):
                for row in connection.execute(_THESE, {**of_side, "refs": piece}):
                    item = decode_observed(row.payload)
                    found[item.ref] = item
        return found

    def by_key(self, pair: str, side: Side, key: str) -> Observed | None:
        """The item that people call `key` now (`PAY-7`, `acme/pay#12`)."""
        return self._item_where(pair, side, showings.c.key == printable(key))

    def by_url(self, pair: str, side: Side, url: str) -> Observed | None:
        """The item at an address."""
        return self._item_where(pair, side, showings.c.url == printable(url))

    def _item_where(self, pair: str, side: Side, condition: Any) -> Observed | None:
        """The one item that fits; of several (a key was given again) the one created last."""
        with self._database.reading() as connection:
            of_side = {"of_pair": self._database.pair_number(connection, pair), "of_side": side.value}
            newest = _OF_SIDE.where(condition).order_by(observed.c.created.desc()).limit(1)
            row = connection.execute(newest, of_side).first()
        return None if row is None else decode_observed(row.payload)

    def comment_count(self, pair: str, side: Side, task: Ref) -> int:
        """How many comments of a task are known and not gone."""
        return self.comment_counts(pair, side, [task]).get(task, 0)

    def comment_counts(self, pair: str, side: Side, tasks: Collection[Ref]) -> dict[Ref, int]:
        """How many comments of tasks are known and not gone; tasks without any are left out."""
        with self._database.reading() as connection:
            of_side = {"of_pair": self._database.pair_number(connection, pair), "of_side": side.value}
            return {
                Ref.parse(task): count
                for piece in chunks([str(task) for task in tasks])
                for task, count in connection.execute(_COMMENT_COUNTS, {**of_side, "refs": piece})
            }

    def comments_of(self, pair: str, side: Side, task: Ref) -> list[Observed]:
        """The comments of a task, oldest first."""
        with self._database.reading() as connection:
            number = self._database.pair_number(connection, pair)
            of_task = {"of_pair": number, "of_side": side.value, "task": str(task)}
            return [decode_observed(row.payload) for row in connection.execute(_COMMENTS, of_task)]

    def comments_since(self, pair: str, side: Side, *, created: datetime, seen: datetime) -> Iterator[Observed]:
        """The comments that were made after a moment (the tracker's clock) and stored since another (ours)."""
        young = _page(Kind.COMMENT, 0).where(observed.c.created > created, observed.c.seen_at >= seen)
        return self._ordered(young, pair, side, _AGE)

    def items(self, pair: str, side: Side, kind: Kind | None = None) -> Iterator[Observed]:
        """Everything a side shows, of one kind or all, oldest first; read as it is asked for."""
        kinds = list(Kind) if kind is None else [kind]
        streams = [self._ordered(_page(one, rank), pair, side, _AGE) for one in kinds for rank in RANKS]
        return merge(*streams, key=lambda item: item.created)

    def unlinked(self, pair: str, side: Side, kind: Kind) -> Iterator[Observed]:
        """Items that are in no link of any state: open ones first, then oldest first; read as it is asked for."""
        return self._ordered(_page_of_unlinked(side, kind), pair, side, _RANK_AND_AGE)

    def new_work(self, pair: str, kind: Kind) -> set[tuple[Side, Ref]]:
        """The items in no link that people made or edited since their side was first read: all but the backlog."""
        found: set[tuple[Side, Ref]] = set()
        with self._database.reading() as connection:
            number = self._database.pair_number(connection, pair)
            for side in Side:
                mine = observed.c.pair == number, observed.c.side == side.value, observed.c.kind == kind.value
                lately = select(observed.c.ref).where(*mine, observed.c.backlog == 0, observed.c.gone_at.is_(None))
                found |= {(side, Ref.parse(ref)) for ref in connection.scalars(lately.where(IN_NO_LINK[side]))}
        return found

    def finished(self, pair: str, side: Side, tasks: Collection[Ref]) -> set[Ref]:
        """Those of the tasks that are finished."""
        found: set[Ref] = set()
        with self._database.reading() as connection:
            number = self._database.pair_number(connection, pair)
            mine = observed.c.pair == number, observed.c.side == side.value, observed.c.rank == RANKS[1]
            for piece in chunks([str(task) for task in tasks]):
                done = select(observed.c.ref).where(*mine, observed.c.ref.in_(piece))
                found |= {Ref.parse(ref) for ref in connection.scalars(done)}
        return found

    def came_into_view(self, pair: str) -> list[tuple[Side, Observed]]:
        """The unlinked tasks that nobody made or edited since a complete reading that did not show them."""
        found = []
        with self._database.reading() as connection:
            number = self._database.pair_number(connection, pair)
            for side in Side:
                rows = connection.execute(_CAME_INTO_VIEW[side], {"of_pair": number, "of_side": side.value})
                found += [(side, decode_observed(row.payload)) for row in rows]
        return found

    def agree_to_what_came(self, lease: Lease) -> None:
        """Takes what came into view up to now for new: a person agreed to it."""
        with self._database.writing(lease) as (connection, number):
            mine = update(observed).where(observed.c.pair == number, CAME_INTO_VIEW)
            connection.execute(mine.values(came_into_view=0))

    def unseen(self, pair: str, side: Side, sweep: str) -> list[Observed]:
        """Items that a complete listing did not show although they were there before."""
        with self._database.reading() as connection:
            of_side = {"of_pair": self._database.pair_number(connection, pair), "of_side": side.value}
            listed = _OF_SIDE.where(observed.c.kind != COMPOSED)
            unseen = listed.where((observed.c.sweep.is_(None)) | (observed.c.sweep != sweep))
            rows = connection.execute(unseen.order_by(observed.c.created), of_side)
            return [decode_observed(row.payload) for row in rows]

    def _ordered(self, page: Select[Any], pair: str, side: Side, order: tuple[Column[Any], ...]) -> Iterator[Observed]:
        """The items of a listing in an order that an index has, page by page."""
        number = self._database.number_of(pair)

        def following(last: Row[Any] | None) -> Select[Any]:
            return page if last is None else page.where(tuple_(*order) > tuple(last[1:]))

        for rows in self._database.pages_of(pair, following, {"of_pair": number, "of_side": side.value}):
            for row in rows:
                yield decode_observed(row.payload)


THERE = select(showings.c.payload).join(observed).where(observed.c.gone_at.is_(None))
_OF_SIDE = THERE.where(observed.c.pair == OF_PAIR, observed.c.side == OF_SIDE)
_THIS = _OF_SIDE.where(observed.c.ref == bindparam("ref"))
_THESE = _OF_SIDE.where(observed.c.ref.in_(REFS))
_AGE = (observed.c.created, observed.c.ref)
_RANK_AND_AGE = (observed.c.rank, *_AGE)
_IN_A_DIGEST = exists().where(
    digested_comments.c.pair == observed.c.pair,
    digested_comments.c.side == observed.c.side,
    digested_comments.c.comment == observed.c.ref,
)
IN_NO_LINK = {
    side: and_(~exists().where(links.c.pair == observed.c.pair, ref == observed.c.ref), ~_IN_A_DIGEST)
    for side, ref in ((Side.LEFT, links.c.left_ref), (Side.RIGHT, links.c.right_ref))
}
"""Nor in a digest, which has the link."""
_UNLINKED = {side: _OF_SIDE.where(alone) for side, alone in IN_NO_LINK.items()}
_CAME_INTO_VIEW = {side: query.where(CAME_INTO_VIEW).order_by(observed.c.created) for side, query in _UNLINKED.items()}
_COMMENTS = _OF_SIDE.where(observed.c.parent == bindparam("task")).order_by(*_AGE)
_COMMENT_COUNTS = (
    select(observed.c.parent, func.count())
    .where(
        observed.c.pair == OF_PAIR,
        observed.c.side == OF_SIDE,
        observed.c.parent.in_(REFS),
        observed.c.gone_at.is_(None),
    )
    .group_by(observed.c.parent)
)


@cache
def _page(kind: Kind, rank: int) -> Select[Any]:
    """The first page of the items of a kind and rank, oldest first."""
    return _first_page(_OF_SIDE.where(observed.c.kind == kind.value, observed.c.rank == rank), _AGE)


@cache
def _page_of_unlinked(side: Side, kind: Kind) -> Select[Any]:
    """The first page of the items of a kind that are in no link, open ones first, then oldest first."""
    return _first_page(_UNLINKED[side].where(observed.c.kind == kind.value), _RANK_AND_AGE)


def _first_page(listing: Select[Any], order: tuple[Column[Any], ...]) -> Select[Any]:
    return listing.add_columns(*order).order_by(*order).limit(PAGE)


def _comments(place: RecordingContext, tasks: Collection[Ref]) -> Iterator[Ref]:
    """The comments of tasks that are known and not gone."""
    for piece in chunks(sorted(str(task) for task in tasks)):
        query = select(observed.c.ref).where(
            observed.c.pair == place.pair,
            observed.c.side == place.side.value,
            observed.c.parent.in_(piece),
            observed.c.gone_at.is_(None),
        )
        for ref in place.connection.scalars(query):
            yield Ref.parse(ref)
