"""The page as a browser lays it out: on paper, and on a phone. Needs a Chromium on the PATH."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from syncer.report import build_report
from syncer.report.evaluate import evaluate
from syncer.report.model.collaboration import Collaboration
from tests.unit.report.sample import NOW, WINDOW, collaboration, done, moment, task

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on the PATH")]

OWNERS = ("mei", "jonas", "liwei", "sofia")


def empty() -> Collaboration:
    return replace(collaboration(), goals=(), tasks=(), comments=(), conflicts=(), held=())


def sixty() -> Collaboration:
    """Sixty goals with a forecast, a third of them late."""
    sample = collaboration()
    past = (
        done(500 + number, "Earlier", moment(1 + number % 19), goals=(f"goal-{number}",), owners=(OWNERS[number % 4],))
        for number in range(60)
    )
    goals = (
        replace(
            sample.goals[0], id=f"goal-{number}", title=f"Goal {number}: card payments in shops", aim=None,
            owners=(OWNERS[number % 4],), due=date(2026, 11, 10) + timedelta(days=3 * number),
        )
        for number in range(60)
    )  # fmt: skip
    left = (
        task(1000 + number, f"Task {number}", goals=(f"goal-{number % 60}",), owners=(OWNERS[number % 4],))
        for number in range(150)
    )
    return replace(sample, goals=tuple(goals), tasks=(*past, *left, *sample.tasks))


def browse(directory: Path, *options: str) -> str:
    command = [
        str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
        "--disable-background-networking", f"--user-data-dir={directory / 'profile'}", *options,
    ]  # fmt: skip
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(("whole", "sheets"), [(empty, 1), (collaboration, 4), (sixty, 6)])
def test_the_page_fits_on_few_sheets(tmp_path: Path, whole: object, sheets: int, language: str) -> None:
    assert callable(whole)
    page, paper = tmp_path / "page.html", tmp_path / "page.pdf"
    page.write_text(build_report(evaluate(whole(), WINDOW, NOW), language=language).html, "utf-8")
    browse(tmp_path, "--no-pdf-header-footer", f"--print-to-pdf={paper}", page.as_uri())
    assert len(re.findall(rb"/Type\s*/Page\b", paper.read_bytes())) <= sheets


MEASURE = '<script>onload = () => parent.postMessage(document.documentElement.scrollWidth, "*")</script></body>'
FRAME = """<body><iframe width="{width}" height="900" style="border: 0" src="{page}"></iframe>
<script>onmessage = (told) => document.body.setAttribute("data-width", told.data)</script></body>"""


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("audience", ["manager", "client"])
def test_nothing_scrolls_sideways_on_a_phone(tmp_path: Path, audience: str, language: str) -> None:
    """Also with everything unfolded. The measuring needs a script, which the page itself forbids."""
    report = build_report(evaluate(sixty(), WINDOW, NOW), language=language, audience=audience)
    for name, html in (("page", report.html), ("mail", report.mail_html)):
        unfolded = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", html).replace(
            "<details", "<details open"
        )
        inner, outer = tmp_path / f"{name}.html", tmp_path / f"{name}-frame.html"
        inner.write_text(unfolded.replace("</body>", MEASURE), "utf-8")
        outer.write_text(FRAME.format(width=360, page=inner.as_uri()), "utf-8")
        told = browse(tmp_path, "--virtual-time-budget=3000", "--dump-dom", outer.as_uri())
        width = re.search(r'data-width="(\d+)"', told)
        assert width is not None
        assert int(width[1]) <= 360
