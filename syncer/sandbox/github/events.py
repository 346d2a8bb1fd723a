"""What happened to issues: recording it, and the JSON of issue events and of the timeline."""

from __future__ import annotations

from syncer.sandbox.github.host import GitHubHost
from syncer.sandbox.github.identity import node_id
from syncer.sandbox.github.issuerendering import comment_json, issue_json
from syncer.sandbox.github.model import Account, App, Event, Issue, IssueType
from syncer.sandbox.github.rendering import Json, account_json, api_url_of, app_json, simple_repository_json, timestamp


def record(
    github: GitHubHost, issue: Issue, kind: str, actor: Account, app: App | None = None, **detail: object
) -> Event:
    """Append an event to the issue and its repository; `detail` may hold accounts, issues, types and JSON values."""
    event = Event(github.sequences.event.take(), kind, actor, github.now(), issue, detail, app)
    issue.events.append(event)
    issue.repository.events.append(event)
    return event


def event_json(github: GitHubHost, event: Event) -> Json:
    """Return an event as the events and timeline of one issue show it."""
    return {
        "id": event.id,
        "node_id": node_id("EV", event.id),
        "url": f"{api_url_of(github, event.issue.repository)}/issues/events/{event.id}",
        "actor": account_json(github, event.actor),
        "event": event.kind,
        "commit_id": None,
        "commit_url": None,
        "created_at": timestamp(event.created_at),
        **{name: _detail_json(github, value) for name, value in event.detail.items()},
        "performed_via_github_app": app_json(github, event.app),
    }


def repository_event_json(github: GitHubHost, event: Event) -> Json:
    """Return an event as the repository-wide list shows it: with its issue."""
    return {**event_json(github, event), "issue": issue_json(github, event.issue)}


def timeline_json(github: GitHubHost, issue: Issue) -> list[Json]:
    """Return events and comments of an issue in the order they happened, an event before a comment of its second."""
    rows = [(event.created_at, 0, event.id, event_json(github, event)) for event in issue.events]
    for comment in issue.comments:
        shown = comment_json(github, comment)
        entry = {**shown, "event": "commented", "actor": shown["user"]}
        rows.append((comment.created_at, 1, comment.id, entry))
    rows.sort(key=lambda row: row[:3])
    return [row[3] for row in rows]


def _detail_json(github: GitHubHost, value: object) -> object:
    """Return the JSON of one detail of an event."""
    match value:
        case Account():
            return account_json(github, value)
        case Issue():
            return _reference_json(github, value)
        case IssueType():
            return _type_reference_json(value)
        case _:
            return value


def _type_reference_json(kind: IssueType) -> Json:
    """Return an issue type as events mention it."""
    return {"id": kind.id, "node_id": node_id("IT", kind.id), "name": kind.name, "color": kind.color}


def _reference_json(github: GitHubHost, issue: Issue) -> Json:
    """Return an issue as events of other issues mention it."""
    return {
        "number": issue.number,
        "title": issue.title,
        "state": issue.state,
        "state_reason": issue.state_reason,
        "repository": simple_repository_json(github, issue.repository),
        "issue_type": None if issue.type is None else _type_reference_json(issue.type),
    }
