"""Replaying an edit on the side that holds more.

What a tracker shows of a text is often poorer than the text it was made from: quotes inside quotes are flat in wiki
markup, a list in a cell is a few lines in Markdown. When somebody edits the poorer showing, only what they changed may
travel: blocks of the richer text whose poorer showing nobody touched stay as they are, and so do the items, cells and
words of a block of which another part was edited.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from syncer.richtext.aligning import aligned
from syncer.richtext.canonical import key_of, normal_blocks, normalise
from syncer.richtext.carrying_runs import carried_lines, carried_runs
from syncer.richtext.document import (
    Block,
    Cell,
    CodeBlock,
    Document,
    Expand,
    Heading,
    ListBlock,
    ListItem,
    Opaque,
    Panel,
    Paragraph,
    Quote,
    Table,
)
from syncer.richtext.origins import origins, origins_of_parts, part_key

_T = TypeVar("_T")
_P = TypeVar("_P", ListItem, Cell, tuple[Cell, ...])


def carried(kept: Document, base: Document, edited: Document) -> Document:
    """`kept` with the edits that lead from `base` to `edited`.

    `base` is how the other side showed `kept` when both agreed, `edited` how it shows now. What `edited` left alone is
    taken from `kept`, what it changed from `edited`.
    """
    return Document(_carried_blocks(normalise(kept).blocks, normalise(base).blocks, normalise(edited).blocks))


def _carried_blocks(ours: Sequence[Block], shown: Sequence[Block], now: Sequence[Block]) -> tuple[Block, ...]:
    counterpart = {at: group for group in groups(ours, shown) for at in group.shown}
    unchanged = aligned([(key,) for key in keys_of(shown)], keys_of(now))
    unread = {at: group for at, group in counterpart.items() if at not in unchanged and _is_unread(ours, group)}
    if unread:
        now, unchanged = _with_unread(shown, now, unchanged, unread)
    comes_of = origins(shown, now, unchanged)
    replaying = _Replaying(ours, shown, now, unchanged, comes_of)
    result: list[Block] = []
    place = 0
    while place < len(now):
        blocks, place = replaying.at(place, counterpart.get(comes_of.get(place, -1)))
        result.extend(blocks)
    return normal_blocks(result)


class _Replaying:
    """One replay of blocks, from the first that is shown now to the last."""

    def __init__(
        self, ours: Sequence[Block], shown: Sequence[Block], now: Sequence[Block], unchanged: dict[int, int],
        comes_of: dict[int, int],
    ) -> None:  # fmt: skip
        self._ours = ours
        self._shown = shown
        self._now = now
        self._unchanged = unchanged
        self._comes_of = comes_of
        self._used: set[int] = set()

    def at(self, place: int, group: BlockGroup | None) -> tuple[Sequence[Block], int]:
        """What stands for the block shown at `place`, which comes of `group`; and the place after it."""
        block = self._now[place]
        if group is None:
            return (block,), place + 1
        if group.start in self._used:
            still = self._comes_of[place] in self._unchanged
            return (() if still else (block,)), place + 1
        ours = self._ours[group.start : group.end]
        if all(member in self._unchanged for member in group.shown):
            self._used.add(group.start)
            return ours, place + 1
        shown = self._shown[group.shown.start : group.shown.stop]
        if len(ours) == len(shown) == 1:
            self._used.add(group.start)
            return (_carried_block(ours[0], shown[0], block),), place + 1
        end = self._end(place, group)
        whole = carried_lines(ours, shown, self._now[place:end])
        if whole is None:
            return (block,), place + 1
        self._used.add(group.start)
        return whole, end

    def _end(self, place: int, group: BlockGroup) -> int:
        """Behind the last block shown now that comes of the group, from `place` on."""
        return 1 + max(at for at, old in self._comes_of.items() if old in group.shown and at >= place)


def _carried_block(ours: Block, shown: Block, now: Block) -> Block:  # noqa: PLR0911  # one case a shape
    """One block, edited: with as much of `ours` as the edit left alone."""
    if ours == shown:
        return now
    match ours, shown, now:
        case Paragraph(), Paragraph(), Paragraph():
            return Paragraph(carried_runs(ours.runs, shown.runs, now.runs))
        case Heading(), Heading(), Heading():
            level = _chosen(ours.level, shown.level, now.level)
            return Heading(level, carried_runs(ours.runs, shown.runs, now.runs))
        case CodeBlock(), CodeBlock(), CodeBlock():
            return CodeBlock(
                _chosen(ours.text, shown.text, now.text), _chosen(ours.language, shown.language, now.language)
            )
        case Quote(), Quote(), Quote():
            return Quote(_carried_blocks(ours.blocks, shown.blocks, now.blocks))
        case Panel(), Panel(), Panel():
            inside = _carried_blocks(ours.blocks, shown.blocks, now.blocks)
            return Panel(_chosen(ours.kind, shown.kind, now.kind), inside)
        case Expand(), Expand(), Expand():
            inside = _carried_blocks(ours.blocks, shown.blocks, now.blocks)
            return Expand(_chosen(ours.title, shown.title, now.title), inside)
        case ListBlock(), ListBlock(), ListBlock():
            items = _carried_parts(ours.items, shown.items, now.items, _carried_item)
            start = _chosen(ours.start, shown.start, now.start)
            return ListBlock(tuple(items), _chosen(ours.ordered, shown.ordered, now.ordered), start)
        case Table(), Table(), Table():
            return Table(tuple(_carried_parts(ours.rows, shown.rows, now.rows, _carried_row)))
        case _:
            return now


def _carried_item(ours: ListItem, shown: ListItem, now: ListItem) -> ListItem:
    blocks = _carried_blocks(ours.blocks, shown.blocks, now.blocks)
    return ListItem(blocks, _chosen(ours.checked, shown.checked, now.checked))


def _carried_row(ours: tuple[Cell, ...], shown: tuple[Cell, ...], now: tuple[Cell, ...]) -> tuple[Cell, ...]:
    return tuple(_carried_parts(ours, shown, now, _carried_cell))


def _carried_cell(ours: Cell, shown: Cell, now: Cell) -> Cell:
    blocks = _carried_blocks(ours.blocks, shown.blocks, now.blocks)
    return Cell(blocks, _chosen(ours.header, shown.header, now.header))


def _carried_parts(
    ours: Sequence[_P], shown: Sequence[_P], now: Sequence[_P], inside: Callable[[_P, _P, _P], _P]
) -> Sequence[_P]:
    """Items, rows or cells, edited; as they are now where the other side shows another number of them."""
    if len(ours) != len(shown):
        return now
    comes_of = origins_of_parts(shown, now)
    result: list[_P] = []
    for place, part in enumerate(now):
        at = comes_of.get(place)
        if at is None:
            result.append(part)
        else:
            unchanged = part_key(shown[at]) == part_key(part)
            result.append(ours[at] if unchanged else inside(ours[at], shown[at], part))
    return result


def _chosen(ours: _T, shown: _T, now: _T) -> _T:
    """What `ours` says where nobody changed what is shown of it, else what is shown now."""
    return ours if now == shown else now


def _is_unread(ours: Sequence[Block], group: BlockGroup) -> bool:
    return any(isinstance(block, Opaque) and block.shown is not None for block in ours[group.start : group.end])


def _with_unread(
    shown: Sequence[Block], now: Sequence[Block], unchanged: dict[int, int], unread: Container[int]
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
    return [key_of(block) for block in blocks]
