"""Evaluates one week of a collaboration: pure, so that any past week can be computed again from what was recorded.

Why these rules:

- A linked pair is one task. Counting both sides doubles everything.
- Cancelled tasks (not planned, duplicate, declined) are in no population. Goals are not tasks.
- Every figure carries the number `n` it was counted in. There is no rate without its two counts beside it.
- The outlook of a goal compares two shares, done and time gone, and says nothing where one of the two is missing. The
  forecast beside it is a simulation of all open work.
- Persons are listed by name with what they have in hand. Nobody is ranked, no output is counted by person.

Standings, owners and due dates are those of the end of the window, from the history: an earlier week computed again
gives the same figures. The numbers and criteria in the texts of goals are those last seen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime

from syncer.contract.model import Side
from syncer.report.advice.effect import follow_up
from syncer.report.advice.findings import Findings
from syncer.report.advice.rules import MOVES, advise, everything, with_age, with_effects
from syncer.report.goals import goals_of, with_earlier
from syncer.report.metrics import DEFINITIONS, MetricInput, measured
from syncer.report.metrics.flow import expected_days
from syncer.report.metrics.smoothness import ageing
from syncer.report.metrics.sync import metrics as sync_metrics
from syncer.report.metrics.sync import pair_report
from syncer.report.metrics.workload import A_WEEK, loads
from syncer.report.model.collaboration import Collaboration
from syncer.report.model.evaluation import AgeingTask, Evaluation, StandingCount, WeekFlow
from syncer.report.model.metric import Comparison, Metric
from syncer.report.model.responsibilities import ResponsibilityTable
from syncer.report.model.snapshot import Snapshot, snapshot_at
from syncer.report.model.summary import TrendOf
from syncer.report.model.timeline import Standing
from syncer.report.model.window import Window
from syncer.report.responsibility.survey import survey
from syncer.report.summary.answers import answers, reasons_of
from syncer.report.summary.changes import changes
from syncer.report.summary.desks import desks, needs
from syncer.report.summary.trends import WeekFigures, deciding, eight_weeks, figures, trends

WEEKS_OF_FLOW = 8

WEEKS_OF_ADVICE = 3
"""For so many weeks it is counted how long an advice has been given in a row."""

LARGEST_JUDGED_AGAIN = 2_000
"""With more tasks, goals are judged for this week and the two before it alone: each forecast takes its time."""

NOBODY_SURVEYED = ResponsibilityTable(())

COMPARED_WEEKS = 4
"""Rates and durations over 28 days are compared with those of the 28 days before."""


def evaluate(collaboration: Collaboration, window: Window, now: datetime) -> Evaluation:
    """The evaluation of `window` as far as it is known at `now` (aware): of a week that still runs, up to `now`."""
    snapshot = snapshot_at(collaboration, window, min(now, window.end))
    ends = [_at_the_end(collaboration, window.earlier(weeks)) for weeks in range(1, WEEKS_OF_ADVICE)]
    earlier = [_findings(collaboration, end) for end in ends]
    this_week = _findings(collaboration, snapshot, earlier[0])
    fired = everything(this_week)
    given = [advise(week) if _was_reported(collaboration, week.snapshot) else () for week in earlier]
    pairs = tuple(pair_report(pair, window, now) for pair in collaboration.pairs)
    complete = [pair.complete_to for pair in pairs]
    open_tasks = snapshot.open_tasks
    before = _at_the_end(collaboration, window.earlier(COMPARED_WEEKS))
    metrics = _in_order(
        *_with_previous(this_week.metrics, _before(collaboration, before)),
        *_aimed(sync_metrics(collaboration, pairs, window), collaboration),
    )
    reasons = reasons_of(snapshot, this_week.goals, metrics)
    wanted = deciding(reasons)
    weeks = eight_weeks(collaboration.tasks, snapshot)
    return Evaluation(
        collaboration=collaboration.name,
        window=window,
        generated_at=now,
        as_of=snapshot.as_of,
        complete_to=None if None in complete or not complete else min(at for at in complete if at is not None),
        answers=answers(
            reasons, trends(wanted, _deciding(collaboration, set(wanted.values()), this_week, earlier, before))
        ),
        changes=changes(collaboration, snapshot, this_week.goals, earlier[0].goals),
        metrics=metrics,
        goals=tuple(replace(goal, burnup=weeks.burnups.get(goal.id, ())) for goal in this_week.goals),
        advice=with_effects(with_age(advise(this_week, fired), given), this_week),
        follow_up=follow_up(given, earlier, this_week, fired, MOVES),
        standings=_standings(snapshot),
        loads=loads(snapshot),
        responsibilities=this_week.responsibilities,
        flow=_flow(snapshot),
        bands=weeks.bands,
        ageing=tuple(AgeingTask(snapshot.line(task), age) for age, task in ageing(snapshot) if not task.restricted),
        usual_days=expected_days(snapshot),
        finished=snapshot.lines(snapshot.finished_this_week),
        created=snapshot.lines(snapshot.created_this_week),
        overdue=snapshot.lines(snapshot.overdue),
        blocked=snapshot.lines(task for task in open_tasks if snapshot.blocked(task)),
        unowned=snapshot.lines(task for task in open_tasks if not task.owners),
        dated=snapshot.lines(sorted((task for task in open_tasks if task.due), key=lambda task: (task.due, task.id))),
        conflicts=collaboration.conflicts,
        held=collaboration.held,
        pairs=pairs,
        withheld=sum(task.restricted for task in snapshot.tasks),
        needs=needs(snapshot),
        desks=desks(snapshot),
    )


def _in_order(*metrics: Metric) -> tuple[Metric, ...]:
    """The metrics in the order of their registry, which is that of the report."""
    order = {row: position for position, row in enumerate(DEFINITIONS)}
    return tuple(sorted(metrics, key=lambda metric: order[metric.definition]))


def _at_the_end(collaboration: Collaboration, window: Window) -> Snapshot:
    """The collaboration at the end of a week."""
    return snapshot_at(collaboration, window, window.end)


def _was_reported(collaboration: Collaboration, snapshot: Snapshot) -> bool:
    """Whether there could be a report of a week by then: its past may be known from before the first sync."""
    first = [pair.synced_since or pair.runs[-1].started_at for pair in collaboration.pairs if pair.runs]
    return any(began <= snapshot.as_of for began in first)


def _was_known(snapshot: Snapshot) -> bool:
    """Whether all that a week tells was known: it was read by then, or the trackers have given its past since."""
    return min(snapshot.watched_since.values(), default=snapshot.as_of) <= snapshot.as_of


def _findings(collaboration: Collaboration, snapshot: Snapshot, before: Findings | None = None) -> Findings:
    """What was known at the end of a week, as far as advice rests on it; `before` is what was a week earlier."""
    table = survey(collaboration, snapshot)
    goals = goals_of(collaboration, snapshot, table)
    if before is not None:
        goals = with_earlier(goals, before.goals if _was_known(before.snapshot) else ())
    week_before = None if before is None else before.snapshot
    since = snapshot.as_of - A_WEEK
    return Findings(
        snapshot=snapshot,
        goals=goals,
        metrics=_aimed(measured(MetricInput(collaboration, snapshot, goals, table, week_before)), collaboration),
        responsibilities=table,
        plan=tuple(goal for goal in collaboration.goals if not goal.restricted),
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


def _aimed(metrics: Iterable[Metric], collaboration: Collaboration) -> tuple[Metric, ...]:
    """The figures with the targets that the configuration sets."""
    targets = collaboration.counting.targets
    return tuple(
        replace(metric, wanted=targets.get(metric.id)) if metric.id in targets else metric for metric in metrics
    )


def _before(collaboration: Collaboration, snapshot: Snapshot) -> tuple[Metric, ...]:
    """The figures of four weeks before. What goals were then is not computed: no figure of theirs is compared."""
    return measured(MetricInput(collaboration, snapshot, (), survey(collaboration, snapshot)))


def _deciding(
    collaboration: Collaboration,
    wanted: AbstractSet[TrendOf],
    this_week: Findings,
    earlier: Sequence[Findings],
    before: Snapshot,
) -> list[WeekFigures]:
    """The figures that decide the answers, at the ends of eight weeks, oldest first."""
    known = dict(enumerate((this_week, *earlier)))
    weeks = range(WEEKS_OF_FLOW - 1, -1, -1)
    return [_figures_of(collaboration, wanted, week, known.get(week), before, this_week.snapshot) for week in weeks]


def _figures_of(
    collaboration: Collaboration, wanted: AbstractSet[TrendOf], weeks: int, known: Findings | None, before: Snapshot,
    now: Snapshot,
) -> WeekFigures:  # fmt: skip
    """Those of so many weeks ago. Verdicts on goals need forecasts, which are not made again for large projects."""
    if min(now.watched_since.values(), default=now.as_of) > now.window.earlier(weeks).end:
        return {}  # before anything was known
    if known is not None:
        week = MetricInput(collaboration, known.snapshot, known.goals, known.responsibilities)
        return figures(wanted, week, known.metrics) if known.snapshot.tasks else {}
    snapshot = before if weeks == COMPARED_WEEKS else _at_the_end(collaboration, now.window.earlier(weeks))
    small = TrendOf.GOALS_IN_DANGER in wanted and len(collaboration.tasks) <= LARGEST_JUDGED_AGAIN
    goals = goals_of(collaboration, snapshot, NOBODY_SURVEYED) if small else ()
    return figures(wanted, MetricInput(collaboration, snapshot, goals, NOBODY_SURVEYED)) if snapshot.tasks else {}


def _with_previous(metrics: Iterable[Metric], before: Iterable[Metric]) -> Iterable[Metric]:
    """The metrics with their values of four weeks before, where they are compared with those."""
    values = {metric.definition: metric.value for metric in before}
    return [
        replace(metric, previous=values.get(metric.definition))
        if metric.definition.compared is Comparison.FOUR_WEEKS
        else metric
        for metric in metrics
    ]


# --- tasks


def _standings(snapshot: Snapshot) -> tuple[StandingCount, ...]:
    counts: Counter[tuple[Standing, str]] = Counter()
    for task in snapshot.tasks:
        sides = {place.side for place in task.places}
        seen = "both" if len(sides) > 1 else ("left" if Side.LEFT in sides else "right")
        counts[snapshot.standing(task), seen] += 1
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
