"""`syncer hooks`: what it needs and refuses, and what status and metrics tell of it."""

from __future__ import annotations

import json
import socket
from datetime import timedelta
from pathlib import Path

import pytest

from syncer.app.hints import ask
from syncer.commands.hooks import _trackers
from syncer.commands.opening import now, open_settings, open_store
from syncer.commands.sync import numbers
from syncer.contract.model import Side
from syncer.store.hints import HeardOf, ReceiverRecord
from tests.unit.commands.conftest import Run, Site

SECRET = "0123456789abcdef0123456789abcdef"
SCHEDULES = 'name = "payments"\nschedule = "* * * * *"\nschedule-with-hooks = "0 3 1 1 *"\n'


@pytest.fixture
def hooked(site: Site) -> Site:
    text = site.file.read_text("utf-8")
    site.file.write_text(text.replace('name = "payments"\n', SCHEDULES), "utf-8")
    return site


def tell(site: Site, ago: timedelta, *, sign: timedelta = timedelta()) -> None:
    """A receiver that gave a sign so long ago, and a webhook of both sides."""
    with open_store(open_settings(site.file, None)) as store:
        moment = now()
        heard = HeardOf(dict.fromkeys(Side, moment - ago))
        ask(store, {"payments": heard}, moment)
        counts = {"github": {"accepted": 3, "signature": 2, "ignored": 1}, "": {"path": 4}}
        store.hints.sign(
            ReceiverRecord("here:9470", moment - sign, moment.isoformat(), counts, {"github": moment.isoformat()})
        )


def test_without_a_secret_nothing_would_be_taken_and_it_ends(syncer: Run, hooked: Site) -> None:
    ended = syncer("hooks", "--port", "0")
    assert ended.code == 2
    assert ended.err.splitlines() == [
        "jira: every delivery is refused: it has no hook-secret (openssl rand -hex 32).",
        "github: every delivery is refused: it has no hook-secret (openssl rand -hex 32).",
    ]


@pytest.mark.parametrize("host", ["0.0.0.0", "10.1.2.3", "::"])  # noqa: S104 - it is refused
def test_unsigned_deliveries_are_taken_from_this_machine_alone(syncer: Run, hooked: Site, host: str) -> None:
    hooked.file.write_text(hooked.file.read_text("utf-8") + "\n[hooks]\ntrusted-proxy = true\n", "utf-8")
    ended = syncer("hooks", "--host", host, "--port", "0")
    assert (ended.code, "listen on 127.0.0.1, or give each tracker a hook-secret" in ended.err) == (2, True)


def test_an_address_that_is_none_is_named(syncer: Run, hooked: Site) -> None:
    ended = syncer("hooks", "--host", "hooks.acme.example")
    assert (ended.code, "is no address" in ended.err) == (2, True)


def test_a_port_that_is_taken_is_named(syncer: Run, hooked: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNCER_TRACKERS__GITHUB__HOOK_SECRET", SECRET)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ended = syncer("hooks", "--port", str(taken.getsockname()[1]))
    assert (ended.code, "Choose another --port, or end what listens there." in ended.err) == (2, True)


def test_a_secret_that_can_be_guessed_is_refused_and_not_shown(
    syncer: Run, hooked: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNCER_TRACKERS__GITHUB__HOOK_SECRET", f"{SECRET} hunter2")
    ended = syncer("hooks")
    assert (ended.code, "fewer than 16 characters" in ended.err, "hunter2" in ended.err) == (2, True, False)
    text = hooked.file.read_text("utf-8")
    hooked.file.write_text(text.replace('kind = "github"\n', f'kind = "github"\nhook-secret = "{SECRET}"\n'), "utf-8")
    monkeypatch.delenv("SYNCER_TRACKERS__GITHUB__HOOK_SECRET")
    ended = syncer("hooks")
    assert (ended.code, "does not belong into this file" in ended.err, SECRET in ended.err) == (2, True, False)


def test_the_receiver_knows_what_webhooks_are_signed_with_and_no_token(
    hooked: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("JIRA", "GITHUB"):
        monkeypatch.delenv(f"SYNCER_TRACKERS__{name}__TOKEN")
    file = tmp_path / "github-hook.secret"
    file.write_text(f"{SECRET}\n{SECRET[::-1]}\n", "utf-8")
    file.chmod(0o600)
    text = hooked.file.read_text("utf-8")
    hooked.file.write_text(
        text.replace('kind = "github"\n', f'kind = "github"\nhook-secret-file = "{file.name}"\ntoken-file = "none"\n'),
        "utf-8",
    )
    settings = open_settings(hooked.file, str(tmp_path / "state"), hooks=True)
    with open_store(settings) as store:
        found = {one.name: one for one in _trackers(settings, store)}
    assert found["github"].secrets == (SECRET.encode(), SECRET[::-1].encode())
    assert found["github"].pairs == {"acme/pay": [("payments", Side.RIGHT)]}
    assert (found["jira"].secrets, found["jira"].pairs) == ((), {"PAY": [("payments", Side.LEFT)]})
    file.chmod(0o644)


def test_status_tells_of_webhooks_and_how_a_pair_is_polled(syncer: Run, hooked: Site) -> None:
    assert json.loads(syncer("status", "--json").out)["hooks"] is None
    syncer("sync")
    tell(hooked, timedelta(minutes=20))
    told = json.loads(syncer("status", "--json").out)["hooks"]
    assert told["trackers"]["github"]["results"] == {"accepted": 3, "signature": 2, "ignored": 1}
    assert told["pairs"]["payments"]["polled_as_ever"] == ""
    shown = syncer("status").out
    assert "2 signature" in shown
    assert "payments: webhooks tell of its changes; polled by `schedule-with-hooks`" in shown
    tell(hooked, timedelta(minutes=20), sign=timedelta(minutes=7))
    shown = syncer("status").out
    assert "receiver here:9470: no sign for 7 min" in shown
    assert "payments: polled by `schedule`: no receiver is at work (syncer hooks)" in shown


def test_numbers_for_monitors_tell_of_webhooks_and_of_no_poll_that_is_left_out(syncer: Run, hooked: Site) -> None:
    syncer("sync")
    tell(hooked, timedelta(minutes=20))
    settings = open_settings(hooked.file, None)
    with open_store(settings) as store:
        found = {
            (sample.name, *sample.labels.values()): sample.value
            for family in numbers(settings, store)
            for sample in family.samples
        }
    assert found["syncer_hooks_deliveries", "here:9470", "github", "signature"] == 2
    assert found["syncer_hooks_heard_seconds", "payments", "left"] >= 1_200
    assert found["syncer_behind", "payments"] == 0
