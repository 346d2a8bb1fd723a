"""Where people and tasks of one Jira site are found: shared by both of its markups."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from urllib.parse import quote, unquote

from connectors.jira.pages import issue_key
from syncer.richtext import Run, RunKind
from syncer.richtext.links import split_addresses


@dataclass(frozen=True, slots=True)
class JiraSite:
    """One project of one site. `cloud` decides what a profile page looks like."""

    url: str
    project: str
    cloud: bool
    _keys: re.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        pattern = rf"(?<![A-Za-z0-9_/.-]){re.escape(self.project)}-[1-9][0-9]{{0,9}}(?![A-Za-z0-9_-])"
        object.__setattr__(self, "_keys", re.compile(pattern))

    def issue(self, key: str) -> str:
        """The page of a task."""
        return f"{self.url}/browse/{key}"

    def person(self, identity: str) -> str:
        """The profile page of an account: an accountId on Cloud, a name on Data Center."""
        if self.cloud:
            return f"{self.url}/jira/people/{quote(identity, safe=':')}"
        return f"{self.url}/secure/ViewProfile.jspa?name={quote(identity, safe='')}"

    def identity(self, page: str) -> str:
        """The account whose profile page this is; empty when it is none of this site."""
        start = self.person("")
        return unquote(page[len(start) :]) if page.startswith(start) else ""

    def own_key(self, page: str) -> str:
        """The key of the task whose page this is; empty when it is none of this site."""
        key = issue_key(page)
        return key if key and page == self.issue(key) else ""

    def is_own_project(self, key: str) -> bool:
        """Whether a bare key is recognised in text."""
        return bool(self._keys.fullmatch(key))

    def with_keys(self, run: Run) -> Iterator[Run]:
        """The run with bare keys of the project as references; addresses are left whole."""
        if run.kind is not RunKind.TEXT or run.link or self.project + "-" not in run.text:
            yield run
            return
        for piece, address in split_addresses(run.text):
            if address:
                yield replace(run, text=piece, link=address)
                continue
            done = 0
            for found in self._keys.finditer(piece):
                if found.start() > done:
                    yield replace(run, text=piece[done : found.start()])
                yield Run(found[0], RunKind.REFERENCE, run.marks, target=self.issue(found[0]))
                done = found.end()
            if done < len(piece):
                yield replace(run, text=piece[done:])

    def lifted(self, runs: tuple[Run, ...]) -> tuple[Run, ...]:
        """Runs in which every bare key of the project is a reference, as this site will read them."""
        return tuple(piece for run in runs for piece in self.with_keys(run))
