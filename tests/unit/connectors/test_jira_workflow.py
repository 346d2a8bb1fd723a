"""Routes through a workflow, from what is known of it."""

from __future__ import annotations

import pytest

from connectors.jira.json_fields import Malformed
from connectors.jira.workflow import Transition, Workflow, transitions_of
from syncer.contract.model import Category


def way(goal: str, native: str = "1") -> Transition:
    return Transition(native, goal, Category.DOING)


def learned(**ways: list[str]) -> Workflow:
    workflow = Workflow()
    for status, goals in ways.items():
        workflow.learn("Bug", status, [way(goal) for goal in goals])
    return workflow


def test_the_direct_way_is_taken() -> None:
    step = learned(Open=["Doing", "Done"]).first_step("Bug", "Open", "Done")
    assert step is not None
    assert step.goal == "Done"


def test_the_shortest_route_is_taken() -> None:
    workflow = learned(Open=["A", "B"], A=["C"], B=["Done"], C=["Done"])
    step = workflow.first_step("Bug", "Open", "Done")
    assert step is not None
    assert step.goal == "B"


def test_a_route_longer_than_permitted_is_none() -> None:
    workflow = learned(S0=["S1"], S1=["S2"], S2=["S3"], S3=["S4"], S4=["S5"])
    assert workflow.first_step("Bug", "S0", "S4") is not None
    assert workflow.first_step("Bug", "S0", "S5") is None


def test_a_circle_ends() -> None:
    assert learned(A=["B"], B=["A"]).first_step("Bug", "A", "Done") is None


def test_types_have_workflows_of_their_own() -> None:
    assert learned(Open=["Done"]).first_step("Task", "Open", "Done") is None


def test_near_statuses_are_explored_first() -> None:
    assert learned(Open=["A", "B"], A=["C"]).unexplored("Bug", "Open") == ["B", "C"]


def test_required_fields_are_told() -> None:
    entry = {
        "id": "6",
        "to": {"name": "Done", "statusCategory": {"key": "done"}},
        "fields": {
            "resolution": {"required": True},
            "fixVersions": {"required": False},
            "x": {"required": True, "hasDefaultValue": True},
        },
    }
    (transition,) = transitions_of({"transitions": [entry]}, "transitions")
    assert transition.required == {"resolution"}
    assert transition.offered == frozenset({"resolution", "fixVersions", "x"})


@pytest.mark.parametrize("answer", [{}, {"transitions": [{"id": 6}]}, {"transitions": "x"}, []])
def test_an_ill_formed_answer_is_refused(answer: object) -> None:
    with pytest.raises(Malformed):
        transitions_of(answer, "transitions")


@pytest.mark.parametrize(
    ("goal", "choices", "chosen"),
    [
        ("Won't Do", ["Done", "won't do"], "won't do"),
        ("Closed", ["Fixed", "Done"], "Done"),
        ("Closed", ["Fixed", "Duplicate"], "Fixed"),
        ("Closed", [], None),
    ],
)
def test_a_required_resolution_is_the_one_named_like_the_status_else_done_else_the_first(
    goal: str, choices: list[str], chosen: str | None
) -> None:
    step = Transition("1", goal, Category.DONE, frozenset({"resolution"}), frozenset({"resolution"}), tuple(choices))
    assert step.resolution == chosen


def test_a_resolution_that_is_not_required_is_left_to_jira() -> None:
    step = Transition("1", "Done", Category.DONE, frozenset({"resolution"}), frozenset(), ("Done",))
    assert step.resolution is None
