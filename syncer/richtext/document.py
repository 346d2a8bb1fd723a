"""Blocks and runs: the shapes of the canonical document, and how to walk them.

Imported through `syncer.richtext`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import assert_never

from syncer.richtext.links import last_part


class Mark(StrEnum):
    """Formatting of a run."""

    STRONG = "strong"
    EMPHASIS = "emphasis"
    STRIKE = "strike"
    UNDERLINE = "underline"
    SUBSCRIPT = "subscript"
    SUPERSCRIPT = "superscript"


class RunKind(StrEnum):
    """What a run is."""

    TEXT = "text"
    CODE = "code"
    BREAK = "break"
    MENTION = "mention"
    """A person. `target` is the profile page, `text` the display name or login."""
    REFERENCE = "reference"
    """A task of a tracker. `target` is the page of the task, `text` its key as shown."""
    IMAGE = "image"
    """`target` is the address (or the attachment's name, without `/`), `text` the alternative."""


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of inline content with one kind and one set of marks."""

    text: str
    kind: RunKind = RunKind.TEXT
    marks: frozenset[Mark] = frozenset()
    link: str = ""
    """Address a text, code or image run links to."""
    target: str = ""
    """See `RunKind`."""


LINE_BREAK = Run("", RunKind.BREAK)
DRAWN_RULE = "———"
"""A rule where there is room for a line of text alone."""
"""The one run that ends a line."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Runs of text; a newline inside is a run of kind BREAK."""

    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of level 1 to 6."""

    level: int
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """Preformatted text, without its final newline; `language` is lower case, empty when none."""

    text: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Quote:
    """Quoted blocks."""

    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class ListItem:
    """Blocks of one item; `checked` is None unless it is a task."""

    blocks: tuple[Block, ...]
    checked: bool | None = None


@dataclass(frozen=True, slots=True)
class ListBlock:
    """A list; an ordered one starts at `start`."""

    items: tuple[ListItem, ...]
    ordered: bool = False
    start: int = 1


@dataclass(frozen=True, slots=True)
class Cell:
    """One table cell."""

    blocks: tuple[Block, ...]
    header: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells; rows may differ in length."""

    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Panel:
    """A coloured box: `kind` is one of note, info, tip, warning, caution."""

    kind: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Expand:
    """A section that opens on a click."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """A horizontal line."""


@dataclass(frozen=True, slots=True)
class Opaque:
    """Something only its own tracker understands (a macro, a card): shown elsewhere as `shown`, or one line `label`."""

    label: str
    source: str = ""
    shown: Block | None = None
    """What others see instead of the label; it says nothing that `source` does not, and is never written back."""


Block = Paragraph | Heading | CodeBlock | Quote | ListBlock | Table | Panel | Expand | Rule | Opaque


@dataclass(frozen=True, slots=True)
class Document:
    """A whole body: its blocks, in order."""

    blocks: tuple[Block, ...] = ()
    normal: bool = field(default=False, init=False, compare=False, repr=False)
    """Whether this is what `normalise` returned: normalising it again can be saved."""


# --- walking ---


def map_block(block: Block, exchange: Callable[[tuple[Run, ...]], tuple[Run, ...]]) -> Block:
    """The block with the runs of every paragraph and heading in it replaced by what `exchange` returns for them."""
    match block:
        case Paragraph() | Heading():
            return replace(block, runs=exchange(block.runs))
        case Quote() | Panel() | Expand():
            return replace(block, blocks=tuple(map_block(inner, exchange) for inner in block.blocks))
        case ListBlock():
            return replace(
                block,
                items=tuple(replace(i, blocks=tuple(map_block(b, exchange) for b in i.blocks)) for i in block.items),
            )
        case Table():
            rows = (
                tuple(replace(cell, blocks=tuple(map_block(b, exchange) for b in cell.blocks)) for cell in row)
                for row in block.rows
            )
            return replace(block, rows=tuple(rows))
        case CodeBlock() | Rule() | Opaque():
            return block
        case _:
            assert_never(block)


def runs_of(blocks: Iterable[Block]) -> Iterator[Run]:
    """Every run of the blocks, in reading order."""
    for block in blocks:
        if isinstance(block, Paragraph | Heading):
            yield from block.runs
        else:
            for inner in children(block):
                yield from runs_of(inner)


def partly_unread(blocks: Iterable[Block]) -> bool:
    """Whether somewhere in the blocks a source stands that its reader left alone."""
    return any(
        (isinstance(block, Opaque) and block.shown is not None) or any(map(partly_unread, children(block)))
        for block in blocks
    )


def children(block: Block) -> tuple[tuple[Block, ...], ...]:
    """The block lists directly inside a block: one for a quote, one for each item of a list, each cell of a table."""
    match block:
        case Quote() | Panel() | Expand():
            return (block.blocks,)
        case ListBlock():
            return tuple(item.blocks for item in block.items)
        case Table():
            return tuple(cell.blocks for row in block.rows for cell in row)
        case _:
            return ()


def plain_text(document: Document) -> str:
    """The words of the document without any formatting, blocks separated by newlines."""
    return "\n".join(_plain_lines(document.blocks))


def _plain_lines(blocks: Iterable[Block]) -> Iterator[str]:
    for block in blocks:
        match block:
            case Paragraph() | Heading():
                yield "".join(plain_run(run) for run in block.runs)
            case CodeBlock():
                yield block.text
            case Opaque():
                yield from (block.label,) if block.shown is None else _plain_lines((block.shown,))
            case Rule():
                yield DRAWN_RULE
            case Expand():
                yield block.title
                yield from _plain_lines(block.blocks)
            case Table():
                for row in block.rows:
                    yield " | ".join(" ".join(_plain_lines(cell.blocks)) for cell in row)
            case Quote() | Panel() | ListBlock():
                for inner in children(block):
                    yield from _plain_lines(inner)
            case _:
                assert_never(block)


def plain_run(run: Run) -> str:
    """The words of one run."""
    match run.kind:
        case RunKind.BREAK:
            return "\n"
        case RunKind.MENTION:
            return "@" + run.text
        case RunKind.IMAGE:
            return run.text or last_part(run.target)
        case RunKind.TEXT | RunKind.CODE | RunKind.REFERENCE:
            return run.text
        case _:
            assert_never(run.kind)
