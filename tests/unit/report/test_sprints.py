"""What was planned, added, done and left of a sprint, counted by hand; what is said of sprints that are told badly."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from syncer.contract.sprint import SprintState
from syncer.report import Reader, build_report
from syncer.report.evaluate import evaluate
from syncer.report.metrics.flow import TASKS_FINISHED
from syncer.report.metrics.sprints import (
    SPRINT_ADDED,
    SPRINT_CAPACITY,
    SPRINT_CARRIED,
    SPRINT_COMMITTED,
    SPRINT_DONE,
)
from syncer.report.model.collaboration import Collaboration, Task
from syncer.report.model.evaluation import Evaluation
from syncer.report.model.metric import Metric, MetricDefinition, Missing
from syncer.report.model.sprint import TeamSprint
from syncer.report.model.timeline import SprintChange, Standing, StandingChange
from syncer.report.model.window import Window
from tests.unit.report.test_metrics import PAIR, task

DOING, DONE, CANCELLED = Standing.DOING, Standing.DONE, Standing.CANCELLED
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
WEEK = Window(2026, 47, UTC)
"""16 to 22 November."""


def at(day: int, hour: int = 12, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


CLOSED = TeamSprint("S7", "Sprint 7", at(9, 10), at(20, 17), SprintState.CLOSED, at(20, 16, 30), "Refunds work")


def made(number: int, *sprints: tuple[datetime, str | None], to: tuple[Standing, datetime] | None = None,
         created: datetime | None = None, points: float | None = None) -> Task:  # fmt: skip
    """A task by its sprints, the first since it was made, and how it ended."""
    born = created or at(1)
    steps = (StandingChange(born, Standing.TODO), *(() if to is None else (StandingChange(to[1], to[0]),)))
    last = sprints[-1][1] if sprints else None
    moves = tuple(SprintChange(moment, sprint) for moment, sprint in sprints) if len(sprints) > 1 else ()
    return replace(
        task(number), created=born, transitions=steps, standing=steps[-1].standing, sprint=last, sprint_changes=moves,
        points=points,
    )  # fmt: skip


def sprint_seven() -> list[Task]:
    """Ten tasks of `CLOSED`: what became of each stands beside it."""
    start = at(1)
    into = (start, "S7")
    return [
        made(1, into, to=(DONE, at(12))),  # planned, done
        made(2, into, to=(DONE, at(20, 16))),  # planned, done on the last day
        made(3, (start, None), (at(9, 23), "S7"), to=(DONE, at(17))),  # planned on the first day, done
        made(4, into),  # planned, left in it
        made(5, into, (at(20, 16, 28), "S8")),  # planned, moved on as the sprint is closed
        made(6, into, (at(16), None)),  # planned, taken out
        made(7, into, to=(CANCELLED, at(18))),  # planned, given up
        made(8, (start, None), (at(10, 0, 1), "S7"), to=(DONE, at(19))),  # added a minute after the first day, done
        made(9, into, created=at(18)),  # added, left
        made(10, into, to=(DONE, at(8))),  # done before it began: no part of it
        made(11, (start, "S7"), (at(8), None)),  # taken out before it began: no part of it
        made(12, (start, None), (at(20, 18), "S7")),  # after its end
    ]


def week(tasks: list[Task], *sprints: TeamSprint, now: datetime = NOW, window: Window = WEEK) -> Evaluation:
    whole = Collaboration("Made up", (PAIR,), (), (), tuple(tasks), sprints=sprints)
    return evaluate(whole, window, now)


def told(name: MetricDefinition, tasks: list[Task], *sprints: TeamSprint, **parts: Window) -> Metric:
    return week(tasks, *sprints, **parts).metric(name)  # type: ignore[arg-type]


def figures(found: Evaluation) -> list[tuple[float | None, int]]:
    rows = (SPRINT_COMMITTED, SPRINT_ADDED, SPRINT_DONE, SPRINT_CARRIED)
    return [(found.metric(row).value, found.metric(row).n) for row in rows]


def test_a_sprint_that_ended_in_the_week_is_counted_as_it_was_at_its_end() -> None:
    found = week(sprint_seven(), CLOSED)
    assert figures(found) == [(7, 1), (2, 7), (4, 7), (3, 7)]
    assert [(one.name, one.value) for one in found.metric(SPRINT_ADDED).portions] == [("removed", 2)]
    assert [one.title for one in found.metric(SPRINT_CARRIED).evidence] == ["Task 4", "Task 5", "Task 9"]
    assert found.metric(SPRINT_COMMITTED).detail == ("Sprint 7",)
    assert found.metric(SPRINT_DONE).detail == ("Refunds work",)


def test_a_sprint_that_runs_is_counted_as_it_is_and_nothing_of_it_is_called_left() -> None:
    """On Sunday, 15 November: tasks 1 done; 2 to 8 open, and 6 and 7 still in it."""
    found = week(sprint_seven(), CLOSED, window=WEEK.earlier(1))
    assert figures(found) == [(7, 1), (1, 8), (1, 8), (None, 0)]
    assert found.metric(SPRINT_CARRIED).missing is Missing.NO_SPRINT


def test_on_its_first_day_everything_in_a_sprint_is_planned() -> None:
    now = at(9, 23, 30)
    found = week([one for one in sprint_seven() if one.created <= now], CLOSED, now=now, window=WEEK.earlier(1))
    assert figures(found)[:2] == [(7, 1), (0, 7)]


def test_a_sprint_that_runs_is_left_for_its_own_week_where_another_one_ended() -> None:
    following = TeamSprint("S8", "Sprint 8", at(20, 17), at(30), SprintState.ACTIVE)
    found = week(sprint_seven(), CLOSED, following)
    assert found.metric(SPRINT_COMMITTED).detail == ("Sprint 7",)
    later = week(sprint_seven(), CLOSED, following, now=at(25), window=Window(2026, 48, UTC))
    assert later.metric(SPRINT_COMMITTED).detail == ("Sprint 8",)
    assert figures(later)[:3] == [(1, 1), (0, 1), (0, 1)]


def test_an_iteration_of_whole_days_ends_with_its_last_one_in_the_zone_of_the_report() -> None:
    shanghai = ZoneInfo("Asia/Shanghai")
    sprint = TeamSprint("I", "Iteration 3", date(2026, 11, 9), date(2026, 11, 22))
    in_it = [made(1, (at(1), "I"), to=(DONE, at(22, 15))), made(2, (at(1), "I"), to=(DONE, at(22, 17)))]
    found = week(in_it, sprint, now=at(23), window=Window(2026, 47, shanghai))
    assert figures(found) == [(2, 1), (0, 2), (1, 2), (1, 2)]  # midnight there is 16:00 here


@pytest.mark.parametrize(
    "sprint",
    [
        replace(CLOSED, state=SprintState.FUTURE, completed=None),
        replace(CLOSED, state=None, end=None, completed=None),
        replace(CLOSED, start=at(23)),
        replace(CLOSED, id="another"),
    ],
    ids=["nobody started it", "nobody tells its end", "it begins later", "no task was in it"],
)
def test_of_a_sprint_that_is_not_told_nothing_is_said(sprint: TeamSprint) -> None:
    found = week(sprint_seven(), sprint)
    assert figures(found) == [(None, 0)] * 4
    assert "Planned for the sprint" not in build_report(found).text


def test_a_sprint_that_overran_its_end_runs_until_somebody_closes_it() -> None:
    found = week(sprint_seven(), replace(CLOSED, state=SprintState.ACTIVE, completed=None, end=at(13)))
    assert figures(found)[3] == (None, 0)
    assert figures(found)[2] == (4, 7)  # without task 5, which was moved, and with task 12, which came later


def test_points_stand_beside_the_counts_where_four_of_five_tasks_have_them() -> None:
    sized = [replace(one, points=float(number)) for number, one in enumerate(sprint_seven(), 1)]
    found = week(sized, CLOSED)
    points = {row.id: [one.value for one in found.metric(row).portions] for row in
              (SPRINT_COMMITTED, SPRINT_DONE, SPRINT_CARRIED)}  # fmt: skip
    assert points == {"sprint_committed": [28], "sprint_done": [14], "sprint_carried": [18]}
    assert [one.value for one in found.metric(TASKS_FINISHED).portions] == [2 + 3 + 8]
    few = [replace(one, points=None) if number % 3 == 0 else one for number, one in enumerate(sized)]
    assert week(few, CLOSED).metric(SPRINT_COMMITTED).portions == ()


def sprint_of(number: int, start: datetime, done: int) -> tuple[TeamSprint, list[Task]]:
    """A sprint of five days in which so many tasks of two points were done, and one was not."""
    name, born, end = f"E{number}", at(1, month=6), start + timedelta(days=5)
    finished = (DONE, end - timedelta(hours=9))
    tasks = [
        made(100 * number + each, (born, name), to=finished if each < done else None, created=born, points=2.0)
        for each in range(done + 1)
    ]
    return TeamSprint(name, name, start, end, SprintState.CLOSED, end), tasks


def earlier(*done: int) -> tuple[list[TeamSprint], list[Task]]:
    """So many tasks done in the sprints before `CLOSED`, the last one just before it."""
    found = [
        sprint_of(number, at(9) - timedelta(days=7 * (len(done) - number)), many) for number, many in enumerate(done)
    ]
    return [sprint for sprint, _ in found], [one for _, tasks in found for one in tasks]


def test_what_is_usual_for_a_sprint_is_the_median_of_six_with_its_interval() -> None:
    sprints, tasks = earlier(3, 9, 5, 4, 8, 6)
    found = told(SPRINT_CAPACITY, [*sprint_seven(), *tasks], *sprints, CLOSED)
    assert (found.value, found.n) == (5, 6)
    assert found.interval is not None
    assert (found.interval.low, found.interval.high) == (3, 9)
    assert [one.value for one in found.portions] == [10]


def test_of_five_sprints_nothing_is_called_usual() -> None:
    sprints, tasks = earlier(3, 9, 5, 4, 8)
    found = told(SPRINT_CAPACITY, [*sprint_seven(), *tasks], *sprints, CLOSED)
    assert (found.value, found.n) == (None, 5)


def test_sprints_side_by_side_have_no_usual_in_common() -> None:
    sprints, tasks = earlier(3, 9, 5, 4, 8, 6)
    beside = [replace(one, id=f"{one.id}b", start=one.start + timedelta(days=2)) for one in sprints]
    others = [replace(one, id=f"{one.id}b", sprint=f"{one.sprint}b") for one in tasks]
    several = sorted([*sprints, *beside], key=lambda one: one.began(UTC))
    assert told(SPRINT_CAPACITY, [*sprint_seven(), *tasks, *others], *several, CLOSED).value is None


def test_a_client_is_told_neither_of_sprints_nor_of_points() -> None:
    sized = [replace(one, points=3.0) for one in sprint_seven()]
    text = build_report(week(sized, CLOSED), audience=Reader.CLIENT).text
    assert "sprint" not in text.casefold()
    assert "points" not in text


def test_a_sprint_that_only_restricted_tasks_are_in_is_counted_and_not_named() -> None:
    hidden = [replace(one, restricted=True) for one in sprint_seven()]
    found = week(hidden, replace(CLOSED, restricted=True))
    assert figures(found)[0] == (7, 1)
    report = build_report(found)
    assert "Sprint 7" not in report.text + report.html + report.json
    assert "Refunds work" not in report.text + report.html + report.json
