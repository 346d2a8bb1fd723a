"""Three weeks from a tracker's JSON to the report, against the approved files and against counts over the raw JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median_low
from typing import Any

import numpy as np
import pytest

from syncer.report import build_report
from syncer.report.metrics.communication import FIRST_RESPONSE
from syncer.report.metrics.flow import CYCLE_TIME_P50, CYCLE_TIME_P85, LEAD_TIME_P50, TASKS_FINISHED, THROUGHPUT
from syncer.report.metrics.goals import ON_TIME_RATE, OVERDUE_OPEN
from syncer.report.metrics.quality import BUG_SHARE, REOPEN_RATE, REWORK_RATE
from syncer.report.metrics.resources import TASKS_OPEN, UNOWNED_OPEN
from syncer.report.metrics.smoothness import BLOCKED_DAYS, HANDOFFS, WIP
from syncer.report.metrics.sprints import (
    SPRINT_ADDED,
    SPRINT_CAPACITY,
    SPRINT_CARRIED,
    SPRINT_COMMITTED,
    SPRINT_DONE,
)
from syncer.report.model.collaboration import Collaboration
from syncer.report.model.evaluation import Evaluation
from syncer.report.model.metric import MetricDefinition, Missing, Question
from tests.golden.weeks.evaluation import FOLDER, WEEK, ZONE, collected, rendered
from tests.golden.weeks.scenarios import SCENARIOS

END = WEEK.end - timedelta(microseconds=1)
SINCE = END - timedelta(days=28)

WORKING = {"In Progress", "In Review", "Waiting for client"}


@dataclass
class Scenario:
    """One made-up team: the raw issues, and what the product makes of them."""

    name: str
    issues: list[dict[str, Any]]
    whole: Collaboration
    evaluation: Evaluation

    def value(self, name: MetricDefinition) -> tuple[float | None, int]:
        metric = self.evaluation.metric(name)
        return metric.value, metric.n


@pytest.fixture(scope="module", params=sorted(SCENARIOS))
def scenario(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    data = FOLDER / request.param / "tracker.jsonl"
    whole, evaluation = collected(data, tmp_path_factory.mktemp(request.param))
    issues = [json.loads(line) for line in data.read_text("utf-8").splitlines()]
    tasks = [one for one in issues if one["fields"]["issuetype"]["name"] != "Epic" and status(one) != "Won't Do"]
    return Scenario(request.param, tasks, whole, evaluation)


# --- the raw JSON, read without the product


def status(issue: dict[str, Any]) -> str:
    return str(issue["fields"]["status"]["name"])


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def changes(issue: dict[str, Any], field: str) -> list[tuple[datetime, Any, Any]]:
    """Moment, before, after."""
    return [
        (moment(entry["created"]), item["fromString"], item["toString"])
        for entry in issue["changelog"]["histories"]
        for item in entry["items"]
        if item["field"] == field
    ]


def made(issue: dict[str, Any]) -> datetime:
    return moment(issue["fields"]["created"])


def started(issue: dict[str, Any]) -> datetime | None:
    return next((at for at, _, after in changes(issue, "status") if after in WORKING), None)


def finished(issue: dict[str, Any]) -> datetime | None:
    done = [at for at, _, after in changes(issue, "status") if after == "Done"]
    return done[-1] if status(issue) == "Done" else None


def days(span: timedelta) -> float:
    return span / timedelta(days=1)


def lately(scenario: Scenario) -> list[tuple[dict[str, Any], datetime]]:
    found = [(issue, at) for issue in scenario.issues if (at := finished(issue)) is not None]
    return [(issue, at) for issue, at in found if SINCE < at <= END]


# --- what was looked at once, kept since


@pytest.mark.parametrize("file", ["report.json", "report.en.md", "report.zh.md"])
def test_the_week_is_what_was_read_and_approved(scenario: Scenario, file: str) -> None:
    """After a wanted change: `python -m tests.golden.regenerate`, and read what changed."""
    assert rendered(scenario.evaluation)[file] == (FOLDER / scenario.name / file).read_bytes().decode("utf-8")


def test_the_tracker_s_json_is_that_of_the_scenario(scenario: Scenario) -> None:
    lines = (FOLDER / scenario.name / "tracker.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line) for line in lines] == json.loads(json.dumps(SCENARIOS[scenario.name]()))


def test_a_task_on_both_sides_counts_once_and_our_own_writes_never(scenario: Scenario) -> None:
    assert all(len(task.places) == 2 for task in scenario.whole.tasks)
    everything = [
        one for line in (FOLDER / scenario.name / "tracker.jsonl").read_text("utf-8").splitlines()
        for one in json.loads(line)["fields"]["comment"]["comments"]
    ]  # fmt: skip
    assert len(scenario.whole.comments) <= len(everything)


def test_no_title_becomes_markup(scenario: Scenario) -> None:
    page = build_report(scenario.evaluation).html
    assert "<script>alert" not in page
    assert "\u202e" not in page


# --- each figure again, from the raw JSON


def test_time_from_start_to_finish(scenario: Scenario) -> None:
    lengths = sorted(days(at - begun) for issue, at in lately(scenario) if (begun := started(issue)) is not None)
    assert scenario.value(CYCLE_TIME_P50) == (pytest.approx(median_low(lengths)), len(lengths))
    p85 = float(np.quantile(lengths, 0.85, method="inverted_cdf"))
    assert scenario.value(CYCLE_TIME_P85) == (pytest.approx(p85), len(lengths))


def test_time_from_wish_to_finish_and_tasks_a_week(scenario: Scenario) -> None:
    lengths = [days(at - made(issue)) for issue, at in lately(scenario)]
    assert scenario.value(LEAD_TIME_P50) == (pytest.approx(median_low(lengths)), len(lengths))
    assert scenario.value(THROUGHPUT) == (pytest.approx(len(lengths) / 4), len(lengths))


def share(hits: int, n: int) -> tuple[Any, int]:
    return (pytest.approx(hits / n) if n >= 10 else None), n


def test_kept_dates(scenario: Scenario) -> None:
    dated = []
    for issue, at in lately(scenario):
        moves = changes(issue, "duedate")
        first = next((day for _, before, after in moves for day in (before, after) if day), issue["fields"]["duedate"])
        if issue["fields"]["duedate"] is not None:
            dated.append(at.astimezone(ZONE).date().isoformat() <= first)
    assert scenario.value(ON_TIME_RATE) == share(sum(dated), len(dated))


def test_what_came_back(scenario: Scenario) -> None:
    entries, back = 0, 0
    for issue in scenario.issues:
        steps = changes(issue, "status")
        done = [number for number, (at, _, after) in enumerate(steps) if after == "Done" and SINCE < at <= END]
        entries += bool(done)
        back += any(
            number + 1 < len(steps) and timedelta(minutes=10) <= steps[number + 1][0] - steps[number][0]
            for number in done
        )
    assert scenario.value(REOPEN_RATE) == share(back, entries)


def test_what_went_back_from_review(scenario: Scenario) -> None:
    back = [
        any(b == "In Review" and a == "In Progress" for _, b, a in changes(i, "status")) for i, _ in lately(scenario)
    ]
    if scenario.name == "chaotic":  # nobody reviews
        assert scenario.value(REWORK_RATE) == (None, 0)
    else:
        assert scenario.value(REWORK_RATE) == share(sum(back), len(back))


def test_bugs_among_new_tasks(scenario: Scenario) -> None:
    new = [issue for issue in scenario.issues if made(issue) > SINCE]
    bugs = sum(issue["fields"]["issuetype"]["name"] == "Bug" for issue in new)
    assert scenario.value(BUG_SHARE) == share(bugs, len(new))


def test_hand_offs(scenario: Scenario) -> None:
    counts = [sum(bool(before and after) for _, before, after in changes(i, "assignee")) for i, _ in lately(scenario)]
    expected = pytest.approx(sum(counts) / len(counts)) if len(counts) >= 10 else None
    assert scenario.value(HANDOFFS) == (expected, len(counts))


def test_what_is_open_in_progress_and_late(scenario: Scenario) -> None:
    still = [issue for issue in scenario.issues if status(issue) != "Done"]
    late = [
        issue for issue in still if (issue["fields"]["duedate"] or "9999") < END.astimezone(ZONE).date().isoformat()
    ]
    assert scenario.value(TASKS_OPEN) == (len(still), len(scenario.issues))
    assert scenario.value(WIP) == (sum(status(issue) in WORKING for issue in still), len(still))
    assert scenario.evaluation.metric(OVERDUE_OPEN).value == len(late)
    assert scenario.evaluation.metric(UNOWNED_OPEN).value == sum(i["fields"]["assignee"] is None for i in still)


def test_days_in_which_something_was_in_the_way(scenario: Scenario) -> None:
    """Quarter of an hour by quarter of an hour through the week."""
    conditions: list[tuple[str, Callable[[str | None], bool]]] = [
        ("Flagged", bool),
        ("labels", lambda labels: any(one.startswith("blocked") for one in (labels or "").split())),
        ("status", lambda name: name == "Waiting for client"),
    ]
    quarters = 0
    for issue in scenario.issues:
        end = finished(issue) or END
        rows = [(changes(issue, field), holds) for field, holds in conditions]
        for number in range(7 * 96):
            at = WEEK.start + timedelta(minutes=15 * number, seconds=450)
            shown = [(next((a for t, _, a in reversed(row) if t <= at), None), holds) for row, holds in rows]
            quarters += made(issue) <= at < end and any(holds(value) for value, holds in shown)
    assert scenario.evaluation.metric(BLOCKED_DAYS).value == pytest.approx(quarters / 96, abs=0.05)


def test_the_first_answer_is_that_of_scipy(scenario: Scenario) -> None:
    stats = pytest.importorskip("scipy.stats")
    answered, waiting = [], []
    for issue in scenario.issues:
        if made(issue) <= SINCE:
            continue
        author = issue["fields"]["reporter"]["accountId"]
        notes = issue["fields"]["comment"]["comments"]
        moments = [moment(note["created"]) for note in notes if note["author"]["accountId"] != author]
        moments += [moment(e["created"]) for e in issue["changelog"]["histories"] if e["author"]["accountId"] != author]
        if moments:
            answered.append((min(moments) - made(issue)) / timedelta(hours=1))
        else:
            waiting.append(((finished(issue) or END) - made(issue)) / timedelta(hours=1))
    n = len(answered) + len(waiting)
    curve = stats.ecdf(stats.CensoredData(answered, right=waiting)).sf
    reached = (at for at, left in zip(curve.quantiles, curve.probabilities, strict=True) if left <= 0.5 + 1e-12)
    middle = next(reached, None) if n >= 10 else None
    assert scenario.value(FIRST_RESPONSE) == (None if middle is None else pytest.approx(middle, abs=1e-3), n)


def of_sprint(issue: dict[str, Any], name: str, end: datetime) -> dict[str, bool]:
    """What became of an issue by a sprint: was it in the plan at midnight of its first day, and was it in it later?"""
    shown = issue["fields"]["customfield_10020"] or []
    moves = [(at, after.split(", ")[-1]) for at, _, after in changes(issue, "Sprint")]
    first = changes(issue, "Sprint")[0][1] if moves else (shown[-1]["name"] if shown else "")
    stays = [(made(issue), first), *moves]
    midnight = (end - timedelta(days=6)).astimezone(ZONE).replace(hour=0, minute=0, second=0)  # of Monday to Tuesday
    midnight += timedelta(days=1)
    before = next((at for at, _, after in changes(issue, "status") if after == "Done"), None)
    done = finished(issue)
    if before is not None and before < end - timedelta(days=6, hours=8):
        return {"planned": False, "in it": False, "done": False}
    return {
        "planned": next((one for at, one in reversed(stays) if at <= midnight), None) == name,
        "in it": any(one == name and (last is None or last > end - timedelta(minutes=5)) and at < end
                     for (at, one), last in zip(stays, [*(at for at, _ in stays[1:]), None], strict=True)),
        "done": done is not None and done <= end,
    }  # fmt: skip


def test_the_sprint_that_ended(scenario: Scenario) -> None:
    known = {one["id"]: one for issue in scenario.issues for one in issue["fields"]["customfield_10020"] or []}
    closed = sorted((moment(one["completeDate"]), one["name"]) for one in known.values() if one["state"] == "closed")
    if not closed:
        assert scenario.evaluation.metric(SPRINT_COMMITTED).missing is Missing.NO_SPRINT
        return
    outcome = {name: [of_sprint(issue, name, end) for issue in scenario.issues] for end, name in closed}
    last = outcome[closed[-1][1]]
    stayed = [one for one in last if one["in it"]]
    assert scenario.value(SPRINT_COMMITTED) == (sum(one["planned"] for one in last), 1)
    assert scenario.value(SPRINT_ADDED) == (sum(not one["planned"] for one in stayed), len(stayed))
    assert scenario.value(SPRINT_DONE) == (sum(one["done"] for one in stayed), len(stayed))
    assert scenario.value(SPRINT_CARRIED) == (sum(not one["done"] for one in stayed), len(stayed))
    usual = sorted(sum(one["in it"] and one["done"] for one in outcome[name]) for _, name in closed[:-1])
    assert scenario.value(SPRINT_CAPACITY) == (median_low(usual), len(usual))


def test_points_of_the_week_and_of_the_sprint(scenario: Scenario) -> None:
    done = [issue for issue in scenario.issues if (at := finished(issue)) is not None and WEEK.start <= at <= END]
    points = [issue["fields"]["customfield_10016"] for issue in done]
    told = [one.value for one in scenario.evaluation.metric(TASKS_FINISHED).portions]
    assert told == ([sum(points)] if points and None not in points else [])


# --- a past week


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_a_past_week_gives_the_same_figures_when_more_history_has_come(name: str, tmp_path: Path) -> None:
    """Two weeks earlier, once from all that happened since and once without it."""
    week = WEEK.earlier(2)
    known = tmp_path / "tracker.jsonl"
    known.write_text("\n".join(json.dumps(record) for record in SCENARIOS[name](until=14.0)), encoding="utf-8")
    (tmp_path / "then").mkdir()
    (tmp_path / "now").mkdir()
    _, then = collected(known, tmp_path / "then", week)
    _, now = collected(FOLDER / name / "tracker.jsonl", tmp_path / "now", week)
    told = [metric for metric in now.metrics if metric.definition.question is not Question.SYNC]
    assert {one.id: (one.value, one.n, one.portions) for one in told} == {
        one.id: (one.value, one.n, one.portions) for one in then.metrics if one.definition.question is not Question.SYNC
    }
    assert [line.id for line in now.blocked] == [line.id for line in then.blocked]
