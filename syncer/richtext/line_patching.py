"""Line patch: inside a block that was edited, only the lines that differ are replaced in this side's source.

One checked box, one corrected cell or one added item leaves every other line of its list or table byte for byte: the
author's bullets, alignment rows, titles of code blocks. What differs is found between two renderings of ours, of the
block as it was and as it shall be, whose lines are then matched with those of the source. Nothing here needs to know a
markup; whether the result is right, its reader tells.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from syncer.richtext.canonical import same
from syncer.richtext.document import Block, Document
from syncer.richtext.writing import MarkupCodec

MAX_COMPARISONS = 400_000
"""Above this many pairs of lines a block is not patched line by line."""

_PREFIX = re.compile(r"[ \t>]*(?:[-*+#]+|\d+[.)])?[ \t]*")
"""Indentation, signs of quotes, and the sign of a list item."""
_NO_WORD = re.compile(r"[\W_]+")


def line_patched(source: str, old: Sequence[Block], new: Sequence[Block], dialect: MarkupCodec) -> str | None:
    """`source`, which reads as `old`, changed in as few lines as possible to read as `new`; None where it cannot be.

    Line ends become newlines.
    """
    if list(map(type, old)) != list(map(type, new)):
        return None
    lines = source.replace("\r\n", "\n").split("\n")
    before, after = _rendered(old, dialect), _rendered(new, dialect)
    if len(lines) < 2:
        return None
    result = _replaced(lines, before, after)
    if result is None:
        return None
    patched = "\n".join(result)
    return patched if same(dialect.read(patched), Document(tuple(new))) else None


def _rendered(blocks: Sequence[Block], dialect: MarkupCodec) -> list[str]:
    return dialect.separator.join(dialect.render(block, 0) for block in blocks).split("\n")


def _replaced(lines: Sequence[str], before: Sequence[str], after: Sequence[str]) -> list[str] | None:
    """The lines with those replaced that differ between `before` and `after`; None when one of them is not found."""
    places = _places(lines, before)
    changes = differing(before, after)
    if places is None or changes is None:
        return None
    result: list[str] = []
    done = 0
    for old_start, old_end, new_start, new_end in changes:
        found = [places[at] for at in range(old_start, old_end) if before[at].strip()]
        if None in found:
            return None
        stands = [place for place in found if place is not None]
        start = stands[0] if stands else _behind(places, old_start)
        end = stands[-1] + 1 if stands else start
        if start < done:
            return None
        model = old_start if stands else max(old_start - 1, 0)
        result.extend(lines[done:start])
        for step, line in enumerate(after[new_start:new_end]):
            at = min(model + step, old_end - 1) if stands else model
            result.append(_in_style(line, before[at], lines, places[at]))
        done = end
    return [*result, *lines[done:]]


def differing(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int, int, int]] | None:
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


def _places(lines: Sequence[str], rendered: Sequence[str]) -> list[int | None] | None:
    """Where each rendered line stands among the lines of the source; None where there is too much to compare."""
    if len(lines) == len(rendered):
        return list(range(len(lines)))
    places: list[int | None] = [None] * len(rendered)
    ours = [at for at, line in enumerate(rendered) if line.strip()]
    theirs = [at for at, line in enumerate(lines) if line.strip()]
    if len(ours) != len(theirs):
        changes = differing([_words(rendered[at]) for at in ours], [_words(lines[at]) for at in theirs])
        if changes is None:
            return None
        done, other = 0, 0
        for old_start, old_end, _, new_end in [*changes, (len(ours), len(ours), len(theirs), len(theirs))]:
            for step in range(old_start - done):
                places[ours[done + step]] = theirs[other + step]
            done, other = old_end, new_end
        return places
    for one, other in zip(ours, theirs, strict=True):
        places[one] = other
    return places


def _words(line: str) -> str:
    """What a line says, whatever its signs: for tables and rules, which say nothing, the line itself."""
    return _NO_WORD.sub("", line).casefold() or line.strip()


def _behind(places: Sequence[int | None], at: int) -> int:
    """Where what comes before rendered line `at` ends in the source."""
    before = [place for place in places[:at] if place is not None]
    return before[-1] + 1 if before else 0


def _in_style(line: str, model: str, lines: Sequence[str], place: int | None) -> str:
    """A rendered line that begins as the rendered line `model` does, with what `model` begins with in the source."""
    sign = _prefix(model)
    if place is None or not sign or _prefix(line) != sign:
        return line
    return _prefix(lines[place]) + line[len(sign) :]


def _prefix(line: str) -> str:
    found = _PREFIX.match(line)
    return found[0] if found else ""
