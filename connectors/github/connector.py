"""One repository as the engine sees it."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import quote

from connectors.github import bodies, checking, mapping
from connectors.github import roster as rosters
from connectors.github.answers import ISSUES_OFF
from connectors.github.client import GitHubClient
from connectors.github.edges import Edges
from connectors.github.files import RepositoryFiles
from connectors.github.history import history
from connectors.github.listing import Listing, ListingPosition, milestones
from connectors.github.mapping import BODY_LIMIT, LABEL_LIMIT, TITLE_LIMIT, MalformedError, RepositoryFacts
from connectors.github.markdown import GitHubMarkdown
from connectors.github.marker import clean
from connectors.github.own_accounts import Ours
from connectors.github.recovery import created
from connectors.github.settings import GitHubScope, GitHubTracker
from syncer.contract.connector import Capabilities, Finding, Intent, Known, OwnAccount, Page, Vocabulary
from syncer.contract.errors import Ambiguous, Denied, Gone, Rejected, Retryable, Stale, TrackerError, Unreadable
from syncer.contract.files import File
from syncer.contract.history import HistoryPage
from syncer.contract.model import (
    EDGES,
    Account,
    Audience,
    Cursor,
    Draft,
    Field,
    Kind,
    Marker,
    Observed,
    Patch,
    Ref,
    Status,
    Value,
    Version,
)
from syncer.contract.recording import Exchange, Product
from syncer.contract.roster import Roster
from syncer.richtext.markup import Markup

_ASSIGNEES: Final = 10
_ELEMENT_WISE: Final = (Field.LABELS, Field.BLOCKED_BY)


class GitHubConnector:
    """A connector to one repository. No request is sent before the first call; not safe for use by several threads."""

    def __init__(
        self,
        tracker: GitHubTracker,
        scope: GitHubScope,
        *,
        sleep: Callable[[float], None] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._settings = tracker
        self._terms = scope.terms
        self._issue_types = scope.issue_types
        self._repository = scope.repository
        self._base = f"/repos/{scope.repository}"
        self._monotonic = monotonic
        self._now = now
        self._client = GitHubClient(tracker, scope.repository, sleep=sleep, monotonic=monotonic)
        self._ours = Ours(self._client, tracker.former_accounts)
        self._edges = Edges(self._client, scope.repository)
        self._markup = GitHubMarkdown(tracker.pages, scope.repository, BODY_LIMIT)
        self._files = RepositoryFiles(tracker, scope.repository, self._client, self._path)
        self._audience: Audience | None = None
        self._repository_id: int | None = None
        self._milestone_numbers: dict[str, int] = {}
        self._accounts: dict[str, Account | None] = {}
        self._read_at: dict[Ref, tuple[float, Version]] = {}
        self._capabilities = Capabilities(
            fields=RepositoryFacts(scope.repository, Audience.RESTRICTED, scope.issue_types).fields(),
            rate_limits=tracker.rate_limits,
            labels_fold_case=True,
            native_types=scope.issue_types,
            max_assignees=_ASSIGNEES,
            title_limit=TITLE_LIMIT,
            body_limit=BODY_LIMIT,
            label_limit=LABEL_LIMIT,
        )

    @property
    def capabilities(self) -> Capabilities:
        """What the API can hold of an issue; types only where the scope says that the organisation has them.

        An edge that this server was found to lack is not among it.
        """
        lacking = self._edges.lacks or frozenset()
        if not lacking:
            return self._capabilities
        fields = {
            kind: {field: how for field, how in held.items() if field not in lacking}
            for kind, held in self._capabilities.fields.items()
        }
        return replace(self._capabilities, fields=fields, lacking=lacking)

    @property
    def markup(self) -> Markup:
        """GitHub's Markdown, with room left for the marker."""
        return self._markup

    @property
    def requests(self) -> int:
        """Requests sent so far, an App's sign-in not among them."""
        return self._client.requests + self._files.requests

    def heed(self, stop: Callable[[], bool]) -> None:
        """Ends reads and waits soon after `stop` says so."""
        self._client.watch.stop = stop

    def hear(self, listener: Callable[[Exchange], None]) -> None:
        """Tells `listener` of each exchange, an App's sign-in among them."""
        self._client.hear(listener)

    def product(self) -> Product | None:
        """Which of GitHub's products answers, as its last answer told; costs no request."""
        return self._client.product

    @property
    def clock(self) -> datetime | None:
        """The `Date` of GitHub's last answer."""
        return self._client.clock

    @property
    def credentials_end(self) -> datetime | None:
        """When the token ends, as the answers so far told; None for an App and for a token without an end."""
        return None if self._client.is_app else self._client.token_ends

    def own_account(self) -> OwnAccount | None:
        """The user of the token, or the App's bot; None for a token that tells no user, until something was created."""
        return self._ours.account()

    def recognise(self, natives: Collection[str]) -> None:
        """Accounts we acted as before, by numeric id."""
        self._ours.recognise(natives)

    def check(self) -> Sequence[Finding]:
        """Token, repository, permissions, limits and clock."""
        return checking.findings(
            self._client, self._repository, self._edges, issue_types=self._issue_types, now=self._now
        )

    def vocabulary(self) -> Vocabulary:
        """Labels, people who can be assigned, and issue types."""
        with _validated("list the names in use"):
            return checking.vocabulary(self._client, self._repository, issue_types=self._issue_types)

    def audience(self) -> Audience:
        """Who can read the repository. Raises Denied when it was renamed, is another one, or has no issues."""
        return self._ask_repository()

    def changes(self, since: Cursor | None, known: Known, fresh: Collection[Ref] = ()) -> Iterator[Page]:
        """Pages of issues, oldest change first, each with the milestones and comments that belong to it."""
        start = self._position(since)
        overlap = timedelta(seconds=self._settings.overlap_seconds)
        self._edges.known = known
        listing = Listing(
            self._client, self._scope(), self._terms, self._edges, start=start, known=known, overlap=overlap
        )
        with _validated(f"list the issues of {self._repository}"):
            for page in listing.pages():
                self._remember(*page.observed)
                yield page

    def read(self, items: Sequence[Observed]) -> Sequence[Observed | TrackerError]:
        """Each item by a request of its own: GitHub has no other way that is consistent."""
        return [self._read_or_gone(item) for item in items]

    def history(
        self, items: Sequence[Observed], cursor: Cursor | None = None, *, lately: bool = False
    ) -> Iterator[HistoryPage]:
        """What the events of the issues tell: of a few by a list each, of many by that of the repository."""
        with _validated(f"list the events of {self._repository}"):
            yield from history(self._client, self._repository, items, cursor, lately=lately)

    def find(self, intents: Sequence[Intent]) -> Mapping[Marker, Observed]:
        """The items with a marker that was sent, from the lists of what changed since the first of the intents."""
        if not intents:
            return {}
        settings = self._settings
        skew, settling = (timedelta(seconds=each) for each in (settings.clock_skew_seconds, settings.settle_seconds))
        with _validated("look for what was created"):
            found = created(self._client, self._scope(), intents, skew, settling)
        self._remember(*found.values())
        return found

    def create(self, drafts: Sequence[Draft]) -> Sequence[Observed | TrackerError]:
        """The created item, or why GitHub refused it. Takes one draft."""
        (draft,) = drafts
        try:
            item = self._create(draft)
        except (Rejected, Gone) as error:
            return [error]
        self._remember(item)
        return [item]

    def update(self, item: Observed, patch: Patch) -> Observed:
        """The item after one request with the fields of the patch that are not yet shown so, and one for each edge."""
        now = item if self._is_fresh(item) else self._read(item)
        wanted = {field: self._wanted(field, value, item, now) for field, value in patch.items()}
        differing = {field: value for field, value in wanted.items() if not _shows(now, field, value)}
        fields = {field: value for field, value in differing.items() if field not in EDGES}
        edges = {field: value for field, value in differing.items() if field in EDGES}
        if not differing:
            return now
        updated = self._patched(now, fields) if fields else now
        if edges:
            with _validated(f"change {', '.join(sorted(edges))} of {now.key}", write=True):
                updated = self._edges.tie(updated, edges)
        self._remember(updated)
        return updated

    def account(self, account_id: str) -> Account | None:
        """The account with its name, asked once; None when there is none of this login."""
        if account_id not in self._accounts:
            try:
                path = f"/users/{quote(account_id, safe='')}"
                body, _ = self._client.get(path, f"read the account {account_id}", item=True)
                with _validated(f"read the account {account_id}"):
                    self._accounts[account_id] = mapping.account(body)
            except Gone:
                self._accounts[account_id] = None
        return self._accounts[account_id]

    @property
    def accounts_change(self) -> bool:
        """A login can be renamed, and be taken by somebody else."""
        return True

    def account_of(self, native: str) -> Account | None:
        """The account with a numeric id, by the login it has now."""
        try:
            body, _ = self._client.get(f"/user/{quote(native, safe='')}", f"read the account {native}", item=True)
        except Gone:
            return None
        with _validated(f"read the account {native}"):
            return mapping.account(body)

    def roster(self) -> Roster:
        """Collaborators, teams with their members, and the text of CODEOWNERS, as far as the token may read them."""
        with _validated("read who is who"):
            return rosters.roster(self._client, self._repository)

    def file_address(self, address: str) -> str:
        """The stable address of a picture or file of this GitHub; empty for any other address."""
        return self._files.stable(address)

    def fetch(self, item: Observed, address: str, most: int) -> File:
        """The file at a stable address, read without the token."""
        return self._files.fetch(item, address, most)

    def close(self) -> None:
        """Ends the session."""
        self._client.close()

    # The repository

    def _scope(self) -> RepositoryFacts:
        audience = self._ask_repository() if self._audience is None else self._audience
        return RepositoryFacts(self._repository, audience, self._issue_types, self._ours.made)

    def _ask_repository(self) -> Audience:
        """The audience of the repository that has the configured name now."""
        doing = f"read the repository {self._repository}"
        body, _ = self._client.get(self._base, doing)
        with _validated(doing):
            number = mapping.part(body, "id", int)
            full_name = mapping.part(body, "full_name", str)
        if full_name.casefold() != self._repository.casefold():
            remedy = f'Set repository = "{full_name}".'
            raise Denied(f"the repository {self._repository} was renamed to {full_name}", remedy=remedy)
        self._identify(number)
        if body.get("has_issues") is False:  # its list shows pull requests then, as if all issues were gone
            raise Denied(f"issues of {self._repository} are switched off", remedy=ISSUES_OFF)
        self._audience = mapping.audience(body)
        return self._audience

    def _identify(self, number: int) -> None:
        """Remembers the repository's id. Raises Denied when it was another one before."""
        if self._repository_id not in (None, number):
            raise Denied(
                f"{self._repository} is another repository than before: it has id {number}, not {self._repository_id}",
                remedy="Begin a new pair for it, or restore the repository it was.",
            )
        self._repository_id = number

    def _position(self, cursor: Cursor | None) -> ListingPosition:
        """Where to read on; with it comes what was known of the repository, so that quiet runs need not ask."""
        if cursor is None:
            return ListingPosition(None, True, self._repository_id_asked(), self._scope().audience)
        try:
            position = ListingPosition.parse(cursor)
        except (ValueError, KeyError, TypeError):
            return self._position(None)  # of another version of this connector: everything is read again
        if position.repository is not None:
            self._identify(position.repository)
        if self._audience is None:
            self._audience = position.audience
        self._edges.lacks = position.lacks
        self._client.prefer(position.version)
        return replace(position, audience=self._audience, repository=self._repository_id)

    def _repository_id_asked(self) -> int | None:
        self._scope()
        return self._repository_id

    # Reading

    def _remember(self, *items: Observed) -> None:
        now = self._monotonic()
        for item in items:
            self._read_at[item.ref] = (now, item.version)
            if item.kind is Kind.TASK:
                self._edges.learn(mapping.number_of(item), item.ref.id)
            if item.kind is Kind.MILESTONE:
                self._milestone_numbers[item.ref.id] = mapping.number_of(item)

    def _is_fresh(self, item: Observed) -> bool:
        """The item was read by us so lately that nobody had the time to change it, as far as the settings say."""
        at, version = self._read_at.get(item.ref, (float("-inf"), None))
        return version == item.version and self._monotonic() - at < self._settings.reread_after

    def _read_or_gone(self, item: Observed) -> Observed | TrackerError:
        try:
            return self._read(item, exactly=True)
        except (Gone, Unreadable) as error:
            return error

    def _read(self, item: Observed, *, exactly: bool = False) -> Observed:
        doing = f"read {_name(item)}"
        body, _ = self._client.get(self._path(item), doing, item=True)
        try:
            shown = self._observed(item.kind, body, item, exactly=exactly)
        except MalformedError as error:
            raise Unreadable(str(error)) from error
        if shown.ref != item.ref:
            raise Gone(f"{_name(item)} is another {item.kind} than before")
        self._remember(shown)
        return shown

    def _observed(
        self, kind: Kind, answer: object, item: Observed | None = None, parent: Ref | None = None, exactly: bool = False
    ) -> Observed:
        body = mapping.entry(answer)

        def linked() -> Marker | None:
            return item.marker if item is not None else None

        match kind:
            case Kind.TASK:
                return mapping.task(body, self._scope(), self._edges.of(body, item, exactly=exactly), linked)
            case Kind.COMMENT:
                of = parent or (item.parent if item is not None else None)
                if of is None:
                    raise ValueError("a comment without its task")
                return mapping.comment(body, self._scope(), of, linked)
            case Kind.MILESTONE:
                return mapping.milestone(body, self._scope(), linked)

    def _path(self, item: Observed) -> str:
        match item.kind:
            case Kind.TASK:
                return f"{self._base}/issues/{mapping.number_of(item)}"
            case Kind.COMMENT:
                return f"{self._base}/issues/comments/{item.ref.id}"
            case Kind.MILESTONE:
                return f"{self._base}/milestones/{mapping.number_of(item)}"

    # Writing

    def _create(self, draft: Draft) -> Observed:
        body = bodies.creation(draft, self._milestone_number(draft.fields.get(Field.MILESTONES)))
        parent = draft.parent
        match draft.kind:
            case Kind.TASK:
                path, doing = f"{self._base}/issues", f"create an issue in {self._repository}"
            case Kind.MILESTONE:
                path, doing = f"{self._base}/milestones", f"create a milestone in {self._repository}"
            case Kind.COMMENT:
                if parent is None:
                    raise ValueError("a comment needs a task")
                issue = mapping.number_of(parent)
                path, doing = f"{self._base}/issues/{issue}/comments", f"comment on {parent.key}"
        self._scope()
        answer = self._client.write("POST", path, body, doing, item=parent is not None)
        with _validated(doing, write=True):
            self._ours.learn(answer)
            return self._observed(draft.kind, answer, parent=parent.ref if parent is not None else None)

    def _milestone_number(self, value: Value) -> int | None:
        """The number that the API takes for the native id of a milestone. Raises Rejected when there is none."""
        if not isinstance(value, tuple) or len(value) != 1:
            return None
        (native,) = value
        if native not in self._milestone_numbers:
            with _validated("list the milestones"):
                for row in milestones(self._client, self._repository):
                    with suppress(MalformedError):  # whoever lists them sets it aside
                        self._remember(mapping.milestone(row, self._scope()))
        if native not in self._milestone_numbers:
            raise Rejected(f"milestones: {self._repository} has no milestone with id {native}")
        return self._milestone_numbers[native]

    def _wanted(self, field: Field, value: Value, item: Observed, now: Observed) -> Value:
        """The value to write so that nobody's change is lost. Raises Stale when `now` shows another than `item`."""
        based_on, shown = item.showing.get(field), now.showing.get(field)
        if isinstance(value, str):
            value = clean(value)
        if field in _ELEMENT_WISE and all(isinstance(each, tuple) for each in (based_on, value, shown)):
            return bodies.element_wise(_elements(based_on), _elements(value), _elements(shown))
        if not bodies.same(field, shown, based_on) and not bodies.same(field, shown, value):
            raise Stale(f"{field} of {_name(item)} was changed meanwhile")
        return value

    def _patched(self, now: Observed, patch: Patch) -> Observed:
        try:
            return self._patch(now, patch)
        except Ambiguous as error:
            return self._settled(now, patch, error)

    def _patch(self, now: Observed, patch: Patch) -> Observed:
        doing = f"change {', '.join(sorted(patch))} of {_name(now)}"
        match now.kind:
            case Kind.TASK:
                number = self._milestone_number(patch.get(Field.MILESTONES))
                body = bodies.task_changes(patch, now.marker, number)
            case Kind.COMMENT:
                body = bodies.comment_changes(patch, now.marker)
            case Kind.MILESTONE:
                body = bodies.milestone_changes(patch, now.marker)
        shown = self._written(now, body, doing)
        goal = patch.get(Field.STATUS)
        if isinstance(goal, Status) and now.kind is Kind.TASK and _closed_otherwise(shown, goal):
            return self._closed_anew(shown, goal)
        return shown

    def _written(self, item: Observed, body: Mapping[str, object], doing: str) -> Observed:
        answer = self._client.write("PATCH", self._path(item), body, doing, item=True)
        with _validated(doing, write=True):
            return self._observed(item.kind, answer, item)

    def _closed_anew(self, item: Observed, goal: Status) -> Observed:
        """The issue closed with another reason: GitHub takes a reason only along with a change of the state.

        Raises Ambiguous where the issue was opened and could not be closed.
        """
        doing = f"change the reason why {item.key} is closed"
        opened = self._written(item, {"state": "open"}, doing)
        try:
            return self._written(opened, bodies.task_changes({Field.STATUS: goal}, item.marker, None), doing)
        except TrackerError as error:
            raise Ambiguous(f"{error}; the issue may be open now") from error

    def _settled(self, item: Observed, patch: Patch, lost: Ambiguous) -> Observed:
        """The item, when a change whose answer was lost did take effect; else raises what may be sent again."""
        try:
            now = self._read(item)
        except (Retryable, Unreadable):
            raise lost from None
        if all(_shows(now, field, value) for field, value in patch.items()):
            return now
        raise Retryable(f"{lost}; the change did not take effect") from lost


@contextmanager
def _validated(doing: str, *, write: bool = False) -> Iterator[None]:
    """Turns half an answer into the error that fits: a read may be repeated, a write must be settled."""
    try:
        yield
    except MalformedError as error:
        message = f"cannot {doing}: {error} in GitHub's answer"
        raise (Ambiguous(message) if write else Retryable(message)) from error


def _shows(item: Observed, field: Field, value: Value) -> bool:
    return field in item.showing and bodies.same(field, item.showing[field], value)


def _closed_otherwise(item: Observed, goal: Status) -> bool:
    """Whether an issue is closed as it should be, but with another reason."""
    shown = item.showing.get(Field.STATUS)
    return isinstance(shown, Status) and shown.name == goal.name == "closed" and not _shows(item, Field.STATUS, goal)


def _elements(value: Value) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()


def _name(item: Observed) -> str:
    return item.key if item.kind is Kind.TASK else f"{item.kind} {item.key}"
