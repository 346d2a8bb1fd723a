"""Reading who is who on each side: rarely, after the work of a run, and never a reason for it to fail."""

from __future__ import annotations

from datetime import timedelta

from syncer.contract.errors import TrackerError
from syncer.contract.model import Side
from syncer.contract.roster import Rostered
from syncer.core.trusted_time import elapsed
from syncer.store import Lease
from syncer.sync.context import PairContext

EVERY = timedelta(hours=20)
"""Less than a day: the sweep that leads here comes once a day, at about the same time."""


def refresh_rosters(context: PairContext, lease: Lease, *, refresh: bool = False) -> dict[Side, str]:
    """Reads and stores who is who where that is due, or on `refresh` anyway; why a side could not be read.

    What was known before stays where reading fails.
    """
    failed: dict[Side, str] = {}
    for side in Side:
        connector = context.connectors[side]
        if not isinstance(connector, Rostered) or not (refresh or _due(context, side)):
            continue
        context.check_stop()
        try:
            roster = connector.roster()
        except TrackerError as error:
            failed[side] = str(error)
            continue
        context.store.rosters.add(lease, side, roster, context.now(side))
    return failed


def _due(context: PairContext, side: Side) -> bool:
    known = context.store.rosters.get(context.name, side)
    return known is None or elapsed(known.seen_at, context.now(side), EVERY)
