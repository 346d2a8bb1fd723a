"""Jira wiki markup as the engine sees it: read, write, patch. Data Center stores descriptions and comments in it.

It is written at three levels of caution, which `syncer.richtext.writing` verifies. Nobody is notified but the people in
`live`: `[~` in text is escaped, every other mention is a link.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from functools import partial
from typing import assert_never
from urllib.parse import unquote

from connectors.jira.markup_site import JiraSite
from connectors.jira.wiki_inline import DELIMITERS, ESCAPABLE, is_picture, stands_bare
from connectors.jira.wiki_reading import EXPAND_SIGN, PANEL_COLOURS, WikiReader
from syncer.richtext import (
    Block,
    Cell,
    CodeBlock,
    Document,
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
    normalise,
)
from syncer.richtext.characters import JOINER
from syncer.richtext.cutting import patched_within, written_within
from syncer.richtext.fitting import Container, Grammar, fit, placeholder
from syncer.richtext.links import last_part
from syncer.richtext.markup import NOBODY, Written
from syncer.richtext.patching import Segment
from syncer.richtext.spans import Delimiters, Edge, Span, joined, nested
from syncer.richtext.writing import MarkupCodec

_SIGNS: dict[Mark, str] = {mark: sign for sign, mark in reversed(DELIMITERS.items())}
_SHOWN = re.compile(r"\.(?:png|jpe?g|gif|bmp|webp|svg)$", re.IGNORECASE)
"""What Jira shows in place; other files are links."""
_ALWAYS = rf"\\(?=[{ESCAPABLE}\\]|$)" + (
    r"|\{|\[(?=[~^#]|[^\]]{0,200}\||[A-Za-z][A-Za-z0-9+.-]*:|/|www\.)"
    r"|&(?=#[0-9]|[A-Za-z][A-Za-z0-9]*;)|(?<!\S)-(?=--?(?!\S))|:(?=-?[DPp](?![A-Za-z0-9]))"
    r"|(?:(?<=:)|(?<=:-))[()](?![A-Za-z0-9])|(?:(?<=;)|(?<=;-))\)(?![A-Za-z0-9])"
    r"|!(?=[^\s!][^!]*!)|\?(?=\?)|(?<=\?)\?"
)
_CERTAIN = re.compile(_ALWAYS + r"|\((?=(?:[/xiy!n?+*-]|\*[rgby]?|on|off|flag|flagoff)\))")
_POSSIBLE = re.compile(_ALWAYS + r"|[\[\]!|]|(?<![^\W_])[*_\-+^~](?=\S)|(?<=\S)[*_\-+^~](?![^\W_])")
_PUNCTUATION = re.compile(rf"{_ALWAYS}|[{ESCAPABLE}]")
_CAN_ESCAPE = re.compile(f"[{ESCAPABLE}]")
_BREAK_BEFORE_ESCAPE = re.compile(r"\\\\(?=\\)")
"""Behind two backslashes a third one escapes nothing; a blank there does not count."""
_OPENING = re.compile(r"(?<![^\W_])([*_\-+^~])(?=\S)(?!\1)")
_CLOSING = re.compile(r"(?<=\S)([*_\-+^~])(?![^\W_])")
_IN_NAMES = str.maketrans("[]|", "()/")
_LINE_START = re.compile(r"\A\s*(?:(?P<word>h[1-6]|bq)(?P<dot>\.)|(?P<sign>[*#-]+(?=\s)|-{4,5}(?=\s*$)|\|))")


class WikiWriter:
    """Renders blocks at one level of caution for one project."""

    def __init__(self, site: JiraSite, live: AbstractSet[str], level: int) -> None:
        self._site = site
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
                return f"h{block.level}. {self._inline(block.runs)}"
            case CodeBlock():
                return _code_block(block)
            case Quote():
                return f"{{quote}}\n{self.blocks(block.blocks)}\n{{quote}}"
            case ListBlock():
                return "\n".join(self._items(block, ""))
            case Table():
                return "\n".join(self._row(row) for row in block.rows)
            case Panel():
                return f"{{panel:bgColor={PANEL_COLOURS[block.kind]}}}\n{self.blocks(block.blocks)}\n{{panel}}"
            case Expand():
                return f"{{panel:title={EXPAND_SIGN}{_silent(block.title)}}}\n{self.blocks(block.blocks)}\n{{panel}}"
            case Rule():
                return "----"
            case Opaque():
                return self.block(placeholder(block))
            case _:
                assert_never(block)

    def _items(self, block: ListBlock, outer: str) -> Iterator[str]:
        marker = outer + ("#" if block.ordered else "*")
        for item in block.items:
            box = "" if item.checked is None else "☑ " if item.checked else "☐ "
            begun = False
            for inner in item.blocks:
                if isinstance(inner, ListBlock):
                    if box and not begun:
                        yield f"{marker} {box.strip()}"
                        begun = True
                    yield from self._items(inner, marker)
                    continue
                source = self.block(inner)
                if box and not begun and not isinstance(inner, Paragraph):
                    source = f"{box.strip()}\n{source}"
                yield source if begun else f"{marker} {box if isinstance(inner, Paragraph) else ''}{source}"
                begun = True

    def _row(self, row: Sequence[Cell]) -> str:
        parts: list[str] = []
        for cell in row:
            bars = "||" if cell.header else "|"
            content = "".join(self._cell(inner) for inner in cell.blocks)
            parts.append(bars + (content or " "))
        return "".join(parts) + ("||" if row[-1].header else "|")

    def _cell(self, block: Block) -> str:
        runs = block.runs if isinstance(block, Paragraph) else ()
        return _BREAK_BEFORE_ESCAPE.sub(r"\\\\ ", self._inline(runs, r"\\", in_cell=True))

    # --- inline -----------------------------------------------------------------------------------------------------

    def _lines(self, runs: Sequence[Run]) -> str:
        lines = self._inline(runs).split("\n")
        return "\n".join(_LINE_START.sub(_escaped_start, line, count=1) for line in lines)

    def _inline(self, runs: Sequence[Run], line_break: str = "\n", *, in_cell: bool = False) -> str:
        parts: list[str | Edge] = []
        self._spans(nested(runs), parts, line_break, bars=in_cell)
        return joined(parts, _BRACES_ALONE if self._level >= 2 else _DELIMITERS)

    def _spans(self, spans: Sequence[Span | Run], parts: list[str | Edge], line_break: str, *, bars: bool) -> None:
        for number, span in enumerate(spans):
            if isinstance(span, Run):
                parts.append(line_break if span.kind is RunKind.BREAK else self._run(span, bars=bars))
            elif span.mark is not None:
                pair = len(parts)
                parts.append(Edge(span.mark, opening=True, pair=pair))
                self._spans(span.children, parts, line_break, bars=bars)
                parts.append(Edge(span.mark, opening=False, pair=pair))
            else:
                following = spans[number + 1] if number + 1 < len(spans) else None
                self._link(span, parts, line_break, self._before(following, bars=bars))

    def _before(self, following: Span | Run | None, *, bars: bool) -> str:
        """How the source goes on that `following` becomes, as far as an address before it may be concerned."""
        if following is None or (isinstance(following, Run) and following.kind is RunKind.BREAK):
            return ""
        text = isinstance(following, Run) and following.kind is RunKind.TEXT
        return self._text(following.text, bars=bars) if isinstance(following, Run) and text else "*"

    def _link(self, span: Span, parts: list[str | Edge], line_break: str, after: str) -> None:
        only = span.children[0] if len(span.children) == 1 else None
        if isinstance(only, Run) and only.kind is RunKind.TEXT and only.text == span.link and "://" in span.link:
            bare = self._level == 0 and stands_bare(span.link, after)
            parts.append(span.link if bare else f"[{span.link}]")
            return
        parts.append("[")
        self._spans(span.children, parts, line_break, bars=True)
        parts.append(f"|{span.link}]")

    def _run(self, run: Run, *, bars: bool) -> str:  # noqa: PLR0911  # one case a kind
        match run.kind:
            case RunKind.TEXT:
                return self._text(run.text, bars=bars)
            case RunKind.CODE:
                escaped = re.sub(r"[{}|]|\[(?=~)", r"\\\g<0>", run.text)
                return "{{" + escaped + (" }}" if escaped.endswith("\\") else "}}")
            case RunKind.MENTION:
                identity = self._site.identity(run.target) if run.target in self._live else ""
                name = run.text.translate(_IN_NAMES)  # within a name not every parser honours an escape
                return f"[~{identity}]" if identity else f"[@{self._text(name, bars=True)}|{run.target}]"
            case RunKind.REFERENCE:
                key = self._site.own_key(run.target)
                if key and self._level == 0 and self._site.is_own_project(key):
                    return key
                return f"[{self._text(key or run.text, bars=True)}|{run.target}]"
            case RunKind.IMAGE:
                name = _attachment(run.target)
                if not run.text and "://" not in name and not _SHOWN.search(name):
                    return f"[^{name}]"  # Jira shows nothing else between exclamation marks
                return f"!{name}|alt={_silent(run.text)}!" if run.text else f"!{name}!"
            case RunKind.BREAK:
                return "\n"
            case _:
                assert_never(run.kind)

    def _text(self, text: str, *, bars: bool) -> str:
        pattern = (_CERTAIN, _POSSIBLE, _PUNCTUATION)[self._level]
        if self._level == 0 and _has_pair(text):
            pattern = _POSSIBLE
        escaped = pattern.sub(_escaped, _silent(text))
        return re.sub(r"(?<!\\)([|\[\]])", r"\\\1", escaped) if bars else escaped


def _attachment(target: str) -> str:
    """The target of an image as Jira looks it up: a file's name as it is, an address as addresses are spelled."""
    name = unquote(target)
    return name if "://" not in target and is_picture(name) else target


def _silent(text: str) -> str:
    """Text in which no `[~name]` stands: not every finder of mentions in Jira and its plugins honours an escape."""
    return text.replace("[~", f"[{JOINER}~")


def _has_pair(text: str) -> bool:
    """Whether some delimiter of the text could open and another of the same kind could close."""
    first: dict[str, int] = {}
    for found in _OPENING.finditer(text):
        first.setdefault(found[1], found.start())
    return (
        any(found.start() > first.get(found[1], len(text)) + 1 for found in _CLOSING.finditer(text)) if first else False
    )


def _escaped(found: re.Match[str]) -> str:
    """One sign as text; where Jira knows no escape, as an entity or with a word joiner behind it."""
    entity = {"\\": "&#92;", "&": "&amp;"}.get(found[0])
    return entity or (f"\\{found[0]}" if _CAN_ESCAPE.match(found[0]) else found[0] + JOINER)


def _escaped_start(found: re.Match[str]) -> str:
    space = found[0][: len(found[0]) - len(found[0].lstrip())]
    return f"{space}{found['word']}{JOINER}." if found["word"] else f"{space}\\{found['sign']}"


def _code_block(block: CodeBlock) -> str:
    if block.language:
        return f"{{code:{block.language}}}\n{block.text}\n{{code}}"
    name = "noformat" if "{noformat}" not in block.text.lower() else "code"
    return f"{{{name}}}\n{block.text}\n{{{name}}}"


def _delimiter(edge: Edge, plain: bool) -> str:  # a private choice of two spellings
    sign = _SIGNS[edge.mark]
    return sign if plain else f"{{{sign}}}"


def _able(edge: Edge, before: str, after: str) -> bool:
    inner, outer = (after, before) if edge.opening else (before, after)
    sign = _SIGNS[edge.mark][0]
    if sign == "~" and (outer if edge.opening else inner) == "[":
        return False  # `[~` begins a mention
    return not inner.isspace() and sign not in (inner, outer) and not outer.isalnum()


def _sign(mark: Mark) -> str:
    return _SIGNS[mark][0]


_DELIMITERS = Delimiters(_able, _delimiter, _sign, " ")
_BRACES_ALONE = Delimiters(lambda *_: False, _delimiter, _sign, " ")


_UNWANTED_IN_OPTIONS = re.compile(r"[|!,\"=\\\[\]{}]+")
_UNWANTED_IN_TITLE = re.compile(r"[|{}\\]+")


class WikiMarkup:
    """The markup of a Data Center project. `limit` counts UTF-16 units, as Jira does."""

    def __init__(self, site_url: str, project: str, limit: int = 32_767) -> None:
        self._site = JiraSite(site_url.rstrip("/"), project, cloud=False)
        self._reader = WikiReader(self._site)
        self._limit = limit
        self._grammar = _grammar(self._site)

    def read(self, source: str) -> Document:
        """The canonical document of wiki markup."""
        return normalise(Document(tuple(block for piece in self._reader.pieces(source) for block in piece.blocks)))

    def fitted(self, document: Document) -> Document:
        """What this markup can hold of `document`: exactly what reading its written form returns."""
        return fit(document, self._grammar)

    def write(self, document: Document, *, live: AbstractSet[str] = NOBODY, continued_at: str = "") -> Written:
        """Wiki markup that reads back as `document`, as far as wiki markup can hold it."""
        dialect = self._dialect(live)
        blocks = fit(document, self._grammar).blocks
        return written_within(blocks, dialect, continued_at)

    def patch(
        self, source: str, document: Document, *, live: AbstractSet[str] = NOBODY, continued_at: str = ""
    ) -> Written:
        """`source` with only those blocks replaced that differ from `document`."""
        dialect = self._dialect(live | self._reader.mentioned(source))
        write = partial(self.write, live=live, continued_at=continued_at)
        return patched_within(source, self._segments(source), document, self._grammar, dialect, write)

    def _dialect(self, live: AbstractSet[str]) -> MarkupCodec:
        writers = [WikiWriter(self._site, live, level) for level in range(3)]

        def render(block: Block, level: int) -> str:
            return writers[level].block(block)

        mentioned = self._reader.mentioned
        return MarkupCodec(self.read, render, "\n\n", mentioned, live, self._limit, _utf16_units)

    def _segments(self, source: str) -> list[Segment]:
        """The source cut into blocks and what stands between them; joined again they are `source`."""
        segments: list[Segment] = []
        done = 0
        for piece in self._reader.pieces(source):
            if piece.start > done:
                segments.append(Segment(source[done : piece.start]))
            text = source[piece.start : piece.end]
            body = text.rstrip()
            segments.append(Segment(body, piece.blocks))
            if len(body) < len(text):
                segments.append(Segment(text[len(body) :]))
            done = piece.end
        if done < len(source):
            segments.append(Segment(source[done:]))
        return segments


def _utf16_units(source: str) -> int:
    return len(source.encode("utf-16-le", "surrogatepass")) // 2


def _grammar(site: JiraSite) -> Grammar:
    inside = frozenset({Heading, CodeBlock, ListBlock, Table, Rule})
    return Grammar(
        allowed={
            Container.DOCUMENT: inside | {Quote, Panel, Expand},
            Container.EXPAND: inside | {Quote},
            Container.PANEL: inside | {Quote},
            Container.QUOTE: inside,
            Container.ITEM: frozenset({CodeBlock, ListBlock, Quote, Panel}),
        },
        one_paragraph=frozenset({Container.ITEM, Container.CELL}),
        list_start=False,
        lists_last=True,
        never_within={Quote: frozenset({Quote}), Panel: frozenset({Panel, Expand}), Expand: frozenset({Panel, Expand})},
        exchange=lambda runs: _exchanged(site.lifted(runs)),
        code=_delimitable,
        title=lambda title: " ".join(_UNWANTED_IN_TITLE.sub(" ", title).split()),
    )


def _delimitable(block: CodeBlock) -> CodeBlock:
    """Code that one of the two macros can hold: the other one has no language, and neither can hold both endings."""
    text = block.text.lower()
    if "{code}" not in text:
        return block
    if "{noformat}" in text:
        return CodeBlock(re.sub(r"(?i)\{(noformat)\}", "{\\1\u2060}", block.text))
    return CodeBlock(block.text)


def _exchanged(runs: tuple[Run, ...]) -> tuple[Run, ...]:
    """Runs as wiki markup can hold them: a blank between code and a letter, pictures it can show."""
    result: list[Run] = []
    for run in runs:
        if run.kind is RunKind.IMAGE:
            result.append(_picture(run))
            continue
        before = result[-1] if result else None
        if before is not None and RunKind.CODE in {run.kind, before.kind} and _touches(before, run):
            result.append(Run(" "))
        result.append(run)
    return tuple(result)


def _touches(before: Run, after: Run) -> bool:
    """Whether Jira's parser would not see the code between these two runs, or would run them together."""
    if before.kind is RunKind.BREAK or after.kind is RunKind.BREAK:
        return False
    return (before.text[-1:].isalnum() or before.kind is RunKind.CODE) and (
        after.text[:1].isalnum() or after.kind is RunKind.CODE
    )


def _picture(run: Run) -> Run:
    alternative = " ".join(_UNWANTED_IN_OPTIONS.sub(" ", run.text).split())
    if is_picture(run.target):
        return replace(run, text=alternative)
    return Run(run.text or last_part(run.target), link=run.link or run.target)
