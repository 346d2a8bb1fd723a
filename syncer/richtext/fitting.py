"""What a dialect cannot hold becomes the nearest thing it can: the step before writing.

A dialect describes itself as a `Grammar`: which blocks may stand in which container, and a few habits. `fit` is a
projection: `fit(fit(d)) == fit(d)`, and a writer's output reads back as exactly `fit(d)`. Readable text is never lost;
only structure is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import assert_never

from syncer.richtext.canonical import key_of, normal_blocks, normalise
from syncer.richtext.canonical_runs import one_line_breaks
from syncer.richtext.document import (
    DRAWN_RULE,
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
    Opaque,
    Panel,
    Paragraph,
    Quote,
    Rule,
    Run,
    RunKind,
    Table,
    children,
    map_block,
    plain_text,
)


class Container(StrEnum):
    """Where a block stands."""

    DOCUMENT = "document"
    QUOTE = "quote"
    ITEM = "item"
    CELL = "cell"
    PANEL = "panel"
    EXPAND = "expand"
    NESTED = "nested"
    """A section in a section or cell, where the dialect names what such a one can hold."""


def _as_they_are(runs: tuple[Run, ...]) -> tuple[Run, ...]:
    return runs


_Around = frozenset[type]
_CONTAINERS: Mapping[type, Container] = {
    Quote: Container.QUOTE,
    Panel: Container.PANEL,
    Expand: Container.EXPAND,
    ListBlock: Container.ITEM,
    Table: Container.CELL,
}


@dataclass(frozen=True, slots=True)
class Grammar:
    """What a dialect can hold. A container that is not named in `allowed` holds paragraphs only."""

    allowed: Mapping[Container, frozenset[type]]
    one_paragraph: frozenset[Container] = frozenset()
    """Containers whose paragraphs are joined by line breaks into one."""
    header_rows_only: bool = False
    """Whether header cells exist only in the first row, and there all of them."""
    list_start: bool = True
    opaque: Callable[[Opaque], bool] = lambda _: False
    """Whether this dialect can write the opaque block from its source."""
    exchange: Callable[[tuple[Run, ...]], tuple[Run, ...]] = _as_they_are
    """What becomes of runs: marks a kind of run cannot carry, keys lifted to references."""
    divided: Callable[[Paragraph], Sequence[Block]] = lambda paragraph: (paragraph,)
    """What a paragraph becomes where it stands among blocks: several, where pictures are blocks of their own."""
    in_heading: Callable[[tuple[Run, ...]], tuple[Run, ...]] = _as_they_are
    """What becomes of the runs of a heading before `exchange`."""
    title: Callable[[str], str] = lambda title: title
    """What becomes of the title of an expandable section."""
    code: Callable[[CodeBlock], CodeBlock] = lambda block: block
    """What becomes of a block of code that the dialect cannot delimit."""
    never_within: Mapping[type, frozenset[type]] = field(default_factory=dict)
    """Blocks that cannot stand inside those others, however deep: both end with the same words."""
    lists_last: bool = False
    """Whether nothing can follow a list in an item, and only the first item of a list may begin with a list."""
    item_depth: int = 12
    """How deep lists may be nested."""
    tasks_in_line: bool = False
    """Whether an item of a list of tasks holds text and no other block."""
    standing: frozenset[tuple[Container, str]] = frozenset()
    """Blocks (`key_of`) that stand in such a container of the text that is patched: there they stay as they are."""


def fit(document: Document, grammar: Grammar) -> Document:
    """The normalised document as the dialect of `grammar` can hold it."""
    normal = normalise(document)
    blocks = _fit_all(normal.blocks, Container.DOCUMENT, grammar, 0, frozenset())
    if grammar.exchange is not _as_they_are:
        exchanged = tuple(map_block(block, grammar.exchange) for block in blocks)
        if exchanged != blocks:
            blocks = normal_blocks(exchanged)
    return normal if blocks == normal.blocks else normalise(Document(blocks))


def placeholder(block: Opaque) -> Block:
    """What other dialects show for something only one tracker understands."""
    return block.shown or Paragraph((Run(f"[{block.label}]", marks=frozenset({Mark.EMPHASIS})),))


def _fit_all(
    blocks: Iterable[Block], container: Container, grammar: Grammar, depth: int, around: _Around
) -> tuple[Block, ...]:
    given = tuple(blocks)
    fitted = tuple(piece for block in given for piece in _fit_block(block, container, grammar, depth, around))
    if fitted != given:
        fitted = normal_blocks(fitted)
    if container in grammar.one_paragraph:
        fitted = tuple(_paragraphs_joined(fitted, lambda block: _stands(block, container, grammar)))
    return fitted


def _stands(block: Block, container: Container, grammar: Grammar) -> bool:
    here = Container.EXPAND if container is Container.NESTED else container
    return bool(grammar.standing) and (here, key_of(block)) in grammar.standing


def standing(blocks: Iterable[Block]) -> Iterator[tuple[Container, str]]:
    """Every block inside of `blocks`, with the container it stands in."""
    for block in blocks:
        inside = _CONTAINERS.get(type(block), Container.DOCUMENT)
        for inner in children(block):
            yield from ((inside, key_of(each)) for each in inner)
            yield from standing(inner)


def _paragraphs_joined(blocks: tuple[Block, ...], stays: Callable[[Block], bool]) -> Iterator[Block]:
    pending: list[Run] = []
    for block in blocks:
        if isinstance(block, Paragraph) and not stays(block):
            pending.extend((LINE_BREAK, *block.runs) if pending else block.runs)
            continue
        if pending:
            yield Paragraph(one_line_breaks(pending))
            pending = []
        yield block
    if pending:
        yield Paragraph(one_line_breaks(pending))


def _fit_block(block: Block, container: Container, grammar: Grammar, depth: int, around: _Around) -> Iterator[Block]:  # noqa: C901, PLR0912  # one case a shape
    if _stands(block, container, grammar):
        yield block
        return
    if isinstance(block, Paragraph):
        yield from grammar.divided(block)
        return
    if isinstance(block, Opaque):
        if Opaque in grammar.allowed.get(container, ()) and grammar.opaque(block):
            yield block
        else:
            yield from _fit_block(placeholder(block), container, grammar, depth, around)
        return
    nests = not around.isdisjoint(grammar.never_within.get(type(block), frozenset()))
    if nests or type(block) not in grammar.allowed.get(container, frozenset()) or depth >= 2 * grammar.item_depth:
        for piece in _degraded(block):
            yield from _fit_block(piece, container, grammar, depth, around)
        return
    match block:
        case Quote():
            yield Quote(_fit_all(block.blocks, Container.QUOTE, grammar, depth + 1, around | {type(block)}))
        case Panel():
            yield Panel(block.kind, _fit_all(block.blocks, Container.PANEL, grammar, depth + 1, around | {type(block)}))
        case Expand():
            nested = container in {Container.EXPAND, Container.CELL} and Container.NESTED in grammar.allowed
            inside = Container.NESTED if nested else Container.EXPAND
            inner = _fit_all(block.blocks, inside, grammar, depth + 1, around | {type(block)})
            yield Expand(grammar.title(block.title), inner)
        case ListBlock():
            yield _fit_list(block, grammar, depth, around)
        case Table():
            yield _fit_table(block, grammar, depth, around)
        case Heading():
            yield replace(block, runs=grammar.in_heading(block.runs))
        case CodeBlock():
            yield grammar.code(block)
        case Rule():
            yield block
        case _:
            assert_never(block)


def _degraded(block: Block) -> tuple[Block, ...]:  # noqa: PLR0911  # one case a shape
    """The same words in simpler blocks; ends in paragraphs when applied again and again."""
    match block:
        case Heading():
            strong = (replace(r, marks=r.marks | {Mark.STRONG}) if _markable(r) else r for r in block.runs)
            return (Paragraph(tuple(strong)),)
        case Quote() | Panel():
            return block.blocks
        case Expand():
            title = Paragraph((Run(block.title, marks=frozenset({Mark.STRONG})),))
            return (title, *block.blocks) if block.title else block.blocks
        case CodeBlock():
            return _code_lines(block)
        case Table():
            return tuple(Paragraph(_row_runs(row)) for row in block.rows)
        case ListBlock():
            return tuple(_bulleted(block))
        case Rule():
            return (Paragraph((Run(DRAWN_RULE),)),)
        case Paragraph():
            return (block,)
        case Opaque():
            return (placeholder(block),)
        case _:
            assert_never(block)


def _markable(run: Run) -> bool:
    return run.kind in {RunKind.TEXT, RunKind.CODE, RunKind.REFERENCE}


def _code_lines(block: CodeBlock) -> tuple[Block, ...]:
    """Code as one paragraph of code runs; indentation is kept with no-break spaces."""
    runs: list[Run] = []
    for line in block.text.split("\n"):
        text = line.lstrip(" \t")
        if not text:
            continue
        if runs:
            runs.append(LINE_BREAK)
        runs.append(Run(text, RunKind.CODE))
    return (Paragraph(tuple(runs)),) if runs else ()


def _row_runs(row: tuple[Cell, ...]) -> tuple[Run, ...]:
    runs: list[Run] = []
    for number, cell in enumerate(row):
        if number:
            runs.append(Run(" | "))
        runs.extend(Run(" ") if run.kind is RunKind.BREAK else run for run in _flat(cell.blocks))
    return tuple(runs)


def _flat(blocks: Iterable[Block]) -> tuple[Run, ...]:
    """Runs of the blocks, one line for each paragraph."""
    runs: list[Run] = []
    for block in blocks:
        inner = block.runs if isinstance(block, Paragraph) else _flat(_degraded(block))
        runs.extend((LINE_BREAK, *inner) if runs else inner)
    return tuple(runs)


def _bulleted(block: ListBlock) -> Iterator[Paragraph]:
    """One paragraph for each item, with its bullet or number in words."""
    for number, item in enumerate(block.items, block.start):
        box = "" if item.checked is None else "☑ " if item.checked else "☐ "
        sign = f"{number}) " if block.ordered else "• " if not box else ""
        yield Paragraph((Run(sign + box), *_flat(item.blocks)))


def _fit_list(block: ListBlock, grammar: Grammar, depth: int, around: _Around) -> ListBlock:
    if grammar.tasks_in_line and not block.ordered and all(item.checked is not None for item in block.items):
        linked = grammar.in_heading
        grammar = replace(grammar, divided=lambda paragraph: (Paragraph(linked(paragraph.runs)),))
    items = [
        replace(item, blocks=_fit_all(item.blocks, Container.ITEM, grammar, depth + 1, around)) for item in block.items
    ]
    if grammar.lists_last:
        items = _lists_last(items)
    return ListBlock(tuple(items), block.ordered, block.start if grammar.list_start else 1)


def _lists_last(items: Iterable[ListItem]) -> list[ListItem]:
    """Items in which nothing follows a list: what does becomes an item; a bare list joins the item before."""
    result: list[ListItem] = []
    for item in items:
        if not item.blocks:
            continue
        begun: list[Block] = []
        listed = False
        checked = item.checked
        for block in item.blocks:
            if listed and not isinstance(block, ListBlock):
                result.append(ListItem(tuple(begun), checked))
                begun, listed, checked = [], False, None
            listed = listed or isinstance(block, ListBlock)
            begun.append(block)
        if isinstance(begun[0], ListBlock) and checked is None and result:
            result[-1] = replace(result[-1], blocks=normal_blocks((*result[-1].blocks, *begun)))
        else:
            result.append(ListItem(tuple(begun), checked))
    return result


def _fit_table(block: Table, grammar: Grammar, depth: int, around: _Around) -> Table:
    rows = []
    for number, row in enumerate(block.rows):
        whole = number == 0 and all(cell.header for cell in row)
        cells = []
        for cell in row:
            blocks = _fit_all(cell.blocks, Container.CELL, grammar, depth + 1, around)
            if cell.header and grammar.header_rows_only and not whole:
                cells.append(Cell(tuple(_strong(inner) for inner in blocks)))
            else:
                cells.append(Cell(blocks, cell.header))
        rows.append(tuple(cells))
    return Table(tuple(rows))


def _strong(block: Block) -> Block:
    return _degraded(Heading(1, block.runs))[0] if isinstance(block, Paragraph) else block


def plain_paragraphs(block: Block) -> tuple[Block, ...]:
    """The words of a block as unformatted paragraphs: what is written when nothing else reads back."""
    lines = plain_text(Document((block,))).split("\n")
    return normal_blocks(Paragraph((Run(line),)) for line in lines)
