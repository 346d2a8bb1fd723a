"""Who may write to a repository, and our signs below comments."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from connectors.github.mapping import entry, part
from connectors.github.repository import Repository, called, validated
from syncer.contract.errors import Gone
from syncer.contract.model import Account, Observed

WRITING: Final = frozenset({"admin", "write"})
"""The permissions with which issues can be edited; the role `maintain` is told as `write` here."""


def may_write(repository: Repository, account: Account) -> bool:
    """Whether the account that has this login now is the one that is meant, and has the permission."""
    doing = f"ask what {account.id} may do in {repository.name}"
    path = f"/repos/{repository.name}/collaborators/{quote(account.id, safe='')}/permission"
    try:
        body, _ = repository.client.get(path, doing, item=True)
    except Gone:
        return False
    with validated(doing):
        told = entry(body)
        user = entry(told.get("user"))
        return str(part(user, "id", int)) == account.native and part(told, "permission", str) in WRITING


def react(repository: Repository, comment: Observed, *, done: bool) -> None:
    """One request; a reaction that is there already stays the one it is (200 in place of 201)."""
    body = {"content": "+1" if done else "confused"}
    path = f"/repos/{repository.name}/issues/comments/{comment.ref.id}/reactions"
    repository.client.write("POST", path, body, f"answer {called(comment)}", item=True)
