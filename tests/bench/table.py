"""One line of a table of bars, the same for every benchmark, and how many of them are printed together."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

KEPT, MISSED = "kept", "MISSED"


@dataclass(frozen=True, slots=True)
class Line:
    """What was measured beside its bar."""

    measured: str
    today: str
    bar: str
    verdict: str
    """KEPT, MISSED, or why it is not judged."""


def verdict(*, kept: bool) -> str:
    """In a word."""
    return KEPT if kept else MISSED


def figure(value: float, unit: str) -> str:
    """A number as a table has it."""
    return f"{value:,.2f} {unit}".strip()


def for_programs(lines: Sequence[Line]) -> str:
    """The lines for whoever prints several tables as one."""
    return json.dumps([asdict(line) for line in lines])


def read(printed: str) -> list[Line]:
    """The lines in what a benchmark printed for programs, on its last line."""
    return [Line(**line) for line in json.loads(printed.splitlines()[-1])]
