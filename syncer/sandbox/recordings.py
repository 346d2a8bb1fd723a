"""Recordings of trackers in files: JSON of either vendor's REST interface, loaded into a sandbox for one account."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from syncer.sandbox.errors import SandboxError
from syncer.sandbox.github.recorded import kind_of
from syncer.sandbox.server import Sandbox


@dataclass(frozen=True, slots=True)
class Imported:
    """What some files put into a sandbox."""

    repositories: tuple[str, ...]
    """Those that hold issues since then, the one with most of them first."""
    projects: tuple[str, ...]
    """As `repositories`, by key."""
    github: Mapping[str, int]
    """How many objects of each kind were loaded, and under "skipped" how many were not."""
    jira: Mapping[str, int]
    """As `github`."""


def import_files(box: Sandbox, files: Iterable[Path], account: str) -> Imported:
    """Loads recordings and lets `account` work in every repository and project they make.

    Raises SandboxError for a file that cannot be read, and for what is not as the vendors' interfaces answer.
    """
    records = [record for file in files for record in read_records(file)]
    held, known = _sizes_of_repositories(box), _sizes_of_projects(box)
    jira: Counter[str] = Counter()
    try:
        github = box.github.load_recorded(record for record in records if kind_of(record) is not None)
        box.jira.load_recorded((record for record in records if kind_of(record) is None), jira)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        lacking = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        raise SandboxError(f"the recording is not as the trackers' interfaces answer: {lacking}") from error
    made = Imported(
        _grown(held, _sizes_of_repositories(box)), _grown(known, _sizes_of_projects(box)), dict(github), +jira
    )
    for name in made.repositories:
        box.github.add_collaborator(name, account, "maintain")
    for key in made.projects:
        box.jira.grant(account, "ADMINISTER_PROJECTS", key)
    return made


def _sizes_of_repositories(box: Sandbox) -> Counter[str]:
    return Counter({each.full_name: len(each.issues) for each in box.github.repositories.values()})


def _sizes_of_projects(box: Sandbox) -> Counter[str]:
    return Counter(issue.content["project"].key for issue in box.jira.issues.values())


def _grown(before: Counter[str], after: Counter[str]) -> tuple[str, ...]:
    return tuple(name for name, _ in (after - before).most_common())


def read_records(file: Path) -> Iterator[Mapping[str, Any]]:
    """The objects of a file: one a line, the elements of one list, or the file as a whole. Raises SandboxError."""
    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SandboxError(f"cannot read the recording {file}: {error}") from error
    try:
        whole = json.loads(text)
    except ValueError:
        for number, line in enumerate(text.split("\n"), 1):
            if line.strip():
                yield _record(_parsed(line, f"{file}:{number}"), f"{file}:{number}")
        return
    for value in whole if isinstance(whole, list) else [whole]:
        yield _record(value, str(file))


def _parsed(line: str, place: str) -> Any:
    try:
        return json.loads(line)
    except ValueError as error:
        raise SandboxError(f"{place}: is not JSON: {error}") from None


def _record(value: Any, place: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise SandboxError(f"{place}: is not a JSON object")
    return value
