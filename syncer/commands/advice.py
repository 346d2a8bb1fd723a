"""`syncer advice`: what to change this week and why, and what became of the advice of earlier weeks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from syncer.commands.opening import now, open_settings, open_store
from syncer.commands.options import ConfigOption, JsonOption, StateOption, VerboseOption, WeekOption, add
from syncer.commands.output import console, emit, printable
from syncer.commands.report import a_week, week_given

if TYPE_CHECKING:
    from syncer.report.model.evaluation import Evaluation


def register(app: typer.Typer) -> None:
    """Adds the command."""
    add(app, "advice", advice, "syncer advice", "syncer advice --week 2026-W47 --json")


def advice(
    week: WeekOption = None,
    json: JsonOption = False,
    verbose: VerboseOption = 0,
    config: ConfigOption = None,
    state: StateOption = None,
) -> None:
    """Show the advice of a week with its evidence, who can act and what is expected, at most six pieces.

    Below it what became of the advice of the two weeks before: taken or not, and whether its figure moved. Asks no
    tracker: it tells what the last syncs have read.
    """
    from syncer.app.reporting import Reporting

    chosen = week_given(week)
    settings = open_settings(config, state, verbose)
    with open_store(settings) as store:
        reporting = Reporting(settings, store, now)
        with a_week():
            reporting.window(chosen)
        found = reporting.evaluate(chosen)
    if json:
        from syncer.report.render.json_text import jsonable

        emit(
            {
                "week": found.window.label,
                "advice": [{"id": one.id, **jsonable(one)} for one in found.advice],
                "follow_up": [{"id": one.advice.id, **jsonable(one)} for one in found.follow_up],
            }
        )
        return
    _tell(found)


def _tell(found: Evaluation) -> None:
    from syncer.report.render import language
    from syncer.report.render.phrases.advice import advice_row, follow_up_row

    screen, english = console(), language("en")
    for number, one in enumerate(found.advice, 1):
        row = advice_row(one, english)
        screen.print(printable(f"{number}. {row.text}"))
        for task in one.evidence:
            keys = ", ".join(place.key for place in task.places)
            screen.print(printable(f"     {keys}  {task.title}"))
        screen.print(printable(f"   {english.clauses(f'Who: {row.who}', row.age)}"))
        if row.expected:
            screen.print(printable(f"   {row.expected}"))
    if not found.advice:
        screen.print(f"Nothing to advise in {found.window.label}.")
    if found.follow_up:
        screen.print("\nAdvice of earlier weeks:")
    for past in found.follow_up:
        screen.print(printable(f"- {follow_up_row(past, english).text}"))
