"""What was in the way of a task, from when to when, by which kind, and who can clear it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncer.contract.model import Audience, Facts, Field
from syncer.report.evaluate import evaluate
from syncer.report.gather.task_history import held_up, with_impediments
from syncer.report.metrics.smoothness import BLOCKED_DAYS
from syncer.report.model.collaboration import Collaboration, Goal, GoalKind, Task
from syncer.report.model.snapshot import impediments_at
from syncer.report.model.timeline import Blockage, Cause, Standing
from syncer.report.render.language import language
from syncer.report.render.phrases.metrics import metric_note
from syncer.store import Store
from tests.unit.report.test_collect import DOING, DONE, LEFT, NOW, OPEN, PAIR, WEEK, World, at, item
from tests.unit.report.test_metrics import NOW as MADE_UP_NOW
from tests.unit.report.test_metrics import PAIR as MADE_UP_PAIR
from tests.unit.report.test_metrics import ago, task, told


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with Store.open(tmp_path / "state", clock=lambda: NOW) as store, store.lease(PAIR, "run") as lease:
        yield World(store, lease)


def spans(found: Task) -> list[tuple[object, ...]]:
    return [(one.cause, one.kind, one.start, one.end) for one in found.blockages]


def test_a_flag_goes_up_and_down(world: World) -> None:
    for day, flagged in ((2, False), (9, True), (13, False), (16, True)):
        world.show(LEFT, item(1, updated=at(day), facts=Facts(flagged=flagged)))
    assert spans(world.task()) == [(Cause.FLAG, None, at(9), at(13)), (Cause.FLAG, None, at(16), None)]
    (now,) = world.task().impediments
    assert (now.cause, now.since) == (Cause.FLAG, at(16))


def test_a_flag_that_was_up_at_the_first_reading_is_of_any_age(world: World) -> None:
    world.show(LEFT, item(1, facts=Facts(flagged=True)))
    (now,) = world.task().impediments
    assert (now.cause, now.since) == (Cause.FLAG, None)


def test_a_status_in_which_work_waits_impedes_and_says_its_kind(world: World) -> None:
    steps = ((2, "To Do"), (5, "In Progress"), (9, "Waiting for customer"), (11, "In Review"), (12, "On hold"))
    for day, name in steps:
        status = OPEN if name == "To Do" else replace(DOING, name=name)
        world.show(LEFT, item(1, updated=at(day), fields={Field.STATUS: status}))
    assert spans(world.task()) == [
        (Cause.STATUS, "external", at(9), at(11)),
        (Cause.STATUS, None, at(12), None),
    ]


def test_a_task_waits_from_the_link_to_the_finish_of_the_other(world: World) -> None:
    waits = {Field.BLOCKED_BY: ("2",)}
    world.show(LEFT, item(1, updated=at(2), fields={Field.BLOCKED_BY: ()}), item(2, updated=at(2), key="PAY-2"))
    world.show(LEFT, item(1, updated=at(5), fields=waits))
    world.show(LEFT, item(2, updated=at(9), fields={Field.STATUS: DONE}, facts=Facts(closed=at(9))))
    world.show(LEFT, item(2, updated=at(12), fields={Field.STATUS: OPEN}))
    found = next(one for one in world.collect().tasks if one.title == "Task 1")
    assert spans(found) == [(Cause.DEPENDENCY, None, at(5), at(9)), (Cause.DEPENDENCY, None, at(12), None)]
    assert [(one.blockers, one.since) for one in found.impediments] == [(("PAY-2",), at(12))]
    assert impediments_at(found, at(10)) == ()


def test_a_restricted_blocker_is_in_the_way_and_has_no_name(world: World) -> None:
    hidden = item(2, key="PAY-2", audience=Audience.RESTRICTED)
    world.show(LEFT, item(1, fields={Field.BLOCKED_BY: ("2",)}), hidden)
    found = next(one for one in world.collect().tasks if one.title == "Task 1")
    assert [(one.cause, one.blockers) for one in found.impediments] == [(Cause.DEPENDENCY, ())]


def test_who_has_the_other_task_can_clear_the_way() -> None:
    blocker = task(2, owners=("ann",))
    waits = held_up(task(1, (5, Standing.DOING), owners=("bob",), goals=("g",)), [(blocker, (ago(4), None))])
    decision = with_impediments(replace(task(3, owners=("bob",), goals=("g",)),
                                        blockages=(Blockage(ago(2), None, "decision"),)))  # fmt: skip
    goal = Goal("g", "pair", GoalKind.EPIC, "Goal", (), ("eve",))
    whole = Collaboration("One", (MADE_UP_PAIR,), (), (goal,), (waits, blocker, decision))
    found = evaluate(whole, WEEK, MADE_UP_NOW)
    assert [[one.clearers for one in line.impediments] for line in found.blocked] == [[("ann",)], [("eve",)]]
    advice = next(one for one in found.advice if one.rule == "unblock")
    assert advice.owners == ("ann",)  # the decision waits for two days only


def test_blocked_days_by_kind_and_only_of_what_was_begun() -> None:
    """The week began 4.5 days ago. Two at once count once in the sum and in both kinds."""
    blocker = task(9)
    both = task(1, blockages=(Blockage(ago(3), ago(1), "external"), Blockage(ago(2), ago(1), None, Cause.FLAG)))
    begun = held_up(task(2, (1, Standing.DOING)), [(blocker, (ago(20), None))])
    waiting = held_up(task(3), [(blocker, (ago(20), None))])
    found = told(BLOCKED_DAYS, both, begun, waiting, blocker)
    assert (found.value, found.n) == (pytest.approx(2 + 1), 2)
    portions = {one.name: (one.value, one.n) for one in found.portions}
    assert portions == {"external": (pytest.approx(2), 1), "flag": (pytest.approx(1), 1),
                        "dependency": (pytest.approx(1), 1)}  # fmt: skip
    assert "by flag 1.0, a day with several causes counts once" in metric_note(found, language("en"))
    assert "counts once" not in metric_note(told(BLOCKED_DAYS, begun, waiting, blocker), language("en"))


@given(
    st.lists(st.tuples(st.floats(0, 60), st.floats(0, 60)), max_size=6),
    st.lists(st.floats(0.5, 59.5), max_size=5, unique=True),
)
def test_a_dependency_holds_exactly_when_the_link_is_there_and_the_other_is_open(
    links: list[tuple[float, float]], moves: list[float]
) -> None:
    """Against asking at every half day."""
    standings = [(days, (Standing.DONE, Standing.TODO)[position % 2])
                 for position, days in enumerate(sorted(moves, reverse=True))]  # fmt: skip
    blocker = task(2, *standings)
    spans = [(ago(max(pair)), ago(min(pair))) for pair in links if pair[0] != pair[1]]
    found = held_up(task(1), [(blocker, span) for span in spans])
    for half in range(121):
        moment = ago(60) + timedelta(days=half / 2, seconds=1)
        standing = blocker.standing_at(moment)
        linked = any(start <= moment and end > moment for start, end in spans)
        assert bool(impediments_at(found, moment)) == (linked and standing is not None and standing.open)
