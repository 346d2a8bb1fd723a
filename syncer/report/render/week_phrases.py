"""What is said of the week as a whole."""

from __future__ import annotations

from syncer.report.evaluation import Basis, Evaluation
from syncer.report.metric import MetricId
from syncer.report.render.language import Language


def period(evaluation: Evaluation, language: Language) -> str:
    """`16 Nov to 22 Nov, UTC; up to 20 Nov 2026, 17:30`."""
    window = evaluation.window
    days = language.text(
        "%(first)s to %(last)s", first=language.day(window.first_day), last=language.day_of_year(window.last_day)
    )
    if evaluation.as_of < window.end and evaluation.generated_at < window.end:
        return language.text(
            "%(days)s; so far, up to %(moment)s (%(zone)s)",
            days=days,
            moment=language.moment(evaluation.as_of, window.zone),
            zone=language.zone(window.zone),
        )
    return language.text("%(days)s (%(zone)s)", days=days, zone=language.zone(window.zone))


def headline(evaluation: Evaluation, language: Language) -> str:
    """The week in two sentences."""
    values = {metric.id: metric for metric in evaluation.metrics}
    finished, created = values[MetricId.TASKS_FINISHED], values[MetricId.TASKS_CREATED]
    tasks = language.plural("%(n)s task was finished", "%(n)s tasks were finished", finished.count)
    added = language.plural("%(n)s was added", "%(n)s were added", created.count)
    week = language.text(
        "%(finished)s this week, %(added)s; %(open)s of %(all)s are open.",
        finished=tasks,
        added=added,
        open=language.number(values[MetricId.TASKS_OPEN].count),
        all=language.number(values[MetricId.TASKS_OPEN].n),
    )
    return language.sentences(_goals_headline(evaluation, language), week)


def _goals_headline(evaluation: Evaluation, language: Language) -> str:
    troubled = [goal for goal in evaluation.goals if goal.outlook.needs_attention]
    if not evaluation.goals:
        return ""
    if not troubled:
        return language.text("No goal is overdue or behind the calendar.")
    titles = language.listing(tuple(goal.title for goal in troubled[:3]))
    return language.plural(
        "%(n)s of %(all)s goals needs attention: %(titles)s.",
        "%(n)s of %(all)s goals need attention: %(titles)s.",
        len(troubled),
        all=language.number(len(evaluation.goals)),
        titles=titles,
    )


def footnotes(evaluation: Evaluation, language: Language) -> tuple[str, ...]:
    """How the figures were counted."""
    notes = [
        language.text("A task that is linked counts once. Cancelled tasks are not counted; goals are not tasks."),
        language.text(
            "“Behind the calendar” compares two shares: tasks done and days gone. It is an observation, not a forecast."
        ),
    ]
    bases = {goal.forecast.basis for goal in evaluation.goals if goal.forecast is not None}
    if Basis.CYCLE in bases:
        notes.append(
            language.text(
                "Forecasts simulate all open work: times are drawn from how long finished tasks took from start to"
                " finish. They count in the leaves that are written down, and as many new tasks a week as came lately."
            )
        )
    if Basis.LEAD in bases:
        notes.append(
            language.text(
                "Forecasts simulate all open work: too few tasks were seen started, so times are drawn from wish to"
                " finish. They count in the leaves that are written down, and as many new tasks a week as came lately."
            )
        )
    if evaluation.loads:
        notes.append(
            language.text(
                "A task with two owners counts for both. Load is what is in hand, not what somebody is worth."
            )
        )
    if any(load.ratio is not None for load in evaluation.loads):
        notes.append(
            language.text(
                "The load of a person is the greater of two: tasks in progress of those they can take on, and hours"
                " left of what is due of the hours they work, both in the seven days after, leaves taken off."
                " Nobody's is guessed."
            )
        )
    if any(not goal.start_declared for goal in evaluation.goals):
        notes.append(language.text("Where a goal has no start day, the day it was created is taken."))
    if evaluation.withheld:
        notes.append(
            language.plural(
                "%(n)s task with restricted visibility is counted and not named.",
                "%(n)s tasks with restricted visibility are counted and not named.",
                evaluation.withheld,
            )
        )
    return tuple(notes)
