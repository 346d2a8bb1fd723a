"""`syncer conflicts` and `syncer resolve`: fields that both sides changed apart, and a person's decision."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from syncer.commands.failures import CommandFailed
from syncer.commands.opening import now, open_settings, open_store
from syncer.commands.options import ConfigOption, JsonOption, PairOption, StateOption, VerboseOption, add
from syncer.commands.output import ago, console, emit, printable

if TYPE_CHECKING:
    from syncer.contract.model import Side
    from syncer.core.records import Conflict
    from syncer.richtext.markup import Markup
    from syncer.store import Store


def register(app: typer.Typer) -> None:
    """Adds both commands."""
    add(app, "conflicts", conflicts, "syncer conflicts", "syncer conflicts --all --json")
    add(app, "resolve", resolve, "syncer resolve 12 left", "syncer resolve 12 'value:Pay by invoice, from 1 May'")


def conflicts(
    pair: PairOption = None,
    everything: Annotated[bool, typer.Option("--all", help="Also those that were settled.")] = False,
    json: JsonOption = False,
    verbose: VerboseOption = 0,
    config: ConfigOption = None,
    state: StateOption = None,
) -> None:
    """List the fields that both sides changed, with both values.

    A conflict stays listed until both sides agree again, whatever the policy of the field did meanwhile.
    """
    from syncer.app.wiring import build_markups

    settings = open_settings(config, state, verbose, only=pair)
    with open_store(settings) as store:
        found = [as_json(store, conflict) for conflict in store.conflicts.of_pair(pair, open_only=not everything)]
    if json:
        emit({"conflicts": found})
        return
    screen = console()
    moment = now()
    markups = build_markups(settings)
    for entry in found:
        _tell(screen, entry, moment, markups.get(entry["pair"], {}))
    if not found:
        screen.print("No conflicts.")
    elif any(entry["decision"] is None and entry["settled_at"] is None for entry in found):
        screen.print("Decide with: syncer resolve ID left|right|value:TEXT")


def resolve(
    number: Annotated[int, typer.Argument(metavar="ID", help="The conflict's number in `syncer conflicts`.")],
    decision: Annotated[str, typer.Argument(metavar="left|right|value:TEXT", help="Which value is to stand.")],
    json: JsonOption = False,
    verbose: VerboseOption = 0,
    config: ConfigOption = None,
    state: StateOption = None,
) -> None:
    """Decide a conflict. The next sync writes the decision."""
    if decision not in {"left", "right"} and not decision.startswith("value:"):
        raise typer.BadParameter('write left, right, or "value:" followed by the text', param_hint="decision")
    settings = open_settings(config, state, verbose)
    with open_store(settings) as store:
        conflict = store.conflicts.get(number)
        problem = _undecidable(conflict, number)
        if conflict is None or problem:
            raise CommandFailed("unknown", problem)
        store.conflicts.decide(number, decision, now())
        decided = store.conflicts.get(number)
        entry = as_json(store, conflict if decided is None else decided)
    if json:
        emit({"conflict": entry})
        return
    console().print(f"Decided: {decision}. The next sync writes it: syncer sync --pair {entry['pair']}")


def as_json(store: Store, conflict: Conflict) -> dict[str, Any]:
    """A conflict with the keys people know its items by."""
    from syncer.contract.model import Side

    link = store.links.get(conflict.link)
    items = {} if link is None else {side: store.observed.get(conflict.pair, side, link.ref(side)) for side in Side}
    return {
        "id": conflict.id,
        "pair": conflict.pair,
        "items": {
            side.value: None if item is None else {"key": item.key, "url": item.url} for side, item in items.items()
        },
        "field": conflict.field.value,
        "left": conflict.left,
        "right": conflict.right,
        "base": {"left": conflict.base_left, "right": conflict.base_right},
        "policy": str(conflict.policy),
        "opened_at": conflict.opened_at.isoformat(),
        "decision": conflict.decision,
        "decided_at": None if conflict.decided_at is None else conflict.decided_at.isoformat(),
        "settled_at": None if conflict.settled_at is None else conflict.settled_at.isoformat(),
    }


def _undecidable(conflict: Conflict | None, number: int) -> str:
    if conflict is None:
        return f"There is no conflict {number}; `syncer conflicts` lists them."
    if conflict.settled_at is not None:
        return f"Conflict {number} is settled: both sides agree again."
    return ""


def _tell(screen: Any, entry: dict[str, Any], moment: Any, markups: Mapping[Side, Markup]) -> None:
    from datetime import datetime

    from syncer.contract.model import Side

    keys = " = ".join(item["key"] for item in entry["items"].values() if item is not None)
    when = ago(datetime.fromisoformat(entry["opened_at"]), moment)
    standing = (entry["decision"] and f"decided: {entry['decision']}") or f"policy: {entry['policy']}"
    if entry["settled_at"] is not None:
        standing = "settled"
    screen.print(f"{entry['id']}  {entry['pair']}  {printable(keys)}  {entry['field']}  {when}  {standing}")
    for side in Side:
        value = shown(entry["field"], entry[side.value], markup=markups.get(side))
        screen.print(f"    {side.value:5}  {value}")


def shown(
    field: str, value: Any, limit: int = 160, name: Callable[[str], str] = str, markup: Markup | None = None
) -> str:
    """A stored value of a field on one line, shortened.

    `name` tells what a milestone is called by its id, `markup` reads texts.
    """
    from syncer.contract.history import aspect
    from syncer.report.gather.values import one_line, readable

    line = one_line(readable(aspect(field), value, name, markup)) or "empty"
    return line if len(line) <= limit else line[: limit - 1] + "…"
