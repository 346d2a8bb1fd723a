"""The sprints of a pair, and which of them each task was in over time. Pure.

Trackers tell a sprint by its name, fields and changes alike. What else is told of it stands beside tasks that are in
it, as old as their last reading: the furthest state that any of them tells holds, and of one state the last edit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from syncer.contract.history import Aspect, Trait
from syncer.contract.model import Audience, Side
from syncer.contract.sprint import Sprint, SprintState
from syncer.core.records import FieldChange
from syncer.core.rules import Meaning, PairRules
from syncer.report.gather.merged_item import MergedItem
from syncer.report.gather.values import one_line
from syncer.report.model.sprint import TeamSprint
from syncer.report.model.timeline import SprintChange

_FURTHEST = (None, SprintState.FUTURE, SprintState.ACTIVE, SprintState.CLOSED)


@dataclass(frozen=True, slots=True)
class SprintPast:
    """What a task itself tells of its sprints, by the names that its sides give them."""

    now: tuple[Side, str] | None
    moves: tuple[FieldChange, ...]


class SprintTable:
    """Meets the items of one pair, then tells the sprints and where each task was."""

    def __init__(self, rules: PairRules) -> None:
        self._declared = tuple(field for field, rule in rules.custom.items() if rule.means is Meaning.SPRINT)
        self._names = {
            row.right.name: row.left.name
            for field in self._declared
            for row in rules.custom[field].relation.rows
            if row.right.name and row.left.name
        }
        """What a sprint of the right side is called on the left, where the map of the pair says so."""
        self._told: dict[tuple[str, Side], dict[str, tuple[datetime, Sprint]]] = defaultdict(dict)
        """By name and side, by the tracker's id: what is told of it, and when the task that told it changed last."""
        self._public: set[str] = set()
        """Names of sprints that were seen in tasks which all members of a scope see."""

    @property
    def aspects(self) -> tuple[Aspect, ...]:
        """What the history is read of."""
        return (Trait.SPRINT, *self._declared)

    def meet(self, merged: MergedItem) -> None:
        """Takes note of the sprints that an item tells of."""
        for side, item in merged.sides:
            for sprint in item.facts.sprints:
                name = self._name(side, sprint.name)
                told, seen = self._told[name, side], (item.updated, sprint)
                told[sprint.id] = max(told.get(sprint.id, seen), seen, key=_later)
                if item.audience is not Audience.RESTRICTED:
                    self._public.add(name)

    def sprints(self) -> Iterator[TeamSprint]:
        """Those whose first day is known. Two of one name cannot be told apart in a history: they are left out."""
        for name in dict.fromkeys(name for name, _ in self._told):
            sprint = self._known(name)
            if sprint is not None and sprint.start is not None:
                yield TeamSprint(
                    _id(sprint, name), one_line(name), sprint.start, sprint.end, sprint.state, sprint.completed,
                    one_line(sprint.goal), name not in self._public,
                )  # fmt: skip

    def past_of(self, merged: MergedItem, changes: Sequence[FieldChange]) -> SprintPast | None:
        """What is known of the sprints of a task before all items were met; None where it never was in one."""
        now, moves = self._now(merged), tuple(self._moves(merged, changes))
        return SprintPast(now, moves) if now is not None or moves else None

    def over_time(self, past: SprintPast, created: datetime) -> tuple[str | None, tuple[SprintChange, ...]]:
        """The id of the sprint that a task is in, and how it came there: see `Task.sprint_changes`.

        What we carried repeats a change that is in the row already, or one that a tracker did not tell of: some keep no
        past of their boards. Then it goes on from where the task was, and counts from when it was carried.
        """
        now = None if past.now is None else self._named(*past.now)
        if not past.moves:
            return now, ()
        timeline = [SprintChange(created, self._in(past.moves[0], past.moves[0].old))]
        for change in past.moves:
            last, sprint = timeline[-1].sprint, self._in(change, change.new)
            untold = change.operation is None or self._in(change, change.old) == last
            if sprint != last and untold:
                timeline.append(SprintChange(change.at, sprint))
        return now, tuple(timeline)

    def _moves(self, merged: MergedItem, changes: Sequence[FieldChange]) -> list[FieldChange]:
        """The changes of declared fields; before the first of those, what people did in the sprints of one tracker.

        Each tracker has its own sprints as long as no field carries them, so that of two sides only one is listened to.
        """
        declared = [change for change in changes if change.field in self._declared]
        told = [change for change in changes if change.field is Trait.SPRINT and change.operation is None]
        side = self._telling(merged) or next((change.side for change in told), None)
        earlier = (change for change in told if change.side is side and (not declared or change.at < declared[0].at))
        return [*earlier, *declared]

    def _telling(self, merged: MergedItem) -> Side | None:
        """The side whose sprint a task is in, the origin first."""
        return next((side for side, item in merged.sides if item.facts.iteration is not None), None)

    def _now(self, merged: MergedItem) -> tuple[Side, str] | None:
        """The sprint that a task is in, as a side calls it."""
        values = ((side, item.showing.get(field)) for field in self._declared for side, item in merged.sides)
        told = ((side, item.facts.iteration) for side, item in merged.sides)
        return next(((side, one) for side, one in (*values, *told) if isinstance(one, str)), None)

    def _in(self, change: FieldChange, value: object) -> str | None:
        return self._named(change.side, value) if isinstance(value, str) else None

    def _named(self, side: Side, native: str) -> str:
        """The id of the sprint that a side calls so: its name where nothing is told of it."""
        name = self._name(side, native)
        return _id(self._known(name), name)

    def _name(self, side: Side, native: str) -> str:
        return self._names.get(native, native) if side is Side.RIGHT else native

    def _known(self, name: str) -> Sprint | None:
        """What is told of a sprint, by the left side first; None where nothing is, or several have the name."""
        told: list[Mapping[str, tuple[datetime, Sprint]]] = [self._told.get((name, side), {}) for side in Side]
        if any(len(of_side) > 1 for of_side in told):
            return None
        known = [sprint for of_side in told for _, sprint in of_side.values()]
        return next((sprint for sprint in known if sprint.start is not None), None)


def _id(sprint: Sprint | None, name: str) -> str:
    """The same in every pair that has the sprint: those of one name that begin alike are one."""
    return name if sprint is None or sprint.start is None else f"{name} {sprint.start.isoformat()}"


def _later(seen: tuple[datetime, Sprint]) -> tuple[int, datetime]:
    at, sprint = seen
    return _FURTHEST.index(sprint.state), at
