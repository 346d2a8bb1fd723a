"""Who or what stands for an element of one side on the other: by the people map, and by the links between items."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from syncer.contract.model import Kind, Ref, Side
from syncer.core.rules import MappedPerson


def person_partner(people: Sequence[MappedPerson]) -> Callable[[Side, str], str | None]:
    """Partners by the people map; accounts are compared without case, as GitHub's logins are."""
    table: dict[tuple[Side, str], str] = {}
    for person in people:
        for side in Side:
            if side in person.accounts and side.other in person.accounts and not person.unsure:
                table[side, person.accounts[side.other].casefold()] = person.accounts[side]
    return lambda side, account: table.get((side, account.casefold()))


def doubtful_people(people: Sequence[MappedPerson]) -> Callable[[Side, str], str]:
    """Why it is not known whose an account is; empty where it is."""
    table = {
        (side, account.casefold()): "; ".join(person.unsure.values())
        for person in people
        if person.unsure
        for side, account in person.accounts.items()
    }
    return lambda side, account: table.get((side, account.casefold()), "")


def linked_partner(kind: Kind, partner: Callable[[Side, Ref], Ref | None]) -> Callable[[Side, str], str | None]:
    """Partners by the links between items of a kind."""

    def of(side: Side, native: str) -> str | None:
        ref = partner(side.other, Ref(kind, native))
        return ref.id if ref else None

    return of
