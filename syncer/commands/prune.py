"""`syncer prune`: what the state holds longer than it is wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from syncer.commands.opening import now, open_settings, open_store
from syncer.commands.options import ConfigOption, JsonOption, PairOption, StateOption, VerboseOption, add
from syncer.commands.output import console, emit
from syncer.core.amounts import plural

if TYPE_CHECKING:
    from syncer.core.retention import Pruned, Retention
    from syncer.store import Store

SORTS = {
    "runs": ("run", "runs"),
    "updates": ("update of the journal", "updates of the journal"),
    "creates": ("create, but for its marker", "creates, but for their markers"),
    "told_twice": ("change that is known twice", "changes that are known twice"),
    "texts": ("old text, but for its beginning", "old texts, but for their beginnings"),
    "changes": ("change of a field", "changes of fields"),
}


def register(app: typer.Typer) -> None:
    """Adds the command."""
    add(app, "prune", prune, "syncer prune --dry-run", "syncer prune --pair payments")


def prune(
    pair: PairOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be deleted.")] = False,
    json: JsonOption = False,
    verbose: VerboseOption = 0,
    config: ConfigOption = None,
    state: StateOption = None,
) -> None:
    """Delete now what is past the times of `[retention]`; runs do it by themselves, a little each day.

    Nothing is deleted that decides anything: links, markers that were ever sent, what is apart, conflicts, and writes
    whose outcome is open. The file does not shrink; what is free in it is used again, and is left out of a backup.
    """
    settings = open_settings(config, state, verbose, only=pair)
    keep = settings.retention.kept
    found: dict[str, Pruned] = {}
    with open_store(settings) as store:
        known = store.pairs.names()
        for name in [each.name for each in settings.pairs if pair in {None, each.name} and each.name in known]:
            found[name] = store.expired.count(name, keep, now()) if dry_run else _pruned(store, name, keep)
    if json:
        emit({"dry_run": dry_run, "pairs": [{"name": name, **dict(one.counts())} for name, one in found.items()]})
        return
    screen = console()
    for name, one in found.items():
        parts = [plural(count, *SORTS[sort]) for sort, count in one.counts() if count]
        done = "would be deleted" if dry_run else "deleted"
        screen.print(f"{name}: {', '.join(parts)} {done}" if parts else f"{name}: nothing is past its time")


def _pruned(store: Store, name: str, keep: Retention) -> Pruned:
    """Deletes all that is past its time, a few rows at a time, under the lease of the pair."""
    from syncer.core.retention import Pruned
    from syncer.sync.context import fresh_id

    done = Pruned()
    with store.lease(name, fresh_id()) as lease:
        while (step := store.expired.prune(lease, keep, now())).total:
            done += step
    return done
