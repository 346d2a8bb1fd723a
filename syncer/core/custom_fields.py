"""Declared fields: how they are compared and carried, and which of them fit each other."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from syncer.contract.capabilities import Capabilities
from syncer.contract.custom import CustomField, CustomType, is_number
from syncer.contract.model import Field, Side
from syncer.core.field_types import Carried, PlainField, TermField, Unmapped, term_of
from syncer.core.relation import MapRow, Relation
from syncer.core.rules import PairRules
from syncer.core.set_fields import PartneredField
from syncer.core.side_view import ViewValue, names
from syncer.core.value_map import Term, rows_of, same_term

ALIKE = (frozenset({CustomType.TEXT, CustomType.URL}), frozenset({CustomType.CHOICE, CustomType.SPRINT}))
"""Types that hold the same sort of value: each of a group fits each."""

Options: TypeAlias = tuple[str, ...] | None
"""What may be chosen on a side; one that does not tell takes every name."""

PRECISION = 1e-9
"""Relative difference below which two numbers are one: trackers keep them as doubles, and print fewer digits."""


def misfit(left: CustomField, right: CustomField) -> str:
    """Why two fields cannot be kept in step, as a sentence without its end; empty where they can."""
    if left.type is right.type or any({left.type, right.type} <= group for group in ALIKE):
        return ""
    return f'"{left.name}" holds {_HOLDS[left.type]} on the left, and "{right.name}" {_HOLDS[right.type]} on the right'


def misfits(rules: PairRules, capabilities: Mapping[Side, Capabilities]) -> dict[Field, str]:
    """Why declared fields that both trackers hold are not kept in step."""
    left, right = (capabilities[side].custom for side in Side)
    found = {name: misfit(left[name], right[name]) for name in rules.custom if name in left and name in right}
    return {name: why for name, why in found.items() if why}


def only_fitting(rules: PairRules, capabilities: Mapping[Side, Capabilities]) -> PairRules:
    """The rules without the declared fields that do not fit each other: nothing of them is compared or carried."""
    for name in misfits(rules, capabilities):
        rules = rules.without(name)
    return rules


_HOLDS = {
    CustomType.TEXT: "a text",
    CustomType.URL: "an address",
    CustomType.NUMBER: "a number",
    CustomType.DATE: "a day",
    CustomType.CHOICE: "one of several options",
    CustomType.CHOICES: "any of several options",
    CustomType.PERSON: "a person",
    CustomType.SPRINT: "a sprint",
    CustomType.TASKS: "tasks, each link with a direction",
    CustomType.PEERS: "tasks, both ends of a link alike",
}


class NumberField(PlainField):
    """A number; the digits that a tracker does not print do not count."""

    def same(self, side: Side, one: ViewValue, two: ViewValue) -> bool:
        return self.agree(one, two)

    def agree(self, left: ViewValue, right: ViewValue) -> bool:
        if isinstance(left, float) and isinstance(right, float):
            return math.isclose(left, right, rel_tol=PRECISION)
        return left == right

    def typed(self, to: Side, text: str, shown: ViewValue) -> Carried:
        try:
            number = float(text)
        except ValueError:
            raise Unmapped(f'"{text}" is not a number') from None
        if not is_number(number):
            raise Unmapped(f'"{text}" is not a number that can be carried')
        return Carried(number)


@dataclass(frozen=True, slots=True)
class ChoiceField(TermField):
    """One of several options, or a sprint: what is in no row of the map means its namesake on the other side."""

    options: Mapping[Side, Options]

    def agree(self, left: ViewValue, right: ViewValue) -> bool:
        if TermField.agree(self, left, right):
            return True
        return same_term(term_of(left), term_of(right)) and not any(
            rows_of(self.relation, side, term_of(value)) for side, value in ((Side.LEFT, left), (Side.RIGHT, right))
        )

    def kept(self, side: Side, base: ViewValue, now: ViewValue) -> ViewValue:
        return Term() if self.empty(side, now) and is_lost(term_of(base).name, self.options[side]) else base

    def carry(self, to: Side, base: ViewValue, now: ViewValue, shown: ViewValue) -> Carried:
        term, options = term_of(now), self.options[to]
        rows = () if term.name is None else rows_of(self.relation, to.other, term)
        if term.name is not None and not rows:
            return Carried(Term(namesake(term.name, options, f"{self.field}", to)))
        mapped = TermField.carry(self, to, base, now, shown)
        if not rows or self.same(to, mapped.value, shown):
            return mapped
        return Carried(Term(_mapped(rows, to, options, f"{self.field}")))

    def typed(self, to: Side, text: str, shown: ViewValue) -> Carried:
        return Carried(Term(namesake(text, self.options[to], f"{self.field}", to)))


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoicesField(PartneredField):
    """Any of several options, by the map, else by their names."""

    options: Mapping[Side, Options]

    def kept(self, side: Side, base: ViewValue, now: ViewValue) -> ViewValue:
        shown = {option.casefold() for option in names(now)}
        rest = tuple(one for one in names(base) if one.casefold() in shown or not is_lost(one, self.options[side]))
        return base if rest == names(base) else rest

    def left_out(self, left: ViewValue, right: ViewValue) -> dict[Side, tuple[str, ...]]:
        """The options of one side for which nothing stands on the other, by the side that lacks them."""
        shown = {Side.LEFT: names(left), Side.RIGHT: names(right)}
        return {to: tuple(option for option in shown[to.other] if self.partner(to, option) is None) for to in Side}


def is_lost(option: str | None, options: Options) -> bool:
    """Whether an option is none any more: its tracker took it from all tasks, and no person meant one of them."""
    return option is not None and options is not None and spelt(option, options) is None


def spelt(name: str, options: Options) -> str | None:
    """The option of a name, as its tracker spells it; None where it is none."""
    if options is None:
        return name
    return next((option for option in options if option.casefold() == name.casefold()), None)


def namesake(name: str, options: Options, field: str, to: Side) -> str:
    """The option of a name, as its tracker spells it. Raises Unmapped."""
    found = spelt(name, options)
    if found is None:
        raise Unmapped(f'"{name}" is no option of {field} on the {to} side: add it there, or a row to its map')
    return found


def _mapped(rows: Sequence[MapRow], to: Side, options: Options, field: str) -> str | None:
    """What the first row names that is an option of its tracker. Raises Unmapped where no row does."""
    named = [row.cell(to).name for row in rows]
    found = [name if name is None else spelt(name, options) for name in named]
    for name, option in zip(named, found, strict=True):
        if option is not None or name is None:
            return option
    raise Unmapped(
        f'"{named[0]}" is no option of {field} on the {to} side: add it there, or correct the row of its map'
    )


def partner_option(relation: Relation, to: Side, element: str, options: Options) -> str | None:
    """What stands on `to` for an option of the other side: by the map, else its namesake; None where nothing does."""
    rows = rows_of(relation, to.other, Term(element))
    names = [row.cell(to).name for row in rows] if rows else [element]
    found = (spelt(name, options) for name in names if name is not None)
    return next((option for option in found if option is not None), None)
