"""Routes of labels and milestones of a repository."""

from __future__ import annotations

from syncer.sandbox.github import planning as labels
from syncer.sandbox.github import planning as milestones
from syncer.sandbox.github.access import require, require_read
from syncer.sandbox.github.api.http import Answer, Call, list_answer
from syncer.sandbox.github.listing import Page
from syncer.sandbox.github.model import Label, Milestone, Repository, Role
from syncer.sandbox.github.problems import not_found
from syncer.sandbox.github.rendering import label_json, milestone_json


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


def list_milestones(call: Call, repository: Repository) -> Answer:
    """Answer a page of the repository's milestones."""
    require_read(call.github, call.caller, repository)
    page = Page.of(call.query)
    found = milestones.list_milestones(repository, call.query)
    rows = [milestone_json(call.github, repository, milestone) for milestone in page.cut(found)]
    return list_answer(call, repository, len(found), rows, page)


def create_milestone(call: Call, repository: Repository) -> Answer:
    """Make a milestone."""
    creator = require(call.github, call.caller, repository, Role.WRITE)
    milestone = milestones.create_milestone(call.github, repository, creator, call.fields())
    shown = milestone_json(call.github, repository, milestone)
    return Answer(201, shown, {"location": str(shown["url"])})


def read_milestone(call: Call, repository: Repository) -> Answer:
    """Answer one milestone."""
    require_read(call.github, call.caller, repository)
    return Answer(200, milestone_json(call.github, repository, _milestone(call, repository)))


def edit_milestone(call: Call, repository: Repository) -> Answer:
    """Change a milestone."""
    require(call.github, call.caller, repository, Role.WRITE)
    milestone = _milestone(call, repository)
    milestones.edit_milestone(call.github, repository, milestone, call.fields())
    return Answer(200, milestone_json(call.github, repository, milestone))


def delete_milestone(call: Call, repository: Repository) -> Answer:
    """Remove a milestone."""
    require(call.github, call.caller, repository, Role.WRITE)
    milestones.delete_milestone(repository, _milestone(call, repository))
    return Answer(204)


def milestone_labels(call: Call, repository: Repository) -> Answer:
    """Answer a page of the labels that a milestone's issues have."""
    require_read(call.github, call.caller, repository)
    milestone = _milestone(call, repository)
    found = list(
        dict.fromkeys(
            label for issue in repository.issues.values() if issue.milestone is milestone for label in issue.labels
        )
    )
    page = Page.of(call.query)
    rows = [label_json(call.github, repository, label) for label in page.cut(found)]
    return list_answer(call, repository, len(found), rows, page)


def _milestone(call: Call, repository: Repository) -> Milestone:
    """Return the milestone a path names, or raise 404."""
    milestone = repository.milestones.get(call.params["milestone_number"])
    if milestone is None:
        raise not_found()
    return milestone
