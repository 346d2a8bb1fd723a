"""One run of one pair: under its lease, with all that it came to on record."""

from __future__ import annotations

from functools import partial

from syncer.contract.connector import Fenceable
from syncer.contract.model import Side
from syncer.core.change import Tally
from syncer.core.records import RunRecord
from syncer.store import Busy, Lease
from syncer.sync.context import Duty, PairContext
from syncer.sync.gather import StorePages
from syncer.sync.outcome import ENDS_A_RUN, came_to_its_end, ended_early
from syncer.sync.pair_names import settle_name
from syncer.sync.pair_run import PairRun
from syncer.sync.staying import links_that_stay


def run_pair(
    context: PairContext, *, approve: str | None = None, sweep: bool = False, approve_creates: int | None = None
) -> Tally:
    """One run of one pair. Never raises for what a tracker or another process does: the outcome tells.

    `approve` names the change set that a guard refused before; `sweep` reads both sides completely; `approve_creates`
    is how many creates a person agreed to that wait for consent.
    """
    tally = Tally(context.name, mode=context.rules.mode.value)
    started = context.clock()
    run_id = context.identity()
    before = {side: context.connectors[side].requests for side in Side}
    limited = context.rate_limited()
    try:
        if (refusal := settle_name(context)) is not None:
            tally.outcome, tally.message = "refused", refusal.reason
            return tally
        with context.store.lease(context.name, run_id) as lease:
            tally.run = run_id
            context.begun(lease)
            context.store.pairs.start_run(lease, started)
            fence(context, lease)
            try:
                run = PairRun(context, lease, tally, StorePages(context), sum(before.values()))
                tally.outcome = _outcome(tally, run, approve, sweep=sweep, approve_creates=approve_creates)
            finally:
                tally.seconds = round((context.clock() - started).total_seconds(), 3)
                tally.credentials_end = context.credentials_end()
                tally.lacking = context.lacking()
                tally.unheld = context.unheld()
                tally.staying = links_that_stay(context, swept=tally.swept)
                tally.requests = {side.value: context.connectors[side].requests - before[side] for side in Side}
                tally.rate_limited = [
                    {"side": side, "reason": reason, "count": count}
                    for (side, reason), count in sorted((context.rate_limited() - limited).items())
                ]
                outcome = tally.outcome or "failed"
                context.store.pairs.finish_run(
                    lease, RunRecord(run_id, context.name, started, context.clock(), outcome, tally.as_json())
                )
    except Busy as busy:
        tally.outcome, tally.message = "busy", str(busy)
    return tally


def fence(context: PairContext, lease: Lease) -> None:
    """Has every write ask right before it leaves whether the pair is still this run's.

    A process may stand still between the journal and the request. On one machine nobody takes the pair over meanwhile:
    the lease is a lock of its file, and ends with the process.
    """
    if context.store.shared:
        for connector in context.connectors.values():
            if isinstance(connector, Fenceable):
                connector.fence(partial(context.store.pairs.assure, lease))


def _outcome(tally: Tally, run: PairRun, approve: str | None, *, sweep: bool, approve_creates: int | None) -> str:
    tally.outcome = ""
    try:
        run.execute(approve=approve, sweep=sweep, approve_creates=approve_creates)
    except ENDS_A_RUN as error:
        return ended_early(run.context, tally, error, run.reading)
    return came_to_its_end(tally, run.waiting(), backlog_left=Duty.BACKLOG not in run.context.duties)
