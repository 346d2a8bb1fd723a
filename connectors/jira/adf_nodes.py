"""Nodes of Atlassian Document Format: JSON of which nothing is taken for granted."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

Node = Mapping[str, Any]


def parsed(source: str) -> Node | None:
    """The `doc` node of a source; None when it is not one."""
    try:
        node = json.loads(source)
    except (ValueError, RecursionError):
        return None
    return node if isinstance(node, dict) and node.get("type") == "doc" else None


def content(node: Node) -> list[Node]:
    """The child nodes of a node; anything that is no node is skipped."""
    children = node.get("content")
    return [child for child in children if isinstance(child, dict)] if isinstance(children, list) else []


def attribute(node: Node, name: str) -> Any:  # a JSON value
    """An attribute of a node, None when absent."""
    attrs = node.get("attrs")
    return attrs.get(name) if isinstance(attrs, dict) else None


def words(value: object) -> str:
    """A JSON value as text; empty for None."""
    return value if isinstance(value, str) else "" if value is None else str(value)


def compact(value: object) -> str:
    """JSON text without blanks, the form in which ADF travels between the engine and the connector."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def flat_words(node: Node) -> str:
    """All text inside a node, without recursion."""
    found: list[str] = []
    waiting: list[Node] = [node]
    while waiting:
        current = waiting.pop()
        if current.get("type") == "text":
            found.append(words(current.get("text")))
        waiting.extend(reversed(content(current)))
    return " ".join(found)
