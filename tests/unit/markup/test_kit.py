"""What a connector of somebody else's gets: Markdown that knows no tracker, names of its own, and pages of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from connectors.jira.wiki import WikiMarkup
from syncer.richtext import Document, Mark, Paragraph, Run, RunKind, digest, links
from syncer.richtext.links import PageShapes, know
from syncer.richtext.markdown import MarkdownMarkup, Names

HOST = "https://forge.example"
TICKET = re.compile(r"\bT([0-9]+)\b")


class Tickets(Names):
    """A tracker in which `T7` is a task."""

    def found(self, text: str, marks: frozenset[Mark]) -> Iterator[Run]:
        done = 0
        for found in TICKET.finditer(text):
            yield Run(text[done : found.start()], marks=marks)
            yield Run(found[0], RunKind.REFERENCE, marks, target=f"{HOST}/{found[0]}")
            done = found.end()
        yield Run(text[done:], marks=marks)

    def typed(self, run: Run) -> str:
        return run.target.removeprefix(f"{HOST}/") if run.target.startswith(f"{HOST}/T") else ""

    def harmless(self, text: str, *, before_more: bool = False) -> str:
        del before_more
        return TICKET.sub("T\u2060\\1", text)


@pytest.fixture
def pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "_KNOWN", list(links._KNOWN))
    key = re.compile(rf"{HOST}/(T[0-9]+)")
    know(PageShapes(lambda address: found[1] if (found := key.fullmatch(address)) else "", re.compile(rf"{HOST}/~\w+")))


def test_markdown_without_names_reads_and_writes_text_as_text() -> None:
    plain = MarkdownMarkup()
    source = "Ask @octo about #12 and T7.\n\n- [x] **done**\n"
    assert plain.patch(source, plain.read(source)).source == source
    assert {run.kind for block in plain.read(source).blocks if isinstance(block, Paragraph) for run in block.runs} == {
        RunKind.TEXT
    }
    assert plain.write(plain.read(source)).source == source.rstrip()


def test_names_of_its_own_are_found_typed_and_made_harmless(pages: None) -> None:
    markup = MarkdownMarkup(Tickets())
    document = markup.read("See **T7**.")
    assert markup.write(document).source == "See **T7**."
    typed_elsewhere = Document((Paragraph((Run("T8 is text"),)),))
    assert markup.write(typed_elsewhere).source == "T\u20608 is text"


def test_a_link_to_a_page_of_its_own_is_a_reference_in_every_markup(pages: None) -> None:
    markup, wiki = MarkdownMarkup(Tickets()), WikiMarkup("https://jira.acme.example", "PAY")
    document = markup.read("See T7, ask [@ann](https://forge.example/~ann).")
    there = wiki.write(document).source
    assert there == "See [T7|https://forge.example/T7], ask [@ann|https://forge.example/~ann]."
    assert digest(wiki.read(there)) == digest(document)
    assert markup.write(wiki.read(there)).source == "See T7, ask [@\u2060ann](https://forge.example/~ann)."
