"""What gathers around an issue: worklogs, attachments, watchers, votes, and links to issues and to pages elsewhere."""

from __future__ import annotations

import mimetypes
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any

from syncer.sandbox.jira import comments, links, permissions, worklogs
from syncer.sandbox.jira.bodies import member
from syncer.sandbox.jira.problems import FieldError, JiraError, invalid, not_found
from syncer.sandbox.jira.records import Attachment, ChangeItem, Issue, IssueLink, RemoteLink, User
from syncer.sandbox.jira.web import Answer, Call, Registry, page

AREA = Registry()

UPLOAD_LIMIT = 10_485_760


# --- worklogs --------------------------------------------------------------------------------------------------------


@AREA.on("GET", "/issue/{issue}/worklog")
def read_worklogs(call: Call) -> Any:
    """Pages through an issue's worklogs."""
    issue, render = call.issue(), call.render
    everything = issue.content["worklog"]
    start, size = call.number("startAt", 0), min(call.number("maxResults", 5000), 5000)
    chosen, _ = page(list(everything), start, size)
    return {
        "startAt": start,
        "maxResults": size,
        "total": len(everything),
        "worklogs": [render.worklog(issue.id, each) for each in chosen],
    }


@AREA.on("POST", "/issue/{issue}/worklog")
def add_worklog(call: Call) -> Any:
    """Logs time."""
    issue = call.issue()
    worklog = worklogs.add(call.target(issue), call.body())
    return Answer(201, call.render.worklog(issue.id, worklog))


@AREA.on("GET", "/issue/{issue}/worklog/{worklog}")
def read_worklog(call: Call) -> Any:
    """Answers one worklog."""
    issue = call.issue()
    return call.render.worklog(issue.id, worklogs.find(issue, call.path["worklog"]))


@AREA.on("PUT", "/issue/{issue}/worklog/{worklog}")
def edit_worklog(call: Call) -> Any:
    """Edits a worklog and answers it."""
    issue = call.issue()
    worklog = worklogs.edit(call.target(issue), call.path["worklog"], call.body())
    return call.render.worklog(issue.id, worklog)


@AREA.on("DELETE", "/issue/{issue}/worklog/{worklog}")
def delete_worklog(call: Call) -> Any:
    """Deletes a worklog."""
    worklogs.remove(call.target(call.issue()), call.path["worklog"])
    return Answer(204)


# --- attachments -----------------------------------------------------------------------------------------------------


@AREA.on("GET", "/attachment/meta")
def attachment_settings(call: Call) -> Any:
    """Says whether and how large files can be attached."""
    return {"enabled": True, "uploadLimit": UPLOAD_LIMIT}


@AREA.on("POST", "/issue/{issue}/attachments")
def attach(call: Call) -> Any:
    """Attaches the files of a multipart body; asks for the header that guards against forged forms."""
    issue = call.issue()
    permissions.require(
        call.jira, call.account, "CREATE_ATTACHMENTS", issue.project, "create attachments on this issue"
    )
    if call.headers.get("x-atlassian-token", "").lower() not in {"no-check", "nocheck"}:
        raise JiraError(403, ["XSRF check failed"])
    files = _files(call)
    if not files:
        raise invalid("No file was found in the request.")
    now = call.jira.clock.now()
    author = call.account or comments.anonymous(call.target(issue))
    added: list[Attachment] = []
    for filename, media_type, data in files:
        if len(data) > UPLOAD_LIMIT:
            raise JiraError(413, [f"The file {filename} exceeds the limit of {UPLOAD_LIMIT} bytes."])
        added.append(Attachment(str(call.jira.next_id("attachment")), author, filename, now, media_type, data))
    items = [ChangeItem("Attachment", "jira", "attachment", None, None, each.id, each.filename) for each in added]
    call.jira.commit(issue, call.account, {"attachment": (*issue.content["attachment"], *added)}, items)
    return Answer(200, [call.render.attachment(each) for each in added])


def _files(call: Call) -> list[tuple[str, str, bytes]]:
    """Returns (name, media type, bytes) of the parts named `file` of a multipart body."""
    header = f"Content-Type: {call.headers.get('content-type', '')}\r\n\r\n".encode("latin-1")
    message = BytesParser(policy=HTTP).parsebytes(header + call.raw)
    found: list[tuple[str, str, bytes]] = []
    for part in message.iter_parts() if message.is_multipart() else ():
        name = part.get_filename()
        if name is None:
            continue
        data = part.get_payload(decode=True)
        guessed = mimetypes.guess_type(name)[0] or "application/octet-stream"
        kind = part.get_content_type() if part["Content-Type"] else guessed
        # Forms name files in plain UTF-8, which mail headers do not know.
        said = name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        found.append((said, kind, data if isinstance(data, bytes) else b""))
    return found


def _attachment(call: Call) -> tuple[Issue, Attachment]:
    for issue in call.jira.issues.values():
        for attachment in issue.content["attachment"]:
            if attachment.id == call.path["attachment"] and permissions.can_see(call.jira, call.account, issue.content):
                return issue, attachment
    raise not_found(f"The attachment with id '{call.path['attachment']}' does not exist")


@AREA.on("GET", "/attachment/{attachment}")
def read_attachment(call: Call) -> Any:
    """Describes an attachment."""
    _, attachment = _attachment(call)
    shown = call.render.attachment(attachment)
    return {**shown, "id": int(attachment.id)} if call.jira.is_cloud else shown


@AREA.on("GET", "/attachment/content/{attachment}", "cloud")
def download(call: Call) -> Any:
    """Leads to the media service, as Cloud does, or answers the bytes where a redirect is not wanted."""
    _, attachment = _attachment(call)
    if call.text("redirect", "true").lower() == "false":
        return _bytes(call)
    target = f"{call.jira.base_url}/media/file/{attachment.media}/binary?token={attachment.id}"
    return Answer(303, None, {"Location": target})


def download_media(call: Call) -> Any:
    """Answers the bytes from the media service, which asks for no account but for the token in the address."""
    for issue in call.jira.issues.values():
        for attachment in issue.content["attachment"]:
            if attachment.media == call.path["media"] and attachment.id == call.text("token"):
                return _sent(attachment)
    raise not_found("The file does not exist")


def _bytes(call: Call) -> Answer:
    return _sent(_attachment(call)[1])


def _sent(attachment: Attachment) -> Answer:
    quoted = attachment.filename.replace('"', "").encode("ascii", "replace").decode()
    headers = {"Content-Type": attachment.media_type, "Content-Disposition": f'attachment; filename="{quoted}"'}
    return Answer(200, attachment.data, headers)


def download_by_name(call: Call) -> Any:
    """Answers an attachment's bytes below `/secure/attachment`, where Data Center keeps them."""
    return _bytes(call)


@AREA.on("DELETE", "/attachment/{attachment}")
def delete_attachment(call: Call) -> Any:
    """Deletes an attachment."""
    issue, attachment = _attachment(call)
    own = attachment.author is call.account
    verb = "DELETE_OWN_ATTACHMENTS" if own else "DELETE_ALL_ATTACHMENTS"
    permissions.require(call.jira, call.account, verb, issue.project, "delete this attachment")
    rest = tuple(each for each in issue.content["attachment"] if each is not attachment)
    item = ChangeItem("Attachment", "jira", "attachment", attachment.id, attachment.filename, None, None)
    call.jira.commit(issue, call.account, {"attachment": rest}, [item])
    return Answer(204)


# --- watchers and votes ----------------------------------------------------------------------------------------------


@AREA.on("GET", "/issue/{issue}/watchers")
def read_watchers(call: Call) -> Any:
    """Lists who watches an issue."""
    issue, render = call.issue(), call.render
    watching: tuple[User, ...] = issue.content["watches"]
    return {
        "self": f"{render.root}/issue/{issue.key}/watchers",
        "isWatching": call.account in watching,
        "watchCount": len(watching),
        "watchers": [render.user(each) for each in watching],
    }


@AREA.on("POST", "/issue/{issue}/watchers")
def add_watcher(call: Call) -> Any:
    """Adds a watcher: the caller, or whom the body names by accountId or user name."""
    issue = call.issue()
    user = call.require_account() if not call.raw else _person(call, call.json())
    _manage(call, issue, user)
    rest = tuple(each for each in issue.content["watches"] if each is not user)
    call.jira.commit(issue, call.account, {"watches": (*rest, user)}, touch=False)
    return Answer(204)


@AREA.on("DELETE", "/issue/{issue}/watchers")
def remove_watcher(call: Call) -> Any:
    """Removes a watcher."""
    issue = call.issue()
    user = _person(call, call.text("accountId") or call.text("username"))
    _manage(call, issue, user)
    rest = tuple(each for each in issue.content["watches"] if each is not user)
    call.jira.commit(issue, call.account, {"watches": rest}, touch=False)
    return Answer(204)


def _person(call: Call, wanted: Any) -> User:
    user = call.jira.users.get(wanted) if isinstance(wanted, str) else None
    if user is None:
        raise not_found("The user named does not exist.") if wanted else invalid("A user must be named.")
    return user


def _manage(call: Call, issue: Issue, user: User) -> None:
    if user is not call.account:
        permissions.require(
            call.jira, call.account, "MANAGE_WATCHERS", issue.project, "manage the watchers of this issue"
        )


@AREA.on("GET", "/issue/{issue}/votes")
def read_votes(call: Call) -> Any:
    """Lists who voted for an issue."""
    issue, render = call.issue(), call.render
    voting: tuple[User, ...] = issue.content["votes"]
    return {
        "self": f"{render.root}/issue/{issue.key}/votes",
        "votes": len(voting),
        "hasVoted": call.account in voting,
        "voters": [render.user(each) for each in voting],
    }


@AREA.on("POST DELETE", "/issue/{issue}/votes")
def vote(call: Call) -> Any:
    """Takes or withdraws the caller's vote, which Jira refuses to the reporter."""
    issue, account = call.issue(), call.require_account()
    if issue.content["reporter"] is account:
        raise not_found("You cannot vote for an issue you have reported.")
    rest = tuple(each for each in issue.content["votes"] if each is not account)
    votes = rest if call.method == "DELETE" else (*rest, account)
    call.jira.commit(issue, account, {"votes": votes}, touch=False)
    # Data Center's document has 200 for a vote and 204 for its withdrawal.
    return Answer(204 if call.jira.is_cloud or call.method == "DELETE" else 200)


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
