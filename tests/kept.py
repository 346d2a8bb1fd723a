"""States that stay open between the runs of one test, as a daemon keeps them, and begin as copies of an empty one.

Making a state, opening it and preparing its statements costs more than a small run does. A test whose runs are
processes of their own, or that puts other files in the place of the state, closes it in between.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import ClassVar
from weakref import WeakSet

from syncer.store import Store
from syncer.store.place import FILE_NAME as STATE


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
            self._open[str(location)] = self._opened(str(location))
        return self._open[str(location)]

    def _opened(self, location: str) -> Store:
        if "://" in location or (Path(location) / STATE).exists():
            return Store.open(location, clock=self._clock)
        Path(location).mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.copyfile(_empty(), Path(location) / STATE)
        store = Store.open(location, clock=self._clock)
        store.lineage.begin_anew(self._clock())  # each has an id of its own
        return store

    def close(self) -> None:
        """Closes them: before their files are replaced, or where the process died."""
        while self._open:
            self._open.popitem()[1].close()

    @classmethod
    def close_all(cls) -> None:
        """Closes those of every test that is over."""
        for kept in list(cls._all):
            kept.close()


@cache
def _empty() -> Path:
    """The file of a state in which nothing is; made once in each process."""
    place = Path(mkdtemp(prefix="empty-state-"))
    with Store.open(place, clock=lambda: datetime.now(UTC)):
        return place / STATE
