"""Faults of the sandbox, seen by an ordinary HTTP client: what it gets, and whether the change was committed."""

from __future__ import annotations

import threading
import time

import pytest
import requests

from syncer.sandbox import Fault, FaultPlan, SandboxError
from tests.unit.sandbox.github_world import PRIVATE, World

ISSUES = f"/repos/{PRIVATE}/issues"


def titles(world: World) -> list[str]:
    """Return the titles of the issues there are."""
    return [issue.title for issue in world.box.github.repository(PRIVATE).issues.values()]


@pytest.mark.parametrize(("kind", "committed"), [("close-before-commit", []), ("commit-then-close", ["A"])])
def test_a_cut_connection_is_a_connection_error(world: World, kind: str, committed: list[str]) -> None:
    world.box.faults.add(Fault(kind, verb="POST"))  # type: ignore[arg-type] # parametrised
    with pytest.raises(requests.ConnectionError):
        world.call("POST", ISSUES, {"title": "A"})
    assert titles(world) == committed
    assert (world.box.log.entries[-1].status, world.box.log.entries[-1].fault) == (None, kind)


def test_a_cut_connection_of_a_pool_leaves_the_others_working(world: World) -> None:
    with requests.Session() as session:
        session.headers["Authorization"] = "Bearer mei-token"
        address = world.box.github_url + ISSUES
        assert session.get(address, timeout=5).status_code == 200
        world.box.faults.add(Fault("commit-then-close"))
        with pytest.raises(requests.ConnectionError):
            session.post(address, json={"title": "A"}, timeout=5)
        assert [issue["title"] for issue in session.get(address, timeout=5).json()] == ["A"]


@pytest.mark.parametrize(
    ("fault", "status", "committed"),
    [
        (Fault("commit-then-502"), 502, True),
        (Fault("502"), 502, False),
        (Fault("500"), 500, False),
        (Fault("500", after_commit=True), 500, True),
        (Fault("503", retry_after="7"), 503, False),
        (Fault("401"), 401, False),
        (Fault("403-secondary"), 403, False),
        (Fault("404"), 404, False),
        (Fault("429"), 429, False),
        (Fault("429", after_commit=True), 429, True),
        (Fault("html-200"), 200, False),
        (Fault("html-200", after_commit=True), 200, True),
    ],
)
def test_an_error_answer_replaces_the_real_one(world: World, fault: Fault, status: int, committed: bool) -> None:
    world.box.faults.add(fault)
    answer = world.call("POST", ISSUES, {"title": "A"})
    assert (answer.status_code, titles(world)) == (status, ["A"] if committed else [])
    assert answer.headers.get("retry-after") == (fault.retry_after if status in (403, 429, 503) else None)


def test_a_page_of_html_with_200_is_no_json(world: World) -> None:
    world.box.faults.add(Fault("html-200"))
    answer = world.call("GET", ISSUES)
    assert answer.headers["content-type"].startswith("text/html")
    with pytest.raises(requests.JSONDecodeError):
        answer.json()


def test_truncated_json_is_a_whole_answer_with_half_a_body(world: World) -> None:
    world.box.faults.add(Fault("truncated-json"))
    answer = world.call("POST", ISSUES, {"title": "A"})
    assert (answer.status_code, titles(world)) == (201, ["A"])
    with pytest.raises(requests.JSONDecodeError):
        answer.json()


def test_a_truncated_body_breaks_off_in_the_middle(world: World) -> None:
    world.box.faults.add(Fault("truncated-body"))
    with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.ConnectionError)):
        world.call("POST", ISSUES, {"title": "A"})
    assert titles(world) == ["A"]


def test_a_slow_answer_comes_after_the_commit_and_holds_up_nobody(world: World) -> None:
    world.box.faults.add(Fault("slow", verb="POST", seconds=30))
    address = world.box.github_url + ISSUES
    headers = {"Authorization": "Bearer mei-token"}
    waiting = threading.Event()

    def post() -> None:
        with pytest.raises(requests.ReadTimeout):
            requests.post(address, json={"title": "A"}, headers=headers, timeout=(5, 3))
        waiting.set()

    thread = threading.Thread(target=post)
    thread.start()
    while not titles(world):
        time.sleep(0.01)
    assert world.json("GET", ISSUES)[0]["title"] == "A"
    assert not waiting.is_set()
    thread.join()


def test_a_slow_request_goes_on_once_it_is_let_go(world: World) -> None:
    world.box.faults.add(Fault("slow", verb="POST", seconds=600))
    answers: list[requests.Response] = []
    thread = threading.Thread(target=lambda: answers.append(world.call("POST", ISSUES, {"title": "A"})))
    thread.start()
    while not titles(world):
        time.sleep(0.01)
    while not answers:
        world.box.faults.release()
        time.sleep(0.01)
    thread.join()
    assert answers[0].status_code == 201


def test_a_request_slow_before_its_commit_is_committed_after_its_client_has_left(world: World) -> None:
    world.box.faults.add(Fault("slow", seconds=2, after_commit=False))
    headers = {"Authorization": "Bearer mei-token"}
    with pytest.raises(requests.ReadTimeout):
        requests.post(world.box.github_url + ISSUES, json={"title": "A"}, headers=headers, timeout=(5, 0.1))
    assert titles(world) == []
    assert world.box.log.wait_for_arrival(0, timeout=5)
    while not titles(world):
        time.sleep(0.01)
    assert not world.box.log.wait_for_arrival(1, timeout=0)


def test_stopping_lets_go_of_held_requests_in_silence(world: World, capfd: pytest.CaptureFixture[str]) -> None:
    world.box.faults.add(Fault("slow", seconds=60, after_commit=False))
    with pytest.raises(requests.ReadTimeout):
        requests.get(f"{world.box.github_url}/meta", timeout=(5, 0.1))
    world.box.stop()
    assert capfd.readouterr() == ("", "")


def test_a_slow_request_can_wait_before_the_commit(world: World) -> None:
    world.box.faults.add(Fault("slow", seconds=0.05, after_commit=False))
    assert world.call("POST", ISSUES, {"title": "A"}).status_code == 201
    assert titles(world) == ["A"]


def test_conditions_choose_the_request_and_times_how_often(world: World) -> None:
    world.box.faults.add(Fault("500", verb="GET", path=r"/issues$", times=2))
    statuses = [world.call("GET", path).status_code for path in ("/user", ISSUES, ISSUES, ISSUES)]
    assert statuses == [200, 500, 500, 200]


def test_an_index_counts_tracker_requests_since_the_reset(world: World) -> None:
    world.call("GET", "/user")
    requests.post(f"{world.box.url}/_sandbox/reset", timeout=5)
    world.box.faults.add(Fault("500", index=1))
    requests.get(f"{world.box.url}/_sandbox/requests", timeout=5)
    assert [world.call("GET", "/user").status_code for _ in range(3)] == [200, 500, 200]


def test_a_fault_of_jira_has_the_shape_of_jira(world: World) -> None:
    world.box.faults.add(Fault("429", path="^/jira/"))
    answer = requests.get(f"{world.box.jira_url}/rest/api/3/myself", timeout=5)
    assert (answer.status_code, list(answer.json())) == (429, ["errorMessages", "errors"])


def test_a_plan_hands_out_faults_in_order_and_can_be_cleared() -> None:
    first, second = Fault("500"), Fault("503")
    plan = FaultPlan([first, second])
    assert plan.take(0, "GET", "/api/v3/user") is first
    plan.clear()
    assert plan.take(1, "GET", "/api/v3/user") is None


@pytest.mark.parametrize(
    "fields", [{"kind": "explode"}, {"kind": "500", "path": "("}, {"kind": "commit-then-close", "after_commit": False}]
)
def test_a_fault_that_makes_no_sense_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(SandboxError):
        Fault(**fields)  # type: ignore[arg-type] # wrong on purpose
