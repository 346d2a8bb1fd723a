"""Answers searches from the index: parses, compiles, sorts, remembers recent results, and pages through them."""

from __future__ import annotations

import bisect
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from syncer.sandbox.jira import permissions
from syncer.sandbox.jira.jql.compilation import Compiled, compile_query
from syncer.sandbox.jira.jql.parser import parse
from syncer.sandbox.jira.jql.resolving import Scope
from syncer.sandbox.jira.problems import invalid
from syncer.sandbox.jira.records import Content, User
from syncer.sandbox.jira.store import IssueStore

_REMEMBERED = 16
_CURSORS = 10_000
_TOKEN_DAYS = 7

_Row = tuple[tuple[Any, ...], str]


@dataclass(frozen=True, slots=True)
class Page:
    """One page: (id, content as searching saw it) in order, the token of the next page, and how many match in all."""

    issues: list[tuple[str, Content]]
    token: str | None
    total: int


class Searcher:
    """Searches one site; holds the last results and the open cursors."""

    def __init__(self, jira: IssueStore) -> None:
        self._jira = jira
        self._results: OrderedDict[tuple[Any, ...], list[_Row]] = OrderedDict()
        self._cursors: OrderedDict[str, tuple[str, tuple[Any, ...], Any]] = OrderedDict()

    def offset_page(self, account: User | None, jql: str, start: int, size: int) -> Page:
        """Returns `size` issues from position `start`, as Data Center pages.

        Positions shift when issues move between requests.
        """
        rows, _ = self._rows(account, jql, (), bounded=False)
        return Page(list(self._contents(rows[start : start + size])), None, len(rows))

    def token_page(
        self, account: User | None, jql: str, token: str | None, size: int, reconcile: Sequence[str]
    ) -> Page:
        """Returns the next `size` issues after a token, as Cloud pages: a cursor into the order, live between requests.

        Issues in `reconcile` are read from the database instead of the index.
        """
        rows, fresh = self._rows(account, jql, reconcile, bounded=True)
        start = 0 if token is None else bisect.bisect_right(rows, self._after(jql, token), key=lambda row: row[0])
        chosen = rows[start : start + size]
        following = self._remember(jql, chosen[-1][0]) if start + size < len(rows) and chosen else None
        return Page(
            [(issue_id, fresh.get(issue_id) or content) for issue_id, content in self._contents(chosen)],
            following,
            len(rows),
        )

    def count(self, account: User | None, jql: str) -> int:
        """Returns how many issues match."""
        return len(self._rows(account, jql, (), bounded=True)[0])

    def _contents(self, rows: Sequence[_Row]) -> Iterator[tuple[str, Content]]:
        for _, issue_id in rows:
            # Cloud answers what the index holds, Data Center reads each hit from its database.
            content = self._jira.index.get(issue_id) if self._jira.is_cloud else None
            yield issue_id, content or self._jira.issues[issue_id].content

    def _rows(
        self, account: User | None, jql: str, reconcile: Sequence[str], *, bounded: bool
    ) -> tuple[list[_Row], dict[str, Content]]:
        jira = self._jira
        now = jira.clock.now()
        jira.index.catch_up(now)
        known = (
            jql,
            account.identifier if account else None,
            jira.index.generation,
            jira.metadata_generation,
            jira.commits,
        )
        fresh = {issue.id: issue.content for each in reconcile if (issue := jira.issues.get(each))}
        if not reconcile and known in self._results:
            self._results.move_to_end(known)
            return self._results[known], fresh
        compiled = compile_query(parse(jql), Scope(jira, account), now)
        if bounded and not compiled.bounded:
            raise invalid("Unbounded JQL queries are not allowed here. Please add a search restriction to your query.")
        rows = sorted(self._matching(account, compiled, fresh, set(reconcile)), key=lambda row: row[0])
        if not reconcile and compiled.timeless:
            self._results[known] = rows
            while len(self._results) > _REMEMBERED:
                self._results.popitem(last=False)
        return rows, fresh

    def _matching(
        self, account: User | None, compiled: Compiled, fresh: dict[str, Content], reconcile: set[str]
    ) -> Iterator[_Row]:
        jira, matches, key = self._jira, compiled.matches, compiled.sort_key
        visible: dict[str, bool] = {}

        def seen(issue_id: str) -> bool:
            # Permissions are those of this moment, whatever the index remembers.
            issue = jira.issues.get(issue_id)
            if issue is None or issue.archived or issue.project.archived:
                return False
            project_id = issue.content["project"].id
            if project_id not in visible:
                visible[project_id] = permissions.allows(jira, account, "BROWSE_PROJECTS", issue.content["project"])
            open_to_all = issue.content["security"] is None and not issue.content.get("issuerestriction")
            return visible[project_id] and (open_to_all or permissions.can_see(jira, account, issue.content))

        if compiled.only is not None:
            found = ((each, jira.index.get(each)) for each in compiled.only)
            indexed = [(each, content) for each, content in found if content is not None]
        else:
            indexed = list(jira.index.updated_since(compiled.since, compiled.projects))
        for issue_id, content in [
            *((each for each in indexed if each[0] not in reconcile) if reconcile else indexed),
            *fresh.items(),
        ]:
            if matches(issue_id, content) and seen(issue_id):
                yield key(issue_id, content), issue_id

    def _after(self, jql: str, token: str) -> tuple[Any, ...]:
        held = self._cursors.get(token)
        if held is None or held[0] != jql or (self._jira.clock.now() - held[2]).days >= _TOKEN_DAYS:
            raise invalid("The provided next page token is invalid or expired.")
        return held[1]

    def _remember(self, jql: str, key: tuple[Any, ...]) -> str:
        token = f"Ch0j{self._jira.next_id('cursor', 1):08x}"
        self._cursors[token] = (jql, key, self._jira.clock.now())
        while len(self._cursors) > _CURSORS:
            self._cursors.popitem(last=False)
        return token
