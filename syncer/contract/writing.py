"""Verified writing: a block is written in its plainest form, read back, and escaped further until both are equal.

A dialect offers its reader and a renderer with levels of caution; this module chooses the level for each block. The
output of `write_verified` therefore reads back as what was meant, by construction; a block that no level can express
is written as unformatted words, or as a block of code, never lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from syncer.contract.canonical import essence, normal_blocks, same
from syncer.contract.document import Block, CodeBlock, Document, ListBlock, Paragraph, Run, plain_text
from syncer.contract.fitting import plain_paragraphs

LEVELS = (0, 1, 2)
"""Caution: 0 escapes what is certainly markup, 1 every character that could be, 2 every punctuation character."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one markup is read and rendered, without verification."""

    read: Callable[[str], Document]
    render: Callable[[Block, int], str]
    """Source of one top-level block at a level of caution."""
    separator: str = "\n\n"
    limit: int = 65_536
    measure: Callable[[str], int] = len
    """Length of a source in the unit of `limit`."""


def write_verified(blocks: Sequence[Block], dialect: Dialect) -> list[str]:
    """The source of each block; joined by the dialect's separator they read back as `blocks` where that is possible."""
    plain = [dialect.render(block, 0) for block in blocks]
    shown = dialect.read(dialect.separator.join(plain))
    if same(shown, Document(tuple(blocks))):
        return plain
    seen = {repr(essence(block)) for block in shown.blocks}
    mended = [
        source if repr(essence(block)) in seen else verified_block(block, dialect)
        for block, source in zip(blocks, plain, strict=True)
    ]
    if len(blocks) == 1 or _reads_as(mended, blocks, dialect):
        return mended
    careful = [verified_block(block, dialect) for block in blocks]
    if _reads_as(careful, blocks, dialect):
        return careful
    return [verified_block(block, dialect, LEVELS[-1]) for block in blocks]


def verified_block(block: Block, dialect: Dialect, least: int = 0) -> str:
    """The plainest source of one block that reads back as it, from a level of caution upwards."""
    for level in LEVELS[least:]:
        source = dialect.render(block, level)
        if _reads_as([source], [block], dialect):
            return source
    words = plain_paragraphs(block)
    source = dialect.separator.join(dialect.render(paragraph, LEVELS[-1]) for paragraph in words)
    if _reads_as([source], words, dialect):
        return source
    return dialect.render(CodeBlock(plain_text(Document((block,)))), LEVELS[-1])  # more to escape than is ever read


def _reads_as(sources: Sequence[str], blocks: Sequence[Block], dialect: Dialect) -> bool:
    return same(dialect.read(dialect.separator.join(sources)), Document(tuple(blocks)))


def within_limit(
    blocks: Sequence[Block], sources: Sequence[str], dialect: Dialect, continued_at: str
) -> tuple[str, bool]:
    """The joined sources, cut at a block boundary when they exceed the limit, and whether they were cut."""
    whole = dialect.separator.join(sources)
    if dialect.measure(whole) <= dialect.limit:
        return whole, False
    note = dialect.render(_note(continued_at), 0)
    room = dialect.limit - dialect.measure(note) - 2 * dialect.measure(dialect.separator)
    kept: list[str] = []
    for number, source in enumerate(sources):
        size = dialect.measure(source) + dialect.measure(dialect.separator)
        if size > room:
            kept.extend(_cut(blocks[number], room, dialect))
            break
        room -= size
        kept.append(source)
    return dialect.separator.join([*kept, note]), True


def _note(continued_at: str) -> Paragraph:
    if continued_at:
        return Paragraph((Run("… continued at "), Run(continued_at, link=continued_at)))
    return Paragraph((Run("… cut here: the text is longer than this tracker can hold"),))


def _cut(block: Block, room: int, dialect: Dialect) -> Iterator[str]:
    """As much of one oversized block as fits, as verified source: nothing when even a small part does not."""
    share = 0.9 * room / max(dialect.measure(dialect.render(block, 0)), 1)
    for _ in range(6):
        part = _beginning(block, share)
        if not part:
            return
        source = dialect.separator.join(write_verified(part, dialect))
        if dialect.measure(source) <= room:
            yield source
            return
        share *= 0.6


def _beginning(block: Block, share: float) -> tuple[Block, ...]:
    """The first part of a block: whole items of a list, whole lines of code, or its first words without format."""
    if isinstance(block, ListBlock):
        items = block.items[: int(len(block.items) * share)]
        return (replace(block, items=items),) if items else ()
    text = block.text if isinstance(block, CodeBlock) else plain_text(Document((block,)))
    cut = int(len(text) * share)
    line_end = text.rfind("\n", cut // 2, cut)
    text = text[: line_end if line_end > 0 else cut]
    if not text.strip():
        return ()
    return normal_blocks((replace(block, text=text) if isinstance(block, CodeBlock) else Paragraph((Run(text),)),))
