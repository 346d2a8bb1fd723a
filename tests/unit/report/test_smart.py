"""The rubric row by row, and task lists wherever a goal's text may hold them."""

from dataclasses import replace
from datetime import date

import pytest

from connectors.github.markdown import GitHubMarkdown
from connectors.jira.adf import AdfMarkup
from connectors.jira.wiki import WikiMarkup
from syncer.report.gather.values import asks, criteria
from syncer.report.goals import smart
from syncer.report.model.collaboration import Collaboration, Criterion, Goal, GoalKind, Task
from syncer.report.model.goal import Basis, Forecast, SmartCriterion
from syncer.report.model.snapshot import snapshot_at
from tests.unit.report.test_metrics import NOW, PAIR, WEEK, ago, task

BARE = Goal("goal", "pair", GoalKind.EPIC, "Launch", (), serves=False)
CRITERIA = (Criterion("cards are taken", True), Criterion("books agree", False))
DUE = date(2026, 12, 1)


def score(goal: Goal, *tasks: Task, chance: float | None = None) -> dict[SmartCriterion, int | None]:
    moment = snapshot_at(Collaboration("One", (PAIR,), (), (goal,), tasks), WEEK, NOW)
    expected = None if chance is None else Forecast(chance, DUE, DUE, DUE, (), Basis.CYCLE, 20, 2_000)
    return smart(goal, tasks, expected, moment).parts


def test_a_bare_goal_scores_nothing_and_says_where() -> None:
    parts = score(BARE)
    assert parts == {
        SmartCriterion.SPECIFIC: 0,
        SmartCriterion.MEASURABLE: 0,
        SmartCriterion.ATTAINABLE: None,
        SmartCriterion.RELEVANT: 0,
        SmartCriterion.TIMED: 0,
    }


def test_a_description_and_an_owner_are_half_of_specific() -> None:
    assert score(replace(BARE, described=True, owners=("p1",)))[SmartCriterion.SPECIFIC] == 50
    assert score(replace(BARE, described=True))[SmartCriterion.SPECIFIC] == 0


def test_two_criteria_and_a_task_are_all_of_it() -> None:
    goal = replace(BARE, criteria=CRITERIA)
    assert score(goal, task(1))[SmartCriterion.SPECIFIC] == 100
    assert score(goal)[SmartCriterion.SPECIFIC] == 0
    assert score(goal)[SmartCriterion.MEASURABLE] == 100


@pytest.mark.parametrize(("chance", "expected"), [(0.05, 0), (0.10, 0), (0.45, 50), (0.80, 100), (0.99, 100)])
def test_attainable_is_linear_between_one_and_eight_in_ten(chance: float, expected: int) -> None:
    assert score(BARE, chance=chance)[SmartCriterion.ATTAINABLE] == expected


def test_relevant_needs_a_goal_above_an_owner_and_movement() -> None:
    above = replace(BARE, serves=True)
    assert score(above, task(1))[SmartCriterion.RELEVANT] == 50
    owned = replace(above, owners=("p1",))
    assert score(owned, task(1, activity=(ago(3),)))[SmartCriterion.RELEVANT] == 100
    assert score(owned, task(1, activity=(ago(20),)))[SmartCriterion.RELEVANT] == 50
    assert score(replace(BARE, serves=None))[SmartCriterion.RELEVANT] is None


def test_timed_needs_a_date_ahead_that_the_tasks_keep() -> None:
    dated = replace(BARE, due=DUE)
    inside = [task(number, due=DUE) for number in range(4)]
    assert score(dated, *inside, task(9))[SmartCriterion.TIMED] == 100  # four of five
    assert score(dated, *inside[:3], task(9))[SmartCriterion.TIMED] == 50
    assert score(replace(BARE, due=date(2026, 11, 1)), task(1, due=date(2026, 10, 1)))[SmartCriterion.TIMED] == 50


MARKUPS = {
    "Jira Cloud": AdfMarkup("https://acme.example", "PAY"),
    "Jira Data Center": WikiMarkup("https://acme.example", "PAY"),
    "GitHub": GitHubMarkdown("https://github.com", "acme/pay"),
}


@pytest.mark.parametrize("tracker", MARKUPS)
def test_a_task_list_has_the_same_criteria_wherever_it_is_carried(tracker: str) -> None:
    document = MARKUPS["GitHub"].read("Launch\n\n- [x] cards are **taken**\n- [ ] 对账一致\n\n> - [ ] refunds")
    source = MARKUPS[tracker].write(document).source
    assert criteria(MARKUPS[tracker].read(source)) == (
        Criterion("cards are taken", True), Criterion("对账一致", False), Criterion("refunds", False),
    )  # fmt: skip


def test_task_lists_are_read_as_their_tracker_reads_them() -> None:
    markdown = (
        "Launch\n\n- [x] cards\n  1. [X] deep\n* [ ] 对账一致\n- [] not one\n- [y] nor this\n\n```\n- [ ] code\n```"
    )
    assert criteria(MARKUPS["GitHub"].read(markdown)) == (
        Criterion("cards", True), Criterion("deep", True), Criterion("对账一致", False),
    )  # fmt: skip
    boxes = MARKUPS["Jira Data Center"].read("* ☐ one\n* ☑ two")
    assert criteria(boxes) == (Criterion("one", False), Criterion("two", True))
    adf = (
        '{"type":"doc","version":1,"content":[{"type":"taskList","content":['
        '{"type":"taskItem","attrs":{"state":"DONE"},"content":[{"type":"text","text":"cards"}]},'
        '{"type":"taskItem","attrs":{"state":"TODO"},"content":[{"type":"text","text":"books"}]}]}]}'
    )
    assert criteria(MARKUPS["Jira Cloud"].read(adf)) == (Criterion("cards", True), Criterion("books", False))


@pytest.mark.parametrize(
    ("text", "asked"),
    [("Is it ready?\n", True), ("可以了吗？", True), ("See https://x.example/?a=1", False), ("", False)],
)
def test_a_question_ends_with_its_mark(text: str, asked: bool) -> None:
    assert asks(text, MARKUPS["GitHub"]) is asked


@pytest.mark.parametrize("tracker", MARKUPS)
def test_a_question_is_one_on_every_side(tracker: str) -> None:
    document = MARKUPS["GitHub"].read("See.\n\n**Is it ready?**")
    assert asks(MARKUPS[tracker].write(document).source, MARKUPS[tracker]) is True
