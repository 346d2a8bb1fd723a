"""The Chinese report is set as Chinese is: full-width signs beside hanzi, no blank beside a full-width sign."""

from __future__ import annotations

import re
from html import unescape

import pytest

from syncer.report import Reader, build_report
from syncer.report.evaluate import evaluate
from syncer.report.render.markdown import JOINER
from tests.unit.report.sample import NOW, WINDOW, collaboration
from tests.unit.report.test_render import foretold

HANZI, WIDE = r"[\u4e00-\u9fff]", "[，。；：、（）？！]"
HALF_WIDTH = re.compile(rf"{HANZI}[,;:?!()]|{HANZI} [(]|[,;:?!()] ?{HANZI}")
LOOSE = re.compile(rf"[^\s|*-] +{WIDE}|{WIDE} +{HANZI}")


def texts(language: str) -> dict[str, list[str]]:
    """The lines of each format as people read them; columns of a table and bullets are no words."""
    reports = [build_report(evaluate(collaboration(), WINDOW, NOW), language=language, audience=one) for one in Reader]
    reports.append(foretold(language))
    found: dict[str, list[str]] = {"text": [], "markdown": [], "page": [], "mail": [], "posted": []}
    for report in reports:
        found["text"] += report.text.splitlines()
        found["markdown"] += report.markdown.replace(JOINER, "").replace("\\", "").splitlines()
        for name, html in (("page", report.html), ("mail", report.mail_html)):
            body = re.sub(r"<style.*?</style>|<title>.*?</title>", "", html, flags=re.DOTALL)
            body = re.sub(r"</?(bdi|data|b|a|code|span|small)\b[^>]*>", "", body)  # what stands in a line
            found[name] += [unescape(line) for line in re.sub(r"<[^>]+>", "\n", body).splitlines()]
    return found


@pytest.mark.parametrize("form", ["text", "markdown", "page", "mail"])
def test_no_half_width_sign_stands_beside_hanzi(form: str) -> None:
    faults = {line for line in texts("zh")[form] if HALF_WIDTH.search(line) or LOOSE.search(line.strip(" -|"))}
    assert faults == set()


def test_the_rule_finds_what_it_should() -> None:
    assert HALF_WIDTH.search("任务 (4)")
    assert LOOSE.search("完成。 最后")
    assert not HALF_WIDTH.search("任务（4）：PAY-1、PAY-2。")
