"""What was written to a side and not yet seen there: kept with the link until the side shows it or a person decides.

Why: an answer is no proof. A tracker may leave out a part of a request without a word, an answer may be lost, or tell
less than the item. Until a side *shows* what it was asked for, neither side's base may say that both agree; and what it
shows instead is either the tracker's doing (a refusal) or a person's edit, which must never be taken for each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

from syncer.contract.model import Field, Side
from syncer.core.codec import compact
from syncer.core.link_memory import LinkMemory, Sent, Verdict, Way
from syncer.core.records import Link
from syncer.core.side_view import ViewValue, encode_view
from syncer.core.trusted_time import LONGEST_BACKOFF
from syncer.core.waiting import Difference, Why

QUICK_TRIES = 8
"""Refusals of one field in a row after which only a complete reading, an edit or `syncer retry` tries it again."""


PendingFields = dict[Side, dict[Field, Sent]]


def pending_of(memory: LinkMemory) -> PendingFields:
    """What was written to both sides and not yet seen there, to be changed and stored by `with_pending`."""
    return {side: dict(memory.pending.get(side, {})) for side in Side}


def with_pending(link: Link, pending_fields: PendingFields) -> Link:
    """The link that remembers other fields as pending."""
    return replace(link, memory=replace(link.memory, pending=pending_fields))


def judged(link: Link, verdicts: Mapping[tuple[Side, Field], tuple[Verdict, Any]]) -> Link:
    """The link with what a tracker's history told of fields in doubt, each with what its side showed then, encoded.

    A refusal is told of that value alone: another one that is shown later is somebody's edit.
    """
    pending_fields = pending_of(link.memory)
    for (side, name), (verdict, shown) in verdicts.items():
        if (sent := pending_fields[side].get(name)) is not None:
            told = replace(sent, verdict=verdict)
            refused = verdict is Verdict.REFUSED and not sent.answered
            pending_fields[side][name] = replace(told, answered=True, shown=shown) if refused else told
    return replace(with_pending(link, pending_fields), settled={})


def mark(value: ViewValue) -> str:
    """A short name of a value, by which one that was refused is recognised."""
    return blake2b(compact(encode_view(value)).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def refused_of(memory: LinkMemory) -> dict[Side, dict[Field, str]]:
    """The marks of the values that each side refused last, to be changed."""
    return {side: dict(memory.refused.get(side, {})) for side in Side}


def refusal(before: Link, name: Field, side: Side, reason: str, now: datetime) -> Difference:
    """The difference that a refused field is, to be tried again after a pause that grows with each refusal."""
    earlier = (one for one in before.differs if one.field is name and one.side is side and one.why is Why.REFUSED)
    attempts = next((one.attempts for one in earlier), 0) + 1
    wait = min(timedelta(minutes=2 ** (attempts - 1)), LONGEST_BACKOFF) if attempts < QUICK_TRIES else None
    return Difference(name, side, Why.REFUSED, reason, attempts, None if wait is None else now + wait)


def with_difference(link: Link, difference: Difference) -> Link:
    """The link with a difference in the place of what was known of that field."""
    return replace(link, differs=(*(one for one in link.differs if one.field is not difference.field), difference))


def pending(link: Link, side: Side, names: Mapping[Field, Sent]) -> Link:
    """The link with fields of a side that are still to be seen there.

    What was pending before a write that failed is so as before: nothing new is known of it.
    """
    pending_fields = pending_of(link.memory)
    for name, sent in names.items():
        earlier = pending_fields[side].get(name)
        told_nothing = earlier is not None and sent.way is Way.FAILED and earlier.way is not Way.UPDATED
        kept = replace(earlier, known=True, asked=sent.asked, source=sent.source) if earlier and told_nothing else sent
        pending_fields[side][name] = replace(kept, first=earlier is not None and earlier.first)
    return with_pending(link, pending_fields)
