"""HTML that holds blocks, with Markdown between its tags: what GitHub shows of it, as blocks.

CommonMark ends a piece of HTML at an empty line, so one table or section often consists of several pieces of HTML and
of Markdown between them. They are put together here as a browser does, then read as the blocks they show.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from syncer.richtext import (
    LINE_BREAK,
    Block,
    Cell,
    CodeBlock,
    Document,
    Expand,
    Heading,
    ListBlock,
    ListItem,
    Mark,
    Paragraph,
    Quote,
    Rule,
    Run,
    RunKind,
    Table,
    plain_text,
)
from syncer.richtext.markdown.parsing import CODE_TAGS, MARK_TAGS, PARAGRAPH_TAGS, Tag, html_parts, picture

HOLDING = frozenset({"details", "table", "ul", "ol", "blockquote", "pre"})
"""Elements that shape what is in them: while one is open, the Markdown that follows belongs to it."""
MAX_OPEN = 60
"""Elements open at once; deeper ones leave their content where it is."""
MAX_SPAN = 100
_SCOPES = frozenset({"table", "td", "th", "details", "ul", "ol", "li", "blockquote"})
_ENDS_BEFORE = {
    "li": ({"li"}, {"ul", "ol"}),
    "td": ({"td", "th"}, {"table"}),
    "th": ({"td", "th"}, {"table"}),
    "tr": ({"tr", "td", "th"}, {"table"}),
    "dt": ({"dt", "dd"}, {"dl"}),
    "dd": ({"dt", "dd"}, {"dl"}),
    **dict.fromkeys(("tbody", "thead", "tfoot"), ({"tbody", "thead", "tfoot", "tr", "td", "th"}, {"table"})),
}
"""Elements that an opening tag ends, and those it does not look beyond."""
_VOID = frozenset({"br", "img", "hr", "wbr", "input", "source", "col"})
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_VERBATIM = re.compile(r"\s*<(?:script|style|textarea)[\s>]", re.IGNORECASE)
_LANGUAGE = re.compile(r"\blanguage-(\S+)|\bhighlight-source-(\S+)")


@dataclass(slots=True)
class Element:
    """An element and what is in it: elements, text, and blocks of Markdown."""

    tag: Tag
    children: list[Element | str | Block] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The name of the tag."""
        return self.tag.name

    def text(self) -> str:
        """All text inside, as it is written; of a block of Markdown its words."""
        return "".join(map(_text_of, self.children))


def _text_of(child: Element | str | Block) -> str:
    match child:
        case str():
            return child
        case Element():
            return "\n" if child.name == "br" else child.text()
        case _:
            return f"\n{plain_text(Document((child,)))}\n"


class HtmlTree:
    """Elements as pieces of HTML open and close them, with blocks of Markdown between."""

    def __init__(self) -> None:
        self._root = Element(Tag("", "", False, {}))
        self._open = [self._root]
        self._ignored: dict[str, int] = {}

    @property
    def holds(self) -> str:
        """The outermost open element that shapes what follows; empty where none is open."""
        return next((element.name for element in self._open if element.name in HOLDING), "")

    def markdown(self, block: Block) -> None:
        """Put a block of Markdown where the HTML stands."""
        self._open[-1].children.append(block)

    def html(self, source: str) -> None:
        """Read one piece of HTML; a script or style is text, line by line."""
        if _VERBATIM.match(source):
            self.markdown(Paragraph((Run(source.strip()),)))
            return
        for part in html_parts(source):
            if isinstance(part, str):
                self._open[-1].children.append(html.unescape(part))
            elif not part.known and part.name not in _VOID:
                self._open[-1].children.append(part.source)
            elif part.closing:
                self._close(part.name)
            else:
                self._start(part)

    def _start(self, tag: Tag) -> None:
        ended, beyond = _ENDS_BEFORE.get(tag.name, (set(), set()))
        for at in range(len(self._open) - 1, 0, -1):
            if self._open[at].name in beyond:
                break
            if self._open[at].name in ended:
                del self._open[at:]
        if self._open[-1].name == "p" and tag.name in PARAGRAPH_TAGS:
            self._open.pop()
        if len(self._open) > MAX_OPEN and tag.name not in _VOID:
            self._ignored[tag.name] = self._ignored.get(tag.name, 0) + 1
            return
        element = Element(tag)
        self._open[-1].children.append(element)
        if tag.name not in _VOID:
            self._open.append(element)

    def _close(self, name: str) -> None:
        if self._ignored.get(name):
            self._ignored[name] -= 1
            return
        for at in range(len(self._open) - 1, 0, -1):
            if self._open[at].name == name:
                del self._open[at:]
                return
            if self._open[at].name in _SCOPES and name not in _SCOPES | {"tr", "tbody", "thead", "tfoot"}:
                return

    def blocks(self) -> tuple[Block, ...]:
        """What all of it shows."""
        return _shown(self._root)


def _shown(element: Element) -> tuple[Block, ...]:
    flow = _Flow()
    flow.walk(element, frozenset(), "")
    flow.end_paragraph()
    return tuple(flow.blocks)


class _Flow:
    """Blocks in order, with the paragraph that is being read."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._runs: list[Run] = []

    def end_paragraph(self, level: int = 0) -> None:
        """End the paragraph, a heading where `level` is not 0."""
        runs, self._runs = tuple(self._runs), []
        if any(run.text.strip() or run.kind is not RunKind.TEXT for run in runs):
            self.blocks.append(Heading(level, runs) if level else Paragraph(runs))

    def walk(self, element: Element, marks: frozenset[Mark], link: str) -> None:
        """Read what is in an element."""
        for child in element.children:
            if isinstance(child, str):
                self._runs.append(Run(re.sub(r"\s+", " ", child), marks=marks, link=link))
            elif isinstance(child, Element):
                self._element(child, marks, link)
            else:
                self.end_paragraph()
                self.blocks.append(child)

    def _element(self, element: Element, marks: frozenset[Mark], link: str) -> None:
        name, attributes = element.name, element.tag.attributes
        if name == "br":
            self._runs.append(LINE_BREAK)
        elif name == "img":
            shown = picture(element.tag)
            self._runs.append(Run(shown.text, RunKind.IMAGE, link=link, target=shown.target))
        elif name == "input":
            self._runs.append(Run("☑ " if "checked" in attributes else "☐ "))
        elif name in CODE_TAGS:
            self._runs.append(Run(element.text(), RunKind.CODE, marks, link))
        elif name in MARK_TAGS:
            self.walk(element, marks | {MARK_TAGS[name]}, link)
        elif name == "a":
            self.walk(element, marks, attributes.get("href", ""))
        elif name in _HEADINGS:
            self.end_paragraph()
            self.walk(element, marks, link)
            self.end_paragraph(_HEADINGS[name])
        elif name in _BLOCKS:
            self.end_paragraph()
            self.blocks.extend(_BLOCKS[name](element))
        elif name in PARAGRAPH_TAGS:
            self.end_paragraph()
            self.walk(element, marks, link)
            self.end_paragraph()
        else:
            self.walk(element, marks, link)


def _rule(_: Element) -> Iterator[Block]:
    yield Rule()


def _quote(element: Element) -> Iterator[Block]:
    yield Quote(_shown(element))


def _code(element: Element) -> Iterator[Block]:
    inner = next((child for child in element.children if isinstance(child, Element) and child.name == "code"), element)
    named = _LANGUAGE.search(inner.tag.attributes.get("class", "") + " " + element.tag.attributes.get("class", ""))
    language = element.tag.attributes.get("lang", "") or (named[1] or named[2] if named else "")
    yield CodeBlock(element.text().removeprefix("\n"), language)


def _section(element: Element) -> Iterator[Block]:
    summary = next(
        (child for child in element.children if isinstance(child, Element) and child.name == "summary"), None
    )
    title = " ".join(summary.text().split()) if summary else ""
    yield Expand(title, _shown(Element(element.tag, [child for child in element.children if child is not summary])))


def _list(element: Element) -> Iterator[Block]:
    items: list[ListItem] = []
    for child in element.children:
        if isinstance(child, Element) and child.name == "li":
            items.append(ListItem(_shown(child)))
        elif not isinstance(child, str) or child.strip():
            loose = Element(element.tag, [child])
            items.append(ListItem(_shown(loose)))
    start = element.tag.attributes.get("start", "")
    yield ListBlock(tuple(items), element.name == "ol", int(start) if start.isdecimal() and len(start) < 10 else 1)


def _table(element: Element) -> Iterator[Block]:
    rows: list[tuple[Cell, ...]] = []
    held: dict[int, int] = {}  # by column, how many rows a cell above still fills
    for child in _parts_of(element):
        if child.name == "caption":
            yield from _shown(child)
            continue
        rows.append(tuple(_row(child, held)))
    yield Table(tuple(rows))


def _row(row: Element, held: dict[int, int]) -> list[Cell]:
    """The cells of a row; `held` goes on to the next one."""
    cells: list[Cell] = []
    for each in (c for c in row.children if isinstance(c, Element) and c.name in {"td", "th"}):
        _fill(cells, held)
        wide, high = (_span(each, name) for name in ("colspan", "rowspan"))
        for step in range(wide):
            if high > 1:
                held[len(cells)] = high - 1
            cells.append(Cell(_shown(each) if not step else (), header=each.name == "th"))
    _fill(cells, held)
    return cells


def _fill(cells: list[Cell], held: dict[int, int]) -> None:
    """Empty cells where one of a row above reaches down."""
    while held.get(len(cells), 0) > 0:
        held[len(cells)] -= 1
        cells.append(Cell(()))


def _span(cell: Element, name: str) -> int:
    value = cell.tag.attributes.get(name, "")
    return min(max(int(value), 1), MAX_SPAN) if value.isdecimal() and len(value) < 5 else 1


def _parts_of(table: Element) -> Iterator[Element]:
    """The rows and the caption of a table."""
    for child in table.children:
        if isinstance(child, Element) and child.name in {"thead", "tbody", "tfoot"}:
            yield from _parts_of(child)
        elif isinstance(child, Element) and child.name in {"tr", "caption"}:
            yield child


_BLOCKS = {
    "hr": _rule,
    "blockquote": _quote,
    "pre": _code,
    "details": _section,
    "ul": _list,
    "ol": _list,
    "table": _table,
}
