"""Links between issues, and from issues to pages elsewhere."""

from __future__ import annotations

from typing import Any

from syncer.sandbox.jira import comments, links, permissions
from syncer.sandbox.jira.bodies import member
from syncer.sandbox.jira.problems import FieldError, invalid, not_found
from syncer.sandbox.jira.records import Issue, IssueLink, RemoteLink
from syncer.sandbox.jira.web import Answer, Call, Registry

AREA = Registry()


# --- issue links -----------------------------------------------------------------------------------------------------


@AREA.on("POST", "/issueLink")
def link_issues(call: Call) -> Any:
    """Links two issues: the one sent as `inwardIssue` does what the type's outward words say to `outwardIssue`.

    Atlassian's naming is easily read the other way round: for Blocks, `inwardIssue` blocks `outwardIssue`.
    """
    body = call.body()
    try:
        kind = links.link_type(call.jira, body.get("type"))
    except FieldError as problem:
        raise not_found(str(problem)) from None
    ends = []
    for name in ("inwardIssue", "outwardIssue"):
        end = member(body, name)
        ends.append(call.visible_issue(str(end.get("id") or end.get("key") or "")))
        permissions.require(call.jira, call.account, "LINK_ISSUES", ends[-1].project, "link issues in this project")
    links.add(call.jira, call.account, kind, ends[0], ends[1])
    if isinstance(body.get("comment"), dict) and body["comment"].get("body"):
        comments.add(call.target(ends[0]), body["comment"])
    return Answer(201)


def _link(call: Call) -> IssueLink:
    link = call.jira.links.get(call.path["link"])
    if link is None:
        raise not_found(f"No issue link with id '{call.path['link']}' exists.")
    call.visible_issue(link.source)
    call.visible_issue(link.target)
    return link


@AREA.on("GET", "/issueLink/{link}")
def read_link(call: Call) -> Any:
    """Answers a link with both its ends."""
    return call.render.link(_link(call))


@AREA.on("DELETE", "/issueLink/{link}")
def delete_link(call: Call) -> Any:
    """Deletes a link."""
    link = _link(call)
    project = call.jira.issues[link.source].project
    permissions.require(call.jira, call.account, "LINK_ISSUES", project, "link issues in this project")
    links.remove(call.jira, call.account, link)
    return Answer(200 if call.jira.is_cloud else 204)


@AREA.on("GET", "/issueLinkType/{type}")
def read_type(call: Call) -> Any:
    """Answers one link type."""
    for each in call.jira.link_types:
        if each.id == call.path["type"]:
            return call.render.link_type(each)
    raise not_found(f"No issue link type with id '{call.path['type']}' exists.")


# --- remote links ----------------------------------------------------------------------------------------------------


def _remote(call: Call, issue: Issue) -> RemoteLink:
    for link in issue.content["remotelinks"]:
        if str(link.id) == call.path["link"]:
            found: RemoteLink = link
            return found
    raise not_found("The remote issue link does not exist.")


def _linking(call: Call) -> Issue:
    issue = call.issue()
    permissions.require(call.jira, call.account, "LINK_ISSUES", issue.project, "link issues in this project")
    return issue


@AREA.on("GET", "/issue/{issue}/remotelink")
def read_remote_links(call: Call) -> Any:
    """Lists an issue's remote links, or answers the one with a globalId."""
    issue, render = call.issue(), call.render
    present = issue.content["remotelinks"]
    wanted = call.text("globalId")
    if not wanted:
        return [render.remote_link(issue.key, each) for each in present]
    for each in present:
        if each.global_id == wanted:
            return render.remote_link(issue.key, each)
    raise not_found("The remote issue link does not exist.")


@AREA.on("POST", "/issue/{issue}/remotelink")
def put_remote_link(call: Call) -> Any:
    """Creates a remote link, or replaces the one with the same globalId: 201 or 200."""
    issue = _linking(call)
    link, new = links.put_remote(call.jira, call.account, issue, call.body())
    shown = call.render.remote_link(issue.key, link)
    # Data Center answers 200 either way.
    return Answer(201 if new and call.jira.is_cloud else 200, {"id": shown["id"], "self": shown["self"]})


@AREA.on("DELETE", "/issue/{issue}/remotelink")
def delete_by_global_id(call: Call) -> Any:
    """Deletes the remote link with a globalId."""
    issue, wanted = _linking(call), call.text("globalId")
    if not wanted:
        raise invalid("The query parameter 'globalId' is required.")
    for each in issue.content["remotelinks"]:
        if each.global_id == wanted:
            links.remove_remote(call.jira, call.account, issue, each)
            return Answer(204)
    raise not_found("The remote issue link does not exist.")


@AREA.on("GET", "/issue/{issue}/remotelink/{link}")
def read_remote_link(call: Call) -> Any:
    """Answers one remote link."""
    issue = call.issue()
    return call.render.remote_link(issue.key, _remote(call, issue))


@AREA.on("PUT", "/issue/{issue}/remotelink/{link}")
def edit_remote_link(call: Call) -> Any:
    """Replaces one remote link."""
    issue = _linking(call)
    links.put_remote(call.jira, call.account, issue, call.body(), _remote(call, issue).id)
    return Answer(204)


@AREA.on("DELETE", "/issue/{issue}/remotelink/{link}")
def delete_remote_link(call: Call) -> Any:
    """Deletes one remote link."""
    issue = _linking(call)
    links.remove_remote(call.jira, call.account, issue, _remote(call, issue))
    return Answer(204)
