"""Workers on a PostgreSQL of their own: `python -m tests.bench.bench_cluster [--pairs 50] [--workers 4] [--links 10]`.

One pass of all pairs; then a worker is killed in the middle of another, then the database is restarted. Prints a
table with the bars, and ends with 1 where one is missed. The sandbox lives here. Needs the programs of a PostgreSQL
server (Debian: `postgresql`); it is made in a folder, on a free port, by an ordinary user, and ends with this process.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import psycopg

from syncer.commands.opening import now
from syncer.sandbox.datasets import GITHUB_TOKEN, JIRA_TOKEN
from syncer.store import Store
from tests.bench.pass_rig import PassRig

NOBODY = "nobody"
LATENCY = 0.02
PATIENCE = 900.0


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    measured: str
    bar: str
    value: str
    kept: bool | None
    """None for what is shown and not judged."""


# --- a database


@dataclass(slots=True)
class OwnServer:
    """A PostgreSQL in a folder."""

    folder: Path
    port: int
    programs: Path

    @property
    def address(self) -> str:
        """Of its database for superusers."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def control(self, *words: str) -> None:
        """Calls pg_ctl as an ordinary user."""
        log = self.folder / "log"
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=''"
        _as_nobody([self.programs / "pg_ctl", "-D", self.folder / "data", "-l", log, "-o", options, "-w", *words])

    def sessions(self) -> int:
        """How many sessions workers have on it."""
        with psycopg.connect(self.address) as connection:
            counted = connection.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'syncer worker%'"
            ).fetchone()
        return int(counted[0]) if counted else 0

    def processes(self) -> list[psutil.Process]:
        """The server and what it started."""
        head = psutil.Process(int((self.folder / "data" / "postmaster.pid").read_text().splitlines()[0]))
        return [head, *head.children(recursive=True)]


def _as_nobody(command: Sequence[str | Path]) -> None:
    user = {"user": NOBODY, "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
    subprocess.run(list(map(str, command)), check=True, capture_output=True, cwd="/", **user)  # type: ignore[call-overload]


@contextmanager
def own_server() -> Iterator[OwnServer]:
    """A server that nobody else uses."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb")) or [Path(shutil.which("initdb") or "")]
    if not found[-1].is_file():
        raise SystemExit("no programs of a PostgreSQL server are installed (Debian: postgresql)")
    with tempfile.TemporaryDirectory(prefix="syncer-cluster-") as name, closing(socket.socket()) as free:
        folder = Path(name)
        folder.chmod(0o777)
        free.bind(("127.0.0.1", 0))
        server = OwnServer(folder, free.getsockname()[1], found[-1].parent)
        _as_nobody([server.programs / "initdb", "-D", folder / "data", "-U", "postgres", "-A", "trust", "--no-sync"])
        free.close()
        server.control("start")
        try:
            yield server
        finally:
            server.control("stop", "-m", "immediate")


# --- workers


@dataclass(slots=True)
class Cluster:
    """Workers, the database and the sandbox."""

    rig: PassRig
    server: OwnServer
    options: Sequence[str]
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, count: int) -> None:
        """So many more workers, each with a log of its own."""
        secrets = {"SYNCER_TRACKERS__ACME_JIRA__TOKEN": JIRA_TOKEN, "SYNCER_TRACKERS__GITHUB__TOKEN": GITHUB_TOKEN}
        for _ in range(count):
            command = [sys.executable, "-m", "syncer", "worker", "--config", self.rig.directory / "syncer.toml"]
            with self._log(len(self.workers)).open("wb") as log:
                self.workers.append(
                    subprocess.Popen(
                        [*command, "--state", self.server.address, *self.options],
                        env={**os.environ, **secrets},
                        stderr=log,
                        cwd=self.rig.directory,
                    )
                )

    def _log(self, number: int) -> Path:
        return self.rig.directory / f"worker{number}.log"

    def runs(self, number: int) -> int:
        """How many runs a worker has ended."""
        return len(re.findall(r"run ended", self._log(number).read_text("utf-8", "replace")))

    def seconds(self) -> float:
        """CPU seconds of the sandbox, the workers and the database so far; of those that live."""
        alive = [psutil.Process(), *(psutil.Process(one.pid) for one in self.workers if one.poll() is None)]
        used = 0.0
        for process in [*alive, *self.server.processes()]:
            try:
                used += sum(process.cpu_times()[:2])
            except psutil.NoSuchProcess:  # a session that just ended
                continue
        return used

    def end(self) -> None:
        """Ends all workers."""
        for worker in self.workers:
            if worker.poll() is None:
                worker.send_signal(signal.SIGTERM)
        for worker in self.workers:
            worker.wait(60)


def wait(condition: Callable[[], bool], what: str) -> float:
    """Waits; the seconds it took."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > PATIENCE:
            raise SystemExit(f"it never happened: {what}")
        time.sleep(0.25)
    return time.monotonic() - began


def ended_since(store: Store, moment: object, pairs: int) -> Callable[[], bool]:
    """Whether every pair has ended a run that began after a moment."""

    def all_did() -> bool:
        found = {run.pair for run in store.pairs.runs(limit=4 * pairs) if run.started_at >= moment and run.outcome}
        return len(found) == pairs

    return all_did


def next_minute() -> None:
    """Waits until the next time in the schedule is due."""
    time.sleep(60 - time.time() % 60 + 0.05)


def measure(cluster: Cluster, pairs: int, workers: int) -> Iterator[Row]:
    """Everything, one after the other."""
    with Store.open(cluster.server.address, clock=now) as store:
        began = now()
        cluster.start(workers)
        first = wait(ended_since(store, began, pairs), "the first sync")
        yield Row("first sync of all pairs", "", f"{first:.0f} s", None)

        next_minute()
        moment, counted = now(), [cluster.runs(number) for number in range(workers)]
        used = cluster.seconds()
        took = wait(ended_since(store, moment, pairs), "a pass")
        used = cluster.seconds() - used
        yield Row("a pass: CPU a pair, all processes", "<= 0.15 s", f"{used / pairs:.3f} s", used / pairs <= 0.15)
        yield Row(f"a pass of {pairs} pairs", "<= 60 s idle, for 500", f"{took:.1f} s", None)
        yield Row("sessions on the server, a worker", "", f"{cluster.server.sessions() / workers:.1f}", None)
        shares = [cluster.runs(number) - before for number, before in enumerate(counted)]
        even = pairs / workers
        off = max(abs(share - even) for share in shares) / even
        yield Row("jobs: furthest from even", "<= 20 %", f"{off:.0%} ({shares})", off <= 0.2)

        next_minute()
        moment = now()
        wait(lambda: store.queue.figures().running > 0, "a job in hand")
        cluster.workers[0].kill()
        took = wait(ended_since(store, moment, pairs), "the pass after a kill")
        stalled = float(cluster.options[-1])
        yield Row("a worker killed: all pairs done", f"<= {stalled + 4:.0f} s", f"{took:.1f} s", took <= stalled + 4)

        cluster.server.control("restart", "-m", "fast")
        next_minute()
        moment = now()
        took = wait(ended_since(store, moment, pairs), "the pass after a restart")
        yield Row("database restarted: the next pass", "goes on", f"{took:.1f} s", kept=True)
        cluster.end()


def doubled(rig: PassRig) -> int:
    """How many tasks of the sandbox have a title that another one of the project has."""
    titles = [(issue.project, issue.content["summary"]) for issue in rig.box.jira.issues.values()]
    return len(titles) - len(set(titles))


def main() -> int:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=50)
    parser.add_argument("--links", type=int, default=10)
    parser.add_argument("--workers", type=int, default=4)
    chosen = parser.parse_args()
    with own_server() as server, tempfile.TemporaryDirectory(prefix="syncer-bench-") as directory:
        rig = PassRig(Path(directory), pairs=chosen.pairs, every='schedule = "* * * * *"\n')
        for number in range(chosen.pairs):
            rig.box.github.seed_issues(f"acme/r{number}", chosen.links, 0)
        with rig.box:
            rig.write()
            rig.every_answer_takes(LATENCY)
            cluster = Cluster(rig, server, ("--heartbeat", "2", "--stalled", "6"))
            try:
                rows = list(measure(cluster, chosen.pairs, chosen.workers))
            finally:
                cluster.end()
        twice = doubled(rig)
        rows.append(Row("created twice", "0", str(twice), twice == 0))
    for row in rows:
        verdict = {True: "kept", False: "MISSED", None: ""}[row.kept]
        sys.stdout.write(f"{row.measured:42} {row.bar:24} {row.value:32} {verdict}\n")
    return int(any(row.kept is False for row in rows))


if __name__ == "__main__":
    sys.exit(main())
