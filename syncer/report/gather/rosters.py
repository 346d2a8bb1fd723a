"""Reads who is who from the store, as it changed over the weeks that are looked at, and finds whom a name means."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from syncer.contract.model import Account, Side
from syncer.core.responsibility import Declarations
from syncer.report.gather.people import People
from syncer.report.model.window import Window
from syncer.report.responsibility.claims import ClaimedRoster, known_roster
from syncer.store import Store

WEEKS = 5
"""Of this one and the four before, with which its figures are compared."""


def known_rosters(store: Store, pair: str, people: People, window: Window) -> Iterator[ClaimedRoster]:
    """What each side told of who is who at the ends of these weeks, each state once."""
    for side in Side:

        def person(account: Account, side: Side = side) -> str:
            people.meet(pair, side, account)
            return people.person(pair, side, account.id)

        ends = [window.earlier(weeks).end for weeks in range(WEEKS - 1, -1, -1)]
        states = [state for end in ends if (state := store.rosters.get(pair, side, at=end)) is not None]
        for state in {state.read_at: state for state in states}.values():
            accounts = people.having_account(pair, side)
            yield known_roster(pair, side, state.roster, state.read_at, person, people.named, accounts)


def by_id(declared: Declarations, people: People) -> Declarations:
    """What is written down with the ids of those who are known; others keep the name that is written."""

    def known(name: str) -> str:
        return people.named(name) or name

    return replace(
        declared,
        pools=tuple(tuple(map(known, pool)) for pool in declared.pools),
        people=tuple(replace(profile, name=known(profile.name)) for profile in declared.people),
        rows=tuple(
            replace(row, person=known(row.person), agreed_by=tuple(map(known, row.agreed_by))) for row in declared.rows
        ),
    )
