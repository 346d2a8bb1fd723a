"""Where reading goes on, as arithmetic on moments of the server's clock. Pure.

Why a cursor is more than a date. Jira's search index lags, so reading begins an overlap before the newest change seen;
of a burst in it at most `TAIL` items are read each time, and all once more when the index must have settled.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from syncer.contract.model import Cursor

TAIL = 80
"""How many of the newest items are read again each time: below one page, so that a quiet run costs one request."""
PAGE = 100


@dataclass(frozen=True, slots=True)
class Burst:
    """More changes than `TAIL` within one overlap: `start` to `newest`, to be read once more at `due`."""

    start: int
    newest: int
    due: int


@dataclass(frozen=True, slots=True)
class CursorContent:
    """The content of a cursor. All moments are of the server, in epoch milliseconds."""

    start: int = 0
    """Where the next reading begins."""
    newest: int = 0
    """The newest change ever seen."""
    settled: int = 0
    """Up to here the index was read after it had settled."""
    burst: Burst | None = None
    project: str = ""
    """Numeric id of the project, so that a renamed key changes nothing; "" when not known."""
    account: str = ""
    """Our own account, so that it need not be asked again; "" when not known."""
    scope: str = ""
    """Key and filter that were configured: under others this is no place to go on from."""
    declared: str = ""
    """What the site told of the declared fields (`connectors.jira.declared`); "" where none are declared."""


def dump(position: CursorContent) -> Cursor:
    """The position as a cursor; equal positions give equal text."""
    return Cursor(json.dumps(asdict(position), sort_keys=True, separators=(",", ":")))


def load(cursor: Cursor) -> CursorContent | None:
    """The position in a cursor, None when it cannot be read: everything is then read again, which is slow but safe."""
    try:
        found = json.loads(cursor)
        burst = found.pop("burst")
        numbers = {key: int(found.pop(key)) for key in ("start", "newest", "settled")}
        texts = {key: str(found.pop(key)) for key in ("project", "account", "scope")}
        texts["declared"] = str(found.pop("declared", ""))  # cursors of former versions have none
        position = CursorContent(**numbers, **texts)  # type: ignore[arg-type]  # the keys of both are spelled out above
        return position if burst is None else replace(position, burst=Burst(**{k: int(v) for k, v in burst.items()}))
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def burst_is_due(position: CursorContent, now: int | None) -> bool:
    """True when the index has had time to settle since the burst; `now` is the server's clock, None when unknown."""
    return position.burst is not None and now is not None and now >= position.burst.due


def after_burst(position: CursorContent, overlap: int) -> CursorContent:
    """The position once the burst has been read again: everything up to its newest change is settled."""
    if position.burst is None:
        return position
    settled = position.burst.newest
    return replace(position, settled=settled, burst=None, start=max(settled, position.newest - overlap))


def advanced(position: CursorContent, seen: Sequence[int], now: int | None, overlap: int) -> CursorContent:
    """The position after a reading that showed changes at the moments `seen`, while the server's clock said `now`.

    The start never passes a change that may still be unsettled, except the older part of a burst, which is noted.
    """
    newest = max(position.newest, *seen) if seen else position.newest
    overlap_start = max(position.settled, newest - overlap, 0)
    recent = sorted(moment for moment in seen if moment >= overlap_start)
    tail = _tail_of(recent) if len(recent) > TAIL else None
    if position.burst is not None:
        start = max(position.start, newest - overlap, tail or 0)
        return replace(position, newest=newest, start=start)
    if tail is None:
        return replace(position, newest=newest, start=overlap_start)
    # Without the server's clock the burst is never due; the daily full listing then does its work.
    due = now + overlap if now is not None else 2**62
    return replace(position, newest=newest, start=tail, burst=Burst(overlap_start, newest, due))


def _tail_of(recent: Sequence[int]) -> int:
    """Where the newest `TAIL` of the sorted moments begin; past a moment that more items share than a page holds."""
    tail = recent[-TAIL]
    return tail if len(recent) - bisect_left(recent, tail) <= PAGE else tail + 1
