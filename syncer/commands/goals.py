"""`syncer goals`: how far each goal is, whether its date will be kept, and what would make it a better goal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from syncer.commands.opening import now, open_settings, open_store
from syncer.commands.options import ConfigOption, JsonOption, StateOption, VerboseOption, WeekOption, add
from syncer.commands.output import console, emit, printable
from syncer.commands.report import a_week, week_given

if TYPE_CHECKING:
    from syncer.report.model.evaluation import Evaluation
    from syncer.report.model.goal import GoalFigures


def register(app: typer.Typer) -> None:
    """Adds the command."""
    add(app, "goals", goals, "syncer goals", "syncer goals --week 2026-W47 --json")


def goals(
    week: WeekOption = None,
    json: JsonOption = False,
    verbose: VerboseOption = 0,
    config: ConfigOption = None,
    state: StateOption = None,
) -> None:
    """Show each goal with its owner and date, how far it is, its forecast, and the edits that would make it SMART.

    Goals are epics, initiatives, versions and milestones. Asks no tracker: it tells what the last syncs have read.
    """
    from syncer.app.reporting import Reporting

    chosen = week_given(week)
    settings = open_settings(config, state, verbose)
    with open_store(settings) as store:
        reporting = Reporting(settings, store, now)
        # On a Monday the report is of the week that has ended; where a goal stands is asked of today.
        with a_week():
            label = reporting.window(chosen).label
        found = reporting.evaluate(label)
    if json:
        emit({"week": found.window.label, "goals": [_as_json(goal) for goal in found.goals]})
        return
    _tell(found)


def _as_json(goal: GoalFigures) -> dict[str, object]:
    from syncer.report.render import language
    from syncer.report.render.json_text import jsonable
    from syncer.report.render.phrases.goals import edit

    shown: dict[str, object] = jsonable(goal)
    english = language("en")
    return shown | {"edits": {criterion.value: edit(criterion, english) for criterion in goal.smart.zeros}}


def _tell(found: Evaluation) -> None:
    from syncer.report.render import content, language

    screen, english = console(), language("en")
    for row in content(found, english).goals:
        goal = row.figures
        keys = " · ".join(place.key for place in goal.places)
        screen.print(printable(f"{goal.title} ({row.kind}, {keys})"), style="bold", highlight=False)
        screen.print(printable(f"  {english.labelled(row.verdict, row.finding)} {row.due}; {row.owners}."))
        edit = english.labelled("One edit that helps", row.edit) if row.edit else ""
        for said in (row.measure, english.sentences(row.forecast, row.drivers), edit):
            if said:
                screen.print(printable(f"  {said}"))
        screen.print()
    if not found.goals:
        screen.print("No goals: no epic, version or milestone was read.")
