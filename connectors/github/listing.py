"""Listing what changed in a repository: lists that move while they are read, and the comments that belong to them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from connectors.github.boards import Boards
from connectors.github.client import VERSIONS, GitHubClient
from connectors.github.edges import Edges
from connectors.github.issue_fields import IssueFields
from connectors.github.mapping import (
    Json,
    Linked,
    MalformedError,
    RepositoryFacts,
    comment,
    instant,
    is_pull_request,
    issue_number,
    label_names,
    milestone,
    number_of,
    on_pull_request,
    part,
    task,
    tells_parent,
    type_name,
    unreadable,
    with_edges,
)
from connectors.github.paging import Chunk, changed_since, pages, stamp
from connectors.github.settings import Terms
from syncer.contract.connector import Known, Page, UnreadableItem, expect
from syncer.contract.errors import Gone, Retryable
from syncer.contract.model import Audience, Cursor, Field, Kind, Observed, Ref


@dataclass(frozen=True, slots=True)
class ListingPosition:
    """Where reading stopped. `complete` is true while everything is still being read for the first time."""

    since: datetime | None
    complete: bool
    repository: int | None
    """The numeric id: another repository may come to have the same name."""
    audience: Audience
    lacks: frozenset[Field] | None = None
    """Which edges this server does not have; None while it was not asked."""
    version: str = ""
    """The version of the interface it was asked in; empty for the newest."""
    fields: object = None
    """What `IssueFields.stored` told; None where no field is declared."""
    boards: object = None
    """What `Boards.stored` told; None where no field of a board is declared."""

    def cursor(self) -> Cursor:
        """The form that is stored."""
        since = None if self.since is None else stamp(self.since)
        more = {"version": self.version} if self.version else {}
        lacks = {} if self.lacks is None else {"lacks": sorted(self.lacks)}
        fields = {} if self.fields is None else {"fields": self.fields}
        boards = {} if self.boards is None else {"boards": self.boards}
        told = {"since": since, "complete": self.complete, "repository": self.repository, "audience": self.audience}
        return Cursor(json.dumps({**told, **lacks, **more, **fields, **boards}))

    @classmethod
    def parse(cls, cursor: Cursor) -> ListingPosition:
        """The position that `cursor()` gave. Raises ValueError for anything else."""
        data = json.loads(cursor)
        since, number = data["since"], data["repository"]
        if number is not None and not isinstance(number, int):
            raise ValueError("the repository's id is not a number")
        return cls(
            None if since is None else instant(since, "since"),
            bool(data["complete"]),
            number,
            Audience(data["audience"]),
            frozenset(map(Field, data["lacks"])) if "lacks" in data else None,
            str(data.get("version", "")),
            data.get("fields"),
            data.get("boards"),
        )


class CommentStream:
    """The comments of a whole repository by the issue they belong to, read only as far as needed."""

    def __init__(self, client: GitHubClient, repository: str, since: datetime | None) -> None:
        path = f"/repos/{repository}/issues/comments"
        self._pages = changed_since(client, path, f"list the comments of {repository}", since)
        self._reached: datetime | None = None
        self._ended = False
        self._waiting: dict[int, dict[int, Json]] = {}

    def read_until(self, time: datetime | None) -> None:
        """Reads on until all that changed up to `time` is known; to the end when there is no time."""
        while not self._ended and (time is None or self._reached is None or self._reached <= time):
            page = next(self._pages, None)
            if page is None:
                self._ended = True
                return
            self._reached = page.reached or self._reached
            for row in page.rows:
                # One that does not say whose it is is missed when the comments are counted, and listed with its issue.
                number = _number_in(row)
                if number is not None and not on_pull_request(row):
                    self._waiting.setdefault(number, {})[part(row, "id", int)] = row

    def count(self, number: int) -> int:
        """How many comments of an issue were read."""
        return len(self._waiting.get(number, ()))

    def ids(self, number: int) -> Iterable[int]:
        """The native ids of the comments of an issue that were read."""
        return self._waiting.get(number, {}).keys()

    def take(self, number: int) -> list[Json]:
        """The comments of an issue that were read, oldest first; they are no longer kept."""
        return [row for _, row in sorted(self._waiting.pop(number, {}).items())]


class Listing:
    """One reading of a repository, from a position on."""

    def __init__(
        self,
        client: GitHubClient,
        scope: RepositoryFacts,
        terms: Terms,
        edges: Edges,
        fields: IssueFields,
        boards: Boards,
        *,
        start: ListingPosition,
        known: Known,
        overlap: timedelta,
    ) -> None:
        self._client = client
        self._scope = scope
        self._terms = terms
        self._edges = edges
        self._fields = fields
        self._boards = boards
        self._start = start
        self._known = known
        self._overlap = overlap
        self._comments = CommentStream(client, scope.repository, None if start.complete else start.since)
        self._orphans: dict[Ref, tuple[Json, Observed]] = {}
        self._aside: list[UnreadableItem] = []
        self._outside: set[Ref] = set()

    def pages(self) -> Iterator[Page]:
        """The pages, the last one with the cursor to store."""
        everything = list(self._all_milestones()) if self._start.complete else []
        reached = self._start
        chunks = changed_since(
            self._client,
            f"/repos/{self._scope.repository}/issues",
            f"list the issues of {self._scope.repository}",
            self._start.since,
            state="all",
        )
        for chunk in chunks:
            self._boards.turn(self._known, chunk.date, everything=self._start.complete)
            expect(self._known, [Ref(Kind.TASK, str(native)) for row in chunk.rows if (native := row.get("id"))])
            self._note(chunk)
            issues = list(self._tasks(chunk))
            dated = everything or self._embedded(row for row, _ in issues)
            comments, complete = self._comments_of(issues, chunk.reached)
            reached = self._advanced(reached, chunk)
            last = chunk.last and not self._orphans
            # A complete reading shows all there is: what it did not show is gone, whatever a board says.
            moved = self._boards.moved(self._known) if chunk.last and not self._start.complete else ()
            shown = (*dated, *(item for _, item in issues), *moved, *comments)
            fields, boards = self._fields.stored(), self._boards.stored(whole=chunk.last)
            reached = replace(reached, lacks=self._edges.lacks, version=self._version(), fields=fields, boards=boards)
            cursor = replace(reached, complete=reached.complete and not last).cursor()
            unnamed = {one.parent for one in self._aside if one.ref is None}
            outside = frozenset(self._outside)
            yield Page(shown, cursor, frozenset(complete - unnamed), tuple(self._aside), outside)
            everything, self._aside, self._outside = [], [], set()
        if self._orphans:
            late = tuple(self._adopted(row, item) for row, item in self._orphans.values())
            yield Page(late, replace(reached, complete=False).cursor())

    def _version(self) -> str:
        """The version of the interface, where it is not the one that would be asked for anyway."""
        return "" if self._client.version == VERSIONS[0] else self._client.version

    def _tasks(self, chunk: Chunk) -> Iterator[tuple[Json, Observed]]:
        """The issues of a page that belong to the scope and can be read; the others of the scope are set aside."""
        for row, error in chunk.broken:
            if not is_pull_request(row):
                self._set_aside(row, Kind.TASK, error)
        for row in chunk.rows:
            try:
                admitted = admits(self._terms, row)
                if not (admitted or self._follows(row)):
                    continue
                part(row, "comments", int)
                item = self._task(row)
                if not admitted:
                    self._outside.add(item.ref)
                yield row, item
            except MalformedError as error:
                self._set_aside(row, Kind.TASK, error)

    def _follows(self, row: Json) -> bool:
        """Whether an issue that the filter does not admit is linked."""
        return not is_pull_request(row) and self._known.follows(Ref(Kind.TASK, str(part(row, "id", int))))

    def _set_aside(self, row: Json, kind: Kind, error: MalformedError, parent: Ref | None = None) -> None:
        self._aside.append(unreadable(row, kind, self._scope, error, parent))

    def _embedded(self, issues: Iterable[Json]) -> list[Observed]:
        """Milestones that issues show and the store does not know so: they come with the issue, free of charge."""
        found = {}
        for issue in issues:
            if issue.get("milestone") is not None:
                shown = part(issue, "milestone", dict)
                try:
                    item = self._milestone(shown)
                except MalformedError as error:
                    self._set_aside(shown, Kind.MILESTONE, error)
                    continue
                stored = self._known.observed(item.ref)
                if stored is None or stored.version != item.version:
                    found[item.ref] = item
        return list(found.values())

    def _note(self, chunk: Chunk) -> None:
        """Learns which native id is behind each number, and drops comments that will not be asked for."""
        for row in chunk.rows:
            number = row.get("number")
            if not isinstance(number, int):
                continue
            if not is_pull_request(row):
                self._edges.learn(number, str(part(row, "id", int)))
            if not _surely_admits(self._terms, row) and (is_pull_request(row) or not self._follows(row)):
                self._comments.take(number)

    def _task(self, row: Json) -> Observed:
        everything = self._start.complete
        stored = self._known.observed(Ref(Kind.TASK, str(part(row, "id", int))))
        declared = self._fields.shown(row, stored) | self._boards.shown(str(part(row, "id", int)), stored)
        found = self._edges.listed(row, stored, everything=everything) | declared
        item = self._boards.timed(task(row, self._scope, found, self._linked(row, Kind.TASK)))
        item = self._boards.noted(item, stored, self._fields.uncarried(row))
        if everything and tells_parent(row) and Field.PARENT not in item.showing:
            # The parent may come on a later page; until then it is not known.
            self._orphans[item.ref] = (row, item)
        return item

    def _comments_in(self, listed: Iterable[Json], issue: Observed) -> Iterator[Observed]:
        """The comments of an issue in their JSON. What cannot be read is set aside."""
        for row in listed:
            try:
                yield comment(row, self._scope, issue.ref, self._linked(row, Kind.COMMENT))
            except MalformedError as error:
                self._set_aside(row, Kind.COMMENT, error, issue.ref)

    def _all_milestones(self) -> Iterator[Observed]:
        for row in milestones(self._client, self._scope.repository):
            try:
                yield self._milestone(row)
            except MalformedError as error:
                self._set_aside(row, Kind.MILESTONE, error)

    def _milestone(self, row: Json) -> Observed:
        return milestone(row, self._scope, self._linked(row, Kind.MILESTONE))

    def _linked(self, row: Json, kind: Kind) -> Linked:
        return partial(self._known.marker, Ref(kind, str(part(row, "id", int))))

    def _adopted(self, row: Json, item: Observed) -> Observed:
        parent = self._edges.above(row)
        return item if parent is None else with_edges(item, {Field.PARENT: parent})

    def _comments_of(
        self, issues: list[tuple[Json, Observed]], reached: datetime | None
    ) -> tuple[list[Observed], set[Ref]]:
        """The comments of those issues that changed, and which issues' comments are all among them."""
        if self._start.complete:
            return self._all_comments(issues, reached)
        changed = [(row, item) for row, item in issues if self._may_have_other_comments(row, item)]
        if len(changed) == 1:
            return self._each_listed(changed)
        if changed:
            self._comments.read_until(None)
        incomplete = [(row, item) for row, item in changed if self._miscounts(row, item)]
        comments, complete = self._each_listed(incomplete)
        for row, item in changed:
            if (row, item) not in incomplete:
                taken = self._comments.take(part(row, "number", int))
                comments.extend(self._comments_in(taken, item))
        return comments, complete

    def _all_comments(
        self, issues: list[tuple[Json, Observed]], reached: datetime | None
    ) -> tuple[list[Observed], set[Ref]]:
        """Every comment of the issues of one page, from the list of the whole repository."""
        talked = [(row, item) for row, item in issues if part(row, "comments", int)]
        # A comment is no younger than its issue's last change, as far as GitHub says: read so far, then count.
        if talked:
            self._comments.read_until(reached)
        if any(self._short(row) for row, _ in talked):
            self._comments.read_until(None)
        short = [(row, item) for row, item in talked if self._short(row)]
        listed = [native for row, _ in talked for native in self._comments.ids(part(row, "number", int))]
        expect(self._known, [Ref(Kind.COMMENT, str(native)) for native in listed])
        comments, complete = self._each_listed(short)
        for row, item in issues:
            if (row, item) not in short:
                taken = self._comments.take(part(row, "number", int))
                comments.extend(self._comments_in(taken, item))
                complete.add(item.ref)
        return comments, complete

    def _short(self, row: Json) -> bool:
        return self._comments.count(part(row, "number", int)) != part(row, "comments", int)

    def _may_have_other_comments(self, row: Json, item: Observed) -> bool:
        stored = self._known.observed(item.ref)
        count, known = part(row, "comments", int), self._known.comments(item.ref)
        return count != known or (count > 0 and (stored is None or stored.updated < item.updated))

    def _miscounts(self, row: Json, item: Observed) -> bool:
        """What is stored and what is new do not add up: something was deleted, or the issue came into the scope."""
        new = [
            native
            for native in self._comments.ids(part(row, "number", int))
            if self._known.observed(Ref(Kind.COMMENT, str(native))) is None
        ]
        return self._known.comments(item.ref) + len(new) != part(row, "comments", int)

    def _each_listed(self, issues: list[tuple[Json, Observed]]) -> tuple[list[Observed], set[Ref]]:
        """All comments of the issues, one list each."""
        comments: list[Observed] = []
        complete: set[Ref] = set()
        for row, item in issues:
            try:
                if part(row, "comments", int):
                    listed = comments_of(self._client, self._scope.repository, item)
                    comments.extend(self._comments_in(listed, item))
            except Gone as error:
                if error.uncertain:
                    raise Retryable(f"cannot list the comments of {item.key}: {error}") from error
                continue  # deleted a moment ago, which reading the issue will tell
            complete.add(item.ref)
        return comments, complete

    def _advanced(self, reached: ListingPosition, chunk: Chunk) -> ListingPosition:
        """The position after a page: a little before the last change seen, by GitHub's clock; never further back."""
        newest = chunk.reached or (chunk.date if reached.since is None else None)
        if newest is None:
            return reached
        since = newest - self._overlap
        return replace(reached, since=since if reached.since is None else max(since, reached.since))


def admits(terms: Terms, row: Json) -> bool:
    """An entry of an issue list belongs to the scope: it is no pull request, and the filter agrees."""
    return not is_pull_request(row) and terms.admit(frozenset(label_names(row)), type_name(row))


def _surely_admits(terms: Terms, row: Json) -> bool:
    try:
        return admits(terms, row)
    except MalformedError:
        return False


def _number_in(row: Json) -> int | None:
    try:
        return issue_number(row)
    except MalformedError:
        return None


def milestones(client: GitHubClient, repository: str) -> Iterator[Json]:
    """All milestones: there are few, and the API cannot ask for them by time."""
    path = f"/repos/{repository}/milestones"
    for listed in pages(client, path, f"list the milestones of {repository}", state="all"):
        yield from listed


def comments_of(
    client: GitHubClient, repository: str, issue: Observed, since: datetime | None = None
) -> Iterator[Json]:
    """All comments of one issue, oldest first; those changed since a time, when one is given."""
    path = f"/repos/{repository}/issues/{number_of(issue)}/comments"
    where = {"since": stamp(since)} if since is not None else {}
    for listed in pages(client, path, f"list the comments of {issue.key}", item=True, **where):
        yield from listed
