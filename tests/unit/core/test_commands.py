"""What a comment says to syncer: one word, alone in its first line, and nothing that readers do not see."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.github.markdown import GitHubMarkdown
from connectors.jira import markup as jira_markup
from syncer.contract.model import Account, Audience, Field, Kind, Marker, Observed, Ref, Version
from syncer.core.commands import OLDEST, WORDS, Heard, author_among, may_count, said_in, says_nothing_else
from syncer.core.rules import Command
from syncer.richtext.markup import Markup

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
GITHUB = GitHubMarkdown("https://github.com", "acme/pay", 65_000)


def said(source: str, markup: Markup = GITHUB) -> str | None:
    return said_in(markup.read(source), source)


@pytest.mark.parametrize("word", list(WORDS))
def test_each_word_is_read_as_people_type_it(word: str) -> None:
    for typed in (word, f"  {word}  ", f"{word}\r\n\r\nsince the client asked", f"{word}\nand a reason"):
        assert said(typed) == word, typed
    assert said(word.upper()) == word
    assert said(word.replace("/", "\uff0f")) == word


def test_every_command_can_be_said_in_both_languages() -> None:
    for command in Command:
        languages = {spoken.chinese for spoken in WORDS.values() if spoken.command is command}
        assert len(languages) == 2, command


@pytest.mark.parametrize(
    "source",
    [
        "please /pause", "/pause please", "/pause.", "pause", "/stop", "text\n/pause", "\n\ntext\n\n/pause",
        "> /pause", "`/pause`", "    /pause", "```\n/pause\n```", "# /pause", "- /pause", "1. /pause",
        "**/pause**", "<b>/pause</b>", "[/pause](https://acme.example)", "<details>\n\n/pause\n\n</details>",
        "| /pause |\n|---|\n| x |", "<!-- x -->\n/pause", "<!-- x --> /pause", "/pause <!-- x -->", "[](x)/pause",
        "&#47;pause", "\\/pause", "&nbsp;/pause", "/pau\u2060se", "/pau\u200bse", "\u202e/pause", "/pause\u202c",
        "\u200e/pause", "/\u00adpause", "\ufeff/pause", "/p\u0430use", "![](x)\n/pause", "@bot /pause", "",
    ],
)  # fmt: skip
def test_nothing_else_is_a_command(source: str) -> None:
    assert said(source) is None


def test_jira_s_structured_texts_are_read_alike() -> None:
    import json

    from connectors.jira.settings import JiraTracker, ScopeSettings

    def adf(*content: dict[str, Any]) -> str:
        return json.dumps({"type": "doc", "version": 1, "content": list(content)}, ensure_ascii=False)

    def paragraph(*texts: dict[str, Any]) -> dict[str, Any]:
        return {"type": "paragraph", "content": list(texts)}

    def text(words: str, **more: Any) -> dict[str, Any]:
        return {"type": "text", "text": words, **more}

    tracker = JiraTracker.model_validate(
        {"url": "https://acme.atlassian.net", "user": "bot@acme.example", "token": "t" * 20},
        context={"tracker": "jira", "variable": "X"},
    )
    markup = jira_markup.markup(tracker, ScopeSettings.model_validate({"project": "PAY"}))
    assert said(adf(paragraph(text("/pause"))), markup) == "/pause"
    assert said(adf(paragraph(text("/暂停"), {"type": "hardBreak"}, text("原因"))), markup) == "/暂停"
    for source in (
        adf({"type": "blockquote", "content": [paragraph(text("/pause"))]}),
        adf({"type": "codeBlock", "content": [text("/pause")]}),
        adf(paragraph(text("/pause", marks=[{"type": "code"}]))),
        adf(paragraph(text("/pau\u2060se"))),
        adf(paragraph(text("/pause"), text(" now"))),
        adf(paragraph(text("x")), paragraph(text("/pause"))),
    ):
        assert said(source, markup) is None, source


def test_a_comment_that_says_more_is_told_from_a_command_alone() -> None:
    assert says_nothing_else(GITHUB.read("/pause"))
    assert not says_nothing_else(GITHUB.read("/pause\nthe client asked"))
    assert not says_nothing_else(GITHUB.read("/pause\n\nthe client asked"))


COMMENT = Observed(
    ref=Ref(Kind.COMMENT, "5"), key="5", url="", version=Version("1"), created=NOW, updated=NOW,
    showing={Field.BODY: "/pause"}, audience=Audience.MEMBERS, parent=Ref(Kind.TASK, "1"),
    author=Account("li", native="583231"),
)  # fmt: skip
HEARD = Heard(
    NOW - timedelta(hours=1), NOW, frozenset({"1"}), {"583231": "Li Wei", "1": "Our own"},
    {"li": "Li Wei", "bot": "Our own"}, renamed=True,
)  # fmt: skip


def test_a_comment_counts_by_its_author_s_id_and_its_time() -> None:
    assert may_count(COMMENT, HEARD)
    assert author_among(COMMENT, HEARD) == "Li Wei"


@pytest.mark.parametrize(
    "changed",
    [
        {"author": Account("lin", native="583231")},
        {"author": Account("583231")},
        {"author": Account("li", native="583231", bot=True)},
        {"author": None},
        {"updated": NOW + timedelta(seconds=1)},
        {"created": HEARD.since, "updated": HEARD.since},
        {"created": NOW - OLDEST - timedelta(seconds=1), "updated": NOW - OLDEST - timedelta(seconds=1)},
        {"hidden": "*hidden*"},
        {"marker": Marker("pay.left.comment.1.x")},
    ],
)
def test_a_comment_of_anybody_else_or_of_another_time_does_not(changed: dict[str, Any]) -> None:
    assert not may_count(replace(COMMENT, **changed), HEARD)


@pytest.mark.parametrize("author", [("li", "9"), ("583231", ""), ("583231", "9"), ("bot", "1"), ("li", "")])
def test_whose_it_is_says_the_id_that_never_changes_and_nothing_else(author: tuple[str, str]) -> None:
    assert author_among(replace(COMMENT, author=Account(author[0], native=author[1])), HEARD) is None


def test_where_accounts_keep_their_name_for_good_that_is_who_they_are() -> None:
    heard = replace(HEARD, people={"5b10a2844c20165700ede21g": "Li Wei"}, renamed=False)
    assert author_among(replace(COMMENT, author=Account("5b10a2844c20165700ede21g")), heard) == "Li Wei"
    assert author_among(replace(COMMENT, author=Account("5b10a2844c20165700ede21h")), heard) is None
