"""What the cursor keeps of boards between two passes: fields, ids of items, and when they were read. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from connectors.github.boards_fields import BoardField
from connectors.github.boards_reading import Board, BoardKey
from connectors.github.mapping import MalformedError, instant
from connectors.github.paging import stamp
from syncer.contract.model import Field


def called(key: BoardKey) -> str:
    """What the cursor calls a board."""
    return f"{key[0]}/{key[1]}"


def kept(board: Board, read_at: datetime | None, ids: Mapping[str, int] | None) -> dict[str, Any]:
    """What the cursor keeps of a board."""
    fields = {name.value: one if isinstance(one, str) else one.kept() for name, one in (board.fields or {}).items()}
    return {
        "user": board.of_user,
        "fields": fields if board.fields is not None else None,
        "places": {name.value: locator for name, locator in board.locators.items()},
        "read": None if read_at is None else stamp(read_at),
        "items": ids,
    }


def restore(board: Board, stored: object) -> None:
    """Gives a board what the cursor kept of it; nothing where that is of other fields, or of another version."""
    found = stored.get(called(board.key)) if isinstance(stored, Mapping) else None
    try:
        if found is None or found["places"] != {name.value: locator for name, locator in board.locators.items()}:
            return
        fields = {Field(name): _known(one) for name, one in found["fields"].items()}
        ids = None if found["items"] is None else {str(issue): int(number) for issue, number in found["items"].items()}
        read_at = None if found["read"] is None else instant(found["read"], "read")
        board.of_user, board.fields, board.ids, board.read_at = bool(found["user"]), fields, ids, read_at
    except (KeyError, TypeError, ValueError, AttributeError, MalformedError):
        return


def _known(one: Any) -> BoardField | str:
    return one if isinstance(one, str) else BoardField.restored(one)
