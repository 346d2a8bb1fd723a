"""What the configuration alone tells before any tracker is asked: rows that say nothing, and ways between pairs.

Pure, so that `syncer check --offline` tells it where no tracker can be reached.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, product

from syncer.contract.checking import Demand, Finding, RouteRule, Severity
from syncer.contract.model import Field, Side
from syncer.core.relation import MapCell, Relation
from syncer.core.rules import Direction, Leaving, Mode, PairRules, SubTasks
from syncer.core.side_view import TERM_FIELDS


@dataclass(frozen=True, slots=True)
class Configured:
    """A pair as the configuration describes it."""

    rules: PairRules
    names: Mapping[Side, str]
    """What people call the scopes; the same scope of two pairs has one name."""
    filters: Mapping[Side, str]
    demands: Mapping[Side, tuple[Demand, ...]]
    """What a new item must have so that the filter of a side admits it."""
    rule: RouteRule | None = None
    """What leads to a place of a route."""
    leaving: Mapping[Side, tuple[Leaving, bool]] = field(default_factory=dict)
    """What becomes of a task that leaves a filter, and whether the file says so."""


def foreseen(pairs: Sequence[Configured]) -> dict[str, list[Finding]]:
    """What there is to say of each pair, by its name."""
    found = {
        pair.rules.name: [
            *_rows(pair),
            *(_outside(pair) if _writes(pair) else ()),
            *(_unlisted(pair) if _writes(pair) else ()),
            *_leaving(pair),
        ]
        for pair in pairs
    }
    for first, second in combinations(filter(_writes, pairs), 2):
        found[second.rules.name] += _shared(first, second)
    return found


def _writes(pair: Configured) -> bool:
    return pair.rules.mode is not Mode.WATCH


def _rows(pair: Configured) -> Iterator[Finding]:
    rules = pair.rules
    for name, relation in ((each, table) for each in TERM_FIELDS for table in rules.tables(each)):
        if rules.rule(name).direction is not Direction.OFF:
            yield from _doubled(name, relation)
            for side in Side:
                yield from _pointless_labels(pair, name, relation, side)


def _unlisted(pair: Configured) -> Iterator[Finding]:
    """Sub-tasks that would be listed in a text that nothing is written to."""
    body = pair.rules.rule(Field.BODY).direction
    if pair.rules.sub_tasks is SubTasks.LIST and body is not Direction.BOTH:
        sides = " and ".join(pair.names[side] for side in Side if not body.writes(side))
        yield Finding(
            Severity.WARNING,
            "sub-tasks",
            f"no list of sub-tasks is written on {sides}, where the rules carry no text",
            '[pairs.fields.body] direction = "both", or sub-tasks = "none"',
        )


def _doubled(field: Field, relation: Relation) -> Iterator[Finding]:
    for row in dict.fromkeys(row for row in relation.rows if relation.rows.count(row) > 1):
        yield Finding(
            Severity.WARNING,
            f"{field} map",
            f"the row {row.left} = {row.right} stands there {relation.rows.count(row)} times",
            f"[pairs.fields.{field}] map: leave one of them",
        )


def _pointless_labels(pair: Configured, field: Field, relation: Relation, side: Side) -> Iterator[Finding]:
    """Labels beside a native name that several names of the other side share: they cannot tell which it was."""
    sharing: dict[MapCell, dict[str, None]] = {}
    for row in relation.rows:
        cell = row.cell(side)
        if cell.label is not None and cell.name is not None:
            sharing.setdefault(cell, {})[str(row.cell(side.other))] = None
    for cell, others in sharing.items():
        if len(others) > 1:
            yield Finding(
                Severity.WARNING,
                f"{field} map",
                f"{' and '.join(others)} have the same cell and label on {pair.names[side]} ({cell}):"
                " a change from one to the other does not show there",
                f"[pairs.fields.{field}] map: give each a label of its own",
            )


def _outside(pair: Configured) -> Iterator[Finding]:
    """Sides whose filter does not admit what is created there."""
    for side in Side:
        missing = pair.demands[side]
        if missing and pair.rules.create.writes(side):
            needed = "; ".join(demand.needs for demand in missing)
            fixes = [f"{side} = {{ ..., {demand.fix} }}" for demand in missing if demand.fix]
            yield Finding(
                Severity.ERROR if any(demand.certain for demand in missing) else Severity.WARNING,
                f"filter of {pair.names[side]}",
                f"a new item that comes from {pair.names[side.other]} falls outside the filter, and is then not kept in"
                f" step, unless it has: {needed}",
                "; ".join(fixes) or f'create = "{_only(side.other)}", if no item is to be created there',
            )


_LEAVES = {
    Leaving.FOLLOW: "stays in step",
    Leaving.HOLD: "is held at once, and told once with the command that resumes it",
    Leaving.CLOSE: "has its partner closed, and is held",
}


def _leaving(pair: Configured) -> Iterator[Finding]:
    """What becomes of a linked task that the filter of a side does not admit any more."""
    route = pair.rules.route
    for side in Side:
        if route is not None and route.shared is side:
            message = "a linked task that leaves its rule moves to the place that takes it, and is held until one does"
            yield Finding(Severity.INFO, f"route from {pair.names[side]}", message)
        elif pair.filters[side] and side in pair.leaving:
            leaving, chosen = pair.leaving[side]
            by = "as the file says" if chosen else "by default"
            yield Finding(
                Severity.INFO,
                f"filter of {pair.names[side]}",
                f'a linked task that leaves it {_LEAVES[leaving]} (when-it-leaves = "{leaving}", {by})',
            )


def _only(side: Side) -> Direction:
    """The direction that writes to a side alone."""
    return Direction.RIGHT_TO_LEFT if side is Side.LEFT else Direction.LEFT_TO_RIGHT


def _shared(first: Configured, second: Configured) -> Iterator[Finding]:
    """Scopes that two pairs have in common and that no filter divides: which of them an item goes with is by chance."""
    for here, there in product(Side, Side):
        ways = _takes(first, here, second, there) or _takes(second, there, first, here)
        if first.names[here] != second.names[there] or not ways or _are_divided(first, here, second, there):
            continue
        let = [_onward(first, here, second, there), _onward(second, there, first, here)]
        if onward := [way for way in let if way]:
            message, fix = f"{'; '.join(onward)}, as shares-with says", "take the name out of shares-with"
        else:
            message = (
                "an item there is in step with the first of them that takes it, and what came from the one's other"
                " scope is not carried to the other's"
            )
            fix = f"[[routes]] with one rule for each, or a filter of each on {first.names[here]}"
        about = f"pairs {first.rules.name} and {second.rules.name}"
        yield Finding(Severity.WARNING, about, f"both have {first.names[here]}: {message}", fix)


def _takes(giver: Configured, at: Side, taker: Configured, there: Side) -> bool:
    """Whether a pair takes items from a scope into which another one brings some, or takes them as well."""
    gives = giver.rules.create.writes(at) or giver.rules.create.writes(at.other)
    return gives and taker.rules.create.writes(there.other)


def _onward(giver: Configured, at: Side, taker: Configured, there: Side) -> str:
    """How items go on from one pair into another because the file lets them; empty where it does not."""
    goes = giver.rules.create.writes(at) and taker.rules.create.writes(there.other)
    if not goes or giver.rules.name not in taker.rules.shares_with:
        return ""
    return f"what comes from {giver.names[at.other]} goes on to {taker.names[there.other]}"


def _are_divided(first: Configured, here: Side, second: Configured, there: Side) -> bool:
    """Whether something tells the items of two pairs apart: the rules of a route, or a filter of each."""
    route = first.rules.route
    if route is not None and second.rules.name in route.beside and route.shared is here:
        return True
    filters = first.filters[here], second.filters[there]
    return all(filters) and filters[0] != filters[1]
