"""`syncer conflicts`: fields that both sides changed, item by item, with what differs marked."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from syncer.commands.failures import CommandFailed
from syncer.commands.opening import find, now, open_settings, open_store
from syncer.commands.options import ConfigOption, JsonOption, PairOption, StateOption, VerboseOption, add
from syncer.commands.output import ago, console, emit, printable
from syncer.core.conflict_text import Fate, Piece, difference, excerpt, marked, said

if TYPE_CHECKING:
    from rich.console import Console

    from syncer.contract.model import Side
    from syncer.core.records import Conflict
    from syncer.richtext.markup import Markup
    from syncer.settings import Settings
    from syncer.store import Store

EVERYTHING = 1_000_000
"""Characters of a value that are compared: more than any tracker stores."""
STYLES = {Fate.KEPT: "", Fate.GONE: "red strike", Fate.NEW: "bold green"}


def register(app: typer.Typer) -> None:
    """Adds the command."""
    add(app, "conflicts", conflicts, "syncer conflicts", "syncer conflicts 12", "syncer conflicts PAY-7 --all --json")


def conflicts(
    which: Annotated[
        str | None, typer.Argument(metavar="[ID|KEY]", help="One conflict in full, or those of one item.")
    ] = None,
    pair: PairOption = None,
    everything: Annotated[bool, typer.Option("--all", help="Also those that were settled.")] = False,
    json: JsonOption = False,
    verbose: VerboseOption = 0,
    config: ConfigOption = None,
    state: StateOption = None,
) -> None:
    """List the fields that both sides changed, or that differed when they were linked, item by item.

    What differs from what both agreed on is marked.

    A conflict stays listed until both sides agree again, whatever the policy of the field did meanwhile. With an ID or
    KEY it is shown in full.
    """
    from syncer.app.wiring import build_markups

    settings = open_settings(config, state, verbose, only=pair)
    with open_store(settings) as store:
        found = [as_json(store, conflict) for conflict in _chosen(store, settings, which, pair, everything=everything)]
    if json:
        emit({"conflicts": found})
        return
    screen = console()
    markups = build_markups(settings)
    with _paged(screen, long=which is not None):
        for group in _by_item(found):
            _tell(screen, group, markups.get(group[0]["pair"], {}), full=which is not None)
    if not found:
        screen.print("No conflicts.")
    elif any(entry["decision"] is None and entry["settled_at"] is None for entry in found):
        look = "One in full: syncer conflicts ID. " if which is None else ""
        screen.print(f"{look}{how_to_decide(found)}")


def how_to_decide(found: Sequence[Mapping[str, Any]]) -> str:
    """The command that decides, with what it takes for every open conflict, and what for some of them alone."""
    waiting = [entry for entry in found if entry["decision"] is None and entry["settled_at"] is None]
    every = [one for one in waiting[0]["choices"] if all(one in entry["choices"] for entry in waiting)]
    rest: dict[str, list[str]] = {}
    for entry in waiting:
        if more := "|".join(one for one in entry["choices"] if one not in every):
            rest.setdefault(more, []).append(str(entry["id"]))
    also = "".join(f"; of {', '.join(ids)} also {more}" for more, ids in rest.items())
    return f"Decide with: syncer resolve ID {'|'.join(every)}{also}"


def _chosen(
    store: Store, settings: Settings, which: str | None, pair: str | None, *, everything: bool
) -> list[Conflict]:
    """The conflicts that were asked for. Raises CommandFailed for a number or key that has none."""
    if which is None:
        return store.conflicts.of_pair(pair, open_only=not everything)
    if which.isdigit():
        found = store.conflicts.get(int(which))
        if found is None or pair not in {None, found.pair}:
            raise CommandFailed("unknown", f"There is no conflict {which}; `syncer conflicts` lists them.")
        return [found]
    of_item = of_key(store, settings, which, pair, open_only=not everything)
    if not of_item:
        raise CommandFailed("unknown", f"{which} has no conflict; `syncer conflicts` lists them.")
    return of_item


def of_key(store: Store, settings: Settings, key: str, pair: str | None, *, open_only: bool = True) -> list[Conflict]:
    """The conflicts of an item, by its key or address on either side, and those of its comments."""
    links = set()
    for configured, side, item in find(store, settings.pairs, key, pair):
        for ref in (item.ref, *(one.ref for one in store.observed.comments_of(configured.name, side, item.ref))):
            link = store.links.of_item(configured.name, side, ref)
            links |= {link.id} if link is not None else set()
    return [one for one in store.conflicts.of_pair(pair, open_only=open_only) if one.link in links]


def as_json(store: Store, conflict: Conflict) -> dict[str, Any]:
    """A conflict with the keys people know its items by."""
    from syncer.contract.model import Side
    from syncer.sync.resolving import choices

    link = store.links.get(conflict.link)
    items = {} if link is None else {side: store.observed.get(conflict.pair, side, link.ref(side)) for side in Side}
    return {
        "id": conflict.id,
        "pair": conflict.pair,
        "items": {
            side.value: None if item is None else {"key": item.key, "url": item.url} for side, item in items.items()
        },
        "field": str(conflict.field),
        "left": conflict.left,
        "right": conflict.right,
        "base": {"left": conflict.base_left, "right": conflict.base_right},
        "policy": str(conflict.policy),
        "choices": list(choices(conflict)),
        "reason": conflict.reason,
        "opened_at": conflict.opened_at.isoformat(),
        "decision": conflict.decision,
        "decided_by": conflict.decided_by or None,
        "decided_at": None if conflict.decided_at is None else conflict.decided_at.isoformat(),
        "settled_at": None if conflict.settled_at is None else conflict.settled_at.isoformat(),
    }


def called(entry: Mapping[str, Any]) -> str:
    """What people call the items of a conflict: `PAY-1 = acme/pay#1`."""
    return printable(" = ".join(item["key"] for item in entry["items"].values() if item is not None))


def _by_item(found: Sequence[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """The conflicts of each item together, in the order in which the items first appear."""
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for entry in found:
        groups.setdefault((entry["pair"], called(entry)), []).append(entry)
    return list(groups.values())


@dataclass(frozen=True, slots=True)
class Compared:
    """One line of a conflict: what it is called, and its text with what differs."""

    name: str
    pieces: Sequence[Piece]


def compared(entry: Mapping[str, Any], markups: Mapping[Side, Markup], *, full: bool = False) -> Iterator[Compared]:
    """What both sides show of a conflict, each against what both agreed on; without that the right against the left.

    Two values that differ never look alike: where the excerpts do, the right is shown against the left.
    """
    from syncer.contract.model import Side

    texts = {side: _text(entry, entry[side.value], markups.get(side)) for side in Side}
    bases = {side: _text(entry, entry["base"][side.value], markups.get(side)) for side in Side}
    shorten: Callable[[Sequence[Piece]], Sequence[Piece]] = (lambda pieces: pieces) if full else excerpt
    agreed = all(entry["base"][side.value] is not None for side in Side)
    if agreed:
        changes = {side: shorten(difference(bases[side], texts[side])) for side in Side}
    else:
        changes = {Side.LEFT: shorten([Piece(Fate.KEPT, texts[Side.LEFT])])}
    differ = texts[Side.LEFT] != texts[Side.RIGHT]
    if not agreed or (differ and marked(changes[Side.LEFT]) == marked(changes[Side.RIGHT])):
        changes[Side.RIGHT] = shorten(difference(texts[Side.LEFT], texts[Side.RIGHT]))
    if agreed and full:
        yield Compared("base", [Piece(Fate.KEPT, bases[Side.LEFT] or "empty")])
    for side in Side:
        yield Compared(side.value, changes[side] or [Piece(Fate.KEPT, "empty")])
    if not differ:
        yield Compared("", [Piece(Fate.KEPT, "The words are the same on both sides; links, marks or lists differ.")])


def _text(entry: Mapping[str, Any], value: Any, markup: Markup | None) -> str:
    from syncer.contract.history import aspect_called
    from syncer.report.gather.values import readable

    return readable(aspect_called(entry["field"]), value, str, markup, longest=EVERYTHING)


def _tell(screen: Console, group: Sequence[dict[str, Any]], markups: Mapping[Side, Markup], *, full: bool) -> None:
    screen.print(f"{group[0]['pair']}  {called(group[0])}")
    for entry in group:
        when = ago(datetime.fromisoformat(entry["opened_at"]), now())
        screen.print(f"  {entry['id']}  {entry['field']}  {when}  {_standing(entry)}")
        for line in compared(entry, markups, full=full):
            _show(screen, line, full=full)


def _show(screen: Console, line: Compared, *, full: bool) -> None:
    """One line of a conflict: words that differ are coloured where there are colours, else in brackets."""
    from rich.text import Text

    pieces = [Piece(piece.fate, printable(piece.text)) for piece in line.pieces]
    if screen.color_system is None:
        shown = Text(marked(pieces))
    else:
        shown = Text.assemble(*((piece.text, STYLES[piece.fate]) for piece in pieces))
    if not full or "\n" not in shown.plain:
        screen.print(Text(f"     {line.name:5}  ") + shown)
        return
    screen.print(f"     {line.name}")
    for row in shown.split("\n"):
        screen.print(Text("       ") + row)


def _standing(entry: Mapping[str, Any]) -> str:
    decided = f"decided: {said(entry['decision'])}" if entry["decision"] else ""
    if entry["settled_at"] is not None:
        return f"settled; {decided}" if decided else "settled"
    return decided or f"policy: {entry['policy']}"


def _paged(screen: Console, *, long: bool) -> AbstractContextManager[object]:
    """A pager around what is long, where somebody watches; it ends by itself where everything fits."""
    if not screen.is_terminal or not long:
        return nullcontext()
    os.environ.setdefault("LESS", "FRX")
    return screen.pager(styles=True)


def shown(
    field: str, value: Any, limit: int = 160, name: Callable[[str], str] = str, markup: Markup | None = None
) -> str:
    """A stored value of a field on one line, shortened.

    `name` tells what a milestone is called by its id, `markup` reads texts.
    """
    from syncer.contract.history import aspect_called
    from syncer.report.gather.values import one_line, readable

    line = one_line(readable(aspect_called(field), value, name, markup)) or "empty"
    return line if len(line) <= limit else line[: limit - 1] + "…"
