"""Atlassian Document Format as the engine sees it: read, write, patch; and whether it is valid.

A source is the compact JSON of the `doc` node, "" for an empty text. It is checked by the rules of Atlassian's
published schema (`json-schema/v1/full.json` of the npm package `@atlaskit/adf-schema`) for the nodes this package
writes: content models, attributes, and which marks may stand together. Nodes that are only kept are not judged.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Any

from connectors.jira.adf_nodes import Node, attribute, compact, content, parsed, words
from connectors.jira.adf_patching import AdfPatcher
from connectors.jira.adf_reading import AdfReader
from connectors.jira.adf_writing import AdfWriter, is_picture, opaque_node
from connectors.jira.file_pages import MEDIA
from connectors.jira.markup_site import JiraSite
from syncer.richtext import (
    LINE_BREAK,
    Block,
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
    same,
)
from syncer.richtext.cutting import beginning, cut_note
from syncer.richtext.fitting import Container, Grammar, fit, plain_paragraphs
from syncer.richtext.links import last_part
from syncer.richtext.markup import NOBODY, Written

_INLINE = frozenset(
    {"text", "hardBreak", "mention", "emoji", "date", "status", "inlineCard", "placeholder", "inlineExtension"}
    | {"mediaInline"}
)
_IN_ITEM = frozenset({"paragraph", "bulletList", "orderedList", "taskList", "codeBlock", "mediaSingle", "extension"})
_IN_PANEL = frozenset(
    {"paragraph", "heading", "bulletList", "orderedList", "blockCard", "mediaGroup", "mediaSingle"}
) | {
    "codeBlock",
    "taskList",
    "rule",
    "decisionList",
    "extension",
}
_IN_CELL = _IN_PANEL | {"panel", "blockquote", "nestedExpand", "embedCard"}
_IN_EXPAND = _IN_CELL - {"nestedExpand"} | {"table"}
_CONTENT: dict[str, frozenset[str]] = {
    "doc": _IN_EXPAND | {"expand", "layoutSection", "bodiedExtension"},
    "paragraph": _INLINE,
    "heading": _INLINE,
    "taskItem": _INLINE,
    "codeBlock": frozenset({"text"}),
    "blockquote": frozenset(
        {"paragraph", "bulletList", "orderedList", "codeBlock", "mediaSingle", "mediaGroup", "extension"}
    ),
    "bulletList": frozenset({"listItem"}),
    "orderedList": frozenset({"listItem"}),
    "listItem": _IN_ITEM,
    "taskList": frozenset({"taskItem", "taskList"}),
    "panel": _IN_PANEL,
    "expand": _IN_EXPAND | {"nestedExpand"},
    "nestedExpand": _IN_PANEL - {"blockCard"} | {"panel", "blockquote"},
    "table": frozenset({"tableRow"}),
    "tableRow": frozenset({"tableCell", "tableHeader"}),
    "tableCell": _IN_CELL,
    "tableHeader": _IN_CELL,
    "mediaSingle": frozenset({"media", "caption"}),
    "rule": frozenset(),
    "hardBreak": frozenset(),
}
_NEEDS_CONTENT = frozenset(_CONTENT) - {"doc", "paragraph", "heading", "taskItem", "codeBlock", "rule", "hardBreak"}
_FIRST_IN_ITEM = frozenset({"paragraph", "codeBlock", "mediaSingle", "extension"})
_ATTRIBUTES: dict[str, tuple[tuple[str, type], ...]] = {
    "heading": (("level", int),),
    "panel": (("panelType", str),),
    "taskItem": (("localId", str), ("state", str)),
    "taskList": (("localId", str),),
    "mention": (("id", str),),
    "inlineCard": (("url", str),),
    "media": (("type", str),),
}
_PANEL_TYPES = frozenset({"info", "note", "tip", "warning", "error", "success", "custom"})


def problems(doc: Node) -> Iterator[str]:
    """What the schema would refuse in a document, each with the path to it; nothing when it is valid."""
    if doc.get("version") != 1 or doc.get("type") != "doc":
        yield "doc: must be of type doc and version 1"
    waiting: list[tuple[str, Node]] = [("doc", doc)]
    while waiting:
        path, node = waiting.pop()
        kind = words(node.get("type"))
        yield from (f"{path}: {problem}" for problem in _node_problems(kind, node))
        waiting.extend((f"{path}/{words(child.get('type'))}", child) for child in content(node))


def _node_problems(kind: str, node: Node) -> Iterator[str]:
    inner = [words(child.get("type")) for child in content(node)]
    allowed = _CONTENT.get(kind)
    if allowed is not None:
        yield from (f"{name} cannot stand here" for name in inner if name not in allowed)
    if kind in _NEEDS_CONTENT and not inner:
        yield "must not be empty"
    if kind == "listItem" and inner and inner[0] not in _FIRST_IN_ITEM:
        yield f"must not begin with {inner[0]}"
    if kind == "taskList" and inner and inner[0] != "taskItem":
        yield "must begin with a task"
    attrs: Any = node.get("attrs") or {}
    if not isinstance(attrs, dict):
        yield "attributes must be an object"
        return
    yield from (f"needs {name}" for name, of in _ATTRIBUTES.get(kind, ()) if not isinstance(attrs.get(name), of))
    if kind == "heading" and attrs.get("level") not in range(1, 7):
        yield "level must be 1 to 6"
    if kind == "panel" and attrs.get("panelType") not in _PANEL_TYPES:
        yield "unknown panel"
    if kind == "text":
        yield from _text_problems(node)


def _text_problems(node: Node) -> Iterator[str]:
    if not words(node.get("text")):
        yield "text must not be empty"
    listed: Any = node.get("marks") or []
    if not isinstance(listed, list) or not all(isinstance(mark, dict) for mark in listed):
        yield "marks must be a list of objects"
        return
    marks = [words(mark.get("type")) for mark in listed]
    if len(set(marks)) != len(marks):
        yield "a mark stands twice"
    if "code" in marks and not set(marks) <= {"code", "link", "annotation"}:
        yield "code stands with link and annotation only"


class AdfMarkup:
    """The markup of a Jira Cloud project. `site_url` is the site's page; `limit` is that of `shown_length`."""

    def __init__(self, site_url: str, project: str, limit: int = 32_767) -> None:
        self._site = JiraSite(site_url.rstrip("/"), project, cloud=True)
        self._reader = AdfReader(self._site)
        self._limit = limit
        self._grammar = _grammar(self._site)

    def read(self, source: str) -> Document:
        """The canonical document of ADF source; text that is no ADF is read as plain paragraphs."""
        doc = parsed(source)
        if doc is None:
            return normalise(Document(tuple(Paragraph((Run(line),)) for line in source.split("\n"))))
        return normalise(Document(tuple(self._reader.blocks(content(doc)))))

    def fitted(self, document: Document) -> Document:
        """What this markup can hold of `document`: exactly what reading its written form returns."""
        return fit(document, self._grammar)

    def write(self, document: Document, *, live: AbstractSet[str] = NOBODY, continued_at: str = "") -> Written:
        """ADF that reads back as `document`, as far as ADF can hold it; "" for an empty document."""
        writer = AdfWriter(self._site, live)
        nodes, truncated = self._within_limit(fit(document, self._grammar).blocks, writer, continued_at)
        return Written(_doc(list(self._accepted(nodes, writer))), truncated)

    def patch(
        self, source: str, document: Document, *, live: AbstractSet[str] = NOBODY, continued_at: str = ""
    ) -> Written:
        """`source` with only those nodes replaced that differ from `document`."""
        doc = parsed(source)
        wanted = normalise(document)
        if same(self.read(source), wanted):
            return Written(source)
        if doc is None:
            return self.write(document, live=live, continued_at=continued_at)
        nodes = self._patched(doc, wanted, live)
        if shown_length(nodes) <= self._limit:
            return Written(compact({**doc, "content": nodes}) if nodes else "")
        fresh = self.write(document, live=live, continued_at=continued_at)
        kept = self._patched(doc, self.read(fresh.source), live)
        if shown_length(kept) > self._limit:
            return fresh
        return Written(compact({**doc, "content": kept}), fresh.truncated)

    def _patched(self, doc: Node, wanted: Document, live: AbstractSet[str]) -> list[Node]:
        writer = AdfWriter(self._site, live | self._reader.mentioned(content(doc)))
        edited = AdfPatcher(self._reader, writer, self._grammar).patched(content(doc), wanted)
        return list(self._accepted(edited, writer, content(doc)))

    def _accepted(self, nodes: Sequence[Node], writer: AdfWriter, kept: Sequence[Node] = ()) -> Iterator[Node]:
        """The nodes as Jira accepts them: one that its schema would refuse is written as unformatted words.

        What Jira itself stored in `kept` is valid whatever this package knows of it.
        """
        stored = {id(node) for node in kept}
        for node in nodes:
            refused = () if id(node) in stored else set(problems(_page([node])))
            if not refused or refused.issubset(problems(_page(kept))):
                yield node
                continue
            blocks = normalise(Document(tuple(self._reader.blocks((node,))))).blocks
            yield from writer.nodes(plain for block in blocks for plain in plain_paragraphs(block))

    # --- limit ------------------------------------------------------------------------------------------------------

    def _within_limit(self, blocks: Sequence[Block], writer: AdfWriter, continued_at: str) -> tuple[list[Node], bool]:
        """The nodes of the blocks, cut in or before the first that has no room, and whether they were cut."""
        nodes: list[Node] = []
        note = writer.nodes((cut_note(continued_at),))
        room = self._limit - shown_length(note)
        rest = self._limit
        kept = 0  # how many of the nodes leave room for the note
        for block in blocks:
            made = writer.nodes((block,))
            size = shown_length(made)
            if size > rest:
                spare = room - shown_length(nodes[:kept])
                part = self._beginning(block, spare, writer) if kept == len(nodes) else []
                return [*nodes[:kept], *part, *note], True
            nodes.extend(made)
            rest -= size
            if self._limit - rest <= room:
                kept = len(nodes)
        return nodes, False

    @staticmethod
    def _beginning(block: Block, room: int, writer: AdfWriter) -> list[Node]:
        """As much of one oversized block as fits; nothing when even a small part does not."""
        share = 0.9 * room / max(shown_length(writer.nodes((block,))), 1)
        for _ in range(6):
            nodes = writer.nodes(beginning(block, share))
            if shown_length(nodes) <= room:
                return list(nodes)
            share *= 0.6
        return []


def shown_length(nodes: Sequence[Node]) -> int:
    """The most that the text of nodes can count: UTF-16 units, and a line end before and behind every block.

    Atlassian does not publish how the length of a document is counted, so this errs on the safe side.
    """
    length = 0
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        shown = words(node.get("text")) or words(attribute(node, "text")) or words(attribute(node, "url"))
        length += len(shown.encode("utf-16-le", "surrogatepass")) // 2 + (2 if node.get("type") != "text" else 0)
        waiting.extend(content(node))
    return length


def _doc(nodes: Sequence[Node]) -> str:
    return compact(_page(nodes)) if nodes else ""


def _page(nodes: Sequence[Node]) -> Node:
    return {"version": 1, "type": "doc", "content": nodes}


def _grammar(site: JiraSite) -> Grammar:
    in_quote = frozenset({CodeBlock, ListBlock})
    in_panel = in_quote | {Heading, Rule}
    in_cell = in_panel | {Quote, Panel}
    return Grammar(
        allowed={
            Container.DOCUMENT: in_cell | {Table, Expand, Opaque},
            Container.EXPAND: in_cell | {Table, Expand},
            Container.NESTED: in_cell,
            Container.QUOTE: in_quote,
            Container.ITEM: in_quote,
            Container.PANEL: in_panel,
            Container.CELL: in_cell | {Expand},
        },
        opaque=_writable,
        exchange=lambda runs: _exchanged(site.lifted(runs)),
        divided=_divided,
        in_heading=_pictures_linked,
        tasks_in_line=True,
    )


def _writable(block: Opaque) -> bool:
    """Whether an opaque block is a node that Jira accepts at the top of a document."""
    node = opaque_node(block) if block.shown is None else None
    return node is not None and not any(problems(_page([node])))


def _exchanged(runs: tuple[Run, ...]) -> tuple[Run, ...]:
    """Runs as ADF can mark them; a picture that does not stand alone is a link to it."""
    alone = len(runs) == 1 and is_picture(runs[0])
    return tuple(_markable(run) for run in (runs if alone else _pictures_linked(runs)))


def _pictures_linked(runs: tuple[Run, ...]) -> tuple[Run, ...]:
    """Runs with links in place of pictures; a file of the issue can stand in a line."""
    return tuple(
        Run(run.text or last_part(run.target), link=run.link or run.target)
        if run.kind is RunKind.IMAGE and not run.target.startswith(MEDIA)
        else run
        for run in runs
    )


def _divided(paragraph: Paragraph) -> Sequence[Block]:
    """A paragraph with every picture as a paragraph of its own, which ADF shows; text keeps its line breaks.

    A file of the issue that stands among words stays there.
    """
    if not any(map(is_picture, paragraph.runs)) or len(paragraph.runs) == 1:
        return (paragraph,)
    blocks: list[Block] = []
    pending: list[Run] = []
    for line in _lines(paragraph.runs):
        worded = any(run.kind is not RunKind.IMAGE and run.text.strip() for run in line)
        for run in line:
            if is_picture(run) and not (worded and run.target.startswith(MEDIA)):
                blocks.extend((Paragraph(tuple(pending)), Paragraph((run,))))
                pending = []
            else:
                pending.append(run)
        pending.append(LINE_BREAK)
    return (*blocks, Paragraph(tuple(pending)))


def _lines(runs: Sequence[Run]) -> Iterator[list[Run]]:
    line: list[Run] = []
    for run in runs:
        if run.kind is RunKind.BREAK:
            yield line
            line = []
        else:
            line.append(run)
    yield line


def _markable(run: Run) -> Run:
    if run.kind is RunKind.CODE and run.marks:  # the code mark of ADF stands with a link only
        if Mark.STRIKE in run.marks:  # what was withdrawn must not look valid
            return Run(run.text, marks=run.marks, link=run.link)
        return replace(run, marks=frozenset())
    if {Mark.SUBSCRIPT, Mark.SUPERSCRIPT} <= run.marks:
        return replace(run, marks=run.marks - {Mark.SUPERSCRIPT})
    return run
