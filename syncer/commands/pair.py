"""`syncer pair`: a pair gets another name, or is forgotten."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from syncer.commands.exits import Exit
from syncer.commands.opening import now, open_settings, open_store
from syncer.commands.options import ConfigOption, StateOption, VerboseOption, add
from syncer.commands.output import console, say
from syncer.core.amounts import plural

if TYPE_CHECKING:
    from syncer.settings import Settings
    from syncer.store import Store

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def register(app: typer.Typer) -> None:
    """Adds the command."""
    add(app, "pair", pair, "syncer pair rename payments billing", "syncer pair forget payments --yes")


def pair(
    action: Annotated[Literal["rename", "forget"], typer.Argument(help="What is done.")],
    name: Annotated[str, typer.Argument(metavar="OLD", help="The pair, as the state knows it.")],
    new: Annotated[str | None, typer.Argument(metavar="NEW", help="Its new name, for rename.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Forget without asking.")] = False,
    verbose: VerboseOption = 0,
    config: ConfigOption = None,
    state: StateOption = None,
) -> None:
    """Give a pair another name, or forget it.

    Renamed, it stays the same pair: everything that is in step stays so. Forgotten, it never was: what a new pair of
    its scopes would create waits for your consent. With the same name, or with it in `formerly`, a new pair recognises
    the items that were created for it. The trackers are not asked.
    """
    settings = open_settings(config, state, verbose)
    with open_store(settings) as store:
        known = store.pairs.names()
        if name not in known:
            _end(f'The state has no pair "{name}"; it has: {", ".join(known) or "none"}.')
        if action == "rename":
            _rename(settings, store, name, new)
        else:
            _forget(store, name, new, yes=yes)


def _rename(settings: Settings, store: Store, name: str, new: str | None) -> None:
    if new is None or not _NAME.fullmatch(new):
        _end(f"Name what it is called now: syncer pair rename {name} NEW (letters, digits, dots, dashes).")
    elif settings.pair(name) is not None:
        _end(f'The configuration names a pair "{name}" still: write name = "{new}" there first.')
    else:
        with store.lease(name, f"rename-{name}") as lease:
            store.naming.rename(lease, new, now())
        console().print(f"{name} is called {new} from now on. Next: syncer sync --pair {new}")


def _forget(store: Store, name: str, new: str | None, *, yes: bool) -> None:
    if new is not None:
        _end(f"A pair is forgotten by its name alone: syncer pair forget {name}")
    say(_given_up(store, name))
    if not yes:
        if not sys.stdin.isatty():
            _end(f"Nothing was forgotten. Without a terminal, say that you mean it: syncer pair forget {name} --yes")
        typer.confirm(f"Forget {name}?", abort=True)
    with store.lease(name, f"forget-{name}") as lease:
        store.naming.forget(lease)
    console().print(f"{name} is forgotten.")


def _given_up(store: Store, name: str) -> str:
    links = ", ".join(plural(count, kind.value) for kind, count in store.links.count(name).items() if count)
    conflicts = len(store.conflicts.of_pair(name))
    return (
        f"The state gives up of {name}: that {links or 'nothing'} on both sides belong together,"
        f" {plural(conflicts, 'open conflict')}, and all of its history, which past reports are made of."
        " Nothing is deleted on the trackers. What a new pair of these scopes would create waits for your"
        " consent. With the same name, or with it in formerly, it recognises the items that were created for it."
    )


def _end(message: str) -> None:
    say(message)
    raise typer.Exit(Exit.USAGE)
