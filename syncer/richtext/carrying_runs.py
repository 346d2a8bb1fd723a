"""Replaying an edit of words on the side that holds more: the inline half of `syncer.richtext.carrying`.

Words are compared as people see them, so the bold of a piece of code that the other side shows plain stays where
another word of its line was edited, and a picture that stands in a paragraph of its own there stays in its line here.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, replace

from syncer.richtext.aligning import differing
from syncer.richtext.document import LINE_BREAK, Block, Paragraph, Run, RunKind
from syncer.richtext.word_patching import WORD

_PIECE = re.compile(rf"\s+|{WORD.pattern}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Word:
    """A word, a sign, a blank with its line breaks, a run that is no text, or a block that is no paragraph."""

    runs: tuple[Run, ...] = ()
    block: Block | None = None

    @property
    def seen(self) -> Hashable:
        """What people see of it, however it is marked."""
        if self.block is not None:
            return self.block
        first = self.runs[0]
        if first.kind is RunKind.BREAK or (first.kind is RunKind.TEXT and first.text.isspace()):
            return " "
        return first.target or first.text


def carried_lines(ours: Sequence[Block], shown: Sequence[Block], now: Sequence[Block]) -> list[Block] | None:
    """Blocks that the other side shows as paragraphs, divided in another way, with the edits of those.

    None where it shows more than paragraphs, or where there is too much to compare.
    """
    if not all(isinstance(block, Paragraph) for block in (*shown, *now)):
        return None
    words = _carried(*(list(_words_of(blocks)) for blocks in (ours, shown, now)))
    if words is None:
        return None
    result: list[Block] = []
    runs: list[Run] = []
    for word in [*words, _Word()]:
        if word.runs:
            runs.extend(word.runs)
            continue
        result.append(Paragraph(tuple(runs)))
        runs = []
        if word.block is not None:
            result.append(word.block)
    return result


def _words_of(blocks: Sequence[Block]) -> Iterator[_Word]:
    """The words of paragraphs, two line breaks between them, and the other blocks."""
    for number, block in enumerate(blocks):
        if number:
            yield _Word((LINE_BREAK, LINE_BREAK))
        if isinstance(block, Paragraph):
            yield from _words(block.runs)
        else:
            yield _Word(block=block)


def carried_runs(ours: Sequence[Run], shown: Sequence[Run], now: Sequence[Run]) -> tuple[Run, ...]:
    """`ours` with the edits that lead from `shown` to `now`; `now` where there is too much to compare."""
    words = _carried(*(list(_words(runs)) for runs in (ours, shown, now)))
    return tuple(now) if words is None else tuple(run for word in words for run in word.runs)


def _carried(ours: Sequence[_Word], shown: Sequence[_Word], now: Sequence[_Word]) -> list[_Word] | None:
    changes = differing(shown, now)
    shows = _shows(ours, shown)
    if changes is None or shows is None:
        return None
    result: list[_Word] = []
    at = 0
    for old_start, old_end, start, end in [*changes, (len(shown), len(shown), len(now), len(now))]:
        while at < old_start:
            own, until = shows.get(at, ((), old_end + 1))
            if until > old_start:  # a part of what shows it was edited
                own, until = shown[at : at + 1], at + 1
            result.extend(own)
            at = until
        result.extend(now[start:end])
        at = old_end
    return result


def _shows(mine: Sequence[_Word], theirs: Sequence[_Word]) -> dict[int, tuple[Sequence[_Word], int]] | None:
    """Our words for what the other side shows from a place on, and where that ends: one word, or some that differ.

    None where there is too much to compare, or nothing is shown.
    """
    stretches = differing([word.seen for word in mine], [word.seen for word in theirs])
    if stretches is None or not theirs:
        return None
    shows: dict[int, tuple[Sequence[_Word], int]] = {}
    at, place = 0, 0
    for own_start, own_end, start, end in [*stretches, (len(mine), len(mine), len(theirs), len(theirs))]:
        for step in range(own_start - at):
            shows[place + step] = mine[at + step : at + step + 1], place + step + 1
        if end > start:
            own = mine[own_start:own_end]
            richer = _has_picture(theirs[start:end]) and not _has_picture(own)
            shows[start] = (theirs[start:end] if richer else own, end)
        elif own_end > own_start:  # not shown at all: it stays with the word before or behind it
            beside = max(start - 1, 0)
            words, until = shows.get(beside, ((), beside + 1))
            shows[beside] = ([*words, *mine[own_start:own_end]], until)
        at, place = own_end, end
    return shows


def _has_picture(words: Sequence[_Word]) -> bool:
    return any(run.kind is RunKind.IMAGE for word in words for run in word.runs)


def _words(runs: Sequence[Run]) -> Iterator[_Word]:
    """The words of runs; what makes a blank together is one."""
    blank: list[Run] = []
    for run in runs:
        pieces = [run]
        if run.kind is RunKind.TEXT:
            pieces = [replace(run, text=text) for text in _PIECE.findall(run.text)]
        for piece in pieces:
            if piece.kind is RunKind.BREAK or (piece.kind is RunKind.TEXT and piece.text.isspace()):
                blank.append(piece)
                continue
            if blank:
                yield _Word(tuple(blank))
                blank = []
            yield _Word((piece,))
    if blank:
        yield _Word(tuple(blank))
