"""Milestones of a repository: making, changing and removing them, and their lists."""

from __future__ import annotations

from datetime import datetime

from syncer.sandbox.github import requestfields
from syncer.sandbox.github.issues import assign_milestone
from syncer.sandbox.github.listing import Query, choice
from syncer.sandbox.github.model import Account, Milestone, Repository
from syncer.sandbox.github.problems import invalid
from syncer.sandbox.github.requestfields import Request
from syncer.sandbox.github.state import GitHub


def create_milestone(github: GitHub, repository: Repository, creator: Account, request: Request) -> Milestone:
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


def edit_milestone(github: GitHub, repository: Repository, milestone: Milestone, request: Request) -> None:
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


def _title(github: GitHub, repository: Repository, request: Request, milestone: Milestone | None) -> str:
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
