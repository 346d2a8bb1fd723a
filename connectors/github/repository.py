"""One repository as everything here works on it: who we are in it, what it is, and what was read of it lately."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from urllib.parse import quote

from connectors.github import bodies, mapping
from connectors.github.answers import ISSUES_OFF
from connectors.github.boards import Boards, with_values
from connectors.github.client import GitHubClient
from connectors.github.edges import Edges
from connectors.github.issue_fields import IssueFields
from connectors.github.listing import ListingPosition, milestones
from connectors.github.mapping import Json, MalformedError, RepositoryFacts, entry, part
from connectors.github.settings import GitHubScope, GitHubTracker
from syncer.contract.connector import OwnAccount
from syncer.contract.errors import Ambiguous, Denied, Gone, Rejected, Retryable, Unreadable
from syncer.contract.model import Audience, Cursor, Draft, Field, Kind, Marker, Observed, Ref, Value, Version


class Ours:
    """Our account by its numeric id, asked when it is needed, and those we acted as before."""

    def __init__(self, client: GitHubClient, former: Collection[str]) -> None:
        self._client = client
        self._former = frozenset(name.casefold() for name in former)
        self._recognised: frozenset[str] = frozenset()
        self._own: OwnAccount | None = None
        self._asked = False

    def recognise(self, natives: Collection[str]) -> None:
        """Names accounts we acted as before, by their numeric ids."""
        self._recognised = frozenset(natives)

    def account(self) -> OwnAccount | None:
        """The account we act as; None where GitHub tells it to nobody but an answer to a create."""
        if self._own is None and not self._asked:
            self._own = self._of_the_app() if self._client.is_app else self._of_the_token()
            self._asked = True
        return self._own

    def learn(self, answer: object) -> None:
        """Takes the account from the answer to a create: its author is who we are."""
        user = answer.get("user") or answer.get("creator") if isinstance(answer, dict) else None
        if self._own is None and isinstance(user, dict):
            self._own = _account(user)

    def made(self, user: object) -> bool:
        """Whether an account is ours, or one we acted as before."""
        if not isinstance(user, dict):
            return False
        found = _account(user)
        if found.native in self._recognised or not self._former.isdisjoint({found.native, found.login.casefold()}):
            return True
        own = self.account()
        return own is not None and own.native == found.native

    def _of_the_token(self) -> OwnAccount | None:
        """The user of the token. An installation's token given as one, such as that of Actions, has none."""
        doing = "read whose token it is"
        try:
            body, _ = self._client.get("/user", doing, item=True)
        except (Denied, Gone):
            return None  # a token that is not valid is told by the next request
        return _understood(body, doing)

    def _of_the_app(self) -> OwnAccount:
        """The bot account of the App, which is the author of all it creates."""
        doing = "read which account the App acts as"
        bot = f"{self._client.app_slug()}[bot]"
        body, _ = self._client.get(f"/users/{quote(bot, safe='')}", doing)
        return _understood(body, doing)


def _understood(body: object, doing: str) -> OwnAccount:
    try:
        return _account(entry(body))
    except MalformedError as error:
        raise Retryable(f"cannot {doing}: {error} in GitHub's answer") from error


def _account(user: Json) -> OwnAccount:
    return OwnAccount(str(part(user, "id", int)), part(user, "login", str))


class Repository:
    """One repository, as far as it was read. No request is sent before something of it is asked."""

    def __init__(
        self,
        tracker: GitHubTracker,
        scope: GitHubScope,
        *,
        sleep: Callable[[float], None] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.settings = tracker
        self.name = scope.repository
        self.issue_types = scope.issue_types
        self.base = f"/repos/{scope.repository}"
        self._created_labels = scope.created_labels
        self.client = GitHubClient(tracker, scope.repository, sleep=sleep, monotonic=monotonic)
        self.ours = Ours(self.client, tracker.former_accounts)
        self.edges = Edges(self.client, scope.repository)
        self.fields = IssueFields(self.client, scope.repository.partition("/")[0], self._is_of_a_person)
        self._of_a_person: bool | None = None
        self.boards = Boards(self.client, scope.repository, tracker.board_period, ranked=tracker.rank)
        self._monotonic = monotonic
        self._audience: Audience | None = None
        self._id: int | None = None
        self._milestone_numbers: dict[str, int] = {}
        self._read_at: dict[Ref, tuple[float, Version]] = {}
        self._last_read: tuple[Ref, Json] | None = None

    def facts(self) -> RepositoryFacts:
        """What every item is read with; the repository is asked where its audience is not known."""
        audience = self.ask_audience() if self._audience is None else self._audience
        return RepositoryFacts(self.name, audience, self.issue_types, self.ours.made, self.fields.shown)

    def ask_audience(self) -> Audience:
        """The audience of the repository that has the configured name now."""
        doing = f"read the repository {self.name}"
        body, _ = self.client.get(self.base, doing)
        with validated(doing):
            number = mapping.part(body, "id", int)
            full_name = mapping.part(body, "full_name", str)
        if full_name.casefold() != self.name.casefold():
            remedy = f'Set repository = "{full_name}".'
            raise Denied(f"the repository {self.name} was renamed to {full_name}", remedy=remedy)
        self._identify(number)
        owner = body.get("owner")
        self._of_a_person = isinstance(owner, dict) and owner.get("type") == "User"
        if body.get("has_issues") is False:  # its list shows pull requests then, as if all issues were gone
            raise Denied(f"issues of {self.name} are switched off", remedy=ISSUES_OFF)
        self._audience = mapping.audience(body)
        return self._audience

    def _is_of_a_person(self) -> bool:
        if self._of_a_person is None:
            with suppress(Denied):  # that issues are off, for instance, is told elsewhere
                self.ask_audience()
        return bool(self._of_a_person)

    def _identify(self, number: int) -> None:
        """Remembers the repository's id. Raises Denied when it was another one before."""
        if self._id not in (None, number):
            raise Denied(
                f"{self.name} is another repository than before: it has id {number}, not {self._id}",
                remedy="Begin a new pair for it, or restore the repository it was.",
            )
        self._id = number

    def position(self, cursor: Cursor | None) -> ListingPosition:
        """Where to read on; with it comes what was known of the repository, so that quiet runs need not ask."""
        if cursor is None:
            return ListingPosition(None, True, self._id_asked(), self.facts().audience)
        try:
            position = ListingPosition.parse(cursor)
        except (ValueError, KeyError, TypeError):
            return self.position(None)  # of another version of this connector: everything is read again
        if position.repository is not None:
            self._identify(position.repository)
        if self._audience is None:
            self._audience = position.audience
        self.edges.lacks = position.lacks
        self.client.prefer(position.version)
        return replace(position, audience=self._audience, repository=self._id)

    def _id_asked(self) -> int | None:
        self.facts()
        return self._id

    def remember(self, *items: Observed) -> None:
        """Notes that the items were read just now."""
        now = self._monotonic()
        for item in items:
            self._read_at[item.ref] = (now, item.version)
            if item.kind is Kind.TASK:
                self.edges.learn(mapping.number_of(item), item.ref.id)
            if item.kind is Kind.MILESTONE:
                self._milestone_numbers[item.ref.id] = mapping.number_of(item)

    def is_fresh(self, item: Observed) -> bool:
        """The item was read by us so lately that nobody had the time to change it, as far as the settings say."""
        at, version = self._read_at.get(item.ref, (float("-inf"), None))
        return version == item.version and self._monotonic() - at < self.settings.reread_after

    def read(self, item: Observed, *, exactly: bool = False, written: Collection[Field] = ()) -> Observed:
        """The item as GitHub shows it now. Raises Gone, Unreadable."""
        doing = f"read {called(item)}"
        body, _ = self.client.get(self.path(item), doing, item=True)
        try:
            shown = self.observed(item.kind, body, item, exactly=exactly, written=written)
        except MalformedError as error:
            raise Unreadable(str(error)) from error
        if shown.ref != item.ref:
            raise Gone(f"{called(item)} is another {item.kind} than before")
        self._last_read = (shown.ref, body)
        if exactly and shown.kind is Kind.TASK and self.boards.names:
            shown = with_values(shown, self.boards.names, self.boards.read(shown))
        self.remember(shown)
        return shown

    def last_read(self, item: Observed) -> Json:
        """The JSON of the item that was read last, which must be this one."""
        if self._last_read is None or self._last_read[0] != item.ref:
            raise ValueError(f"{called(item)} was not read last")
        return self._last_read[1]

    def observed(
        self,
        kind: Kind,
        answer: object,
        item: Observed | None = None,
        parent: Ref | None = None,
        *,
        exactly: bool = False,
        written: Collection[Field] = (),
    ) -> Observed:
        """The item of a kind in an answer; `item` is what it was before, `parent` the task of a new comment.

        `written` are the fields that we have just written to it.
        """
        body = mapping.entry(answer)

        def linked() -> Marker | None:
            return item.marker if item is not None else None

        match kind:
            case Kind.TASK:
                declared = self.fields.shown(body, item, written) | self.boards.seen(item)
                found = self.edges.of(body, item, exactly=exactly) | declared
                shown = self.boards.timed(mapping.task(body, self.facts(), found, linked))
                return self.boards.noted(shown, item, self.fields.uncarried(body))
            case Kind.COMMENT:
                of = parent or (item.parent if item is not None else None)
                if of is None:
                    raise ValueError("a comment without its task")
                return mapping.comment(body, self.facts(), of, linked)
            case Kind.MILESTONE:
                return mapping.milestone(body, self.facts(), linked)

    def path(self, item: Observed) -> str:
        """Where the API has the item."""
        match item.kind:
            case Kind.TASK:
                return f"{self.base}/issues/{mapping.number_of(item)}"
            case Kind.COMMENT:
                return f"{self.base}/issues/comments/{item.ref.id}"
            case Kind.MILESTONE:
                return f"{self.base}/milestones/{mapping.number_of(item)}"

    def create(self, draft: Draft) -> Observed:
        """The item that one request created. Raises what the connector's `create` answers or raises."""
        fields, others = self.fields.apart(draft.kind, draft.fields)
        body = bodies.creation(replace(draft, fields=others), self.milestone_number(others.get(Field.MILESTONES)))
        if values := self.fields.new(fields):
            body["issue_field_values"] = values
        parent = draft.parent
        match draft.kind:
            case Kind.TASK:
                path, doing = f"{self.base}/issues", f"create an issue in {self.name}"
            case Kind.MILESTONE:
                path, doing = f"{self.base}/milestones", f"create a milestone in {self.name}"
            case Kind.COMMENT:
                if parent is None:
                    raise ValueError("a comment needs a task")
                issue = mapping.number_of(parent)
                path, doing = f"{self.base}/issues/{issue}/comments", f"comment on {parent.key}"
        if draft.kind is Kind.TASK and self._created_labels:
            there = [str(label) for label in body.get("labels", ())]
            missing = {label.casefold() for label in there}
            body["labels"] = [*there, *(one for one in self._created_labels if one not in missing)]
        self.facts()
        answer = self.client.write("POST", path, body, doing, item=parent is not None)
        with validated(doing, write=True):
            self.ours.learn(answer)
            return self.observed(draft.kind, answer, parent=parent.ref if parent is not None else None)

    def changed(
        self, item: Observed, body: Mapping[str, object], doing: str, written: Collection[Field] = ()
    ) -> Observed:
        """The item after one request that changes it."""
        answer = self.client.write("PATCH", self.path(item), body, doing, item=True)
        with validated(doing, write=True):
            return self.observed(item.kind, answer, item, written=written)

    def milestone_number(self, value: Value) -> int | None:
        """The number that the API takes for the native id of a milestone. Raises Rejected when there is none."""
        if not isinstance(value, tuple) or len(value) != 1:
            return None
        (native,) = value
        if native not in self._milestone_numbers:
            self._learn_milestones()
        if native not in self._milestone_numbers:
            raise Rejected(f"milestones: {self.name} has no milestone with id {native}")
        return self._milestone_numbers[native]

    def _learn_milestones(self) -> None:
        with validated("list the milestones"):
            for row in milestones(self.client, self.name):
                with suppress(MalformedError):  # whoever lists them sets it aside
                    self.remember(mapping.milestone(row, self.facts()))


@contextmanager
def validated(doing: str, *, write: bool = False) -> Iterator[None]:
    """Turns half an answer into the error that fits: a read may be repeated, a write must be settled."""
    try:
        yield
    except MalformedError as error:
        message = f"cannot {doing}: {error} in GitHub's answer"
        raise (Ambiguous(message) if write else Retryable(message)) from error


def called(item: Observed) -> str:
    """What messages call an item."""
    return item.key if item.kind is Kind.TASK else f"{item.kind} {item.key}"
