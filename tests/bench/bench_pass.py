"""One pass over many pairs, and a process with nothing to do: `python -m tests.bench.bench_pass [--only ROW]`.

The sandbox lives in this process; every run is a process of its own. Each row has its bar; one that is missed ends it
with 1. Seconds of a clock are judged only where the machine was idle: a busy one makes them mean nothing.
"""

from __future__ import annotations

import argparse
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median

from tests.bench.pass_rig import PassRig, pass_rig
from tests.bench.table import KEPT, MISSED, Line, figure, for_programs

IDLE = 0.5
"""Other work on each processor, by the load of the last minute, below which a clock is believed."""
PAIRS = 50
ANSWER = 0.1
"""Seconds that a tracker takes to answer."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    measured: str
    bar: float
    unit: str
    today: float
    clock: bool = False
    """It is a time by the clock."""

    @property
    def verdict(self) -> str:
        """Whether the bar is kept; a clock is not believed on a busy machine."""
        if self.today <= self.bar:
            return KEPT
        return "not judged: the machine is busy" if self.clock and _is_busy() else MISSED

    @property
    def line(self) -> Line:
        """The same for a table with others."""
        return Line(self.measured, figure(self.today, self.unit), figure(self.bar, self.unit), self.verdict)


def _is_busy() -> bool:
    return os.getloadavg()[0] / (os.cpu_count() or 1) > IDLE


@contextmanager
def silent() -> Iterator[str]:
    """The address of a server that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listening:
        held: list[socket.socket] = []

        def hold() -> None:
            try:
                while True:
                    held.append(listening.accept()[0])
            except OSError:
                return

        threading.Thread(target=hold, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/api/v3"
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            for connection in held:
                connection.close()


def settled(rig: PassRig) -> None:
    """Three passes: what the first one wrote is read once more by the second."""
    for _ in range(3):
        ended = rig.sync()
        if ended.exit not in {0, 1}:
            raise SystemExit(f"a pass ended with {ended.exit}: {ended.stderr}")


def one_pair() -> list[Row]:
    """A process with nothing to do, for a pair that has something in step."""
    with pass_rig() as rig:
        rig.box.github.seed_issues("acme/r0", 5, 1)
        settled(rig)
        cpu = median(rig.sync().cpu for _ in range(9))
    return [Row("nothing to do, 1 pair: CPU", 0.5, "s", cpu)]


def many_pairs() -> list[Row]:
    """Fifty pairs with nothing to do, each answer after a tenth of a second."""
    with pass_rig(pairs=PAIRS) as rig:
        for number in range(PAIRS):
            rig.box.github.seed_issues(f"acme/r{number}", 1, 0)
        settled(rig)
        rig.every_answer_takes(ANSWER)
        ended = min((rig.sync() for _ in range(3)), key=lambda one: one.seconds)
        alone = rig.sync("--jobs", "1")
    name = f"nothing to do, {PAIRS} pairs, 0.1 s an answer"
    return [
        Row(f"{name}: requests", 2 * PAIRS, "", ended.requests),
        Row(f"{name}: CPU", 2.8, "s", ended.cpu),
        Row(f"{name}: clock", 3.5, "s", ended.seconds, clock=True),
        Row(f"{name}: clock, share of --jobs 1", 0.5, "", ended.seconds / alone.seconds, clock=True),
    ]


def one_dead() -> list[Row]:
    """Fifty pairs, of which every second one lies on a GitHub that takes connections and never answers."""
    with silent() as address:
        extra = f'\n[trackers.dead]\nkind = "github"\nurl = "{address}"\n'
        dead = dict.fromkeys(range(0, PAIRS, 2), "dead")
        with pass_rig(pairs=PAIRS, extra=extra, tracker_of=dead) as rig:
            secret = {"SYNCER_TRACKERS__DEAD__TOKEN": "sandbox-token-of-nobody"}
            ended = rig.sync(**secret)
    asked = sum(pair["requests"]["right"] for pair in ended.told["pairs"] if pair["outcome"] == "partial")
    name = f"{PAIRS} pairs, one GitHub silent"
    return [
        Row(f"{name}: clock", 70, "s", ended.seconds, clock=True),
        Row(f"{name}: pairs of healthy trackers not done", 0, "", PAIRS / 2 - ended.outcomes.get("clean", 0)),
        Row(f"{name}: requests to it", 8, "", asked),
    ]


def first_sync(issues: int = 1_000, comments: int = 5) -> list[Row]:
    """Issues and their comments into Jira, several requests in flight.

    The share is that of the answers one after the other, each after a tenth of a second and nothing in between: less
    than what `--jobs 1` takes, which need not be waited for.
    """
    with pass_rig() as rig:
        rig.box.github.seed_issues("acme/r0", issues, comments)
        rig.every_answer_takes(ANSWER)
        ended = rig.sync("--jobs", "8")
    (told,) = ended.told["pairs"]
    name = f"first sync of {issues:,} x {comments} into Jira, {ANSWER} s an answer"
    missing = issues * (1 + comments) - sum(told["created"].values()) - told["comments"]["created"]
    return [
        Row(f"{name}: clock, share of the answers", 1 / 6, "", ended.seconds / ended.requests / ANSWER, clock=True),
        Row(f"{name}: requests", 5_400 * issues / 1_000, "", ended.requests),
        Row(f"{name}: CPU a write", 15, "ms", ended.cpu / (issues * (1 + comments)) * 1_000),
        Row(f"{name}: not created", 0, "", missing),
    ]


ROWS: dict[str, Callable[[], list[Row]]] = {
    "start": one_pair,
    "pairs": many_pairs,
    "dead": one_dead,
    "first": first_sync,
}


def rows(names: list[str] | None = None) -> list[Row]:
    """What was measured, in the order of the table."""
    return [row for name in names or ROWS for row in ROWS[name]()]


def main() -> None:
    """Prints the table, and ends with 1 where a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=list(ROWS), action="append")
    parser.add_argument("--lines", action="store_true", help="for bench_speed")
    chosen = parser.parse_args()
    found = rows(chosen.only)
    if chosen.lines:
        print(for_programs([row.line for row in found]))
    widest = max(len(row.measured) for row in found)
    for row in [] if chosen.lines else found:
        print(f"{row.measured:{widest}}  {row.today:8.2f} {row.unit:1}  bar {row.bar:7.2f}  {row.verdict}")
    raise SystemExit(any(row.verdict == MISSED for row in found))


if __name__ == "__main__":
    main()
