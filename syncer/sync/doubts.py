"""Asks the trackers' histories whether a person edited what was sent, where no answer showed it.

Rare, and never a reason for a run to fail: what cannot be asked now is asked by the next run, and of what a tracker
does not tell at all both values wait for a person.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import structlog

from syncer.contract.errors import Denied, Gone, Rejected, TrackerError
from syncer.contract.history import Historian, PastChange, TextHistorian
from syncer.contract.model import Field, Kind, Observed, Ref, Side
from syncer.core.link_memory import Sent, Verdict
from syncer.core.pending import judged
from syncer.core.records import Link
from syncer.store import Lease
from syncer.sync.context import PairContext

AT_ONCE = 200
"""Of how many items one run asks; the others wait for the next."""

_log = structlog.get_logger(__name__)


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
    links = [link for identity in list(by_link)[:AT_ONCE] if (link := context.store.links.get(identity)) is not None]
    past = {side: _past(context, side, _asked(context, links, by_link, side)) for side in Side}
    settled = [
        judged(link, verdicts) for link in links if (verdicts := _verdicts(context, link, by_link[link.id], past))
    ]
    context.store.links.save_all(lease, settled)
    return bool(settled)


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
        _log.warning("the tracker does not tell who edited what was sent", side=side.value, error=str(error))
        return _Past(found, refused=True)
    except TrackerError as error:
        _log.info("who edited what was sent is asked again by the next run", side=side.value, error=str(error))
    return _Past(found)


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
