"""Sprints in the state: what was told of them is told again, and states from before they were kept are read."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from syncer.contract.model import Audience, Facts, Field, Kind, Observed, Ref, Version
from syncer.contract.sprint import Sprint, SprintState
from syncer.core.codec import compact, decode_observed, digest, encode_observed

AT = datetime(2026, 11, 16, 9, 30, tzinfo=UTC)
TASK = Observed(
    ref=Ref(Kind.TASK, "1"), key="PAY-1", url="", version=Version("1"), created=AT, updated=AT,
    showing={Field.TITLE: "Refunds"}, audience=Audience.MEMBERS,
)  # fmt: skip


@pytest.mark.parametrize(
    "sprint",
    [
        Sprint("Sprint 7"),
        Sprint("Sprint 7", "37", SprintState.FUTURE, goal="Refunds 退款"),
        Sprint("Sprint 7", "37", SprintState.CLOSED, AT, AT.replace(day=27), AT.replace(day=30)),
        Sprint("Iteration 3", "a1b2c3d4", None, date(2026, 11, 16), date(2026, 11, 29)),
    ],
)
def test_what_was_told_of_a_sprint_is_told_again(sprint: Sprint) -> None:
    task = replace(TASK, facts=Facts(iteration=sprint.name, sprints=(sprint, Sprint("Sprint 6"))))
    again = decode_observed(encode_observed(task))
    assert again == task
    assert type(again.facts.sprints[0].start) is type(sprint.start)


def test_a_task_without_sprints_is_kept_as_before() -> None:
    assert "sprints" not in compact(encode_observed(TASK))
    assert decode_observed(encode_observed(TASK)).facts.sprints == ()


def test_a_sprint_that_is_told_more_of_is_no_edit_of_its_tasks() -> None:
    assert digest(replace(TASK, facts=Facts(sprints=(Sprint("Sprint 7", "37"),)))) == digest(TASK)
