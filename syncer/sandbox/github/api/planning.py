"""Routes of labels and milestones of a repository."""

from __future__ import annotations

from syncer.sandbox.github import labels
from syncer.sandbox.github.access import require, require_read
from syncer.sandbox.github.api.http import Answer, Call, list_answer
from syncer.sandbox.github.listing import Page
from syncer.sandbox.github.model import Label, Repository, Role
from syncer.sandbox.github.problems import not_found
from syncer.sandbox.github.rendering import label_json


def list_labels(call: Call, repository: Repository) -> Answer:
    """Answer a page of the repository's labels."""
    require_read(call.github, call.caller, repository)
    page = Page.of(call.query)
    found = list(repository.labels.values())
    rows = [label_json(call.github, repository, label) for label in page.cut(found)]
    return list_answer(call, repository, len(found), rows, page)


def create_label(call: Call, repository: Repository) -> Answer:
    """Make a label."""
    require(call.github, call.caller, repository, Role.WRITE)
    label = labels.create_label(call.github, repository, call.fields())
    shown = label_json(call.github, repository, label)
    return Answer(201, shown, {"location": str(shown["url"])})


def read_label(call: Call, repository: Repository) -> Answer:
    """Answer one label."""
    require_read(call.github, call.caller, repository)
    return Answer(200, label_json(call.github, repository, _label(call, repository)))


def edit_label(call: Call, repository: Repository) -> Answer:
    """Rename, recolour or describe a label."""
    require(call.github, call.caller, repository, Role.WRITE)
    label = _label(call, repository)
    labels.edit_label(call.github, repository, label, call.fields())
    return Answer(200, label_json(call.github, repository, label))


def delete_label(call: Call, repository: Repository) -> Answer:
    """Remove a label, from its issues too."""
    require(call.github, call.caller, repository, Role.WRITE)
    labels.delete_label(repository, _label(call, repository))
    return Answer(204)


def _label(call: Call, repository: Repository) -> Label:
    """Return the label a path names, or raise 404."""
    label = repository.label(call.params["name"])
    if label is None:
        raise not_found()
    return label
