"""Who edits one item, row or line elsewhere changes that line of this side's source, and no other."""

from __future__ import annotations

import json
from difflib import ndiff
from typing import Any

import pytest

from connectors.github.markdown import GitHubMarkdown
from connectors.jira.adf import AdfMarkup
from connectors.jira.wiki import WikiMarkup
from syncer.richtext.carrying import carried

MARKDOWN = GitHubMarkdown("https://github.com", "acme/pay")
WIKI = WikiMarkup("https://acme.example", "PAY")

TASKS = "Intro\n\n* [ ] one *x*\n* [ ] two\n  * sub a\n  * sub b\n* [x] three\n\nEnd"
PANEL = "{panel:title=x|borderStyle=dashed}\none\n\ntwo\n\nthree\n{panel}"
COLOURED = "|| A || B ||\n| 1 | 2 |\n| {color:red}3{color} | 4 |\n| 5|6|"
CODE = "{code:title=x.py|borderStyle=solid}\na\nb\nc\n{code}"


def changed(markup: GitHubMarkdown | WikiMarkup, source: str, old: str, new: str) -> list[str]:
    """The lines that differ after `old` gave way to `new` on the other side, as `- line` and `+ line`."""
    other = WIKI if markup is MARKDOWN else MARKDOWN
    document = markup.read(source)
    shown = other.write(document).source
    assert old in shown
    edited = carried(document, other.read(shown), other.read(shown.replace(old, new, 1)))
    patched = markup.patch(source, edited).source
    assert markup.read(patched) == edited
    return [line for line in ndiff(source.split("\n"), patched.split("\n")) if line[0] in "-+"]


@pytest.mark.parametrize(
    ("source", "old", "new", "difference"),
    [
        (TASKS, "☐ two", "☑ two", ["- * [ ] two", "+ * [x] two"]),
        (TASKS, "** sub b", "** sub b\n** sub c", ["+   * sub c"]),
        ("+ one\n\n+ two\n\n+ three\n", "two", "two b", ["- + two", "+ + two b"]),
        ("1) one\n1) two\n1) three\n", "two", "two b", ["- 1) two", "+ 1) two b"]),
        ("* one\n* two\n* three\n", "* two\n", "", ["- * two"]),
        ("|a|b|\n|:--|--:|\n|1|2|\n|3|4|\n", "3", "33", ["- |3|4|", "+ |33|4|"]),
        ("> one\n> two\n> three\n", "two", "two b", ["- > two", "+ > two b"]),
        ("```python title=x\na\nb\n```\n", "a\n", "aa\n", ["- a", "+ aa"]),
        ("a  \nb\\\nc\n", "c", "c d", ["- c", "+ c d"]),
    ],
)
def test_markdown(source: str, old: str, new: str, difference: list[str]) -> None:
    assert changed(MARKDOWN, source, old, new) == difference


@pytest.mark.parametrize(
    ("source", "old", "new", "difference"),
    [
        (CODE, "b\n", "bb\n", ["- b", "+ bb"]),
        (COLOURED, "| 1 |", "| 11 |", ["- | 1 | 2 |", "+ | 11 | 2 |"]),
        ("- one\n- two {color:red}r{color}\n- three", "one", "one b", ["- - one", "+ - one b"]),
        (PANEL, "two", "two b", ["- two", "+ two b"]),
        ("* one\r\n* two\r\n* three", "three", "four", ["- * three", "+ * four"]),
    ],
)
def test_wiki(source: str, old: str, new: str, difference: list[str]) -> None:
    assert changed(WIKI, source, old, new) == difference


@pytest.mark.parametrize("source", ["a\n===\n\ntext", "1. one\n1. two\n1. three\n"])
def test_where_lines_do_not_correspond_the_result_still_reads_right(source: str) -> None:
    document = MARKDOWN.read(source)
    edited = MARKDOWN.read(source.replace("a\n===", "b\n===").replace("1. two", "1. two\n1. more"))
    assert MARKDOWN.read(MARKDOWN.patch(source, edited).source) == edited != document


def test_a_table_of_equal_rows_loses_the_right_one() -> None:
    source = "|a|\n|:-:|\n|x|\n|x|\n|y|\n"
    edited = MARKDOWN.read("|a|\n|:-:|\n|x|\n|y|\n")
    assert MARKDOWN.patch(source, edited).source == "|a|\n|:-:|\n|x|\n|y|\n"


ADF = AdfMarkup("https://acme.example", "PAY")


def task(identity: str, words: str, state: str = "TODO") -> dict[str, Any]:
    return {
        "type": "taskItem",
        "attrs": {"localId": identity, "state": state},
        "content": [{"type": "text", "text": words}],
    }


def row(*cells: str) -> dict[str, Any]:
    return {
        "type": "tableRow",
        "content": [
            {
                "type": "tableCell",
                "attrs": {"background": "#ff0000"},
                "content": [{"type": "paragraph", "content": [{"type": "text", "text": cell}]}],
            }
            for cell in cells
        ],
    }


def doc(node: dict[str, Any]) -> str:
    return json.dumps({"type": "doc", "version": 1, "content": [node]}, ensure_ascii=False)


def test_a_box_checked_elsewhere_changes_its_state_alone() -> None:
    tasks = {"type": "taskList", "attrs": {"localId": "list"}}
    source = doc({**tasks, "content": [task("one", "buy"), task("two", "sell")]})
    edited = ADF.read(doc({**tasks, "content": [task("x", "buy", "DONE"), task("y", "sell"), task("z", "rest")]}))
    patched = json.loads(ADF.patch(source, edited).source)["content"][0]["content"]
    assert patched[:2] == [task("one", "buy", "DONE"), task("two", "sell")]
    assert [node["content"] for node in patched[2:]] == [task("", "rest")["content"]]


def test_a_row_added_elsewhere_leaves_the_colours_of_the_others() -> None:
    source = doc({"type": "table", "content": [row("a", "b"), row("c", "d")]})
    edited = ADF.read(doc({"type": "table", "content": [row("a", "b"), row("new", "row"), row("c", "d2")]}))
    patched = json.loads(ADF.patch(source, edited).source)["content"][0]["content"]
    assert patched[0] == row("a", "b")
    assert [len(one["content"]) for one in patched] == [2, 2, 2]
    assert ADF.read(doc({"type": "table", "content": patched})) == edited
