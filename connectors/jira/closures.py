"""What closes a whole project to writing, asked once something in it was refused, and what closes a single issue.

Why. An archived project, a site in read-only mode and a project that the account may no longer write to are all told
in the words of a missing permission, item by item. Taken at its word, each item would wait for a person on its own,
and long after the end of the maintenance. Asked once, the side stops by the name of what closed it, nothing of it is
set aside, and the first run after its end goes on. An issue that nobody may edit in the status it has is found out by
the first refusal, not field by field.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from connectors.jira.answers import Forbidden, Invalid, Unscoped
from connectors.jira.json_fields import Json, as_object
from connectors.jira.project import Project, understood
from syncer.contract.errors import Denied, Gone, Rejected, Retryable, TrackerError
from syncer.contract.model import Field, Observed, Patch, Ref, Status

WRITING = ("CREATE_ISSUES", "EDIT_ISSUES", "TRANSITION_ISSUES", "ADD_COMMENTS")
"""Without any of these permissions the account only reads."""
KEPT = 60.0
"""For so many seconds it is believed that a project which was open is open."""


class WriteClosures:
    """Whether a project is open to writing, as far as refusals gave reason to ask."""

    def __init__(self, project: Project, monotonic: Callable[[], float]) -> None:
        self._project = project
        self._monotonic = monotonic
        self._open_until = float("-inf")

    @contextmanager
    def named(self) -> Iterator[None]:
        """Raises Denied in place of a refusal of one item where the whole project is closed."""
        try:
            yield
        except (Forbidden, Rejected) as refusal:
            self._ask(refusal)
            raise
        except Gone as refusal:
            if refusal.uncertain and not refusal.moved_to:
                self._ask(refusal)
            raise

    def judge(self, outcomes: Sequence[Observed | TrackerError]) -> None:
        """Raises Denied where all of several creates were refused because the whole project is closed."""
        refused = [each for each in outcomes if isinstance(each, Forbidden | Rejected | Gone)]
        if refused and len(refused) == len(outcomes):
            self._ask(refused[0])

    def _ask(self, refusal: TrackerError) -> None:
        if isinstance(lacking := refusal.__cause__, Unscoped):
            raise Denied(str(lacking), remedy=lacking.remedy) from refusal
        now = self._monotonic()
        if now < self._open_until:
            return
        if (closed := closed_by(self._project)) is not None:
            raise closed from refusal
        self._open_until = now + KEPT


def closed_by(project: Project) -> Denied | None:
    """What closes a project to writing, by name; None where it is open, or where that cannot be told now."""
    try:
        found = project.details()
    except Denied as unseen:
        return unseen
    except Retryable:
        return None
    return archived_by(project, found) or _reading_only(project)


def _reading_only(project: Project) -> Denied | None:
    """The error of an account that has no permission to write, or of a site that takes it from all."""
    try:
        granted = project.granted(WRITING)
    except (Forbidden, Gone, Rejected, Retryable):
        return None
    if any(granted.values()):
        return None
    key = project.scope.project
    return read_only_mode(project) or Denied(
        f"{project.tracker.name}: the account may only read {key}",
        remedy=f"Grant it {', '.join(WRITING)} in {key}; after a maintenance that took them, wait.",
    )


def archived_by(project: Project, details: Json) -> Denied | None:
    """The error of a project that its description calls archived."""
    if details.get("archived") is not True:
        return None
    key = project.scope.project
    return Denied(
        f"project {key} is archived: nothing in it can be changed, and no search finds its issues",
        remedy=f"Restore {key} in Jira, or take the pair out of the configuration.",
    )


def read_only_mode(project: Project) -> Denied | None:
    """The error of a Data Center in read-only mode; None where it is not, or does not tell."""
    if project.site.dialect.fetches_in_bulk:
        return None
    try:
        with understood("readonly-mode"):
            mode = as_object(project.client.get("/readonly-mode"), "readonly-mode")
    except (Forbidden, Gone, Rejected, Retryable):
        return None  # versions before 10.3 have no such mode
    if mode.get("enabled") is not True:
        return None
    parts = [
        mode.get("message"),
        f"until {mode['endTime']} {mode.get('timeZone') or ''}" if mode.get("endTime") else "",
    ]
    told = "; ".join(str(part).strip() for part in parts if part)
    return Denied(
        f"{project.tracker.name}: Jira is in read-only mode{f': {told}' if told else ''}",
        remedy="Nothing is to be done: the first run after its end goes on.",
    )


@contextmanager
def search_explained(project: Project) -> Iterator[None]:
    """Raises what closes a project in place of a search that was refused because of it."""
    try:
        yield
    except Denied as refusal:
        if isinstance(refusal.__cause__, Invalid | Gone) and (closed := closed_by(project)) is not None:
            raise closed from refusal
        raise


class Editable:
    """Which issues were just found not to be editable, and in which status."""

    def __init__(self, project: Project, monotonic: Callable[[], float]) -> None:
        self._project = project
        self._monotonic = monotonic
        self._closed: dict[tuple[Ref, str], float] = {}
        """When an issue was found to be so."""

    def look(self, task: Observed) -> None:
        """Asks for the edit screen of an issue of which every field was refused: it is empty where nothing is editable.

        A status may forbid it (`jira.issue.editable=false`), or a permission of the workflow; Jira then says of every
        field alike that it is on no screen.
        """
        try:
            answer = self._project.client.get(f"/issue/{task.ref.id}/editmeta")
        except (Forbidden, Gone, Rejected, Retryable):
            return
        if isinstance(answer, dict) and answer.get("fields") == {}:
            self._closed[task.ref, _status_of(task)] = self._monotonic()

    def require(self, task: Observed, patch: Patch) -> None:
        """Raises Rejected for an issue that was just found not to be editable in the status it has."""
        status = _status_of(task)
        at = self._closed.get((task.ref, status))
        if at is not None and self._monotonic() - at < self._project.tracker.reread_after:
            raise Rejected(
                f"{', '.join(map(str, patch))} of {task.key}: Jira lets nobody edit it in the status {status!r}"
                " (jira.issue.editable, or a permission of the workflow)"
            )


def _status_of(task: Observed) -> str:
    status = task.showing.get(Field.STATUS)
    return status.name if isinstance(status, Status) else ""
