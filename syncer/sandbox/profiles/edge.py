"""Where profiles take effect: one layer around both trackers, which know nothing of them.

A request for an operation that the server does not have leads to an address that nobody serves, so that the tracker
itself answers as it does there. An answer is taken apart, and its fields are shown as the profile says.

A GitHub with data residency has a host of its own for its interface, and no path before its addresses. With a
certificate for the names of such a GitHub, requests are told by the name; without one there is a single host, and they
are told by their first word.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, MutableMapping
from typing import Any, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from syncer.sandbox.profiles.kinds import objects
from syncer.sandbox.profiles.model import Form, Profile, Shown, Tracker

_ROOTS: dict[Tracker, tuple[str, ...]] = {"github": ("/api/v3",), "jira": ("/jira", "/ex/jira/")}
_NOWHERE: dict[Tracker, str] = {"github": "/api/v3/not-there", "jira": "/jira/rest/api/2/not-there"}


class Edge:
    """ASGI middleware that lets an application answer as the servers of some profiles do."""

    def __init__(self, application: ASGIApp, profiles: Iterable[Profile]) -> None:
        """Wrap `application`; a tracker without a profile answers as it does of itself."""
        self._application = application
        self._rules: dict[Tracker, _Rules] = {}
        for profile in profiles:
            self.use(profile)

    def use(self, profile: Profile) -> None:
        """From the next request on, let its tracker answer as the server of this profile does."""
        self._rules[profile.tracker] = _Rules(profile)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        tracker = _tracker_of(scope)
        rules = self._rules.get(tracker) if tracker is not None else None
        if tracker is None or rules is None:
            await self._application(scope, receive, send)
            return
        version = _header(scope, b"x-github-api-version")  # of none a Jira has
        if rules.lacks(scope["method"], _below_root(tracker, scope["path"]), version):
            nowhere = _NOWHERE[tracker]
            scope = {**scope, "path": nowhere, "raw_path": nowhere.encode()}
        if not rules.rewrites(version):
            await self._application(scope, receive, send)
            return
        await _Rewriting(send, lambda value: rules.apply(value, version)).answer(self._application, scope, receive)


class _Rules:
    """A profile, ready to be asked about one request."""

    def __init__(self, profile: Profile) -> None:
        self._tracker = profile.tracker
        self._missing = [(each.verb, _pattern(each.path), each.version) for each in profile.missing]
        self._shown: dict[str, list[Shown]] = {}
        for each in profile.shown:
            self._shown.setdefault(each.kind, []).append(each)

    def lacks(self, verb: str, path: str, version: str) -> bool:
        """Whether an operation is not there."""
        return any(
            verb in (named, "HEAD") or named == "*"
            for named, pattern, since in self._missing
            if since in ("", version) and pattern.fullmatch(path)
        )

    def rewrites(self, version: str) -> bool:
        """Whether any answer of this version is shown otherwise than the tracker gives it."""
        return any(each.version in ("", version) for rows in self._shown.values() for each in rows)

    def apply(self, value: Any, version: str) -> None:
        """Shows the fields of all objects in an answer as the profile says, in place."""
        # The kinds are told before any key is taken away that tells them.
        for kind, found in list(objects(self._tracker, value)):
            for each in self._shown.get(kind, ()):
                if each.version in ("", version):
                    show(found, each.field, each.form, always=each.always)


def show(found: MutableMapping[str, Any], field: str, form: Form, *, always: bool) -> None:
    """Shows one field of one object in a form: where there is nothing in it, or `always`."""
    value = found.get(field)
    if not always and value not in (None, "", [], {}):
        return
    match form:
        case "absent":
            found.pop(field, None)
        case "null":
            found[field] = None
        case "empty":
            # What type the field has is told by its value; null tells none, and texts are what may be null.
            found[field] = type(value)() if isinstance(value, str | list | dict) else ""


class _Rewriting:
    """Holds one answer back until its JSON was changed."""

    def __init__(self, send: Send, change: Callable[[Any], None]) -> None:
        self._send = send
        self._change = change
        self._start: Message | None = None
        self._body = b""

    async def answer(self, application: ASGIApp, scope: Scope, receive: Receive) -> None:
        """Let the application answer, and send what became of its answer."""
        await application(scope, receive, self._collect)
        if self._start is None:
            return
        headers = [(name.lower(), value) for name, value in self._start.get("headers", ())]
        if any(name == b"content-type" and b"json" in value for name, value in headers) and self._body:
            value = json.loads(self._body)
            self._change(value)
            self._body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
            headers = [(name, value) for name, value in headers if name != b"content-length"]
            headers.append((b"content-length", str(len(self._body)).encode()))
        await self._send({**self._start, "headers": headers})
        await self._send({"type": "http.response.body", "body": self._body})

    async def _collect(self, message: Message) -> None:
        """Take in one ASGI message of the answer."""
        if message["type"] == "http.response.start":
            self._start = message
        elif message["type"] == "http.response.body":
            self._body += message.get("body", b"")


def _tracker_of(scope: Scope) -> Tracker | None:
    """The tracker whose interface a request is for, None for pages and the control interface."""
    path = scope["path"] if scope["type"] == "http" else ""
    for tracker, roots in _ROOTS.items():
        if path.startswith(roots):
            return tracker
    return None


def _below_root(tracker: Tracker, path: str) -> str:
    """A path as the vendor's specification writes it; GitHub's repositories are named, not numbered."""
    if tracker == "github":
        below = path.removeprefix("/api/v3")
        return re.sub(r"^/repositories/[^/]+", "/repos/{owner}/{repo}", below)
    return re.sub(r"^(/jira|/ex/jira/[^/]+)", "", path)


def _pattern(path: str) -> re.Pattern[str]:
    """The paths that a path with `{names}` in it stands for."""
    return re.compile(
        "".join("[^/]+" if part.startswith("{") else re.escape(part) for part in re.split(r"(\{[^}]+\})", path))
    )


def _header(scope: Scope, name: bytes) -> str:
    """The value of a request's header, "" when it is not sent."""
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


_ROOT: Final = "/api/v3"
_FIRST: Final = frozenset(
    {"repos", "repositories", "user", "users", "orgs", "app", "installation", "meta", "versions", "rate_limit"}
)
"""The first words of the interface's addresses that the sandbox serves."""


class AtRoot:
    """ASGI middleware that leads requests to the interface at the root of its host to where the sandbox serves it."""

    def __init__(self, application: ASGIApp, host: str = "") -> None:
        """Wrap `application`; `host` is that of the interface, empty where it shares one with the pages."""
        self._application = application
        self._host = host

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http" and self._is_interface(scope):
            path = _ROOT + scope["path"]
            scope = {**scope, "path": path, "raw_path": path.encode()}
        await self._application(scope, receive, send)

    def _is_interface(self, scope: Scope) -> bool:
        if scope["path"].startswith(_ROOT):
            return False
        if not self._host:
            return scope["path"].split("/")[1] in _FIRST
        names = [value.decode("latin-1") for key, value in scope["headers"] if key == b"host"]
        return any(name.partition(":")[0] == self._host for name in names)
