"""What decisions look at besides the items themselves, and how a field is compared and carried.

Who or what stands for an element of one side on the other: by the people map, and by the links between items.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from syncer.contract.custom import CustomType
from syncer.contract.model import Audience, Field, Kind, Observed, Ref, Side, Status
from syncer.core.audience import may_carry
from syncer.core.custom_fields import ChoiceField, ChoicesField, NumberField, partner_option
from syncer.core.field_types import FieldType, LineField, ParentField, PlainField, ProseField, TermField
from syncer.core.origin import NO_ORIGINS, Origin, Origins, origin_of
from syncer.core.records import Link
from syncer.core.relation import Relation
from syncer.core.rules import FieldRule, MappedPerson, PairRules
from syncer.core.set_fields import EdgesField, NamesField, PartneredField
from syncer.core.side_view import MILESTONE_STATUS, SideView
from syncer.core.sub_task_text import ListedTask
from syncer.core.text_sync import Prose, Tasks
from syncer.core.value_map import Term

LONGEST_TEXT = 32_767
"""Characters of a declared text that are sent at most; a tracker with less room refuses it, and that is listed."""
MOST_CHOICES = 1_000
"""So many options of one field are chosen at most."""


@dataclass(frozen=True, slots=True)
class DecisionContext:
    """Everything a decision depends on besides the items themselves."""

    rules: PairRules
    views: Mapping[Side, SideView]
    prose: Prose
    audiences: Mapping[Side, Audience]
    """Of the two scopes, declared or told."""
    partner: Callable[[Side, Ref], Ref | None]
    """The linked item on the other side, given one of the named side."""
    task_key: Callable[[Side, Ref], str]
    """The key of a task, for the header of a comment's mirror."""
    ends: Callable[[Side, Field, str], Sequence[str]]
    """The tasks that the edges of one field of a task lead to, with what was written in this run."""
    decisions: Mapping[tuple[str, Field], str]
    """What people decided about open conflicts, by link and field."""
    now: datetime
    deciders: Mapping[tuple[str, Field], str] = field(default_factory=dict)
    """Who decided them, where that is known."""
    task: Callable[[Side, Ref], Observed | None] = lambda _side, _ref: None
    """A task as a side shows it."""
    in_several: Callable[[Side, Ref], bool] = lambda _side, _ref: False
    """Whether other pairs have a milestone of a side in step, too."""
    sub_tasks: Callable[[Side, Ref], Sequence[Observed]] = lambda _side, _ref: ()
    """The tasks without a partner below a task, where mirrors list the sub-tasks that stay on their side."""
    trusting: bool = False
    """Items whose audience was not told count as seen by their scope: shows of which it has to be asked."""

    def may_carry(self, name: str, to: Side, source: Observed, target: Observed | None) -> bool:
        """Whether a field of `source` may be shown to everybody who can read the target on the side `to`."""
        if self.trusting and source.audience_untold:
            source = replace(source, audience=self.audiences[to.other])
        if source.kind is Kind.TASK and (reads := self._reads_field(name, to.other)) < source.audience:
            source = replace(source, audience=reads)
        return may_carry(self.rules, name, to, self.audiences, source, target)

    def _reads_field(self, name: str, side: Side) -> Audience:
        """Who can read a field at most, where its tracker shows it to fewer than its task."""
        custom = self.views[side].capabilities.custom
        return next((one.audience for field, one in custom.items() if str(field) == name), Audience.PUBLIC)


def field_rule(rules: PairRules, kind: Kind, name: Field) -> FieldRule:
    """The rule under which a field of a kind of item is carried."""
    match kind:
        case Kind.TASK:
            return rules.rule(name)
        case Kind.MILESTONE:
            return rules.milestones
        case Kind.COMMENT:
            return rules.comments


def is_done(term: Term) -> bool:
    """Whether a status is a final one."""
    return term.category is not None and term.category.value == "done"


def is_open(item: Observed) -> bool:
    """Whether a task is not finished."""
    status = item.showing.get(Field.STATUS)
    return status is None or getattr(status, "category", None) != "done"


def is_sub_task(context: DecisionContext, side: Side, item: Observed) -> bool:
    """Whether a task is a part of another one: as its tracker says, else by a parent that is an ordinary task."""
    if item.facts.level is not None or not context.views[side].capabilities.parts_have_parents:
        return (item.facts.level or 0) < 0
    parent = item.showing.get(Field.PARENT)
    if not isinstance(parent, str):
        return False
    partner = context.partner(side, Ref(Kind.TASK, parent))
    above = context.task(side.other, partner) if partner is not None else None
    if above is None:
        return True
    named = str(above.showing.get(Field.TYPE) or "").casefold()  # a Data Center tells no level of its epics
    return (above.facts.level or 0) <= 0 and named != "epic"


def mirror_origin(context: DecisionContext, origin: Side, item: Observed) -> Origin | None:
    """What the mirror of an item names as its origin; None where mirrors have neither header nor footer."""
    if item.kind is Kind.MILESTONE:
        return None
    key = item.key if item.parent is None else context.task_key(origin, item.parent)
    shown = item.kind is not Kind.TASK or context.rules.footer
    listed = tuple(listed_tasks(context, origin, item.ref)) if item.kind is Kind.TASK else ()
    return replace(origin_of(context.rules, origin, item, key), shown=shown, listed=listed)


def listed_tasks(context: DecisionContext, side: Side, task: Ref) -> Iterator[ListedTask]:
    """What the mirror of a task lists: those of its sub-tasks that everybody may see who can read the other scope."""
    told = replace(context, trusting=False)  # an item of which it was not told who may see it is not listed
    for item in context.sub_tasks(side, task):
        if is_sub_task(context, side, item) and told.may_carry(Field.TITLE.value, side.other, item, None):
            status = item.showing.get(Field.STATUS)
            shown = isinstance(status, Status) and told.may_carry(Field.STATUS.value, side.other, item, None)
            title = str(item.showing.get(Field.TITLE) or "")
            yield ListedTask(item.key, item.url, title, status.name if isinstance(status, Status) and shown else "")


def link_origins(context: DecisionContext, link: Link, items: Mapping[Side, Observed | None]) -> Origins:
    """What the text of each side of a link is the mirror of, also where that is gone."""
    original = items[link.origin]
    if link.kind is Kind.MILESTONE:
        return NO_ORIGINS
    if original is None:
        origin: Origin | None = Origin(link.kind, "", "", "", context.now, shown=False)
    else:
        origin = mirror_origin(context, link.origin, original)
    mirror, source = (link.base.get(side, {}).get(Field.BODY.value) for side in (link.origin.other, link.origin))
    if origin is not None and isinstance(mirror, str) and isinstance(source, str):
        origin = replace(origin, recorded=(mirror, source))
    sent = link.memory.pending.get(link.origin.other, {}).get(Field.BODY)
    if origin is not None and sent is not None and isinstance(sent.asked, str):
        origin = replace(origin, sent=sent.asked)
    return {link.origin: None, link.origin.other: origin}


def tasks_of(context: DecisionContext, kind: Kind, items: Mapping[Side, Observed | None]) -> Tasks:
    """The task of an item on both sides: a comment's own, and where it has none yet the partner of the other side's."""
    if kind is Kind.TASK:
        return items
    return {side: _task_of_comment(context, side, items) for side in Side}


def _task_of_comment(context: DecisionContext, side: Side, items: Mapping[Side, Observed | None]) -> Observed | None:
    comment, other = items[side], items[side.other]
    if comment is not None:
        return context.task(side, comment.parent) if comment.parent is not None else None
    parent = other.parent if other is not None else None
    partner = context.partner(side.other, parent) if parent is not None else None
    return context.task(side, partner) if partner is not None else None


def field_type_for(  # noqa: PLR0911 - a table: one type for each field
    context: DecisionContext,
    kind: Kind,
    name: Field,
    origins: Origins,
    items: Mapping[Side, Observed | None],
    remembered: Mapping[Side, Sequence[Term]],
) -> FieldType:
    """How a field of a kind of item is compared and carried."""
    capabilities = {side: view.capabilities for side, view in context.views.items()}
    if name.custom:
        return _custom_field_type(context, name)
    match name:
        case Field.TITLE:
            return LineField({side: able.title_limit for side, able in capabilities.items()})
        case Field.BODY if kind is Kind.MILESTONE:
            return LineField({side: able.body_limit for side, able in capabilities.items()})
        case Field.BODY:
            pages = {side: (other.url if (other := items[side.other]) is not None else "") for side in Side}
            return ProseField(context.prose, origins, pages, tasks_of(context, kind, items))
        case Field.STATUS | Field.PRIORITY | Field.TYPE:
            relation = MILESTONE_STATUS if kind is Kind.MILESTONE else _told_table(context, name, items)
            return TermField(name, relation, remembered if name is Field.STATUS else dict.fromkeys(Side, ()))
        case Field.LABELS | Field.COMPONENTS:
            return NamesField({side: partial(view.unfit, name) for side, view in context.views.items()})
        case Field.ASSIGNEES:
            limit = {side: able.max_assignees for side, able in capabilities.items()}
            return _people_field(context, name, limit)
        case Field.MILESTONES:
            limit = {side: able.max_milestones for side, able in capabilities.items()}
            partner = linked_partner(Kind.MILESTONE, context.partner)
            return PartneredField(name, partner, limit, "the milestone is not linked")
        case Field.START | Field.DUE:
            return PlainField()
        case Field.PARENT:
            return ParentField(linked_partner(Kind.TASK, context.partner))
        case Field.BLOCKED_BY | Field.RELATES | Field.DUPLICATES | Field.CLONES:
            return EdgesField(linked_partner(Kind.TASK, context.partner))


def _table(context: DecisionContext, name: Field, items: Mapping[Side, Observed | None]) -> Relation:
    """The table of a field for a task, by the names of its type that both sides agree on, else by those of either."""
    if name is Field.TYPE or not context.rules.by_type:
        return context.rules.table(name)
    told = [context.views[side].type_names(item.showing) for side, item in items.items() if item is not None]
    found = [names for names in told if names]
    both = frozenset.intersection(*found) if found else frozenset()
    return context.rules.table(name, both or frozenset().union(*found))


def _told_table(context: DecisionContext, name: Field, items: Mapping[Side, Observed | None]) -> Relation:
    """The table of a field, without the columns of a board that is not told, or that the task does not stand on."""
    relation = _table(context, name, items)
    for side, view in context.views.items():
        item = items[side]
        if relation.options(side) and not view.stands_in_columns(None if item is None else item.showing):
            relation = relation.without_options(side)
    return relation


def _people_field(context: DecisionContext, name: Field, limit: Mapping[Side, int]) -> PartneredField:
    """A field that holds people, by the people map."""
    people = context.rules.people
    return PartneredField(name, person_partner(people), limit, "add the person to [[people]]", doubtful_people(people))


def _custom_field_type(context: DecisionContext, name: Field) -> FieldType:  # noqa: PLR0911 - a table, too
    """How a declared field is compared and carried, by what both trackers say that it holds."""
    told = {side: view.capabilities.custom[name] for side, view in context.views.items()}
    relation, options = context.rules.custom[name].relation, {side: one.choices for side, one in told.items()}
    match told[Side.LEFT].type:
        case CustomType.TEXT | CustomType.URL:
            return LineField(dict.fromkeys(Side, LONGEST_TEXT))
        case CustomType.NUMBER:
            return NumberField()
        case CustomType.DATE:
            return PlainField()
        case CustomType.CHOICE | CustomType.SPRINT:
            return ChoiceField(name, relation, dict.fromkeys(Side, ()), options)
        case CustomType.CHOICES:

            def partner(side: Side, element: str) -> str | None:
                return partner_option(relation, side, element, options[side])

            hint = "add the option there, or a row to the map"
            return ChoicesField(name, partner, dict.fromkeys(Side, MOST_CHOICES), hint, options=options)
        case CustomType.PERSON:
            return _people_field(context, name, dict.fromkeys(Side, 1))
        case CustomType.TASKS | CustomType.PEERS:
            return EdgesField(linked_partner(Kind.TASK, context.partner))


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
