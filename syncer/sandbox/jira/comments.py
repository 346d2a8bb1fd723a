"""Adds, edits and removes comments, with their visibility and properties."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from syncer.sandbox.jira import bodies, permissions, values
from syncer.sandbox.jira.adf import plain_text
from syncer.sandbox.jira.problems import FieldError, JiraError, invalid, not_found
from syncer.sandbox.jira.records import ChangeItem, Comment, Content, Issue, User, Visibility
from syncer.sandbox.jira.values import Target

INTERNAL = "sd.public.comment"


def readable(account: User | None, content: Content) -> list[Comment]:
    """Returns the comments of an issue that `account` may read, oldest first."""
    project = content["project"]
    return [comment for comment in content["comment"] if permissions.sees_comment(account, project, comment)]


def find(target: Target, comment_id: str) -> Comment:
    """Returns a comment the account may read; raises 404."""
    for comment in readable(target.account, _issue(target).content):
        if comment.id == comment_id:
            return comment
    raise not_found(f"Can not find a comment for the id: {comment_id}.")


def understand(target: Target, raw: Any) -> tuple[Any, Visibility | None, bool, dict[str, Any]]:
    """Returns (body, visibility, public, properties) of a comment body; raises FieldError or JiraError."""
    if not isinstance(raw, Mapping):
        raise FieldError("data was not an object")
    body = values.rich_text(target, raw.get("body"))
    if body is None or not (plain_text(body).strip() or target.rich):
        raise FieldError("Comment body can not be empty!")
    properties = bodies.properties(raw)
    internal = properties.get(INTERNAL)
    public = not (isinstance(internal, Mapping) and internal.get("internal") is True)
    return body, _visibility(target, bodies.member(raw, "visibility")), public, properties


def _visibility(target: Target, raw: Mapping[str, Any]) -> Visibility | None:
    if not raw:
        return None
    kind = str(raw.get("type", "")).lower()
    value = raw.get("value") or raw.get("identifier")
    if kind not in {"role", "group"} or not value:
        raise invalid(errors={"commentLevel": "Invalid visibility: type must be role or group, with a value."})
    if kind == "role" and value in target.jira.role_ids.values():
        value = next(name for name, identifier in target.jira.role_ids.items() if identifier == value)
    if target.account is None or not permissions.is_member(target.account, target.project, kind, str(value)):
        word = "project role" if kind == "role" else "group"
        raise invalid(errors={"commentLevel": f"You are currently not a member of the {word}: {value}."})
    if kind == "role":
        return Visibility("role", str(value), target.jira.role_ids.get(str(value), ""))
    return Visibility("group", str(value), str(value))


def add(target: Target, raw: Any) -> Comment:
    """Adds a comment to the issue and moves its `updated`; returns the comment."""
    issue = _issue(target)
    permissions.require_issue_permission(
        target.jira, target.account, "ADD_COMMENTS", issue.content, "comment on this issue"
    )
    body, visibility, public, properties = _understood(target, raw)
    now = target.jira.clock.now()
    author = target.account or anonymous(target)
    comment = Comment(
        str(target.jira.next_id("comment")), author, body, now, now, author, visibility, public, properties
    )
    target.jira.commit(issue, target.account, {"comment": (*issue.content["comment"], comment)})
    return comment


def anonymous(target: Target) -> User:
    """Returns the account that stands for visitors nobody knows."""
    return target.jira.users.get("anonymous") or target.jira.add_user("anonymous", "Anonymous")


def edit(target: Target, comment_id: str, raw: Any) -> Comment:
    """Replaces a comment's body and, where given, its visibility and properties; returns the comment."""
    issue, old = _issue(target), find(target, comment_id)
    _require(target, old, "EDIT", "edit")
    body, visibility, public, properties = _understood(target, raw)
    new = replace(
        old,
        body=body,
        visibility=visibility if "visibility" in raw else old.visibility,
        public=public if "properties" in raw else old.public,
        properties={**old.properties, **properties},
        updated=target.jira.clock.now(),
        update_author=target.account or old.update_author,
    )
    _swap(target, issue, old, new, [_item(old, new)] if new.body != old.body else [])
    return new


def remove(target: Target, comment_id: str) -> None:
    """Deletes a comment."""
    issue, old = _issue(target), find(target, comment_id)
    _require(target, old, "DELETE", "delete")
    _swap(target, issue, old, None, [_item(old, None)])


def set_properties(target: Target, comment: Comment, properties: Mapping[str, Any]) -> None:
    """Replaces a comment's properties; the issue's `updated` stays, as with every entity property."""
    issue = _issue(target)
    new = replace(comment, properties=properties)
    kept = tuple(new if each.id == comment.id else each for each in issue.content["comment"])
    target.jira.commit(issue, target.account, {"comment": kept}, touch=False)


def _swap(target: Target, issue: Issue, old: Comment, new: Comment | None, items: list[ChangeItem]) -> None:
    kept = tuple(
        each if each.id != old.id else new for each in issue.content["comment"] if each.id != old.id or new is not None
    )
    target.jira.commit(issue, target.account, {"comment": kept}, items)


def _item(old: Comment, new: Comment | None) -> ChangeItem:
    after = None if new is None else plain_text(new.body)
    return ChangeItem("Comment", "jira", None, old.id, plain_text(old.body), None if new is None else new.id, after)


def _issue(target: Target) -> Issue:
    if target.issue is None:
        raise JiraError(500, ["A comment needs its issue."])
    return target.issue


def _understood(target: Target, raw: Any) -> tuple[Any, Visibility | None, bool, dict[str, Any]]:
    try:
        return understand(target, raw)
    except FieldError as problem:
        raise invalid(errors={"comment": str(problem)}) from None


def require_change(target: Target, comment_id: str, verb: str) -> None:
    """Raises unless the comment is there and the caller may `edit` or `remove` it."""
    word = "edit" if verb == "edit" else "delete"
    _require(target, find(target, comment_id), word.upper(), word)


def _require(target: Target, comment: Comment, verb: str, word: str) -> None:
    own = target.account is not None and comment.author is target.account
    allowed = permissions.allows(target.jira, target.account, f"{verb}_ALL_COMMENTS", target.project) or (
        own and permissions.allows(target.jira, target.account, f"{verb}_OWN_COMMENTS", target.project)
    )
    if not allowed:
        message = f"You do not have the permission to {word} this comment."
        raise JiraError(400 if target.jira.is_cloud else 403, [message])
