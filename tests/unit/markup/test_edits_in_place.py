"""What stands around an edited word stays, though the other side shows nothing of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from syncer.richtext import Document, Paragraph, Run, RunKind
from tests.properties.constructs import (
    CODE,
    MARKUPS,
    Twice,
    cell,
    decisions,
    layout,
    listed,
    node,
    paragraph,
    row,
    source_of,
    tasks,
)

MARKDOWN, WIKI, ADF = MARKUPS.values()
NOWHERE_ELSE = {
    "markdown": [
        'see <img width="5" alt="i" src="https://x.example/a.png"> word', "Look <!-- c --> at word",
        '[a](https://u.example "t") word', "**a** word [x][r]", "__word__ and *it*", "a word\\\nb", "# T word #",
        "word &copy; &nbsp; x", "[^1]: Note word.", r"The area is $a\,b$ and $$\{x\} \\ y$$ for word.",
        "<table><tr><td>word</td><td><ul><li>a</li></ul></td></tr></table>", "a **`x`** word",
        "Hello word\n<script>alert(1)</script>", "<script>\nlet word = 1;\n\nlet b;\n</script>",
        "- a word\n\n  | a | b |\n  |--|--|\n  | 1 | 2 |\n- b", "> a word\n> > b",
        "[@octo](https://github.com/octo) word",
    ],
    "wiki": [
        "{color:red}red{color} word", "[a|https://u.example|tip] word", "!a.png|thumbnail,width=3! word",
        "* {color:red}red{color} word\n* b", "|a|{color:red}x{color} word|", "bq. {color:red}x{color} word",
        "* a\n** word\n{code:title=x}\ncode\n{code}\n* b", "||a||b||\n|\n* x\n* y|word|",
        "see https://h.example/:x:/y *b* word",
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("here", "there", "construct"),
    [(here, there, each) for here in NOWHERE_ELSE for each in NOWHERE_ELSE[here] for there in MARKUPS if there != here],
)
def test_only_the_word_changes(here: str, there: str, construct: str) -> None:
    pair = Twice(here, there, source_of(here, [construct]))
    assert pair.shown.count("word") >= 3  # the first line, this one and the last
    edited = pair.shown.replace("words", "\0").replace("word", "word2").replace("\0", "words")
    assert pair.back(edited) == pair.source.replace(construct, construct.replace("word", "word2"))


LISTS: list[list[dict[str, Any]]] = [
    [listed("bulletList", "aa"), tasks(("DONE", "bb"))],
    [decisions("aa"), listed("bulletList", "bb")],
    [layout(listed("bulletList", "aa"), listed("bulletList", "bb"))],
    [listed("orderedList", "aa", order=1), listed("orderedList", "bb", order=5)],
    [listed("bulletList", "aa"), paragraph(), listed("bulletList", "bb")],
]


@pytest.mark.parametrize("lists", LISTS)
@pytest.mark.parametrize("there", ["markdown", "wiki"])
@pytest.mark.parametrize("word", ["first", "aa", "bb"])
def test_lists_that_count_as_one_stay_what_they_are(lists: list[dict[str, Any]], there: str, word: str) -> None:
    pair = Twice("adf", there, source_of("adf", lists))
    assert pair.back(pair.shown.replace(word, f"{word}2")) == pair.source.replace(word, f"{word}2")


def test_an_item_added_between_two_lists_joins_those_it_is_like() -> None:
    pair = Twice("adf", "markdown", source_of("adf", [listed("bulletList", "aa"), tasks(("DONE", "bb"))]))
    back = json.loads(pair.back(pair.shown.replace("- [x] bb", "- cc\n- [ ] dd\n- [x] bb")))
    assert [[len(each["content"]) for each in back["content"][1:3]], back["content"][2]["type"]] == [[2, 2], "taskList"]
    gone = json.loads(pair.back(pair.shown.replace("- aa\n", "")))
    assert [each["type"] for each in gone["content"]] == ["paragraph", "taskList", "paragraph"]


TABLE = node(
    "table",
    row(cell(paragraph("r1")), cell(listed("bulletList", "x", "y"), background="#eee")),
    row(cell(paragraph("editme")), cell(CODE)),
    row(cell(paragraph("wide"), colspan=2)),
)


@pytest.mark.parametrize("word", ["r1", "editme", "wide"])
@pytest.mark.parametrize("there", ["markdown", "wiki"])
def test_one_cell_changes(word: str, there: str) -> None:
    pair = Twice("adf", there, source_of("adf", [TABLE]))
    assert pair.back(pair.shown.replace(word, f"{word}2")) == pair.source.replace(word, f"{word}2")


def test_a_column_added_leaves_the_cells_that_were_there() -> None:
    table = {**TABLE, "content": TABLE["content"][:2]}
    pair = Twice("adf", "markdown", source_of("adf", [table]))
    shown = pair.shown.replace("| r1 |", "| new | r1 |").replace("| editme |", "| col | editme |")
    edited = shown.replace("|  |  |", "|  |  |  |").replace("| --- | --- |", "| --- | --- | --- |")
    rows = json.loads(pair.back(edited))["content"][1]["content"]
    assert [each["content"][1:] for each in rows] == [each["content"] for each in table["content"]]


def test_cells_that_stretch_stand_in_their_columns() -> None:
    table = node(
        "table",
        row(cell(paragraph("a"), colspan=2), cell(paragraph("b"))),
        row(cell(paragraph("c"), rowspan=2), cell(paragraph("d")), cell(paragraph("e"))),
        row(cell(paragraph("f")), cell(paragraph("g"))),
    )
    shown = MARKDOWN.write(ADF.read(source_of("adf", [table]))).source
    assert "| a |  | b |\n| c | d | e |\n|  | f | g |" in shown


# --- what GitHub does of its own accord ---


@pytest.mark.parametrize(
    ("wiki", "markdown"),
    [
        ("see https://github.com/o/r/issues/9", "see [o/r#\u20609](https://redirect.github.com/o/r/issues/9)"),
        ("[x|https://github.com/o/r/pull/9]", "[x](https://redirect.github.com/o/r/pull/9)"),
        ("https://github.com/o/r/discussions/9", "https://redirect.github.com/o/r/discussions/9"),
        ("see https://github.com/acme/pay/issues/9", "see #9"),
        ("https://github.com/o/r/issues", "https://github.com/o/r/issues"),
        ("https://ghe.example/o/r/issues/9", "[o/r#\u20609](https://ghe.example/o/r/issues/9)"),
    ],
)
def test_a_task_of_strangers_is_not_told_who_links_to_it(wiki: str, markdown: str) -> None:
    document = WIKI.read(wiki)
    assert MARKDOWN.write(document).source == markdown
    assert MARKDOWN.read(markdown) == document


def test_a_task_that_a_text_leads_to_may_be_named_again() -> None:
    source = "see o/r#9"
    target = Document((*MARKDOWN.read(source).blocks, Paragraph((Run("o/r#9", RunKind.REFERENCE, target=PAGE),))))
    assert MARKDOWN.patch(source, target).source == "see o/r#9\n\no/r#9"


PAGE = "https://github.com/o/r/issues/9"


def test_labels_side_by_side_stay_two() -> None:
    labels = [{"type": "status", "attrs": {"text": each, "color": "blue"}} for each in ("To do", "Done")]
    pair = Twice("adf", "markdown", source_of("adf", [paragraph(*labels, " word")]))
    assert "`To do` `Done` word" in pair.shown
    assert pair.back(pair.shown.replace("word\n", "word2\n")) == pair.source.replace(' word"', ' word2"')


def test_words_that_lose_their_link_do_not_begin_to_notify() -> None:
    source = "Ask [@octo](https://github.com/octo) please"
    shown = Document((Paragraph((Run("Ask @octo please"),)),))
    assert MARKDOWN.patch(source, shown).source == "Ask @\u2060octo please"


def test_a_word_that_stops_being_code_does_not_begin_to_close() -> None:
    pair = Twice("markdown", "wiki", "fixes `fixes` #3")
    assert pair.back(pair.shown.replace("{{fixes}}", "fixes")) == "fixes fixes\u2060 #3"
    assert pair.back(f"{pair.shown} now") == "fixes `fixes` #3 now"


@pytest.mark.parametrize(
    ("markdown", "shown"),
    [
        (r"$a\,b$", r"$a\,b$"),
        (r"costs $5 and \$6, or $ 7 $", "costs $5 and $6, or $ 7 $"),
        (r"$PATH and \*x\* $HOME", "$PATH and *x* $HOME"),
        (r"$a_1 * b * c$ *x*", "$a_1 * b * c$ x"),
        ("$$\n\\begin{x}\na\\\\b\n$$", "$$\n\\begin{x}\na\\\\b\n$$"),
        ("a <script>x</script> <b>c</b>", "a <script>x</script> c"),
        ("<style>\na *b*\n\nc\n</style>", "<style>\na *b*\n\nc\n</style>"),
    ],
)
def test_what_github_takes_as_it_stands_is_shown_as_it_stands(markdown: str, shown: str) -> None:
    document = MARKDOWN.read(markdown)
    words = "\n\n".join("".join(run.text or "\n" for run in block.runs) for block in document.blocks)  # type: ignore[union-attr]
    assert words == shown
    assert MARKDOWN.read(MARKDOWN.write(document).source) == document
