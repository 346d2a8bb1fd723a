"""The canonical document to GitHub-flavoured Markdown, at three levels of caution; `syncer.richtext.writing` verifies.

Nothing written here notifies anybody but the people in `live`: text is made harmless by the tracker's own rules
(`Names`), and every other mention is a link.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import assert_never

from syncer.richtext import (
    Block,
    CodeBlock,
    Expand,
    Heading,
    ListBlock,
    Mark,
    Opaque,
    Panel,
    Paragraph,
    Quote,
    Rule,
    Run,
    RunKind,
    Table,
)
from syncer.richtext.characters import JOINER
from syncer.richtext.emoji import SHORTCODE, SHORTCODES
from syncer.richtext.fitting import placeholder
from syncer.richtext.links import issue_key
from syncer.richtext.markdown.autolinks import autolink
from syncer.richtext.markdown.names import Names
from syncer.richtext.markdown.parsing import MATHEMATICS
from syncer.richtext.markdown.reading import ALERTS, UNREAD
from syncer.richtext.spans import Delimiters, Edge, Span, joined, nested

_ALERT_OF = {kind: name for name, kind in ALERTS.items()}
_SIGNS = {Mark.STRONG: "**", Mark.EMPHASIS: "*", Mark.STRIKE: "~~"}
_TAGS = {
    Mark.STRONG: "strong",
    Mark.EMPHASIS: "em",
    Mark.STRIKE: "del",
    Mark.UNDERLINE: "ins",
    Mark.SUBSCRIPT: "sub",
    Mark.SUPERSCRIPT: "sup",
}
_CERTAIN = re.compile(
    r"\\(?=[!-/:-@\[-`{-~]|$)|`|\*(?=\S)|(?<=\S)\*|(?<![^\W_])_(?=\S)|(?<=\S)_(?![^\W_])"
    r"|~(?=~)|(?<=~)~|<(?=[A-Za-z/!?])|&(?=#?[A-Za-z0-9]+;)|!(?=\[)|\](?=[\[(:])|(?<![A-Za-z0-9])\[(?=\^)"
)
_POSSIBLE = re.compile(r"[\\`*_\[\]<>&~!|]")
_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")
_LINE_START = re.compile(
    r"\A(?:(?P<sign>#{1,6}(?=\s|$)|[-+*](?=\s|$)|>|=+\s*$|-+\s*$|~~~|\[[ xX]\](?=\s|$)|\[(?=!\w+\])|"
    r"\[(?=[^\]]*\]:)|[|:\-](?=[-:|\s]+$)|[-_](?=(?:\s*[-_]){2,}\s*$))"
    r"|(?P<number>\d{1,9})(?P<dot>[.)])(?=\s|$))"
)
_NUMBERED = re.compile(r"#[0-9]")
"""In an address: a reference, to whoever does not see that it is one. In `<>` everybody sees it."""
_BRACKET = re.compile(r"\\.|`+[^`]*`+|[\[\]]", re.DOTALL)
"""A bracket, or something in which one does not count."""
_PLAIN_ADDRESS = re.compile(r"https?://[A-Za-z0-9\-._~:/?#!$&'()*+,;=%@]+")


class _Bare(str):
    """A bare address."""


def _outside_brackets(parts: Iterable[str | Edge]) -> Iterator[str | Edge]:
    """The parts with `<>` around addresses that stand behind a bracket that is open: GitHub links no bare one there."""
    depth = 0
    for part in parts:
        if isinstance(part, _Bare):
            yield f"<{part}>" if depth else part
            continue
        if isinstance(part, str):
            for found in _BRACKET.finditer(part):
                depth = max(depth + {"[": 1, "]": -1}.get(found[0], 0), 0)
        yield part


class MarkdownWriter:
    """Renders blocks at one level of caution."""

    def __init__(self, names: Names, live: AbstractSet[str], level: int) -> None:
        self._names = names
        self._live = live
        self._level = level

    def blocks(self, blocks: Iterable[Block]) -> str:
        """Source of blocks of one container, an empty line between two."""
        return "\n\n".join(self.block(block) for block in blocks)

    def block(self, block: Block) -> str:  # noqa: PLR0911  # one case a shape
        """Source of one block."""
        match block:
            case Paragraph():
                return self._lines(block.runs)
            case Heading():
                return "#" * block.level + " " + self._heading(block.runs)
            case CodeBlock():
                fence = _fence(block.text, "`", 3)
                return (
                    f"{fence}{block.language}\n{block.text}\n{fence}"
                    if block.text
                    else f"{fence}{block.language}\n{fence}"
                )
            case Quote():
                return _prefixed(self.blocks(block.blocks), "> ")
            case ListBlock():
                return self._list(block)
            case Table():
                return self._table(block)
            case Panel():
                return self._panel(block)
            case Expand():
                return self._expand(block)
            case Rule():
                return "---"
            case Opaque():
                return block.source if block.label == UNREAD else self.block(placeholder(block))
            case _:
                assert_never(block)

    def _heading(self, runs: Sequence[Run]) -> str:
        line = self._lines(runs)
        return re.sub(r"(?<!\\)(#+)$", r"\\\1", line)

    def _list(self, block: ListBlock) -> str:
        lines: list[str] = []
        for number, item in enumerate(block.items, block.start):
            sign = f"{number}. " if block.ordered else "- "
            box = "" if item.checked is None else "[x] " if item.checked else "[ ] "
            if box and item.blocks and not isinstance(item.blocks[0], Paragraph):
                box = ("☑" if item.checked else "☐") + "\n\n"
            body = box + self._item(item.blocks)
            lines.append(sign + _indented(body, len(sign)))
        return "\n".join(lines)

    def _item(self, blocks: Sequence[Block]) -> str:
        parts: list[str] = []
        for number, block in enumerate(blocks):
            source = "***" if isinstance(block, Rule) else self.block(block)
            if number:
                parts.append("\n" if len(blocks) == 2 and _is_tight(blocks[0], block) else "\n\n")
            parts.append(source)
        return "".join(parts)

    def _table(self, block: Table) -> str:
        rows = [["".join(self._cell(inner) for inner in cell.blocks) for cell in row] for row in block.rows]
        width = max(len(row) for row in rows)
        if not all(cell.header for cell in block.rows[0]):
            rows.insert(0, [""] * width)
        rows.insert(1, ["---"] * width)
        return "\n".join("| " + " | ".join(row) + " |" for row in rows)

    def _cell(self, block: Block) -> str:
        runs = block.runs if isinstance(block, Paragraph) else ()
        return self._inline(runs, "<br>").replace("|", "\\|")

    def _panel(self, block: Panel) -> str:
        body = self.blocks(block.blocks)
        gap = "\n" if isinstance(block.blocks[0], Paragraph) else "\n\n"
        return _prefixed(f"[!{_ALERT_OF[block.kind]}]{gap}{body}", "> ")

    def _expand(self, block: Expand) -> str:
        title = self._names.harmless(html.escape(block.title, quote=False))
        body = f"{self.blocks(block.blocks)}\n\n" if block.blocks else ""
        return f"<details>\n<summary>{title}</summary>\n\n{body}</details>"

    # --- inline -----------------------------------------------------------------------------------------------------

    def _lines(self, runs: Sequence[Run]) -> str:
        source = self._inline(runs, "\n")
        return "\n".join(
            _LINE_START.sub(_escaped_start, line, count=1) if _starts(line) else line for line in source.split("\n")
        )

    def _inline(self, runs: Sequence[Run], line_break: str) -> str:
        parts: list[str | Edge] = []
        self._spans(nested(runs), parts, line_break, in_link=False)
        if any(isinstance(part, _Bare) for part in parts):
            parts = list(_outside_brackets(parts))
        return joined(parts, _TAGS_ALONE if self._level >= 2 else _DELIMITERS)

    def _spans(self, spans: Sequence[Span | Run], parts: list[str | Edge], line_break: str, *, in_link: bool) -> None:
        for number, span in enumerate(spans):
            following = spans[number + 1] if number + 1 < len(spans) else None
            if isinstance(span, Run):
                before_more = following is not None or in_link
                parts.append(line_break if span.kind is RunKind.BREAK else self._run(span, before_more=before_more))
            elif span.mark is not None:
                pair = len(parts)
                parts.append(Edge(span.mark, opening=True, pair=pair))
                self._spans(span.children, parts, line_break, in_link=in_link)
                parts.append(Edge(span.mark, opening=False, pair=pair))
            else:
                self._link(span, parts, line_break, following)

    def _link(self, span: Span, parts: list[str | Edge], line_break: str, following: Span | Run | None) -> None:
        only = span.children[0] if len(span.children) == 1 else None
        if (
            isinstance(only, Run)
            and only.kind is RunKind.TEXT
            and only.text == span.link
            and _PLAIN_ADDRESS.fullmatch(span.link)
        ):
            address = self._address(span.link)
            bare = self._level == 0 and not _NUMBERED.search(address) and self._ends(address, following)
            parts.append(_Bare(address) if bare else f"<{address}>")
            return
        parts.append("[")
        self._spans(span.children, parts, line_break, in_link=True)
        parts.append(f"]({_destination(self._address(span.link))})")

    def _address(self, link: str) -> str:
        """Where a link leads: to what the text led to before, else without leaving a trace."""
        return link if link in self._live else self._names.quiet(link)

    def _ends(self, address: str, following: Span | Run | None) -> bool:
        """Whether GitHub sees a bare address end where it does, before what follows it in the source."""
        if following is None or (isinstance(following, Run) and following.kind is RunKind.BREAK):
            return True
        text = isinstance(following, Run) and following.kind is RunKind.TEXT
        after = self._text(following.text) if isinstance(following, Run) and text else "*"
        return autolink(address + after, 0) == address

    def _run(self, run: Run, *, before_more: bool) -> str:
        match run.kind:
            case RunKind.TEXT:
                return self._text(run.text, before_more=before_more)
            case RunKind.CODE:
                return _code_span(run.text)
            case RunKind.MENTION:
                return self._mention(run)
            case RunKind.REFERENCE:
                return self._reference(run)
            case RunKind.IMAGE:
                return f"![{self._text(run.text)}]({_destination(run.target)})"
            case RunKind.BREAK:
                return "\n"
            case _:
                assert_never(run.kind)

    def _text(self, text: str, *, before_more: bool = False) -> str:
        text = self._names.harmless(text, before_more=before_more)
        if ":" in text:
            text = SHORTCODE.sub(lambda found: f":{JOINER}{found[1]}:" if found[1] in SHORTCODES else found[0], text)
        if self._level < 2 and not _POSSIBLE.search(text):
            return text
        if self._level == 2 or "$" not in text:
            return self._escaped(text)
        parts: list[str] = []
        done = 0
        for found in MATHEMATICS.finditer(text):
            parts.extend((self._escaped(text[done : found.start()]), found[0]))
            done = found.end()
        return "".join([*parts, self._escaped(text[done:])])

    def _escaped(self, text: str) -> str:
        pattern = (_CERTAIN, _POSSIBLE, _PUNCTUATION)[self._level]
        return pattern.sub(lambda found: "\\" + found[0], text)

    def _mention(self, run: Run) -> str:
        if self._level < 2 and run.target in self._live and (typed := self._names.typed(run)):
            return typed
        return f"[@{JOINER}{self._text(run.text)}]({_destination(run.target)})"

    def _reference(self, run: Run) -> str:
        address = self._address(run.target)
        if self._level == 0 and address == run.target and (typed := self._names.typed(run)):
            return typed
        return f"[{self._text(issue_key(run.target) or run.text)}]({_destination(address)})"


def _is_tight(before: Block, block: Block) -> bool:
    """Whether a list may follow a paragraph of the same item without an empty line."""
    return isinstance(before, Paragraph) and isinstance(block, ListBlock) and (not block.ordered or block.start == 1)


def _delimiter(edge: Edge, plain: bool) -> str:  # a private choice of two spellings
    if plain:
        return _SIGNS[edge.mark]
    return f"<{_TAGS[edge.mark]}>" if edge.opening else f"</{_TAGS[edge.mark]}>"


def _star(_: Mark) -> str:
    return "*"


def _flanks(edge: Edge, before: str, after: str) -> bool:
    """Whether a mark has a delimiter, and CommonMark lets it open (or close) emphasis between these characters."""
    if edge.mark not in _SIGNS:
        return False
    inner, outer = (after, before) if edge.opening else (before, after)
    if inner.isspace():
        return False
    return not _punctuation(inner) or outer.isspace() or _punctuation(outer)


def _punctuation(character: str) -> bool:
    return unicodedata.category(character)[0] in "PS"


_DELIMITERS = Delimiters(_flanks, _delimiter, _star, "\n")
_TAGS_ALONE = Delimiters(lambda *_: False, _delimiter, _star, "\n")


def _starts(line: str) -> bool:
    return bool(line) and line[0] in "#-+*>=~[|:_0123456789"


def _escaped_start(found: re.Match[str]) -> str:
    if found.start():
        return found[0]
    return "\\" + found[0] if found["sign"] else f"{found['number']}\\{found['dot']}"


def _fence(text: str, character: str, least: int) -> str:
    """A fence longer than any run of the character in the text."""
    longest = max((len(found) for found in re.findall(re.escape(character) + "+", text)), default=0)
    return character * max(least, longest + 1)


def _code_span(text: str) -> str:
    fence = _fence(text, "`", 1)
    padding = " " if text[0] == "`" or text[-1] == "`" else ""
    return f"{fence}{padding}{text}{padding}{fence}"


def _destination(link: str) -> str:
    link = re.sub(r"&(?=#?[A-Za-z0-9]+;)", r"\\&", link)
    depth = 0
    for character in link:
        depth += (character == "(") - (character == ")")
        if depth < 0:
            return f"<{link}>"
    return link if depth == 0 and link else f"<{link}>"


def _prefixed(source: str, prefix: str) -> str:
    return "\n".join((prefix + line).rstrip() for line in source.split("\n"))


def _indented(source: str, width: int) -> str:
    first, *rest = source.split("\n")
    return "\n".join([first, *(" " * width + line if line else "" for line in rest)])
