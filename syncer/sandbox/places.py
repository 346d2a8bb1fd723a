"""Places to pair: a project and a repository, of which recordings bring one and the sandbox adds the other, empty."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from syncer.sandbox.recordings import Imported
from syncer.sandbox.server import Sandbox

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
