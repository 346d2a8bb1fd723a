"""What holds for every document in every markup."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, example, given, settings

from connectors.github.markdown import GitHubMarkdown
from connectors.jira.adf import AdfMarkup, problems
from connectors.jira.wiki import WikiMarkup
from syncer.richtext import (
    Document,
    Expand,
    Paragraph,
    Run,
    RunKind,
    digest,
    normalise,
    plain_text,
    runs_of,
    same,
)
from tests import depth
from tests.properties.documents import documents, text
from tests.properties.tokens import notifying, notifying_in_wiki

pytestmark = pytest.mark.slow  # its tests together take more than ten seconds

MARKDOWN = GitHubMarkdown("https://github.com", "acme/pay")
MARKUPS: dict[str, GitHubMarkdown | WikiMarkup | AdfMarkup] = {
    "markdown": MARKDOWN,
    "wiki": WikiMarkup("https://acme.example", "PAY"),
    "adf": AdfMarkup("https://acme.example", "PAY"),
}
each_markup = pytest.mark.parametrize("name", list(MARKUPS))
usual = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@given(documents)
@usual
def test_the_canonical_form_is_stable(document: Document) -> None:
    normal = normalise(document)
    assert normalise(normal) == normal
    assert digest(normal) == digest(document)


@each_markup
@given(document=documents)
@usual
def test_what_is_written_reads_back(name: str, document: Document) -> None:
    markup = MARKUPS[name]
    fitted = markup.fitted(document)
    assert same(markup.fitted(fitted), fitted)
    written = markup.write(document).source
    assert same(markup.read(written), fitted), written


@each_markup
@given(document=documents)
@usual
def test_no_word_is_lost(name: str, document: Document) -> None:
    markup = MARKUPS[name]
    shown = "".join(plain_text(markup.read(markup.write(document).source)).split())
    for run in runs_of(normalise(document).blocks):
        if run.kind in {RunKind.TEXT, RunKind.CODE}:
            for word in run.text.split():
                assert word in shown


@each_markup
@given(document=documents)
@usual
def test_an_unedited_source_is_never_touched(name: str, document: Document) -> None:
    markup = MARKUPS[name]
    source = markup.write(document).source
    assert markup.patch(source, markup.read(source)).source == source


@each_markup
@given(source=text)
@usual
def test_any_source_is_read_and_kept(name: str, source: str) -> None:
    markup = MARKUPS[name]
    document = markup.read(source)
    assert normalise(document) == document
    assert markup.patch(source, document).source == source


@each_markup
@given(before=documents, after=documents)
@usual
def test_a_patch_shows_the_new_text(name: str, before: Document, after: Document) -> None:
    markup = MARKUPS[name]
    source = markup.write(before).source
    patched = markup.patch(source, after).source
    assert same(markup.fitted(markup.read(patched)), markup.fitted(after)), patched


@each_markup
@given(document=documents)
@usual
def test_noise_does_not_count(name: str, document: Document) -> None:
    markup = MARKUPS[name]
    if name == "adf":
        return
    source = markup.write(document).source
    assert digest(markup.read(source + "\n\n  \n")) == digest(markup.read(source))
    assert digest(markup.read(source.replace("\n", "\r\n"))) == digest(markup.read(source))


@given(document=documents)
@settings(usual, max_examples=80)
@example(
    Document((Paragraph((Run("Fixes "), Run("", RunKind.REFERENCE, target="https://github.com/acme/pay/issues/12"))),))
)
@example(Document((Paragraph((Run("[a](http://b.example)#12"),)), Paragraph((Run("https://a.example/x#12"),)))))
def test_markdown_notifies_nobody(document: Document) -> None:
    notifies_nobody_on_github(document)


def notifies_nobody_on_github(document: Document) -> None:
    written = MARKDOWN.write(document).source
    references = {run.target for run in runs_of(normalise(document).blocks) if run.kind is RunKind.REFERENCE}
    allowed = {"#12", "other/repo#3"} if references else set()
    assert notifying(written) <= allowed, written


@given(document=documents)
@settings(usual, max_examples=80)
@example(Document((Paragraph((Run("[~lin]"),)), Expand("[~lin]", (Paragraph((Run("x"),)),)))))
@example(Document((Paragraph((Run("[~lin]", RunKind.IMAGE, target="https://a.example/p.png"),)),)))
@example(Document((Paragraph((Run("[~lin]", RunKind.CODE),)),)))
@example(Document((Paragraph((Run("~lin]", link="http://a.example/x"),)),)))
@example(Document((Paragraph((Run("lin", RunKind.MENTION, target="https://acme.example/jira/people/lin"),)),)))
def test_wiki_notifies_nobody(document: Document) -> None:
    notifies_nobody_in_wiki(document)


def notifies_nobody_in_wiki(document: Document) -> None:
    written = MARKUPS["wiki"].write(document).source
    assert notifying_in_wiki(written) == set(), written


@pytest.mark.slow
@pytest.mark.parametrize("notifies_nobody", [notifies_nobody_on_github, notifies_nobody_in_wiki])
@given(document=documents)
@settings(usual, max_examples=5_000 if depth.thorough() else 500)
def test_nobody_is_notified_by_any_of_many_texts(
    notifies_nobody: Callable[[Document], None], document: Document
) -> None:
    notifies_nobody(document)


@given(document=documents)
@usual
def test_wiki_notifies_none_but_live_people(document: Document) -> None:
    page = "https://acme.example/secure/ViewProfile.jspa?name=lin"
    said = Document((Paragraph((Run("Lin", RunKind.MENTION, target=page),)), *document.blocks))
    assert notifying_in_wiki(MARKUPS["wiki"].write(said, live={page}).source) == {"lin"}


@given(document=documents)
@usual
def test_adf_is_valid_and_mentions_nobody(document: Document) -> None:
    written = MARKUPS["adf"].write(document).source
    if written:
        assert list(problems(json.loads(written))) == []
    assert '"type":"mention"' not in written


@given(document=documents)
@usual
def test_a_live_person_is_mentioned(document: Document) -> None:
    page = "https://github.com/octo"
    said = Document((Paragraph((Run("Octo", RunKind.MENTION, target=page),)), *document.blocks))
    assert MARKDOWN.write(said, live={page}).source.startswith("@octo")
