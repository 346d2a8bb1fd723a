"""GitHub-flavoured Markdown to the canonical document: parsing by markdown-it-py, GitHub's own rules on top.

Rules of GitHub beyond CommonMark: a newline is a line break in issues and comments; task lists; alerts
(`> [!NOTE]`); `<details>`; bare addresses in text. Mentions and references are found by the tracker's own rules
(`Names`). Comments and link definitions are hidden: they belong to no block.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from markdown_it.token import Token

from syncer.richtext import (
    LINE_BREAK,
    Block,
    Cell,
    CodeBlock,
    Heading,
    ListBlock,
    ListItem,
    Mark,
    Opaque,
    Panel,
    Paragraph,
    Quote,
    Rule,
    Run,
    RunKind,
    Table,
    runs_of,
)
from syncer.richtext.emoji import with_emoji
from syncer.richtext.markdown.html_tree import HtmlTree
from syncer.richtext.markdown.names import Names
from syncer.richtext.markdown.parsing import inline_tag, parser

UNREAD = "Markdown: text that is not read"
"""Label of a paragraph that is too dense to be parsed: others see its source as code, and nothing of it is written."""
MAX_UNCLOSED = 20
"""Tables and lists of HTML that are never closed, after which each one ends where its piece of HTML does."""

ALERTS = {"NOTE": "info", "TIP": "tip", "IMPORTANT": "note", "WARNING": "warning", "CAUTION": "caution"}

_ALERT = re.compile(r"\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\]", re.IGNORECASE)
_TASK = re.compile(r"\[([ xX])\](?:[ \t]|$)")
_LONGEST_KEYWORD = 20
_POINTING = re.compile(r"[@#]|GH-|://")
_NO_MARKS: frozenset[Mark] = frozenset()
_MARKS = {"strong": Mark.STRONG, "em": Mark.EMPHASIS, "s": Mark.STRIKE}


Definitions = Mapping[str, Any]
NO_DEFINITIONS: Definitions = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class MarkdownPiece:
    """Blocks read from the lines `first` to `last` (exclusive)."""

    blocks: tuple[Block, ...]
    first: int
    last: int


class MarkdownReader:
    """Reads the Markdown of one scope."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._parser = parser()

    def pieces(self, source: str, definitions: Definitions = NO_DEFINITIONS) -> list[MarkdownPiece]:
        """The top-level blocks of `source` with the lines they stand on, not normalised; hidden parts have no piece.

        Links may be defined in the source or among `definitions`.
        """
        return _Walk(self._parser.parse(source, {"references": dict(definitions)}), self._names).pieces()

    def definitions(self, source: str) -> Definitions:
        """The definitions of links in a source, as the parser keeps them."""
        if "]:" not in source:
            return NO_DEFINITIONS
        references: dict[str, Any] = {}
        self._parser.parse(source, {"references": references})
        return references

    def mentioned(self, source: str) -> frozenset[str]:
        """The pages of people and tasks that the source already points at: naming them again tells nobody anew.

        Of a task that it closes, the page behind the word `closes` too.
        """
        return self.mentioned_in(self.pieces(source)) if _POINTING.search(source) else frozenset()

    def mentioned_in(self, pieces: Iterable[MarkdownPiece]) -> frozenset[str]:
        """The same, of pieces that were read."""
        found: set[str] = set()
        before = ""
        for run in runs_of(block for piece in pieces for block in piece.blocks):
            if page := self._pointed_at(run):
                found.add(page)
            if self._names.closes(before) and (run.target or run.link):
                found.add(f"closes {run.target or run.link}")
            before = before[-_LONGEST_KEYWORD:] + run.text if run.kind is RunKind.TEXT and not run.link else ""
        return frozenset(found)

    def _pointed_at(self, run: Run) -> str:
        if run.kind is RunKind.MENTION or run.kind is RunKind.REFERENCE:
            return run.target
        return run.link if run.link and self._names.quiet(run.link) != run.link else ""


class _Walk:
    """One pass over the block tokens of a document."""

    def __init__(self, tokens: Sequence[Token], names: Names) -> None:
        self._tokens = tokens
        self._names = names
        self._at = 0
        self._unclosed = 0
        """How many elements of HTML turned out to be never closed."""

    def pieces(self) -> list[MarkdownPiece]:
        pieces: list[MarkdownPiece] = []
        while self._at < len(self._tokens):
            start = self._at
            blocks = tuple(self._next_blocks(""))
            span = [token.map for token in self._tokens[start : self._at] if token.map]
            if span and blocks:
                pieces.append(MarkdownPiece(blocks, min(s[0] for s in span), max(s[1] for s in span)))
        return pieces

    def _until(self, close: str) -> tuple[Block, ...]:
        """The blocks up to the closing token, which is consumed."""
        blocks: list[Block] = []
        while self._at < len(self._tokens) and self._tokens[self._at].type != close:
            blocks.extend(self._next_blocks(close))
        self._at += 1
        return tuple(blocks)

    def _next_blocks(self, close: str) -> Iterator[Block]:  # one case for each token
        token = self._tokens[self._at]
        self._at += 1
        match token.type:
            case "paragraph_open":
                yield self._unread() or Paragraph(self._inline())
            case "heading_open":
                yield Heading(int(token.tag[1]), self._inline())
            case "fence" | "code_block":
                language = (token.info.split() or [""])[0]
                yield CodeBlock(token.content.removesuffix("\n"), language)
            case "blockquote_open":
                kind = self._alert_kind() if token.level == 0 else ""
                blocks = self._until("blockquote_close")
                yield Panel(kind, _after_first_line(blocks)) if kind else Quote(blocks)
            case "bullet_list_open":
                yield ListBlock(self._items("bullet_list_close"))
            case "ordered_list_open":
                start = int(token.attrs.get("start", 1))
                yield ListBlock(self._items("ordered_list_close"), ordered=True, start=start)
            case "table_open":
                yield Table(self._rows())
            case "hr":
                yield Rule()
            case "html_block":
                yield from self._html(token.content, close)
            case _:
                return

    def _inline(self) -> tuple[Run, ...]:
        token = self._tokens[self._at]
        self._at += 2
        if "unread" in token.meta:
            return (Run(token.content),)
        return tuple(inline_runs(token.children or (), self._names))

    def _unread(self) -> Opaque | None:
        """The paragraph that begins here, when the parser left it alone."""
        token = self._tokens[self._at]
        if "unread" not in token.meta:
            return None
        self._at += 2
        return Opaque(UNREAD, token.content, CodeBlock(token.content))

    def _raw_paragraph(self) -> str:
        """The source of the paragraph that comes next, empty when something else does."""
        if self._at + 1 < len(self._tokens) and self._tokens[self._at].type == "paragraph_open":
            inline = self._tokens[self._at + 1]
            return "" if "unread" in inline.meta else inline.content
        return ""

    def _alert_kind(self) -> str:
        """The panel that GitHub shows for a quote that begins with `[!NOTE]` on a line of its own."""
        line, _, rest = self._raw_paragraph().partition("\n")
        marker = _ALERT.fullmatch(line.strip())
        alone = not rest and self._tokens[self._at + 3].type == "blockquote_close" if marker else True
        return ALERTS[marker[1].upper()] if marker and not alone else ""

    def _items(self, close: str) -> tuple[ListItem, ...]:
        items: list[ListItem] = []
        while self._tokens[self._at].type != close:
            self._at += 1
            box = _TASK.match(self._raw_paragraph())
            blocks = self._until("list_item_close")
            items.append(_task(blocks, box) if box else ListItem(blocks))
        self._at += 1
        return tuple(items)

    def _rows(self) -> tuple[tuple[Cell, ...], ...]:
        rows: list[tuple[Cell, ...]] = []
        cells: list[Cell] = []
        while (token := self._tokens[self._at]).type != "table_close":
            self._at += 1
            if token.type in {"th_open", "td_open"}:
                cells.append(Cell((Paragraph(self._inline()),), header=token.type == "th_open"))
            elif token.type == "tr_close":
                rows.append(tuple(cells))
                cells = []
        self._at += 1
        return tuple(rows)

    def _html(self, content: str, close: str) -> tuple[Block, ...]:
        """The blocks of a piece of HTML and, where it leaves a table, list or section open, of what is in it."""
        tree, begun = HtmlTree(), self._at
        tree.html(content)
        patient = self._unclosed < MAX_UNCLOSED
        while patient and tree.holds and self._at < len(self._tokens) and self._tokens[self._at].type != close:
            token = self._tokens[self._at]
            if token.type == "html_block":
                self._at += 1
                tree.html(token.content)
            else:
                for block in self._next_blocks(close):
                    tree.markdown(block)
        if tree.holds not in {"", "details"}:  # never closed: nothing that follows is taken for a part of it
            self._unclosed += 1
            self._at = begun
            tree = HtmlTree()
            tree.html(content)
        return tree.blocks()


def _after_first_line(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """The blocks without the first line of the first paragraph."""
    first = blocks[0]
    runs = first.runs if isinstance(first, Paragraph) else ()
    ends = next((at for at, run in enumerate(runs) if run.kind is RunKind.BREAK), len(runs))
    return (Paragraph(runs[ends + 1 :]), *blocks[1:])


def _task(blocks: tuple[Block, ...], box: re.Match[str]) -> ListItem:
    """The item without its box."""
    first = blocks[0]
    runs = first.runs if isinstance(first, Paragraph) else ()
    if not runs or runs[0].kind is not RunKind.TEXT or not runs[0].text.startswith(box[0].strip()):
        return ListItem(blocks)
    rest = (Run(runs[0].text[3:], marks=runs[0].marks, link=runs[0].link), *runs[1:])
    return ListItem((Paragraph(rest), *blocks[1:]), box[1] != " ")


def inline_runs(tokens: Sequence[Token], names: Names) -> Iterator[Run]:  # noqa: C901, PLR0912  # one case for each token
    """The runs of inline tokens."""
    opened: list[Mark] = []
    link = ""
    code: list[str] | None = None  # the text since a tag of code
    for token in [*tokens, _END]:
        if code is not None and not _ends_code(token):
            code.append(" " if token.type in {"softbreak", "hardbreak"} else _code_text(token))
            continue
        if code:
            yield Run("".join(code), RunKind.CODE, frozenset(opened), link)
        code = None
        match token.type:
            case "text":
                yield from _text_runs(token.content, frozenset(opened) if opened else _NO_MARKS, link, names)
            case "softbreak" | "hardbreak":
                yield LINE_BREAK
            case "code_inline":
                yield Run(token.content, RunKind.CODE, frozenset(opened), link)
            case "strong_open" | "em_open" | "s_open":
                opened.append(_MARKS[token.type[:-5]])
            case "strong_close" | "em_close" | "s_close":
                opened.remove(_MARKS[token.type[:-6]])
            case "link_open":
                link = str(token.attrs.get("href", ""))
            case "link_close":
                link = ""
            case "image":
                yield Run(_alternative(token), RunKind.IMAGE, link=link, target=str(token.attrs.get("src", "")))
            case "html_inline":
                tag = inline_tag(token.content)
                if tag.mark and tag.closing:
                    if tag.mark in opened:
                        opened.reverse()
                        opened.remove(tag.mark)
                        opened.reverse()
                elif tag.mark:
                    opened.append(tag.mark)
                elif tag.code and not tag.closing:
                    code = []
                elif tag.anchor:
                    link = "" if tag.closing else tag.link
                elif tag.run:
                    yield Run(tag.run.text, tag.run.kind, frozenset(opened), link, tag.run.target)
            case _:
                continue


_END = Token("end", "", 0)


def _ends_code(token: Token) -> bool:
    return token is _END or (token.type == "html_inline" and inline_tag(token.content).code)


def _code_text(token: Token) -> str:
    return "" if token.type == "html_inline" else token.content


def _alternative(image: Token) -> str:
    return "".join(" " if child.type == "softbreak" else child.content for child in image.children or ())


def _text_runs(text: str, marks: frozenset[Mark], link: str, names: Names) -> Iterator[Run]:
    """The runs of plain text: mentions and references are found, except inside links and addresses."""
    if link:
        yield Run(text if text == link else with_emoji(text), marks=marks, link=link)
    else:
        yield from names.found(with_emoji(text), marks)
