"""The sandbox as a user gets it: filled, recorded, or with the demo's project."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncer.rehearsal import REPOSITORY, Filling, is_of_jira, read_records, rehearse, rehearse_demo
from syncer.sandbox import SandboxError

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "recorded"


def test_issues_and_comments_for_scale() -> None:
    rehearsal = rehearse("cloud", 0, Filling(issues=4, comments=2))
    try:
        assert len(rehearsal.box.github.repository(REPOSITORY).issues) == 4
    finally:
        rehearsal.box.stop()


@pytest.mark.parametrize("deployment", ["cloud", "datacenter"])
def test_the_demos_project_comes_with_a_configuration_without_secrets(deployment: str) -> None:
    rehearsal = rehearse_demo(deployment, 0)  # type: ignore[arg-type]
    try:
        assert len(rehearsal.box.jira.issues) > 10
        assert rehearsal.box.jira_url in rehearsal.configuration
        assert not [token for token in rehearsal.tokens.values() if token in rehearsal.configuration]
        before = rehearsal.box.clock.now()
        rehearsal.tick(5)
        assert (rehearsal.box.clock.now() - before).total_seconds() == 5
    finally:
        rehearsal.box.stop()


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
    with pytest.raises(ValueError, match=r"recorded.jsonl:2: is not JSON"):
        list(read_records(file))


@pytest.mark.skipif(not SHARED.is_dir(), reason=f"{SHARED} is not here")
@pytest.mark.parametrize("name", ["jira-issues.jsonl", "github-issues.jsonl"])
def test_recorded_objects_are_told_apart_and_loaded(name: str) -> None:
    file = SHARED / name
    if not file.exists():
        pytest.skip(f"{file} is not here")
    assert {is_of_jira(record) for record in read_records(file)} == {name.startswith("jira")}
    rehearsal = rehearse("cloud", 0, Filling(recorded=file))
    try:
        jira, github = rehearsal.box.jira.issues, rehearsal.box.github.repositories
        assert len(jira) > 5 if name.startswith("jira") else len(github) > 1
    finally:
        rehearsal.box.stop()
