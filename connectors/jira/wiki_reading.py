"""Jira wiki markup to the canonical document.

Notation: https://jira.atlassian.com/secure/WikiRendererHelpAction.jspa?section=all. Macros that hold blocks are cut out
first (they may begin in the middle of a line or inside a list item); what remains is read line by line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from connectors.jira.markup_site import JiraSite
from connectors.jira.wiki_inline import line_runs
from connectors.jira.wiki_macros import Macro, adf_block, found_macros, language, parameter
from syncer.richtext import (
    LINE_BREAK,
    Block,
    Cell,
    CodeBlock,
    Expand,
    Heading,
    ListBlock,
    ListItem,
    Mark,
    Panel,
    Paragraph,
    Quote,
    Rule,
    Run,
    RunKind,
    Table,
    runs_of,
)

EXPAND_SIGN = "▸ "
"""Begins the title of a panel that stands for a section which opens on a click: Jira's wiki markup has none."""

PANEL_COLOURS = {"info": "#deebff", "note": "#eae6ff", "tip": "#e3fcef", "warning": "#fffae6", "caution": "#ffebe6"}
"""The background by which Atlassian's own converter tells the kinds of panel apart; any other is one of information."""
MAX_NESTING = 12

_KIND_OF = {colour: kind for kind, colour in PANEL_COLOURS.items()}
_HOLE = re.compile(r"\x00(\d+)\x00")
_HEADING = re.compile(r"[ \t]*h([1-6])\.(.*)", re.DOTALL)
_QUOTE = re.compile(r"[ \t]*bq\.(.*)", re.DOTALL)
_RULE = re.compile(r"[ \t]*-{4,5}[ \t]*")
_ITEM = re.compile(r"[ \t]*([*#]+-?|-[*#]*)[ \t]+(?=\S)(.*)", re.DOTALL)
_FURTHER_ITEM = re.compile(r"[ \t]*([*#-]+)[ \t]+(?=\S)(.*)", re.DOTALL)
"""In a list two dashes begin an item of a list inside; elsewhere they are a dash."""
_ROW = re.compile(r"[ \t]*\|")
_BLOCK_SIGNS = "hb-*#|"
"""What a line that is no paragraph begins with."""


@dataclass(frozen=True, slots=True)
class WikiPiece:
    """Blocks read from the characters `start` to `end` (exclusive) of the source."""

    blocks: tuple[Block, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of source in which every macro is a hole; it may stretch over several lines of the source."""

    text: str
    start: int
    end: int


class WikiReader:
    """Reads wiki markup of one project."""

    def __init__(self, site: JiraSite) -> None:
        self._site = site

    def pieces(self, source: str) -> list[WikiPiece]:
        """The top-level blocks of `source` and where they stand, not normalised."""
        return _Page(source, self._site, 0).pieces()

    def mentioned(self, source: str) -> frozenset[str]:
        """The people whom the source already mentions: writing their names there again notifies nobody anew."""
        if "[~" not in source:
            return frozenset()
        blocks = (block for piece in self.pieces(source) for block in piece.blocks)
        return frozenset(run.target for run in runs_of(blocks) if run.kind is RunKind.MENTION)


class _Page:
    """One reading of a source, or of the body of a macro."""

    def __init__(self, source: str, site: JiraSite, depth: int) -> None:
        self._source = source.replace("\x00", "\ufffd").replace("\r\n", " \n").replace("\r", "\n")
        self._site = site
        self._depth = depth
        self._macros = found_macros(self._source) if depth < MAX_NESTING else []
        self._lines = list(self._cut())
        self._at = 0

    def _cut(self) -> Iterator[_Line]:
        parts: list[str] = []
        line_start = 0
        done = 0
        for number, macro in enumerate([*self._macros, None]):
            stop = macro.start if macro else len(self._source)
            stretch = self._source[done:stop].split("\n")
            position = done
            for index, part in enumerate(stretch):
                parts.append(part)
                position += len(part)
                if index < len(stretch) - 1:
                    yield _Line("".join(parts), line_start, position)
                    parts = []
                    position += 1
                    line_start = position
            if macro:
                parts.append(f"\x00{number}\x00")
                done = macro.end
        yield _Line("".join(parts), line_start, len(self._source))

    def pieces(self) -> list[WikiPiece]:
        pieces: list[WikiPiece] = []
        while self._at < len(self._lines):
            first = self._at
            if not self._lines[first].text.strip():
                self._at += 1
                continue
            blocks = tuple(self._next())
            consumed = self._lines[first : self._at]
            if not self._begins_block(consumed[0].text) and any("\x00" in line.text for line in consumed):
                pieces.extend(self._split_paragraph(consumed))
            else:
                pieces.append(WikiPiece(blocks, consumed[0].start, consumed[-1].end))
        return pieces

    def _split_paragraph(self, lines: Sequence[_Line]) -> Iterator[WikiPiece]:
        """The macros of a paragraph and the text between them, each a piece of its own."""
        parts = _HOLE.split("\n".join(line.text for line in lines))
        start = lines[0].start
        for text, number in zip(parts[::2], [*parts[1::2], ""], strict=True):
            macro = self._macros[int(number)] if number else None
            end = macro.start if macro else lines[-1].end
            if text.strip():
                yield WikiPiece(tuple(self._text_block(text, Paragraph)), start + len(text) - len(text.lstrip()), end)
            if macro:
                yield WikiPiece(tuple(self._macro(macro)), macro.start, macro.end)
                start = macro.end

    def blocks(self) -> tuple[Block, ...]:
        return tuple(block for piece in self.pieces() for block in piece.blocks)

    def _next(self) -> Iterator[Block]:
        """The blocks that begin at the current line; at least one line is consumed."""
        text = self._lines[self._at].text
        if heading := _HEADING.fullmatch(text):
            self._at += 1
            yield from self._with_holes(heading[2], lambda runs: Heading(int(heading[1]), runs))
        elif quote := _QUOTE.fullmatch(text):
            self._at += 1
            yield from self._with_holes(quote[1], lambda runs: Quote((Paragraph(runs),)))
        elif _RULE.fullmatch(text):
            self._at += 1
            yield Rule()
        elif _ITEM.fullmatch(text):
            yield from self._list()
        elif _ROW.match(text):
            yield self._table()
        else:
            yield from self._paragraph()

    def _begins_block(self, text: str) -> bool:
        start = text.lstrip(" \t")[:1]
        if start not in _BLOCK_SIGNS:
            return not text.strip()
        return bool(
            not start
            or _HEADING.fullmatch(text)
            or _QUOTE.fullmatch(text)
            or _RULE.fullmatch(text)
            or _ITEM.fullmatch(text)
            or _ROW.match(text)
        )

    def _paragraph(self) -> Iterator[Block]:
        texts = [self._lines[self._at].text]
        self._at += 1
        while not _ends_in_hole(texts[-1]) and self._more() and not self._begins_block(self._lines[self._at].text):
            texts.append(self._lines[self._at].text)
            self._at += 1
        yield from self._with_holes("\n".join(texts), Paragraph)

    def _more(self) -> bool:
        return self._at < len(self._lines)

    def _with_holes(self, text: str, made: type[Paragraph] | object) -> Iterator[Block]:
        """Blocks of text with holes: what stands between two macros, and the macros."""
        done = 0
        for hole in _HOLE.finditer(text):
            yield from self._text_block(text[done : hole.start()], made)
            yield from self._macro(self._macros[int(hole[1])])
            done = hole.end()
            made = Paragraph
        yield from self._text_block(text[done:], made)

    def _text_block(self, text: str, made: object) -> Iterator[Block]:
        if text.strip() and callable(made):
            yield made(tuple(self._runs(text)))

    def _runs(self, text: str) -> Iterator[Run]:
        for number, line in enumerate(text.split("\n")):
            if number:
                yield LINE_BREAK
            yield from line_runs(line, self._site)

    # --- lists and tables -------------------------------------------------------------------------------------------

    def _list(self) -> Iterator[Block]:
        items: list[tuple[str, tuple[Block, ...]]] = []
        pattern = _ITEM
        while self._more() and (item := pattern.fullmatch(self._lines[self._at].text)):
            texts = [item[2]]
            pattern = _FURTHER_ITEM
            self._at += 1
            while self._more() and not self._begins_block(text := self._lines[self._at].text):
                if pattern.fullmatch(text):
                    break
                texts.append(self._lines[self._at].text)
                self._at += 1
            items.append((item[1][:MAX_NESTING], tuple(self._with_holes("\n".join(texts), Paragraph))))
        return _lists(items, 0)

    def _table(self) -> Table:
        rows: list[tuple[Cell, ...]] = []
        while self._more() and _ROW.match(self._lines[self._at].text):
            texts = [self._lines[self._at].text]
            self._at += 1
            while not texts[-1].rstrip().endswith("|") and self._more() and self._continues_row():
                texts.append(self._lines[self._at].text)
                self._at += 1
            rows.append(tuple(self._cells("\n".join(texts).strip())))
        return Table(tuple(rows))

    def _continues_row(self) -> bool:
        text = self._lines[self._at].text
        return bool(text.strip()) and not _ROW.match(text)

    def _cells(self, row: str) -> Iterator[Cell]:
        for bars, content in _split_row(row):
            yield Cell(self._cell_blocks(content), header=bars == 2)

    def _cell_blocks(self, content: str) -> tuple[Block, ...]:
        if "\n" not in content:
            return tuple(self._with_holes(content, Paragraph))
        inner = _Page("", self._site, MAX_NESTING)
        inner._macros = self._macros  # the holes of this page are numbered by it
        inner._lines = [_Line(line, 0, 0) for line in content.split("\n")]
        inner._depth = self._depth
        return inner.blocks()

    # --- macros -----------------------------------------------------------------------------------------------------

    def _macro(self, macro: Macro) -> Iterator[Block]:
        match macro.name:
            case "code" | "noformat":
                yield from _titled(parameter(macro, "title"))
                yield CodeBlock(macro.body, language(macro))
            case "adf":
                yield adf_block(macro)
            case "quote":
                yield Quote(self._inside(macro))
            case "panel":
                title = parameter(macro, "title")
                if title.startswith(EXPAND_SIGN.strip()):
                    yield Expand(title.removeprefix(EXPAND_SIGN.strip()).strip(), self._inside(macro))
                else:
                    kind = _KIND_OF.get(parameter(macro, "bgcolor").lower(), "info")
                    yield Panel(kind, (*_titled(title), *self._inside(macro)))
            case _:  # `{info}` and its like, which some sites have and Jira itself shows as they stand
                yield Panel(macro.name, (*_titled(parameter(macro, "title")), *self._inside(macro)))

    def _inside(self, macro: Macro) -> tuple[Block, ...]:
        return _Page(macro.body, self._site, self._depth + 1).blocks()


def _ends_in_hole(text: str) -> bool:
    return text.rstrip().endswith("\x00")


def _titled(title: str) -> tuple[Block, ...]:
    return (Paragraph((Run(title, marks=frozenset({Mark.STRONG})),)),) if title else ()


def _lists(items: Sequence[tuple[str, tuple[Block, ...]]], depth: int) -> Iterator[Block]:
    """Lists of items whose markers agree up to `depth`: deeper items belong to the item before them."""
    made: list[ListItem] = []
    ordered = False
    at = 0
    while at < len(items):
        marker, blocks = items[at]
        if not made:
            ordered = marker[min(depth, len(marker) - 1)] == "#"
        elif len(marker) <= depth + 1 and (marker[-1] == "#") != ordered:
            yield ListBlock(tuple(made), ordered)
            made = []
            continue
        if len(marker) <= depth + 1:
            made.append(ListItem(blocks))
            at += 1
            continue
        end = next((n for n in range(at, len(items)) if len(items[n][0]) <= depth + 1), len(items))
        nested = tuple(_lists(items[at:end], depth + 1))
        made[-1:] = [replace(made[-1], blocks=(*made[-1].blocks, *nested)) if made else ListItem(nested)]
        at = end
    if made:
        yield ListBlock(tuple(made), ordered)


def _split_row(row: str) -> Iterator[tuple[int, str]]:
    """The cells of a row: how many bars stand before each, and its text. Bars in links and code divide nothing."""
    at = 0
    length = len(row)
    while at < length:
        bars = 2 if row.startswith("||", at) else 1
        start = at + bars
        end = _cell_end(row, start)
        content = row[start:end]
        if end >= length and not content.strip():
            return
        yield bars, content.strip()
        at = end


_CELL_STEP = re.compile(
    r"[^\\\[{!|]+|\\.?|\{\{(?:[^{}\\\n]|\\.){0,2000}\}\}|\[(?:[^\[\]\\\n]|\\.){0,2000}\]"
    r"|![^!\s|][^!|\n]{0,500}\|[^!|\n]{0,500}!|[\[{!]",
    re.DOTALL,
)


def _cell_end(row: str, at: int) -> int:
    while at < len(row) and row[at] != "|":
        step = _CELL_STEP.match(row, at)
        at = step.end() if step else at + 1
    return at
