"""The order in which the tasks of a pair are planned, by the side that ranks more of them. Pure.

Only one side is listened to: two orders cannot be put into one.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from syncer.contract.model import Side
from syncer.report.gather.merged_item import MergedItem


class PlanOrder:
    """Meets the tasks of a pair, then tells the place of each."""

    def __init__(self) -> None:
        self._ranks: Mapping[Side, dict[str, str]] = {side: {} for side in Side}

    def meet(self, merged: MergedItem, task: str) -> None:
        """Takes note of where each side ranks a task, which has the id `task`."""
        for side, item in merged.sides:
            if item.facts.rank:
                self._ranks[side][task] = item.facts.rank

    def place(self, task: str) -> int | None:
        """Its place, when all were met: the first is 0; None where the side that ranks does not rank it."""
        return self._places.get(task)

    @cached_property
    def _places(self) -> Mapping[str, int]:
        ranks = max(self._ranks.values(), key=len)
        return {task: place for place, task in enumerate(sorted(ranks, key=ranks.__getitem__))}
