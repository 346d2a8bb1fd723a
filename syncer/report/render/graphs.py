"""The two charts that page and mail show large, each with its finding, its legend and every number in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from syncer.report.evaluation import Evaluation, GoalFigures, Outlook, WeekFlow
from syncer.report.render import bars
from syncer.report.render.charts import Span, Week, columns, timeline
from syncer.report.render.columns import cut
from syncer.report.render.drawing import Drawing
from syncer.report.render.language import Language

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
    rows_of_bars: tuple[bars.BarRow, ...]
    """For a mail."""
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
    spans = [(goal, span) for goal in goals if (span := _span(goal)) is not None][:MOST_SPANS]
    if not spans:
        return None
    t = language.text
    finding = _dates_finding([span for _, span in spans], language)
    today = evaluation.as_of.astimezone(evaluation.window.zone).date()

    def day(moment: date) -> str:
        return language.near_day(moment, today)

    rows = tuple(
        (span.title, day(span.due), day(span.even), day(span.safe), _chance(goal, language)) for goal, span in spans
    )
    return Graph(
        id=GraphId.DATES,
        heading=t("When goals will be reached"),
        finding=finding,
        drawing=timeline([span for _, span in spans], today, t("today"), day, finding),
        rows_of_bars=bars.dates([span for _, span in spans], [_dates_words(row, language) for row in rows]),
        legend=(
            ("due", t("due day")),
            ("late", t("rather late")),
            ("tight", t("tight")),
            ("safe", t("safe")),
            ("", t("Bars reach from even odds to 85 in 100.")),
        ),
        header=(t("Goal"), t("Due"), t("Even odds by"), t("85 in 100 by"), t("Chance to keep it")),
        rows=rows,
    )


def _dates_words(row: tuple[str, ...], language: Language) -> str:
    """A row of the table as a line of its own."""
    _, due, even, safe, chance = row
    if chance == UNKNOWN:
        return language.text("due %(due)s; even odds by %(even)s, 85 in 100 by %(safe)s", due=due, even=even, safe=safe)
    return language.text(
        "due %(due)s; even odds by %(even)s, 85 in 100 by %(safe)s; chance to keep it %(chance)s",
        due=due, even=even, safe=safe, chance=chance,
    )  # fmt: skip


def _span(goal: GoalFigures) -> Span | None:
    if goal.forecast is None or goal.due is None:
        return None
    return Span(cut(goal.title, TITLE_COLUMNS), goal.due, goal.forecast.q50, goal.forecast.q85)


def _chance(goal: GoalFigures, language: Language) -> str:
    chance = None if goal.forecast is None else goal.forecast.p_on_time
    past = goal.days_left is not None and goal.days_left < 0
    return UNKNOWN if chance is None or past else language.chance(chance)


def _dates_finding(spans: list[Span], language: Language) -> str:
    late = [span for span in spans if span.style == "late"]
    if not late:
        return language.text("Every goal with a forecast will rather keep its date than miss it.")
    named = tuple(
        language.plural("%(goal)s by %(n)s day", "%(goal)s by %(n)s days", (span.even - span.due).days, goal=span.title)
        for span in late[:MOST_NAMED]
    )
    more = len(late) - len(named)
    if more:
        named = (*named, language.plural("and %(n)s more goal", "and %(n)s more goals", more))
    return language.plural(
        "%(n)s of %(all)s goals with a forecast will rather miss its date: %(goals)s.",
        "%(n)s of %(all)s goals with a forecast will rather miss their date: %(goals)s.",
        len(late),
        all=language.number(len(spans)),
        goals=language.listing(named),
    )


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
        rows_of_bars=bars.counts(named, [_counts_words(week, language) for week in weeks]),
        legend=(("created", t("added")), ("finished", t("finished"))),
        header=(t("Tasks"), *(week.name for week in named)),
        rows=(
            (t("added"), *(language.number(week.created) for week in named)),
            (t("finished"), *(language.number(week.finished) for week in named)),
        ),
    )


def _counts_words(week: WeekFlow, language: Language) -> tuple[str, str]:
    return (
        language.text("%(n)s added", n=language.number(week.created)),
        language.text("%(n)s finished", n=language.number(week.finished)),
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
