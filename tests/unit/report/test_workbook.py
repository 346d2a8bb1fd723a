"""The workbook holds the figures of the JSON as numbers, and no text of a tracker as a formula."""

import json
from dataclasses import replace
from io import BytesIO
from typing import Any
from xml.etree import ElementTree
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook

from syncer.report import Reader, build_report
from syncer.report.evaluate import evaluate
from syncer.report.metrics import DEFINITIONS
from syncer.report.model.metric import Missing
from tests.unit.report.sample import NASTY_TITLE, NOW, WINDOW, collaboration


def opened(code: str = "en", reader: Reader = Reader.MANAGER, **changes: Any) -> Any:
    whole = replace(collaboration(), **changes)
    return load_workbook(BytesIO(build_report(evaluate(whole, WINDOW, NOW), language=code, audience=reader).xlsx))


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("en", ["The week", "Figures", "Goals", "Task list", "Advice", "Who is responsible"]),
        ("zh", ["本周概况", "指标", "目标", "任务列表", "建议", "职责分工"]),
    ],
)
def test_each_theme_has_a_sheet(code: str, names: list[str]) -> None:
    assert opened(code).sheetnames == names


def test_figures_are_the_numbers_of_the_json() -> None:
    report = build_report(evaluate(collaboration(), WINDOW, NOW))
    metrics = json.loads(report.json)["metrics"]
    rows = {row[1].value: row[2].value for row in load_workbook(BytesIO(report.xlsx))["Figures"].iter_rows(min_row=2)}
    labels = {row.id: row.label for row in DEFINITIONS}
    for name, metric in metrics.items():
        if metric["missing"] == Missing.NO_SPRINT.value:
            assert labels[name] not in rows
            continue
        shown = rows[labels[name]]
        if metric["value"] is None:
            assert isinstance(shown, str), name
        else:
            assert shown == pytest.approx(metric["value"], abs=1e-6), name


def test_a_title_that_is_a_formula_is_text() -> None:
    book = opened()
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert not [cell.value for cell in cells if cell.data_type == "f"]
    assert NASTY_TITLE in [cell.value for cell in cells]


def test_every_task_stands_once_with_its_lists() -> None:
    rows = list(opened()["Task list"].iter_rows(min_row=2, values_only=True))
    titles = [row[0] for row in rows]
    assert len(titles) == len(set(titles))
    (load_test,) = (row for row in rows if str(row[0]).startswith("Load test"))
    assert load_test[-1] == "Overdue, Without an owner"


def test_a_client_sees_no_owners_and_no_advice() -> None:
    book = opened(reader=Reader.CLIENT)
    assert [row[2].value for row in book["Task list"].iter_rows(min_row=2) if row[2].value] == []
    assert book["Advice"].max_row == 1


def test_an_empty_week_is_a_workbook_too() -> None:
    book = opened(tasks=(), goals=(), comments=(), conflicts=(), held=())
    assert book["Goals"].max_row == 1


def test_characters_that_no_xml_holds_are_left_out_of_a_workbook() -> None:
    odd = "odd \ufffe\uffff\x0b title"
    tasks = tuple(replace(task, title=odd) for task in collaboration().tasks)
    goals = tuple(replace(goal, title=odd) for goal in collaboration().goals)
    whole = evaluate(replace(collaboration(), tasks=tasks, goals=goals), WINDOW, NOW)
    with ZipFile(BytesIO(build_report(whole).xlsx)) as parts:
        for name in parts.namelist():
            if name.endswith(".xml"):
                ElementTree.fromstring(parts.read(name))  # noqa: S314 -- what is parsed was made here
    assert "odd  title" in {cell.value for row in opened(goals=goals)["Goals"].iter_rows() for cell in row}
