"""What is published about the JSON report is true of it."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from syncer.report import Reader, build_report
from syncer.report.evaluate import evaluate
from syncer.report.render import schema
from tests.unit.report.sample import NOW, WINDOW, collaboration

GOLDEN = sorted((Path(__file__).resolve().parents[2] / "golden").rglob("*.json"))
REPORTS = [path for path in GOLDEN if path.read_text("utf-8").startswith('{\n  "schema": "syncer-report/')]


def strict(node: Any) -> Any:
    """The schema with nothing allowed that it does not name: readers must pass over new fields, we must name them."""
    if isinstance(node, dict):
        closed = {name: strict(value) for name, value in node.items()}
        if "properties" in closed and "additionalProperties" not in closed:
            closed["additionalProperties"] = False
        return closed
    return [strict(value) for value in node] if isinstance(node, list) else node


VALIDATOR = jsonschema_rs.validator_for(strict(schema()))


@pytest.mark.parametrize("path", REPORTS, ids=lambda path: path.parent.name)
def test_every_golden_report_follows_the_schema(path: Path) -> None:
    VALIDATOR.validate(json.loads(path.read_text("utf-8")))


@pytest.mark.parametrize("reader", list(Reader))
def test_every_edition_follows_the_schema(reader: Reader) -> None:
    VALIDATOR.validate(json.loads(build_report(evaluate(collaboration(), WINDOW, NOW), audience=reader).json))


def test_golden_reports_are_there() -> None:
    assert REPORTS


@pytest.mark.parametrize(
    ("path", "value"),
    [(("week",), "47"), (("complete",), "yes"), (("metrics", "wip", "n"), None), (("goals", 0, "done"), "three")],
)
def test_the_schema_tells_a_wrong_report(path: tuple[str | int, ...], value: object) -> None:
    report = deepcopy(json.loads(build_report(evaluate(collaboration(), WINDOW, NOW)).json))
    place = report
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    assert not VALIDATOR.is_valid(report)
