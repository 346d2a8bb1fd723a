"""Are people and work well matched? What is in hand against what people can take on, and what hangs on one of them.

All are numbers about the team. Nobody is named, nobody is ranked.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence

from syncer.report.metrics.building import LEAST_FOR_SHARE, MetricInput, counted_tasks, missing
from syncer.report.metrics.workload import LOOKED_BACK, burdens, members, overloaded, without_capacity
from syncer.report.model.collaboration import Task
from syncer.report.model.goal import GoalFigures, Outlook
from syncer.report.model.message import counted, marked
from syncer.report.model.metric import Comparison, Metric, MetricDefinition, Missing, Question, Unit
from syncer.report.model.responsibilities import ResponsibilityTable
from syncer.report.model.snapshot import Snapshot
from syncer.report.model.timeline import Standing
from syncer.report.statistics import gini

ENOUGH = 3
"""Finished tasks in a component make somebody who could take over."""

TASKS_OPEN = MetricDefinition(
    id="tasks_open",
    question=Question.RESOURCES,
    unit=Unit.TASKS,
    label=marked("Open tasks"),
    explanation="Tasks on which work remains at the end of the week; a linked pair is one, cancelled ones are none.",
    pitfall="It says nothing of their size.",
    population=counted("of %(n)s task", "of %(n)s tasks"),
    compared=Comparison.WEEK,
    for_clients=True,
)
UNOWNED_OPEN = MetricDefinition(
    id="unowned_open",
    question=Question.RESOURCES,
    unit=Unit.TASKS,
    label=marked("Without an owner"),
    explanation="Open tasks that nobody is assigned to on either side.",
    pitfall="A backlog that is assigned when it is begun may want to be so.",
    population=counted("of %(n)s open task", "of %(n)s open tasks"),
)
LOAD_GINI = MetricDefinition(
    id="load_gini",
    question=Question.RESOURCES,
    unit=Unit.INDEX,
    label=marked("Uneven workload (0 is even, 1 is all on one person)"),
    explanation="Gini's coefficient over load ratios where capacities are written down, else over open tasks of each "
    "member; 0 is even, 1 is everything with one.",
    pitfall="Even is not always good: people differ in hours and roles.",
    population=counted("over %(n)s person", "over %(n)s people"),
)
ABSENCE_FACTOR = MetricDefinition(
    id="absence_factor",
    question=Question.RESOURCES,
    unit=Unit.PEOPLE,
    label=marked("People who finish half of the work"),
    explanation="The fewest people who own half of what was finished in 90 days; components of one person are named.",
    pitfall="By tasks owned, not by what people know; a task of two is half a task of each.",
    population=counted("of %(n)s finished in 90 days", "of %(n)s finished in 90 days"),
    names=marked("one person does half of: %(names)s"),
)
RACI_GAPS = MetricDefinition(
    id="raci_gaps",
    question=Question.RESOURCES,
    unit=Unit.ITEMS,
    label=marked("Gaps in responsibilities"),
    explanation="Scopes without an accountable person or with two, and whatever else the list of gaps names.",
    pitfall="What is agreed but written down nowhere is a gap.",
    population=counted("in %(n)s scope", "in %(n)s scopes"),
)
LOAD_RATIO = MetricDefinition(
    id="load_ratio",
    question=Question.RESOURCES,
    unit=Unit.RATIO,
    label=marked("In progress, of what people can take on"),
    explanation="Tasks in progress of those whose capacity is written down, divided by it, leaves taken off.",
    pitfall="Who has no capacity written down is left out, and named beside it.",
    population=counted("over %(n)s person with a known capacity", "over %(n)s people with a known capacity"),
    names=marked("no capacity is written down for: %(names)s"),
)
OVERLOADED = MetricDefinition(
    id="overloaded",
    question=Question.RESOURCES,
    unit=Unit.PEOPLE,
    label=marked("People with too much in progress for two weeks"),
    explanation="People over their capacity, in tasks in progress or in hours due in seven days, now and a week ago.",
    pitfall="Hours booked are those of now, for the week before too.",
    population=counted("of %(n)s person with a known capacity", "of %(n)s people with a known capacity"),
)
WIP_PER_PERSON = MetricDefinition(
    id="wip_per_person",
    question=Question.RESOURCES,
    unit=Unit.PER_PERSON,
    label=marked("Tasks in progress for each person"),
    explanation="Tasks in progress, divided by who has a task or finished one in 90 days; no bots or clients.",
    pitfall="A mean: one person with ten hides behind nine with none.",
    population=counted("over %(n)s person", "over %(n)s people"),
)
SINGLE_POINT = MetricDefinition(
    id="single_point",
    question=Question.RESOURCES,
    unit=Unit.TASKS,
    label=marked("Critical tasks only their owner could do"),
    explanation="Of the tasks that most often decide when a goal is reached: those in whose component nobody but their "
    "owner finished three tasks in 90 days.",
    pitfall="Who knows the component without having finished a task in it is not seen.",
    population=counted("of %(n)s critical task", "of %(n)s critical tasks"),
    compared=Comparison.NONE,
)


def metrics(week: MetricInput) -> Iterator[Metric]:
    """Open tasks and those of nobody, how work is spread, gaps in who is responsible, load, and single points."""
    snapshot = week.snapshot
    before = week.week_before
    open_before = None if before is None else len(before.open_tasks)
    yield Metric(TASKS_OPEN, len(snapshot.open_tasks), len(snapshot.tasks), open_before)
    unowned = [task for task in snapshot.open_tasks if not task.owners]
    yield counted_tasks(UNOWNED_OPEN, unowned, len(snapshot.open_tasks))
    yield _inequality(snapshot)
    yield _absence_factor(snapshot)
    yield _raci_gaps(week.responsibilities)
    yield from _loads(snapshot)
    yield _single_point(week.goals, snapshot)


def _inequality(snapshot: Snapshot) -> Metric:
    """Over load ratios where capacities are written down, else over open tasks of each member, which needs none."""
    if any(profile.wip_limit or profile.hours_per_week for profile in snapshot.profiles.values()):
        amounts = [one.ratio for one in burdens(snapshot).values() if one.ratio is not None]
    else:
        in_hand = Counter(owner for task in snapshot.open_tasks for owner in task.owners)
        amounts = [float(in_hand[who]) for who in sorted(members(snapshot))]
    value = gini(amounts)
    if value is None:
        return missing(LOAD_GINI, Missing.TOO_FEW, len(amounts))
    return Metric(LOAD_GINI, value, len(amounts))


def _absence_factor(snapshot: Snapshot) -> Metric:
    """The fewest people who own half of what was finished; a task of two owners is half a task of each.

    Components in which it is one person are named.
    """
    owned = [task for task in snapshot.finished_within(LOOKED_BACK) if set(task.owners) - snapshot.bots]
    if len(owned) < LEAST_FOR_SHARE:
        return missing(ABSENCE_FACTOR, Missing.TOO_FEW, len(owned))
    by_component: dict[str, list[Task]] = defaultdict(list)
    for task in owned:
        for component in task.components:
            by_component[component].append(task)
    fragile = tuple(
        component
        for component, tasks in sorted(by_component.items())
        if len(tasks) >= LEAST_FOR_SHARE and fewest_for_half(tasks, snapshot.bots) == 1
    )
    return Metric(ABSENCE_FACTOR, fewest_for_half(owned, snapshot.bots), len(owned), detail=fragile)


def fewest_for_half(owned: Sequence[Task], bots: Collection[str] = ()) -> int:
    """The fewest people who together own half of the tasks."""
    shares: dict[str, float] = defaultdict(float)
    for task in owned:
        owners = [owner for owner in task.owners if owner not in bots]
        for owner in owners:
            shares[owner] += 1 / len(owners)
    reached, people = 0.0, 0
    for amount in sorted(shares.values(), reverse=True):
        people += 1
        reached += amount
        if reached >= len(owned) / 2 - 1e-9:
            break
    return people


def _raci_gaps(table: ResponsibilityTable) -> Metric:
    """Gaps and clashes, a task nobody does counted as one; `n` is the number of scopes."""
    if not table.scopes:
        return missing(RACI_GAPS, Missing.NOTHING_TO_COUNT)
    return Metric(RACI_GAPS, sum(gap.count for gap in table.gaps), table.scopes)


def _loads(snapshot: Snapshot) -> Iterator[Metric]:
    """`load_ratio` of the team, `overloaded` for two weeks, `wip_per_person`."""
    people_now = burdens(snapshot).values()
    known = [one for one in people_now if one.capacity is not None]
    able = [one for one in people_now if one.capacity is not None or one.hours is not None]
    nameless = tuple(sorted(snapshot.names.get(who, who) for who in without_capacity(snapshot)))
    room = sum(one.capacity or 0 for one in known)
    if room:
        yield Metric(LOAD_RATIO, sum(one.doing for one in known) / room, len(known), detail=nameless)
    else:
        yield missing(LOAD_RATIO, Missing.NO_CAPACITY)
    yield Metric(OVERLOADED, len(overloaded(snapshot)), len(able)) if able else missing(OVERLOADED, Missing.NO_CAPACITY)
    people = members(snapshot)
    doing = sum(snapshot.standings[task.id] is Standing.DOING for task in snapshot.open_tasks)
    if people:
        yield Metric(WIP_PER_PERSON, doing / len(people), len(people))
    else:
        yield missing(WIP_PER_PERSON, Missing.NOTHING_TO_COUNT)


def _single_point(goals: Sequence[GoalFigures], snapshot: Snapshot) -> Metric:
    """Critical tasks whose component nobody but their owner finished three tasks of in 90 days; team figure."""
    judged = [task for task in critical(goals, snapshot) if task.owners and task.components]
    if not judged:
        return missing(SINGLE_POINT, Missing.NOTHING_TO_COUNT)
    return counted_tasks(SINGLE_POINT, alone_with(judged, snapshot), len(judged))


def critical(goals: Sequence[GoalFigures], snapshot: Snapshot) -> list[Task]:
    """The open tasks that most often decide when a goal with a date is reached."""
    deciding = {
        driver.task.task
        for goal in goals
        if goal.due is not None and goal.outlook is not Outlook.REACHED and goal.forecast is not None
        for driver in goal.forecast.drivers
    }
    return [task for task in snapshot.open_tasks if task.id in deciding]


def alone_with(tasks: Sequence[Task], snapshot: Snapshot) -> list[Task]:
    """Those of the tasks that nobody but their owners could take over."""
    known = touched(snapshot)
    return [
        task
        for task in tasks
        if not any(
            count >= ENOUGH and who not in task.owners
            for component in task.components
            for who, count in known.get(component, {}).items()
        )
    ]


def touched(snapshot: Snapshot) -> Mapping[str, Mapping[str, int]]:
    """By component: how many tasks each person finished in it in 90 days; no bots. Never shown, only compared."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for task in snapshot.finished_within(LOOKED_BACK):
        for component in task.components:
            found[component].update(owner for owner in task.owners if owner not in snapshot.bots)
    return found
