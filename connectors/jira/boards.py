"""The sprints of a project's boards, and putting issues into them and back. None is reopened, and made only if allowed.

Why not by the field. Of an edit that empties the field for sprints no document tells what it does; the operations of
boards do, for Cloud and Data Center alike, and they take an issue on whose screens the field is not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
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


@dataclass(frozen=True, slots=True)
class SprintLocator:
    """The locator of a field for sprints, where sprints may be made."""

    field: str
    """Its name or its id."""
    board: int | str | None = None
    """The id or name of the board on which a sprint is made; None: the only one of the project."""

    def __str__(self) -> str:
        return self.field


class SprintBoards:
    """The open sprints of a project, as far as they were needed."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._open: dict[str, list[str]] | None = None
        self._boards: dict[str, str] = {}
        """The names of the project's scrum boards by their ids, once the open sprints were asked for."""
        self.made: Mapping[Field, SprintLocator] = {}
        """The fields for which a sprint that is not there is made."""

    def open_sprints(self) -> Mapping[str, list[str]]:
        """The ids of the sprints that issues can be put into, by name; asked once."""
        if self._open is None:
            found: dict[str, list[str]] = {}
            for sprint in self._open_on_boards():
                ids = found.setdefault(want(sprint, "name", str, "sprint") or "", [])
                if (native := need_id(sprint, "sprint")) not in ids:  # a sprint stands on each board that shows it
                    ids.append(native)
            self._open = found
        return self._open

    def _open_on_boards(self) -> Iterator[Json]:
        """The open sprints of each scrum board of the project, whose names are noted."""
        boards = {"projectKeyOrId": self._project.scope.project, "type": "scrum"}
        for board in self._listed("/agile/1.0/board", boards):
            native = need_id(board, "board")
            self._boards[native] = want(board, "name", str, "board") or ""
            yield from self._listed(f"/agile/1.0/board/{native}/sprint", {"state": "active,future"})

    def sprint(self, name: str) -> str:
        """The id of the open sprint of a name. Raises Unsendable."""
        ids = self.open_sprints().get(name, [])
        if len(ids) > 1:
            raise Unsendable(f'{len(ids)} open sprints are called "{name}"')
        if not ids:
            raise Unsendable(f'no active or coming sprint is called "{name}": closed ones stay closed, none is made')
        return ids[0]

    def _made(self, name: str, locator: SprintLocator) -> str:
        """The id of a sprint that was made for a name that no sprint of its board has. Raises Unsendable.

        It begins without days, as a coming one: who plans it starts it. Raises Retryable where the answer was lost:
        whether it was made the next listing tells.
        """
        board = self._board(locator)
        for sprint in self._listed(f"/agile/1.0/board/{board}/sprint", {"state": "closed"}):
            if want(sprint, "name", str, "sprint") == name:
                raise Unsendable(f'the sprint "{name}" is closed: it stays closed, and no other of its name is made')
        try:
            body = {"name": name, "originBoardId": int(board)}
            answer = self._project.client.write("POST", "/agile/1.0/sprint", body)
        except Ambiguous as lost:
            self._open = None
            raise Retryable(f"{lost}; whether the sprint was made is looked up") from lost
        with understood("sprint", writing=True):
            native = need_id(as_object(answer, "answer"), "sprint")
        self._open = {**self.open_sprints(), name: [native]}
        return native

    def _board(self, locator: SprintLocator) -> str:
        """The id of the board on which sprints are made. Raises Unsendable."""
        self.open_sprints()
        named = [
            id_ for id_, name in self._boards.items() if str(locator.board) == id_ or locator.board in (None, name)
        ]
        if len(named) == 1:
            return named[0]
        several = ", ".join(f"{name} ({id_})" for id_, name in self._boards.items()) or "no scrum board"
        raise Unsendable(f"no sprint is made: name its board, the project has {several}")

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
            sprint = self._sought(field, name) if isinstance(name, str) else None
            self._move(item, f"/agile/1.0/sprint/{sprint}/issue" if sprint else "/agile/1.0/backlog/issue")
        except (Unsendable, Rejected, Forbidden, Gone) as error:
            raise Rejected(f"{field} of {item.key}: {error}") from error
        except Ambiguous as lost:
            if self._shown(item, held, lost) != name:
                raise
        if name is None and (left := self._shown(item, held, None)) is not None:
            raise Rejected(f'{field} of {item.key}: it was in "{left}", which is closed and stays with it')
        return replace(item, showing={**item.showing, field: name}, version=Version(""))

    def _sought(self, field: Field, name: str) -> str:
        """The id of the open sprint of a name, made where that is allowed and none has it. Raises Unsendable."""
        locator = self.made.get(field)
        return (
            self._made(name, locator) if locator is not None and name not in self.open_sprints() else self.sprint(name)
        )

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
