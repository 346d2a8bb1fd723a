"""Kills a first sync at every request and lets the next runs finish it.

    python -m tests.faults.kill_everywhere [--jira dc]

The trackers are the demonstration's. For every request the process is killed once just before it is sent and once just
after its answer arrived, which is when a tracker has done something the state does not know yet. Everything is forked
from one process that has set the stage and imported all that a run needs, so that a case costs little more than its
runs. States lie in memory where that can be had: what a killed process wrote is there either way. Prints one line of
JSON.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

from requests.adapters import HTTPAdapter

from syncer.app.wiring import open_pairs
from syncer.contract.model import Side
from syncer.core.change import Tally
from syncer.demo.configuration import write_configuration
from syncer.demo.seed import Deployment, new_sandbox, set_stage
from syncer.sandbox import Sandbox
from syncer.sandbox.transport import LoopbackServer
from syncer.settings import load
from syncer.store import Store
from syncer.sync.context import PairContext
from syncer.sync.run import run_pair

BEFORE, AFTER = "before", "after"
IN_MEMORY = Path("/dev/shm")  # noqa: S108 - only directories of our own, with names nobody can guess


@dataclass(frozen=True, slots=True)
class Case:
    """Where a run dies: at its `request`-th request, counted from 1, before it is sent or after it was answered."""

    request: int
    when: str


@contextmanager
def context_of(box: Sandbox, directory: Path) -> Iterator[PairContext]:
    """The demonstration's pair, on a state in `directory`."""
    settings = load(directory / "syncer.toml", environment={})
    with Store.open(settings.state, clock=box.clock.now) as store:
        (context,) = open_pairs(settings, store, clock=box.clock.now, sleep=lambda _seconds: None)
        try:
            yield context
        finally:
            for side in Side:
                context.connectors[side].close()


AT_ONCE = "SYNCER_TEST_AT_ONCE"
"""How many requests that create may be on their way."""


def sync(box: Sandbox, directory: Path) -> Tally:
    """One run."""
    with context_of(box, directory) as context:
        return run_pair(replace(context, at_once=int(os.environ.get(AT_ONCE, "1"))))


def die_at(case: Case) -> None:
    """Makes this process kill itself where the case says."""
    send, numbers = HTTPAdapter.send, count(1)

    def counted(self: HTTPAdapter, *arguments: Any, **options: Any) -> Any:
        number = next(numbers)  # of this request: others may be on their way
        if number == case.request and case.when == BEFORE:
            os.kill(os.getpid(), signal.SIGKILL)
        answer = send(self, *arguments, **options)
        if number == case.request:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    HTTPAdapter.send = counted  # type: ignore[method-assign]  # this process ends here


def inventory(box: Sandbox) -> dict[str, Any]:
    """What both trackers hold: how often each title occurs, how many comments there are, which markers are carried."""
    issues = [issue for repository in box.github.repositories.values() for issue in repository.issues.values()]
    return {
        "github": sorted(Counter(issue.title for issue in issues).items()),
        "jira": sorted(Counter(str(issue.content["summary"]) for issue in box.jira.issues.values()).items()),
        "github comments": sum(len(issue.comments) for issue in issues),
        "jira comments": sum(len(issue.content["comment"]) for issue in box.jira.issues.values()),
    }


def until_quiet(box: Sandbox, directory: Path) -> Iterator[Tally]:
    """Runs until one writes nothing, three at most."""
    for _ in range(3):
        tally = sync(box, directory)
        yield tally
        if tally.outcome == "clean" and tally.writes == 0:
            return


def play(box: Sandbox, case: Case | None) -> dict[str, Any]:
    """Runs one case on a copy of the stage (this process is one) and tells what the trackers hold in the end."""
    box._server = LoopbackServer(0)  # a copy of the stage needs a door of its own
    box.github.base_url, box.github.api_url, box.jira.base_url = box.url, f"{box.url}/api/v3", box.jira_url
    with tempfile.TemporaryDirectory(prefix="syncer-kill-", dir=_place_of_states()) as name:
        directory = Path(name)
        write_configuration(box, directory)
        ready, go = os.pipe()
        victim = os.fork() if case is not None else 0
        if case is not None and victim == 0:
            os.read(ready, 1)
            die_at(case)
            sync(box, directory)
            os._exit(0)
        with box:
            os.write(go, b"!")
            survived = case is None or os.waitpid(victim, 0)[1] == 0
            outcomes = list(until_quiet(box, directory))
            return {
                "survived": survived,
                "outcomes": [tally.outcome for tally in outcomes],
                "last writes": outcomes[-1].writes,
                "requests": sum(outcomes[0].requests.values()),
                "holds": inventory(box),
            }


def _place_of_states() -> Path | None:
    """Where directories of states are made; None for the usual place."""
    return IN_MEMORY if os.access(IN_MEMORY, os.W_OK) else None


def warm_up(deployment: Deployment) -> None:
    """Runs a whole case in this process, on a stage of its own, so that what is forked later has everything loaded."""
    box = new_sandbox(deployment, 7)
    with box:
        set_stage(box)
    play(box, None)
    gc.collect()
    gc.freeze()  # what is shared after a fork stays shared


def forked(box: Sandbox, case: Case | None) -> tuple[int, int]:
    """Starts a case in a process of its own; its id and where its result can be read."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            result: dict[str, Any] = play(box, case)
        except BaseException as error:  # noqa: BLE001 - told to the parent
            result = {"error": repr(error)}
        os.write(writing, json.dumps(result, ensure_ascii=False).encode())
        os._exit(0)
    os.close(writing)
    return child, reading


def result_of(child: int, reading: int) -> dict[str, Any]:
    """What a forked case told."""
    with os.fdopen(reading, "rb") as pipe:
        told = pipe.read()
    os.waitpid(child, 0)
    return dict(json.loads(told or b'{"error": "died"}'))


def faults_of(case: Case, result: dict[str, Any], undisturbed: dict[str, Any]) -> list[str]:
    """What is wrong with the end of a case."""
    name = f"killed {case.when} request {case.request}"
    if "error" in result:
        return [f"{name}: {result['error']}"]
    wrong = [f"{name}: {part}: {_difference(held, undisturbed['holds'][part])}"
             for part, held in result["holds"].items() if held != undisturbed["holds"][part]]  # fmt: skip
    if result["last writes"] or result["outcomes"][-1] != "clean":
        wrong.append(f"{name}: not quiet afterwards: {result['outcomes']}, {result['last writes']} writes")
    return wrong


def _difference(held: Any, expected: Any) -> str:
    if not isinstance(held, list):
        return f"{held} instead of {expected}"
    surplus, lacking = (
        [item for item in one if item not in other] for one, other in ((held, expected), (expected, held))
    )
    return f"{surplus} instead of {lacking}"


def main() -> None:
    """Runs every case, two at a time."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jira", choices=["cloud", "dc"], default="cloud")
    parser.add_argument("--step", type=int, default=1, help="take only every so many requests")
    parser.add_argument("--jobs", default="1", help="requests that create on their way")
    chosen = parser.parse_args()
    os.environ[AT_ONCE] = chosen.jobs
    deployment: Deployment = "cloud" if chosen.jira == "cloud" else "datacenter"
    warm_up(deployment)
    box = new_sandbox(deployment, 7)
    with box:
        set_stage(box)
    undisturbed = result_of(*forked(box, None))
    if "error" in undisturbed:
        sys.exit(f"the undisturbed run failed: {undisturbed['error']}")
    requests = undisturbed["requests"]
    cases = [Case(number, when) for number in range(1, requests + 1, chosen.step) for when in (BEFORE, AFTER)]
    wrong: list[str] = []
    died = 0
    for first in range(0, len(cases), 2):
        running = [(case, *forked(box, case)) for case in cases[first : first + 2]]
        for case, child, reading in running:
            result = result_of(child, reading)
            died += not result.get("survived", False)
            wrong += faults_of(case, result, undisturbed)
    print(json.dumps({"requests": requests, "cases": len(cases), "died": died, "wrong": wrong}, ensure_ascii=False))


if __name__ == "__main__":
    main()
