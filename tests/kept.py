"""States that stay open between the runs of one test, as a daemon keeps them.

Opening a state and preparing its statements costs more than a small run does. A test whose runs are processes of their
own, or that puts other files in the place of the state, closes it in between.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import ClassVar
from weakref import WeakSet

from syncer.store import Store


class KeptStates:
    """The open states of one test, by where they lie."""

    _all: ClassVar[WeakSet[KeptStates]] = WeakSet()

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._open: dict[str, Store] = {}
        self._all.add(self)

    def at(self, location: Path | str) -> Store:
        """The state at a location, opened at the first request."""
        if str(location) not in self._open:
            self._open[str(location)] = Store.open(location, clock=self._clock)
        return self._open[str(location)]

    def close(self) -> None:
        """Closes them: before their files are replaced, or where the process died."""
        while self._open:
            self._open.popitem()[1].close()

    @classmethod
    def close_all(cls) -> None:
        """Closes those of every test that is over."""
        for kept in list(cls._all):
            kept.close()
