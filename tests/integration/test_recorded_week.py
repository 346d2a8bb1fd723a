"""Recorded trackers from end to end: each figure of a past week against a count over the raw records.

Run as a script it prints the figures: `python -m tests.integration.test_recorded_week`.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from statistics import median_low
from typing import Any

import pytest

from syncer.report import Window
from syncer.report.evaluate import evaluate
from syncer.report.gather.collect import collect
from syncer.report.metrics.flow import CYCLE_TIME_P50, LEAD_TIME_P50, TASKS_FINISHED, THROUGHPUT
from syncer.report.metrics.resources import TASKS_OPEN
from syncer.report.metrics.smoothness import HANDOFFS
from syncer.report.model.counting import CountingRules
from syncer.report.model.evaluation import Evaluation
from syncer.report.model.metric import MetricDefinition
from syncer.sandbox import Clock
from tests.golden.weeks.evaluation import EXTRA
from tests.rig import Rig

RECORDED = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "recorded"

pytestmark = pytest.mark.skipif(not RECORDED.is_dir(), reason="the recorded data is not beside this checkout")

WEEK = Window(2020, 26, UTC)
END = WEEK.end - timedelta(microseconds=1)
SINCE = END - timedelta(days=28)
READ = Clock.virtual(datetime(2022, 7, 18, 8, tzinfo=UTC))
"""After the last of the recorded changes."""


@dataclass
class Recorded:
    """The issues of one project with what the product makes of them."""

    issues: list[dict[str, Any]]
    evaluation: Evaluation

    def value(self, name: MetricDefinition) -> tuple[Any, int]:
        metric = self.evaluation.metric(name)
        return metric.value, metric.n


def recorded(directory: Path) -> dict[bool, Recorded]:
    """A week of the recorded Jira site, read two years later: without sub-tasks, and with them."""
    file = RECORDED / "jira-issues.jsonl"
    with Rig(directory, data=file, extra=EXTRA, clock=READ) as rig:
        for _ in range(3):
            rig.sync()
        with rig.context() as context:
            markups = {context.name: {side: one.markup for side, one in context.connectors.items()}}
            now = rig.clock.now()
            weeks = {
                subtasks: evaluate(
                    collect(
                        context.store, [context.rules], window=WEEK, now=now, name="Recorded", markups=markups,
                        counting=CountingRules(subtasks=subtasks),
                    ),
                    WEEK,
                    now,
                )
                for subtasks in (False, True)
            }  # fmt: skip
        issues = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
        mine = [one for one in issues if one["key"].startswith(rig.project + "-") and not cancelled(one)]
    kinds = {one["key"]: one["fields"]["issuetype"] for one in mine}
    return {
        subtasks: Recorded(
            [
                one
                for one in mine
                if kinds[one["key"]]["name"] != "Epic" and (subtasks or not kinds[one["key"]].get("subtask"))
            ],
            week,
        )
        for subtasks, week in weeks.items()
    }


def cancelled(issue: dict[str, Any]) -> bool:
    """Whether it was closed without being done."""
    return (issue["fields"]["resolution"] or {}).get("name") in {"Won't Do", "Won't Fix", "Duplicate", "Declined"}


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, Recorded]:
    return recorded(tmp_path_factory.mktemp("recorded"))


@pytest.fixture(params=[False, True], ids=["without sub-tasks", "with sub-tasks"])
def site(both: dict[bool, Recorded], request: pytest.FixtureRequest) -> Recorded:
    return both[request.param]


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def steps(issue: dict[str, Any]) -> list[tuple[datetime, str, str]]:
    """Changes of status: when, from and to, oldest first."""
    return sorted(
        (moment(entry["created"]), item["fromString"], item["toString"])
        for entry in issue["changelog"]["histories"]
        for item in entry["items"]
        if item["field"] == "status"
    )


DONE = {"已完成", "Done", "Resolved", "Closed"}
"""The workflow was replaced twice: the site does not have the last two any more."""


def lately(site: Recorded) -> Iterator[tuple[dict[str, Any], datetime]]:
    """What was done at the end of the week, and finished in the 28 days before, with its finish."""
    for issue in site.issues:
        known = [step for step in steps(issue) if step[0] <= END]
        entries = [at for at, before, after in known if after in DONE and before not in DONE]
        if known and known[-1][2] in DONE and entries[-1] > SINCE:
            yield issue, entries[-1]


def test_time_from_wish_to_finish(site: Recorded) -> None:
    lengths = [(at - moment(issue["fields"]["created"])) / timedelta(days=1) for issue, at in lately(site)]
    assert len(lengths) > 8
    assert site.value(LEAD_TIME_P50) == (pytest.approx(median_low(lengths), abs=1e-4), len(lengths))
    assert site.value(THROUGHPUT) == (pytest.approx(len(lengths) / 4), len(lengths))


def test_time_from_start_to_finish(site: Recorded) -> None:
    begun = {"In Progress", "In Development", "Ready for Dev"}
    lengths = []
    for issue, at in lately(site):
        start = next((when for when, _, after in steps(issue) if after in begun), None)
        lengths += [] if start is None else [(at - start) / timedelta(days=1)]
    value, n = site.value(CYCLE_TIME_P50)
    assert n == len(lengths)
    assert value is None or value == pytest.approx(median_low(lengths), abs=1e-4)


def test_changes_of_owner(site: Recorded) -> None:
    counts = []
    for issue, at in lately(site):
        moves = sorted(
            (moment(entry["created"]), item["from"], item["to"])
            for entry in issue["changelog"]["histories"]
            for item in entry["items"]
            if item["field"] == "assignee" and moment(entry["created"]) <= END
        )
        ends = [*(when for when, _, _ in moves[1:]), END]
        first = [(moment(issue["fields"]["created"]), moves[0][1], moves[0][0])] if moves else []
        held = [*first, *((when, who, end) for (when, _, who), end in zip(moves, ends, strict=False))]
        owners = [who for when, who, end in held if who and end - when >= timedelta(hours=1)]
        counts.append(sum(before != after for before, after in pairwise(owners)))
        assert at <= END
    assert site.value(HANDOFFS) == (pytest.approx(sum(counts) / len(counts)), len(counts))


@pytest.mark.slow
def test_an_archive_of_a_github_repository(tmp_path: Path) -> None:
    """The busiest week of a standards body's repository: what was finished, and how long it had waited."""
    file, week = RECORDED / "github-tls13-archive.json", Window(2015, 37, UTC)
    with Rig(tmp_path, data=file, extra=EXTRA, clock=Clock.virtual(READ.now())) as rig:
        assert rig.sync().outcome == "clean"
        with rig.context() as context:
            markups = {context.name: {side: one.markup for side, one in context.connectors.items()}}
            whole = collect(
                context.store, [context.rules], window=week, now=rig.clock.now(), name="Recorded", markups=markups
            )
            evaluation = evaluate(whole, week, rig.clock.now())
    issues = json.loads(file.read_text("utf-8"))["issues"]
    spans = [(moment(one["createdAt"]), moment(one["closedAt"])) for one in issues if one["closedAt"]]
    end = week.end - timedelta(microseconds=1)
    lengths = [
        (closed - made) / timedelta(days=1) for made, closed in spans if end - timedelta(days=28) < closed <= end
    ]
    opened = sum(moment(one["createdAt"]) <= end for one in issues) - sum(closed <= end for _, closed in spans)
    assert len(lengths) > 20
    assert evaluation.metric(TASKS_FINISHED).value == sum(week.start <= closed <= end for _, closed in spans)
    assert evaluation.metric(THROUGHPUT).value == pytest.approx(len(lengths) / 4)
    assert evaluation.metric(LEAD_TIME_P50).value == pytest.approx(median_low(lengths), abs=1e-4)
    assert evaluation.metric(TASKS_OPEN).value == opened


def main() -> None:
    """Prints every figure."""
    with tempfile.TemporaryDirectory() as scratch:
        found = recorded(Path(scratch))
    for metric in found[False].evaluation.metrics:
        shown = "-" if metric.value is None else round(metric.value, 3)
        print(f"{metric.id:24} {shown:>10} {metric.unit.value:20} n={metric.n} {metric.missing or ''}")


if __name__ == "__main__":
    main()
