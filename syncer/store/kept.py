"""A state that one process works with for days: opened once, and anew where another file took its place."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from threading import Lock
from weakref import finalize

from syncer.store.store import Store


class KeptStore:
    """The store of a daemon. Its jobs are threads, which share the connections to the database.

    They end with the last job that knows of it, and with the process.
    """

    def __init__(self, location: str, clock: Callable[[], datetime]) -> None:
        self._location, self._clock = location, clock
        self._opening, self._open = Lock(), ExitStack()
        self._store: Store | None = None
        finalize(self, self._open.close)

    def store(self) -> Store:
        """The open store. Raises a StateError; then the next call tries again.

        One whose file was replaced under a daemon is left to the runs that are at work with it.
        """
        with self._opening:
            if self._store is None or not self._store.in_place:
                self._store = Store.open(self._location, clock=self._clock)
                self._open.callback(self._store.close)
            return self._store
