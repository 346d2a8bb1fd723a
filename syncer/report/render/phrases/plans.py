"""What is said of the revisions of a plan, for the terminal."""

from __future__ import annotations

from collections.abc import Mapping

from syncer.report.model.collaboration import Task
from syncer.report.model.plan import ChangeKind, PlanChange, Revision
from syncer.report.render.language import Language

MOST = 6
"""Reasons of a revision that are told one by one."""


def reasons(
    revision: Revision, tasks: Mapping[str, Task], names: Mapping[str, str], language: Language
) -> tuple[str, ...]:
    """Why a plan became another one, a line a reason; of the first revision, with how much it began."""
    if revision.number == 1:
        return (f"first plan: {len(revision.plan.items)} task{'' if len(revision.plan.items) == 1 else 's'}",)
    told = [reason(change, tasks, names, language) for change in revision.changes]
    more = len(told) - MOST
    return (*told[:MOST], f"and {more} more") if more > 1 else tuple(told)


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
