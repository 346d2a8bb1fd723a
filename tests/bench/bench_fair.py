"""Whether people's work goes first: `python -m tests.bench.bench_fair [--hours 24]`.

The real engine between trackers in memory, at GitHub's pace, on a clock that only moves when somebody waits: a pass
begins every five minutes, or when the one before is over. Prints a table and ends with 1 where a bar is missed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from connectors.github.settings import GitHubTracker
from syncer.contract.model import Field, Kind, Ref, Side
from syncer.core.rules import PairRules
from syncer.sync.context import fresh_id
from syncer.sync.run import run_pair
from tests.bench.table import Line, for_programs, verdict
from tests.worlds import GITHUB_LIKE, STATUS_MAP, Clock, World

PERIOD = timedelta(minutes=5)
HOUR = timedelta(hours=1)
LIMITS = GitHubTracker(token=SecretStr("none")).rate_limits
PER_HOUR = next(limit.amount for limit in LIMITS if limit.seconds == HOUR.total_seconds())
PAIRS = 4
TOGETHER = 2
"""Hours for which people work while every pair backfills."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    measured: str
    figure: str
    bar: str
    met: bool


@dataclass(slots=True)
class LiveWork:
    """Something that a person made on the left, and when it showed on the right."""

    made: datetime
    world: World
    words: str
    passes: int = 0
    """How many passes began since."""
    arrived: datetime | None = None

    def look(self) -> None:
        """Notes the time where the words are there now."""
        if self.arrived is None and any(self.words in text for text in _texts(self.world)):
            self.arrived = self.world.clock()


def _texts(world: World) -> Iterator[str]:
    for kind, name in ((Kind.TASK, Field.TITLE), (Kind.COMMENT, Field.BODY)):
        yield from (str(item.showing[name]) for item in world.right.items(kind))


@dataclass(slots=True)
class Company:
    """Pairs whose right sides are written with one account, in one state, on one clock."""

    directory: Path
    pairs: int
    clock: Clock = field(default_factory=Clock)
    worlds: list[World] = field(default_factory=list)
    creates: list[datetime] = field(default_factory=list)
    """When each creation was sent to the right."""
    live: list[LiveWork] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Makes the trackers, empty."""
        for number in range(self.pairs):
            rules = PairRules(f"pair{number}", status=STATUS_MAP)
            paced = replace(GITHUB_LIKE, rate_limits=LIMITS)
            world = World(self.directory, clock=self.clock, rules=rules, right_capabilities=paced)
            if self.worlds:
                world.states = self.worlds[0].states
            self.worlds.append(world)

    def run_pass(self) -> None:
        """One pass over all pairs in the order of the file; the clock stands at the next one afterwards."""
        began = self.clock()
        for work in self.live:
            work.passes += work.arrived is None
        for world in self.worlds:
            before = self._on_the_right(world)
            self._run(world)
            self.creates += self._on_the_right(world)[len(before) :]
            for work in self.live:
                work.look()
        periods = max(1, -((began - self.clock()) // PERIOD))
        self.clock.now = began + periods * PERIOD

    def widen(self, old: int) -> None:
        """Brings so many old tasks of each pair into view, half of them with a comment, and has them agreed to."""
        now = self.clock()
        self.clock.now = now - timedelta(days=30)
        for world in self.worlds:
            for number in range(old):
                task = world.left.create(f"Old {number}")
                if number % 2:
                    world.left.comment(task, f"said of {number}")
        self.clock.now = now + timedelta(days=1, hours=1)
        for world in self.worlds:
            self._run(world, sweep=True)
            self._run(world, approve_creates=old)

    def _run(self, world: World, **how: Any) -> None:
        name = world.rules.name
        with world.context(
            credentials={Side.LEFT: f"jira {name}", Side.RIGHT: "bot"}, identity=fresh_id,
            addresses={side: f"{side} of {name}" for side in Side},
        ) as context:  # fmt: skip
            tally = run_pair(context, **how)
        assert tally.outcome in {"clean", "held", "budget"}, tally

    @staticmethod
    def _on_the_right(world: World) -> list[datetime]:
        return sorted(item.created for kind in (Kind.TASK, Kind.COMMENT) for item in world.right.items(kind))

    def somebody_works(self, number: int) -> None:
        """A person writes a comment, makes an issue and edits one, each in another pair."""
        comment, create, edit = (self.worlds[(number + step) % self.pairs] for step in range(3))
        words = [f"live {what} {number}" for what in ("comment", "issue", "edit")]
        comment.left.comment(_linked(comment), words[0])
        create.left.create(words[1])
        edit.left.edit(_linked(edit), {Field.TITLE: words[2]})
        self.live += [
            LiveWork(self.clock(), world, said) for world, said in zip((comment, create, edit), words, strict=True)
        ]


def _linked(world: World) -> Ref:
    return next(item.ref for item in world.left.items() if str(item.showing[Field.TITLE]).startswith(("Live", "live")))


def _most_within(moments: Sequence[datetime], window: timedelta) -> int:
    """The largest number of moments within any window of that length, its end left out."""
    most, first = 0, 0
    for last, moment in enumerate(moments):
        while moments[first] <= moment - window:
            first += 1
        most = max(most, last - first + 1)
    return most


def alone(hours: int) -> list[Row]:
    """A backfill that nobody disturbs: how much of the configured figure it uses, and whether it ever exceeds it."""
    with tempfile.TemporaryDirectory(prefix="syncer-bench-") as directory:
        company = Company(Path(directory), 1)
        (world,) = company.worlds
        for number in range(PER_HOUR * hours):
            world.left.create(f"Old {number}")
        company.clock.tick(3600)
        began = company.clock()
        while company.clock() < began + hours * HOUR:
            company.run_pass()
        used = sum(moment < began + hours * HOUR for moment in company.creates) / (PER_HOUR * hours)
    rows = [Row(f"a backfill alone, {hours} hours", f"{used:.1%} of {PER_HOUR} an hour", ">= 92 %", used >= 0.92)]
    for limit in (one for one in LIMITS if one.creates_only):
        most = _most_within(company.creates, timedelta(seconds=limit.seconds))
        rows.append(Row(f"most within {limit.seconds:g} s", f"{most}", f"<= {limit.amount}", most <= limit.amount))
    return rows


def together(hours: int) -> list[Row]:
    """A backfill in every pair of one account, and people at work in all of them."""
    with tempfile.TemporaryDirectory(prefix="syncer-bench-") as directory:
        company = Company(Path(directory), PAIRS)
        for world in company.worlds:
            world.left.create("Live from the beginning")
        company.run_pass()
        company.widen(PER_HOUR * hours // PAIRS)
        began, number = company.clock(), count()
        while company.clock() < began + hours * HOUR:
            company.somebody_works(next(number))
            company.run_pass()
        company.run_pass()
        carried = [sum(1 for _ in world.right.items()) for world in company.worlds]
    return [*_arrivals(company.live), _turns(carried), *_never_over(company.creates)]


def _arrivals(live: Sequence[LiveWork]) -> Iterator[Row]:
    for what in ("comment", "issue", "edit"):
        mine = [work for work in live if f" {what} " in work.words]
        waits = [(work.arrived or datetime.max.replace(tzinfo=work.made.tzinfo)) - work.made for work in mine]
        longest, passes = max(waits) / timedelta(minutes=1), max(work.passes for work in mine)
        figure = f"{longest:.1f} min, {passes} passes at most of {len(mine)}"
        name = f"a live {what} while {PAIRS} pairs backfill"
        yield Row(name, figure, "<= 15 min, 2 passes", longest <= 15 and passes <= 2)


def _turns(carried: Sequence[int]) -> Row:
    share = min(carried) / (sum(carried) / len(carried))
    return Row("the pair that got least of the backfill", f"{share:.0%} of the mean", ">= 60 %", share >= 0.6)


def _never_over(creates: Sequence[datetime]) -> Iterator[Row]:
    moments = sorted(creates)
    for limit in (one for one in LIMITS if one.creates_only):
        most = _most_within(moments, timedelta(seconds=limit.seconds))
        name = f"most within {limit.seconds:g} s, all pairs"
        yield Row(name, f"{most}", f"<= {limit.amount}", most <= limit.amount)


def rows(hours: int) -> list[Row]:
    """All that is measured here."""
    return [*alone(hours), *together(min(hours, TOGETHER))]


def main() -> int:
    """Prints the table; 1 where a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=int, default=3, help="how long the backfill alone lasts, on its own clock")
    parser.add_argument("--lines", action="store_true", help="for bench_speed")
    chosen = parser.parse_args()
    found = rows(chosen.hours)
    if chosen.lines:
        print(for_programs([Line(row.measured, row.figure, row.bar, verdict(kept=row.met)) for row in found]))
    for row in [] if chosen.lines else found:
        print(f"{row.measured:<48} {row.figure:<36} {row.bar:<22} {'' if row.met else 'MISSED'}")
    return int(not all(row.met for row in found))


if __name__ == "__main__":
    sys.exit(main())
