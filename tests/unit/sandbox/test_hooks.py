"""The webhooks that the sandbox sends: signed, named and shaped as the vendors' are."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

import pytest
import requests

from connectors.github.hooks import GitHubHooks
from connectors.jira.hooks import JiraHooks
from syncer.contract.hooks import Delivery
from syncer.demo.rehearsal import GITHUB_TOKEN, JIRA_TOKEN, Filling, rehearsal
from syncer.hooks.judging import HookedTracker, Judge, Result
from syncer.sandbox import Fault, Sandbox

SECRETS = {"github": "what-github-signs-with", "jira": "what-jira-signs-with"}


@contextmanager
def listening() -> Iterator[tuple[str, list[tuple[str, Delivery]]]]:
    """An address, and what came there: the path and the delivery."""
    came: list[tuple[str, Delivery]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            came.append((self.path, Delivery({name.lower(): value for name, value in self.headers.items()}, body)))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hooks", came
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def github(box: Sandbox, verb: str, path: str, **body: Any) -> None:
    answer = requests.request(
        verb, f"{box.github_url}/repos/acme/pay{path}", json=body, headers={"Authorization": f"Bearer {GITHUB_TOKEN}"},
        timeout=10,
    )  # fmt: skip
    assert answer.ok, answer.text


def jira(box: Sandbox, verb: str, path: str, body: Any) -> None:
    version, headers, auth = ("3", {}, ("sync-bot@acme.example", JIRA_TOKEN)) if box.jira.is_cloud else (
        "2", {"Authorization": f"Bearer {JIRA_TOKEN}"}, None)  # fmt: skip
    answer = requests.request(
        verb, f"{box.jira_url}/rest/api/{version}{path}", json=body, headers=headers, auth=auth, timeout=10
    )
    assert answer.ok, answer.text


def new_issue(summary: str) -> dict[str, Any]:
    return {"fields": {"project": {"key": "PAY"}, "summary": summary, "issuetype": {"name": "Task"}}}


@pytest.mark.parametrize("deployment", ["cloud", "datacenter"])
def test_what_people_do_over_http_is_told_and_signed(deployment: Literal["cloud", "datacenter"]) -> None:
    with listening() as (address, came), rehearsal(deployment, 0, Filling(issues=1)) as box:
        sender = box.send_hooks(address, SECRETS)
        github(box, "PATCH", "/issues/1", title="Pay by invoice")
        github(box, "PATCH", "/issues/1", state="closed")
        github(box, "POST", "/issues/1/comments", body="Done")
        github(box, "POST", "/issues", title="Pay later")
        github(box, "GET", "/issues/1")
        jira(box, "POST", "/issue", new_issue("One"))
        jira(box, "POST", "/issue/bulk", {"issueUpdates": [new_issue("Two"), new_issue("Three")]})
        jira(box, "PUT", "/issue/PAY-1", {"fields": {"summary": "One!"}})
        sender.stop()
        box.hooks = None
    told = [(path, json.loads(one.body)) for path, one in came]
    assert [(path, body.get("action") or body["webhookEvent"]) for path, body in told] == [
        ("/hooks/github", "edited"),
        ("/hooks/github", "closed"),
        ("/hooks/github", "created"),
        ("/hooks/github", "opened"),
        *[("/hooks/jira", "jira:issue_created")] * 3,
        ("/hooks/jira", "jira:issue_updated"),
    ]
    assert [body["issue"]["key"] for _, body in told[4:]] == ["PAY-1", "PAY-2", "PAY-3", "PAY-1"]
    assert told[0][1]["sender"]["login"] == "sync-bot"
    assert told[3][1]["issue"]["title"] == "Pay later"
    trackers = {
        "/hooks/github": HookedTracker("github", GitHubHooks(), (SECRETS["github"].encode(),), {"acme/pay": []}),
        "/hooks/jira": HookedTracker("jira", JiraHooks(), (SECRETS["jira"].encode(),), {"PAY": []}),
    }
    judge = Judge(list(trackers.values()), trusted_proxy=False)
    for path, one in came:
        assert judge.look(trackers[path], one.headers, from_here=True) is None
        assert judge.judge(trackers[path], one).result is Result.UNKNOWN, "authentic, and of a scope without a pair"
    numbered = [one for path, one in came if path == "/hooks/jira" and "x-atlassian-webhook-identifier" in one.headers]
    assert len(numbered) == (4 if deployment == "cloud" else 0)


def test_a_write_whose_answer_is_lost_is_told_and_a_refused_one_is_not() -> None:
    with listening() as (address, came), rehearsal("cloud", 0, Filling(issues=1)) as box:
        sender = box.send_hooks(address, SECRETS)
        box.faults.add(Fault("commit-then-close", verb="PATCH"))
        with pytest.raises(requests.ConnectionError):
            github(box, "PATCH", "/issues/1", title="Pay by invoice")
        with pytest.raises(AssertionError):
            github(box, "PATCH", "/issues/99", title="Nothing")
        sender.stop()
        box.hooks = None
    assert [json.loads(one.body)["issue"]["title"] for _, one in came] == ["Pay by invoice"]


def test_a_receiver_that_is_away_keeps_nobody_waiting() -> None:
    with rehearsal("cloud", 0, Filling(issues=1)) as box:
        sender = box.send_hooks("http://127.0.0.1:9/hooks", SECRETS)
        github(box, "PATCH", "/issues/1", title="Pay by invoice")
        sender.stop()
        box.hooks = None
        assert sender.answers == [("github", None)]
