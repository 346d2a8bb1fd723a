"""The report in words: an evaluation turned into the sentences, labels and numbers that every format lays out.

Why one place: page, mail, text and Markdown differ in layout only. What is said, and every number in it, is made here
once, so the formats cannot disagree.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo

from syncer.report.metrics.flow import TASKS_CREATED, TASKS_FINISHED
from syncer.report.metrics.goals import OVERDUE_OPEN
from syncer.report.metrics.resources import TASKS_OPEN, UNOWNED_OPEN
from syncer.report.metrics.smoothness import BLOCKED_OPEN
from syncer.report.model.collaboration import HeldItem, Place, WaitingConflict
from syncer.report.model.evaluation import Evaluation, Load, PairReport, StandingCount
from syncer.report.model.goal import GoalFigures, Outlook, TaskLine
from syncer.report.model.metric import Judgement, Metric, MetricDefinition, Question
from syncer.report.model.timeline import Standing
from syncer.report.render.graphs import Graph, GraphId, graphs
from syncer.report.render.language import Language
from syncer.report.render.phrases import goals as goal_phrases
from syncer.report.render.phrases import metrics as metric_phrases
from syncer.report.render.phrases import tasks as task_phrases
from syncer.report.render.phrases import week as sync_phrases
from syncer.report.render.phrases import week as week_phrases
from syncer.report.render.phrases.advice import AdviceRow, FollowUpRow, advice_row, follow_up_row
from syncer.report.render.phrases.notices import Notice, notices
from syncer.report.render.phrases.responsibilities import Responsibilities, responsibilities

MOST_ROWS = 200
"""Rows of a list that a person is shown; JSON and CSV hold them all."""


@dataclass(frozen=True, slots=True)
class MetricRow:
    """One number with what it counts."""

    id: str
    label: str
    raw: int | float | None
    """As the JSON has it; None when nothing can be said."""
    value: str
    note: str
    """Its population, and what it was before."""
    interval: str
    """`2.1 to 5.4`, with 95 % confidence; empty where there is none."""
    target: str
    judged: str
    """`met`, `missed`, `undecided`; empty without a target."""
    judgement: str
    """The same in words."""
    evidence: tuple[Place, ...]
    """Where the tasks that weigh most can be seen, each at its origin."""


@dataclass(frozen=True, slots=True)
class MetricGroup:
    """The figures that answer one question."""

    id: str
    heading: str
    figures: tuple[MetricRow, ...]


@dataclass(frozen=True, slots=True)
class GoalRow:
    """A goal in words."""

    figures: GoalFigures
    kind: str
    owners: str
    due: str
    progress: str
    """`5 of 9 done`."""
    health: str
    """The verdict in two words."""
    verdict: str
    """With what it was a week ago."""
    finding: str
    """A sentence that says what the bar shows."""
    measure: str
    """How far its own number and its criteria are; empty where its text has neither."""
    forecast: str
    """Two sentences; empty where nothing is forecast."""
    drivers: str
    smart: str
    edits: str
    """What would raise each zero of the score."""
    chance: float | None
    """To keep the date, as the JSON has it."""


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task in words."""

    title: str
    places: tuple[Place, ...]
    details: tuple[str, ...]
    """What every format shows beside it, empty where nothing is said: its owners, and what matters in this list."""


@dataclass(frozen=True, slots=True)
class TaskList:
    """A titled list of tasks."""

    id: str
    heading: str
    rows: tuple[TaskRow, ...]
    total: int
    """All tasks it is about, also those that are not named."""
    empty: str
    more: str
    """What is said of the tasks that are counted but not named; empty when there are none."""


@dataclass(frozen=True, slots=True)
class LoadRow:
    """What one person has in hand."""

    load: Load
    person: str
    ratio: str
    """What is in progress, of what they can take on; empty where that is not known."""
    finding: str


@dataclass(frozen=True, slots=True)
class StandingRow:
    """How many tasks have a standing."""

    count: StandingCount
    label: str
    where: str


@dataclass(frozen=True, slots=True)
class ConflictRow:
    """A conflict in words."""

    conflict: WaitingConflict
    title: str
    field: str
    left_name: str
    right_name: str
    left: str
    right: str
    since: str
    how: str
    """The command that settles it."""


@dataclass(frozen=True, slots=True)
class HeldRow:
    """A held item in words."""

    item: HeldItem
    title: str
    reason: str


@dataclass(frozen=True, slots=True)
class PairRow:
    """The sync of one pair in words."""

    pair: PairReport
    sentence: str


@dataclass(frozen=True, slots=True)
class ReportContent:
    """Everything a format lays out."""

    language: Language
    evaluation: Evaluation
    title: str
    period: str
    completeness: str
    headline: str
    notices: tuple[Notice, ...]
    advice: tuple[AdviceRow, ...]
    follow_up: tuple[FollowUpRow, ...]
    """Of last week's advice."""
    figures: tuple[MetricRow, ...]
    """The few that are shown first."""
    groups: tuple[MetricGroup, ...]
    """All of them, by question."""
    missed: tuple[MetricRow, ...]
    """Those that miss their target."""
    goals: tuple[GoalRow, ...]
    standings: tuple[StandingRow, ...]
    standings_finding: str
    loads: tuple[LoadRow, ...]
    responsibilities: Responsibilities
    graphs: tuple[Graph, ...]
    lists: tuple[TaskList, ...]
    conflicts: tuple[ConflictRow, ...]
    held: tuple[HeldRow, ...]
    pairs: tuple[PairRow, ...]
    footnotes: tuple[str, ...]

    def graph(self, name: GraphId) -> Graph | None:
        """The chart of that id; None when there are no numbers for it."""
        return next((graph for graph in self.graphs if graph.id is name), None)


def content(evaluation: Evaluation, language: Language) -> ReportContent:
    """The report in words."""
    found = notices(evaluation, language)
    shown = {metric.id: _metric_row(metric, language) for metric in evaluation.metrics}
    return ReportContent(
        language=language,
        evaluation=evaluation,
        title=language.text(
            "%(name)s: week %(week)s of %(year)s",
            name=evaluation.collaboration,
            week=evaluation.window.week,
            year=evaluation.window.year,
        ),
        period=week_phrases.period(evaluation, language),
        completeness=sync_phrases.completeness(evaluation, language),
        headline=week_phrases.headline(evaluation, language),
        notices=found,
        advice=tuple(advice_row(advice, language) for advice in evaluation.advice),
        follow_up=tuple(follow_up_row(one, language) for one in evaluation.follow_up),
        figures=tuple(shown[metric.id] for metric in HEAD_FIGURES if metric.id in shown),
        groups=_groups(evaluation, language),
        missed=tuple(figure for figure in shown.values() if figure.judged == Judgement.MISSED),
        goals=tuple(_goal(goal, language) for goal in evaluation.goals),
        standings=tuple(_standing(count, evaluation, language) for count in evaluation.standings),
        standings_finding=task_phrases.standings_finding(evaluation, language),
        loads=tuple(_load(load, language) for load in evaluation.loads),
        responsibilities=responsibilities(evaluation.responsibilities, MOST_ROWS, language),
        graphs=graphs(evaluation, language),
        lists=tuple(_lists(evaluation, language)),
        conflicts=tuple(_conflict(conflict, evaluation, language) for conflict in evaluation.conflicts),
        held=tuple(_held(item, evaluation.window.zone, language) for item in evaluation.held),
        pairs=tuple(PairRow(pair, sync_phrases.pair_sentence(pair, evaluation, language)) for pair in evaluation.pairs),
        footnotes=week_phrases.footnotes(evaluation, language),
    )


HEAD_FIGURES = (
    TASKS_FINISHED,
    TASKS_CREATED,
    TASKS_OPEN,
    OVERDUE_OPEN,
    BLOCKED_OPEN,
    UNOWNED_OPEN,
)
"""Shown first, large."""


def _groups(evaluation: Evaluation, language: Language) -> tuple[MetricGroup, ...]:
    """All figures by the question they answer."""
    groups = []
    for question in Question:
        asked = (metric for metric in evaluation.metrics if metric.definition.question is question)
        found = tuple(_metric_row(metric, language) for metric in asked)
        if found:
            groups.append(MetricGroup(question.value, metric_phrases.question(question, language), found))
    return tuple(groups)


def _metric_row(metric: Metric, language: Language) -> MetricRow:
    return MetricRow(
        id=metric.id,
        label=metric_phrases.metric_label(metric.definition, language),
        raw=metric.value if metric.value is None or isinstance(metric.value, int) else round(metric.value, 6),
        value=metric_phrases.metric_value(metric, language),
        note=metric_phrases.metric_note(metric, language),
        interval=metric_phrases.interval(metric, language),
        target=metric_phrases.target(metric, language),
        judged="" if metric.judgement is None else metric.judgement.value,
        judgement=metric_phrases.judgement(metric.judgement, language),
        evidence=tuple(place for one in metric.evidence for place in one.places[:1]),
    )


def _goal(goal: GoalFigures, language: Language) -> GoalRow:
    return GoalRow(
        figures=goal,
        kind=goal_phrases.goal_kind(goal.kind, language),
        owners=language.listing(goal.owners) or language.text("nobody named"),
        due=language.text("no date") if goal.due is None else language.day(goal.due),
        progress=goal_phrases.progress(goal, language),
        health=goal_phrases.health(goal.health, language),
        verdict=goal_phrases.verdict(goal, language),
        finding=goal_phrases.goal_finding(goal, language),
        measure=goal_phrases.measure(goal, language),
        forecast=goal_phrases.forecast(goal, language),
        drivers=goal_phrases.drivers(goal, language),
        smart="" if goal.outlook is Outlook.REACHED else goal_phrases.smart(goal, language),
        edits=goal_phrases.edits(goal, language),
        chance=None if goal.forecast is None else goal.forecast.p_on_time,
    )


def _standing(count: StandingCount, evaluation: Evaluation, language: Language) -> StandingRow:
    return StandingRow(
        count,
        task_phrases.standing(count.standing, language),
        task_phrases.standing_places(count, evaluation, language),
    )


def _load(load: Load, language: Language) -> LoadRow:
    person = load.person or language.text("nobody")
    ratio = "" if load.ratio is None else language.percent(load.ratio)
    if 0 in (load.capacity, load.hours):
        ratio = language.text("away")
    return LoadRow(load, person, ratio, task_phrases.load_finding(load, person, language))


def _lists(evaluation: Evaluation, language: Language) -> list[TaskList]:
    """The lists of tasks; a metric that is not shown to this reader takes its list with it."""
    shown = {metric.definition: metric.count for metric in evaluation.metrics}
    sources = (
        (OVERDUE_OPEN, evaluation.overdue, language.text("Overdue"), language.text("Nothing is overdue.")),
        (BLOCKED_OPEN, evaluation.blocked, language.text("Blocked"), language.text("Nothing is blocked.")),
        (
            UNOWNED_OPEN,
            evaluation.unowned,
            language.text("Without an owner"),
            language.text("Every open task has an owner."),
        ),
        (
            TASKS_FINISHED,
            evaluation.finished,
            language.text("Finished this week"),
            language.text("Nothing was finished this week."),
        ),
        (
            TASKS_CREATED,
            evaluation.created,
            language.text("New this week"),
            language.text("No task was added this week."),
        ),
    )
    lists = []
    for metric, lines, heading, empty in sources:
        total = shown.get(metric, 0)
        if metric not in shown or (total > 0 and not lines and evaluation.withheld == 0):
            continue
        rows = tuple(_task(line, metric, language) for line in lines[:MOST_ROWS])
        lists.append(TaskList(metric.id, heading, rows, total, empty, _unlisted(total, len(lines), language)))
    return lists


def _unlisted(total: int, named: int, language: Language) -> str:
    """What is said of the tasks that a list counts and does not show."""
    cut = max(0, named - MOST_ROWS)
    longer = language.plural("%(n)s more is in the CSV file.", "%(n)s more are in the CSV file.", cut)
    hidden = total - named
    restricted = language.plural("%(n)s restricted task is not named.", "%(n)s restricted tasks are not named.", hidden)
    return language.sentences(longer if cut else "", restricted if hidden else "")


def _task(line: TaskLine, metric: MetricDefinition, language: Language) -> TaskRow:
    owners = "" if line.owners is None else language.listing(line.owners) or language.text("nobody")
    if metric is OVERDUE_OPEN:
        note = task_phrases.lateness(line, language)
    elif metric is BLOCKED_OPEN:
        note = task_phrases.impediments(line, language)
    elif metric is TASKS_FINISHED:
        note = "" if line.finished is None else language.day(line.finished.date())
    else:
        note = task_phrases.standing(line.standing, language)
        if line.due is not None and line.standing is not Standing.DONE:
            note = language.text("%(standing)s, due %(day)s", standing=note, day=language.day(line.due))
    return TaskRow(line.title, line.places, (owners, note))


def _conflict(conflict: WaitingConflict, evaluation: Evaluation, language: Language) -> ConflictRow:
    left_name, right_name = next((pair.addresses for pair in evaluation.pairs if pair.name == conflict.pair), ("", ""))
    hidden = language.text("(restricted: not shown)")
    return ConflictRow(
        conflict=conflict,
        title=hidden if conflict.restricted else conflict.title,
        field=task_phrases.field_name(conflict.field, language),
        left_name=left_name or language.text("left"),
        right_name=right_name or language.text("right"),
        left=hidden if conflict.restricted else conflict.left or language.text("(empty)"),
        right=hidden if conflict.restricted else conflict.right or language.text("(empty)"),
        since=language.moment(conflict.opened_at, evaluation.window.zone),
        how=f"syncer resolve {conflict.id} left|right",
    )


def _held(item: HeldItem, zone: tzinfo, language: Language) -> HeldRow:
    if item.restricted:
        hidden = language.text("(restricted: not shown)")
        return HeldRow(item, hidden, hidden)
    steered = item.steering
    return HeldRow(item, item.title, item.reason if steered is None else sync_phrases.steering(steered, zone, language))
