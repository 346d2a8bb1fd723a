"""The report for programs: JSON with a versioned schema, and CSV that no spreadsheet runs as a formula."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import fields
from io import StringIO
from typing import Any

from syncer.report.model.evaluation import SCHEMA, Evaluation
from syncer.report.model.goal import GoalFigures
from syncer.report.model.metric import Metric
from syncer.report.render.json_text import indented, jsonable

METRIC_FIELDS = (
    "value", "unit", "n", "previous", "interval", "target", "missing", "evidence", "detail", "portions",
)  # fmt: skip
"""What is written of a figure as it was counted, in this order."""

_FORMULA_STARTS = frozenset("=+-@\t\r\0＝＋－＠")


def as_json(evaluation: Evaluation) -> str:
    """The evaluation as JSON text with a final newline; the same bytes for equal evaluations."""
    return "".join(_pieces(evaluation))


def json_file(evaluation: Evaluation) -> Iterator[bytes]:
    """As `as_json`, in UTF-8 and piece by piece: that of a large report is longer than all it is made of."""
    return (piece.encode("utf-8") for piece in _pieces(evaluation))


def _pieces(evaluation: Evaluation) -> Iterator[str]:
    """JSON text of the object: of a row of things one at a time."""
    before = "{\n  "
    for name, section in _sections(evaluation):
        yield f"{before}{json.dumps(name)}: "
        before = ",\n  "
        if not isinstance(section, tuple) or not section:
            yield indented(section, "\n  ")
            continue
        for number, one in enumerate(section):
            yield ",\n    " if number else "[\n    "
            yield indented(one, "\n    ")
        yield "\n  ]"
    yield "\n}\n"


def report_object(evaluation: Evaluation) -> dict[str, Any]:
    """The evaluation as a JSON-able object. Moments are ISO 8601 in UTC, days are ISO days, shares are 0 to 1."""
    return {name: jsonable(section) for name, section in _sections(evaluation)}


def _sections(evaluation: Evaluation) -> Iterator[tuple[str, Any]]:
    """The parts of the object, for `jsonable`."""
    window = evaluation.window
    yield "schema", SCHEMA
    yield "week", window.label
    yield "from", window.start.isoformat()
    yield "to", window.end.isoformat()
    yield "time_zone", window.zone_name
    yield "complete", evaluation.complete
    yield "metrics", {metric.id: _metric(metric) for metric in evaluation.metrics}
    for part in fields(evaluation):
        if part.name not in _ELSEWHERE:
            yield part.name, getattr(evaluation, part.name)


_ELSEWHERE = frozenset({"window", "metrics", "desks"})
"""Parts of an evaluation that are told by other names, or to one person alone."""


def as_csv(evaluation: Evaluation) -> str:
    """One row for each figure: `section, id, name, measure, value, unit, n, keys`. RFC 4180, CRLF line ends."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(("section", "id", "name", "measure", "value", "unit", "n", "keys"))
    for row in _rows(evaluation):
        writer.writerow([harmless(cell) if isinstance(cell, str) else cell for cell in row])
    return out.getvalue()


def harmless(cell: str) -> str:
    """The text with an apostrophe before it where a spreadsheet would take it for a formula."""
    return f"'{cell}" if cell[:1] in _FORMULA_STARTS else cell


def _metric(metric: Metric) -> dict[str, Any]:
    return {name: jsonable(getattr(metric, name)) for name in METRIC_FIELDS} | {
        "question": metric.definition.question.value,
        "judgement": metric.judgement,
    }


_Row = Sequence[str | int | float | None]


def _rows(evaluation: Evaluation) -> Iterator[_Row]:
    for metric in evaluation.metrics:
        yield from _metric_rows(metric)
    for goal in evaluation.goals:
        yield from _goal_rows(goal)
    yield from _summary_rows(evaluation)
    yield from _advice_rows(evaluation)
    total = sum(count.total for count in evaluation.standings)
    for count in evaluation.standings:
        yield ("standing", count.standing.value, "", "tasks", count.total, "tasks", total, "")
    yield from _load_rows(evaluation)
    yield from _responsibility_rows(evaluation)
    for week in evaluation.flow:
        yield ("week", week.label, "", "created", week.created, "tasks", None, "")
        yield ("week", week.label, "", "finished", week.finished, "tasks", None, "")
    for section in ("overdue", "blocked", "unowned", "dated", "finished", "created"):
        for line in getattr(evaluation, section):
            due = line.due.isoformat() if line.due else None
            yield (section, line.id, line.title, "due", due, "day", None, " ".join(place.key for place in line.places))


def _summary_rows(evaluation: Evaluation) -> Iterator[_Row]:
    """How the six questions stand, with their eight weeks, and what changed."""
    for answer in evaluation.answers:
        row = ("answer", answer.question.value, "")
        yield (*row, "standpoint", answer.standpoint.value, "", None, "")
        for week, value in zip(evaluation.flow, answer.trend.values, strict=False):
            yield (*row, f"{answer.trend.of.value} {week.label}", _share(value), "", None, "")
    for change in evaluation.changes:
        keys = " ".join(place.key for place in change.places)
        yield ("change", change.subject, change.name, change.kind.value, None, "", None, keys)


def _load_rows(evaluation: Evaluation) -> Iterator[_Row]:
    for load in evaluation.loads:
        for measure in ("todo", "doing", "blocked", "overdue"):
            yield ("load", "", load.person, measure, getattr(load, measure), "tasks", load.open, "")
        if load.capacity is not None:
            yield ("load", "", load.person, "capacity", _share(load.capacity), "tasks", load.open, "")
        if load.hours is not None:
            yield ("load", "", load.person, "hours_due", _share(load.hours_due), "hours", load.open, "")
            yield ("load", "", load.person, "hours", _share(load.hours), "hours", load.open, "")
        if load.ratio is not None:
            yield ("load", "", load.person, "ratio", _share(load.ratio), "ratio", load.open, "")


def _advice_rows(evaluation: Evaluation) -> Iterator[_Row]:
    for advice in evaluation.advice:
        keys = " ".join(place.key for one in advice.evidence for place in one.places)
        row = ("advice", advice.id, advice.title)
        yield (*row, "weeks_open", advice.weeks_open, "weeks", advice.count, keys)
        if advice.expected is not None:
            moves = "p_on_time" if advice.expected.metric is None else advice.expected.metric.id
            yield (*row, "expected", _share(advice.expected.then), moves, None, "")
    for found in evaluation.follow_up:
        moved = "" if found.metric is None else found.metric.id
        row = ("follow_up", found.advice.id, found.advice.title)
        yield (*row, "taken", int(found.taken), "", None, moved)
        yield (*row, "outcome", found.outcome.value, "", None, moved)


def _responsibility_rows(evaluation: Evaluation) -> Iterator[_Row]:
    """One row for each value, with its origin as unit and where it is from; then the gaps."""
    for row in evaluation.responsibilities.rows:
        values = [("raci", known) for known in row.letters] + [("authority", known) for known in row.authority]
        values += [("role", row.role)] if row.role is not None else []
        for measure, known in values:
            source = f"{known.ground.source.value} {known.ground.detail}".rstrip()
            yield (
                "responsibility",
                str(row.scope),
                row.person,
                measure,
                known.value,
                known.ground.origin,
                None,
                source,
            )
    for gap in evaluation.responsibilities.gaps:
        keys = " ".join(place.key for place in gap.places) or gap.detail
        yield ("gap", str(gap.scope), "; ".join(gap.people), gap.kind.value, gap.count, "items", None, keys)


def _metric_rows(metric: Metric) -> Iterator[_Row]:
    keys = " ".join(place.key for one in metric.evidence for place in one.places)
    row = ("metric", metric.id, "")
    value = metric.value if metric.value is None or isinstance(metric.value, int) else round(metric.value, 6)
    yield (*row, "value", value, metric.unit.value, metric.n, keys)
    if metric.interval is not None:
        yield (*row, "interval_low", round(metric.interval.low, 6), metric.unit.value, metric.n, "")
        yield (*row, "interval_high", _share(metric.interval.high), metric.unit.value, metric.n, "")
    for one in metric.portions:
        yield (*row, f"portion: {one.name}", _share(one.value), "", one.n, "")
    if metric.target is not None:
        yield (*row, "judgement", metric.judgement or "", "", metric.n, "")


def _goal_rows(goal: GoalFigures) -> Iterator[_Row]:
    keys = " ".join(place.key for place in goal.places)
    yield ("goal", goal.id, goal.title, "done", goal.done, "tasks", goal.scope, keys)
    yield ("goal", goal.id, goal.title, "share_done", _share(goal.share_done), "share", goal.scope, keys)
    yield ("goal", goal.id, goal.title, "share_elapsed", _share(goal.share_elapsed), "share", None, keys)
    yield ("goal", goal.id, goal.title, "share_points", _share(goal.share_points), "share", None, keys)
    yield ("goal", goal.id, goal.title, "progress", _share(goal.progress), "share", None, keys)
    yield ("goal", goal.id, goal.title, "criteria_met", goal.criteria_met, "criteria", goal.criteria, keys)
    yield ("goal", goal.id, goal.title, "due", goal.due.isoformat() if goal.due else None, "day", None, keys)
    if goal.forecast is not None:
        row = ("goal", goal.id, goal.title)
        yield (*row, "p_on_time", _share(goal.forecast.p_on_time), "share", goal.forecast.n, keys)
        for name in ("q50", "q85", "q95"):
            yield (*row, name, getattr(goal.forecast, name).isoformat(), "day", goal.forecast.n, keys)
    for criterion, score in goal.smart.parts.items():
        yield ("goal", goal.id, goal.title, criterion.value, score, "smart", None, keys)
    yield ("goal", goal.id, goal.title, "outlook", goal.outlook.value, "", None, keys)
    yield ("goal", goal.id, goal.title, "health", goal.health.value, "", None, keys)


def _share(value: float | None) -> float | None:
    return None if value is None else round(value, 6)
