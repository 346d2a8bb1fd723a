"""However long a text is and whatever it is made of, an edit of one block changes the lines of that block only."""

from __future__ import annotations

import json
from dataclasses import replace
from difflib import SequenceMatcher
from random import Random

import pytest

from connectors.github.markdown import GitHubMarkdown
from connectors.jira.adf import AdfMarkup
from connectors.jira.wiki import WikiMarkup
from syncer.contract.model import Side
from syncer.core.origin import NO_ORIGINS
from syncer.core.rules import PairRules
from syncer.core.text_sync import Edit, Prose
from syncer.richtext import Block, CodeBlock, Document, Paragraph, Run, RunKind, map_block, runs_of
from tests.properties.test_text_loop import Nowhere
from tests.unit.markup.test_hostile import as_adf

MARKDOWN = GitHubMarkdown("https://github.com", "acme/pay", limit=10**9)
WIKI = WikiMarkup("https://acme.example", "PAY", limit=10**9)
ADF = AdfMarkup("https://acme.example", "PAY", limit=10**9)
MARKUPS = {"markdown": MARKDOWN, "wiki": WIKI, "adf": ADF}
PARTS = {
    "paragraphs": "See [page {n}](https://x.example/{n}), #{n} and *more* of `it`.\n\n",
    "lines": "Line {n} with **bold** and @octo{n}\n",
    "items": "- item {n}\n  - inner `{n}`\n",
    "boxes": "- [ ] box {n}\n",
    "rows": "| {n} | name{n} | **12.5** | `x` |\n",
    "headings": "## Part {n}\n\n",
    "quotes": "> said {n}\n\n",
    "code": "```py\nx = {n}\n```\n\n",
    "sections": "<details>\n<summary>S{n}</summary>\n\ninside {n}\n\n</details>\n\n",
    "pictures": "![p{n}](https://x.example/{n}.png)\n\n",
    "HTML": "<table><tr><td>{n}</td><td>b</td></tr></table>\n\n",
}


def source_of(name: str, construct: str, size: int) -> str:
    """A text of about `size` characters that begins and ends with a paragraph."""
    part = PARTS[construct]
    count = size // len(part.format(n=100))
    head = "| a | b | c | d |\n| - | - | - | - |\n" if construct == "rows" else ""
    markdown = "First words.\n\n" + head + "".join(part.format(n=n) for n in range(1, count)) + "\n\nLast words."
    return markdown if name == "markdown" else MARKUPS[name].write(MARKDOWN.read(markdown)).source


def lines_of(source: str) -> list[str]:
    return json.dumps(json.loads(source), indent=0).splitlines() if source.startswith('{"') else source.splitlines()


@pytest.mark.parametrize("size", [1_000, 4_000, pytest.param(64_000, marks=pytest.mark.slow)])
@pytest.mark.parametrize("construct", PARTS)
@pytest.mark.parametrize("name", MARKUPS)
def test_an_edit_of_one_block_changes_the_lines_of_that_block_only(name: str, construct: str, size: int) -> None:
    markup, random = MARKUPS[name], Random(size)
    source = source_of(name, construct, size)
    document = markup.read(source)
    assert markup.patch(source, document).source == source
    at = random.choice([n for n, block in enumerate(document.blocks) if isinstance(block, Paragraph)])
    edited = Paragraph((Run("Quite another text"),))
    target = Document((*document.blocks[:at], edited, *document.blocks[at + 1 :]))
    before, after = lines_of(source), lines_of(markup.patch(source, target).source)
    start = next(n for n, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1])
    kept = len(after) - 1 - next(n for n, line in enumerate(reversed(after)) if "Quite another text" in line)
    assert before[:start] == after[:start]
    assert not after[kept + 1 :] or before[-len(after[kept + 1 :]) :] == after[kept + 1 :]


@pytest.mark.parametrize("construct", PARTS)
@pytest.mark.parametrize(("here", "there"), [("markdown", "wiki"), ("markdown", "adf"), ("wiki", "markdown"),
                                             ("adf", "markdown")])  # fmt: skip
def test_an_edit_of_one_block_on_the_other_side_changes_its_lines_only(here: str, there: str, construct: str) -> None:
    markup, random = MARKUPS[there], Random(construct)
    text = Prose(PairRules("pay"), {Side.LEFT: markup, Side.RIGHT: MARKUPS[here]}, Nowhere())
    source = source_of(here, construct, 2_000)
    shown = text.carry(Side.LEFT, Edit(source, None, None), NO_ORIGINS, "").source
    document = markup.read(shown)
    at = random.randrange(len(document.blocks))
    target = Document((*document.blocks[:at], with_a_word(document.blocks[at], random), *document.blocks[at + 1 :]))
    edited = markup.patch(shown, target).source
    back = text.carry(Side.RIGHT, Edit(edited, shown, source), NO_ORIGINS, "").source
    for before, after in ((shown, edited), (source, back)):
        old, new = lines_of(before), lines_of(after)
        changed = [code for code in SequenceMatcher(None, old, new, False).get_opcodes() if code[0] != "equal"]
        most = 12 if after.startswith('{"') else 3 if construct == "HTML" else 1  # there the whole table is exchanged
        assert any("edited" in line for line in new)
        assert sum(max(b - a, d - c) for _, a, b, c, d in changed) <= most


def with_a_word(block: Block, random: Random) -> Block:
    """The block with one word added to it, somewhere."""
    if isinstance(block, CodeBlock):
        return replace(block, text=f"{block.text} edited")
    chosen = random.choice(
        [run for run in runs_of((block,)) if run.kind is RunKind.TEXT and run.text.strip()] or [None]
    )
    if chosen is None:
        return Paragraph((Run("edited"),))
    return map_block(block, lambda runs: tuple(
        replace(run, text=f"{run.text.rstrip()} edited ") if run is chosen else run for run in runs
    ))  # fmt: skip


@pytest.mark.parametrize("name", MARKUPS)
def test_what_no_person_wrote_is_kept_too(name: str) -> None:
    for seed in ("a *b", "[", "`a", "<a", "|a", "{code}", "**a** ", "http://", "* a\n"):
        source = (seed * 64_000)[:20_000]
        source = as_adf(source) if name == "adf" else source
        markup = MARKUPS[name]
        assert markup.patch(source, markup.read(source)).source == source
