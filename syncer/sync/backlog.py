"""The comments that have no partner, in the order in which they are carried, and which of the old ones are left out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from syncer.contract.model import Kind, Observed, Ref, Side
from syncer.core.comment_digests import is_old
from syncer.core.rules import Backfill
from syncer.sync.context import PairContext


def unlinked_comments(context: PairContext, side: Side) -> list[Observed]:
    """The comments of a side that are in no link: digests in place of what stands in them."""
    store, pair = context.store, context.name
    return [*store.observed.unlinked(pair, side, Kind.COMMENT), *store.comment_digests.unlinked(pair, side)]


def in_conversations(context: PairContext, side: Side, comments: Sequence[Observed]) -> list[Observed]:
    """Comments task by task: of open tasks first, and where the latest word was said first."""
    latest: dict[Ref | None, datetime] = {}
    for comment in comments:
        latest[comment.parent] = max(comment.created, latest.get(comment.parent, comment.created))
    tasks = [task for task in latest if task is not None]
    finished = context.store.observed.finished(context.name, side, tasks)

    def turn(comment: Observed) -> tuple[bool, float, str]:
        return comment.parent in finished, -latest[comment.parent].timestamp(), str(comment.parent)

    return sorted(comments, key=turn)


def old_tasks(context: PairContext, side: Side) -> Callable[[Ref | None], bool]:
    """Tells of tasks of a side whether the backlog of their comments is carried as `backfill` says."""
    store, pair, now = context.store, context.name, context.now()
    known: dict[Ref, bool] = {}

    def old(task: Ref | None) -> bool:
        if task is None:
            return False
        if task not in known:
            item = store.observed.get(pair, side, task)
            known[task] = item is not None and is_old(context.rules, item, now)
        return known[task]

    return old


def left_behind(context: PairContext, side: Side, kind: Kind) -> Callable[[Observed], bool]:
    """Tells of items of a kind whether `backfill` leaves them where they are."""
    if kind is not Kind.COMMENT or context.rules.backfill is not Backfill.NONE:
        return lambda _comment: False
    backlog = {comment.ref for comment in context.store.comment_digests.backlog(context.name, side)}
    old = old_tasks(context, side)
    return lambda comment: comment.ref in backlog and old(comment.parent)
