"""Which parts of two sequences are the same: blocks, items, lines or words of a text before and after an edit."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from difflib import SequenceMatcher

MAX_COMPARISONS = 400_000
"""Above this many pairs two sequences are not compared pair by pair."""


def aligned(old: Sequence[tuple[str, ...]], new: Sequence[str]) -> dict[int, int]:
    """Which old segments stay: index of the segment -> index of its first block in `new`, both increasing."""
    flat = [(key, at) for at, keys in enumerate(old) for key in keys]
    pairs = dict(matching([key for key, _ in flat], new))
    kept: dict[int, int] = {}
    position = 0
    for at, keys in enumerate(old):
        places = [pairs.get(position + offset) for offset in range(len(keys))]
        position += len(keys)
        first = places[0] if places else None
        if first is not None and places == list(range(first, first + len(keys))):
            kept[at] = first
    return kept


def matching(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Pairs of equal positions, increasing on both sides."""
    start = 0
    while start < len(old) and start < len(new) and old[start] == new[start]:
        yield start, start
        start += 1
    old_end, new_end = len(old), len(new)
    while old_end > start and new_end > start and old[old_end - 1] == new[new_end - 1]:
        old_end -= 1
        new_end -= 1
    middle, other = old[start:old_end], new[start:new_end]
    if len(middle) * len(other) <= MAX_COMPARISONS:
        for match in SequenceMatcher(None, middle, other, autojunk=False).get_matching_blocks():
            yield from ((start + match.a + step, start + match.b + step) for step in range(match.size))
    else:
        yield from ((start + one, start + two) for one, two in _anchored(middle, other))
    yield from ((old_end + step, new_end + step) for step in range(len(old) - old_end))


def _anchored(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Pairs of equal positions of two long sequences: what each has once, in one order, and what matches between."""
    seen, places = Counter(old), {key: at for at, key in enumerate(new)}
    often = Counter(new)
    common = [(at, places[key]) for at, key in enumerate(old) if seen[key] == 1 == often[key]]
    before, before_new = 0, 0
    anchors = _increasing(common)
    for at, place in [*anchors, (len(old), len(new))] if anchors else []:
        between = matching(old[before:at], new[before_new:place])
        yield from ((before + one, before_new + two) for one, two in between)
        if at < len(old):
            yield at, place
        before, before_new = at + 1, place + 1


def _increasing(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest part of the pairs, in order, whose second halves increase."""
    ends: list[int] = []  # the least second half with which a part of each length ends
    lengths = []
    for _, place in pairs:
        length = bisect_left(ends, place)
        ends[length : length + 1] = [place]
        lengths.append(length)
    wanted = len(ends) - 1
    result = []
    for pair, length in zip(reversed(pairs), reversed(lengths), strict=True):
        if length == wanted:
            result.append(pair)
            wanted -= 1
    return result[::-1]


def differing(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[tuple[int, int, int, int]] | None:
    """The stretches `old_start, old_end, new_start, new_end` that differ; None where there is too much to compare."""
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    one, other = old[start : len(old) - end], new[start : len(new) - end]
    if len(one) * len(other) > MAX_COMPARISONS:
        return None
    codes = SequenceMatcher(None, one, other, False).get_opcodes()
    return [(start + a, start + b, start + c, start + d) for kind, a, b, c, d in codes if kind != "equal"]
