"""Puts the two sides of a pair together: linked items become one task or one goal with its standings. Pure.

Items come page by page, each with its history, and a task is made as soon as everything it refers to was read: of a
large pair neither what the trackers showed nor what happened is held whole, only what becomes of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from syncer.contract.history import Aspect
from syncer.contract.model import Audience, Category, Field, Kind, Observed, Ref, Side, Status
from syncer.core.records import FieldChange
from syncer.core.rules import PairRules
from syncer.core.side_view import names
from syncer.report.gather import task_history as past
from syncer.report.gather.goal_block import aim
from syncer.report.gather.known_items import Item, KnownItem, KnownItems, above
from syncer.report.gather.merged_item import OLDEST, MergedItem
from syncer.report.gather.people import People
from syncer.report.gather.plan_order import PlanOrder
from syncer.report.gather.sprints import SprintPast, SprintTable
from syncer.report.gather.task_making import TaskMaker, Waits, named, waits
from syncer.report.gather.values import criteria, one_line, title_of
from syncer.report.model.collaboration import Goal, GoalKind, Place, Task
from syncer.report.model.counting import USUAL, CountingRules
from syncer.report.model.sprint import TeamSprint
from syncer.richtext.markup import Markup

EPIC_TYPES = frozenset({"epic", "initiative", "objective", "长篇故事", "史诗"})
"""Types whose items are goals and not tasks, as English and Chinese sites have them; compared without case. Also where
the pair shows them by labels."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """An item that is kept for now, with what happened to it."""

    merged: MergedItem
    known: KnownItem
    changes: Sequence[FieldChange]


class Assembly:
    """Collects the items of one pair and makes goals and tasks of them."""

    def __init__(
        self,
        rules: PairRules,
        people: People,
        scopes: Mapping[Side, str],
        markups: Mapping[Side, Markup],
        counting: CountingRules = USUAL,
        since: datetime = OLDEST,
    ) -> None:
        """`since` is the earliest moment of which it is asked how a finished task came there."""
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
        self._sprints = SprintTable(rules)
        self._known = KnownItems()
        self._tasks = TaskMaker(rules, people, self._known, since)
        self._goals: dict[GoalKind, list[_Seen]] = {GoalKind.EPIC: [], GoalKind.MILESTONE: []}
        self._places: dict[str, int] = {}
        """By the id of each task: which of them it is."""
        self._made: list[Task | None] = []
        """In that order; None where something that the task refers to was not read yet."""
        self._waiting: dict[Item, list[_Seen]] = defaultdict(list)
        """By what was not read: the tasks that refer to it."""
        self._plan = PlanOrder()
        self._in_sprints: dict[str, SprintPast] = {}
        self._waits: dict[str, Waits] = {}

    def add(self, merged: MergedItem, changes: Sequence[FieldChange]) -> None:
        """Adds a milestone or task with the changes of `aspects`, oldest first; one that is gone is left out.

        All milestones come before the first task.
        """
        if not merged.sides:
            return
        self._sprints.meet(merged)
        for side, item in merged.sides:
            if item.author is not None:
                self._people.meet(self._rules.name, side, item.author)
        seen = _Seen(merged, self._known_of(merged), changes)
        self._known.meet(merged, seen.known)
        if merged.first.kind is Kind.TASK:
            self._plan.meet(merged, seen.known.id)
        if merged.first.kind is Kind.MILESTONE or seen.known.epic:
            self._goals[GoalKind.EPIC if seen.known.epic else GoalKind.MILESTONE].append(seen)
        elif self._subtasks or (merged.level or 0) >= 0:
            self._places[seen.known.id] = len(self._made)
            self._made.append(None)
            self._make(seen)
        for side, item in merged.sides:
            for one in self._waiting.pop((side, item.ref), ()):
                self._make(one)

    @property
    def earlier_statuses(self) -> frozenset[str]:
        """See `Collaboration.earlier_statuses`."""
        return frozenset(self._tasks.statuses)

    @property
    def aspects(self) -> tuple[Aspect, ...]:
        """What the history is read of."""
        return (*past.ASPECTS, *self._sprints.aspects)

    def sprints(self) -> Iterator[TeamSprint]:
        """The sprints that the items tell of."""
        return self._sprints.sprints()

    def assemble(self) -> tuple[tuple[Task, ...], tuple[Goal, ...]]:
        """Tasks and goals, when everything was added."""
        for one in [seen for waiting in self._waiting.values() for seen in waiting]:
            self._make(one, all_read=True)
        made = list(map(self._finished, filter(None, self._made)))
        by_id = {task.id: task for task in made} if self._waits else {}
        return (
            tuple(self._tasks.held_up(task, self._waits[task.id], by_id) if task.id in self._waits else task
                  for task in made),
            tuple(self._goal(seen, kind) for kind, goals in self._goals.items() for seen in goals),
        )  # fmt: skip

    def known(self, side: Side, ref: Ref | None) -> KnownItem | None:
        """What is known of an item of a side."""
        return self._known.get(side, ref)

    def restricted(self, merged: MergedItem) -> bool:
        """Whether fewer people than the members of a scope can see it on any side. Unknown counts as fewer."""
        return any(
            item.audience is Audience.RESTRICTED
            # Of a mirror that nobody edited it was never asked who can read it: it shows what its original shows.
            and not (item.audience_untold and side is not merged.origin and merged.item(merged.origin) is not None)
            for side, item in merged.sides
        )

    def _known_of(self, merged: MergedItem) -> KnownItem:
        ref = merged.first.ref
        return KnownItem(
            # Of its origin, so that linking it changes nothing.
            id=f"{self._rules.name}/{merged.origin.value}/{ref.kind.value}/{ref.id}",
            title=title_of(merged.first),
            places=merged.places,
            restricted=self.restricted(merged),
            epic=ref.kind is Kind.TASK and self._is_epic(merged),
            above=above(merged),
        )

    # --- tasks

    def _make(self, seen: _Seen, *, all_read: bool = False) -> None:
        """Makes a task, or keeps it without its texts until what it refers to was read."""
        unread = None if all_read else self._known.unread(named(seen.merged, seen.changes))
        if unread is not None:
            self._waiting[unread].append(replace(seen, merged=seen.merged.without_texts()))
            return
        merged, known = seen.merged, seen.known
        if (in_sprints := self._sprints.past_of(merged, seen.changes)) is not None:
            self._in_sprints[known.id] = in_sprints
        if (waiting := waits(merged, seen.changes)) is not None:
            self._waits[known.id] = waiting
        elsewhere = self._sprints.aspects
        changes = [change for change in seen.changes if change.field not in elsewhere]
        self._made[self._places.pop(known.id)] = self._tasks.task(merged, known, changes)

    def _finished(self, task: Task) -> Task:
        """A task with what is known when all items are read: where it stands in the plan, and its sprints."""
        rank, told = self._plan.place(task.id), self._in_sprints.get(task.id)
        if told is not None:
            sprint, changes = self._sprints.over_time(told, task.created)
            return replace(task, rank=rank, sprint=sprint, sprint_changes=changes)
        return task if rank is None else replace(task, rank=rank)

    # --- goals

    def _goal(self, seen: _Seen, kind: GoalKind) -> Goal:
        merged, known, changes = seen.merged, seen.known, seen.changes
        start, due, created = merged.value(Field.START), _day(merged.value(Field.DUE)), merged.first.created
        status = merged.value(Field.STATUS)
        if not isinstance(start, date) and created > OLDEST:
            start = created.date()
        texts = [self._markups[side].read(source) for side, source in merged.texts]
        return Goal(
            id=known.id,
            pair=self._rules.name,
            kind=kind,
            title=known.title,
            places=merged.places if kind is GoalKind.EPIC else self._scopes(merged),
            owners=self._tasks.owners(merged),
            start=_day(start),
            start_declared=_day(merged.value(Field.START)) is not None,
            due=due,
            due_changes=past.due_changes(changes, created, due, self._tasks.person),
            created=created if created > OLDEST else None,
            closed=isinstance(status, Status) and status.category is Category.DONE,
            closed_at=merged.closed,
            restricted=known.restricted,
            described=bool(texts),
            criteria=next((listed for text in texts if (listed := criteria(text))), ()),
            aim=next((read for text in texts if (read := aim(text)) is not None), None),
            serves=any(self._known.among(known.above)) if kind is GoalKind.EPIC else None,
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


def _day(value: object) -> date | None:
    return value if isinstance(value, date) else None


def _text(value: object) -> str | None:
    return one_line(value) if isinstance(value, str) else None
