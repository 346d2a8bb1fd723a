"""The sprints of a project's boards, and putting issues into them and back. A sprint is neither made nor reopened.

Why not by the field. Of an edit that empties the field for sprints no document tells what it does; the operations of
boards do, for Cloud and Data Center alike, and they take an issue on whose screens the field is not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from connectors.jira.answers import Forbidden
from connectors.jira.custom import Unsendable
from connectors.jira.json_fields import Json, as_object, as_objects, need_id, want
from connectors.jira.project import Project, understood
from connectors.jira.site import HeldField
from connectors.jira.sprints import sprint_of
from syncer.contract.errors import Ambiguous, Gone, Rejected, Retryable
from syncer.contract.model import Field, Observed, Value, Version

PAGE: Final = 50
MOST: Final = 1_000
"""So many boards of a project, and sprints of a board, are looked at."""


class SprintBoards:
    """The open sprints of a project, as far as they were needed."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._open: dict[str, list[str]] | None = None

    def open_sprints(self) -> Mapping[str, list[str]]:
        """The ids of the sprints that issues can be put into, by name; asked once."""
        if self._open is None:
            found: dict[str, list[str]] = {}
            for board in self._listed(
                "/agile/1.0/board", {"projectKeyOrId": self._project.scope.project, "type": "scrum"}
            ):
                place = f"/agile/1.0/board/{need_id(board, 'board')}/sprint"
                for sprint in self._listed(place, {"state": "active,future"}):
                    ids = found.setdefault(want(sprint, "name", str, "sprint") or "", [])
                    if (native := need_id(sprint, "sprint")) not in ids:  # a sprint stands on each board that shows it
                        ids.append(native)
            self._open = found
        return self._open

    def sprint(self, name: str) -> str:
        """The id of the open sprint of a name. Raises Unsendable."""
        ids = self.open_sprints().get(name, [])
        if len(ids) > 1:
            raise Unsendable(f'{len(ids)} open sprints are called "{name}"')
        if not ids:
            raise Unsendable(f'no active or coming sprint is called "{name}": closed ones stay closed, none is made')
        return ids[0]

    def _listed(self, path: str, query: Mapping[str, str]) -> Iterator[Json]:
        start = 0
        while start < MOST:
            with understood(path):
                answer = as_object(
                    self._project.client.get(path, {**query, "startAt": start, "maxResults": PAGE}), "page"
                )
                values = as_objects(answer.get("values") or [], "page.values")
            yield from values
            if answer.get("isLast") is not False or not values:
                return
            start += len(values)

    def put(self, item: Observed, field: Field, name: Value) -> Observed:
        """The issue in the sprint of a name, or in none that is open. Raises Rejected with the name of the field."""
        held = self._project.site.held[field]
        try:
            sprint = self.sprint(name) if isinstance(name, str) else None
            self._move(item, f"/agile/1.0/sprint/{sprint}/issue" if sprint else "/agile/1.0/backlog/issue")
        except (Unsendable, Rejected, Forbidden, Gone) as error:
            raise Rejected(f"{field} of {item.key}: {error}") from error
        except Ambiguous as lost:
            if self._shown(item, held, lost) != name:
                raise
        if name is None and (left := self._shown(item, held, None)) is not None:
            raise Rejected(f'{field} of {item.key}: it was in "{left}", which is closed and stays with it')
        return replace(item, showing={**item.showing, field: name}, version=Version(""))

    def _move(self, item: Observed, path: str) -> None:
        self._project.client.write("POST", path, {"issues": [item.ref.id]})

    def _shown(self, item: Observed, held: HeldField, lost: Ambiguous | None) -> str | None:
        """The sprint that an issue is in now. Raises `lost` where that cannot be told after a lost answer."""
        try:
            issue = self._project.issue(item.ref.id, [held.id], properties=False)
        except Retryable:
            raise lost or Retryable(f"the sprints of {item.key} cannot be read") from None
        if issue is None:
            raise Gone(f"issue {item.key} cannot be seen", uncertain=True)
        with understood(f"issue {item.key}"):
            shown = sprint_of(as_object(issue.get("fields"), "issue.fields").get(held.id))
        return shown.name if shown is not None else None
