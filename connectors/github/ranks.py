"""Where the items of a board stand, as texts that sort in their order. Pure.

Why texts with room between them. A number counted from the top would change for every item below one that was moved;
so an item keeps its text for as long as it stands between the same others, and one moved item changes one text.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final

GAP: Final = 2**30
"""Room between two items at first: between them so often the half can be taken."""
_DIGITS: Final = 18
_MOST: Final = 10**_DIGITS


def ranks(order: Sequence[str], before: Mapping[str, str]) -> dict[str, str]:
    """A text for each of the items in `order`, given those that they had `before`."""
    numbers = [_number(before.get(one, "")) for one in order]
    kept = _longest_rising(numbers)
    spread: list[int] = []
    for place in (*kept, len(order)):
        low = spread[-1] if spread else 0
        new = place - len(spread)
        high = _known(numbers, place) if place < len(order) else low + GAP * (new + 1)
        step = (high - low) // (new + 1)
        spread += [low + step * (count + 1) for count in range(new)]
        spread += [high] if place < len(order) else []
    if any(one >= other for one, other in pairwise(spread)) or (spread and spread[-1] >= _MOST):
        spread = [GAP * (count + 1) for count in range(len(order))]
    return {one: f"{number:0{_DIGITS}}" for one, number in zip(order, spread, strict=True)}


def _number(text: str) -> int | None:
    return int(text) if len(text) == _DIGITS and text.isdecimal() and text.isascii() else None


def _known(numbers: Sequence[int | None], place: int) -> int:
    number = numbers[place]
    if number is None:
        raise ValueError(f"nothing is known of the item {place}")
    return number


def _longest_rising(numbers: Sequence[int | None]) -> list[int]:
    """The places of the most numbers that rise strictly, so that the fewest items count as moved."""
    ends: list[int] = []
    lasts: list[int] = []
    before: dict[int, int | None] = {}
    for place, number in enumerate(numbers):
        if number is None or number <= 0:
            continue
        at = bisect_left(lasts, number)
        before[place] = ends[at - 1] if at else None
        ends[at : at + 1] = [place]
        lasts[at : at + 1] = [number]
    found: list[int] = []
    place_: int | None = ends[-1] if ends else None
    while place_ is not None:
        found.append(place_)
        place_ = before[place_]
    return found[::-1]
