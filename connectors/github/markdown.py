"""GitHub-flavoured Markdown as the engine sees it: read, write, patch."""

from __future__ import annotations

import re
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import replace
from functools import partial

from connectors.github.file_addresses import FileAddresses
from connectors.github.markdown_reading import UNREAD, LinkBase, MarkdownPiece, MarkdownReader
from connectors.github.markdown_writing import MarkdownWriter
from syncer.richtext import (
    Block,
    CodeBlock,
    Document,
    Expand,
    Heading,
    ListBlock,
    Opaque,
    Panel,
    Quote,
    Rule,
    Run,
    RunKind,
    Table,
    map_block,
    normalise,
)
from syncer.richtext.cutting import patched_within, written_within
from syncer.richtext.fitting import Container, Grammar, fit
from syncer.richtext.markup import NOBODY, Written
from syncer.richtext.patching import Segment
from syncer.richtext.writing import MarkupCodec

_LINES = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_SIGNED = re.compile(r"[?&;](?:jwt|token)=")
_ANYWHERE = frozenset({Heading, CodeBlock, Quote, ListBlock, Table, Rule, Opaque})
GRAMMAR = Grammar(
    allowed={
        Container.DOCUMENT: _ANYWHERE | {Panel, Expand},
        Container.EXPAND: _ANYWHERE | {Expand},
        Container.QUOTE: _ANYWHERE,
        Container.ITEM: _ANYWHERE,
        Container.PANEL: _ANYWHERE,
    },
    one_paragraph=frozenset({Container.CELL}),
    header_rows_only=True,
    opaque=lambda block: block.label == UNREAD,
)


class GitHubMarkdown:
    """The markup of one repository's issues and comments. `html_url`: the host's page; `repository`: `owner/name`."""

    def __init__(self, html_url: str, repository: str, limit: int = 65_536) -> None:
        self._site = LinkBase(html_url.rstrip("/"), repository)
        self._reader = MarkdownReader(self._site)
        self._files = FileAddresses(html_url.rstrip("/"), repository)
        self._limit = limit

    def read(self, source: str) -> Document:
        """The canonical document of Markdown source."""
        return normalise(Document(tuple(block for piece in self._pieces(source) for block in piece.blocks)))

    def presumed(self, run: Run) -> str:
        """The login or team of a mention: Markdown has no sign by which one that names nobody could be told."""
        presumed = run.kind is RunKind.MENTION and run.target == self._site.person(run.text)
        return run.text if presumed else ""

    def fitted(self, document: Document) -> Document:
        """What this markup can hold of `document`: exactly what reading its written form returns."""
        return fit(document, GRAMMAR)

    def write(self, document: Document, *, live: AbstractSet[str] = NOBODY, continued_at: str = "") -> Written:
        """Markdown that reads back as `document`, as far as Markdown can hold it."""
        dialect = self._dialect(live)
        blocks = fit(document, GRAMMAR).blocks
        return written_within(blocks, dialect, continued_at)

    def patch(
        self, source: str, document: Document, *, live: AbstractSet[str] = NOBODY, continued_at: str = ""
    ) -> Written:
        """`source` with only those blocks replaced that differ from `document`."""
        dialect = self._dialect(live | self._reader.mentioned(source))
        write = partial(self.write, live=live, continued_at=continued_at)
        return patched_within(source, self._segments(source), document, GRAMMAR, dialect, write)

    def _dialect(self, live: AbstractSet[str]) -> MarkupCodec:
        writers = [MarkdownWriter(self._site, live, level) for level in range(3)]

        def render(block: Block, level: int) -> str:
            return writers[level].block(block)

        return MarkupCodec(self.read, render, limit=self._limit)

    def _pieces(self, source: str) -> Iterable[MarkdownPiece]:
        """The blocks with their lines, every file under its stable address."""
        pieces = self._reader.pieces(source)
        if not _SIGNED.search(source):
            return pieces
        return [
            replace(piece, blocks=tuple(map_block(block, self._files.unsigned) for block in piece.blocks))
            for piece in pieces
        ]

    def _segments(self, source: str) -> list[Segment]:
        """The source cut into blocks and what stands between them; joined again they are `source`."""
        lines = _LINES.findall(source)
        segments: list[Segment] = []
        done = 0
        for piece in self._pieces(source):
            if piece.first > done:
                segments.append(Segment("".join(lines[done : piece.first])))
            text = "".join(lines[piece.first : piece.last])
            body = text.rstrip()
            segments.append(Segment(body, piece.blocks))
            segments.append(Segment(text[len(body) :]))
            done = piece.last
        if done < len(lines):
            segments.append(Segment("".join(lines[done:])))
        return segments
