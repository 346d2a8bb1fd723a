"""Labels and milestones of a repository: making, changing and removing them, and their lists.

Names of labels are unique without regard to case.
"""

from __future__ import annotations

import re
from datetime import datetime

from syncer.sandbox.github import requestfields
from syncer.sandbox.github.host import GitHubHost
from syncer.sandbox.github.listing import Query, choice
from syncer.sandbox.github.model import Account, Issue, Label, Milestone, Repository
from syncer.sandbox.github.problems import invalid
from syncer.sandbox.github.requestfields import Request

_NAME_LIMIT = 50
_DESCRIPTION_LIMIT = 100
_COLOR = re.compile(r"[0-9a-fA-F]{6}")


def label_for(github: GitHubHost, repository: Repository, name: str) -> Label:
    """Return the repository's label of that name in any case, made in grey when there is none."""
    return repository.label(name.strip()) or _add(github, repository, _name(github, name), "ededed", None)


def create_label(github: GitHubHost, repository: Repository, request: Request) -> Label:
    """Make a label; raise 422 for a name in use, a colour that is none, or text that is too long."""
    name = _name(github, requestfields.optional_text(request, "name"))
    if repository.label(name) is not None:
        raise invalid("Label", "name", "already_exists")
    return _add(github, repository, name, _color(request) or "ededed", _description(github, request))


def edit_label(github: GitHubHost, repository: Repository, label: Label, request: Request) -> None:
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


def _add(github: GitHubHost, repository: Repository, name: str, color: str, description: str | None) -> Label:
    """Place a new label."""
    label = Label(github.sequences.label.take(), name, color, description)
    repository.labels[name.casefold()] = label
    return label


def _name(github: GitHubHost, name: str | None) -> str:
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


def _description(github: GitHubHost, request: Request) -> str | None:
    """Return the description of a request as it is stored."""
    text = requestfields.optional_text(request, "description")
    if text is None:
        return None
    return requestfields.stored_text(github.behaviour, text, "Label", "description", _DESCRIPTION_LIMIT)


def create_milestone(github: GitHubHost, repository: Repository, creator: Account, request: Request) -> Milestone:
    """Make a milestone under the repository's next number; raise 422 for a blank title or one in use."""
    now = github.now()
    title = _title(github, repository, request, None)
    due_on = _due_on(request)
    repository.last_milestone += 1
    milestone = Milestone(
        github.sequences.milestone.take(),
        repository.last_milestone,
        title,
        requestfields.optional_text(request, "description"),
        creator,
        now,
        now,
        due_on,
    )
    _set_state(milestone, requestfields.optional_text(request, "state"), now)
    repository.milestones[milestone.number] = milestone
    return milestone


def edit_milestone(github: GitHubHost, repository: Repository, milestone: Milestone, request: Request) -> None:
    """Change what the request names. Its issues show it at once; their update times do not move."""
    title = milestone.title if request.get("title") is None else _title(github, repository, request, milestone)
    due_on = _due_on(request) if "due_on" in request else milestone.due_on
    _set_state(milestone, requestfields.optional_text(request, "state"), github.now())
    milestone.title, milestone.due_on = title, due_on
    if "description" in request:
        milestone.description = requestfields.optional_text(request, "description")
    milestone.updated_at = github.now()
    repository.epoch += 1


def delete_milestone(repository: Repository, milestone: Milestone) -> None:
    """Remove a milestone; its issues are left without one."""
    del repository.milestones[milestone.number]
    for issue in repository.issues.values():
        if issue.milestone is milestone:
            assign_milestone(issue, None)
    repository.epoch += 1


def list_milestones(repository: Repository, query: Query) -> list[Milestone]:
    """Return the milestones a query selects; by due date upwards, those without one last, unless it says otherwise."""
    state = choice(query, "state", "open", ("open", "closed", "all"), "Milestone")
    sort = choice(query, "sort", "due_on", ("due_on", "completeness"), "Milestone")
    direction = choice(query, "direction", "asc", ("asc", "desc"), "Milestone")
    chosen = [milestone for milestone in repository.milestones.values() if state in ("all", milestone.state)]
    chosen.sort(key=_completeness if sort == "completeness" else _due, reverse=direction == "desc")
    return chosen


def _completeness(milestone: Milestone) -> tuple[float, int]:
    """Return the share of closed issues, then the number."""
    total = milestone.open_issues + milestone.closed_issues
    return (milestone.closed_issues / total if total else 0.0, milestone.number)


def _due(milestone: Milestone) -> tuple[float, int]:
    """Return the due date as a number that sorts undated milestones last, then the number."""
    return (milestone.due_on.timestamp() if milestone.due_on else float("inf"), milestone.number)


def _title(github: GitHubHost, repository: Repository, request: Request, milestone: Milestone | None) -> str:
    """Return the title of a request; raise 422 when it is blank or another milestone's."""
    text = requestfields.optional_text(request, "title") or ""
    title = requestfields.stored_text(github.behaviour, text.strip(), "Milestone", "title", 255)
    if not title:
        raise invalid("Milestone", "title", "missing_field")
    if any(other.title == title for other in repository.milestones.values() if other is not milestone):
        raise invalid("Milestone", "title", "already_exists")
    return title


def _due_on(request: Request) -> datetime | None:
    """Return the due date of a request, None for none."""
    text = requestfields.optional_text(request, "due_on")
    return None if text is None else requestfields.point_in_time(text, "Milestone", "due_on")


def _set_state(milestone: Milestone, state: str | None, now: datetime) -> None:
    """Open or close a milestone; raise 422 for another state."""
    if state is None or state == milestone.state:
        return
    if state == "closed":
        milestone.state, milestone.closed_at = "closed", now
    elif state == "open":
        milestone.state, milestone.closed_at = "open", None
    else:
        raise invalid("Milestone", "state", "invalid", value=state)


def assign_milestone(issue: Issue, milestone: Milestone | None) -> None:
    """Put the issue into a milestone or none and keep both milestones' counts."""
    for holder, step in ((issue.milestone, -1), (milestone, 1)):
        if holder is not None:
            holder.open_issues += step if issue.state == "open" else 0
            holder.closed_issues += step if issue.state == "closed" else 0
    issue.milestone = milestone
    issue.repository.epoch += 1
