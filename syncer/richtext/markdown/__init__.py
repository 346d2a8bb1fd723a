"""GitHub-flavoured Markdown (https://github.github.com/gfm/) as the engine sees it: read, write, patch.

For every tracker whose texts are Markdown. What it calls people and tasks in them is told by its `Names`; alerts, task
lists, sections, HTML and emoji are here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from functools import partial

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
    Table,
    normalise,
)
from syncer.richtext.cutting import patched_within, written_within
from syncer.richtext.fitting import Container, Grammar, fit
from syncer.richtext.markdown.names import Names
from syncer.richtext.markdown.reading import (
    NO_DEFINITIONS,
    UNREAD,
    Definitions,
    MarkdownPiece,
    MarkdownReader,
)
from syncer.richtext.markdown.writing import MarkdownWriter
from syncer.richtext.markup import NOBODY, Written
from syncer.richtext.patching import Segment
from syncer.richtext.writing import MarkupCodec

__all__ = ["GRAMMAR", "MarkdownMarkup", "MarkdownPiece", "Names"]

_LINES = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_ANYWHERE = frozenset({Heading, CodeBlock, Quote, ListBlock, Table, Rule, Opaque})
GRAMMAR = Grammar(
    allowed={
        Container.DOCUMENT: _ANYWHERE | {Panel, Expand},
        Container.EXPAND: _ANYWHERE | {Expand},
        Container.QUOTE: _ANYWHERE,
        Container.ITEM: _ANYWHERE | {Expand},
        Container.PANEL: _ANYWHERE,
    },
    one_paragraph=frozenset({Container.CELL}),
    header_rows_only=True,
    opaque=lambda block: block.label == UNREAD,
    title=lambda title: " ".join(title.split()),
)
_NO_NAMES = Names()


class MarkdownMarkup:
    """Reader and writer of Markdown. `limit` is in characters of source."""

    def __init__(self, names: Names = _NO_NAMES, limit: int = 65_536) -> None:
        self._names = names
        self._reader = MarkdownReader(names)
        self._limit = limit

    def pieces(self, source: str, definitions: Definitions = NO_DEFINITIONS) -> Sequence[MarkdownPiece]:
        """The blocks with their lines. Links may be defined in the source or among `definitions`."""
        return self.adapted(source, self._reader.pieces(source, definitions))

    def adapted(self, source: str, pieces: Sequence[MarkdownPiece]) -> Sequence[MarkdownPiece]:
        """What was read of a source, under the addresses by which the tracker's things are known."""
        del source
        return pieces

    def read(self, source: str) -> Document:
        """The canonical document of Markdown source."""
        return self._read(source, NO_DEFINITIONS)

    def _read(self, source: str, definitions: Definitions) -> Document:
        pieces = self.pieces(source, definitions)
        return normalise(Document(tuple(block for piece in pieces for block in piece.blocks)))

    def presumed(self, run: Run) -> str:
        """The name of a mention that may be no more than a word."""
        return self._names.presumed(run)

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
        pieces = self._reader.pieces(source)
        dialect = self._dialect(live | self._reader.mentioned_in(pieces), self._reader.definitions(source))
        write = partial(self.write, live=live, continued_at=continued_at)
        segments = _segments(source, self.adapted(source, pieces))
        return patched_within(source, segments, document, GRAMMAR, dialect, write)

    def _dialect(self, live: AbstractSet[str], definitions: Definitions = NO_DEFINITIONS) -> MarkupCodec:
        writers = [MarkdownWriter(self._names, live, level) for level in range(3)]

        def render(block: Block, level: int) -> str:
            return writers[level].block(block)

        read = partial(self._read, definitions=definitions)
        return MarkupCodec(read, render, mentioned=self._reader.mentioned, live=live, limit=self._limit)


def _segments(source: str, pieces: Iterable[MarkdownPiece]) -> list[Segment]:
    """The source cut into blocks and what stands between them; joined again they are `source`."""
    lines = _LINES.findall(source)
    segments: list[Segment] = []
    done = 0
    for piece in pieces:
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
