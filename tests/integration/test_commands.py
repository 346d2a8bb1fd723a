"""Commands in comments on real requests: GitHub answers with a sign, Jira with one edited line."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import pytest

from syncer.sandbox.datasets import BOT
from tests.rig import Rig

COMMANDS = 'commands = { allow = ["pause", "resume", "resync"], who = ["Li Wei", "Mia Braun"] }'


def quiet(rig: Rig) -> None:
    """Five runs, one of them a complete reading, write nothing and ask for nobody."""
    rig.box.log.reset()
    tallies = [rig.sync(sweep=number == 2) for number in range(5)]
    assert [(tally.writes, tally.outcome) for tally in tallies] == [(0, "clean")] * 5, tallies
    assert not rig.box.log.writes()


def in_jira(rig: Rig) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = rig.jira("GET", "/issue/PAY-1/comment?expand=properties")["comments"]
    return found


def on_github(rig: Rig) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = rig.github("GET", "/issues/1/comments")
    return found


@pytest.mark.parametrize("deployment", ["cloud", "datacenter"])
def test_a_task_is_steered_from_either_tracker(tmp_path: Path, deployment: Literal["cloud", "datacenter"]) -> None:
    with Rig(tmp_path, deployment, extra=COMMANDS) as rig:
        rig.github("POST", "/issues", {"title": "Task", "body": "The text."})
        rig.sync()
        rig.tick()
        rig.github("POST", "/issues/1/comments", {"body": "/pause"})
        rig.github("POST", "/issues/1/comments", {"body": "> /resume\n\nsaid somebody"})
        rig.sync()
        rig.jira("PUT", "/issue/PAY-1", {"fields": {"summary": "Renamed"}})
        rig.tick()
        assert [one["reactions"]["+1"] for one in on_github(rig)] == [1, 0]
        quiet(rig)
        assert rig.github("GET", "/issues/1")["title"] == "Task"

        rig.jira("POST", "/issue/PAY-1/comment", {"body": rig.text("/resume")})
        rig.sync()
        rig.sync()
        assert rig.github("GET", "/issues/1")["title"] == "Renamed"
        assert [one["body"] for one in on_github(rig)] == ["/pause", "> /resume\n\nsaid somebody"]
        assert len(in_jira(rig)) == 3  # what was quoted on GitHub, the command, our line
        quiet(rig)
        rig.jira("POST", "/issue/PAY-1/comment", {"body": rig.text("/resync")})
        rig.sync()
        assert len(in_jira(rig)) == 4
        quiet(rig)


@pytest.mark.parametrize("deployment", ["cloud", "datacenter"])
def test_a_restricted_comment_is_answered_to_its_readers_alone(
    tmp_path: Path, deployment: Literal["cloud", "datacenter"]
) -> None:
    with Rig(tmp_path, deployment, extra=COMMANDS) as rig:
        rig.github("POST", "/issues", {"title": "Task", "body": "The text."})
        rig.sync()
        rig.tick()
        rig.box.jira.project(rig.project).roles["Developers"] |= {BOT, "mia"}
        limited = {"type": "role", "value": "Developers"}
        rig.jira("POST", "/issue/PAY-1/comment", {"body": rig.text("/pause"), "visibility": limited})
        internal = [{"key": "sd.public.comment", "value": {"internal": True}}]
        rig.jira("POST", "/issue/PAY-1/comment", {"body": rig.text("/resync"), "properties": internal})
        rig.sync()
        _, _, paused, read = in_jira(rig)
        assert {name: paused["visibility"][name] for name in limited} == limited
        assert "visibility" not in read
        assert internal[0] in read["properties"]
        assert on_github(rig) == []
        quiet(rig)
