"""The lists of tasks: which there are, and what is said of each task in them."""

from __future__ import annotations

from dataclasses import dataclass

from syncer.report.metrics.flow import TASKS_CREATED, TASKS_FINISHED
from syncer.report.metrics.goals import OVERDUE_OPEN
from syncer.report.metrics.resources import UNOWNED_OPEN
from syncer.report.metrics.smoothness import BLOCKED_OPEN
from syncer.report.model.collaboration import Place, Reader
from syncer.report.model.evaluation import Evaluation, PersonDesk
from syncer.report.model.goal import TaskLine
from syncer.report.model.metric import MetricDefinition, Unit
from syncer.report.model.points import in_points, whole_number
from syncer.report.model.timeline import Standing
from syncer.report.render.language import Language
from syncer.report.render.phrases import tasks as task_phrases
from syncer.report.render.phrases.metrics import amount

MOST_ROWS = 200
"""Rows of a list that a person is shown; JSON and CSV hold them all."""


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task in words."""

    title: str
    places: tuple[Place, ...]
    details: tuple[str, ...]
    """What every format shows beside it, empty where nothing is said: its owners, and what matters in this list."""


@dataclass(frozen=True, slots=True)
class TaskList:
    """A titled list of tasks."""

    id: str
    heading: str
    rows: tuple[TaskRow, ...]
    total: int
    """All tasks it is about, also those that are not named."""
    empty: str
    more: str
    """What is said below it: of the tasks that are counted but not named, and of lists with nothing in them."""


def desk_lists(desk: PersonDesk, language: Language) -> tuple[TaskList, ...]:
    """What one person has before them: their tasks, then what there is besides; below it, what there is not."""
    t = language.text
    sources = (
        ("my-tasks", t("My tasks"), desk.tasks, t("You have no open task.")),
        ("my-questions", t("Questions for me"), desk.questions, t("No questions are waiting for you.")),
        ("my-asked", t("My questions without an answer"), desk.asked, t("All your questions are answered.")),
        ("my-clears", t("Waiting for me"), desk.clears, t("Nobody is waiting for you.")),
    )
    shown = [source for source in sources if source[2] or source is sources[0]]
    nothing = language.sentences(*(empty for *_, lines, empty in sources[1:] if not lines))
    return tuple(
        TaskList(
            name, heading, tuple(_own(line, name, language) for line in lines[:MOST_OWN]), len(lines), empty,
            language.sentences(_left_out(len(lines) - MOST_OWN, language), nothing if name == shown[-1][0] else ""),
        )
        for name, heading, lines, empty in shown
    )  # fmt: skip


MOST_OWN = 20
"""Tasks of one person in a list; the tracker has them all."""


def _own(line: TaskLine, name: str, language: Language) -> TaskRow:
    """A task on somebody's desk; of their own nobody needs to say whose it is."""
    standing = task_phrases.standing(line.standing, language)
    if line.days_late:
        note = language.clauses(standing, task_phrases.lateness(line, language))
    elif line.due is not None:
        note = language.text("%(standing)s, due %(day)s", standing=standing, day=language.day(line.due))
    else:
        note = standing
    owners = "" if name == "my-tasks" else language.listing(line.owners or ())
    return TaskRow(line.title, line.places, (owners, language.clauses(note, task_phrases.impediments(line, language))))


def _left_out(more: int, language: Language) -> str:
    return language.plural("and %(n)s more", "and %(n)s more", more) if more > 0 else ""


def task_lists(evaluation: Evaluation, language: Language, reader: Reader = Reader.MANAGER) -> tuple[TaskList, ...]:
    """The lists of tasks; a metric that is not shown to this reader takes its list with it."""
    shown = {metric.definition: metric.count for metric in evaluation.metrics}
    sources = (
        (OVERDUE_OPEN, evaluation.overdue, language.text("Overdue"), language.text("Nothing is overdue.")),
        (BLOCKED_OPEN, evaluation.blocked, language.text("Blocked"), language.text("Nothing is blocked.")),
        (
            UNOWNED_OPEN,
            evaluation.unowned,
            language.text("Without an owner"),
            language.text("Every open task has an owner."),
        ),
        (
            TASKS_FINISHED,
            evaluation.finished,
            language.text("Delivered this week") if reader is Reader.CLIENT else language.text("Finished this week"),
            language.text("Nothing was finished this week."),
        ),
        (
            TASKS_CREATED,
            evaluation.created,
            language.text("New this week"),
            language.text("No task was added this week."),
        ),
    )
    lists = []
    for metric, lines, heading, empty in sources:
        total = shown.get(metric, 0)
        if metric not in shown or (total > 0 and not lines and evaluation.withheld == 0):
            continue
        sized = metric in {TASKS_FINISHED, TASKS_CREATED} and in_points(lines)
        rows = tuple(_task(line, metric, language, sized=sized) for line in lines[:MOST_ROWS])
        lists.append(TaskList(metric.id, heading, rows, total, empty, _unlisted(total, len(lines), language)))
    return tuple(lists)


def _unlisted(total: int, named: int, language: Language) -> str:
    """What is said of the tasks that a list counts and does not show."""
    cut = max(0, named - MOST_ROWS)
    longer = language.plural("%(n)s more is in the CSV file.", "%(n)s more are in the CSV file.", cut)
    hidden = total - named
    restricted = language.plural("%(n)s restricted task is not named.", "%(n)s restricted tasks are not named.", hidden)
    return language.sentences(longer if cut else "", restricted if hidden else "")


def _task(line: TaskLine, metric: MetricDefinition, language: Language, *, sized: bool) -> TaskRow:
    owners = "" if line.owners is None else language.listing(line.owners) or language.text("unassigned")
    if metric is OVERDUE_OPEN:
        note = task_phrases.lateness(line, language)
    elif metric is BLOCKED_OPEN:
        note = task_phrases.impediments(line, language)
    elif metric is TASKS_FINISHED:
        note = "" if line.finished is None else language.day(line.finished.date())
    else:
        note = task_phrases.standing(line.standing, language)
        if line.due is not None and line.standing is not Standing.DONE:
            note = language.text("%(standing)s, due %(day)s", standing=note, day=language.day(line.due))
    if sized and line.points is not None:
        points = amount(whole_number(line.points), Unit.POINTS, language)
        note = language.clauses(note, language.labelled(language.text("points"), points))
    return TaskRow(line.title, line.places, (owners, note))
