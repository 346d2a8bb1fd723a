"""Labels of a repository: making, changing and removing them. Names are unique without regard to case."""

from __future__ import annotations

import re

from syncer.sandbox.github import requestfields
from syncer.sandbox.github.model import Label, Repository
from syncer.sandbox.github.problems import invalid
from syncer.sandbox.github.requestfields import Request
from syncer.sandbox.github.state import GitHub

_NAME_LIMIT = 50
_DESCRIPTION_LIMIT = 100
_COLOR = re.compile(r"[0-9a-fA-F]{6}")


def label_for(github: GitHub, repository: Repository, name: str) -> Label:
    """Return the repository's label of that name in any case, made in grey when there is none."""
    return repository.label(name.strip()) or _add(github, repository, _name(github, name), "ededed", None)


def create_label(github: GitHub, repository: Repository, request: Request) -> Label:
    """Make a label; raise 422 for a name in use, a colour that is none, or text that is too long."""
    name = _name(github, requestfields.optional_text(request, "name"))
    if repository.label(name) is not None:
        raise invalid("Label", "name", "already_exists")
    return _add(github, repository, name, _color(request) or "ededed", _description(github, request))


def edit_label(github: GitHub, repository: Repository, label: Label, request: Request) -> None:
    """Rename, recolour or describe a label. Its issues show it at once; their update times do not move."""
    given = requestfields.optional_text(request, "new_name") or requestfields.optional_text(request, "name")
    name = label.name if given is None else _name(github, given)
    if repository.label(name) not in (None, label):
        raise invalid("Label", "name", "already_exists")
    color = _color(request)
    description = _description(github, request) if "description" in request else label.description
    del repository.labels[label.name.casefold()]
    label.name, label.color, label.description = name, color or label.color, description
    repository.labels[name.casefold()] = label
    repository.epoch += 1


def delete_label(repository: Repository, label: Label) -> None:
    """Remove a label from the repository and from its issues."""
    del repository.labels[label.name.casefold()]
    for issue in repository.issues.values():
        if label in issue.labels:
            issue.labels.remove(label)
    repository.epoch += 1


def _add(github: GitHub, repository: Repository, name: str, color: str, description: str | None) -> Label:
    """Place a new label."""
    label = Label(github.sequences.label.take(), name, color, description)
    repository.labels[name.casefold()] = label
    return label


def _name(github: GitHub, name: str | None) -> str:
    """Return a label name as it is stored; raise 422 when it is blank or too long."""
    stored = requestfields.stored_text(github.behaviour, (name or "").strip(), "Label", "name", _NAME_LIMIT)
    if not stored:
        raise invalid("Label", "name", "missing_field")
    return stored


def _color(request: Request) -> str | None:
    """Return the colour of a request in lower case, None when it names none; raise 422 for one that is none."""
    color = requestfields.optional_text(request, "color")
    if color is None:
        return None
    if not _COLOR.fullmatch(color):
        raise invalid("Label", "color", "invalid")
    return color.lower()


def _description(github: GitHub, request: Request) -> str | None:
    """Return the description of a request as it is stored."""
    text = requestfields.optional_text(request, "description")
    if text is None:
        return None
    return requestfields.stored_text(github.behaviour, text, "Label", "description", _DESCRIPTION_LIMIT)
