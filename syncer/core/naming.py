"""How findings speak of names: whether one is known, and the first few of many."""

from __future__ import annotations

from collections.abc import Sequence

LISTED = 5
"""How many names a finding lists before it only counts."""


def among(name: str, known: Sequence[str]) -> bool:
    """Whether a name is known, spelling aside."""
    return name.casefold() in {other.casefold() for other in known}


def listed(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    shown = ", ".join(names[:LISTED])
    return f"{shown} and {len(names) - LISTED} more" if len(names) > LISTED else shown
