"""Finding what was created when the answer was lost, by the markers in what a repository lists since then."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import assert_never

from connectors.github.client import GitHubClient
from connectors.github.listing import comments_of, milestones
from connectors.github.mapping import Scope, comment, is_pull_request, milestone, task
from connectors.github.paging import changed_since
from syncer.contract.connector import Intent, earliest
from syncer.contract.errors import Gone, Retryable
from syncer.contract.model import Kind, Marker, Observed


def created(client: GitHubClient, scope: Scope, intents: Sequence[Intent], skew: timedelta) -> dict[Marker, Observed]:
    """The items that carry a marker of the intents, from what changed since its kind's first intent.

    `skew` is how far the clocks of GitHub's own machines may be apart. GitHub's lists are consistent, its search is
    not. Raises when a list cannot be read: then nothing is known.
    """
    found: dict[Marker, Observed] = {}
    for kind in Kind:
        of_kind = [intent for intent in intents if intent.draft.kind is kind]
        if of_kind:
            begun = earliest(of_kind)
            since = None if begun is None else begun - skew
            wanted = {intent.draft.marker for intent in of_kind}
            # Whoever copies a source copies the marker: the oldest item is the one we created.
            for item in sorted(_listed(client, scope, kind, of_kind, since), key=lambda item: int(item.ref.id)):
                if item.marker in wanted:
                    found.setdefault(item.marker, item)
    return found


def _listed(
    client: GitHubClient, scope: Scope, kind: Kind, intents: Iterable[Intent], since: datetime | None
) -> Iterator[Observed]:
    match kind:
        case Kind.TASK:
            doing = f"look for issues of {scope.repository}"
            chunks = changed_since(client, f"/repos/{scope.repository}/issues", doing, since, state="all")
            yield from (task(row, scope) for chunk in chunks for row in chunk.rows if not is_pull_request(row))
        case Kind.MILESTONE:
            yield from (milestone(row, scope) for row in milestones(client, scope.repository))
        case Kind.COMMENT:
            parents = {intent.draft.parent.ref: intent.draft.parent for intent in intents if intent.draft.parent}
            for parent in parents.values():
                yield from _comments(client, scope, parent, since)
        case _:
            assert_never(kind)


def _comments(client: GitHubClient, scope: Scope, parent: Observed, since: datetime | None) -> Iterator[Observed]:
    """The comments of a task; none when the task was certainly deleted, and the comment with it."""
    try:
        for row in comments_of(client, scope.repository, parent, since):
            yield comment(row, scope, parent.ref)
    except Gone as error:
        if error.uncertain:
            raise Retryable(f"cannot tell whether the comment on {parent.key} exists: {error}") from error
