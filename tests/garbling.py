"""Answers of the sandbox in which one item makes no sense, or any part of it was replaced."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from syncer.contract.model import Kind, Ref


class Garbling:
    """Spoils, in every answer, the JSON of the items in `refs` by `spoil`, which is told the kind and the JSON."""

    def __init__(self, spoil: Callable[[Kind, dict[str, Any]], None] | None = None) -> None:
        self.refs: set[Ref] = set()
        self.spoil = spoil or without_its_text

    def __call__(self, _path: str, body: bytes) -> bytes:
        if not self.refs:
            return body
        try:
            answer = json.loads(body)
        except ValueError:
            return body
        for found in list(objects(answer)):
            kind = kind_of(found)
            if kind is not None and Ref(kind, str(found.get("id"))) in self.refs:
                self.spoil(kind, found)
        return json.dumps(answer).encode()


def without_its_text(kind: Kind, shown: dict[str, Any]) -> None:
    """Takes away a part that every item has."""
    if kind is Kind.COMMENT:
        del shown["body"]
    elif kind is Kind.MILESTONE:
        shown.pop("title", None)
        shown.pop("name", None)
    elif "fields" in shown:
        shown["fields"]["labels"] = ["one", None]
        if "summary" in shown["fields"]:
            del shown["fields"]["summary"]
    else:
        shown["labels"] = [{"id": 1, "color": "ffffff"}]


def objects(value: Any) -> Iterator[dict[str, Any]]:
    """Every JSON object in an answer."""
    if isinstance(value, dict):
        yield value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from objects(part)


def kind_of(shown: dict[str, Any]) -> Kind | None:
    """What an object of either tracker is; None for anything that is no item."""
    if "issue_url" in shown or ("body" in shown and "author" in shown):
        return Kind.COMMENT
    if "open_issues" in shown or "releaseDate" in shown or ("released" in shown and "archived" in shown):
        return Kind.MILESTONE
    if isinstance(shown.get("fields"), dict) and "key" in shown and "status" in shown["fields"]:
        return Kind.TASK
    return Kind.TASK if "labels" in shown and "title" in shown and "state" in shown else None
