"""The HTML that people write inside GitHub Markdown: what GitHub shows of it, as blocks and runs.

Known tags become marks, breaks, pictures, links and sections; other known tags vanish and leave their content, as in a
browser; anything that is no tag of HTML (`List<String>`) is what its author meant: text.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

from syncer.contract.text import LINE_BREAK, Block, Expand, Heading, Mark, Paragraph, Rule, Run, RunKind

_MARK_TAGS = {
    "b": Mark.STRONG,
    "strong": Mark.STRONG,
    "i": Mark.EMPHASIS,
    "em": Mark.EMPHASIS,
    "cite": Mark.EMPHASIS,
    "var": Mark.EMPHASIS,
    "s": Mark.STRIKE,
    "del": Mark.STRIKE,
    "strike": Mark.STRIKE,
    "ins": Mark.UNDERLINE,
    "u": Mark.UNDERLINE,
    "sub": Mark.SUBSCRIPT,
    "sup": Mark.SUPERSCRIPT,
}
_SILENT = frozenset(
    [
        "abbr",
        "article",
        "aside",
        "bdi",
        "bdo",
        "big",
        "blockquote",
        "body",
        "button",
        "caption",
        "center",
        "code",
        "col",
        "colgroup",
        "data",
        "dd",
        "details",
        "dfn",
        "dir",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "font",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "html",
        "kbd",
        "label",
        "legend",
        "li",
        "main",
        "mark",
        "nav",
        "ol",
        "optgroup",
        "option",
        "p",
        "picture",
        "pre",
        "q",
        "rp",
        "rt",
        "ruby",
        "samp",
        "section",
        "select",
        "small",
        "source",
        "span",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "time",
        "tr",
        "tt",
        "ul",
        "wbr",
    ]
)
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9-]*)((?:\s[^<>]*)?)/?>")
_ATTRIBUTE = re.compile(r"""([A-Za-z-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_HIDDEN = re.compile(r"<!--.*?-->|<!-->|<!--->|<\?.*?\?>|<![A-Za-z][^>]*>|<!\[CDATA\[.*?\]\]>", re.DOTALL)
_OPEN = re.compile(r"\s*<details[^<>]*>(?:\s*<summary[^<>]*>(?P<title>.*?)</summary>)?", re.IGNORECASE | re.DOTALL)
_CLOSE = re.compile(r"</details\s*>", re.IGNORECASE)
_INVISIBLE = re.compile(r"<(script|style)\b.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_PARAGRAPH_TAGS = frozenset(
    [
        "p",
        "div",
        "li",
        "tr",
        "table",
        "ul",
        "ol",
        "section",
        "article",
        "blockquote",
        "center",
        "dl",
        "dt",
        "dd",
        "details",
        "summary",
        "figure",
        "header",
        "footer",
    ]
)


@dataclass(frozen=True, slots=True)
class InlineTag:
    """What one inline tag means: a mark, the edge of a link, or a run of its own; nothing when it is silent."""

    mark: Mark | None = None
    closing: bool = False
    anchor: bool = False
    link: str = ""
    run: Run | None = None


@dataclass(frozen=True, slots=True)
class HtmlBlock:
    """What a block of HTML means: blocks of its own, and whether a `<details>` stays open behind it or ends in it."""

    blocks: tuple[Block, ...] = ()
    opens: bool = False
    title: str = ""
    inside: tuple[Block, ...] = ()
    """Blocks of the open section that stand in this piece of HTML."""
    closes: bool = False


def inline_tag(source: str) -> InlineTag:  # noqa: PLR0911  # one case a tag
    """The meaning of one piece of inline HTML as markdown-it cuts it."""
    if _HIDDEN.fullmatch(source):
        return InlineTag()
    found = _TAG.fullmatch(source)
    if not found:
        return InlineTag(run=Run(source))
    closing, name = bool(found[1]), found[2].lower()
    if name in _MARK_TAGS:
        return InlineTag(mark=_MARK_TAGS[name], closing=closing)
    if name == "br":
        return InlineTag(run=LINE_BREAK)
    if name == "a":
        return InlineTag(anchor=True, closing=closing, link=_attributes(found[3]).get("href", ""))
    if name == "img":
        attributes = _attributes(found[3])
        return InlineTag(run=Run(attributes.get("alt", ""), RunKind.IMAGE, target=attributes.get("src", "")))
    return InlineTag() if name in _SILENT else InlineTag(run=Run(source))


def _attributes(source: str) -> dict[str, str]:
    return {
        found[1].lower(): html.unescape(found[2] or found[3] or found[4] or "") for found in _ATTRIBUTE.finditer(source)
    }


def html_block(source: str) -> HtmlBlock:
    """The meaning of one block of HTML."""
    visible = _INVISIBLE.sub("", _HIDDEN.sub("", source))
    if not visible.strip():
        return HtmlBlock()
    opened = _OPEN.match(visible)
    closed = _CLOSE.search(visible)
    if opened and closed is None:
        inside = tuple(_content(visible[opened.end() :]))
        return HtmlBlock(opens=True, title=_words(opened["title"] or ""), inside=inside)
    if opened and closed and closed.start() >= opened.end():
        section = Expand(_words(opened["title"] or ""), tuple(_content(visible[opened.end() : closed.start()])))
        return HtmlBlock((section, *_content(visible[closed.end() :])))
    if closed:
        before, after = tuple(_content(visible[: closed.start()])), tuple(_content(visible[closed.end() :]))
        return HtmlBlock(after, inside=before, closes=True)
    return HtmlBlock(tuple(_content(visible)))


def _words(source: str) -> str:
    return html.unescape(_TAG.sub("", source)).strip()


def _content(source: str) -> Iterator[Block]:  # noqa: C901, PLR0912  # one case a tag
    """Paragraphs of HTML source: block tags divide them, inline tags mark them."""
    if not source.strip():
        return
    runs: list[Run] = []
    opened: list[Mark] = []
    link = ""
    level = 0
    done = 0
    for found in _TAG.finditer(source):
        if found.start() > done:
            runs.append(_html_text(source[done : found.start()], opened, link))
        done = found.end()
        closing, name = bool(found[1]), found[2].lower()
        if name in _PARAGRAPH_TAGS or name in {"h1", "h2", "h3", "h4", "h5", "h6", "hr", "pre"}:
            if any(run.text.strip() or run.kind is not RunKind.TEXT for run in runs):
                yield Heading(level, tuple(runs)) if level else Paragraph(tuple(runs))
            runs = []
            level = int(name[1]) if len(name) == 2 and name[1].isdigit() and not closing else 0
            if name == "hr":
                yield Rule()
            continue
        tag = inline_tag(found[0])
        if tag.mark:
            if not tag.closing:
                opened.append(tag.mark)
            elif tag.mark in opened:
                opened.remove(tag.mark)
        elif tag.anchor:
            link = "" if tag.closing else tag.link
        elif tag.run:
            runs.append(Run(tag.run.text, tag.run.kind, frozenset(opened), link, tag.run.target))
    if done < len(source):
        runs.append(_html_text(source[done:], opened, link))
    if any(run.text.strip() or run.kind is not RunKind.TEXT for run in runs):
        yield Heading(level, tuple(runs)) if level else Paragraph(tuple(runs))


def _html_text(source: str, opened: list[Mark], link: str) -> Run:
    return Run(re.sub(r"\s+", " ", html.unescape(source)), marks=frozenset(opened), link=link)


__all__ = ["HtmlBlock", "InlineTag", "html_block", "inline_tag"]
