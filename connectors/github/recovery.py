"""Finding what was created when the answer was lost, by the markers in what a repository lists since then."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import assert_never

from connectors.github.client import GitHubClient
from connectors.github.listing import comments_of, milestones
from connectors.github.mapping import MalformedError, Scope, is_pull_request, task, unreadable
from connectors.github.marker import without_marker
from connectors.github.paging import Chunk, changed_since
from syncer.contract.connector import Intent, UnreadableItem
from syncer.contract.errors import Gone, Retryable
from syncer.contract.model import Kind, Marker, Observed


def created(client: GitHubClient, scope: Scope, intents: Sequence[Intent], skew: timedelta) -> dict[Marker, Observed]:
    """The items that carry a marker of the intents, each created no earlier than `skew` before its kind's first intent.

    GitHub's lists are consistent, its search is not. Raises when a list cannot be read: then nothing is known.
    """
    found: dict[Marker, Observed] = {}
    for kind in Kind:
        of_kind = [intent for intent in intents if intent.draft.kind is kind]
        if of_kind:
            since = min(intent.at for intent in of_kind) - skew
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
    scope: Scope,
    kind: Kind,
    intents: Iterable[Intent],
    since: datetime,
    aside: list[UnreadableItem],
) -> Iterator[Observed]:
    """The items in which a marker is looked for. One that cannot be read and may be ours goes to `aside`."""
    match kind:
        case Kind.TASK:
            doing = f"look for issues of {scope.repository}"
            chunks = changed_since(client, f"/repos/{scope.repository}/issues", doing, since, state="all")
            for chunk in chunks:
                yield from _tasks(chunk, scope, aside)
        case Kind.MILESTONE:
            yield from milestones(client, scope, aside)
        case Kind.COMMENT:
            parents = {intent.draft.parent.ref: intent.draft.parent for intent in intents if intent.draft.parent}
            for parent in parents.values():
                yield from _comments(client, scope, parent, since, aside)
        case _:
            assert_never(kind)


def _tasks(chunk: Chunk, scope: Scope, aside: list[UnreadableItem]) -> Iterator[Observed]:
    for row, error in chunk.broken:
        if not is_pull_request(row):
            aside.append(unreadable(row, Kind.TASK, scope, error, None))
    for row in chunk.rows:
        try:
            if not is_pull_request(row):
                yield task(row, scope)
        except MalformedError as error:
            if not isinstance(row.get("body"), str) or without_marker(row["body"])[1] is not None:
                aside.append(unreadable(row, Kind.TASK, scope, error, None))


def _comments(
    client: GitHubClient, scope: Scope, parent: Observed, since: datetime, aside: list[UnreadableItem]
) -> Iterator[Observed]:
    """The comments of a task; none when the task was certainly deleted, and the comment with it."""
    try:
        yield from comments_of(client, scope, parent, aside, since)
    except Gone as error:
        if error.uncertain:
            raise Retryable(f"cannot tell whether the comment on {parent.key} exists: {error}") from error
