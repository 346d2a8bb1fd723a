"""The report in words: an evaluation turned into the sentences, labels and numbers that every format lays out.

Why one place: page, mail, text and Markdown differ in layout only. What is said, and every number in it, is made here
once, so the formats cannot disagree.
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import tzinfo

from syncer.report.model.collaboration import HeldItem, Place, Reader, WaitingConflict
from syncer.report.model.evaluation import Advice, AdviceRule, Evaluation, Load, PairReport, StandingCount
from syncer.report.model.goal import GoalFigures
from syncer.report.model.metric import Judgement, Metric, Question
from syncer.report.render.graphs import Graph, GraphId, graphs
from syncer.report.render.language import Language
from syncer.report.render.lists import MOST_ROWS, TaskList, desk_lists, task_lists
from syncer.report.render.phrases import goals as goal_phrases
from syncer.report.render.phrases import metrics as metric_phrases
from syncer.report.render.phrases import tasks as task_phrases
from syncer.report.render.phrases import week as sync_phrases
from syncer.report.render.phrases import week as week_phrases
from syncer.report.render.phrases.advice import AdviceRow, FollowUpRow, advice_row, follow_up_row
from syncer.report.render.phrases.answers import AnswerRow, ChangeRow, answer_row, change_rows
from syncer.report.render.phrases.notices import Notice, notices
from syncer.report.render.phrases.responsibilities import Responsibilities, responsibilities


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

    @property
    def measured(self) -> tuple[MetricRow, ...]:
        """Those with a value."""
        return tuple(figure for figure in self.figures if figure.raw is not None)

    @property
    def unmeasured(self) -> tuple[MetricRow, ...]:
        """Those of which nothing can be said."""
        return tuple(figure for figure in self.figures if figure.raw is None)


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
    outlook: str
    """The chance and the likely day in two short sentences; empty where nothing is forecast."""
    drivers: str
    edit: str
    """The one edit that helps most; empty where nothing is missing."""
    chance: float | None
    """To keep the date, as the JSON has it."""


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
    reader: Reader
    evaluation: Evaluation
    title: str
    period: str
    completeness: str
    answers: tuple[AnswerRow, ...]
    """How the six questions stand."""
    desk: tuple[TaskList, ...]
    """What the reader has before them, in the edition for one member."""
    asks: str
    """The heading of `notices`."""
    notices: tuple[Notice, ...]
    changes: tuple[ChangeRow, ...]
    advice: tuple[AdviceRow, ...]
    """Without what is among the decisions already."""
    follow_up: tuple[FollowUpRow, ...]
    """Of last week's advice."""
    groups: tuple[MetricGroup, ...]
    """All figures, by question."""
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


def content(evaluation: Evaluation, language: Language, reader: Reader = Reader.MANAGER) -> ReportContent:
    """The report in words."""
    found = notices(evaluation, language, reader)
    decided = _decided(evaluation, found)
    told = _told(evaluation, found, decided)
    shown = {metric.id: _metric_row(metric, language) for metric in evaluation.metrics}
    return ReportContent(
        language=language,
        reader=reader,
        evaluation=evaluation,
        title=language.text(
            "%(name)s: week %(week)s of %(year)s",
            name=evaluation.collaboration,
            week=evaluation.window.week,
            year=evaluation.window.year,
        ),
        period=week_phrases.period(evaluation, language),
        completeness=sync_phrases.completeness(evaluation, language, reader),
        answers=tuple(answer_row(answer, evaluation, language) for answer in evaluation.answers),
        desk=() if evaluation.desk is None else desk_lists(evaluation.desk, language),
        asks=_asks(evaluation, language, reader),
        notices=found,
        changes=change_rows(evaluation, language),
        advice=tuple(
            advice_row(advice, language, decided)
            for advice in evaluation.advice
            if advice.id not in told and _for_desk(advice, evaluation)
        ),
        follow_up=tuple(follow_up_row(one, language) for one in evaluation.follow_up),
        groups=_groups(evaluation, language),
        missed=tuple(figure for figure in shown.values() if figure.judged == Judgement.MISSED),
        goals=tuple(_goal(goal, language, reader) for goal in evaluation.goals),
        standings=tuple(_standing(count, evaluation, language) for count in evaluation.standings),
        standings_finding=task_phrases.standings_finding(evaluation, language) if evaluation.standings else "",
        loads=tuple(_load(load, language) for load in evaluation.loads),
        responsibilities=responsibilities(evaluation.responsibilities, MOST_ROWS, language),
        graphs=graphs(evaluation, language),
        lists=task_lists(evaluation, language, reader),
        conflicts=tuple(_conflict(conflict, evaluation, language) for conflict in evaluation.conflicts),
        held=tuple(_held(item, evaluation.window.zone, language) for item in evaluation.held),
        pairs=()
        if reader is Reader.CLIENT
        else tuple(PairRow(pair, sync_phrases.pair_sentence(pair, evaluation, language)) for pair in evaluation.pairs),
        footnotes=week_phrases.footnotes(evaluation, language),
    )


def _asks(evaluation: Evaluation, language: Language, reader: Reader) -> str:
    """What the decisions are called for this reader."""
    if reader is Reader.CLIENT:
        return language.text("What we need from you")
    return language.text("My decisions") if evaluation.desk is not None else language.text("What needs a decision")


def _for_desk(advice: Advice, evaluation: Evaluation) -> bool:
    """Whether an advice is for the reader: in the edition for one member, whether it names them."""
    return evaluation.desk is None or evaluation.desk.name in advice.owners


def _decided(evaluation: Evaluation, found: Sequence[Notice]) -> frozenset[str]:
    """Titles of the goals that are among the decisions, and in the edition for one member of those of others."""
    ids, desk = {notice.goal for notice in found}, evaluation.desk
    return frozenset(
        goal.title for goal in evaluation.goals if goal.id in ids or (desk is not None and desk.name not in goal.owners)
    )


def _told(evaluation: Evaluation, found: Sequence[Notice], decided: AbstractSet[str]) -> frozenset[str]:
    """Ids of the advice that the decisions give already: to replan several goals is a decision for each of them."""
    replans = [one for one in evaluation.advice if one.rule is AdviceRule.REPLAN and one.names]
    several = (one.id for one in replans if decided >= set(one.names))
    return frozenset((*several, *(notice.advice for notice in found if notice.advice)))


def _groups(evaluation: Evaluation, language: Language) -> tuple[MetricGroup, ...]:
    """All figures by the question they answer."""
    groups = []
    for question in Question:
        asked = (metric for metric in evaluation.metrics if metric.definition.question is question)
        said = (metric for metric in asked if metric.missing is None or metric.missing.worth_saying)
        found = tuple(_metric_row(metric, language) for metric in said)
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


def _goal(goal: GoalFigures, language: Language, reader: Reader) -> GoalRow:
    client = reader is Reader.CLIENT
    return GoalRow(
        figures=goal,
        kind=goal_phrases.goal_kind(goal.kind, language),
        owners=language.listing(goal.owners) or ("" if client else language.text("no owner")),
        due=language.text("no date") if goal.due is None else language.day(goal.due),
        progress=goal_phrases.progress(goal, language),
        health=goal_phrases.health(goal.health, language),
        verdict=goal_phrases.verdict(goal, language),
        finding=goal_phrases.goal_finding(goal, language),
        measure=goal_phrases.measure(goal, language),
        forecast=goal_phrases.forecast(goal, language),
        outlook=goal_phrases.short_forecast(goal, language),
        drivers=goal_phrases.drivers(goal, language),
        edit="" if client else goal_phrases.helping_edit(goal, language),
        chance=None if goal.forecast is None else goal.forecast.p_on_time,
    )


def _standing(count: StandingCount, evaluation: Evaluation, language: Language) -> StandingRow:
    return StandingRow(
        count,
        task_phrases.standing(count.standing, language),
        task_phrases.standing_places(count, evaluation, language),
    )


def _load(load: Load, language: Language) -> LoadRow:
    person = load.person or language.text("unassigned")
    ratio = "" if load.ratio is None else language.percent(load.ratio)
    if 0 in (load.capacity, load.hours):
        ratio = language.text("away")
    return LoadRow(load, person, ratio, task_phrases.load_finding(load, person, language))


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
