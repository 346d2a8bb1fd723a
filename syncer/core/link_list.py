"""A list of links as a CSV file: written for people to look through, read from wherever it was made.

A cell that a spreadsheet would take for a formula is written behind an apostrophe, and is no key when it is read.
Whatever is wrong is said of every line at once; a list with a mistake gives no links at all.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Final

from syncer.contract.model import Observed, Side

COLUMNS: Final = ("left", "right", "score", "left title", "right title", "would wait", "would be filled in", "reasons")
NEEDED: Final = ("left", "right")
MOST_ROWS: Final = 100_000
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")

Lookup = Callable[[Side, str], Observed | None]
"""The item of a side that people call so, or that is at an address."""


@dataclass(frozen=True, slots=True)
class ListedLink:
    """Two items that a list names as one."""

    left: Observed
    right: Observed
    line: int


class ListMistakes(Exception):
    """A list that cannot be used, with a sentence for each mistake."""

    def __init__(self, sentences: Sequence[str]) -> None:
        super().__init__("; ".join(sentences))
        self.sentences = tuple(sentences)


def written(rows: Iterable[Sequence[str]]) -> str:
    """The text of a list with these rows, in the order of `COLUMNS`."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return text.getvalue()


def _harmless(cell: str) -> str:
    line = " ".join(cell.split())
    return f"'{line}" if line.startswith(_FORMULA) else line


def read(text: str, lookup: Lookup, addresses: Mapping[Side, str]) -> list[ListedLink]:
    """The links that a list names. Raises ListMistakes.

    It needs the columns `left` and `right`, with a key or an address in each row; commas or semicolons between them.
    """
    rows = _rows(text)
    header = [name.strip().casefold() for name in rows[0][1]] if rows else []
    missing = [name for name in NEEDED if header.count(name) != 1]
    if missing:
        raise ListMistakes([f"line 1: the list needs one column {' and one column '.join(map(repr, missing))}"])
    if len(rows) > MOST_ROWS:
        raise ListMistakes([f"the list has more than {MOST_ROWS} rows"])
    reader = _Rows(lookup, addresses)
    places = {Side.LEFT: header.index("left"), Side.RIGHT: header.index("right")}
    for line, row in rows[1:]:
        if any(cell.strip() for cell in row):
            reader.take(line, {side: row[at].strip() if at < len(row) else "" for side, at in places.items()})
    if reader.mistakes:
        raise ListMistakes(reader.mistakes)
    return reader.links


def _rows(text: str) -> list[tuple[int, list[str]]]:
    """The rows of a list, each with the line it ends in."""
    head = text.partition("\n")[0]
    delimiter = ";" if head.count(";") > head.count(",") else ","
    reader = csv.reader(StringIO(text), delimiter=delimiter, strict=True)
    try:
        return [(reader.line_num, row) for row in reader if row]
    except csv.Error as error:
        raise ListMistakes([f"line {reader.line_num}: is not a line of a CSV file: {error}"]) from None


class _Rows:
    """Takes one row after the other, and remembers what was named before."""

    def __init__(self, lookup: Lookup, addresses: Mapping[Side, str]) -> None:
        self._lookup, self._addresses = lookup, addresses
        self._seen: dict[tuple[Side, str], int] = {}
        self.links: list[ListedLink] = []
        self.mistakes: list[str] = []

    def take(self, line: int, cells: Mapping[Side, str]) -> None:
        """One row."""
        found = {side: item for side, cell in cells.items() if (item := self._item(line, side, cell)) is not None}
        doubled: dict[int, list[str]] = {}
        for side, item in found.items():
            before = self._seen.setdefault((side, str(item.ref)), line)
            if before != line:
                doubled.setdefault(before, []).append(item.key)
        for before, keys in doubled.items():
            stand = "stands" if len(keys) == 1 else "stand"
            self.mistakes.append(f"line {line}: {' and '.join(keys)} {stand} in line {before} already")
        if len(found) == len(Side) and not doubled:
            self.links.append(ListedLink(found[Side.LEFT], found[Side.RIGHT], line))

    def _item(self, line: int, side: Side, cell: str) -> Observed | None:
        item = self._lookup(side, cell) if cell else None
        if not cell:
            wrong = f"the {side} column is empty"
        elif cell.lstrip("'").startswith(_FORMULA):
            wrong = f'"{cell[:60]}" is a formula and no key of the {side} side'
        elif item is None:
            wrong = self._unknown(side, cell)
        else:
            return item
        self.mistakes.append(f"line {line}: {wrong}")
        return None

    def _unknown(self, side: Side, cell: str) -> str:
        if self._lookup(side.other, cell) is not None:
            return f'"{cell[:60]}" is an item of the {side.other} side and stands in the {side} column'
        return f'"{cell[:60]}" is not an item of {self._addresses[side]}, as this pair reads it'
