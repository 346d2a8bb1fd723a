"""Keeps what searching sees: every issue as it was some time ago, in order of its last update.

Jira's search index follows the database by seconds to minutes. Here it follows
by a settable lag of the clock, for all issues or for single ones; with no lag it follows at once.
"""

from __future__ import annotations

import bisect
import heapq
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from syncer.sandbox.jira.records import Content

_Key = tuple[datetime, int]


class SearchIndex:
    """Holds one visible content per issue id; `generation` changes whenever what a search can see changes."""

    def __init__(self) -> None:
        self.lag = timedelta(0)
        self.lag_by_issue: dict[str, timedelta] = {}
        self.generation = 0
        self._visible: dict[str, Content] = {}
        self._order: dict[str, list[_Key]] = {}
        """By the id of the project: a search mostly names one of hundreds."""
        self._waiting: list[tuple[datetime, int, str, Content | None]] = []
        self._sequence = 0
        self._shown: dict[str, int] = {}

    def write(self, now: datetime, issue_id: str, content: Content | None) -> None:
        """Takes the new content of an issue (None: deleted), to be seen once its lag is over."""
        lag = self.lag_by_issue.get(issue_id, self.lag)
        self._sequence += 1
        if lag > timedelta(0):
            heapq.heappush(self._waiting, (now + lag, self._sequence, issue_id, content))
        else:
            self._show(self._sequence, issue_id, content)

    def catch_up(self, now: datetime) -> None:
        """Shows every change whose lag is over at `now`."""
        while self._waiting and self._waiting[0][0] <= now:
            _, sequence, issue_id, content = heapq.heappop(self._waiting)
            self._show(sequence, issue_id, content)

    def flush(self) -> None:
        """Shows every change at once, whatever its lag."""
        while self._waiting:
            _, sequence, issue_id, content = heapq.heappop(self._waiting)
            self._show(sequence, issue_id, content)

    def fill(self, contents: dict[str, Content]) -> None:
        """Shows many new issues at once: one sort instead of one insertion each."""
        self._visible.update(contents)
        for issue_id, content in contents.items():
            self._order.setdefault(content["project"].id, []).append(_key(issue_id, content))
        for order in self._order.values():
            order.sort()
        self.generation += 1

    def get(self, issue_id: str) -> Content | None:
        """Returns what a search sees of an issue, or None."""
        return self._visible.get(issue_id)

    def updated_since(
        self, instant: datetime | None, projects: Collection[str] | None = None
    ) -> Iterator[tuple[str, Content]]:
        """Yields (id, content) by last update, oldest first, from `instant` (inclusive) on; None yields everything.

        `projects`: the ids of those whose issues alone are wanted.
        """
        chosen = self._order if projects is None else projects
        orders = [order for each in chosen if (order := self._order.get(each))]
        starts = [0 if instant is None else bisect.bisect_left(order, (instant, -1)) for order in orders]
        for _, number in heapq.merge(*(order[start:] for order, start in zip(orders, starts, strict=True))):
            issue_id = str(number)
            yield issue_id, self._visible[issue_id]

    def _show(self, sequence: int, issue_id: str, content: Content | None) -> None:
        if sequence < self._shown.get(issue_id, 0):
            return  # The lag was shortened since: a newer content is already seen.
        self._shown[issue_id] = sequence
        old = self._visible.get(issue_id)
        if old is not None:
            order = self._order[old["project"].id]
            del order[bisect.bisect_left(order, _key(issue_id, old))]
        if content is None:
            self._visible.pop(issue_id, None)
        else:
            self._visible[issue_id] = content
            bisect.insort(self._order.setdefault(content["project"].id, []), _key(issue_id, content))
        self.generation += 1


def _key(issue_id: str, content: Content) -> _Key:
    return content["updated"], int(issue_id)
