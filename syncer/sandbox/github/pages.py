"""Plain HTML pages at the addresses `html_url` gives, so that a person can click through what a demonstration did.

Anyone on the machine can read them, private repositories too: a sandbox listens on loopback and holds nothing real.
Text is shown as it was written, escaped; nothing is rendered and nothing is loaded from anywhere.
"""

from __future__ import annotations

from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from syncer.sandbox.github.host import GitHubHost
from syncer.sandbox.github.model import Issue, Repository
from syncer.sandbox.github.rendering import timestamp

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem;color:#1f2328}"
    "pre{white-space:pre-wrap;background:#f6f8fa;padding:1rem;border-radius:6px}small{color:#59636e}"
    "a{color:#0969da}li{margin:.25rem 0}"
)
_POLICY = {"content-security-policy": "default-src 'none'; style-src 'unsafe-inline'"}


def page_routes(github: GitHubHost) -> list[BaseRoute]:
    """Return the routes of the pages, relative to the server's root: repositories, their lists, issues."""

    async def index(_: Request) -> Response:
        with github.lock:
            rows = [_link(f"/{each.full_name}/issues", each.full_name) for each in github.repositories.values()]
            return _page("Repositories", _items(rows))

    async def issue_list(request: Request) -> Response:
        with github.lock:
            repository = _repository(github, request)
            return _missing() if repository is None else _page(repository.full_name, _issue_rows(repository))

    async def issue(request: Request) -> Response:
        with github.lock:
            repository = _repository(github, request)
            found = None if repository is None else repository.issues.get(request.path_params["number"])
            return _missing() if found is None else _page(f"{found.title} #{found.number}", _issue_body(found))

    return [
        Route("/", index),
        Route("/{owner}/{repo}", issue_list),
        Route("/{owner}/{repo}/issues", issue_list),
        Route("/{owner}/{repo}/issues/{number:int}", issue),
        Route("/{owner}/{repo}/pull/{number:int}", issue),
    ]


def _repository(github: GitHubHost, request: Request) -> Repository | None:
    """Return the repository a path names by its present or a former name, None when there is none."""
    name = f"{request.path_params['owner']}/{request.path_params['repo']}"
    return github.find_repository(name) or github.find_renamed(name)


def _issue_rows(repository: Repository) -> str:
    """Return the list of a repository's issues, newest first."""
    rows = [
        f"{_link(f'/{repository.full_name}/issues/{each.number}', f'#{each.number} {each.title}')} "
        f"<small>{each.state}</small>"
        for each in sorted(repository.issues.values(), key=lambda each: -each.number)
    ]
    return _items(rows) or "<p>No issues yet.</p>"


def _issue_body(issue: Issue) -> str:
    """Return what a person wants to see of an issue: state, people, labels, text, comments."""
    reason = f" as {issue.state_reason.replace('_', ' ')}" if issue.state == "closed" and issue.state_reason else ""
    facts = [
        f"{issue.state}{reason}",
        f"opened by {issue.author.login} {timestamp(issue.created_at)}",
        f"updated {timestamp(issue.updated_at)}",
    ]
    named = {
        "labels": [label.name for label in issue.labels],
        "assigned to": [account.login for account in issue.assignees],
        "milestone": [issue.milestone.title] if issue.milestone else [],
        "type": [issue.type.name] if issue.type else [],
    }
    facts += [f"{name}: {', '.join(values)}" for name, values in named.items() if values]
    parts = [f"<p><small>{escape(' · '.join(facts))}</small></p>", f"<pre>{escape(issue.body or '')}</pre>"]
    parts += [
        f"<p id='issuecomment-{comment.id}'><b>{escape(comment.author.login)}</b> "
        f"<small>{timestamp(comment.created_at)}</small></p><pre>{escape(comment.body)}</pre>"
        for comment in issue.comments
    ]
    return "".join(parts) + f"<p>{_link(f'/{issue.repository.full_name}/issues', 'All issues')}</p>"


def _items(rows: list[str]) -> str:
    """Return an HTML list, "" when it is empty."""
    return "<ul>" + "".join(f"<li>{row}</li>" for row in rows) + "</ul>" if rows else ""


def _link(target: str, text: str) -> str:
    """Return a link inside the sandbox."""
    return f'<a href="{escape(target)}">{escape(text)}</a>'


def _page(title: str, body: str, status: int = 200) -> Response:
    """Return a whole page."""
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><style>{_STYLE}</style>'
    return HTMLResponse(f"<!DOCTYPE html><html>{head}<h1>{escape(title)}</h1>{body}</html>", status, _POLICY)


def _missing() -> Response:
    """Return the page of an address that leads nowhere."""
    return _page("Not found", f"<p>{_link('/', 'Repositories')}</p>", 404)
