"""The charts of the page, each with its finding, its legend and every number in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from syncer.report.model.evaluation import Evaluation, WeekFlow
from syncer.report.model.goal import GoalFigures, Outlook
from syncer.report.render.bars import STYLES
from syncer.report.render.charts import GoalSpan, Week, columns, timeline
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
    legend: tuple[tuple[str, str], ...]
    """Style and meaning of what is drawn."""
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def graphs(evaluation: Evaluation, language: Language) -> tuple[Graph, ...]:
    """The charts that there are numbers for."""
    found = (_dates(evaluation, language), _flow(evaluation, language))
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
        legend=(
            ("due", t("due day")),
            ("late", t("off track")),
            ("tight", t("at risk")),
            ("safe", t("on track")),
            ("", t("A bar runs from “%(first)s” to “%(second)s”.", first=first, second=second)),
        ),
        header=(t("Goal"), t("Due"), first, second, t("Chance to keep it")),
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
    if evaluation.as_of < evaluation.window.end:
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
