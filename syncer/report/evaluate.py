"""Evaluates one week of a collaboration: pure, so that any past week can be computed again from what was recorded.

Why these rules:

- A linked pair is one task. Counting both sides doubles everything.
- Cancelled tasks (not planned, duplicate, declined) are in no population. Goals are not tasks.
- Every figure carries the number `n` it was counted in. There is no rate without its two counts beside it.
- The outlook of a goal compares two shares, done and time gone, and says nothing where one of the two is missing. The
  forecast beside it is a simulation of all open work.
- Persons are listed by name with what they have in hand. Nobody is ranked, no output is counted by person.

Standings, owners and due days are those of the end of the window, from the history: an earlier week computed again
gives the same figures. The numbers and criteria in the texts of goals are those last seen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from syncer.contract.model import Side
from syncer.report.advice.findings import Findings
from syncer.report.advice.outcome import follow_up
from syncer.report.advice.rules import MOVES, advise, everything, with_age, with_effects
from syncer.report.goals import goals_of, with_earlier
from syncer.report.metrics import measured
from syncer.report.metrics import sync as carriage
from syncer.report.metrics.bus_factor import single_point
from syncer.report.metrics.goals import metrics as goal_measures
from syncer.report.metrics.plans import metrics as plan_measures
from syncer.report.metrics.sync import pair_report
from syncer.report.metrics.workload import A_WEEK, loads
from syncer.report.model.collaboration import Collaboration, Task
from syncer.report.model.evaluation import Evaluation, StandingCount, WeekFlow
from syncer.report.model.goal import GoalFigures
from syncer.report.model.metric import Metric, MetricId, Missing, Unit
from syncer.report.model.snapshot import Snapshot, evidence, moment_at
from syncer.report.model.timeline import Standing
from syncer.report.model.window import Window
from syncer.report.responsibility.survey import raci_gaps, survey

WEEKS_OF_FLOW = 8

WEEKS_OF_ADVICE = 3
"""For so many weeks it is told how long an advice has been given in a row."""

COMPARED_WEEKS = 4
"""Rates and durations over 28 days are compared with those of the 28 days before."""


def evaluate(collaboration: Collaboration, window: Window, now: datetime) -> Evaluation:
    """The evaluation of `window` as it can be told at `now` (aware). A week that still runs is told up to `now`."""
    moment = moment_at(collaboration, window, min(now, window.end))
    finished = sorted(
        (task for task in moment.finished if _within(moment.finished_at(task), window)),
        key=lambda task: (moment.finished_at(task), task.id),
    )
    created = sorted(
        (task for task in moment.recent if task.created in window), key=lambda task: (task.created, task.id)
    )
    overdue = sorted(
        (task for task in moment.open_tasks if moment.late_days(task)),
        key=lambda task: (-moment.late_days(task), task.id),
    )
    open_tasks = moment.open_tasks
    blocked = [task for task in open_tasks if moment.blocked(task)]
    unowned = [task for task in open_tasks if not task.owners]
    this_week = _findings(collaboration, moment)
    ends = [_at_the_end(collaboration, window.earlier(weeks)) for weeks in range(1, WEEKS_OF_ADVICE)]
    earlier = [_findings(collaboration, end) for end in ends]
    told = earlier[0].goals if _was_told(collaboration, earlier[0].snapshot) else ()
    goals = with_earlier(this_week.goals, told)
    given = [advise(week) if _was_told(collaboration, week.snapshot) else () for week in earlier]
    pairs = tuple(pair_report(pair, window, now) for pair in collaboration.pairs)
    complete = [pair.complete_to for pair in pairs]
    return Evaluation(
        collaboration=collaboration.name,
        window=window,
        generated_at=now,
        as_of=moment.as_of,
        complete_to=None if None in complete or not complete else min(at for at in complete if at is not None),
        metrics=_in_order(
            *_task_metrics(moment, earlier[0].snapshot, finished, created),
            *_goal_metrics(goals),
            *goal_measures(goals, moment),
            *_talk_metrics(collaboration, window),
            *carriage.metrics(collaboration, pairs, window),
            *_with_previous(this_week.metrics, _before(collaboration, window)),
        ),
        goals=goals,
        advice=with_effects(with_age(advise(this_week), given), this_week),
        follow_up=follow_up(given, earlier, this_week, everything(this_week), MOVES),
        standings=_standings(moment),
        loads=loads(moment),
        responsibilities=this_week.responsibilities,
        flow=_flow(moment),
        finished=moment.lines(finished),
        created=moment.lines(created),
        overdue=moment.lines(overdue),
        blocked=moment.lines(blocked),
        unowned=moment.lines(unowned),
        dated=moment.lines(sorted((task for task in open_tasks if task.due), key=lambda task: (task.due, task.id))),
        conflicts=collaboration.conflicts,
        held=collaboration.held,
        pairs=pairs,
        withheld=sum(task.restricted for task in moment.tasks),
    )


def _in_order(*metrics: Metric) -> tuple[Metric, ...]:
    """The metrics in the order of their ids, which is that of the report."""
    order = {name: position for position, name in enumerate(MetricId)}
    return tuple(sorted(metrics, key=lambda metric: order[metric.id]))


def _at_the_end(collaboration: Collaboration, window: Window) -> Snapshot:
    """The collaboration at the end of a week."""
    return moment_at(collaboration, window, window.end)


def _was_told(collaboration: Collaboration, snapshot: Snapshot) -> bool:
    """Whether there could be a report of a week by then: its past may be known from before the first sync."""
    first = [pair.synced_since or pair.runs[-1].started_at for pair in collaboration.pairs if pair.runs]
    return any(began <= snapshot.as_of for began in first)


def _findings(collaboration: Collaboration, snapshot: Snapshot) -> Findings:
    """What was known at the end of a week, as far as advice rests on it."""
    table = survey(collaboration, snapshot)
    goals = goals_of(collaboration, snapshot, table)
    planned = plan_measures(collaboration.tasks, snapshot)
    metrics = (*measured(snapshot), raci_gaps(table), single_point(goals, snapshot), *planned)
    plan = tuple(goal for goal in collaboration.goals if not goal.restricted)
    since = snapshot.as_of - A_WEEK
    return Findings(
        snapshot=snapshot,
        goals=goals,
        metrics=metrics,
        responsibilities=table,
        plan=plan,
        waiting=collaboration.waiting_at(snapshot.as_of),
        opened=tuple(
            conflict
            for conflict in (*collaboration.conflicts, *collaboration.past_conflicts)
            if since < conflict.opened_at <= snapshot.as_of
        ),
        writes={
            pair.name: sum(run.writes for run in pair.runs if since < run.started_at <= snapshot.as_of)
            for pair in collaboration.pairs
        },
    )


def _before(collaboration: Collaboration, window: Window) -> Iterable[Metric]:
    """The figures of four weeks before."""
    moment = _at_the_end(collaboration, window.earlier(COMPARED_WEEKS))
    gaps = raci_gaps(survey(collaboration, moment))
    return (*measured(moment), gaps, *plan_measures(collaboration.tasks, moment))


def _with_previous(metrics: Iterable[Metric], before: Iterable[Metric]) -> Iterable[Metric]:
    """The metrics with their values of four weeks before."""
    values = {metric.id: metric.value for metric in before}
    return [replace(metric, previous=values.get(metric.id)) for metric in metrics]


def _within(at: datetime | None, window: Window) -> bool:
    return at is not None and at in window


# --- tasks


def _standings(snapshot: Snapshot) -> tuple[StandingCount, ...]:
    counts: Counter[tuple[Standing, str]] = Counter()
    for task in snapshot.tasks:
        sides = {place.side for place in task.places}
        seen = "both" if len(sides) > 1 else ("left" if Side.LEFT in sides else "right")
        counts[snapshot.standings[task.id], seen] += 1
    return tuple(
        StandingCount(standing, counts[standing, "left"], counts[standing, "right"], counts[standing, "both"])
        for standing in (Standing.TODO, Standing.DOING, Standing.DONE)
    )


def _flow(snapshot: Snapshot) -> tuple[WeekFlow, ...]:
    windows = [snapshot.window.earlier(weeks) for weeks in range(WEEKS_OF_FLOW - 1, -1, -1)]
    since, zone = windows[0].start, snapshot.window.zone
    created = Counter(Window.containing(task.created, zone).label for task in snapshot.tasks if task.created >= since)
    finished = Counter(
        Window.containing(at, zone).label for task in snapshot.finished if (at := snapshot.finishes[task.id]) >= since
    )
    return tuple(
        WeekFlow(window.label, window.week, created[window.label], finished[window.label]) for window in windows
    )


# --- metrics


def _task_metrics(
    snapshot: Snapshot, before: Snapshot, finished: Collection[Task], created: Collection[Task]
) -> Iterable[Metric]:
    finished_before = sum(_within(before.finished_at(task), before.window) for task in before.finished)
    created_before = sum(task.created in before.window for task in snapshot.recent)
    open_tasks = snapshot.open_tasks
    late = [days for task in open_tasks if (days := snapshot.late_days(task))]
    dated = [task for task in finished if task.due is not None]
    everything, still_open = len(snapshot.tasks), len(open_tasks)
    open_before = sum(standing.open for standing in before.standings.values())
    return (
        Metric(MetricId.TASKS_OPEN, still_open, Unit.TASKS, everything, open_before),
        Metric(MetricId.TASKS_FINISHED, len(finished), Unit.TASKS, everything, finished_before),
        Metric(MetricId.TASKS_CREATED, len(created), Unit.TASKS, everything, created_before),
        Metric(
            MetricId.NET_FLOW, len(finished) - len(created), Unit.TASKS, everything, finished_before - created_before
        ),
        Metric(
            MetricId.OVERDUE_OPEN,
            len(late),
            Unit.TASKS,
            sum(task.due is not None for task in open_tasks),
            evidence=evidence(
                sorted(
                    (task for task in open_tasks if snapshot.late_days(task)),
                    key=lambda task: (-snapshot.late_days(task), task.id),
                )
            ),
        ),
        Metric(MetricId.DAYS_LATE, sum(late), Unit.DAYS, len(late)),
        _counted(MetricId.BLOCKED_OPEN, [task for task in open_tasks if snapshot.blocked(task)], still_open),
        Metric(
            MetricId.ON_TIME,
            sum(_on_time(task, snapshot) for task in dated) if dated else None,
            Unit.TASKS,
            len(dated),
            missing=None if dated else Missing.NOTHING_TO_COUNT,
        ),
    )


def _counted(name: MetricId, tasks: Sequence[Task], n: int) -> Metric:
    return Metric(name, len(tasks), Unit.TASKS, n, evidence=evidence(tasks))


def _on_time(task: Task, snapshot: Snapshot) -> bool:
    finished = snapshot.finished_at(task)
    return (
        finished is not None and task.due is not None and finished.astimezone(snapshot.window.zone).date() <= task.due
    )


def _goal_metrics(goals: Sequence[GoalFigures]) -> Iterable[Metric]:
    return (
        Metric(MetricId.GOALS_ATTENTION, sum(goal.health.needs_attention for goal in goals), Unit.GOALS, len(goals)),
        _goals_at_risk(goals),
    )


def _goals_at_risk(goals: Sequence[GoalFigures]) -> Metric:
    """Goals that will rather miss their date than keep it, of those that can be forecast."""
    chances = [
        goal.forecast.p_on_time for goal in goals if goal.forecast is not None and goal.forecast.p_on_time is not None
    ]
    if not chances:
        return Metric(MetricId.GOALS_AT_RISK, None, Unit.GOALS, 0, missing=Missing.NOTHING_TO_COUNT)
    return Metric(MetricId.GOALS_AT_RISK, sum(chance < 0.5 for chance in chances), Unit.GOALS, len(chances))


def _talk_metrics(collaboration: Collaboration, window: Window) -> Iterable[Metric]:
    """Comments that people wrote; `n` is the number of tasks they wrote on."""
    bots = {person.id for person in collaboration.people if person.bot}

    def of(week: Window) -> list[str]:
        return [comment.task for comment in collaboration.comments if comment.at in week and comment.author not in bots]

    written = of(window)
    return (
        Metric(MetricId.COMMENTS_WRITTEN, len(written), Unit.COMMENTS, len(set(written)), len(of(window.earlier(1)))),
    )
