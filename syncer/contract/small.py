"""A connector for a tracker that can be read as a whole at one go: a folder, a sheet, a small service.

`SmallConnector` obeys the protocol; what it needs to know is how records are listed, read, shown, added and changed.
Whoever has too much to read it all each time implements `Connector` instead.
"""

from __future__ import annotations

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, ClassVar

from syncer.contract.capabilities import Capabilities
from syncer.contract.checking import Finding, Severity, Vocabulary
from syncer.contract.connector import Connector, Intent, Known, OwnAccount, Page, UnreadableItem
from syncer.contract.errors import Ambiguous, Denied, Gone, Rejected, Stale, TrackerError, Unreadable
from syncer.contract.model import (
    EDGE_SETS,
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
    Showing,
    Status,
    Value,
    Version,
)
from syncer.richtext.markup import Markup
from syncer.richtext.plain import PlainMarkup

ORDER = (Kind.MILESTONE, Kind.TASK, Kind.COMMENT)
"""Nothing refers to what comes later."""
OVERLAP = timedelta(minutes=1)
"""Reading begins so long before the latest change: a record may be dated before it is in its place."""
SETS = frozenset({Field.LABELS, Field.COMPONENTS, *EDGE_SETS})
"""Fields of which each element stands for itself, whatever their order."""
_UNWRITABLE = re.compile("[\x00\ud800-\udfff]")

Part = tuple[Ref, Ref | None, Any]
"""An item, of a comment the task it belongs to, and its record; a TrackerError for a record that makes no sense."""


class SmallConnector(ABC):
    """The protocol over records. `us` is the account it writes as; `now` is the tracker's clock.

    Every call of the protocol counts as one request.
    """

    capabilities: Capabilities
    statuses: ClassVar[Sequence[Status]]
    markup: Markup = PlainMarkup()
    readers: ClassVar[Audience] = Audience.RESTRICTED
    """Who can read whatever is in the scope: say more than RESTRICTED only where you know it."""

    def __init__(self, us: str, now: Callable[[], datetime]) -> None:
        self.us = us
        self.now = now
        self.requests = 0
        self._ours = {us}
        self._closed = False

    # --- what a connector supplies

    @abstractmethod
    def people(self) -> Mapping[str, Account]:
        """Who can be assigned, and we, by account id. Raises Denied where the scope cannot be used."""

    @abstractmethod
    def parts(self) -> Iterable[Part]:
        """Everything there is, a task before its comments."""

    @abstractmethod
    def record(self, ref: Ref) -> Any:
        """The record of one item as it is now. Raises Gone, Unreadable."""

    @abstractmethod
    def shown(self, ref: Ref, record: Any, parent: Ref | None) -> Observed:
        """What a record says, with the marker that is in it, whoever wrote it.

        A KeyError, TypeError or ValueError means that the record makes no sense.
        """

    @abstractmethod
    def add(self, draft: Draft) -> Ref:
        """Adds a record with the fields and the marker of a draft. Raises Ambiguous where its fate is not known."""

    @abstractmethod
    def change(self, item: Observed, fields: Patch) -> None:
        """Writes fields into the record of an item. Raises Ambiguous as above."""

    # --- the protocol

    @property
    def clock(self) -> datetime | None:
        """The tracker's clock."""
        return self.now() if self.requests else None

    def own_account(self) -> OwnAccount:
        """The account we write as."""
        return OwnAccount(self.us, self.us)

    def recognise(self, natives: Collection[str]) -> None:
        """Former accounts of ours, whose markers count as well."""
        self._ours = {self.us, *natives}

    def check(self) -> Sequence[Finding]:
        """Whether the scope can be used and knows us."""
        self._ask()
        try:
            known = self.us in self.people()
        except Denied as error:
            return (Finding(Severity.ERROR, "scope", str(error), error.remedy),)
        if known:
            return ()
        return (Finding(Severity.ERROR, "people", f"{self.us} is not known", f"add {self.us} to the people"),)

    def vocabulary(self) -> Vocabulary:
        """The names in use."""
        self._ask()
        found = [item for item in map(self._tried, self.parts()) if isinstance(item, Observed)]
        return Vocabulary(
            statuses=tuple(status.name for status in self.statuses),
            labels=_names(found, Field.LABELS),
            components=_names(found, Field.COMPONENTS),
            accounts=tuple(self.people()),
        )

    def audience(self) -> Audience:
        """Who can read the scope."""
        self._ask()
        self.people()
        return self.readers

    def account(self, account_id: str) -> Account | None:
        """One of the people."""
        self._ask()
        return self.people().get(account_id)

    def changes(self, since: Cursor | None, known: Known, fresh: Collection[Ref] = ()) -> Iterator[Page]:
        """Everything in one page; with a cursor, what was changed since."""
        self._ask()
        begin = None if since is None else datetime.fromisoformat(since)
        found = [self._tried(part, known.marker(part[0])) for part in self.parts()]
        aside = tuple(one for one in found if isinstance(one, UnreadableItem))
        hidden = {one.ref for one in aside}
        items = [item for item in found if isinstance(item, Observed) and item.parent not in hidden]
        shown = [one for one in items if begin is None or one.updated >= begin or known.observed(one.ref) is None]
        latest = max((item.updated for item in shown), default=self.now())
        yield Page(
            tuple(sorted(shown, key=lambda item: (ORDER.index(item.kind), item.updated))),
            Cursor((latest - OVERLAP).isoformat()),
            frozenset(item.ref for item in items if item.kind is Kind.TASK),
            aside,
        )

    def read(self, items: Sequence[Observed]) -> Sequence[Observed | TrackerError]:
        """The items as their records say now."""
        if items:
            self._ask()
        answers: list[Observed | TrackerError] = []
        for item in items:
            try:
                answers.append(self._now(item))
            except TrackerError as error:
                answers.append(error)
        return answers

    def find(self, intents: Sequence[Intent]) -> Mapping[Marker, Observed]:
        """Those whose marker stands in a record of ours."""
        self._ask()
        wanted = {intent.draft.marker for intent in intents}
        found = [item for item in map(self._tried, self.parts()) if isinstance(item, Observed)]
        return {item.marker: item for item in reversed(found) if item.marker is not None and item.marker in wanted}

    def create(self, drafts: Sequence[Draft]) -> Sequence[Observed | TrackerError]:
        """One new record for each draft."""
        self._ask()
        answers: list[Observed | TrackerError] = []
        for draft in drafts:
            try:
                answers.append(self._added(draft))
            except (Gone, Rejected) as error:
                answers.append(error)
        return answers

    def update(self, item: Observed, patch: Patch) -> Observed:
        """The record with the fields of the patch; sets element by element."""
        self._ask()
        now = self._now(item)
        self.change(item, self._checked(item.kind, merged(patch, item, now)))
        return self._now(item)

    def close(self) -> None:
        """Further calls are errors."""
        self._closed = True

    # --- shared

    def _ask(self) -> None:
        if self._closed:
            raise RuntimeError("the connector is closed")
        self.requests += 1

    def _now(self, item: Observed) -> Observed:
        found = self._tried((item.ref, item.parent, self.record(item.ref)), item.marker)
        if isinstance(found, UnreadableItem):
            raise Unreadable(found.reason)
        return found

    def _added(self, draft: Draft) -> Observed:
        """What was made of a draft."""
        ref = self.add(replace(draft, fields=self._checked(draft.kind, draft.fields)))
        parent = None if draft.parent is None else draft.parent.ref
        try:
            return self._judged(self.shown(ref, self.record(ref), parent), None)
        except TrackerError as error:
            raise Ambiguous(f"{ref} was added, and then: {error}") from error

    def _tried(self, part: Part, linked: Marker | None = None) -> Observed | UnreadableItem:
        """What a record says, or that it makes no sense; `linked` is the marker that the state has for the item."""
        ref, parent, record = part
        try:
            if isinstance(record, TrackerError):
                raise record
            return self._judged(self.shown(ref, record, parent), linked)
        except (KeyError, TypeError, ValueError, Unreadable) as error:
            reason = str(error) if isinstance(error, Unreadable) else f"{error!r} in {ref}"
            return UnreadableItem(ref.kind, str(ref), reason, ref, parent)

    def _judged(self, item: Observed, linked: Marker | None) -> Observed:
        """The item; its marker counts only on what we made ourselves, or where the state has it linked."""
        ours = item.author is not None and item.author.id in self._ours
        showing = {
            name: tuple(sorted(value)) if (name in SETS or name.edges) and isinstance(value, tuple) else value
            for name, value in item.showing.items()
        }
        return replace(item, showing=showing, marker=item.marker if ours or item.marker == linked else None)

    def _checked(self, kind: Kind, fields: Showing) -> dict[Field, Value]:
        """Fields that can be written, without the characters that nothing can hold. Raises Rejected."""
        return {name: self._valid(kind, name, value) for name, value in fields.items()}

    def _valid(self, kind: Kind, name: Field, value: Value) -> Value:
        if name not in self.capabilities.fields.get(kind, ()):
            raise Rejected(f"{name} cannot be written here")
        if isinstance(value, Status) and value.name not in {status.name for status in self.statuses}:
            raise Rejected(f'{name}: there is no status "{value.name}"')
        limit = self.capabilities.title_limit
        if name is Field.TITLE and not 0 < len(str(value).strip()) <= limit:
            raise Rejected(f"{name}: a title has 1 to {limit} characters")
        return _UNWRITABLE.sub("", value) if isinstance(value, str) else value


def merged(patch: Patch, based_on: Observed, now: Observed, several: Collection[Field] = SETS) -> dict[Field, Value]:
    """The values to write so that nobody's edit since `based_on` is lost; `several` are written element by element.

    Raises Stale where that cannot be.
    """
    values: dict[Field, Value] = {}
    for name, value in patch.items():
        before, there = based_on.showing.get(name), now.showing.get(name)
        if name in several and isinstance(value, tuple) and isinstance(before, tuple) and isinstance(there, tuple):
            kept = [each for each in there if each in value or each not in before]
            values[name] = (*kept, *(each for each in value if each not in before and each not in kept))
        elif there in (before, value):
            values[name] = value
        else:
            raise Stale(f"{name} of {based_on.key} changed meanwhile")
    return values


def version_of(record: object) -> Version:
    """The same for two records that say the same."""
    return Version(sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()[:16])


def _names(items: Iterable[Observed], name: Field) -> tuple[str, ...]:
    """Every element that a field of the items has."""
    values = (item.showing.get(name) for item in items)
    return tuple(sorted({each for value in values if isinstance(value, tuple) for each in value}))


class SmallKind:
    """How such a tracker is configured and opened: what an entry point names.

    Both settings are pydantic models, of the tracker and of a scope; `opened` makes a connector of them. `account` and
    `place` say what people call the account and the scope.
    """

    def __init__(
        self,
        name: str,
        connector: type[SmallConnector],
        settings: tuple[type[Any], type[Any]],
        opened: Callable[[Any, Any], SmallConnector],
        *,
        account: Callable[[Any], str],
        place: Callable[[Any], str],
    ) -> None:
        self.name = name
        self.tracker_settings, self.scope_settings = settings
        self.usual_statuses: Sequence[Status] = connector.statuses
        self._markup = connector.markup
        self._opened, self._account, self._place = opened, account, place

    def open(self, tracker: Any, scope: Any) -> Connector:
        """A connector to one scope."""
        return self._opened(tracker, scope)

    def markup(self, tracker: Any, scope: Any) -> Markup:
        """What reads and writes texts."""
        del tracker, scope
        return self._markup

    def credential(self, tracker: Any) -> str:
        """Under which name budgets are kept."""
        return f"{self.name} {self._account(tracker)}"

    def address(self, tracker: Any, scope: Any) -> str:
        """What people call the scope."""
        del tracker
        return f"{self.name} {self._place(scope)}"
