"""What can be done with a pair outside of a run: look at what a run would write, and read who is who."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from tempfile import TemporaryDirectory

from syncer.contract.model import Kind, Observed, Side
from syncer.core.change import Change, ChangeSet, Create, Skip, Tally, Update
from syncer.core.link_reason import LEFT
from syncer.core.records import LinkState
from syncer.store import Lease
from syncer.sync.context import PairContext
from syncer.sync.gather import StorePages
from syncer.sync.identities import refresh_rosters
from syncer.sync.lineage import apply_rule_change
from syncer.sync.outcome import Refused
from syncer.sync.pair_names import settle_name
from syncer.sync.pair_run import PairRun
from syncer.sync.twins import alike_without_link


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


def task_keys(context: PairContext, change_set: ChangeSet) -> list[str]:
    """For each change of a change set, the key of the task that its comment belongs to; empty for anything else."""
    return [_task_key(context, *_comment_of(change)) for change in change_set.changes]


def _comment_of(change: Change) -> tuple[Side, Observed | None]:
    match change:
        case Create():
            return change.side.other, change.source
        case Update():
            return change.side, change.target
        case Skip():
            return change.side.other, change.item
        case _:
            return Side.LEFT, None


def _task_key(context: PairContext, side: Side, item: Observed | None) -> str:
    if item is None or item.parent is None:
        return ""
    task = context.store.observed.get(context.name, side, item.parent)
    return "" if task is None else task.key


def set_aside(context: PairContext) -> int:
    """How many tasks are outside a route or filter, so that nothing of them is written."""
    held = context.store.links.of_pair(context.name, kind=Kind.TASK, state=LinkState.HELD)
    return sum(one.link.reason is not None and one.link.reason.because in LEFT for one in held)


@dataclass(frozen=True, slots=True)
class Beginning:
    """What the first run of a pair meets."""

    creates: dict[str, int]
    """How many tasks it would create on each side."""
    alike: int
    """How many tasks look alike on both sides: while there are any, it is refused."""


def beginning(context: PairContext) -> Beginning:
    """What a first sync would meet. Reads both sides, and leaves the state as it is."""
    with TemporaryDirectory() as nowhere, context.store.open(nowhere, clock=context.clock) as scratch:
        elsewhere = replace(context, store=scratch)
        return Beginning(preview_pair(elsewhere).tasks_to_create(), alike_without_link(elsewhere))


def refresh_rosters_of(context: PairContext) -> dict[Side, str]:
    """Reads who is who on both sides now; why a side could not be read. Raises Busy."""
    with leased(context) as lease:
        return refresh_rosters(context, lease, refresh=True)
