"""Line patch: inside a block that was edited, only what differs is replaced in this side's source: words, else lines.

One checked box, one corrected cell or one added item leaves every other line of its list or table byte for byte: the
author's bullets, alignment rows, titles of code blocks. What differs is found between two renderings of ours, of the
block as it was and as it shall be, whose lines are then matched with those of the source. Nothing here needs to know a
markup; whether the result is right, its reader tells.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from syncer.richtext.aligning import differing
from syncer.richtext.canonical import same
from syncer.richtext.document import Block, Document
from syncer.richtext.word_patching import word_patched
from syncer.richtext.writing import MarkupCodec

_PREFIX = re.compile(r"[ \t>]*(?:[-*+#]+|\d+[.)])?[ \t]*")
"""Indentation, signs of quotes, and the sign of a list item."""
_NO_WORD = re.compile(r"[\W_]+")


def line_patched(source: str, old: Sequence[Block], new: Sequence[Block], dialect: MarkupCodec) -> str | None:
    """`source`, which reads as `old`, changed in as little as possible to read as `new`; None where it cannot be.

    Line ends become newlines.
    """
    if list(map(type, old)) != list(map(type, new)):
        return None
    before, after = (_rendered(blocks, dialect) for blocks in (old, new))
    candidates = _candidates(source.replace("\r\n", "\n"), before, after)
    wanted = Document(tuple(new))
    return next((patched for patched in candidates if _is_right(patched, wanted, dialect)), None)


def _is_right(patched: str, wanted: Document, dialect: MarkupCodec) -> bool:
    """Whether a source says what it shall and, words having lost what was around them, tells nobody anew."""
    return same(dialect.read(patched), wanted) and dialect.mentioned(patched) <= dialect.live


def _candidates(source: str, before: str, after: str) -> Iterator[str]:
    """What the source may become, the closest to it first: words of lines exchanged, lines, words wherever they are."""
    lines, old, new = (text.split("\n") for text in (source, before, after))
    for replaced in (_in_words, _in_style) if len(lines) > 1 else (_in_words,):
        result = _replaced(lines, old, new, replaced)
        if result is not None:
            yield "\n".join(result)
    whole = word_patched(source, before, after)
    if whole is not None:
        yield whole


def _rendered(blocks: Sequence[Block], dialect: MarkupCodec) -> str:
    return dialect.separator.join(dialect.render(block, 0) for block in blocks)


def _replaced(
    lines: Sequence[str], before: Sequence[str], after: Sequence[str], replaced: Callable[[str, str, str], str]
) -> list[str] | None:
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
        one_to_one = old_end - old_start == new_end - new_start
        result.extend(lines[done:start])
        for step, line in enumerate(after[new_start:new_end]):
            at = min(model + step, old_end - 1) if stands else model
            place = places[at]
            shown = line if place is None else (replaced if one_to_one else _in_style)(line, before[at], lines[place])
            result.append(shown)
        done = end
    return [*result, *lines[done:]]


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


def _in_words(line: str, model: str, stood: str) -> str:
    """The line `stood` of the source, rendered `model`, with the words exchanged that differ in the rendered `line`."""
    patched = word_patched(stood, model, line)
    return _in_style(line, model, stood) if patched is None else patched


def _in_style(line: str, model: str, stood: str) -> str:
    """A rendered line that begins as the rendered line `model` does, with what `model` begins with in the source."""
    sign = _prefix(model)
    return line if not sign or _prefix(line) != sign else _prefix(stood) + line[len(sign) :]


def _prefix(line: str) -> str:
    found = _PREFIX.match(line)
    return found[0] if found else ""
