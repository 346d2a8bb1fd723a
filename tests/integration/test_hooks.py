"""From an edit in a tracker over its webhook to the other side: the receiver, a daemon or workers, real sockets."""

from __future__ import annotations

import hashlib
import hmac
import json
import signal
import subprocess
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import timedelta

import pytest
import requests

from syncer.app.hints import ask
from syncer.commands.opening import now
from syncer.contract.model import Side
from syncer.demo.rehearsal import REPOSITORY
from syncer.store import Store
from syncer.store.hints import HeardOf, ReceiverRecord
from tests.servers import fresh_postgresql
from tests.unit.commands.conftest import Site, site  # noqa: F401 -- a fixture
from tests.unit.commands.test_process import COMMAND, environment, wait_until

SECRET = "what-github-signs-with"
JIRA_SECRET = "what-jira-signs-with"
SECRETS = {
    "SYNCER_TRACKERS__GITHUB__HOOK_SECRET": SECRET,
    "SYNCER_TRACKERS__JIRA__HOOK_SECRET": JIRA_SECRET,
}


@pytest.fixture
def rarely(site: Site) -> Site:  # noqa: F811
    """A pair whose own time comes once a year."""
    text = site.file.read_text("utf-8")
    site.file.write_text(text.replace('name = "payments"\n', 'name = "payments"\nschedule = "0 3 1 1 *"\n'), "utf-8")
    return site


@contextmanager
def command(where: Site, *arguments: str, **more: str) -> Iterator[subprocess.Popen[str]]:
    """A command that goes on; its log lies beside the configuration, and it is killed at the end."""
    log = where.file.parent / f"{arguments[0]}.log"
    with log.open("w") as err:
        told = {**environment(where.file.parent), **more}
        process = subprocess.Popen([*COMMAND, *arguments], cwd=where.file.parent, env=told, stderr=err, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def log_of(where: Site, name: str) -> str:
    return (where.file.parent / f"{name}.log").read_text("utf-8")


@contextmanager
def receiving(where: Site, **more: str) -> Iterator[str]:
    """The address of a receiver, without the name of a tracker. It knows no token of a tracker."""
    with command(where, "hooks", "--port", "0", **{**more, **SECRETS}) as process:
        wait_until(lambda: "Takes webhooks at" in log_of(where, "hooks") or process.poll() is not None)
        yield log_of(where, "hooks").partition("Takes webhooks at ")[2].partition("TRACKER")[0]
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0


def signed(body: bytes, secret: str = SECRET) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def deliver(address: str, news: Mapping[str, object], *, identity: str = "", event: str = "issues") -> int:
    body = json.dumps(news).encode()
    headers = {
        "X-GitHub-Event": event, "X-GitHub-Delivery": identity, "X-Hub-Signature-256": signed(body),
        "Content-Type": "application/json",
    }  # fmt: skip
    return requests.post(f"{address}github", data=body, headers=headers, timeout=10).status_code


def test_an_edit_on_github_appears_in_jira_within_seconds_with_a_daemon(rarely: Site) -> None:
    with receiving(rarely) as address, command(rarely, "daemon"), Store.open(
        rarely.file.parent / "state-home" / "syncer", clock=now
    ) as store:  # fmt: skip
        wait_until(lambda: "scheduled" in log_of(rarely, "daemon"))
        assert store.pairs.runs() == []
        assert deliver(address, {"repository": {"full_name": REPOSITORY, "id": 7}}, identity="1") == 202
        wait_until(lambda: bool(rarely.box.jira.issues) and "run ended" in log_of(rarely, "daemon"))
        assert len(store.pairs.runs()) == 1
        assert store.hints.waiting(now()) == []


def title_in_jira(where: Site, key: str, title: str) -> None:
    answer = requests.put(
        f"{where.box.jira_url}/rest/api/3/issue/{key}",
        json={"fields": {"summary": title}},
        auth=("li-wei@example.com", "token-li-wei"),
        timeout=10,
    )
    assert answer.status_code == 204, answer.text


def title_on_github(where: Site, number: int, title: str) -> None:
    answer = requests.patch(
        f"{where.box.github_url}/repos/{REPOSITORY}/issues/{number}",
        json={"title": title},
        headers={"Authorization": "Bearer ghp_sandbox_mia_berg"},
        timeout=10,
    )
    assert answer.status_code == 200, answer.text


@pytest.mark.slow
def test_edits_on_both_sides_go_across_and_our_own_writes_wake_one_idle_run(rarely: Site) -> None:
    """The whole way over sockets: a person's edit, the tracker's webhook, the receiver, the daemon, the other side."""
    with receiving(rarely) as address, command(rarely, "daemon"):
        hooks = rarely.box.send_hooks(address, {"github": SECRET, "jira": JIRA_SECRET})
        wait_until(lambda: "scheduled" in log_of(rarely, "daemon"))
        title_on_github(rarely, 1, "Pay by invoice")
        wait_until(lambda: any(one.content["summary"] == "Pay by invoice" for one in rarely.box.jira.issues.values()))
        wait_until(lambda: log_of(rarely, "daemon").count("run ended") == 1)
        title_in_jira(rarely, "PAY-2", "Pay later")
        with suppress(AssertionError):
            wait_until(lambda: rarely.box.github.repository(REPOSITORY).issues[2].title == "Pay later")  # a minute away
        wait_until(lambda: rarely.box.github.repository(REPOSITORY).issues[2].title == "Pay later")
        assert log_of(rarely, "hooks").count("asked to run") == 2, "a minute later, for the edit and our own writes"
    assert {status for _, status in hooks.answers} == {202}
    assert "refused" not in log_of(rarely, "hooks")


@pytest.mark.slow
def test_a_worker_runs_a_pair_that_a_hint_asks_for(rarely: Site) -> None:
    with (
        fresh_postgresql() as state,
        Store.open(state, clock=now) as store,
        receiving(rarely, SYNCER_STATE=state) as address,
        command(rarely, "worker", SYNCER_STATE=state),
    ):
        wait_until(lambda: bool(store.queue.workers()))
        assert store.pairs.runs() == []
        assert deliver(address, {"repository": {"full_name": REPOSITORY, "id": 7}}, identity="1") == 202
        wait_until(lambda: "run ended" in log_of(rarely, "worker"))
        assert len(rarely.box.jira.issues) == 3
        assert store.hints.waiting(now()) == []
        assert len(store.pairs.runs()) == 1


@pytest.mark.slow
def test_workers_leave_out_polls_while_webhooks_tell_of_both_sides_and_not_longer(rarely: Site) -> None:
    text = rarely.file.read_text("utf-8")
    often = 'schedule = "* * * * *"\nschedule-with-hooks = "0 3 1 1 *"\n'
    rarely.file.write_text(text.replace('schedule = "0 3 1 1 *"\n', often), "utf-8")
    with fresh_postgresql() as state, Store.open(state, clock=now) as store:
        at = now() - timedelta(minutes=20)
        with command(rarely, "sync", SYNCER_STATE=state) as first:
            assert first.wait(60) == 0
        ask(store, {"payments": HeardOf(dict.fromkeys(Side, at))}, now())
        store.hints.take(["payments"])
        known = len(store.pairs.runs())
        store.hints.sign(ReceiverRecord("here:9470", now() + timedelta(minutes=1), at.isoformat(), {}, {}))
        with command(rarely, "worker", SYNCER_STATE=state):
            began = now()
            wait_until(lambda: (store.queue.scheduled_until() or began).minute != began.minute)
            assert len(store.pairs.runs()) == known, "a time to poll has passed"
            store.hints.sign(ReceiverRecord("here:9470", at, at.isoformat(), {}, {}))
            for _ in range(2):  # the next time to poll is a minute away
                with suppress(AssertionError):
                    wait_until(lambda: len(store.pairs.runs()) > known)
            assert len(store.pairs.runs()) > known


@pytest.mark.slow
def test_a_thousand_deliveries_at_once_ask_for_one_run(rarely: Site) -> None:
    def one(number: int) -> int:
        news = {"repository": {"full_name": REPOSITORY, "id": 7}, "number": number}
        return deliver(address, news, identity=str(number))

    with receiving(rarely) as address, ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(one, range(1_000)))
        wait_until(lambda: "asked to run" in log_of(rarely, "hooks"))
        assert (set(answers), log_of(rarely, "hooks").count("asked to run")) == ({202}, 1)
    with Store.open(rarely.file.parent / "state-home" / "syncer", clock=now) as store:
        assert store.hints.waiting(now()) == ["payments"]
        (receiver,) = store.hints.receivers()
    assert sum(receiver.counts["github"].values()) <= 1_000
