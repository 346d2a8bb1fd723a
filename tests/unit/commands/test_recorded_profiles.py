"""A sandbox with a recorded profile answers as the recorded servers did: recorded again, it gives the same record."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import pytest

from syncer.demo.rehearsal import GITHUB_TOKEN, JIRA_TOKEN, Filling, rehearse
from syncer.sandbox import Sandbox, SandboxError
from syncer.sandbox.profiles import NAMED, Missing, Profile, Setting, Shown, profiles_of
from tests.unit.commands.conftest import Run
from tests.unit.commands.test_recording import CANARY, configured, populated

SERVERS = (
    ("jira-server", "ghes-3.17"),
    ("jira-data-center", "ghes-3.19"),
    ("jira-cloud", "github-2026-03-10"),
)
both = pytest.mark.parametrize("servers", SERVERS, ids=" and ".join)


@pytest.fixture(autouse=True)
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tokens of the bot, in the variables of either configuration."""
    for name in ("JIRA", "GITHUB"):
        token = {"JIRA": JIRA_TOKEN, "GITHUB": GITHUB_TOKEN}[name]
        monkeypatch.setenv(f"SYNCER_TRACKERS__{CANARY.upper()}_{name}__TOKEN", token)


def recorded(name: str, profiles: Iterable[Profile], syncer: Run, folder: Path) -> Path:
    """The record of a sandbox with some profiles, in which there are items with everything and with nothing."""
    with Sandbox(profiles=profiles) as box:
        populated(box)
        jira = box.jira
        bare = jira.blank(
            jira.project("KANARIE"), jira.types["Task"], jira.users[f"{CANARY}-0"], jira.clock.now()
        )  # fmt: skip
        jira.commit(jira.insert(bare), None, {"summary": "bare"})
        configured(box, box.jira.deployment, folder)
        ended = syncer("check", "--record", name, "--yes")
    assert (folder / name).exists(), ended.err
    return folder / name


def named(servers: tuple[str, str]) -> list[Profile]:
    return [NAMED[name] for name in servers]


@both
def test_what_behaves_like_a_record_gives_the_same_record(
    servers: tuple[str, str], syncer: Run, tmp_path: Path
) -> None:
    first = recorded("first.json", named(servers), syncer, tmp_path)
    second = recorded("second.json", profiles_of([str(first)]), syncer, tmp_path)
    assert json.loads(second.read_text("utf-8")) == json.loads(first.read_text("utf-8"))


def test_absences_addresses_that_answer_404_and_versions_are_taken_from_a_record(syncer: Run, tmp_path: Path) -> None:
    told = (
        Shown("issue.fields", "security", "absent", "recorded"),
        Shown("issue.fields", "duedate", "absent", "recorded"),
        Shown("issue.fields", "description", "empty", "recorded"),
        Shown("user", "emailAddress", "absent", "recorded", always=True),
        Shown("project", "projectTypeKey", "absent", "recorded", always=True),
        Missing("GET", "/rest/api/2/project/{part}/role", "recorded"),
    )
    server = Profile("a-server", "A server", "jira", "datacenter", told)
    file = recorded("shapes.json", [server, NAMED["ghes-3.17"]], syncer, tmp_path)
    profiles = {profile.tracker: profile for profile in profiles_of([str(file)])}
    jira, github = profiles["jira"], profiles["github"]
    assert (jira.deployment, github.setting("enterprise-version")) == ("datacenter", "3.17.0")
    assert Setting("api-versions", ("2022-11-28",), "recorded") in github.differences
    assert github.title == "GitHub Enterprise Server 3.17 as recorded"
    assert [difference for difference in told if difference not in jira.differences] == []
    assert Shown("issue", "sub_issues_summary", "absent", "recorded", always=True) in github.differences
    assert Missing("GET", "/orgs/{part}/issue-types", "recorded") in github.missing
    assert [each for each in github.shown if each.field in ("pull_request", "draft")] == []
    assert {each.evidence for each in (*jira.differences, *github.differences)} == {"recorded"}


@both
def test_a_pair_comes_to_rest_in_a_sandbox_that_behaves_like_a_record(
    servers: tuple[str, str], syncer: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = recorded("shapes.json", named(servers), syncer, tmp_path)
    for name in ("JIRA", "GITHUB"):
        monkeypatch.delenv(f"SYNCER_TRACKERS__{CANARY.upper()}_{name}__TOKEN")
    filling = Filling(issues=3, comments=1, profiles=profiles_of([str(file)]))
    made = rehearse("cloud", 0, filling)
    try:
        for name, token in made.tokens.items():
            monkeypatch.setenv(f"SYNCER_TRACKERS__{name.upper()}__TOKEN", token)
        (tmp_path / "syncer.toml").write_text(made.configuration, "utf-8")
        first, second = syncer("sync", "-v"), syncer("sync", "-v")
    finally:
        made.box.stop()
    assert (first.code, "3 created" in first.out) == (0, True), first.err
    assert (second.code, "nothing to do" in second.out) == (0, True), second.err


def test_a_file_that_is_no_record_is_named_with_what_is_wrong(syncer: Run, tmp_path: Path) -> None:
    file = tmp_path / "shapes.json"
    file.write_text('{"format": "syncer shapes 1", "written-by": "syncer 0.1.0", "trackers": [7]}', "utf-8")
    with pytest.raises(SandboxError, match=r"shapes.json: the record cannot be used"):
        profiles_of([str(file)])
    ended = syncer("sandbox", "--profile", "shapes.json")
    assert (ended.code, "shapes.json: the record cannot be used" in ended.err) == (2, True)
    file.write_text('{"format": "syncer shapes 1", "written-by": "syncer 0.1.0", "trackers": []}', "utf-8")
    assert syncer("sandbox", "--profile", "shapes.json").code == 2


def test_a_record_and_a_name_of_the_same_tracker_are_one_too_many(syncer: Run, tmp_path: Path) -> None:
    file = recorded("shapes.json", named(("jira-server", "ghes-3.17")), syncer, tmp_path)
    with pytest.raises(SandboxError, match="are both a Github; keep one"):
        profiles_of([str(file), "ghes-3.19"])
