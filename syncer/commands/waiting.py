"""What waits, as `status` and `sync` show it: grouped by the reason, or as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from syncer.commands.output import printable
from syncer.core.notification import line_of

if TYPE_CHECKING:
    from syncer.core.waiting import Waiting

SHOWN = 20
"""Lines of a pair that people still read; `--json` has all of them."""

TITLES = {
    "conflict": "conflicts",
    "held": "held",
    "refused": "could not be written",
    "gone": "gone on one side",
    "ring": "would close a cycle",
    "lost answer": "an answer was lost",
    "unreadable": "an answer makes no sense",
    "consent": "new items that wait for your consent",
    "paused": "paused",
    "retry": "is tried again by itself",
    "audience": "not carried: more people could read it than may",
    "unmapped": "not carried: nothing stands for it on the other side",
    "hidden": "not carried: hidden by its tracker",
    "backlog": "not carried: the file leaves it out of the first sync",
    "elsewhere": "not carried: it belongs to another place of the scope",
    "direction": "not carried: the rules carry it the other way only",
    "limit": "not carried: the other side cannot hold it",
}
"""What is said of each reason (`Why`), those first that need a person."""


def outcome_said(outcome: str) -> str:
    """An outcome as people read it: `held` is said of items alone, and such a run was not."""
    return "waits" if outcome == "held" else outcome


def waiting_as_json(one: Waiting) -> dict[str, Any]:
    """An item that waits, for programs."""
    return {
        "key": one.key, "item": one.item, "field": None if one.field is None else str(one.field),
        "why": one.why.value, "reason": one.reason, "settle": one.settle, "needs_a_person": one.needs_a_person,
    }  # fmt: skip


def listed(pair: str, waits: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """What waits in a pair (as JSON), a line an item under each reason, at most `SHOWN`; then how many are left out."""
    order = list(TITLES)
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for one in sorted(waits, key=lambda one: order.index(one["why"]) if one["why"] in order else len(order)):
        groups.setdefault(one["why"], []).append(one)
    left = SHOWN
    for why, group in groups.items():
        yield f"{pair}: {TITLES.get(why, why)} ({len(group)})"
        for one in group[:left]:
            yield f"  {printable(line_of(one['item'], one['field'], one['reason'], one['settle']))}"
        left -= len(group[:left])
    if len(waits) > SHOWN:
        yield f"{pair}: {len(waits) - SHOWN} more are not shown: syncer status --pair {pair} --json"
