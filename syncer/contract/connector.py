"""The port between the engine and one kind of tracker: a protocol, nothing to inherit.

A connector serves one scope (a Jira project, a GitHub repository). Its meaning is fixed by the conformance suite
(`syncer.contract.conformance`), which the built-in connectors pass and a third party's can run.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from syncer.contract.capabilities import Capabilities, Fidelity, RateLimit
from syncer.contract.checking import Finding, Vocabulary
from syncer.contract.errors import TrackerError
from syncer.contract.line import TrackerLine
from syncer.contract.model import Account, Audience, Cursor, Draft, Kind, Marker, Observed, Patch, Ref, Status
from syncer.richtext.markup import Markup

__all__ = ["Fidelity", "RateLimit"]  # a connector describes itself by them, and imports them beside the protocol


@dataclass(frozen=True, slots=True)
class UnreadableItem:
    """An item whose part of an answer makes no sense: it is there, and what it shows is not known."""

    kind: Kind
    key: str
    """As of an `Observed`, or what else can be said to find it."""
    reason: str
    """What is missing or wrong, as a part of a sentence: `labels[0].name is missing`."""
    ref: Ref | None = None
    """None where the answer does not even tell which one it is."""
    parent: Ref | None = None
    """Of a comment: the task it belongs to."""


@dataclass(frozen=True, slots=True)
class Page:
    """One step of reading. `cursor` is where the next reading may begin once everything in this page is stored."""

    observed: tuple[Observed, ...]
    cursor: Cursor
    complete: frozenset[Ref] = frozenset()
    """Tasks whose comments are all in `observed` or `unreadable`: a stored one that is missing here was deleted."""
    unreadable: tuple[UnreadableItem, ...] = ()
    """What is there and could not be read. One such item keeps no other from being shown."""
    outside: frozenset[Ref] = frozenset()
    """Tasks of `observed` that the filter of the scope does not admit: shown because `Known.follows` said so."""


class Known(Protocol):
    """What the store already holds, so that an unchanged item costs no further request."""

    def observed(self, ref: Ref) -> Observed | None:
        """The item as last stored."""
        ...

    def comments(self, task: Ref) -> int:
        """How many comments of a task are stored and not gone."""
        ...

    def marker(self, ref: Ref) -> Marker | None:
        """The marker of an item that the store has linked: it counts, whoever the item seems to be of."""
        ...

    def follows(self, ref: Ref) -> bool:
        """Whether a task is linked: one that changed is shown then, also where the filter does not admit it any more.

        A connector that cannot tell shows nothing of it, and what left is noticed by the next complete reading.
        """
        ...


@runtime_checkable
class Foresighted(Protocol):
    """A `Known` that looks many items up in one go, where it is told which are asked about next."""

    def expect(self, refs: Collection[Ref]) -> None:
        """Says that these items are asked about before the page that is being read is handed over."""
        ...


def expect(known: Known, refs: Collection[Ref]) -> None:
    """Says which items are asked about next; of use for a whole page, and never needed."""
    if isinstance(known, Foresighted):
        known.expect(refs)


@dataclass(frozen=True, slots=True)
class OwnAccount:
    """The account that creates what we write."""

    native: str
    """The tracker's id of it that never changes and is never given again."""
    login: str = ""
    """What people call it."""


@dataclass(frozen=True, slots=True)
class Intent:
    """A create that was begun and whose outcome is unknown."""

    draft: Draft
    after: datetime | None
    """The tracker's clock at an answer that came before it was sent; None where that is not known.

    Nothing that was made earlier can be its effect; without it everything is looked through.
    """


def earliest(intents: Sequence[Intent]) -> datetime | None:
    """A moment of the tracker's clock before all of the intents; None where one of them has none."""
    moments = [intent.after for intent in intents]
    return None if None in moments else min(moment for moment in moments if moment is not None)


class Connector(Protocol):
    """One scope of one tracker. Every method may raise a `TrackerError`; none retries a write.

    Reads may be retried inside (bounded in tries and in time). A write is exactly one creating or changing request for
    a create; an update may need several (a transition beside an edit), each safe to repeat.

    `Observed.marker` is what decides that an item is ours, so it is reported only where nobody else can have put it:
    on an item whose immutable author is our own account, one that `recognise` named or one that the settings name; at
    the place where `create` writes it, alone there, and once; or where `Known` says that the store has it linked.
    Anywhere else the text of a marker is text like any other. What is written never holds the text of another marker
    in a form that could be read as one, and shows people what they wrote all the same.
    """

    @property
    def capabilities(self) -> Capabilities:
        """What this scope can hold. Costs at most what was read before; constant during a run."""
        ...

    @property
    def markup(self) -> Markup:
        """Reader and writer of the bodies of this scope."""
        ...

    @property
    def requests(self) -> int:
        """Requests sent since this connector was opened."""
        ...

    @property
    def clock(self) -> datetime | None:
        """The tracker's own clock at its last answer; None before the first. Costs no request."""
        ...

    def own_account(self) -> OwnAccount | None:
        """The account we act as, asked at most once; None where the tracker does not tell it (before a first create).

        Costs nothing where it was told by an answer already.
        """
        ...

    def recognise(self, natives: Collection[str]) -> None:
        """Names accounts we acted as before, by `OwnAccount.native`. Asks nothing."""
        ...

    def check(self) -> Sequence[Finding]:
        """Credentials, permissions, scope: what is missing and what is excessive. Writes nothing."""
        ...

    def vocabulary(self) -> Vocabulary:
        """The names this scope knows. Writes nothing."""
        ...

    def audience(self) -> Audience:
        """Who can read this scope, asked of the tracker now. Unknown is `RESTRICTED`."""
        ...

    def changes(self, since: Cursor | None, known: Known, fresh: Collection[Ref] = ()) -> Iterator[Page]:
        """What changed since a cursor, oldest change first; everything in the scope when there is none.

        Without a cursor the listing is complete: tasks, their comments and the milestones. With one it reads with an
        overlap (an item may come again), skips milestones unless a task shows an unknown one, and asks for comments
        only where a task changed. The last page carries the cursor to store. Milestones come before tasks, tasks before
        comments within a page.

        `fresh` names tasks that are about to be written: where a listing may lag, it must be up to date for these, so
        that an `update` that follows soon needs no reading of its own.
        """
        ...

    def read(self, items: Sequence[Observed]) -> Sequence[Observed | TrackerError]:
        """The items as the tracker shows them now, consistently (never from a search index), in the order asked.

        An element is `Gone` where the item was deleted, moved out of the scope, or cannot be seen (`uncertain`), and
        `Unreadable` where what the tracker says of it makes no sense.
        """
        ...

    def find(self, intents: Sequence[Intent]) -> Mapping[Marker, Observed]:
        """Those intents that did take effect, by consistent reads only.

        An intent that is absent from the answer provably had no effect. Raises when that cannot be told.
        """
        ...

    def create(self, drafts: Sequence[Draft]) -> Sequence[Observed | TrackerError]:
        """Creates at most `capabilities.batch(kind)` drafts of one kind in one request, sent once, marker inside.

        One result for each draft, in order. Raises `Ambiguous` when the answer was lost, `Retryable` or `Denied` when
        certainly nothing was created. Where the tracker answers with less than the item, the result is completed from
        the draft: `version` is then empty and the next reading confirms it.
        """
        ...

    def update(self, item: Observed, patch: Patch) -> Observed:
        """Changes the fields of a patch and nothing else, without notifying people where the tracker allows it.

        `item` is what the decision was based on: raises `Stale` when a field of the patch is shown differently by now.
        Sets (labels, components, milestones) are written element-wise against `item`, so that a stranger's addition
        survives. Returns what the tracker then shows, computed from the last reading and the patch where it answers
        with nothing. Raises `Gone`, `Rejected` (with the field's name in the message), `Ambiguous`.
        """
        ...

    def account(self, account_id: str) -> Account | None:
        """Name and profile page of an account, from what was read before or one request; None when unknown."""
        ...

    def close(self) -> None:
        """Ends the session; further calls are errors."""
        ...


@runtime_checkable
class Interruptible(Protocol):
    """A connector that does not wait for the answer to a read when the run is asked to end."""

    def heed(self, stop: Callable[[], bool]) -> None:
        """From now on a read, or a wait before it is repeated, raises `Stopped` soon after `stop` says so."""
        ...


@runtime_checkable
class Fenceable(Protocol):
    """A connector whose writes wait for the last word of the run: a process may have been frozen since it decided."""

    def fence(self, assure: Callable[[], None]) -> None:
        """From now on `assure` is called right before each request that writes; where it raises, nothing is sent."""
        ...


@runtime_checkable
class Sharing(Protocol):
    """A connector that shares with others of its account what one of them found out about their tracker."""

    def share(self, line: TrackerLine) -> None:
        """From now on sends nothing while the line is closed, and closes it where the tracker does not answer."""
        ...


@runtime_checkable
class AudienceTeller(Protocol):
    """A connector of which an answer may not tell whether an item is restricted (`Observed.audience_untold`)."""

    def audiences(self, tasks: Sequence[Observed]) -> Sequence[Audience | TrackerError]:
        """Who can read these tasks now, in the order asked, with as few requests as the tracker allows.

        An element is `Retryable` where only this task could not be told and a coming run asks again, and `Rejected`
        where the tracker does not tell it of any such task.
        """
        ...


@runtime_checkable
class RemoteLinks(Protocol):
    """A connector whose tracker keeps addresses with a task, outside of its text: web links, remote issue links."""

    def remote_links(self, tasks: Sequence[Observed]) -> Iterator[tuple[str, ...] | TrackerError]:
        """The addresses that are kept with each of these tasks, in the order asked, each read when it is asked for.

        An element is an error where they could not be told of this task. Costs one request a task.
        """
        ...


@runtime_checkable
class Expiring(Protocol):
    """A connector whose tracker tells when the credentials end."""

    @property
    def credentials_end(self) -> datetime | None:
        """When the credentials end, as the answers so far told; None where they did not. Costs no request."""
        ...


@runtime_checkable
class RateLimited(Protocol):
    """A connector that counts how often its tracker's rate limits held it up."""

    @property
    def rate_limited(self) -> Mapping[str, int]:
        """Requests that a rate limit refused, and answers that warned of one, by the tracker's word for the reason.

        Since this connector was opened. Costs no request.
        """
        ...


class ConnectorKind(Protocol):
    """What the entry-point group `syncer.connectors` holds: how one kind of tracker is configured and opened."""

    name: str
    """`jira`, `github`: the value of `kind` in the configuration."""
    tracker_settings: type[Any]
    """A pydantic model of one `[trackers.NAME]` table; secrets are `SecretStr`, files are `Path`.

    It is validated with a context: `tracker` is the name of the table, `variable` is how the environment variables
    begin that give its secrets. With both a message can say whose token is refused and where a new one goes.
    It may have `former_keys`: the present key for each one that was called otherwise once, which stays valid.
    """
    scope_settings: type[Any]
    """A pydantic model of `left` or `right` of a pair, without its `tracker` key.

    It may have `filter`, and `demands`: a tuple of what a new item must have so that the filter admits it. And
    `filter_words`: a set of what the filter names (`FilterWord`), None where it is not understood as a whole.
    For routes it has `routed(table, rule, earlier, component_prefix)`: the same table narrowed to what the rule admits
    (everything where it is None) and no earlier one; what is created there satisfies it. Raises ValueError.
    """
    usual_statuses: Sequence[Status]
    """The statuses of a new scope, the most usual of each category first: a pair that maps none is given rows of them.

    Empty where every scope has its own: then a status is carried only with a map.
    """

    def open(self, tracker: Any, scope: Any) -> Connector:
        """A connector for one scope; no request is sent before the first call."""
        ...

    def markup(self, tracker: Any, scope: Any) -> Markup:
        """What reads and writes the texts of one scope, as `Connector.markup` does; opens nothing."""
        ...

    # A kind whose links between tasks have types has `usual_links`, by the value of each edge that every pair knows
    # what its trackers call it, and `link_locator(name) -> Any`: the locator of a type of people's own making.
    # A kind whose connectors are `CustomHolder` has `custom_locator(value) -> Any` as well: the locator of a declared
    # field as the configuration writes it, validated. Raises ValueError with what to write instead.
    # A kind whose tracker tells of changes by itself has `hooks: HookReader` (`contract/hooks.py`), and its
    # `tracker_settings` have `hook_secrets`: what deliveries may be signed with, as bytes.
    # One whose connectors are `PullShower` has `shows_pulls = True`, `VersionReleaser`: `releases_versions = True`.

    def credential(self, tracker: Any) -> str:
        """A stable name of the account behind the settings (never the secret), under which rate budgets are kept."""
        ...

    def address(self, tracker: Any, scope: Any) -> str:
        """What people call the scope: `https://acme.atlassian.net PAY`, `github.com acme/pay`."""
        ...
