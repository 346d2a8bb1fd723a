"""What waits, as `status` and `sync` show it: grouped by the reason, or as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from syncer.commands.output import printable
from syncer.core.telling import line_of

if TYPE_CHECKING:
    from syncer.core.records import Waiting

SHOWN = 20
"""Lines of a pair that people still read; `--json` has all of them."""

TITLES = {
    "conflict": "both sides changed it",
    "held": "held",
    "refused": "refused by the tracker",
    "gone": "gone on one side",
    "ring": "would close a ring",
    "lost answer": "an answer was lost",
    "unreadable": "an answer makes no sense",
    "audience": "not carried: more people could read it than may",
    "unmapped": "not carried: no row of a map names it",
    "direction": "not carried: the rules carry it the other way only",
    "limit": "not carried: no room on the other side",
}
"""What is said of each reason, those first that need a person."""


def waiting_as_json(one: Waiting) -> dict[str, Any]:
    """An item that waits, for programs."""
    return {
        "key": one.key, "item": one.item, "field": None if one.field is None else one.field.value,
        "why": one.why.value, "reason": one.reason, "settle": one.settle, "needs_a_person": one.needs_a_person,
    }  # fmt: skip


def listed(pair: str, waits: Sequence[Waiting]) -> Iterator[str]:
    """What waits in a pair, a line an item under each reason, at most `SHOWN` items; then how many are left out."""
    left = SHOWN
    order = list(TITLES)
    for why in sorted({one.why.value for one in waits}, key=lambda why: order.index(why) if why in order else 99):
        group = [one for one in waits if one.why.value == why]
        if left > 0:
            yield f"{pair}: {TITLES.get(why, why)} ({len(group)})"
        for one in group[: max(left, 0)]:
            yield f"  {printable(line_of(one))}"
        left -= len(group)
    if left < 0:
        yield f"{pair}: {-left} more wait: syncer status --pair {pair} --json"
