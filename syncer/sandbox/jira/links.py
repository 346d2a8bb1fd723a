"""Links issues to issues, and issues to pages elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from syncer.sandbox.jira import permissions
from syncer.sandbox.jira.bodies import member
from syncer.sandbox.jira.problems import FieldError, invalid, not_found
from syncer.sandbox.jira.records import ChangeItem, Issue, IssueLink, LinkType, RemoteLink, User
from syncer.sandbox.jira.values import Target

if TYPE_CHECKING:
    from syncer.sandbox.jira.state import Jira


def link_type(jira: Jira, raw: Any) -> LinkType:
    """Returns the link type a reference names; raises FieldError."""
    if not isinstance(raw, Mapping):
        raise FieldError("A link needs a type.")
    for each in jira.link_types:
        if each.id == str(raw.get("id")) or each.name.casefold() == str(raw.get("name", "")).casefold():
            return each
    raise FieldError(f"No issue link type with name '{raw.get('name')}' found.")


def understand(target: Target, raw: Any) -> tuple[LinkType, Issue, bool]:
    """Returns (type, other issue, whether the other is the outward end) of a link inside an issue's body."""
    if not isinstance(raw, Mapping):
        raise FieldError("data was not an object")
    body = member(raw, "add") or raw
    kind = link_type(target.jira, body.get("type"))
    outward = "outwardIssue" in body
    end = member(body, "outwardIssue" if outward else "inwardIssue")
    other = target.jira.find_issue(str(end.get("key") or end.get("id") or ""))
    if other is None or not permissions.can_see(target.jira, target.account, other.content):
        raise FieldError("The linked issue does not exist.")
    if other is target.issue:
        raise FieldError("You cannot link an issue to itself.")
    return kind, other, outward


def add_from_issue(target: Target, raw: Any) -> IssueLink:
    """Adds the link an issue's own body asks for."""
    kind, other, outward = understand(target, raw)
    if target.issue is None:
        raise FieldError("A link needs its issue.")
    ends = (target.issue, other) if outward else (other, target.issue)
    return add(target.jira, target.account, kind, *ends)


def add(jira: Jira, account: User | None, kind: LinkType, source: Issue, target: Issue) -> IssueLink:
    """Links two issues, `source` doing `kind.outward` to `target`; an equal link is returned as it is."""
    for link in source.content["issuelinks"]:
        if link.kind is kind and (link.source, link.target) == (source.id, target.id):
            existing: IssueLink = link
            return existing
    if source is target:
        raise invalid("You cannot link an issue to itself.")
    link = IssueLink(str(jira.next_id("link")), kind, source.id, target.id)
    jira.links[link.id] = link
    for issue, other, words in ((source, target, kind.outward), (target, source, kind.inward)):
        item = ChangeItem("Link", "jira", None, None, None, other.key, f"This issue {words} {other.key}")
        jira.commit(issue, account, {"issuelinks": (*issue.content["issuelinks"], link)}, [item])
    return link


def remove(jira: Jira, account: User | None, link: IssueLink) -> None:
    """Removes a link from both its issues."""
    source, target = jira.issues[link.source], jira.issues[link.target]
    for issue, other, words in ((source, target, link.kind.outward), (target, source, link.kind.inward)):
        item = ChangeItem("Link", "jira", None, other.key, f"This issue {words} {other.key}", None, None)
        rest = tuple(each for each in issue.content["issuelinks"] if each is not link)
        jira.commit(issue, account, {"issuelinks": rest}, [item])
    del jira.links[link.id]


def put_remote(
    jira: Jira, account: User | None, issue: Issue, body: Mapping[str, Any], link_id: int | None = None
) -> tuple[RemoteLink, bool]:
    """Creates a remote link, or replaces the one with the same id or globalId; returns (link, whether it is new)."""
    page = body.get("object")
    errors = {} if isinstance(page, Mapping) else {"object": "'object' is required."}
    if isinstance(page, Mapping):
        errors = {name: f"'{name}' is required." for name in ("title", "url") if not page.get(name)}
    if errors:
        raise invalid(errors=errors)
    global_id = body.get("globalId")
    present: tuple[RemoteLink, ...] = issue.content["remotelinks"]
    old = next(
        (each for each in present if each.id == link_id or (global_id is not None and each.global_id == global_id)),
        None,
    )
    if link_id is not None and old is None:
        raise not_found("The remote issue link does not exist.")
    stored = {name: body[name] for name in ("application", "relationship", "object") if name in body}
    link = RemoteLink(old.id if old else jira.next_id("remotelink"), global_id, stored)
    rest = tuple(each for each in present if each is not old)
    item = ChangeItem(
        "RemoteIssueLink", "jira", None, None, None, str(link.id), f'This issue links to "{stored["object"]["title"]}"'
    )
    jira.commit(issue, account, {"remotelinks": (*rest, link)}, [] if old else [item])
    return link, old is None


def remove_remote(jira: Jira, account: User | None, issue: Issue, link: RemoteLink) -> None:
    """Removes a remote link."""
    rest = tuple(each for each in issue.content["remotelinks"] if each is not link)
    item = ChangeItem(
        "RemoteIssueLink",
        "jira",
        None,
        str(link.id),
        f'This issue links to "{link.body["object"]["title"]}"',
        None,
        None,
    )
    jira.commit(issue, account, {"remotelinks": rest}, [item])
