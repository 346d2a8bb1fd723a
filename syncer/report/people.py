"""Who is who: accounts of both sides become persons by the people map of the pairs."""

from __future__ import annotations

from collections.abc import Sequence

from syncer.contract.model import Account, Side
from syncer.core.rules import PairRules
from syncer.report.model import Person
from syncer.report.values import clean


class People:
    """The persons met so far. A mapped person has one id in all pairs; an unmapped account is a person of its own."""

    def __init__(self, pairs: Sequence[PairRules]) -> None:
        self._ids = {
            (rules.name, side, account): person.name
            for rules in pairs
            for person in rules.people
            for side, account in person.accounts.items()
        }
        self._names: dict[str, str] = {}
        self._mapped = {person.name for rules in pairs for person in rules.people}
        self._bots: set[str] = set()

    def meet(self, pair: str, side: Side, account: Account) -> None:
        """Learns the name of an account from wherever a tracker shows it."""
        person = self._id(pair, side, account.id)
        if person not in self._mapped and account.name:
            self._names[person] = account.name
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

    def all(self) -> tuple[Person, ...]:
        """Everybody that was met, by id."""
        return tuple(Person(person, clean(name), person in self._bots) for person, name in sorted(self._names.items()))

    def _id(self, pair: str, side: Side, account: str) -> str:
        return self._ids.get((pair, side, account), f"{pair}/{side.value}/{account}")
