"""The canonical form: one spelling for everything that reads the same. Imported through `syncer.richtext`.

This page has the blocks; `canonical_runs` has what is inside a paragraph.

Rules, each with its reason:
- Blanks collapse to one, vanish at the ends of lines, and carry only the marks both neighbours carry: no dialect can
  keep `**a **b` apart from `**a** b`.
- A line break is a run; two in a row begin a new paragraph; in a heading it is a blank.
- Bare addresses are links everywhere; an e-mail address or `www.` host linked to itself is plain text.
- A link to a task's page that shows its key is a reference, one to a profile page that shows `@` is a mention.
- The word joiner U+2060 is how writers make `@name` and `#12` harmless, so it never counts.
- Two pieces of code side by side are kept apart by a blank: without one no dialect shows where one ends.
- Neighbouring lists of one kind are one list; header cells are not bold; the rows of a table are equally long.

Each function is one pass over its input.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, assert_never

from syncer.richtext.canonical_runs import normal_lines, one_line, one_line_breaks
from syncer.richtext.characters import code_lines
from syncer.richtext.document import (
    Block,
    Cell,
    CodeBlock,
    Document,
    Expand,
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
    plain_text,
)

VERSION = 2
"""Of the canonical form. Digests of two versions are never compared: they are recomputed from the stored source."""

PANEL_KINDS = frozenset({"note", "info", "tip", "warning", "caution"})
MAX_DEPTH = 24
"""Deeper nesting becomes plain text: nobody reads it, and it would exhaust the stack."""
MAX_TABLE_CELLS = 5_000
"""Rows are made equally long up to this many cells in all, or four for each that the table has."""

_LANGUAGE = re.compile(r"[^a-z0-9_+#.\-]")
_BOX = {"☐": False, "☑": True, "☒": True, "✅": True}


def normalise(document: Document) -> Document:
    """The canonical form of `document`; normalising it again changes nothing."""
    if document.normal:
        return document
    normal = Document(normal_blocks(document.blocks))
    object.__setattr__(normal, "normal", True)  # nobody else can make a document that claims to be normal
    return normal


def digest(document: Document) -> str:
    """The identity of what a document says: 64 hexadecimal digits, equal for two documents that say the same.

    The name shown for a mention or reference does not count: who and what they point at does.
    """
    said = [VERSION, [essence(block) for block in normalise(document).blocks]]
    return hashlib.sha256(json.dumps(said, separators=(",", ":")).encode("ascii")).hexdigest()


def same(one: Document, other: Document) -> bool:
    """Whether two normalised documents say the same."""
    return one == other or [essence(b) for b in one.blocks] == [essence(b) for b in other.blocks]


def essence(block: Block) -> list[Any]:  # noqa: PLR0911  # one case a shape
    """What counts of a normalised block when two are compared, as nested lists of strings and numbers."""
    match block:
        case Paragraph():
            return ["p", [_run_essence(run) for run in block.runs]]
        case Heading():
            return ["h", block.level, [_run_essence(run) for run in block.runs]]
        case CodeBlock():
            return ["code", block.language, block.text]
        case Quote():
            return ["quote", [essence(inner) for inner in block.blocks]]
        case ListBlock():
            items = [[item.checked, [essence(inner) for inner in item.blocks]] for item in block.items]
            return ["list", block.ordered, block.start if block.ordered else 1, items]
        case Table():
            rows = [[[cell.header, [essence(inner) for inner in cell.blocks]] for cell in row] for row in block.rows]
            return ["table", rows]
        case Panel():
            return ["panel", block.kind, [essence(inner) for inner in block.blocks]]
        case Expand():
            return ["expand", block.title, [essence(inner) for inner in block.blocks]]
        case Rule():
            return ["rule"]
        case Opaque():
            return ["opaque", block.label, block.source]
        case _:
            assert_never(block)


def key_of(block: Block) -> str:
    """What counts of a normalised block, as text: equal for blocks that say the same."""
    return repr(essence(block))


def _run_essence(run: Run) -> list[Any]:
    if run.kind is RunKind.TEXT and not run.marks and not run.link:
        return [run.text]
    shown = "" if run.kind in {RunKind.MENTION, RunKind.REFERENCE} else run.text
    return [run.kind.value, shown, sorted(run.marks), run.link, run.target]


# --- blocks --------------------------------------------------------------------------------------------------------


def normal_blocks(blocks: Iterable[Block], depth: int = 0) -> tuple[Block, ...]:
    """Canonical blocks of one container."""
    return _joined_blocks(normal for block in blocks for normal in _normal_block(block, depth))


def _joined_blocks(blocks: Iterable[Block]) -> tuple[Block, ...]:
    """Normal blocks in which neighbouring lists of one kind are one list."""
    result: list[Block] = []
    joining: list[ListBlock] = []  # neighbouring lists of one kind that are still to be joined
    for normal in blocks:
        if joining and not (isinstance(normal, ListBlock) and normal.ordered == joining[0].ordered):
            result.append(_joined_lists(joining))
            joining = []
        if isinstance(normal, ListBlock):
            joining.append(normal)
        else:
            result.append(normal)
    if joining:
        result.append(_joined_lists(joining))
    return tuple(result)


def _joined_lists(lists: list[ListBlock]) -> ListBlock:
    first = lists[0]
    if len(lists) == 1:
        return first
    return replace(first, items=_joined_items(item for each in lists for item in each.items))


def _normal_block(block: Block, depth: int) -> Iterator[Block]:  # noqa: C901, PLR0912  # one case a shape
    if depth > MAX_DEPTH:
        yield from (Paragraph(runs) for runs in normal_lines((Run(plain_text(Document((block,)))),)))
        return
    match block:
        case Paragraph():
            yield from (Paragraph(runs) for runs in normal_lines(block.runs))
        case Heading():
            if runs := one_line(block.runs):
                yield Heading(min(max(block.level, 1), 6), runs)
        case CodeBlock():
            yield CodeBlock(code_lines(block.text), _LANGUAGE.sub("", block.language.lower())[:40])
        case Quote():
            if inner := normal_blocks(block.blocks, depth + 1):
                yield Quote(inner)
        case Panel():
            if inner := normal_blocks(block.blocks, depth + 1):
                yield Panel(block.kind if block.kind in PANEL_KINDS else "info", inner)
        case Expand():
            title = "".join(_plain(run) for run in one_line((Run(block.title),)))
            inner = normal_blocks(block.blocks, depth + 1)
            if inner or title:
                yield Expand(title, inner)
        case ListBlock():
            items = (item for raw in block.items if (item := _normal_item(raw, depth)).blocks)
            if joined := _joined_items(items):
                yield ListBlock(joined, block.ordered, min(max(block.start, 0), 999_999_999) if block.ordered else 1)
        case Table():
            yield from _normal_table(block, depth)
        case Opaque():
            label = "".join(_plain(run) for run in one_line((Run(block.label),)))
            shown = next(_normal_block(block.shown, depth + 1), None) if block.shown is not None else None
            yield Opaque(label or "?", block.source, shown)
        case Rule():
            yield block
        case _:
            assert_never(block)


def _joined_items(items: Iterable[ListItem]) -> tuple[ListItem, ...]:
    """Items in which one that begins with a list belongs to the item before it: wiki markup cannot tell them apart."""
    result: list[ListItem] = []
    more: list[Block] = []  # what joins the last item
    for item in items:
        if result and item.checked is None and isinstance(item.blocks[0], ListBlock):
            more.extend(item.blocks)
            continue
        if more:
            result[-1] = replace(result[-1], blocks=_joined_blocks((*result[-1].blocks, *more)))
            more = []
        result.append(item)
    if more:
        result[-1] = replace(result[-1], blocks=_joined_blocks((*result[-1].blocks, *more)))
    return tuple(result)


def _plain(run: Run) -> str:
    return ("@" if run.kind is RunKind.MENTION else "") + run.text


def _normal_item(item: ListItem, depth: int) -> ListItem:
    """The item; a box at its beginning, as wiki markup and mixed ADF lists write it, is lifted to `checked`."""
    blocks = normal_blocks(item.blocks, depth + 1)
    first = blocks[0] if blocks else None
    if item.checked is None and isinstance(first, Paragraph) and first.runs[0].kind is RunKind.TEXT:
        opening = first.runs[0]
        if opening.text[0] in _BOX and opening.text[1:2] in {" ", ""} and not opening.link:
            rest = one_line_breaks((replace(opening, text=opening.text[1:]), *first.runs[1:]))
            kept = (Paragraph(rest), *blocks[1:]) if rest else blocks[1:]
            if kept:
                return ListItem(kept, _BOX[opening.text[0]])
    return ListItem(blocks, item.checked)


def _normal_table(table: Table, depth: int) -> Iterator[Table]:
    rows = [[_normal_cell(cell, depth) for cell in row] for row in table.rows]
    rows = [row for row in rows if row]
    while rows and all(cell.header and not cell.blocks for cell in rows[0]):
        rows = rows[1:]  # Markdown cannot leave the header row out: an empty one stands for none
    width = max((len(row) for row in rows), default=0)
    if not width:
        return
    if width * len(rows) <= max(MAX_TABLE_CELLS, 4 * sum(map(len, rows))):
        for row in rows:
            row.extend([Cell((), header=all(cell.header for cell in row))] * (width - len(row)))
    yield Table(tuple(tuple(row) for row in rows))


def _normal_cell(cell: Cell, depth: int) -> Cell:
    blocks = normal_blocks(cell.blocks, depth + 1)
    if cell.header:
        blocks = normal_blocks((_without_strong(block) for block in blocks), depth + 1)
    return Cell(blocks, cell.header)


def _without_strong(block: Block) -> Block:
    if isinstance(block, Paragraph):
        return Paragraph(
            tuple(replace(run, marks=run.marks - {Mark.STRONG}) if run.marks else run for run in block.runs)
        )
    return block
