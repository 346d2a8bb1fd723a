"""The responsibilities of a week: the table, what is missing or contradictory in it, and the line that mends it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from syncer.contract.roster import Permission
from syncer.core.responsibility import CLIENT, Authority, Declarations, Party, Raci, Scope, ScopeKind
from syncer.report.model.claims import ClaimSource, Ground
from syncer.report.model.collaboration import Collaboration, Task
from syncer.report.model.responsibilities import Gap, GapKind, ResponsibilityTable
from syncer.report.model.snapshot import Snapshot, evidence
from syncer.report.model.timeline import Standing
from syncer.report.responsibility.table import PROJECT, Held, PairTable, pair_tables, responsibilities, unread

LEAST_SCOPES = 3
"""In so many scopes one person must be everything before it is said."""

LOOKED_FOR = frozenset({ScopeKind.COMPONENT, ScopeKind.GOAL, ScopeKind.TASK})
"""Scopes whose names the trackers know; paths and plans are not looked for."""

_LEVELS = list(Permission)
_NEEDED = {
    Authority.ASSIGN: Permission.TRIAGE,
    Authority.CLOSE: Permission.TRIAGE,
    Authority.MERGE: Permission.WRITE,
}
"""The least permission that lets somebody do what they may decide."""


def survey(collaboration: Collaboration, snapshot: Snapshot, *, tasks: bool = False) -> ResponsibilityTable:
    """Who is responsible for what at a moment, and what is missing; `tasks` gives each open task a scope of its own."""
    tables = pair_tables(collaboration, snapshot, tasks=tasks)
    found = gaps(tables, collaboration, snapshot)
    rows = responsibilities(tables, snapshot)
    scopes = {(table.pair, scope) for table in tables for scope in (*table.scopes, *table.components, *table.goals)}
    return ResponsibilityTable(rows, found, unread(tables), len(scopes))


def gaps(tables: Sequence[PairTable], collaboration: Collaboration, snapshot: Snapshot) -> tuple[Gap, ...]:
    """All gaps and clashes, by kind, pair and scope."""
    found = [gap for table in tables for gap in _Finder(table, collaboration.declared, snapshot).find()]
    found += _of_the_file(tables, collaboration, snapshot)
    kinds, scopes = list(GapKind), list(ScopeKind)
    found.sort(key=lambda gap: (kinds.index(gap.kind), gap.pair, scopes.index(gap.scope.kind), gap.scope.name))
    return tuple(dict.fromkeys(found))


def entry(scope: Scope, person: str, *lines: str, pair: str = "") -> tuple[str, ...]:
    """An entry of the responsibilities file."""
    limited = (f"pair = {_quoted(pair)}",) if pair else ()
    words = (f"scope = {_quoted(str(scope))}", f"person = {_quoted(person)}")
    return ("[[responsibilities]]", *words, *lines, *limited)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


class _Finder:
    """Looks through the table of one pair."""

    def __init__(self, table: PairTable, declared: Declarations, snapshot: Snapshot) -> None:
        self._table = table
        self._declared = declared
        self._moment = snapshot
        self._pair = table.pair
        self._tasks = [task for task in snapshot.open_tasks if task.pair == table.pair]
        self._several = len(snapshot.watched_since) > 1

    def find(self) -> Iterator[Gap]:
        """Everything about this pair."""
        if self._pair not in self._moment.watched_since:
            return
        yield from self._accountable()
        yield from self._responsible()
        yield from self._in_one_hand()
        yield from self._authority()
        yield from self._permissions()

    def _gap(
        self, kind: GapKind, scope: Scope, people: Sequence[str] = (), detail: str = "", fix: tuple[str, ...] = (),
        tasks: Sequence[Task] = (),
    ) -> Gap:  # fmt: skip
        names = tuple(sorted({self._moment.names.get(who, who) for who in people}))
        places = tuple(place for one in evidence(tasks) for place in one.places[:1])
        return Gap(kind, self._pair, scope, names, detail, max(1, len(tasks)), places, fix)

    def _entry(self, scope: Scope, person: str, *lines: str) -> tuple[str, ...]:
        """An entry for this pair alone where there are several and the name alone would not tell."""
        name = self._moment.names.get(person, person)
        return entry(scope, name, *lines, pair=self._pair if self._several and scope == PROJECT else "")

    def _needing(self) -> list[Scope]:
        """The scopes of which somebody should answer for each; before anybody was read or written, only the goals."""
        if not self._table.rosters and not self._declared.rows:
            return sorted(self._table.goals)
        return [PROJECT, *sorted(self._table.components), *sorted(self._table.goals)]

    def _accountable(self) -> Iterator[Gap]:
        above = sorted(self._table.having(PROJECT, Raci.ACCOUNTABLE))
        for scope in (*self._needing(), *sorted(set(self._table.scopes) - set(self._needing()))):
            answering = self._table.having(scope, Raci.ACCOUNTABLE)
            if len(answering) > 1:
                yield from self._two(scope, answering)
            elif not answering and scope in self._needing() and (above or scope.kind is not ScopeKind.COMPONENT):
                # Of components nothing is said besides: who answers for the project would answer for them.
                doing = sorted(self._table.having(scope, Raci.RESPONSIBLE))
                person = next(iter((*above, *(doing if len(doing) == 1 else ()))), "NAME")
                yield self._gap(GapKind.NO_ACCOUNTABLE, scope, fix=self._entry(scope, person, 'raci = "A"'))

    def _two(self, scope: Scope, answering: Mapping[str, Ground]) -> Iterator[Gap]:
        """Two who answer for one scope, unless that only follows from the project above it."""
        first, second, *_ = sorted(answering, key=lambda who: (answering[who].detail, who))
        everybody = sorted(answering)
        match answering[second].origin:
            case ClaimSource.DECLARED:
                place = answering[second].detail
                yield self._gap(GapKind.TWO_ACCOUNTABLE, scope, everybody, place, ('raci = "C"',))
            case ClaimSource.DERIVED:
                fix = self._entry(scope, first, 'raci = "A"')
                yield self._gap(GapKind.TWO_ACCOUNTABLE, scope, everybody, fix=fix)
            case ClaimSource.INFERRED:
                pass

    def _responsible(self) -> Iterator[Gap]:
        """Scopes with open work nobody does, and the tasks under way or promised that nobody owns."""
        for scope in self._needing():
            if self._open_in(scope) and not self._table.having(scope, Raci.RESPONSIBLE):
                yield self._gap(GapKind.NOBODY_RESPONSIBLE, scope, fix=self._entry(scope, "NAME", 'raci = "R"'))
        dated = {goal.id for goals in self._table.goals.values() for goal in goals if goal.due is not None}
        unowned = [
            task
            for task in self._tasks
            if not task.owners
            and (
                self._moment.standings[task.id] is Standing.DOING
                or task.due is not None
                or not dated.isdisjoint(task.goals)
            )
        ]
        if unowned:
            yield self._gap(GapKind.NOBODY_RESPONSIBLE, Scope(ScopeKind.TASK), tasks=unowned)

    def _open_in(self, scope: Scope) -> bool:
        """Whether a scope has open tasks that may be named: whose the others are is not said."""
        tasks = [task for task in self._tasks if not task.restricted]
        match scope.kind:
            case ScopeKind.PROJECT:
                return bool(tasks)
            case ScopeKind.COMPONENT:
                return any(scope.name in task.components for task in tasks)
            case _:
                goals = {goal.id for goal in self._table.goals.get(scope, ())}
                return any(not goals.isdisjoint(task.goals) for task in tasks)

    def _in_one_hand(self) -> Iterator[Gap]:
        """One person is the only one to do and to answer for every scope that has both."""
        both = [
            (set(self._table.having(scope, Raci.RESPONSIBLE)), set(self._table.having(scope, Raci.ACCOUNTABLE)))
            for scope in self._needing()
        ]
        both = [(doing, answering) for doing, answering in both if doing and answering]
        everybody = {who for doing, answering in both for who in doing | answering}
        if len(both) >= LEAST_SCOPES and len(everybody) == 1:
            yield self._gap(
                GapKind.ALL_IN_ONE_HAND, PROJECT, sorted(everybody), fix=self._entry(PROJECT, "NAME", 'raci = "C"')
            )

    def _authority(self) -> Iterator[Gap]:
        """Who may decide something in a scope without doing it, answering for it or having a duty in it."""
        for scope, people in sorted(self._table.scopes.items()):
            for who, held in sorted(people.items()):
                if held.rows and _idle(held) and any(row.authority for row in held.rows):
                    place = next(row.place for row in held.rows if row.authority)
                    yield self._gap(
                        GapKind.AUTHORITY_WITHOUT_DUTY,
                        scope,
                        [who],
                        place,
                        (f'duties = ["what {self._name(who)} does"]',),
                    )
        involved = {
            who
            for people in self._table.scopes.values()
            for who, held in people.items()
            if held.rows or held.holds(Raci.RESPONSIBLE, Raci.ACCOUNTABLE)
        }
        idle = [
            who for who, level in self._levels().items() if _reaches(level, Permission.MAINTAIN) and who not in involved
        ]
        if idle:
            yield self._gap(
                GapKind.AUTHORITY_WITHOUT_DUTY, PROJECT, idle, Permission.MAINTAIN.value,
                self._entry(PROJECT, idle[0], 'role = "ROLE"', 'duties = ["DUTY"]'),
            )  # fmt: skip

    def _levels(self) -> Mapping[str, Permission]:
        """What the trackers allow, by person."""
        return {who: level for roster in self._table.rosters for who, level in roster.permissions or ()}

    def _permissions(self) -> Iterator[Gap]:
        levels = self._levels()
        if not levels:
            return
        project = self._table.scopes.get(PROJECT, {})
        for who, level in sorted(levels.items()):
            held = project.get(who)
            if held is not None and CLIENT in held.roles and _reaches(level, Permission.WRITE):
                yield self._gap(GapKind.PERMISSION_AGAINST_ROLE, PROJECT, [who], level.value)
        known = set(levels).union(
            *(roster.accounts for roster in self._table.rosters if roster.permissions is not None)
        )
        for scope, people in sorted(self._table.scopes.items()):
            for who, held in sorted(people.items()):
                needed = [_NEEDED[word] for row in held.rows for word in row.authority if word in _NEEDED]
                allowed = levels.get(who, Permission.READ)
                if who in known and needed and not _reaches(allowed, max(needed, key=_LEVELS.index)):
                    yield self._gap(GapKind.PERMISSION_AGAINST_ROLE, scope, [who], allowed.value)

    def _name(self, who: str) -> str:
        return self._moment.names.get(who, who)


def _idle(held: Held) -> bool:
    return not held.holds(Raci.RESPONSIBLE, Raci.ACCOUNTABLE) and not any(row.duties for row in held.rows)


def _reaches(level: Permission, least: Permission) -> bool:
    return _LEVELS.index(level) >= _LEVELS.index(least)


def _of_the_file(tables: Sequence[PairTable], collaboration: Collaboration, snapshot: Snapshot) -> Iterator[Gap]:
    """Rows nobody agreed to, names nobody has, and clients without a part."""
    rows = [row for row in collaboration.declared.rows if row.valid(snapshot.today)]
    looked_for = any(row.scope.kind in LOOKED_FOR for row in rows)
    found = _found([table.pair for table in tables], collaboration, snapshot) if looked_for else set()
    known = {person.id for person in collaboration.people} | {
        who for roster in collaboration.rosters for who in roster.accounts
    }

    def named(who: str) -> str:
        return snapshot.names.get(who, who)

    for row in rows:
        pair = row.pair or ""
        if not row.agreed(snapshot.today):
            agreed = dict.fromkeys(map(named, (row.person, *row.agreed_by)))
            lines: tuple[str, ...] = (f"agreed-by = [{', '.join(map(_quoted, agreed))}]", "agreed-at = YYYY-MM-DD")
            yield Gap(GapKind.NOT_AGREED, pair, row.scope, (named(row.person),), row.place, 1, (), lines)
        if row.person not in known:
            yield Gap(GapKind.UNKNOWN_PERSON, pair, row.scope, (row.person,), row.place, 1, (), ())
        if row.scope.kind in LOOKED_FOR and (row.scope.kind, row.scope.name.casefold()) not in found:
            yield Gap(GapKind.UNKNOWN_SCOPE, pair, row.scope, (), row.place, 1, (), ())
    for table in tables:
        for roster in table.rosters:
            for owner, place in roster.strangers:
                yield Gap(GapKind.UNKNOWN_PERSON, table.pair, PROJECT, (owner,), place, 1, (), ())
    taking_part = {
        who for table in tables for people in table.scopes.values() for who, held in people.items() if held.letters
    }
    for profile in collaboration.declared.people:
        name = (named(profile.name),)
        if profile.party is Party.CLIENT and profile.name not in taking_part:
            lines = entry(PROJECT, named(profile.name), 'raci = "CI"', 'role = "client"')
            yield Gap(GapKind.CLIENT_MISSING, "", PROJECT, name, "", 1, (), lines)


def _found(pairs: Sequence[str], collaboration: Collaboration, snapshot: Snapshot) -> set[tuple[ScopeKind, str]]:
    """Every component, goal and task by its folded names, whether or not work remains in it."""
    tasks = [task for task in snapshot.tasks if task.pair in pairs]
    names = {
        ScopeKind.COMPONENT: [name for roster in collaboration.rosters for name in roster.components]
        + [name for task in tasks for name in task.components],
        ScopeKind.GOAL: [goal.title for goal in collaboration.goals],
        ScopeKind.TASK: [place.key for task in tasks for place in task.places],
    }
    return {(kind, name.casefold()) for kind, found in names.items() for name in found}
