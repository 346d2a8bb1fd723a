"""Word patch: in a line that was edited, only the words that differ are replaced in this side's source.

What the other side cannot show stays where the words around it do: a comment, the width of a picture, the title of a
link, a colour, the sign of a footnote. As in `line_patching`, what differs is found between two renderings of ours, and
the words of the first are then found in the source. Whether the result is right, its reader tells.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from syncer.richtext.aligning import differing

WORD = re.compile(r"[^\W_⺀-鿿豈-﫿]+|.", re.DOTALL)
"""Words, and everything else one by one: signs, blanks, Han characters and kana."""


def word_patched(source: str, before: str, after: str) -> str | None:
    """`source`, of which `before` is a rendering, with the words exchanged that differ in `after`.

    None where the words around a difference are not found in the source.
    """
    if source == before:
        return after
    words, old, new = (WORD.findall(text) for text in (source, before, after))
    changes = differing(old, new)
    places = _places(old, words)
    if changes is None or places is None:
        return None
    result: list[str] = []
    done = 0
    for old_start, old_end, new_start, new_end in changes:
        start = _starts(places, old_start, old_end)
        end = _ends(places, old_start, old_end, len(old), len(words)) if old_end > old_start else start
        if start is None or end is None or not done <= start <= end:
            return None
        result.extend((*words[done:start], *new[new_start:new_end]))
        done = end
    return "".join([*result, *words[done:]])


def _places(old: Sequence[str], words: Sequence[str]) -> dict[int, int] | None:
    """Where each word of the rendering stands in the source, as far as it is found there."""
    stretches = differing(old, words)
    if stretches is None:
        return None
    places: dict[int, int] = {}
    at, place = 0, 0
    for old_start, old_end, start, end in [*stretches, (len(old), len(old), len(words), len(words))]:
        places.update(zip(range(at, old_start), range(place, start), strict=True))
        at, place = old_end, end
    return places


def _starts(places: dict[int, int], start: int, end: int) -> int | None:
    """Where in the source begins what stands from `start` to `end` in the rendering."""
    if start < end and start in places:
        return places[start]
    if not start:
        return 0
    before = places.get(start - 1)
    return places.get(start) if before is None else before + 1


def _ends(places: dict[int, int], start: int, end: int, length: int, whole: int) -> int | None:
    """Where in the source ends what stands from `start` to `end` in the rendering, which has `length` words."""
    if end - 1 in places and end > start:
        return places[end - 1] + 1
    return whole if end == length else places.get(end)
