"""What of a pair stands still because somebody paused it, as the store has it when it is asked."""

from __future__ import annotations

from functools import lru_cache

from syncer.contract.model import Ref, Side
from syncer.core.decision_context import DecisionContext
from syncer.core.link_reason import LEFT, Because
from syncer.core.records import LinkedItems
from syncer.core.steering import paused_now
from syncer.sync.context import PairContext


class PairPauses:
    """What is paused at one moment. Made for a look over many items: the task of many comments is looked up once."""

    def __init__(self, context: PairContext, decision_context: DecisionContext) -> None:
        self._context, self._decision_context = context, decision_context
        listed = context.store.paused.listed(context.name)
        self.paused = paused_now(listed, decision_context.rules.steer_label, context.clock())
        """What somebody paused, by a command or by a label."""
        self._stands_still = lru_cache(maxsize=4096)(self.stands_still)
        self._is_paused = lru_cache(maxsize=4096)(self._task_is_paused)

    def hold(self, items: LinkedItems) -> bool:
        """Whether nothing of a link is written because somebody paused it, or the task that its comments belong to."""
        return any(
            self.paused.holds(side, items.link.ref(side), item)
            or (item is not None and item.parent is not None and self._stands_still(side, item.parent))
            for side in Side
            for item in [items.side(side)]
        )

    def stands_still(self, side: Side, task: Ref) -> bool:
        """Whether the task of a comment is paused, on this side or by its partner, or left a filter that holds it."""
        link = self._context.store.links.of_item(self._context.name, side, task)
        if link is not None and link.reason is not None and link.reason.because in LEFT | {Because.MOVED_ON}:
            return True
        ends = [(side, task)] if link is None else [(end, link.ref(end)) for end in Side]
        return any(self._is_paused(end, ref) for end, ref in ends)

    def _task_is_paused(self, side: Side, task: Ref) -> bool:
        """Whether a task itself is paused; asked by the comments of both sides."""
        return self.paused.holds(side, task, self._decision_context.task(side, task))
