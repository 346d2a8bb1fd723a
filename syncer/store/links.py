"""Links: which items are the same on both sides, and which of them need to be looked at."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, or_, select, update
from sqlalchemy.exc import IntegrityError

from syncer.contract.model import Field, Kind, Ref, Side
from syncer.core.codec import decode_difference, decode_observed, encode_difference
from syncer.core.link_memory import decode_memory, encode_memory
from syncer.core.link_reason import Because, decode_reason, encode_reason
from syncer.core.records import Link, LinkedItems, LinkState, ShownTogether
from syncer.core.trusted_time import LONGEST_BACKOFF, TOLERANCE
from syncer.core.waiting import NEEDS_A_PERSON, Why
from syncer.store.conflicts import close_conflicts
from syncer.store.database import Database, Lease, chunks
from syncer.store.errors import AlreadyLinked
from syncer.store.link_statements import (
    ARRIVED,
    COUNT,
    COUNT_WAITING,
    DIFFERING,
    DIGESTS,
    DUE,
    IN_STATE,
    JOINED,
    LINKS_OF_PAIR,
    NOT_AWAITED,
    OF_ID,
    OF_ITEM,
    PARTNER,
    PARTNERS,
    SHOWN_TOGETHER,
    THESE_LINKS,
    UNSETTLED,
    ref_of,
)
from syncer.store.part import StorePart
from syncer.store.schema.links import awaited, links
from syncer.store.schema.pairs import pairs

REFUSED = NEEDS_A_PERSON - {Why.CONFLICT}
"""Differences that count as something held; a conflict is counted by itself."""

Settled = tuple[Link, Collection[Field]]
"""A link as both sides agree on it, and the fields of which no conflict is left."""

Digests = tuple[str, str, str, str, str]
"""Link id; what was settled and what is shown now on the left; the same on the right. "" where there is nothing."""


class Links(StorePart):
    """Links with their base. An item is in at most one link of its pair, whatever its state."""

    def get(self, id: str) -> Link | None:  # noqa: A002 -- the word of the records
        """A link by its id."""
        return self._asked(OF_ID, {"link": id})

    def of_item(self, pair: str, side: Side, ref: Ref) -> Link | None:
        """The link an item is in."""
        return self._asked(OF_ITEM[side], {"name": pair, "ref": str(ref)})

    def of_items(self, pair: str, side: Side, refs: Collection[Ref]) -> dict[Ref, Link]:
        """The links that those of the items are in that are in one, of any state."""
        own, found = ref_of(side), {}
        with self._database.reading() as connection:
            number = self._database.pair_number(connection, pair)
            for piece in chunks([str(ref) for ref in refs]):
                for row in connection.execute(select(links).where(links.c.pair == number, own.in_(piece))):
                    link = _link(row, pair)
                    found[link.ref(side)] = link
        return found

    def _asked(self, statement: Select[Any], values: dict[str, str]) -> Link | None:
        with self._database.reading() as connection:
            row = connection.execute(statement, values).first()
        return None if row is None else _link(row, row.name)

    def partner(self, pair: str, side: Side, ref: Ref) -> Ref | None:
        """What an item of `side` is linked to on the other side."""
        with self._database.reading() as connection:
            of_item = {"of_pair": self._database.pair_number(connection, pair), "ref": str(ref)}
            partner = connection.scalar(PARTNER[side], of_item)
        return None if partner is None else Ref.parse(partner)

    def partners(self, pair: str, side: Side, refs: Collection[Ref]) -> dict[Ref, Ref]:
        """What those of the items that are linked are linked to, whatever the state of the link."""
        with self._database.reading() as connection:
            number = self._database.pair_number(connection, pair)
            return {
                Ref.parse(ref): Ref.parse(partner)
                for piece in chunks([str(ref) for ref in refs])
                for ref, partner in connection.execute(PARTNERS[side], {"of_pair": number, "refs": piece})
            }

    def states(self, pair: str, side: Side, refs: Collection[Ref]) -> dict[Ref, LinkState]:
        """The states of the links that these items are in; those that are in none are left out."""
        own = ref_of(side)
        query = select(own, links.c.state)
        with self._database.reading() as connection:
            number = self._database.pair_number(connection, pair)
            return {
                Ref.parse(ref): LinkState(state)
                for piece in chunks([str(ref) for ref in refs])
                for ref, state in connection.execute(query.where(links.c.pair == number, own.in_(piece)))
            }

    def of_pair(self, pair: str, *, kind: Kind | None = None, state: LinkState | None = None) -> Iterator[LinkedItems]:
        """All links with what both sides show, kind by kind, state by state; read as it is asked for."""
        for rows in self._in_order(LINKS_OF_PAIR, pair, kind, state):
            for row in rows:
                yield _linked_items(row, pair)

    def shown_together(self, pair: str, kind: Kind) -> Iterator[ShownTogether]:
        """What both sides of each link show, in the order of `of_pair`; read as it is asked for.

        Half as much is read as by `of_pair`: who only looks at items needs no base.
        """
        for rows in self._in_order(SHOWN_TOGETHER, pair, kind):
            for row in rows:
                yield ShownTogether(
                    Side(row.origin),
                    row.because == Because.MOVED_ON,
                    None if row.left_payload is None else decode_observed(row.left_payload),
                    None if row.right_payload is None else decode_observed(row.right_payload),
                )

    def mirrors(self, pair: str, kind: Kind) -> set[tuple[Side, Ref]]:
        """Of each link the item that syncer created for the other one."""
        mirrors = set()
        for rows in self._in_order(JOINED, pair, kind):
            for row in rows:
                side = Side(row.origin).other
                mirrors.add((side, Ref.parse(row.left_ref if side is Side.LEFT else row.right_ref)))
        return mirrors

    def _in_order(
        self, listing: Select[Any], pair: str, kind: Kind | None = None, state: LinkState | None = None
    ) -> Iterator[Sequence[Row[Any]]]:
        """The pages of a listing of links in the order of the index `links_settled`, so that no page is sorted."""
        page = IN_STATE[listing]
        for one_kind in Kind if kind is None else [kind]:
            for one_state in LinkState if state is None else [state]:
                yield from self._by_id(page, pair, kind=one_kind.value, state=one_state.value)

    def _by_id(self, page: Select[Any], pair: str, **values: Any) -> Iterator[Sequence[Row[Any]]]:
        """The pages of a listing of links, by id. `values` are those it needs beside the pair."""
        values = {"of_pair": self._database.number_of(pair), **values}
        return self._database.pages_of(
            pair, lambda last: page if last is None else page.where(links.c.id > last.id), values
        )

    def unsettled(self, pair: str, kind: Kind, now: datetime) -> Iterator[LinkedItems]:
        """Active links of which a side shows something else than was settled, is gone, or was never settled.

        Those that failed are left out until their `retry_at`. In the order of their ids, read as it is asked for: a
        link that is settled meanwhile may still be among the next few, one that moves behind the reader waits.
        """
        for rows in self._by_id(UNSETTLED, pair, kind=kind.value, now=now, beyond_belief=_beyond_belief(now)):
            with self._database.reading() as connection:
                number = self._database.pair_number(connection, pair)
                found = connection.execute(THESE_LINKS, {"of_pair": number, "refs": [row.id for row in rows]}).all()
            for row in found:
                yield _linked_items(row, pair)

    def due(self, pair: str, kind: Kind, now: datetime) -> Iterator[LinkedItems]:
        """Active links of which a refused field is to be tried again by now, though nothing moved."""
        for rows in self._by_id(DUE, pair, kind=kind.value, now=now, beyond_belief=_beyond_belief(now)):
            for row in rows:
                yield _linked_items(row, pair)

    def wake(self, lease: Lease) -> int:
        """Has the active links looked at again that waited for an item which is linked by now; how many there are."""
        arrived = {"of_pair": self._database.assure(lease)}
        with self._database.reading() as connection:
            if connection.execute(ARRIVED, arrived).first() is None:
                return 0  # as in most runs, which need no transaction for it
        with self._database.writing(lease) as (connection, number):
            woken = list(connection.execute(ARRIVED, {"of_pair": number}).scalars())
            for piece in chunks(woken):
                of_piece = links.c.id.in_(piece)
                connection.execute(update(links).where(of_piece).values(settled_left="", settled_right=""))
                connection.execute(delete(awaited).where(awaited.c.link.in_(piece)))
        return len(woken)

    def digests(self, pair: str) -> Iterator[Digests]:
        """For every link, what was settled and what each side shows now, as digests: the cheapest full comparison."""
        for rows in self._in_order(DIGESTS, pair):
            for row in rows:
                yield tuple(row)

    def count(self, pair: str) -> dict[Kind, int]:
        """How many links of each kind are not retired."""

        def read(connection: Connection) -> dict[Kind, int]:
            number = self._database.pair_number(connection, pair)
            return {Kind(kind): count for kind, count in connection.execute(COUNT, {"of_pair": number})}

        counted = self._database.remembered(pair, "links", read)
        return {kind: counted.get(kind, 0) for kind in Kind}

    def count_waiting(self, pair: str) -> int:
        """How many links wait for something: held, or active with something that failed, or that a tracker refused."""
        with self._database.reading() as connection:
            number = self._database.pair_number(connection, pair)
            return int(connection.execute(COUNT_WAITING, {"of_pair": number}).scalar_one())

    def differing(self, pair: str) -> Iterator[LinkedItems]:
        """The links of which something differs and is not written, by id; read as it is asked for."""
        for rows in self._by_id(DIFFERING, pair):
            for row in rows:
                yield _linked_items(row, pair)

    def waiting(self, pair: str) -> Iterator[LinkedItems]:
        """The links of which something waits: what differs and is not written, what is held, what failed."""
        held = links.c.state == LinkState.HELD.value
        waits = or_(links.c.differs.is_not(None), held, links.c.because != "")
        for rows in self._by_id(LINKS_OF_PAIR.where(links.c.state != LinkState.RETIRED.value, waits), pair):
            for row in rows:
                yield _linked_items(row, pair)

    def look_again(self, lease: Lease) -> None:
        """Has every active link decided once by the rules of this version, unless that was done before."""
        with self._database.writing(lease) as (connection, number):
            known = connection.scalar(select(pairs.c.compared).where(pairs.c.id == number))
            if not known:
                active = (links.c.pair == number) & (links.c.state == LinkState.ACTIVE.value)
                connection.execute(update(links).where(active).values(settled_left="", settled_right=""))
                connection.execute(update(pairs).where(pairs.c.id == number).values(compared=1))

    def save(self, lease: Lease, link: Link) -> None:
        """Inserts a link or replaces the one with its id."""
        self.save_all(lease, [link])

    def save_all(self, lease: Lease, several: Sequence[Link]) -> None:
        """Inserts or replaces links in one transaction. Raises AlreadyLinked when an item is in another link."""
        if not several:
            return
        with self._database.writing(lease) as (connection, number):
            write_links(self._database, connection, number, several)
        self._database.wrote(len(several))

    def settle(self, lease: Lease, several: Sequence[Settled], at: datetime) -> None:
        """Saves links, and closes the open conflicts of the fields in which both sides agree, in one transaction."""
        if not several:
            return
        with self._database.writing(lease) as (connection, number):
            write_links(self._database, connection, number, [link for link, _ in several])
            close_conflicts(connection, number, {link.id: agreed for link, agreed in several if agreed}, at)
        self._database.wrote(len(several))

    def remove(self, lease: Lease, ids: Collection[str]) -> None:
        """Forgets links, and with each its base: their items are in no link any more."""
        with self._database.writing(lease) as (connection, _number):
            for piece in chunks(sorted(ids)):
                connection.execute(delete(awaited).where(awaited.c.link.in_(piece)))
                connection.execute(delete(links).where(links.c.id.in_(piece)))


def write_links(database: Database, connection: Connection, number: int, several: Sequence[Link]) -> None:
    """Inserts or replaces links inside a transaction. Raises AlreadyLinked."""
    if not several:
        return
    try:
        connection.execute(database.upsert(links), [_row(number, link) for link in several])
    except IntegrityError as error:
        names = ", ".join(f"{link.left} - {link.right}" for link in several[:3])
        raise AlreadyLinked(f"an item of {names} is in another link of {several[0].pair!r} already") from error
    for piece in chunks([link.id for link in several if link.kind is Kind.TASK]):
        connection.execute(NOT_AWAITED, {"refs": piece})
    waits = [row for link in several for row in _awaited(number, link)]
    if waits:
        connection.execute(awaited.insert(), waits)


def _awaited(number: int, link: Link) -> Iterator[dict[str, Any]]:
    """The items that a link waits for, by its memory."""
    for side, natives in link.memory.awaits.items():
        for native in natives:
            yield {"pair": number, "side": side.value, "ref": str(Ref(link.kind, native)), "link": link.id}


def _beyond_belief(now: datetime) -> datetime:
    return now + LONGEST_BACKOFF + TOLERANCE


def _linked_items(row: Row[Any], pair: str) -> LinkedItems:
    return LinkedItems(
        link=_link(row, pair),
        left=None if row.left_payload is None else decode_observed(row.left_payload),
        right=None if row.right_payload is None else decode_observed(row.right_payload),
    )


def _link(row: Row[Any], pair: str) -> Link:
    settled = {Side.LEFT: row.settled_left, Side.RIGHT: row.settled_right}
    return Link(
        id=row.id,
        pair=pair,
        kind=Kind(row.kind),
        left=Ref.parse(row.left_ref),
        right=Ref.parse(row.right_ref),
        origin=Side(row.origin),
        state=LinkState(row.state),
        reason=decode_reason(row.because, row.about),
        base={Side(side): fields for side, fields in row.base.items()},
        settled={side: value for side, value in settled.items() if value},
        memory=decode_memory(row.memory),
        differs=tuple(decode_difference(one) for one in row.differs or ()),
        attempts=row.attempts,
        retry_at=row.retry_at,
    )


def _row(number: int, link: Link) -> dict[str, Any]:
    because, about = encode_reason(link.reason)
    return {
        "id": link.id,
        "pair": number,
        "kind": link.kind.value,
        "left_ref": str(link.left),
        "right_ref": str(link.right),
        "origin": link.origin.value,
        "state": link.state.value,
        "because": because,
        "about": about,
        "settled_left": link.settled.get(Side.LEFT, ""),
        "settled_right": link.settled.get(Side.RIGHT, ""),
        "attempts": link.attempts,
        "retry_at": link.retry_at,
        "base": {side.value: dict(fields) for side, fields in link.base.items()},
        "memory": encode_memory(link.memory),
        "differs": [encode_difference(one) for one in link.differs] or None,
        "again_at": min((one.retry_at for one in link.differs if one.retry_at is not None), default=None),
        "refused": sum(one.why in REFUSED for one in link.differs),
    }
