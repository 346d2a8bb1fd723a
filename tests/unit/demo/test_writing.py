"""One text, typed in three markups."""

from typing import Any

import pytest

from connectors.jira.adf import problems
from syncer.demo.writing import (
    Bullets,
    Checks,
    Code,
    Columns,
    Decisions,
    Picture,
    StoryTable,
    Text,
    document,
    markdown,
    wiki,
)

TEXT: Text = (
    "Ask {@mei} about `retry()`. 请看。",
    Code("python", "x = 1"),
    Bullets(("one", "two")),
    Checks((("done", True), ("open", False))),
    StoryTable((("a", "b"), ("1", "2"))),
    Picture("https://design.example/a.png", "a receipt"),
)
MORE: Text = (
    Picture("https://design.example/a.png", "a receipt", above="Look:"),
    StoryTable((("a", "b"), ("1", "2")), tags=True),
    Columns((("left",), ("right",))),
    Decisions(("yes", "no")),
)


def test_what_one_tracker_has_for_itself_is_typed_there_and_comes_near_elsewhere() -> None:
    assert markdown(MORE, account).split("\n\n") == [
        "Look:\n![a receipt](https://design.example/a.png)",
        "<table>\n<tr><th>a</th><th>b</th></tr>\n<tr><td>1</td><td>2</td></tr>\n</table>",
        "left",
        "right",
        "- yes\n- no",
    ]
    assert wiki(MORE, account).split("\n\n") == [
        "Look:\n!https://design.example/a.png!", "||a||b||\n|1|2|", "left", "right", "* yes\n* no",
    ]  # fmt: skip
    kinds = [block["type"] for block in document(MORE, account)["content"]]
    assert kinds == ["paragraph", "mediaSingle", "table", "layoutSection", "decisionList"]
    assert not list(problems(document(MORE, account)))


def account(key: str) -> str:
    return f"{key}-account"


def test_on_github_it_is_markdown() -> None:
    assert markdown(TEXT, account).split("\n\n") == [
        "Ask @mei-account about `retry()`. 请看。",
        "```python\nx = 1\n```",
        "- one\n- two",
        "- [x] done\n- [ ] open",
        "| a | b |\n| --- | --- |\n| 1 | 2 |",
        "![a receipt](https://design.example/a.png)",
    ]


def test_in_jira_data_center_it_is_wiki_markup() -> None:
    assert wiki(TEXT, account).split("\n\n") == [
        "Ask [~mei-account] about {{retry()}}. 请看。",
        "{code:python}\nx = 1\n{code}",
        "* one\n* two",
        "* done\n* open",
        "||a||b||\n|1|2|",
        "!https://design.example/a.png!",
    ]


def test_in_jira_cloud_it_is_a_document() -> None:
    found: dict[str, Any] = document(TEXT, account)
    assert [block["type"] for block in found["content"]] == [
        "paragraph", "codeBlock", "bulletList", "bulletList", "table", "mediaSingle",
    ]  # fmt: skip
    assert found["content"][0]["content"] == [
        {"type": "text", "text": "Ask "},
        {"type": "mention", "attrs": {"id": "mei-account", "text": "@mei-account"}},
        {"type": "text", "text": " about "},
        {"type": "text", "text": "retry()", "marks": [{"type": "code"}]},
        {"type": "text", "text": ". 请看。"},
    ]


@pytest.mark.parametrize("write", [markdown, wiki])
def test_a_text_without_blocks_is_empty(write: Any) -> None:
    assert write((), account) == ""
