"""Steering one item: paused, unlinked, linked, read anew. What a person asked for, kept in the state.

Nothing here writes to a tracker: the next run does what follows, or leaves alone what is paused or apart.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from syncer.contract.errors import Gone, TrackerError
from syncer.contract.model import Kind, Observed, Ref, Side
from syncer.core.change import Adopt
from syncer.core.comment_digests import is_comment_digest
from syncer.core.creation import adopted_link
from syncer.core.link_reason import LEFT, OFF_ROUTE, Because
from syncer.core.records import Link, LinkState
from syncer.core.steering import PausedItem, shows_label
from syncer.store import Lease, Store
from syncer.sync.context import PairContext
from syncer.sync.pull import note_answer


class NotSteered(Exception):  # what a person asked for is not possible
    """Why an item cannot be steered so, with what can be done instead."""


@dataclass(frozen=True, slots=True)
class Spot:
    """An item of a pair, with the link that it is in."""

    store: Store
    pair: str
    side: Side
    item: Observed

    @property
    def link(self) -> Link | None:
        """The link it is in, of any state."""
        return self.store.links.of_item(self.pair, self.side, self.item.ref)

    @property
    def ends(self) -> dict[Side, Ref]:
        """Its ref, and that of its partner where it is linked."""
        link = self.link
        return {self.side: self.item.ref} if link is None else {side: link.ref(side) for side in Side}

    @property
    def called(self) -> str:
        """What people call it, with its partner: `PAY-3 = acme/pay#7`."""
        ends = self.ends
        found = [self.store.observed.get(self.pair, side, ends[side]) for side in Side if side in ends]
        return " = ".join(item.key for item in found if item is not None)


# --- paused


def note_pauses(context: PairContext, lease: Lease, unlinked: Collection[tuple[Side, Observed]]) -> bool:
    """Keeps in the state what labels pause now, and forgets what goes on; whether a label pauses something new.

    `unlinked` are the labelled items in no link.
    """
    store, pair, label = context.store, context.name, context.rules.steer_label
    listed = store.paused.listed(pair)
    known = {(one.side, one.ref) for one in listed if one.label == label}
    over = [one for one in listed if one.over(context.clock()) or (one.label and not _shows(store, pair, one, label))]
    begun = [
        PausedItem(side, item.ref, item.updated, "", label=label)
        for side, item in [*unlinked, *_labelled(context)]
        if (side, item.ref) not in known
    ]
    store.paused.remove(lease, over)
    store.paused.add(lease, begun)
    return bool(begun)


def _shows(store: Store, pair: str, one: PausedItem, label: str) -> bool:
    return one.label == label and shows_label(label, store.observed.get(pair, one.side, one.ref))


def _labelled(context: PairContext) -> Iterator[tuple[Side, Observed]]:
    """The labelled tasks among the linked ones that are not settled: one that is paused stays among these."""
    label = context.rules.steer_label
    for items in context.store.links.unsettled(context.name, Kind.TASK, context.now()) if label else ():
        for side in Side:
            item = items.side(side)
            if item is not None and shows_label(label, item):
                yield side, item


def pause(spot: Spot, lease: Lease, *, by: str, since: datetime, why: str, until: datetime | None) -> PausedItem:
    """Pauses an item: nothing of it, of its partner and of their comments is written until it goes on.

    One that is paused already keeps the day and the reason that nobody gives anew.
    """
    former = paused_by_command(spot)
    for one in former:
        why, until = why or one.why, until or one.until
    paused = PausedItem(spot.side, spot.item.ref, since, by, why, until)
    spot.store.paused.remove(lease, former)
    spot.store.paused.add(lease, [paused])
    return paused


def is_paused(spot: Spot) -> bool:
    """Whether a command or a label pauses an item or its partner."""
    ends = spot.ends
    return any(ends.get(one.side) == one.ref for one in spot.store.paused.listed(spot.pair))


def paused_by_command(spot: Spot) -> list[PausedItem]:
    """What commands paused of an item or its partner."""
    ends = spot.ends
    return [one for one in spot.store.paused.listed(spot.pair) if not one.label and ends.get(one.side) == one.ref]


def resume(spot: Spot, lease: Lease) -> bool:
    """Has an item go on that a command paused or that left a filter; whether there was one. Raises NotSteered.

    What left a filter is followed from then on, whatever the filter says.
    """
    ends = spot.ends
    stopped = paused_by_command(spot)
    spot.store.paused.remove(lease, stopped)
    followed = [] if stopped and _is_off_route(spot) else _followed(spot)
    spot.store.links.save_all(lease, followed)
    for one in spot.store.paused.listed(spot.pair):
        if one.label and ends.get(one.side) == one.ref:
            item = spot.store.observed.get(spot.pair, one.side, one.ref)
            key = spot.item.key if item is None else item.key
            raise NotSteered(f"{key} bears the label “{one.label}”: it goes on once somebody takes that off.")
    if not stopped and any((side, ref) in spot.store.apart.of(spot.pair) for side, ref in ends.items()):
        raise NotSteered(f"{spot.item.key} is apart, not paused: syncer link {spot.item.key} KEY links it.")
    return bool(stopped or followed)


def _is_off_route(spot: Spot) -> bool:
    """Whether an item is on its way to another place: it goes on that way."""
    link = spot.link
    return link is not None and link.reason is not None and link.reason.because in OFF_ROUTE


def _followed(spot: Spot) -> list[Link]:
    """The links of an item and its comments that are held because it left a filter, as they go on outside of it.

    Of one that is in step, what people of another place wrote is carried from now on, too.
    """
    link = spot.link
    if link is not None and link.state is LinkState.ACTIVE and link.memory.behind:
        return [replace(link, settled={}, memory=replace(link.memory, behind={}))]
    if link is None or link.reason is None or link.reason.because not in LEFT:
        return []
    found = {link.id: link}
    for side, ref in spot.ends.items():
        for comment in _comments(spot.store, spot.pair, side, ref):
            held = spot.store.links.of_item(spot.pair, side, comment)
            if held is not None and held.reason is not None and held.reason.because is Because.LEFT_FILTER:
                found[held.id] = held
    gone_on = [replace(one, state=LinkState.ACTIVE, reason=None, settled={}) for one in found.values()]
    left = link.reason.side
    outside = link.memory.outside | ({left} if left is not None else set())
    return [
        replace(one, memory=replace(one.memory, resumed=True, outside=outside)) if one.id == link.id else one
        for one in gone_on
    ]


# --- apart, and linked again


def unlink(spot: Spot, lease: Lease, *, by: str, since: datetime, why: str) -> None:
    """Sets an item and its partner apart, with their comments: both stay as they are. Raises NotSteered.

    Their rows come first: if it is cut off between, they are linked still, and the command can be given again.
    """
    store, pair, ends, link = spot.store, spot.pair, spot.ends, spot.link
    _refuse_comments(spot)
    _refuse_while_created(spot)
    for side, ref in ends.items():
        store.apart.add(lease, side, [ref], since=since, by=by, why=why, partner=ends.get(side.other))
        store.apart.add(lease, side, _comments(store, pair, side, ref), since=since, by=by, why=why)
    store.paused.remove(lease, [one for one in store.paused.listed(pair) if ends.get(one.side) == one.ref])
    if link is None:
        return
    links = {link.id: link}
    for side, ref in ends.items():
        for comment in _comments(store, pair, side, ref):
            if (found := store.links.of_item(pair, side, comment)) is not None:
                links[found.id] = found
    for one in links.values():
        open_fields = [each.field for each in store.conflicts.of_pair(pair) if each.link == one.id]
        store.conflicts.settle(lease, one.id, open_fields, since)
    store.links.remove(lease, list(links))


def link(one: Spot, other: Spot, lease: Lease, identity: str, *, by: str, at: datetime) -> Link:
    """Links two items that are there already. Raises NotSteered.

    Neither has a base: what is equal becomes it, what only one side has is filled in, and the rest waits with both
    values, as with every item that is adopted.
    """
    if one.pair != other.pair or one.side is other.side:
        raise NotSteered(f"{one.item.key} and {other.item.key} are not on the two sides of one pair.")
    _refuse_comments(one)
    if one.item.ref.kind is not other.item.ref.kind:
        raise NotSteered(f"{one.item.key} is a {one.item.kind}, and {other.item.key} a {other.item.kind}.")
    for spot in (one, other):
        _refuse_linked(spot)
        _refuse_while_created(spot)
    store, pair = one.store, one.pair
    by_side = {spot.side: spot.item for spot in (one, other)}
    adopt = Adopt(by_side[Side.LEFT], by_side[Side.RIGHT], _origin(by_side), "somebody linked them")
    found = adopted_link(identity, pair, adopt)
    found = replace(found, memory=replace(found.memory, linked=(by, at.isoformat())))
    store.links.remove(lease, [old.id for spot in (one, other) if (old := spot.link) is not None])
    for side, item in by_side.items():
        store.apart.remove(lease, side, [item.ref, *_comments(store, pair, side, item.ref)])
    store.links.save(lease, found)
    return found


def _origin(items: dict[Side, Observed]) -> Side:
    """Where an item was first: the mirror bears our marker; where none does, the older one is the original."""
    marked = [side for side, item in items.items() if item.marker is not None]
    if len(marked) == 1:
        return marked[0].other
    return Side.LEFT if items[Side.LEFT].created <= items[Side.RIGHT].created else Side.RIGHT


def _refuse_comments(spot: Spot) -> None:
    if spot.item.kind is Kind.COMMENT:
        raise NotSteered(f"{spot.item.key} is a comment: name its task.")


def _refuse_linked(spot: Spot) -> None:
    """A link with one side gone does not count: its item is alone."""
    ends = spot.ends
    there = [side for side, ref in ends.items() if spot.store.observed.get(spot.pair, side, ref) is not None]
    if len(there) == len(Side):
        raise NotSteered(f"{spot.called} are linked already: syncer unlink {spot.item.key} first.")


def _refuse_while_created(spot: Spot) -> None:
    for operation in spot.store.journal.open(spot.pair):
        if (operation.side.other, operation.source) == (spot.side, spot.item.ref) and operation.target is None:
            raise NotSteered(
                f"whether {spot.item.key} was created on the {operation.side} side is not known yet:"
                f" syncer sync --pair {spot.pair} finds out."
            )


def _comments(store: Store, pair: str, side: Side, task: Ref) -> list[Ref]:
    return [] if task.kind is not Kind.TASK else [one.ref for one in store.observed.comments_of(pair, side, task)]


# --- read anew


@dataclass(frozen=True, slots=True)
class ReadAnew:
    """What reading an item anew showed."""

    changed: tuple[str, ...]
    """The keys of what is not as it was stored."""
    failed: tuple[str, ...]
    """What could not be read, and why."""


def resync(context: PairContext, lease: Lease, spot: Spot) -> ReadAnew:
    """Reads an item, its partner and their comments now, and has the next run decide them anew. Raises TrackerError."""
    store, pair = context.store, context.name
    read: list[tuple[Observed, Observed | TrackerError]] = []
    links: dict[str, Link] = {}
    for side, item in _with_comments(spot):
        if is_comment_digest(item.ref):
            continue  # no tracker holds it: it is put together of what is read
        (answer,) = context.connectors[side].read([item])
        note_answer(context, lease, side, item, answer)
        read.append((item, answer))
        if (found := store.links.of_item(pair, side, item.ref)) is not None:
            links[found.id] = replace(found, settled={}, retry_at=None)
    store.links.save_all(lease, list(links.values()))
    return ReadAnew(
        tuple(item.key for item, answer in read if _is_gone(answer) or _is_other(item, answer)),
        tuple(f"{item.key}: {answer}" for item, answer in read if _failed(answer)),
    )


def _with_comments(spot: Spot) -> Iterator[tuple[Side, Observed]]:
    """What the state has of an item, its partner and their comments."""
    for side, ref in spot.ends.items():
        item = spot.store.observed.get(spot.pair, side, ref)
        if item is not None:
            yield side, item
        for comment in spot.store.observed.comments_of(spot.pair, side, ref) if ref.kind is Kind.TASK else ():
            yield side, comment


def _is_gone(answer: Observed | TrackerError) -> bool:
    return isinstance(answer, Gone) and answer.deleted


def _is_other(item: Observed, answer: Observed | TrackerError) -> bool:
    return isinstance(answer, Observed) and answer.showing != item.showing


def _failed(answer: Observed | TrackerError) -> bool:
    return isinstance(answer, TrackerError) and not _is_gone(answer)
