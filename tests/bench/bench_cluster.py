"""Workers on a PostgreSQL of their own: `python -m tests.bench.bench_cluster [--pairs 50] [--links 10] [--workers 2]`.

Prepares a state at rest: one pair is synced, and its sides and rows are copied for all others (`cluster_rest`); the
requests of a pass are counted to prove that it is one. Workers (one of them keeps the schedule) then run all pairs for
three periods; one is killed, one stands still, the database is restarted and cut off, its disk is full, and workers are
killed at random moments. Prints each bar with today's figure beside it, and ends with 1 where one is missed. `--whole`
adds what takes long: the kill with the usual times, fifty kills, and a state of 100,000 links. What a bar says of
seconds is meant for an idle machine of two cores; a busy one takes more CPU seconds, too.

Needs the programs of a PostgreSQL server (Debian: `postgresql`); for the full disk also the right to mount a small
tmpfs. `--pairs`, `--links` (a pair) and `--workers` say how much; the bars of a pass are meant for
`--pairs 500 --links 100 --workers 4`. `--only passes` leaves out everything that is broken on purpose; `disk`, `usual`
and `state` are the full disk, the kill with the usual times, and the large state alone.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from syncer.commands.opening import now
from syncer.store import Store
from tests.bench import cluster_failures as failures
from tests.bench.cluster_rest import linked, listed, put_at_rest
from tests.bench.cluster_rig import (
    QUICK,
    Cluster,
    OwnServer,
    Spent,
    ended_since,
    judged,
    next_minute,
    own_server,
    wait,
)
from tests.bench.cluster_state import compared
from tests.bench.pass_rig import PassRig
from tests.bench.table import MISSED, Line

LATENCY: Final = 0.02
PERIODS: Final = 3
USUAL: Final = ("--heartbeat", "10", "--stalled", "30")
LINKS_OF_A_LARGE_STATE: Final = 100_000
SMALL_DISK: Final = "160m"
KILLS, KILLS_OF_THE_WHOLE = 10, 50


def passes(cluster: Cluster, store: Store, links: int) -> Iterator[Line]:
    """Whether all is at rest, then some periods with nothing to do."""
    pairs, workers = failures.names(cluster), len(cluster.alive)
    yield from at_rest(cluster, store, links)
    cluster.rig.every_answer_takes(LATENCY)
    costs, times, offs = list[Spent](), list[float](), list[float]()
    even = len(pairs) / workers
    for _ in range(PERIODS):
        next_minute()
        moment, counted = now(), {number: cluster.edits(number) for number in cluster.alive}
        used = cluster.seconds()
        times.append(wait(ended_since(store, moment, pairs), "a pass"))
        costs.append(cluster.seconds().since(used))
        offs.append(max(abs(cluster.edits(number) - counted[number] - even) for number in counted) / even)
    least = min(costs, key=sum)
    cost, parts = sum(least) / len(pairs), [f"{part / len(pairs):.3f}" for part in least]
    yield judged("a pass: CPU a pair, all processes", "<= 0.15 s", f"{cost:.3f} s", cost <= 0.15)
    yield judged("of which sandbox, workers, database", "", ", ".join(parts), None)
    yield judged(f"a pass of {len(pairs)} pairs", "<= 60 s for 500, idle", f"{min(times):.1f} s", min(times) <= 60)
    yield judged("jobs of a pass: furthest from even", "<= 20 %", f"{min(offs):.0%}", min(offs) <= 0.2)
    yield judged("sessions on the server, a worker", "", f"{cluster.server.sessions() / workers:.1f}", None)


def at_rest(cluster: Cluster, store: Store, links: int) -> Iterator[Line]:
    """Runs of all pairs until nothing is left over, then one whose requests are counted."""
    pairs, log = failures.names(cluster), cluster.rig.box.log
    wait(lambda: store.queue.installed() and _settled(store, pairs), "a state at rest")
    began = now()
    wait(ended_since(store, began, pairs), "runs of all pairs")
    next_minute()
    log.reset()
    log.record_bodies, moment = True, now()
    wait(ended_since(store, moment, pairs), "a pass")
    (shown, writes), most = listed(cluster.rig), 2 * len(pairs)
    log.record_bodies = False
    log.reset()
    found, wanted = linked(store, pairs), links * len(pairs)
    yield judged("at rest: links", f"{wanted:,}", f"{found:,}", found == wanted)
    yield judged("a pass at rest: issues listed", f"<= {most}, one a side", str(shown), shown <= most)
    yield judged("a pass at rest: writes", "0", str(writes), writes == 0)


def _settled(store: Store, pairs: list[str]) -> bool:
    """Whether every pair was read completely, and nothing long is left to do of it."""
    return set(pairs) <= store.queue.readings().keys() and not store.queue.left()


def broken(cluster: Cluster, store: Store, kills: int) -> Iterator[Line]:
    """Everything that is broken on purpose, one after the other; each ends with workers at work."""
    workers = len(cluster.alive)
    yield failures.killed(cluster, store, 10, "heartbeat 2 s, stalled 6 s")
    cluster.start(workers - len(cluster.alive))
    yield failures.frozen(cluster, store, failures.CUT)
    yield from failures.without_database(cluster, store)
    yield from failures.many_kills(cluster, store, kills)


@contextmanager
def at_work(rig: PassRig, server: OwnServer, workers: int, options: tuple[str, ...] = QUICK) -> Iterator[Cluster]:
    """Workers, ended at the end."""
    cluster = Cluster(rig, server, options)
    cluster.start(workers)
    try:
        yield cluster
    finally:
        cluster.end()


def rig_of(directory: str, pairs: int, links: int = 0) -> PassRig:
    """A sandbox; `links` issues of a kilobyte on the right of each pair."""
    rig = PassRig(Path(directory), pairs=pairs, every='schedule = "* * * * *"\n')
    rig.box.github.add_user(failures.PERSON)
    for number in range(pairs if links else 0):
        rig.box.github.seed_issues(f"acme/r{number}", links, 0)
    return rig


def together(pairs: int, links: int, workers: int, kills: int) -> Iterator[Line]:
    """One cluster through everything; `kills` 0 breaks nothing."""
    with own_server() as server, tempfile.TemporaryDirectory(prefix="syncer-bench-") as directory:
        rig = rig_of(directory, pairs)
        with rig.box:
            rig.write()
            began, used = time.monotonic(), time.process_time()
            put_at_rest(rig, links, server.address)
            said = f"{time.monotonic() - began:.0f} s, {time.process_time() - used:.0f} s CPU"
            yield judged(f"prepared: {pairs * links:,} links", "", said, None)
            with Store.open(server.address, clock=now) as store, at_work(rig, server, workers) as cluster:
                yield from passes(cluster, store, links)
                if kills:
                    yield from broken(cluster, store, kills)
            twice = failures.doubled(rig)
        yield judged("created twice", "0", str(twice), twice == 0)


def full_disk() -> Iterator[Line]:
    """A small cluster whose database lies on a small disk."""
    with tempfile.TemporaryDirectory(prefix="syncer-disk-") as disk:
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK}", "tmpfs", disk], capture_output=True, check=False
        )
        if mounted.returncode:
            yield judged("disk full", "waits, goes on", "not tried: no small tmpfs may be mounted here", None)
            return
        try:
            with own_server(Path(disk)) as server, tempfile.TemporaryDirectory(prefix="syncer-bench-") as directory:
                rig = rig_of(directory, 2, 3)
                with rig.box:
                    rig.write()
                    with Store.open(server.address, clock=now) as store, at_work(rig, server, 2) as cluster:
                        wait(lambda: store.queue.installed() and _settled(store, ["p0", "p1"]), "the first sync")
                        yield failures.disk_full(cluster, Path(disk))
        finally:
            subprocess.run(["umount", disk], check=False)


def usual_times() -> Iterator[Line]:
    """A kill with the heartbeat and the patience that a worker has unless told otherwise."""
    with own_server() as server, tempfile.TemporaryDirectory(prefix="syncer-bench-") as directory:
        rig = rig_of(directory, 4, 3)
        with rig.box:
            rig.write()
            with Store.open(server.address, clock=now) as store, at_work(rig, server, 2, USUAL) as cluster:
                wait(lambda: store.queue.installed() and _settled(store, failures.names(cluster)), "the first sync")
                yield failures.killed(cluster, store, 40, "with the usual times")


def large_state(links: int) -> Iterator[Line]:
    """A run with nothing to do over many links."""
    with own_server() as server:
        sqlite, postgresql = compared(server, links)
    said = f"{postgresql:.3f} s, SQLite {sqlite:.3f} s"
    yield judged(f"idle run over {links:,} links: CPU", "<= 2 x SQLite", said, postgresql <= 2 * sqlite)


def measures(chosen: argparse.Namespace) -> Iterator[Line]:
    """All that was asked for."""
    breaking = chosen.only != "passes"
    kills = 0 if not breaking else KILLS_OF_THE_WHOLE if chosen.whole else KILLS
    if chosen.only in {None, "passes"}:
        yield from together(chosen.pairs, chosen.links, chosen.workers, kills)
    if chosen.only in {None, "disk"}:
        yield from full_disk()
    if chosen.only == "usual" or (chosen.whole and breaking):
        yield from usual_times()
    if chosen.only == "state" or (chosen.whole and breaking):
        yield from large_state(LINKS_OF_A_LARGE_STATE)


def main() -> int:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=50)
    parser.add_argument("--links", type=int, default=10)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--whole", action="store_true")
    parser.add_argument("--only", choices=("passes", "disk", "usual", "state"))
    missed = False
    sys.stdout.write(f"{'measured':52} {'bar':24} {'today':34}\n")
    for line in measures(parser.parse_args()):
        sys.stdout.write(f"{line.measured:52} {line.bar:24} {line.today:34} {line.verdict}\n")
        sys.stdout.flush()
        missed = missed or line.verdict == MISSED
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
