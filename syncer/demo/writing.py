"""Texts of the story, written once and typed by each person in the markup of the tracker they sit at.

A text is a few blocks. Inside a paragraph, backticks mean code and `{@lin.mei}` mentions somebody.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, assert_never

Mention = Callable[[str], str]
"""From a key of the cast to the account that a tracker mentions; empty where the person has none."""


@dataclass(frozen=True, slots=True)
class Code:
    """Lines of a program."""

    language: str
    text: str


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Checks:
    """A task list: what is to do, and whether it is done. Jira shows it as a list."""

    items: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class StoryTable:
    """Rows of cells; the first row is the header."""

    rows: tuple[tuple[str, ...], ...]
    tags: bool = False
    """On GitHub it is typed as HTML."""


@dataclass(frozen=True, slots=True)
class Picture:
    """An image in a text."""

    address: str
    """Where it is; the name of a file before it was dropped into the text."""
    alternative: str
    above: str = ""
    """The line of text that it was dropped below, in the same paragraph."""


@dataclass(frozen=True, slots=True)
class Decisions:
    """What was decided. Jira Cloud has a list of its own for it."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Columns:
    """Paragraphs side by side, which only Jira Cloud can show."""

    columns: tuple[tuple[str, ...], ...]


Block = str | Code | Bullets | Checks | StoryTable | Picture | Decisions | Columns
Text = tuple[Block, ...]

_INLINE = re.compile(r"`([^`]+)`|\{@([a-z.]+)\}")


def markdown(text: Text, account: Mention) -> str:
    """The text as a person types it on GitHub."""

    def inline(words: str) -> str:
        return _INLINE.sub(lambda found: found[0] if found[1] else f"@{account(found[2])}", words)

    def block(one: Block) -> str:  # noqa: PLR0911  # one case a shape
        match one:
            case str():
                return inline(one)
            case Code():
                return f"```{one.language}\n{one.text}\n```"
            case Bullets() | Decisions():
                return "\n".join(f"- {inline(item)}" for item in one.items)
            case Checks():
                return "\n".join(f"- [{'x' if done else ' '}] {inline(item)}" for item, done in one.items)
            case StoryTable() if one.tags:
                return _tagged(one)
            case StoryTable():
                rows = [f"| {' | '.join(inline(cell) for cell in row)} |" for row in one.rows]
                return "\n".join([rows[0], "|" + " --- |" * len(one.rows[0]), *rows[1:]])
            case Picture():
                return "\n".join(filter(None, (inline(one.above), f"![{one.alternative}]({one.address})")))
            case Columns():
                return "\n\n".join(inline(words) for column in one.columns for words in column)
            case _:
                assert_never(one)

    return "\n\n".join(block(one) for one in text)


def wiki(text: Text, account: Mention) -> str:
    """The text as a person types it into Jira Data Center."""

    def inline(words: str) -> str:
        return _INLINE.sub(lambda found: f"{{{{{found[1]}}}}}" if found[1] else f"[~{account(found[2])}]", words)

    def block(one: Block) -> str:  # noqa: PLR0911  # one case a shape
        match one:
            case str():
                return inline(one)
            case Code():
                return f"{{code:{one.language}}}\n{one.text}\n{{code}}"
            case Bullets() | Decisions():
                return "\n".join(f"* {inline(item)}" for item in one.items)
            case Checks():
                return "\n".join(f"* {inline(item)}" for item, _ in one.items)
            case StoryTable():
                head, *rest = one.rows
                lines = ["||" + "||".join(inline(cell) for cell in head) + "||"]
                return "\n".join([*lines, *("|" + "|".join(inline(cell) for cell in row) + "|" for row in rest)])
            case Picture():
                return "\n".join(filter(None, (inline(one.above), f"!{one.address}!")))
            case Columns():
                return "\n\n".join(inline(words) for column in one.columns for words in column)
            case _:
                assert_never(one)

    return "\n\n".join(block(one) for one in text)


def document(text: Text, account: Mention) -> dict[str, Any]:  # noqa: C901  # one case a shape
    """The text as Jira Cloud's editor stores it (Atlassian Document Format)."""

    def inline(words: str) -> list[dict[str, Any]]:
        return list(_runs(words, account))

    def paragraph(words: str) -> dict[str, Any]:
        return {"type": "paragraph", "content": inline(words)}

    def items(all_of_them: tuple[str, ...]) -> dict[str, Any]:
        return {
            "type": "bulletList",
            "content": [{"type": "listItem", "content": [paragraph(item)]} for item in all_of_them],
        }

    def blocks(one: Block) -> Iterator[Mapping[str, Any]]:
        match one:
            case str():
                yield paragraph(one)
            case Code():
                run = [{"type": "text", "text": one.text}]
                yield {"type": "codeBlock", "attrs": {"language": one.language}, "content": run}
            case Bullets():
                yield items(one.items)
            case Checks():
                yield items(tuple(item for item, _ in one.items))
            case StoryTable():
                yield {
                    "type": "table",
                    "content": [_row(row, paragraph, head=n == 0) for n, row in enumerate(one.rows)],
                }
            case Picture():
                media = {"type": "media", "attrs": {"type": "external", "url": one.address, "alt": one.alternative}}
                yield from [paragraph(one.above)] if one.above else []
                yield {"type": "mediaSingle", "attrs": {"layout": "center"}, "content": [media]}
            case Decisions():
                yield _decisions([inline(item) for item in one.items])
            case Columns():
                yield _layout([[paragraph(words) for words in column] for column in one.columns])
            case _:
                assert_never(one)

    return {"type": "doc", "version": 1, "content": [node for one in text for node in blocks(one)]}


def _tagged(table: StoryTable) -> str:
    """A table as people type it who know HTML."""
    rows = [
        "".join(f"<{tag}>{cell}</{tag}>" for cell in row)
        for row, tag in zip(table.rows, ["th", *["td"] * len(table.rows)], strict=False)
    ]
    return "\n".join(["<table>", *(f"<tr>{row}</tr>" for row in rows), "</table>"])


def _decisions(items: Sequence[Sequence[Mapping[str, Any]]]) -> Mapping[str, Any]:
    listed = [
        {"type": "decisionItem", "attrs": {"localId": f"decision-{number}", "state": "DECIDED"}, "content": item}
        for number, item in enumerate(items, 1)
    ]
    return {"type": "decisionList", "attrs": {"localId": "decisions"}, "content": listed}


def _layout(columns: Sequence[Sequence[Mapping[str, Any]]]) -> Mapping[str, Any]:
    width = round(100 / len(columns), 2)
    made = [{"type": "layoutColumn", "attrs": {"width": width}, "content": column} for column in columns]
    return {"type": "layoutSection", "content": made}


def _row(cells: tuple[str, ...], paragraph: Callable[[str], dict[str, Any]], *, head: bool) -> Mapping[str, Any]:
    kind = "tableHeader" if head else "tableCell"
    return {
        "type": "tableRow",
        "content": [{"type": kind, "attrs": {}, "content": [paragraph(cell)]} for cell in cells],
    }


def _runs(words: str, account: Mention) -> Iterator[dict[str, Any]]:
    at = 0
    for found in _INLINE.finditer(words):
        if found.start() > at:
            yield {"type": "text", "text": words[at : found.start()]}
        if found[1]:
            yield {"type": "text", "text": found[1], "marks": [{"type": "code"}]}
        else:
            yield {"type": "mention", "attrs": {"id": account(found[2]), "text": f"@{account(found[2])}"}}
        at = found.end()
    if at < len(words):
        yield {"type": "text", "text": words[at:]}
