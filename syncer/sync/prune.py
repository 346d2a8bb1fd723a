"""Keeping the state small: at the end of a run, once a day, a little at a time."""

from __future__ import annotations

from datetime import timedelta

from syncer.core.trusted_time import elapsed
from syncer.store import Lease
from syncer.sync.context import PairContext

EVERY = timedelta(hours=20)
"""Less than a day, so that it is due at about the same time of each day."""


def prune_if_due(context: PairContext, lease: Lease) -> None:
    """Deletes some of what is past its time, unless nothing was left less than a day ago."""
    if elapsed(context.store.expired.pruned_at(context.name), context.clock(), EVERY):
        context.store.expired.prune(lease, context.retention, context.clock())
