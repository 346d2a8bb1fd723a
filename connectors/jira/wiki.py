"""Jira wiki markup as the engine sees it: read, write, patch. Data Center stores descriptions and comments in it."""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from dataclasses import replace
from functools import partial

from connectors.jira.markup_site import JiraSite
from connectors.jira.wiki_inline import is_picture
from connectors.jira.wiki_reading import WikiReader
from connectors.jira.wiki_writing import WikiWriter
from syncer.richtext import (
    Block,
    CodeBlock,
    Document,
    Expand,
    Heading,
    ListBlock,
    Panel,
    Quote,
    Rule,
    Run,
    RunKind,
    Table,
    normalise,
)
from syncer.richtext.cutting import patched_within, written_within
from syncer.richtext.fitting import Container, Grammar, fit
from syncer.richtext.links import last_part
from syncer.richtext.markup import NOBODY, Written
from syncer.richtext.patching import Segment
from syncer.richtext.writing import MarkupCodec

_UNWANTED_IN_OPTIONS = re.compile(r"[|!,\"=\\\[\]{}]+")
_UNWANTED_IN_TITLE = re.compile(r"[|{}\\]+")


class WikiMarkup:
    """The markup of a Data Center project. `limit` counts UTF-16 units, as Jira does."""

    def __init__(self, site_url: str, project: str, limit: int = 32_767) -> None:
        self._site = JiraSite(site_url.rstrip("/"), project, cloud=False)
        self._reader = WikiReader(self._site)
        self._limit = limit
        self._grammar = _grammar(self._site)

    def read(self, source: str) -> Document:
        """The canonical document of wiki markup."""
        return normalise(Document(tuple(block for piece in self._reader.pieces(source) for block in piece.blocks)))

    def fitted(self, document: Document) -> Document:
        """What this markup can hold of `document`: exactly what reading its written form returns."""
        return fit(document, self._grammar)

    def write(self, document: Document, *, live: AbstractSet[str] = NOBODY, continued_at: str = "") -> Written:
        """Wiki markup that reads back as `document`, as far as wiki markup can hold it."""
        dialect = self._dialect(live)
        blocks = fit(document, self._grammar).blocks
        return written_within(blocks, dialect, continued_at)

    def patch(
        self, source: str, document: Document, *, live: AbstractSet[str] = NOBODY, continued_at: str = ""
    ) -> Written:
        """`source` with only those blocks replaced that differ from `document`."""
        dialect = self._dialect(live | self._reader.mentioned(source))
        write = partial(self.write, live=live, continued_at=continued_at)
        return patched_within(source, self._segments(source), document, self._grammar, dialect, write)

    def _dialect(self, live: AbstractSet[str]) -> MarkupCodec:
        writers = [WikiWriter(self._site, live, level) for level in range(3)]

        def render(block: Block, level: int) -> str:
            return writers[level].block(block)

        return MarkupCodec(self.read, render, limit=self._limit, measure=_utf16_units)

    def _segments(self, source: str) -> list[Segment]:
        """The source cut into blocks and what stands between them; joined again they are `source`."""
        segments: list[Segment] = []
        done = 0
        for piece in self._reader.pieces(source):
            if piece.start > done:
                segments.append(Segment(source[done : piece.start]))
            text = source[piece.start : piece.end]
            body = text.rstrip()
            segments.append(Segment(body, piece.blocks))
            if len(body) < len(text):
                segments.append(Segment(text[len(body) :]))
            done = piece.end
        if done < len(source):
            segments.append(Segment(source[done:]))
        return segments


def _utf16_units(source: str) -> int:
    return len(source.encode("utf-16-le", "surrogatepass")) // 2


def _grammar(site: JiraSite) -> Grammar:
    inside = frozenset({Heading, CodeBlock, ListBlock, Table, Rule})
    return Grammar(
        allowed={
            Container.DOCUMENT: inside | {Quote, Panel, Expand},
            Container.EXPAND: inside | {Quote},
            Container.PANEL: inside | {Quote},
            Container.QUOTE: inside,
            Container.ITEM: frozenset({CodeBlock, ListBlock, Quote, Panel}),
        },
        one_paragraph=frozenset({Container.ITEM, Container.CELL}),
        list_start=False,
        lists_last=True,
        never_within={Quote: frozenset({Quote}), Panel: frozenset({Panel, Expand}), Expand: frozenset({Panel, Expand})},
        exchange=lambda runs: _exchanged(site.lifted(runs)),
        code=_delimitable,
        title=lambda title: " ".join(_UNWANTED_IN_TITLE.sub(" ", title).split()),
    )


def _delimitable(block: CodeBlock) -> CodeBlock:
    """Code that one of the two macros can hold: the other one has no language, and neither can hold both endings."""
    text = block.text.lower()
    if "{code}" not in text:
        return block
    if "{noformat}" in text:
        return CodeBlock(re.sub(r"(?i)\{(noformat)\}", "{\\1\u2060}", block.text))
    return CodeBlock(block.text)


def _exchanged(runs: tuple[Run, ...]) -> tuple[Run, ...]:
    """Runs as wiki markup can hold them: a blank between code and a letter, pictures it can show."""
    result: list[Run] = []
    for run in runs:
        if run.kind is RunKind.IMAGE:
            result.append(_picture(run))
            continue
        before = result[-1] if result else None
        if before is not None and RunKind.CODE in {run.kind, before.kind} and _touches(before, run):
            result.append(Run(" "))
        result.append(run)
    return tuple(result)


def _touches(before: Run, after: Run) -> bool:
    """Whether Jira's parser would not see the code between these two runs, or would run them together."""
    if before.kind is RunKind.BREAK or after.kind is RunKind.BREAK:
        return False
    return (before.text[-1:].isalnum() or before.kind is RunKind.CODE) and (
        after.text[:1].isalnum() or after.kind is RunKind.CODE
    )


def _picture(run: Run) -> Run:
    alternative = " ".join(_UNWANTED_IN_OPTIONS.sub(" ", run.text).split())
    if is_picture(run.target):
        return replace(run, text=alternative)
    return Run(run.text or last_part(run.target), link=run.link or run.target)
