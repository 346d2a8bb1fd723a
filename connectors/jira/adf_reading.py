"""Atlassian Document Format to the canonical document.

Node and mark names: https://developer.atlassian.com/cloud/jira/platform/apis/document/structure/. What only arranges
blocks (layouts, macros with a body) is read as those blocks, decisions as a list; the patch keeps the arrangement.
Nodes that have no equal in the canonical document (other extensions) become `Opaque` with their source.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from connectors.jira.adf_nodes import Node, attribute, compact, content, flat_words, words
from connectors.jira.adf_tables import GridCell, grid
from connectors.jira.file_pages import MEDIA
from connectors.jira.markup_site import JiraSite
from syncer.richtext import (
    DRAWN_RULE,
    LINE_BREAK,
    Block,
    Cell,
    CodeBlock,
    Expand,
    Heading,
    ListBlock,
    ListItem,
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
from syncer.richtext.emoji import with_emoji

PANELS = {"info": "info", "note": "note", "tip": "tip", "success": "tip", "warning": "warning", "error": "caution"}
MARKS = {"strong": Mark.STRONG, "em": Mark.EMPHASIS, "strike": Mark.STRIKE, "underline": Mark.UNDERLINE}
MAX_DEPTH = 60
ARRANGING = frozenset({"layoutSection", "layoutColumn", "bodiedExtension", "multiBodiedExtension", "extensionFrame"})
"""Nodes that show nothing but what is in them."""
_READ = ARRANGING | frozenset(
    {"paragraph", "heading", "codeBlock", "blockquote", "bulletList", "orderedList", "decisionList", "taskList"}
    | {"table", "panel", "expand", "nestedExpand", "rule", "mediaSingle", "mediaGroup", "blockCard", "embedCard"}
    | {"caption", "extension"}
)
"""Block nodes that are known. Of any other one what is in it is shown, as of what arranges."""
_INLINE = frozenset(
    {"text", "hardBreak", "mention", "emoji", "date", "status", "inlineCard", "mediaInline", "placeholder"}
)
_LABELS = {"layoutSection": "layout", "decisionList": "decisions", "bodiedExtension": "macro", "extension": "macro"}
_ICONS = {
    ":check_mark:": "✅",
    ":cross_mark:": "❌",
    ":warning:": "⚠️",
    ":info:": "ℹ️",
    ":plus:": "➕",
    ":minus:": "➖",
    ":question:": "❓",
    ":light_bulb_on:": "💡",
    **dict.fromkeys((":yellow_star:", ":red_star:", ":green_star:", ":blue_star:"), "⭐"),
}
"""Jira's own icons, which a document names without a character."""
_EPOCH_MILLISECONDS = re.compile(r"-?\d{1,15}")


def arranges(node: Node) -> bool:
    """Whether a node shows nothing but the blocks that are in it."""
    kind, inner = node.get("type"), content(node)
    if kind in ARRANGING:
        return bool(inner)
    return kind not in _READ and kind not in _INLINE and bool(inner) and not any(map(is_inline, inner))


def is_inline(node: Node) -> bool:
    """Whether a node stands in a line."""
    return node.get("type") in _INLINE


class AdfReader:
    """Reads ADF of one site."""

    def __init__(self, site: JiraSite) -> None:
        self._site = site

    def mentioned(self, nodes: Sequence[Node]) -> frozenset[str]:
        """The people whom the nodes already mention: writing their names there again notifies nobody anew."""
        found: set[str] = set()
        waiting = list(nodes)
        while waiting:
            node = waiting.pop()
            if node.get("type") == "mention":
                found.add(self._site.person(words(attribute(node, "id"))))
            waiting.extend(content(node))
        return frozenset(found)

    def blocks(self, nodes: Sequence[Node], depth: int = 0) -> Iterator[Block]:
        """The blocks of sibling nodes; stray inline nodes are gathered into paragraphs."""
        loose: list[Run] = []
        for node in nodes:
            if is_inline(node):
                loose.extend(self.runs((node,)))
                continue
            if loose:
                yield Paragraph(tuple(loose))
                loose = []
            yield from self.block(node, depth)
        if loose:
            yield Paragraph(tuple(loose))

    def block(self, node: Node, depth: int = 0) -> Iterator[Block]:  # noqa: C901, PLR0912  # one case for each node
        """The blocks of one block node."""
        inner = content(node)
        if depth > MAX_DEPTH:
            yield Paragraph((Run(flat_words(node)),))
            return
        match node.get("type"):
            case "paragraph":
                yield Paragraph(tuple(self.runs(inner)))
            case "heading":
                level = attribute(node, "level")
                yield Heading(level if isinstance(level, int) else 1, tuple(self.runs(inner)))
            case "codeBlock":
                text = "".join(words(child.get("text")) for child in inner)
                yield CodeBlock(text, words(attribute(node, "language")))
            case "blockquote":
                yield Quote(tuple(self.blocks(inner, depth + 1)))
            case "bulletList" | "orderedList":
                ordered = node.get("type") == "orderedList"
                start = attribute(node, "order")
                items = tuple(ListItem(tuple(self._item_blocks(item, depth + 1))) for item in inner)
                yield ListBlock(items, ordered, start if isinstance(start, int) and ordered else 1)
            case "decisionList":
                yield ListBlock(tuple(ListItem(tuple(self._item_blocks(item, depth + 1))) for item in inner))
            case kind if arranges(node) or (inner and kind not in _READ):
                yield from self.blocks(inner, depth + 1)
            case "taskList":
                yield ListBlock(tuple(self._tasks(inner, depth)))
            case "table":
                yield Table(tuple(tuple(self._cell(place, depth) for place in row) for row in grid(node)))
            case "panel":
                yield Panel(
                    PANELS.get(words(attribute(node, "panelType")), "info"), tuple(self.blocks(inner, depth + 1))
                )
            case "expand" | "nestedExpand":
                yield Expand(words(attribute(node, "title")), tuple(self.blocks(inner, depth + 1)))
            case "rule":
                yield Rule()
            case "mediaSingle" | "mediaGroup":
                yield from self._media(node, inner)
            case "blockCard" | "embedCard" if words(attribute(node, "url")):
                yield Paragraph((self._card(node),))
            case "caption":
                yield Paragraph(tuple(self.runs(inner)))
            case _:
                yield opaque(node)

    def _tasks(self, nodes: Sequence[Node], depth: int) -> Iterator[ListItem]:
        """Items of a task list; a nested task list belongs to the item before it."""
        pending: ListItem | None = None
        for node in nodes:
            if node.get("type") == "taskList":
                nested = ListBlock(tuple(self._tasks(content(node), depth + 1))) if depth < MAX_DEPTH else None
                if nested and pending:
                    pending = replace(pending, blocks=(*pending.blocks, nested))
                elif nested:
                    yield from nested.items
                continue
            if pending:
                yield pending
            # A box holds a line: a rule, not valid in one, is what our writer draws for it.
            blocks = (
                Paragraph((Run(DRAWN_RULE),)) if isinstance(one, Rule) else one
                for one in self._item_blocks(node, depth + 1)
            )
            pending = ListItem(tuple(blocks), attribute(node, "state") == "DONE")
        if pending:
            yield pending

    def _item_blocks(self, item: Node, depth: int) -> Iterator[Block]:
        """The blocks of an item; a quote, not valid in one but left by old editors, counts as what it holds."""
        for block in self.blocks(content(item), depth):
            yield from block.blocks if isinstance(block, Quote) else (block,)

    def _cell(self, place: GridCell, depth: int) -> Cell:
        blocks = tuple(self.blocks(content(place.cell), depth + 1)) if place.begins else ()
        return Cell(blocks, header=place.cell.get("type") == "tableHeader")

    def _media(self, node: Node, inner: Sequence[Node]) -> Iterator[Block]:
        runs: list[Run] = []
        for media in inner:
            if media.get("type") == "caption":
                runs.extend((LINE_BREAK, *self.runs(content(media))))
                continue
            shown = _shown_file(media)
            if shown is None:
                yield opaque(node)
                return
            runs.extend((LINE_BREAK, shown) if runs and node.get("type") == "mediaGroup" else (shown,))
        yield Paragraph(tuple(runs))

    # --- inline -----------------------------------------------------------------------------------------------------

    def runs(self, nodes: Sequence[Node]) -> Iterator[Run]:
        """The runs of inline nodes, not normalised. Code that colours or comments divide is one piece of code."""
        pending: Run | None = None
        for run in self._runs(nodes):
            if pending and run.kind is RunKind.CODE and run.link == pending.link:
                pending = replace(pending, text=pending.text + run.text)
                continue
            if pending:
                yield pending
            pending = run if run.kind is RunKind.CODE else None
            if pending is None:
                yield run
        if pending:
            yield pending

    def _runs(self, nodes: Sequence[Node]) -> Iterator[Run]:
        for node in nodes:
            match node.get("type"):
                case "text":
                    yield from self._text(node)
                case "hardBreak":
                    yield LINE_BREAK
                case "mention":
                    identity = words(attribute(node, "id"))
                    name = words(attribute(node, "text"))
                    yield Run(name, RunKind.MENTION, target=self._site.person(identity) if identity else "")
                case "emoji":
                    named = words(attribute(node, "shortName"))
                    yield Run(_ICONS.get(named) or with_emoji(words(attribute(node, "text")) or named))
                case "date":
                    yield Run(_date(words(attribute(node, "timestamp"))))
                case "status":  # is no part of the code beside it
                    yield from (Run(""), Run(words(attribute(node, "text")), RunKind.CODE), Run(""))
                case "inlineCard" if words(attribute(node, "url")):
                    yield self._card(node)
                case "mediaInline" if (shown := _shown_file(node)) is not None:
                    yield shown
                case "placeholder":
                    yield Run(words(attribute(node, "text")))
                case _:
                    inner = flat_words(node)
                    yield Run(inner or f"[{_label(node)}]", marks=frozenset() if inner else frozenset({Mark.EMPHASIS}))

    def _card(self, node: Node) -> Run:
        address = words(attribute(node, "url"))
        return Run(address, link=address)

    def _text(self, node: Node) -> Iterator[Run]:
        text = words(node.get("text"))
        marks: set[Mark] = set()
        link = ""
        code = False
        for mark in _marks(node):
            kind = words(mark.get("type"))
            if kind in MARKS:
                marks.add(MARKS[kind])
            elif kind == "link":
                link = words(attribute(mark, "href"))
            elif kind == "code":
                code = True
            elif kind == "subsup":
                marks.add(Mark.SUBSCRIPT if attribute(mark, "type") == "sub" else Mark.SUPERSCRIPT)
        if code:
            yield Run(text, RunKind.CODE, link=link)  # the code mark stands with a link only
        elif link:
            yield Run(text, marks=frozenset(marks), link=link)
        else:
            yield from self._site.with_keys(Run(text, marks=frozenset(marks)))


def _shown_file(media: Node) -> Run | None:
    """The image that shows a picture on the web or a file of the issue; None where it does not say which."""
    name = words(attribute(media, "id"))
    filed = name and attribute(media, "type") != "external"
    target = words(attribute(media, "url")) or (MEDIA + name if filed else "")
    if not target:
        return None
    link = next((words(attribute(mark, "href")) for mark in _marks(media) if mark.get("type") == "link"), "")
    return Run(words(attribute(media, "alt")), RunKind.IMAGE, link=link, target=target)


def _marks(node: Node) -> list[Node]:
    marks = node.get("marks")
    return [mark for mark in marks if isinstance(mark, dict)] if isinstance(marks, list) else []


def _date(timestamp: str) -> str:
    """The ISO date of a date node; its milliseconds are UTC midnight."""
    if not _EPOCH_MILLISECONDS.fullmatch(timestamp):
        return timestamp
    try:
        return datetime.fromtimestamp(int(timestamp) / 1000, UTC).date().isoformat()
    except (OverflowError, ValueError, OSError):
        return timestamp


def opaque(node: Node) -> Opaque:
    """The block for a node that has no equal elsewhere."""
    return Opaque(_label(node), compact(node))


def _label(node: Node) -> str:
    kind = words(node.get("type")) or "unknown"
    name = next((n for n in (attribute(node, "extensionKey"), attribute(node, "title")) if isinstance(n, str)), "")
    return f"Jira: {_LABELS.get(kind, kind)}{' ' + name if name else ''}"
