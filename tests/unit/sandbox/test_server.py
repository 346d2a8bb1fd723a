"""The sandbox as a server: addresses, the control interface, the clock, the log, starting and stopping."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
import requests

from syncer.sandbox import Clock, Sandbox, SandboxError
from tests.unit.sandbox.github_world import PRIVATE, World


def control(world: World, verb: str, path: str, body: object = None) -> requests.Response:
    """Send one request to the control interface."""
    return requests.request(verb, f"{world.box.url}/_sandbox{path}", json=body, timeout=5)


def test_both_trackers_are_served_below_one_address() -> None:
    with Sandbox() as box:
        assert requests.get(f"{box.github_url}/meta", timeout=5).status_code == 200
        assert requests.get(f"{box.jira_url}/rest/api/3/serverInfo", timeout=5).status_code == 200
        assert box.log.counts() == {"github": {"GET": 1}, "jira": {"GET": 1}}


def test_a_stopped_sandbox_accepts_nothing_and_frees_its_port() -> None:
    with Sandbox() as box:
        address, port = f"{box.github_url}/meta", int(box.url.rpartition(":")[2])
    with pytest.raises(requests.ConnectionError):
        requests.get(address, timeout=5)
    with Sandbox(port=port):
        assert requests.get(address, timeout=5).status_code == 200


def test_a_taken_port_is_said_so() -> None:
    with Sandbox() as box, pytest.raises(SandboxError, match="cannot listen"):
        Sandbox(port=int(box.url.rpartition(":")[2]))


def test_the_same_seed_gives_the_same_ids() -> None:
    def identity(seed: int) -> tuple[int, int]:
        box = Sandbox(seed=seed)
        user = box.github.add_user("mei")
        repository = box.github.add_repository("mei/notes")
        box.stop()
        return user.id, repository.id

    assert identity(3) == identity(3)
    assert identity(3) != identity(4)


def test_the_log_is_readable_over_http_and_reset_forgets_it(world: World) -> None:
    world.call("POST", f"/repos/{PRIVATE}/issues", {"title": "A"})
    shown = control(world, "GET", "/requests").json()
    assert shown["counts"] == {"github": {"POST": 1}}
    entry = shown["requests"][0]
    assert (entry["index"], entry["verb"], entry["status"], entry["user"]) == (0, "POST", 201, "mei")
    assert entry["at"] == world.box.clock.now().isoformat()
    assert entry["request_body"] == '{"title": "A"}'
    assert control(world, "POST", "/reset").status_code == 204
    assert control(world, "GET", "/requests").json() == {"counts": {}, "requests": []}


def test_bodies_are_not_kept_when_switched_off(world: World) -> None:
    world.box.log.record_bodies = False
    world.call("POST", f"/repos/{PRIVATE}/issues", {"title": "A"})
    entry = world.box.log.entries[0]
    assert (entry.status, entry.request_body, entry.response_body) == (201, b"", b"")
    world.box.log.reset()


def test_writes_are_counted_apart_from_reads(world: World) -> None:
    world.call("GET", "/user")
    world.call("POST", f"/repos/{PRIVATE}/issues", {"title": "A"})
    requests.post(f"{world.box.jira_url}/rest/api/3/search/jql", json={"jql": "project = PAY"}, timeout=5)
    assert [entry.verb for entry in world.box.log.writes()] == ["POST"]
    assert world.box.log.count("github") == 2
    assert world.box.log.count("github", "GET") == 1
    world.box.log.reset()


def test_the_clock_is_moved_over_http(world: World) -> None:
    before = datetime.fromisoformat(control(world, "GET", "/clock").json()["now"])
    after = datetime.fromisoformat(control(world, "POST", "/clock/advance", {"seconds": 90}).json()["now"])
    assert after - before == timedelta(seconds=90)
    assert world.call("GET", "/meta").headers["date"] == "Mon, 02 Mar 2026 09:01:30 GMT"


def test_people_can_look_at_issues_and_text_is_escaped(world: World) -> None:
    issue = world.json(
        "POST", f"/repos/{PRIVATE}/issues", {"title": "<b>退款</b>", "body": "<script>alert(1)</script>"}
    )
    world.json("POST", f"/repos/{PRIVATE}/issues/1/comments", {"body": "a & b"})
    page = requests.get(issue["html_url"], timeout=5)
    assert (page.status_code, "&lt;b&gt;退款&lt;/b&gt;" in page.text, "a &amp; b" in page.text) == (200, True, True)
    assert "<script>" not in page.text
    assert "退款" in requests.get(f"{world.box.url}/{PRIVATE}", timeout=5).text
    assert PRIVATE in requests.get(world.box.url, timeout=5).text
    assert requests.get(f"{world.box.url}/{PRIVATE}/issues/9", timeout=5).status_code == 404
    assert [entry.verb for entry in world.box.log.entries] == ["POST", "POST"]


def test_faults_are_planned_over_http(world: World) -> None:
    assert control(world, "POST", "/faults", {"kind": "503", "verb": "GET", "times": 2}).status_code == 204
    assert world.call("GET", "/user").status_code == 503
    assert control(world, "GET", "/faults").json()[0]["times"] == 1
    assert control(world, "DELETE", "/faults").status_code == 204
    assert world.call("GET", "/user").status_code == 200


def test_the_lag_of_the_search_index_is_set_over_http(world: World) -> None:
    assert control(world, "POST", "/lag", {"seconds": 45}).status_code == 204
    assert world.box.jira.index_lag == timedelta(seconds=45)


def test_the_rate_limits_of_jira_are_set_over_http(world: World) -> None:
    def statuses() -> list[int]:
        address = f"{world.box.jira_url}/rest/api/2/serverInfo"
        return [requests.get(address, timeout=5).status_code for _ in range(3)]

    assert control(world, "POST", "/limits", {"quota": 2, "issue_writes": True}).status_code == 204
    assert statuses() == [200, 200, 429]
    assert control(world, "POST", "/limits", {}).status_code == 204
    assert statuses() == [200, 200, 200]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/faults", {"kind": "explode"}),
        ("/faults", {"when": 1}),
        ("/lag", {}),
        ("/clock/advance", {"seconds": -1}),
        ("/limits", {"capacity": 1}),
        ("/limits", {"quota": "many"}),
        ("/limits", {"burst": True}),
    ],
)
def test_a_wrong_control_request_is_a_400_that_says_why(world: World, path: str, body: object) -> None:
    answer = control(world, "POST", path, body)
    assert answer.status_code == 400
    assert answer.json()["message"]


def test_requests_from_many_threads_lose_no_write(world: World) -> None:
    def post() -> None:
        for _ in range(10):
            world.json("POST", f"/repos/{PRIVATE}/issues", {"title": "A"})

    threads = [threading.Thread(target=post) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(world.box.github.repository(PRIVATE).issues) == list(range(1, 41))


def test_a_real_clock_moves_by_itself_and_cannot_be_moved() -> None:
    clock = Clock.real()
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(minutes=1)
    with pytest.raises(SandboxError):
        clock.advance(timedelta(seconds=1))


def test_a_virtual_clock_needs_a_zone_and_never_goes_back() -> None:
    with pytest.raises(SandboxError):
        Clock.virtual(datetime(2026, 1, 1))  # noqa: DTZ001 # wrong on purpose
    clock = Clock.virtual(datetime(2026, 1, 1, tzinfo=UTC))
    with pytest.raises(SandboxError):
        clock.advance(timedelta(seconds=-1))


@pytest.mark.parametrize("path", ["/jira/rest/api/2/serverInfo", "/api/v3/rate_limit", "/api/v3/nowhere"])
def test_every_answer_of_a_tracker_is_dated_by_the_clock_of_the_sandbox(world: World, path: str) -> None:
    world.box.clock.advance(timedelta(days=3, seconds=1))
    answer = requests.get(world.box.url + path, timeout=10)
    assert answer.headers["date"] == format_datetime(world.box.clock.now(), usegmt=True)
