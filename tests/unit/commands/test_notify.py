"""Channels, the owner's mail and the heartbeat: told once, and no run waits longer than their time."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

import pytest

from tests.unit.commands.conftest import Run, Site, edit_both
from tests.unit.publish.test_mail import Box, serving


class Channel:
    """A server that takes messages, or does not."""

    def __init__(self) -> None:
        self.taken: list[dict[str, Any]] = []
        self.calls: list[str] = []
        self.status, self.stalls, self.released = 200, False, Event()
        channel = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                channel.calls.append(self.path)
                status = channel.status
                if channel.stalls:
                    channel.released.wait()  # who waited for the answer would wait for ever
                if status == 200:  # before the answer: with it the sender goes on
                    channel.taken.append(json.loads(body))
                self.send_response(status)
                if status == 307:
                    self.send_header("Location", "/elsewhere")
                self.end_headers()

            def do_GET(self) -> None:
                channel.calls.append(self.path)
                self.send_response(channel.status)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server.server_address[1]}"

    def end(self) -> None:
        self.released.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def channel() -> Iterator[Channel]:
    served = Channel()
    yield served
    served.end()


PATIENT = "30s"


def wait_at_most(site: Site, timeout: str) -> None:
    """Has the channel answer within this time."""
    text, count = re.subn('timeout = ".*"', f'timeout = "{timeout}"', site.file.read_text("utf-8"))
    assert count == 1
    site.file.write_text(text, "utf-8")


@pytest.fixture
def told(site: Site, channel: Channel, monkeypatch: pytest.MonkeyPatch) -> Site:
    """The site, with a channel and a heartbeat."""
    text = site.file.read_text("utf-8")
    more = (
        f'\n[[channels]]\nname = "team"\ntimeout = "{PATIENT}"\naudience = "members"\n\n[notify]\nchannels = ["team"]\n'
    )
    site.file.write_text(text + more, "utf-8")
    monkeypatch.setenv("SYNCER_CHANNELS__TEAM__URL", f"json://{channel.host}/hook-that-is-secret")
    monkeypatch.setenv("SYNCER_NOTIFY__HEARTBEAT", f"http://{channel.host}/alive")
    return site


def test_a_channel_is_told_once_of_each_incident_and_the_heartbeat_after_each_pass(
    syncer: Run, told: Site, channel: Channel
) -> None:
    syncer("sync")
    assert [one["title"] for one in channel.taken] == ["payments: the first sync is finished"]
    edit_both(told, "Paid twice", "Paid two times")
    assert syncer("sync").code == 6
    syncer("sync")
    first, conflict = channel.taken
    assert conflict["title"] == "payments: 1 new conflict"
    assert conflict["message"] == ("PAY-1 = acme/pay#1, title: both sides changed it\n  syncer resolve 1 left|right")
    assert channel.calls.count("/alive") == 3
    syncer("resolve", "1", "left")
    syncer("sync")
    edit_both(told, "Paid thrice", "Paid three times")
    syncer("sync")
    assert [one["title"] for one in channel.taken[2:]] == ["payments: 1 new conflict"]
    assert first["title"]


@pytest.mark.parametrize("trouble", ["500", "307", "stall"])
def test_what_a_channel_does_not_take_is_said_once_and_told_after_the_next_run(
    syncer: Run, told: Site, channel: Channel, trouble: str
) -> None:
    syncer("sync")
    edit_both(told, "Paid twice", "Paid two times")
    channel.taken.clear()
    channel.stalls, channel.status = trouble == "stall", 307 if trouble == "307" else 500
    if channel.stalls:
        wait_at_most(told, "1s")
    ended = syncer("sync")
    assert ended.code == 6
    assert "channel team: not told: " in ended.err
    assert "secret" not in ended.err
    assert "not told" not in syncer("sync").err
    assert "/elsewhere" not in channel.calls
    channel.stalls, channel.status = False, 200
    channel.released.set()
    wait_at_most(told, PATIENT)
    channel.taken.clear()
    syncer("sync")
    assert [one["title"] for one in channel.taken] == ["payments: 1 new conflict"]


def test_nothing_is_sent_in_quiet_hours_and_what_is_still_true_afterwards(
    syncer: Run, told: Site, channel: Channel
) -> None:
    text = told.file.read_text("utf-8")
    syncer("sync")
    edit_both(told, "Paid twice", "Paid two times")
    channel.taken.clear()
    told.file.write_text(text + 'quiet-hours = "00:00-23:59"\n', "utf-8")
    syncer("sync")
    assert channel.taken == []
    told.file.write_text(text, "utf-8")
    syncer("sync")
    assert [one["title"] for one in channel.taken] == ["payments: 1 new conflict"]


def test_check_sends_a_test_and_says_what_became_of_it(syncer: Run, told: Site, channel: Channel) -> None:
    ended = syncer("check", "--notify")
    assert (ended.code, ended.out) == (0, "channel team: taken\n")
    assert channel.taken[0]["title"] == "syncer: a test"
    channel.status = 500
    ended = syncer("check", "--notify", "--json")
    assert (ended.code, json.loads(ended.out)["places"][0]["taken"]) == (2, False)
    assert "secret" not in ended.out


def test_the_owner_of_a_pair_is_told_by_mail(syncer: Run, site: Site) -> None:
    box = Box()
    with serving(box) as port:
        text = site.file.read_text("utf-8").replace("[[pairs]]\n", '[[pairs]]\nowner = "Ada"\n')
        text += '\n[[people]]\nname = "Ada"\naccounts = {}\nmail = "ada@acme.example"\n'
        text += f'\n[mail]\nhost = "127.0.0.1"\nport = {port}\ntls = "none"\nfrom = "syncer@acme.example"\n'
        site.file.write_text(text, "utf-8")
        syncer("sync")
        edit_both(site, "Paid twice", "Paid two times")
        syncer("sync")
        syncer("sync")
    _, conflict = (message_from_bytes(one.content or b"", policy=default) for one in box.got)  # type: ignore[arg-type]
    assert conflict["Subject"] == "[syncer] payments: 1 new conflict"
    assert conflict["Auto-Submitted"] == "auto-generated"
    assert "syncer resolve 1 left|right" in conflict.get_content()


# --- the week in a chat


@pytest.fixture
def weekly(told: Site) -> Site:
    """The site, whose channel is told the week after a sync."""
    told.file.write_text(told.file.read_text("utf-8") + '\n[report]\nchannels = ["team"]\n', "utf-8")
    return told


def test_a_chat_is_told_the_week_once_in_the_client_s_edition(syncer: Run, weekly: Site, channel: Channel) -> None:
    syncer("sync")
    edit_both(weekly, "Paid twice", "Paid two times")
    syncer("sync")
    channel.taken.clear()
    assert syncer("report", "--send").code == 0
    (week,) = channel.taken
    assert " · " in week["title"]
    assert week["message"].startswith("[not known yet] Will the goals be reached? ")
    assert "What we need from you" in week["message"]
    assert "conflict" not in week["message"]  # nothing about the sync itself
    assert syncer("report", "--send").code == 0
    assert len(channel.taken) == 1
    assert syncer("report", "--send", "--again").code == 0
    assert len(channel.taken) == 2


def test_a_chat_is_told_in_its_language_and_edition(syncer: Run, weekly: Site, channel: Channel) -> None:
    text = weekly.file.read_text("utf-8")
    table = 'channels = [{ channel = "team", language = "zh", audience = "manager" }]'
    weekly.file.write_text(text.replace('[report]\nchannels = ["team"]', f"[report]\n{table}"), "utf-8")
    syncer("sync")
    edit_both(weekly, "Paid @everyone", "Paid <!here>")
    syncer("sync")
    channel.taken.clear()
    assert syncer("report", "--send").code == 0
    (week,) = channel.taken
    assert [line[0] for line in week["message"].splitlines()[:6]] == ["["] * 6  # six questions with their verdicts
    assert "待决" in week["title"] + week["message"]
    assert not re.search(r"[@＠<]\w", week["message"])


@pytest.mark.parametrize("trouble", ["500", "307", "stall"])
def test_a_chat_that_did_not_take_the_week_is_never_told_twice(
    syncer: Run, weekly: Site, channel: Channel, trouble: str
) -> None:
    syncer("sync")
    channel.taken.clear()
    channel.stalls, channel.status = trouble == "stall", 307 if trouble == "307" else 200 if trouble == "stall" else 500
    if channel.stalls:
        wait_at_most(weekly, "1s")
    ended = syncer("report", "--send")
    assert ended.code == 1
    assert "secret" not in ended.err
    channel.stalls, channel.status = False, 200
    channel.released.set()
    wait_at_most(weekly, PATIENT)
    expected = 0 if trouble == "stall" else 1
    assert syncer("report", "--send").code == 0
    told_by_us = [one for one in channel.taken if " · " in one["title"]]
    assert len(told_by_us) == 1 if expected else len(told_by_us) <= 1  # the one that was left behind may have arrived
    assert "/elsewhere" not in channel.calls


def test_nothing_is_told_where_more_people_read(syncer: Run, weekly: Site, channel: Channel) -> None:
    text = weekly.file.read_text("utf-8")
    weekly.file.write_text(text.replace('audience = "members"\n', ""), "utf-8")
    syncer("sync")
    channel.taken.clear()
    ended = syncer("report", "--send")
    assert (ended.code, channel.taken) == (1, [])
    assert "more people read it" in ended.err
    assert "more people read it" in syncer("check").out


def test_an_address_of_an_unknown_kind_is_found_by_check_and_never_repeated(
    syncer: Run, told: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNCER_CHANNELS__TEAM__URL", "slak://token-that-is-secret/b/c")
    ended = syncer("check")
    assert ended.code == 2
    assert "channel team: Apprise knows no slak://: did you mean slack://?" in ended.out
    assert "secret" not in ended.out + ended.err
