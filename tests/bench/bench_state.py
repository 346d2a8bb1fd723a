"""What the state costs: `python -m tests.bench.bench_state [--full | --links N --days D --pairs P] [--only NAME]`.

Prints each bar with today's figure beside it, and ends with 1 where one is missed. Bytes, commits and statements are
the same on every machine; CPU seconds and memory are those of a process of its own. Without `--full` the sizes are
small and what is judged is what does not depend on them.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine

from connectors.github.history import history
from connectors.memory import EVERYTHING, MemoryConnector, MemoryTracker
from syncer.contract.connector import Page
from syncer.contract.history import HistoryPage
from syncer.contract.model import Audience, Cursor, Observed, Side
from syncer.core.change import Tally
from syncer.core.records import RunRecord
from syncer.core.retention import Retention
from syncer.core.rules import MappedPerson, PairRules
from syncer.store import Store
from syncer.sync.context import PairContext
from syncer.sync.gather import StorePages
from syncer.sync.import_history import Busyness, import_history
from syncer.sync.lineage import apply_rule_change
from syncer.sync.pair_run import IN_ORDER, PairRun
from tests.bench.bench_store import START, item, link
from tests.bench.pass_rig import SECRETS, pass_rig
from tests.bench.table import Line, figure, for_programs, verdict
from tests.rig import Rig
from tests.worlds import World

PAIR = "payments"
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Sizes:
    """How large what is measured is."""

    links: int
    days: int
    pairs: int
    full: bool
    every: int = 5
    """Minutes between the runs of the year. Those of a day are one row in the end, however many they were."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One line of the table."""

    what: str
    figure: float
    most: float
    unit: str
    judged: bool = True
    """Whether the figure says something at these sizes."""

    @property
    def missed(self) -> bool:
        """Whether it is more than it may be."""
        return self.judged and self.figure > self.most

    @property
    def line(self) -> Line:
        """The same for a table with others."""
        judged = verdict(kept=not self.missed) if self.judged else "not judged at this size"
        return Line(self.what, figure(self.figure, self.unit), figure(self.most, self.unit), judged)


class Counting:
    """Counts statements and durable commits of this process."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        event.listen(Engine, "before_cursor_execute", self._statement)
        event.listen(Engine, "commit", self._commit)

    def _statement(self, _connection: Connection, _cursor: Any, statement: str, *_rest: Any) -> None:
        self.counts[statement.split(maxsplit=1)[0]] += 1

    def _commit(self, connection: Connection) -> None:
        self.counts["COMMIT"] += bool(connection.get_execution_options().get("syncer_writes"))


def megabytes() -> float:
    """The most memory this process ever had."""
    # Not ru_maxrss: that keeps the size of the process this one was forked from.
    peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(peak.split()[1]) / 1024


def cpu() -> float:
    """The CPU seconds of this process so far."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def used_bytes(store: Store) -> int:
    """What the state holds, without the pages that are free."""
    with store._database.reading() as connection:
        pages, free, size = (
            int(connection.exec_driver_sql(f"PRAGMA {name}").scalar_one())
            for name in ("page_count", "freelist_count", "page_size")
        )
    return (pages - free) * size


@contextmanager
def opened(directory: Path, clock: Callable[[], datetime] = lambda: START) -> Iterator[Store]:
    """A state that is not flushed to disk: what is measured is not the disk."""
    with Store.open(directory, clock=clock) as store:

        @event.listens_for(store._database.engine, "connect")
        def careless(connection: Any, _record: object) -> None:
            connection.execute("PRAGMA synchronous = OFF")

        yield store


def fill(directory: Path, links: int) -> None:
    """A state with settled links of items with texts of 1,200 characters."""
    with opened(directory) as store, store.lease(PAIR, "fill") as lease:
        for start in range(0, links, 500):
            numbers = range(start, min(start + 500, links))
            shown = {side: [item(number, side) for number in numbers] for side in Side}
            for side in Side:
                store.observed.save_page(lease, side, Page(tuple(shown[side]), Cursor(str(start))), seen_at=START)
            made = map(link, numbers, shown[Side.LEFT], shown[Side.RIGHT])
            store.links.save_all(lease, list(made))


# --- what is measured, each in a process of its own


def year(directory: Path, sizes: Sizes) -> list[Bar]:
    """A year of runs with nothing to do, written as runs write them, and pruned as runs do it."""
    now, a_day = START, 24 * 60 // sizes.every
    fill(directory, sizes.links)
    pairs = [f"pair-{number}" for number in range(sizes.pairs)]
    with opened(directory, lambda: now) as store:
        before = used_bytes(store)
        for count in range(sizes.days * a_day):
            now = START + count * timedelta(minutes=sizes.every)
            for pair in pairs:
                with store.lease(pair, f"{pair}-{count}") as lease:
                    store.pairs.start_run(lease, now)
                    told = Tally(pair, run=lease.run, seconds=0.6, requests={"left": 1, "right": 1}, complete=True)
                    store.pairs.finish_run(lease, RunRecord(lease.run, pair, now, now, "clean", told.as_json()))
                    if count % a_day == 0:
                        store.expired.prune(lease, Retention(), now)
        after = used_bytes(store)
    runs, days = sizes.days * a_day * sizes.pairs, sizes.days * sizes.pairs
    return [
        Bar(
            f"{runs:,} runs with nothing to do: bytes a pair and day",
            (after - before) / days,
            1_440,
            "B",
            judged=runs > 10_000,
        ),
        Bar("state after it, beyond 3 kB a link", (after - 3_000 * sizes.links) / 1e6, 5, "MB"),
        Bar("state before it, a link; part of the bar above", before / sizes.links / 1000, 3, "kB", judged=False),
    ]


def week(directory: Path, _sizes: Sizes) -> list[Bar]:
    """Real runs of a pair in step over a week, one every hour."""
    world = World(directory)
    for number in range(20):
        world.left.create(f"Task {number}")
    for _ in range(30):
        world.clock.tick(3_600)
        world.sync()
    with world.context() as context:
        before = used_bytes(context.store)
    for _ in range(7 * 24):
        world.clock.tick(3_600)
        assert world.sync().writes == 0
    with world.context() as context:
        after = used_bytes(context.store)
    return [Bar("a week of real runs: bytes a run", (after - before) / (7 * 24), 60, "B")]


def context_of(store: Store, rules: PairRules, fingerprint: str, without_people: str) -> PairContext:
    """The pair on a state, between two trackers in memory that nobody asks."""
    trackers = {
        side: MemoryTracker(lambda: START, name=side.value, capabilities=EVERYTHING, audience=Audience.PUBLIC)
        for side in Side
    }
    return PairContext(
        rules=rules, connectors={side: MemoryConnector(tracker) for side, tracker in trackers.items()}, store=store,
        credentials={side: side.value for side in Side}, addresses={side: side.value for side in Side},
        fingerprint=fingerprint, without_people=without_people, clock=lambda: START,
    )  # fmt: skip


def rules(directory: Path, sizes: Sizes) -> list[Bar]:
    """Changes of the rules: a person who occurs nowhere, and one that concerns every link."""
    counting = Counting()
    known = (MappedPerson("Person 1", {Side.LEFT: "person-1", Side.RIGHT: "person-1"}),)
    stranger = MappedPerson("Zoe", {Side.LEFT: "zoe.unheard", Side.RIGHT: "zoe-unheard"})
    plain = PairRules(PAIR, people=known)
    with opened(directory) as store, store.lease(PAIR, "rules") as lease:
        apply_rule_change(context_of(store, plain, "1", "rest"), lease)
        counting.counts.clear()
        read = apply_rule_change(context_of(store, replace(plain, people=(*known, stranger)), "2", "rest"), lease)
        nowhere, counting.counts = counting.counts["COMMIT"] + 1_000 * read, Counter()
        context = context_of(store, plain, "3", "another rest")
        assert apply_rule_change(context, lease)
        touched, counting.counts = counting.counts["COMMIT"], Counter()
        run = PairRun(context, lease, Tally(PAIR), StorePages(context))
        assert run.consent(None)
        for kind in IN_ORDER:
            run.keep_in_step(kind)
        assert not list(store.links.unsettled(PAIR, IN_ORDER[1], START))
        settled = counting.counts["COMMIT"]
    pages = max(sizes.links / 500, 1)
    return [
        Bar("a person who occurs nowhere: commits, and no reading", nowhere, 1, ""),
        Bar("a rule that concerns all links: commits for each 500", (touched - 1) / pages, 1, ""),
        Bar("all of them decided again: commits for each 500, beyond three", max(settled - 3, 0) / pages, 1, ""),
        Bar(f"both with {sizes.links:,} links: memory", megabytes(), 200, "MB"),
        Bar(f"both with {sizes.links:,} links: CPU", cpu(), 300, "s", judged=sizes.full),
    ]


class Events:
    """A GitHub that answers each request with a hundred events, the newest first."""

    def __init__(self, links: int) -> None:
        self.requests, self._links, self.has_next, self.date = 0, links, True, START + timedelta(days=400)
        self.clock = self.date

    def get(self, _path: str, _doing: str, query: dict[str, Any]) -> tuple[list[dict[str, Any]], Events]:
        """A page of the repository's events."""
        self.requests += 1
        first = (query["page"] - 1) * 100
        return [self._event(first + number) for number in range(100)], self

    def _event(self, number: int) -> dict[str, Any]:
        at = START + timedelta(minutes=self._links) - timedelta(seconds=number)
        return {
            "event": "closed", "id": number, "created_at": f"{at:%Y-%m-%dT%H:%M:%SZ}",
            "actor": {"login": "mia", "id": 7, "type": "User"}, "issue": {"id": 100_000 + (number * 37) % self._links},
        }  # fmt: skip

    def history(
        self, items: Sequence[Observed], cursor: Cursor | None = None, *, lately: bool = False
    ) -> Iterator[HistoryPage]:
        """As the connector of GitHub tells it."""
        return history(self, "acme/pay", items, cursor, lately=lately)  # type: ignore[arg-type]


def past(directory: Path, sizes: Sizes) -> list[Bar]:
    """One run while the past of a large repository is imported."""
    with opened(directory) as store, store.lease(PAIR, "past") as lease:
        context = context_of(store, PairRules(PAIR), "1", "rest")
        telling: Any = Events(sizes.links)
        context = replace(context, connectors={**context.connectors, Side.RIGHT: telling})
        quiet: Any = type("Quiet", (), {"clock": START, "requests": 0})()
        context = replace(context, connectors={**context.connectors, Side.LEFT: quiet})
        before = cpu()
        import_history(context, lease, spent=2, busy=Busyness.QUIET)
        assert telling.requests == 30
    return [
        Bar(f"import of the past beside {sizes.links:,} links: CPU a run", cpu() - before, 2, "s"),
        Bar(f"import of the past beside {sizes.links:,} links: memory", megabytes(), 200, "MB"),
    ]


def sync(directory: Path, _sizes: Sizes) -> list[Bar]:
    """A first sync and a complete reading against the sandbox: commits and statements."""
    counting, issues, comments = Counting(), 60, 5
    items = issues * (1 + comments)
    with Rig(directory, data="scale", issues=issues, comments=comments) as rig:
        first = rig.sync()
        made, counting.counts = counting.counts["COMMIT"], Counter()
        assert first.writes >= items, first
        rig.sync()
        after, counting.counts = counting.counts["COMMIT"], Counter()
        assert rig.sync(sweep=True).writes == 0
        asked = counting.counts["SELECT"]
    return [
        Bar("first sync with comments: commits an item", (made + after) / items, 1.5, ""),
        Bar("complete reading of both sides: SELECTs an item", asked / (2 * items), 0.5, ""),
    ]


def memory(directory: Path, sizes: Sizes) -> list[Bar]:
    """A first sync of many issues, as a command."""
    from tests.bench.bench_sync import rig, run

    del directory
    issues = 10_000 if sizes.full else 500
    with rig(data="scale", issues=issues, comments=0) as made:
        row = run(made, "first sync", "")
    return [Bar(f"first sync of {issues:,} issues: memory", row.megabytes, 250, "MB")]


DAEMON = """
import resource, sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from syncer.commands.interruption import Interruption
from syncer.commands.opening import open_settings
from syncer.commands.scheduled import jobs_of
jobs = jobs_of(open_settings(Path(sys.argv[1]), sys.argv[2], 0), Interruption())
spent = []
with ThreadPoolExecutor(8) as pool:
    for _ in range(4):
        before = resource.getrusage(resource.RUSAGE_SELF)
        for ended in [pool.submit(job.call) for job in jobs]:
            ended.result()
        after = resource.getrusage(resource.RUSAGE_SELF)
        spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
peak = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(min(spent[1:]) / len(jobs) * 1000, peak / 1024)
"""
"""The jobs of a daemon, called four times in its threads; milliseconds of CPU a run, and megabytes."""


def daemon(directory: Path, sizes: Sizes) -> list[Bar]:
    """Runs with nothing to do of many pairs in one process."""
    del directory
    pairs = 200 if sizes.full else 20
    with pass_rig(pairs=pairs) as rig:
        file = rig.directory / "syncer.toml"
        text = file.read_text(encoding="utf-8")
        file.write_text(text.replace("[[pairs]]", '[[pairs]]\nschedule = "* * * * *"'), encoding="utf-8")
        command = [sys.executable, "-c", DAEMON, str(file), str(rig.directory / "state")]
        told = subprocess.run(
            command, cwd=ROOT, env={**os.environ, **SECRETS}, stdout=subprocess.PIPE, text=True, check=True
        ).stdout
    milliseconds, peak = map(float, told.split())
    return [
        Bar(f"daemon with {pairs} pairs: CPU a run with nothing to do", milliseconds, 45, "ms"),
        Bar(f"daemon with {pairs} pairs: memory", peak, 150, "MB"),
    ]


MEASURES: dict[str, Callable[[Path, Sizes], list[Bar]]] = {
    "year": year, "week": week, "rules": rules, "past": past, "sync": sync, "memory": memory,
    "daemon": daemon,
}  # fmt: skip
ON_FILLED = frozenset({"rules", "past"})
"""What is measured on a state with links, which another process made: making it takes memory, too."""


def measured(name: str, sizes: Sizes) -> list[Bar]:
    """The bars of one measure, from a process of its own."""
    with tempfile.TemporaryDirectory(prefix="syncer-bench-") as directory:
        if name in ON_FILLED:
            _child("--fill", directory, sizes)
        return [Bar(**line) for line in json.loads(_child(name, directory, sizes).splitlines()[-1])]


def _child(name: str, directory: str, sizes: Sizes) -> str:
    chosen = ["--links", str(sizes.links), "--days", str(sizes.days), "--pairs", str(sizes.pairs)]
    chosen += ["--every", str(sizes.every)]
    command = [sys.executable, "-m", "tests.bench.bench_state", *chosen, "--in", directory, f"--measure={name}"]
    command += ["--full"] if sizes.full else []
    return subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout


def main() -> None:
    """Measures, and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="100,000 links, 365 days of 20 pairs, 10,000 issues")
    parser.add_argument("--links", type=int)
    parser.add_argument("--days", type=int)
    parser.add_argument("--pairs", type=int)
    parser.add_argument("--every", type=int, default=5, help="minutes between the runs of the year")
    parser.add_argument("--only", choices=MEASURES, action="append")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--lines", action="store_true", help="for bench_speed")
    parser.add_argument("--in", dest="directory", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    usual = (100_000, 365, 20) if chosen.full else (5_000, 20, 3)
    given = (chosen.links, chosen.days, chosen.pairs)
    sizes = Sizes(
        *(mine or default for mine, default in zip(given, usual, strict=True)), full=chosen.full, every=chosen.every
    )
    if chosen.measure == "--fill":
        fill(chosen.directory, sizes.links)
        return
    if chosen.measure is not None:
        print(json.dumps([asdict(bar) for bar in MEASURES[chosen.measure](chosen.directory, sizes)]))
        return
    bars = [bar for name in chosen.only or MEASURES for bar in measured(name, sizes)]
    if chosen.lines:
        print(for_programs([bar.line for bar in bars]))
    else:
        print(json.dumps([asdict(bar) for bar in bars]) if chosen.json else table(bars))
    if missed := [bar.what for bar in bars if bar.missed]:
        raise SystemExit(f"missed: {'; '.join(missed)}")


def table(bars: Sequence[Bar]) -> str:
    """The bars for people."""
    lines = [f"{'measured':<66} {'today':>10} {'at most':>9}"]
    for bar in bars:
        verdict = "MISSED" if bar.missed else "" if bar.judged else "not judged at this size"
        lines.append(f"{bar.what:<66} {bar.figure:>10,.2f} {bar.most:>9,.2f} {bar.unit:<2} {verdict}".rstrip())
    return "\n".join(lines)


if __name__ == "__main__":
    main()
