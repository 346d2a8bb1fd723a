"""What the connectors of one account share: one finds out that its tracker is down, and the others send nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import responses

from connectors.github.client import GitHubClient
from connectors.github.settings import GitHubTracker
from connectors.jira.client import Client
from connectors.jira.settings import JiraTracker
from syncer.contract.errors import Denied, Down, Gone, Retryable
from syncer.contract.line import ASK_AGAIN, TrackerLine, TrackerLines

JIRA, GITHUB = "https://acme.atlassian.net", "http://127.0.0.1:9/api/v3"


class Time:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def web() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


def jira(line: TrackerLine, time: Time) -> Callable[[str], object]:
    tracker = JiraTracker.model_validate({"url": JIRA, "user": "bot@acme.example", "token": "t" * 20})
    client = Client(tracker, sleep=time.sleep, monotonic=time)
    client.share(line)
    return client.get


def github(line: TrackerLine, time: Time) -> Callable[[str], object]:
    tracker = GitHubTracker.model_validate({"url": GITHUB, "token": "ghp_" + "t" * 20})
    client = GitHubClient(tracker, "acme/pay", sleep=time.sleep, monotonic=time)
    client.share(line)
    return lambda path: client.get(path, "look", item=True)[0]


KINDS = [
    pytest.param(jira, f"{JIRA}/rest/api/3", "/serverInfo", id="jira"),
    pytest.param(github, GITHUB, "/rate_limit", id="github"),
]
Opened = Callable[[TrackerLine, Time], Callable[[str], object]]
each_kind = pytest.mark.parametrize(("opened", "base", "probe"), KINDS)


@each_kind
def test_a_tracker_that_fails_for_everybody_is_asked_by_one_of_them_alone(
    web: responses.RequestsMock, time: Time, opened: Opened, base: str, probe: str
) -> None:
    line = TrackerLine(time)
    web.get(f"{base}/a", status=503)
    web.get(f"{base}{probe}", status=503)
    with pytest.raises(Retryable):
        opened(line, time)("/a")
    sent = len(web.calls)
    with pytest.raises(Down, match=r"does not answer \(status 503\)"):
        opened(line, time)("/b")
    assert len(web.calls) == sent
    assert web.calls[-1].request.url == f"{base}{probe}"
    assert "Authorization" not in web.calls[-1].request.headers


@each_kind
def test_one_request_that_always_fails_closes_nothing(
    web: responses.RequestsMock, time: Time, opened: Opened, base: str, probe: str
) -> None:
    line = TrackerLine(time)
    web.get(f"{base}/a", status=502)
    web.get(f"{base}{probe}", status=401)
    web.get(f"{base}/b", json={})
    with pytest.raises(Retryable):
        opened(line, time)("/a")
    assert line.down == ""
    assert opened(line, time)("/b") == {}


@each_kind
def test_after_a_minute_one_asks_again_and_all_go_on(
    web: responses.RequestsMock, time: Time, opened: Opened, base: str, probe: str
) -> None:
    line = TrackerLine(time)
    line.close(Down("it does not answer"))
    web.get(f"{base}{probe}", status=503)
    time.now += ASK_AGAIN
    with pytest.raises(Down):
        opened(line, time)("/b")
    with pytest.raises(Down):
        opened(line, time)("/b")
    assert len(web.calls) == 1
    web.replace("GET", f"{base}{probe}", json={})
    web.get(f"{base}/b", json={})
    time.now += ASK_AGAIN
    assert opened(line, time)("/b") == {}
    assert line.down == ""


@each_kind
def test_credentials_that_were_refused_are_not_shown_again(
    web: responses.RequestsMock, time: Time, opened: Opened, base: str, probe: str
) -> None:
    line = TrackerLine(time)
    web.get(f"{base}/a", status=401, json={"message": "Bad credentials", "errorMessages": ["no"]})
    with pytest.raises(Denied) as first:
        opened(line, time)("/a")
    with pytest.raises(Denied) as second:
        opened(line, time)("/b")
    assert len(web.calls) == 1
    assert (str(second.value), second.value.remedy) == (str(first.value), first.value.remedy)


@each_kind
def test_an_answer_about_one_item_says_that_the_tracker_answers(
    web: responses.RequestsMock, time: Time, opened: Opened, base: str, probe: str
) -> None:
    line = TrackerLine(time)
    web.get(f"{base}/a", status=404, json={})
    with pytest.raises(Gone):
        opened(line, time)("/a")
    assert line.answered
    assert line.down == ""


def test_a_limit_that_one_session_met_holds_for_the_others(web: responses.RequestsMock, time: Time) -> None:
    line = TrackerLine(time)
    web.get(f"{GITHUB}/a", status=403, json={"message": "secondary rate limit"}, headers={"Retry-After": "90"})
    with pytest.raises(Retryable):
        github(line, time)("/a")
    with pytest.raises(Retryable) as other:
        github(line, time)("/b")
    assert other.value.budget
    assert len(web.calls) == 1


def test_writes_to_github_take_turns(web: responses.RequestsMock, time: Time) -> None:
    line, at_once, seen = TrackerLine(time), [], threading.Lock()

    def answer(_request: object) -> tuple[int, dict[str, str], str]:
        at_once.append(seen.acquire(blocking=False))
        threading.Event().wait(0.02)
        seen.release()
        return 201, {"content-type": "application/json"}, "{}"

    web.add_callback("POST", f"{GITHUB}/a", answer)
    tracker = GitHubTracker.model_validate({"url": GITHUB, "token": "ghp_" + "t" * 20})
    clients = [GitHubClient(tracker, "acme/pay", sleep=time.sleep, monotonic=time) for _ in range(4)]
    for client in clients:
        client.share(line)
    threads = [threading.Thread(target=client.write, args=("POST", "/a", {}, "write")) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert at_once == [True] * 4


def test_a_line_belongs_to_an_account(tmp_path: Path) -> None:
    lines = TrackerLines()
    assert lines.of("a") is lines.of("a")
    assert lines.of("a") is not lines.of("b")
    lines.of("b").close(Down("no answer"))
    assert lines.down() == {"b": "no answer"}
