"""`syncer status`: how the pairs are, from the state alone: no tracker is asked."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from syncer.commands.cluster_status import cluster_as_json, tell_cluster
from syncer.commands.exits import Exit
from syncer.commands.fail_on import conditions_of, failures
from syncer.commands.hook_status import hooks_as_json, tell_hooks
from syncer.commands.not_held import not_held
from syncer.commands.opening import now, open_settings, open_store
from syncer.commands.options import ConfigOption, JsonOption, PairOption, StateOption, VerboseOption, add
from syncer.commands.output import ago, console, emit, printable, say, table
from syncer.commands.waiting import listed, outcome_said, waiting_as_json
from syncer.core.amounts import moment as written
from syncer.core.amounts import plural, span
from syncer.core.change import writes_in

if TYPE_CHECKING:
    from syncer.core.records import RunRecord
    from syncer.store import Store

_APART = 4
"""Items that are apart which are named; `--json` has all of them."""
_RUNS = 50
"""How many runs are looked at for lag and estimate."""
SOON = timedelta(days=14)
"""How long before its end a token is named."""


def register(app: typer.Typer) -> None:
    """Adds the command."""
    add(
        app,
        "status",
        status,
        "syncer status",
        "syncer status --fail-on conflicts,waiting,lag=30m",
        "syncer status --json | jq '.pairs[].lag_seconds'",
    )


def status(
    pair: PairOption = None,
    fail_on: Annotated[
        str | None,
        typer.Option(
            "--fail-on",
            metavar="WORDS",
            help="End with 1 where one of these holds: conflicts, waiting, lag=30m (m, h, d); several with commas.",
        ),
    ] = None,
    json: JsonOption = False,
    verbose: VerboseOption = 0,
    config: ConfigOption = None,
    state: StateOption = None,
) -> None:
    """Show the last runs, how far behind each pair is, what waits and why, and budgets.

    Asks no tracker: it reads the state only, and may be called while a sync is running. With --fail-on it is a check
    for monitors: a pair that was never brought up to date counts as behind.
    """
    conditions = conditions_of(fail_on)
    settings = open_settings(config, state, verbose, only=pair)
    moment = now()
    chosen = [found for found in settings.pairs if pair in {None, found.name}]
    with open_store(settings) as store:
        pairs = [{**pair_status(store, found.name, moment), "mode": found.mode.value} for found in chosen]
        budgets, cluster = _budgets(store, settings, moment), cluster_as_json(store, settings, moment)
        hooks = hooks_as_json(store, settings, moment)
    trackers = {one.name: {one.left.tracker, one.right.tracker} for one in chosen}
    left = backlogs(trackers, pairs, {one["tracker"] for one in budgets if one["creates_only"]})
    failed = [said for one in pairs for said in failures(one, conditions)]
    if json:
        told = {"failed": failed} if fail_on is not None else {}
        emit({"pairs": pairs, "budgets": budgets, "backlogs": left, "cluster": cluster, "hooks": hooks, **told})
    else:
        _tell(pairs, budgets, moment)
        for one in left:
            writes, mine = plural(one["remaining"], "write"), plural(len(one["pairs"]), "pair")
            console().print(f"{one['tracker']}: {writes} of {mine} still to do{_at_that_rate(one['seconds'])}")
        if cluster is not None:
            tell_cluster(cluster)
        if hooks is not None:
            tell_hooks(hooks, moment)
        for said in failed:
            say(said)
    raise typer.Exit(Exit.RETRY if failed else Exit.DONE)


def pair_status(store: Store, name: str, moment: datetime) -> dict[str, Any]:
    """All that the state tells about a pair, as JSON.

    `held`, as it is called in JSON, counts what waits for a person and is no conflict; `waiting` has besides what the
    rules do not carry.
    """
    from syncer.core.waiting import Why
    from syncer.sync.ledger import waiting

    runs = store.pairs.runs(name, limit=_RUNS)
    finished = [run for run in runs if run.finished_at is not None]
    complete = next((run for run in finished if run.outcome in {"clean", "held"}), None)
    waits = waiting(store, name)
    ends = finished[0].result.get("credentials_end", {}) if finished else {}
    apart = sum(one.why is Why.CONFLICT for one in waits)
    return {
        "name": name,
        "last_run": None if not runs else _run(runs[0]),
        "last_complete": None if complete is None else complete.started_at.isoformat(),
        "lag_seconds": None if complete is None else round((moment - complete.started_at).total_seconds()),
        "out_of_reach": finished[0].result["message"] if finished and finished[0].result.get("outage") else None,
        "links": {kind.value: count for kind, count in store.links.count(name).items()},
        "conflicts": apart,
        "held": sum(one.needs_a_person for one in waits) - apart,
        "waiting": [waiting_as_json(one) for one in waits],
        "apart": list(_apart_as_json(store, name)),
        "outside": dict(_outside(store, name)),
        "credentials_end": ends,
        "expiring": list(_expiring(store, name, ends, moment)),
        "not_held": [] if complete is None else list(not_held(store, name, complete.result)),
        "unsettled_writes": len(store.journal.open(name)),
        "kept_back": dict(runs[0].result.get("kept_back", {})) if runs else {},
        "estimate": estimate(finished),
    }


def _apart_as_json(store: Store, name: str) -> Iterator[dict[str, Any]]:
    """The items that somebody set apart, the latest first; their comments go without saying."""
    from syncer.contract.model import Kind, Side

    listed = [one for one in store.apart.listed(name) if one.ref.kind is not Kind.COMMENT]
    keys = {
        (side, ref): item.key
        for side in Side
        for ref, item in store.observed.get_many(name, side, [one.ref for one in listed if one.side is side]).items()
    }
    partners = {(one.side.other, one.partner) for one in listed if one.partner is not None}
    for side in Side:
        there = store.observed.get_many(name, side, [ref for where, ref in partners if where is side])
        keys |= {(side, ref): item.key for ref, item in there.items()}
    for one in listed:
        if (one.side, one.ref) in keys:
            key, since = keys[one.side, one.ref], one.since.isoformat()
            former = None if one.partner is None else keys.get((one.side.other, one.partner))
            yield {"side": one.side.value, "key": key, "partner": former, "since": since, "by": one.by, "why": one.why}


def _apart(pair: Mapping[str, Any]) -> Iterator[str]:
    """What is apart in a pair: how many items, and the latest with who did it, when and why."""
    items = pair["apart"]
    if items:
        yield f"{pair['name']}: {plural(len(items), 'item is', 'items are')} apart: no run creates or links a partner"
    for one in items[:_APART]:
        since = written(datetime.fromisoformat(one["since"]).astimezone())
        why = f": {one['why']}" if one["why"] else ""
        former = f", formerly = {one['partner']}" if one["partner"] else ""
        settle = f"syncer link {one['key']} {one['partner'] or 'KEY'}"
        yield printable(f"  {one['key']}{former}: by {one['by']} since {since}{why}. Settle: {settle}")
    if len(items) > _APART:
        yield f"  {len(items) - _APART} more are not shown: syncer status --pair {pair['name']} --json"


def _outside(store: Store, name: str) -> Iterator[tuple[str, int]]:
    """How many linked tasks the filter of a side does not admit and are followed, by the address of the side."""
    from syncer.contract.model import Side

    for side in Side:
        state = store.pairs.side(name, side)
        if state is not None and state.outside:
            yield state.address or side.value, state.outside


def _expiring(store: Store, name: str, ends: Mapping[str, str], moment: datetime) -> Iterator[str]:
    """The sides whose credentials end soon, or have ended, as of the last run; a sentence each."""
    from syncer.contract.model import Side

    for side, text in ends.items():
        left, state = datetime.fromisoformat(text) - moment, store.pairs.side(name, Side(side))
        if left < SOON:
            where = side if state is None or not state.address else state.address
            when = f"ends in {span(left)}" if left > timedelta() else "has ended"
            yield f"{where}: the token {when} ({text[:10]}): put a new one into its place, then: syncer check"


def estimate(finished: Sequence[RunRecord]) -> dict[str, Any] | None:
    """How long a first sync still takes, from the runs that a budget stopped, newest first; None when none is going on.

    The rate is what those runs wrote between the first one's start and the last one's end, waiting included.
    """
    stopped: list[RunRecord] = []
    for run in finished:
        if run.outcome == "budget":
            stopped.append(run)
        elif not run.result.get("remaining"):  # else it left the backlog to another run
            break
    if not stopped or stopped[0].finished_at is None:
        return None
    remaining = int(stopped[0].result.get("remaining", 0))
    written = sum(writes_in(run.result) for run in stopped)
    taken = (stopped[0].finished_at - stopped[-1].started_at).total_seconds()
    seconds = round(remaining / (written / taken)) if written and taken > 0 else None
    return {"remaining": remaining, "seconds": seconds, "resumes_at": stopped[0].result.get("resumes_at")}


def backlogs(
    trackers_of: Mapping[str, Collection[str]], pairs: Sequence[Mapping[str, Any]], limited: Collection[str]
) -> list[dict[str, Any]]:
    """What several pairs of one account still have to do, and how long that takes, as JSON.

    They share what the account may create, so that the time of one of them alone says little. `trackers_of` the pairs
    by name, `limited` those whose creations are counted.
    """
    found = []
    for tracker in sorted(limited):
        mine = [one for one in pairs if one["estimate"] is not None and tracker in trackers_of[one["name"]]]
        if len(mine) < 2:
            continue
        lefts = [one["estimate"] for one in mine]
        remaining, rate = (
            sum(left["remaining"] for left in lefts),
            sum(left["remaining"] / left["seconds"] for left in lefts if left["seconds"]),
        )
        seconds = round(remaining / rate) if rate else None
        names = [one["name"] for one in mine]
        found.append({"tracker": tracker, "pairs": names, "remaining": remaining, "seconds": seconds})
    return found


def _at_that_rate(seconds: float | None) -> str:
    return f", about {span(timedelta(seconds=seconds))} at the present rate" if seconds else ""


def _run(run: RunRecord) -> dict[str, Any]:
    return {
        "id": run.id,
        "started_at": run.started_at.isoformat(),
        "finished_at": None if run.finished_at is None else run.finished_at.isoformat(),
        "outcome": run.outcome or "running or killed",
        "writes": writes_in(run.result),
        "message": run.result.get("message", ""),
        "seconds": run.result.get("seconds"),
    }


def _budgets(store: Store, settings: Any, moment: datetime) -> list[dict[str, Any]]:
    budgets = []
    for name, tracker in settings.trackers.items():
        credential = tracker.kind.credential(tracker.settings)
        budgets += [
            {
                "tracker": name,
                "used": use.used,
                "of": use.limit.amount,
                "seconds": use.limit.seconds,
                "creates_only": use.limit.creates_only,
                "next_at": use.next_at.isoformat(timespec="seconds"),
            }
            for use in store.budgets.used(credential, moment)
            if use.used
        ]
    return budgets


def _tell(pairs: Sequence[dict[str, Any]], budgets: Sequence[dict[str, Any]], moment: datetime) -> None:
    screen = console()
    rows = [_row(pair, moment) for pair in pairs]
    table("", ("pair", "last run", "outcome", "complete", "tasks", "waiting", "conflicts", "writes"), rows)
    for pair in pairs:
        run = pair["last_run"]
        if run is None:
            screen.print(f"{pair['name']}: has never run; next: syncer preview --pair {pair['name']}")
        elif run["message"]:
            screen.print(f"{pair['name']}: {printable(run['message'])}")
        if pair["mode"] == "watch":
            screen.print(f'{pair["name"]}: only watches: both sides are read, nothing is written (mode = "watch")')
        if back := pair["kept_back"]:
            kept = plural(sum(back.values()), "item is kept", "items are kept")
            reasons = ", ".join(sorted(back))
            screen.print(f"{pair['name']}: {kept} back by the rules ({reasons}): syncer verify --pair {pair['name']}")
        if (left := pair["estimate"]) is not None:
            still = plural(left["remaining"], "write")
            screen.print(f"{pair['name']}: {still} still to do{_at_that_rate(left['seconds'])}")
        for where, count in pair["outside"].items():
            are = plural(count, "task is", "tasks are")
            screen.print(f"{pair['name']}: {are} outside the filter of {printable(where)} and followed")
        for said in (*pair["expiring"], *pair["not_held"]):
            screen.print(f"{pair['name']}: {printable(said)}")
        for line in (*listed(pair["name"], pair["waiting"]), *_apart(pair)):
            screen.print(line)
    table("Budgets", ("tracker", "used", "of", "within"), [_budget_row(budget) for budget in budgets])


def _budget_row(budget: dict[str, Any]) -> tuple[object, ...]:
    what = "creations" if budget["creates_only"] else "writes"
    return budget["tracker"], f"{budget['used']} {what}", budget["of"], span(timedelta(seconds=budget["seconds"]))


def _row(pair: dict[str, Any], moment: datetime) -> tuple[object, ...]:
    run = pair["last_run"]
    complete = pair["last_complete"]
    return (
        pair["name"],
        "never" if run is None else ago(datetime.fromisoformat(run["started_at"]), moment),
        "" if run is None else outcome_said(run["outcome"]),
        ago(None if complete is None else datetime.fromisoformat(complete), moment),
        pair["links"].get("task", 0),
        pair["held"],
        pair["conflicts"],
        "" if run is None else run["writes"],
    )
