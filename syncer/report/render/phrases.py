"""The sentences of the report. Each says one finding, with its numbers."""

from __future__ import annotations

from typing import assert_never

from syncer.report.evaluation import (
    Basis,
    Evaluation,
    GoalFigures,
    Load,
    MetricId,
    Outlook,
    PairReport,
    Part,
    StandingCount,
    TaskLine,
)
from syncer.report.model import Cause, GoalKind, Impediment, Standing
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


def completeness(evaluation: Evaluation, language: Language) -> str:
    """How far the data reaches: the first line of every report."""
    zone = evaluation.window.zone
    if evaluation.complete_to is None:
        return language.text("Data incomplete: at least one pair was never read completely.")
    moment = language.moment(evaluation.complete_to, zone)
    failed = tuple(pair.name for pair in evaluation.pairs if not pair.healthy)
    if failed:
        return language.text(
            "Data complete to %(moment)s only: the last run of %(pairs)s did not finish.",
            moment=moment,
            pairs=language.listing(failed),
        )
    read = language.plural("%(n)s pair read", "%(n)s pairs read", len(evaluation.pairs))
    return language.text("Data complete to %(moment)s: %(read)s on both sides.", moment=moment, read=read)


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


# --- goals


def goal_kind(kind: GoalKind, language: Language) -> str:
    """What a goal is called."""
    match kind:
        case GoalKind.EPIC:
            return language.text("epic")
        case GoalKind.MILESTONE:
            return language.text("milestone")
        case _:
            assert_never(kind)


def outlook(value: Outlook, language: Language) -> str:
    """An outlook in two or three words."""
    words = {
        Outlook.OVERDUE: language.text("overdue"),
        Outlook.BEHIND: language.text("behind the calendar"),
        Outlook.NO_DATE: language.text("no dates"),
        Outlook.NO_TASKS: language.text("no tasks"),
        Outlook.NOT_STARTED: language.text("not started"),
        Outlook.ON_COURSE: language.text("in step with the calendar"),
        Outlook.REACHED: language.text("reached"),
    }
    return words[value]


def progress(goal: GoalFigures, language: Language) -> str:
    """`5 of 9 done`."""
    if goal.scope == 0:
        return language.text("no tasks")
    return language.text(
        "%(done)s of %(scope)s done", done=language.number(goal.done), scope=language.number(goal.scope)
    )


def goal_finding(goal: GoalFigures, language: Language) -> str:  # noqa: PLR0911 -- one sentence an outlook
    """A sentence that says what the bar of a goal shows."""
    values = {
        "done": progress(goal, language),
        "share": "" if goal.share_done is None else language.percent(goal.share_done),
        "gone": "" if goal.share_elapsed is None else language.percent(goal.share_elapsed),
        "left": days_left(goal.days_left or 0, language),
    }
    match goal.outlook:
        case Outlook.REACHED:
            return language.text("%(done)s.", **values)
        case Outlook.OVERDUE:
            late = language.plural("%(n)s day", "%(n)s days", -(goal.days_left or 0))
            return language.text("%(done)s, %(late)s after its date.", late=late, **values)
        case Outlook.BEHIND:
            return language.text("%(done)s (%(share)s) with %(gone)s of the time gone; %(left)s.", **values)
        case Outlook.ON_COURSE:
            return language.text("%(done)s (%(share)s), %(gone)s of the time gone; %(left)s.", **values)
        case Outlook.NOT_STARTED:
            return language.text("%(done)s; it starts later.", **values)
        case Outlook.NO_DATE:
            return language.text("%(done)s; without dates nothing can be said about its pace.", **values)
        case Outlook.NO_TASKS:
            return language.text("No task belongs to it yet.")
        case _:
            assert_never(goal.outlook)


def forecast(goal: GoalFigures, language: Language) -> str:
    """The chance to keep the date, and the days by which it is reached; empty without a forecast."""
    found = goal.forecast
    if found is None:
        return ""
    when = language.text(
        "Even odds by %(even)s, 85 in 100 by %(safe)s.",
        even=language.day_of_year(found.q50),
        safe=language.day_of_year(found.q85),
    )
    if found.p_on_time is None or (goal.days_left or 0) < 0:
        return when
    chance = language.text("Chance to keep the date: %(chance)s.", chance=language.chance(found.p_on_time))
    return language.sentences(chance, when)


def drivers(goal: GoalFigures, language: Language) -> str:
    """The tasks that decide when the goal is reached."""
    found = goal.forecast
    if found is None or not found.drivers:
        return ""
    named = tuple(
        f"{driver.task.places[0].key if driver.task.places else driver.task.title} ({language.percent(driver.share)})"
        for driver in found.drivers
    )
    return language.text("Most often last: %(tasks)s.", tasks=language.listing(named))


def smart(goal: GoalFigures, language: Language) -> str:
    """The score of a goal by its parts."""
    names = {
        Part.SPECIFIC: language.text("specific"),
        Part.MEASURABLE: language.text("measurable"),
        Part.ATTAINABLE: language.text("attainable"),
        Part.RELEVANT: language.text("relevant"),
        Part.TIMED: language.text("timed"),
    }
    parts = tuple(
        f"{names[part]} {'–' if score is None else language.number(score)}" for part, score in goal.smart.parts.items()
    )
    return language.text(
        "SMART %(score)s of 100: %(parts)s.",
        score=language.number(round(goal.smart.score)),
        parts=language.clauses(*parts),
    )


def edit(part: Part, language: Language) -> str:
    """The one edit that raises a part of the score from zero."""
    edits = {
        Part.SPECIFIC: language.text("write what must be true at the end as a task list in its text"),
        Part.MEASURABLE: language.text("add acceptance criteria as a task list to its text"),
        Part.ATTAINABLE: language.text("move its date or take tasks out: under one chance in ten is no plan"),
        Part.RELEVANT: language.text("name the goal above it as its parent"),
        Part.TIMED: language.text("give it a due day"),
    }
    return edits[part]


def edits(goal: GoalFigures, language: Language) -> str:
    """What would raise each zero; empty when there is none."""
    if goal.outlook is Outlook.REACHED:
        return ""
    # One task list makes a goal specific and measurable.
    covered = {Part.MEASURABLE} if Part.SPECIFIC in goal.smart.zeros else set()
    found = tuple(edit(part, language) for part in goal.smart.zeros if part not in covered)
    return language.labelled(language.text("To raise it"), language.options(*found)) if found else ""


def days_left(days: int, language: Language) -> str:
    """`10 days left`."""
    if days == 0:
        return language.text("it is due today")
    return language.plural("%(n)s day left", "%(n)s days left", days)


# --- tasks


def standing(value: Standing, language: Language) -> str:
    """A standing in words."""
    match value:
        case Standing.TODO:
            return language.text("to do")
        case Standing.DOING:
            return language.text("in progress")
        case Standing.DONE:
            return language.text("done")
        case Standing.CANCELLED:
            return language.text("cancelled")
        case _:
            assert_never(value)


def standing_places(count: StandingCount, evaluation: Evaluation, language: Language) -> str:
    """Where the tasks of a standing can be seen: `12 on both sides`, or the sides apart."""
    if len(evaluation.pairs) != 1:
        left, right = language.text("left only"), language.text("right only")
    else:
        names = tuple(
            address or name for address, name in zip(evaluation.pairs[0].addresses, ("left", "right"), strict=True)
        )
        left, right = (language.text("%(side)s only", side=name) for name in names)
    parts = [language.text("%(n)s on both sides", n=language.number(count.both))] if count.both else []
    parts += [f"{language.number(count.left_only)} {left}"] if count.left_only else []
    parts += [f"{language.number(count.right_only)} {right}"] if count.right_only else []
    return language.clauses(*parts)


def standings_finding(evaluation: Evaluation, language: Language) -> str:
    """A sentence that says what the bar of standings shows."""
    parts = tuple(
        f"{language.number(count.total)} {standing(count.standing, language)}" for count in evaluation.standings
    )
    total = language.number(sum(count.total for count in evaluation.standings))
    return language.text("Of %(total)s tasks: %(parts)s.", total=total, parts=language.clauses(*parts))


def flow_finding(evaluation: Evaluation, language: Language) -> str:
    """A sentence that says what the chart of weeks shows."""
    return language.text(
        "In %(weeks)s weeks %(created)s tasks were added and %(finished)s finished.",
        weeks=language.number(len(evaluation.flow)),
        created=language.number(sum(week.created for week in evaluation.flow)),
        finished=language.number(sum(week.finished for week in evaluation.flow)),
    )


def load_finding(load: Load, person: str, language: Language) -> str:
    """A sentence that says what the bar of a person shows."""
    parts = [
        language.text("%(n)s in progress", n=language.number(load.doing)),
        language.text("%(n)s to do", n=language.number(load.todo)),
    ]
    parts += [language.text("%(n)s blocked", n=language.number(load.blocked))] if load.blocked else []
    parts += [language.text("%(n)s overdue", n=language.number(load.overdue))] if load.overdue else []
    return language.text("%(person)s: %(parts)s", person=person, parts=language.clauses(*parts))


def lateness(line: TaskLine, language: Language) -> str:
    """`3 days late (17 Nov)`."""
    late = language.plural("%(n)s day late", "%(n)s days late", line.days_late)
    return late if line.due is None else language.text("%(late)s (%(day)s)", late=late, day=language.day(line.due))


def impediments(line: TaskLine, language: Language) -> str:
    """What is in a task's way."""
    return language.clauses(*(_impediment(impediment, language) for impediment in line.impediments))


def _impediment(impediment: Impediment, language: Language) -> str:
    match impediment.cause:
        case Cause.FLAG:
            words = language.text("flagged as impeded")
        case Cause.LABEL:
            words = language.text("labelled as blocked")
        case Cause.DEPENDENCY:
            words = language.text("waits for another task")
            if impediment.blockers:
                words = language.text("waits for %(tasks)s", tasks=language.listing(impediment.blockers))
        case _:
            assert_never(impediment.cause)
    return words if impediment.kind is None else f"{words} ({impediment_kind(impediment.kind, language)})"


def impediment_kind(kind: str, language: Language) -> str:
    """The kind of an impediment; a kind of the team's own stays as it is."""
    known = {
        "resource": language.text("resource"),
        "time": language.text("time"),
        "difficulty": language.text("difficulty"),
        "external": language.text("external"),
        "decision": language.text("decision"),
    }
    return known.get(kind, kind)


# --- sync


def pair_sentence(pair: PairReport, evaluation: Evaluation, language: Language) -> str:
    """How the sync of a pair did."""
    zone = evaluation.window.zone
    if pair.last_run is None:
        return language.text("%(pair)s: never run.", pair=pair.name)
    when = language.moment(pair.last_run, zone)
    if not pair.healthy:
        words = language.text(
            "%(pair)s: the run of %(when)s did not finish (%(outcome)s).",
            pair=pair.name, when=when, outcome=outcome(pair.last_outcome, language),
        )  # fmt: skip
        return language.sentences(words, pair.message)
    linked = language.plural("%(n)s linked task", "%(n)s linked tasks", pair.linked_tasks)
    words = language.text(
        "%(pair)s: %(linked)s; last run %(when)s, %(outcome)s.",
        pair=pair.name, linked=linked, when=when, outcome=outcome(pair.last_outcome, language),
    )  # fmt: skip
    if pair.unsettled_writes:
        unsettled = language.plural(
            "%(n)s write waits for its outcome to be read.", "%(n)s writes wait for their outcome to be read.",
            pair.unsettled_writes,
        )  # fmt: skip
        return language.sentences(words, unsettled)
    return words


def outcome(value: str, language: Language) -> str:
    """How a run ended."""
    known = {
        "clean": language.text("nothing left to carry"),
        "held": language.text("in step, except for what waits for a person"),
        "partial": language.text("some items will be retried"),
        "refused": language.text("refused by a guard, needs a person"),
        "denied": language.text("credentials or permissions"),
        "budget": language.text("stopped by the rate budget, resumes by itself"),
        "busy": language.text("another run was at work"),
        "failed": language.text("failed unexpectedly"),
        "interrupted": language.text("interrupted"),
        "": language.text("still running"),
    }
    return known.get(value, value)


def field_name(field: str, language: Language) -> str:
    """The name of a field as people say it."""
    known = {
        "title": language.text("title"),
        "body": language.text("description"),
        "status": language.text("status"),
        "labels": language.text("labels"),
        "components": language.text("components"),
        "assignees": language.text("owners"),
        "priority": language.text("priority"),
        "type": language.text("type"),
        "milestones": language.text("milestone"),
        "start": language.text("start day"),
        "due": language.text("due day"),
    }
    return known.get(field, field)


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
                " finish. Tasks that will yet be added and leaves are not in them."
            )
        )
    if Basis.LEAD in bases:
        notes.append(
            language.text(
                "Forecasts simulate all open work: too few tasks were seen started, so times are drawn from wish to"
                " finish. Tasks that will yet be added and leaves are not in them."
            )
        )
    if evaluation.loads:
        notes.append(
            language.text(
                "A task with two owners counts for both. Load is what is in hand, not what somebody is worth."
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
