"""Boards (Projects v2): who may see and change one, its fields, its items and their values.

What a value is and that null clears it is told by docs.github.com, "REST API endpoints for Project items": text, number
and date as they are, an option or iteration by its id. A value moves the update time of the item, not of the issue.
Not documented, and chosen here as the GraphQL interface does it: adding an issue again answers the item that it is
already (`Behaviour.added_twice`), and an option or iteration that is removed is taken from the items that have it.
Its workflows move an item to an option of Status when its issue is closed ("Using the built-in automations": of those
for issues, this one alone is on in a new board).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date

from syncer.sandbox.errors import SandboxError
from syncer.sandbox.github.access import Caller, visible
from syncer.sandbox.github.boardmodel import (
    VALUED,
    Board,
    BoardField,
    BoardFieldType,
    BoardItem,
    BoardOption,
    BoardValue,
    Iteration,
    Workflow,
)
from syncer.sandbox.github.host import GitHubHost
from syncer.sandbox.github.model import Account, Issue, Role
from syncer.sandbox.github.problems import Problem, forbidden, invalid, not_found

_OF_ITS_OWN: tuple[tuple[str, BoardFieldType], ...] = (
    ("Title", "title"),
    ("Assignees", "assignees"),
    ("Status", "single_select"),
    ("Labels", "labels"),
    ("Linked pull requests", "linked_pull_requests"),
    ("Milestone", "milestone"),
    ("Repository", "repository"),
    ("Reviewers", "reviewers"),
    ("Parent issue", "parent_issue"),
    ("Sub-issues progress", "sub_issues_progress"),
)
_STATUSES = ("Todo", "In Progress", "Done")


# Making and changing boards


def add_board(github: GitHubHost, owner: Account, title: str, creator: Account, *, public: bool = False) -> Board:
    """Make a board with the fields that every new one has."""
    now = github.now()
    number = sum(1 for board in github.boards if board.owner is owner) + 1
    board = Board(github.sequences.board.take(), number, owner, title, creator, now, now, public)
    github.boards.append(board)
    for name, kind in _OF_ITS_OWN:
        add_field(github, board, name, kind, _STATUSES if name == "Status" else ())
    return board


def add_field(
    github: GitHubHost,
    board: Board,
    name: str,
    kind: BoardFieldType,
    options: Sequence[str] = (),
    iterations: Sequence[tuple[str, date, int]] = (),
) -> BoardField:
    """Add a field to a board; an iteration is its title, first day and number of days."""
    if any(each.name.casefold() == name.casefold() for each in board.fields):
        raise SandboxError(f"the board {board.title!r} has a field {name!r}")
    now = github.now()
    made = BoardField(github.sequences.board_field.take(), name, kind, now, now)
    made.options = [BoardOption(_short_id(github), option) for option in options]
    made.iterations = [Iteration(_short_id(github), title, start, days) for title, start, days in iterations]
    board.fields.append(made)
    return made


def remove_field(board: Board, name: str) -> None:
    """Delete a field with its values."""
    gone = board.field_named(name)
    board.fields.remove(gone)
    for item in board.items:
        item.values.pop(gone.id, None)


def add_option(github: GitHubHost, board: Board, name: str, option: str) -> None:
    """Add an option to a single select."""
    board.field_named(name).options.append(BoardOption(_short_id(github), option))


def remove_option(board: Board, name: str, option: str) -> None:
    """Delete an option or an iteration of a field, and take it from the items that have it."""
    changed = board.field_named(name)
    changed.options = [each for each in changed.options if each.name != option]
    changed.iterations = [each for each in changed.iterations if each.title != option]
    kept = (*changed.options, *changed.iterations)
    for item in board.items:
        if changed.id in item.values and item.values[changed.id] not in kept:
            del item.values[changed.id]


def add_item(github: GitHubHost, board: Board, issue: Issue, actor: Account) -> BoardItem:
    """Put an issue or pull request on a board, last; the item it is already where it is there, or 422."""
    found = board.item_of(issue)
    if found is not None and github.behaviour.added_twice == "refused":
        raise invalid("ProjectV2Item", "content_id", "already_exists")
    if found is not None:
        return found
    now = github.now()
    item = BoardItem(github.sequences.board_item.take(), issue, actor, now, now)
    board.items.append(item)
    _happens(github, board, item, "added")
    return item


def follow(github: GitHubHost, issue: Issue, event: Workflow) -> None:
    """Have the boards of an issue do what their workflows say where it was closed or reopened."""
    for board in github.boards:
        item = board.item_of(issue)
        if item is not None and not board.deleted:
            _happens(github, board, item, event)


def _happens(github: GitHubHost, board: Board, item: BoardItem, event: Workflow) -> None:
    status = next((each for each in board.fields if each.name == "Status"), None)
    options = status.options if status is not None else ()
    option = next((each for each in options if each.name == board.workflows.get(event)), None)
    if status is not None and option is not None:
        item.values[status.id] = option
        item.updated_at = github.now()


def remove_item(board: Board, item: BoardItem) -> None:
    """Take an item off its board."""
    board.items.remove(item)


def set_values(github: GitHubHost, board: Board, item: BoardItem, given: object) -> list[BoardField]:
    """Change values of an item as a request names them, and return their fields.

    Raises 422 and changes nothing when one is wrong.
    """
    if not isinstance(given, list):
        raise Problem(422, "Invalid request.\n\nFor 'properties/fields', the value is not an array.")
    wanted = [_wanted(board, each) for each in given]
    for changed, value in wanted:
        if value is None:
            item.values.pop(changed.id, None)
        else:
            item.values[changed.id] = value
    item.updated_at = github.now()
    return [changed for changed, _ in wanted]


def _wanted(board: Board, given: object) -> tuple[BoardField, BoardValue | None]:
    """Return the field and the value that an entry of a request names; raise 422."""
    if not isinstance(given, dict) or "value" not in given:
        raise Problem(422, 'Invalid request.\n\n"value" wasn\'t supplied.')
    changed = next((each for each in board.fields if each.id == given.get("id")), None)
    if changed is None or changed.data_type not in VALUED:
        raise invalid("ProjectV2Item", "fields", "invalid", value=given.get("id"))
    value = given["value"]
    return changed, None if value is None else _value(changed, value)


def _value(changed: BoardField, value: object) -> BoardValue:
    """Return a value as a field holds it; raise 422 for one that it cannot."""
    match changed.data_type, value:
        case "text", str():
            return value
        case "number", int() | float() if not isinstance(value, bool) and math.isfinite(value):
            return float(value)
        case "date", str():
            return _day(changed, value)
        case "single_select", str():
            return _chosen(changed, value, changed.options)
        case "iteration", str():
            return _chosen(changed, value, changed.iterations)
        case _:
            raise invalid("ProjectV2Item", changed.name, "invalid", value=value)


def _chosen(changed: BoardField, value: str, among: Sequence[BoardOption | Iteration]) -> BoardOption | Iteration:
    """Return what has an id; raise 422."""
    found = next((each for each in among if each.id == value), None)
    if found is None:
        raise invalid("ProjectV2Item", changed.name, "invalid", value=value)
    return found


def _day(changed: BoardField, value: str) -> date:
    """Return a day; raise 422."""
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise invalid("ProjectV2Item", changed.name, "invalid", value=value) from error


def _short_id(github: GitHubHost) -> str:
    """Return an id as options and iterations have it: eight hexadecimal digits."""
    return f"{github.sequences.board_option.take():08x}"


# Who may do what


def board_for(github: GitHubHost, caller: Caller, owner: str, kind: str, number: int, *, write: bool = False) -> Board:
    """Return the board of an owner; raise 401, 403 for a token that may not, 404 for what the account may not see.

    Permissions are those that docs.github.com names for each operation: "Projects" of the organisation for tokens with
    permissions, the scopes `project` and `read:project` for classic ones. Public boards can be read without.
    """
    account = github.accounts.get(owner.casefold())
    found = next((each for each in github.boards if each.owner is account and each.number == number), None)
    if found is None or account is None or found.deleted or (account.kind == "Organization") != (kind == "orgs"):
        raise not_found()
    if _role(found, caller.account) < Role.READ:
        raise not_found()
    if write:
        caller.required_account()
    if write or not found.public:
        _require_token(caller, found, write=write)
    if write and _role(found, caller.account) < Role.WRITE:
        raise forbidden("Must have write access to the project.")
    return found


def boards_of(github: GitHubHost, caller: Caller, owner: Account) -> list[Board]:
    """Return the boards of an owner that the caller may see, by number."""
    return [
        board
        for board in github.boards
        if board.owner is owner and not board.deleted and _role(board, caller.account) >= Role.READ
    ]


def _role(board: Board, account: Account | None) -> Role:
    """Return what an account may do on a board: members of an organisation may write, as is the default there."""
    floor = Role.READ if board.public else Role.NONE
    if account is None:
        return floor
    login = account.login.casefold()
    if account is board.owner or board.owner.members.get(login) is Role.ADMIN:
        return Role.ADMIN
    member = Role.WRITE if login in board.owner.members or account.kind == "Bot" else Role.NONE
    return max(floor, board.roles.get(login, member))


def _require_token(caller: Caller, board: Board, *, write: bool) -> None:
    """Raise 403 when the token does not reach the board."""
    token = caller.token
    if token is None:
        raise not_found()
    if token.kind == "classic":
        if not {"project", *(() if write else ("read:project",))} & set(token.scopes):
            raise forbidden("Resource not accessible by personal access token")
        return
    permission = token.permissions.get("organization_projects") if board.owner.kind == "Organization" else None
    if permission not in (("write", "admin") if write else ("read", "write", "admin")):
        needed = f"organization_projects={'write' if write else 'read'}"
        raise forbidden("Resource not accessible by integration", {"x-accepted-github-permissions": needed})


def sees_content(github: GitHubHost, caller: Caller, item: BoardItem) -> bool:
    """True when the caller may see what an item stands for; of another the board shows only that it is there."""
    return visible(github, caller, item.content.repository)
