"""Figures of pull requests and releases, each against a week counted by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from syncer.contract.code import PullRequest, Release
from syncer.contract.model import Side
from syncer.report.evaluate import evaluate
from syncer.report.metrics.quality import CHANGE_FAIL, RELEASE_FREQUENCY
from syncer.report.metrics.smoothness import FIRST_REVIEW, WAITS_FOR_REVIEW
from syncer.report.model.code import PairCode
from syncer.report.model.collaboration import Collaboration, Place, Task
from syncer.report.model.metric import Metric, MetricDefinition, Missing
from tests.unit.report.test_metrics import NOW, PAIR, WEEK, ago, task


def pull(
    number: int, opened: float, reviewed: float | None = None, closed: float | None = None, **more: object
) -> PullRequest:
    """A pull request that was opened, reviewed and closed so many days ago."""
    made = PullRequest(
        f"{number}",
        f"acme/pay#{number}",
        ago(opened),
        "mia",
        reviewed=None if reviewed is None else ago(reviewed),
        closed=None if closed is None else ago(closed),
    )
    return replace(made, **more)  # type: ignore[arg-type]


def release(number: int, published: float, **more: object) -> Release:
    return replace(Release(f"{number}", f"v{number}", ago(published)), **more)  # type: ignore[arg-type]


def told(name: MetricDefinition, *code: PairCode, tasks: tuple[Task, ...] = ()) -> Metric:
    return evaluate(Collaboration("Made up", (PAIR,), (), (), tasks, code=code), WEEK, NOW).metric(name)


# Waited 1, 1, 2, 2, 2, 3, 3, 4 days for a review; 6 days and still waiting; closed without a review after 2 days.
WAITED = tuple(
    pull(number, opened=10 + number, reviewed=10 + number - days)
    for number, days in enumerate((1, 1, 2, 2, 2, 3, 3, 4))
)
REVIEWS = (*WAITED, pull(20, opened=6), pull(21, opened=9, closed=7))


def test_the_median_until_a_first_review_counts_what_still_waits() -> None:
    metric = told(FIRST_REVIEW, PairCode("pair", REVIEWS))
    assert (metric.value, metric.n) == (2.0, 10)


def test_drafts_and_what_was_opened_earlier_or_later_are_not_in_the_median() -> None:
    others = (pull(30, opened=5, draft=True), pull(31, opened=40, reviewed=1), pull(32, opened=-3))
    assert told(FIRST_REVIEW, PairCode("pair", (*REVIEWS, *others))).n == 10


def test_too_few_pull_requests_give_no_median() -> None:
    metric = told(FIRST_REVIEW, PairCode("pair", REVIEWS[:9]))
    assert (metric.value, metric.missing, metric.n) == (None, Missing.TOO_FEW, 9)


def test_open_pull_requests_without_a_review_wait_for_one_and_name_their_tasks() -> None:
    first, second = task(1), task(2, places=(Place(Side.RIGHT, "acme/pay#9", ""),))
    code = PairCode(
        "pair",
        (
            pull(1, opened=3, tasks=("acme/pay#9", "T-77")),
            pull(2, opened=8, tasks=("T-1",)),
            pull(3, opened=8, reviewed=2),
            pull(4, opened=8, closed=2),
            pull(5, opened=8, draft=True),
            pull(6, opened=50, reviewed=-1),
        ),
    )
    metric = told(WAITS_FOR_REVIEW, code, tasks=(first, second))
    assert (metric.value, metric.n) == (3, 4)  # the last is reviewed only after the week
    assert [one.task for one in metric.evidence] == ["t1", "t2"]  # the longest first


def test_releases_of_four_weeks_are_counted_without_trials() -> None:
    code = PairCode(
        "pair",
        releases=(
            release(1, 1),
            release(2, 8),
            release(3, 27),
            release(4, 29),
            release(5, 2, preliminary=True),
            release(6, -1),
        ),
    )
    metric = told(RELEASE_FREQUENCY, code)
    assert (metric.value, metric.n) == (0.75, 3)


def incident(number: int, made: float, **more: object) -> Task:
    return task(number, made=made, **{"type": "Incident", **more})  # type: ignore[arg-type]


def test_a_release_failed_where_an_incident_came_within_a_week_and_before_the_next() -> None:
    weekly = tuple(release(number, 10.0 * number) for number in range(1, 13))
    tasks = (
        incident(1, 18),  # two days after the second
        incident(2, 17, type="Task", labels=("outage",)),  # after the same
        incident(3, 42),  # eight days after the fifth: too late
        incident(4, 64, pair="other"),
        incident(5, 79, type="Bug"),
        incident(6, 110),  # at the moment of the eleventh
    )
    metric = told(CHANGE_FAIL, PairCode("pair", releases=weekly), tasks=tasks)
    assert metric.value == pytest.approx(2 / 12)
    assert metric.n == 12
    assert [one.task for one in metric.evidence] == ["t2", "t1", "t6"]


def test_an_incident_after_the_next_release_is_laid_to_that_one() -> None:
    weekly = tuple(release(number, 3.0 * number) for number in range(1, 11))
    metric = told(CHANGE_FAIL, PairCode("pair", releases=weekly), tasks=(incident(1, 7.5),))
    assert metric.value == pytest.approx(1 / 10)


def test_nine_releases_give_no_share() -> None:
    few = tuple(release(number, 3.0 * number) for number in range(1, 10))
    assert told(CHANGE_FAIL, PairCode("pair", releases=few)).missing is Missing.TOO_FEW


@pytest.mark.parametrize("name", [FIRST_REVIEW, WAITS_FOR_REVIEW])
def test_where_nobody_is_asked_for_pull_requests_that_is_said(name: MetricDefinition) -> None:
    assert told(name).missing is Missing.NO_PULL_REQUESTS


@pytest.mark.parametrize("name", [CHANGE_FAIL, RELEASE_FREQUENCY])
def test_where_nobody_is_asked_for_releases_that_is_said(name: MetricDefinition) -> None:
    assert told(name).missing is Missing.NO_RELEASES


def test_a_past_week_does_not_know_what_came_later() -> None:
    code = PairCode("pair", (pull(1, opened=20, reviewed=2, closed=1),), (release(1, 2),))
    whole = Collaboration("Made up", (PAIR,), (), (), (), code=(code,))
    past = evaluate(whole, WEEK.earlier(2), NOW - timedelta(weeks=2))
    assert past.metric(WAITS_FOR_REVIEW).value == 1
    assert past.metric(RELEASE_FREQUENCY).value == 0
