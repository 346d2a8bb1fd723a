"""Whatever people type into a tracker, every format comes out whole."""

import csv
import json
from dataclasses import replace
from email import policy
from email.parser import BytesParser
from html.parser import HTMLParser
from io import StringIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncer.report import build_report
from syncer.report.build import Report
from syncer.report.evaluate import evaluate
from syncer.report.gather.values import clean, one_line
from tests.unit.report.sample import NOW, WINDOW, collaboration

HOSTILE = (
    "</style></script><img src=x onerror=alert(1)>",
    "\"><svg/onload=alert(1)>",
    "{{ 7 * 7 }} {% raw %}",
    "%(n)s %s %",
    "Subject: x\r\nBcc: everybody@evil.example",
    "=cmd|' /C calc'!A0",
    "مرحبا \u202e gnirts desrever",
    "a" * 1_000,
    "汉" * 500,
    "\ud800 lone \udfff",
    "nul \x00 bell \x07",
    "👩‍👩‍👧‍👦 family",
    "&lt;already escaped&gt;",
)  # fmt: skip


def report_with(text: str, language: str = "en") -> Report:
    """The sample with this text wherever somebody could have typed it, cleaned as it is on collecting."""
    sample = collaboration()
    typed = one_line(text)
    changed = replace(
        sample,
        people=tuple(replace(person, name=typed) for person in sample.people),
        goals=tuple(replace(goal, title=typed) for goal in sample.goals),
        tasks=tuple(replace(task, title=typed, status=typed) for task in sample.tasks),
        conflicts=tuple(replace(one, title=typed, left=clean(text), right=clean(text)) for one in sample.conflicts),
        held=tuple(replace(one, title=typed, reason=typed) for one in sample.held),
    )
    return build_report(evaluate(changed, WINDOW, NOW), language=language)


class Dangers(HTMLParser):
    """What a page must not hold."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"script", "img", "iframe", "object", "embed", "form", "input", "link", "base"}:
            self.found.append(tag)
        self.found += [
            name for name, value in attrs if name.startswith("on") or (value or "").startswith("javascript:")
        ]


def check(report: Report) -> None:
    """Each format is well formed and harmless."""
    assert Dangers(report.html).found == []
    assert Dangers(report.mail_html).found == []
    assert json.loads(report.json)["schema"] == "syncer-report/1"
    rows = list(csv.reader(StringIO(report.csv)))
    assert {len(row) for row in rows} == {8}
    assert not [cell for row in rows for cell in row if cell[:1] in {"=", "+", "@"}]
    mail = BytesParser(policy=policy.default).parsebytes(report.message("mei@acme.example").as_bytes())
    types = [part.get_content_type() for part in mail.walk() if not part.is_multipart()]
    assert types == ["text/plain", "text/html", "text/html"]
    assert mail["Bcc"] is None
    assert report.text.endswith("\n")


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("text", HOSTILE)
def test_known_attacks_and_oddities(text: str, language: str) -> None:
    check(report_with(text, language))


@settings(max_examples=40, deadline=None)
@given(st.text(st.characters(exclude_categories=()), max_size=60))
def test_any_text_at_all(text: str) -> None:
    check(report_with(text))


def test_a_template_in_a_title_is_not_run() -> None:
    assert "{{ 7 * 7 }}" in report_with("{{ 7 * 7 }}").html
    assert "49 " not in " ".join(row.sentence for row in report_with("{{ 7 * 7 }}").content.answers)
