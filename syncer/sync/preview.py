"""What can be done with a pair outside of a run: look at what a run would write, and read who is who."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from tempfile import TemporaryDirectory

from syncer.contract.model import Side
from syncer.core.change import ChangeSet, Tally
from syncer.store import Lease
from syncer.sync.context import PairContext
from syncer.sync.gather import StorePages
from syncer.sync.identities import refresh_rosters
from syncer.sync.lineage import apply_rule_change
from syncer.sync.pair_names import settle_name
from syncer.sync.run import PairRun, Refused


@contextmanager
def leased(context: PairContext) -> Iterator[Lease]:
    """The right to write what is known of a pair, outside of a run. Raises Busy, Refused."""
    if (refusal := settle_name(context)) is not None:
        raise Refused([refusal], None)
    with context.store.lease(context.name, context.identity()) as lease:
        yield lease


def preview_pair(context: PairContext, *, sweep: bool = False) -> ChangeSet:
    """What a run would write now. Reads both sides into the store, writes to no tracker.

    Raises Busy, TrackerError, Refused.
    """
    with leased(context) as lease:
        run = PairRun(context, lease, Tally(context.name), StorePages(context))
        run.judge_state(run.look(sweep=sweep or apply_rule_change(context, lease)))
        return run.decided()


def first_sync(context: PairContext) -> dict[str, int]:
    """How many tasks a first sync would create on each side. Reads both sides, and leaves the state as it is."""
    with TemporaryDirectory() as nowhere, context.store.open(nowhere, clock=context.clock) as scratch:
        return preview_pair(replace(context, store=scratch)).tasks_to_create()


def refresh_rosters_of(context: PairContext) -> dict[Side, str]:
    """Reads who is who on both sides now; why a side could not be read. Raises Busy."""
    with leased(context) as lease:
        return refresh_rosters(context, lease, refresh=True)
