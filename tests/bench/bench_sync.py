"""Requests, memory and time of whole runs against the sandbox: `python -m tests.bench.bench_sync [--links 1000 10000]`.

The sandbox lives in this process; every run is a process of its own, so that its memory is its own. Prints a table, and
the same as JSON with `--json`.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from syncer.sandbox import Clock
from tests.bench.table import Line, for_programs, verdict
from tests.rig import Rig

RUN = """
import json, resource, sys
from typer.testing import CliRunner
from syncer.cli import app
result = CliRunner().invoke(app, ["sync", "--json", "--config", sys.argv[1], "--state", sys.argv[2], *sys.argv[3:]])
usage = resource.getrusage(resource.RUSAGE_SELF)
# Not ru_maxrss: that keeps the size of the process this one was forked from.
peak = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(json.dumps({"exit": result.exit_code, "tally": json.loads(result.stdout)["pairs"][0],
                  "megabytes": peak / 1024, "cpu": usage.ru_utime + usage.ru_stime}))
"""


ONE_FIELD = "5 requests, one of them for who can read the target"
ONE_COMMENT = "6 requests: both lists, the comments of the issue, who reads the target, the comment as it is, the edit"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    measured: str
    bar: str
    requests: int
    writes: int
    megabytes: float
    cpu: float
    seconds: float
    most: int | None = None
    """How many requests it may need, whatever the size."""


@contextmanager
def rig(**settings: object) -> Iterator[Rig]:
    """A rehearsal on the real clock with a log that keeps no bodies."""
    with tempfile.TemporaryDirectory(prefix="syncer-bench-") as directory:
        made = Rig(Path(directory), clock=Clock.real(), **settings)  # type: ignore[arg-type]  # keyword settings of Rig
        made.box.log.record_bodies = False
        with made:
            (made.directory / "syncer.toml").write_text(made.configuration(), encoding="utf-8")
            yield made


def run(made: Rig, measured: str, bar: str, *options: str, most: int | None = None) -> Row:
    """One `syncer sync` in a process of its own."""
    started = time.perf_counter()
    answer = subprocess.run(
        [sys.executable, "-c", RUN, str(made.directory / "syncer.toml"), str(made.directory / "state"), *options],
        env={**os.environ, **made.environment}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    seconds = time.perf_counter() - started
    told = json.loads(answer.stdout.splitlines()[-1])
    tally = told["tally"]
    if tally["outcome"] not in {"clean", "held"}:
        raise SystemExit(f"{measured}: {tally['outcome']}: {tally['message']} {tally['skips'][:2]}")
    counted = (tally[part] for part in ("created", "updated", "closed", "comments", "milestones"))
    writes = sum(sum(counts.values()) for counts in counted)
    return Row(measured, bar, sum(tally["requests"].values()), writes, told["megabytes"], told["cpu"], seconds, most)


def first_sync(issues: int, comments: int) -> list[Row]:
    """A repository into an empty project, the run after it, and one changed field."""
    name = f"{issues:,} issues, {comments} comments each"
    with rig(data="scale", issues=issues, comments=comments) as made:
        rows = [run(made, f"first sync, {name}", "5,200 requests, 250 MB at 1,000 x 5")]
        rows.append(run(made, f"the run after it, {name}", ""))
        rows.append(run(made, f"nothing to do, {issues:,} links", "2 requests, 0 writes, 150 MB at 10,000", most=2))
        time.sleep(1.1)
        made.github("PATCH", "/issues/1", {"title": "A better title"})
        rows.append(run(made, "one field changed on GitHub", ONE_FIELD, most=5))
        rows.append(run(made, "the run after that", "2 requests, 0 writes", most=2))
        issue = made.jira(
            "POST", "/search/jql", {"jql": "project = PAY ORDER BY key ASC", "maxResults": 1, "fields": ["summary"]}
        )
        made.jira("PUT", f"/issue/{issue['issues'][0]['id']}", {"fields": {"summary": "Another title"}})
        rows.append(run(made, "one field changed on Jira", ONE_FIELD, most=5))
        rows.append(run(made, "the run after that", "2 requests, 0 writes", most=2))
        rows.append(run(made, f"full read, {name}", "60 requests at 1,000 x 3", "--sweep"))
    return rows


def one_comment(deployment: Literal["cloud", "datacenter"]) -> list[Row]:
    """What one changed field and one changed comment cost after a quiet hour, and the runs after them."""
    where = {"cloud": "Cloud", "datacenter": "Data Center"}[deployment]
    cloud = deployment == "cloud"
    with rig(data="scale", issues=20, comments=2, deployment=deployment) as made:
        for _ in range(3):
            run(made, "", "")
        time.sleep(1.1)
        made.github("PATCH", "/issues/2", {"title": "A better title"})
        rows = [run(made, f"one field changed on GitHub, beside {where}", ONE_FIELD, most=5 if cloud else 7)]
        rows.append(run(made, f"the run after that, beside {where}", "2 requests, 0 writes", most=2))
        time.sleep(1.1)
        comment = made.github("GET", "/issues/comments")[0]
        made.github("PATCH", f"/issues/comments/{comment['id']}", {"body": "Other words"})
        rows.append(run(made, f"one comment changed on GitHub, beside {where}", ONE_COMMENT, most=6 if cloud else 7))
        rows.append(
            run(made, f"the run after that comment, beside {where}", "3 requests, 0 writes", most=3 if cloud else 2)
        )
    return rows


def main() -> None:
    """Runs the benchmark and prints its table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    sizes = {"small": (40, 2), "first": (1000, 5), "full": (1000, 3), "large": (10_000, 0)}
    parser.add_argument("--only", choices=sizes, action="append")
    parser.add_argument("--lines", action="store_true", help="for bench_speed")
    chosen = parser.parse_args()
    rows = [row for name in chosen.only or list(sizes) for row in first_sync(*sizes[name])]
    for deployment in ("cloud", "datacenter"):
        rows += one_comment(deployment)
    if chosen.lines:
        print(for_programs([line(row) for row in rows if row.most is not None]))
    elif chosen.json:
        print(json.dumps([asdict(row) for row in rows]))
    else:
        print_table(rows)
    too_many = [row.measured for row in rows if row.most is not None and row.requests > row.most]
    if too_many:
        raise SystemExit(f"more requests than the bar: {', '.join(too_many)}")


def line(row: Row) -> Line:
    """A row whose requests are limited, for a table with others."""
    kept = verdict(kept=row.most is None or row.requests <= row.most)
    return Line(row.measured, f"{row.requests} requests", f"{row.most} requests", kept)


def print_table(rows: list[Row]) -> None:
    """The rows for people."""
    print(f"{'measured':<48} {'requests':>8} {'writes':>7} {'MB':>6} {'CPU s':>7} {'s':>7}  bar")
    for row in rows:
        figures = f"{row.requests:>8,} {row.writes:>7,} {row.megabytes:>6.0f} {row.cpu:>7.2f} {row.seconds:>7.2f}"
        print(f"{row.measured:<48} {figures}  {row.bar}")


if __name__ == "__main__":
    main()
