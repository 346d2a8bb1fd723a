"""What one side has and the other lacks: which of it is created there, and why the rest is not."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from syncer.contract.model import MISPLACED, Field, Kind, Marker, Observed, Ref, Side
from syncer.core.change import Create, Skip, called
from syncer.core.codec import digest
from syncer.core.creation import create_for
from syncer.core.decision_context import DecisionContext
from syncer.core.guard import creates_allowed
from syncer.core.markers import eldest_by_marker, marker_source, misplaced_sources
from syncer.core.posts import is_post
from syncer.core.records import LinkState, OperationState
from syncer.core.side_view import names
from syncer.core.steering import Paused
from syncer.core.trusted_time import due
from syncer.core.waiting import Why
from syncer.sync.backlog import in_conversations, left_behind, unlinked_comments
from syncer.sync.context import PairContext
from syncer.sync.pauses import PairPauses
from syncer.sync.sharing import NOWHERE_ELSE, Elsewhere, SharedScopes

Key = tuple[Side, Ref]


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


@dataclass(frozen=True, slots=True)
class MissingItems:
    """The items of a pair that stand in no link and that its rules carry. Every method reads the store afresh."""

    context: PairContext
    decision_context: DecisionContext

    @property
    def _shared(self) -> SharedScopes:
        return SharedScopes(self.context)

    def of(self, kind: Kind, *, pending: bool = False, only: Collection[Key] | None = None) -> Iterator[Create | Skip]:
        """What one side has and the other lacks, in the order it is carried: open tasks first, then the oldest.

        Comments come task by task, of open ones first, then by what was said last; those of one task in their order.
        `pending` includes comments whose task is not linked yet; `only` leaves out all but these.
        """
        there = {side: self._unlinked(side, kind) for side in Side}
        if any(there.values()):  # in most runs nothing is alone, and nothing more is asked
            yield from self._missing(kind, there, pending=pending, only=only)

    def _missing(
        self, kind: Kind, there: Mapping[Side, list[Observed]], *, pending: bool, only: Collection[Key] | None
    ) -> Iterator[Create | Skip]:
        store, pair = self.context.store, self.context.name
        apart = store.apart.of(pair)
        busy = self._in_flight() | store.set_aside.refs(pair) | apart | store.commands.to_syncer_alone(pair)
        attempts, now = store.set_aside.attempts(pair), self.context.now()
        came, since = self._came_into_view(), store.lineage.creates_await_since(pair)
        pauses, shared = PairPauses(self.context, self.decision_context), self._shared

        @lru_cache(maxsize=4096)
        def ready(side: Side, parent: Ref | None) -> bool:
            if parent is None or pauses.stands_still(side, parent):
                return False
            return self._parent_ready(side, parent, came, pending=pending and (side, parent) not in apart)

        for side, unlinked in there.items():
            named, elsewhere = self._named_by_moved_markers(there[side.other]), shared.look(side, unlinked)
            needed = (
                self._milestones_needed(side, came | apart | pauses.paused.items)
                if unlinked and kind is Kind.MILESTONE
                else set()
            )
            eldest = eldest_by_marker(unlinked)
            stays = left_behind(self.context, side, kind)
            for item in unlinked:
                left_out = only is not None and (side, item.ref) not in only
                if left_out or (side, item.ref) in busy or self._is_ours(side, item, eldest):
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
                    left_alone = _left_alone(decided, other, paused=pauses.paused, stays=stays(item))
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

    def _is_ours(self, side: Side, item: Observed, eldest: Mapping[Marker, Observed]) -> bool:
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
