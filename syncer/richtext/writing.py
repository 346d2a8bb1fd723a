"""Verified writing: a block is written in its plainest form, read back, and escaped further until both are equal.

A dialect offers its reader and a renderer with levels of caution; this module chooses the level for each block. The
output of `write_verified` therefore reads back as what was meant, by construction; a block that no level can express
is written as unformatted words, or as a block of code, never lost.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from syncer.richtext.canonical import key_of, same
from syncer.richtext.document import Block, CodeBlock, Document, plain_text
from syncer.richtext.fitting import plain_paragraphs

LEVELS = (0, 1, 2)
"""Caution: 0 escapes what is certainly markup, 1 every character that could be, 2 every punctuation character."""


@dataclass(frozen=True, slots=True)
class MarkupCodec:
    """How one markup is read and rendered, without verification."""

    read: Callable[[str], Document]
    render: Callable[[Block, int], str]
    """Source of one top-level block at a level of caution."""
    separator: str = "\n\n"
    mentioned: Callable[[str], AbstractSet[str]] = lambda _: frozenset()
    """The pages of people and tasks that a source points at so that somebody is told."""
    live: AbstractSet[str] = frozenset()
    """Those at which it may."""
    limit: int = 65_536
    measure: Callable[[str], int] = len
    """Length of a source in the unit of `limit`."""


def write_verified(blocks: Sequence[Block], dialect: MarkupCodec) -> list[str]:
    """The source of each block; joined by the dialect's separator they read back as `blocks` where that is possible."""
    plain = [dialect.render(block, 0) for block in blocks]
    shown = dialect.read(dialect.separator.join(plain))
    if same(shown, Document(tuple(blocks))):
        return plain
    seen = {key_of(block) for block in shown.blocks}
    mended = [
        source if key_of(block) in seen else verified_block(block, dialect)
        for block, source in zip(blocks, plain, strict=True)
    ]
    if len(blocks) == 1 or _reads_as(mended, blocks, dialect):
        return mended
    careful = [verified_block(block, dialect) for block in blocks]
    if _reads_as(careful, blocks, dialect):
        return careful
    return [verified_block(block, dialect, LEVELS[-1]) for block in blocks]


def verified_block(block: Block, dialect: MarkupCodec, least: int = 0) -> str:
    """The plainest source of one block that reads back as it, from a level of caution upwards."""
    for level in LEVELS[least:]:
        source = dialect.render(block, level)
        if _reads_as([source], [block], dialect):
            return source
    words = plain_paragraphs(block)
    for level in LEVELS:
        source = dialect.separator.join(dialect.render(paragraph, level) for paragraph in words)
        if _reads_as([source], words, dialect):
            return source
    return dialect.render(CodeBlock(plain_text(Document((block,)))), LEVELS[-1])  # more to escape than is ever read


def _reads_as(sources: Sequence[str], blocks: Sequence[Block], dialect: MarkupCodec) -> bool:
    return same(dialect.read(dialect.separator.join(sources)), Document(tuple(blocks)))
