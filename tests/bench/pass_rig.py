"""Many pairs between one Jira and one GitHub of the sandbox, each run of the command a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from syncer.sandbox import Clock, Sandbox
from syncer.sandbox.datasets import BOT, BOT_EMAIL, GITHUB_TOKEN, JIRA_TOKEN, load
from syncer.sandbox.faults import Fault

RUN = """
import json, resource, sys
from syncer.cli import main
code = 0
try:
    main()
except SystemExit as ended:
    code = ended.code
usage = resource.getrusage(resource.RUSAGE_SELF)
peak = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(json.dumps({"exit": code, "megabytes": peak / 1024, "cpu": usage.ru_utime + usage.ru_stime}), file=sys.stderr)
"""

SECRETS = {"SYNCER_TRACKERS__ACME_JIRA__TOKEN": JIRA_TOKEN, "SYNCER_TRACKERS__GITHUB__TOKEN": GITHUB_TOKEN}

TRACKERS = """
[trackers.acme-jira]
kind = "jira"
url = "{jira}"
deployment = "cloud"
user = "{user}"
allow-http = true

[trackers.github]
kind = "github"
url = "{github}"
creates-per-minute = 0
creates-per-hour = 0
writes-per-second = 0
settle-seconds = 0
{extra}
"""

PAIR = """
[[pairs]]
name = "{name}"
left = {{ tracker = "acme-jira", project = "{project}" }}
right = {{ tracker = "{tracker}", repository = "{repository}" }}
{every}"""


@dataclass(frozen=True, slots=True)
class Ended:
    """How one `syncer` command ended."""

    exit: int
    cpu: float
    """Seconds of this process, children excluded."""
    seconds: float
    megabytes: float
    told: dict[str, Any]
    """What it printed as JSON."""
    stderr: str

    @property
    def outcomes(self) -> dict[str, int]:
        """How many pairs ended how."""
        found = [pair["outcome"] for pair in self.told.get("pairs", [])]
        return {outcome: found.count(outcome) for outcome in sorted(set(found))}

    @property
    def requests(self) -> int:
        """Of all pairs."""
        return sum(sum(pair["requests"].values()) for pair in self.told.get("pairs", []))


@dataclass
class PassRig:
    """A sandbox with `pairs` projects and repositories, and one state for all of them."""

    directory: Path
    pairs: int = 1
    extra: str = ""
    """Further lines of the configuration between trackers and pairs."""
    tracker_of: dict[int, str] = field(default_factory=dict)
    """The name of another tracker that the right side of a pair lies on, by the pair's number."""
    every: str = ""
    """Lines that each pair has."""

    def __post_init__(self) -> None:
        self.box = Sandbox(clock=Clock.real())
        self.box.log.record_bodies = False
        load(self.box, "empty")
        for number in range(self.pairs):
            self.box.github.add_repository(f"acme/r{number}", visibility="private")
            self.box.github.add_collaborator(f"acme/r{number}", BOT, "maintain")
            self.box.jira.add_project(f"P{number}", f"Project {number}", lead=BOT)

    def write(self) -> None:
        """Writes the configuration."""
        head = TRACKERS.format(jira=self.box.jira_url, github=self.box.github_url, user=BOT_EMAIL, extra=self.extra)
        tables = [
            PAIR.format(name=f"p{number}", project=f"P{number}", repository=f"acme/r{number}",
                        tracker=self.tracker_of.get(number, "github"), every=self.every)
            for number in range(self.pairs)
        ]  # fmt: skip
        (self.directory / "syncer.toml").write_text(head + "".join(tables), encoding="utf-8")

    def every_answer_takes(self, seconds: float) -> None:
        """From now on, after the work is done."""
        self.box.faults.clear()
        if seconds:
            self.box.faults.poison("", Fault("slow", seconds=seconds))

    def sync(self, *options: str, **environment: str) -> Ended:
        """One `syncer sync --json`."""
        paths = ("--config", str(self.directory / "syncer.toml"), "--state", str(self.directory / "state"))
        # As pip leaves it: with the compiled modules beside their sources.
        compiled = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(self.directory / "compiled")}
        started = time.perf_counter()
        answer = subprocess.run(
            [sys.executable, "-c", RUN, "sync", "--json", *paths, *options],
            env={**os.environ, **SECRETS, **compiled, **environment}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        seconds = time.perf_counter() - started
        *said, usage = answer.stderr.splitlines()
        told = json.loads(answer.stdout) if answer.stdout else {}
        return Ended(**json.loads(usage), seconds=seconds, told=told, stderr="\n".join(said))


@contextmanager
def pass_rig(**settings: Any) -> Iterator[PassRig]:
    """The rig, served, with its configuration written."""
    with tempfile.TemporaryDirectory(prefix="syncer-bench-") as directory:
        made = PassRig(Path(directory), **settings)
        with made.box:
            made.write()
            yield made
