"""Deliveries of GitHub's webhooks, of a repository, an organisation or an App: which repository they are about.

Sources: docs.github.com, "Validating webhook deliveries" (`X-Hub-Signature-256`, over the body as it was sent) and
"Webhook events and payloads" (`X-GitHub-Event`, `X-GitHub-Delivery`; `payload` where the content type is a form).
"""

from __future__ import annotations

import re
from typing import Any, Final

from connectors.github.settings import GitHubScope
from connectors.hooks import document, text, within
from syncer.contract.hooks import Delivery, HookNews, HookPlace

NEEDED: Final = ("issues", "issue_comment")
"""Without these a change of an issue is not told."""
CONCERNING: Final = frozenset({*NEEDED, "issue_dependencies", "label", "milestone", "repository", "sub_issues"})
_EVENT = re.compile(r"[a-z0-9_]{1,50}")


class GitHubHooks:
    """See `HookReader`."""

    signature = "x-hub-signature-256"
    identity = "x-github-delivery"

    def place(self, scope: GitHubScope) -> str:
        """`acme/pay`; GitHub does not tell upper case from lower."""
        return scope.repository.casefold()

    def read(self, delivery: Delivery) -> HookNews:
        """What is told of issues. Comments on pull requests are told as those on issues, and concern nothing."""
        event = delivery.headers.get("x-github-event", "")
        if not _EVENT.fullmatch(event):
            raise ValueError("X-GitHub-Event names no event")
        body = document(delivery, form="payload")
        if event == "ping":
            return HookNews(event, lacking=_lacking(body))
        if event not in CONCERNING or within(body, "issue", "pull_request") is not None:
            return HookNews(event)
        name = text(within(body, "repository", "full_name")).casefold()
        places = (HookPlace(name, text(within(body, "repository", "id"))),) if name else ()
        return HookNews(event, places, proof=event == "issues")


def _lacking(body: dict[str, Any]) -> tuple[str, ...]:
    """The events that the new webhook does not send and we need; a `*` is all of them."""
    events = within(body, "hook", "events")
    if not isinstance(events, list) or "*" in events:
        return ()
    return tuple(event for event in NEEDED if event not in events)
