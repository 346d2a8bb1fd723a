"""Which links between tasks stay on their side, because the other one has nothing for their type.

Found by a complete reading, which has looked at every task; a later run says what the last one found.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from syncer.contract.model import EDGE_SETS, Field, Kind, Side
from syncer.core.amounts import plural
from syncer.sync.context import PairContext

NAMED = 3
"""So many of the tasks are named."""


def links_that_stay(context: PairContext, *, swept: bool) -> list[str]:
    """A sentence for each type of links that has no partner."""
    if swept:
        return [said for side in Side for said in _on(context, side)]
    last = next((run for run in context.store.pairs.runs(context.name, limit=2) if run.finished_at is not None), None)
    return [] if last is None else list(last.result.get("staying", ()))


def _on(context: PairContext, side: Side) -> Iterator[str]:
    here, other = (context.connectors[each].capabilities for each in (side, side.other))
    alone = [
        field
        for field in EDGE_SETS
        if field in here.fields[Kind.TASK]
        and field not in {*other.fields[Kind.TASK], *other.lacking}
        and context.rules.rule(field).direction.writes(side.other)
    ]
    absent = f"{context.addresses[side.other]} has no such links"
    unnamed = "no row of [pairs.links] names the type" if Field.RELATES in other.fields[Kind.TASK] else absent
    found: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for item in context.store.observed.items(context.name, side, Kind.TASK):
        for field in alone:
            if item.showing.get(field):
                found[str(field), absent].append(item.key)
        for name in item.facts.other_links:
            found[name, unnamed].append(item.key)
    for (name, why), keys in sorted(found.items()):
        have, more = plural(len(keys), "task has", "tasks have"), "…" if len(keys) > NAMED else ""
        named = ", ".join([*keys[:NAMED], *filter(None, [more])])
        yield f"{context.addresses[side]}: {have} links “{name}”, which stay there: {why} ({named})"
