"""Asks the trackers for the past: what happened before the first reading, and who did what a reading saw.

Nothing here decides what is written, so nothing here fails a run: what could not be asked is asked by a later one. The
past is imported once for each task; afterwards only tasks that somebody changed are asked about, and never in a run
that found nothing to do.

Whether a person edited what was sent is asked where no answer showed it. Of what a tracker does not tell at all, both
values wait for a person.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Any

from syncer.contract.errors import Denied, Gone, Rejected, TrackerError
from syncer.contract.history import Aspect, Historian, HistoryPage, PastChange, TextHistorian
from syncer.contract.model import Cursor, Field, Kind, Observed, Ref, Side
from syncer.core.history_merge import with_ids, with_names
from syncer.core.link_memory import Sent, Verdict
from syncer.core.pending import judged
from syncer.core.people import KnownAccounts
from syncer.core.records import Link
from syncer.core.side_view import encode_view
from syncer.store import Lease
from syncer.sync.context import Duty, PairContext
from syncer.sync.gather import views_of

IMPORT_REQUESTS = 30
"""How many requests one run spends on the past of one side before the rest is left to the next one."""

SMALL_RUN = 5
"""What a run in which one task changed may cost. What it does not cost goes into asking who changed the task."""

MOST_ASKED = 20
"""How many tasks a run in which more changed asks about, on each side."""

_log = logging.getLogger(__name__)

DOUBTS_AT_ONCE = 200
"""Of how many items one run asks; the others wait for the next."""


class Busyness(Enum):
    """How much a run had to do, which decides how much it may ask."""

    QUIET = "nothing to write; what it saw moving is the echo of an earlier run"
    SMALL = "one changed task"
    LARGE = "several changed tasks, or everything read"


def import_history(context: PairContext, lease: Lease, *, spent: int, busy: Busyness) -> int:
    """Asks both sides for what they did not tell yet; of how many tasks the past is still to be told.

    `spent` are the requests of this run so far. A quiet run goes on with an unfinished import and asks nothing else;
    one that has not the duty leaves the import to another run.
    """
    left = 0
    for side in Side:
        connector = context.connectors[side]
        if not isinstance(connector, Historian) or not context.store.history.count_pending(context.name, side):
            continue
        before = connector.requests
        asking = _Asking(context, lease, side, connector)
        if Duty.HISTORY in context.duties:
            asking.ask(context.store.history.pending(context.name, side, lately=False), IMPORT_REQUESTS, whole=True)
        left += len(context.store.history.pending(context.name, side, lately=False))
        spent += connector.requests - before
        if busy is Busyness.QUIET:
            continue
        allowed = max(0, SMALL_RUN - spent) if busy is Busyness.SMALL else MOST_ASKED
        before = connector.requests
        asking.ask(context.store.history.pending(context.name, side, lately=True)[:MOST_ASKED], allowed, whole=False)
        spent += connector.requests - before
    return left


class _Asking:
    """One side, asked in this run."""

    def __init__(self, context: PairContext, lease: Lease, side: Side, connector: Historian) -> None:
        self._context, self._lease, self._side, self._connector = context, lease, side, connector
        self._ours = context.store.history.our_accounts(context.name, side)
        self._identify = _identities(context, side)

    def ask(self, items: Sequence[Observed], allowed: int, *, whole: bool) -> None:
        """Records what is told of these tasks, until the requests that are allowed are used up."""
        if not items or allowed <= 0:
            return
        try:
            self._consume(items, allowed, whole=whole)
        except (Denied, Rejected, Gone) as error:
            # It will be refused again: not asked before the tasks change.
            _log.warning("the tracker does not tell the past", extra=_about(self._side, error))
            self._record(HistoryPage((), frozenset(item.ref for item in items)), whole=whole)
        except TrackerError as error:
            _log.info("the past is asked for again by the next run", extra=_about(self._side, error))

    def _consume(self, items: Sequence[Observed], allowed: int, *, whole: bool) -> None:
        store, pair = self._context.store, self._context.name
        connector = self._context.connectors[self._side]
        cursor: Cursor | None = store.history.cursor(pair, self._side) if whole else None
        until = connector.requests + allowed
        for told in self._connector.history(items, cursor, lately=not whole):
            self._record(told, whole=whole)
            self._context.progress.step(f"reading the past of {self._side}", len(told.complete), None)
            self._context.check_stop()
            if connector.requests >= until:
                return

    def _record(self, told: HistoryPage, *, whole: bool) -> None:
        store, pair = self._context.store, self._context.name
        name = KnownAccounts.of(store.identities.of_pair(pair, self._side)).name
        # Texts are not kept twice: what they say is seen by reading.
        kept = (change for change in told.changes if change.aspect is not Field.BODY)
        changes = tuple(with_names(with_ids(change, self._identify), name) for change in kept)
        shown = store.observed.get_many(pair, self._side, {change.ref for change in changes})
        store.history.save_page(
            self._lease,
            self._side,
            HistoryPage(changes, told.complete, told.cursor),
            shown,
            seen_at=self._context.clock(),
            ours=self._ours,
            keep_cursor=not whole,
        )


def _identities(context: PairContext, side: Side) -> Callable[[Aspect, str], str | None]:
    """Native ids behind the titles of milestones and the keys of tasks."""
    titles: dict[str, str] = {}

    @lru_cache(maxsize=4_096)
    def identify(aspect: Aspect, name: str) -> str | None:
        if aspect is not Field.MILESTONES:
            found = context.store.observed.by_key(context.name, side, name)
            return None if found is None else found.ref.id
        if not titles:
            milestones = context.store.observed.items(context.name, side, Kind.MILESTONE)
            titles.update({str(item.showing.get(Field.TITLE)): item.ref.id for item in milestones})
        return titles.get(name)

    return identify


@dataclass(frozen=True, slots=True)
class UnconfirmedField:
    """A field that one side of a link does not show as it was sent."""

    link: str
    side: Side
    field: Field


def settle_doubts(context: PairContext, lease: Lease, doubts: Sequence[UnconfirmedField]) -> bool:
    """Records with each link what its item's history tells; whether anything was found out. Raises Denied."""
    by_link: dict[str, list[UnconfirmedField]] = defaultdict(list)
    for doubt in doubts:
        by_link[doubt.link].append(doubt)
    links = [
        link for identity in list(by_link)[:DOUBTS_AT_ONCE] if (link := context.store.links.get(identity)) is not None
    ]
    past = {side: _past(context, side, _asked(context, links, by_link, side)) for side in Side}
    found = [(link, verdicts) for link in links if (verdicts := _verdicts(context, link, by_link[link.id], past))]
    settled = [judged(link, _with_shown(context, link, verdicts)) for link, verdicts in found]
    context.store.links.save_all(lease, settled)
    return bool(settled)


def _with_shown(
    context: PairContext, link: Link, verdicts: Mapping[tuple[Side, Field], Verdict]
) -> dict[tuple[Side, Field], tuple[Verdict, Any]]:
    """The same with what the sides show of these fields, encoded."""
    views = views_of(context)
    items = {side: context.store.observed.get(context.name, side, link.ref(side)) for side in Side}
    shown = {side: {} if item is None else views[side].look(item) for side, item in items.items()}
    return {(side, name): (verdict, encode_view(shown[side].get(name))) for (side, name), verdict in verdicts.items()}


def _asked(
    context: PairContext, links: Sequence[Link], doubts: Mapping[str, Sequence[UnconfirmedField]], side: Side
) -> list[Observed]:
    """The items of a side whose history can tell anything."""
    refs = {
        link.ref(side)
        for link in links
        if link.kind is Kind.TASK and any(one.side is side and _tells(context, one) for one in doubts[link.id])
    }
    return list(context.store.observed.get_many(context.name, side, refs).values())


@dataclass(frozen=True, slots=True)
class _Past:
    """What a side told."""

    changes: Mapping[Ref, Sequence[PastChange]]
    refused: bool = False
    """The tracker does not tell at all."""


def _past(context: PairContext, side: Side, items: Sequence[Observed]) -> _Past:
    connector = context.connectors[side]
    if not items:
        return _Past({})
    if not isinstance(connector, Historian):
        return _Past({}, refused=True)
    found: dict[Ref, list[PastChange]] = {}
    try:
        try:
            _tell(connector, items, found)
        except Denied:
            found.clear()
            _tell(connector, items, found)
    except (Denied, Rejected, Gone) as error:
        if isinstance(error, Denied):
            context.connectors[side].audience()  # raises Denied too where the whole side is closed to us
        _log.warning("the tracker does not tell who edited what was sent", extra=_about(side, error))
        return _Past(found, refused=True)
    except TrackerError as error:
        _log.info("who edited what was sent is asked again by the next run", extra=_about(side, error))
    return _Past(found)


def _about(side: Side, error: TrackerError) -> Mapping[str, str]:
    """What a line of the log says beside its sentence."""
    return {"side": side.value, "error": str(error)}


def _tell(connector: Historian, items: Sequence[Observed], found: dict[Ref, list[PastChange]]) -> None:
    """Collects what is told of items, step by step; an item that is in `found` was told of completely."""
    changes: dict[Ref, list[PastChange]] = defaultdict(list)
    for told in connector.history(items, lately=True):
        for change in told.changes:
            changes[change.ref].append(change)
        for ref in told.complete:
            found[ref] = changes[ref]


def _verdicts(
    context: PairContext, link: Link, doubts: Sequence[UnconfirmedField], past: Mapping[Side, _Past]
) -> dict[tuple[Side, Field], Verdict]:
    found = {}
    for doubt in doubts:
        sent = link.memory.pending.get(doubt.side, {}).get(doubt.field)
        verdict = None if sent is None else _verdict(context, link, doubt, sent, past[doubt.side])
        if verdict is not None:
            found[doubt.side, doubt.field] = verdict
    return found


def _verdict(context: PairContext, link: Link, doubt: UnconfirmedField, sent: Sent, past: _Past) -> Verdict | None:
    """An entry of somebody else is an edit, none is a refusal; None while that is not known."""
    ours = _ours(context, doubt.side)
    if link.kind is not Kind.TASK or not _tells(context, doubt) or not ours:
        return Verdict.UNKNOWN
    changes = past.changes.get(link.ref(doubt.side))
    if changes is None:
        return Verdict.UNKNOWN if past.refused else None
    aspects = {doubt.field, *_labels_for(context, doubt)}
    later = [one for one in changes if one.aspect in aspects and (sent.since is None or one.at > sent.since)]
    strangers = [one for one in later if one.actor is None or one.actor.id.casefold() not in ours]
    return Verdict.EDITED if strangers else Verdict.REFUSED


def _ours(context: PairContext, side: Side) -> set[str]:
    """The accounts that were ever written with on a side, without case."""
    store, pair = context.store, context.name
    kept = {name for account in store.lineage.own_accounts(pair, side) for name in (account.native, account.login)}
    return {name.casefold() for name in (*store.history.our_accounts(pair, side), *kept) if name}


def _tells(context: PairContext, doubt: UnconfirmedField) -> bool:
    """Whether the history of a side tells of changes of a field."""
    return doubt.field is not Field.BODY or isinstance(context.connectors[doubt.side], TextHistorian)


def _labels_for(context: PairContext, doubt: UnconfirmedField) -> set[Field]:
    """Labels, where they show the field or a part of it."""
    native = context.connectors[doubt.side].capabilities.fields.get(Kind.TASK, {})
    return {Field.LABELS} if doubt.field is Field.STATUS or doubt.field not in native else set()
