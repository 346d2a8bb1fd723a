"""Recordings of trackers in files: JSON of either vendor's REST interface, loaded into a sandbox for one account.

A recording brings a project or a repository; the sandbox adds the other one, empty, so that there is a place to pair.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

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


USUAL: Final = (("To Do", "open"), ("In Progress", "open", "status: in progress"), ("Done", "closed:completed"))
"""The statuses of a rehearsal's project, and how a repository shows them."""
_ALL: Final = (
    *USUAL[:2],
    ("In Review", "open", "status: in review"),
    USUAL[2],
    ("Won't Do", "closed:not_planned"),
    ("Done", "closed:duplicate"),
)
"""All that a new project of the sandbox has."""


@dataclass(frozen=True, slots=True)
class Place:
    """A project and a repository to keep in step."""

    name: str
    """Of the pair."""
    project: str
    repository: str
    statuses: tuple[tuple[str, ...], ...] = USUAL
    """Rows of the pair's map of statuses."""


def recorded_places(box: Sandbox, imported: Imported, account: str) -> tuple[Place, ...]:
    """A place for each repository and each project that was recorded, with an empty one beside it.

    `account` may do in the empty ones what a sync does.
    """
    places = [
        *(_beside_repository(box, name, account) for name in imported.repositories),
        *(_beside_project(box, key, account) for key in imported.projects),
    ]
    taken: set[str] = set()
    for number, place in enumerate(places):
        places[number] = replace(place, name=_free(place.name, taken))
        taken.add(places[number].name)
    return tuple(places)


def _beside_repository(box: Sandbox, repository: str, account: str) -> Place:
    name = repository.partition("/")[2]
    key = _free(re.sub(r"[^A-Z0-9]", "", name.upper()).lstrip("0123456789")[:8] or "REC", _keys(box))
    box.jira.add_project(key, name, lead=account)
    return Place(_pair_name(name), key, repository, _ALL)


def _beside_project(box: Sandbox, key: str, account: str) -> Place:
    taken = {repository.full_name.casefold() for repository in box.github.repositories.values()}
    repository = _free(f"acme/{key.lower()}", taken)
    box.github.add_repository(repository, visibility="private")
    box.github.add_collaborator(repository, account, "maintain")
    return Place(_pair_name(key.lower()), key, repository, tuple(_rows(box, key)))


def _rows(box: Sandbox, key: str) -> Iterator[tuple[str, ...]]:
    """A row for each status of a project by what its category means, then for the other reasons to close an issue."""
    project = box.jira.project(key)
    found = dict.fromkeys(status for kind in project.types for status in box.jira.workflow(project, kind).statuses())
    for status in sorted(found, key=lambda each: _CATEGORIES.index(each.category)):
        match status.category:
            case "new":
                yield status.name, "open"
            case "done":
                yield status.name, "closed:completed"
            case _:
                yield status.name, "open", f"status: {status.name.lower()}"[:50]
    done = next((status.name for status in found if status.category == "done"), None)
    if done is not None:
        yield from ((done, f"closed:{reason}") for reason in ("not_planned", "duplicate"))


_CATEGORIES: Final = ("new", "indeterminate", "done")


def _keys(box: Sandbox) -> set[str]:
    return {project.key for project in box.jira.projects.values()}


def _free(wanted: str, taken: set[str]) -> str:
    """A name that is not taken: the wanted one, or with a number."""
    names = (wanted if number == 1 else f"{wanted}{number}" for number in range(1, len(taken) + 2))
    return next(name for name in names if name not in taken)


def _pair_name(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]", "-", name)
