"""A conflict as a person reads and settles it: which words differ, both texts in one to edit, and the decision.

Pure: values are texts as people read them, or sources in one side's markup.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import Enum

from syncer.contract.model import Side

AROUND = 48
"""Characters that are shown on either side of what differs."""
LONG = 160
"""Characters of one difference that are shown; what is between is left out."""
COSTLY = 1_000_000
"""Comparisons beyond which two texts are not aligned any further: they count as different throughout."""

_WORD_OR_SIGN = r"[\u2e80-\u9fff\uac00-\ud7af]|\w+\s*|\s+|[^\w\s]\s*"
"""A word or sign with the blanks behind it; of scripts without blanks, each sign. Compiled when a text conflicts."""


class Fate(Enum):
    """What became of a piece of a text."""

    KEPT = "kept"
    GONE = "gone"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text, as it is compared with another."""

    fate: Fate
    text: str


def difference(old: str, new: str) -> list[Piece]:
    """What was kept, taken out and put in, word by word; kept and new pieces together are the new text."""
    return _joined(_by_lines(old.splitlines(keepends=True), new.splitlines(keepends=True)))


def _by_lines(old: Sequence[str], new: Sequence[str]) -> Iterator[Piece]:
    """Lines first: a long text has few that changed, and only these are compared word by word."""
    for kept, before, after in _aligned(old, new):
        if kept:
            yield Piece(Fate.KEPT, "".join(after))
            continue
        words = [re.findall(_WORD_OR_SIGN, "".join(lines)) for lines in (before, after)]
        for same, gone, put in _aligned(*words):
            if same:
                yield Piece(Fate.KEPT, "".join(put))
            else:
                yield Piece(Fate.GONE, "".join(gone))
                yield Piece(Fate.NEW, "".join(put))


def _aligned(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[bool, Sequence[str], Sequence[str]]]:
    """Both sequences in parts, in order: whether a part is the same in both, and what each has there."""
    at_old = at_new = 0
    for begin, other, size in _matches(old, new):
        if at_old < begin or at_new < other:
            yield False, old[at_old:begin], new[at_new:other]
        if size:
            yield True, old[begin : begin + size], new[other : other + size]
        at_old, at_new = begin + size, other + size


def _matches(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int, int]]:
    """Where both agree, as `SequenceMatcher` tells it; what is the same at both ends is not searched for."""
    shortest = min(len(old), len(new))
    head = next((at for at in range(shortest) if old[at] != new[at]), shortest)
    tail = next((at for at in range(shortest - head) if old[-1 - at] != new[-1 - at]), shortest - head)
    inner_old, inner_new = old[head : len(old) - tail], new[head : len(new) - tail]
    found = [(0, 0, head)] if head else []
    if inner_old and inner_new and len(inner_old) * len(inner_new) <= COSTLY:
        matcher = SequenceMatcher(None, inner_old, inner_new, autojunk=False)
        found += [(block.a + head, block.b + head, block.size) for block in matcher.get_matching_blocks() if block.size]
    return [*found, (len(old) - tail, len(new) - tail, tail)]


def _joined(pieces: Iterator[Piece]) -> list[Piece]:
    """The pieces with neighbours of one fate in one, and empty ones left out."""
    found: list[Piece] = []
    for piece in pieces:
        if not piece.text:
            continue
        if found and found[-1].fate is piece.fate:
            found[-1] = Piece(piece.fate, found[-1].text + piece.text)
        else:
            found.append(piece)
    return found


def excerpt(pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces on one line, with only what is near to a difference; all of a short text."""
    shown = []
    for at, piece in enumerate(pieces):
        text = re.sub(r"\s*\n\s*", " ¶ ", piece.text)
        if piece.fate is not Fate.KEPT:
            shown.append(Piece(piece.fate, _cut(text, LONG // 2, LONG // 2)))
        else:
            shown.append(Piece(piece.fate, _cut(text, AROUND if at else 0, AROUND if at + 1 < len(pieces) else 0)))
    whole = sum(len(piece.text) for piece in pieces) <= LONG
    return [Piece(one.fate, re.sub(r"\s*\n\s*", " ¶ ", one.text)) for one in pieces] if whole else shown


def _cut(text: str, head: int, tail: int) -> str:
    """A text without its middle where that is long; without its beginning or end where nothing of it is wanted."""
    if len(text) <= head + tail + 3:
        return text
    return f"{text[:head]}…{text[len(text) - tail :] if tail else ''}"


def marked(pieces: Sequence[Piece]) -> str:
    """The pieces as text, what is gone in `[-…-]` and what is new in `{+…+}`."""
    brackets = {Fate.KEPT: "{}", Fate.GONE: "[-{}-]", Fate.NEW: "{{+{}+}}"}
    return "".join(brackets[piece.fate].format(piece.text) for piece in pieces)


# --- both in one text


def with_markers(base: str | None, left: str, right: str, names: tuple[str, str]) -> str:
    """Both texts in one, as git writes it: what one side changed is taken, what both changed stands between markers.

    Without a base everything in which they differ stands between markers.
    """
    lines = [text.splitlines() for text in (left, right)]
    found = _two_way(*lines) if base is None else _three_way(base.splitlines(), *lines)
    return "".join(f"{line}\n" for part in found for line in part.lines(names))


@dataclass(frozen=True, slots=True)
class _Part:
    """Lines of the merged text; of a conflict, those of each side and of the base."""

    left: Sequence[str]
    right: Sequence[str]
    base: Sequence[str] | None = None
    agreed: bool = True

    def lines(self, names: tuple[str, str]) -> Iterator[str]:
        if self.agreed:
            yield from self.left
            return
        yield f"{BEGINS} {names[0]}"
        yield from self.left
        if self.base is not None:
            yield f"{BASE} what both agreed on"
            yield from self.base
        yield BETWEEN
        yield from self.right
        yield f"{ENDS} {names[1]}"


BEGINS, BASE, BETWEEN, ENDS = "<<<<<<<", "|||||||", "=======", ">>>>>>>"


def _two_way(left: Sequence[str], right: Sequence[str]) -> Iterator[_Part]:
    for same, one, other in _aligned(left, right):
        yield _Part(one, other, None, same)


def _three_way(base: Sequence[str], left: Sequence[str], right: Sequence[str]) -> Iterator[_Part]:
    at_base = at_left = at_right = 0
    for begin, end, in_left, in_right in [*_agreed(base, left, right), (len(base), len(base), len(left), len(right))]:
        yield from _between(base[at_base:begin], left[at_left:in_left], right[at_right:in_right])
        if end > begin:
            yield _Part(base[begin:end], base[begin:end])
        at_base, at_left, at_right = end, in_left + end - begin, in_right + end - begin


def _agreed(base: Sequence[str], left: Sequence[str], right: Sequence[str]) -> Iterator[tuple[int, int, int, int]]:
    """The parts of the base that both have: begin and end in the base, and where they begin in each side."""
    for begin, in_left, size in _matches(base, left):
        for other, in_right, other_size in _matches(base, right):
            low, high = max(begin, other), min(begin + size, other + other_size)
            if low < high:
                yield low, high, in_left + low - begin, in_right + low - other


def _between(base: Sequence[str], left: Sequence[str], right: Sequence[str]) -> Iterator[_Part]:
    """What stands between two agreed parts: the change of the one side that made it, else a conflict."""
    if not base and not left and not right:
        return
    if right in (left, base):
        yield _Part(left, left)
    elif left == base:
        yield _Part(right, right)
    else:
        yield _Part(left, right, base, agreed=False)


def has_markers(text: str, before: str = "") -> bool:
    """Whether a text holds a marker that `with_markers` writes; `before` is a text that may have such lines itself."""
    own = set(before.splitlines())
    lines = [line for line in text.splitlines() if line not in own]
    return any(line.startswith((f"{BEGINS} ", f"{BASE} ", f"{ENDS} ")) or line == BETWEEN for line in lines)


# --- the decision


@dataclass(frozen=True, slots=True)
class Edited:
    """A person's text, in the markup of one side and without our header or footer."""

    side: Side
    source: str


VALUE, EDITED = "value:", "edited:"


def stored_edit(edited: Edited) -> str:
    """A person's text as a decision is stored."""
    return f"{EDITED}{edited.side.value}:{edited.source}"


def parsed(decision: str) -> Side | Edited | str:
    """What a stored decision says: the side that stands, an edited text, or what a person typed."""
    if decision in {side.value for side in Side}:
        return Side(decision)
    if decision.startswith(EDITED):
        side, _, source = decision.removeprefix(EDITED).partition(":")
        return Edited(Side(side), source)
    return decision.removeprefix(VALUE)


def said(decision: str, *, limit: int = 60) -> str:
    """A decision as people read it in a list."""
    match parsed(decision):
        case Side() as side:
            return side.value
        case Edited():
            return "an edited text"
        case text:
            line = " ".join(str(text).split())
            return f"“{line if len(line) <= limit else line[: limit - 1] + '…'}”"
