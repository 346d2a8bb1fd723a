"""Deliveries of Jira's webhooks: which project they are about.

Sources: developer.atlassian.com, "Webhooks" of Jira Cloud, "Secure admin webhooks" (since February 2024), and
"Managing webhooks" of Jira Data Center, "Securing your webhook": with a secret, `X-Hub-Signature` holds `sha256=` and
the HMAC of the body. Cloud numbers a delivery by `X-Atlassian-Webhook-Identifier` and sends it again under the same
number. What an app registers (Connect, OAuth 2.0) is signed in another way, and is not taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from connectors.hooks import document, text, within
from syncer.contract.hooks import Delivery, HookNews, HookPlace

_EVENT = re.compile(r"[A-Za-z_:]{1,60}")
_KEY = re.compile(r"(?P<project>[A-Z][A-Z0-9_]*)-[0-9]+")
_ABOUT = ("jira:issue_", "comment_", "jira:version_", "project_")
"""How events begin that concern issues, comments or versions. Links and attachments are told without a project."""


class JiraHooks:
    """See `HookReader`."""

    signature = "x-hub-signature"
    identity = "x-atlassian-webhook-identifier"

    def place(self, scope: Any) -> str:
        """The key of the project."""
        return str(scope.project)

    def read(self, delivery: Delivery) -> HookNews:
        """What is told of issues and comments; an issue that moved is told of both projects."""
        body = document(delivery)
        event = text(body.get("webhookEvent"))
        if not _EVENT.fullmatch(event):
            raise ValueError("webhookEvent names no event")
        if not event.startswith(_ABOUT):
            return HookNews(event)
        return HookNews(event, tuple(dict.fromkeys(_places(body))), proof=event.startswith("jira:issue_"))


def _places(body: dict[str, Any]) -> Iterator[HookPlace]:
    """The projects, by what the delivery has of them: the project itself, the key of the issue, its former key."""
    for project in (within(body, "issue", "fields", "project"), body.get("project")):
        if key := text(within(project, "key")):
            yield HookPlace(key, text(within(project, "id")))
    keys = [within(body, "issue", "key")]
    items = within(body, "changelog", "items")
    keys += [within(item, "fromString") for item in (items if isinstance(items, list) else ()) if
             text(within(item, "field")).casefold() == "key"]  # fmt: skip
    for key in keys:
        if found := _KEY.fullmatch(text(key)):
            yield HookPlace(found["project"])
