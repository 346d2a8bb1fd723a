"""What differs on the two sides of a pair and is in no list: computed from plain fields, without the decision table.

Used at the end of every history that has come to rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from syncer.contract.custom import CustomType
from syncer.contract.model import Field, Kind, Observed, Ref, Side, Status, Value
from syncer.core.custom_fields import misfit
from syncer.core.decision_context import link_origins, tasks_of
from syncer.core.records import LinkedItems, LinkState
from syncer.core.relation import Relation
from syncer.core.rules import Direction, PairRules
from syncer.core.side_view import decode_label
from syncer.sync.context import PairContext
from syncer.sync.gather import StorePages, decision_context
from syncer.sync.ledger import waiting

PLAIN = (Field.DUE, Field.START)


def silent_differences(context: PairContext) -> list[str]:
    """`item: field: left | right` for each field that differs under the rules and that no list names. Asks nobody."""
    store, pair = context.store, context.name
    listed = {(row.link, row.field) for row in store.conflicts.of_pair(pair)}
    for one in waiting(store, pair):
        sort, _, rest = one.key.partition(":")
        if sort == "field" and one.field is not None:
            listed.add((rest.split(":")[0], one.field))
    found = []
    for items in store.links.of_pair(pair, state=LinkState.ACTIVE):
        if items.left is not None and items.right is not None and not items.link.reason:
            found += [
                f"{items.left.key} = {items.right.key}: {name}: {left!r} | {right!r}"
                for name, left, right in _differing(context, items)
                if (items.link.id, name) not in listed
            ]
    return found


def _differing(context: PairContext, items: LinkedItems) -> Iterator[tuple[Field, object, object]]:
    left, right = items.left, items.right
    assert left is not None
    assert right is not None
    for name in context.rules.custom:
        if name in left.showing and name in right.showing and _custom(context, name, left, right):
            yield name, left.showing[name], right.showing[name]
    for name, differs in _TESTS.items():
        if not _carried(context.rules, items.link.kind, name):
            continue
        if name in left.showing and name in right.showing and differs(context, items, left, right):
            yield name, left.showing[name], right.showing[name]


def _carried(rules: PairRules, kind: Kind, name: Field) -> bool:
    match kind:
        case Kind.TASK:
            return rules.rule(name).direction is not Direction.OFF
        case Kind.COMMENT:
            return rules.comments.direction is not Direction.OFF
        case Kind.MILESTONE:
            return rules.milestones.direction is not Direction.OFF


Test = Callable[[PairContext, LinkedItems, Observed, Observed], bool]


def _title(_context: PairContext, _items: LinkedItems, left: Observed, right: Observed) -> bool:
    one, two = (" ".join(str(item.showing[Field.TITLE]).split()) for item in (left, right))
    return one != two


def _plain(name: Field) -> Test:
    return lambda _context, _items, left, right: left.showing[name] != right.showing[name]


def _custom(context: PairContext, name: Field, left: Observed, right: Observed) -> bool:
    """Whether a declared field says other things: by the people map, by the rows of its map, else by equality."""
    able = [context.connectors[side].capabilities for side in Side]
    if any(name in each.unheld for each in able):
        return False  # said once for all tasks
    types = {each.custom[name].type for each in able}
    if context.rules.rule(name).direction is Direction.OFF or misfit(*(each.custom[name] for each in able)):
        return False  # what does not fit is said once for all tasks
    table = context.rules.custom[name].relation.rows
    rows = {(str(row.left.name).casefold(), str(row.right.name).casefold()) for row in table}
    mapped = {left for left, _ in rows}

    def apart(one: str, two: str) -> bool:
        return (one, two) not in rows and (one in mapped or one != two)

    if types == {CustomType.PERSON}:
        return _people_apart(context, name, {Side.LEFT: left, Side.RIGHT: right}, dict.fromkeys(Side, 1))
    one, two = left.showing[name], right.showing[name]
    match one, two:
        case tuple(), tuple():
            here, there = ({each.casefold() for each in names} for names in (one, two))
            left_alone = any(all(apart(each, other) for other in there) for each in here)
            return left_alone or any(all(apart(each, other) for each in here) for other in there)
        case str(), str():
            words = [" ".join(each.split()).casefold() for each in (one, two)]
            return apart(one.casefold(), two.casefold()) and (one.casefold() in mapped or words[0] != words[1])
        case float(), float():
            return abs(one - two) > 1e-6 * abs(one)
        case _:
            return (one or None) != (two or None)


def _status(context: PairContext, items: LinkedItems, left: Observed, right: Observed) -> bool:
    one, two = left.showing[Field.STATUS], right.showing[Field.STATUS]
    assert isinstance(one, Status)
    assert isinstance(two, Status)
    if items.link.kind is Kind.MILESTONE:
        return (one.name in {"open", "unreleased"}) != (two.name in {"open", "unreleased"})
    table = _status_table(context.rules, left)
    fitting = [
        row
        for row in table.rows
        if _is(row.left.name, row.left.reason, row.left.label, left, table, Side.LEFT)
        and _is(row.right.name, row.right.reason, row.right.label, right, table, Side.RIGHT)
    ]
    return not fitting


def _status_table(rules: PairRules, left: Observed) -> Relation:
    """The map of the type that the left side, which has types, names."""
    return rules.by_type.get((Field.STATUS, str(left.showing.get(Field.TYPE)).casefold()), rules.status)


def _is(
    name: str | None, reason: str | None, label: str | None, item: Observed, relation: Relation, side: Side
) -> bool:
    """Whether an item shows a cell: its name, its reason where one is given, and no other label of the table."""
    status = item.showing[Field.STATUS]
    assert isinstance(status, Status)
    labels = {each.casefold() for each in _names(item.showing.get(Field.LABELS))}
    named = {
        row.cell(side).label
        for row in relation.rows
        if (row.cell(side).name or "").casefold() == status.name.casefold()
    }
    shown = {each for each in named if each is not None and each.casefold() in labels}
    reasons = {
        row.cell(side).reason
        for row in relation.rows
        if (row.cell(side).name or "").casefold() == status.name.casefold()
    }
    right_reason = reason is None or reason == status.reason or status.reason not in reasons
    return (
        (name or "").casefold() == status.name.casefold() and right_reason and (label in shown if label else not shown)
    )


def _labels(context: PairContext, _items: LinkedItems, left: Observed, right: Observed) -> bool:
    return _ordinary(context, Side.LEFT, left) != _ordinary(context, Side.RIGHT, right)


def _ordinary(context: PairContext, side: Side, item: Observed) -> set[str]:
    """The labels of an item that show no other field, as the side with spaces spells them."""
    rules, able = context.rules, context.connectors[side].capabilities
    shown = _names(item.showing[Field.LABELS])
    read = {label if able.label_spaces else decode_label(label) for label in shown}
    tables = (rules.status, rules.priority, rules.type, *rules.by_type.values())
    others = {label for table in tables for label in table.labels(side)}
    prefixed = Field.COMPONENTS not in able.fields[Kind.TASK] and bool(rules.component_prefix)
    return {
        label.casefold()
        for label in read
        if rules.labels.owns(label)
        and label.casefold() not in others
        and not (prefixed and label.casefold().startswith(rules.component_prefix.casefold()))
    }


def _assignees(context: PairContext, _items: LinkedItems, left: Observed, right: Observed) -> bool:
    room = {side: context.connectors[side].capabilities.max_assignees for side in Side}
    return _people_apart(context, Field.ASSIGNEES, {Side.LEFT: left, Side.RIGHT: right}, room)


def _people_apart(context: PairContext, name: Field, items: Mapping[Side, Observed], room: Mapping[Side, int]) -> bool:
    """Whether a field names a mapped person on one side alone, though the other has room."""
    mapped: Mapping[Side, dict[str, str]] = {
        side: {
            person.accounts[side].casefold(): person.name for person in context.rules.people if side in person.accounts
        }
        for side in Side
    }
    shown = {side: _names(items[side].showing[name]) for side in Side}
    people = {
        side: {mapped[side][each.casefold()] for each in shown[side] if each.casefold() in mapped[side]}
        for side in Side
    }
    both = {person.name for person in context.rules.people if len(person.accounts) == len(Side)}
    return any((people[side.other] & both) - people[side] and len(shown[side]) < room[side] for side in Side)


def _body(context: PairContext, items: LinkedItems, left: Observed, right: Observed) -> bool:
    kind = items.link.kind
    if kind is Kind.MILESTONE:
        return " ".join(str(left.showing[Field.BODY]).split()) != " ".join(str(right.showing[Field.BODY]).split())
    known = decision_context(context, StorePages(context))
    shown = {Side.LEFT: left, Side.RIGHT: right}
    sources = {side: str(item.showing[Field.BODY]) for side, item in shown.items()}
    return not known.prose.agree(sources, link_origins(known, items.link, shown), tasks_of(known, kind, shown))


def _edges(name: Field) -> Test:
    def differs(context: PairContext, _items: LinkedItems, left: Observed, right: Observed) -> bool:
        there = {_there(context, Side.LEFT, end) for end in _ends(left.showing[name])} - {None}
        here = {end for end in _ends(right.showing[name]) if _there(context, Side.RIGHT, end) is not None}
        return there != here

    return differs


def _there(context: PairContext, side: Side, native: str) -> str | None:
    """The partner of a task of a side that is kept in step."""
    link = context.store.links.of_item(context.name, side, Ref(Kind.TASK, native))
    if link is None or link.state is LinkState.RETIRED:
        return None
    if any(context.store.observed.get(context.name, end, link.ref(end)) is None for end in Side):
        return None
    return link.ref(side.other).id


def _ends(value: Value) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else _names(value)


def _names(value: object) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()


_TESTS: Mapping[Field, Test] = {
    Field.TITLE: _title,
    Field.BODY: _body,
    Field.STATUS: _status,
    Field.LABELS: _labels,
    Field.ASSIGNEES: _assignees,
    **{name: _plain(name) for name in PLAIN},
    Field.PARENT: _edges(Field.PARENT),
    Field.BLOCKED_BY: _edges(Field.BLOCKED_BY),
}
