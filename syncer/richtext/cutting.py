"""A text that is longer than the other tracker can hold: one cut, and one note of where it continues.

Cut text is never carried back. A later edit of the whole text is cut afresh at the same kind of place, and the patch
keeps what both cuts have in common; so neither the note nor the cut leaves anything behind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from syncer.richtext.canonical import normal_blocks
from syncer.richtext.document import Block, CodeBlock, Document, ListBlock, Paragraph, Run, Table, plain_text
from syncer.richtext.fitting import Grammar
from syncer.richtext.markup import Written
from syncer.richtext.patching import Segment, patched
from syncer.richtext.writing import MarkupCodec, write_verified

_CONTINUED = "… continued at "
_ENDS = "… cut here: the text is longer than this tracker can hold"


def cut_note(continued_at: str) -> Paragraph:
    """What stands where a text was cut; `continued_at` is the address of the whole text, empty when there is none."""
    if continued_at:
        return Paragraph((Run(_CONTINUED), Run(continued_at, link=continued_at)))
    return Paragraph((Run(_ENDS),))


def is_cut(document: Document, continued_at: str) -> bool:
    """Whether a document ends with the note that `cut_note` makes."""
    return document.blocks[-1:] == normal_blocks((cut_note(continued_at),))


def written_within(blocks: Sequence[Block], dialect: MarkupCodec, continued_at: str) -> Written:
    """Verified source of the blocks, cut where it exceeds the dialect's limit."""
    return Written(*within_limit(blocks, write_verified(blocks, dialect), dialect, continued_at))


def patched_within(
    source: str, segments: Sequence[Segment], target: Document, grammar: Grammar, dialect: MarkupCodec,
    write: Callable[[Document], Written],
) -> Written:  # fmt: skip
    """`source` patched to read as `target`; where that exceeds the limit, as the beginning that `write` makes of it."""
    changed = patched(source, segments, target, grammar, dialect)
    if changed == source or dialect.measure(changed) <= dialect.limit:
        return Written(changed)
    fresh = write(target)
    kept = patched(source, segments, dialect.read(fresh.source), grammar, dialect)
    return Written(kept, fresh.truncated) if dialect.measure(kept) <= dialect.limit else fresh


def within_limit(
    blocks: Sequence[Block], sources: Sequence[str], dialect: MarkupCodec, continued_at: str
) -> tuple[str, bool]:
    """The joined sources, cut at a block boundary when they exceed the limit, and whether they were cut."""
    whole = dialect.separator.join(sources)
    if dialect.measure(whole) <= dialect.limit:
        return whole, False
    note = dialect.render(cut_note(continued_at), 0)
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


def _cut(block: Block, room: int, dialect: MarkupCodec) -> Iterator[str]:
    """As much of one oversized block as fits, as verified source: nothing when even a small part does not."""
    share = 0.9 * room / max(dialect.measure(dialect.render(block, 0)), 1)
    for _ in range(6):
        part = beginning(block, share)
        if not part:
            return
        source = dialect.separator.join(write_verified(part, dialect))
        if dialect.measure(source) <= room:
            yield source
            return
        share *= 0.6


def beginning(block: Block, share: float) -> tuple[Block, ...]:
    """About the first `share` of a block: whole items, rows or lines of code, or its first words without format."""
    if isinstance(block, ListBlock):
        items = block.items[: int(len(block.items) * share)]
        return (replace(block, items=items),) if items else ()
    if isinstance(block, Table) and (rows := block.rows[: int(len(block.rows) * share)]):
        return (replace(block, rows=rows),)
    text = block.text if isinstance(block, CodeBlock) else plain_text(Document((block,)))
    cut = int(len(text) * share)
    line_end = text.rfind("\n", cut // 2, cut)
    text = text[: line_end if line_end > 0 else cut]
    if not text.strip():
        return ()
    return normal_blocks((replace(block, text=text) if isinstance(block, CodeBlock) else Paragraph((Run(text),)),))
