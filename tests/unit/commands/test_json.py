"""`--json` prints one object on stdout in every case, with its version, its keys in one style, errors too."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
import requests
import typer.main

from syncer.cli import app
from syncer.demo.rehearsal import GITHUB_TOKEN, REPOSITORY
from tests.unit.commands.conftest import Ended, Run, Site, edit_both

GROUP = typer.main.get_group(app)

ARGUMENTS = {
    "resolve": ("1", "left"), "explain": ("PAY-1",), "plan show": ("Refunds",), "restore": ("--here",),
    "link": ("PAY-3", "acme/pay#3"), "pause": ("PAY-2",), "resume": ("PAY-2",), "resync": ("PAY-2",),
    "unlink": ("PAY-2",), "backup": ("copy.db",), "state": ("copy", "state-home/syncer", "copied"),
}  # fmt: skip
"""What a command needs beside its name, where it needs anything."""

KEYED_BY_ID = frozenset({"names", "keys", "metrics"})


def commands() -> Iterator[str]:
    """The names of all commands that take `--json`."""
    for name, command in GROUP.commands.items():
        parts = {f"{name} {part}": inner for part, inner in getattr(command, "commands", {}).items()} or {name: command}
        yield from (full for full, one in parts.items() if any("--json" in option.opts for option in one.params))


COMMANDS = sorted(commands())


def words(name: str) -> Sequence[str]:
    return (*name.split(), *ARGUMENTS.get(name, ()))


def object_of(ended: Ended) -> dict[str, Any]:
    """The one object on stdout."""
    [line] = ended.out.splitlines()
    found = json.loads(line)
    assert found["version"] == 1
    odd = [key for key in keys(found) if not re.fullmatch(r"[a-z][a-z0-9_]*", key)]
    assert odd == []
    assert isinstance(found, dict)
    return found


def keys(value: Any) -> Iterator[str]:
    """Every key at any depth, but for those that are ids."""
    if isinstance(value, dict):
        for key, content in value.items():
            yield key
            if key in KEYED_BY_ID and isinstance(content, dict):
                ids = [inner for one in content.values() if isinstance(one, dict) for inner in one.values()]
                yield from keys(ids)
            else:
                yield from keys(content)
    elif isinstance(value, list):
        for element in value:
            yield from keys(element)


def test_there_are_as_many_commands_as_one_expects() -> None:
    assert {"sync", "status", "explain", "plan show", "report", "verify", "check"} <= set(COMMANDS)


@pytest.fixture
def worked(syncer: Run, site: Site) -> Site:
    """A pair with an edge, a milestone, a conflict and an item that was unlinked."""
    issues = site.box.github.repository(REPOSITORY).issues
    issues[1].blocked_by.append(issues[2])
    issues[2].blocking.append(issues[1])
    requests.post(
        f"{site.box.github_url}/repos/{REPOSITORY}/milestones",
        json={"title": "Refunds"},
        headers={"Authorization": f"Bearer {GITHUB_TOKEN}"},
        timeout=10,
    ).raise_for_status()
    syncer("sync")
    edit_both(site, "Paid twice", "Paid two times")
    assert syncer("sync").code == 6
    assert syncer("unlink", "PAY-3").code == 0
    return site


def test_every_command_prints_one_object_when_it_succeeds(syncer: Run, worked: Site) -> None:
    assert worked.file.exists()
    for name in COMMANDS:
        ended = syncer(*words(name), "--json")
        assert ended.code in {0, 1, 6}, (name, ended)
        assert "error" not in object_of(ended), name


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_prints_one_object_without_a_configuration(syncer: Run, name: str) -> None:
    ended = syncer(*words(name), "--json")
    found = object_of(ended)
    assert (ended.code, found["error"], found["code"]) == (2, "configuration", 2)
    assert found["messages"] == ended.err.splitlines()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_prints_one_object_for_a_wrong_option(syncer: Run, name: str) -> None:
    ended = syncer(*words(name), "--json", "--nonsense")
    found = object_of(ended)
    assert (ended.code, found["error"]) == (2, "usage")
    assert found["messages"][0].startswith("No such option: --nonsense")
    assert "--nonsense" in ended.err


@pytest.mark.parametrize(
    ("command", "error"),
    [
        (("explain", "NOPE-1"), "unknown"),
        (("explain", "PAY-1", "colour"), "usage"),
        (("resolve", "99", "left"), "unknown"),
        (("resolve", "1", "middle"), "usage"),
        (("plan", "show", "no such goal"), "usage"),
        (("goals", "--week", "last"), "usage"),
        (("advice", "--week", "2026-W60"), "usage"),
        (("responsibilities", "--week", "2026-47"), "usage"),
        (("conflicts", "--pair", "paymets"), "configuration"),
        (("status", "--fail-on", "weather"), "usage"),
        (("report", "--send"), "configuration"),
        (("report", "--week", "2026-W60"), "usage"),
        (("sync", "--state", "mysql://localhost/x"), "configuration"),
        (("verify", "--pair", "paymets"), "configuration"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else value,
)
def test_what_is_not_found_is_an_object_too(syncer: Run, site: Site, command: Sequence[str], error: str) -> None:
    assert site.file.exists()
    ended = syncer(*command, "--json")
    found = object_of(ended)
    assert (ended.code, found["error"]) == (2, error)
    assert found["messages"]
    assert ended.err


def test_an_error_nobody_foresaw_is_an_object_too(syncer: Run, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    assert site.file.exists()

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("unforeseen")

    monkeypatch.setattr("syncer.app.wiring.open_pairs", broken)
    found = object_of(syncer("sync", "--json"))
    assert (found["error"], found["code"]) == ("unexpected", 70)
