"""Replaying an edit on the side that holds more.

What a tracker shows of a text is often poorer than the text it was made from: quotes inside quotes are flat in wiki
markup, a layout is one line in Markdown. When somebody edits the poorer showing, only what they changed may travel:
blocks of the richer text whose poorer showing nobody touched stay as they are.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass

from syncer.richtext.canonical import essence, normal_blocks, normalise
from syncer.richtext.document import Block, CodeBlock, Document, Opaque
from syncer.richtext.patching import aligned


def carried(kept: Document, base: Document, edited: Document) -> Document:
    """`kept` with the edits that lead from `base` to `edited`.

    `base` is how the other side showed `kept` when both agreed, `edited` how it shows now. Blocks that `edited` left
    alone are taken from `kept`, blocks it changed from `edited`.
    """
    ours, shown, now = normalise(kept).blocks, normalise(base).blocks, normalise(edited).blocks
    counterpart = {at: group for group in groups(ours, shown) for at in group.shown}
    unchanged = aligned([(key,) for key in keys_of(shown)], keys_of(now))
    unread = {at: group for at, group in counterpart.items() if at not in unchanged and _is_unread(ours, group)}
    if unread:
        now, unchanged = _with_unread(shown, now, unchanged, unread)
    taken = {place: at for at, place in unchanged.items()}
    result: list[Block] = []
    used: set[int] = set()
    for place, block in enumerate(now):
        group = counterpart.get(taken.get(place, -1))
        if group is None:
            result.append(block)
        elif all(member in unchanged for member in group.shown) and group.start not in used:
            used.add(group.start)
            result.extend(ours[group.start : group.end])
        elif group.start not in used:
            result.append(block)
    return Document(normal_blocks(result))


def _is_unread(ours: Sequence[Block], group: BlockGroup) -> bool:
    return any(isinstance(block, Opaque) and block.shown is not None for block in ours[group.start : group.end])


def _with_unread(
    shown: tuple[Block, ...], now: tuple[Block, ...], unchanged: dict[int, int], unread: Container[int]
) -> tuple[tuple[Block, ...], dict[int, int]]:
    """`now` with the shown blocks of an unread source as they were, in place of the code they were edited to."""
    result: list[Block] = []
    places: dict[int, int] = {}
    before, done = 0, 0
    for at in [*sorted(unchanged), len(shown)]:
        until = unchanged.get(at, len(now))
        edited = list(now[done:until])
        for missing in (old for old in range(before, at) if old in unread):
            code = next((number for number, block in enumerate(edited) if isinstance(block, CodeBlock)), 0)
            result.extend(edited[:code])
            edited = edited[code + 1 :] if edited and isinstance(edited[code], CodeBlock) else edited
            places[missing] = len(result)
            result.append(shown[missing])
        result.extend(edited)
        if at < len(shown):
            places[at] = len(result)
            result.append(now[until])
        before, done = at + 1, until + 1
    return tuple(result), places


@dataclass(frozen=True, slots=True)
class BlockGroup:
    """Blocks `start:end` of one text and the blocks that show them in the other; either may be none."""

    start: int
    end: int
    shown: range


def groups(ours: Sequence[Block], shown: Sequence[Block]) -> Iterator[BlockGroup]:
    """Which blocks show which, in order: anchored on equal ones, one to one where as many stand between two anchors."""
    anchors = sorted(aligned([(key,) for key in keys_of(ours)], keys_of(shown)).items())
    before, before_shown = 0, 0
    for at, place in [*anchors, (len(ours), len(shown))]:
        if at - before == place - before_shown:
            for step in range(at - before):
                there = before_shown + step
                yield BlockGroup(before + step, before + step + 1, range(there, there + 1))
        else:
            yield BlockGroup(before, at, range(before_shown, place))
        if at < len(ours):
            yield BlockGroup(at, at + 1, range(place, place + 1))
        before, before_shown = at + 1, place + 1


def keys_of(blocks: Sequence[Block]) -> list[str]:
    """What each block says, as text that is equal for equal blocks."""
    return [repr(essence(block)) for block in blocks]
