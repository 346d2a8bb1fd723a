"""Replaying an edit on the side that holds more.

What a tracker shows of a text is often poorer than the text it was made from: quotes inside quotes are flat in wiki
markup, a layout is one line in Markdown. When somebody edits the poorer showing, only what they changed may travel:
blocks of the richer text whose poorer showing nobody touched stay as they are.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence

from syncer.contract.canonical import essence, normal_blocks, normalise
from syncer.contract.document import Block, CodeBlock, Document, Opaque
from syncer.contract.patching import aligned


def carried(kept: Document, base: Document, edited: Document) -> Document:
    """`kept` with the edits that lead from `base` to `edited`.

    `base` is how the other side showed `kept` when both agreed, `edited` how it shows now. Blocks that `edited` left
    alone are taken from `kept`, blocks it changed from `edited`.
    """
    ours, shown, now = normalise(kept).blocks, normalise(base).blocks, normalise(edited).blocks
    counterpart = dict(_counterparts(ours, shown))
    unchanged = aligned([(key,) for key in _keys(shown)], _keys(now))
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


def _is_unread(ours: Sequence[Block], group: _Group) -> bool:
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


class _Group:
    """Blocks `start:end` of the richer text and the blocks that show them."""

    __slots__ = ("end", "shown", "start")

    def __init__(self, start: int, end: int, shown: range) -> None:
        self.start = start
        self.end = end
        self.shown = shown


def _counterparts(ours: Sequence[Block], shown: Sequence[Block]) -> Iterator[tuple[int, _Group]]:
    """For each shown block its group: anchored on equal blocks, one to one where as many stand between two anchors."""
    anchors = sorted(aligned([(key,) for key in _keys(ours)], _keys(shown)).items())
    before, before_shown = 0, 0
    for at, place in [*anchors, (len(ours), len(shown))]:
        if at - before == place - before_shown:
            for step in range(at - before):
                yield (
                    before_shown + step,
                    _Group(before + step, before + step + 1, range(before_shown + step, before_shown + step + 1)),
                )
        else:
            group = _Group(before, at, range(before_shown, place))
            yield from ((number, group) for number in group.shown)
        if at < len(ours):
            yield place, _Group(at, at + 1, range(place, place + 1))
        before, before_shown = at + 1, place + 1


def _keys(blocks: Sequence[Block]) -> list[str]:
    return [repr(essence(block)) for block in blocks]
