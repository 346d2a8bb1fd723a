"""People's real text: nothing crashes, nothing unedited is touched, every trip comes to rest."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from connectors.github.markdown import GitHubMarkdown
from connectors.jira.adf import AdfMarkup, problems
from connectors.jira.wiki import WikiMarkup
from syncer.richtext import digest
from syncer.richtext.markup import Markup

CORPUS = Path(__file__).resolve().parents[3] / "../shared/data/markup"
pytestmark = pytest.mark.skipif(not CORPUS.exists(), reason="the corpus of real text is not beside the checkout")

MARKUPS: dict[str, Markup] = {
    "gfm": GitHubMarkdown("https://github.com", "acme/pay"),
    "wiki": WikiMarkup("https://acme.example", "PAY"),
    "adf": AdfMarkup("https://acme.example", "PAY"),
}


def corpus(name: str) -> list[str]:
    rows = [json.loads(line)["doc"] for line in (CORPUS / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]
    return [row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows]


@pytest.mark.parametrize("name", list(MARKUPS))
def test_an_unedited_text_is_never_touched(name: str) -> None:
    markup = MARKUPS[name]
    assert all(markup.patch(source, markup.read(source)).source == source for source in corpus(name))


@pytest.mark.slow
@pytest.mark.parametrize(("one", "other"), [("gfm", "wiki"), ("gfm", "adf"), ("wiki", "gfm"), ("adf", "gfm")])
def test_every_trip_comes_to_rest(one: str, other: str) -> None:
    a, b = MARKUPS[one], MARKUPS[other]
    unequal = 0
    for source in corpus(one):
        shown = b.read(b.write(a.read(source)).source)
        again = b.read(b.write(a.read(a.write(shown).source)).source)
        third = b.read(b.write(a.read(a.write(again).source)).source)
        unequal += digest(again) != digest(shown)
        assert digest(third) == digest(again)
    assert unequal <= len(corpus(one)) * 0.01


def test_adf_is_valid() -> None:
    for name in ("gfm", "wiki"):
        for source in corpus(name):
            written = MARKUPS["adf"].write(MARKUPS[name].read(source)).source
            assert not written or list(problems(json.loads(written))) == []
