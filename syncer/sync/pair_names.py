"""Under which name the state knows a pair: one that was renamed in the file is never begun anew by accident."""

from __future__ import annotations

from syncer.core.guard import Refusal
from syncer.sync.context import PairContext


def settle_name(context: PairContext) -> Refusal | None:
    """Why a pair may not be run under its name; None where it may.

    A pair that the file says was called otherwise before is renamed in the state. Nothing is asked of a tracker.
    """
    store, old = context.store, _known_formerly_as(context)
    if old is None:
        return refused_name(context)
    with store.lease(old, context.identity()) as lease:
        store.naming.rename(lease, context.name, context.clock())
    return None


def _known_formerly_as(context: PairContext) -> str | None:
    """The name under which the state knows a pair that the file says was called so before."""
    if not context.formerly or context.store.naming.is_known(context.name):
        return None
    known = context.store.naming.known()
    former = (old for old in context.formerly if old in known and old not in context.configured)
    return next(former, None)


def refused_name(context: PairContext) -> Refusal | None:
    """Why a pair may not be run under its name; None where it may, or where the next run renames it."""
    name = context.name
    if context.store.naming.is_known(name) or _known_formerly_as(context) is not None:
        return None
    known = context.store.naming.known()
    mine = {address.casefold() for address in context.addresses.values()}
    for old, scopes in known.items():
        if old not in context.configured and {address.casefold() for address in scopes} == mine:
            return Refusal(
                f'the state knows these two scopes as the pair "{old}", which the configuration no longer names, and'
                f' none called "{name}". If it was renamed: syncer pair rename {old} {name}. For a new beginning, in'
                f" which all that it would create waits for your consent: syncer pair forget {old}"
            )
    return None
