"""What workers do when one dies or stands still, and when the database goes away: rows of the benchmark's table."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from syncer.commands.opening import now
from syncer.store import Store
from tests.bench.cluster_rig import Cluster, ended_since, in_hand, judged, wait
from tests.bench.pass_rig import PassRig
from tests.bench.table import Line

PERSON: Final = "mei"
CUT: Final = 60.0
"""Seconds for which the database answers nothing, or a worker stands still."""


def names(cluster: Cluster) -> list[str]:
    """The pairs."""
    return [f"p{number}" for number in range(cluster.rig.pairs)]


def victim(cluster: Cluster, store: Store) -> tuple[int, list[str]]:
    """A worker that has runs in hand, and their pairs: every answer takes three seconds until it is found."""
    cluster.rig.every_answer_takes(3.0)
    cluster.ask_for(names(cluster))
    found: list[tuple[int, list[str]]] = []

    def busy() -> bool:
        held = {number: in_hand(store, cluster.workers[number].pid, cluster.rig.pairs) for number in cluster.alive}
        found.extend((number, pairs) for number, pairs in held.items() if pairs)
        return bool(found)

    wait(busy, "a run in hand")
    cluster.rig.every_answer_takes(0.02)
    return found[0]


def killed(cluster: Cluster, store: Store, limit: float, what: str) -> Line:
    """A worker is killed with -9: when the pairs it had in hand have run elsewhere."""
    number, pairs = victim(cluster, store)
    moment = now()
    cluster.workers[number].kill()
    cluster.workers[number].wait()
    took = wait(ended_since(store, moment, pairs), "the runs of a worker that was killed")
    return judged(f"killed -9, {what}: its pairs ran elsewhere", f"<= {limit:.0f} s", f"{took:.1f} s", took <= limit)


def frozen(cluster: Cluster, store: Store, seconds: float) -> Line:
    """A worker stands still while it reads; others carry the edits; when it wakes, it writes nothing."""
    edited(cluster.rig, "frozen")
    number, pairs = victim(cluster, store)
    process = cluster.workers[number]
    os.kill(process.pid, signal.SIGSTOP)
    began = time.monotonic()
    wait(lambda: carried(cluster.rig, "frozen"), "edits of the frozen worker's pairs")
    wait(ended_since(store, now(), pairs), "the next runs of its pairs")
    time.sleep(max(seconds - (time.monotonic() - began), 0))
    before = len(list(cluster.rig.box.log.writes()))
    os.kill(process.pid, signal.SIGCONT)
    wait(lambda: "stood still" in cluster.said(number), "the frozen worker wakes")
    wait(lambda: len(store.queue.workers()) == len(cluster.alive), "it takes part again")
    wait(ended_since(store, now(), names(cluster)), "a pass with it")
    wrote = len(list(cluster.rig.box.log.writes())) - before
    return judged(f"frozen for {seconds:.0f} s: its writes when it wakes", "0", str(wrote), wrote == 0)


def edited(rig: PassRig, word: str) -> None:
    """A person gives one issue of each repository another title."""
    for number in range(rig.pairs):
        repository = f"acme/r{number}"
        first = min(rig.box.github.repository(repository).issues)
        rig.box.github.edit_issue(repository, first, PERSON, title=f"{word} {number}")


def carried(rig: PassRig, word: str) -> bool:
    """Whether all of these titles are on the other side."""
    return {f"{word} {number}" for number in range(rig.pairs)} <= titles(rig)


def titles(rig: PassRig) -> set[str]:
    """Those of all tasks in Jira."""
    return {str(issue.content["summary"]) for issue in rig.box.jira.issues.values()}


def doubled(rig: PassRig) -> int:
    """How many tasks of the sandbox have a title that another one of the project has, on either side."""
    jira = [(issue.project, issue.content["summary"]) for issue in rig.box.jira.issues.values()]
    github = [(name, issue.title) for name, one in rig.box.github.repositories.items() for issue in one.issues.values()]
    return len(jira) - len(set(jira)) + len(github) - len(set(github))


def many_kills(cluster: Cluster, store: Store, kills: int, seed: int = 7) -> Iterator[Line]:
    """Edits, new tasks and kills at random moments: nothing is doubled, and no edit is lost."""
    chance, wanted = random.Random(seed), set[str]()
    workers = len(cluster.alive)
    for count in range(kills):
        number = chance.randrange(cluster.rig.pairs)
        repository = f"acme/r{number}"
        github = cluster.rig.box.github
        issue = chance.choice(sorted(github.repository(repository).issues.values(), key=lambda one: one.number))
        wanted.discard(issue.title)
        github.edit_issue(repository, issue.number, PERSON, title=f"edited before kill {count}")
        github.add_issue(repository, f"made before kill {count}", PERSON)
        wanted |= {f"edited before kill {count}", f"made before kill {count}"}
        cluster.ask_for([f"p{number}"])
        wait(lambda: bool(store.queue.workers()), "a worker")
        time.sleep(chance.uniform(0, 1.0))
        cluster.workers[chance.choice(cluster.alive)].kill()
        cluster.start(workers - len(cluster.alive))
    wait(lambda: wanted <= titles(cluster.rig), "every edit on the other side")
    yield judged(f"{kills} kills: edits lost", "0", "0", True)
    twice = doubled(cluster.rig)
    yield judged(f"{kills} kills: created twice", "0", str(twice), twice == 0)


def without_database(cluster: Cluster, store: Store) -> Iterator[Line]:
    """The database is restarted, and then answers nothing for a minute."""
    cluster.server.control("restart", "-m", "fast")
    edited(cluster.rig, "restarted")
    took = wait(lambda: carried(cluster.rig, "restarted"), "edits after a restart of the database")
    yield judged("database restarted: until edits are carried", "waits, goes on", f"{took:.1f} s", True)
    alive = cluster.alive
    with cluster.server.standing_still():
        edited(cluster.rig, "cut off")
        time.sleep(CUT)
    took = wait(lambda: carried(cluster.rig, "cut off"), "edits after the database was cut off")
    ended = sum(number not in cluster.alive for number in alive)
    said = f"{took:.1f} s, {ended} workers ended"
    yield judged(f"database cut off for {CUT:.0f} s: until edits are carried", "waits, goes on", said, ended == 0)


def disk_full(cluster: Cluster, place: Path) -> Line:
    """The disk of the database is full, and is freed again."""
    ballast = place / "ballast"
    alive = cluster.alive
    with ballast.open("wb") as file, suppress(OSError):
        while True:
            file.write(bytes(1 << 20))
            file.flush()
    edited(cluster.rig, "full")
    said = ("No space left on device", "no resources left", "cannot be used")
    wait(lambda: any(word in cluster.said(number) for number in alive for word in said), "a worker that says it")
    ballast.unlink()
    took = wait(lambda: carried(cluster.rig, "full"), "edits after a full disk")
    ended = sum(number not in cluster.alive for number in alive)
    return judged(
        "disk full: until edits are carried, once freed", "waits, goes on", f"{took:.1f} s, {ended} ended", ended == 0
    )
