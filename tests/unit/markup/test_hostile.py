"""Text that was made to break a parser: it is read and written in every direction, and its words survive."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from connectors.github.markdown import GitHubMarkdown
from connectors.jira.adf import AdfMarkup
from connectors.jira.wiki import WikiMarkup
from tests.bench.bench_text import hostile

pytestmark = pytest.mark.slow  # its tests together take more than ten seconds

if TYPE_CHECKING:
    from syncer.richtext.markup import Markup

MARKUPS: dict[str, Markup] = {
    "Markdown": GitHubMarkdown("https://github.com", "acme/pay"),
    "wiki": WikiMarkup("https://acme.example", "PAY"),
    "ADF": AdfMarkup("https://acme.example", "PAY"),
}
SEEDS = {name: source if "deep" in name else source[:2_500] for name, source in hostile().items()}
SEEDS["more to escape than is read"] = "\\" * 6_000


def as_adf(text: str) -> str:
    paragraph = {"type": "paragraph", "content": [{"type": "text", "text": text}]}
    return json.dumps({"type": "doc", "version": 1, "content": [paragraph]})


@pytest.mark.parametrize("name", SEEDS)
def test_every_direction_ends_and_settles(name: str) -> None:
    source = SEEDS[name]
    for one, markup in MARKUPS.items():
        document = markup.read(as_adf(source) if one == "ADF" and not source.startswith('{"type"') else source)
        for other in MARKUPS.values():
            written = other.write(document).source
            assert other.write(other.read(written)).source == written


@pytest.mark.parametrize("depth", [19, 20, 21, 500])
def test_sections_however_deep_keep_their_words(depth: int) -> None:
    source = "".join(f"<details><summary>title {n}</summary>\n\nbody {n}\n\n" for n in range(depth))
    source += "</details>\n\n" * depth
    shown = MARKUPS["wiki"].write(MARKUPS["Markdown"].read(source + "after")).source
    assert all(f"title {n}" in shown and f"body {n}" in shown for n in range(depth))
    assert shown.rstrip().endswith("after")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("http://a.example/x.", "http://a.example/x"),
        ("http://a.example/(b)).,!", "http://a.example/(b)"),
        ("http://a.example/b)'.", "http://a.example/b"),
        ("http://a.example/b]c", "http://a.example/b"),
    ],
)
def test_where_an_address_ends(text: str, address: str) -> None:
    for one, markup in MARKUPS.items():
        if one == "Markdown" and "]" in text:
            continue  # GitHub's addresses go on to the next blank
        shown = MARKUPS["ADF"].write(markup.read(as_adf(text) if one == "ADF" else text)).source
        assert f'"href":"{address}"' in shown
