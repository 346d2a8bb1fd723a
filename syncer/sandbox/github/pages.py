"""What people open in a browser: plain pages at the addresses `html_url` gives, and files that they put into a text.

With the pages a person can click through what a demonstration did. Anyone on the machine can read them, private
repositories too: a sandbox listens on loopback and holds nothing real. Text is shown as it was written, escaped.

Files lie outside of every repository's tree. A text holds the stable address (`/user-attachments/assets/UUID`,
`/user-attachments/files/ID/NAME`). Of a public repository everybody is led from there to a signed address in the
storage. Of a private one it answers 404 to all but a browser that is signed in: no token opens it. What a token can do
is ask for an issue's HTML, in which the pictures (not the files) have signed addresses that end after five minutes.
"""

from __future__ import annotations

import hashlib
import re
from datetime import datetime, timedelta
from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from syncer.sandbox.github.host import GitHubHost
from syncer.sandbox.github.model import Issue, Repository, Upload
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


SIGNED_FOR = timedelta(minutes=5)
_ASSET = re.compile(r"/user-attachments/assets/([0-9a-f-]{36})")
_ENDING = {"image/png": ".png", "image/jpeg": ".jpg", "image/gif": ".gif", "image/webp": ".webp"}


def upload(
    github: GitHubHost, repository: str, name: str, data: bytes, media_type: str = "image/png", leads_to: str = ""
) -> str:
    """Keep a file as if somebody had dropped it into a text of the repository; return the address for that text."""
    with github.lock:
        found = github.repository(repository)
        kept = Upload(github.sequences.upload.take(), found, name, media_type, data, leads_to)
        github.uploads[kept.id] = kept
        return github.base_url + kept.address


def rendered(github: GitHubHost, repository: Repository, body: str | None) -> str:
    """Return a text as HTML, as far as pictures go: those of a private repository at signed addresses."""

    def picture(found: re.Match[str]) -> str:
        kept = next((each for each in github.uploads.values() if each.uuid == found[1]), None)
        if kept is None or kept.repository is not repository or repository.visibility == "public":
            return f'<img src="{escape(github.base_url + found[0])}">'
        return f'<img src="{escape(_signed_picture(github, kept))}">'

    return f"<p>{_ASSET.sub(picture, escape(body or ''))}</p>"


def upload_routes(github: GitHubHost) -> list[BaseRoute]:
    """Return the routes of files, relative to the server's root."""

    async def stable(request: Request) -> Response:
        with github.lock:
            kept = _found(github, request)
            if kept is None or (kept.repository.visibility != "public" and not kept.leads_to):
                return PlainTextResponse("Not Found", 404)
            return RedirectResponse(kept.leads_to or _signed_storage(github, kept), 302)

    async def signed(request: Request) -> Response:
        with github.lock:
            kept = github.uploads.get(request.path_params["id"])
            proof = request.query_params.get("jwt") or request.query_params.get("X-Amz-Signature") or ""
            if kept is None or not _holds(github, kept, proof):
                return PlainTextResponse("Request has expired", 403)
            return Response(kept.data, 200, {"content-type": kept.media_type})

    return [
        Route("/user-attachments/assets/{uuid}", stable),
        Route("/user-attachments/files/{id:int}/{name}", stable),
        Route("/storage/{id:int}", signed),
        Route("/private-user-images/{owner:int}/{id:int}-{rest}", signed),
    ]


def _found(github: GitHubHost, request: Request) -> Upload | None:
    if "uuid" in request.path_params:
        return next((each for each in github.uploads.values() if each.uuid == request.path_params["uuid"]), None)
    return github.uploads.get(request.path_params["id"])


def _signed_storage(github: GitHubHost, kept: Upload) -> str:
    ends = github.now() + SIGNED_FOR
    return f"{github.base_url}/storage/{kept.id}?X-Amz-Expires=300&X-Amz-Signature={_signature(kept, ends)}"


def _signed_picture(github: GitHubHost, kept: Upload) -> str:
    proof = _signature(kept, github.now() + SIGNED_FOR)
    name = f"{kept.id}-{kept.uuid}{_ENDING.get(kept.media_type, '')}"
    return f"{github.base_url}/private-user-images/{kept.repository.owner.id}/{name}?jwt={proof}"


def _signature(kept: Upload, ends: datetime) -> str:
    until = int(ends.timestamp())
    return f"{until}.{hashlib.sha256(f'{kept.uuid}:{until}'.encode()).hexdigest()}"


def _holds(github: GitHubHost, kept: Upload, proof: str) -> bool:
    until, _, _ = proof.partition(".")
    if not until.isdigit() or int(until) < github.now().timestamp():
        return False
    return proof == f"{until}.{hashlib.sha256(f'{kept.uuid}:{until}'.encode()).hexdigest()}"
