"""Addresses in texts: they arrive as they were written, with whatever stands beside them."""

from __future__ import annotations

import pytest

from connectors.github.markdown import GitHubMarkdown
from connectors.jira.wiki import WikiMarkup
from syncer.richtext import CodeBlock

MARKDOWN = GitHubMarkdown("https://github.com", "acme/pay")
WIKI = WikiMarkup("https://jira.acme.example", "PAY")

ENCODED = "https://news.acme.example/sign-up?offer=some%20news&back=https%3A%2F%2Facme.example"


@pytest.mark.parametrize("text", [f"us<{ENCODED}>", f"Reach us <{ENCODED}> now.", f"<{ENCODED}>", f"see{ENCODED}"])
def test_an_address_with_encoded_signs_between_angle_brackets_stays_text(text: str) -> None:
    document = WIKI.read(text)
    written = MARKDOWN.write(document).source
    assert not any(isinstance(block, CodeBlock) for block in MARKDOWN.read(written).blocks), written
    assert MARKDOWN.read(written) == document, written


def test_an_autolink_shows_its_address_as_it_is() -> None:
    (block,) = MARKDOWN.read(f"<{ENCODED}>").blocks
    assert [(run.text, run.link) for run in block.runs] == [(ENCODED, ENCODED)]  # type: ignore[union-attr]
