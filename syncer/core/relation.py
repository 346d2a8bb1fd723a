"""The map of a status, priority, type or option: which name of one side stands for which of the other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from syncer.contract.model import Side, Status


@dataclass(frozen=True, slots=True)
class MapCell:
    """One side of a row of a map: a native name, and/or the label that shows it where the tracker has no such field.

    `reason` (a Jira resolution, a GitHub state_reason) narrows a status; None accepts any and leaves it to the tracker.
    """

    name: str | None = None
    reason: str | None = None
    label: str | None = None
    option: str | None = None
    """Of a status: the column of a board where such a task stands; None leaves it where it is."""

    @classmethod
    def parse(cls, text: str, label: str | None = None) -> MapCell:
        """A cell as the configuration writes it.

        `Done`, `closed:completed`, `label:priority: high`, `open + label:status: in progress`, `open + option:Doing`.
        """
        text, _, option = text.partition(" + option:")
        chosen = option.strip() or None
        if text.startswith("label:"):
            return cls(label=text.removeprefix("label:").strip(), option=chosen)
        text, _, labelled = text.partition(" + label:")
        name, _, reason = text.partition(":")
        return cls(name.strip() or None, reason.strip() or None, labelled.strip() or label, chosen)

    def __str__(self) -> str:
        name = self.name if self.reason is None else f"{self.name}:{self.reason}"
        parts = (name, self.label and f"label {self.label!r}", self.option and f"option {self.option!r}")
        return " + ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class MapRow:
    """Two cells that mean the same."""

    left: MapCell
    right: MapCell

    def cell(self, side: Side) -> MapCell:
        """The cell of a side."""
        return self.left if side is Side.LEFT else self.right

    def without_option(self, side: Side) -> MapRow:
        """The row without the column that it names on a side."""
        bare = replace(self.cell(side), option=None)
        return replace(self, left=bare) if side is Side.LEFT else replace(self, right=bare)


@dataclass(frozen=True, slots=True)
class Relation:
    """A table of rows, in order of preference; many names of one side may meet one name of the other."""

    rows: tuple[MapRow, ...] = ()

    def labels(self, side: Side) -> frozenset[str]:
        """The labels of a side that show a value of this relation, and are therefore no ordinary labels."""
        return frozenset(label.casefold() for row in self.rows if (label := row.cell(side).label) is not None)

    def options(self, side: Side) -> frozenset[str]:
        """The columns of a board that rows name on a side, in lower case."""
        return frozenset(option.casefold() for row in self.rows if (option := row.cell(side).option) is not None)

    def without_options(self, side: Side) -> Relation:
        """The table for a task that stands on no board of a side: rows that differ in their columns alone are alike."""
        return Relation(tuple(row.without_option(side) for row in self.rows))


NO_ROWS: Final = Relation()


def matches(cell: MapCell, status: Status) -> bool:
    """Whether a status is what a cell names, its label left aside."""
    if cell.name is None or cell.name.casefold() != status.name.casefold():
        return False
    return cell.reason is None or (status.reason or "").casefold() == cell.reason.casefold()
