"""One link with what both sides show: what every decision about its fields looks at, and whether a field agrees.

Two sides agree where they say the same, and where one shows exactly what carrying the other afresh would write: a side
that cannot hold a text exactly says as much as it can. An edge that would lead a task back to itself closes a cycle.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from syncer.contract.model import Category, Field, Kind, Observed, Side
from syncer.core.audience import COMMENTS
from syncer.core.custom_fields import ChoiceField, ChoicesField
from syncer.core.decision_context import DecisionContext, field_rule, field_type_for, link_origins
from syncer.core.field_types import FieldType, ProseField, TermField, Unmapped, term_of
from syncer.core.records import Link, LinkedItems
from syncer.core.rules import Direction, FieldRule
from syncer.core.set_fields import EdgesField, NamesField, PartneredField
from syncer.core.side_view import ViewValue, decode_view, folded, names
from syncer.core.value_map import Term, fits_a_row, left_its_column, rows_of, same_term
from syncer.core.waiting import Why
from syncer.core.wording import READING

DIRECTED = (Field.PARENT, Field.BLOCKED_BY, Field.DUPLICATES)
"""The edges that can close a cycle; relations lead both ways."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why a field of the other side is not written to one."""

    side: Side
    why: Why
    reason: str


class LinkedFields:
    """The fields of one link on both sides: now, when both agreed, and how they are compared."""

    def __init__(self, context: DecisionContext, items: LinkedItems, left: Observed, right: Observed) -> None:
        self.context = context
        self.link: Link = items.link
        self.items: Mapping[Side, Observed] = {Side.LEFT: left, Side.RIGHT: right}
        self._origins = link_origins(context, items.link, self.items)
        self.now = {side: context.views[side].look(item) for side, item in self.items.items()}
        self.base = {
            side: {Field(name): decode_view(value) for name, value in items.link.base.get(side, {}).items()}
            for side in Side
        }
        memory = items.link.memory
        self.cut = {side: set(memory.truncated.get(side, ())) for side in Side}
        self.given: dict[Field, ViewValue] = {name: decode_view(value) for name, value in memory.given.items()}

    def both(self, name: Field) -> bool:
        """Whether both sides show a field."""
        return all(name in self.now[side] for side in Side)

    def rule(self, name: Field) -> FieldRule:
        """The rule under which a field is carried."""
        return field_rule(self.context.rules, self.link.kind, name)

    def field_type(self, name: Field) -> FieldType:
        """How a field is compared and carried."""
        return field_type_for(self.context, self.link.kind, name, self._origins, self.items, self._remembered())

    def _remembered(self) -> dict[Side, list[Term]]:
        before = self.link.memory.before
        return {
            side: [term for encoded in before.get(side, ()) if isinstance(term := decode_view(encoded), Term)]
            for side in Side
        }

    def column(self, name: Field) -> dict[Side, ViewValue]:
        """What both sides show of a field."""
        return {side: self.now[side].get(name) for side in Side}

    def base_column(self, name: Field) -> dict[Side, ViewValue]:
        """What both sides showed of a field when they agreed."""
        return {side: self.base[side].get(name) for side in Side}

    def moved(self, name: Field, field_type: FieldType) -> list[Side]:
        """The sides that do not show what they showed when both agreed."""
        return [
            side
            for side in Side
            if not field_type.same(side, self.base[side].get(name), self.now[side][name])
            and not left_its_column(term_of(self.base[side].get(name)), term_of(self.now[side][name]))
        ]

    def columnless(self, name: Field) -> Side | None:
        """The side on whose board an open task stands in no column, which nobody took it out of; None for neither."""
        for side in Side:
            shown, base = self.now[side].get(name), self.base[side].get(name)
            if (
                name is Field.STATUS
                and self.link.kind is Kind.TASK
                and isinstance(shown, Term)
                and (shown.option, term_of(base).option) == (None, None)
                and shown.category is not Category.DONE
                and self.context.views[side].stands_in_columns(self.items[side].showing)
            ):
                return side
        return None

    def lost_its_option(self, name: Field, field_type: FieldType) -> Side | None:
        """The side that shows nothing since its option was deleted: there may be one of that name again."""
        if not isinstance(field_type, ChoiceField):
            return None
        sides = [side for side in Side if field_type.empty(side, self.base[side].get(name))]
        return sides[0] if len(sides) == 1 else None

    def was_cut(self, name: Field, side: Side) -> bool:
        """Whether a side shows only the beginning of a field: what is written there is never carried back."""
        return name in self.cut[side]

    def inexact(self, name: Field, field_type: FieldType) -> bool:
        """Whether both sides still show what we saw them show after our own write: the one cannot hold more of it.

        A side holds names and edges as they are, or says which it cannot hold; people and milestones as far as there is
        room, which `agree` knows.
        """
        if isinstance(field_type, NamesField | EdgesField | PartneredField) or name not in self.link.memory.inexact:
            return False
        return not self.moved(name, field_type)

    # -- agreement --------------------------------------------------------------------------------------------------

    def agree(self, name: Field, field_type: FieldType) -> bool:
        """Whether nothing of a field is left to carry in either direction, as far as each side can hold it."""
        left, right = self.now[Side.LEFT][name], self.now[Side.RIGHT][name]
        if field_type.agree(left, right) or self.is_given(name, field_type):
            return True
        if isinstance(field_type, TermField):
            return self._says_nothing(name, field_type)
        return self._still_agrees(name, field_type) or any(self._as_carried(name, field_type, to) for to in Side)

    def _still_agrees(self, name: Field, field_type: FieldType) -> bool:
        """Whether both sides show the texts that an older version, which read less in them, saw agree."""
        if not isinstance(field_type, ProseField) or self.link.memory.read == READING:
            return False
        return field_type.still_agree(self.base_column(name), self.column(name))

    def agree_as_read(self, name: Field) -> bool:
        """Whether both sides show a text that says the same by the reading of this version."""
        field_type = self.field_type(name)
        return isinstance(field_type, ProseField) and field_type.agree(
            self.now[Side.LEFT][name], self.now[Side.RIGHT][name]
        )

    def _as_carried(self, name: Field, field_type: FieldType, to: Side) -> bool:
        """Whether a side shows exactly what carrying the other side afresh would write."""
        try:
            carried = field_type.carry(to, None, self.now[to.other][name], None)
        except Unmapped:
            return False
        if carried.truncated:
            self.cut[to].add(name)
        return field_type.same(to, carried.value, self.now[to][name])

    def _says_nothing(self, name: Field, field_type: TermField) -> bool:
        """Whether a priority or type differs in nothing that the map speaks of: no row, and nothing on the other side.

        A value that people never mapped is theirs alone. A status is always something.
        """
        if name is Field.STATUS or name.custom:
            return False
        if not field_type.relation.rows:
            return True
        for side in Side:
            shown = self.now[side][name]
            unmapped = isinstance(shown, Term) and not rows_of(field_type.relation, side, shown)
            if unmapped and field_type.empty(side.other, self.now[side.other][name]):
                return True
        return False

    def is_given(self, name: Field, field_type: FieldType) -> bool:
        """Whether one side shows what its tracker, or the configuration, gave the new item, and the other side nothing.

        For priorities and types, which some trackers always show, and element by element for labels, components and
        people. Where an older state remembers nothing of that kind, what a mirror still shows as in its base, beside an
        original that shows nothing, is taken for given.
        """
        if isinstance(field_type, NamesField | PartneredField):
            return name in self.given and self._agree_beside_given(name, field_type)
        if name not in {Field.PRIORITY, Field.TYPE}:
            return False
        mirror = self.link.origin.other
        there, here = self.now[mirror][name], self.now[self.link.origin][name]
        if not isinstance(there, Term) or not field_type.empty(self.link.origin, here):
            return False
        known = self.given.get(name, self.base[mirror].get(name))
        return isinstance(known, Term) and same_term(known, there) and not self._cleared(name, field_type)

    def _agree_beside_given(self, name: Field, field_type: NamesField | PartneredField) -> bool:
        origin, mirror = self.link.origin, self.link.origin.other

        def carried(element: str, shown: ViewValue) -> bool:
            partner = field_type.partner(origin, element) if isinstance(field_type, PartneredField) else element
            return partner is not None and partner.casefold() in {other.casefold() for other in names(shown)}

        base, now = self.base[origin].get(name), self.now[origin][name]
        given = {element.casefold() for element in names(self.given[name]) if not carried(element, base)}
        kept = tuple(
            element
            for element in names(self.now[mirror][name])
            if element.casefold() not in given or carried(element, now)
        )
        shown = {origin: now, mirror: kept}
        return field_type.agree(shown[Side.LEFT], shown[Side.RIGHT])

    def _cleared(self, name: Field, field_type: FieldType) -> bool:
        """Whether the original once showed something: then its emptiness is an edit."""
        base = self.base[self.link.origin].get(name)
        return base is not None and not field_type.empty(self.link.origin, base)

    # -- obstacles --------------------------------------------------------------------------------------------------

    def obstacle(self, name: Field, to: Side) -> Obstacle | None:
        """Why the rules keep a field of the other side from being written to `to`; None where nothing does."""
        context, kind, key = self.context, self.link.kind, self.items[to].key
        if not field_rule(context.rules, kind, name).direction.writes(to):
            return Obstacle(to, Why.DIRECTION, f"the rules do not carry {name} to {key}")
        if not context.views[to].writable(kind, name):
            return Obstacle(to, Why.LIMIT, f"{name} of {key} cannot be written: its tracker only shows it")
        listed = COMMENTS if kind is Kind.COMMENT else str(name)
        source, target = self.items[to.other], self.items[to]
        if folded(target) or (folded(source) and self.link.origin is to):
            hidden = target if folded(target) else source
            return Obstacle(to, Why.HIDDEN, f"{hidden.kind} {hidden.key} is hidden by its tracker")
        if (elsewhere := self._elsewhere(name, to)) is not None or context.may_carry(listed, to, source, target):
            return elsewhere
        return Obstacle(to, Why.AUDIENCE, f"{listed} is not published to the wider audience of {key}")

    def _elsewhere(self, name: Field, to: Side) -> Obstacle | None:
        """Why something is not written that concerns other places of a scope that several pairs share."""
        if to is self.link.origin.other and self._is_behind(name):
            reason = f"{name} of {self.items[to.other].key} was written in another place of its scope"
            return Obstacle(to, Why.ELSEWHERE, reason)
        if self.link.kind is Kind.MILESTONE and self.context.in_several(to, self.items[to].ref):
            reason = f"{self.items[to].key} is in step with several places, and is edited in its own scope"
            return Obstacle(to, Why.ELSEWHERE, reason)
        return None

    def _is_behind(self, name: Field) -> bool:
        """Whether people of another place wrote what the original shows of a field."""
        behind, shown = self.link.memory.behind, self.now[self.link.origin].get(name)
        return name in behind and (name is not Field.TITLE or shown == behind[name])

    def unmapped(self, name: Field, field_type: FieldType) -> Obstacle | None:
        """The side whose term no row of the map names, so that it contradicts nothing; None where there is none."""
        if not isinstance(field_type, TermField):
            return None
        for to in Side:
            try:
                field_type.carry(to, None, self.now[to.other][name], self.now[to][name])
            except Unmapped as unmapped:
                return Obstacle(to, Why.UNMAPPED, str(unmapped))
        return None

    def limit(self, name: Field, field_type: FieldType) -> Obstacle | None:
        """What a side has no room for; None where it shows everything."""
        for to in Side:
            if name in self.cut[to]:
                reason = f"{name} is too long for {self.items[to].key}, which shows its beginning"
                return Obstacle(to, Why.LIMIT, reason)
        if isinstance(field_type, ProseField):
            for to in Side:
                if field_type.unread(to.other, self.now[to.other][name]):
                    there, here = self.items[to.other].key, self.items[to].key
                    reason = f"a part of {name} of {there} is too dense to be read; {here} shows it as it is written"
                    return Obstacle(to, Why.LIMIT, reason)
        if isinstance(field_type, NamesField | ChoicesField):
            left, right = self.now[Side.LEFT][name], self.now[Side.RIGHT][name]
            for to, elements in field_type.left_out(left, right).items():
                if elements:
                    return Obstacle(to, Why.LIMIT, self.left_out(name, to, elements))
        return None

    def strangers(self, name: Field, field_type: FieldType) -> Obstacle | None:
        """Whom a declared field names that nobody stands for on the other side; None where there is none."""
        if not name.custom or not isinstance(field_type, PartneredField) or isinstance(field_type, ChoicesField):
            return None
        for to in Side:
            alone = [one for one in names(self.now[to.other][name]) if field_type.partner(to, one) is None]
            if alone:
                reason = f"{name} {', '.join(alone)}: {field_type.unmapped_hint}"
                return Obstacle(to, Why.UNMAPPED, reason)
        return None

    def beyond_columns(self, name: Field, field_type: FieldType) -> Obstacle | None:
        """What the column of an open task says of its status and the map does not: only its state counts then."""
        if name is not Field.STATUS or not isinstance(field_type, TermField) or self.link.kind is not Kind.TASK:
            return None
        for side in Side:
            shown, key = self.now[side].get(Field.STATUS), self.items[side].key
            view, named = self.context.views[side], self.context.rules.options_of(Field.STATUS, side)
            if not named or not isinstance(shown, Term) or shown.category is Category.DONE:
                continue
            if not view.stands_in_columns(self.items[side].showing):
                return Obstacle(side, Why.LIMIT, f"{key} is not on the board: of its status only open or closed counts")
            if shown.option is not None and not fits_a_row(field_type.relation, side, shown):
                column = f"{key} is {shown.name} and in the column “{shown.option}”"
                return Obstacle(side, Why.LIMIT, f"{column}, which no row of the map of status names together")
        return None

    def standing(self, name: Field, field_type: FieldType) -> Obstacle | None:
        """What keeps a field apart for as long as nobody changes the rules; None where nothing does."""
        beyond = self.unmapped(name, field_type)
        if beyond is not None:
            return beyond
        one_way = self.rule(name).direction is not Direction.BOTH
        obstacles = [self.obstacle(name, to) for to in Side]
        found = next((each for each in obstacles if each is not None), None)
        if isinstance(field_type, PartneredField):
            barred = [self.obstacle(name, to) for to in field_type.lacking(self.column(name))]
            return found if all(barred) else None
        return found if all(obstacles) or (one_way and self._listed_as_one_way(name)) else None

    def _listed_as_one_way(self, name: Field) -> bool:
        return any(one.field is name and one.why is Why.DIRECTION for one in self.link.differs)

    def left_out(self, name: Field, to: Side, elements: Sequence[str]) -> str:
        """What is said of elements of a set that a side cannot show."""
        view = self.context.views[to]
        why: dict[str, list[str]] = {}
        for element in elements:
            why.setdefault(view.unfit(name, element), []).append(f"“{element}”")
        key, helps = self.items[to].key, view.what_helps
        return "; ".join(f"{', '.join(those)} of {name} {reason} {key}{helps(reason)}" for reason, those in why.items())


def cycle(start: str, ends: Iterable[str], follow: Callable[[str], Iterable[str]]) -> tuple[str, ...]:
    """The cycle that one of the edges from `start` to `ends` would close, `start` first and last; empty for none.

    `follow` gives the tasks that the edges of a task lead to now.
    """
    came_from = dict.fromkeys(ends, start)
    waiting = list(came_from)
    while waiting:
        task = waiting.pop(0)
        if task == start:
            return tuple(_way(start, came_from))
        for end in follow(task):
            if end not in came_from:
                came_from[end] = task
                waiting.append(end)
    return ()


def _way(start: str, came_from: dict[str, str]) -> list[str]:
    """The tasks of a cycle in the order of its edges."""
    way = [start]
    task = came_from[start]
    while task != start:
        way.append(task)
        task = came_from[task]
    return [*reversed([*way, start])]
