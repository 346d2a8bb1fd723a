"""Pull requests and releases, read into the state for the evaluation where a connector is to tell of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from syncer.contract.code import CodeTeller
from syncer.contract.errors import TrackerError
from syncer.contract.model import Side
from syncer.core.trusted_time import elapsed
from syncer.store.database import Lease
from syncer.sync.context import PairContext

CODE_EVERY: Final = timedelta(hours=1)


def read_code(context: PairContext, lease: Lease) -> bool:
    """Reads what is due; whether anything was. What was known before stays where a tracker fails: the next run asks."""
    read = False
    for side in Side:
        teller = context.connectors[side]
        if not isinstance(teller, CodeTeller) or not teller.tells_code:
            continue
        known = context.store.code.get(context.name, side)
        if not elapsed(known.read_at, context.now(side), CODE_EVERY):
            continue
        context.check_stop()
        try:
            told = teller.code(known.cursor, known.pulls)
        except TrackerError:
            continue
        context.store.code.add(lease, side, told, context.now(side))
        read = True
    return read
