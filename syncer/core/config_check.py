"""The rules of a pair against what both trackers know: what would fail, vanish or leak, before the first write.

Pure: `syncer check` asks the trackers for their vocabulary and hands it in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from syncer.contract.capabilities import Capabilities, Fidelity
from syncer.contract.checking import Demand, Finding, Severity, Vocabulary
from syncer.contract.model import Audience, Field, Kind, Side
from syncer.contract.naming import did_you_mean
from syncer.core.custom_check import DeclaredCheck
from syncer.core.naming import among, listed
from syncer.core.relation import MapCell, Relation
from syncer.core.rules import Direction, PairRules
from syncer.core.side_view import TERM_FIELDS

_TEXT = (Field.TITLE, Field.STATUS, Field.LABELS, Field.ASSIGNEES)
"""The fields offered as a first `publish` list: those that seldom hold anything confidential."""


@dataclass(frozen=True, slots=True)
class Inspected:
    """What the trackers told about the two scopes of a pair."""

    rules: PairRules
    vocabulary: Mapping[Side, Vocabulary]
    capabilities: Mapping[Side, Capabilities]
    audience: Mapping[Side, Audience]
    """As declared, else as told."""
    names: Mapping[Side, str]
    """What people call the scopes."""


def inspect(pair: Inspected) -> list[Finding]:
    """Everything worth telling, the worst first."""
    findings = [
        *(finding for field in TERM_FIELDS for finding in _relation(pair, field)),
        *_types_of_new_tasks(pair),
        *_types_of_maps(pair),
        *_required(pair),
        *_people(pair),
        *_fields(pair),
        *DeclaredCheck(pair.rules, pair.capabilities, pair.names).findings(),
        *_audiences(pair),
        *_commands(pair),
    ]
    order = (Severity.ERROR, Severity.WARNING, Severity.INFO)
    return sorted(findings, key=lambda finding: order.index(finding.severity))


def _relation(pair: Inspected, field: Field) -> Iterator[Finding]:
    relation = Relation(tuple(row for table in pair.rules.tables(field) for row in table.rows))
    if not relation.rows or pair.rules.rule(field).direction is Direction.OFF:
        return
    for side in Side:
        known = _known(pair.vocabulary[side], field)
        if known:
            yield from _unknown_names(pair, field, relation, side, known)
            yield from _unmapped_names(pair, field, relation, side, known)
        elif field is not Field.STATUS and pair.capabilities[side].fields.get(Kind.TASK, {}).get(field) is None:
            yield from _bare_names(pair, field, relation, side)


def _known(vocabulary: Vocabulary, field: Field) -> Sequence[str]:
    match field:
        case Field.STATUS:
            return vocabulary.statuses
        case Field.PRIORITY:
            return vocabulary.priorities
        case _:
            return vocabulary.types


def _unknown_names(
    pair: Inspected, field: Field, relation: Relation, side: Side, known: Sequence[str]
) -> Iterator[Finding]:
    """Rows that name what the tracker does not have: such a row could never be written."""
    for name in _distinct(cell.name for cell in _cells(relation, side)):
        if not among(name, known):
            yield Finding(
                Severity.ERROR,
                f'{field} "{name}"',
                f"{pair.names[side]} has no {field} of this name{did_you_mean(name, known)}",
                f"correct the row in [pairs.fields.{field}] map; known are: {listed(known)}",
            )
    reasons = pair.vocabulary[side].reasons
    if field is not Field.STATUS or not reasons:
        return
    for reason in _distinct(cell.reason for cell in _cells(relation, side)):
        if not among(reason, reasons):
            yield Finding(
                Severity.ERROR,
                f'status reason "{reason}"',
                f"{pair.names[side]} knows no such reason{did_you_mean(reason, reasons)}",
                f"correct the row in [pairs.fields.status] map; known are: {listed(reasons)}",
            )


def _bare_names(pair: Inspected, field: Field, relation: Relation, side: Side) -> Iterator[Finding]:
    """Names where the tracker has no such field, so that they are written nowhere: labels were meant."""
    for cell in dict.fromkeys(cell for cell in _cells(relation, side) if cell.name is not None):
        meant = f"{cell.name}: {cell.reason}" if cell.reason else cell.name
        yield Finding(
            Severity.ERROR,
            f'{field} "{meant}"',
            f"{pair.names[side]} has no {field} of its own, so this row is written nowhere",
            f'[pairs.fields.{field}] map: write "label:{meant}"',
        )


def _unmapped_names(
    pair: Inspected, field: Field, relation: Relation, side: Side, known: Sequence[str]
) -> Iterator[Finding]:
    """Names of the tracker that no row mentions: tasks that have them are carried without this field."""
    mapped = _distinct(cell.name for cell in _cells(relation, side))
    if not mapped:
        return  # this side shows the field by labels only
    for name in known:
        if not among(name, mapped):
            yield Finding(
                Severity.WARNING,
                f'{field} "{name}"',
                f"{pair.names[side]}: no row of the map names it; the {field} of such tasks is not carried",
                f"[pairs.fields.{field}] map: add {_suggested_row(relation, side, name)}",
            )


def _suggested_row(relation: Relation, side: Side, name: str) -> str:
    """A row for the name that has none, and what may stand on its other side."""
    left, right = (name, "...") if side is Side.LEFT else ("...", name)
    others = dict.fromkeys(_written(row.cell(side.other)) for row in relation.rows)
    return f'["{left}", "{right}"] with one of {", ".join(others)}'


def _types_of_new_tasks(pair: Inspected) -> Iterator[Finding]:
    for side in Side:
        types = pair.vocabulary[side].types
        chosen = pair.rules.default_type.get(side)
        if chosen is not None and types and not among(chosen, types):
            yield Finding(
                Severity.ERROR,
                f'type "{chosen}"',
                f"{pair.names[side]} has no type of this name{did_you_mean(chosen, types)}",
                f"default-type.{side}: choose one of {listed(types)}",
            )


def _types_of_maps(pair: Inspected) -> Iterator[Finding]:
    """Maps of single types that no task can have."""
    rows = pair.rules.type.rows
    mapped = [name for row in rows for side in Side for name in (row.cell(side).name, row.cell(side).label) if name]
    known = list(dict.fromkeys([*mapped, *(each for side in Side for each in pair.vocabulary[side].types)]))
    for field, named in pair.rules.by_type:
        if known and not among(named, known):
            yield Finding(
                Severity.ERROR,
                f'{field} of type "{named}"',
                f"neither side has a type of this name{did_you_mean(named, known)}",
                f"[pairs.fields.{field}] types: name one of {listed(known)}",
            )


def _required(pair: Inspected) -> Iterator[Finding]:
    """Fields without which a tracker refuses new tasks of the types that the rules create."""
    for side in Side:
        known, relation = pair.vocabulary[side], pair.rules.type
        if not known.required or not pair.rules.create.writes(side):
            continue
        named = (pair.rules.default_type.get(side) or known.usual_type, *(cell.name for cell in _cells(relation, side)))
        needed: dict[Demand, list[str]] = {}
        for kind in _distinct(name or None for name in named):
            for demand in known.required.get(kind, ()):
                needed.setdefault(demand, []).append(kind)
        for demand, kinds in needed.items():
            when = "without it" if demand.always else "where the item of the other side has none"
            yield Finding(
                Severity.ERROR if demand.always else Severity.WARNING,
                demand.needs,
                f"{pair.names[side]} requires it of a new {' or '.join(kinds)}: the create is refused {when}",
                f"{side} = {{ ..., {demand.fix} }}",
            )


def _people(pair: Inspected) -> Iterator[Finding]:
    if pair.rules.rule(Field.ASSIGNEES).direction is Direction.OFF:
        return
    for side in Side:
        assignable = pair.vocabulary[side].accounts
        if not assignable:
            continue
        for person in pair.rules.people:
            account = person.accounts.get(side)
            if account is not None and not among(account, assignable):
                yield Finding(
                    Severity.WARNING,
                    f"people {person.name}",
                    f"{pair.names[side]}: the account {account} cannot be assigned there"
                    + did_you_mean(account, assignable),
                    f"correct the account in [[people]], or give {account} access",
                )
        mapped = [person.accounts[side] for person in pair.rules.people if side in person.accounts]
        strangers = [account for account in assignable if not among(account, mapped)]
        if strangers:
            yield Finding(
                Severity.INFO,
                "people",
                f"{pair.names[side]}: {len(strangers)} assignable accounts have no row in [[people]], "
                f"so that their assignments are not carried: {listed(strangers)}",
                f'[[people]] name = "...", accounts = {{ ... = "{strangers[0]}" }}',
            )


def _fields(pair: Inspected) -> Iterator[Finding]:
    """Fields that the rules want to write where the tracker cannot hold them."""
    for field, rule in pair.rules.fields.items():
        if field.custom:
            continue  # `DeclaredCheck` tells of it
        for side in Side:
            fidelity = pair.capabilities[side].fields.get(Kind.TASK, {}).get(field)
            other = pair.capabilities[side.other].fields.get(Kind.TASK, {}).get(field)
            if not rule.direction.writes(side) or other is None:
                continue
            if fidelity is None and _shown_as_label(pair.rules, field, side):
                continue
            if fidelity is None or fidelity is Fidelity.READ_ONLY:
                lacking = field in pair.capabilities[side].lacking
                why = "has no such field" if fidelity is None else "shows this field but it cannot be written"
                yield Finding(
                    Severity.WARNING if lacking else Severity.INFO,
                    f"field {field}",
                    f"{pair.names[side]} {'is on a server that ' if lacking else ''}{why}; it is not carried there",
                    f'[pairs.fields.{field}] direction = "off" says the same on purpose',
                )


def _shown_as_label(rules: PairRules, field: Field, side: Side) -> bool:
    """Whether the rules write a field that the tracker does not have as a label."""
    match field:
        case Field.COMPONENTS:
            return bool(rules.component_prefix)
        case Field.PRIORITY:
            return bool(rules.priority.labels(side))
        case Field.TYPE:
            return bool(rules.type.labels(side))
        case _:
            return False


def _audiences(pair: Inspected) -> Iterator[Finding]:
    """Which fields would cross from a narrower to a wider audience, and what stays behind."""
    for side in Side:
        source, target = pair.audience[side], pair.audience[side.other]
        if source is Audience.RESTRICTED:
            yield Finding(
                Severity.ERROR,
                f"audience of {pair.names[side]}",
                "who can read this scope cannot be told, so nothing leaves it",
                f'{side} = {{ ..., audience = "members" }}, or "organization", or "public"',
            )
            continue
        if target is not Audience.RESTRICTED and target <= source:
            continue
        crossing = _crossing(pair.rules, side.other)
        wider = f"{pair.names[side]} ({_word(source)}) to {pair.names[side.other]} ({_word(target)})"
        if crossing:
            yield Finding(
                Severity.WARNING,
                "publish",
                f"from {wider} these fields would be published: {', '.join(crossing)}",
                f"publish = [...]: leave out what must stay among the {_word(source)}",
            )
        elif pair.rules.create.writes(side.other) or any(
            rule.direction.writes(side.other) for rule in pair.rules.fields.values()
        ):
            offered = ", ".join(f'"{field}"' for field in _TEXT)
            yield Finding(
                Severity.WARNING,
                "publish",
                f"nothing goes from {wider}, because `publish` is empty",
                f"publish = [{offered}], if these may be read by the {_word(target)}",
            )


def _commands(pair: Inspected) -> Iterator[Finding]:
    """Whose comments are obeyed where, and where a comment may be somebody else's than it says."""
    commands = pair.rules.commands
    if not commands.allow:
        return
    if not commands.who:
        yield Finding(
            Severity.WARNING,
            "commands",
            "nobody is obeyed: the responsibilities file has nobody of this party who is in [[people]]",
            "commands.who: name people, or write their party into the responsibilities file",
        )
    for side in Side:
        obeyed = [one.name for one in pair.rules.people if one.name in commands.who and side in one.accounts]
        if obeyed:
            yield Finding(Severity.INFO, "commands", f"{pair.names[side]}: obeyed are {listed(obeyed)}")
        if obeyed and pair.capabilities[side].comments_by_mail:
            yield Finding(
                Severity.WARNING,
                "commands",
                f"{pair.names[side]}: where mail becomes comments, whoever forges a sender's address is obeyed as them",
                "have no mail handler add comments there, or leave `allow` at what may be undone: pause, resume",
            )


def _crossing(rules: PairRules, target: Side) -> list[str]:
    """The published names that a rule also writes to `target`, in the order of the rules."""
    names = [str(field) for field, rule in rules.fields.items() if rule.direction.writes(target)]
    if rules.comments.direction.writes(target):
        names.append("comments")
    return [name for name in names if name in rules.publish]


def _written(cell: MapCell) -> str:
    """A cell as the configuration writes it."""
    if cell.name is None:
        return f"label:{cell.label}"
    return cell.name if cell.reason is None else f"{cell.name}:{cell.reason}"


def _word(audience: Audience) -> str:
    return "unknown audience" if audience is Audience.RESTRICTED else audience.name.lower()


def _cells(relation: Relation, side: Side) -> list[MapCell]:
    return [row.cell(side) for row in relation.rows]


def _distinct(names: Iterator[str | None]) -> list[str]:
    return list(dict.fromkeys(name for name in names if name is not None))
