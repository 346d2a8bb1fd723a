"""The cells of a table of ADF by their columns, where some stretch over several columns or rows."""

from __future__ import annotations

from dataclasses import dataclass

from connectors.jira.adf_nodes import Node, attribute, content

MAX_SPAN = 100
MAX_PLACES = 5_000
"""Places of one table, above which its cells no longer stretch."""


@dataclass(frozen=True, slots=True)
class GridCell:
    """A place in the grid of a table: the cell that fills it, and whether it begins there."""

    cell: Node
    begins: bool


def grid(table: Node) -> list[list[GridCell]]:
    """For each row the cell of every column, as far as the row or one above reaches."""
    rows: list[list[GridCell]] = []
    held: dict[int, tuple[Node, int]] = {}  # by column, the cell of a row above and how many rows it still fills
    places = 0
    for row in content(table):
        made: list[GridCell] = []
        for cell in content(row):
            _fill(made, held)
            wide, high = (_span(cell, name) if places < MAX_PLACES else 1 for name in ("colspan", "rowspan"))
            for step in range(wide):
                if high > 1:
                    held[len(made)] = (cell, high - 1)
                made.append(GridCell(cell, begins=not step))
        _fill(made, held)
        places += len(made)
        rows.append(made)
    return rows


def _fill(row: list[GridCell], held: dict[int, tuple[Node, int]]) -> None:
    while len(row) in held:
        cell, rows = held.pop(len(row))
        if rows > 1:
            held[len(row)] = (cell, rows - 1)
        row.append(GridCell(cell, begins=False))


def _span(cell: Node, name: str) -> int:
    span = attribute(cell, name)
    return min(max(span, 1), MAX_SPAN) if isinstance(span, int) else 1
