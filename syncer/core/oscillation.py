"""Stops a field that goes back and forth, before the write that would go on with it.

Why: a rule of a tracker, or another sync, that undoes what was carried to it looks like a person's edit and is carried
back, for ever. Two people who disagree look the same. Nothing is lost by waiting: the field becomes a conflict that
shows both values, and a person ends it with `syncer resolve`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from syncer.contract.model import Field, Side
from syncer.core.change import Reconciled, Skip, Update
from syncer.core.codec import encode_fields
from syncer.core.pending import with_difference
from syncer.core.records import Conflict, JsonObject
from syncer.core.side_view import SideView, encode_view
from syncer.core.waiting import Difference, Why

WINDOW = timedelta(hours=24)

MOST_ALIKE = 3
"""So often one value may be written into one field within the window."""

Written = Callable[[Update], Sequence[JsonObject]]
"""The encoded fields of each write to the item of an update within the window."""


def stop_oscillation(
    decided: Reconciled,
    views: Mapping[Side, SideView],
    written: Written,
    settled_by_people: Collection[tuple[str, Field]],
    now: datetime,
) -> Reconciled:
    """The decision without the fields that would be given a value again that they were given too often already.

    What a person decided is written however often it was.
    """
    for update in decided.updates:
        earlier = written(update)
        if len(earlier) < MOST_ALIKE:
            continue
        frozen = {
            name
            for name in update.wanted
            # A value that was refused is asked for again and again on purpose, with pauses of its own.
            if name not in update.link.memory.refused.get(update.side, {})
            and (update.link.id, name) not in settled_by_people
            and name not in update.renews
            and _goes_round(update, name, views, earlier)
        }
        if frozen:
            decided = _without(decided, update, frozen, views, now)
    return decided


def _goes_round(update: Update, name: Field, views: Mapping[Side, SideView], earlier: Sequence[JsonObject]) -> bool:
    patch = _patch(update, {name}, views)
    return bool(patch) and sum(patch.items() <= one.items() for one in earlier) >= MOST_ALIKE


def _patch(update: Update, names: Collection[Field], views: Mapping[Side, SideView]) -> JsonObject:
    """The encoded native fields that would show some of what an update wants."""
    wanted = {name: value for name, value in update.wanted.items() if name in names}
    return encode_fields(views[update.side].patch(update.link.kind, update.target.showing, wanted))


def _without(
    decided: Reconciled, update: Update, frozen: Collection[Field], views: Mapping[Side, SideView], now: datetime
) -> Reconciled:
    link, record = update.link, decided.record
    base = {
        side: {name: value for name, value in fields.items() if name not in frozen}
        | {name: value for name, value in link.base.get(side, {}).items() if name in frozen}
        for side, fields in record.link.base.items()
    }
    conflicts = tuple(_conflict(update, name, views, now) for name in sorted(frozen))
    skips = tuple(_skip(update, name) for name in sorted(frozen))
    stopped = replace(record.link, base=base)
    for skip in skips:
        stopped = with_difference(stopped, Difference(skip.field or Field.TITLE, skip.side, skip.why, skip.reason))
    return replace(
        decided,
        record=replace(
            record,
            link=stopped,
            conflicts=(*(row for row in record.conflicts if row.field not in frozen), *conflicts),
            agreed=record.agreed - frozenset(frozen),
        ),
        updates=tuple(kept for one in decided.updates if (kept := _kept(one, update, frozen, views)) is not None),
        skips=(*decided.skips, *skips),
    )


def _kept(one: Update, stopped: Update, frozen: Collection[Field], views: Mapping[Side, SideView]) -> Update | None:
    """What is left of an update; None when nothing is."""
    if one is not stopped:
        return one
    wanted = {name: value for name, value in one.wanted.items() if name not in frozen}
    patch = views[one.side].patch(one.link.kind, one.target.showing, wanted)
    agreed = {name: value for name, value in one.agreed.items() if name not in frozen}
    closes = one.closes and Field.STATUS in wanted
    return replace(one, patch=patch, wanted=wanted, agreed=agreed, closes=closes) if patch else None


def _conflict(update: Update, name: Field, views: Mapping[Side, SideView], now: datetime) -> Conflict:
    items = {update.side: update.target, update.side.other: update.source}
    shown = {side: encode_view(views[side].look(item).get(name)) for side, item in items.items() if item is not None}
    base = {side: update.link.base.get(side, {}).get(name.value) for side in Side}
    return Conflict(
        0, update.link.pair, update.link.id, name, shown.get(Side.LEFT), shown.get(Side.RIGHT), base[Side.LEFT],
        base[Side.RIGHT], "ask", now,
    )  # fmt: skip


def _skip(update: Update, name: Field) -> Skip:
    reason = (
        f"{name} of {update.target.key} was given this value {MOST_ALIKE} times within a day and lost it each time: "
        "something undoes it; it waits for a decision"
    )
    return Skip(update.side, update.source or update.target, name, Why.CONFLICT, reason)
