"""A state of a released version opens in this one, and the upgrade is no edit."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import pytest
import requests

from syncer.contract.model import Field
from syncer.core.waiting import Why
from syncer.sandbox import Sandbox, SandboxError
from syncer.sandbox.datasets import BOT, GITHUB_TOKEN, JIRA_TOKEN
from syncer.sync.ledger import waiting
from syncer.sync.verify import verify_pair
from tests import rig as rigs
from tests.rig import Rig

STATES = Path(__file__).resolve().parents[1] / "golden" / "states"
PORTS = {"cloud": 21_183, "datacenter": 21_184, "texts/cloud": 21_185, "texts/datacenter": 21_186}
"""The state holds addresses, so the trackers must be where they were; no system gives out these ports by itself."""


def replay(rig: Rig, row: dict[str, Any]) -> None:
    """Sends one recorded request again, at its time and with its sender's rights."""
    rig.clock.advance(datetime.fromisoformat(row["at"]) - rig.clock.now())
    to_jira, user = row["path"].startswith("/jira"), row["user"]
    token = f"{user}-token" if user != BOT else JIRA_TOKEN if to_jira else GITHUB_TOKEN
    basic = (f"{user}@acme.example", token) if to_jira and rig.deployment == "cloud" else None
    answer = requests.request(
        row["verb"], f"{rig.box.url}{row['path']}?{row['query']}", data=row["body"].encode(), auth=basic, timeout=10,
        headers={"Content-Type": "application/json", **({} if basic else {"Authorization": f"Bearer {token}"})},
    )  # fmt: skip
    assert answer.status_code == row["status"], (row, answer.text)


@pytest.fixture(params=["cloud", "datacenter"])
def upgraded(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    """Trackers and state as the older version left them, a day later."""
    yield from left_behind(request.param, tmp_path, monkeypatch)


@pytest.fixture(params=["texts/cloud", "texts/datacenter"])
def written(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    """The same, of texts that have each construct which versions read and write differently."""
    yield from left_behind(request.param, tmp_path, monkeypatch)


def left_behind(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    deployment: Literal["cloud", "datacenter"] = "cloud" if name.endswith("cloud") else "datacenter"

    def sandbox(**options: Any) -> Sandbox:
        try:
            return Sandbox(port=PORTS[name], **options)
        except SandboxError as error:
            pytest.skip(str(error))

    monkeypatch.setattr(rigs, "Sandbox", sandbox)
    with Rig(tmp_path, deployment) as rig:
        for line in (STATES / name / "requests.jsonl").read_text("utf-8").splitlines():
            row = json.loads(line)
            if row["status"] is not None and row["status"] < 400:
                replay(rig, row)
        state = tmp_path / "state"
        state.mkdir(mode=0o700)
        (state / "state.db").write_bytes(gzip.decompress((STATES / name / "state.db.gz").read_bytes()))
        (state / "state.db").chmod(0o600)
        rig.clock.advance(timedelta(hours=25))
        rig.box.log.reset()
        yield rig


def writes(rig: Rig) -> list[str]:
    """What was written to the trackers since the state was put in place."""
    reading = ("/search", "bulkfetch", "approximate-count", "/list", "/properties")
    return [
        f"{one.verb} {one.path}"
        for one in rig.box.log.entries
        if one.verb != "GET" and not any(word in one.path for word in reading)
    ]


def test_the_first_three_runs_of_a_newer_version_write_nothing(upgraded: Rig) -> None:
    tallies = [upgraded.sync(), upgraded.sync(sweep=True), upgraded.sync()]
    assert [tally.writes for tally in tallies] == [0, 0, 0], tallies
    assert writes(upgraded) == []


def test_what_the_older_version_took_for_agreed_comes_to_light_and_waits(upgraded: Rig) -> None:
    upgraded.sync(sweep=True)
    with upgraded.context() as context:
        found = {(one.field, one.why) for one in waiting(context.store, "pay")}
    assert found == {(Field.TITLE, Why.CONFLICT), (Field.STATUS, Why.CONFLICT)}


def test_edits_after_an_upgrade_cross_as_before(upgraded: Rig) -> None:
    upgraded.sync()
    upgraded.github("PATCH", "/issues/1", {"title": "Renamed after the upgrade"})
    assert upgraded.sync().updated == {"left": 1, "right": 0}
    titles = {str(issue.content["summary"]) for issue in upgraded.box.jira.issues.values()}
    assert "Renamed after the upgrade" in titles
    assert upgraded.sync(sweep=True).writes == 0


def test_a_text_that_is_read_differently_now_is_not_edited_by_that(written: Rig) -> None:
    tallies = [written.sync(), written.sync(sweep=True), written.sync()]
    assert [tally.writes for tally in tallies] == [0, 0, 0], tallies
    assert writes(written) == []
    with written.context() as context:
        assert list(waiting(context.store, "pay")) == []
        found = verify_pair(context)
        assert found.differences == []


def test_such_a_text_takes_its_new_form_with_its_next_edit_alone(written: Rig) -> None:
    written.sync()
    body = written.github("GET", "/issues/7")["body"]
    written.github("PATCH", "/issues/7", {"body": body.replace("no heading", "still none")})
    assert written.sync().updated == {"left": 1, "right": 0}
    assert written.sync(sweep=True).writes == 0
