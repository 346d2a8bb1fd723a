"""Files of an issue: adding one, finding one again, and how texts show it."""

from __future__ import annotations

import re
from typing import Final

from connectors.jira.answers import Forbidden
from connectors.jira.file_pages import MEDIA, listed, page
from connectors.jira.json_fields import Json, Malformed, as_object, as_objects, need, need_id, want
from connectors.jira.project import Project, understood
from syncer.contract.errors import Ambiguous, Gone, Rejected, TrackerError, Unreadable
from syncer.contract.files import Attached, File
from syncer.contract.model import Observed

_IN_MEDIA_SERVICE: Final = re.compile(r"/file/([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})(?:[/?]|$)")


class IssueFiles:
    """The files of one project's issues."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def attach(self, task: Observed, file: File, name: str) -> Attached:
        """See `FileHolder.attach`. What Jira made of the name is told by its answer."""
        path = f"/issue/{task.ref.id}/attachments"
        try:
            answer = self._project.client.upload(path, name, file.media_type, file.content)
        except Forbidden as error:
            raise Rejected(f"{task.key} takes no file: {error} (permission Create attachments)") from error
        try:
            (added,) = as_objects(answer, f"files of {task.key}")
            return self._attached(added, task.key)
        except (Malformed, ValueError) as error:
            raise Ambiguous(f"the answer to adding a file to {task.key} does not name it") from error

    def attached(self, task: Observed, name: str, size: int) -> Attached | None:
        """See `FileHolder.attached`."""
        with understood(f"files of {task.key}"):
            named = (each for each in self._listed(task) if (each.get("filename"), each.get("size")) == (name, size))
            found = [each for each in named if self._project.is_ours(want(each, "author", dict, task.key))]
            return self._attached(found[-1], task.key) if found else None

    def attachments(self, task: Observed) -> frozenset[str]:
        """See `FileHolder.attachments`."""
        with understood(f"files of {task.key}"):
            return frozenset(need_id(each, task.key) for each in self._listed(task))

    def _listed(self, task: Observed) -> list[Json]:
        issue = self._project.issue(task.ref.id, ["attachment"], properties=False)
        if issue is None:
            raise Gone(f"issue {task.key} cannot be seen", uncertain=True)
        fields = as_object(issue.get("fields"), f"{task.key}.fields")
        if fields.get("attachment") is None:
            raise Unreadable(f"Jira does not show the files of {task.key}")
        return listed(fields, task.key)

    def _attached(self, shown: Json, where: str) -> Attached:
        native, name = need_id(shown, where), need(shown, "filename", str, where)
        address = page(self._project.tracker.url, native, name)
        if not self._project.site.dialect.rich_text:
            return Attached(native, name, address, name)
        return Attached(native, name, address, media_target(self._project, native) or address)


def media_target(project: Project, native: str) -> str:
    """A file's target in ADF, known only from where its content is redirected to; empty when it is not told."""
    try:
        location = project.client.location(f"/attachment/content/{native}")
    except TrackerError:
        return ""
    found = _IN_MEDIA_SERVICE.search(location)
    return MEDIA + found[1].lower() if found else ""
