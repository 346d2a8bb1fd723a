"""`syncer retry`: has the next run try again what a tracker refused, whatever its pauses say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from syncer.commands.failures import CommandFailed
from syncer.commands.opening import now, open_settings, open_store
from syncer.commands.options import ConfigOption, JsonOption, PairOption, StateOption, VerboseOption, add
from syncer.commands.output import console, emit, printable, say

if TYPE_CHECKING:
    from syncer.core.records import LinkedItems
    from syncer.store import Store


def register(app: typer.Typer) -> None:
    """Adds the command."""
    add(app, "retry", retry, "syncer retry", "syncer retry PAY-3", "syncer retry --pair payments")


def retry(
    key: Annotated[str | None, typer.Argument(metavar="KEY", help="Only the item of this key, on either side.")] = None,
    pair: PairOption = None,
    json: JsonOption = False,
    verbose: VerboseOption = 0,
    config: ConfigOption = None,
    state: StateOption = None,
) -> None:
    """Mark what a tracker refused (fields, held items, items that could not be created) to be tried by the next sync.

    Each complete reading tries it too. Conflicts are no part of it: `syncer resolve` decides those.
    """
    settings = open_settings(config, state, verbose, only=pair)
    names = [found.name for found in settings.pairs if pair in {None, found.name}]
    with open_store(settings) as store:
        marked = [
            {"pair": name, "item": item, "what": what} for name in names for item, what in _mark(store, name, key)
        ]
    if key is not None and not marked:
        raise CommandFailed(
            "unknown", f"{key}: nothing of it was refused or given up. `syncer status` lists what waits."
        )
    if json:
        emit({"marked": marked})
    for one in [] if json else marked:
        console().print(f"{one['pair']}: {printable(one['item'])}: {printable(one['what'])}")
    if marked:
        say(f"The next sync tries again: syncer sync{'' if pair is None else f' --pair {pair}'}")
    else:
        say("Nothing was refused or given up.")


def _mark(store: Store, name: str, key: str | None) -> list[tuple[str, str]]:
    """Marks what waits in a pair; each item with what is tried."""
    from syncer.sync.context import fresh_id
    from syncer.sync.ledger import called
    from syncer.sync.retry import refused, release_creates, try_again

    if name not in store.pairs.names():
        return []
    with store.lease(name, fresh_id()) as lease:
        links = try_again(store, lease, name, lambda items: refused(items.link) and _is_called(items, key))
        creates = release_creates(store, lease, name, now(), lambda item: key is None or _same(item.key, key))
    return [
        *((called(items), _what(items)) for items in links),
        *((item, "is created") for item in creates),
    ]


def _is_called(items: LinkedItems, key: str | None) -> bool:
    keys = [item.key for item in (items.left, items.right) if item is not None]
    return key is None or any(_same(own, key) for own in keys)


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()


def _what(items: LinkedItems) -> str:
    """The refused fields of a link, or that it is tried as a whole."""
    from syncer.core.waiting import Why

    fields: list[Any] = [str(one.field) for one in items.link.differs if one.why is Why.REFUSED]
    return f"{', '.join(fields)} {'is' if len(fields) == 1 else 'are'} written" if fields else "is decided again"
