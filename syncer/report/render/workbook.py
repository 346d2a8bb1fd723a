"""The report as a workbook with a sheet for each theme. Numbers are numbers, texts are only texts.

A spreadsheet runs a cell that begins with `=` as a formula, also when the text came from an issue's title. So every
text is written with the type of text, which no spreadsheet evaluates.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import TYPE_CHECKING

from syncer.report.model.collaboration import Place, Reader
from syncer.report.model.goal import Outlook, TaskLine
from syncer.report.model.metric import Metric, Unit
from syncer.report.render.content import ReportContent
from syncer.report.render.phrases import tasks as task_phrases

if TYPE_CHECKING:
    from openpyxl.cell import Cell, MergedCell
    from openpyxl.worksheet.worksheet import Worksheet

Value = str | int | float | date | None

_SHARE_FORMAT, _DAY_FORMAT = "0.0%", "yyyy-mm-dd"
_WIDEST = 60
"""Characters: longer texts are wrapped."""


_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Characters that no XML may hold, and so no workbook (XML 1.0, 2.2)."""


@dataclass(frozen=True, slots=True)
class Share:
    """A number from 0 to 1 that is read as a percentage."""

    value: float | None


def as_xlsx(content: ReportContent) -> bytes:
    """The workbook as the bytes of an `.xlsx` file."""
    from openpyxl import Workbook

    t = content.language.text
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    sheets = (
        (t("The week"), _week(content)),
        (t("Figures"), _figures(content)),
        (t("Goals"), _goals(content)),
        (t("Task list"), _tasks(content)),
        (t("Advice"), _advice(content)),
        *([(t("Who is responsible"), _responsibilities(content))] if content.responsibilities else []),
    )
    for title, rows in sheets:
        _fill(workbook.create_sheet(title), rows)
    workbook.properties.title = content.title
    workbook.properties.created = content.evaluation.generated_at.replace(tzinfo=None)
    out = BytesIO()
    workbook.save(out)
    return out.getvalue()


def _fill(sheet: Worksheet, rows: Iterable[Sequence[Value | Share]]) -> None:
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    widths: dict[str, int] = {}
    for number, row in enumerate(rows, 1):
        for column, value in enumerate(row, 1):
            cell = sheet.cell(number, column)
            _write(cell, value)
            cell.alignment = Alignment(vertical="top", wrap_text=True)
            if number == 1:
                cell.font = Font(bold=True)
            letter = get_column_letter(column)
            widths[letter] = max(widths.get(letter, 8), min(_WIDEST, len(str(cell.value or "")) + 2))
    for letter, width in widths.items():
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A2"


def _write(cell: Cell | MergedCell, value: Value | Share) -> None:

    match value:
        case None | "":
            return
        case str():
            cell.value = _NO_XML.sub("", value)
            cell.data_type = "s"  # openpyxl makes a formula of what begins with "="
        case Share():
            cell.value, cell.number_format = value.value, _SHARE_FORMAT
        case date():
            cell.value, cell.number_format = value, _DAY_FORMAT
        case _:
            cell.value = value


def _figures(content: ReportContent) -> Iterator[Sequence[Value | Share]]:
    t = content.language.text
    yield (t("Question"), t("Figure"), t("Value"), t("From"), t("To"), t("Target"), t("Judgement"),
           t("Population"), t("Look at"))  # fmt: skip
    metrics = {metric.id: metric for metric in content.evaluation.metrics}
    for group in content.groups:
        for figure in group.figures:
            metric = metrics[figure.id]
            between = metric.interval
            yield (
                group.heading,
                figure.label,
                figure.value if metric.value is None else _amount(metric, metric.value),
                None if between is None else _amount(metric, between.low),
                None if between is None else _amount(metric, between.high),
                figure.target,
                figure.judgement,
                figure.note,
                _keys(figure.evidence),
            )


def _amount(metric: Metric, value: float | None) -> Value | Share:
    return Share(value) if metric.unit is Unit.SHARE else value


def _week(content: ReportContent) -> Iterator[Sequence[Value | Share]]:
    """How the six questions stand, what is to be decided, and what changed."""
    t, language = content.language.text, content.language
    yield (t("Question"), t("Status"), t("Why"), t("Eight weeks"))
    for answer in content.answers:
        yield (answer.question, answer.word, answer.sentence, answer.series)
    yield (content.asks, t("Who decides"), t("Until"), t("Look at"))
    for notice in content.notices:
        yield (notice.text, notice.who, notice.by, _keys(notice.places))
    if content.changes:
        yield (t("What changed since last week"),)
    for change in content.changes:
        yield (change.label, language.points(*(item.text for item in change.items), change.more))


def _goals(content: ReportContent) -> Iterator[Sequence[Value | Share]]:
    t = content.language.text
    yield (t("Goal"), t("Kind"), t("Owner"), t("Start"), t("Due"), t("Done"), t("Tasks"), t("share of tasks done"),
           t("share of time gone"), t("Progress to the target"), t("Criteria met"), t("Criteria"), t("Status"),
           t("Chance of meeting the date"), t("Reached by (85%)"), t("SMART"), t("Where"))  # fmt: skip
    scored = content.reader is not Reader.CLIENT
    for row in content.goals:
        goal = row.figures
        yield (
            goal.title, row.kind, row.owners, goal.start, goal.due, goal.done, goal.scope, Share(goal.share_done),
            Share(goal.share_elapsed), Share(goal.progress), goal.criteria_met if goal.criteria else None,
            goal.criteria or None, row.health, Share(row.chance),
            None if goal.forecast is None else goal.forecast.q85,
            round(goal.smart.score) if scored and goal.outlook is not Outlook.REACHED else None, _keys(goal.places),
        )  # fmt: skip


def _tasks(content: ReportContent) -> Iterator[Sequence[Value | Share]]:
    """Every task that a list of the report names, once, with the lists it is in."""
    t, language = content.language.text, content.language
    yield (t("Task"), t("Where"), t("Owner"), t("Status"), t("Due"), t("Days late"), t("In its way"), t("Goals"),
           t("Lists"))  # fmt: skip
    evaluation = content.evaluation
    lists = (
        (t("Overdue"), evaluation.overdue),
        (t("Blocked"), evaluation.blocked),
        (t("Without an owner"), evaluation.unowned),
        (t("Finished this week"), evaluation.finished),
        (t("New this week"), evaluation.created),
    )
    lines: dict[str, TaskLine] = {}
    named: dict[str, list[str]] = {}
    for heading, members in lists:
        for line in members:
            lines.setdefault(line.id, line)
            named.setdefault(line.id, []).append(heading)
    for line in lines.values():
        yield (
            line.title, _keys(line.places), language.listing(line.owners or ()),
            task_phrases.standing(line.standing, language), line.due, line.days_late or None,
            task_phrases.impediments(line, language), language.listing(line.goals),
            language.listing(tuple(named[line.id])),
        )  # fmt: skip


def _advice(content: ReportContent) -> Iterator[Sequence[Value | Share]]:
    t = content.language.text
    yield (t("Advice"), t("Who"), t("Given since"), t("Look at"), t("Effect"))
    for row in content.advice:
        yield (row.text, row.who, row.age, _keys(row.places), row.expected)
    if content.follow_up:
        yield (t("Advice of earlier weeks"),)
    for found in content.follow_up:
        yield (found.text,)


def _responsibilities(content: ReportContent) -> Iterator[Sequence[Value | Share]]:
    t, found = content.language.text, content.responsibilities
    yield (t("Scope"), t("Person"), t("RACI"), t("Roles, duties and authority"), t("Known from"))
    for row in found.rows:
        yield (row.scope, row.person, row.letters, row.part, row.grounds)
    if found.gaps:
        yield (t("Gaps"),)
    for gap in found.gaps:
        yield (gap.text, _keys(gap.places))


def _keys(places: Sequence[Place]) -> str:
    return ", ".join(place.key for place in places)
