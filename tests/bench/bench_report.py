"""What one report of a large pair costs: `python -m tests.bench.bench_report [--full | --links N]`.

Prints each bar with today's figure beside it, and ends with 1 where one is missed. A state is made up whose tasks have
texts of 1,200 characters on both sides and a past of two years: four of five are finished, each was begun, one of five
belongs to one of sixty milestones. The command makes every format that it makes by default, in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from syncer.contract.connector import Page
from syncer.contract.model import Audience, Category, Cursor, Field, Kind, Observed, Side, Status, Version
from syncer.core.change import Tally
from syncer.core.records import Link, RunRecord, SideState
from tests.bench.bench_state import Bar, opened, table
from tests.bench.bench_store import item, link
from tests.bench.pass_rig import RUN
from tests.bench.table import for_programs

ROOT = Path(__file__).resolve().parents[2]
PAIR = "payments"
MILESTONES = 60
DAYS = 720
"""How far back the past of the state reaches."""

AT_A_TIME = 500

CONFIGURATION = """
[trackers.jira]
kind = "jira"
url = "http://127.0.0.1:9/jira"
deployment = "cloud"
user = "bot@acme.example"
allow-http = true

[trackers.github]
kind = "github"
url = "http://127.0.0.1:9/api/v3"

[[pairs]]
name = "payments"
left = { tracker = "jira", project = "PAY" }
right = { tracker = "github", repository = "acme/pay" }
"""

STEPS = (
    (Status("To Do", Category.TODO), Status("open", Category.TODO)),
    (Status("In Progress", Category.DOING), Status("open", Category.TODO)),
    (Status("Done", Category.DONE), Status("closed", Category.DONE)),
)
"""Of a task, one after the other: what Jira shows and what GitHub shows."""


def main() -> None:
    """Measures, and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="100,000 links; else 2,000, of which nothing is judged")
    parser.add_argument("--links", type=int)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--lines", action="store_true", help="for bench_speed")
    parser.add_argument("--keep", type=Path, help="where the state is made, and found again")
    parser.add_argument("--fill", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    links = chosen.links or (100_000 if chosen.full else 2_000)
    if chosen.fill:
        fill(chosen.fill, links)
        return
    bars = measured(links, chosen.keep)
    if chosen.lines:
        print(for_programs([bar.line for bar in bars]))
    else:
        print(json.dumps([asdict(bar) for bar in bars]) if chosen.json else table(bars))
    if missed := [bar.what for bar in bars if bar.missed]:
        raise SystemExit(f"missed: {'; '.join(missed)}")


def measured(links: int, kept: Path | None) -> list[Bar]:
    """CPU and memory of one report."""
    with tempfile.TemporaryDirectory(prefix="syncer-bench-") as scratch:
        place = kept or Path(scratch)
        if not (place / "syncer.toml").exists():
            place.mkdir(parents=True, exist_ok=True)
            # A process of its own: making the state takes memory, too.
            command = [
                sys.executable,
                "-m",
                "tests.bench.bench_report",
                f"--links={links}",
                f"--fill={place / 'state'}",
            ]
            subprocess.run(command, cwd=ROOT, check=True)
            (place / "syncer.toml").write_text(CONFIGURATION, encoding="utf-8")
        told = report(place)
    judged = links >= 100_000
    return [
        Bar(f"report of {links:,} links: CPU", told["cpu"], 30, "s", judged=judged),
        Bar(f"report of {links:,} links: memory", told["megabytes"], 300, "MB", judged=judged),
    ]


def report(place: Path) -> dict[str, float]:
    """One `syncer report`: its `cpu` seconds, and the `megabytes` it had at most."""
    options = ["report", "-c", "syncer.toml", "--state", "state", "--dir", "report"]
    compiled = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(place / "compiled")}
    answer = subprocess.run(
        [sys.executable, "-c", RUN, *options], cwd=place, env={**os.environ, **SECRETS, **compiled},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    told: dict[str, float] = json.loads(answer.stderr.splitlines()[-1])
    if told["exit"]:
        raise SystemExit(answer.stderr)
    return told


SECRETS = {"SYNCER_TRACKERS__JIRA__TOKEN": "none", "SYNCER_TRACKERS__GITHUB__TOKEN": "none"}


# --- the state


def fill(directory: Path, links: int) -> None:
    """Settled links of tasks with a past, milestones, and a run an hour for four weeks."""
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    with opened(directory, lambda: now) as store, store.lease(PAIR, "fill") as lease:
        for side in Side:
            made = tuple(_milestone(number, side, now) for number in range(MILESTONES))
            store.observed.save_page(lease, side, Page(made, Cursor("")), seen_at=now)
            store.pairs.set_side(lease, side, SideState(Cursor(""), "", now, Audience.MEMBERS, now, f"{side} PAY"))
        store.links.save_all(lease, [_linked(number, now) for number in range(MILESTONES)])
        for start in range(0, links, AT_A_TIME):
            numbers = range(start, min(start + AT_A_TIME, links))
            for step in range(len(STEPS)):
                shown = {side: tuple(_shown(numbers, step, side, links, now)) for side in Side}
                for side in Side:
                    store.observed.save_page(lease, side, Page(shown[side], Cursor("")), seen_at=now)
                if step == 0:
                    store.links.save_all(lease, list(map(link, numbers, shown[Side.LEFT], shown[Side.RIGHT])))
    with opened(directory, lambda: now) as store:
        for number in range(28 * 24, -1, -1):
            at = now - timedelta(hours=number)
            with store.lease(PAIR, f"run-{number}") as lease:
                store.pairs.start_run(lease, at)
                told = Tally(PAIR, run=lease.run, seconds=0.6, requests={"left": 1, "right": 1}, complete=True)
                store.pairs.finish_run(lease, RunRecord(lease.run, PAIR, at, at, "clean", told.as_json()))


def _milestone(number: int, side: Side, now: datetime) -> Observed:
    """A goal that is due some weeks from now, or was some weeks ago."""
    one = item(number, side, Kind.MILESTONE)
    showing = {
        Field.TITLE: f"Release {number}",
        Field.STATUS: Status("open", Category.TODO),
        Field.START: (now - timedelta(days=DAYS)).date(),
        Field.DUE: (now + timedelta(days=number - 20)).date(),
    }
    return replace(one, created=now - timedelta(days=DAYS), updated=now, showing=showing)


def _linked(number: int, now: datetime) -> Link:
    shown = [_milestone(number, side, now) for side in Side]
    return replace(link(number, *shown), id=f"01M{number:023d}")


def _shown(numbers: range, step: int, side: Side, links: int, now: datetime) -> Iterator[Observed]:
    """What a side shows of some tasks after a step; only of those that took it."""
    for number in numbers:
        made = now - timedelta(days=DAYS * (1 - number / links))
        at = made + timedelta(days=(0, 3 + number % 11, 6 + number % 23)[step])
        if at > now or (step == 2 and number % 5 == 4):
            continue
        one = item(number, side)
        showing = {**one.showing, Field.STATUS: STEPS[step][side is Side.RIGHT]}
        if number % 5 == 0:
            showing[Field.MILESTONES] = (str(100_000 + number // 5 % MILESTONES),)
        if number % 3 == 0:
            showing[Field.DUE] = (made + timedelta(days=20)).date()
        yield replace(one, created=made, updated=at, version=Version(at.isoformat()), showing=showing)


if __name__ == "__main__":
    main()
