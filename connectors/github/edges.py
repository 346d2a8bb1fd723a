"""What leads from one issue to others: its parent, told by number, and its blockers, told only by how many there are.

A list of blockers costs a request. It is asked for where the number is not what it was, and of every issue that has
any when everything is read: adding and removing a blocker does not move an issue's time of change.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from connectors.github.client import GitHubClient
from connectors.github.mapping import (
    Blockers,
    Json,
    blockers_of,
    entry,
    moment,
    number_of,
    parent_of,
    part,
    tells_parent,
    with_edges,
)
from connectors.github.paging import pages
from syncer.contract.connector import Known
from syncer.contract.errors import Ambiguous, Denied, Gone, Rejected, Retryable
from syncer.contract.model import Field, Kind, Observed, Ref, Showing, Value


class Edges:
    """The edges of the issues of one repository, and the numbers of those that were seen."""

    def __init__(self, client: GitHubClient, repository: str) -> None:
        self._client = client
        self._repository = repository
        self._ids: dict[int, str] = {}
        self._numbers: dict[str, int] = {}
        self.known: Known | None = None
        """What the store holds, once something was listed."""
        self.lacks: frozenset[Field] | None = None
        """Which edges this server does not have; None while nothing gave reason to ask it."""

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

    def of(self, row: Json, before: Observed | None, *, exactly: bool = False) -> dict[Field, Value]:
        """What an issue's JSON tells of its edges, completed from what was known of it. Raises MalformedError.

        Not `exactly`: as many blockers as before are the same ones.
        """
        return self._parent(row, before) | self._blocked_by(row, None if exactly else before)

    def listed(self, row: Json, stored: Observed | None, *, everything: bool) -> dict[Field, Value]:
        """The same in a listing, which may meet an unchanged issue in every run and must not ask about it each time.

        While `everything` is listed, a parent that was not seen yet is left out: it comes later.
        """
        self.ask(row)
        if everything:
            parent = self.above(row)
            told = tells_parent(row) and (parent is not None or parent_of(row, self._repository) is None)
            return ({Field.PARENT: parent} if told else {}) | self._blocked_by(row, None)
        if stored is not None and Field.PARENT in stored.showing and moment(row, "updated_at") == stored.updated:
            was = stored.showing[Field.PARENT]
            if isinstance(was, str) and self.number(was) is None and isinstance(parent_of(row, self._repository), int):
                return {Field.PARENT: was} | self._blocked_by(row, stored)
        return self.of(row, stored)

    def ask(self, row: Json) -> None:
        """Asks the server for the edges that an issue does not tell of, once: an issue may be silent of what there is.

        One request for each, in the first run that meets such an issue.
        """
        silent = [field for field, told in _TOLD.items() if not told(row)]
        if self.lacks is None and silent:
            number = part(row, "number", int)
            self.lacks = frozenset(field for field in silent if self._is_unknown(field, number))

    def _is_unknown(self, field: Field, number: int) -> bool:
        """Whether this server answers for an issue, and not for an edge of it."""
        issue = f"/repos/{self._repository}/issues/{number}"
        path = f"{issue}/sub_issues" if field is Field.PARENT else f"{issue}/dependencies/blocked_by"
        try:
            self._client.get(path, f"ask whether this server has {_CALLED[field]}", {"per_page": 1}, item=True)
        except Denied:
            return False
        except Gone:
            self._client.get(issue, f"read {self._repository}#{number}", item=True)
            return True
        return False

    def above(self, row: Json) -> str | None:
        """The native id of an issue's parent, where it was seen; None where it has none, or an unseen one."""
        parent = parent_of(row, self._repository)
        return self._ids.get(parent) if isinstance(parent, int) else parent

    def _parent(self, row: Json, before: Observed | None) -> dict[Field, Value]:
        if not tells_parent(row):
            return {}
        parent = parent_of(row, self._repository)
        if not isinstance(parent, int):
            return {Field.PARENT: parent}
        was = before.showing.get(Field.PARENT) if before is not None else None
        if isinstance(was, str) and self.number(was) == parent:
            return {Field.PARENT: was}
        native = self._ids.get(parent) or self._asked(parent)
        return {Field.PARENT: native} if native is not None else {}

    def _asked(self, number: int) -> str | None:
        path = f"/repos/{self._repository}/issues/{number}"
        try:
            body, _ = self._client.get(path, f"read {self._repository}#{number}", item=True)
        except Gone:
            return None
        self.learn(number, str(part(body, "id", int)))
        return self._ids[number]

    def _blocked_by(self, row: Json, before: Observed | None) -> dict[Field, Value]:
        told = blockers_of(row)
        if told.total is None:
            return {}
        if not told.total:
            return {Field.BLOCKED_BY: ()}
        was = before.showing.get(Field.BLOCKED_BY) if before is not None else None
        if before is not None and isinstance(was, tuple) and _blocked_as_before(row, told, before, was):
            return {Field.BLOCKED_BY: was}
        return {Field.BLOCKED_BY: self.blockers(part(row, "number", int))}

    def blockers(self, number: int) -> tuple[str, ...]:
        """The native ids of the issues that block one, as far as the account may see them."""
        path = f"/repos/{self._repository}/issues/{number}/dependencies/blocked_by"
        listed = pages(self._client, path, f"list what blocks {self._repository}#{number}", item=True)
        return tuple(sorted({str(part(row, "id", int)) for rows in listed for row in rows}))

    # Writing

    def tie(self, item: Observed, edges: Showing) -> Observed:
        """The issue after it was given its parent and blockers, by one request for each that came or went.

        Raises Rejected with the field's name: GitHub takes no ring, one parent, eight levels, fifty blockers.
        """
        for field, value in edges.items():
            before, after = set(_ends(item.showing.get(field))), set(_ends(value))
            for end in sorted(after - before):
                self._send(item, field, end, wanted=True)
            # A parent that was replaced is gone already.
            for end in sorted(before - after) if field is not Field.PARENT or not after else ():
                self._send(item, field, end, wanted=False)
        return with_edges(item, edges)

    def _send(self, item: Observed, field: Field, end: str, *, wanted: bool) -> None:
        """Adds or takes away one edge. What is refused or lost is judged by what the issue then shows."""
        doing = f"change {field} of {item.key}"
        verb, path, body = self._request(item, field, end, wanted=wanted)
        try:
            self._client.write(verb, path, body, doing, item=True)
        except (Rejected, Gone, Ambiguous) as error:
            if self._leads(item, field, end) is wanted:
                return
            if isinstance(error, Ambiguous):
                raise Retryable(f"{error}; the change did not take effect") from error
            raise Rejected(f"{field}: {error}") from error

    def _request(self, item: Observed, field: Field, end: str, *, wanted: bool) -> tuple[str, str, dict[str, Any]]:
        issues = f"/repos/{self._repository}/issues"
        if field is Field.PARENT:
            number = self.number(end)
            if number is None:
                raise Rejected(f"{field}: {self._repository} has no issue with id {end}")
            child = {"sub_issue_id": int(item.ref.id)}
            if wanted:
                return "POST", f"{issues}/{number}/sub_issues", {**child, "replace_parent": True}
            return "DELETE", f"{issues}/{number}/sub_issue", child
        place = f"{issues}/{number_of(item)}/dependencies/blocked_by"
        return ("POST", place, {"issue_id": int(end)}) if wanted else ("DELETE", f"{place}/{end}", {})

    def _leads(self, item: Observed, field: Field, end: str) -> bool:
        """Whether an edge is there now. Raises Gone where the issue itself is not."""
        if field is not Field.PARENT:
            return end in self.blockers(number_of(item))
        path = f"/repos/{self._repository}/issues/{number_of(item)}"
        body, _ = self._client.get(path, f"read {item.key}", item=True)
        return parent_of(entry(body), self._repository) == self.number(end)


_TOLD: Final[Mapping[Field, Callable[[Json], bool]]] = {
    Field.PARENT: tells_parent,
    Field.BLOCKED_BY: lambda row: blockers_of(row).total is not None,
}
"""Whether an issue tells of an edge: absent is not none."""
_CALLED: Final = {Field.PARENT: "sub-issues", Field.BLOCKED_BY: "dependencies"}


def _ends(value: Value) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else (value,) if isinstance(value, str) else ()


def _blocked_as_before(row: Json, told: Blockers, before: Observed, was: tuple[str, ...]) -> bool:
    """Whether the blockers are those known before, as far as their number tells; some may be hidden from us."""
    if told.total == len(was):
        return True
    return told.open == before.facts.open_blockers and moment(row, "updated_at") == before.updated
