"""Routes of a repository's files, as far as they can be read one by one."""

from __future__ import annotations

from base64 import encodebytes
from hashlib import sha1

from syncer.sandbox.github.access import require_permission, require_read
from syncer.sandbox.github.api.http import Answer, Call
from syncer.sandbox.github.model import Repository
from syncer.sandbox.github.problems import not_found
from syncer.sandbox.github.rendering import api_url_of, html_url_of

_LARGEST_ENCODED = 1024 * 1024
"""Of a larger file GitHub tells everything but its content."""


def read(call: Call, repository: Repository) -> Answer:
    """Answer a file of the default branch with its content in base64."""
    require_read(call.github, call.caller, repository)
    require_permission(call.caller, "contents")
    path = call.params["path"]
    content = repository.files.get(path)
    if content is None:
        raise not_found()
    digest = sha1(b"blob %d\x00" % len(content) + content, usedforsecurity=False).hexdigest()
    whole = len(content) <= _LARGEST_ENCODED
    url = f"{api_url_of(call.github, repository)}/contents/{path}?ref=main"
    html = f"{html_url_of(call.github, repository)}/blob/main/{path}"
    git = f"{api_url_of(call.github, repository)}/git/blobs/{digest}"
    return Answer(
        200,
        {
            "type": "file",
            "encoding": "base64" if whole else "none",
            "size": len(content),
            "name": path.rpartition("/")[2],
            "path": path,
            "content": encodebytes(content).decode("ascii") if whole else "",
            "sha": digest,
            "url": url,
            "git_url": git,
            "html_url": html,
            "download_url": None,
            "_links": {"self": url, "git": git, "html": html},
        },
    )
