"""What is said of goals: each sentence one finding, with its numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import assert_never

from syncer.report.model.collaboration import GoalKind, Task
from syncer.report.model.goal import Basis, Forecast, GoalFigures, Health, Outlook, SmartCriterion
from syncer.report.model.plan import ChangeKind, PlanChange, Revision
from syncer.report.render.language import Language

ENOUGH = 20
"""Finished tasks from which on a chance is said in percent."""

APART = 0.20
"""Two ways to forecast that differ by more are both shown."""


def goal_kind(kind: GoalKind, language: Language) -> str:
    """What a goal is called."""
    match kind:
        case GoalKind.EPIC:
            return language.text("epic")
        case GoalKind.MILESTONE:
            return language.text("milestone")
        case _:
            assert_never(kind)


def health(value: Health, language: Language) -> str:
    """The verdict on a goal in two words."""
    words = {
        Health.OFF_TRACK: language.text("off track"),
        Health.AT_RISK: language.text("at risk"),
        Health.ON_TRACK: language.text("on track"),
        Health.UNKNOWN: language.text("unknown"),
        Health.REACHED: language.text("reached"),
    }
    return words[value]


def odds(chance: float, n: int, language: Language) -> str:
    """A chance as it can be said: in words where it rests on fewer than twenty finished tasks."""
    if n >= ENOUGH:
        return language.chance(chance)
    words = (
        (0.04, language.text("very unlikely")),
        (0.07, language.text("about 1 in 20")),
        (0.15, language.text("about 1 in 10")),
        (0.29, language.text("about 1 in 4")),
        (0.42, language.text("about 1 in 3")),
        (0.58, language.text("about even")),
        (0.71, language.text("about 2 in 3")),
        (0.85, language.text("about 3 in 4")),
        (1.01, language.text("likely")),
    )
    return next(said for most, said in words if chance < most)


def on_time(chance: float, n: int, language: Language) -> str:
    """`very unlikely to be on time`, `about a 1 in 20 chance of being on time`: `odds` as a clause."""
    if n >= ENOUGH:
        return language.text("%(chance)s chance of being on time", chance=language.chance(chance))
    clauses = (
        (0.04, language.text("very unlikely to be on time")),
        (0.07, language.text("about a 1 in 20 chance of being on time")),
        (0.15, language.text("about a 1 in 10 chance of being on time")),
        (0.29, language.text("about a 1 in 4 chance of being on time")),
        (0.42, language.text("about a 1 in 3 chance of being on time")),
        (0.58, language.text("about an even chance of being on time")),
        (0.71, language.text("about a 2 in 3 chance of being on time")),
        (0.85, language.text("about a 3 in 4 chance of being on time")),
        (1.01, language.text("likely to be on time")),
    )
    return next(said for most, said in clauses if chance < most)


def verdict(goal: GoalFigures, language: Language) -> str:
    """`at risk (on track a week ago), date moved 2 times`: the verdict, and what became of it."""
    now = health(goal.health, language)
    before = "" if goal.earlier is None else health(goal.earlier.health, language)
    said = now if before in {"", now} else language.aside(now, language.text("%(was)s a week ago", was=before))
    moves = language.plural("date moved once", "date moved %(n)s times", goal.date_moves) if goal.date_moves else ""
    return language.clauses(said, moves)


def verdict_change(goal: GoalFigures, language: Language) -> str:
    """`at risk, on track a week ago`; the verdict alone where it is the same, or none was given a week ago."""
    now = health(goal.health, language)
    before = "" if goal.earlier is None else health(goal.earlier.health, language)
    return language.text("%(now)s, %(before)s a week ago", now=now, before=before) if before and before != now else now


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
            if goal.due is not None:
                return language.text("%(done)s; %(left)s.", **values)
            return language.text("%(done)s; without dates nothing can be said about its pace.", **values)
        case Outlook.NO_TASKS:
            return language.text("No task belongs to it yet.")
        case _:
            assert_never(goal.outlook)


def measure(goal: GoalFigures, language: Language) -> str:
    """How far its own number has come, and how many of its criteria are met; empty where its text has neither."""
    return language.sentences(
        _number(goal, language), _criteria(goal, language), _unread(goal, language), replanned(goal, language)
    )


def replanned(goal: GoalFigures, language: Language) -> str:
    """What was changed of its plan this week, as a sentence; empty when nothing was."""
    said = plan_changes(goal, language)
    return language.labelled(language.text("Replanned this week"), language.ended(said)) if said else ""


def plan_changes(goal: GoalFigures, language: Language) -> str:
    """`its date went from 1 Dec to 8 Dec, 2 tasks added`; empty when nothing was changed."""
    count = Counter(change.kind for change in goal.replanned)
    moved = next((change for change in goal.replanned if change.kind is ChangeKind.GOAL_DUE), None)
    added, dropped, owners = (count[one] for one in (ChangeKind.TASK_ADDED, ChangeKind.TASK_DROPPED, ChangeKind.OWNERS))
    due, waits = count[ChangeKind.DUE], count[ChangeKind.DEPENDENCY]
    return language.clauses(
        _moved(moved, language) if moved else "",
        language.plural("%(n)s task added", "%(n)s tasks added", added) if added else "",
        language.plural("%(n)s task dropped", "%(n)s tasks dropped", dropped) if dropped else "",
        language.plural("%(n)s due date moved", "%(n)s due dates moved", due) if due else "",
        language.plural("%(n)s task reassigned", "%(n)s tasks reassigned", owners) if owners else "",
        language.plural("%(n)s task waits for one more", "%(n)s tasks wait for one more", waits) if waits else "",
    )


def _moved(change: PlanChange, language: Language) -> str:
    """How the date of a goal was moved."""
    old, new = (language.day(day) if day else language.text("no date") for day in (change.old, change.new))
    return language.text("its date went from %(old)s to %(new)s", old=old, new=new)


def _number(goal: GoalFigures, language: Language) -> str:
    aim = goal.aim
    if aim is None or aim.target is None:
        return ""
    unit = f" {aim.unit}" if aim.unit and aim.unit != "%" else aim.unit
    values = {
        "metric": aim.metric or language.text("Its number"),
        "target": language.decimal(aim.target) + unit,
        "baseline": "" if aim.baseline is None else language.decimal(aim.baseline) + unit,
        "current": "" if aim.current is None else language.decimal(aim.current) + unit,
        "way": "" if goal.progress is None else language.percent(goal.progress),
        "day": "" if aim.measured is None else language.day(aim.measured),
    }
    if aim.current is None:
        return language.text("%(metric)s should be %(target)s; what it is now is not said.", **values)
    if goal.progress is None:
        return language.text("%(metric)s is %(current)s and should be %(target)s.", **values)
    if aim.measured is None:
        return language.text(
            "%(metric)s: from %(baseline)s to %(current)s, %(way)s of the way to %(target)s.", **values
        )
    return language.text(
        "%(metric)s: from %(baseline)s to %(current)s on %(day)s, %(way)s of the way to %(target)s.", **values
    )


def _criteria(goal: GoalFigures, language: Language) -> str:
    if not goal.criteria:
        return ""
    met = language.number(goal.criteria_met)
    return language.plural("%(met)s of %(n)s criterion met.", "%(met)s of %(n)s criteria met.", goal.criteria, met=met)


def _unread(goal: GoalFigures, language: Language) -> str:
    if goal.aim is None or not goal.aim.unread:
        return ""
    lines = language.listing(tuple(f"“{line}”" for line in goal.aim.unread[:3]))
    return language.text("Not understood in its block “goal”: %(lines)s.", lines=lines)


def forecast(goal: GoalFigures, language: Language) -> str:
    """The chance to keep the date, and the days by which it is reached; empty without a forecast."""
    found = goal.forecast
    if found is None:
        return ""
    days = {"even": language.day_of_year(found.q50), "safe": language.day_of_year(found.q85)}
    when = (
        language.text("50%% by %(even)s, 85%% by %(safe)s.", **days)
        if found.n >= ENOUGH
        else language.text("Could be done by %(even)s, likely by %(safe)s.", **days)
    )
    return language.sentences(chance(goal, language), when, two_ways(found, language))


def two_ways(found: Forecast, language: Language) -> str:
    """What throughput says where it says something quite different, and why; else empty."""
    tasks, weeks = found.by_tasks, found.by_throughput
    if tasks is None or weeks is None or abs(tasks - weeks) <= APART:
        return ""
    # Neither is surer than what is told: the next task may last longer than all that were finished.
    most = 1 - 1 / (found.n + 1)
    values = {"tasks": odds(min(tasks, most), found.n, language), "weeks": odds(min(weeks, most), found.n, language)}
    if found.basis is Basis.LEAD:
        return language.text(
            "Two methods differ. At the team's weekly pace: %(weeks)s (used here). From how long tasks took after they"
            " were created: %(tasks)s, because no start of work was recorded.",
            **values,
        )
    if weeks > tasks:
        return language.text(
            "By the pace of the whole team it would be %(weeks)s: this work waits for certain people or other tasks.",
            **values,
        )
    return language.text(
        "By the pace of the whole team it would be only %(weeks)s: lately fewer tasks were finished than these people"
        " can do.",
        **values,
    )


def chance(goal: GoalFigures, language: Language) -> str:
    """The chance to keep the date; empty without a forecast, without a date, and when the date has passed."""
    found = goal.forecast
    if found is None or found.p_on_time is None or (goal.days_left or 0) < 0:
        return ""
    said = odds(found.p_on_time, found.n, language)
    before = goal.earlier.p_on_time if goal.earlier is not None else None
    was = "" if before is None else odds(before, found.n, language)
    if was and was != said:
        return language.plural(
            "Chance of meeting the date: %(chance)s, %(was)s a week ago (from %(n)s finished task).",
            "Chance of meeting the date: %(chance)s, %(was)s a week ago (from %(n)s finished tasks).",
            found.n, chance=said, was=was,
        )  # fmt: skip
    return language.plural(
        "Chance of meeting the date: %(chance)s (from %(n)s finished task).",
        "Chance of meeting the date: %(chance)s (from %(n)s finished tasks).",
        found.n, chance=said,
    )  # fmt: skip


def short_chance(goal: GoalFigures, language: Language) -> str:
    """`chance to keep 28 Nov: about 1 in 20`; empty where `chance` is."""
    found = goal.forecast
    if found is None or found.p_on_time is None or goal.due is None or (goal.days_left or 0) < 0:
        return ""
    said = odds(found.p_on_time, found.n, language)
    return language.labelled(language.text("chance of meeting %(day)s", day=language.day(goal.due)), said)


def short_forecast(goal: GoalFigures, language: Language) -> str:
    """`about a 1 in 20 chance of being on time (about 1 in 4 a week ago), likely by 26 Apr`, or nothing."""
    found = goal.forecast
    if found is None:
        return ""
    day = language.near_day(found.q85, goal.due or found.q85)
    likely = (
        language.text("85%% by %(day)s", day=day) if found.n >= ENOUGH else language.text("likely by %(day)s", day=day)
    )
    if found.p_on_time is None or (goal.days_left or 0) < 0:
        return likely
    said = odds(found.p_on_time, found.n, language)
    before = None if goal.earlier is None else goal.earlier.p_on_time
    was = "" if before is None else odds(before, found.n, language)
    punctual = on_time(found.p_on_time, found.n, language)
    if was not in {"", said}:
        punctual = language.aside(punctual, language.text("%(was)s a week ago", was=was))
    return language.clauses(punctual, likely)


def drivers(goal: GoalFigures, language: Language) -> str:
    """The tasks that decide when the goal is reached."""
    found = goal.forecast
    if found is None or not found.drivers:
        return ""
    named = tuple(
        language.aside(
            driver.task.places[0].key if driver.task.places else driver.task.title, language.percent(driver.share)
        )
        for driver in found.drivers
    )
    return language.text("Most likely to finish last: %(tasks)s.", tasks=language.listing(named))


def edit(criterion: SmartCriterion, language: Language) -> str:
    """The one edit that raises a criterion from zero."""
    edits = {
        SmartCriterion.SPECIFIC: language.text("write what must be true at the end as a task list in its text"),
        SmartCriterion.MEASURABLE: language.text(
            "add acceptance criteria as a task list to its text, or a block “goal” with its number"
        ),
        SmartCriterion.ATTAINABLE: language.text("move its date or take tasks out"),
        SmartCriterion.RELEVANT: language.text("name the goal above it as its parent"),
        SmartCriterion.TIMED: language.text("give it a due date"),
    }
    return edits[criterion]


def helping_edit(goal: GoalFigures, language: Language) -> str:
    """`give it a due date (timed).`: the edit that helps a goal most, and the part of SMART it gives; else nothing."""
    criterion = goal.smart.helping
    if criterion is None or goal.outlook is Outlook.REACHED:
        return ""
    return language.ended(language.aside(edit(criterion, language), criterion_name(criterion, language)))


def criterion_name(criterion: SmartCriterion, language: Language) -> str:
    """The word of SMART."""
    names = {
        SmartCriterion.SPECIFIC: language.text("specific"),
        SmartCriterion.MEASURABLE: language.text("measurable"),
        SmartCriterion.ATTAINABLE: language.text("attainable"),
        SmartCriterion.RELEVANT: language.text("relevant"),
        SmartCriterion.TIMED: language.text("timed"),
    }
    return names[criterion]


def days_left(days: int, language: Language) -> str:
    """`10 days left`."""
    if days == 0:
        return language.text("it is due today")
    return language.plural("%(n)s day left", "%(n)s days left", days)


# --- revisions of a plan

MOST = 6
"""Reasons of a revision that are shown one by one."""


def reasons(
    revision: Revision, tasks: Mapping[str, Task], names: Mapping[str, str], language: Language
) -> tuple[str, ...]:
    """Why a plan became another one, a line a reason; of the first revision, with how much it began."""
    if revision.number == 1:
        return (f"first plan: {len(revision.plan.items)} task{'' if len(revision.plan.items) == 1 else 's'}",)
    all_reasons = [reason(change, tasks, names, language) for change in revision.changes]
    more = len(all_reasons) - MOST
    return (*all_reasons[:MOST], f"and {more} more") if more > 1 else tuple(all_reasons)


def reason(change: PlanChange, tasks: Mapping[str, Task], names: Mapping[str, str], language: Language) -> str:
    """One reason: what, and who did it where that is known."""
    task = tasks.get(change.task)
    what = key_of(task) if task is not None else ""
    old, new = (language.day_of_year(day) if day else "no date" for day in (change.old, change.new))
    said = {
        ChangeKind.TASK_ADDED: f"{what} added",
        ChangeKind.TASK_DROPPED: f"{what} dropped",
        ChangeKind.OWNERS: f"{what} in other hands",
        ChangeKind.DUE: f"{what} due {new} instead of {old}",
        ChangeKind.DEPENDENCY: f"{what} waits for one more task",
        ChangeKind.GOAL_DUE: f"goal due {new} instead of {old}",
    }[change.kind]
    return language.aside(said, "" if change.by is None else names.get(change.by, change.by))


def key_of(task: Task) -> str:
    """What people call a task; nothing of one that must not be named."""
    if task.restricted:
        return "a restricted task"
    return task.places[0].key if task.places else task.title
