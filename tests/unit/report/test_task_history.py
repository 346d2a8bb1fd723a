"""What the history of a real store tells of a task, and that a past week stays what it was."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from syncer.contract.model import Account, Field, Kind, Observed, Ref, Side
from syncer.core.records import RunRecord
from syncer.report.evaluate import evaluate
from syncer.report.gather.collect import collect
from syncer.report.gather.status_words import is_waiting
from syncer.report.metrics.communication import STALE_OPEN
from syncer.report.metrics.resources import UNOWNED_OPEN
from syncer.report.model.evaluation import Evaluation
from syncer.report.model.metric import Missing
from syncer.report.model.window import Window
from syncer.store import Store
from tests.unit.report.test_collect import DOING, DONE, LEFT, NOW, OPEN, PAIR, RIGHT, RULES, WEEK, World, at, item

LAST_WEEK = WEEK.earlier(1)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with Store.open(tmp_path / "state", clock=lambda: NOW) as store, store.lease(PAIR, "run") as lease:
        yield World(store, lease)


def shown(number: int, day: int, **fields: object) -> Observed:
    """The item as it is after somebody changed it on a day."""
    return item(number, updated=at(day), fields={Field[name.upper()]: value for name, value in fields.items()})


def test_owners_and_due_days_are_those_of_the_moment(world: World) -> None:
    world.show(LEFT, shown(1, 2, assignees=("lin.mei",), due=date(2026, 11, 12)))
    world.show(LEFT, shown(1, 10, assignees=("tom",), due=date(2026, 11, 12)))
    world.show(LEFT, shown(1, 18, assignees=(), due=date(2026, 11, 30)))
    task = world.task()
    names = {person.id: person.name for person in world.collect().people}
    assert [[names[owner] for owner in task.owners_at(at(day))] for day in (5, 12, 19)] == [["Lin Mei"], ["tom"], []]
    assert [task.due_at(at(day)) for day in (5, 19)] == [date(2026, 11, 12), date(2026, 11, 30)]
    assert task.baseline_due == date(2026, 11, 12)


def test_what_we_wrote_is_nobodys_doing(world: World) -> None:
    world.show(LEFT, shown(1, 2, assignees=("lin.mei",), labels=()))
    world.show(LEFT, shown(1, 10, assignees=("tom",), labels=("blocked: external",), due=date(2026, 12, 1)),
               operation="our-write")  # fmt: skip
    task = world.task()
    assert (task.assignments, task.due_changes, task.activity) == ((), (), ())


def test_a_blocking_label_has_a_beginning_an_end_and_a_kind(world: World) -> None:
    world.show(LEFT, shown(1, 2, labels=()))
    world.show(LEFT, shown(1, 9, labels=("blocked:decision",)))
    world.show(LEFT, shown(1, 13, labels=()))
    world.show(LEFT, shown(1, 17, labels=("Blocked",)))
    found = [(one.start, one.end, one.kind) for one in world.task().blockages]
    assert found == [(at(9), at(13), "decision"), (at(17), None, None)]


def test_statuses_are_kept_by_name_and_review_is_one_in_which_work_waits(world: World) -> None:
    world.show(LEFT, shown(1, 2, status=OPEN))
    world.show(LEFT, shown(1, 9, status=DOING))
    world.show(LEFT, shown(1, 11, status=replace(DOING, name="In Review")))
    assert [visit.name for visit in world.task().visits] == ["To Do", "In Progress", "In Review"]
    assert world.collect().waiting == {"in review"}


@pytest.mark.parametrize(
    ("name", "waits"), [("In Review", True), ("等待客户", True), ("Waiting for bank", True), ("In Progress", False)]
)
def test_names_of_statuses_tell_where_work_waits(name: str, waits: bool) -> None:
    assert is_waiting(name) is waits


def test_a_copied_comment_is_no_answer(world: World) -> None:
    """The copy of a remark on the other side is ours, whatever account wrote it."""
    world.show(LEFT, item(1, created=at(10)))
    world.show(RIGHT, item(71, created=at(10)), operation="our-create")
    world.link(1, 71)
    remark = item(9, kind=Kind.COMMENT, created=at(11), parent=Ref(Kind.TASK, "1"), author=Account("lin.mei"),
                  fields={Field.BODY: "Is it ready?"})  # fmt: skip
    world.show(LEFT, remark)
    world.show(RIGHT, replace(remark, ref=Ref(Kind.COMMENT, "79"), parent=Ref(Kind.TASK, "71")), operation="our-copy")
    world.link(9, 79, kind=Kind.COMMENT)
    (comment,) = world.collect().comments
    assert comment.asks
    assert comment.at == at(11)


def evaluated(world: World, window: Window) -> Evaluation:
    collaboration = collect(world.store, [RULES], window=window, now=NOW)
    return evaluate(collaboration, window, NOW)


def test_a_past_week_gives_the_same_figures_and_advice_after_everything_was_edited(world: World) -> None:
    """Status, owner, due date, labels and comments of this week leave no trace in last week's evaluation."""
    world.store.pairs.start_run(world.lease, at(1))
    world.store.pairs.finish_run(world.lease, RunRecord("run", PAIR, at(1), at(1), "clean", {}))
    goal = item(50, fields={Field.TITLE: "Launch", Field.TYPE: "Epic", Field.DUE: date(2026, 11, 25)})
    tasks = [
        shown(number, 2 + number % 5, assignees=() if number % 3 else ("tom",), due=date(2026, 11, 12),
              status=DONE if number < 11 else OPEN, parent="50")
        for number in range(20)
    ]  # fmt: skip
    world.show(LEFT, goal, *tasks)
    before = evaluated(world, LAST_WEEK)
    world.show(LEFT, *(
        replace(one, updated=at(18), showing={**one.showing, Field.STATUS: OPEN if number < 4 else DONE,
                                              Field.ASSIGNEES: ("lin.mei",), Field.DUE: date(2026, 12, 24),
                                              Field.LABELS: ("blocked: external",)})
        for number, one in enumerate(tasks)
    ))  # fmt: skip
    world.show(LEFT, item(99, created=at(19), fields={Field.ASSIGNEES: ()}))
    world.show(LEFT, item(98, kind=Kind.COMMENT, created=at(19), parent=tasks[15].ref, author=Account("tom")))
    after = evaluated(world, LAST_WEEK)
    assert before.advice
    assert before.metric(UNOWNED_OPEN).value == 6
    assert told(after) == told(before)
    assert evaluated(world, WEEK).metric(UNOWNED_OPEN).value == 1


def told(evaluation: Evaluation) -> dict[str, object]:
    """Everything that is told of the tasks, without names and places, which are those of today."""
    figures = {metric.id: (metric.value, metric.n, metric.interval) for metric in evaluation.metrics}
    return {
        **figures,
        "goals": [(goal.outlook, goal.done, goal.scope, goal.forecast, goal.smart) for goal in evaluation.goals],
        "advice": [(one.id, one.count, one.owners, one.weeks_open) for one in evaluation.advice],
        "follow_up": [(one.advice.id, one.taken, one.before, one.now) for one in evaluation.follow_up],
    }


def test_the_first_week_has_too_little_to_judge(world: World) -> None:
    world.show(LEFT, item(1))
    found = evaluated(world, WEEK)
    assert found.metric(STALE_OPEN).missing is Missing.TOO_FEW
    assert found.follow_up == ()
    assert found.as_of <= NOW + timedelta(0)
    assert Side.LEFT in {place.side for task in world.collect().tasks for place in task.places}
