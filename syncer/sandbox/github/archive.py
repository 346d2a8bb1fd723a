"""Archives of a repository in the shape of GitHub's GraphQL objects, turned into recorded REST objects.

That is the file the archiving tools of standards bodies keep beside their drafts: one JSON object with `repo`,
`labels`, `issues` and `pulls`, people by login, and comments without ids.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from typing import Any

Record = Mapping[str, Any]

_REST = "https://api.github.com/repos"


def is_archive(record: Record) -> bool:
    """True when a JSON object is an archive of a whole repository."""
    return isinstance(record.get("repo"), str) and isinstance(record.get("issues"), list)


def records_of(archive: Record) -> Iterator[dict[str, Any]]:
    """Yield the issues and pull requests of an archive, then their comments by time, as REST objects.

    Ids are those inside the archive's node ids where they can be read; what has none gets one when it is loaded.
    """
    root = f"{_REST}/{archive['repo']}"
    labels = {label["name"]: label for label in archive.get("labels") or ()}
    comments: list[dict[str, Any]] = []
    for kind in ("issues", "pulls"):
        for item in archive.get(kind) or ():
            address = f"{root}/issues/{item['number']}"
            yield _issue(item, address, labels, pull=kind == "pulls")
            comments += [_comment(comment, address) for comment in item.get("comments") or ()]
    yield from sorted(comments, key=lambda comment: str(comment["created_at"]))


def _issue(item: Record, address: str, labels: Mapping[str, Record], *, pull: bool) -> dict[str, Any]:
    """Return an issue or pull request of an archive as REST shows it."""
    issue: dict[str, Any] = {
        "id": _number_in(item["id"]),
        "number": item["number"],
        "url": address,
        "comments_url": f"{address}/comments",
        "title": item["title"],
        "body": item.get("body"),
        "state": "open" if item["state"] == "OPEN" else "closed",
        "user": _person(item.get("author")),
        "assignees": [_person(login) for login in item.get("assignees") or ()],
        "labels": [labels.get(name, {"name": name, "color": "ededed"}) for name in item.get("labels") or ()],
        "created_at": item["createdAt"],
        "updated_at": item["updatedAt"],
        "closed_at": item.get("closedAt"),
    }
    if pull:
        issue["pull_request"] = {"merged_at": item.get("mergedAt")}
    return issue


def _comment(comment: Record, address: str) -> dict[str, Any]:
    """Return a comment of an archive as REST shows it."""
    return {
        "issue_url": address,
        "user": _person(comment.get("author")),
        "body": comment.get("body"),
        "created_at": comment["createdAt"],
        "updated_at": comment["updatedAt"],
    }


def _person(login: str | None) -> dict[str, Any] | None:
    """Return a person by login; archives name a deleted account `ghost` or not at all."""
    return {"login": login} if login else None


def _number_in(node_id: str) -> int | None:
    """Return the numeric id in an old node id (base64 of `05:Issue31757156`), None for the newer, opaque kind."""
    try:
        text = base64.b64decode(node_id, validate=True).decode("ascii")
    except (binascii.Error, UnicodeDecodeError):
        return None
    found = re.search(r":[A-Za-z]+(\d+)\Z", text)
    return int(found[1]) if found else None
