"""`syncer responsibilities`: who is responsible for what, from what that is known, and what is missing."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Annotated

import typer

from syncer.commands.opening import now, open_settings, open_store
from syncer.commands.options import ConfigOption, JsonOption, PairOption, StateOption, VerboseOption, add
from syncer.commands.output import console, emit, printable
from syncer.core.amounts import plural

if TYPE_CHECKING:
    from syncer.report.model.responsibilities import Gap, ResponsibilityTable

TRACKER_HINTS = {
    "nobody-responsible": "Assign them in either tracker.",
    "permission-against-role": "Change the permission in the tracker, or what is written down.",
    "unknown-person": "Write the name as in [[people]] of the configuration, or an account of a tracker.",
    "unknown-scope": "Write the name as the tracker has it.",
}
"""What to do where no line of the file settles it."""


def register(app: typer.Typer) -> None:
    """Adds the command."""
    add(
        app,
        "responsibilities",
        responsibilities,
        "syncer responsibilities",
        "syncer responsibilities --pair payments",
        "syncer responsibilities --week 2026-W47 --json",
    )


def responsibilities(
    pair: PairOption = None,
    week: Annotated[
        str | None, typer.Option(metavar="YYYY-Www", help="As it was at the end of an ISO week (default: now).")
    ] = None,
    tasks: Annotated[
        bool, typer.Option("--tasks", help="Also each open task: who does it, who answers for it.")
    ] = False,
    json: JsonOption = False,
    verbose: VerboseOption = 0,
    config: ConfigOption = None,
    state: StateOption = None,
) -> None:
    """Show who is responsible for what in each scope, and what is missing, with the line that would settle it.

    Each value says whether people declared it, a tracker says so, or it is inferred, and from what. What the
    responsibilities file says goes before the trackers. Asks no tracker: it tells what the last syncs have read.
    """
    from syncer.app.reporting import Reporting

    settings = open_settings(config, state, verbose, only=pair)
    with open_store(settings) as store:
        reporting = Reporting(settings, store, now)
        try:
            window = reporting.window(week)
        except ValueError as error:
            raise typer.BadParameter(str(error), param_hint="--week") from None
        found = reporting.responsibilities(window, pair, tasks=tasks)
    if json:
        from syncer.report.render.json_text import jsonable

        shown = jsonable(found)
        emit({"responsibilities": shown["rows"], "gaps": shown["gaps"], "unread": shown["unread"]})
        return
    _tell(found)


def _tell(found: ResponsibilityTable) -> None:
    from syncer.report.render import language
    from syncer.report.render.phrases.responsibilities import gap_sentence, row_of, scope_name, unread_sentence

    screen, english = console(), language("en")
    several = len({row.pair for row in found.rows}) > 1
    for (pair, scope), people in groupby(found.rows, key=lambda row: (row.pair, row.scope)):
        named = scope_name(scope, english)
        screen.print(printable(f"{pair}, {named}" if several else named))
        for row in (row_of(one, english) for one in people):
            screen.print(printable("  " + english.aside(row.person, english.points(row.letters, row.part))))
            screen.print(printable(f"      {row.grounds}"))
    for part in found.unread:
        screen.print(printable(unread_sentence(part, english)))
    for gap in found.gaps:
        screen.print(printable(f"\n{gap_sentence(gap, english)}"))
        for line in _remedy(gap):
            screen.print(printable(line))
    screen.print(f"\n{plural(len(found.gaps), 'gap')}." if found.gaps else "No gaps.")


def _remedy(gap: Gap) -> list[str]:
    """The lines that settle a gap, and where they go."""
    keys = ", ".join(place.key for place in gap.places)
    if not gap.fix:
        return [f"  {TRACKER_HINTS.get(gap.kind.value, '')} {keys}".rstrip()]
    where = f"at {gap.detail}" if gap.fix[0] != "[[responsibilities]]" else "in the responsibilities file"
    return [f"  Write {where}:", *(f"    {line}" for line in gap.fix)]
