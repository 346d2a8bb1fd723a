"""The charts of the page, each with its finding, its legend and every number in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from syncer.report.model.evaluation import Evaluation, WeekFlow
from syncer.report.model.goal import GoalFigures, Outlook
from syncer.report.render.bars import STYLES
from syncer.report.render.charts import (
    NARROW,
    WIDE,
    Band,
    BurnUp,
    GoalSpan,
    Week,
    ageing,
    burn_up,
    columns,
    cumulative,
    timeline,
)
from syncer.report.render.columns import cut
from syncer.report.render.drawing import Drawing
from syncer.report.render.language import Language
from syncer.report.render.phrases import goals as goal_phrases

MOST_SPANS = 10
"""Goals in one chart; more rows would be a picture to scroll."""


MOST_NAMED = 3
"""Late goals that the finding names; the table has them all."""

UNKNOWN = "–"
"""In place of a chance that there is none of."""

TITLE_COLUMNS = 60
"""A title is cut here in chart, table and finding: a tracker allows 255 signs, and the mail has a limit."""


class GraphId(StrEnum):
    """Which chart it is."""

    DATES = "dates"
    CUMULATIVE = "cumulative"
    AGEING = "ageing"
    FLOW = "flow"


@dataclass(frozen=True, slots=True)
class Graph:
    """One chart in words, in shapes and in numbers."""

    id: GraphId
    heading: str
    finding: str
    """What it shows, in a sentence: the alternative to the picture."""
    drawing: Drawing
    """For a page."""
    narrow: Drawing
    """For a phone."""
    legend: tuple[tuple[str, str], ...]
    """Style and meaning of what is drawn."""
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def graphs(evaluation: Evaluation, language: Language) -> tuple[Graph, ...]:
    """The charts that there are numbers for."""
    found = (
        _dates(evaluation, language),
        _cumulative(evaluation, language),
        _ageing(evaluation, language),
        _flow(evaluation, language),
    )
    return tuple(graph for graph in found if graph is not None)


# --- when goals are reached


def _dates(evaluation: Evaluation, language: Language) -> Graph | None:
    """When each open goal is due, and when it will be reached; None where nothing is forecast."""
    goals = [goal for goal in evaluation.goals if goal.outlook is not Outlook.REACHED]
    dated = [(goal, span) for goal in goals if (span := _span(goal)) is not None]
    spans = dated[:MOST_SPANS]
    if not spans:
        return None
    t = language.text
    finding = language.sentences(
        _dates_finding([goal for goal, _ in dated], language), _left_out(len(dated) - len(spans), len(dated), language)
    )
    today = evaluation.as_of.astimezone(evaluation.window.zone).date()

    def day(moment: date) -> str:
        return language.near_day(moment, today)

    few = any(goal.forecast is not None and goal.forecast.n < goal_phrases.ENOUGH for goal, _ in spans)
    rows = tuple(
        (span.title, day(span.due), day(span.even), day(span.safe), _chance(goal, language)) for goal, span in spans
    )
    first, second = _days_headings(few, language)
    return Graph(
        id=GraphId.DATES,
        heading=t("When goals will be reached"),
        finding=finding,
        drawing=timeline([span for _, span in spans], today, t("today"), day, finding),
        narrow=timeline([span for _, span in spans], today, t("today"), day, finding, NARROW),
        legend=(
            ("due", t("due date")),
            ("late", t("off track")),
            ("tight", t("at risk")),
            ("safe", t("on track")),
            ("", t("A bar runs from “%(first)s” to “%(second)s”.", first=first, second=second)),
        ),
        header=(t("Goal"), t("Due"), first, second, t("Chance of meeting it")),
        rows=rows,
    )


def _days_headings(few: bool, language: Language) -> tuple[str, str]:
    """What the two days of a forecast are called; in percent only where it rests on enough finished tasks."""
    if few:
        return language.text("About even by"), language.text("Likely by")
    return language.text("50% by"), language.text("85% by")


def _span(goal: GoalFigures) -> GoalSpan | None:
    if goal.forecast is None or goal.due is None:
        return None
    style = STYLES.get(goal.health, "safe")
    return GoalSpan(cut(goal.title, TITLE_COLUMNS), goal.due, goal.forecast.q50, goal.forecast.q85, style)


def _chance(goal: GoalFigures, language: Language) -> str:
    chance = None if goal.forecast is None else goal.forecast.p_on_time
    past = goal.days_left is not None and goal.days_left < 0
    n = 0 if goal.forecast is None else goal.forecast.n
    return UNKNOWN if chance is None or past else goal_phrases.odds(chance, n, language)


def _dates_finding(goals: list[GoalFigures], language: Language) -> str:
    troubled = [goal for goal in goals if goal.health.needs_attention]
    if not troubled:
        return language.text("Every goal with a forecast is on track.")
    named = tuple(
        language.aside(cut(goal.title, TITLE_COLUMNS), goal_phrases.health(goal.health, language))
        for goal in troubled[:MOST_NAMED]
    )
    more = len(troubled) - len(named)
    if more:
        named = (*named, language.plural("%(n)s more", "%(n)s more", more))
    if len(goals) == 1:
        return language.text("The only goal with a forecast is not on track: %(goals)s.", goals=language.listing(named))
    return language.plural(
        "%(n)s of %(all)s goals with a forecast is not on track: %(goals)s.",
        "%(n)s of %(all)s goals with a forecast are not on track: %(goals)s.",
        len(troubled),
        all=language.number(len(goals)),
        goals=language.listing(named),
    )


def _left_out(more: int, everything: int, language: Language) -> str:
    """What is said of goals that the chart has no room for."""
    if more <= 0:
        return ""
    shown = language.number(everything - more)
    return language.text("%(shown)s of %(all)s goals are drawn.", shown=shown, all=language.number(everything))


# --- where the tasks stand, and how old they are

MOST_AGEING = 12
"""Tasks in one chart, the oldest."""


def _cumulative(evaluation: Evaluation, language: Language) -> Graph | None:
    """Tasks done, in progress and to do at the end of each week; None under two weeks."""
    weeks = evaluation.bands
    if len(weeks) < 2:
        return None
    t, number = language.text, language.number
    first, last = weeks[0], weeks[-1]
    finding = t(
        "In progress: %(now)s now, %(then)s in week %(week)s. To do: %(todo)s now, %(before)s then.",
        now=number(last.doing), then=number(first.doing), week=number(first.week), todo=number(last.todo),
        before=number(first.todo),
    )  # fmt: skip
    bands = [Band(t("W%(week)s", week=week.week), (week.done, week.doing, week.todo)) for week in weeks]
    styles = ("done", "doing", "todo")
    return Graph(
        id=GraphId.CUMULATIVE,
        heading=t("Cumulative flow"),
        finding=finding,
        drawing=cumulative(bands, styles, finding),
        narrow=cumulative(bands, styles, finding, NARROW),
        legend=(("todo", t("to do")), ("doing", t("in progress")), ("done", t("done"))),
        header=(t("Week"), t("to do"), t("in progress"), t("done")),
        rows=tuple((band.name, *(number(amount) for amount in reversed(band.amounts))) for band in bands),
    )


def _ageing(evaluation: Evaluation, language: Language) -> Graph | None:
    """How old the work in progress is; None where nothing was seen begun."""
    tasks = evaluation.ageing[:MOST_AGEING]
    if not tasks:
        return None
    t, usual = language.text, evaluation.usual_days
    drawn = [(one.line.title, one.days) for one in tasks]
    line = "" if usual is None else t("85%% took %(n)s days", n=language.number(round(usual)))
    finding = language.sentences(_aged(evaluation, language), _left_out_tasks(evaluation, language))
    late, usual_legend = ("late", t("older than 85% of finished tasks took")), ("due", line)
    return Graph(
        id=GraphId.AGEING,
        heading=t("Age of work in progress, in days"),
        finding=finding,
        drawing=ageing(drawn, usual, line, finding),
        narrow=ageing(drawn, usual, line, finding, NARROW),
        legend=(("doing", t("in progress")), *((late, usual_legend) if usual is not None else ())),
        header=(t("Task"), t("Days")),
        rows=tuple((one.line.title, language.number(round(one.days))) for one in tasks),
    )


def _aged(evaluation: Evaluation, language: Language) -> str:
    oldest = evaluation.ageing[0]
    said = language.plural(
        "The oldest task in progress, “%(title)s”, was started %(n)s day ago.",
        "The oldest task in progress, “%(title)s”, was started %(n)s days ago.",
        round(oldest.days), title=oldest.line.title,
    )  # fmt: skip
    if evaluation.usual_days is None:
        return said
    late = sum(one.days > evaluation.usual_days for one in evaluation.ageing)
    return language.sentences(
        said,
        language.plural(
            "%(late)s of %(n)s is older than 85%% of finished tasks took.",
            "%(late)s of %(n)s are older than 85%% of finished tasks took.",
            len(evaluation.ageing), late=language.number(late),
        ),
    )  # fmt: skip


def _left_out_tasks(evaluation: Evaluation, language: Language) -> str:
    everything = len(evaluation.ageing)
    if everything <= MOST_AGEING:
        return ""
    values = {"shown": language.number(MOST_AGEING), "all": language.number(everything)}
    return language.text("%(shown)s of %(all)s tasks are drawn.", **values)


# --- how a goal is burnt up

MOST_BURNUPS = 20
"""Goals with a picture of their own."""


def burnup(goal: GoalFigures, language: Language) -> tuple[Drawing, Drawing] | None:
    """A goal over eight weeks with the cone of its forecast, for a page and for a phone; None without a forecast."""
    found = goal.forecast
    if found is None or not goal.burnup or goal.outlook is Outlook.REACHED:
        return None
    points = tuple((point.day, point.done, point.scope) for point in goal.burnup)
    today = points[-1][0]
    drawn = BurnUp(points, goal.due, max(found.q50, today), max(found.q85, today), max(found.q95, today))
    finding = language.labelled(
        goal.title, language.sentences(goal_phrases.progress(goal, language), goal_phrases.forecast(goal, language))
    )

    def day(moment: date) -> str:
        return language.near_day(moment, today)

    return burn_up(drawn, day, finding, WIDE), burn_up(drawn, day, finding, NARROW)


# --- what came and what went


def _flow(evaluation: Evaluation, language: Language) -> Graph | None:
    """Tasks added and finished, week by week; None where there is no week."""
    weeks = evaluation.flow
    if not weeks:
        return None
    t = language.text
    finding = language.sentences(_pace(evaluation, language), _sums(weeks, language))
    named = [Week(t("W%(week)s", week=week.week), week.created, week.finished) for week in weeks]
    return Graph(
        id=GraphId.FLOW,
        heading=t("Week by week"),
        finding=finding,
        drawing=columns(named, finding),
        narrow=columns(named, finding, NARROW),
        legend=(("created", t("added")), ("finished", t("finished"))),
        header=(t("Week"), t("added"), t("finished")),
        rows=tuple((week.name, language.number(week.created), language.number(week.finished)) for week in named),
    )


def _pace(evaluation: Evaluation, language: Language) -> str:
    """How this week compares with the one before; a week that still runs is not compared."""
    if len(evaluation.flow) < 2:
        return ""
    before, now = (week.finished for week in evaluation.flow[-2:])
    values = {"before": language.number(before), "now": language.number(now)}
    if evaluation.running:
        return language.text("%(now)s tasks finished so far this week, %(before)s in the week before.", **values)
    if now < before:
        return language.text("Throughput fell from %(before)s to %(now)s tasks a week.", **values)
    if now > before:
        return language.text("Throughput rose from %(before)s to %(now)s tasks a week.", **values)
    return language.text("Throughput stayed at %(now)s tasks a week.", **values)


def _sums(weeks: tuple[WeekFlow, ...], language: Language) -> str:
    return language.text(
        "In %(weeks)s weeks %(created)s tasks were added and %(finished)s finished.",
        weeks=language.number(len(weeks)),
        created=language.number(sum(week.created for week in weeks)),
        finished=language.number(sum(week.finished for week in weeks)),
    )
