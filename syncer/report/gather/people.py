"""Who is who: accounts of both sides become persons by the people map of the pairs, and rosters are read with them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from syncer.contract.model import Account, Side
from syncer.core.responsibility import Declarations
from syncer.core.rules import PairRules
from syncer.report.gather.values import clean
from syncer.report.model.claims import ClaimedRoster
from syncer.report.model.collaboration import Person
from syncer.report.model.window import Window
from syncer.report.responsibility.claims import known_roster
from syncer.store import Store

WEEKS = 5
"""Weeks of which rosters are read: this one and the four before, with which its figures are compared."""


class People:
    """The persons met so far. A mapped person has one id in all pairs; an unmapped account is a person of its own."""

    def __init__(self, pairs: Sequence[PairRules]) -> None:
        self._ids = {
            (rules.name, side, account): person.name
            for rules in pairs
            for person in rules.people
            for side in person.accounts
            # What the state calls the account, and what a roster does, which is read as it is.
            for account in {person.accounts[side], person.login(side) or person.accounts[side]}
        }
        self._names: dict[str, str] = {}
        self._mapped = {person.name for rules in pairs for person in rules.people}
        self._bots: set[str] = set()
        self._called: dict[str, set[str]] = defaultdict(set)
        """Ids by the names people call them, folded."""
        for (_, _, account), person in self._ids.items():
            self._call(person, account, person)

    def meet(self, pair: str, side: Side, account: Account) -> None:
        """Learns the name of an account from wherever a tracker shows it."""
        person = self._id(pair, side, account.id)
        if person not in self._mapped and account.name:
            self._names[person] = account.name
        self._call(person, account.id, account.name)
        if account.bot:
            self._bots.add(person)

    def person(self, pair: str, side: Side, account: str) -> str:
        """The id of the person behind an account."""
        person = self._id(pair, side, account)
        self._names.setdefault(person, person if person in self._mapped else account)
        return person

    def name(self, pair: str, side: Side, account: str) -> str:
        """What the person behind an account is called."""
        return self._names[self.person(pair, side, account)]

    def named(self, name: str) -> str | None:
        """The id of whom people mean by a name of the people map, an account or a shown name; None when not one is."""
        found = {name} & self._mapped or self._called.get(name.casefold(), set())
        if len(found) != 1:
            return None
        (person,) = found
        self._names.setdefault(person, person)
        return person

    def having_account(self, pair: str, side: Side) -> frozenset[str]:
        """Ids of the mapped persons with an account on a side."""
        return frozenset(person for (name, where, _), person in self._ids.items() if (name, where) == (pair, side))

    def all(self) -> tuple[Person, ...]:
        """Everybody that was met, by id."""
        return tuple(Person(person, clean(name), person in self._bots) for person, name in sorted(self._names.items()))

    def _call(self, person: str, *names: str) -> None:
        for name in names:
            if name:
                self._called[name.casefold()].add(person)

    def _id(self, pair: str, side: Side, account: str) -> str:
        return self._ids.get((pair, side, account), f"{pair}/{side.value}/{account}")


def known_rosters(store: Store, pair: str, people: People, window: Window) -> Iterator[ClaimedRoster]:
    """What each side said of who is who at the ends of these weeks, each state once."""
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
