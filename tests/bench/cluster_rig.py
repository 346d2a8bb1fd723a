"""A PostgreSQL of its own, workers on it, and the sandbox: for the benchmark of the cluster.

The server is made in a folder, on a free port, by an ordinary user, and ends with this process.
"""

from __future__ import annotations

import asyncio
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
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import psutil
import psycopg

from syncer.cluster.queue import DueJob, app_of, enqueue
from syncer.sandbox.datasets import GITHUB_TOKEN, JIRA_TOKEN
from syncer.store import Store
from syncer.store.work_queue import QueueSessions
from tests.bench.pass_rig import PassRig
from tests.bench.table import Line, verdict

NOBODY = "nobody"
PATIENCE = 1_800.0
QUICK = ("--heartbeat", "2", "--stalled", "6")


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
        as_nobody([self.programs / "pg_ctl", "-D", self.folder / "data", "-l", log, "-o", options, "-w", *words])

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

    @contextmanager
    def standing_still(self) -> Iterator[None]:
        """While it is open nothing is answered, as if a cable were cut: no connection is refused either."""
        frozen = self.processes()
        for process in frozen:
            process.suspend()
        try:
            yield
        finally:
            for process in reversed(frozen):
                process.resume()


def as_nobody(command: Sequence[str | Path]) -> None:
    """Runs a program as an ordinary user."""
    user = {"user": NOBODY, "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
    subprocess.run(list(map(str, command)), check=True, capture_output=True, cwd="/", **user)  # type: ignore[call-overload]


@contextmanager
def own_server(folder: Path | None = None) -> Iterator[OwnServer]:
    """A server that nobody else uses; in a folder that is given, else in one that goes with it."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb")) or [Path(shutil.which("initdb") or "")]
    if not found[-1].is_file():
        raise SystemExit("no programs of a PostgreSQL server are installed (Debian: postgresql)")
    with tempfile.TemporaryDirectory(prefix="syncer-cluster-") as name, closing(socket.socket()) as free:
        place = folder or Path(name)
        place.chmod(0o777)
        free.bind(("127.0.0.1", 0))
        server = OwnServer(place, free.getsockname()[1], found[-1].parent)
        as_nobody([server.programs / "initdb", "-D", place / "data", "-U", "postgres", "-A", "trust", "--no-sync"])
        free.close()
        server.control("start")
        try:
            yield server
        finally:
            server.control("stop", "-m", "immediate")


class Spent(NamedTuple):
    """CPU seconds."""

    sandbox: float
    workers: float
    database: float

    def since(self, before: Spent) -> Spent:
        """What was spent from one moment to another."""
        return Spent(*(now - then for now, then in zip(self, before, strict=True)))


def _seconds_of(processes: Sequence[psutil.Process]) -> float:
    used = 0.0
    for process in processes:
        with suppress(psutil.NoSuchProcess):  # a session that just ended
            used += sum(process.cpu_times()[:2])
    return used


@dataclass(slots=True)
class Cluster:
    """Workers, the database and the sandbox."""

    rig: PassRig
    server: OwnServer
    options: Sequence[str] = QUICK
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

    def said(self, number: int) -> str:
        """The log of a worker."""
        return self._log(number).read_text("utf-8", "replace")

    def edits(self, number: int) -> int:
        """How many runs for what people edit a worker has ended."""
        return len(re.findall(r"run ended.*part=live", self.said(number)))

    @property
    def alive(self) -> list[int]:
        """The numbers of the workers that live."""
        return [number for number, one in enumerate(self.workers) if one.poll() is None]

    def seconds(self) -> Spent:
        """CPU seconds so far of the sandbox, of the workers that live, and of the database with sessions that ended."""
        workers = [psutil.Process(self.workers[number].pid) for number in self.alive]
        head, *sessions = self.server.processes()
        ended = head.cpu_times()
        database = _seconds_of([head, *sessions]) + ended.children_user + ended.children_system
        return Spent(_seconds_of([psutil.Process()]), _seconds_of(workers), database)

    def end(self) -> None:
        """Ends all workers."""
        for number in self.alive:
            self.workers[number].send_signal(signal.SIGCONT)
            self.workers[number].send_signal(signal.SIGTERM)
        for worker in self.workers:
            worker.wait(120)

    def ask_for(self, pairs: Sequence[str]) -> None:
        """Puts runs of pairs into the queue, as a hint does."""

        async def ask() -> None:
            app = app_of(QueueSessions.of(self.server.address), lambda _name, _part: None, size=2)
            async with app.open_async():
                await enqueue(app, [DueJob(pair) for pair in pairs])

        asyncio.run(ask())


def judged(measured: str, bar: str, today: str, kept: bool | None) -> Line:
    """A row of the table; `kept` is None for what is shown and not judged."""
    return Line(measured, today, bar, "" if kept is None else verdict(kept=kept))


def in_hand(store: Store, pid: int, pairs: int) -> list[str]:
    """The pairs whose runs a process has begun and not ended."""
    begun = {run.pair for run in store.pairs.runs(limit=2 * pairs) if not run.outcome}
    return [pair for pair in sorted(begun) if (holder := store.pairs.holder(pair)) is not None and holder.pid == pid]


def wait(condition: Callable[[], bool], what: str, patience: float = PATIENCE) -> float:
    """Waits, so many seconds at most; how many it took."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > patience:
            raise SystemExit(f"it never happened: {what}")
        time.sleep(0.25)
    return time.monotonic() - began


def ended_since(store: Store, moment: datetime, pairs: Sequence[str]) -> Callable[[], bool]:
    """Whether each of these pairs has ended a run that began after a moment."""

    def all_did() -> bool:
        found = {run.pair for run in store.pairs.runs(limit=8 * len(pairs)) if run.started_at >= moment and run.outcome}
        return found >= set(pairs)

    return all_did


def next_minute() -> None:
    """Waits until the next time in the schedule is due."""
    time.sleep(60 - time.time() % 60 + 0.05)
