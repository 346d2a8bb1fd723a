"""From the store's copy of both sides to a change set. Reads the store, asks no tracker, writes nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, lru_cache

from syncer.contract.model import MISPLACED, Field, Kind, Marker, Observed, Ref, Side
from syncer.core.change import Adopt, Change, ChangeSet, Create, Reconciled, Skip, Update, called
from syncer.core.codec import digest
from syncer.core.comment_digests import one_way
from syncer.core.creation import create_for, same_milestone
from syncer.core.decision_context import DecisionContext
from syncer.core.guard import creates_allowed
from syncer.core.link_reason import LEFT, OFF_ROUTE, Because, LinkReason
from syncer.core.markers import marker_source, misplaced_sources
from syncer.core.moving import decide_move, decide_return, stood
from syncer.core.oscillation import MOST_ALIKE, WINDOW, stop_oscillation
from syncer.core.posts import is_post
from syncer.core.reconcile import LinkReconciler
from syncer.core.records import JsonObject, Link, LinkedItems, LinkState, OperationState, Verb, Why
from syncer.core.removal import decide_departure, decide_removal
from syncer.core.rules import Leaving, Route
from syncer.core.side_view import names
from syncer.core.steering import Paused, paused_now
from syncer.core.trusted_time import believed, due
from syncer.sync.backlog import in_conversations, left_behind, unlinked_comments
from syncer.sync.context import PairContext
from syncer.sync.sharing import NOWHERE_ELSE, Elsewhere, SharedScopes

Key = tuple[Side, Ref]

LATEST_WRITES = 40 * MOST_ALIKE
"""How many writes to one item are looked at; whoever edits it more often within a day is no rule of a tracker."""


def _unconfirmed(items: LinkedItems) -> bool:
    """Whether a side is known only from what was asked for at its creation: what it really shows is read first."""
    return any(item is not None and not item.version for item in (items.left, items.right))


def _certain(create: Create, mirror: Observed | None, since: datetime | None, came: Collection[Key]) -> Create | Skip:
    """The creation of an item that certainly has no mirror and that somebody asked for; `mirror` may be one.

    While consent is awaited, only an item made after `since` is certain. What came into view nobody asked for.
    """
    if mirror is not None:
        reason = f"{called(mirror)} may be its mirror: somebody moved our marker in that"
        return Skip(create.side, create.source, None, Why.HELD, reason)
    if (create.side.other, create.source.ref) in came:
        why = "came into view although nobody made or edited it lately"
    elif since is not None and create.source.created <= since:
        why = "may have had a mirror that was deleted"
    else:
        return create
    reason = f"{called(create.source)} {why}: creating it waits for consent"
    return Skip(create.side, create.source, None, Why.CONSENT, reason)


def _left_alone(create: Create, other: Elsewhere, *, paused: Paused, stays: bool) -> Skip | None:
    """Why an item is not created now although the rules carry it; None where nothing keeps it."""
    side, item = create.side, create.source
    if other.kept:
        return Skip(side, item, None, Why.ELSEWHERE, other.kept)
    if stays:
        return Skip(side, item, None, Why.BACKLOG, f"{called(item)} is old: backfill leaves it there")
    if paused.holds(side.other, item.ref, item):
        return Skip(side, item, None, Why.PAUSED, f"{called(item)} is paused")
    return None


def _age(item: Observed) -> tuple[datetime, int, str]:
    """Sorts the oldest first; ids that were given in one second by their length and digits."""
    return item.created, len(item.ref.id), item.ref.id


def _eldest(items: Iterable[Observed]) -> dict[Marker, Observed]:
    """The oldest item of each marker."""
    found: dict[Marker, Observed] = {}
    for item in items:
        if item.marker is not None and (item.marker not in found or _age(item) < _age(found[item.marker])):
            found[item.marker] = item
    return found


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

    @property
    def _shared(self) -> SharedScopes:
        return SharedScopes(self.context)

    def change_set(self) -> ChangeSet:
        """All that a run would do now. Creations of comments under tasks that are not linked yet are part of it."""
        changes: list[Change] = []
        settling = 0
        for kind in (Kind.MILESTONE, Kind.TASK, Kind.COMMENT):
            changes += self.adoptions(kind)
            for decided in self.reconciled(kind):
                if decided.says_nothing:
                    settling += 1  # after a change of the rules these may be all links there are
                else:
                    changes += [*decided.updates, *decided.skips, decided.record]
            changes += self.creations(kind, pending=True)
        return ChangeSet(self.context.name, tuple(changes), settling)

    def reconciled(self, kind: Kind) -> Iterator[Reconciled]:
        """The decision about every link of a kind that is not settled or due again, or that a person decided."""
        unreadable, pauses = cache(self._unreadable), cache(self._pauses)  # in most runs there is nothing to decide
        for items in self._to_decide(kind):
            ends = {(side, items.link.ref(side)) for side in Side}
            if not _unconfirmed(items) and not ends & unreadable() and not pauses()(items):
                yield self.decide(items)
        if kind is Kind.TASK and self.decision_context.rules.route is not None:
            yield from self._off_route(self.decision_context.rules.route, pauses())

    def _off_route(self, route: Route, is_paused: Callable[[LinkedItems], bool]) -> Iterator[Reconciled]:
        """The decision about each link that is held because its task left the rule of our route, or is back."""
        shared = self._shared
        for items in list(self.context.store.links.of_pair(self.context.name, kind=Kind.TASK, state=LinkState.HELD)):
            link, original = items.link, items.side(route.shared)
            if link.reason is None or link.reason.because not in OFF_ROUTE or original is None or is_paused(items):
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

    def _paused(self) -> Paused:
        """What somebody paused, by a command or by a label."""
        listed = self.context.store.paused.listed(self.context.name)
        return paused_now(listed, self.decision_context.rules.steer_label, self.context.clock())

    def is_paused(self, items: LinkedItems) -> bool:
        """Whether nothing of a link is written because somebody paused it, or the task that its comments belong to."""
        return self._pauses()(items)

    def _pauses(self) -> Callable[[LinkedItems], bool]:
        """Tells of links what `is_paused` does, and looks up the task of many comments once."""
        paused = self._paused()
        is_still = lru_cache(maxsize=4096)(lambda side, task: self._is_still(side, task, paused))

        def is_paused(items: LinkedItems) -> bool:
            return any(
                paused.holds(side, items.link.ref(side), item)
                or (item is not None and item.parent is not None and is_still(side, item.parent))
                for side in Side
                for item in [items.side(side)]
            )

        return is_paused

    def _is_still(self, side: Side, task: Ref, paused: Paused) -> bool:
        """Whether the task of a comment is paused, on this side or by its partner, or left a filter that holds it."""
        link = self.context.store.links.of_item(self.context.name, side, task)
        if link is not None and link.reason is not None and link.reason.because in LEFT | {Because.MOVED_ON}:
            return True
        ends = [(side, task)] if link is None else [(end, link.ref(end)) for end in Side]
        return any(paused.holds(end, ref, self.decision_context.task(end, ref)) for end, ref in ends)

    def _unreadable(self) -> set[Key]:
        """The items whose showing is not known now: nothing is decided about them until it is."""
        rows = self.context.store.set_aside.unreadable(self.context.name)
        return {(one.side, one.item.ref) for one in rows if one.item.ref is not None}

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
        unreadable, is_paused = self._unreadable(), self._pauses()
        for link in links:
            items = self._linked(self.context.store.links.get(link.id) or link)
            ends = {(side, items.link.ref(side)) for side in Side}
            if items.link.state is not LinkState.ACTIVE or _unconfirmed(items) or ends & unreadable:
                continue
            if not is_paused(items):
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

    def creations(
        self, kind: Kind, *, pending: bool = False, only: Collection[Key] | None = None
    ) -> Iterator[Create | Skip]:
        """What one side has and the other lacks, in the order it is carried: open tasks first, then the oldest.

        Comments come task by task, of open ones first, then by what was said last; those of one task in their order.
        `pending` includes comments whose task is not linked yet; `only` leaves out all but these.
        """
        there = {side: self._unlinked(side, kind) for side in Side}
        if any(there.values()):  # in most runs nothing is alone, and nothing more is asked
            yield from self._creations(kind, there, pending=pending, only=only)

    def _creations(
        self, kind: Kind, there: Mapping[Side, list[Observed]], *, pending: bool, only: Collection[Key] | None
    ) -> Iterator[Create | Skip]:
        store, pair = self.context.store, self.context.name
        apart = store.apart.of(pair)
        busy = self._in_flight() | self._unreadable() | apart | store.commands.to_syncer_alone(pair)
        attempts, now = store.set_aside.attempts(pair), self.context.now()
        came, since = self._came_into_view(), store.lineage.creates_await_since(pair)
        paused, shared = self._paused(), self._shared

        @lru_cache(maxsize=4096)
        def ready(side: Side, parent: Ref | None) -> bool:
            if parent is None or self._is_still(side, parent, paused):
                return False
            return self._parent_ready(side, parent, came, pending=pending and (side, parent) not in apart)

        for side, unlinked in there.items():
            named, elsewhere = self._named_by_moved_markers(there[side.other]), shared.look(side, unlinked)
            needed = (
                self._milestones_needed(side, came | apart | paused.items)
                if unlinked and kind is Kind.MILESTONE
                else set()
            )
            eldest = _eldest(unlinked)
            stays = left_behind(self.context, side, kind)
            for item in unlinked:
                left_out = only is not None and (side, item.ref) not in only
                if left_out or (side, item.ref) in busy or self._mirrors(side, item, eldest):
                    continue
                failed = attempts.get((side.other, item.ref))
                if failed is not None and not due(failed.retry_at, now) and failed.digest == digest(item):
                    continue
                if kind is Kind.COMMENT and not ready(side, item.parent):
                    continue
                other = elsewhere.get(item.ref, NOWHERE_ELSE)
                decided = create_for(
                    self.decision_context, side, item, needed=item.ref.id in needed,
                    shared=shared.is_shared(side), behind=other.behind,
                )  # fmt: skip
                if isinstance(decided, Create):
                    left_alone = _left_alone(decided, other, paused=paused, stays=stays(item))
                    yield left_alone or _certain(decided, named.get((side, item.ref)), since, came)
                elif decided is not None:
                    yield decided

    def _unlinked(self, side: Side, kind: Kind) -> list[Observed]:
        """The items in no link, in the order in which they are carried."""
        if kind is Kind.COMMENT:
            return in_conversations(self.context, side, unlinked_comments(self.context, side))
        return list(self.context.store.observed.unlinked(self.context.name, side, kind))

    def _named_by_moved_markers(self, items: Iterable[Observed]) -> dict[Key, Observed]:
        """What may be the originals of items of ours whose marker somebody moved, and those items."""
        return {source: item for item in items for source in misplaced_sources(self.context.names, item.marker)}

    def _came_into_view(self) -> frozenset[Key]:
        """The tasks that came into view, where they are too many to be created without consent."""
        store, pair = self.context.store, self.context.name
        apart = store.apart.of(pair)
        shown = [one for one in store.observed.came_into_view(pair) if (one[0], one[1].ref) not in apart]
        elsewhere = {side: self._shared.kept(side, [item for where, item in shown if where is side]) for side in Side}
        came = {
            (side, item.ref)
            for side, item in shown
            if item.ref not in elsewhere[side]
            and marker_source(self.context.names, item.marker) is None
            and isinstance(create_for(self.decision_context, side, item), Create)
        }
        allowed = creates_allowed(store.links.count(pair)[Kind.TASK], self.context.rules.guard)
        return frozenset(came) if len(came) > allowed else frozenset()

    def _milestones_needed(self, side: Side, came: Collection[Key]) -> set[str]:
        """The milestones of tasks that are about to cross from a side."""
        store, pair = self.context.store, self.context.name
        waiting = [items.side(side) for items in store.links.unsettled(pair, Kind.TASK, self.context.now())]
        new = [item for item in store.observed.unlinked(pair, side, Kind.TASK) if (side, item.ref) not in came]
        elsewhere = self._shared.kept(side, new)
        crossing = [
            *(item for item in new if item.ref not in elsewhere),
            *(item for item in waiting if item is not None),
        ]
        return {name for item in crossing for name in names(item.showing.get(Field.MILESTONES))}

    def _in_flight(self) -> set[Key]:
        """Sources of creates whose outcome is open or that the tracker refused: they are not created again."""
        operations = self.context.store.journal.open(self.context.name, states=(
            OperationState.SENT, OperationState.AMBIGUOUS, OperationState.HELD))  # fmt: skip
        return {(operation.side.other, operation.source) for operation in operations}

    def _mirrors(self, side: Side, item: Observed, eldest: Mapping[Marker, Observed]) -> bool:
        """Whether an item is ours: created by this pair, it is adopted or left alone, never mirrored back.

        Of several with one marker the one we created is: the one that is linked, else the oldest. The others are what
        people copied from it, and new.
        """
        if item.marker is None or item.marker.startswith(MISPLACED) or is_post(item.marker):
            return item.marker is not None
        source = marker_source(self.context.names, item.marker)
        return source is not None and not self._is_copy(side, item, source, eldest)

    def _is_copy(self, side: Side, item: Observed, source: Key, eldest: Mapping[Marker, Observed]) -> bool:
        store, pair = self.context.store, self.context.name
        assert item.marker is not None  # noqa: S101 - checked by the caller
        made = store.journal.create_with(pair, source[1], item.marker)
        if made is not None and made.target is not None:
            return made.target != item.ref
        partner = store.links.partner(pair, *source)
        mirror = store.observed.get(pair, side, partner) if partner is not None else None
        if mirror is not None:
            return mirror.marker == item.marker
        return eldest[item.marker].ref != item.ref

    def _parent_ready(self, side: Side, task: Ref, came: Collection[Key], *, pending: bool) -> bool:
        """Whether comments of a task may be created: it is kept in step, or will be (`pending`) without a consent."""
        store, pair = self.context.store, self.context.name
        link = store.links.of_item(pair, side, task)
        if link is None:
            parent = store.observed.get(pair, side, task) if pending else None
            create = None if parent is None else create_for(self.decision_context, side, parent)
            since = store.lineage.creates_await_since(pair)
            if parent is not None and self._shared.kept(side, [parent]):
                return False
            return isinstance(create, Create) and isinstance(_certain(create, None, since, came), Create)
        return link.state is LinkState.ACTIVE

    def adoptions(self, kind: Kind) -> list[Adopt]:
        """Unlinked items that carry a marker of this pair, the oldest of each, and milestones of the same name.

        What somebody set apart is in none of them.
        """
        store, pair = self.context.store, self.context.name
        apart = store.apart.of(pair)
        found: dict[Key, Adopt] = {}
        for side in Side:
            eldest = _eldest(list(store.observed.unlinked(pair, side, kind)))
            for item in sorted(eldest.values(), key=_age):
                adopt = self._by_marker(side, item)
                if adopt is not None and not apart & {(Side.LEFT, adopt.left.ref), (Side.RIGHT, adopt.right.ref)}:
                    found.setdefault((side.other, (adopt.left if side is Side.RIGHT else adopt.right).ref), adopt)
        adopted = list(found.values())
        if kind is Kind.MILESTONE:
            taken = {
                (side, item.ref)
                for adopt in adopted
                for side, item in zip(Side, (adopt.left, adopt.right), strict=True)
            }
            adopted += self._by_name(taken | apart | self._brought_by_others())
        return adopted

    def _brought_by_others(self) -> set[Key]:
        """The milestones of shared scopes that another pair brought there: ours of the same name are others."""
        store, pair = self.context.store, self.context.name
        return {
            (side, ref)
            for side in Side
            for ref in self._shared.kept(side, store.observed.unlinked(pair, side, Kind.MILESTONE))
        }

    def _by_marker(self, side: Side, item: Observed) -> Adopt | None:
        source = marker_source(self.context.names, item.marker)
        if source is None or source[0] is not side.other or source[1].kind is not item.kind:
            return None
        store, pair = self.context.store, self.context.name
        original = store.observed.get(pair, source[0], source[1])
        if original is None or store.links.of_item(pair, source[0], source[1]) is not None:
            return None
        left, right = (original, item) if side is Side.RIGHT else (item, original)
        return Adopt(left, right, source[0], f"{item.key} carries the marker of {original.key}")

    def _by_name(self, taken: Collection[Key]) -> list[Adopt]:
        store, pair = self.context.store, self.context.name
        left, right = (
            [item for item in store.observed.unlinked(pair, side, Kind.MILESTONE) if (side, item.ref) not in taken]
            for side in Side
        )
        adopted = []
        for item in left:
            match = next((other for other in right if same_milestone(item, other)), None)
            if match is not None:
                right.remove(match)
                origin = Side.LEFT if item.created <= match.created else Side.RIGHT
                adopted.append(Adopt(item, match, origin, f"milestones of one name: {item.showing.get(Field.TITLE)}"))
        return adopted
