"""`syncer plan show`: the plan of one goal, whether it will hold, and how it became what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from syncer.commands.opening import now, open_settings, open_store
from syncer.commands.options import ConfigOption, JsonOption, StateOption, VerboseOption, add
from syncer.commands.output import console, emit, printable, table

if TYPE_CHECKING:
    from syncer.app.reporting import GoalPlan
    from syncer.report.model.evaluation import Advice
    from syncer.report.model.plan import PlanItem, Revision
    from syncer.report.render.language import Language

GoalArgument = Annotated[str, typer.Argument(metavar="GOAL", help="Its key (PAY-1), its title, or a part of that.")]


def register(app: typer.Typer) -> None:
    """Adds the command."""
    plan = typer.Typer(no_args_is_help=True, rich_markup_mode="rich")
    add(plan, "show", show, "syncer plan show PAY-1", 'syncer plan show "Release 1.0" --revision 1 --json')
    app.add_typer(
        plan,
        name="plan",
        help="Show the plan of a goal and its revisions.",
        epilog="Examples:\n\nsyncer plan show PAY-1",
    )


def show(
    goal: GoalArgument,
    revision: Annotated[int | None, typer.Option(min=1, help="The plan as it was after this revision.")] = None,
    json: JsonOption = False,
    verbose: VerboseOption = 0,
    config: ConfigOption = None,
    state: StateOption = None,
) -> None:
    """Show the plan of a goal: its tasks in order, whose and by when, its forecast, and each revision with its reasons.

    Revisions follow from the history of both trackers: what was changed on one day is one of them. Asks no tracker.
    """
    from syncer.app.reporting import Reporting, UnknownGoal

    settings = open_settings(config, state, verbose)
    with open_store(settings) as store:
        try:
            plan = Reporting(settings, store, now).plan(goal)
        except UnknownGoal as error:
            raise typer.BadParameter(str(error), param_hint="GOAL") from None
    chosen = next((one for one in plan.revisions if one.number == revision), None)
    if revision is not None and chosen is None:
        raise typer.BadParameter(f"there are {len(plan.revisions)} revisions", param_hint="--revision")
    if json:
        emit(_as_json(plan, chosen))
        return
    _tell(plan, chosen)


def _advice(given: Advice | None, english: Language) -> str:
    """What would make the plan feasible; empty where that is not said."""
    from syncer.report.render.phrases.advice import advice_row

    if given is None:
        return ""
    row = advice_row(given, english)
    return english.sentences(row.text, row.expected)


def _as_json(plan: GoalPlan, chosen: Revision | None) -> dict[str, object]:
    from syncer.report.render import language
    from syncer.report.render.json_text import jsonable

    shown = chosen or (plan.revisions[-1] if plan.revisions else None)
    items = [] if shown is None else [jsonable(item) for item in shown.plan.items.values()]
    return {
        "goal": jsonable(plan.figures),
        "revision": None if shown is None else shown.number,
        "items": items,
        "order": list(plan.order),
        "revisions": [
            {"number": one.number, "day": one.day.isoformat(), "due": jsonable(one.plan.due),
             "tasks": len(one.plan.items), "changes": [jsonable(change) for change in one.changes]}
            for one in plan.revisions
        ],
        "advice": _advice(plan.advice, language("en")),
    }  # fmt: skip


def _tell(plan: GoalPlan, chosen: Revision | None) -> None:
    from syncer.report.render import language
    from syncer.report.render.phrases.goals import forecast, goal_finding, reasons

    screen, english, goal = console(), language("en"), plan.figures
    keys = " · ".join(place.key for place in goal.places)
    screen.print(printable(f"{goal.title} ({keys})"), style="bold", highlight=False)
    due = "No date." if goal.due is None else f"Due {english.day_of_year(goal.due)}."
    screen.print(printable(english.sentences(goal_finding(goal, english), due, forecast(goal, english))))
    shown = chosen or (plan.revisions[-1] if plan.revisions else None)
    if shown is not None:
        position = {name: number for number, name in enumerate(plan.order)}
        rows = sorted(shown.plan.items.values(), key=lambda item: (item.done, position.get(item.task, len(position))))
        columns = ("Task", "Title", "Owner", "Due", "Waits for", "Last in")
        table("", columns, [_row(item, plan, english) for item in rows])
    if plan.advice is not None and chosen is None:
        screen.print(printable(_advice(plan.advice, english)))
    reasoned = [
        (one.number, one.day.isoformat(), "\n".join(reasons(one, plan.tasks, plan.names, english)))
        for one in plan.revisions
    ]
    table("Revisions", ("No.", "Day", "Why"), reasoned)
    if not plan.revisions:
        screen.print("No task belongs to it yet.")


def _row(item: PlanItem, plan: GoalPlan, english: Language) -> tuple[str, ...]:
    from syncer.report.render.phrases.goals import key_of

    task = plan.tasks[item.task]
    drivers = () if plan.figures.forecast is None else plan.figures.forecast.drivers
    shares = {driver.task.task: driver.share for driver in drivers}
    waits = tuple(key_of(plan.tasks[one]) if one in plan.tasks else "another" for one in sorted(item.waits_for))
    return (
        key_of(task),
        "" if task.restricted else task.title,
        english.listing(tuple(plan.names.get(who, who) for who in item.owners)) or "nobody",
        "done" if item.done else "" if item.due is None else english.day(item.due),
        english.listing(waits),
        english.percent(shares[item.task]) if item.task in shares else "",
    )
