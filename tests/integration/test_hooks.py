"""From an edit in a tracker over its webhook to the other side: the receiver, a daemon or workers, real sockets."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest
import requests

from syncer.commands.opening import now
from syncer.demo.rehearsal import REPOSITORY
from syncer.store import Store
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
    assert os.environ.get("SYNCER_TRACKERS__GITHUB__TOKEN", "?") not in log_of(rarely, "hooks")
