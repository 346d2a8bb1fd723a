"""Makes a task of what both sides show of it and what was seen to change. Pure.

What a task refers to must have been read before, as far as it is there: see `named`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar, cast

from syncer.contract.model import Field, Kind, Observed, Ref, Side, Status
from syncer.core.records import FieldChange
from syncer.core.rules import Meaning, PairRules
from syncer.core.side_view import ends_of, names
from syncer.report.gather import task_history as past
from syncer.report.gather.known_items import Item, KnownItem, KnownItems, above, before
from syncer.report.gather.merged_item import OLDEST, SIZES, MergedItem, SizeMeaning
from syncer.report.gather.people import People
from syncer.report.gather.standings import Standings
from syncer.report.gather.values import one_line
from syncer.report.model.collaboration import Task
from syncer.report.model.timeline import Blockage, Cause, Membership, StatusVisit

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Waits:
    """What a task waits for, now and by its history: held against those tasks when all are made."""

    shown: Mapping[Side, Sequence[str]]
    changes: Sequence[FieldChange]


class TaskMaker:
    """Makes the tasks of one pair."""

    def __init__(self, rules: PairRules, people: People, known: KnownItems, since: datetime = OLDEST) -> None:
        self._rules = rules
        self._people = people
        self._known = known
        self._standings = Standings(rules)
        self._sizes = {
            meaning: tuple(name for name, rule in rules.custom.items() if rule.means is meaning) for meaning in SIZES
        }
        """The declared fields that tell a size of a task."""
        self._since = since
        self.statuses: set[str] = set()
        """Names of those that the tasks went through which are kept without them."""
        self._kept: dict[object, object] = {}
        """Words and rows of words that many tasks have, each kept once."""

    def task(self, merged: MergedItem, known: KnownItem, changes: Sequence[FieldChange]) -> Task:
        """The task without its sprint and its place in the plan, which are known when all items are read.

        One that has rested in done since before `since` is kept without each step on the way there, at which no figure
        looks that far back: most tasks of a large pair are such.
        """
        transitions, finished = self._standings.over_time(merged, changes)
        visits = past.visits(changes, merged.created)
        goals = self._kept_once(self._goals_of(merged, known))
        status = merged.first.showing.get(Field.STATUS)
        rests = finished is not None and max([finished, *(change.at for change in changes[-1:])]) < self._since
        if rests:
            self.statuses.update(visit.name for visit in visits)
        created, owners, due = merged.created, self._kept_once(self.owners(merged)), _day(merged.value(Field.DUE))
        labels = self._kept_once(
            tuple(sorted({one_line(label) for _, item in merged.sides for label in _labels(item)}))
        )
        author = merged.first.author
        maker = None if author is None else self._kept_once(self.person(merged.origin, author.id))
        task = Task(
            id=known.id,
            pair=self._rules.name,
            title=known.title,
            places=known.places,
            origin=merged.origin,
            standing=transitions[-1].standing,
            created=created,
            status=self._kept_once(one_line(status.name)) if isinstance(status, Status) else "",
            finished=finished,
            owners=owners,
            goals=goals,
            due=due,
            type=self._kept_once(_text(merged.value(Field.TYPE))),
            priority=self._kept_once(_text(merged.value(Field.PRIORITY))),
            labels=self._kept_once(tuple(sorted(labels))),
            components=self._kept_once(self._components(merged)),
            transitions=transitions,
            restricted=known.restricted,
            author=maker,
            assignments=past.assignments(changes, created, owners, self.person),
            due_changes=past.due_changes(changes, created, due, self.person),
            memberships=self._memberships(goals, changes, created),
            visits=() if rests else visits,
            blockages=self._blockages(merged, changes, visits, sorted(labels)),
            activity=() if rests else past.activity(changes),
            touches=past.touches(changes, self.person, maker),
            points=self._size(merged, Meaning.POINTS),
            estimate_hours=self._size(merged, Meaning.ESTIMATE),
            spent_hours=self._size(merged, Meaning.SPENT),
            remaining_hours=self._size(merged, Meaning.REMAINING),
            waits_for=tuple(dict.fromkeys(blocker.id for blocker in self._known.among(_before(merged)))),
        )
        return past.with_impediments(task) if task.blockages else task

    def owners(self, merged: MergedItem) -> tuple[str, ...]:
        """Everybody assigned on any side, each once, those of the origin first."""
        found = [
            self.person(side, account)
            for side, item in merged.sides
            for account in names(item.showing.get(Field.ASSIGNEES))
        ]
        return tuple(dict.fromkeys(found))

    def held_up(self, task: Task, waits: Waits, tasks: Mapping[str, Task]) -> Task:
        """The task with what it waited for in its way; `tasks` are all of the pair by their ids."""
        found = (
            (tasks.get(blocker.id), span)
            for (side, native), span in past.edges(waits.changes, task.created, waits.shown)
            if (blocker := self._known.task(side, native)) is not None
        )
        return past.held_up(task, ((blocker, span) for blocker, span in found if blocker is not None))

    def _kept_once(self, words: T) -> T:
        """The words as the first task had them that has the same ones."""
        return cast(T, self._kept.setdefault(words, words))

    def _size(self, merged: MergedItem, meaning: SizeMeaning) -> float | None:
        """A size of a task, by what the rules of the pair say of declared fields."""
        return merged.size(meaning, self._sizes[meaning])

    def person(self, side: Side, account: str) -> str:
        """The id of the person behind an account."""
        return self._people.person(self._rules.name, side, account)

    def _components(self, merged: MergedItem) -> tuple[str, ...]:
        """Its components on any side: the tracker's own, or labels that show them by the rules of the pair."""
        prefix = self._rules.component_prefix
        found = [one_line(name) for _, item in merged.sides for name in names(item.showing.get(Field.COMPONENTS))]
        if prefix:
            labels = (label for _, item in merged.sides for label in _labels(item))
            found += [
                one_line(label[len(prefix) :]) for label in labels if label.casefold().startswith(prefix.casefold())
            ]
        spelled = {name.casefold(): name for name in reversed(found) if name}
        return tuple(sorted(spelled.values(), key=str.casefold))

    def _goals_of(self, merged: MergedItem, known: KnownItem) -> tuple[str, ...]:
        """Its milestones on any side, and the nearest epic above it."""
        found = [
            goal.id
            for side, item in merged.sides
            for native in names(item.showing.get(Field.MILESTONES))
            if (goal := self._known.goal(side, native)) is not None
        ]
        return tuple(dict.fromkeys((*found, *self._known.epic_from(next(self._known.among(known.above), None)))))

    def _memberships(
        self, now: tuple[str, ...], changes: Sequence[FieldChange], created: datetime
    ) -> tuple[Membership, ...]:
        """Its goals over time. What is above a parent that it had once is what is above that today."""

        def goals_of(change: FieldChange, value: object) -> tuple[str, ...]:
            if change.field is Field.PARENT:
                return self._known.epic_from(self._known.task(change.side, value) if isinstance(value, str) else None)
            goals = (self._known.goal(change.side, native) for native in names(value))
            return tuple(goal.id for goal in goals if goal is not None)

        return past.memberships(changes, created, now, goals_of, self.person)

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

    def _waits_unseen(self, side: Side, item: Observed) -> bool:
        """Whether it waits for something we cannot look at.

        What we can see is judged by what it shows itself: a tracker does not change an item when the item it waits for
        is finished.
        """
        return item.facts.open_blockers > 0 and not any(self._known.among(before(side, item)))


def waits(merged: MergedItem, changes: Sequence[FieldChange]) -> Waits | None:
    """What a task waits for, or waited for once; None where that is nothing."""
    shown = {side: names(item.showing.get(Field.BLOCKED_BY)) for side, item in merged.sides}
    moves = tuple(change for change in changes if change.field is Field.BLOCKED_BY)
    return Waits(shown, moves) if moves or any(shown.values()) else None


def named(merged: MergedItem, changes: Sequence[FieldChange]) -> Iterator[Item]:
    """The tasks and epics that a task refers to, or did once."""
    yield from above(merged)
    yield from _before(merged)
    for change in changes:
        if change.field is Field.PARENT:
            for value in (change.old, change.new):
                yield from ((change.side, Ref(Kind.TASK, native)) for native in ends_of(value))


def _before(merged: MergedItem) -> Iterator[Item]:
    """What a task waits for on any side."""
    return (each for side, item in merged.sides for each in before(side, item))


def _labels(item: Observed) -> tuple[str, ...]:
    return names(item.showing.get(Field.LABELS))


def _day(value: object) -> date | None:
    return value if isinstance(value, date) else None


def _text(value: object) -> str | None:
    return one_line(value) if isinstance(value, str) else None
