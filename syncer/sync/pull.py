"""Reading one side into the store: what changed since the cursor, or everything when a sweep is due.

A sweep finds what incremental reading cannot show: deletions, lost permissions, items that left the filter. What a
listing no longer shows is asked for directly before anything is believed of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from typing import TypeVar

from syncer.contract.connector import AudienceTeller, Page, UnreadableItem
from syncer.contract.errors import Gone, Rejected, Retryable, TrackerError, Unreadable
from syncer.contract.model import Audience, Cursor, Kind, Observed, Ref, Side, Version
from syncer.core.audience import AudienceDoubt
from syncer.core.change import Change, ChangeSet, Create, Skip, Update
from syncer.core.guard import Refusal, emptied
from syncer.core.link_reason import OUT_OF_SIGHT, Because
from syncer.core.records import Link, LinkState, SideState
from syncer.core.trusted_time import believed, elapsed
from syncer.core.waiting import Why
from syncer.store import Lease, Store
from syncer.sync.context import Duty, KnownAudience, PairContext
from syncer.sync.departures import Departures, held_for, hold
from syncer.sync.known import StoreKnown

T = TypeVar("T")

NEVER = datetime(1970, 1, 1, tzinfo=UTC)
SWEEPS_UNTIL_GONE = 3
"""Jira answers 404 for a deleted issue and for a lost permission alike: an item that so many complete listings in a row
do not show, while the rest of the scope can be read, was deleted."""

READERS_UNKNOWN = "who can read it cannot be told, so nothing of it is carried"


@dataclass(frozen=True, slots=True)
class Pulled:
    """What reading one side brought."""

    swept: bool
    refusal: Refusal | None = None
    moved: frozenset[Ref] = frozenset()
    """Tasks that are new or not as they were."""
    newer: frozenset[Ref] = frozenset()
    """Tasks of a side that keeps files which were changed since they were read, and all where everything was read."""


def reading_order(context: PairContext) -> tuple[Side, Side]:
    """The sides in the order they are read: one whose listing lags comes last, so that it can be told what matters."""
    first = Side.RIGHT if context.connectors[Side.LEFT].capabilities.listing_lags else Side.LEFT
    return first, first.other


def partners(context: PairContext, side: Side, refs: Collection[Ref]) -> frozenset[Ref]:
    """The items on the other side of those on `side`: what a change there is about to write."""
    return frozenset(context.store.links.partners(context.name, side, refs).values())


def pull(context: PairContext, lease: Lease, side: Side, *, sweep: bool, fresh: Collection[Ref] = ()) -> Pulled:
    """Reads one side and stores what it shows, surely up to date for the tasks in `fresh`. Raises TrackerError."""
    store, connector = context.store, context.connectors[side]
    state = store.pairs.side(context.name, side)
    full = sweep or state is None or state.cursor is None or _due(context, state)
    read_before = None if state is None else believed(state.swept_at, context.now())
    if full:
        ask_audience(context, lease, side)
    began, started = context.now(side), context.clock()
    sweep_id = lease.run if full else None
    cursor = None if full or state is None else state.cursor
    listed: set[Ref] = set()
    shown: set[Ref] = set()
    moved: set[Ref] = set()
    outside: set[Ref] = set()
    newer: set[Ref] = set()
    known = StoreKnown(store, context.name, side)
    for page in connector.changes(cursor, known, fresh):
        context.check_stop()
        known.forget()
        newer |= _newer(context, side, page.observed)
        stored = store.observed.save_page(
            lease, side, page, seen_at=context.clock(), sweep=sweep_id, read_before=read_before,
            new_since=read_before or began,
        )  # fmt: skip
        behind = frozenset(stored.older)
        older = [item for item in page.observed if item.ref in behind]
        moved.update(ref for ref in (*stored.changed, *_ask_now(context, lease, side, older)) if ref.kind is Kind.TASK)
        outside |= page.outside
        listed.update(item.ref for item in page.observed if item.ref not in page.outside)
        shown.update(item.ref for item in page.observed if item.kind is Kind.TASK)
        context.progress.step(f"reading {side}", len(shown), None)
    departures = Departures(context, lease, side, narrowed=full and _narrowed(context, side, state))
    departures.leave(context.store.observed.get_many(context.name, side, outside).values())
    departures.arrive(listed)
    if sweep_id is None:
        moved |= _ask_again(context, lease, side, started)
        _return_seen(context, lease, side, listed)
    refusal = None if sweep_id is None else _finish_sweep(departures, sweep_id, len(shown), began, outside)
    return Pulled(sweep_id is not None, refusal, frozenset(moved), frozenset(shown if full else newer))


def _newer(context: PairContext, side: Side, shown: Iterable[Observed]) -> set[Ref]:
    """The tasks that were changed since they were stored, where files are kept: somebody may have deleted one."""
    if not context.rules.attachments or not context.connectors[side].capabilities.files_in:
        return set()
    tasks = {item.ref: item for item in shown if item.kind is Kind.TASK}
    before = context.store.observed.get_many(context.name, side, tasks)
    return {ref for ref, item in before.items() if tasks[ref].updated > item.updated}


def _due(context: PairContext, state: SideState) -> bool:
    """Whether a complete listing is due: never made, too old, or of another scope or filter.

    One that is only old is left to the run whose duty it is.
    """
    old = Duty.SWEEP in context.duties and elapsed(state.swept_at, context.now(), context.sweep_every)
    return state.covers != context.fingerprint or old


def _narrowed(context: PairContext, side: Side, state: SideState | None) -> bool:
    """Whether the file names another filter than the last complete reading had: what it excludes is somebody's word."""
    return state is not None and state.filter is not None and state.filter != context.filters.get(side, "")


def _finish_sweep(
    departures: Departures, sweep: str, tasks: int, began: datetime, outside: Collection[Ref]
) -> Refusal | None:
    context, lease, side = departures.context, departures.lease, departures.side
    store = context.store
    missing = store.observed.unseen(context.name, side, sweep)
    lost = [item for item in missing if item.kind is Kind.TASK and not departures.is_known(item.ref)]
    refusal = emptied(side, tasks, len(lost))
    if refusal is not None and not (departures.is_route and _can_be_read(context, side, lost[0])):
        return refusal
    absent = _ask_for(departures, missing, sweep) | set(outside)
    store.set_aside.forget(lease, side, sweep=sweep)
    _return_held(context, lease, side, absent)
    departures.readmit(absent)
    state = store.pairs.side(context.name, side)
    if state is not None and (state.outside or departures.followed):
        departures.came_back(absent)
    if state is not None:
        read = replace(state, covers=context.fingerprint, swept_at=began, outside=departures.followed)
        store.pairs.set_side(lease, side, replace(read, filter=context.filters.get(side, "")))
    return None


def _can_be_read(context: PairContext, side: Side, item: Observed) -> bool:
    """Whether an item that a listing does not show is there: the rule of a route may have lost its last one."""
    (answer,) = context.connectors[side].read([item])
    return isinstance(answer, Observed)


def _ask_again(context: PairContext, lease: Lease, side: Side, started: datetime) -> set[Ref]:
    """Reads once more what could not be read and was not listed now; the tasks that can be read again."""
    store = context.store
    waiting = [one.item for one in store.set_aside.unreadable(context.name, side) if one.seen_at < started]
    named = [_as_last_seen(context, side, item) for item in waiting if item.ref is not None]
    back: set[Ref] = set()
    for chunk in chunks((item for item in named if item.kind is not Kind.COMMENT or item.parent is not None), 100):
        context.check_stop()
        for item, answer in zip(chunk, context.connectors[side].read(chunk), strict=True):
            note_answer(context, lease, side, item, answer)
            if isinstance(answer, Observed) and item.kind is Kind.TASK:
                back.add(item.ref)
    return back


def _ask_now(context: PairContext, lease: Lease, side: Side, items: Sequence[Observed]) -> list[Ref]:
    """Reads what a listing showed older than it is known: believed, it would look as if an edit had been taken back."""
    for chunk in chunks(items, 100):
        context.check_stop()
        for item, answer in zip(chunk, context.connectors[side].read(chunk), strict=True):
            note_answer(context, lease, side, item, answer)
    return [item.ref for item in items]


def _as_last_seen(context: PairContext, side: Side, item: UnreadableItem) -> Observed:
    """The item as it was stored before it became unreadable, else as much of it as a connector needs to ask for it."""
    assert item.ref is not None  # noqa: S101 - the caller looked
    return context.store.observed.get(context.name, side, item.ref) or Observed(
        ref=item.ref, key=item.key, url="", version=Version(""), created=NEVER, updated=NEVER, showing={},
        audience=Audience.RESTRICTED, parent=item.parent,
    )  # fmt: skip


def note_answer(
    context: PairContext, lease: Lease, side: Side, item: Observed, answer: Observed | TrackerError
) -> None:
    """Stores what one item was found to be: as it shows itself, unreadable, or certainly gone."""
    store, now = context.store, context.clock()
    if isinstance(answer, Observed):
        store.observed.save(lease, side, answer, seen_at=now, operation=None)
    elif isinstance(answer, Unreadable):
        store.set_aside.add(
            lease, side, [UnreadableItem(item.kind, item.key, str(answer), item.ref, item.parent)], seen_at=now
        )
    elif isinstance(answer, Gone) and answer.deleted:
        store.observed.mark_gone(lease, side, [item.ref], seen_at=now)


def _ask_for(departures: Departures, missing: Iterable[Observed], sweep: str) -> set[Ref]:
    """Reads what a complete listing did not show, one by one; the refs that are not in the scope any more."""
    context, lease, side = departures.context, departures.lease, departures.side
    store = context.store
    absent: set[Ref] = set()
    for chunk in chunks(missing, 100):
        context.check_stop()
        answers = context.connectors[side].read(chunk)
        for item, answer in zip(chunk, answers, strict=True):
            if isinstance(answer, Unreadable):  # it is there
                aside = UnreadableItem(item.kind, item.key, str(answer), item.ref, item.parent)
                page = Page((), Cursor(""), unreadable=(aside,))
                store.observed.save_page(lease, side, page, seen_at=context.clock(), sweep=sweep)
                continue
            absent.add(item.ref)
            if isinstance(answer, Observed):
                store.observed.save(lease, side, answer, seen_at=context.clock(), operation=None)
                departures.leave([answer])
            elif isinstance(answer, Gone) and answer.moved_to:
                hold(store, lease, side, item, Because.MOVED, answer.moved_to)
            elif isinstance(answer, Gone) and answer.deleted:
                store.observed.mark_gone(lease, side, [item.ref], seen_at=context.clock())
            elif _missed(store, lease, side, item) >= SWEEPS_UNTIL_GONE:
                store.observed.mark_gone(lease, side, [item.ref], seen_at=context.clock())
                _release(store, lease, side, item)
            else:
                hold(store, lease, side, item, Because.UNSEEN)
    return absent


def _missed(store: Store, lease: Lease, side: Side, item: Observed) -> int:
    """Counts one more complete listing that did not show a linked item; how many there were in a row."""
    link = store.links.of_item(lease.pair, side, item.ref)
    if link is None:
        return 0
    missed = link.memory.missed.get(side, 0) + 1
    memory = replace(link.memory, missed={**link.memory.missed, side: missed})
    store.links.save(lease, replace(link, memory=memory))
    return missed


def _release(store: Store, lease: Lease, side: Side, item: Observed) -> None:
    """What was held because it could not be seen is known to be deleted now: it is decided like any other."""
    link = store.links.of_item(lease.pair, side, item.ref)
    if link is not None and held_for(link, side):
        store.links.save(lease, replace(link, state=LinkState.ACTIVE, reason=None, settled={}))


def _return_held(context: PairContext, lease: Lease, side: Side, absent: set[Ref]) -> None:
    """Links that were held because an item left the filter or could not be seen go on when it shows again."""
    for link in _held(context, side, OUT_OF_SIGHT):
        if link.ref(side) not in absent:
            _go_on(context.store, lease, link)


def _return_seen(context: PairContext, lease: Lease, side: Side, listed: Collection[Ref]) -> None:
    """Links that were held because an item could not be seen go on as soon as a listing shows it.

    Not those of items that were moved or left the filter: a search index may still show these.
    """
    for link in _held(context, side, {Because.UNSEEN}):
        if link.ref(side) in listed:
            _go_on(context.store, lease, link)


def _go_on(store: Store, lease: Lease, link: Link) -> None:
    memory = replace(link.memory, missed={})
    store.links.save(lease, replace(link, state=LinkState.ACTIVE, reason=None, settled={}, memory=memory))


def _held(context: PairContext, side: Side, whys: Collection[Because]) -> list[Link]:
    """The links that are held for one of these reasons of a side."""
    held = [items.link for items in context.store.links.of_pair(context.name, state=LinkState.HELD)]
    return [link for link in held if held_for(link, side, whys)]


def ask_audience(context: PairContext, lease: Lease, side: Side) -> KnownAudience:
    """Who can read a scope, asked of the tracker now and remembered."""
    told = KnownAudience(context.connectors[side].audience(), context.clock())
    context.answers.keep(context.credentials[side], context.addresses[side], told)
    _remember_audience(context, lease, side, told)
    return told


def recent_audience(context: PairContext, lease: Lease, side: Side) -> KnownAudience:
    """Who can read a scope, as a pair of this pass was told just now, else asked."""
    told = context.answers.of(context.credentials[side], context.addresses[side], context.clock())
    if told is None:
        return ask_audience(context, lease, side)
    _remember_audience(context, lease, side, told)
    return told


def _remember_audience(context: PairContext, lease: Lease, side: Side, told: KnownAudience) -> None:
    """Stores who can read a scope; the next run reads it completely where that changed, since its items changed too."""
    state = context.store.pairs.side(context.name, side) or SideState(None, "", None, told.audience, None)
    covers = state.covers if told.audience is state.audience or state.audience_at is None else ""
    now = replace(state, audience=told.audience, audience_at=told.at, address=context.addresses[side], covers=covers)
    if now != state:
        context.store.pairs.set_side(lease, side, now)


def chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """The items in lists of at most `size`."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


def learn_readers(context: PairContext, lease: Lease, changes: ChangeSet, scopes: Mapping[Side, Audience]) -> bool:
    """Asks who can read the sources of changes that were decided without knowing it; whether there were any.

    What is told is stored. What is not told stays restricted, and the state remembers why.
    """
    doubts: set[str] = set()
    asked = False
    for side in Side:
        tasks = _untold_tasks(context, side, changes)
        asked = asked or bool(tasks)
        if scopes.get(side) is Audience.RESTRICTED:
            doubts.add(AudienceDoubt(side, None, READERS_UNKNOWN).key)
        elif tasks:
            doubts |= {doubt.key for doubt in ask_readers(context, lease, side, tasks)}
    store, pair = context.store, context.name
    before = {key for key in store.notifications.told(pair) if key.startswith(AudienceDoubt.PREFIX)}
    if before != doubts:
        store.notifications.forget(pair, before - doubts)
        store.notifications.tell(pair, doubts - before, context.clock())
    return asked


def _untold_tasks(context: PairContext, side: Side, changes: ChangeSet) -> Sequence[Observed]:
    """The tasks of a side of which it is to be asked who can read them, each once."""
    sources = [source for change in changes.changes if (source := _source(change, side)) is not None]
    sources += _in_doubt(context, side, changes)
    refs = {source.parent or source.ref for source in sources if source.audience_untold}
    found = context.store.observed.get_many(context.name, side, refs)
    return [found[ref] for ref in sorted(found)]


def _in_doubt(context: PairContext, side: Side, changes: ChangeSet) -> Iterator[Observed]:
    """The items of which a history is about to tell whether somebody edited what we wrote: edits are carried."""
    store, pair = context.store, context.name
    for skip in changes.of(Skip):
        if skip.why is Why.LOST and skip.side is side:
            partner = store.links.partner(pair, side.other, skip.item.ref)
            item = None if partner is None else store.observed.get(pair, side, partner)
            if item is not None:
                yield item


def _source(change: Change, side: Side) -> Observed | None:
    """What a change would show to the readers of the other side."""
    match change:
        case Create() | Update() if change.side is side.other:
            return change.source
        case Skip() if change.side is side.other and change.why is Why.CONSENT:
            return change.item  # a person is told how many such there are
    return None


def ask_readers(context: PairContext, lease: Lease, side: Side, tasks: Sequence[Observed]) -> Iterator[AudienceDoubt]:
    """Asks who can read tasks, and stores it; yields what the tracker did not tell."""
    connector = context.connectors[side]
    outcomes: Sequence[Audience | TrackerError] = (
        connector.audiences(tasks)
        if isinstance(connector, AudienceTeller)
        else [Rejected(READERS_UNKNOWN) for _ in tasks]
    )
    readers: dict[Ref, Audience] = {}
    for task, outcome in zip(tasks, outcomes, strict=True):
        if isinstance(outcome, Audience):
            readers[task.ref] = outcome
        else:
            yield AudienceDoubt(side, task.ref if isinstance(outcome, Retryable) else None, str(outcome))
    context.store.observed.save_readers(lease, side, readers, seen_at=context.clock())
