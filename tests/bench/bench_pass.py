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

from tests.bench.pass_rig import PassRig, pass_rig
from tests.bench.table import KEPT, MISSED, Line, figure, for_programs

IDLE = 0.5
"""Other work on each processor, by the load of the last minute, below which a clock is believed."""
PAIRS = 50


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
    """Two passes: what the first one wrote is read once more by the second."""
    for _ in range(2):
        ended = rig.sync()
        if ended.exit not in {0, 1}:
            raise SystemExit(f"a pass ended with {ended.exit}: {ended.stderr}")


def one_pair() -> list[Row]:
    """A process with nothing to do."""
    with pass_rig() as rig:
        settled(rig)
        cpu = min(rig.sync().cpu for _ in range(5))
    return [Row("nothing to do, 1 pair: CPU", 0.5, "s", cpu)]


def many_pairs() -> list[Row]:
    """Fifty pairs with nothing to do, each answer after a tenth of a second."""
    with pass_rig(pairs=PAIRS) as rig:
        settled(rig)
        rig.every_answer_takes(0.1)
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


def first_sync() -> list[Row]:
    """Comments into Jira, several in flight."""
    took = []
    for jobs in ("1", "8"):
        with pass_rig() as rig:
            rig.box.github.seed_issues("acme/r0", 60, 5)
            rig.every_answer_takes(0.1)
            took.append(rig.sync("--jobs", jobs))
    name = "first sync of 60 x 5 into Jira, 0.1 s an answer"
    serial, parallel = took
    return [
        Row(f"{name}: clock, share of --jobs 1", 1 / 6, "", parallel.seconds / serial.seconds, clock=True),
        Row(f"{name}: requests, share of --jobs 1", 1.0, "", parallel.requests / serial.requests),
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
