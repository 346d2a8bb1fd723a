"""The outbox: which mail is to leave, once. A message is claimed before it is handed over, and never more than twice.

It keeps for whom and for which week a message is, not its text: that is composed when it leaves, from the configuration
of that moment. So the state does not grow with what was sent, and nobody gets what was meant for another reader.

Beside it stands what somebody was told to be waiting, so that nobody is told the same again in every run.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, case, delete, or_, select, update

from syncer.core.trusted_time import TOLERANCE
from syncer.store.columns import printable
from syncer.store.database import IN_PAIR, chunks
from syncer.store.errors import NotOpen
from syncer.store.part import StorePart
from syncer.store.schema.notices import late_posts, outbox, told
from syncer.store.schema.pairs import pairs


class MailState(StrEnum):
    """How far a message has come."""

    NEW = "new"
    SENDING = "sending"
    """Claimed: after a crash nobody knows whether it left."""
    AGAIN = "again"
    """Claimed a second time after such a doubt: never a third time."""
    SENT = "sent"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Mail:
    """One message to one recipient."""

    id: int
    report: str
    week: str
    recipient: str
    """The address in small letters."""
    state: MailState
    added_at: datetime
    moved_at: datetime
    """When it came into its state."""
    note: str
    """Why it did not leave."""


@dataclass(frozen=True, slots=True)
class LatePost:
    """A post that could not be brought up to date when it was its time."""

    name: str
    week: str
    since: datetime
    note: str
    """Why."""


class Outbox(StorePart):
    """Messages, one for each report, week and recipient; and posts that are late, one for each name."""

    def add(self, report: str, week: str, recipient: str, at: datetime, renew: Collection[MailState] = ()) -> bool:
        """Whether a message is to leave that was not to before: one for each report, week and recipient.

        One that is there already begins anew where its state is one of `renew`.
        """
        key = {"report": report, "week": week, "recipient": recipient.casefold()}
        fresh = {"state": MailState.NEW.value, "moved_at": at, "note": ""}
        insert = self._database.insert(outbox).on_conflict_do_nothing().returning(outbox.c.id)
        same = and_(*(outbox.c[name] == value for name, value in key.items()))
        again = update(outbox).where(same, outbox.c.state.in_([state.value for state in renew])).values(**fresh)
        with self._database.transaction() as connection:
            if connection.execute(insert, {**key, **fresh, "added_at": at}).first() is not None:
                return True
            return connection.execute(again).rowcount == 1

    def drop(self, id: int) -> None:  # noqa: A002
        """Forgets a message that nobody wants any more."""
        with self._database.transaction() as connection:
            connection.execute(delete(outbox).where(outbox.c.id == id))

    def waits(self, before: datetime, report: str | None = None) -> bool:
        """Whether there is something for `claim` to claim."""
        claimable = self._claimable(before, report)
        with self._database.reading() as connection:
            return connection.execute(select(outbox.c.id).where(claimable).limit(1)).first() is not None

    def claim(self, at: datetime, before: datetime, report: str | None = None) -> Mail | None:
        """The oldest message that may be sent, of one report or any, claimed for the caller; None when there is none.

        A new one comes to the state sending. One that has been sending since `before` is in doubt and comes to again.
        """
        oldest = select(outbox.c.id).where(self._claimable(before, report)).order_by(outbox.c.id).limit(1)
        oldest = oldest.with_for_update(skip_locked=True)  # SQLite has one writer at a time and no such clause
        claim = (
            update(outbox)
            .where(outbox.c.id == oldest.scalar_subquery())
            .values(
                state=case(
                    (outbox.c.state == MailState.NEW.value, MailState.SENDING.value), else_=MailState.AGAIN.value
                ),
                moved_at=at,
            )
            .returning(*outbox.columns)
        )
        with self._database.transaction() as connection:
            row = connection.execute(claim).first()
        return None if row is None else _mail(row)

    def mark(self, id: int, state: MailState, at: datetime, note: str = "") -> None:  # noqa: A002
        """Moves a message to another state. Raises NotOpen for one that is sent or unknown."""
        move = (
            update(outbox)
            .where(outbox.c.id == id, outbox.c.state != MailState.SENT.value)
            .values(state=state.value, moved_at=at, note=note)
        )
        with self._database.transaction() as connection:
            if connection.execute(move).rowcount != 1:
                raise NotOpen(f"no message with the number {id} is waiting")

    def mails(self, states: Sequence[MailState] = tuple(MailState), report: str | None = None) -> list[Mail]:
        """The messages in any of these states, of one report or any, oldest first."""
        query = select(outbox).where(outbox.c.state.in_([state.value for state in states])).order_by(outbox.c.id)
        query = query if report is None else query.where(outbox.c.report == report)
        with self._database.reading() as connection:
            return [_mail(row) for row in connection.execute(query)]

    def post_late(self, name: str, week: str, at: datetime, note: str) -> None:
        """Notes that a post is to be tried again, with the report of this week in place of any other."""
        row = {"name": name, "week": week, "since": at, "note": note}
        insert = self._database.insert(late_posts).values(row)
        changed = insert.on_conflict_do_update(
            index_elements=["name"], set_={key: value for key, value in row.items() if key != "since"}
        )
        with self._database.transaction() as connection:
            connection.execute(changed)

    def post_settled(self, name: str) -> None:
        """Forgets that a post was late."""
        with self._database.transaction() as connection:
            connection.execute(delete(late_posts).where(late_posts.c.name == name))

    def late_posts(self) -> list[LatePost]:
        """The posts to be tried again, by name."""
        query = select(late_posts).order_by(late_posts.c.name)
        with self._database.reading() as connection:
            return [LatePost(row.name, row.week, row.since, row.note) for row in connection.execute(query)]

    def _claimable(self, before: datetime, report: str | None) -> ColumnElement[bool]:
        """New, or claimed so long ago that its process is gone, as it is where the time of it cannot be believed."""
        unbelievable = self._database.clock() + TOLERANCE
        long_ago = or_(outbox.c.moved_at <= before, outbox.c.moved_at > unbelievable)
        doubtful = (outbox.c.state == MailState.SENDING.value) & long_ago
        claimable = or_(outbox.c.state == MailState.NEW.value, doubtful)
        return claimable if report is None else and_(claimable, outbox.c.report == report)


def _mail(row: Row[Any]) -> Mail:
    return Mail(
        id=row.id,
        report=row.report,
        week=row.week,
        recipient=row.recipient,
        state=MailState(row.state),
        added_at=row.added_at,
        moved_at=row.moved_at,
        note=row.note,
    )


_TOLD = select(told.c.key, told.c.told_at).join(pairs).where(IN_PAIR)


class NotificationRecords(StorePart):
    """When somebody was told of what, pair by pair. A pair that was never run has nothing to tell."""

    def told(self, pair: str) -> Mapping[str, datetime]:
        """What was told, by its key, and when."""

        def read(connection: Connection) -> dict[str, datetime]:
            return {row.key: row.told_at for row in connection.execute(_TOLD, {"name": pair})}

        return dict(self._database.remembered(pair, "told", read))

    def tell(self, pair: str, keys: Collection[str], at: datetime) -> None:
        """Records that somebody was told of these."""
        if not keys:
            return
        with self._database.transaction() as connection:
            number = self._database.pair_number(connection, pair)
            rows = [{"pair": number, "key": key, "told_at": at} for key in keys]
            connection.execute(self._database.upsert(told), rows)

    def forget(self, pair: str, keys: Collection[str]) -> None:
        """Forgets that somebody was told of these, because they wait no more: the next time they are news again."""
        with self._database.transaction() as connection:
            number = self._database.pair_number(connection, pair)
            for piece in chunks([printable(key) for key in keys]):
                connection.execute(delete(told).where(told.c.pair == number, told.c.key.in_(piece)))
