"""What people write in our own words is theirs: a header, a footer or a label that somebody typed arrives as text."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from connectors.github.markdown import GitHubMarkdown
from connectors.jira.adf import AdfMarkup
from connectors.jira.wiki import WikiMarkup
from syncer.contract.model import Kind, Side
from syncer.core.origin import COMMENTED_ON, SYNCED_FROM, Origin, Origins
from syncer.core.rules import PairRules
from syncer.core.text_sync import Edit, Prose
from syncer.richtext import Document, Mark, Paragraph, Run, same
from syncer.richtext.markup import Markup
from tests.properties.nowhere import Nowhere

JIRA = "https://acme.example"
MARKUPS: dict[str, Markup] = {"wiki": WikiMarkup(JIRA, "PAY"), "adf": AdfMarkup(JIRA, "PAY")}
GITHUB = GitHubMarkdown("https://github.com", "acme/pay")
AT = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)
URLS = {
    (Side.LEFT, Kind.TASK): f"{JIRA}/browse/PAY-7",
    (Side.LEFT, Kind.COMMENT): f"{JIRA}/browse/PAY-7?focusedCommentId=10",
    (Side.RIGHT, Kind.TASK): "https://github.com/acme/pay/issues/12",
    (Side.RIGHT, Kind.COMMENT): "https://github.com/acme/pay/issues/12#issuecomment-9",
}
ELSEWHERE = "https://docs.example/design"
WHEN = Run(" · 2026-11-16 08:00 UTC")


def footer(url: str, more: str = "") -> Paragraph:
    tail = (Run(more),) if more else ()
    return Paragraph((Run(SYNCED_FROM, marks=frozenset({Mark.EMPHASIS})), Run("a design", link=url), *tail))


def header(url: str, more: str = "") -> Paragraph:
    name, tail = Run("Li Wei", marks=frozenset({Mark.STRONG})), (Run(more),) if more else ()
    return Paragraph((name, Run(COMMENTED_ON), Run("PAY-7", link=url), WHEN, *tail))


PLAIN = Paragraph((Run("The limit is 42 EUR."),))
urls = st.sampled_from([ELSEWHERE, *URLS.values()])
words = st.sampled_from(["", ": the limit is 42 EUR."])
blocks = st.one_of(st.just(PLAIN), st.builds(footer, urls, words), st.builds(header, urls, words))
texts = st.lists(blocks, min_size=1, max_size=4).map(lambda found: Document(tuple(found)))


class Mirrored:
    """A text on the side where it was written, and its mirror as a run writes it."""

    def __init__(self, jira: str, side: Side, kind: Kind, document: Document) -> None:
        self.side, self.markups = side, {Side.LEFT: MARKUPS[jira], Side.RIGHT: GITHUB}
        self.prose = Prose(PairRules("pay"), self.markups, Nowhere())
        self.origins: Origins = {side: None, side.other: Origin(kind, "Mia *B*", "PAY-7", URLS[side, kind], AT)}
        self.shown = {side: self.markups[side].write(document).source}
        self.shown[side.other] = self._carried(side.other, None, None)

    def _carried(self, to: Side, base: str | None, shown: str | None) -> str:
        edit = Edit(self.shown[to.other], base, shown)
        return self.prose.carry(to, edit, self.origins, "").source

    def read(self, side: Side) -> Document:
        return self.prose.document(side, self.shown[side], self.origins[side])

    def edit_mirror(self, document: Document, *, bare: bool) -> None:
        """A person replaces the mirror's text, and our header or footer too where it is `bare`; the run carries it."""
        mirror, before = self.side.other, dict(self.shown)
        origin = self.origins[mirror]
        assert origin is not None
        self.origins = {self.side: None, mirror: replace(origin, recorded=(before[mirror], before[self.side]))}
        self.shown[mirror] = self.prose.put(mirror, document, None, None if bare else origin, "").source
        self.shown[self.side] = self._carried(self.side, before[mirror], before[self.side])

    def agrees(self) -> bool:
        return self.prose.agree(self.shown, self.origins)


@pytest.mark.parametrize("jira", MARKUPS)
@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("kind", [Kind.TASK, Kind.COMMENT])
@given(document=texts, edited=texts, bare=st.booleans())
@example(Document((PLAIN, footer(ELSEWHERE, ": the limit is 42 EUR."))), Document((PLAIN,)), False)
@example(Document((PLAIN,)), Document((header(ELSEWHERE), PLAIN, footer(ELSEWHERE))), True)
def test_a_text_in_our_words_arrives_whole_on_both_sides(
    jira: str, side: Side, kind: Kind, document: Document, edited: Document, bare: bool
) -> None:
    text = Mirrored(jira, side, kind, document)
    native = text.markups[side].read(text.shown[side])
    assert same(text.read(side.other), text.markups[side.other].read(text.markups[side.other].write(native).source))
    assert text.agrees()
    own = footer(URLS[side, kind]) if kind is Kind.TASK else header(URLS[side, kind])
    assume(not bare or own not in edited.blocks)  # whoever types the very header of this mirror leaves it as it was
    text.edit_mirror(edited, bare=bare)
    assert text.agrees(), text.shown
    written = text.markups[side.other].read(text.markups[side.other].write(edited).source)
    assert same(text.read(side), text.markups[side].read(text.markups[side].write(written).source)), text.shown


@pytest.mark.parametrize("jira", MARKUPS)
@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("kind", [Kind.TASK, Kind.COMMENT])
def test_our_words_stay_ours_when_the_original_has_another_address(jira: str, side: Side, kind: Kind) -> None:
    text = Mirrored(jira, side, kind, Document((PLAIN,)))
    origin = text.origins[side.other]
    assert origin is not None
    recorded = (text.shown[side.other], text.shown[side])
    moved = replace(origin, key="OPS-3", url=f"{JIRA}/browse/OPS-3", recorded=recorded)
    text.origins = {side: None, side.other: moved}
    assert text.agrees()
    assert len(text.read(side.other).blocks) == 1
    # What both sides said when they agreed was never ours.
    told = Mirrored(jira, side, kind, Document((footer(ELSEWHERE),) if kind is Kind.TASK else (header(ELSEWHERE),)))
    bare = told.prose.put(side.other, told.read(side.other), None, None, "").source
    without = replace(moved, recorded=(bare, told.shown[side]))
    assert len(told.prose.document(side.other, bare, without).blocks) == 1


@pytest.mark.parametrize("jira", MARKUPS)
@pytest.mark.parametrize("kind", [Kind.TASK, Kind.COMMENT])
def test_a_footer_that_is_switched_off_is_still_known(jira: str, kind: Kind) -> None:
    text = Mirrored(jira, Side.LEFT, kind, Document((PLAIN,)))
    origin = text.origins[Side.RIGHT]
    assert origin is not None
    text.origins = {Side.LEFT: None, Side.RIGHT: replace(origin, shown=False)}
    assert text.agrees()
