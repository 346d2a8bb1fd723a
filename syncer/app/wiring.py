"""The only composition root: settings become rules, connectors and contexts. Nothing else knows concrete classes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from hashlib import blake2b

from syncer.contract.connector import ConnectorKind
from syncer.contract.custom import CustomHolder
from syncer.contract.model import Field, Side
from syncer.core.codec import compact
from syncer.core.relation import Relation
from syncer.core.responsibility import Declarations, Party
from syncer.core.rules import (
    DEFAULT_FIELDS,
    CommandRules,
    CustomRule,
    Direction,
    FieldRule,
    LabelRules,
    MappedPerson,
    PairRules,
    Releases,
    Route,
    SubTasks,
)
from syncer.core.static_check import Configured
from syncer.core.value_map import usual_relation
from syncer.richtext.markup import Markup
from syncer.settings import Misconfigured, PairSettings, Settings, declarations
from syncer.settings.custom import declared
from syncer.settings.link_types import located
from syncer.store import Store
from syncer.sync.context import AudienceCache, PairContext

USUAL_STEER_LABEL = PairSettings.model_fields["steer_label"].default


def open_pairs(
    settings: Settings,
    store: Store,
    *,
    only: str | None = None,
    clock: Callable[[], datetime],
    sleep: Callable[[float], None],
    answers: AudienceCache | None = None,
) -> list[PairContext]:
    """The pairs of the configuration, or the one named `only`, ready to run. No request is sent.

    They share what trackers tell of who can read a scope, also with those that were opened with the same `answers`.
    """
    shared = answers or AudienceCache()
    return [
        replace(open_pair(settings, pair, store, clock=clock, sleep=sleep), answers=shared)
        for pair in settings.pairs
        if only is None or pair.name == only
    ]


def open_pair(
    settings: Settings,
    pair: PairSettings,
    store: Store,
    *,
    clock: Callable[[], datetime],
    sleep: Callable[[float], None],
) -> PairContext:
    """One pair, ready to run."""
    rules = build_rules(settings, pair)
    kinds: dict[Side, ConnectorKind] = {side: pair.side(side).kind for side in Side}
    trackers = {side: settings.trackers[pair.side(side).tracker].settings for side in Side}
    addresses = {side: pair.address(side, settings.trackers) for side in Side}
    connectors = {side: kinds[side].open(trackers[side], pair.side(side).scope) for side in Side}
    for side, connector in connectors.items():
        fields = (*declared(pair.custom, side, kinds[side]), *located(pair.links, side, kinds))
        if fields and isinstance(connector, CustomHolder):
            connector.declare(fields)
    return PairContext(
        rules=rules,
        connectors=connectors,
        store=store,
        credentials={side: kinds[side].credential(trackers[side]) for side in Side},
        addresses=addresses,
        fingerprint=fingerprint(rules, pair, addresses),
        without_people=fingerprint(replace(rules, people=()), pair, addresses),
        configured=frozenset(each.name for each in settings.pairs),
        scopes={each.name: _scopes(each, settings) for each in settings.pairs},
        formerly=pair.formerly,
        whole=frozenset(side for side in Side if not getattr(pair.side(side).scope, "filter", "")),
        filters={side: getattr(pair.side(side).scope, "filter", "") for side in Side},
        leaving={side: pair.side(side).leaving for side in Side},
        clock=clock,
        sleep=sleep,
        sweep_every=pair.sweep_every,
        retention=settings.retention.kept,
    )


def _scopes(pair: PairSettings, settings: Settings) -> tuple[str, str]:
    """What people call the left and the right scope of a pair."""
    left, right = (pair.address(side, settings.trackers) for side in Side)
    return left, right


def build_rules(settings: Settings, pair: PairSettings) -> PairRules:
    """The rules of a pair as the configuration gives them, defaults filled in."""
    chosen = {side: pair.side(side) for side in Side}
    audiences = {side: audience for side, table in chosen.items() if (audience := table.declared_audience) is not None}
    types = {Side.LEFT: pair.default_type.left, Side.RIGHT: pair.default_type.right}
    return PairRules(
        name=pair.name,
        mode=pair.mode,
        fields=_field_rules(pair),
        custom=_custom_rules(pair),
        links=frozenset(pair.links.fields(pair.kinds)),
        comments=FieldRule(pair.comments.direction, pair.comments.on_conflict),
        milestones=FieldRule(pair.milestones.direction),
        create=pair.create,
        sub_tasks=pair.sub_tasks,
        status=_relation(pair, Field.STATUS) or _usual_status(pair),
        priority=_relation(pair, Field.PRIORITY) or Relation(),
        type=_relation(pair, Field.TYPE) or Relation(),
        by_type={
            (name, type_.casefold()): own.relation
            for name, table in pair.fields.items()
            for type_, own in table.types.items()
        },
        labels=LabelRules(pair.labels.only, pair.labels.except_, pair.steer_label.strip()),
        components=LabelRules(pair.components.only, pair.components.except_),
        steer_label=pair.steer_label.strip(),
        component_prefix=pair.component_prefix,
        people=_people(settings, {side: table.tracker for side, table in chosen.items()}),
        mention_people=pair.mention_people,
        publish=frozenset(pair.publish),
        audience=audiences,
        footer=pair.footer,
        default_type={side: name for side, name in types.items() if name is not None},
        guard=pair.guard.limits,
        adopt_patterns=tuple(re.compile(pattern, re.IGNORECASE) for pattern in pair.adopt.patterns),
        backfill=pair.backfill,
        backfill_age=pair.backfill_age,
        route=_route(settings, pair),
        shares_with=frozenset(pair.shares_with),
        attachments=pair.attachments.largest if pair.attachments is not None else 0,
        attribution=pair.attribution.strip(),
        trackers={side: table.tracker for side, table in chosen.items()},
        commands=_commands(settings, pair),
        pull_requests=pair.pull_requests,
        releases=pair.releases,
    )


def _route(settings: Settings, pair: PairSettings) -> Route | None:
    """Where a pair stands among those of its route; None for one that stands for itself."""
    route = next((each for each in settings.routes if pair.name in each.names), None)
    if route is None:
        return None
    other = route.shared.other
    beside = {each.name: each.side(other) for each in settings.pairs if each.name in route.names and each is not pair}
    audiences = {name: told for name, table in beside.items() if (told := table.declared_audience) is not None}
    alike = frozenset(name for name, table in beside.items() if table.tracker == pair.side(other).tracker)
    return Route(route.shared, frozenset(beside), alike, audiences, route.may_link)


def build_markups(settings: Settings) -> Mapping[str, Mapping[Side, Markup]]:
    """Who reads the texts of each pair, without anything being opened."""
    return {
        pair.name: {
            side: table.kind.markup(settings.trackers[table.tracker].settings, table.scope)
            for side in Side
            for table in [pair.side(side)]
        }
        for pair in settings.pairs
    }


def build_configured(settings: Settings) -> list[Configured]:
    """Every pair as the configuration describes it."""
    return [
        Configured(
            rules=build_rules(settings, pair),
            names={side: pair.address(side, settings.trackers) for side in Side},
            filters={side: getattr(pair.side(side).scope, "filter", "") for side in Side},
            leaving={side: (pair.side(side).leaving, pair.side(side).when_it_leaves is not None) for side in Side},
            demands={side: getattr(pair.side(side).scope, "demands", ()) for side in Side},
            rule=settings.rule_of(pair.name),
        )
        for pair in settings.pairs
    ]


def build_declarations(settings: Settings) -> Declarations:
    """Who is responsible for what as the responsibilities file says, and who takes whose tasks.

    Raises Misconfigured.
    """
    file = settings.report.responsibilities
    written = Declarations() if file is None else declarations(file, [pair.name for pair in settings.pairs])
    return replace(written, pools=settings.report.owner_pools)


def _field_rules(pair: PairSettings) -> dict[Field, FieldRule]:
    """Every field's rule; priority and type are carried only where they have a map."""
    rules = dict(DEFAULT_FIELDS)
    for name, chosen in pair.fields.items():
        rules[name] = FieldRule(chosen.direction, chosen.on_conflict or DEFAULT_FIELDS[name].on_conflict)
    for name in (Field.PRIORITY, Field.TYPE):
        if _relation(pair, name) is None:
            rules[name] = FieldRule(Direction.OFF)
    linked = {field: FieldRule() for field in pair.links.fields(pair.kinds) if field.custom}
    return rules | linked | {one.field: one.rule for one in pair.custom if one.field.custom}


def _custom_rules(pair: PairSettings) -> dict[Field, CustomRule]:
    """What is said of each declared field, the types of links last."""
    links = {field: CustomRule() for field in pair.links.fields(pair.kinds) if field.custom}
    return {one.field: one.custom_rule for one in pair.custom if one.field.custom} | links


def _commands(settings: Settings, pair: PairSettings) -> CommandRules:
    """Which commands in comments are obeyed, and whose; the people of a party are read from the responsibilities."""
    if pair.commands is None:
        return CommandRules()
    people = [person.name for person in settings.people]
    parties = [name for name in pair.commands.who if name not in people]
    named = {name for name in pair.commands.who if name in people}
    if parties:
        try:
            written = build_declarations(settings)
        except Misconfigured:  # a mistake there stops the report and no sync: until it is mended the party is nobody
            written = Declarations()
        wanted = {Party(name) for name in parties}
        named |= {one.name for one in written.people if one.party in wanted and one.name in people}
    return CommandRules(frozenset(pair.commands.allow), tuple(sorted(named)))


def _relation(pair: PairSettings, name: Field) -> Relation | None:
    chosen = pair.fields.get(name)
    return chosen.relation if chosen is not None and chosen.map else None


def _usual_status(pair: PairSettings) -> Relation:
    """The rows of a pair that maps no statuses."""
    left, right = (getattr(pair.side(side).kind, "usual_statuses", ()) for side in Side)
    return usual_relation(left, right)


def _people(settings: Settings, trackers: Mapping[Side, str]) -> tuple[MappedPerson, ...]:
    """The people who have an account on at least one side of the pair."""
    people = []
    for person in settings.people:
        accounts = {side: person.accounts[name] for side, name in trackers.items() if name in person.accounts}
        if accounts:
            ids = {side: person.ids[name] for side, name in trackers.items() if name in person.ids}
            people.append(MappedPerson(person.name, accounts, ids))
    return tuple(people)


def fingerprints(settings: Settings) -> dict[str, str]:
    """The fingerprint of the rules of each pair, by its name."""
    return {
        pair.name: fingerprint(
            build_rules(settings, pair), pair, {side: pair.address(side, settings.trackers) for side in Side}
        )
        for pair in settings.pairs
    }


def fingerprint(rules: PairRules, pair: PairSettings, addresses: Mapping[Side, str]) -> str:
    """Changes when anything does that decides what is read or how it is compared; guards and schedules do not count."""
    scopes = {side.value: pair.side(side).scope.model_dump(mode="json") for side in Side}
    tables = {
        "scopes": scopes,
        "addresses": {side.value: address for side, address in addresses.items()},
        "fields": {name.value: [rule.direction, rule.on_conflict] for name, rule in rules.fields.items()},
        "relations": [
            [str(row.left), str(row.right)]
            for table in (rules.status, rules.priority, rules.type)
            for row in table.rows
        ],
        "labels": [rules.labels.only, rules.labels.exclude, rules.component_prefix],
        "people": [
            [person.name, sorted(person.accounts.values()), *([sorted(person.ids.values())] if person.ids else [])]
            for person in rules.people
        ],
        "publish": sorted(rules.publish),
        "audience": {side.value: int(audience) for side, audience in rules.audience.items()},
        # The usual label is left out: the state of a version that knew none has nothing to be looked through for.
        **({"steer-label": rules.steer_label} if rules.steer_label not in {"", USUAL_STEER_LABEL} else {}),
        **({"components": [own.only, own.exclude]} if (own := rules.components) != LabelRules() else {}),
        **({"by-type": _as_text(rules.by_type)} if rules.by_type else {}),
        **({"custom": [one.model_dump(mode="json", exclude={"means"}) for one in pair.custom]} if pair.custom else {}),
        **({"links": pair.links.map} if pair.links.map else {}),
        **({"sub-tasks": rules.sub_tasks} if rules.sub_tasks is not SubTasks.SYNC else {}),
        # Without it the state of a version that knew no attachments is not looked through again.
        **({"attachments": rules.attachments} if rules.attachments else {}),
        **({"pull-requests": True} if rules.pull_requests else {}),
        **({"releases": rules.releases} if rules.releases is not Releases.LIST else {}),
        "directions": [rules.create, rules.comments.direction, rules.milestones.direction],
    }  # fmt: skip
    return blake2b(compact(tables).encode(), digest_size=12).hexdigest()


def _as_text(tables: Mapping[tuple[Field, str], Relation]) -> list[list[object]]:
    """Tables of single types, as the fingerprint has them."""
    return [
        [name.value, type_, [[str(row.left), str(row.right)] for row in table.rows]]
        for (name, type_), table in tables.items()
    ]
