"""The proofs that take longer than the tests everybody runs.

    python -m tests.prove ci         a share of each, after the tests in `.ci/run`
    python -m tests.prove whole      all of each, before a release
    python -m tests.prove ci fuzz    one of them

Each is a process of its own whose output is shown as it comes. A table of what they took follows; the exit code is 1
where one failed.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SHARES = ("ci", "whole")


@dataclass(frozen=True, slots=True)
class Proof:
    """A command, as arguments of `python -m`, with what each share adds to them; None where a share leaves it out."""

    name: str
    shows: str
    command: tuple[str, ...]
    ci: tuple[str, ...] | None
    whole: tuple[str, ...]

    def arguments(self, share: str) -> tuple[str, ...] | None:
        """What follows `python -m`, or None."""
        added: tuple[str, ...] | None = getattr(self, share)
        return None if added is None else (*self.command, *added)


PROOFS = (
    Proof(
        "slow", "tests that take more than ten seconds: kills at each request, types, pins",
        ("pytest", "-n", "2", "-m", "slow"), (), ("--hypothesis-profile", "thorough"),
    ),
    Proof(
        "histories", "arbitrary histories of the engine, every edit accounted for",
        ("tests.properties.histories",), ("--histories", "100"), ("--histories", "2000"),
    ),
    Proof(
        "fuzz", "arbitrary histories over HTTP with faults and kills",
        ("tests.fuzz",), ("--histories", "20"), ("--histories", "200"),
    ),
    Proof("witness", "a GitHub and a Jira that others wrote", ("tests.witness",), (), ()),
    Proof("profiles", "every pair of real servers, first sync and quiet", ("tests.profiles",), None, ("--fields",)),
    Proof("bench", "requests and memory of whole runs", ("tests.bench.bench_sync",), None, ()),
    Proof("fair", "people's work goes before the backlog", ("tests.bench.bench_fair",), None, ("--hours", "24")),
    Proof("state", "bytes, commits and memory of the state", ("tests.bench.bench_state",), None, ("--full",)),
    Proof("adopt", "what both sides already have is found, and nothing else", ("tests.bench.bench_adopt",), None, ()),
    Proof(
        "forecast", "how often forecasts keep their word, over made-up projects",
        ("tests.bench.bench_forecast",), ("--projects", "30", "--unjudged"), (),
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Result:
    """How a proof ended."""

    proof: Proof
    code: int
    seconds: float


def prove(proof: Proof, arguments: tuple[str, ...]) -> Result:
    """Runs a proof and waits for its end."""
    print(f"--- {proof.name}: {proof.shows}", flush=True)
    began = time.monotonic()
    ended = subprocess.run([sys.executable, "-m", *arguments], cwd=ROOT, check=False)
    return Result(proof, ended.returncode, time.monotonic() - began)


def main() -> int:
    """Runs a share of all proofs, or of those named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("share", choices=SHARES)
    parser.add_argument("names", nargs="*", choices=[[], *(proof.name for proof in PROOFS)], metavar="NAME")
    options = parser.parse_args()
    results = [
        prove(proof, arguments)
        for proof in PROOFS
        if (not options.names or proof.name in options.names)
        and (arguments := proof.arguments(options.share)) is not None
    ]
    for result in results:
        print(f"{result.proof.name:<12} {'passed' if result.code == 0 else 'FAILED':<8} {result.seconds:>7.0f} s")
    return 1 if any(result.code for result in results) else 0


if __name__ == "__main__":
    sys.exit(main())
