"""`docs/report.md` says what the registry says, and every section is described."""

from __future__ import annotations

from syncer.report import Reader
from syncer.report.model.metric import Question
from syncer.report.render.phrases.metrics import question
from tests.docs.report import ENGLISH, LAST, PAGE, SECTIONS, headings, page


def test_the_page_is_what_is_generated() -> None:
    assert PAGE.read_text("utf-8") == page(), "python -m tests.golden.regenerate"


def test_every_section_of_the_report_is_described() -> None:
    questions = [question(asked, ENGLISH) for asked in Question]
    told = [*SECTIONS, *questions, *LAST]
    for reader in Reader:
        assert list(headings(reader)) == [heading for heading in told if heading in headings(reader)]
    everywhere = {heading for reader in Reader for heading in headings(reader)}
    assert everywhere == set(told)
