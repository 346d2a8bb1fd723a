"""The sandbox as a user gets it: filled, recorded, or with the demo's project."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from syncer.app.wiring import open_pairs
from syncer.commands.findings import findings_of
from syncer.contract.checking import Severity
from syncer.demo.rehearsal import REPOSITORY, Filling, Rehearsal, rehearse, rehearse_demo
from syncer.sandbox import SandboxError
from syncer.sandbox.profiles import NAMED, as_json, profiles_of
from syncer.sandbox.recordings import read_records
from syncer.settings import declarations, load
from syncer.store import Store
from syncer.sync.run import run_pair

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data" / "recorded"


def test_issues_and_comments_for_scale() -> None:
    rehearsal = rehearse("cloud", 0, Filling(issues=4, comments=2))
    try:
        assert len(rehearsal.box.github.repository(REPOSITORY).issues) == 4
    finally:
        rehearsal.box.stop()


@pytest.fixture(params=["cloud", "datacenter"])
def demo(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rehearsal]:
    made = rehearse_demo(request.param, 0, tmp_path / "rehearsal", datetime.now(UTC))
    yield made
    made.box.stop()


def test_the_demos_project_comes_with_a_configuration_without_secrets(demo: Rehearsal) -> None:
    assert len(demo.box.jira.issues) > 10
    assert demo.box.jira_url in demo.configuration
    assert not [token for token in demo.tokens.values() if token in demo.configuration]


def test_the_folder_holds_what_the_configuration_names(demo: Rehearsal) -> None:
    assert demo.folder is not None
    settings = load(demo.folder / "syncer.toml", environment={})
    assert settings.report.responsibilities == demo.folder / "responsibilities.toml"
    assert declarations(settings.report.responsibilities, [pair.name for pair in settings.pairs]).people
    assert settings.exposed_secrets == ()
    assert {path.stat().st_mode & 0o077 for path in demo.folder.rglob("*")} == {0}


def test_the_story_ends_now_and_the_clocks_are_those_of_this_machine(demo: Rehearsal) -> None:
    assert not demo.box.clock.is_virtual
    now = datetime.now(UTC)
    last = max(issue.content["updated"] for issue in demo.box.jira.issues.values())
    assert now - timedelta(days=2) < last <= now
    dues = [value for issue in demo.box.jira.issues.values() if (value := issue.content["duedate"]) is not None]
    assert min(map(str, dues)) < now.date().isoformat() < max(map(str, dues))


def test_a_rehearsal_begins_anew_in_the_folder_of_an_earlier_one(tmp_path: Path) -> None:
    (tmp_path / "rehearsal").mkdir()
    (tmp_path / "rehearsal" / "notes.txt").write_text("mine")
    for _ in range(2):
        made = rehearse_demo("cloud", 0, tmp_path / "rehearsal", datetime.now(UTC))
        made.box.stop()
        (tmp_path / "rehearsal" / "state").mkdir()
        (tmp_path / "rehearsal" / "state" / "state.db").write_text("of another sandbox")
    made = rehearse_demo("cloud", 0, tmp_path / "rehearsal", datetime.now(UTC))
    made.box.stop()
    assert not (tmp_path / "rehearsal" / "state").exists()
    assert (tmp_path / "rehearsal" / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize(("name", "boards"), [("ghes-3.19", False), ("ghe.com", True)])
def test_the_demo_declares_no_fields_of_boards_where_a_server_has_none(tmp_path: Path, name: str, boards: bool) -> None:
    made = rehearse_demo("cloud", 0, tmp_path / "rehearsal", datetime.now(UTC), profiles_of([name]))
    made.box.stop()
    settings = load(tmp_path / "rehearsal" / "syncer.toml", environment={})
    assert bool(settings.pairs[0].custom) is boards


def test_a_port_in_use_is_told() -> None:
    first = rehearse("cloud", 0, Filling())
    try:
        port = int(first.box.url.rsplit(":", 1)[1])
        with pytest.raises(SandboxError):
            rehearse("cloud", port, Filling())
    finally:
        first.box.stop()


@pytest.mark.parametrize("text", ['{"a": 1}\n{"b": 2}\n', '[{"a": 1}, {"b": 2}]'])
def test_records_are_read_from_a_document_or_line_by_line(tmp_path: Path, text: str) -> None:
    file = tmp_path / "recorded.jsonl"
    file.write_text(text)
    assert list(read_records(file)) == [{"a": 1}, {"b": 2}]


def test_a_line_that_is_no_object_is_named(tmp_path: Path) -> None:
    file = tmp_path / "recorded.jsonl"
    file.write_text('{"a": 1}\nnothing\n')
    with pytest.raises(SandboxError, match=r"recorded.jsonl:2: is not JSON"):
        list(read_records(file))


@pytest.mark.skipif(not SHARED.is_dir(), reason=f"{SHARED} is not here")
@pytest.mark.parametrize("name", ["jira-issues.jsonl", "github-issues.jsonl"])
def test_recorded_objects_are_told_apart_and_loaded(name: str) -> None:
    file = SHARED / name
    if not file.exists():
        pytest.skip(f"{file} is not here")
    rehearsal = rehearse("cloud", 0, Filling(recorded=(file,)))
    try:
        of_jira = len(rehearsal.box.jira.issues)
        of_github = sum(len(repository.issues) for repository in rehearsal.box.github.repositories.values())
        assert (of_jira > 5, of_github > 5) == (name.startswith("jira"), name.startswith("github"))
    finally:
        rehearsal.box.stop()


@pytest.mark.parametrize(
    "names",
    [("jira-cloud-gateway", "ghes-3.19"), ("jira-data-center", "ghe.com"), ("jira-server", "github-2022-11-28")],
)
def test_the_configuration_of_a_named_server_works(tmp_path: Path, names: tuple[str, str]) -> None:
    """With `ghe.com` the interface is at the root of its address, as it is there."""
    rehearsal = rehearse("cloud", 0, Filling(issues=1, profiles=profiles_of(names)))
    try:
        file = tmp_path / "syncer.toml"
        file.write_text(rehearsal.configuration, "utf-8")
        secrets = {f"SYNCER_TRACKERS__{name.upper()}__TOKEN": token for name, token in rehearsal.tokens.items()}
        settings = load(file, environment=secrets, state=str(tmp_path / "state"))
        clock = rehearsal.box.clock.now
        with Store.open(settings.state, clock=clock) as store:
            (pair,) = open_pairs(settings, store, clock=clock, sleep=time.sleep)
            found, denied = findings_of(pair)
            outcome = run_pair(pair).outcome
            for connector in pair.connectors.values():
                connector.close()
    finally:
        rehearsal.box.stop()
    assert not denied
    assert [each for each in found if each.severity is Severity.ERROR] == []
    assert outcome == "clean"


def test_a_profile_comes_by_name_or_from_a_file_and_one_for_each_tracker(tmp_path: Path) -> None:
    file = tmp_path / "ours.json"
    file.write_text(json.dumps({**as_json(NAMED["ghes-3.17"]), "name": "ours"}), "utf-8")
    assert [profile.name for profile in profiles_of(["jira-server", str(file)])] == ["jira-server", "ours"]
    with pytest.raises(SandboxError, match="keep one"):
        profiles_of(["ghe.com", "ghes-3.17"])
    with pytest.raises(SandboxError, match="the profiles are jira-cloud"):
        profiles_of(["ghes-9.9"])
    file.write_text("{", "utf-8")
    with pytest.raises(SandboxError, match="cannot read the profile"):
        profiles_of([str(file)])
    file.write_text("{}", "utf-8")
    with pytest.raises(SandboxError, match=r"ours.json: .*tracker"):
        profiles_of([str(file)])
