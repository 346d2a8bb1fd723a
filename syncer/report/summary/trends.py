"""Eight weeks of one figure for each of the six questions, counted from the histories of the tasks. Pure.

Why not eight snapshots: they would cost as much as the rest of the report. Most tasks of a large project did not move
in eight weeks: they are looked at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from syncer.report.metrics.communication import QUESTION_LABEL, asked_since, waits_long
from syncer.report.metrics.quality import is_bug
from syncer.report.model.collaboration import Task
from syncer.report.model.evaluation import WeekStandings
from syncer.report.model.goal import BurnPoint
from syncer.report.model.metric import Question
from syncer.report.model.snapshot import Snapshot
from syncer.report.model.summary import TrendOf, WeekTrend
from syncer.report.model.timeline import Standing
from syncer.report.model.window import Window

WEEKS = 8

AN_INSTANT = timedelta(microseconds=1)


@dataclass(slots=True)
class WeekCounts:
    """What is counted at the end of one week, or in it."""

    scope: int = 0
    """Tasks of goals."""
    scope_done: int = 0
    bugs: int = 0
    """New in the week."""
    finished: int = 0
    """In the week."""
    blocked: int = 0
    asking: int = 0
    """Open tasks with a question that waits."""
    unowned: int = 0
    standings: Counter[Standing] = field(default_factory=Counter)
    goals: dict[str, list[int]] = field(default_factory=dict)
    """By goal: its tasks, and those that are done."""

    def add(self, other: WeekCounts) -> None:
        """Counts what another has counted as well."""
        for name in ("scope", "scope_done", "bugs", "finished", "blocked", "asking", "unowned"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.standings.update(other.standings)
        for goal, (scope, done) in other.goals.items():
            burnt = self.goals.setdefault(goal, [0, 0])
            burnt[0] += scope
            burnt[1] += done


@dataclass(frozen=True, slots=True)
class EightWeeks:
    """What the last eight weeks show; a week before anything was known is left out, or has no value."""

    trends: Mapping[Question, WeekTrend]
    burnups: Mapping[str, tuple[BurnPoint, ...]]
    """By goal."""
    bands: tuple[WeekStandings, ...]


def eight_weeks(tasks: Iterable[Task], snapshot: Snapshot) -> EightWeeks:
    """The figure beside each question, how far each goal was, and how many tasks had which standing."""
    windows = [snapshot.window.earlier(weeks) for weeks in range(WEEKS - 1, -1, -1)]
    moments = [min(window.end - AN_INSTANT, snapshot.as_of) for window in windows]
    counts = [WeekCounts() for _ in windows]
    always = WeekCounts()
    for task in tasks:
        if task.last_moved <= moments[0]:
            _count(task, windows[-1:], moments[-1:], [always], snapshot)
        else:
            _count(task, windows, moments, counts, snapshot)
        if _may_ask(task, snapshot):
            for at, one in zip(moments, counts, strict=True):
                one.asking += _asks(task, at, snapshot)
    for one in counts:
        one.add(always)
    _count_finished(windows, counts, snapshot)
    # What is in the way now may be known where nobody saw it begin.
    counts[-1].blocked = sum(map(snapshot.blocked, snapshot.open_tasks))
    known = min(snapshot.watched_since.values(), default=snapshot.as_of)
    seen = [known <= at and bool(one.standings) for at, one in zip(moments, counts, strict=True)]
    told = [(window, one) for window, one, there in zip(windows, counts, seen, strict=True) if there]
    return EightWeeks(
        _trends(counts, seen),
        {name: tuple(_burnt(name, told, snapshot)) for name in counts[-1].goals},
        tuple(
            WeekStandings(window.label, window.week, *(one.standings[standing] for standing in _BANDS))
            for window, one in told
        ),
    )


_BANDS = (Standing.TODO, Standing.DOING, Standing.DONE)


def _burnt(name: str, told: Iterable[tuple[Window, WeekCounts]], snapshot: Snapshot) -> Iterator[BurnPoint]:
    for window, one in told:
        scope, done = one.goals.get(name, (0, 0))
        yield BurnPoint(min(window.last_day, snapshot.today), done, scope)


def _trends(counts: Sequence[WeekCounts], seen: Sequence[bool]) -> Mapping[Question, WeekTrend]:
    def told(of: TrendOf, values: Sequence[int | float | None]) -> WeekTrend:
        return WeekTrend(of, tuple(value if there else None for value, there in zip(values, seen, strict=True)))

    shares = [one.scope_done / one.scope if one.scope else None for one in counts]
    return {
        Question.GOALS: told(TrendOf.GOAL_WORK_DONE, shares),
        Question.QUALITY: told(TrendOf.NEW_BUGS, [one.bugs for one in counts]),
        Question.EFFICIENCY: told(TrendOf.FINISHED, [one.finished for one in counts]),
        Question.SMOOTHNESS: told(TrendOf.BLOCKED, [one.blocked for one in counts]),
        Question.COMMUNICATION: told(TrendOf.OPEN_QUESTIONS, [one.asking for one in counts]),
        Question.RESOURCES: told(TrendOf.UNOWNED, [one.unowned for one in counts]),
    }


def _may_ask(task: Task, snapshot: Snapshot) -> bool:
    """Whether there ever was a question on a task."""
    written = snapshot.comments.get(task.id, ())
    return any(note.asks for note in written) or QUESTION_LABEL in {label.casefold() for label in task.labels}


def _count(
    task: Task, windows: Sequence[Window], moments: Sequence[datetime], counts: Sequence[WeekCounts], snapshot: Snapshot
) -> None:
    """One task in some weeks."""
    begin = windows[0].start
    bug = task.created >= begin and is_bug(task, snapshot.counting.bug_types)
    for window, at, count in zip(windows, moments, counts, strict=True):
        stood = task.standing_at(at)
        if stood is None or stood is Standing.CANCELLED:
            continue
        count.standings[stood] += 1
        goals = task.goals_at(at)
        # What is known of goals are those that may be named: the share is that of the figure.
        if goals and not snapshot.goal_titles.keys().isdisjoint(goals):
            count.scope += 1
            count.scope_done += stood is Standing.DONE
            for goal in goals:
                burnt = count.goals.setdefault(goal, [0, 0])
                burnt[0] += 1
                burnt[1] += stood is Standing.DONE
        count.bugs += bug and task.created in window
        if stood.open:
            count.unowned += not task.owners_at(at)
            count.blocked += any(one.start <= at and (one.end is None or one.end > at) for one in task.blockages)


def _asks(task: Task, at: datetime, snapshot: Snapshot) -> bool:
    """Whether a question waits on a task that is open."""
    stood = task.standing_at(at)
    if stood is None or not stood.open:
        return False
    written = [note for note in snapshot.comments.get(task.id, ()) if note.at <= at]
    asked = asked_since(task, written)
    return asked is not None and waits_long(task, asked, at, snapshot)


def _count_finished(windows: Sequence[Window], counts: Sequence[WeekCounts], snapshot: Snapshot) -> None:
    by_window = dict(zip((window.label for window in windows), counts, strict=True))
    for label in _finishes(windows[0].start, snapshot):
        by_window[label].finished += 1


def _finishes(since: datetime, snapshot: Snapshot) -> Iterator[str]:
    for task in snapshot.finished:
        if (at := snapshot.finishes[task.id]) >= since:
            yield Window.containing(at, snapshot.window.zone).label
