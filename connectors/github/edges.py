"""What leads from one issue to others: its parent, told by number, and its blockers, told only by how many there are.

A list of blockers costs a request. It is asked for where the number is not what it was, and of every issue that has
any when everything is read: adding and removing a blocker does not move an issue's time of change.
"""

from __future__ import annotations

from connectors.github.client import GitHubClient
from connectors.github.mapping import Blockers, Json, blockers_of, moment, number_of, parent_of, part, tells_parent
from connectors.github.paging import pages
from syncer.contract.connector import Known
from syncer.contract.errors import Gone
from syncer.contract.model import Field, Kind, Observed, Ref, Value


class Edges:
    """The edges of the issues of one repository, and the numbers of those that were seen."""

    def __init__(self, client: GitHubClient, repository: str) -> None:
        self._client = client
        self._repository = repository
        self._ids: dict[int, str] = {}
        self._numbers: dict[str, int] = {}
        self.known: Known | None = None
        """What the store holds, once something was listed."""

    def learn(self, number: int, native: str) -> None:
        """Notes which issue is behind a number."""
        self._ids[number] = native
        self._numbers[native] = number

    def number(self, native: str) -> int | None:
        """The number of an issue that was seen or is stored."""
        if native not in self._numbers and self.known is not None:
            stored = self.known.observed(Ref(Kind.TASK, native))
            if stored is not None:
                self.learn(number_of(stored), native)
        return self._numbers.get(native)

    def of(self, row: Json, before: Observed | None, *, everything: bool = False) -> dict[Field, Value]:
        """What an issue's JSON tells of its edges, completed from what was known of it `before`.

        While `everything` is listed, a parent that was not seen yet is left out: it comes later. Raises MalformedError.
        """
        return self._parent(row, before, everything) | self._blocked_by(row, before, everything)

    def above(self, row: Json) -> str | None:
        """The native id of an issue's parent, where it was seen; None where it has none, or an unseen one."""
        parent = parent_of(row, self._repository)
        return self._ids.get(parent) if isinstance(parent, int) else parent

    def _parent(self, row: Json, before: Observed | None, everything: bool) -> dict[Field, Value]:
        if not tells_parent(row):
            return {}
        parent = parent_of(row, self._repository)
        if not isinstance(parent, int):
            return {Field.PARENT: parent}
        was = before.showing.get(Field.PARENT) if before is not None else None
        native = was if isinstance(was, str) and self.number(was) in (parent, None) else self._ids.get(parent)
        if native is None and not everything:
            native = self._asked(parent)
        return {Field.PARENT: native} if native is not None else {}

    def _asked(self, number: int) -> str | None:
        path = f"/repos/{self._repository}/issues/{number}"
        try:
            body, _ = self._client.get(path, f"read {self._repository}#{number}", item=True)
        except Gone:
            return None
        self.learn(number, str(part(body, "id", int)))
        return self._ids[number]

    def _blocked_by(self, row: Json, before: Observed | None, everything: bool) -> dict[Field, Value]:
        told = blockers_of(row)
        if told.total is None:
            return {}
        if not told.total:
            return {Field.BLOCKED_BY: ()}
        was = before.showing.get(Field.BLOCKED_BY) if before is not None else None
        if before is not None and isinstance(was, tuple) and not everything and _as_before(row, told, before, was):
            return {Field.BLOCKED_BY: was}
        return {Field.BLOCKED_BY: self.blockers(part(row, "number", int))}

    def blockers(self, number: int) -> tuple[str, ...]:
        """The native ids of the issues that block one, as far as the account may see them."""
        path = f"/repos/{self._repository}/issues/{number}/dependencies/blocked_by"
        listed = pages(self._client, path, f"list what blocks {self._repository}#{number}", item=True)
        return tuple(sorted({str(part(row, "id", int)) for rows in listed for row in rows}))


def _as_before(row: Json, told: Blockers, before: Observed, was: tuple[str, ...]) -> bool:
    """Whether the blockers are those known before, as far as their number tells; some may be hidden from us."""
    if told.total == len(was):
        return True
    return told.open == before.facts.open_blockers and moment(row, "updated_at") == before.updated
