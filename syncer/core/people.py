"""Who is meant by an account, whatever it is called at the moment.

An account keeps the name under which this state met it (`known_as`) for good: in what sides show, in bases and in the
history. So a renamed account looks as it did, and one that takes over its old login does not. Only what is written to
a tracker names accounts as the tracker does now.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from syncer.contract.model import Account, Field, Observed, Side
from syncer.core.rules import MappedPerson


@dataclass(frozen=True, slots=True)
class Identity:
    """One account that can be renamed."""

    native: str
    """The tracker's id of it that never changes."""
    known_as: str
    """What this state calls it, for good."""
    login: str | None
    """What the tracker calls it now; None where somebody else has its last login."""
    bound: str | None = None
    """The account in `[[people]]` that was found to be this one, in lower case."""


@dataclass(slots=True)
class KnownAccounts:
    """The accounts of one side as far as they are known, and what is new about them."""

    known: dict[str, Identity]
    """By native id."""
    changed: set[str]

    @classmethod
    def of(cls, known: Collection[Identity]) -> KnownAccounts:
        """Those that are known, nothing new yet."""
        return cls({identity.native: identity for identity in known}, set())

    def meet(self, account: Account) -> None:
        """Learns what an account is called now."""
        if not account.native or account.native == account.id:
            return
        found = self.known.get(account.native)
        if found is None:
            self._put(Identity(account.native, self._name_for(account), account.id))
        elif found.login != account.id:
            self._put(replace(found, login=account.id))
        else:
            return
        for other in list(self.known.values()):
            if other.native != account.native and same(other.login, account.id):
                self._put(replace(other, login=None))

    def _name_for(self, account: Account) -> str:
        taken = any(same(other.known_as, account.id) for other in self.known.values())
        return f"{account.id}#{account.native}" if taken else account.id

    def _put(self, identity: Identity) -> None:
        self.known[identity.native] = identity
        self.changed.add(identity.native)

    def named(self, item: Observed) -> Observed:
        """An item as its tracker shows it, with the names that this state uses; shown people are met first."""
        for account in _shown(item):
            self.meet(account)
        shown = item.showing.get(Field.ASSIGNEES)
        natives = {account.id: account.native for account in item.people}
        showing = item.showing
        if isinstance(shown, tuple) and shown:
            called = tuple(self.name(login, natives.get(login, "")) for login in shown)
            showing = showing if called == shown else {**showing, Field.ASSIGNEES: called}
        author = item.author
        if author is not None and author.native:
            author = replace(author, id=self.name(author.id, author.native))
        return replace(item, showing=showing, author=author, people=())

    def name(self, login: str, native: str = "") -> str:
        """What this state calls the account that has a login now; without its id, whoever has the login."""
        if native:
            found = self.known.get(native)
        else:
            found = next((each for each in self.known.values() if same(each.login, login)), None)
        return login if found is None else found.known_as


def _shown(item: Observed) -> list[Account]:
    return [*item.people, *([item.author] if item.author is not None else [])]


def same(one: str | None, two: str | None) -> bool:
    """Whether two logins are one: GitHub's are compared without case."""
    return one is not None and two is not None and one.casefold() == two.casefold()


def resolved(people: Sequence[MappedPerson], known: Mapping[Side, Sequence[Identity]]) -> tuple[MappedPerson, ...]:
    """The people of the rules with the names by which this state knows their accounts."""
    return tuple(_resolved(person, known) for person in people)


def _resolved(person: MappedPerson, known: Mapping[Side, Sequence[Identity]]) -> MappedPerson:
    accounts, logins, unsure = dict(person.accounts), dict(person.accounts), {}
    for side, account in person.accounts.items():
        identity = identity_of(person, side, known[side])
        if identity is None:
            continue
        accounts[side] = identity.known_as
        if identity.login is None:
            del logins[side]
        else:
            logins[side] = identity.login
        other = taken_over(identity, known[side]) if side not in person.ids else None
        if other is not None:
            unsure[side] = f"the account {account} of {person.name} {changed_hands(identity, other)}"
    return replace(person, accounts=accounts, logins=logins, unsure=unsure)


def identity_of(person: MappedPerson, side: Side, known: Sequence[Identity]) -> Identity | None:
    """The account of a person on a side: by the id that the configuration gives, else by what it was bound to."""
    given = person.ids.get(side)
    if given is not None:
        return next((each for each in known if each.native == given), None)
    return next((each for each in known if same(each.bound, person.accounts.get(side))), None)


def taken_over(identity: Identity, known: Sequence[Identity]) -> Identity | None:
    """The other account that has the login by which `[[people]]` names this one; None where nobody else has it."""
    return next((each for each in known if each.native != identity.native and same(each.login, identity.bound)), None)


def changed_hands(identity: Identity, other: Identity) -> str:
    """How two accounts came to be meant by one login."""
    now = f", which is called {identity.login} now" if identity.login is not None else ""
    return f"was that with the id {identity.native}{now}, and belongs to the one with the id {other.native}"
