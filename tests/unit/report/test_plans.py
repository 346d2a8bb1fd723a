"""Plans over time: what each revision holds and why; how steady and complete plans are, against weeks by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncer.report.editions import shown_to
from syncer.report.evaluate import evaluate
from syncer.report.metrics.feasibility import PLAN_COMPLETE, PLAN_STABILITY
from syncer.report.model.collaboration import Collaboration, Goal, GoalKind, Reader, Task
from syncer.report.model.plan import ChangeKind, changes_between, ever_part_of, plan_at, revisions
from syncer.report.model.timeline import Assignment, Blockage, Cause, DueChange, Membership, Standing, StandingChange
from syncer.report.model.window import Window
from tests.unit.report.sample import jira, task

START = datetime(2026, 11, 2, 9, tzinfo=UTC)
NOW = datetime(2026, 11, 20, 16, tzinfo=UTC)
WINDOW = Window(2026, 47, UTC)


def day(number: int) -> datetime:
    return datetime(2026, 11, number, 12, tzinfo=UTC)


def planned(number: int, **changes: object) -> Task:
    """A task of the goal `launch`, made on the second."""
    return replace(task(number, f"Task {number}", created=START, goals=("launch",)), **changes)  # type: ignore[arg-type]


GOAL = Goal("launch", "payments", GoalKind.EPIC, "Launch", (jira(20),), due=date(2026, 12, 4))


def told(goal: Goal, *tasks: Task) -> list[tuple[int, list[tuple[ChangeKind, str, str | None]]]]:
    return [
        (one.day.day, [(change.kind, change.task.rpartition("/")[2], change.by) for change in one.changes])
        for one in revisions(goal, tasks, NOW, UTC)
    ]


def test_each_day_on_which_it_was_changed_is_a_revision_with_its_reasons() -> None:
    first, second, third = (planned(number) for number in (1, 2, 3))
    moved = DueChange(day(10), date(2026, 12, 1), "mia")
    first = replace(first, due=moved.due, due_changes=(DueChange(START, date(2026, 11, 20)), moved))
    second = replace(
        second,
        assignments=(Assignment(START, ()), Assignment(day(10), ("mia",), "li"), Assignment(day(12), ("li",), "li")),
    )
    third = replace(third, memberships=(Membership(START, ()), Membership(day(11), ("launch",), "mia")))
    goal = replace(GOAL, due_changes=(DueChange(START, date(2026, 11, 27)), DueChange(day(12), GOAL.due, "mia")))
    assert told(goal, first, second, third) == [
        (2, [(ChangeKind.TASK_ADDED, "1", None), (ChangeKind.TASK_ADDED, "2", None)]),
        (10, [(ChangeKind.DUE, "1", "mia"), (ChangeKind.OWNERS, "2", "li")]),
        (11, [(ChangeKind.TASK_ADDED, "3", "mia")]),
        (12, [(ChangeKind.GOAL_DUE, "", "mia"), (ChangeKind.OWNERS, "2", "li")]),
    ]


def test_a_task_that_was_refused_or_taken_out_is_dropped_and_a_finished_one_is_not() -> None:
    refused = planned(1, standing=Standing.CANCELLED, transitions=(
        StandingChange(START, Standing.TODO), StandingChange(day(10), Standing.CANCELLED)))  # fmt: skip
    out = planned(2, goals=(), memberships=(Membership(START, ("launch",)), Membership(day(11), (), "li")))
    finish = (StandingChange(START, Standing.TODO), StandingChange(day(9), Standing.DONE))
    given_on = (Assignment(START, ()), Assignment(day(12), ("mia",)))
    done = planned(3, standing=Standing.DONE, transitions=finish, assignments=given_on)
    assert told(GOAL, refused, out, done)[1:] == [
        (10, [(ChangeKind.TASK_DROPPED, "1", None)]),
        (11, [(ChangeKind.TASK_DROPPED, "2", "li")]),
    ]


def test_waiting_for_one_more_is_a_change_and_the_end_of_waiting_is_none() -> None:
    waits = planned(1, blockages=(Blockage(day(10), day(12), cause=Cause.DEPENDENCY, blocker="x"),))
    assert told(GOAL, waits, planned(2))[1:] == [(10, [(ChangeKind.DEPENDENCY, "1", None)])]


def test_a_date_moved_forty_times_in_a_day_is_one_revision() -> None:
    steps = [DueChange(START, date(2026, 11, 27))]
    steps += [DueChange(day(10) + timedelta(minutes=n), date(2026, 12, 1 + n % 20)) for n in range(40)]
    goal = replace(GOAL, due=steps[-1].due, due_changes=tuple(steps))
    [_, only] = revisions(goal, [planned(1)], NOW, UTC)
    [change] = only.changes
    assert (change.kind, change.old, change.new) == (ChangeKind.GOAL_DUE, date(2026, 11, 27), steps[-1].due)


def test_there_is_no_revision_before_the_first_task() -> None:
    assert revisions(GOAL, [], NOW, UTC) == ()


MOMENTS = st.datetimes(datetime(2026, 11, 3), datetime(2026, 11, 19)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001
DUES = st.none() | st.dates(date(2026, 11, 1), date(2026, 12, 31))


@given(st.lists(st.tuples(MOMENTS, DUES), max_size=6), st.lists(st.tuples(MOMENTS, st.booleans()), max_size=6))
def test_the_last_revision_is_the_plan_of_now_and_replaying_the_reasons_explains_it(
    dues: list[tuple[datetime, date | None]], parts: list[tuple[datetime, bool]]
) -> None:
    due_changes = tuple(DueChange(at, due) for at, due in sorted(dues, key=lambda one: one[0]))
    steps = tuple(Membership(at, ("launch",) if inside else ()) for at, inside in sorted(parts, key=lambda one: one[0]))
    moving = planned(
        1,
        due=due_changes[-1].due if due_changes else None,
        due_changes=(DueChange(START, None), *due_changes) if due_changes else (),
        goals=steps[-1].goals if steps else ("launch",),
        memberships=(Membership(START, ("launch",)), *steps) if steps else (),
    )
    tasks = [moving, planned(2)]
    found = revisions(GOAL, tasks, NOW, UTC)
    assert found[-1].plan == plan_at(GOAL, tasks, NOW)
    held = set()
    for one in found:
        held |= {change.task for change in one.changes if change.kind is ChangeKind.TASK_ADDED}
        held -= {change.task for change in one.changes if change.kind is ChangeKind.TASK_DROPPED}
        assert held == set(one.plan.items)
    assert not list(changes_between(GOAL, tasks, found[-1].plan, found[-1].plan, NOW))


def test_stability_and_completeness_by_hand() -> None:
    """Twelve tasks: one due date and one owner changed, one came, one went in the last seven days; 8 of 12 stayed.

    Of the eleven open ones all have an owner and two have no due date.
    """
    week_ago = day(15)
    steady = [planned(number, owners=("mia",), due=date(2026, 12, 1)) for number in range(8)]
    changed = [
        planned(
            20, due=date(2026, 12, 3), due_changes=(DueChange(START, None), DueChange(week_ago, date(2026, 12, 3)))
        ),
        planned(21, owners=("li",), assignments=(Assignment(START, ()), Assignment(week_ago, ("li",)))),
        planned(22, created=week_ago),
        planned(23, goals=(), memberships=(Membership(START, ("launch",)), Membership(week_ago, ()))),
    ]
    done = planned(24, standing=Standing.DONE, transitions=(
        StandingChange(START, Standing.TODO), StandingChange(day(4), Standing.DONE)))  # fmt: skip
    whole = Collaboration("Payments", (), (), (GOAL,), (*steady, *changed, done))
    week = evaluate(whole, WINDOW, NOW)
    stability, complete = week.metric(PLAN_STABILITY), week.metric(PLAN_COMPLETE)
    assert (stability.value, stability.n) == (pytest.approx(8 / 12), 12)
    assert len(stability.evidence) == 4
    assert (complete.value, complete.n) == (pytest.approx(9 / 11), 11)
    sized = replace(whole, tasks=tuple(replace(one, points=2.0) if one is steady[0] else one for one in whole.tasks))
    assert evaluate(sized, WINDOW, NOW).metric(PLAN_COMPLETE).value == pytest.approx(1 / 11)


def test_the_report_tells_what_was_replanned_this_week_and_a_client_only_the_date() -> None:
    moved = replace(GOAL, due_changes=(DueChange(START, date(2026, 11, 27)), DueChange(day(18), GOAL.due, "mia")))
    late = planned(2, created=day(17))
    secret = planned(3, created=day(17), restricted=True)
    whole = Collaboration("Payments", (), (), (moved,), (planned(1), late, secret))
    week = evaluate(whole, WINDOW, NOW)
    kinds = [(change.kind, change.task) for change in week.goals[0].replanned]
    assert kinds == [(ChangeKind.GOAL_DUE, ""), (ChangeKind.TASK_ADDED, late.id)]
    [shown] = shown_to(week, Reader.CLIENT).goals[0].replanned
    assert (shown.kind, shown.by) == (ChangeKind.GOAL_DUE, None)
    assert week.metric(PLAN_STABILITY).n == 3


def test_who_left_a_goal_is_still_among_those_that_were_part_of_it() -> None:
    out = planned(2, goals=(), memberships=(Membership(START, ("launch", "other")), Membership(day(11), ())))
    assert {goal: [one.id for one in found] for goal, found in ever_part_of([planned(1), out]).items()} == {
        "launch": [planned(1).id, out.id],
        "other": [out.id],
    }
