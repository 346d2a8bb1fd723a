"""`syncer plan show`: the plan of one goal, whether it will hold, and how it became what it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from syncer.commands.opening import now, open_settings, open_store
from syncer.commands.options import ConfigOption, JsonOption, StateOption, VerboseOption, add
from syncer.commands.output import console, emit, printable, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from syncer.report.model.collaboration import Goal, Task
    from syncer.report.model.evaluation import Evaluation
    from syncer.report.model.goal import GoalFigures
    from syncer.report.model.plan import PlanItem, Revision
    from syncer.report.render.language import Language
    from syncer.settings import Settings
    from syncer.store import Store

GoalArgument = Annotated[str, typer.Argument(metavar="GOAL", help="Its key (PAY-1), its title, or a part of that.")]


@dataclass(frozen=True, slots=True)
class _Told:
    """One goal with all that is told of it."""

    figures: GoalFigures
    tasks: dict[str, Task]
    """All that ever belonged to it, by id."""
    names: dict[str, str]
    revisions: tuple[Revision, ...]
    order: tuple[str, ...]
    """Ids of its open tasks, those first that others wait for."""
    advice: str
    """What would make the plan feasible; empty where that is not said."""


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
    settings = open_settings(config, state, verbose)
    with open_store(settings) as store:
        told = _told(settings, store, goal)
    chosen = next((one for one in told.revisions if one.number == revision), None)
    if revision is not None and chosen is None:
        raise typer.BadParameter(f"there are {len(told.revisions)} revisions", param_hint="--revision")
    if json:
        emit(_as_json(told, chosen))
        return
    _tell(told, chosen)


def _told(settings: Settings, store: Store, wanted: str) -> _Told:
    from zoneinfo import ZoneInfo

    from syncer.app.wiring import build_declarations, build_markups, build_rules
    from syncer.report import Window, plan_of
    from syncer.report.forecast.order import in_order
    from syncer.report.model.plan import ever_part_of, revisions

    moment, zone = now(), ZoneInfo(settings.report.timezone)
    rules = [build_rules(settings, pair) for pair in settings.pairs]
    window = Window.containing(moment, zone)
    declared, markups = build_declarations(settings), build_markups(settings)
    whole, week = plan_of(store, rules, window=window, now=moment, declared=declared, markups=markups)
    goal = _found(wanted, whole.goals)
    tasks = ever_part_of(whole.tasks).get(goal.id, [])
    open_tasks = [task for task in tasks if task.standing.open and goal.id in task.goals]
    return _Told(
        figures=next(one for one in week.goals if one.id == goal.id),
        tasks={task.id: task for task in tasks},
        names={person.id: person.name for person in whole.people},
        revisions=revisions(goal, tasks, moment, zone),
        order=tuple(task.id for task in in_order(open_tasks)),
        advice=_advice(goal.id, week),
    )


def _found(wanted: str, goals: Sequence[Goal]) -> Goal:
    """The goal with a key, a title or a part of one. Raises BadParameter where there is none, or several."""
    named = [goal for goal in goals if not goal.restricted]
    folded = wanted.casefold()
    found = (
        [goal for goal in named if goal.id == wanted or any(place.key.casefold() == folded for place in goal.places)]
        or [goal for goal in named if goal.title.casefold() == folded]
        or [goal for goal in named if folded in goal.title.casefold()]
    )
    if len(found) == 1:
        return found[0]
    known = ", ".join(f"“{goal.title}”" for goal in (found or named)) or "none was read"
    raise typer.BadParameter(f"{'several goals match' if found else 'no such goal'}: {known}", param_hint="GOAL")


def _advice(goal: str, week: Evaluation) -> str:
    from syncer.report.model.evaluation import AdviceRule
    from syncer.report.render import language
    from syncer.report.render.phrases.advice import advice_row

    given = next((one for one in week.advice if one.rule is AdviceRule.REPLAN and one.subject == goal), None)
    if given is None:
        return ""
    english = language("en")
    row = advice_row(given, english)
    return english.sentences(row.text, row.expected)


def _as_json(told: _Told, chosen: Revision | None) -> dict[str, object]:
    from syncer.report.render.machine import jsonable

    shown = chosen or (told.revisions[-1] if told.revisions else None)
    items = [] if shown is None else [jsonable(item) for item in shown.plan.items.values()]
    return {
        "goal": jsonable(told.figures),
        "revision": None if shown is None else shown.number,
        "items": items,
        "order": list(told.order),
        "revisions": [
            {"number": one.number, "day": one.day.isoformat(), "due": jsonable(one.plan.due),
             "tasks": len(one.plan.items), "changes": [jsonable(change) for change in one.changes]}
            for one in told.revisions
        ],
        "advice": told.advice,
    }  # fmt: skip


def _tell(told: _Told, chosen: Revision | None) -> None:
    from syncer.report.render import language
    from syncer.report.render.phrases.goals import forecast, goal_finding
    from syncer.report.render.phrases.plans import reasons

    screen, english, goal = console(), language("en"), told.figures
    keys = " · ".join(place.key for place in goal.places)
    screen.print(printable(f"{goal.title} ({keys})"), style="bold", highlight=False)
    due = "No date." if goal.due is None else f"Due {english.day_of_year(goal.due)}."
    screen.print(printable(english.sentences(goal_finding(goal, english), due, forecast(goal, english))))
    plan = chosen or (told.revisions[-1] if told.revisions else None)
    if plan is not None:
        position = {name: number for number, name in enumerate(told.order)}
        rows = sorted(plan.plan.items.values(), key=lambda item: (item.done, position.get(item.task, len(position))))
        columns = ("Task", "Title", "Owner", "Due", "Waits for", "Last in")
        table("", columns, [_row(item, told, english) for item in rows])
    if told.advice and chosen is None:
        screen.print(printable(told.advice))
    told_rows = [
        (one.number, one.day.isoformat(), "\n".join(reasons(one, told.tasks, told.names, english)))
        for one in told.revisions
    ]
    table("Revisions", ("No.", "Day", "Why"), told_rows)
    if not told.revisions:
        screen.print("No task belongs to it yet.")


def _row(item: PlanItem, told: _Told, english: Language) -> tuple[str, ...]:
    from syncer.report.render.phrases.plans import key_of

    task = told.tasks[item.task]
    drivers = () if told.figures.forecast is None else told.figures.forecast.drivers
    shares = {driver.task.task: driver.share for driver in drivers}
    waits = tuple(key_of(told.tasks[one]) if one in told.tasks else "another" for one in sorted(item.waits_for))
    return (
        key_of(task),
        "" if task.restricted else task.title,
        english.listing(tuple(told.names.get(who, who) for who in item.owners)) or "nobody",
        "done" if item.done else "" if item.due is None else english.day(item.due),
        english.listing(waits),
        english.percent(shares[item.task]) if item.task in shares else "",
    )
