"""Rework, the client's word, bugs, estimates and answers, each against a table worked out by hand or by scipy."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncer.core.responsibility import Declarations, Party, Profile
from syncer.report.gather.status_words import impeded_kind, is_client, is_impeded, is_review
from syncer.report.metrics.communication import (
    ANSWER_TIME,
    CLIENT_WAIT,
    FIRST_RESPONSE,
    FIRST_RESPONSE_WORKING,
    UNANSWERED_QUESTIONS,
)
from syncer.report.metrics.flow import DAYS_PER_POINT, ESTIMATE_RATIO
from syncer.report.metrics.quality import BUG_SHARE, CLIENT_ACCEPT_FIRST, DEFECT_AGE, REWORK_RATE
from syncer.report.model.collaboration import Comment, Task
from syncer.report.model.counting import WorkingTime
from syncer.report.model.metric import Missing
from syncer.report.model.timeline import Standing, StatusVisit, Touch
from tests.unit.report.test_metrics import ago, task, told, worked

CLIENT = Declarations(people=(Profile("author", Party.CLIENT),))


def visits(*steps: tuple[float, str]) -> tuple[StatusVisit, ...]:
    return tuple(StatusVisit(ago(days), name) for days, name in steps)


REVIEWED = visits((60, "To Do"), (6, "In Progress"), (5.5, "In Review"), (5, "Done"))
SENT_BACK = visits((60, "To Do"), (6, "In Progress"), (5.8, "In Review"), (5.6, "In Progress"), (5, "Done"))


def test_rework_goes_from_review_back_to_work() -> None:
    straight = [worked(number, 1, visits=REVIEWED) for number in range(8)]
    back = [worked(number, 1, visits=SENT_BACK) for number in (8, 9)]
    found = told(REWORK_RATE, *straight, *back)
    assert (found.value, found.n, found.detail) == (0.2, 10, ("In Review",))
    assert [one.title for one in found.evidence] == ["Task 8", "Task 9"]


def test_without_a_review_status_rework_says_what_it_takes() -> None:
    plain = visits((60, "To Do"), (6, "In Progress"), (5, "Done"))
    found = told(REWORK_RATE, *(worked(number, 1, visits=plain) for number in range(12)))
    assert (found.value, found.missing) == (None, Missing.NO_REVIEW_STATUS)


def with_client(number: int, start: float, end: float | None, then: Standing = Standing.DONE) -> Task:
    """A task the client had from `start` to `end` days ago, and what it became."""
    names = {Standing.DONE: "Done", Standing.DOING: "In Progress"}
    steps = [(start + 1, Standing.DOING)] + ([(end, then)] if end is not None and then is Standing.DONE else [])
    seen = visits((60, "To Do"), (start + 1, "In Progress"), (start, "Waiting for client"))
    return task(number, *steps, visits=seen + (visits((end, names[then])) if end is not None else ()))


def test_the_client_accepts_at_first_or_sends_back() -> None:
    accepted = [with_client(number, 6, 4) for number in range(9)]
    returned = [with_client(9 + number, 6, 5, Standing.DOING) for number in range(3)]
    found = told(CLIENT_ACCEPT_FIRST, *accepted, *returned, with_client(20, 3, None))
    assert (found.value, found.n) == (0.75, 12)
    assert {one.title for one in found.evidence} == {"Task 9", "Task 10", "Task 11"}


def test_the_wait_for_the_client_counts_who_still_waits() -> None:
    """Nine waits of 1 to 9 days that are over, two of 2 and 12 days that go on: 6 by the table of Kaplan and Meier.

    S: 10/11 at 1, 9/11 at 2 (then one of 2 goes out of sight), of 8: 7/8, 6/8, 5/8, 4/8 ... times 9/11:
    0.716 at 3, 0.614 at 4, 0.511 at 5, 0.409 at 6.
    """
    over = [with_client(number, 10, 10 - number) for number in range(1, 10)]
    found = told(CLIENT_WAIT, *over, with_client(20, 2, None), with_client(21, 12, None))
    assert (found.value, found.n) == (pytest.approx(6), 11)
    assert [(one.name, one.value) for one in found.portions] == [("waiting_now", 2)]
    assert [one.title for one in found.evidence] == ["Task 21", "Task 20"]


def test_the_age_of_bugs_is_that_of_scipy() -> None:
    stats = pytest.importorskip("scipy.stats")
    closed = [worked(number, 1, finished=30 - number, made=40, type="Bug", priority="High") for number in range(12)]
    still = [task(20 + number, made=15 + 3 * number, type="Bug", priority="Low") for number in range(5)]
    found = told(DEFECT_AGE, *closed, *still, *(worked(number, 1) for number in range(30, 40)))
    lengths = [10 + number for number in range(12)]
    curve = stats.ecdf(stats.CensoredData(lengths, right=[15 + 3 * number for number in range(5)])).sf
    expected = next(at for at, left in zip(curve.quantiles, curve.probabilities, strict=True) if left <= 0.5)
    assert (found.value, found.n) == (pytest.approx(expected), 17)
    assert [(one.name, one.value, one.n) for one in found.portions] == [("High", pytest.approx(15), 12)]


def test_bugs_of_the_client_escaped() -> None:
    made = [task(number, made=3) for number in range(8)]
    bugs = [task(8, made=3, type="Bug"), task(9, made=3, type="Bug", author="tester")]
    found = told(BUG_SHARE, *made, *bugs, declared=CLIENT)
    assert [(one.name, one.value, one.n) for one in found.portions] == [("client", 1, 2)]
    assert told(BUG_SHARE, *made, *bugs).portions == ()


def test_estimates_are_told_where_there_are_any() -> None:
    booked = [worked(number, 2, estimate_hours=8.0, spent_hours=4.0 * (number + 1)) for number in range(5)]
    assert told(ESTIMATE_RATIO, *booked).value == pytest.approx(1.5)  # 0.5, 1, 1.5, 2, 2.5
    pointed = [worked(number, 6, points=float(number + 1)) for number in range(5)]
    assert told(DAYS_PER_POINT, *pointed).value == pytest.approx(2)  # 6, 3, 2, 1.5, 1.2
    assert told(ESTIMATE_RATIO, *pointed).missing is Missing.NO_ESTIMATES


def test_a_question_is_answered_by_somebody_else() -> None:
    tasks = [task(number) for number in range(11)]
    questions = [Comment(f"t{number}", "p1", ago(9), asks=True) for number in range(11)]
    answers = [Comment(f"t{number}", "p2", ago(9) + timedelta(hours=number + 1)) for number in range(10)]
    own = Comment("t10", "p1", ago(8.9))
    found = told(ANSWER_TIME, *tasks, comments=(*questions, *answers, own))
    assert (found.value, found.n) == (6, 11)
    assert [one.title for one in found.evidence] == ["Task 10"]


def test_a_change_by_somebody_else_is_a_first_answer_and_the_bots_is_none() -> None:
    touched = [task(number, made=10, touches=(Touch(ago(9.9), "bot"), Touch(ago(9), "p9"))) for number in range(10)]
    assert told(FIRST_RESPONSE, *touched).value == pytest.approx(24)
    # From Tuesday noon to Wednesday noon: five hours of the one day, three of the other.
    assert told(FIRST_RESPONSE_WORKING, *touched).value == pytest.approx(8)


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ("2026-11-20T16:00", "2026-11-23T10:00", 2),  # Friday to Monday
        ("2026-11-21T10:00", "2026-11-22T10:00", 0),  # the weekend
        ("2026-11-16T00:00", "2026-11-30T00:00", 80),
        ("2026-10-23T12:00", "2026-10-26T12:00", 8),  # clocks go back in between
        ("2026-03-27T16:30", "2026-03-30T09:30", 1),  # and forward
    ],
)
def test_working_hours(start: str, end: str, hours: float) -> None:
    zone = ZoneInfo("Europe/Berlin")
    first, last = (datetime.fromisoformat(text).replace(tzinfo=zone) for text in (start, end))
    assert WorkingTime().hours(first, last, zone) == pytest.approx(hours)


@given(
    st.integers(0, 1_000_000),
    st.lists(st.timedeltas(timedelta(), timedelta(days=40)), min_size=2, max_size=2),
)
def test_working_hours_add_up(minutes: int, spans: list[timedelta]) -> None:
    first = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    middle, last = first + spans[0], first + spans[0] + spans[1]
    parts = WorkingTime().hours(first, middle, UTC) + WorkingTime().hours(middle, last, UTC)
    assert WorkingTime().hours(first, last, UTC) == pytest.approx(parts, abs=1e-6)
    quarters = (first + timedelta(minutes=15) * number for number in range(int(spans[0] / timedelta(minutes=15))))
    counted = sum(0.25 for at in quarters if at.isoweekday() < 6 and 9 <= at.hour < 17)
    assert WorkingTime().hours(first, middle, UTC) == pytest.approx(counted, abs=2 * len(range(spans[0].days + 2)))


@pytest.mark.parametrize(
    ("name", "review", "client", "impeded", "kind"),
    [
        ("In Review", True, False, False, None),
        ("代码评审", True, False, False, None),
        ("Waiting for client", False, True, True, "external"),
        ("等待客户", False, True, True, "external"),
        ("Pending decision", False, False, True, "decision"),
        ("In Progress", False, False, False, None),
    ],
)
def test_what_the_name_of_a_status_says(name: str, review: bool, client: bool, impeded: bool, kind: str | None) -> None:
    assert (is_review(name), is_client(name), is_impeded(name), impeded_kind(name)) == (review, client, impeded, kind)


def test_questions_that_were_labelled_and_that_were_inferred_are_told_apart() -> None:
    asked = Comment("t1", "p1", ago(2), asks=True)
    labelled = replace(task(2), labels=("question",))
    found = told(UNANSWERED_QUESTIONS, task(1), labelled, comments=(asked,))
    assert [(one.name, one.value) for one in found.portions] == [("labelled", 1), ("inferred", 1)]
