"""Each rate limit of Jira is answered in its own scope: one issue, one endpoint, everything; and each is counted."""

from __future__ import annotations

import time
from collections import Counter
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from connectors.jira.answers import Forbidden
from connectors.jira.client import Client
from connectors.jira.pacing import NEAR, NEAR_GAP, Call, Limited, Pacing, Reason, wait_told
from connectors.jira.settings import JiraTracker
from syncer.contract.capabilities import RateLimit as Allowed
from syncer.contract.errors import Retryable
from syncer.sandbox.jira.ratelimit import ISSUE_WRITES, CloudLimits, RateLimit
from tests.unit.connectors.jira_world import Office

REFUSED = 429


class Patient:
    """A client whose waits pass on the clock of the sandbox."""

    def __init__(self, place: Office, **more: Any) -> None:
        self.place = place
        self.waits: list[float] = []
        settings = {
            "url": place.box.jira_url,
            "deployment": place.deployment,
            "user": "bot@example.com" if place.is_cloud else "",
            "token": "token-bot",
            "allow_http": True,
            **more,
        }
        self.client = Client(JiraTracker.model_validate(settings), sleep=self.rest, monotonic=self.now)

    def rest(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.place.later(seconds)

    def now(self) -> float:
        return self.place.box.clock.now().timestamp()

    def comment(self, issue: str, text: str = "x") -> Any:
        return self.client.write("POST", f"/issue/{issue}/comment", {"body": self.place.body(text)})

    def __enter__(self) -> Patient:
        self.place.box.log.reset()
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()


def refusals(place: Office) -> int:
    return sum(entry.status == REFUSED for entry in place.box.log.entries)


# ---------------------------------------------------------------------------------------------- writes to one issue


def test_writes_to_one_issue_are_spaced_as_documented_and_none_is_refused(cloud: Office) -> None:
    issue = cloud.issue("Busy")
    cloud.jira.rate_limit = CloudLimits(issue_writes=ISSUE_WRITES)
    with Patient(cloud) as patient:
        for number in range(130):
            patient.comment(issue, f"comment {number}")
        assert refusals(cloud) == 0
        assert len(cloud.box.log.entries) == 130
        assert max(patient.waits) < 1
        times = [entry.at for entry in cloud.box.log.entries]
    for amount, seconds in ISSUE_WRITES:
        assert all(times[at + amount] - times[at] >= timedelta(seconds=seconds) for at in range(len(times) - amount))


def test_a_write_refused_for_its_issue_is_sent_again_and_other_issues_do_not_wait(cloud: Office) -> None:
    busy, calm = cloud.issue("Busy"), cloud.issue("Calm")
    with Patient(cloud) as patient:
        cloud.jira.rate_limit = CloudLimits(issue_writes=((3, 9),))
        for _ in range(3):
            cloud.comment(busy, "somebody else writes, too")
        patient.comment(calm)
        assert patient.waits == []
        patient.comment(busy)
        assert patient.waits == [9]
        assert refusals(cloud) == 1
        assert patient.client.rate_limited == {"jira-per-issue-on-write": 1}
    assert len(cloud.acts("mia", "GET", f"/issue/{busy}/comment")["comments"]) == 4


def test_a_long_wait_for_one_issue_sets_that_issue_aside_without_asking_again(cloud: Office) -> None:
    busy, calm = cloud.issue("Busy"), cloud.issue("Calm")
    cloud.jira.rate_limit = CloudLimits(issue_writes=((1, 300),))
    with Patient(cloud) as patient:
        cloud.comment(busy, "first")
        cloud.box.log.reset()
        for _ in range(3):
            with pytest.raises(Retryable) as caught:
                patient.comment(busy)
            assert (caught.value.item, caught.value.budget) == (True, False)
            assert caught.value.after == timedelta(seconds=300)
        assert len(cloud.box.log.entries) == 1
        patient.comment(calm)
        assert patient.client.get(f"/issue/{busy}")["id"] == busy
        cloud.later(300)
        patient.comment(busy)


# ------------------------------------------------------------------------------------------------------------ bursts


@pytest.mark.parametrize("writing", [False, True])
def test_a_burst_slows_one_endpoint_and_no_other(cloud: Office, writing: bool) -> None:
    issues = [cloud.issue(f"Issue {number}") for number in range(4)]
    path = "/issue/{issue}/comment" if writing else "/issue/{issue}"
    cloud.jira.rate_limit = CloudLimits(endpoints={("POST" if writing else "GET", path): 2}, rate=2)

    def act(patient: Patient, issue: str) -> None:
        if writing:
            patient.comment(issue)
        else:
            patient.client.get(f"/issue/{issue}")

    with Patient(cloud) as patient:
        for issue in issues:
            act(patient, issue)
        assert patient.client.rate_limited == {"jira-burst-based": 1}
        spaced = list(patient.waits)
        assert spaced[0] == 1  # what Retry-After says
        assert all(wait >= 0.5 for wait in spaced[1:])  # a request each half second, as the limit says
        patient.client.get("/myself")
        assert patient.waits == spaced
        assert refusals(cloud) == 1


def test_an_endpoint_that_takes_requests_for_a_while_is_trusted_again() -> None:
    clock = [0.0]
    pacing, call = Pacing(lambda: clock[0]), Call("GET", "/issue/10001", writing=False)
    pacing.told(call, REFUSED, {"ratelimit-reason": "jira-burst-based", "retry-after": "1", "x-ratelimit-limit": "5"})
    waits = []
    for _ in range(400):
        waits.append(pacing.wait(call)[0])
        clock[0] += waits[-1]
        pacing.sent(call)
        pacing.told(call, 200, {})
    assert waits[:2] == [1, pytest.approx(0.2)]
    assert waits[-1] == 0
    assert all(later <= earlier or later == pytest.approx(earlier) for earlier, later in pairwise(waits[1:]))


# ------------------------------------------------------------------------------------------------------------- quota


def test_a_used_up_quota_stops_everything_until_it_is_reset(cloud: Office) -> None:
    issue = cloud.issue("Quiet")
    cloud.jira.rate_limit = CloudLimits(quota=3)
    with Patient(cloud) as patient:
        for _ in range(3):
            patient.client.get(f"/issue/{issue}")
            cloud.later(NEAR_GAP)
        cloud.box.log.reset()
        for send in (lambda: patient.client.get("/myself"), lambda: patient.comment(issue)):
            with pytest.raises(Retryable) as caught:
                send()
            assert caught.value.budget
            assert caught.value.after is not None
            assert caught.value.after > timedelta(minutes=50)
        assert len(cloud.box.log.entries) == 1  # the second was not even sent
        assert patient.client.rate_limited["jira-quota-tenant-based"] == 1
        cloud.later(caught.value.after.total_seconds())
        patient.comment(issue)


def test_a_quota_that_is_nearly_used_up_makes_requests_slower_and_is_counted(cloud: Office) -> None:
    issue = cloud.issue("Quiet")
    cloud.jira.rate_limit = CloudLimits(quota=10)
    with Patient(cloud) as patient:
        for _ in range(10):
            patient.client.get(f"/issue/{issue}")
        assert patient.waits == [NEAR_GAP]
        assert patient.client.rate_limited == {NEAR: 2}


# --------------------------------------------------------------------------------------- Data Center and the others


def test_the_bucket_of_data_center_is_never_overdrawn(server: Office) -> None:
    issue = server.issue("Quiet")
    server.jira.rate_limit = RateLimit(capacity=3, fill_rate=1, interval=4)
    with Patient(server) as patient:
        for _ in range(6):
            patient.client.get(f"/issue/{issue}")
        assert refusals(server) == 0
        assert patient.waits == [4, 4, 4]
        assert patient.client.rate_limited == {}


def test_a_refusal_of_data_center_is_a_page_and_is_waited_for_all_the_same(server: Office) -> None:
    issue = server.issue("Quiet")
    server.jira.rate_limit = RateLimit(capacity=1, fill_rate=1, interval=4)
    with Patient(server) as other, Patient(server) as patient:
        other.client.get(f"/issue/{issue}")
        patient.comment(issue, "written once")
        assert patient.waits == [4]
        assert patient.client.rate_limited == {"unnamed": 1}
    server.later(60)
    assert len(server.acts("mia", "GET", f"/issue/{issue}/comment")["comments"]) == 1


def test_a_forbidden_request_that_took_the_last_token_is_forbidden(server: Office) -> None:
    server.jira.project("PAY").denials.add(("bot", "ADD_COMMENTS"))
    issue = server.issue("Quiet")
    server.jira.rate_limit = RateLimit(capacity=1, fill_rate=1, interval=4)
    with Patient(server) as patient, pytest.raises(Forbidden):
        patient.comment(issue)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7),
        ({"x-ratelimit-reset": "2026-03-02T09:00:30Z", "date": "Mon, 02 Mar 2026 09:00:10 GMT"}, 20),
        ({"x-ratelimit-reset": "2026-03-02T09:01Z", "date": "Mon, 02 Mar 2026 09:00:00 GMT"}, 60),
        ({"x-ratelimit-reset": "2026-03-02T08:00:00Z", "date": "Mon, 02 Mar 2026 09:00:00 GMT"}, 0),
        ({"x-ratelimit-interval-seconds": "5", "x-ratelimit-fillrate": "1", "retry-after": "0"}, 5),
        ({"x-ratelimit-reset": "soon"}, None),
        ({}, None),
    ],
)
def test_a_wait_is_taken_from_whichever_header_tells_it(headers: dict[str, str], seconds: int | None) -> None:
    told = wait_told(headers)
    assert (None if told is None else told.total_seconds()) == seconds


def test_a_refusal_that_names_no_time_is_waited_for_longer_each_time() -> None:
    clock = [0.0]
    pacing, call = Pacing(lambda: clock[0]), Call("GET", "/myself", writing=False)
    waits = []
    for _ in range(6):
        pacing.told(call, REFUSED, {})
        waits.append(pacing.wait(call)[0])
    assert waits == [2, 4, 8, 16, 30, 30]
    pacing.told(call, 200, {})
    pacing.told(call, REFUSED, {})
    assert pacing.wait(call)[0] == 2


def test_an_undocumented_limiter_stops_everything() -> None:
    pacing = Pacing(time.monotonic)
    pacing.told(Call("POST", "/issue/bulk", writing=True), REFUSED, {"ratelimit-reason": "jira-cost-based"})
    assert pacing.wait(Call("GET", "/myself", writing=False))[1] is Reason.UNNAMED
    assert pacing.counted == Counter({"jira-cost-based": 1})


@pytest.mark.parametrize(
    ("path", "endpoint", "issues"),
    [
        ("/issue/10001/comment/7", "PUT /issue/*/comment/*", ("issue 10001",)),
        ("/issue/PAY-7", "PUT /issue/*", ("issue PAY-7",)),
        ("/issue/bulk", "PUT /issue/bulk", ()),
        ("/issueLink/3", "PUT /issueLink/*", ()),
        ("/project/PAY/versions", "PUT /project/PAY/versions", ()),
    ],
)
def test_a_request_counts_against_its_endpoint_and_its_issue(path: str, endpoint: str, issues: tuple[str, ...]) -> None:
    assert (Call("PUT", path, writing=True).endpoint, Call("PUT", path, writing=True).issues) == (endpoint, issues)
    assert Call("GET", path, writing=False).issues == ()


def test_a_new_link_is_a_write_to_both_of_its_ends(cloud: Office) -> None:
    busy, calm = cloud.issue("Busy"), cloud.issue("Calm")
    link = {"type": {"name": "Blocks"}, "inwardIssue": {"id": calm}, "outwardIssue": {"id": busy}}
    with Patient(cloud, longest_wait=1) as patient:
        cloud.jira.rate_limit = CloudLimits(issue_writes=((1, 8),))
        cloud.comment(busy, "first")
        with pytest.raises(Retryable):
            patient.comment(busy)
        with pytest.raises(Retryable, match="not sent"):
            patient.client.write("POST", "/issueLink", link)
        patient.comment(calm)


def test_a_limit_of_an_issue_that_the_request_does_not_name_closes_its_endpoint_alone() -> None:
    pacing, call = Pacing(lambda: 0.0), Call("DELETE", "/issueLink/7", writing=True)
    pacing.told(call, REFUSED, {"ratelimit-reason": "jira-per-issue-on-write", "retry-after": "9"})
    assert pacing.wait(Call("DELETE", "/issueLink/8", writing=True)) == (9, Reason.ISSUE)
    assert pacing.wait(Call("POST", "/issueLink", writing=True))[0] == 0


def test_issues_whose_writes_no_limit_counts_any_more_are_forgotten() -> None:
    clock = [0.0]
    pacing = Pacing(lambda: clock[0], (Allowed(20, 2), Allowed(100, 30)))
    for number in range(5_000):
        clock[0] += 0.1
        pacing.sent(Call("PUT", f"/issue/{number}", writing=True))
    assert len(pacing._writes) <= 1_000


def test_a_limit_of_one_issue_is_no_used_up_budget() -> None:
    one, all_ = (Limited("no", reason, None) for reason in (Reason.ISSUE, Reason.QUOTA))
    assert (one.item, one.budget, all_.item, all_.budget) == (True, False, False, True)
