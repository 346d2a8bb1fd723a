"""`syncer pause`, `resume`, `unlink`, `link` and `resync`, as a person gives them."""

from __future__ import annotations

import getpass
import json
from datetime import timedelta

import pytest

from syncer.commands.opening import now
from syncer.commands.steering import person
from syncer.demo.rehearsal import REPOSITORY
from tests.unit.commands.conftest import Run, Site


def retitle(site: Site, number: int, title: str) -> None:
    site.box.github.edit_issue(REPOSITORY, number, "mia-berg", title=title)


def title_in_jira(site: Site, key: str) -> str:
    issue = site.box.jira.find_issue(key)
    assert issue is not None
    return str(issue.content["summary"])


def test_what_is_paused_is_named_by_status_and_explain_until_it_goes_on(syncer: Run, site: Site) -> None:
    syncer("sync")
    day = (now() + timedelta(days=9)).date().isoformat()
    ended = syncer("pause", "pay-1", "--until", day, "--why", "with the\nclient")
    assert (ended.code, ended.out[:59]) == (0, f"payments: PAY-1 = acme/pay#1 is paused until {day} 00:00"[:59])
    assert "syncer resume" in ended.err
    retitle(site, 1, "Renamed")
    assert syncer("sync").code == 0
    assert title_in_jira(site, "PAY-1") != "Renamed"
    status, explained = syncer("status").out, syncer("explain", "acme/pay#1").out
    for said in (status, explained):
        assert f"paused by {person()} since" in said
        assert f"until {day}" in said
        assert "with the client" in said
    assert "syncer resume PAY-1" in status
    (pair,) = json.loads(syncer("status", "--json").out)["pairs"]
    assert (pair["held"], [one["why"] for one in pair["waiting"]]) == (0, ["paused"])
    assert json.loads(syncer("explain", "PAY-1", "--json").out)["items"][0]["steered"][0]["by"] == person()
    assert syncer("verify").code == 0
    assert syncer("resume", "PAY-1").out == "payments: PAY-1 = acme/pay#1 goes on\n"
    syncer("sync")
    assert title_in_jira(site, "PAY-1") == "Renamed"
    assert syncer("resume", "PAY-1").code == 0


def test_unlinked_items_are_apart_until_they_are_linked(syncer: Run, site: Site) -> None:
    syncer("sync")
    ended = syncer("unlink", "PAY-2", "--why", "two tasks by now")
    assert (ended.code, ended.out) == (0, "payments: PAY-2 and acme/pay#2 are apart from now on\n")
    retitle(site, 2, "Renamed")
    for _ in range(3):
        assert syncer("sync", "--sweep").code == 0
    assert title_in_jira(site, "PAY-2") != "Renamed"
    status = syncer("status").out
    assert "2 items are apart" in status
    assert "syncer link PAY-2 acme/pay#2" in ended.err
    assert f"PAY-2, formerly = acme/pay#2: by {person()} since" in status
    assert "syncer link acme/pay#2 PAY-2" in status
    assert "apart from acme/pay#2 since" in (told := syncer("explain", "PAY-2").out)
    assert "two tasks by now" in told
    assert syncer("verify").code == 0
    ended = syncer("link", "acme/pay#2", "PAY-2")
    assert (ended.code, ended.out) == (0, "payments: PAY-2 = acme/pay#2 are linked\n")
    assert f"linked by {person()}" in syncer("explain", "PAY-2").out
    assert syncer("sync").code == 6
    (conflict,) = json.loads(syncer("conflicts", "--json").out)["conflicts"]
    assert (conflict["field"], conflict["right"]) == ("title", "Renamed")


def test_several_items_go_on_at_once_and_a_key_that_is_unknown_keeps_all(syncer: Run, site: Site) -> None:
    syncer("sync")
    for key in ("PAY-1", "PAY-2"):
        syncer("pause", key)
    assert syncer("resume", "PAY-1", "PAY-99").code == 2
    assert "paused" in syncer("explain", "PAY-1").out
    syncer("unlink", "PAY-3")
    ended = syncer("resume", "PAY-3", "PAY-1", "acme/pay#2", "PAY-1")
    assert ended.code == 2
    assert ended.out == "payments: PAY-1 = acme/pay#1 goes on\npayments: PAY-2 = acme/pay#2 goes on\n"
    assert "PAY-3 is apart, not paused" in ended.err


def test_resync_reads_an_item_now(syncer: Run, site: Site) -> None:
    syncer("sync")
    assert syncer("resync", "PAY-1").out == "payments: PAY-1 = acme/pay#1 read again; nothing changed\n"
    retitle(site, 1, "Renamed")
    ended = syncer("resync", "PAY-1")
    assert (ended.code, ended.out) == (0, "payments: PAY-1 = acme/pay#1 read again; changed since: acme/pay#1\n")
    assert json.loads(syncer("resync", "PAY-1", "--json").out)["read"][0]["changed"] == []
    syncer("sync")
    assert title_in_jira(site, "PAY-1") == "Renamed"


def test_what_cannot_be_steered_is_said_with_what_to_do(syncer: Run, site: Site) -> None:
    syncer("sync")
    refused = {
        ("pause", "PAY-99"): "PAY-99 is not known",
        ("pause", "PAY-1", "--until", "tomorrow"): "write one like",
        ("pause", "PAY-1", "--until", "2020-01-01"): "has begun already",
        ("link", "PAY-1", "acme/pay#99"): "acme/pay#99 is not known on the right side",
        ("link", "PAY-1", "PAY-2"): "PAY-2 is not known on the right side",
        ("link", "PAY-1", "acme/pay#2"): "PAY-1 = acme/pay#1 are linked already: syncer unlink PAY-1 first",
        ("resync", "NOPE-1"): "NOPE-1 is not known",
    }
    for arguments, words in refused.items():
        ended = syncer(*arguments)
        assert ended.code == 2, arguments
        assert words in " ".join(ended.err.replace("│", " ").split())


def test_what_was_said_before_is_kept_and_said_again(syncer: Run, site: Site) -> None:
    syncer("sync")
    assert syncer("resume", "PAY-1").out == "payments: PAY-1 = acme/pay#1 was not paused\n"
    syncer("pause", "PAY-1", "--until", "2100-12-24", "--why", "with the client")
    assert "until 2100-12-24" in (again := syncer("pause", "PAY-1").out)
    assert "with the client" in again
    assert "still paused (syncer resume PAY-1)" in syncer("resync", "PAY-1").out
    assert "PAY-1" in syncer("resume", "PAY-1").out
    assert "paused" not in syncer("resync", "PAY-1").out


def test_an_item_that_is_not_paused_but_apart_is_not_resumed(syncer: Run, site: Site) -> None:
    syncer("sync")
    syncer("unlink", "PAY-1")
    ended = syncer("resume", "PAY-1")
    assert (ended.code, "syncer link PAY-1" in ended.err) == (2, True)


def test_a_user_without_a_name_is_still_somebody(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise KeyError("getpwuid(): uid not found: 4711")

    monkeypatch.setattr(getpass, "getuser", nobody)
    assert person() == "an unnamed user"


def test_the_label_of_an_issue_pauses_it_and_status_says_who_set_it(syncer: Run, site: Site) -> None:
    syncer("sync")
    site.box.github.add_label(REPOSITORY, "sync: off")
    site.box.github.edit_issue(REPOSITORY, 1, "mia-berg", labels=["sync: off"])
    retitle(site, 1, "Renamed")
    for _ in range(2):
        assert syncer("sync").code == 0
    said = syncer("status").out
    assert "paused by the label “sync: off” of acme/pay#1, set by mia-berg since" in said
    assert "take the label off acme/pay#1" in said
    assert title_in_jira(site, "PAY-1") != "Renamed"
    issue = site.box.jira.find_issue("PAY-1")
    assert issue is not None
    assert list(issue.content["labels"]) == ["bug"]
