"""A text over the other side's limit: one cut, one note, and nothing of either after many edits."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from itertools import product
from random import Random

import pytest

from connectors.github.markdown import GitHubMarkdown
from connectors.jira.adf import AdfMarkup, shown_length
from connectors.jira.wiki import WikiMarkup
from syncer.contract.model import Kind, Side
from syncer.core.origin import Origin, Origins
from syncer.core.text_sync import Edit
from syncer.richtext.markup import Markup
from tests.unit.core.test_text_sync import prose

JIRA = "https://acme.atlassian.net"
WHOLE = "https://github.com/acme/pay/issues/12"
LIMIT = 1_000
SIDES: dict[str, Markup] = {
    "wiki": WikiMarkup(JIRA, "PAY", LIMIT),
    "adf": AdfMarkup(JIRA, "PAY", LIMIT),
    "markdown": GitHubMarkdown("https://github.com", "acme/web", LIMIT),
}
ORIGINS: Origins = {
    Side.LEFT: Origin(Kind.TASK, "Octo", "acme/pay#12", WHOLE, datetime(2026, 1, 5, tzinfo=UTC)),
    Side.RIGHT: None,
}
SHAPES = {
    "paragraphs": [f"Paragraph {n} says something, and **more** of it follows.\n\n" for n in range(40)],
    "items": [f"- item {n} of a long list, which `goes on`\n" for n in range(50)],
    "rows": ["| a | b |\n| - | - |\n", *(f"| row {n} | with a *cell* |\n" for n in range(60))],
    "one paragraph": [f"Sentence {n} of many, none of which ends the paragraph. " for n in range(45)],
    "code": ["```\n", *(f"line {n}\n" for n in range(200)), "```\n"],
}


def length(source: str) -> int:
    return shown_length(json.loads(source)["content"]) if source.startswith('{"') else len(source)


@pytest.mark.parametrize(
    ("side", "shape"), [*product(("wiki", "adf"), SHAPES), ("markdown", "paragraphs"), ("markdown", "items")]
)
@pytest.mark.parametrize("edits", [10, pytest.param(100, marks=pytest.mark.slow)])
def test_many_edits_of_a_long_text_leave_one_note(side: str, shape: str, edits: int) -> None:
    text, random = prose(SIDES[side]), Random(3)
    parts = list(SHAPES[shape])

    def carried(now: str, base: str | None, shown: str | None) -> str:
        written = text.carry(Side.LEFT, Edit(now, base, shown), ORIGINS, WHOLE)
        assert written.truncated
        return written.source

    source = "".join(parts)
    shown = carried(source, None, None)
    for number in range(edits):
        before, at = source, random.randrange(3, len(parts) - 1)
        parts[at] = parts[at].replace(" ", f" {number} ", 1)
        source = "".join(parts)
        shown = carried(source, before, shown)
        assert length(shown) <= LIMIT
        assert shown.count("…") == shown.count("continued at") == 1
        assert "Synced from" not in shown
        assert number % 5 or text.same(Side.LEFT, shown, carried(source, None, None), ORIGINS)
    assert length(shown) > LIMIT / 2


@pytest.mark.parametrize("side", SIDES)
def test_a_text_that_fits_again_is_whole_again(side: str) -> None:
    text = prose(SIDES[side])
    long, short = "".join(SHAPES["paragraphs"]), "".join(SHAPES["paragraphs"][:5])
    cut = text.carry(Side.LEFT, Edit(long, None, None), ORIGINS, WHOLE)
    whole = text.carry(Side.LEFT, Edit(short, long, cut.source), ORIGINS, WHOLE)
    assert not whole.truncated
    assert "continued at" not in whole.source
    assert "Synced from" in whole.source
    again = text.carry(Side.LEFT, Edit(long, short, whole.source), ORIGINS, WHOLE)
    assert text.same(Side.LEFT, again.source, cut.source, ORIGINS)
