"""How findings speak of names: whether one is known, which is nearest, and the first few of many."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

LISTED = 5
"""How many names a finding lists before it only counts."""


def among(name: str, known: Sequence[str]) -> bool:
    """Whether a name is known, spelling aside."""
    return name.casefold() in {other.casefold() for other in known}


def near(name: str, known: Sequence[str]) -> str:
    """The end of a message that asks for the nearest known name; empty where none is near."""
    found = get_close_matches(name, known, n=1, cutoff=0.6)
    return f': did you mean "{found[0]}"?' if found else ""


def listed(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    shown = ", ".join(names[:LISTED])
    return f"{shown} and {len(names) - LISTED} more" if len(names) > LISTED else shown
