"""How long a state keeps what nothing is decided by any more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import timedelta

from syncer.core.change import writes_in
from syncer.core.records import RunRecord

SHORTENED = 80
"""So many characters are kept of what a text was, once its change is old."""


@dataclass(frozen=True, slots=True)
class Retention:
    """What a person chose. Creates with their markers, what is apart, and conflicts are kept whatever it says."""

    runs: timedelta = timedelta(days=90)
    """For how long each run stands on record."""
    writes: timedelta = timedelta(days=90)
    """For how long each update stands in the journal, and a create with all that was sent."""
    history: timedelta | None = None
    """For how long changes of fields are known; None: for good, old texts with their beginnings alone."""


@dataclass(frozen=True, slots=True)
class Pruned:
    """How many rows are past their time, or were until now."""

    runs: int = 0
    updates: int = 0
    """Updates and added files of the journal."""
    creates: int = 0
    """Creates of which only the marker, what it led to and what became of it are kept."""
    told_twice: int = 0
    """Changes that a reading saw and a tracker told later in another row."""
    texts: int = 0
    """Changes of texts that are kept with the beginnings of both texts."""
    changes: int = 0
    """Changes older than the configuration wants to know them."""

    @property
    def total(self) -> int:
        """All of them."""
        return sum(count for _, count in self.counts())

    def counts(self) -> Iterator[tuple[str, int]]:
        """Each count with its name."""
        return ((one.name, getattr(self, one.name)) for one in fields(self))

    def __add__(self, other: Pruned) -> Pruned:
        """Both together."""
        return Pruned(*(mine + theirs for (_, mine), (_, theirs) in zip(self.counts(), other.counts(), strict=True)))


def had_nothing_to_do(run: RunRecord) -> bool:
    """Whether a run came to its end and left nothing that another one like it would not say as well."""
    result = run.result
    told = writes_in(result) or any(result.get(name) for name in ("adopted", "retry", "first_sync", "message"))
    return run.outcome in {"clean", "held"} and not told


def shortened(text: object) -> object:
    """A text with its beginning alone; anything else as it is."""
    too_long = isinstance(text, str) and len(text) > SHORTENED + 1
    return f"{text[:SHORTENED]}…" if isinstance(text, str) and too_long else text
