"""A real archive to quiet: `python -m tests.bench.bench_archive FILE_OR_FOLDER... [--project EUCA]`.

Takes issues as Jira's REST interface (version 2) shows them, one JSON file each or one a line, or an archive of a
GitHub repository. They go into a sandbox, the other side of which is empty. A pair is run every quarter of an hour of
virtual time, within the budgets that are the default, until three runs have nothing to do. The sandbox is this process,
the runs are one of their own. Prints what the runs needed, what waits by its reason, what `verify` says, and how much
there is on both sides by the sandbox's own state.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import requests

from syncer.app.wiring import open_pairs
from syncer.sandbox import Clock, Sandbox
from syncer.sandbox.datasets import BOT, BOT_EMAIL, GITHUB_TOKEN, JIRA_TOKEN, load
from syncer.settings import load as load_settings
from syncer.store import Store
from syncer.sync.ledger import waiting
from syncer.sync.run import run_pair
from syncer.sync.verify import verify_pair
from tests.truth import silent_differences

START = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)
EVERY = timedelta(minutes=15)
MOST_RUNS = 2_000
MAPPED = 10
"""How many of those who are assigned most have an account on both sides."""

UNLIMITED = "creates-per-minute = 0\ncreates-per-hour = 0\nwrites-per-second = 0"

CONFIGURATION = """
[trackers.jira]
kind = "jira"
url = "{jira}"
deployment = "{deployment}"
{user}
allow-http = true
epic-link = "customfield_10014"

[trackers.github]
kind = "github"
url = "{github}"
{limits}

{people}
[[pairs]]
name = "archive"
left = {{ tracker = "jira", project = "{project}" }}
right = {{ tracker = "github", repository = "{repository}" }}

[pairs.guard]
closes-at-least = 1000000
updates-at-least = 1000000

[pairs.fields.status]
map = {statuses}

[pairs.fields.priority]
map = {priorities}

[pairs.fields.type]
map = {types}
"""


# --- what is read --------------------------------------------------------------------------------------------------


def records(paths: Iterable[Path], project: str | None) -> Iterator[dict[str, Any]]:
    """The JSON objects of files and of all files in folders; of issues those of one project, where one is named."""
    for path in paths:
        for file in sorted(path.rglob("*.json*")) if path.is_dir() else [path]:
            text = file.read_text(encoding="utf-8")
            for part in [text] if file.suffix == ".json" else text.splitlines():
                record = json.loads(part)
                if project is None or str(record.get("key", "")).startswith(f"{project}-"):
                    yield record


def sides_of(box: Sandbox, found: list[dict[str, Any]], most: int | None) -> tuple[str, str]:
    """The project and the repository after the records are in the sandbox, one of them empty."""
    issues = [record for record in found if "fields" in record]
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as file:
        file.writelines(json.dumps(record) + "\n" for record in (issues[:most] if issues else found))
        file.flush()
        loaded = load(box, file.name)
    if issues:
        box.github.add_organization("acme", "Acme", members={BOT: "read"})
        box.github.add_repository("acme/archive", visibility="private")
        box.github.add_collaborator("acme/archive", BOT, "maintain")
        return loaded.projects[0], "acme/archive"
    box.jira.add_project("ARC", "Archive", lead=BOT)
    return "ARC", loaded.repositories[0]


def rows(box: Sandbox, found: list[dict[str, Any]]) -> dict[str, str]:
    """The maps of status, priority and type that fit the issues: a label for each value that GitHub does not know."""
    fields = [record["fields"] for record in found if "fields" in record]
    if not fields:
        return {
            "statuses": '[["To Do", "open"], ["Done", "closed:completed"], ["Won\'t Do", "closed:not_planned"]]',
            "priorities": '[["High", "label:priority: high"]]',
            "types": '[["Bug", "label:bug"]]',
        }
    done: dict[str, bool] = {}
    for each in fields:
        done[each["status"]["name"]] = each["status"]["statusCategory"]["key"] == "done"
    table, plain = [], {False: "open", True: "closed:completed"}
    for name in sorted(done, key=lambda name: -sum(each["status"]["name"] == name for each in fields)):
        shown = plain.pop(done[name], None)
        table.append([name, shown] if shown else [name, "closed" if done[name] else "open", f"status: {name.lower()}"])

    def labels(member: str) -> str:
        names = Counter(each[member]["name"] for each in fields if each.get(member))
        return json.dumps([[name, f"label:{member}: {name.lower()}"] for name, _ in names.most_common()])

    return {"statuses": json.dumps(table), "priorities": labels("priority"), "types": labels("issuetype")}


def people(box: Sandbox, found: list[dict[str, Any]], repository: str) -> str:
    """`[[people]]` for those who are assigned most, with accounts on the side that is empty."""
    assigned = Counter(
        str(who.get("accountId") or who.get("name"))
        for record in found
        if (who := (record.get("fields") or {}).get("assignee"))
    )
    lines = []
    for number, (account, _) in enumerate(assigned.most_common(MAPPED)):
        box.github.add_user(f"person-{number}", f"Person {number}")
        box.github.add_collaborator(repository, f"person-{number}", "write")
        accounts = f'{{ jira = {json.dumps(account)}, github = "person-{number}" }}'
        lines.append(f'[[people]]\nname = "Person {number}"\naccounts = {accounts}\n')
    return "\n".join(lines)


# --- the runs ------------------------------------------------------------------------------------------------------


def runs(directory: Path, control: str) -> None:
    """Runs the pair until nothing is to be done, and prints each run and the end as JSON."""
    clock = Clock.virtual(START)

    def advance(seconds: float) -> None:
        clock.advance(timedelta(seconds=seconds))
        requests.post(f"{control}/clock/advance", json={"seconds": seconds}, timeout=10).raise_for_status()

    settings = load_settings(directory / "syncer.toml", environment=dict(os.environ), state=str(directory / "state"))
    quiet = 0
    for number in range(MOST_RUNS):
        usage, started = time.process_time(), time.perf_counter()
        with Store.open(settings.state, clock=clock.now) as store:
            (context,) = open_pairs(settings, store, clock=clock.now, sleep=advance)
            try:
                tally = run_pair(context)
            finally:
                for connector in context.connectors.values():
                    connector.close()
        line = {
            "run": number, "at": clock.now().isoformat(), "outcome": tally.outcome, "message": tally.message,
            "requests": tally.requests, "writes": tally.writes, "remaining": tally.remaining, "held": tally.held,
            "conflicts": tally.conflicts, "retry": tally.retry, "cpu": time.process_time() - usage,
            "wall": time.perf_counter() - started, "megabytes": peak(), "kept_back": tally.kept_back,
        }  # fmt: skip
        print(json.dumps(line), flush=True)
        if tally.outcome not in {"clean", "held", "budget", "retry", "conflicts"}:
            print(json.dumps({"stopped": tally.as_json()}), flush=True)
            break
        quiet = quiet + 1 if tally.writes == 0 and tally.complete and not tally.retry else 0
        if quiet >= 3:
            break
        wait = EVERY
        if tally.resumes_at is not None:
            wait = max(wait, datetime.fromisoformat(tally.resumes_at) - clock.now())
        advance(wait.total_seconds())
    with Store.open(settings.state, clock=clock.now) as store:
        (context,) = open_pairs(settings, store, clock=clock.now, sleep=advance)
        usage = time.process_time()
        compared = verify_pair(context)
        end: dict[str, Any] = {
            "verify": {
                "in_order": compared.in_order, "compared": compared.compared,
                "only": {side.value: {k.value: n for k, n in kinds.items()} for side, kinds in compared.only.items()},
                "written": [repr(one) for one in compared.written[:50]],
                "unlisted": [repr(one) for one in compared.waiting if not one.known][:50],
                "cpu": time.process_time() - usage,
            },
            "waits": [
                {"item": one.item, "field": one.field and one.field.value, "why": one.why.value, "reason": one.reason}
                for one in waiting(store, context.name)
            ],
            "silent": silent_differences(context)[:200],
            "megabytes": peak(),
        }  # fmt: skip
    print(json.dumps(end), flush=True)


def peak() -> float:
    """The largest memory of this process so far, in MiB."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1024  # type: ignore[index]  # Linux always has it


# --- the look from outside -----------------------------------------------------------------------------------------


def outside(box: Sandbox, project: str, repository: str) -> dict[str, Any]:
    """What both sides hold by the sandbox's own state, and which originals have not exactly one mirror."""
    github = box.github.find_repository(repository)
    assert github is not None
    here = [issue for issue in box.jira.issues.values() if issue.key.startswith(f"{project}-")]
    there = [issue for issue in github.issues.values() if issue.pull_request is None]
    bodies = Counter(key for issue in there for key in set(re.findall(rf"\b{project}-\d+", (issue.body or "")[:400])))
    return {
        "jira": len(here), "github": len(there), "pulls": len(github.issues) - len(there),
        "jira comments": sum(len(issue.content["comment"]) for issue in here),
        "github comments": sum(len(issue.comments) for issue in there),
        "labels": len(github.labels), "milestones": len(github.milestones),
        "versions": sum(len(each.versions) for each in box.jira.projects.values()),
        "named at the top of more than one issue": sum(count > 1 for count in bodies.values()),
    }  # fmt: skip


def main() -> None:
    """Loads, runs and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="*", type=Path)
    parser.add_argument("--project", help="of the issues only those of this project")
    parser.add_argument("--issues", type=int, help="at most so many issues")
    parser.add_argument("--skip", type=int, default=0, help="the issues before them are left out")
    parser.add_argument("--deployment", choices=["cloud", "datacenter"], default="datacenter")
    parser.add_argument(
        "--unlimited", action="store_true", help="no budget of creations; the hourly limit of requests stays"
    )
    parser.add_argument("--log", type=Path, default=Path("archive.jsonl"), help="what every run needed, one a line")
    parser.add_argument("--keep", type=Path, help="a folder for the configuration and the state, which then stay")
    parser.add_argument("--runs-in", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--control", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.runs_in:
        runs(chosen.runs_in, chosen.control)
        return
    found = list(records(chosen.paths, chosen.project))[chosen.skip :][: chosen.issues]
    with tempfile.TemporaryDirectory(prefix="syncer-archive-") as scratch:
        directory = str(chosen.keep or scratch)
        Path(directory).mkdir(exist_ok=True)
        box = Sandbox(clock=Clock.virtual(START), jira_deployment=chosen.deployment)
        box.log.record_bodies = False
        project, repository = sides_of(box, found, chosen.issues)
        (Path(directory) / "syncer.toml").write_text(
            CONFIGURATION.format(
                jira=box.jira_url, github=box.github_url, deployment=chosen.deployment, project=project,
                repository=repository, user=f'user = "{BOT_EMAIL}"' if chosen.deployment == "cloud" else "",
                limits=UNLIMITED if chosen.unlimited else "",
                people=people(box, found, repository), **rows(box, found),
            ),
            encoding="utf-8",
        )  # fmt: skip
        environment = {"SYNCER_TRACKERS__JIRA__TOKEN": JIRA_TOKEN, "SYNCER_TRACKERS__GITHUB__TOKEN": GITHUB_TOKEN}
        with box, chosen.log.open("w", encoding="utf-8") as log:
            print("before:", outside(box, project, repository))
            command = [sys.executable, "-m", "tests.bench.bench_archive", "--runs-in", directory]
            child = subprocess.Popen(
                [*command, "--control", f"{box.url}/_sandbox"],
                stdout=subprocess.PIPE, text=True, env={**os.environ, **environment},
            )  # fmt: skip
            assert child.stdout is not None
            tell(child.stdout, log)
            child.wait()
            usage = resource.getrusage(resource.RUSAGE_CHILDREN)
            print(f"exit {child.returncode}, CPU {usage.ru_utime + usage.ru_stime:.1f} s")
            print("after: ", outside(box, project, repository))


def tell(lines: Iterable[str], log: Any) -> None:
    """Sums the runs up and prints the end."""
    total: Counter[str] = Counter()
    for line in lines:
        log.write(line)
        log.flush()
        one = json.loads(line)
        if "run" in one:
            total["runs"] += 1
            total["requests left"] += one["requests"]["left"]
            total["requests right"] += one["requests"]["right"]
            total["writes"] += one["writes"]
            if one["run"] < 5 or one["run"] % 50 == 0 or one["outcome"] not in {"budget", "clean"}:
                print({name: value for name, value in one.items() if value})
        elif "stopped" in one:
            print(one)
        else:
            print(dict(total), f"peak {one['megabytes']:.0f} MiB")
            print("verify:", {name: value for name, value in one["verify"].items() if value})
            sorts = Counter(sort_of(each) for each in one["waits"])
            for sort, count in sorts.most_common():
                print(f"{count:>6} {sort}")
            print("in no list, but told apart (also what a markup cannot hold):", len(one["silent"]))
            print(*(each[:300] for each in one["silent"][:5]), sep="\n")


def sort_of(waits: dict[str, Any]) -> tuple[str, str, str]:
    """Why and where something waits, without what is told of one item alone."""
    return waits["why"], waits["field"] or "", re.sub(r"\d+|“[^”]*”|\S+#\S+", "…", waits["reason"])


if __name__ == "__main__":
    main()
