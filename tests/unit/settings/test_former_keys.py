"""Keys that were renamed: the old ones go on being understood, and are named."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

import pytest

from connectors.github.settings import GitHubTracker
from connectors.jira.settings import JiraTracker
from connectors.settings import SessionTable
from syncer.settings import Settings, load
from tests.unit.settings.fakes import Kind, Kinds, Scope, Tracker, problems

FILE = """\
[trackers.jira]
kind = "jira"
url = "https://jira.acme.example"
deployment = "datacenter"
connect-seconds = 7
read-attempts = 2
reread-seconds = 20

[trackers.github]
kind = "github"
reread-after-seconds = 10

[[pairs]]
name = "pay"
left = { tracker = "jira", project = "PAY" }
right = { tracker = "github", repository = "acme/pay" }
"""
TOKENS = {"SYNCER_TRACKERS__JIRA__TOKEN": "x", "SYNCER_TRACKERS__GITHUB__TOKEN": "y"}


def loaded(folder: Path, text: str, **variables: str) -> Settings:
    file = folder / "syncer.toml"
    file.write_text(text, "utf-8")
    return load(file, environment={"HOME": str(folder), **TOKENS, **variables})


def test_former_keys_mean_the_same_and_are_named_with_their_line(tmp_path: Path) -> None:
    settings = loaded(tmp_path, FILE)
    jira, github = (settings.trackers[name].settings for name in ("jira", "github"))
    assert (jira.connect_timeout, jira.read_tries, jira.reread_after, github.reread_after) == (7, 2, 20, 10)
    file = tmp_path / "syncer.toml"
    assert [line for line, _ in settings.former_keys] == [
        f"{file}:5: trackers.jira.connect-seconds: is called connect-timeout now",
        f"{file}:6: trackers.jira.read-attempts: is called read-tries now",
        f"{file}:7: trackers.jira.reread-seconds: is called reread-after now",
        f"{file}:11: trackers.github.reread-after-seconds: is called reread-after now",
    ]


def test_a_file_in_present_keys_has_nothing_to_tell(tmp_path: Path) -> None:
    text = FILE.replace("connect-seconds", "connect-timeout").replace("read-attempts", "read-tries")
    text = text.replace("reread-seconds", "reread-after").replace("reread-after-seconds", "reread-after")
    assert loaded(tmp_path, text).former_keys == ()


def test_a_former_variable_means_the_same_and_a_present_one_goes_before_it(tmp_path: Path) -> None:
    variables = {"SYNCER_TRACKERS__GITHUB__REREAD_AFTER_SECONDS": "5"}
    settings = loaded(tmp_path, FILE, **variables)
    assert settings.trackers["github"].settings.reread_after == 5
    line, fix = settings.former_keys[-1]
    assert line.startswith("SYNCER_TRACKERS__GITHUB__REREAD_AFTER_SECONDS: ")
    assert "SYNCER_TRACKERS__GITHUB__REREAD_AFTER;" in fix
    both = loaded(tmp_path, FILE, **variables, SYNCER_TRACKERS__GITHUB__REREAD_AFTER="6")
    assert both.trackers["github"].settings.reread_after == 6


class Renamed(Tracker):
    former_keys: ClassVar[Mapping[str, str]] = {"tries": "read-tries"}


class RenamedKind(Kind):
    tracker_settings = Renamed
    scope_settings = Scope


def test_a_mistake_behind_a_former_key_is_told_at_its_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.unit.settings.fakes.KINDS", Kinds({"fake": RenamedKind, "other": Kind}))
    from tests.unit.settings.fakes import VALID

    text = VALID.replace("[trackers.right]", '[trackers.right]\ntries = "many"')
    assert problems(tmp_path, text) == ["syncer.toml:6: trackers.right.read-tries: should be a whole number"]
    text = VALID.replace("[trackers.right]", "[trackers.right]\ntries = 2\nread-tries = 3")
    assert problems(tmp_path, text) == [
        "syncer.toml:6: trackers.right.tries: is the former key of read-tries, which is there too: keep read-tries"
    ]


@pytest.mark.parametrize("model", [JiraTracker, GitHubTracker])
def test_both_connectors_have_every_key_of_a_session_and_say_it_alike(model: type[SessionTable]) -> None:
    shared = {"ca-bundle", "connect-timeout", "read-timeout", "answer-seconds", "answer-mebibytes", "read-tries",
              "read-seconds", "longest-wait", "overlap-seconds", "reread-after"}  # fmt: skip
    keys = {field.alias for field in model.model_fields.values()}
    assert shared <= keys
    assert set(model.former_keys.values()) <= shared
    assert not keys & set(model.former_keys)
