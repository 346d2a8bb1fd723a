"""What was read of a pair, while this process has its lease, and holds until it writes to the pair again.

A run asks the same things again and again, and in most runs nothing has changed in between. Nobody else writes what a
run decides by but a person's command: it is then met by the next run, as if it had been given a moment later.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any, TypeVar, cast

T = TypeVar("T")
Version = tuple[int, int]


class Remembering:
    """By pair. Usable from several threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._all = 0
        """Writes that may concern any pair."""
        self._of: defaultdict[str, int] = defaultdict(int)
        """Writes to one pair."""
        self._known: dict[str, dict[Hashable, tuple[Any, ...]]] = {}
        """Of the pairs whose lease is held."""

    def version(self, pair: str) -> Version:
        """The same until something of the pair is written."""
        with self._lock:
            return self._all, self._of[pair]

    @contextmanager
    def holding(self, pair: str) -> Iterator[None]:
        """While the lease of a pair is held; before and after it everything is read."""
        with self._lock:
            self._known[pair] = {}
        try:
            yield
        finally:
            with self._lock:
                self._known.pop(pair, None)

    @contextmanager
    def writing(self, pair: str | None) -> Iterator[None]:
        """Around a write to a pair, or to any (None): what is read meanwhile may be either of the two states."""
        self._written(pair)
        try:
            yield
        finally:
            self._written(pair)

    def recall(self, pair: str, key: Hashable, read: Callable[[], T]) -> T:
        """What `read` gave when it was last called for a key of a pair, where nothing was written since."""
        version = self.version(pair)
        found = self.known(pair, key)
        if found is None:
            found = (read(),)
            self.keep(pair, version, key, found)
        return cast("T", found[0])

    def known(self, pair: str, key: Hashable) -> tuple[Any, ...] | None:
        """What was kept under a key, where nothing of the pair was written since; else None."""
        with self._lock:
            return self._known.get(pair, {}).get(key)

    def keep(self, pair: str, version: Version, key: Hashable, found: tuple[Any, ...]) -> None:
        """Keeps what was read while the pair had this version, unless it has another one by now."""
        with self._lock:
            if pair in self._known and (self._all, self._of[pair]) == version:
                self._known[pair][key] = found

    def _written(self, pair: str | None) -> None:
        with self._lock:
            if pair is None:
                self._all += 1
            else:
                self._of[pair] += 1
            for known in self._known.values() if pair is None else [self._known.get(pair, {})]:
                known.clear()
