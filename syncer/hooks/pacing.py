"""When a pair is asked to run: at once, then at most once a minute, and never left out what came last."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from threading import Condition

from syncer.contract.model import Side
from syncer.store.hints import HeardOf

PERIOD = 60.0
"""Seconds between two times that a pair is asked for."""


class HintPacing:
    """Gathers what is told of pairs until it is their turn. Each pair is one entry, however much is told of it."""

    def __init__(self, monotonic: Callable[[], float], period: float = PERIOD) -> None:
        self._monotonic, self._period = monotonic, period
        self._told: dict[str, HeardOf] = {}
        self._asked: dict[str, float] = {}
        self._news = Condition()

    def tell(self, heard: Mapping[str, HeardOf]) -> None:
        """Takes what was told of pairs. Returns at once."""
        with self._news:
            for pair, new in heard.items():
                self._told[pair] = self._told.get(pair, HeardOf()).later(new)
            self._news.notify_all()

    def due(self, longest: float) -> dict[str, HeardOf]:
        """What was told of the pairs whose turn it is; waits until there is one, at most so many seconds."""
        with self._news:
            end = self._monotonic() + longest
            while True:
                now = self._monotonic()
                turns = {pair: self._asked.get(pair, now - self._period) + self._period for pair in self._told}
                due = [pair for pair, turn in turns.items() if turn <= now]
                if due or now >= end:
                    self._asked.update(dict.fromkeys(due, now))
                    return {pair: self._told.pop(pair) for pair in due}
                self._news.wait(min([end, *turns.values()]) - now)

    def give_back(self, heard: Mapping[str, HeardOf]) -> None:
        """Takes back what could not be passed on; its turn comes again a period later."""
        self.tell(heard)


def heard_of(pairs: Mapping[tuple[str, Side], str], at: datetime | None) -> dict[str, HeardOf]:
    """What a delivery tells of each pair: the sides, with the tracker's id of the scope where it is known.

    `at` is None for a delivery that is no proof that changes of the side are told.
    """
    found: dict[str, HeardOf] = {}
    for (pair, side), native in pairs.items():
        new = HeardOf({} if at is None else {side: at}, {side: native} if native else {})
        found[pair] = found.get(pair, HeardOf()).later(new)
    return found
