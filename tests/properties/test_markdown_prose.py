"""The short cut for prose finds exactly what the library's own rules find."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from syncer.richtext.markdown.parsing import parser

LINES = ["a", "b c", "   text", "  a", "\ta", "    a", "_x_", "a\\", " ", "", "这是", "@mia", "https://a.example/b"]
SIGNS = ["- x", "- ", "-  ", "-", "---", "- - z", "* * *", "==", "  - y", "> q", ">", "> - a", "# h", "1. n", "2) m"]
FENCES = ["    code", "```", "~~~", "<div>", "<!-- a", "[x]: y", "| a | b |", "|--|--|", "a | b", ":-- | --", "|"]

SHORT = parser()
LONG = parser()
LONG.disable("prose")


def shape(tokens: list[Any]) -> list[Any]:
    return [(t.type, t.tag, t.map, t.level, t.hidden, t.content, t.info, dict(t.attrs)) for t in tokens]


@settings(max_examples=600)
@given(st.lists(st.sampled_from([*LINES, *SIGNS, *FENCES]), max_size=9))
def test_prose_is_what_the_library_calls_a_paragraph(lines: list[str]) -> None:
    source = "\n".join(lines)
    assert shape(SHORT.parse(source)) == shape(LONG.parse(source))


def test_the_short_cut_is_taken() -> None:
    tried: list[int] = []
    made = parser()
    made.block.ruler.at("paragraph", lambda *_: bool(tried.append(1)))
    assert [token.type for token in made.parse("One line\nand a second\n\n- an item\n- and another")].count(
        "inline"
    ) == 3
    assert not tried
