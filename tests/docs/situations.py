"""The table of `docs/guarantees.md`, as data."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Situation:
    """A row: what happens, what is printed, with which code a command ends, and which tests show it."""

    deciding: str
    printed: str
    codes: tuple[int, ...]
    tests: tuple[str, ...]

    @property
    def fragments(self) -> list[str]:
        """What is quoted of the output, in order."""
        return [
            piece for quoted in re.findall(r"`([^`]+)`", self.printed) for piece in quoted.split("…") if piece.strip()
        ]


def situations() -> list[Situation]:
    """The rows of the table."""
    page = (ROOT / "docs" / "guarantees.md").read_text("utf-8")
    lines = page[page.index("| situation |") :].splitlines()[2:]
    rows = []
    for line in lines:
        if not line.startswith("|"):
            break
        cells = [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        deciding, printed, codes, tests = cells
        found = tuple(int(code) for code in re.findall(r"\d+", codes))
        rows.append(Situation(deciding, printed, found, tuple(re.findall(r"`([^`]+)`", tests))))
    return rows
