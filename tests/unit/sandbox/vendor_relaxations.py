"""Where a vendor's document contradicts the vendor's product, and what is put in its place; each with the reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_NAMED = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}
_LABEL_NAMES = {"type": "array", "items": {"anyOf": [{"type": "string"}, _NAMED]}}
_LABELS = {"anyOf": [_LABEL_NAMES, {"type": "object", "required": ["labels"], "properties": {"labels": _LABEL_NAMES}}]}
_LABELS_OF_ISSUE = "/paths/~1repos~1{owner}~1{repo}~1issues~1{issue_number}~1labels"
_BARE_ARRAY = (
    "the product takes a bare array of names too, as the operation's own description says and PyGithub sends; "
    "this edition of the document lost that variant"
)


@dataclass(frozen=True, slots=True)
class Relaxation:
    """What a JSON pointer names in a document is replaced, because `reason`."""

    pointer: str
    replacement: Any
    reason: str


_NEWER_VERSION = {
    "assignee": "version 2026-03-10 of the interface shows `assignees` alone",
    "has_downloads": "version 2026-03-10 of the interface leaves it out",
}
LEFT_OUT: Mapping[str, Mapping[str, str]] = {
    "github-rest": {
        **_NEWER_VERSION,
        "rate": "version 2026-03-10 of the interface tells it among the resources alone",
    },
    "github-more": _NEWER_VERSION,
}
"""Properties that a document requires though another version of the interface has none: by name, with the reason."""

# Those of Jira's documents are in `jira_relaxations`.
RELAXATIONS: Mapping[str, tuple[Relaxation, ...]] = {
    "github-rest": (
        *(
            Relaxation(f"{_LABELS_OF_ISSUE}/{verb}/requestBody/content/application~1json/schema", _LABELS, _BARE_ARRAY)
            for verb in ("post", "put")
        ),
        Relaxation(
            "/paths/~1repos~1{owner}~1{repo}~1milestones~1{milestone_number}/patch/requestBody/content"
            "/application~1json/schema/properties/due_on",
            {"type": "string", "format": "date-time", "nullable": True},
            "null takes a milestone's due date away, which the document gives no other way to do",
        ),
    ),
    "github-more": (
        Relaxation(
            "/components/schemas/projects-v2-item-simple/properties/content",
            {
                "anyOf": [
                    {"$ref": f"#/components/schemas/{name}"}
                    for name in ("issue", "pull-request-simple", "projects-v2-draft-issue")
                ]
            },
            "an issue has all that a draft has: it is not one of them alone, as the document wants it",
        ),
    ),
}
