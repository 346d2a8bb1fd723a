"""Puts old comments together where a pair carries them as digests, and renews a digest when one of them changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count, groupby

from syncer.contract.model import Observed, Ref, Side
from syncer.core.change import Create
from syncer.core.codec import compact
from syncer.core.comment_digests import DigestMaker, comment_digest
from syncer.core.creation import create_for
from syncer.core.decision_context import DecisionContext
from syncer.core.records import OperationState
from syncer.core.rules import Backfill
from syncer.store import Lease
from syncer.sync.backlog import old_tasks
from syncer.sync.context import PairContext
from syncer.sync.sharing import SharedScopes

AT_LEAST = 2
"""A comment that stands alone is carried as what it is."""
UNDER_WAY = (OperationState.SENT, OperationState.AMBIGUOUS, OperationState.HELD)
"""States of a create that may have made a copy of a comment by itself."""


def compose_digests(context: PairContext, lease: Lease, decision_context: DecisionContext) -> None:
    """Renews the digests whose comments or readers changed, and puts together what nobody carried yet."""
    composing = _Composing(context, lease, decision_context)
    composing.renew()
    if context.rules.backfill is Backfill.DIGEST:
        for side in Side:
            composing.begin(side)


@dataclass(frozen=True, slots=True)
class _Composing:
    context: PairContext
    lease: Lease
    decision_context: DecisionContext

    @property
    def made_for(self) -> str:
        """Changes when a digest may have to say something else though none of its comments changed."""
        readers = {side.value: int(audience) for side, audience in self.decision_context.audiences.items()}
        return compact([self.context.fingerprint, readers])

    def renew(self) -> None:
        store, pair = self.context.store, self.context.name
        for side, ref, task_ref in store.comment_digests.stale(pair, self.made_for):
            comments = store.comment_digests.comments_in(pair, side, ref)
            task = store.observed.get(pair, side, task_ref)
            there = store.observed.get_many(pair, side, comments)
            if task is None:  # what was said of it is kept as it was said, as that of any task that is gone
                continue
            self._save(DigestMaker(self.decision_context, side, task), ref, comments, there)

    def begin(self, side: Side) -> None:
        """Makes digests of the comments that may be carried and that nothing was done with yet."""
        store, pair = self.context.store, self.context.name
        comments = [one for one in store.comment_digests.backlog(pair, side) if one.marker is None]
        if not comments:
            return
        taken = {(one.side.other, one.source) for one in store.journal.open(pair, states=UNDER_WAY)}
        taken |= store.apart.of(pair) | {
            (one.side, one.item.ref) for one in store.set_aside.unreadable(pair) if one.item.ref is not None
        }
        taken |= {(side, ref) for ref in SharedScopes(self.context).kept(side, comments)}
        old = old_tasks(self.context, side)
        free = [one for one in comments if (side, one.ref) not in taken and old(one.parent)]
        for parent, said in groupby(sorted(free, key=lambda one: str(one.parent)), key=lambda one: one.parent):
            task = None if parent is None else store.observed.get(pair, side, parent)
            if task is not None:
                self._begin_of(DigestMaker(self.decision_context, side, task), list(said))

    def _begin_of(self, maker: DigestMaker, comments: Sequence[Observed]) -> None:
        carried = [one for one in comments if isinstance(create_for(self.decision_context, maker.side, one), Create)]
        numbers = self._numbers(maker)
        for pack in maker.packed(carried):
            if len(pack) >= AT_LEAST:
                there = {comment.ref: comment for comment in pack}
                self._save(maker, comment_digest(maker.task.ref, next(numbers)), list(there), there)

    def _numbers(self, maker: DigestMaker) -> count[int]:
        known = self.context.store.comment_digests.of_task(self.context.name, maker.side, maker.task.ref)
        return count(known + 1)

    def _save(self, maker: DigestMaker, ref: Ref, comments: Sequence[Ref], there: dict[Ref, Observed]) -> None:
        """Stores a digest of those comments that may be shown; what has no room in it any more moves to another one."""
        shown = [comment for comment in there.values() if maker.shows(comment)]
        first, *others = list(maker.packed(shown)) or [[]]
        moved = {comment.ref for pack in others for comment in pack}
        for number, pack in zip(self._numbers(maker), others, strict=False):
            self._store(maker, comment_digest(maker.task.ref, number), pack, {one.ref: one for one in pack})
        self._store(maker, ref, first, {comment: there.get(comment) for comment in comments if comment not in moved})

    def _store(
        self, maker: DigestMaker, ref: Ref, shown: Sequence[Observed], comments: Mapping[Ref, Observed | None]
    ) -> None:
        item = maker.made(ref, shown) if shown else None
        self.context.store.comment_digests.save(
            self.lease, maker.side, ref, maker.task.ref, item, comments, made_for=self.made_for
        )
