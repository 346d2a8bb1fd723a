"""The JSON of boards, their fields and their items, as docs.github.com shows it.

A value is shown as its field holds it: a number, a day, an option or iteration as an object, null for none. How a text
is shown is in no example of the documents: plain, or with its Markdown and HTML (`Behaviour.board_text`).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from syncer.sandbox.github.boardmodel import Board, BoardField, BoardItem, BoardOption, Iteration
from syncer.sandbox.github.host import GitHubHost
from syncer.sandbox.github.identity import node_id
from syncer.sandbox.github.issuerendering import issue_json
from syncer.sandbox.github.model import Issue
from syncer.sandbox.github.rendering import (
    Json,
    account_json,
    label_json,
    milestone_json,
    optional_timestamp,
    timestamp,
)


def board_url(github: GitHubHost, board: Board) -> str:
    """Return the REST address of a board."""
    owners = "orgs" if board.owner.kind == "Organization" else "users"
    return f"{github.api_url}/{owners}/{board.owner.login}/projectsV2/{board.number}"


def board_json(github: GitHubHost, board: Board) -> Json:
    """Return a board."""
    return {
        "id": board.id,
        "node_id": node_id("PVT", board.id),
        "owner": account_json(github, board.owner),
        "creator": account_json(github, board.creator),
        "title": board.title,
        "description": None,
        "public": board.public,
        "closed_at": optional_timestamp(board.closed_at),
        "created_at": timestamp(board.created_at),
        "updated_at": timestamp(board.updated_at),
        "number": board.number,
        "short_description": None,
        "deleted_at": None,
        "deleted_by": None,
        "state": "open" if board.closed_at is None else "closed",
        "latest_status_update": None,
        "is_template": False,
    }


def field_json(github: GitHubHost, board: Board, field: BoardField) -> Json:
    """Return a field of a board, with its options or iterations where it has any."""
    shown: Json = {
        "id": field.id,
        "node_id": node_id("PVTF", field.id),
        "project_url": board_url(github, board),
        "name": field.name,
        "data_type": field.data_type,
        "created_at": timestamp(field.created_at),
        "updated_at": timestamp(field.updated_at),
    }
    if field.data_type == "single_select":
        shown["options"] = [_option(each) for each in field.options]
    if field.data_type == "iteration":
        today = github.now().date()
        shown["configuration"] = {
            "start_day": 1,
            "duration": field.duration,
            "iterations": [
                {**_iteration(each), "completed": each.completed(today)}
                for each in sorted(field.iterations, key=lambda each: each.start)
            ],
        }
    return shown


def item_json(github: GitHubHost, board: Board, item: BoardItem, *, content: bool) -> Json:
    """Return an item without its values; `content` says whether the caller may see what it stands for."""
    return {
        "id": item.id,
        "node_id": node_id("PVTI", item.id),
        "content": issue_json(github, item.content) if content else None,
        "content_type": "Issue" if item.content.pull_request is None else "PullRequest",
        "creator": account_json(github, item.creator),
        "created_at": timestamp(item.created_at),
        "updated_at": timestamp(item.updated_at),
        "archived_at": optional_timestamp(item.archived_at),
        "project_url": board_url(github, board),
        "item_url": f"{board_url(github, board)}/items/{item.id}",
    }


def item_with_values(
    github: GitHubHost, board: Board, item: BoardItem, wanted: Collection[int] | None, *, content: bool
) -> Json:
    """Return an item with the values of some fields, by their ids; None means the title alone."""
    fields = [each for each in board.fields if (each.id in wanted if wanted is not None else each.data_type == "title")]
    values = [
        {"id": each.id, "name": each.name, "data_type": each.data_type, "value": _value(github, each, item)}
        for each in fields
    ]
    return {**item_json(github, board, item, content=content), "fields": values}


def _value(github: GitHubHost, field: BoardField, item: BoardItem) -> object:
    """Return the value of a field as an item shows it."""
    value = item.values.get(field.id)
    if value is None:
        return _of_the_issue(github, field, item.content)
    match value:
        case BoardOption():
            return _option(value)
        case Iteration():
            return _iteration(value)
        case date():
            return value.isoformat()
        case float():
            return int(value) if value.is_integer() and abs(value) < 2**53 else value
        case _:
            return _formatted(value) if github.behaviour.board_text == "formatted" else value


def _of_the_issue(github: GitHubHost, field: BoardField, issue: Issue) -> object:
    """Return what a field shows that has no value of its own; null for what the sandbox's issues lack."""
    match field.data_type:
        case "title":
            return {**_formatted(issue.title), "number": issue.number, "is_draft": False, "state": issue.state}
        case "assignees":
            return [account_json(github, account) for account in issue.assignees]
        case "labels":
            return [label_json(github, issue.repository, label) for label in issue.labels]
        case "milestone" if issue.milestone is not None:
            return milestone_json(github, issue.repository, issue.milestone)
        case "linked_pull_requests" | "reviewers":
            return []
        case _:
            return None


def _option(option: BoardOption) -> Json:
    return {
        "id": option.id,
        "name": _formatted(option.name),
        "color": option.color,
        "description": _formatted(option.description),
    }


def _iteration(iteration: Iteration) -> Json:
    return {
        "id": iteration.id,
        "title": _formatted(iteration.title),
        "start_date": iteration.start.isoformat(),
        "duration": iteration.duration,
    }


def _formatted(text: str) -> Json:
    return {"raw": text, "html": text.replace("&", "&amp;").replace("<", "&lt;")}
