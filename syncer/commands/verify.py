"""`syncer verify`: a full comparison of both sides under the rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import typer

from syncer.commands.conflicts import shown
from syncer.commands.exits import Exit
from syncer.commands.interruption import CommandInterrupted
from syncer.commands.not_held import not_held
from syncer.commands.opening import open_settings, running
from syncer.commands.options import ConfigOption, JsonOption, PairOption, StateOption, VerboseOption, add
from syncer.commands.output import console, emit, printable, table
from syncer.core.amounts import plural

if TYPE_CHECKING:
    from syncer.sync.context import PairContext
    from syncer.sync.verify import Differing, PairComparison

_SHOWN = 200
"""Rows of a table that people still read; `--json` has all of them."""


def register(app: typer.Typer) -> None:
    """Adds the command."""
    add(app, "verify", verify, "syncer verify", "syncer verify --pair payments --json")


def verify(
    pair: PairOption = None,
    json: JsonOption = False,
    verbose: VerboseOption = 0,
    config: ConfigOption = None,
    state: StateOption = None,
) -> None:
    """Compare both sides completely under the rules and list every difference. Writes nothing to a tracker.

    Each difference is either written by the next sync, or waits with a reason: `syncer status` and `syncer conflicts`
    list what waits.

    Ends with 0 when both sides agree, or differ only in what is known to wait: open conflicts, held items, what the
    rules keep back; and for a pair that only watches. Ends with 1 when a sync would write something, when something
    differs that no list has yet, and when the pair was never synced.
    """
    from syncer.sync.verify import verify_pair

    settings = open_settings(config, state, verbose, only=pair)
    found: list[tuple[PairComparison, list[dict[str, Any]]]] = []
    with running(settings, only=pair) as work:
        for context in work.contexts:
            comparison = verify_pair(context)
            beside = {"unheld": comparison.unheld, "staying": comparison.staying, "lacking": context.lacking()}
            comparison.not_held = list(not_held(context.store, context.name, beside))
            found.append((comparison, [_row(context, one) for one in comparison.differences]))
    if work.interruption.code is not None:
        raise CommandInterrupted(work.interruption.code)
    if json:
        emit({"pairs": [_as_json(comparison, rows) for comparison, rows in found]})
    else:
        for comparison, rows in found:
            _tell(comparison, rows)
    in_order = all(comparison.in_order for comparison, _ in found)
    raise typer.Exit(Exit.DONE if in_order else Exit.RETRY)


def _row(context: PairContext, one: Differing) -> dict[str, Any]:
    """A difference with its values as people see them."""
    from syncer.contract.model import Side

    left, right = (
        ""
        if one.field is None
        else dict(one.said).get(side)
        or shown(
            one.field.value,
            value,
            name=_named(context, side, one.field.value),
            markup=context.connectors[side].markup,
        )
        for side, value in ((Side.LEFT, one.left), (Side.RIGHT, one.right))
    )
    return {
        "item": one.item,
        "field": None if one.field is None else str(one.field),
        "left": left,
        "right": right,
        "next": "waits" if one.waits else "written",
        "why": None if one.why is None else one.why.value,
        "reason": one.reason,
        "listed": one.known,
    }


def _named(context: PairContext, side: Any, field: str) -> Callable[[str], str]:
    """What people call the item or person behind a native id."""
    from syncer.contract.model import Field, Kind, Ref

    def name(native: str) -> str:
        if field == Field.MILESTONES.value:
            milestone = context.store.observed.get(context.name, side, Ref(Kind.MILESTONE, native))
            return native if milestone is None else str(milestone.showing.get(Field.TITLE, native))
        if Field(field).leads:
            task = context.store.observed.get(context.name, side, Ref(Kind.TASK, native))
            return native if task is None else task.key
        return native

    return name


def _as_json(comparison: PairComparison, rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "name": comparison.name,
        "agrees": comparison.in_order and not rows and comparison.compared > 0,
        "synced": comparison.synced,
        "mode": "watch" if comparison.watches else "sync",
        "compared": comparison.compared,
        "only": {
            side.value: {kind.value: count for kind, count in kinds.items()} for side, kinds in comparison.only.items()
        },
        "differences": rows,
        "not_compared": comparison.unheld,
        "staying": comparison.staying,
        "not_held": comparison.not_held,
        "refused": comparison.refused or None,
    }


def _tell(comparison: PairComparison, rows: list[dict[str, Any]]) -> None:
    console().print(f"{comparison.name}: {found_in_one_line(comparison)}")
    for said in comparison.not_held:
        console().print(printable(f"  {said}"))
    if comparison.refused:
        console().print(printable(f"  the next sync is refused before its first write: {comparison.refused}"))
    writes = "A sync would write" if comparison.watches or comparison.refused else "The next sync writes"
    for title, standing in ((writes, "written"), ("Waits", "waits")):
        told = [row for row in rows if row["next"] == standing]
        columns = ("item", "field", "left", "right", "reason")
        table(title, columns, [[row[column] for column in columns] for row in told[:_SHOWN]])
        if len(told) > _SHOWN:
            console().print(f"  … and {len(told) - _SHOWN} more (--json shows all)")


def found_in_one_line(comparison: PairComparison) -> str:
    """What was found, in one line: `20 only left, 23 only right; never synced: syncer sync --pair payments`."""
    parts = [_alone(comparison)]
    if comparison.written:
        who = "a sync would write" if comparison.watches or comparison.refused else "the next sync writes"
        parts.append(f"{plural(len(comparison.written), 'difference')} {who}")
    if comparison.waiting:
        waits = plural(len(comparison.waiting), "difference waits", "differences wait")
        parts.append(f"{waits} (syncer status, syncer conflicts)")
    found = ", ".join(part for part in parts if part)
    if not comparison.synced:
        return f"{found or 'nothing was compared'}; never synced: syncer sync --pair {comparison.name}"
    if comparison.watches:
        return f"{found or _agreement(comparison)}; only watches, nothing is written"
    return found or _agreement(comparison)


def _agreement(comparison: PairComparison) -> str:
    """What may be said where nothing differs: no more than was compared."""
    if not comparison.compared:
        return "nothing to compare: both sides are empty"
    return "both sides agree in all that can be compared" if comparison.unheld else "both sides agree"


def _alone(comparison: PairComparison) -> str:
    counts = {side: sum(kinds.values()) for side, kinds in comparison.only.items()}
    return ", ".join(f"{count} only {side}" for side, count in counts.items() if count)
