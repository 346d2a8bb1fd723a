"""However long a text is, an edit of one block leaves the lines of all others as they are."""

from __future__ import annotations

import pytest

from connectors.github.markdown import GitHubMarkdown
from connectors.jira.adf import AdfMarkup
from connectors.jira.wiki import WikiMarkup
from syncer.core.field_types import ProseField
from syncer.core.origin import NO_ORIGINS
from syncer.richtext import CodeBlock, Heading, ListBlock, Opaque, Table
from syncer.richtext.markup import Markup
from tests.unit.core.test_text_sync import across, prose

JIRA = "https://acme.atlassian.net"
MARKDOWN = GitHubMarkdown("https://github.com", "acme/pay")
SIDES: dict[str, Markup] = {"wiki": WikiMarkup(JIRA, "PAY"), "adf": AdfMarkup(JIRA, "PAY")}
TABLE = "| a | b | c | d | e |\n| - | - | - | - | - |\n" + "".join(
    f"| {row} | name{row} | 12.5 | `x` | ok |\n" for row in range(340)
)
LONG = {
    "a table": TABLE,
    "a list of changes": "".join(f"- Fix **thing{n}** in `mod{n}` (#{n}, @octo{n})\n" for n in range(1, 456)),
    "boxes": "".join(f"- [ ] box {n}\n" for n in range(1_250)),
    "links": "".join(f"See [page {n}](https://x.example/{n}), #{n} and @octo{n}.\n\n" for n in range(1, 300)),
}


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("name", LONG)
def test_an_edit_of_the_first_paragraph_leaves_a_long_text_as_it_is(side: str, name: str) -> None:
    text = prose(SIDES[side])
    left, right = next(iter(text._markups)), list(text._markups)[1]
    source = f"# Results\n\nIntro text.\n\n{LONG[name]}\n## Conclusion\n\nAll **good**, see [page](https://x.example)."
    there = across(text, left, source)
    edited = there.replace("Intro text", "Another text")
    assert across(text, right, edited, there, source) == source.replace("Intro text", "Another text")


@pytest.mark.parametrize(
    ("line", "shape"),
    [
        ("|{n}|name{n}|12.5|{{{{x}}}}|ok|\n", Table),
        ("* Fix *thing{n}* in {{{{mod}}}} PAY-{n} [~octo{n}]\n", ListBlock),
        ("h1. a\n", Heading),
    ],
)
def test_long_wiki_markup_is_read_to_its_end(line: str, shape: type) -> None:
    source = "".join(line.format(n=n) for n in range(1, 1_200))
    document = SIDES["wiki"].read(source)
    assert {type(block) for block in document.blocks} == {shape}
    assert SIDES["wiki"].patch(source, document).source == source


DENSE = "a *b [c " * 2_500


def test_what_is_too_dense_to_be_read_is_shown_as_text_and_stays_as_it_is() -> None:
    source = f"Before.\n\n{DENSE}\n\nAfter."
    document = MARKDOWN.read(source)
    assert [type(block) for block in document.blocks][1] is Opaque
    assert isinstance(SIDES["wiki"].read(SIDES["wiki"].write(document).source).blocks[1], CodeBlock)
    text = prose(SIDES["wiki"])
    left, right = text._markups
    there = across(text, left, source)
    edited = there.replace("Before.", "Earlier.").replace("After.", "Later.")
    assert across(text, right, edited, there, source) == f"Earlier.\n\n{DENSE}\n\nLater."
    assert across(text, right, there.replace("a *b", "typed here", 1), there, source) == source
    field_type = ProseField(text, NO_ORIGINS, dict.fromkeys((left, right), ""))
    assert field_type.unread(right, source)
    assert not field_type.unread(left, there)
