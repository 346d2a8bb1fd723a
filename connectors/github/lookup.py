"""Finding what was created when the answer was lost, by the markers in what a repository lists since then."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import assert_never

from connectors.github.client import GitHubClient
from connectors.github.listing import comments_of, milestones
from connectors.github.mapping import (
    Json,
    MalformedError,
    RepositoryFacts,
    comment,
    is_pull_request,
    milestone,
    task,
    unreadable,
)
from connectors.github.marker import has_marker
from connectors.github.paging import changed_since
from syncer.contract.connector import Intent, UnreadableItem, earliest
from syncer.contract.errors import Gone, Retryable
from syncer.contract.model import Kind, Marker, Observed


def created(
    client: GitHubClient, scope: RepositoryFacts, intents: Sequence[Intent], skew: timedelta, settling: timedelta
) -> dict[Marker, Observed]:
    """The items that carry a marker of the intents, from what changed since its kind's first intent.

    `skew` is how far the clocks of GitHub's own machines may be apart. GitHub's search is far behind; its lists may be
    read from a copy that is behind by seconds. So what was sent within `settling` and is not listed is looked for
    again, that much later. Raises when a list cannot be read: then nothing is known.
    """
    found = _looked_through(client, scope, intents, skew)
    late = [each for each in intents if each.draft.marker not in found and _was_just_sent(each, client, settling)]
    if late:
        client.pause(settling.total_seconds())
        found |= _looked_through(client, scope, late, skew)
    return found


def _was_just_sent(intent: Intent, client: GitHubClient, settling: timedelta) -> bool:
    """Whether a list may not show yet what was sent. When it was sent may not be known."""
    if intent.after is None or client.clock is None:
        return bool(settling)
    return client.clock - intent.after < settling


def _looked_through(
    client: GitHubClient, scope: RepositoryFacts, intents: Sequence[Intent], skew: timedelta
) -> dict[Marker, Observed]:
    found: dict[Marker, Observed] = {}
    for kind in Kind:
        of_kind = [intent for intent in intents if intent.draft.kind is kind]
        if not of_kind:
            continue
        begun = earliest(of_kind)
        since = None if begun is None else begun - skew
        wanted = {intent.draft.marker for intent in of_kind}
        # Whoever copies a source copies the marker: the oldest item is the one we created.
        aside: list[UnreadableItem] = []
        listed = _listed(client, scope, kind, of_kind, since, aside)
        for item in sorted(listed, key=lambda item: int(item.ref.id)):
            if item.marker in wanted:
                found.setdefault(item.marker, item)
        if aside and not wanted <= found.keys():
            raise Retryable(f"cannot tell whether {kind}s were created: {aside[0].key} cannot be read")
    return found


def _listed(
    client: GitHubClient,
    scope: RepositoryFacts,
    kind: Kind,
    intents: Iterable[Intent],
    since: datetime | None,
    aside: list[UnreadableItem],
) -> Iterator[Observed]:
    """The items in which a marker is looked for. One that cannot be read and may be ours goes to `aside`."""
    match kind:
        case Kind.TASK:
            doing = f"look for issues of {scope.repository}"
            chunks = changed_since(client, f"/repos/{scope.repository}/issues", doing, since, state="all")
            listed = (row for chunk in chunks for row in (*chunk.rows, *(broken for broken, _ in chunk.broken)))
            for row in listed:
                if not is_pull_request(row):
                    yield from _readable(row, kind, scope, aside, lambda row: task(row, scope, scope.declared(row)))
        case Kind.MILESTONE:
            for row in milestones(client, scope.repository):
                yield from _readable(row, kind, scope, aside, lambda row: milestone(row, scope))
        case Kind.COMMENT:
            parents = {intent.draft.parent.ref: intent.draft.parent for intent in intents if intent.draft.parent}
            for parent in parents.values():
                yield from _comments(client, scope, parent, since, aside)
        case _:
            assert_never(kind)


def _readable(
    row: Json, kind: Kind, scope: RepositoryFacts, aside: list[UnreadableItem], read: Callable[[Json], Observed]
) -> Iterator[Observed]:
    """The item. One that cannot be read goes to `aside`, unless its text shows that it carries no marker."""
    try:
        yield read(row)
    except MalformedError as error:
        text = row.get("description" if kind is Kind.MILESTONE else "body")
        if not isinstance(text, str) or has_marker(text):
            aside.append(unreadable(row, kind, scope, error, None))


def _comments(
    client: GitHubClient, scope: RepositoryFacts, parent: Observed, since: datetime | None, aside: list[UnreadableItem]
) -> Iterator[Observed]:
    """The comments of a task; none when the task was certainly deleted, and the comment with it."""
    try:
        for row in comments_of(client, scope.repository, parent, since):
            yield from _readable(row, Kind.COMMENT, scope, aside, lambda row: comment(row, scope, parent.ref))
    except Gone as error:
        if error.uncertain:
            raise Retryable(f"cannot tell whether the comment on {parent.key} exists: {error}") from error
