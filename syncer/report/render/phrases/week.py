"""What is said of the week as a whole."""

from __future__ import annotations

from collections.abc import Sequence

from syncer.report.metrics.flow import TASKS_CREATED, TASKS_FINISHED
from syncer.report.metrics.resources import TASKS_OPEN
from syncer.report.model.evaluation import Evaluation
from syncer.report.model.goal import Basis, GoalFigures, Health
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
    values = {metric.definition: metric for metric in evaluation.metrics}
    finished, created = values[TASKS_FINISHED], values[TASKS_CREATED]
    tasks = language.plural("%(n)s task was finished", "%(n)s tasks were finished", finished.count)
    added = language.plural("%(n)s was added", "%(n)s were added", created.count)
    week = language.text(
        "%(finished)s this week, %(added)s; %(open)s of %(all)s are open.",
        finished=tasks,
        added=added,
        open=language.number(values[TASKS_OPEN].count),
        all=language.number(values[TASKS_OPEN].n),
    )
    return language.sentences(_goals_headline(evaluation, language), week)


def _goals_headline(evaluation: Evaluation, language: Language) -> str:
    troubled = [goal for goal in evaluation.goals if goal.health.needs_attention]
    if not evaluation.goals:
        return ""
    if not troubled:
        return language.text("No goal is at risk or off track.")
    said = (_goals_in(troubled, health, language) for health in (Health.OFF_TRACK, Health.AT_RISK))
    return language.plural(
        "Of %(n)s goal, %(said)s.",
        "Of %(n)s goals, %(said)s.",
        len(evaluation.goals),
        said=language.clauses(*(one for one in said if one)),
    )


MOST_NAMED = 3


def _goals_in(goals: Sequence[GoalFigures], health: Health, language: Language) -> str:
    """`2 are off track (Beta, Launch)`; says how many it does not name."""
    found = [goal.title for goal in goals if goal.health is health]
    if not found:
        return ""
    more = len(found) - MOST_NAMED
    named = tuple(found[:MOST_NAMED])
    if more > 0:
        named = (*named, language.plural("%(n)s more", "%(n)s more", more))
    titles = language.listing(named)
    if health is Health.OFF_TRACK:
        return language.plural(
            "%(n)s is off track (%(titles)s)", "%(n)s are off track (%(titles)s)", len(found), titles=titles
        )
    return language.plural("%(n)s is at risk (%(titles)s)", "%(n)s are at risk (%(titles)s)", len(found), titles=titles)


def footnotes(evaluation: Evaluation, language: Language) -> tuple[str, ...]:
    """How the figures were counted."""
    notes = [
        language.text("A task that is linked counts once. Cancelled tasks are not counted; goals are not tasks."),
        language.text(
            "A goal is on track from a chance of 80% on, off track under 25% or past its date, else at risk. Without a"
            " forecast the share of tasks done is compared with the share of time gone."
        ),
    ]
    bases = {goal.forecast.basis for goal in evaluation.goals if goal.forecast is not None}
    if Basis.CYCLE in bases:
        notes.append(
            language.text(
                "Forecasts simulate all open work: how long tasks take, the pauses between them and what is in their"
                " way are drawn from what was seen. Leaves count, and as many new tasks a week as came lately."
            )
        )
    if Basis.LEAD in bases:
        notes.append(
            language.text(
                "Too few tasks were seen started, so forecasts draw how many tasks the team finishes in a week from the"
                " last twelve weeks. As many new tasks a week as came lately are added."
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
