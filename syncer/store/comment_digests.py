"""Old comments that are carried as one: which stand in which digest, and the digest itself.

A digest lies among what its side shows, as a kind of its own and in no task: no listing holds it, no reading misses it,
and it has no history.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlalchemy import and_, func, select, update

from syncer.contract.model import Kind, Observed, Ref, Side
from syncer.core.codec import decode_observed, digest
from syncer.store.database import Lease
from syncer.store.observations import IN_NO_LINK, THERE
from syncer.store.part import StorePart
from syncer.store.recording import RecordingContext, record_composed
from syncer.store.schema.items import COMPOSED, comment_digests, digested_comments, observed

_SHOWN = func.coalesce(observed.c.digest, "")


class CommentDigests(StorePart):
    """The digests of the pairs."""

    def of_comment(self, pair: str, side: Side, comment: Ref) -> Ref | None:
        """The digest in which a comment stands."""
        mine = digested_comments.c.side == side.value, digested_comments.c.comment == str(comment)
        with self._database.reading() as connection:
            number = self._database.pair_number(connection, pair)
            found = connection.scalar(
                select(digested_comments.c.digest).where(digested_comments.c.pair == number, *mine)
            )
        return None if found is None else Ref.parse(found)

    def comments_in(self, pair: str, side: Side, ref: Ref) -> list[Ref]:
        """The comments that stand in a digest, whatever became of them."""
        mine = digested_comments.c.side == side.value, digested_comments.c.digest == str(ref)
        with self._database.reading() as connection:
            number = self._database.pair_number(connection, pair)
            query = select(digested_comments.c.comment).where(digested_comments.c.pair == number, *mine)
            return [Ref.parse(comment) for comment in connection.scalars(query)]

    def of_task(self, pair: str, side: Side, task: Ref) -> int:
        """How many digests were made of a task's comments."""
        mine = comment_digests.c.side == side.value, comment_digests.c.task == str(task)
        with self._database.reading() as connection:
            number = self._database.pair_number(connection, pair)
            query = select(func.count()).where(comment_digests.c.pair == number, *mine)
            return connection.scalar(query) or 0

    def backlog(self, pair: str, side: Side) -> list[Observed]:
        """The comments of the backlog that have neither a partner nor a place in a digest."""
        mine = observed.c.side == side.value, observed.c.kind == Kind.COMMENT.value, observed.c.backlog == 1
        with self._database.reading() as connection:
            number = self._database.pair_number(connection, pair)
            query = THERE.where(observed.c.pair == number, *mine, IN_NO_LINK[side])
            return [decode_observed(row.payload) for row in connection.execute(query)]

    def unlinked(self, pair: str, side: Side) -> Iterator[Observed]:
        """The digests that have no partner yet."""
        mine = observed.c.side == side.value, observed.c.kind == COMPOSED
        with self._database.reading() as connection:
            number = self._database.pair_number(connection, pair)
            query = THERE.where(observed.c.pair == number, *mine, IN_NO_LINK[side]).order_by(observed.c.created)
            rows = connection.execute(query).all()
        return (decode_observed(row.payload) for row in rows)

    def stale(self, pair: str, made_for: str) -> list[tuple[Side, Ref, Ref]]:
        """The digests with a comment that shows something else than it did, or that were made for other rules.

        Side, digest and task of each.
        """
        there = and_(
            observed.c.pair == digested_comments.c.pair,
            observed.c.side == digested_comments.c.side,
            observed.c.ref == digested_comments.c.comment,
            observed.c.gone_at.is_(None),
        )
        moved = (
            select(digested_comments.c.side, digested_comments.c.digest)
            .outerjoin(observed, there)
            .where(digested_comments.c.shown != _SHOWN)
        )
        with self._database.reading() as connection:
            number = self._database.pair_number(connection, pair)
            found = {
                (row.side, row.digest) for row in connection.execute(moved.where(digested_comments.c.pair == number))
            }
            rows = connection.execute(select(comment_digests).where(comment_digests.c.pair == number)).all()
        return [
            (Side(row.side), Ref.parse(row.ref), Ref.parse(row.task))
            for row in rows
            if row.made_for != made_for or (row.side, row.ref) in found
        ]

    def save(
        self,
        lease: Lease,
        side: Side,
        ref: Ref,
        task: Ref,
        item: Observed | None,
        comments: Mapping[Ref, Observed | None],
        *,
        made_for: str,
    ) -> None:
        """Stores a digest, None where nothing of it may be shown any more, and the comments that stand in it."""
        with self._database.writing(lease) as (connection, number):
            place = RecordingContext(self._database, connection, number, side, self._database.clock())
            if item is None:
                mine = observed.c.pair == number, observed.c.side == side.value, observed.c.ref == str(ref)
                gone = update(observed).where(*mine, observed.c.gone_at.is_(None))
                connection.execute(gone.values(gone_at=place.seen_at))
            else:
                record_composed(place, item)
            key = {"pair": number, "side": side.value}
            row = key | {"ref": str(ref), "task": str(task), "made_for": made_for}
            connection.execute(self._database.upsert(comment_digests), row)
            rows = [
                key | {"comment": str(comment), "digest": str(ref), "shown": "" if shown is None else digest(shown)}
                for comment, shown in comments.items()
            ]
            connection.execute(self._database.upsert(digested_comments), rows)
