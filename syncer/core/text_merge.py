"""Three-way merge of a text by blocks, also where one side shows it more poorly than the other.

Each block that both sides had when they agreed is one unit, or several where one side shows them as one. A side changed
a unit when it does not show all of it any more, side by side. Units that only one side changed are taken from there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher

from syncer.contract.model import Side
from syncer.richtext import Block
from syncer.richtext.aligning import aligned
from syncer.richtext.carrying import BlockGroup, groups, keys_of

Pick = Mapping[Side, slice]
"""Which blocks of which side stand at a place: of both where neither changed it, or both alike."""


def merged_blocks(base: Mapping[Side, Sequence[Block]], now: Mapping[Side, Sequence[Block]]) -> list[Pick] | None:
    """What stands at each place of the merged text, in order; None where both sides changed one place apart."""
    units = _units(base[Side.LEFT], base[Side.RIGHT])
    ranges = {
        Side.LEFT: [range(unit.start, unit.end) for unit in units],
        Side.RIGHT: [unit.shown for unit in units],
    }
    tokens = {side: list(_tokens(base[side], ranges[side], now[side])) for side in Side}
    old = [str(number) for number in range(len(units))]
    keys = {side: [key for key, _ in tokens[side]] for side in Side}
    picks = _merged_keys(old, keys[Side.LEFT], keys[Side.RIGHT])
    if picks is None:
        return None
    return [{side: tokens[side][at][1] for side, at in pick.items()} for pick in picks]


def _units(left: Sequence[Block], right: Sequence[Block]) -> list[BlockGroup]:
    """The groups of blocks that show each other; what only one side has belongs to the group before it."""
    units: list[BlockGroup] = []
    for group in groups(left, right):
        lacking = group.start == group.end or not group.shown
        if units and (lacking or not units[-1].shown or units[-1].start == units[-1].end):
            last = units[-1]
            units[-1] = BlockGroup(last.start, group.end, range(last.shown.start, group.shown.stop))
        elif group.start < group.end or group.shown:
            units.append(group)
    return units


def _tokens(base: Sequence[Block], units: Sequence[range], now: Sequence[Block]) -> Iterator[tuple[str, slice]]:
    """What a side shows now: its unchanged units by their number, every other block by what it says."""
    keys = keys_of(now)
    kept = aligned([(key,) for key in keys_of(base)], keys)
    begins: dict[int, tuple[int, int]] = {}
    for number, unit in enumerate(units):
        places = [kept.get(at, -1) for at in unit]
        if places and places[0] >= 0 and places == list(range(places[0], places[0] + len(places))):
            begins[places[0]] = (number, len(places))
    at = 0
    while at < len(now):
        number, length = begins.get(at, (-1, 1))
        yield (str(number) if number >= 0 else f"new {keys[at]}"), slice(at, at + length)
        at += length


def _merged_keys(old: list[str], left: list[str], right: list[str]) -> list[dict[Side, int]] | None:
    """Which element of which side stands at each place of the merge; None where both changed one place apart."""
    left_at, right_at = _regions(old, left), _regions(old, right)
    picks: list[dict[Side, int]] = []
    for place in range(2 * len(old) + 1):
        (left_from, left_to), (right_from, right_to) = left_at[place], right_at[place]
        index = place // 2
        before = old[index : index + 1] if place % 2 else []
        mine, theirs = left[left_from:left_to], right[right_from:right_to]
        if mine == theirs:
            picks += [{Side.LEFT: left_from + step, Side.RIGHT: right_from + step} for step in range(len(mine))]
        elif mine == before:
            picks += [{Side.RIGHT: step} for step in range(right_from, right_to)]
        elif theirs == before:
            picks += [{Side.LEFT: step} for step in range(left_from, left_to)]
        else:
            return None
    return picks


def _regions(old: list[str], new: list[str]) -> list[tuple[int, int]]:
    """For each gap and each block of `old` (gap 0, block 0, gap 1, ...), the range of `new` that stands there now."""
    regions = [(0, 0)] * (2 * len(old) + 1)
    for verb, old_from, old_to, new_from, new_to in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if verb == "equal":
            for step in range(old_to - old_from):
                regions[2 * (old_from + step) + 1] = (new_from + step, new_from + step + 1)
        elif verb == "insert":
            regions[2 * old_from] = (new_from, new_to)
        else:
            regions[2 * old_from + 1] = (new_from, new_to)
            for index in range(old_from + 1, old_to):
                regions[2 * index + 1] = (new_to, new_to)
    return regions
