"""Routes of boards (Projects v2) of organisations and of users: fields, items by cursor, and the values of an item."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import TypeVar
from urllib.parse import parse_qsl, urlencode

from syncer.sandbox.github import boards, requestfields
from syncer.sandbox.github.access import visible
from syncer.sandbox.github.api.http import Answer, Call
from syncer.sandbox.github.boardmodel import Board, BoardItem
from syncer.sandbox.github.boardrendering import board_json, field_json, item_json, item_with_values
from syncer.sandbox.github.listing import Page
from syncer.sandbox.github.model import Issue
from syncer.sandbox.github.problems import Problem, invalid, not_found
from syncer.sandbox.github.rendering import Json

T = TypeVar("T")


def list_boards(call: Call) -> Answer:
    """Answer a page of the boards of an owner that the caller may see."""
    owner = call.github.accounts.get(call.params["owner"].casefold())
    if owner is None:
        raise not_found()
    found = boards.boards_of(call.github, call.caller, owner)
    return _by_cursor(call, found, lambda board: board.id, lambda board: board_json(call.github, board))


def read_board(call: Call) -> Answer:
    """Answer a board."""
    return Answer(200, board_json(call.github, _board(call)))


def list_fields(call: Call) -> Answer:
    """Answer a page of the fields of a board."""
    board = _board(call)
    return _by_cursor(call, board.fields, lambda each: each.id, lambda each: field_json(call.github, board, each))


def read_field(call: Call) -> Answer:
    """Answer a field of a board."""
    board = _board(call)
    found = next((each for each in board.fields if each.id == call.params["field_id"]), None)
    if found is None:
        raise not_found()
    return Answer(200, field_json(call.github, board, found))


def list_items(call: Call) -> Answer:
    """Answer a page of the items of a board, in its order, with the values that `fields` names."""
    board = _board(call)
    return _by_cursor(call, board.items, lambda item: item.id, lambda item: _with_values(call, board, item))


def read_item(call: Call) -> Answer:
    """Answer an item with the values that `fields` names."""
    board = _board(call)
    return Answer(200, _with_values(call, board, _item(call, board)))


def add_item(call: Call) -> Answer:
    """Put an issue or pull request on a board."""
    board = _board(call, write=True)
    issue = _named(call)
    item = boards.add_item(call.github, board, issue, call.caller.required_account())
    return Answer(201, item_json(call.github, board, item, content=True))


def edit_item(call: Call) -> Answer:
    """Change values of an item; those that were sent are shown."""
    board = _board(call, write=True)
    item = _item(call, board)
    changed = boards.set_values(call.github, board, item, call.fields().get("fields"))
    wanted = [each.id for each in changed]
    content = boards.sees_content(call.github, call.caller, item)
    return Answer(200, item_with_values(call.github, board, item, wanted, content=content))


def delete_item(call: Call) -> Answer:
    """Take an item off its board."""
    board = _board(call, write=True)
    boards.remove_item(board, _item(call, board))
    return Answer(204)


def _board(call: Call, *, write: bool = False) -> Board:
    """Return the board a path names."""
    owners = call.rest.split("/")[1]
    return boards.board_for(
        call.github, call.caller, call.params["owner"], owners, call.params["project_number"], write=write
    )


def _item(call: Call, board: Board) -> BoardItem:
    """Return the item a path names, or raise 404."""
    found = next((item for item in board.items if item.id == call.params["item_id"]), None)
    if found is None:
        raise not_found()
    return found


def _with_values(call: Call, board: Board, item: BoardItem) -> Json:
    content = boards.sees_content(call.github, call.caller, item)
    return item_with_values(call.github, board, item, _fields_asked_for(call), content=content)


def _fields_asked_for(call: Call) -> list[int] | None:
    """Return the ids of `fields=1,2` or `fields[]=1&fields[]=2`, None when the query names none."""
    given = [value for name, value in parse_qsl(call.query_string) if name in ("fields", "fields[]")]
    ids = [part for value in given for part in value.split(",") if part]
    if not all(part.isdigit() for part in ids):
        raise invalid("ProjectV2Item", "fields", "invalid")
    return [int(part) for part in ids] or None


def _named(call: Call) -> Issue:
    """Return the issue or pull request that a body names by id, or by repository and number; raise 422."""
    given = call.fields()
    kind = requestfields.optional_text(given, "type")
    if kind not in ("Issue", "PullRequest"):
        raise invalid("ProjectV2Item", "type", "invalid", value=kind)
    if "id" in given:
        issue = call.github.issues_by_id.get(requestfields.integer(given, "id"))
    else:
        name = f"{requestfields.optional_text(given, 'owner')}/{requestfields.optional_text(given, 'repo')}"
        repository = call.github.find_repository(name)
        issue = None if repository is None else repository.issues.get(requestfields.integer(given, "number"))
    if issue is None or not visible(call.github, call.caller, issue.repository):
        raise Problem(422, "Validation Failed", [{"resource": "ProjectV2Item", "field": "id", "code": "invalid"}])
    return issue


def _by_cursor(call: Call, rows: Sequence[T], native: Callable[[T], int], shown: Callable[[T], Json]) -> Answer:
    """Return the rows after the cursor of a query, with the Link header that names the next one.

    A cursor names the row it stands behind: what moves or goes before that row changes nothing of what follows.
    """
    size = Page.of(call.query).per_page
    start = 0
    if call.query.get("after"):
        behind = _number(call.query["after"])
        start = next((place + 1 for place, row in enumerate(rows) if native(row) == behind), len(rows))
    page = rows[start : start + size]
    headers = {}
    if start + size < len(rows):
        kept = [(name, value) for name, value in parse_qsl(call.query_string) if name not in ("after", "before")]
        query = urlencode([*kept, ("after", _cursor(native(page[-1])))])
        headers["link"] = f'<{call.github.api_url}{call.rest}?{query}>; rel="next"'
    return Answer(200, [shown(row) for row in page], headers)


def _cursor(number: int) -> str:
    return base64.urlsafe_b64encode(f"cursor:{number}".encode()).decode()


def _number(cursor: str) -> int:
    """Return what a cursor names; raise 422 for what is none."""
    try:
        return int(base64.urlsafe_b64decode(cursor).decode().partition("cursor:")[2])
    except (binascii.Error, ValueError) as error:
        raise invalid("ProjectV2", "after", "invalid", value=cursor) from error
