"""The table of responsibilities: every scope, who is what in it, and from what each value is known. Pure.

For each scope and for each of R and A only the surest origin counts: what people wrote down before what a tracker says,
that before what is read off something else. C and I add up. A person's role and authority in a scope are the file's
where it names any, else those of the trackers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date

from syncer.core.responsibility import CLIENT, MANAGER, MEMBER, Raci, ResponsibilityEntry, Scope, ScopeKind
from syncer.report.model.claims import Claim, ClaimedRoster, ClaimSource, Ground, Source, Unknown
from syncer.report.model.collaboration import Collaboration, Goal, GoalKind, Task
from syncer.report.model.responsibilities import KnownValue, Responsibility
from syncer.report.model.snapshot import Snapshot

_ORDER = list(ClaimSource)
_ROLES = (MANAGER, CLIENT, MEMBER)
"""Which role counts where a tracker gives a person several; the team's own come last."""


@dataclass(slots=True)
class Held:
    """What one person is in one scope, before anybody is named."""

    letters: dict[Raci, Ground] = field(default_factory=dict)
    roles: dict[str, Ground] = field(default_factory=dict)
    authority: dict[str, Ground] = field(default_factory=dict)
    rows: list[ResponsibilityEntry] = field(default_factory=list)

    def holds(self, *letters: Raci) -> bool:
        """Whether the person has one of the letters here."""
        return any(letter in self.letters for letter in letters)


@dataclass(frozen=True, slots=True)
class PairTable:
    """The scopes of one pair, each with its people by id."""

    pair: str
    scopes: Mapping[Scope, Mapping[str, Held]]
    rosters: tuple[ClaimedRoster, ...]
    goals: Mapping[Scope, tuple[Goal, ...]]
    """Open goals that may be named, by their titles."""
    components: frozenset[Scope]
    """Of open tasks and of the trackers."""

    def having(self, scope: Scope, letter: Raci) -> dict[str, Ground]:
        """Who has a letter in a scope, by id."""
        return {who: held.letters[letter] for who, held in self.scopes.get(scope, {}).items() if letter in held.letters}


PROJECT = Scope(ScopeKind.PROJECT)


def pair_tables(collaboration: Collaboration, snapshot: Snapshot, *, tasks: bool = False) -> tuple[PairTable, ...]:
    """The table of each pair at a moment; `tasks` gives each open task a scope, not only those written down."""
    return tuple(_pair_table(pair.name, collaboration, snapshot, tasks) for pair in collaboration.pairs)


def responsibilities(tables: Iterable[PairTable], snapshot: Snapshot) -> tuple[Responsibility, ...]:
    """All rows, by pair, scope and name."""
    return tuple(
        _row(table.pair, scope, who, held, snapshot)
        for table in tables
        for scope, people in sorted(table.scopes.items(), key=lambda one: _place(one[0]))
        for who, held in sorted(people.items(), key=lambda one: snapshot.names.get(one[0], one[0]))
    )


def unread(tables: Iterable[PairTable]) -> tuple[Unknown, ...]:
    """What could not be read."""
    return tuple(part for table in tables for roster in table.rosters for part in roster.unread)


def standing_rosters(rosters: Iterable[ClaimedRoster], pair: str, snapshot: Snapshot) -> tuple[ClaimedRoster, ...]:
    """What was known of each side at the moment; the oldest where nothing was read by then."""
    chosen: dict[object, ClaimedRoster] = {}
    for roster in sorted((one for one in rosters if one.pair == pair), key=lambda one: one.since):
        if roster.side not in chosen or roster.since <= snapshot.as_of:
            chosen[roster.side] = roster
    return tuple(chosen.values())


def _pair_table(pair: str, collaboration: Collaboration, snapshot: Snapshot, tasks: bool) -> PairTable:
    rosters = standing_rosters(collaboration.rosters, pair, snapshot)
    goals: dict[Scope, tuple[Goal, ...]] = defaultdict(tuple)
    for goal in collaboration.goals:
        if goal.pair == pair and not goal.closed and not goal.restricted:
            goals[Scope(ScopeKind.GOAL, goal.title)] += (goal,)
    written = any(row.scope.kind is ScopeKind.TASK for row in collaboration.declared.rows)
    spelled = _spelled(pair, rosters, goals, snapshot, tasks=written)
    rows = _rows(collaboration, pair, spelled, snapshot.today)
    claims = [
        *_written(rows),
        *(claim for roster in rosters for claim in roster.claims),
        *_of_goals(goals),
        *_of_tasks(pair, snapshot, goals),
    ]
    named = _named_tasks({scope for scope, _ in rows}, pair, snapshot, everything=tasks)
    claims += _assigned(named)
    scopes = _joined(claims, rows)
    components = frozenset(scope for scope in spelled.values() if scope.kind is ScopeKind.COMPONENT)
    _inherit(scopes, goals, components)
    for scope, task in named.items():
        _answered_above(scope, task, scopes, goals)
    return PairTable(pair, {scope: dict(people) for scope, people in scopes.items()}, rosters, goals, components)


def _spelled(
    pair: str, rosters: Sequence[ClaimedRoster], goals: Mapping[Scope, tuple[Goal, ...]], snapshot: Snapshot,
    *, tasks: bool,
) -> dict[tuple[ScopeKind, str], Scope]:  # fmt: skip
    """Components, goals and, where asked for, tasks of the pair as the trackers spell them, by their folded names."""
    components = [name for roster in rosters for name in roster.components]
    components += [name for task in snapshot.open_tasks if task.pair == pair for name in task.components]
    found = [Scope(ScopeKind.COMPONENT, name) for name in reversed(components)]
    found += goals
    found += [
        Scope(ScopeKind.TASK, place.key)
        for task in (snapshot.open_tasks if tasks else ())
        if task.pair == pair and not task.restricted
        for place in task.places
    ]
    return {(scope.kind, scope.name.casefold()): scope for scope in found}


def _rows(
    collaboration: Collaboration, pair: str, spelled: Mapping[tuple[ScopeKind, str], Scope], day: date
) -> list[tuple[Scope, ResponsibilityEntry]]:
    """What is written down for the pair and holds that day; a row for all pairs only where its scope is."""
    found = []
    for row in collaboration.declared.rows:
        if row.pair not in {None, pair} or not row.valid(day):
            continue
        known = spelled.get((row.scope.kind, row.scope.name.casefold()))
        anywhere = row.scope.kind in {ScopeKind.PROJECT, ScopeKind.PATH, ScopeKind.PLAN}
        if known is not None or anywhere or row.pair == pair or len(collaboration.pairs) == 1:
            found.append((known or row.scope, row))
    return found


def _written(rows: Iterable[tuple[Scope, ResponsibilityEntry]]) -> Iterator[Claim]:
    for scope, row in rows:
        ground = Ground(ClaimSource.DECLARED, Source.FILE, row.place)
        for letter in row.letters:
            yield Claim(scope, row.person, ground, letter=letter)
        if row.role is not None:
            yield Claim(scope, row.person, ground, role=row.role)
        for authority in row.authority:
            yield Claim(scope, row.person, ground, authority=authority)


def _of_goals(goals: Mapping[Scope, tuple[Goal, ...]]) -> Iterator[Claim]:
    """Who owns a goal answers for it."""
    for scope, titled in goals.items():
        for owner in dict.fromkeys(owner for goal in titled for owner in goal.owners):
            yield Claim(scope, owner, Ground(ClaimSource.DERIVED, Source.GOAL_OWNER), letter=Raci.ACCOUNTABLE)


def _of_tasks(pair: str, snapshot: Snapshot, goals: Mapping[Scope, tuple[Goal, ...]]) -> Iterator[Claim]:
    """Who owns open tasks does the work of their components and goals, and of the project."""
    titles = {goal.id: scope for scope, titled in goals.items() for goal in titled}
    owned: set[tuple[Scope, str]] = set()
    for task in snapshot.open_tasks:
        if task.pair != pair or task.restricted:
            continue
        scopes = [PROJECT, *(Scope(ScopeKind.COMPONENT, name) for name in task.components)]
        scopes += [titles[goal] for goal in task.goals if goal in titles]
        owned |= {(scope, owner) for scope in scopes for owner in task.owners if owner not in snapshot.bots}
    ground = Ground(ClaimSource.INFERRED, Source.OPEN_TASKS)
    for scope, owner in sorted(owned):
        yield Claim(scope, owner, ground, letter=Raci.RESPONSIBLE)


def _named_tasks(scopes: Collection[Scope], pair: str, snapshot: Snapshot, *, everything: bool) -> dict[Scope, Task]:
    """Open tasks by the key under which they are written down; with `everything` the others by their first."""
    found: dict[Scope, Task] = {}
    if not everything and not any(scope.kind is ScopeKind.TASK for scope in scopes):
        return found
    for task in snapshot.open_tasks:
        if task.pair != pair or task.restricted:
            continue
        keys = [Scope(ScopeKind.TASK, place.key) for place in task.places]
        written = [key for key in keys if key in scopes]
        found |= dict.fromkeys(written or (keys[:1] if everything else ()), task)
    return found


def _assigned(tasks: Mapping[Scope, Task]) -> Iterator[Claim]:
    """Who owns a task does it."""
    ground = Ground(ClaimSource.DERIVED, Source.ASSIGNEE)
    for scope, task in tasks.items():
        for owner in task.owners:
            yield Claim(scope, owner, ground, letter=Raci.RESPONSIBLE)


def _answered_above(
    scope: Scope, task: Task, scopes: defaultdict[Scope, defaultdict[str, Held]],
    goals: Mapping[Scope, tuple[Goal, ...]],
) -> None:  # fmt: skip
    """Who answers for a task of which nothing is said: that of its component, else of its goal, else of the project."""
    if any(Raci.ACCOUNTABLE in held.letters for held in scopes[scope].values()):
        return
    above = [Scope(ScopeKind.COMPONENT, name) for name in task.components]
    above += [goal for goal, titled in goals.items() if any(one.id in task.goals for one in titled)]
    for wider in (*above, PROJECT):
        people = [who for who, held in scopes.get(wider, {}).items() if Raci.ACCOUNTABLE in held.letters]
        for who in people:
            scopes[scope][who].letters[Raci.ACCOUNTABLE] = Ground(ClaimSource.INFERRED, Source.SCOPE_ABOVE, str(wider))
        if people:
            return


def _joined(
    claims: Sequence[Claim], rows: Iterable[tuple[Scope, ResponsibilityEntry]]
) -> defaultdict[Scope, defaultdict[str, Held]]:
    scopes: defaultdict[Scope, defaultdict[str, Held]] = defaultdict(lambda: defaultdict(Held))
    surest: dict[tuple[Scope, Raci], int] = {}
    for claim in claims:
        if claim.letter in {Raci.RESPONSIBLE, Raci.ACCOUNTABLE}:
            rank = _ORDER.index(claim.ground.origin)
            key = (claim.scope, claim.letter)
            surest[key] = min(rank, surest.get(key, rank))
    for claim in sorted(claims, key=lambda claim: _ORDER.index(claim.ground.origin)):
        held = scopes[claim.scope][claim.person]
        if claim.letter is not None:
            best = surest.get((claim.scope, claim.letter))
            if best is None or _ORDER.index(claim.ground.origin) == best:
                held.letters.setdefault(claim.letter, claim.ground)
        if claim.role is not None:
            held.roles.setdefault(claim.role, claim.ground)
        if claim.authority is not None:
            held.authority.setdefault(claim.authority, claim.ground)
    for scope, row in rows:
        scopes[scope][row.person].rows.append(row)
    _the_file_wins(scopes)
    return scopes


def _the_file_wins(scopes: Mapping[Scope, dict[str, Held]]) -> None:
    """Role and authority of a person whom the file names in a scope are the file's where it gives any.

    What is left without any value, a letter that went to somebody surer, is no row.
    """
    for people in scopes.values():
        for who, held in list(people.items()):
            _declared_alone(held.roles)
            _declared_alone(held.authority)
            if not (held.letters or held.roles or held.authority):
                del people[who]


def _declared_alone(values: dict[str, Ground]) -> None:
    """Takes away what the file does not declare, where it declares any."""
    declared = {value: ground for value, ground in values.items() if ground.origin is ClaimSource.DECLARED}
    if declared:
        values.clear()
        values.update(declared)


def _inherit(
    scopes: defaultdict[Scope, defaultdict[str, Held]], goals: Mapping[Scope, tuple[Goal, ...]],
    components: AbstractSet[Scope],
) -> None:  # fmt: skip
    """Who answers for the project answers for every part of it for which nobody else is named.

    A goal that an issue stands for is no part: it can name its owner, and should.
    """
    above = [who for who, held in scopes.get(PROJECT, {}).items() if Raci.ACCOUNTABLE in held.letters]
    milestones = [scope for scope, titled in goals.items() if all(goal.kind is GoalKind.MILESTONE for goal in titled)]
    without = [scope for scope in scopes if scope.kind in {ScopeKind.PATH, ScopeKind.PLAN}]
    for scope in (*milestones, *sorted(components), *without):
        if not any(Raci.ACCOUNTABLE in held.letters for held in scopes[scope].values()):
            for who in above:
                scopes[scope][who].letters[Raci.ACCOUNTABLE] = Ground(
                    ClaimSource.INFERRED, Source.SCOPE_ABOVE, str(PROJECT)
                )


def _row(pair: str, scope: Scope, who: str, held: Held, snapshot: Snapshot) -> Responsibility:
    return Responsibility(
        pair=pair,
        scope=scope,
        person=snapshot.names.get(who, who),
        letters=tuple(KnownValue(letter.value, held.letters[letter]) for letter in Raci if letter in held.letters),
        role=next((KnownValue(role, ground) for role, ground in sorted(held.roles.items(), key=_rank_of_role)), None),
        authority=tuple(KnownValue(word, ground) for word, ground in sorted(held.authority.items())),
        duties=tuple(duty for row in held.rows for duty in row.duties),
        agreed=all(row.agreed(snapshot.today) for row in held.rows) if held.rows else None,
    )


def _rank_of_role(role: tuple[str, Ground]) -> tuple[int, int, str]:
    name, ground = role
    return _ORDER.index(ground.origin), _ROLES.index(name) if name in _ROLES else len(_ROLES), name


def _place(scope: Scope) -> tuple[int, str]:
    return list(ScopeKind).index(scope.kind), scope.name.casefold()
