"""One repository as the engine sees it."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Final
from urllib.parse import quote

from connectors.github import mapping, updating
from connectors.github.files import RepositoryFiles
from connectors.github.history import history
from connectors.github.listing import Listing
from connectors.github.lookup import created
from connectors.github.mapping import BODY_LIMIT, LABEL_LIMIT, TITLE_LIMIT, RepositoryFacts
from connectors.github.repository import Repository, validated
from connectors.github.settings import GitHubScope, GitHubTracker
from syncer.contract.capabilities import Capabilities
from syncer.contract.checking import Finding, Vocabulary
from syncer.contract.code import CodeReading, PullRequest
from syncer.contract.connector import Intent, Known, OwnAccount, Page
from syncer.contract.custom import DeclaredField, Resolved
from syncer.contract.errors import Gone, Rejected, TrackerError, Unreadable
from syncer.contract.files import File
from syncer.contract.history import HistoryPage
from syncer.contract.line import TrackerLine
from syncer.contract.model import (
    Account,
    Audience,
    Cursor,
    Draft,
    Field,
    Marker,
    Observed,
    Patch,
    Ref,
    Showing,
)
from syncer.contract.recording import Exchange, Product
from syncer.contract.roster import Roster
from syncer.richtext.markup import Markup

_ASSIGNEES: Final = 10


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
        self._repository = Repository(tracker, scope, sleep=sleep, monotonic=monotonic)
        self._client = self._repository.client
        self._edges = self._repository.edges
        self._terms = scope.terms
        self._now = now
        self._pages = tracker.pages
        self._files = RepositoryFiles(tracker, scope.repository, self._client, self._repository.path)
        self._accounts: dict[str, Account | None] = {}
        self._capabilities = Capabilities(
            fields=RepositoryFacts(scope.repository, Audience.RESTRICTED, scope.issue_types).fields(),
            rate_limits=tracker.rate_limits,
            labels_fold_case=True,
            native_types=scope.issue_types,
            parts_have_parents=True,
            max_assignees=_ASSIGNEES,
            title_limit=TITLE_LIMIT,
            body_limit=BODY_LIMIT,
            label_limit=LABEL_LIMIT,
        )

    @property
    def capabilities(self) -> Capabilities:
        """What the API can hold of an issue; types only where the scope says that the organisation has them.

        An edge that this server was found to lack is not among it, a declared field is where it was found.
        """
        lacking = self._edges.lacks or frozenset()
        told = {**self._repository.fields.told(), **self._repository.boards.told()}
        able = self._capabilities.with_declared(told) if told else self._capabilities
        if not lacking:
            return able
        fields = {
            kind: {field: how for field, how in held.items() if field not in lacking}
            for kind, held in able.fields.items()
        }
        return replace(able, fields=fields, lacking=lacking)

    def declare(self, fields: Sequence[DeclaredField]) -> None:
        """Fields of people's own making: at issue fields of the organisation, and at fields of projects."""
        self._repository.fields.declare(fields)
        self._repository.boards.declare(fields)

    def declared(self) -> Resolved:
        """What GitHub tells of them, by one request for the organisation and for each project that was not asked."""
        return {**self._repository.fields.resolved(), **self._repository.boards.resolved()}

    def unsendable(self, item: Observed | None, fields: Showing) -> Mapping[Field, str]:
        """See `Foreseer`: by the options of the fields, and by what is on the boards."""
        here = self._repository
        return {**here.fields.unsendable(fields), **here.boards.unsendable(item, fields)}

    @cached_property
    def markup(self) -> Markup:
        """GitHub's Markdown, with room left for the marker."""
        from connectors.github.markdown import GitHubMarkdown  # a run in which nothing changed reads no text

        return GitHubMarkdown(self._pages, self._repository.name, BODY_LIMIT)

    @property
    def requests(self) -> int:
        """Requests sent so far, an App's sign-in not among them."""
        return self._client.requests + self._files.requests

    def heed(self, stop: Callable[[], bool]) -> None:
        """Ends reads and waits soon after `stop` says so."""
        self._client.watch.stop = stop

    def fence(self, assure: Callable[[], None]) -> None:
        """Calls `assure` right before each request that writes."""
        self._client.watch.assure = assure

    def share(self, line: TrackerLine) -> None:
        """Shares whether GitHub answers, its limit and the turn to write with all connectors of the account."""
        self._client.share(line)

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
        return self._repository.ours.account()

    def recognise(self, natives: Collection[str]) -> None:
        """Accounts we acted as before, by numeric id."""
        self._repository.ours.recognise(natives)

    def check(self) -> Sequence[Finding]:
        """Token, repository, permissions, limits and clock."""
        from connectors.github import checking  # no run looks at these, nor at a vocabulary

        found = checking.findings(
            self._client,
            self._repository.name,
            self._edges,
            self._repository.fields,
            issue_types=self._repository.issue_types,
            boards=bool(self._repository.boards.names),
            now=self._now,
        )
        if not self._repository.boards.names:
            return [*found, *checking.without_order(wanted=self._repository.settings.rank)]
        from connectors.github import boards_checking

        return [*found, *boards_checking.findings(self._repository.boards, self._repository.settings.edges_every)]

    def vocabulary(self) -> Vocabulary:
        """Labels, people who can be assigned, and issue types."""
        from connectors.github import checking

        with validated("list the names in use"):
            return checking.vocabulary(self._client, self._repository.name, issue_types=self._repository.issue_types)

    def audience(self) -> Audience:
        """Who can read the repository. Raises Denied when it was renamed, is another one, or has no issues."""
        return self._repository.ask_audience()

    def changes(self, since: Cursor | None, known: Known, fresh: Collection[Ref] = ()) -> Iterator[Page]:
        """Pages of issues, oldest change first, each with the milestones and comments that belong to it."""
        start = self._repository.position(since)
        overlap = timedelta(seconds=self._repository.settings.overlap_seconds)
        self._edges.known = known
        self._repository.fields.begin(start.fields)
        self._repository.boards.begin(start.boards)
        listing = Listing(
            self._client,
            self._repository.facts(),
            self._terms,
            self._edges,
            self._repository.fields,
            self._repository.boards,
            start=start,
            known=known,
            overlap=overlap,
        )
        with validated(f"list the issues of {self._repository.name}"):
            for page in listing.pages():
                self._repository.remember(*page.observed)
                yield page

    def read(self, items: Sequence[Observed]) -> Sequence[Observed | TrackerError]:
        """Each item by a request of its own: GitHub has no other way that is consistent."""
        return [self._read_or_gone(item) for item in items]

    def history(
        self, items: Sequence[Observed], cursor: Cursor | None = None, *, lately: bool = False
    ) -> Iterator[HistoryPage]:
        """What the events of the issues tell: of a few by a list each, of many by that of the repository."""
        with validated(f"list the events of {self._repository.name}"):
            yield from history(self._client, self._repository.name, items, cursor, lately=lately)

    def find(self, intents: Sequence[Intent]) -> Mapping[Marker, Observed]:
        """The items with a marker that was sent, from the lists of what changed since the first of the intents."""
        if not intents:
            return {}
        settings = self._repository.settings
        skew, settling = (timedelta(seconds=each) for each in (settings.clock_skew_seconds, settings.settle_seconds))
        with validated("look for what was created"):
            found = created(self._client, self._repository.facts(), intents, skew, settling)
        self._repository.remember(*found.values())
        return found

    def create(self, drafts: Sequence[Draft]) -> Sequence[Observed | TrackerError]:
        """The created item, or why GitHub refused it. Takes one draft."""
        (draft,) = drafts
        try:
            item = self._repository.create(self._repository.boards.unplaced(draft))
        except (Rejected, Gone) as error:
            return [error]
        item = self._repository.boards.filled(item, draft)
        self._repository.remember(item)
        return [item]

    def update(self, item: Observed, patch: Patch) -> Observed:
        """The item after one request with the fields of the patch that are not yet shown so, and one for each edge."""
        return updating.update(self._repository, item, patch)

    def account(self, account_id: str) -> Account | None:
        """The account with its name, asked once; None when there is none of this login."""
        if account_id not in self._accounts:
            try:
                path = f"/users/{quote(account_id, safe='')}"
                body, _ = self._client.get(path, f"read the account {account_id}", item=True)
                with validated(f"read the account {account_id}"):
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
        with validated(f"read the account {native}"):
            return mapping.account(body)

    def roster(self) -> Roster:
        """Collaborators, teams with their members, and the text of CODEOWNERS, as far as the token may read them."""
        from connectors.github.roster import roster  # asked once a day

        with validated("read who is who"):
            return roster(self._client, self._repository.name)

    @property
    def tells_code(self) -> bool:
        """Whether the settings want pull requests and releases to be read."""
        return self._repository.settings.code

    def code(self, since: Cursor | None, known: Mapping[str, PullRequest]) -> CodeReading:
        """Pull requests that changed since a cursor, and the releases of half a year, as far as the token may read."""
        from connectors.github.code import code  # asked once an hour, where it is wanted

        with validated("read the pull requests and releases"):
            return code(self._client, self._repository.name, since, known, self._client.clock or self._now())

    def may_write(self, account: Account) -> bool:
        """Whether an account has write permission on the repository."""
        from connectors.github import answering  # where somebody gave a command

        return answering.may_write(self._repository, account)

    def react(self, comment: Observed, *, done: bool) -> None:
        """A thumb up below a comment, or a puzzled face."""
        from connectors.github import answering

        answering.react(self._repository, comment, done=done)

    def file_address(self, address: str) -> str:
        """The stable address of a picture or file of this GitHub; empty for any other address."""
        return self._files.stable(address)

    def fetch(self, item: Observed, address: str, most: int) -> File:
        """The file at a stable address, read without the token."""
        return self._files.fetch(item, address, most)

    def close(self) -> None:
        """Ends the session."""
        self._client.close()

    def _read_or_gone(self, item: Observed) -> Observed | TrackerError:
        try:
            return self._repository.read(item, exactly=True)
        except (Gone, Unreadable) as error:
            return error
