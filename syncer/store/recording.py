"""Recording what a side shows: the item, its line in the history, inside a transaction somebody else holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, select, update

from syncer.contract.history import Aspect
from syncer.contract.model import Audience, Category, Field, Kind, Observed, Ref, Side, Status
from syncer.core.audience import as_known
from syncer.core.codec import decode_observed, digest, encode_observed, encode_value
from syncer.core.history_merge import traits_of
from syncer.core.people import KnownAccounts
from syncer.store.database import OF_PAIR, OF_SIDE, REFS, Database, chunks
from syncer.store.identities import load, save
from syncer.store.schema.items import COMPOSED, history, observed, showings
from syncer.store.schema.pairs import sides

CREATED = "created"
GONE = "gone"

TOLD, UNTOLD, UNTOLD_LATELY = 0, 1, 2
"""What a tracker is still to be asked of a task's past: nothing, all of it, who changed it lately."""


@dataclass(slots=True)
class PageStored:
    """What a page brought. `changed` are those whose compared content (digest) changed, or that came back."""

    new: list[Ref] = field(default_factory=list)
    changed: list[Ref] = field(default_factory=list)
    gone: list[Ref] = field(default_factory=list)
    older: list[Ref] = field(default_factory=list)
    """What the page shows as it was before it became what is stored. Such items stay as they are stored."""


@dataclass(frozen=True, slots=True)
class Shown:
    """An item as a side shows it, with the operation of ours that made it show this (None: somebody else did)."""

    item: Observed
    operation: str | None = None


@dataclass(frozen=True, slots=True)
class RecordingContext:
    """Which side of which pair is written, when, and in which transaction."""

    database: Database
    connection: Connection
    pair: int
    side: Side
    seen_at: datetime


def record_shown(
    place: RecordingContext,
    shown: Iterable[Shown],
    *,
    sweep: str | None = None,
    read_before: datetime | None = None,
    new_since: datetime | None = None,
    listed: bool = False,
) -> PageStored:
    """Stores each item that differs from what is known in any way; an item shown twice counts as last shown.

    The history gets one row for an item's first sight and one for each field that changed. What is known only from our
    own create (no version) is confirmed by the next showing, and what that shows differently is still our operation's.
    A task that the complete reading at `read_before` did not show, though it has not moved since, came into view.
    What nobody made or edited from `new_since` on is the backlog, if it was not known before.
    `listed`: by a listing, which may be behind what is known from a reading or an answer.
    """
    latest = {str(one.item.ref): one for one in _named(place, list(shown))}
    known = _known(place, list(latest))
    if any(one.item.audience_untold for one in latest.values()):
        latest = _with_known_readers(place, latest, known)
    stored = PageStored()
    rows: list[dict[str, Any]] = []
    lines: list[dict[str, Any]] = []
    unchanged: list[str] = []
    for ref, one in latest.items():
        before, encoded = known.get(ref), encode_observed(one.item)
        if before is not None and before.gone_at is None and before.payload == encoded:
            unchanged.append(ref)
            continue
        if listed and before is not None and _is_older(encoded, before):
            unchanged.append(ref)
            stored.older.append(one.item.ref)
            continue
        written = list(_lines(place, one, encoded, before))
        lines.extend(written)
        row = _row(place, one, encoded, sweep) | {
            "untold": _untold(one.item, before, written),
            "came_into_view": int(_came_into_view(one.item, before, read_before)),
            "backlog": int(_is_backlog(one.item, before, new_since)),
        }
        rows.append(row)
        if before is None:
            stored.new.append(one.item.ref)
        elif before.gone_at is not None or before.digest != row["digest"]:
            stored.changed.append(one.item.ref)
    _write(place, rows, lines)
    if sweep is not None:
        _mark_seen(place, unchanged, sweep)
    return stored


def _named(place: RecordingContext, shown: Sequence[Shown]) -> list[Shown]:
    """The items with the names by which this state knows the people in them, whom it meets by that."""
    if not any(one.item.author is not None or one.item.showing.get(Field.ASSIGNEES) for one in shown):
        return list(shown)
    known = KnownAccounts.of(load(place.connection, place.pair, place.side))
    named = [replace(one, item=known.named(one.item)) for one in shown]
    if known.changed:
        changed = [known.known[native] for native in sorted(known.changed)]
        save(place.database, place.connection, place.pair, place.side, changed)
    return named


def _with_known_readers(
    place: RecordingContext, latest: Mapping[str, Shown], known: Mapping[str, Row[Any]]
) -> dict[str, Shown]:
    """The items, those whose readers were not told with the readers that the state knows; tasks before comments."""
    where = sides.c.pair == place.pair, sides.c.side == place.side.value
    told = place.connection.scalar(select(sides.c.audience).where(*where))
    scope = Audience.RESTRICTED if told is None else Audience(told)
    found = dict(latest)
    parents = {str(one.item.parent) for one in latest.values() if one.item.audience_untold} - latest.keys()
    rows = {**known, **_known(place, sorted(parents))}
    stored = {ref: decode_observed(row.payload) for ref, row in rows.items() if row.gone_at is None}
    for ref, one in sorted(latest.items(), key=lambda named: named[1].item.kind is Kind.COMMENT):
        if one.item.audience_untold:
            parent = str(one.item.parent)
            before = stored.get(ref) if one.item.parent is None else _of_now(found, stored, parent)
            found[ref] = replace(one, item=as_known(one.item, before, scope))
    return found


def _of_now(found: Mapping[str, Shown], stored: Mapping[str, Observed], ref: str) -> Observed | None:
    return found[ref].item if ref in found else stored.get(ref)


def record_gone(place: RecordingContext, refs: Iterable[Ref]) -> list[Ref]:
    """Marks items as gone that were there until now, with a line in the history; returns which."""
    wanted = [str(ref) for ref in refs]
    there = [
        ref for piece in chunks(wanted) for ref in place.connection.scalars(_STILL_THERE, {**_of(place), "refs": piece})
    ]
    for piece in chunks(there):
        gone = {"gone_at": place.seen_at, "seen_at": place.seen_at}
        place.connection.execute(_THESE, {**_of(place), "refs": piece, **gone})
    if there:
        lines = [_line(place, Ref.parse(ref), None, place.seen_at, old=None, new=GONE) for ref in there]
        place.connection.execute(history.insert(), lines)
    return [Ref.parse(ref) for ref in there]


def record_composed(place: RecordingContext, item: Observed) -> None:
    """Stores an item that we put together ourselves: it stands in no listing, has no history and is never asked for."""
    row = _row(place, Shown(item), encode_observed(item), None)
    ours = {"kind": COMPOSED, "parent": None, "url": "", "untold": TOLD, "came_into_view": 0, "backlog": 1}
    _write(place, [row | ours], [])


def _of(place: RecordingContext) -> dict[str, Any]:
    return {"of_pair": place.pair, "of_side": place.side.value}


_MINE = (observed.c.pair == OF_PAIR, observed.c.side == OF_SIDE, observed.c.ref.in_(REFS))
_STILL_THERE = select(observed.c.ref).where(*_MINE, observed.c.gone_at.is_(None))
_THESE = update(observed).where(*_MINE)
_KNOWN: Select[Any] = (
    select(
        observed.c.ref,
        observed.c.digest,
        observed.c.gone_at,
        observed.c.unconfirmed,
        observed.c.untold,
        observed.c.came_into_view,
        observed.c.backlog,
        showings.c.payload,
    )
    .join(showings)
    .where(*_MINE)
)


def _known(place: RecordingContext, refs: Sequence[str]) -> dict[str, Row[Any]]:
    return {
        row.ref: row
        for piece in chunks(refs)
        for row in place.connection.execute(_KNOWN, {**_of(place), "refs": piece})
    }


def _is_older(encoded: Mapping[str, Any], known: Row[Any]) -> bool:
    """Whether an item is shown as it was before it became what is known; what a write promised is not known yet."""
    there = known.gone_at is None and not known.unconfirmed
    return there and datetime.fromisoformat(encoded["updated"]) < datetime.fromisoformat(known.payload["updated"])


def _row(place: RecordingContext, one: Shown, encoded: dict[str, Any], sweep: str | None) -> dict[str, Any]:
    item = one.item
    status = item.showing.get(Field.STATUS)
    finished = isinstance(status, Status) and status.category is Category.DONE and item.kind is Kind.TASK
    return {
        "pair": place.pair,
        "side": place.side.value,
        "ref": str(item.ref),
        "kind": item.kind.value,
        "rank": int(finished),
        "created": item.created,
        "parent": None if item.parent is None else str(item.parent),
        "digest": digest(item),
        "seen_at": place.seen_at,
        "gone_at": None,
        "sweep": sweep,
        "unconfirmed": one.operation if item.version == "" else None,
        "key": item.key,
        "url": item.url,
        "payload": encoded,
    }


def _lines(
    place: RecordingContext, one: Shown, encoded: dict[str, Any], before: Row[Any] | None
) -> Iterator[dict[str, Any]]:
    """The history of one item: first sight, return, or the fields that changed."""
    item, operation = one.item, one.operation
    if before is None:
        author = None if item.author is None else item.author.id
        yield _line(place, item.ref, None, item.created, old=None, new=CREATED, actor=author, operation=operation)
        return
    if before.gone_at is not None:
        # The tracker does not tell when it came back, and its `updated` may lie before it went.
        yield _line(place, item.ref, None, place.seen_at, old=GONE, new=CREATED, operation=operation)
    old, new = before.payload["fields"], encoded["fields"]
    cause = operation or before.unconfirmed
    # Some values move no time of change, those of boards for one: then it happened since the last reading.
    at = item.updated if _moved(item, before) else max(item.updated, place.seen_at)
    for name in (*Field, *_declared_in(old, new)):
        was, now = old.get(name.value), new.get(name.value)
        # A tracker may not tell all edges in every answer, and older states hold none: that is no change.
        told = not (name.leads or name.custom) or (name.value in old and name.value in new)
        if was != now and told:
            yield _line(place, item.ref, name, at, old=was, new=now, operation=cause)
    for trait, was, now in _traits(item, encoded, before.payload):
        yield _line(place, item.ref, trait, at, old=was, new=now, operation=cause)


def _declared_in(*shown: Mapping[str, Any]) -> list[Field]:
    """The fields of people's own making among what was shown: a pair may have declared them since."""
    fields = (Field(value) for value in {value: None for each in shown for value in each})
    return [field for field in fields if field.custom]


def _traits(item: Observed, encoded: dict[str, Any], before: dict[str, Any]) -> Iterator[tuple[Aspect, Any, Any]]:
    """The traits that changed; an item that we only know from our own write shows none."""
    if encoded["facts"] == before["facts"] or item.version == "" or not before["version"]:
        return
    were = traits_of(decode_observed(before).facts)
    for trait, value in traits_of(item.facts).items():
        if value != were[trait]:
            yield trait, encode_value(were[trait]), encode_value(value)


def _came_into_view(item: Observed, before: Row[Any] | None, read_before: datetime | None) -> bool:
    """Whether a task shows for another reason than that somebody made or edited it; what is edited is new again."""
    if item.kind is not Kind.TASK:
        return False
    if before is None or before.gone_at is not None:
        return read_before is not None and item.updated < read_before
    return bool(before.came_into_view) and not _moved(item, before)


def _is_backlog(item: Observed, before: Row[Any] | None, new_since: datetime | None) -> bool:
    """Whether an item was there before it was first read, and nobody edited it since."""
    if before is None or before.gone_at is not None:
        return new_since is not None and item.updated < new_since
    return bool(before.backlog) and not _moved(item, before)


def _moved(item: Observed, before: Row[Any]) -> bool:
    """Whether somebody edited an item since it was stored."""
    return item.updated > datetime.fromisoformat(before.payload["updated"])


def _untold(item: Observed, before: Row[Any] | None, lines: Sequence[dict[str, Any]]) -> int:
    """What the tracker is to be asked of a task once these lines are written: only what somebody else did."""
    if item.kind is not Kind.TASK:
        return TOLD
    by_others = [line for line in lines if line["operation"] is None and line["field"] != Field.BODY.value]
    if before is None:
        return UNTOLD if by_others else TOLD
    return before.untold or (UNTOLD_LATELY if by_others else TOLD)


def _line(
    place: RecordingContext,
    ref: Ref,
    name: Aspect | None,
    at: datetime,
    *,
    old: Any,
    new: Any,
    actor: str | None = None,
    operation: str | None = None,
) -> dict[str, Any]:
    return {
        "pair": place.pair,
        "side": place.side.value,
        "ref": str(ref),
        "field": None if name is None else name.value,
        "at": at,
        "seen_at": place.seen_at,
        "actor": actor,
        "old": old,
        "new": new,
        "operation": operation,
    }


def _write(place: RecordingContext, rows: list[dict[str, Any]], lines: list[dict[str, Any]]) -> None:
    if rows:
        # Outside of a sweep the last one that saw the item stays on record.
        kept = {observed: frozenset({"sweep"} if rows[0]["sweep"] is None else ()), showings: frozenset[str]()}
        for table, columns in kept.items():
            names = [column.name for column in table.columns]
            upsert = place.database.upsert(table, keep=columns)
            place.connection.execute(upsert, [{name: row[name] for name in names} for row in rows])
    if lines:
        place.connection.execute(history.insert(), lines)


def _mark_seen(place: RecordingContext, refs: Sequence[str], sweep: str) -> None:
    for piece in chunks(refs):
        place.connection.execute(_THESE, {**_of(place), "refs": piece, "sweep": sweep})
