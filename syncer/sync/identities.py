"""Whom the people of the configuration are, once their accounts were met: bound to ids that never change.

And who is who on each side: read rarely, after the work of a run, and never a reason for it to fail.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from syncer.contract.errors import Rejected, TrackerError
from syncer.contract.model import Account, Field, Observed, Showing, Side
from syncer.contract.people import renaming
from syncer.contract.roster import Rostered
from syncer.core.people import Identity, KnownAccounts, identity_of, resolved, same
from syncer.core.rules import MappedPerson, PairRules
from syncer.core.trusted_time import elapsed
from syncer.store import Lease
from syncer.sync.context import PairContext

ROSTERS_EVERY = timedelta(hours=20)
"""Less than a day: the sweep that leads here comes once a day, at about the same time."""


def rules_of(context: PairContext) -> PairRules:
    """The rules of a pair, with its people as the state knows them now."""
    known = {side: context.store.identities.of_pair(context.name, side) for side in Side}
    return replace(context.rules, people=resolved(context.rules.people, known))


def bind_people(context: PairContext, lease: Lease) -> None:
    """Binds each configured account to the id that it has when it is first seen; writes only what changes."""
    for side in Side:
        if renaming(context.connectors[side]) is None:
            continue
        before = context.store.identities.of_pair(context.name, side)
        after = _bound(context, side, {each.native: each for each in before})
        context.store.identities.save(lease, side, [each for each in after.values() if each not in before])


def _bound(context: PairContext, side: Side, known: dict[str, Identity]) -> dict[str, Identity]:
    """The accounts with what the configuration says about them now."""
    for person in context.rules.people:
        account, given = person.accounts.get(side), person.ids.get(side)
        if account is not None and given is not None and given not in known:
            met = KnownAccounts.of(list(known.values()))
            met.meet(Account(account, native=given))
            known = met.known
    people = [person for person in context.rules.people if side in person.accounts and side not in person.ids]
    wanted = {person.accounts[side].casefold() for person in people}
    known = {native: each if each.bound in wanted else replace(each, bound=None) for native, each in known.items()}
    for person in people:
        if identity_of(person, side, list(known.values())) is None:
            account = person.accounts[side]
            found = next((each for each in known.values() if same(each.login, account) and each.bound is None), None)
            if found is not None:
                known[found.native] = replace(found, bound=account.casefold())
    return known


def who_has(context: PairContext, side: Side) -> list[tuple[MappedPerson, Identity, Identity]]:
    """The people whose account in the configuration another one has by now, as the tracker tells: theirs, and that."""
    connector, found = context.connectors[side], []
    known = context.store.identities.of_pair(context.name, side)
    for person in context.rules.people:
        identity = None if side in person.ids else identity_of(person, side, known)
        account = connector.account(person.accounts[side]) if identity is not None else None
        if identity is not None and account is not None and account.native not in ("", identity.native):
            found.append((person, identity, Identity(account.native, account.id, account.id)))
    return found


class Addresses:
    """What the accounts of one side are called by its tracker now. Asks once for each account that is newly named."""

    def __init__(self, context: PairContext, lease: Lease, side: Side) -> None:
        self._context, self._lease, self._side = context, lease, side
        self._by_native = renaming(context.connectors[side])
        self._asked: dict[str, str | None] = {}

    def item(self, item: Observed) -> Observed:
        """An item as its tracker would show it now."""
        return replace(item, showing=self.fields(item.showing, item.showing))

    def fields(self, fields: Showing, shown: Showing) -> Showing:
        """Fields to be written, where `shown` is there already. Raises Rejected for who has no account any more."""
        names, there = fields.get(Field.ASSIGNEES), shown.get(Field.ASSIGNEES)
        if not isinstance(names, tuple) or not names or self._by_native is None:
            return fields
        known = {each.known_as: each for each in self._context.store.identities.of_pair(self._context.name, self._side)}
        shows = there if isinstance(there, tuple) else ()
        return {**fields, Field.ASSIGNEES: tuple(self._login(name, known.get(name), name in shows) for name in names)}

    def _login(self, name: str, identity: Identity | None, shown: bool) -> str:
        if identity is not None and shown and identity.login is not None:
            return identity.login
        if name not in self._asked:
            self._asked[name] = self._ask(name, identity)
        login = self._asked[name]
        if login is None:
            raise Rejected(f"assignees: nobody has the account {name} any more")
        return login

    def _ask(self, name: str, identity: Identity | None) -> str | None:
        """The login of an account now; None where another account has it, or none."""
        found = self._by_native.account_of(identity.native) if identity is not None and self._by_native else None
        if found is None:
            found = self._context.connectors[self._side].account(
                (identity.login if identity is not None else None) or name
            )
        if found is None:
            return None if identity is not None else name  # the tracker says what it does not know
        self._context.store.identities.meet(self._lease, self._side, found)
        if identity is not None and found.native != identity.native:
            return None
        return found.id


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
    return known is None or elapsed(known.seen_at, context.now(side), ROSTERS_EVERY)
