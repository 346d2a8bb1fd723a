"""Webhooks of both trackers, sent by a thread of their own after what people and programs do over HTTP.

Signed as the vendors say (see `connectors.github.hooks` and `connectors.jira.hooks` for the sources): GitHub by
`X-Hub-Signature-256`, Jira Cloud and Data Center by `X-Hub-Signature`. As with GitHub nothing is sent again.
"""

from __future__ import annotations

import hmac
import http.client
import json
import queue
import re
import threading
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from syncer.sandbox.github.issuerendering import issue_json
from syncer.sandbox.github.rendering import account_json, encode, simple_repository_json
from syncer.sandbox.interception import Change

if TYPE_CHECKING:
    from syncer.sandbox.github import GitHub
    from syncer.sandbox.jira import Jira

_TIMEOUT = 10.0
_OF_GITHUB = re.compile(r"/api/v3/repos/(?P<repository>[^/]+/[^/]+)/issues(?P<rest>/.*)?")
_OF_JIRA = re.compile(r".*/rest/api/[23]/issue(?P<rest>/.*)?")


@dataclass(frozen=True, slots=True)
class Hook:
    """A delivery as it leaves."""

    tracker: str
    headers: Mapping[str, str]
    body: bytes


class HookSender:
    """Sends the deliveries of both trackers to an address, `/github` and `/jira` behind it, in the order of changes."""

    def __init__(self, address: str, secrets: Mapping[str, str], github: GitHub, jira: Jira) -> None:
        """Send nothing yet. `secrets` are what each tracker signs with; one without signs nothing."""
        self._address, self._secrets = address.rstrip("/"), secrets
        self._github, self._jira = github, jira
        self._changes: queue.SimpleQueue[Change | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="sandbox-hooks", daemon=True)
        self.answers: list[tuple[str, int | None]] = []
        """Tracker and status of what was sent, in order; None where nobody answered."""

    def start(self) -> None:
        """Send from here on."""
        self._thread.start()

    def stop(self) -> None:
        """Send what is still to be sent, and end."""
        self._changes.put(None)
        self._thread.join(timeout=_TIMEOUT)

    def note(self, change: Change) -> None:
        """Take what a tracker carried out; returns at once."""
        self._changes.put(change)

    def _run(self) -> None:
        while (change := self._changes.get()) is not None:
            made = self._of_github(change) if change.tracker == "github" else self._of_jira(change)
            for hook in made:
                self.answers.append((hook.tracker, self._send(hook)))

    def _send(self, hook: Hook) -> int | None:
        """Return the status of the answer, None without one."""
        parts = urlsplit(f"{self._address}/{hook.tracker}")
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(parts.netloc, timeout=_TIMEOUT)
        try:
            connection.request("POST", parts.path, hook.body, {**hook.headers, "Content-Type": "application/json"})
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def _signed(self, tracker: str, header: str, body: bytes) -> dict[str, str]:
        secret = self._secrets.get(tracker)
        return {header: f"sha256={hmac.new(secret.encode(), body, 'sha256').hexdigest()}"} if secret else {}

    def _of_github(self, change: Change) -> Iterator[Hook]:
        """Yield the delivery of a change of an issue or a comment, none for any other change."""
        found = _OF_GITHUB.fullmatch(change.path)
        repository = None if found is None else self._github.find_repository(found["repository"])
        if found is None or repository is None:
            return
        answer, rest = _object(change.answer), found["rest"] or ""
        told: dict[str, Any] = {"repository": simple_repository_json(self._github, repository)}
        number = re.match(r"/([0-9]+)", rest)
        issue = repository.issues.get(int(number[1]) if number else answer.get("number", 0))
        if issue is not None:
            told["issue"] = issue_json(self._github, issue)
        if change.user and (account := self._github.accounts.get(change.user.casefold())):
            told["sender"] = account_json(self._github, account)
        event = "issue_comment" if "comments" in rest else "issues"
        if event == "issue_comment":
            told["comment"] = answer
        body = encode({"action": _action(change, event), **told})
        headers = {"X-GitHub-Event": event, "X-GitHub-Delivery": str(uuid.uuid4()), "User-Agent": "GitHub-Hookshot/0"}
        yield Hook("github", {**headers, **self._signed("github", "X-Hub-Signature-256", body)}, body)

    def _of_jira(self, change: Change) -> Iterator[Hook]:
        """Yield the delivery of each issue that was created, changed, moved on or commented on."""
        found = _OF_JIRA.fullmatch(change.path)
        if found is None:
            return
        rest, answer = (found["rest"] or "").strip("/"), _object(change.answer)
        created = [answer] if not rest else answer.get("issues", []) if rest == "bulk" else []
        keys = [str(one.get("key", "")) for one in created] or [rest.partition("/")[0]]
        event = "comment_" if "/comment" in rest else "jira:issue_"
        event += {"DELETE": "deleted", "POST": "created"}.get(change.verb, "updated")
        if rest.endswith("/transitions") or (event == "jira:issue_created" and not created):
            event = "jira:issue_updated"
        for key in keys:
            issue = self._jira.find_issue(unquote(key))
            if issue is None:
                continue
            project = {"id": issue.project.id, "key": issue.project.key, "name": issue.project.name}
            shown = {
                "id": issue.id,
                "key": issue.key,
                "fields": {"summary": issue.content["summary"], "project": project},
            }
            told = {"timestamp": int(self._jira.clock.now().timestamp() * 1000), "webhookEvent": event, "issue": shown}
            body = encode({**told, **({"comment": answer} if event.startswith("comment_") else {})})
            headers = {"X-Atlassian-Webhook-Identifier": str(uuid.uuid4())} if self._jira.is_cloud else {}
            yield Hook("jira", {**headers, **self._signed("jira", "X-Hub-Signature", body)}, body)


def _action(change: Change, event: str) -> str:
    """Return GitHub's word for what was done."""
    if change.path.endswith("/labels") or "/labels/" in change.path:
        return "unlabeled" if change.verb == "DELETE" else "labeled"
    if event == "issues" and "state" in (asked := _object(change.request)):
        return "closed" if asked["state"] == "closed" else "reopened"
    first = "created" if event == "issue_comment" else "opened"
    return {"POST": first, "DELETE": "deleted"}.get(change.verb, "edited")


def _object(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
