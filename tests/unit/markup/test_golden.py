"""What Atlassian's own transformer reads in wiki markup is what we read: golden samples of tests/golden/text."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from connectors.jira.adf import AdfMarkup
from connectors.jira.wiki import WikiMarkup
from syncer.richtext import Document, same

GOLDEN = Path(__file__).resolve().parents[2] / "golden/text"
WIKI = WikiMarkup("https://acme.atlassian.net", "PAY")
ADF = AdfMarkup("https://acme.atlassian.net", "PAY")
EXPECTED = json.loads((GOLDEN / "expected.json").read_text(encoding="utf-8"))
KNOWN = {
    "marks": "the transformer puts a dash before a citation",
    "question marks": "the transformer puts a dash before a citation",
    "code without language": "the transformer names a language where the author named none",
    "code with a title": "the transformer names a language where the author named none",
    "code in a list": "the transformer forgets the language inside a list",
    "info note tip warning": "some Data Center sites have these macros; Jira Cloud shows them as they stand",
    "panel with a list": "some Data Center sites have these macros; Jira Cloud shows them as they stand",
    "panel with code": "the transformer drops the panel",
    "section as a panel": "our own sign for a section that opens on a click",
    "table with an escaped bar": "the transformer divides the cell at an escaped bar; Data Center honours the escape",
    "address with underscores": "an address ends before a trailing star, as on GitHub",
    "mention": "a person's page on Data Center is not that on Cloud",
    "picture in a sentence": "ADF divides the sentence at the picture",
    "attachment": "ADF names an attachment by an id that only the site knows",
    "entities": "Data Center shows a numeric entity as its character",
    "unclosed": "the transformer makes an unclosed macro an empty block of code",
    "plus and minus": "the transformer underlines from a plus to one of the two in `C++`",
}


def samples() -> dict[str, str]:
    parts = (GOLDEN / "samples.txt").read_text(encoding="utf-8").split("=== ")[1:]
    return {name: source.removesuffix("\n") for name, _, source in (part.partition("\n") for part in parts)}


def as_we_read(wiki: str) -> Document:
    return WIKI.fitted(WIKI.read(wiki))


def as_atlassian_reads(name: str) -> Document:
    return WIKI.fitted(ADF.read(json.dumps(EXPECTED[name]["adf"])))


def test_each_sample_has_its_expectation() -> None:
    assert list(samples()) == list(EXPECTED)
    assert KNOWN.keys() <= EXPECTED.keys()


@pytest.mark.parametrize("name", [name for name in EXPECTED if name not in KNOWN])
def test_we_read_what_atlassian_reads(name: str) -> None:
    assert same(as_we_read(samples()[name]), as_atlassian_reads(name))


@pytest.mark.parametrize("name", [name for name in EXPECTED if name not in KNOWN and EXPECTED[name]["wiki"]])
def test_we_read_what_atlassian_writes(name: str) -> None:
    assert same(as_we_read(EXPECTED[name]["wiki"]), as_atlassian_reads(name))


@pytest.mark.parametrize("name", list(KNOWN))
def test_a_known_difference_still_is_one(name: str) -> None:
    assert not same(as_we_read(samples()[name]), as_atlassian_reads(name)), f"no longer true: {KNOWN[name]}"
