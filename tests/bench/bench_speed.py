"""Every bar of speed in one table: `python -m tests.bench.bench_speed [--only pass] [--full]`.

Beside each bar stands today's figure and that of before people's work went first and pairs ran side by side. Each part
is a process of its own, so that none pays for the memory or the imports of another. Ends with 1 where a bar is missed.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Sequence

from tests.bench.table import MISSED, Line, read, verdict

PARTS = {
    "fair": "people's work beside a backfill, and how much of the limits a backfill uses",
    "pass": "one pass over many pairs, a dead tracker, and a process with nothing to do",
    "sync": "requests of a run",
    "state": "what the state keeps, how fast it is read and written, and memory",
    "report": "one report of a large pair",
}
FULL = frozenset({"state", "report"})
"""Parts that have a full size."""
OPTIONS = {"sync": ["--only", "small"]}

BEFORE = {
    "a backfill alone": "90 % of 500",
    "a live comment": "2.8 days",
    "a live issue": "11 hours",
    "a live edit": "waits for all that is old",
    "the pair that got least": "nothing until the first was done",
    "nothing to do, 1 pair: CPU": "1.21 s",
    "nothing to do, 50 pairs, 0.1 s an answer: requests": "100",
    "nothing to do, 50 pairs, 0.1 s an answer: CPU": "3.25 s",
    "nothing to do, 50 pairs, 0.1 s an answer: clock, share": "1",
    "nothing to do, 50 pairs, 0.1 s an answer: clock": "14.7 s",
    "50 pairs, one GitHub silent: clock": "61 s a pair",
    "50 pairs, one GitHub silent: pairs of healthy": "all behind it",
    "first sync of 1,000 x 5 into Jira, 0.1 s an answer: clock": "1",
    "first sync of 1,000 x 5 into Jira, 0.1 s an answer: requests": "5,118",
    "first sync of 1,000 x 5 into Jira, 0.1 s an answer: CPU": "11 ms",
    "one field changed on": "5 to 6 requests",
    "the run after that": "2 to 3 requests",
    "first sync of 10,000 issues: memory": "303 MB",
    "daemon with 200 pairs: CPU": "78 ms",
    "daemon with 200 pairs: memory": "214 MB",
    "daemon with": "78 ms, 214 MB with 200",
    "first sync with comments: commits": "4.1",
    "complete reading of both sides": "3.5",
    "import of the past beside 100,000 links: CPU": "11.2 s",
    "import of the past beside 100,000 links: memory": "251 MB",
    "both with 100,000 links: memory": "1,560 MB",
    "a rule that concerns all links": "1,000",
    "a person who occurs nowhere": "2 a link",
    "a week of real runs": "350 B",
    "state after it": "350 B a run for ever",
    "report of 100,000 links: CPU": "78 s",
    "report of 100,000 links: memory": "964 MB",
}
"""What a row was before, by how its name begins; on another machine, as far as it is a time."""


def before(line: Line) -> str:
    """What it was, by the longest beginning that fits; empty where nobody measured it."""
    fitting = [beginning for beginning in BEFORE if line.measured.startswith(beginning)]
    return BEFORE[max(fitting, key=len)] if fitting else ""


ELSEWHERE = [Line("kills at each request, 8 jobs", "pytest -m slow tests/faults", "none doubled", "measured elsewhere")]
"""Bars that have a command of their own."""


def measured(part: str, options: Sequence[str]) -> list[Line]:
    """The lines of a part; one that says so where it ended without any."""
    command = [sys.executable, "-m", f"tests.bench.bench_{part}", "--lines", *OPTIONS.get(part, ()), *options]
    ended = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    try:
        return read(ended.stdout)
    except (ValueError, IndexError):
        return [Line(f"{part}: {PARTS[part]}", "no figures", "", verdict(kept=False))]


def main() -> None:
    """Measures the parts and prints one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=list(PARTS), action="append")
    parser.add_argument("--full", action="store_true", help="state and report at their full size, which takes an hour")
    chosen = parser.parse_args()
    full = ["--full"] if chosen.full else []
    lines = [line for part in chosen.only or PARTS for line in measured(part, full if part in FULL else ())]
    lines += [] if chosen.only else ELSEWHERE
    print(f"{'measured':<68} {'before':<33} {'today':<33} {'bar':<21}")
    for line in lines:
        print(f"{line.measured:<68} {before(line):<33} {line.today:<33} {line.bar:<21} {line.verdict}")
    raise SystemExit(any(line.verdict == MISSED for line in lines))


if __name__ == "__main__":
    main()
