"""How messages speak of a name that is not known."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(wrong: str, known: Iterable[str]) -> str:
    """The end of a message that names the nearest known name; empty where none is near."""
    names = {name.casefold(): name for name in reversed([*known])}
    near = get_close_matches(wrong.casefold(), names, n=1, cutoff=0.6)
    return f': did you mean "{names[near[0]]}"?' if near else ""
