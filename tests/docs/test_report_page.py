"""`docs/report.md` says what the registry says, and every section and metric is in it."""

from __future__ import annotations

from syncer.report import Reader
from syncer.report.metrics import DEFINITIONS
from syncer.report.model.metric import Question
from syncer.report.render.phrases.metrics import question
from tests.docs.report import ENGLISH, PAGE, SECTIONS, headings, page


def test_the_page_is_what_is_generated() -> None:
    assert PAGE.read_text("utf-8") == page(), "python -m tests.docs.report"


def test_every_section_of_the_report_is_described() -> None:
    questions = [question(asked, ENGLISH) for asked in Question]
    assert list(headings(Reader.MANAGER)) == [*SECTIONS, *questions]


def test_every_metric_has_an_id_of_its_own_and_says_what_it_counts() -> None:
    assert len({row.id for row in DEFINITIONS}) == len(DEFINITIONS) > 60
    assert [row.id for row in DEFINITIONS if not row.explanation.endswith(".")] == []
    assert [row.id for row in DEFINITIONS if row.pitfall and not row.pitfall.endswith(".")] == []
