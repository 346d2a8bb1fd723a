"""The canonical document to Atlassian Document Format nodes, valid against Atlassian's published schema.

`localId` of tasks is derived from what the task says, so that writing the same text twice gives the same source.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, assert_never

from connectors.jira.adf_nodes import compact
from connectors.jira.adf_reading import MARKS
from connectors.jira.file_pages import MEDIA
from connectors.jira.markup_site import JiraSite
from syncer.richtext import (
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
from syncer.richtext.fitting import placeholder

NodeOut = dict[str, Any]

_PANEL_OF = {"info": "info", "note": "note", "tip": "success", "warning": "warning", "caution": "error"}
_MARK_OF = {mark: name for name, mark in MARKS.items()}


def opaque_node(block: Opaque) -> NodeOut | None:
    """The ADF node an opaque block was read from; None when it came from another markup or cannot be sent as JSON."""
    if not block.source.startswith("{"):
        return None
    try:
        node = json.loads(block.source)
        json.dumps(node, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        return None
    return node if isinstance(node, dict) and isinstance(node.get("type"), str) else None


class AdfWriter:
    """Writes ADF of one site."""

    def __init__(self, site: JiraSite, live: AbstractSet[str]) -> None:
        self._site = site
        self._live = live

    def nodes(self, blocks: Iterable[Block]) -> list[NodeOut]:
        """The nodes of blocks."""
        return [node for block in blocks for node in self.block(block)]

    def block(self, block: Block) -> Iterator[NodeOut]:
        """The nodes of one block."""
        match block:
            case Paragraph():
                yield self._picture(block.runs) or {"type": "paragraph", "content": self.inline(block.runs)}
            case Heading():
                yield {"type": "heading", "attrs": {"level": block.level}, "content": self.inline(block.runs)}
            case CodeBlock():
                yield _code(block)
            case Quote():
                yield {"type": "blockquote", "content": self._quoted(block.blocks)}
            case ListBlock():
                yield from self._list(block)
            case Table():
                yield self._table(block)
            case Panel():
                yield {
                    "type": "panel",
                    "attrs": {"panelType": _PANEL_OF[block.kind]},
                    "content": self.nodes(block.blocks),
                }
            case Expand():
                inner = nested(self.nodes(block.blocks)) or [{"type": "paragraph", "content": []}]
                yield {"type": "expand", "attrs": {"title": block.title}, "content": inner}
            case Rule():
                yield {"type": "rule"}
            case Opaque():
                node = opaque_node(block)
                yield from [node] if node else self.block(placeholder(block))
            case _:
                assert_never(block)

    def _quoted(self, blocks: Sequence[Block]) -> list[NodeOut]:
        """Nodes inside a quote, which cannot hold a list of tasks: there a task is an item that begins with its box."""
        return [
            node
            for block in blocks
            for node in (self._list(block, tasks=False) if isinstance(block, ListBlock) else self.block(block))
        ]

    def _list(self, block: ListBlock, *, tasks: bool = True) -> Iterator[NodeOut]:
        if tasks and not block.ordered and all(map(_is_task, block.items)):
            yield self._task_list(block)
            return
        items = [{"type": "listItem", "content": self._item(item)} for item in block.items]
        if block.ordered:
            attrs = {"attrs": {"order": block.start}} if block.start != 1 else {}
            yield {"type": "orderedList", **attrs, "content": items}
        else:
            yield {"type": "bulletList", "content": items}

    def _item(self, item: ListItem) -> list[NodeOut]:
        """Nodes of an ordinary item, which must begin with a paragraph or code; a task begins with its box."""
        nodes = self.nodes(item.blocks)
        box = "" if item.checked is None else "☑ " if item.checked else "☐ "
        if box and nodes and nodes[0]["type"] == "paragraph":
            nodes[0] = {"type": "paragraph", "content": [{"type": "text", "text": box}, *nodes[0]["content"]]}
        elif box:
            nodes.insert(0, {"type": "paragraph", "content": [{"type": "text", "text": box.strip()}]})
        elif not nodes or nodes[0]["type"] not in {"paragraph", "codeBlock", "mediaSingle"}:
            nodes.insert(0, {"type": "paragraph", "content": []})
        return nodes

    def _task_list(self, block: ListBlock) -> NodeOut:
        nodes: list[NodeOut] = []
        for item in block.items:
            first = item.blocks[0]
            inline = self.inline(first.runs) if isinstance(first, Paragraph) else []
            state = "DONE" if item.checked else "TODO"
            nodes.append(
                {"type": "taskItem", "attrs": {"localId": _local_id(nodes, inline), "state": state}, "content": inline}
            )
            nodes.extend(self._task_list(nested) for nested in item.blocks[1:] if isinstance(nested, ListBlock))
        return {"type": "taskList", "attrs": {"localId": _local_id((), nodes)}, "content": nodes}

    def decision(self, runs: Sequence[Run], at: int) -> NodeOut:
        """The node of a decision, the `at`-th of its list."""
        inline = self.inline(runs)
        attrs = {"localId": _local_id([{}] * at, inline), "state": "DECIDED"}
        return {"type": "decisionItem", "attrs": attrs, "content": inline}

    def _table(self, block: Table) -> NodeOut:
        rows = [{"type": "tableRow", "content": [self._cell(cell) for cell in row]} for row in block.rows]
        return {"type": "table", "attrs": {"isNumberColumnEnabled": False, "layout": "default"}, "content": rows}

    def _cell(self, cell: Cell) -> NodeOut:
        inner = nested(self.nodes(cell.blocks)) or [{"type": "paragraph", "content": []}]
        return {"type": "tableHeader" if cell.header else "tableCell", "attrs": {}, "content": inner}

    def _picture(self, runs: Sequence[Run]) -> NodeOut | None:
        """The node of a paragraph that is nothing but one picture, on the web or of the issue."""
        only = runs[0] if len(runs) == 1 else None
        if only is None or not is_picture(only):
            return None
        shown = {"type": "external", "url": only.target}
        if only.target.startswith(MEDIA):
            shown = {"type": "file", "id": only.target.removeprefix(MEDIA), "collection": ""}
        media: NodeOut = {"type": "media", "attrs": shown}
        if only.text:
            media["attrs"]["alt"] = only.text
        if only.link:
            media["marks"] = [{"type": "link", "attrs": {"href": only.link}}]
        return {"type": "mediaSingle", "attrs": {"layout": "center"}, "content": [media]}

    # --- inline -----------------------------------------------------------------------------------------------------

    def inline(self, runs: Sequence[Run]) -> list[NodeOut]:
        """The inline nodes of runs."""
        return [self._run(run) for run in runs]

    def _run(self, run: Run) -> NodeOut:  # noqa: PLR0911  # one case a kind
        match run.kind:
            case RunKind.BREAK:
                return {"type": "hardBreak"}
            case RunKind.TEXT:
                return _text(run.text, run.marks, run.link)
            case RunKind.CODE:
                return _text(run.text, frozenset(), run.link, code=True)
            case RunKind.MENTION:
                identity = self._site.identity(run.target) if run.target in self._live else ""
                if identity:
                    return {"type": "mention", "attrs": {"id": identity, "text": "@" + run.text}}
                return _text("@" + run.text, frozenset(), run.target)
            case RunKind.REFERENCE:
                key = self._site.own_key(run.target)
                if key and not run.marks:
                    return {"type": "inlineCard", "attrs": {"url": run.target}}
                return _text(run.text, run.marks, run.target)
            case RunKind.IMAGE if run.target.startswith(MEDIA):
                return _file_in_line(run)
            case RunKind.IMAGE:
                return _text(run.text or run.target, frozenset(), run.link or run.target)
            case _:
                assert_never(run.kind)


def nested(nodes: Sequence[Mapping[str, Any]]) -> list[NodeOut]:
    """The nodes as they stand in a section or cell, where a section has another name."""
    return [{**node, "type": "nestedExpand"} if node.get("type") == "expand" else dict(node) for node in nodes]


def _file_in_line(run: Run) -> NodeOut:
    """The node of a file of the issue that stands among words."""
    attrs = {"type": "file", "id": run.target.removeprefix(MEDIA), "collection": ""}
    node: NodeOut = {"type": "mediaInline", "attrs": {**attrs, "alt": run.text} if run.text else attrs}
    return {**node, "marks": [{"type": "link", "attrs": {"href": run.link}}]} if run.link else node


def _is_task(item: ListItem) -> bool:
    """Whether an item can be a task of ADF: one paragraph, then nothing but lists of such tasks."""
    if item.checked is None or not isinstance(item.blocks[0], Paragraph):
        return False
    rest = item.blocks[1:]
    return all(isinstance(b, ListBlock) and not b.ordered and all(map(_is_task, b.items)) for b in rest)


def is_picture(run: Run) -> bool:
    """Whether a run is a picture that a node of its own can show: on the web, or a file of the issue."""
    return run.kind is RunKind.IMAGE and run.target.startswith(("http://", "https://", MEDIA))


def _code(block: CodeBlock) -> NodeOut:
    attrs = {"attrs": {"language": block.language}} if block.language else {}
    return {"type": "codeBlock", **attrs, "content": [{"type": "text", "text": block.text}] if block.text else []}


def _text(text: str, marks: frozenset[Mark], link: str, *, code: bool = False) -> NodeOut:
    listed: list[NodeOut] = []
    if code:
        listed.append({"type": "code"})
    for mark in sorted(marks):
        if mark in _MARK_OF:
            listed.append({"type": _MARK_OF[mark]})
        else:
            listed.append({"type": "subsup", "attrs": {"type": "sub" if mark is Mark.SUBSCRIPT else "sup"}})
    if link:
        listed.append({"type": "link", "attrs": {"href": link}})
    return {"type": "text", "text": text, **({"marks": listed} if listed else {})}


def _local_id(before: Sequence[NodeOut], nodes: Sequence[NodeOut]) -> str:
    """An id that depends on nothing but the content and its position, in the form of a UUID."""
    hexadecimal = hashlib.sha256(f"{len(before)}:{compact(nodes)}".encode()).hexdigest()
    return "-".join((hexadecimal[:8], hexadecimal[8:12], hexadecimal[12:16], hexadecimal[16:20], hexadecimal[20:32]))
