"""From the store's copy of both sides to a change set. Reads the store, asks no tracker, writes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache

from syncer.contract.model import Field, Kind, Observed, Ref, Side
from syncer.core.change import Change, ChangeSet, Reconciled, Update
from syncer.core.comment_digests import one_way
from syncer.core.decision_context import DecisionContext
from syncer.core.link_reason import OFF_ROUTE, Because, LinkReason
from syncer.core.moving import decide_move, decide_return, stood
from syncer.core.oscillation import MOST_ALIKE, WINDOW, stop_oscillation
from syncer.core.records import JsonObject, Link, LinkedItems, LinkState, OperationState, Verb
from syncer.core.removal import decide_departure, decide_removal
from syncer.core.rules import Leaving, Route
from syncer.core.side_view import names
from syncer.core.trusted_time import believed
from syncer.sync.context import PairContext
from syncer.sync.missing import MissingItems
from syncer.sync.pauses import PairPauses
from syncer.sync.recognise import recognised
from syncer.sync.sharing import NOWHERE_ELSE, SharedScopes

LATEST_WRITES = 40 * MOST_ALIKE
"""How many writes to one item are looked at; whoever edits it more often within a day is no rule of a tracker."""


def _unconfirmed(items: LinkedItems) -> bool:
    """Whether a side is known only from what was asked for at its creation: what it really shows is read first."""
    return any(item is not None and not item.version for item in (items.left, items.right))


@dataclass(frozen=True, slots=True)
class Decider:
    """Decisions of one pair, kind by kind. Every method reads the store afresh."""

    context: PairContext
    decision_context: DecisionContext
    early: bool = False
    """Before this run creates anything: what a new milestone will decide is left open."""

    def before_creations(self) -> Decider:
        """The decisions that may be taken before anything is created."""
        return replace(self, early=True)

    def change_set(self) -> ChangeSet:
        """All that a run would do now. Creations of comments under tasks that are not linked yet are part of it."""
        changes: list[Change] = []
        settling, missing = 0, MissingItems(self.context, self.decision_context)
        for kind in (Kind.MILESTONE, Kind.TASK, Kind.COMMENT):
            changes += recognised(self.context, kind)
            for decided in self.reconciled(kind):
                if decided.says_nothing:
                    settling += 1  # after a change of the rules these may be all links there are
                else:
                    changes += [*decided.updates, *decided.skips, decided.record]
            changes += missing.of(kind, pending=True)
        return ChangeSet(self.context.name, tuple(changes), settling)

    def reconciled(self, kind: Kind) -> Iterator[Reconciled]:
        """The decision about every link of a kind that is not settled or due again, or that a person decided."""
        unreadable, pauses = cache(self._unreadable), cache(self.pauses)  # in most runs there is nothing to decide
        for items in self._to_decide(kind):
            ends = {(side, items.link.ref(side)) for side in Side}
            if not _unconfirmed(items) and not ends & unreadable() and not pauses().hold(items):
                yield self.decide(items)
        if kind is Kind.TASK and self.decision_context.rules.route is not None:
            yield from self._off_route(self.decision_context.rules.route, pauses())

    def _off_route(self, route: Route, pauses: PairPauses) -> Iterator[Reconciled]:
        """The decision about each link that is held because its task left the rule of our route, or is back."""
        shared = SharedScopes(self.context)
        for items in list(self.context.store.links.of_pair(self.context.name, kind=Kind.TASK, state=LinkState.HELD)):
            link, original = items.link, items.side(route.shared)
            if link.reason is None or link.reason.because not in OFF_ROUTE or original is None or pauses.hold(items):
                continue
            decided = self._on_its_way(shared, items, route, original)
            if decided is not None and (decided.updates or decided.record.link != link):
                yield decided

    def _on_its_way(
        self, shared: SharedScopes, items: LinkedItems, route: Route, original: Observed
    ) -> Reconciled | None:
        """What becomes now of a link whose task left the rule of our route, or is back; None while it waits."""
        memory, taken = items.link.memory, shared.taken(route.shared, original.ref)
        if route.shared not in memory.outside:
            if taken is not None:
                return None
            behind = shared.look(route.shared, [original]).get(original.ref, NOWHERE_ELSE).behind
            return decide_return(self.decision_context, items, route, behind)
        if taken is not None:
            return decide_move(self.decision_context, items, route, taken)
        if memory.left and shared.all_looked(memory.left[-1]):
            return stood(items, LinkReason(Because.PLACELESS, original.key, route.shared))
        return None

    def _to_decide(self, kind: Kind) -> Iterator[LinkedItems]:
        """The links of a kind that are to be decided, each once. Those that are not settled may be all there are."""
        store, pair, now = self.context.store, self.context.name, self.context.now()
        few = {items.link.id: items for items in store.links.due(pair, kind, now)} | self._decided(kind)
        for items in store.links.unsettled(pair, kind, now):
            yield few.pop(items.link.id, items)
        yield from few.values()

    def pauses(self) -> PairPauses:
        """What is paused now."""
        return PairPauses(self.context, self.decision_context)

    def _unreadable(self) -> set[tuple[Side, Ref]]:
        return self.context.store.set_aside.refs(self.context.name)

    def _decided(self, kind: Kind) -> dict[str, LinkedItems]:
        links = (
            self.context.store.links.get(identity) for identity in {link for link, _ in self.decision_context.decisions}
        )
        return {
            link.id: self._linked(link)
            for link in links
            if link is not None and link.kind is kind and link.state is LinkState.ACTIVE
        }

    def of(self, links: Iterable[Link]) -> Iterator[Reconciled]:
        """The decision about each of these links as the store has it now, where both sides were read."""
        unreadable, pauses = self._unreadable(), self.pauses()
        for link in links:
            items = self._linked(self.context.store.links.get(link.id) or link)
            ends = {(side, items.link.ref(side)) for side in Side}
            if items.link.state is not LinkState.ACTIVE or _unconfirmed(items) or ends & unreadable:
                continue
            if not pauses.hold(items):
                yield self.decide(items)

    def again(self, decided: Reconciled) -> Reconciled:
        """The decision about a link as the store has it now."""
        link = self.context.store.links.get(decided.record.link.id)
        return decided if link is None else self.decide(self._linked(link))

    def _linked(self, link: Link) -> LinkedItems:
        store, pair = self.context.store, self.context.name
        return LinkedItems(link, *(store.observed.get(pair, side, link.ref(side)) for side in Side))

    def decide(self, items: LinkedItems) -> Reconciled:
        """The decision about one link."""
        from syncer.core.reconcile import LinkReconciler  # much, and in most runs there is nothing to decide

        if items.left is None or items.right is None:
            return decide_removal(self.decision_context, items, self._parent_active)
        if items.link.kind is Kind.TASK and (left := self._closes(items.link)) is not None:
            return decide_departure(self.decision_context, items, left)
        open_end = self.early and self._awaits_milestone(items)
        rules = one_way(self.decision_context.rules, items.link)
        rules = rules.without(Field.MILESTONES) if open_end else rules
        decision_context = replace(self.decision_context, rules=rules)
        decided = LinkReconciler(decision_context, items, items.left, items.right).decide()
        stopped = stop_oscillation(
            decided, decision_context.views, self._written, decision_context.decisions.keys(), decision_context.now
        )
        return replace(stopped, waits=True) if open_end else stopped

    def _closes(self, link: Link) -> Side | None:
        """The side whose filter a task left where that closes its partner; None where nobody asked for it."""
        left = (side for side in Side if side in link.memory.outside and not link.memory.resumed)
        return next((side for side in left if self.context.leaving.get(side) is Leaving.CLOSE), None)

    def _awaits_milestone(self, items: LinkedItems) -> bool:
        """Whether a task is in a milestone that has no partner yet."""
        shown = ((side, items.side(side)) for side in Side)
        return any(
            self.decision_context.partner(side, Ref(Kind.MILESTONE, name)) is None
            for side, item in shown
            if item is not None
            for name in names(item.showing.get(Field.MILESTONES))
        )

    def _written(self, update: Update) -> list[JsonObject]:
        """What was lately written to the item of an update."""
        since = self.context.clock() - WINDOW
        latest = self.context.store.journal.latest(
            self.context.name, ref=update.target.ref, side=update.side, state=OperationState.DONE, limit=LATEST_WRITES
        )
        return [
            one.payload
            for one in latest
            if one.verb is Verb.UPDATE and (believed(one.at, self.context.clock()) or since) > since
        ]

    def _parent_active(self, side: Side, comment: Observed) -> bool:
        store, pair = self.context.store, self.context.name
        link = store.links.of_item(pair, side, comment.parent) if comment.parent else None
        if link is None or link.state is not LinkState.ACTIVE:
            return False
        return all(store.observed.get(pair, end, link.ref(end)) is not None for end in Side)
