"""`syncer state`: the whole state is carried to another place."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from syncer.commands.opening import now, open_settings
from syncer.commands.options import ConfigOption, JsonOption, VerboseOption, add
from syncer.commands.output import console, emit
from syncer.core.amounts import plural


def register(app: typer.Typer) -> None:
    """Adds the command."""
    add(app, "state", state, "syncer state copy /var/lib/syncer postgresql://syncer@db.acme.example/syncer")


def state(
    action: Annotated[Literal["copy"], typer.Argument(help="What is done.")],
    source: Annotated[str, typer.Argument(metavar="FROM", help="State directory or postgresql:// address.")],
    target: Annotated[str, typer.Argument(metavar="TO", help="The same, of a place that holds no state yet.")],
    json: JsonOption = False,
    verbose: VerboseOption = 0,
    config: ConfigOption = None,
) -> None:
    """Carry the whole state from SQLite to PostgreSQL or back.

    Every table is copied in one piece and compared with what was read, by count and digest. No run begins meanwhile. A
    place that holds something is refused, and what fails leaves nothing behind. FROM stays as it was; it is the same
    state, so go on with one of them only.
    """
    assert action == "copy"  # noqa: S101 - the only one there is
    open_settings(config, None, verbose, alone=True)
    from syncer.store import Store
    from syncer.sync.context import fresh_id

    with Store.open_existing(source, clock=now) as store:
        rows = store.copy_to(target, fresh_id())
        place = store.lineage.place
    if json:
        emit({"from": source, "to": target, "rows": rows})
        return
    screen = console()
    screen.print(f"Copied and compared: {plural(sum(rows.values()), 'row')} of {plural(len(rows), 'table')}.")
    screen.print("Next: write the new place as `state` into the configuration, then: syncer status")
    screen.print(f"Never run on the old one again: {place}", soft_wrap=True)
