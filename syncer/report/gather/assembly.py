"""Puts the two sides of a pair together: linked items become one task or one goal with its standings. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from syncer.contract.history import Aspect
from syncer.contract.model import Audience, Category, Field, Kind, Observed, Ref, Side, Status
from syncer.core.codec import decode_value
from syncer.core.records import FieldChange
from syncer.core.rules import Meaning, PairRules
from syncer.core.side_view import names
from syncer.report.gather import task_history as past
from syncer.report.gather.goal_block import aim
from syncer.report.gather.merged_item import OLDEST, SIZES, MergedItem, SizeMeaning, ranked
from syncer.report.gather.people import People
from syncer.report.gather.sprints import SprintTable
from syncer.report.gather.standings import Standings
from syncer.report.gather.values import criteria, one_line, title_of
from syncer.report.model.collaboration import Goal, GoalKind, Place, Task
from syncer.report.model.counting import USUAL, CountingRules
from syncer.report.model.sprint import TeamSprint
from syncer.report.model.timeline import Blockage, Cause, Membership, StatusVisit
from syncer.richtext.markup import Markup

EPIC_TYPES = frozenset({"epic", "initiative", "objective", "长篇故事", "史诗"})
"""Types whose items are goals and not tasks, as English and Chinese sites have them; compared without case. Also where
the pair shows them by labels."""


_DEEPEST = 20
"""Levels of parents that are climbed; more means a cycle."""


class Assembly:
    """Collects the items of one pair and makes goals and tasks of them."""

    def __init__(
        self,
        rules: PairRules,
        people: People,
        scopes: Mapping[Side, str],
        markups: Mapping[Side, Markup],
        counting: CountingRules = USUAL,
    ) -> None:
        self._rules = rules
        self._goal_types = EPIC_TYPES | counting.goal_types
        self._epic_labels = {
            side: frozenset(
                (row.cell(side).label or "").casefold()
                for row in rules.type.rows
                if (row.cell(side.other).name or "").casefold() in self._goal_types
            )
            for side in Side
        }
        """The labels of a side that show an epic by the rules of the pair."""
        self._subtasks = counting.subtasks
        self._markups = markups
        self._scope_names = scopes
        self._people = people
        self._standings = Standings(rules)
        self._sprints = SprintTable(rules)
        self._merged: list[MergedItem] = []
        self._epics: set[int] = set()
        """The identities of those that are goals."""
        self._by_item: dict[tuple[Side, Ref], MergedItem] = {}
        self._plan: dict[int, int] = {}
        self._sizes = {
            meaning: tuple(name for name, rule in rules.custom.items() if rule.means is meaning) for meaning in SIZES
        }
        """The declared fields that tell a size of a task."""
        self._words: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._shared: dict[object, object] = {}
        """Values that many items show, each kept once: a large pair would hold a hundred thousand equal ones."""

    def add(self, merged: MergedItem) -> None:
        """Adds a milestone or task; one that is gone on all its sides is left out. Only goals keep their texts."""
        if not merged.shown:
            return
        is_goal = merged.first.kind is Kind.MILESTONE or self._is_epic(merged)
        if not is_goal:
            merged = merged.without_texts(self._shared)
        elif merged.first.kind is Kind.TASK:
            self._epics.add(id(merged))
        self._merged.append(merged)
        self._sprints.meet(merged)
        for side, item in merged.sides:
            self._by_item[side, item.ref] = merged
            if item.author is not None:
                self._people.meet(self._rules.name, side, item.author)

    @property
    def aspects(self) -> tuple[Aspect, ...]:
        """What the history is read of."""
        return (*past.ASPECTS, *self._sprints.aspects)

    def sprints(self) -> Iterator[TeamSprint]:
        """The sprints that the items tell of."""
        return self._sprints.sprints()

    def assemble(self, changes: Iterable[FieldChange]) -> tuple[tuple[Task, ...], tuple[Goal, ...]]:
        """Tasks and goals; `changes` are the changes of `aspects` in the pair's history, oldest first."""
        changes_of = self._changes_of(changes)
        tasks = [merged for merged in self._merged if merged.first.kind is Kind.TASK]
        self._plan = {id(merged): place for place, merged in enumerate(ranked(tasks))}
        epics = self._epics
        goals = [merged for merged in tasks if id(merged) in epics]
        milestones = [merged for merged in self._merged if merged.first.kind is Kind.MILESTONE]
        made: list[Task] = []
        waiting: dict[str, tuple[MergedItem, list[FieldChange]]] = {}
        for merged in tasks:
            if id(merged) not in epics and (self._subtasks or (merged.level or 0) >= 0):
                # What happened to a task is dropped when the task is made of it: it is most of what is held here.
                happened = changes_of.pop(id(merged), [])
                made.append(self._task(merged, happened, epics))
                waits = [change for change in happened if change.field is Field.BLOCKED_BY]
                if waits or any(item.showing.get(Field.BLOCKED_BY) for _, item in merged.sides):
                    waiting[made[-1].id] = merged, waits
        by_id = {task.id: task for task in made} if waiting else {}
        return (
            tuple(self._held_up(task, *waiting[task.id], by_id) if task.id in waiting else task for task in made),
            (*(self._goal(merged, GoalKind.EPIC, changes_of.get(id(merged), ())) for merged in goals),
             *(self._goal(merged, GoalKind.MILESTONE, changes_of.get(id(merged), ())) for merged in milestones)),
        )  # fmt: skip

    def _changes_of(self, changes: Iterable[FieldChange]) -> dict[int, list[FieldChange]]:
        """By the identity of a merged item: what happened to it, oldest first.

        Values are decoded here, each once: a large pair has a hundred thousand equal ones.
        """
        found: dict[int, list[FieldChange]] = {}
        values: dict[str, object] = {}

        def decoded(encoded: object) -> object:
            if (key := repr(encoded)) not in values:
                values[key] = encoded if isinstance(encoded, bool) else decode_value(encoded)
            return values[key]

        for change in changes:
            merged = self._by_item.get((change.side, change.ref))
            if merged is not None:
                ref = merged.shown[change.side].ref
                kept = replace(change, ref=ref, old=decoded(change.old), new=decoded(change.new))
                found.setdefault(id(merged), []).append(kept)
        return found

    def merged_item(self, side: Side, ref: Ref | None) -> MergedItem | None:
        """What an item of a side was merged into."""
        return None if ref is None else self._by_item.get((side, ref))

    def identity(self, merged: MergedItem) -> str:
        """The id of a task or goal in the report: of its origin, so that linking it changes nothing."""
        return f"{self._rules.name}/{merged.origin.value}/{merged.first.ref.kind.value}/{merged.first.ref.id}"

    def restricted(self, merged: MergedItem) -> bool:
        """Whether fewer people than the members of a scope can see it on any side. Unknown counts as fewer."""
        return any(
            item.audience is Audience.RESTRICTED
            for side, item in merged.shown.items()
            # Of a mirror that nobody edited it was never asked who can read it: it shows what its original shows.
            if not (item.audience_untold and side is not merged.origin and merged.origin in merged.shown)
        )

    # --- goals

    def _goal(self, merged: MergedItem, kind: GoalKind, changes: Sequence[FieldChange]) -> Goal:
        start, due, created = merged.value(Field.START), _day(merged.value(Field.DUE)), merged.first.created
        status = merged.value(Field.STATUS)
        if not isinstance(start, date) and created > OLDEST:
            start = created.date()
        texts = [self._markups[side].read(source) for side, source in merged.texts]
        return Goal(
            id=self.identity(merged),
            pair=self._rules.name,
            kind=kind,
            title=title_of(merged.first),
            places=merged.places if kind is GoalKind.EPIC else self._scopes(merged),
            owners=self._owners(merged),
            start=_day(start),
            start_declared=_day(merged.value(Field.START)) is not None,
            due=due,
            due_changes=past.due_changes(changes, created, due, self._person),
            created=created if created > OLDEST else None,
            closed=isinstance(status, Status) and status.category is Category.DONE,
            closed_at=merged.closed,
            restricted=self.restricted(merged),
            described=bool(texts),
            criteria=next((listed for text in texts if (listed := criteria(text))), ()),
            aim=next((read for text in texts if (read := aim(text)) is not None), None),
            serves=self._parent(merged) is not None if kind is GoalKind.EPIC else None,
        )

    def _scopes(self, merged: MergedItem) -> tuple[Place, ...]:
        """Where a milestone can be seen. Milestones have no keys people use: the scope is named instead."""
        return tuple(replace(place, key=self._scope_names.get(place.side, "") or place.key) for place in merged.places)

    def _is_epic(self, merged: MergedItem) -> bool:
        """Whether it is a goal: by its level where a tracker tells one, by the name of its type, by a label."""
        if merged.level is not None and merged.level != 0:
            return merged.level > 0
        return any(
            (_text(item.showing.get(Field.TYPE)) or "").casefold() in self._goal_types
            or self._labels_as_epic(side, item)
            for side, item in merged.sides
        )

    def _labels_as_epic(self, side: Side, item: Observed) -> bool:
        """Whether a label that shows a type by the rules of the pair shows an epic."""
        telling = self._epic_labels[side]
        return bool(telling) and any(label.casefold() in telling for label in names(item.showing.get(Field.LABELS)))

    # --- tasks

    def _task(self, merged: MergedItem, changes: Sequence[FieldChange], epics: set[int]) -> Task:
        transitions, finished = self._standings.over_time(merged, changes)
        sprint, sprint_changes = self._sprints.over_time(merged, changes, merged.created)
        in_sprints = self._sprints.aspects
        changes = [change for change in changes if change.field not in in_sprints]
        visits, goals = past.visits(changes, merged.created), self._goals_of(merged, epics)
        status = merged.first.showing.get(Field.STATUS)
        created, owners, due = merged.created, self._owners(merged), _day(merged.value(Field.DUE))
        labels = tuple(sorted({one_line(label) for _, item in merged.sides for label in self._labels(item)}))
        author = merged.first.author
        maker = None if author is None else self._people.person(self._rules.name, merged.origin, author.id)
        task = Task(
            id=self.identity(merged),
            pair=self._rules.name,
            title=title_of(merged.first),
            places=merged.places,
            origin=merged.origin,
            standing=transitions[-1].standing,
            created=created,
            status=one_line(status.name) if isinstance(status, Status) else "",
            finished=finished,
            owners=self._once(owners),
            goals=self._once(goals),
            due=due,
            type=_text(merged.value(Field.TYPE)),
            priority=_text(merged.value(Field.PRIORITY)),
            labels=self._once(labels),
            components=self._once(self._components(merged)),
            transitions=transitions,
            restricted=self.restricted(merged),
            author=maker,
            assignments=past.assignments(changes, created, owners, self._person),
            due_changes=past.due_changes(changes, created, due, self._person),
            memberships=self._memberships(goals, changes, created, epics),
            visits=visits,
            blockages=self._blockages(merged, changes, visits, labels),
            activity=past.activity(changes),
            touches=past.touches(changes, self._person, maker),
            points=self._size(merged, Meaning.POINTS),
            estimate_hours=self._size(merged, Meaning.ESTIMATE),
            spent_hours=self._size(merged, Meaning.SPENT),
            remaining_hours=self._size(merged, Meaning.REMAINING),
            waits_for=tuple(self.identity(blocker) for blocker in self._blockers(merged)),
            sprint=sprint,
            rank=self._plan.get(id(merged)),
            sprint_changes=sprint_changes,
        )
        return past.with_impediments(task) if task.blockages else task

    def _once(self, words: tuple[str, ...]) -> tuple[str, ...]:
        """The words as the first task had them that has the same ones."""
        return self._words.setdefault(words, words)

    def _size(self, merged: MergedItem, meaning: SizeMeaning) -> float | None:
        """A size of a task, by what the rules of the pair say of declared fields."""
        return merged.size(meaning, self._sizes[meaning])

    def _person(self, side: Side, account: str) -> str:
        return self._people.person(self._rules.name, side, account)

    def _owners(self, merged: MergedItem) -> tuple[str, ...]:
        """Everybody assigned on any side, each once, those of the origin first."""
        found = [
            self._people.person(self._rules.name, side, account)
            for side, item in merged.sides
            for account in names(item.showing.get(Field.ASSIGNEES))
        ]
        return tuple(dict.fromkeys(found))

    def _labels(self, item: Observed) -> tuple[str, ...]:
        return names(item.showing.get(Field.LABELS))

    def _components(self, merged: MergedItem) -> tuple[str, ...]:
        """Its components on any side: the tracker's own, or labels that show them by the rules of the pair."""
        prefix = self._rules.component_prefix
        found = [one_line(name) for _, item in merged.sides for name in names(item.showing.get(Field.COMPONENTS))]
        if prefix:
            labels = (label for _, item in merged.sides for label in self._labels(item))
            found += [
                one_line(label[len(prefix) :]) for label in labels if label.casefold().startswith(prefix.casefold())
            ]
        spelled = {name.casefold(): name for name in reversed(found) if name}
        return tuple(sorted(spelled.values(), key=str.casefold))

    def _goals_of(self, merged: MergedItem, epics: set[int]) -> tuple[str, ...]:
        """Its milestones on any side, and the nearest epic above it."""
        found = [
            self.identity(goal)
            for side, item in merged.sides
            for native in names(item.showing.get(Field.MILESTONES))
            if (goal := self._by_item.get((side, Ref(Kind.MILESTONE, native)))) is not None
        ]
        return tuple(dict.fromkeys((*found, *self._epic_from(self._parent(merged), epics))))

    def _epic_from(self, above: MergedItem | None, epics: set[int]) -> tuple[str, ...]:
        """The nearest epic, this one or above it; none where there is none."""
        for _ in range(_DEEPEST):
            if above is None:
                break
            if id(above) in epics:
                return (self.identity(above),)
            above = self._parent(above)
        return ()

    def _memberships(
        self, now: tuple[str, ...], changes: Sequence[FieldChange], created: datetime, epics: set[int]
    ) -> tuple[Membership, ...]:
        """Its goals over time. What is above a parent that it had once is what is above that today."""

        def goals_of(change: FieldChange, value: object) -> tuple[str, ...]:
            if change.field is Field.PARENT:
                above = self._by_item.get((change.side, Ref(Kind.TASK, value))) if isinstance(value, str) else None
                return self._epic_from(above, epics)
            refs = (Ref(Kind.MILESTONE, native) for native in names(value))
            goals = (self._by_item.get((change.side, ref)) for ref in refs)
            return tuple(self.identity(goal) for goal in goals if goal is not None)

        return past.memberships(changes, created, now, goals_of, self._person)

    def _parent(self, merged: MergedItem) -> MergedItem | None:
        parents = (
            self._by_item.get((side, Ref(Kind.TASK, native)))
            for side, item in merged.sides
            if isinstance(native := item.showing.get(Field.PARENT), str)
        )
        return next((parent for parent in parents if parent is not None), None)

    # --- impediments

    def _blockages(
        self, merged: MergedItem, changes: Sequence[FieldChange], visits: Sequence[StatusVisit], labels: Sequence[str]
    ) -> tuple[Blockage, ...]:
        """What was in the way of a task but for the tasks it waits for, which are not made yet."""
        created = merged.created
        flagged = any(item.facts.flagged for item in merged.shown.values())
        unseen = any(self._waits_unseen(side, item) for side, item in merged.sides)
        return past.in_order(
            (
                *past.blockages(changes, created, labels),
                *past.flags(changes, created, flagged),
                *past.impeded_statuses(visits),
                *([Blockage(created, None, None, Cause.DEPENDENCY)] if unseen else ()),
            )
        )

    def _held_up(
        self, task: Task, merged: MergedItem, changes: Sequence[FieldChange], tasks: Mapping[str, Task]
    ) -> Task:
        """The task with what it waited for in its way."""
        shown = {side: names(item.showing.get(Field.BLOCKED_BY)) for side, item in merged.sides}
        waits = (
            (tasks.get(self.identity(blocker)), span)
            for (side, native), span in past.edges(changes, task.created, shown)
            if (blocker := self._by_item.get((side, Ref(Kind.TASK, native)))) is not None
        )
        return past.held_up(task, ((blocker, span) for blocker, span in waits if blocker is not None))

    def _waits_unseen(self, side: Side, item: Observed) -> bool:
        """Whether it waits for something we cannot look at.

        What we can see is judged by what it shows itself: a tracker does not change an item when the item it waits for
        is finished.
        """
        blockers = names(item.showing.get(Field.BLOCKED_BY))
        seen = [native for native in blockers if (side, Ref(Kind.TASK, native)) in self._by_item]
        return item.facts.open_blockers > 0 and not seen

    def _blockers(self, merged: MergedItem) -> tuple[MergedItem, ...]:
        """The tasks it waits for on any side, each once."""
        blockers = {
            id(blocker): blocker
            for side, item in merged.sides
            for native in names(item.showing.get(Field.BLOCKED_BY))
            if (blocker := self._by_item.get((side, Ref(Kind.TASK, native)))) is not None
        }
        return tuple(blockers.values())


def _day(value: object) -> date | None:
    return value if isinstance(value, date) else None


def _text(value: object) -> str | None:
    return one_line(value) if isinstance(value, str) else None
