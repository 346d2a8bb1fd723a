"""What a goal's text says of its number, how far goals are, and the command that shows it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.github.markdown import GitHubMarkdown
from connectors.jira.adf import AdfMarkup
from connectors.jira.wiki import WikiMarkup
from syncer.report.evaluate import evaluate
from syncer.report.gather.goal_block import aim
from syncer.report.metrics.feasibility import GOALS_AT_RISK
from syncer.report.metrics.goals import ACCEPTANCE_MET, GOAL_PROGRESS, GOAL_SCOPE_DONE
from syncer.report.metrics.quality import CHANGE_FAIL
from syncer.report.model.collaboration import Aim, Criterion
from syncer.report.model.metric import Missing
from tests.unit.report.sample import NOW, WINDOW, collaboration, done, task

BLOCK = """metric: checkout abandonment
unit: %
baseline: 38
target: 25
current: 33.5
measured: 2026-11-20"""
MARKDOWN = f"Fewer people give up.\n\n```goal\n{BLOCK}\n```\n\nWho: Mia\n"
SAID = Aim("checkout abandonment", "%", 38.0, 25.0, 33.5, date(2026, 11, 20))

SIDES = {
    "Jira Cloud": AdfMarkup("https://acme.example", "PAY"),
    "Jira Data Center": WikiMarkup("https://acme.example", "PAY"),
    "GitHub": GitHubMarkdown("https://github.com", "acme/pay"),
}


@pytest.mark.parametrize("side", SIDES)
def test_the_block_says_the_same_on_every_side_after_the_sync(side: str) -> None:
    document = SIDES["GitHub"].read(MARKDOWN)
    assert aim(SIDES[side].read(SIDES[side].write(document).source)) == SAID


@pytest.mark.parametrize(
    ("block", "said"),
    [
        ("指标：放弃率\n基线：３８%\n目标：25%\n当前：33.5%\n测量日：2026-11-20",
         Aim("放弃率", "%", 38.0, 25.0, 33.5, date(2026, 11, 20))),
        ("target: 1,200 shops\ncurrent: 300 shops", Aim(unit="shops", target=1200.0, current=300.0)),
        ("Target = -0.5\nbaseline=2", Aim(target=-0.5, baseline=2.0)),
        ("target: many\nuntil: soon\nmeasured: yesterday\n\ntarget: 3\ntarget: 4",
         Aim(target=3.0, unread=("target: many", "until: soon", "measured: yesterday", "target: 4"))),
        ("", Aim()),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told_and_not_guessed(block: str, said: Aim) -> None:
    assert aim(SIDES["GitHub"].read(f"```goal\n{block}\n```")) == said


@pytest.mark.parametrize(
    "source", ["", "goal", "```\nmetric: a\n```", "```goals\nmetric: a\n```", "{code}goal{code}", "{"]
)
@pytest.mark.parametrize("side", SIDES)
def test_a_text_without_the_block_says_nothing(source: str, side: str) -> None:
    assert aim(SIDES[side].read(source)) is None


NUMBERS = st.floats(-1e6, 1e6, allow_nan=False)


@given(NUMBERS, NUMBERS, NUMBERS)
def test_progress_is_a_share_whichever_way_it_goes(baseline: float, target: float, current: float) -> None:
    way = Aim("", "", baseline, target, current).progress
    mirrored = Aim("", "", -baseline, -target, -current).progress
    assert way == mirrored
    if baseline == target:
        assert way is None
    else:
        assert way is not None
        assert 0.0 <= way <= 1.0
        assert Aim("", "", baseline, target, target).progress == 1.0
        assert Aim("", "", baseline, target, baseline).progress == 0.0


def test_the_figures_of_goals_by_hand() -> None:
    """Launch: 38 to 25, now 33.5: 4.5 of 13. Ten tasks belong to goals, four are done; two of three criteria met."""
    found = evaluate(collaboration(), WINDOW, NOW)
    progress = found.metric(GOAL_PROGRESS)
    assert (progress.value, progress.n) == (pytest.approx(4.5 / 13), 1)
    scope = found.metric(GOAL_SCOPE_DONE)
    assert (scope.value, scope.n) == (pytest.approx(0.4), 10)
    criteria = found.metric(ACCEPTANCE_MET)
    assert (criteria.value, criteria.n) == (pytest.approx(2 / 3), 3)


def test_without_numbers_the_report_says_what_would_give_them() -> None:
    plain = replace(
        collaboration(), goals=tuple(replace(goal, aim=None, criteria=()) for goal in collaboration().goals)
    )
    found = evaluate(plain, WINDOW, NOW)
    assert found.metric(GOAL_PROGRESS).missing is Missing.NO_GOAL_NUMBERS
    assert found.metric(ACCEPTANCE_MET).missing is Missing.NOTHING_TO_COUNT


@pytest.mark.parametrize(
    ("points", "share"), [((3.0, 1.0, None), None), ((3.0, 1.0, 4.0), 0.375), ((0.0, 0.0, 0.0), None)]
)
def test_points_count_when_four_of_five_tasks_have_them(points: tuple[float | None, ...], share: float | None) -> None:
    given_ = collaboration()
    first, second, third = points
    tasks = (
        done(101, "a", NOW, goals=("ideas",), points=first),
        task(102, "b", goals=("ideas",), points=second),
        task(103, "c", goals=("ideas",), points=third),
    )
    found = evaluate(replace(given_, tasks=tasks), WINDOW, NOW)
    assert next(goal for goal in found.goals if goal.id == "ideas").share_points == share


def test_a_number_that_was_measured_makes_a_goal_measurable() -> None:
    given_ = collaboration()
    launch = given_.goals[0]

    def score(said: Aim | None, *criteria: Criterion) -> int:
        goal = replace(launch, aim=said, criteria=criteria)
        found = evaluate(replace(given_, goals=(goal,)), WINDOW, NOW)
        return found.goals[0].smart.measurable

    assert score(None) == 0
    assert score(Aim("a", target=3.0)) == 50
    assert score(replace(SAID, measured=None)) == 50
    assert score(replace(SAID, measured=date(2026, 10, 1))) == 50
    assert score(SAID) == 100
    assert score(None, Criterion("one", False)) == 100


def test_goals_at_risk_are_those_that_will_rather_miss_their_date() -> None:
    """Twelve tasks took two days each: ten more by tomorrow are out of reach, one within a year is not."""
    given_ = collaboration()
    finished = [
        done(200 + number, "a", NOW - timedelta(days=number), goals=(), created=NOW - timedelta(days=number + 2))
        for number in range(1, 13)
    ]
    ahead = [task(300 + number, "b", goals=("lost",), owners=("mei",)) for number in range(10)]
    ahead.append(task(400, "c", goals=("safe",), owners=("mei",)))
    lost = replace(given_.goals[0], id="lost", due=NOW.date() + timedelta(days=1))
    safe = replace(given_.goals[0], id="safe", due=NOW.date() + timedelta(days=365))
    found = evaluate(replace(given_, goals=(lost, safe), tasks=(*finished, *ahead)), WINDOW, NOW)
    metric = found.metric(GOALS_AT_RISK)
    assert (metric.value, metric.n) == (1, 2)
    chances = {goal.id: goal.forecast.p_on_time for goal in found.goals if goal.forecast is not None}
    assert chances["lost"] is not None
    assert chances["safe"] is not None
    assert chances["lost"] < 0.5 < chances["safe"]


def test_where_no_tracker_is_asked_for_releases_the_report_says_so() -> None:
    assert evaluate(collaboration(), WINDOW, NOW).metric(CHANGE_FAIL).missing is Missing.NO_RELEASES
