"""GitHub's Markdown: what only GitHub knows of it, on top of `syncer.richtext.markdown`.

Logins, teams, numbers and keys in text are mentions and references. Nothing that is written notifies anybody but who
shall be notified: `@`, `#12` and `GH-12` are broken by a word joiner, a closing keyword before a reference likewise. A
link to a task of another repository leads there by the host that GitHub has for it: any other would be told in that
task's timeline.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from connectors.github.file_addresses import FileAddresses
from connectors.github.pages import issue_key
from syncer.richtext import Mark, Run, RunKind, map_block
from syncer.richtext.characters import JOINER
from syncer.richtext.links import split_addresses
from syncer.richtext.markdown import MarkdownMarkup, MarkdownPiece, Names

_SIGNED = re.compile(r"[?&;](?:jwt|token)=")
_PERSON = re.compile(r"/(?:([^/?#]+)|orgs/([^/?#]+)/teams/([^/?#]+))/?")
_LIVE = re.compile(
    r"(?<![A-Za-z0-9_/])@(?P<login>[A-Za-z0-9](?:[A-Za-z0-9-]{0,38}))(?P<team>/[A-Za-z0-9][\w.-]*)?(?![\w/])"
    r"|(?<![\w#&/.-])(?P<repository>[A-Za-z0-9][\w-]*/[\w.-]+)?#(?P<number>[1-9]\d{0,8})(?![\w-])"
    r"|(?<![\w-])GH-(?P<short>[1-9]\d{0,8})(?![\w-])",
    re.ASCII,
)
_PINGING = re.compile(r"(?<![A-Za-z0-9])@(?=[A-Za-z0-9]|$)|#(?=[0-9])|(?<![A-Za-z0-9])GH(?=-[0-9])", re.IGNORECASE)
_CLOSING = re.compile(
    r"\b(clos(?:e|es|ed)|fix(?:es|ed)?|resolv(?:e|es|ed))(?=[\s:]*(?:$|#|GH-|https?://|[\w.-]+/[\w.-]+#))",
    re.IGNORECASE,
)
_CLOSES = re.compile(r"\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?)[\s:]*\Z", re.IGNORECASE)
_SITE = "https://github.com"
_QUIET_SITE = "https://redirect.github.com"
"""Leads to the same pages without a backlink: docs.github.com, Autolinked references and URLs, "Avoiding backlinks to
linked references". GitHub Enterprise has nothing of the kind.
"""
_TRACED = re.compile(r"/([\w.-]+/[\w.-]+)/(?:issues|pull|discussions)/[1-9]\d*(?![\w-])", re.ASCII)


class GitHubNames(Names):
    """Logins and numbers of one repository: `html_url` is the host's page, `repository` is `owner/name`."""

    def __init__(self, html_url: str, repository: str) -> None:
        self._html_url = html_url
        self._repository = repository

    def found(self, text: str, marks: frozenset[Mark]) -> Iterator[Run]:
        """The runs of text: mentions and references are found, except inside addresses."""
        if "@" not in text and "#" not in text and "GH-" not in text:
            yield Run(text, marks=marks)
            return
        for piece, address in split_addresses(text):
            if address:
                yield Run(piece, marks=marks, link=address)
                continue
            done = 0
            for found in _LIVE.finditer(piece):
                if found.start() > done:
                    yield Run(piece[done : found.start()], marks=marks)
                yield self._live(found, marks)
                done = found.end()
            if done < len(piece):
                yield Run(piece[done:], marks=marks)

    def _live(self, found: re.Match[str], marks: frozenset[Mark]) -> Run:
        if login := found["login"]:
            login += found["team"] or ""
            return Run(login, RunKind.MENTION, target=self._person(login))
        repository = found["repository"] or self._repository
        number = found["number"] or found["short"]
        return Run(f"{repository}#{number}", RunKind.REFERENCE, marks, target=self._issue(number, repository))

    def typed(self, run: Run) -> str:
        """`@login`, `#12` or `owner/name#12` of this host."""
        if run.kind is RunKind.MENTION:
            login = self._login(run.target)
            return f"@{login}" if login else ""
        key = issue_key(run.target)
        repository, _, number = key.partition("#")
        if not number or run.target != self._issue(number, repository):
            return ""
        return f"#{number}" if repository == self._repository else key

    def harmless(self, text: str, *, before_more: bool = False) -> str:
        """Text without anything that GitHub acts upon."""
        lowered = text.lower()
        if "@" in text or "#" in text or "gh" in lowered:
            text = _PINGING.sub(_joined_after, text)
        if "clos" in lowered or "fix" in lowered or "resolv" in lowered:
            closing = _CLOSING.sub(_joined_after, text)
            if before_more or closing.count(JOINER) != text.count(JOINER):
                text = closing
        return text

    def closes(self, text: str) -> bool:
        """Whether the text ends with a closing keyword."""
        return _CLOSES.search(text) is not None

    def quiet(self, address: str) -> str:
        """The address that leaves no link back in a task of another repository."""
        traced = _TRACED.match(address, len(_SITE)) if address.startswith(_SITE) and self._html_url == _SITE else None
        foreign = traced is not None and traced[1].lower() != self._repository.lower()
        return _QUIET_SITE + address.removeprefix(_SITE) if foreign else address

    def presumed(self, run: Run) -> str:
        """The login or team of a mention: there is no sign by which one that names nobody could be told."""
        presumed = run.kind is RunKind.MENTION and run.target == self._person(run.text)
        return run.text if presumed else ""

    def _issue(self, number: str, repository: str) -> str:
        return f"{self._html_url}/{repository}/issues/{number}"

    def _person(self, login: str) -> str:
        """The page of a person, or of a team (`acme/pay`)."""
        organisation, _, team = login.partition("/")
        return f"{self._html_url}/orgs/{organisation}/teams/{team}" if team else f"{self._html_url}/{login}"

    def _login(self, page: str) -> str:
        """The person or team whose page this is; empty when it is none of this host."""
        found = _PERSON.fullmatch(page.removeprefix(self._html_url)) if page.startswith(self._html_url) else None
        return "/".join(part for part in found.groups() if part) if found else ""


def _joined_after(found: re.Match[str]) -> str:
    return found[0] + JOINER


class GitHubMarkdown(MarkdownMarkup):
    """The markup of one repository's issues and comments. `html_url`: the host's page; `repository`: `owner/name`."""

    def __init__(self, html_url: str, repository: str, limit: int = 65_536) -> None:
        pages = html_url.rstrip("/")
        super().__init__(GitHubNames(pages, repository), limit)
        self._files = FileAddresses(pages, repository)

    def adapted(self, source: str, pieces: Sequence[MarkdownPiece]) -> Sequence[MarkdownPiece]:
        """The blocks with every file under its stable address, and every link as it would be without its detour."""
        if _QUIET_SITE in source:
            pieces = _exchanged(pieces, _direct)
        return _exchanged(pieces, self._files.unsigned) if _SIGNED.search(source) else pieces


def _exchanged(
    pieces: Iterable[MarkdownPiece], exchange: Callable[[tuple[Run, ...]], tuple[Run, ...]]
) -> list[MarkdownPiece]:
    return [replace(piece, blocks=tuple(map_block(block, exchange) for block in piece.blocks)) for piece in pieces]


def _direct(runs: tuple[Run, ...]) -> tuple[Run, ...]:
    """Runs whose links lead to GitHub's own pages."""
    return tuple(
        replace(run, link=run.link.replace(_QUIET_SITE, _SITE), text=run.text.replace(_QUIET_SITE, _SITE))
        if run.link.startswith(f"{_QUIET_SITE}/")
        else run
        for run in runs
    )
