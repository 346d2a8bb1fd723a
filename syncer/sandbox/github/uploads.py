"""Pictures and files that people dropped into a text, as GitHub keeps them: outside every repository's tree.

A text holds the stable address (`/user-attachments/assets/UUID`, `/user-attachments/files/ID/NAME`). Of a public
repository everybody is led from there to a signed address in the storage. Of a private one it answers 404 to all but a
browser that is signed in: no token opens it. What a token can do is ask for an issue's HTML, in which the pictures (not
the files) have signed addresses that end after five minutes.
"""

from __future__ import annotations

import hashlib
import re
from datetime import datetime, timedelta
from html import escape

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from syncer.sandbox.github.host import GitHubHost
from syncer.sandbox.github.model import Repository, Upload

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
