"""What people have in hand against what they can take on: each figure against a table worked out by hand."""

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from syncer.contract.model import Side
from syncer.core.responsibility import Days, Declarations, Party, Profile
from syncer.report import Reader, build_report
from syncer.report.evaluate import evaluate
from syncer.report.metrics.resources import (
    ABSENCE_FACTOR,
    LOAD_GINI,
    LOAD_RATIO,
    OVERLOADED,
    SINGLE_POINT,
    UNOWNED_OPEN,
    WIP_PER_PERSON,
)
from syncer.report.model.collaboration import Collaboration, Goal, GoalKind, Person, Place, Task
from syncer.report.model.evaluation import Evaluation
from syncer.report.model.metric import Metric, MetricDefinition, Missing
from syncer.report.model.timeline import Assignment, Standing
from syncer.report.statistics import gini
from tests.unit.report.test_metrics import NOW, PAIR, WEEK, ago, task, worked

FIGURES = (
    LOAD_RATIO, OVERLOADED, WIP_PER_PERSON, SINGLE_POINT, LOAD_GINI,
    ABSENCE_FACTOR, UNOWNED_OPEN,
)  # fmt: skip


def week(*tasks: Task, people: tuple[Profile, ...] = (), goals: tuple[Goal, ...] = (), **parts: Any) -> Evaluation:
    declared = Declarations(people, (), "r.toml")
    persons = (Person("bot", "bot", bot=True),)
    whole = Collaboration("Made up", (PAIR,), persons, goals, tasks, declared=declared, **parts)
    return evaluate(whole, WEEK, NOW)


def figure(name: MetricDefinition, *tasks: Task, **parts: Any) -> Metric:
    return week(*tasks, **parts).metric(name)


def busy(number: int, who: str, since: float = 20, **changes: Any) -> Task:
    return task(number, (since, Standing.DOING), owners=(who,), **changes)


def limit(who: str, tasks: float, **changes: Any) -> Profile:
    return Profile(who, wip_limit=tasks, **changes)


# --- load


def test_load_is_what_is_in_progress_of_what_people_can_take_on() -> None:
    """a: 3 of 2; b: 1 of 4; c: 1 without a capacity, listed and not guessed; to do does not count: (3 + 1) / 6."""
    tasks = [busy(n, "a") for n in range(3)] + [busy(3, "b"), busy(4, "c"), task(5, owners=("b",))]
    found = week(*tasks, people=(limit("a", 2), limit("b", 4)))
    ratio = found.metric(LOAD_RATIO)
    assert (ratio.value, ratio.n, ratio.detail) == (pytest.approx(4 / 6), 2, ("c",))
    assert {load.person: load.ratio for load in found.loads} == {"a": 1.5, "b": 0.25, "c": None}


def test_without_any_capacity_no_load_is_told() -> None:
    found = week(busy(1, "a"))
    for name in (LOAD_RATIO, OVERLOADED):
        assert (found.metric(name).value, found.metric(name).missing) == (None, Missing.NO_CAPACITY)
    assert found.loads[0].capacity is None


@pytest.mark.parametrize(
    ("leave", "capacity"),
    [
        (Days(date(2026, 11, 23), date(2026, 11, 27)), 0.0),  # the whole week that follows Friday 20 November
        (Days(date(2026, 11, 23), date(2026, 11, 24)), 3.0),
        (Days(date(2026, 11, 21), date(2026, 11, 22)), 5.0),  # a weekend
        (Days(date(2026, 11, 2), date(2026, 11, 20)), 5.0),  # over
        (Days(date(2026, 11, 28), date(2026, 12, 24)), 5.0),  # later
    ],
)
def test_leaves_are_taken_off_what_somebody_can_take_on(leave: Days, capacity: float) -> None:
    (load,) = week(busy(1, "a"), people=(limit("a", 5, leaves=(leave,)),)).loads
    assert load.capacity == pytest.approx(capacity)
    assert load.ratio == (pytest.approx(1 / capacity) if capacity else None)


def test_hours_left_of_what_is_due_are_compared_with_the_hours_of_the_week() -> None:
    """Due by Friday 27 November: 30 of 40 hours left, and 10 with nothing booked: 40 of 32. Later is not counted."""
    soon, later = date(2026, 11, 27), date(2026, 11, 28)
    tasks = [
        task(1, owners=("a",), due=soon, estimate_hours=40.0, spent_hours=10.0),
        task(2, owners=("a",), due=soon, estimate_hours=10.0),
        task(3, owners=("a",), due=later, estimate_hours=99.0),
        task(4, owners=("a",), due=soon, estimate_hours=5.0, spent_hours=9.0),
    ]
    worker = (Profile("a", hours_per_week=32),)
    (load,) = week(*tasks, people=worker).loads
    assert (load.hours_due, load.hours, load.ratio) == (40, 32, pytest.approx(1.25))
    assert figure(OVERLOADED, *tasks, people=worker).value == 0  # a week ago nothing was due in seven days
    late = [replace(one, due=date(2026, 11, 18)) for one in tasks]
    assert figure(OVERLOADED, *late, people=worker).value == 1
    (both,) = week(*tasks, busy(9, "a"), people=(Profile("a", wip_limit=0.5, hours_per_week=32),)).loads
    assert both.ratio == pytest.approx(2)  # the greater
    told = [replace(one, remaining_hours=8.0) for one in tasks]
    assert week(*told, people=worker).loads[0].hours_due == 3 * 8  # what people say is left goes before what was booked
    unknown = week(*tasks, task(5, owners=("a",), due=soon), people=worker).loads[0]
    assert (unknown.hours_due, unknown.ratio) == (None, None)


def test_overloaded_is_who_had_too_much_now_and_a_week_ago() -> None:
    tasks = [
        *(busy(n, "a", since=20) for n in range(3)),  # 3 of 2 for twenty days
        *(busy(10 + n, "b", since=3) for n in range(3)),  # 3 of 2 for three days
        *(busy(20 + n, "c", since=20) for n in range(2)),  # 2 of 2
        *(busy(30 + n, "d", since=20) for n in range(9)),  # nobody knows
    ]
    found = figure(OVERLOADED, *tasks, people=tuple(limit(who, 2) for who in "abc"))
    assert (found.value, found.n) == (1, 3)
    taken = [replace(one, owners=("c",), assignments=(Assignment(ago(60), ("a",)), Assignment(ago(1), ("c",))))
             for one in tasks[:3]]  # fmt: skip
    assert figure(OVERLOADED, *taken, *tasks[3:], people=tuple(limit(who, 2) for who in "abc")).value == 0


def test_work_in_progress_for_each_person() -> None:
    """Five in progress; a and b have tasks in hand, c finished one, the client and the bot are nobody of the team."""
    tasks = [busy(n, "a") for n in range(3)] + [busy(3, "b"), busy(4, "bot"), worked(5, 2, owners=("c",)),
             task(6, owners=("kim",))]  # fmt: skip
    found = figure(WIP_PER_PERSON, *tasks, people=(Profile("kim", Party.CLIENT),))
    assert (found.value, found.n) == (pytest.approx(5 / 3), 3)


# --- inequality


def by_differences(amounts: list[float]) -> float:
    """The mean difference of all pairs, as Gini defined it, with the correction for few."""
    xs = np.asarray(amounts)
    n = len(xs)
    return float(np.abs(xs[:, None] - xs[None, :]).sum() / (2 * n * n * xs.mean()) * n / (n - 1))


AMOUNTS = st.lists(st.floats(0, 1e6).map(lambda x: round(x, 3)), min_size=4, max_size=30)


@given(AMOUNTS, st.floats(0.01, 100), st.randoms())
def test_the_index_is_that_of_the_definition_and_knows_neither_scale_nor_order(
    amounts: list[float], scale: float, chance: Any
) -> None:
    assume(sum(amounts) > 0)
    value = gini(amounts)
    assert value is not None
    assert -1e-9 <= value <= 1 + 1e-9
    assert value == pytest.approx(by_differences(amounts), abs=1e-6)
    assert gini([scale * one for one in amounts]) == pytest.approx(value, abs=1e-6)
    chance.shuffle(amounts)
    assert gini(amounts) == pytest.approx(value, abs=1e-6)


def test_the_index_of_equal_amounts_is_nothing_and_of_one_owner_everything() -> None:
    assert gini([2.0] * 7) == pytest.approx(0)
    assert gini([0.0] * 6 + [3.0]) == pytest.approx(1)
    assert gini([1.0, 2.0, 3.0]) is None


def test_inequality_is_that_of_loads_where_capacities_are_known() -> None:
    """2 of 2, 2 of 2, 4 of 4, 1 of 4: loads 1, 1, 1, ¼."""
    tasks = [busy(100 * "abcd".index(who) + n, who) for who, count in zip("abcd", (2, 2, 4, 1), strict=True)
             for n in range(count)]  # fmt: skip
    people = tuple(limit(who, amount) for who, amount in zip("abcd", (2, 2, 4, 4), strict=True))
    found = figure(LOAD_GINI, *tasks, people=people)
    assert (found.value, found.n) == (pytest.approx(by_differences([1, 1, 1, 0.25])), 4)


def test_inequality_of_three_known_capacities_is_not_told() -> None:
    tasks = [busy(number, who) for number, who in enumerate("abcdef")]
    found = figure(LOAD_GINI, *tasks, people=tuple(limit(who, 2) for who in "abc"))
    assert (found.value, found.missing, found.n) == (None, Missing.TOO_FEW, 3)


# --- who could take over


def test_components_one_person_does_half_of_are_named() -> None:
    api = [worked(n, 1, owners=("a",), components=("api",)) for n in range(6)]
    api += [worked(10 + n, 1, owners=(who,), components=("api",)) for n, who in enumerate("bcde")]
    web = [worked(20 + n, 1, owners=(who,), components=("web",)) for n, who in enumerate("abcdefghij")]
    found = figure(ABSENCE_FACTOR, *api, *web)
    assert found.detail == ("api",)
    assert found.value == 3  # of 20: a did 7, b 2, c 2: 11


def launch(*deciding: Task, goal: Goal | None = None, slots: tuple[Task, ...] = ()) -> Metric:
    history = tuple(worked(1_000 + n, n % 5 + 1, finished=20) for n in range(30))
    goal = goal or Goal("goal", "pair", GoalKind.EPIC, "Launch", (), ("p1",), due=date(2026, 12, 31))
    return figure(SINGLE_POINT, *history, *slots, *deciding, goals=(goal,))


def test_a_critical_task_needs_a_second_who_knows_its_component() -> None:
    deciding = task(1, owners=("a",), components=("api",), goals=("goal",))
    three = tuple(worked(10 + n, 1, owners=("b",), components=("api",)) for n in range(3))
    assert (launch(deciding).value, launch(deciding).n) == (1, 1)
    assert launch(deciding, slots=three).value == 0
    assert launch(deciding, slots=three[:2]).value == 1
    own = tuple(replace(one, owners=("a",)) for one in three)
    assert launch(deciding, slots=own).value == 1
    elsewhere = tuple(replace(one, components=("web",)) for one in three)
    assert launch(deciding, slots=elsewhere).value == 1
    assert [one.title for one in launch(deciding).evidence] == ["Task 1"]


def test_without_a_date_or_a_component_nothing_is_critical() -> None:
    deciding = task(1, owners=("a",), components=("api",), goals=("goal",))
    undated = Goal("goal", "pair", GoalKind.EPIC, "Launch", (), ("p1",))
    assert launch(deciding, goal=undated).missing is Missing.NOTHING_TO_COUNT
    assert launch(replace(deciding, components=())).missing is Missing.NOTHING_TO_COUNT


# --- what must not move them, and who sees them


@st.composite
def staffed(draw: st.DrawFn) -> tuple[tuple[Task, ...], tuple[Profile, ...]]:
    tasks = []
    for number in range(draw(st.integers(0, 30))):
        owners = draw(st.sampled_from([(), ("a",), ("b",), ("c", "d"), ("e",)]))
        components = draw(st.sampled_from([(), ("api",), ("api", "web")]))
        kind = draw(st.sampled_from(["todo", "doing", "done"]))
        made = {"todo": task(number), "doing": task(number, (draw(st.floats(1, 50)), Standing.DOING)),
                "done": worked(number, 2, finished=draw(st.floats(1, 40)))}[kind]  # fmt: skip
        tasks.append(replace(made, owners=owners, components=components))
    limits = draw(st.dictionaries(st.sampled_from("abcde"), st.integers(1, 5)))
    return tuple(tasks), tuple(limit(who, amount) for who, amount in limits.items())


def told(found: Evaluation) -> dict[MetricDefinition, object]:
    return {name: (found.metric(name).value, found.metric(name).n) for name in FIGURES}


@settings(max_examples=40, deadline=None)
@given(staffed())
def test_neither_linking_nor_bots_nor_order_nor_zone_move_them(
    given_: tuple[tuple[Task, ...], tuple[Profile, ...]],
) -> None:
    tasks, people = given_
    before = told(week(*tasks, people=people))
    linked = [replace(one, places=(*one.places, Place(Side.RIGHT, "x#1", ""))) for one in tasks]
    assert told(week(*linked, people=people)) == before
    assert told(week(*reversed(tasks), people=people[::-1])) == before
    helped = [replace(one, owners=(*one.owners, "bot")) if one.owners else one for one in tasks]
    assert told(week(*helped, people=people)) == before


@given(staffed())
@settings(max_examples=30, deadline=None)
def test_they_keep_their_bounds(given_: tuple[tuple[Task, ...], tuple[Profile, ...]]) -> None:
    found = week(*given_[0], people=given_[1])
    ratio, over = found.metric(LOAD_RATIO), found.metric(OVERLOADED)
    assert ratio.value is None or ratio.value >= 0
    assert over.value is None or 0 <= over.value <= over.n
    assert all(load.ratio is None or load.capacity for load in found.loads)


def test_a_client_never_sees_loads() -> None:
    found = week(*(busy(n, "ann") for n in range(3)), people=(limit("ann", 2),))
    shown = build_report(found, audience=Reader.CLIENT)
    assert shown.evaluation.loads == ()
    assert {metric.definition for metric in shown.evaluation.metrics}.isdisjoint(FIGURES)
    assert "150%" not in shown.text + shown.html + shown.mail_html + shown.markdown
    assert "\r\nload," not in shown.csv
    assert "150%" in build_report(found).text
