"""Whether ADF is valid: the rules of Atlassian's published schema for the nodes this package writes.

The schema is `json-schema/v1/full.json` of the npm package `@atlaskit/adf-schema`; what is checked here are its content
models, its attributes and which marks may stand together. Nodes that we only keep, never write, are not judged.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from connectors.jira.adf_reading import Node, content, words

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
