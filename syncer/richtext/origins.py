"""Which part of a text comes of which, when somebody edited it: blocks, items of a list, rows and cells of a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from syncer.richtext.aligning import aligned, matching
from syncer.richtext.canonical import key_of
from syncer.richtext.document import Block, Cell, Document, ListItem, plain_text

Part = Block | ListItem | Cell | tuple[Cell, ...]
"""A tuple of cells is a row."""
MAX_LIKENESSES = 900
"""Above this many pairs it is not asked which parts are most alike."""


def part_key(part: ListItem | Cell | tuple[Cell, ...]) -> str:
    """What counts of an item, cell or row, as text: equal for those that say the same."""
    match part:
        case ListItem():
            return repr((part.checked, [key_of(block) for block in part.blocks]))
        case Cell():
            return repr((part.header, [key_of(block) for block in part.blocks]))
        case _:
            return repr([part_key(cell) for cell in part])


def origins_of_parts(
    old: Sequence[ListItem | Cell | tuple[Cell, ...]], new: Sequence[ListItem | Cell | tuple[Cell, ...]]
) -> dict[int, int]:
    """Which of the old items, rows or cells each new one is or comes of, where it comes of one."""
    return origins(old, new, aligned([(part_key(part),) for part in old], [part_key(part) for part in new]))


def origins(old: Sequence[Part], new: Sequence[Part], unchanged: Mapping[int, int]) -> dict[int, int]:
    """Which old part each new one is or comes of; `unchanged` has the places of those that are equal, old to new.

    Between two of those the order stays: each comes of one of its kind, of which it shares the most words.
    """
    result = {place: at for at, place in unchanged.items()}
    before, at = 0, 0
    for place, until in [*sorted(result.items()), (len(new), len(old))]:
        if before < until and at < place:
            gave = [_Likeness.of(part) for part in old[before:until]]
            came = [_Likeness.of(part) for part in new[at:place]]
            result.update((at + theirs, before + ours) for ours, theirs in _likest(gave, came))
        before, at = until + 1, place + 1
    return result


@dataclass(frozen=True, slots=True)
class _Likeness:
    """What tells whether one part comes of another: its kind, and its words."""

    kind: str
    words: frozenset[str]

    @classmethod
    def of(cls, part: Part) -> _Likeness:
        match part:
            case ListItem() | Cell():
                blocks = part.blocks
            case tuple():
                blocks = tuple(block for cell in part for block in cell.blocks)
            case _:
                blocks = (part,)
        return cls(type(part).__name__, frozenset(plain_text(Document(blocks)).split()))

    def to(self, other: _Likeness) -> float:
        """The share of words that both have; a little even without any."""
        return 0.01 + len(self.words & other.words) / max(len(self.words | other.words), 1)


def _likest(old: Sequence[_Likeness], new: Sequence[_Likeness]) -> list[tuple[int, int]]:
    """Pairs of one kind, in order, that share the most words; of the first of a kind where there are too many."""
    kinds, kinds_now = [part.kind for part in old], [part.kind for part in new]
    if kinds == kinds_now:
        return [(at, at) for at in range(len(old))]
    if len(old) * len(new) > MAX_LIKENESSES:
        return list(matching(kinds, kinds_now))
    best: list[list[tuple[float, list[tuple[int, int]]]]] = [[(0.0, [])] * (len(new) + 1)]
    for ours, one in enumerate(old):
        row: list[tuple[float, list[tuple[int, int]]]] = [(0.0, [])]
        for theirs, other in enumerate(new):
            options = [best[-1][theirs + 1], row[-1]]
            if one.kind == other.kind:
                score, pairs = best[-1][theirs]
                options.append((score + one.to(other), [*pairs, (ours, theirs)]))
            row.append(max(options, key=lambda option: option[0]))
        best.append(row)
    return best[-1][-1][1]
