"""A pair that watches, at the command line: what each command says of it."""

from __future__ import annotations

import json

import pytest

from syncer.demo.rehearsal import REPOSITORY
from tests.unit.commands.conftest import Run, Site


@pytest.fixture
def watched(site: Site) -> Site:
    text = site.file.read_text("utf-8")
    site.file.write_text(text.replace('name = "payments"\n', 'name = "payments"\nmode = "watch"\n', 1), "utf-8")
    return site


def test_every_command_says_that_the_pair_only_watches_and_none_writes(syncer: Run, watched: Site) -> None:
    checked = syncer("check")
    assert checked.code == 0
    assert "mode: the pair only watches" in checked.out
    assert "first sync" not in checked.out
    assert "only watches; none of this is written" in syncer("preview").out
    assert "nothing is written (mode watch)" in syncer("sync", "-v").out
    assert 'only watches: both sides are read, nothing is written (mode = "watch")' in syncer("status").out
    verified = syncer("verify")
    assert (verified.code, verified.out) == (0, "payments: 6 only right; only watches, nothing is written\n")
    assert list(watched.box.log.writes()) == []
    assert json.loads(syncer("status", "--json").out)["pairs"][0]["mode"] == "watch"
    assert syncer("report", "--format", "text").code == 0
    (report,) = watched.file.parent.rglob("*.txt")
    assert "only watched, nothing is written" in " ".join(report.read_text("utf-8").split())


def test_an_account_that_may_only_read_is_enough_to_watch(syncer: Run, watched: Site) -> None:
    watched.box.github.add_collaborator(REPOSITORY, "sync-bot", "read")
    ended = syncer("check", "--json")
    findings = json.loads(ended.out)["pairs"][0]["findings"]
    (found,) = [one for one in findings if "may read but not" in one["message"]]
    assert (ended.code, found["severity"]) == (0, "info")
