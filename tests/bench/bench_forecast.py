"""How far the forecast keeps its word: over made-up projects whose end is known, against a plain Monte Carlo.

Run: `python -m tests.bench.bench_forecast` (300 projects in each world, about half an hour of one processor), or with
`--projects 30` for a first look, `--world NAME` for some of the worlds, `--seed` for other projects, `--held-out` for
the worlds that nothing was chosen by.

`--resume FILE` writes each project to a file as soon as it is done: a run that was stopped goes on there by the same
command, with its seed, and `--table` prints what is in the file already. All worlds go forward together, so that the
table of a part is one of fewer projects. A file of another forecast (of other source text) can only be printed.

For each world: the share of goals that were reached by their days of 50, 85 and 95 in 100 (one forecast a project, at
half of its time); of the chances that were said to be at least 95 % or at most 5 %, how many came true, with a bound
of 90 % over projects; and the Brier scores of what was said, of its two parts, and of the plain Monte Carlo, which
draws weeks of the last twelve until all open work is done. The exit code is 1 where a bar is missed; `--unjudged`
only prints.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import multiprocessing
import random
import statistics
import sys
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import UTC, timedelta
from pathlib import Path

import numpy as np

import syncer.report
from syncer.report.forecast import simulation
from syncer.report.forecast.goal_dates import forecasts
from syncer.report.model.snapshot import Snapshot, snapshot_at
from syncer.report.model.window import Window
from tests.bench import forecast_worlds
from tests.bench.forecast_worlds import HELD_OUT, PLANNED, WORLDS, World, at, day_of, project

LEAST_FORECASTS = 5
WEEKS = 12
DRAWS = 1_000
UNJUDGED = {"growth by pulling in"}

COVERED, MEDIAN = (0.78, 0.93), (0.82, 0.89)
SURE, HARDLY = (0.95, 0.85), (0.05, 0.12)
LEAST_SAID = 30
WORSE = 0.015


@dataclass(frozen=True)
class Said:
    """One forecast and what came."""

    seed: int
    chance: float
    parts: tuple[float, float]
    """The chances by the simulation of tasks and by throughput, where the product tells them."""
    plain: float
    came: bool
    by: tuple[bool, bool, bool]
    halfway: bool
    """Whether it is the forecast of its project that counts for the days."""


Job = tuple[World, int, int]
"""A world, the seed of a project, and the trials of a forecast."""


def main() -> int:
    """Prints a line for each world, and the median of all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--projects", type=int, default=300)
    parser.add_argument("--world", nargs="+", default=[])
    parser.add_argument("--held-out", action="store_true")
    parser.add_argument("--seed", type=int, help="drawn anew without it, or that of the file")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--trials", type=int, default=simulation.TRIALS, help="fewer are faster and less exact")
    parser.add_argument("--resume", type=Path, metavar="FILE", help="keeps each project in a file and goes on there")
    parser.add_argument("--table", action="store_true", help="prints what is in the file, and makes no more")
    parser.add_argument("--unjudged", action="store_true")
    chosen = parser.parse_args()
    kept = Kept(chosen.resume, chosen.seed, chosen.trials, more=not chosen.table)
    worlds = [one for one in (HELD_OUT if chosen.held_out else WORLDS) if not chosen.world or one.name in chosen.world]
    print(f"seed {kept.seed}, {chosen.projects} projects a world", flush=True)
    jobs = [(world, kept.seed * 1_000 + number, chosen.trials) for number in range(chosen.projects) for world in worlds]
    if not chosen.table:
        with multiprocessing.get_context("spawn").Pool(chosen.processes) as pool:
            for job, said in pool.imap_unordered(_told, [job for job in jobs if job not in kept]):
                kept.add(job, said)
    missed = _table(worlds, kept.by_world(jobs))
    return 1 if missed and not chosen.unjudged else 0


class Kept:
    """What was said of the projects that are done, in memory and, line by line, in a file."""

    def __init__(self, file: Path | None, seed: int | None, trials: int, more: bool) -> None:
        self._file = file
        self._said: dict[tuple[str, int], list[Said]] = {}
        text = file.read_text() if file is not None and file.exists() else ""
        # What was cut off in the middle of a line is made again.
        found = [json.loads(line) for line in text.splitlines() if line.endswith("}")]
        head = found.pop(0) if found else {"seed": seed, "trials": trials, "source": _source()}
        if head["seed"] is None:
            head["seed"] = random.SystemRandom().randrange(10**6)
        self.seed: int = head["seed"]
        if more and (seed or self.seed, trials, _source()) != (self.seed, head["trials"], head["source"]):
            sys.exit(f"{file} is of another seed, of other trials, or of another forecast")
        for one in found:
            self._said[one["world"], one["project"]] = [Said(*said) for said in one["said"]]
        if more and text and not text.endswith("\n"):
            self._append("")
        if more and not text:
            self._append(json.dumps(head))

    def __contains__(self, job: Job) -> bool:
        return (job[0].name, job[1]) in self._said

    def add(self, job: Job, said: list[Said]) -> None:
        """Keeps what was said of a project."""
        self._said[job[0].name, job[1]] = said
        line = {"world": job[0].name, "project": job[1], "said": [astuple(one) for one in said]}
        self._append(json.dumps(line))

    def by_world(self, jobs: Sequence[Job]) -> Mapping[str, Sequence[Said]]:
        """What was said of those of the projects that are done."""
        found: dict[str, list[Said]] = defaultdict(list)
        for job in jobs:
            if job in self:
                found[job[0].name] += self._said[job[0].name, job[1]]
        return found

    def _append(self, line: str) -> None:
        if self._file is not None:
            with self._file.open("a") as out:
                out.write(line + "\n")


def _source() -> str:
    """What a forecast and a project are made by, as a number."""
    room = Path(syncer.report.__file__).parent
    files = [*sorted((room / "forecast").glob("*.py")), room / "statistics.py", Path(forecast_worlds.__file__)]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]


def _table(worlds: Sequence[World], told: Mapping[str, Sequence[Said]]) -> list[str]:
    """Prints a line for each world, and the bars that are missed, which are returned."""
    print(f"{'world':22} {'projects':>8} {'n':>5} {'50':>5} {'85':>5} {'95':>5}   {'said >= 95 %':>19}"
          f" {'said <= 5 %':>19} {'said':>6} {'tasks':>6} {'weeks':>6} {'plain':>6} {'worse':>12}")  # fmt: skip
    missed, covered = [], []
    for world in worlds:
        if said := told.get(world.name):
            share, faults = _row(world, said)
            missed += [] if world.name in UNJUDGED else [f"{world.name}: {fault}" for fault in faults]
            covered += [] if world.name in UNJUDGED else [share]
    middle = statistics.median(covered) if covered else 0.85
    print(f"median of the days of 85: {middle:.2f}")
    if not MEDIAN[0] <= middle <= MEDIAN[1]:
        missed.append(f"median {middle:.2f}")
    print("\n".join(("missed:", *missed)) if missed else "all bars are kept")
    return missed


def _told(job: Job) -> tuple[Job, list[Said]]:
    return job, told_of(job)


def told_of(job: Job) -> list[Said]:
    """All forecasts of one project: each week, or five, until its goals are reached."""
    world, seed, simulation.TRIALS = job
    made = project(world, seed)
    whole = made.collaboration()
    found = []
    ends = [made.reached(goal) for goal in range(world.goals)]
    for goal, end in enumerate(ends):
        step = min(7.0, (end - PLANNED) / LEAST_FORECASTS)
        moments = [PLANNED + step * number - 0.3 * step for number in range(1, 200)]
        moments = [one for one in moments if one < end]
        half = min(moments, key=lambda one: abs(one - (PLANNED + end) / 2))
        for one in moments:
            now = at(one)
            moment = snapshot_at(whole, Window.containing(now, UTC), now)
            told = forecasts(whole.goals, moment, seed).get(f"g{goal}")
            if told is None or told.p_on_time is None:
                continue
            reached, due = day_of(end), whole.goals[goal].due
            assert due is not None
            parts = (getattr(told, "by_tasks", None), getattr(told, "by_throughput", None))
            found.append(Said(
                seed, told.p_on_time, (_or_nan(parts[0]), _or_nan(parts[1])),
                _plain(moment, (due - now.date()).days + 1, np.random.default_rng(seed)), reached <= due,
                (reached <= told.q50, reached <= told.q85, reached <= told.q95), one == half,
            ))  # fmt: skip
    return found


def _or_nan(share: float | None) -> float:
    return math.nan if share is None else share


def _plain(snapshot: Snapshot, days: int, dice: np.random.Generator) -> float:
    """The chance that all open work is done in so many days, by drawing weeks."""
    finishes = [at for task in snapshot.tasks if (at := snapshot.finished_at(task)) is not None]
    first = min(finishes, default=snapshot.as_of)
    weeks = max(1, min(WEEKS, int((snapshot.as_of - first) / timedelta(weeks=1))))
    counts = np.zeros(weeks)
    for done in finishes:
        age = int((snapshot.as_of - done) / timedelta(weeks=1))
        if age < weeks:
            counts[age] += 1
    whole, rest = divmod(max(0, days), 7)
    drawn = counts[dice.integers(weeks, size=(whole + 1, DRAWS))]
    done_by_then = drawn[:-1].sum(axis=0) + drawn[-1] * rest / 7
    return float((done_by_then >= len(snapshot.open_tasks)).mean())


def _row(world: World, said: Sequence[Said]) -> tuple[float, list[str]]:
    """Prints a world's line; the share of its days of 85 that were kept, and the bars it misses."""
    halves = [one for one in said if one.halfway]
    shares = [statistics.fmean(one.by[level] for one in halves) for level in range(3)]
    high = [one for one in said if one.chance >= SURE[0]]
    low = [one for one in said if one.chance <= HARDLY[0]]
    sure, hardly = _bound(high, -1), _bound(low, +1)
    scores = [[(chance(one) - one.came) ** 2 for one in said] for chance in _CHANCES.values()]
    means = [statistics.fmean(score) for score in scores]
    rivals = [index for index in (1, 3) if not math.isnan(means[index])]
    better = min(rivals, key=lambda index: means[index])
    worse = [a - b for a, b in zip(scores[0], scores[better], strict=True)]
    mean, error = _by_project(said, worse)
    projects = len({one.seed for one in said})
    print(f"{world.name:22} {projects:8} {len(said):5} {shares[0]:5.2f} {shares[1]:5.2f} {shares[2]:5.2f}   "
          f"{_tail(high, sure)} {_tail(low, hardly)} "
          + " ".join(f"{mean:6.3f}" for mean in means) + f" {mean:+.3f}±{1.64 * error:.3f}")  # fmt: skip
    faults = []
    if not COVERED[0] <= shares[1] <= COVERED[1]:
        faults.append(f"{shares[1]:.2f} reached by the day of 85")
    if len(high) >= LEAST_SAID and sure < SURE[1]:
        faults.append(f"of what was nearly sure, {sure:.2f}")
    if len(low) >= LEAST_SAID and hardly > HARDLY[1]:
        faults.append(f"of what was nearly out of the question, {hardly:.2f}")
    if mean - 1.64 * error > WORSE:
        faults.append(f"Brier worse by {mean:.3f}")
    return shares[1], faults


_CHANCES: dict[str, Callable[[Said], float]] = {
    "said": lambda one: one.chance,
    "tasks": lambda one: one.parts[0],
    "weeks": lambda one: one.parts[1],
    "plain": lambda one: one.plain,
}


def _tail(said: Sequence[Said], bound: float) -> str:
    return f"{len(said):4} {_came(said):5.2f} ({bound:5.2f})" if said else f"{0:4}" + " " * 14


def _came(said: Sequence[Said]) -> float:
    return statistics.fmean(one.came for one in said)


def _bound(said: Sequence[Said], sign: int) -> float:
    """A one-sided bound of 90 % of the share that came true; forecasts of one project are not independent."""
    if not said:
        return math.nan
    mean, error = _by_project(said, [float(one.came) for one in said])
    # Where all came out alike, the rule of three says how sure so many projects make us.
    least = 2.3 / len({one.seed for one in said}) if error == 0 else 0.0
    return mean + sign * max(1.28 * error, least)


def _by_project(said: Sequence[Said], values: Sequence[float]) -> tuple[float, float]:
    """The mean, and its standard error where projects are the sample."""
    mean = statistics.fmean(values)
    apart: dict[int, float] = {}
    for one, value in zip(said, values, strict=True):
        apart[one.seed] = apart.get(one.seed, 0.0) + value - mean
    return mean, math.sqrt(sum(off**2 for off in apart.values())) / len(values)


if __name__ == "__main__":
    sys.exit(main())
