"""Text in columns of a terminal: Chinese characters take two, and lines are broken where each script allows it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rich.cells import cell_len


def width(text: str) -> int:
    """The number of columns a text takes."""
    return cell_len(text)


def pad(text: str, columns: int, *, right: bool = False) -> str:
    """The text filled up with spaces; `right` puts them before it."""
    spaces = " " * max(0, columns - width(text))
    return spaces + text if right else text + spaces


def cut(text: str, columns: int) -> str:
    """The text in at most so many columns, with an ellipsis where something is missing."""
    if width(text) <= columns:
        return text
    kept = ""
    for character in text:
        if width(kept) + width(character) > columns - 1:
            break
        kept += character
    return kept.rstrip() + "…"


def wrap(text: str, columns: int, *, first: str = "", rest: str | None = None) -> str:
    """The text in lines of at most `columns`, the first beginning with `first`, the others with `rest` (or as deep)."""
    indent = " " * width(first) if rest is None else rest
    lines: list[str] = []
    line, empty = first, True
    for piece in _pieces(text):
        word = piece.lstrip() if empty else piece
        if not empty and width(line) + width(word.rstrip()) > columns:
            lines.append(line.rstrip())
            line, word = indent, piece.lstrip()
        line, empty = line + word, False
    lines.append(line.rstrip())
    return "\n".join(lines)


def table(
    rows: Sequence[Sequence[str]], *, right: frozenset[int] = frozenset(), gap: str = "  ", indent: str = ""
) -> str:
    """Rows as aligned columns; those whose number is in `right` are aligned to the right."""
    if not rows:
        return ""
    widths = [max(width(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        (
            indent + gap.join(pad(cell, widths[column], right=column in right) for column, cell in enumerate(row))
        ).rstrip()
        for row in rows
    )


_NO_LINE_START = frozenset("，。；：、！？）》」』】”’％…,.;:!?)")

_MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*"
_TOGETHER = re.compile(
    r"(?:\d+年)?\d+月(?:\d+日)?|\d+年|\d+ ?[^\W\da-zA-Z_]"
    rf"|\d{{1,2}} {_MONTH}(?![a-z])(?: \d{{4}}(?!\d))?"
)
"""Dates, and numbers with what they count, which are not parted: `2026年11月30日`, `4 项`, `30 Nov 2026`."""


def _pieces(text: str) -> Iterator[str]:
    """Stretches that must stay on one line, spaces at their front: words, dates, and single wide characters."""
    piece, text = "", " ".join(text.split())
    kept = {place for found in _TOGETHER.finditer(text) for place in range(found.start() + 1, found.end())}
    for place, character in enumerate(text):
        wide = width(character) == 2
        starts_piece = place not in kept and (
            character == " "
            or (bool(piece.strip()) and (wide or width(piece[-1]) == 2) and character not in _NO_LINE_START)
        )
        if starts_piece and piece:
            yield piece
            piece = ""
        piece += character
    if piece:
        yield piece
