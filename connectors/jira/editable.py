"""Issues that nobody may edit in the status they have: found out by the first refusal, not field by field."""

from __future__ import annotations

from collections.abc import Callable

from connectors.jira.answers import Forbidden
from connectors.jira.project import Project
from syncer.contract.errors import Gone, Rejected, Retryable
from syncer.contract.model import Field, Observed, Patch, Ref, Status


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
                f"{', '.join(patch)} of {task.key}: Jira lets nobody edit it in the status {status!r}"
                " (jira.issue.editable, or a permission of the workflow)"
            )


def _status_of(task: Observed) -> str:
    status = task.showing.get(Field.STATUS)
    return status.name if isinstance(status, Status) else ""
