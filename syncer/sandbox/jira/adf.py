"""Checks Atlassian Document Format for structure, reads its plain text, and wraps plain text into it.

The check is compact: node names, what may stand inside what, required attributes and marks. It follows the public ADF
structure pages; nested details that Jira accepts without complaint (unknown attributes, extra `localId`) are let
through.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

_INLINE = frozenset(
    {
        "text",
        "hardBreak",
        "mention",
        "emoji",
        "date",
        "status",
        "inlineCard",
        "mediaInline",
        "placeholder",
        "inlineExtension",
    }
)
_LISTS = frozenset({"bulletList", "orderedList"})
_BLOCKS = (
    frozenset(
        [
            "paragraph",
            "heading",
            "codeBlock",
            "blockquote",
            "rule",
            "mediaSingle",
            "mediaGroup",
            "panel",
            "table",
            "expand",
            "taskList",
            "decisionList",
            "blockCard",
            "embedCard",
            "extension",
            "bodiedExtension",
            "layoutSection",
            "multiBodiedExtension",
        ]
    )
    | _LISTS
)
_CELL = (_BLOCKS - {"expand", "layoutSection", "bodiedExtension", "table"}) | {"nestedExpand"}
_ITEM = frozenset({"paragraph", "codeBlock", "mediaSingle", "taskList", "extension"}) | _LISTS
_CHILDREN: dict[str, frozenset[str]] = {
    "doc": _BLOCKS,
    "paragraph": _INLINE,
    "heading": _INLINE,
    "codeBlock": frozenset({"text"}),
    "blockquote": frozenset({"paragraph", "codeBlock", "mediaSingle", "mediaGroup", "extension"}) | _LISTS,
    "bulletList": frozenset({"listItem"}),
    "orderedList": frozenset({"listItem"}),
    "listItem": _ITEM,
    "panel": frozenset(
        {
            "paragraph",
            "heading",
            "codeBlock",
            "rule",
            "mediaSingle",
            "mediaGroup",
            "blockCard",
            "taskList",
            "decisionList",
            "extension",
        }
    )
    | _LISTS,
    "table": frozenset({"tableRow"}),
    "tableRow": frozenset({"tableCell", "tableHeader"}),
    "tableCell": _CELL,
    "tableHeader": _CELL,
    "expand": _BLOCKS - {"expand", "layoutSection"} | {"nestedExpand"},
    "nestedExpand": _BLOCKS - {"expand", "layoutSection", "table"},
    "taskList": frozenset({"taskItem", "taskList", "blockTaskItem"}),
    "taskItem": _INLINE,
    "blockTaskItem": frozenset({"paragraph", "extension"}),
    "decisionList": frozenset({"decisionItem"}),
    "decisionItem": _INLINE,
    "mediaSingle": frozenset({"media", "caption"}),
    "mediaGroup": frozenset({"media"}),
    "caption": _INLINE,
    "layoutSection": frozenset({"layoutColumn"}),
    "layoutColumn": _BLOCKS - {"layoutSection"},
    "bodiedExtension": _BLOCKS,
    "multiBodiedExtension": frozenset({"extensionFrame"}),
    "extensionFrame": _BLOCKS,
}
_LEAVES = frozenset(
    {
        "text",
        "hardBreak",
        "mention",
        "emoji",
        "date",
        "status",
        "inlineCard",
        "blockCard",
        "embedCard",
        "rule",
        "media",
        "mediaInline",
        "placeholder",
        "extension",
        "inlineExtension",
    }
)
_NEVER_EMPTY = frozenset(
    {
        "bulletList",
        "orderedList",
        "listItem",
        "table",
        "tableRow",
        "taskList",
        "decisionList",
        "mediaSingle",
        "mediaGroup",
        "panel",
        "blockquote",
        "layoutSection",
        "expand",
    }
)
_REQUIRED: dict[str, dict[str, type | tuple[type, ...]]] = {
    "heading": {"level": int},
    "mention": {"id": str},
    "emoji": {"shortName": str},
    "date": {"timestamp": (str, int)},
    "status": {"text": str, "color": str},
    "panel": {"panelType": str},
    "taskItem": {"localId": str, "state": str},
    "taskList": {"localId": str},
    "decisionItem": {"localId": str, "state": str},
    "decisionList": {"localId": str},
    "media": {"type": str},
}
_MARKS = frozenset(
    [
        "strong",
        "em",
        "code",
        "underline",
        "strike",
        "link",
        "subsup",
        "textColor",
        "backgroundColor",
        "annotation",
        "border",
        "alignment",
        "indentation",
        "breakout",
        "dataConsumer",
        "fragment",
        "confluenceInlineComment",
        "typeAheadQuery",
        "unsupportedMark",
        "unsupportedNodeAttribute",
        "fontSize",
    ]
)
_BLOCK_END = frozenset({"paragraph", "heading", "codeBlock", "tableRow", "taskItem", "decisionItem", "rule", "caption"})


def is_valid(document: Any) -> bool:
    """Tells whether Jira would store `document`: a doc of version 1 whose nodes stand where they may."""
    if not isinstance(document, dict) or document.get("type") != "doc" or document.get("version") != 1:
        return False
    return isinstance(document.get("content"), list) and _children_valid("doc", document["content"])


def _children_valid(parent: str, content: Any) -> bool:
    allowed = _CHILDREN[parent]
    return isinstance(content, list) and all(
        isinstance(child, dict)
        and isinstance(child.get("type"), str)
        and child["type"] in allowed
        and _node_valid(child, parent)
        for child in content
    )


def _node_valid(node: dict[str, Any], parent: str) -> bool:
    kind = node["type"]
    attributes = node.get("attrs", {})
    if not isinstance(attributes, dict) or not _attributes_valid(kind, attributes):
        return False
    if not _marks_valid(node.get("marks", []), parent):
        return False
    if kind == "text":
        return isinstance(node.get("text"), str) and node["text"] != "" and "content" not in node
    if kind in _LEAVES:
        return "content" not in node or node["content"] == []
    content = node.get("content", [])
    if not content and kind in _NEVER_EMPTY:
        return False
    return _children_valid(kind, content)


def _attributes_valid(kind: str, attributes: dict[str, Any]) -> bool:
    for name, expected in _REQUIRED.get(kind, {}).items():
        value = attributes.get(name)
        if not isinstance(value, expected) or isinstance(value, bool):
            return False
    if kind == "heading":
        return attributes["level"] in range(1, 7)
    if kind == "panel":
        return attributes["panelType"] in {"info", "note", "tip", "warning", "error", "success", "custom"}
    if kind in {"inlineCard", "blockCard"}:
        return isinstance(attributes.get("url"), str) or "data" in attributes
    return True


def _marks_valid(marks: Any, parent: str) -> bool:
    if not isinstance(marks, list):
        return False
    if parent == "codeBlock" and marks:
        return False
    kinds = set()
    for mark in marks:
        if not isinstance(mark, dict) or not isinstance(mark.get("type"), str) or mark["type"] not in _MARKS:
            return False
        if mark["type"] == "link" and not _has_target(mark):
            return False
        kinds.add(mark["type"])
    # Inline code combines with links and annotations only; Jira refuses bold code.
    return "code" not in kinds or kinds <= {"code", "link", "annotation"}


def _has_target(link: dict[str, Any]) -> bool:
    attributes = link.get("attrs")
    return isinstance(attributes, dict) and isinstance(attributes.get("href"), str)


def plain_text(document: Any) -> str:
    """Returns the words of a document, one line a block; a string is returned as it is and nothing is empty."""
    if document is None:
        return ""
    if isinstance(document, str):
        return document
    return "".join(_pieces(document)).strip("\n")


def media_of(node: dict[str, Any]) -> set[str]:
    """Returns the ids of the files in the media service that a node shows."""
    attributes = node.get("attrs") or {}
    found = {str(attributes.get("id"))} if node.get("type") == "media" and attributes.get("type") == "file" else set()
    return found.union(*(media_of(child) for child in node.get("content") or ()))


def _pieces(node: dict[str, Any]) -> Iterator[str]:
    kind = node.get("type")
    attributes = node.get("attrs") or {}
    if kind == "text":
        yield node.get("text", "")
    elif kind == "hardBreak":
        yield "\n"
    elif kind in {"mention", "emoji", "status"}:
        yield str(attributes.get("text") or attributes.get("shortName") or "")
    elif kind in {"inlineCard", "blockCard"}:
        yield str(attributes.get("url", ""))
    elif kind == "rule":
        yield "----"
    for child in node.get("content") or ():
        yield from _pieces(child)
    if kind in _BLOCK_END:
        yield "\n"


def from_text(text: str) -> dict[str, Any]:
    """Returns a document of paragraphs: blank lines part them, single line ends become hard breaks."""
    paragraphs: list[dict[str, Any]] = []
    for block in text.replace("\r\n", "\n").replace("\r", "\n").split("\n\n"):
        content: list[dict[str, Any]] = []
        for number, line in enumerate(block.split("\n")):
            if number:
                content.append({"type": "hardBreak"})
            if line:
                content.append({"type": "text", "text": line})
        if any(part["type"] == "text" for part in content):
            paragraphs.append({"type": "paragraph", "content": content})
    return {"type": "doc", "version": 1, "content": paragraphs}
