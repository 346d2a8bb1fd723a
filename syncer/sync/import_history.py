"""Asks the trackers for the past: what happened before the first reading, and who did what a reading saw.

Nothing here decides what is written, so nothing here fails a run: what could not be asked is asked by a later one. The
past is imported once for each task; afterwards only tasks that somebody changed are asked about, and never in a run
that found nothing to do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from functools import lru_cache

import structlog

from syncer.contract.errors import Denied, Gone, Rejected, TrackerError
from syncer.contract.history import Aspect, Historian, HistoryPage
from syncer.contract.model import Cursor, Field, Kind, Observed, Side
from syncer.core.history_merge import with_ids, with_names
from syncer.core.people import KnownAccounts
from syncer.store import Lease
from syncer.sync.context import PairContext

IMPORT_REQUESTS = 30
"""How many requests one run spends on the past of one side before the rest is left to the next one."""

SMALL_RUN = 5
"""What a run in which one task changed may cost. What it does not cost goes into asking who changed the task."""

MOST_ASKED = 20
"""How many tasks a run in which more changed asks about, on each side."""

_log = structlog.get_logger(__name__)


class Busyness(Enum):
    """How much a run had to do, which decides how much it may ask."""

    QUIET = "nothing to write; what it saw moving is the echo of an earlier run"
    SMALL = "one changed task"
    LARGE = "several changed tasks, or everything read"


def import_history(context: PairContext, lease: Lease, *, spent: int, busy: Busyness) -> None:
    """Asks both sides for what they did not tell yet.

    `spent` are the requests of this run so far. A quiet run goes on with an unfinished import and asks nothing else.
    """
    for side in Side:
        connector = context.connectors[side]
        if not isinstance(connector, Historian) or not context.store.history.count_pending(context.name, side):
            continue
        before = connector.requests
        asking = _Asking(context, lease, side, connector)
        asking.ask(context.store.history.pending(context.name, side, lately=False), IMPORT_REQUESTS, whole=True)
        spent += connector.requests - before
        if busy is Busyness.QUIET:
            continue
        allowed = max(0, SMALL_RUN - spent) if busy is Busyness.SMALL else MOST_ASKED
        before = connector.requests
        asking.ask(context.store.history.pending(context.name, side, lately=True)[:MOST_ASKED], allowed, whole=False)
        spent += connector.requests - before


class _Asking:
    """One side, asked in this run."""

    def __init__(self, context: PairContext, lease: Lease, side: Side, connector: Historian) -> None:
        self._context, self._lease, self._side, self._connector = context, lease, side, connector
        self._ours = context.store.history.our_accounts(context.name, side)
        self._identify = _identities(context, side)

    def ask(self, items: Sequence[Observed], allowed: int, *, whole: bool) -> None:
        """Records what is told of these tasks, until the requests that are allowed are used up."""
        if not items or allowed <= 0:
            return
        try:
            self._consume(items, allowed, whole=whole)
        except (Denied, Rejected, Gone) as error:
            # It will be refused again: not asked before the tasks change.
            _log.warning("the tracker does not tell the past", side=self._side.value, error=str(error))
            self._record(HistoryPage((), frozenset(item.ref for item in items)), whole=whole)
        except TrackerError as error:
            _log.info("the past is asked for again by the next run", side=self._side.value, error=str(error))

    def _consume(self, items: Sequence[Observed], allowed: int, *, whole: bool) -> None:
        store, pair = self._context.store, self._context.name
        connector = self._context.connectors[self._side]
        cursor: Cursor | None = store.history.cursor(pair, self._side) if whole else None
        until = connector.requests + allowed
        for told in self._connector.history(items, cursor, lately=not whole):
            self._record(told, whole=whole)
            self._context.progress.step(f"reading the past of {self._side}", len(told.complete), None)
            self._context.check_stop()
            if connector.requests >= until:
                return

    def _record(self, told: HistoryPage, *, whole: bool) -> None:
        store, pair = self._context.store, self._context.name
        name = KnownAccounts.of(store.identities.of_pair(pair, self._side)).name
        # Texts are not kept twice: what they say is seen by reading.
        kept = (change for change in told.changes if change.aspect is not Field.BODY)
        changes = tuple(with_names(with_ids(change, self._identify), name) for change in kept)
        shown = store.observed.get_many(pair, self._side, {change.ref for change in changes})
        store.history.save_page(
            self._lease,
            self._side,
            HistoryPage(changes, told.complete, told.cursor),
            shown,
            seen_at=self._context.clock(),
            ours=self._ours,
            keep_cursor=not whole,
        )


def _identities(context: PairContext, side: Side) -> Callable[[Aspect, str], str | None]:
    """Native ids behind the titles of milestones and the keys of tasks."""
    titles: dict[str, str] = {}

    @lru_cache(maxsize=4_096)
    def identify(aspect: Aspect, name: str) -> str | None:
        if aspect is not Field.MILESTONES:
            found = context.store.observed.by_key(context.name, side, name)
            return None if found is None else found.ref.id
        if not titles:
            milestones = context.store.observed.items(context.name, side, Kind.MILESTONE)
            titles.update({str(item.showing.get(Field.TITLE)): item.ref.id for item in milestones})
        return titles.get(name)

    return identify
