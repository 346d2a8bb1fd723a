"""What a person sees of a text: words with their marks and places, from GitHub's HTML or from Jira's document.

Nothing here uses a reader of ours. Both walks end in the same features, so that a text and its conversion can be
compared: `(word, marks, path)`, and line breaks. What both trackers show alike under different names has one name here:
an alert and a panel, a section that opens, a checked box, a mention, an emoji.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

from syncer.richtext.emoji import SHORTCODES

Feature = tuple[str, str, tuple[str, ...]]

MARK_TAGS = {
    "b": "strong", "strong": "strong", "i": "em", "em": "em", "cite": "em", "var": "em", "s": "strike",
    "del": "strike", "strike": "strike", "ins": "underline", "u": "underline", "sub": "sub", "sup": "sup",
    "code": "code", "kbd": "code", "tt": "code", "samp": "code",
}  # fmt: skip
PATH_TAGS = {
    "ul": "ul", "ol": "ol", "li": "item", "blockquote": "quote", "th": "th", "td": "td", "pre": "pre",
    "details": "expand", **{f"h{n}": f"h{n}" for n in range(1, 7)},
}  # fmt: skip
BLOCK_TAGS = {"p", "div", "tr", "table", "pre", "summary", "hr", "dt", "dd", *PATH_TAGS}
VOID = {"br", "img", "input", "hr", "wbr", "source", "col"}
PATH_NODES = {
    "bulletList": "ul", "orderedList": "ol", "taskList": "ul", "decisionList": "ul", "listItem": "item",
    "taskItem": "item", "decisionItem": "item", "blockquote": "quote", "tableHeader": "th", "tableCell": "td",
    "codeBlock": "pre", "expand": "expand", "nestedExpand": "expand", "panel": "panel",
}  # fmt: skip
_ALERT = re.compile(r"\s*\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\]\s*", re.IGNORECASE)
_SHORTCODE = re.compile(r":([a-z0-9_+-]+):")
_PLACEHOLDER = re.compile(r"\[Jira: [^\]]*\]")
"""What nobody can show elsewhere is named in one line; those words are ours."""
_FILE = re.compile(r"#media:([\w-]+)")
"""In an address: a file of the issue, which others see as a link to it."""
_WORD = re.compile(r"[\u4e00-\u9fff]|[^\s\u4e00-\u9fff]+")
_NOTHING = re.compile("[\u2060\u200b\ufe0f\ufeff]")
_BOXES = {"☐": "[_]", "☑": "[x]", "☒": "[x]"}
_ICONS = {
    ":check_mark:": "✅", ":cross_mark:": "❌", ":warning:": "⚠", ":info:": "ℹ", ":plus:": "➕", ":minus:": "➖",
    ":question:": "❓", ":light_bulb_on:": "💡", ":light_bulb_off:": "(off)", ":yellow_star:": "⭐", ":red_star:": "⭐",
    ":green_star:": "⭐", ":blue_star:": "⭐",
}  # fmt: skip


@dataclass
class Seen:
    """The features of one text, in reading order; a line end is the word `\\n`."""

    features: list[Feature] = field(default_factory=list)
    paths: set[tuple[str, ...]] = field(default_factory=set)
    _glued: tuple[str, tuple[str, ...]] | None = None

    def words(self, text: str, marks: set[str], path: tuple[str, ...]) -> None:
        """Add the words of a piece of text; a piece that goes on without a blank goes on with the word before."""
        text = _PLACEHOLDER.sub("", text)
        text = _NOTHING.sub("", _SHORTCODE.sub(lambda f: SHORTCODES.get(f[1], f[0]), text))
        for icon, character in _ICONS.items():
            text = text.replace(icon, character)
        named = "+".join(sorted(marks))
        for found in _WORD.finditer(text):
            word = found[0]
            last = self.features[-1] if self.features else None
            if found.start() == 0 and self._glued == (named, path) and last and not "\u4e00" <= word[0] <= "\u9fff":
                self.features[-1] = (last[0] + word, named, path)
            else:
                self.features.append((_BOXES.get(word, word), named, path))
            self.paths.add(path)
        if text:
            self._glued = None if text[-1].isspace() else (named, path)

    def line_end(self) -> None:
        """Add the end of a line or block, once."""
        self._glued = None
        if self.features and self.features[-1][0] != "\n":
            self.features.append(("\n", "", ()))


class Html(HTMLParser):
    """Reads HTML as cmark-gfm writes it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.seen = Seen()
        self._open: list[tuple[str, str]] = []  # tag, and its link or kind
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element."""
        given = {name: value or "" for name, value in attrs}
        if tag in BLOCK_TAGS or tag == "br":
            self.seen.line_end()
        if tag == "img":
            self.seen.words(f" \u25a3{given.get('src', '')} ", set(), self._path())
        elif tag == "input":
            self.seen.words("[x] " if "checked" in given else "[_] ", set(), self._path())
        elif tag == "hr":
            self.seen.words("———", set(), self._path())
        elif tag not in VOID:
            self._open.append((tag, given.get("href", "") if tag == "a" else ""))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open and close an element; HTML knows no such thing outside the void ones."""
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        """Close an element."""
        if any(open_tag == tag for open_tag, _ in self._open):
            while self._open and self._open.pop()[0] != tag:
                pass
        if tag in BLOCK_TAGS:
            self.seen.line_end()

    def handle_data(self, data: str) -> None:
        """Add text."""
        tags = [tag for tag, _ in self._open]
        if "script" in tags or "style" in tags:
            return
        at = max((n for n, tag in enumerate(tags) if tag == "blockquote"), default=-1)
        if at >= 0 and (alert := _ALERT.match(data)) and self._open[at] == ("blockquote", ""):
            self._open[at] = ("blockquote", "panel")
            data = data[alert.end() :]
        verbatim = "pre" in tags
        marks = set() if verbatim else {MARK_TAGS[tag] for tag in tags if tag in MARK_TAGS}
        link = next((value for tag, value in reversed(self._open) if tag == "a" and value), "")
        if file := _FILE.search(link):
            self.seen.words(f" \u25a3{file[1]} ", set(), self._path())
            return
        if link and not data.strip().startswith("@"):
            marks.add("link")
        if any(tag == "summary" for tag in tags):
            marks = set()
        if any(tag == "th" for tag in tags):
            marks.discard("strong")
        for number, line in enumerate(data.split("\n") if verbatim else [data]):
            if number:
                self.seen.line_end()
            self.seen.words(line, marks, self._path())

    def _path(self) -> tuple[str, ...]:
        return tuple(kind or PATH_TAGS[tag] for tag, kind in self._open if tag in PATH_TAGS)


def seen_html(html: str) -> Seen:
    """What a browser shows of HTML."""
    parser = Html()
    parser.feed(html)
    parser.close()
    parser.seen.line_end()
    return parser.seen


def seen_adf(doc: dict[str, Any] | None) -> Seen:
    """What Jira shows of a document."""
    seen = Seen()
    _walk(doc or {}, (), seen)
    seen.line_end()
    return seen


def _walk(node: dict[str, Any], path: tuple[str, ...], seen: Seen) -> None:  # noqa: C901  # one case a node
    kind, attrs = node.get("type", ""), node.get("attrs") or {}
    inline = _inline(node, kind, attrs)
    if inline is not None:
        if kind == "hardBreak":
            seen.line_end()
        for number, line in enumerate(inline.split("\n")):
            if number:
                seen.line_end()
            seen.words(line, _marks(node) - ({"strong"} if "th" in path else set()), path)
        return
    seen.line_end()
    if kind == "heading":
        path = (*path, f"h{min(max(int(attrs.get('level') or 1), 1), 6)}")
    elif kind in PATH_NODES:
        path = (*path, *_named(kind, node))
    if kind in {"expand", "nestedExpand"}:
        seen.words(attrs.get("title") or "", set(), path)
        seen.line_end()
    if kind == "taskItem":
        seen.words("[x] " if attrs.get("state") == "DONE" else "[_] ", set(), path)
    if kind == "rule":
        seen.words("———", set(), path)
    if kind == "media":
        seen.words(f" \u25a3{attrs.get('url') or attrs.get('id') or ''} ", set(), path)
    if kind in {"blockCard", "embedCard"}:
        seen.words(attrs.get("url") or "", {"link"}, path)
    for child in node.get("content") or []:
        _walk(child, path, seen)
    seen.line_end()


def _named(kind: str, node: dict[str, Any]) -> Iterator[str]:
    title = next(iter(_texts(node)), "") if kind == "panel" else ""
    yield "expand" if title.startswith("▸") else PATH_NODES[kind]


def _texts(node: dict[str, Any]) -> Iterator[str]:
    if node.get("type") == "text":
        yield node.get("text", "")
    for child in node.get("content") or []:
        yield from _texts(child)


def _inline(node: dict[str, Any], kind: str, attrs: dict[str, Any]) -> str | None:
    match kind:
        case "text":
            file = next((found[1] for mark in node.get("marks") or [] if (found := _FILE.search(str(mark)))), "")
            return f" \u25a3{file} " if file else str(node.get("text", "")).removeprefix("▸ ")
        case "hardBreak":
            return ""
        case "mention":
            return "@" + str(attrs.get("text") or attrs.get("id") or "").lstrip("@")
        case "status":
            return f" {attrs.get('text') or ''} "
        case "emoji" | "placeholder":
            return str(attrs.get("text") or attrs.get("shortName") or "")
        case "inlineCard":
            return str(attrs.get("url") or "")
        case "date":
            stamp = str(attrs.get("timestamp") or "")
            return str(datetime.fromtimestamp(int(stamp) / 1000, UTC).date()) if stamp.isdigit() else stamp
        case "mediaInline":
            return f" \u25a3{attrs.get('id') or ''} "
        case _:
            return None


def _marks(node: dict[str, Any]) -> set[str]:
    names = set()
    for mark in node.get("marks") or []:
        name = mark.get("type")
        if name == "subsup":
            names.add("sub" if (mark.get("attrs") or {}).get("type") == "sub" else "sup")
        elif name != "link" or (mark.get("attrs") or {}).get("href"):
            names.add(name)
    names &= {"strong", "em", "strike", "underline", "code", "link", "sub", "sup"}
    if "code" in names:
        names &= {"code", "link"}  # Jira shows no other mark with it
    if node.get("type") == "status":
        names.add("code")
    if node.get("type") == "inlineCard":
        names.add("link")
    if str(node.get("text", "")).startswith("\u25b8 "):
        names.discard("strong")  # the title of a section, which wiki markup shows as that of a panel
    if "link" in names and str(node.get("text", "")).startswith("@"):
        names.discard("link")
    return names
