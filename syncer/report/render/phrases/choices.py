"""What is to be decided of a goal: from which day to which, by how much, how many tasks, and the task that decides."""

from __future__ import annotations

from datetime import date

from syncer.report.model.evaluation import Advice, AdviceRule, Evaluation
from syncer.report.model.goal import GoalFigures, Outlook
from syncer.report.render.language import Language
from syncer.report.render.phrases import goals as goal_phrases

TWO_WEEKS, HALF_A_YEAR, TWO_YEARS = 14, 182, 730
"""Days from which on a delay is said in weeks, months and years."""

CLEARLY = 0.5
"""Of the trials: as many in which one task is the last."""


def why(goal: GoalFigures, language: Language) -> str:
    """`very unlikely to be on time.`, `2 days past its date.`; empty where the choice itself says why."""
    if goal.outlook is Outlook.OVERDUE:
        late = -(goal.days_left or 0)
        return language.ended(language.plural("%(n)s day past its date", "%(n)s days past its date", late))
    found = goal.forecast
    if found is None or found.p_on_time is None or goal.due is None or found.q85 <= goal.due:
        return ""
    return language.ended(goal_phrases.on_time(found.p_on_time, found.n, language))


def choice(goal: GoalFigures, given: Advice | None, evaluation: Evaluation, language: Language) -> str:
    """What there is to choose from; `given` is what is advised for the goal."""
    if given is not None and given.rule is AdviceRule.SCOPE:
        return _growing(goal, given, language)
    if given is not None and given.rule is AdviceRule.CRITICAL and given.evidence:
        return language.text(
            "“%(task)s” will probably finish last: put two people on it.", task=given.evidence[0].title
        )
    if goal.due is None:
        return language.text("Set a date, or take tasks out.")
    if goal.outlook is Outlook.OVERDUE:
        return _overdue(goal, goal.due, evaluation, language)
    return _late(goal, goal.due, given, evaluation, language)


def _growing(goal: GoalFigures, given: Advice, language: Language) -> str:
    added = language.number(round(given.number or 0.0))
    left = language.number(goal.scope - goal.done)
    if goal.due is None:
        return language.text(
            "%(added)s tasks a week come in and %(left)s are open: stop adding.", added=added, left=left
        )
    return language.text(
        "%(added)s tasks a week come in and %(left)s are open: stop adding, or move its date (%(old)s).",
        added=added, left=left, old=language.day(goal.due),
    )  # fmt: skip


def _overdue(goal: GoalFigures, due: date, evaluation: Evaluation, language: Language) -> str:
    left = goal.scope - goal.done
    if goal.forecast is None:
        return language.plural(
            "Set a new date instead of %(old)s, or close it with %(n)s task open.",
            "Set a new date instead of %(old)s, or close it with %(n)s tasks open.",
            left, old=language.day(due),
        )  # fmt: skip
    return language.plural(
        "Move its date from %(old)s to %(new)s (%(later)s), or close it with %(n)s task open.",
        "Move its date from %(old)s to %(new)s (%(later)s), or close it with %(n)s tasks open.",
        left, **_move(due, goal.forecast.q85, evaluation, language),
    )  # fmt: skip


def _late(goal: GoalFigures, due: date, given: Advice | None, evaluation: Evaluation, language: Language) -> str:
    left = goal.scope - goal.done
    values = {
        "old": language.day(due),
        "share": language.percent(goal.share_done or 0.0),
        "gone": language.percent(goal.share_elapsed or 0.0),
    }
    if goal.forecast is None:
        return language.text(
            "%(share)s done with %(gone)s of the time gone: move its date (%(old)s), or cut its scope (%(open)s).",
            open=open_tasks(goal, language), **values,
        )  # fmt: skip
    if goal.forecast.q85 <= due:
        return language.plural(
            "%(share)s done with %(gone)s of the time gone: see whether its %(n)s open task fits until %(old)s.",
            "%(share)s done with %(gone)s of the time gone: see whether its %(n)s open tasks fit until %(old)s.",
            left, **values,
        )  # fmt: skip
    move = _move(due, goal.forecast.q85, evaluation, language)
    if given is not None and given.expected is not None and given.evidence:
        return language.text(
            "Move its date from %(old)s to %(new)s (%(later)s), or take %(out)s of its %(left)s open tasks out:"
            " %(names)s.",
            out=language.number(len(given.evidence)), left=language.number(left),
            names=language.listing(tuple(f"“{one.title}”" for one in given.evidence)), **move,
        )  # fmt: skip
    return language.text(
        "Move its date from %(old)s to %(new)s (%(later)s), or cut its scope (%(open)s).",
        open=open_tasks(goal, language), **move,
    )  # fmt: skip


def _move(old: date, new: date, evaluation: Evaluation, language: Language) -> dict[str, str]:
    """The date it has, the one that is likely to hold, and how far they are apart."""
    today = evaluation.window.last_day
    return {
        "old": language.near_day(old, today),
        "new": language.near_day(new, today),
        "later": later((new - old).days, language),
    }


def later(days: int, language: Language) -> str:
    """`21 weeks later`: as people say how far two dates are apart."""
    if days < TWO_WEEKS:
        return language.plural("%(n)s day later", "%(n)s days later", days)
    if days < HALF_A_YEAR:
        return language.plural("%(n)s week later", "%(n)s weeks later", round(days / 7))
    if days < TWO_YEARS:
        return language.plural("%(n)s month later", "%(n)s months later", round(days / 30.44))
    return language.plural("%(n)s year later", "%(n)s years later", round(days / 365.25))


def open_tasks(goal: GoalFigures, language: Language) -> str:
    """`6 open tasks: 4 overdue, 2 blocked, 1 without an owner`."""
    n = goal.scope - goal.done
    found = (
        (language.text("overdue"), len(goal.overdue)),
        (language.text("blocked"), len(goal.blocked)),
        (language.text("without an owner"), goal.unowned),
    )
    said = [language.text("%(n)s %(standing)s", n=language.number(many), standing=word) for word, many in found if many]
    amount = language.plural("%(n)s open task", "%(n)s open tasks", n)
    return language.labelled(amount, language.clauses(*said)) if said else amount


def last_task(goal: GoalFigures, given: Advice | None, language: Language) -> str:
    """The task that decides when the goal is reached, where one clearly does and the choice names none."""
    drivers = () if goal.forecast is None else goal.forecast.drivers
    if (given is not None and given.evidence) or not drivers or drivers[0].share < CLEARLY:
        return ""
    task = drivers[0].task
    return language.text(
        "%(task)s will probably finish last.", task=task.places[0].key if task.places else f"“{task.title}”"
    )
