"""How the engine sees the tracker in memory: the protocol, obeyed to the letter."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from connectors.memory.custom import DeclaredFields, chosen, makes_sense
from connectors.memory.records import ends, reached
from connectors.memory.tracker import MemoryTracker
from syncer.contract.capabilities import Capabilities, Fidelity
from syncer.contract.checking import Finding, Severity, Vocabulary
from syncer.contract.connector import Intent, Known, OwnAccount, Page, UnreadableItem
from syncer.contract.custom import CustomType, DeclaredField, Resolved
from syncer.contract.errors import Denied, Gone, Rejected, TrackerError, Unreadable
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
    Showing,
    Status,
    Value,
    Version,
)
from syncer.contract.roster import Roster
from syncer.contract.small import SETS, merged
from syncer.richtext.markup import Markup
from syncer.richtext.plain import PlainMarkup

_UNWRITABLE: Final = re.compile("[\x00\ud800-\udfff]")


class MemoryConnector:
    """The tracker as the engine sees it. `account_id` is the account it acts as."""

    def __init__(
        self,
        tracker: MemoryTracker,
        *,
        account_id: str = "syncer",
        markup: Markup | None = None,
        page_size: int = 100,
        overlap: timedelta = timedelta(seconds=60),
        admits: Callable[[Observed], bool] | None = None,
    ) -> None:
        self.tracker = tracker
        self._account_id = account_id
        self._markup = markup or PlainMarkup(tracker.capabilities.body_limit)
        self._page_size = page_size
        self._overlap = overlap
        self._admits = admits
        self._requests = 0
        self._assure: Callable[[], None] = lambda: None
        self._closed = False
        self._recognised: frozenset[str] = frozenset()
        self._custom = DeclaredFields(tracker.custom)
        if account_id not in tracker.people:
            tracker.person(account_id, bot=True)

    @property
    def capabilities(self) -> Capabilities:
        """What the tracker was made with, and the declared fields that it has."""
        resolved = self._custom.resolved()
        return self.tracker.capabilities.with_declared(resolved) if resolved else self.tracker.capabilities

    def declare(self, fields: Sequence[DeclaredField]) -> None:
        """The fields of people's own making that a pair carries, by their names in the tracker."""
        self._custom.declare(fields)

    def declared(self) -> Resolved:
        """What they are; nobody is asked."""
        return self._custom.resolved()

    @property
    def markup(self) -> Markup:
        """The markup given, else plain paragraphs."""
        return self._markup

    @property
    def requests(self) -> int:
        """Requests so far: one a page, one for the comments of a task, one for up to a hundred reads, one a write."""
        return self._requests

    @property
    def clock(self) -> datetime | None:
        """The tracker's clock."""
        return self.tracker.clock() if self._requests else None

    def own_account(self) -> OwnAccount:
        """The account it was opened for; nobody is asked."""
        return OwnAccount(self._account_id, self._account_id)

    def recognise(self, natives: Collection[str]) -> None:
        """Accounts whose markers count beside our own."""
        self._recognised = frozenset(natives)

    def check(self) -> Sequence[Finding]:
        """Nothing to complain of, unless the tracker denies everything."""
        try:
            self._request()
        except Denied as error:
            return (Finding.of_failure("credentials", error),)
        return (Finding(Severity.INFO, "credentials", f"acts as {self._account_id}"),)

    def vocabulary(self) -> Vocabulary:
        """The names in use."""
        self._request()
        tasks = self.tracker.items()
        return Vocabulary(
            statuses=tuple(dict.fromkeys(status.name for status in self.tracker.statuses)),
            reasons=tuple(dict.fromkeys(status.reason for status in self.tracker.statuses if status.reason)),
            types=_names(tasks, Field.TYPE),
            priorities=_names(tasks, Field.PRIORITY),
            labels=_names(tasks, Field.LABELS),
            components=_names(tasks, Field.COMPONENTS),
            accounts=tuple(sorted(self.tracker.people)),
        )

    def audience(self) -> Audience:
        """The audience of the tracker's scope."""
        self._request()
        return self.tracker.audience

    def changes(self, since: Cursor | None, known: Known, fresh: Collection[Ref] = ()) -> Iterator[Page]:
        """Pages of tasks, each followed by its comments, the first led by the milestones."""
        start = None if since is None else datetime.fromisoformat(since)
        self._request()
        tasks = [
            task
            for task in self.tracker.indexed(start)
            if self._admitted(task) or (since is not None and known.follows(task.ref))
        ]
        milestones = self.tracker.items(Kind.MILESTONE) if since is None or _unknown_milestone(tasks, known) else ()
        if milestones:
            self._request()
        reached = start
        for position in range(0, max(len(tasks), 1), self._page_size):
            if position:
                self._request()
            page = tasks[position : position + self._page_size]
            comments, complete = self._comments(page, known, everything=since is None)
            newest = max((task.updated for task in page), default=None)
            if newest is not None:
                reached = max(reached or newest - self._overlap, newest - self._overlap)
            cursor = Cursor((reached or self.tracker.clock() - self._overlap).isoformat())
            shown = (*milestones, *page, *comments)
            readable = (item for item in shown if not self.tracker.unreadable(item.ref))
            aside = tuple(self._aside(item) for item in shown if self.tracker.unreadable(item.ref))
            hidden = {item.ref for item in aside if item.kind is Kind.TASK}
            yield Page(
                tuple(self._believed(item, known.marker) for item in readable if item.parent not in hidden),
                cursor,
                frozenset(complete - hidden),
                aside,
                frozenset(task.ref for task in page if not self._admitted(task)),
            )
            milestones = ()

    def _admitted(self, task: Observed) -> bool:
        """Whether the filter of the scope admits a task; the tracker may be told of one later."""
        return (self._admits or self.tracker.admits)(task)

    def _aside(self, item: Observed) -> UnreadableItem:
        return UnreadableItem(item.kind, item.key, self.tracker.unreadable(item.ref), item.ref, item.parent)

    def read(self, items: Sequence[Observed]) -> Sequence[Observed | TrackerError]:
        """The items as they are, whatever the index shows."""
        for _ in range(0, len(items), 100):
            self._request()
        answers = (self._read_one(item.ref) for item in items)
        return [
            self._believed(answer, {item.ref: item.marker}.get) if isinstance(answer, Observed) else answer
            for item, answer in zip(items, answers, strict=True)
        ]

    def history(
        self, items: Sequence[Observed], cursor: Cursor | None = None, *, lately: bool = False
    ) -> Iterator[HistoryPage]:
        """What happened to the tasks, up to a hundred of them for each request."""
        for start in range(0, len(items), 100):
            self._request()
            refs = [item.ref for item in items[start : start + 100]]
            events = (event for ref in refs if self.tracker.visible(ref) for event in self.tracker.events(ref))
            changes = tuple(change for event in events if (change := self._custom.past(event)) is not None)
            yield HistoryPage(changes, frozenset(refs))

    def find(self, intents: Sequence[Intent]) -> Mapping[Marker, Observed]:
        """The items that carry one of the markers."""
        if intents:
            self._request()
        wanted = {intent.draft.marker for intent in intents}
        everything = [self._believed(item) for kind in Kind for item in self.tracker.items(kind)]
        # Whoever copies an item copies its marker: the oldest is the one we created.
        return {item.marker: item for item in reversed(everything) if item.marker is not None and item.marker in wanted}

    def create(self, drafts: Sequence[Draft]) -> Sequence[Observed | TrackerError]:
        """The created items, or why the tracker refused one."""
        if len(drafts) > max(self.capabilities.batch(draft.kind) for draft in drafts):
            raise ValueError("more drafts than one request may create")
        results: list[Observed | TrackerError] = []

        def effect() -> None:
            for draft in drafts:
                try:
                    fields = self._accepted(draft.kind, draft.fields)
                    if draft.parent is not None and not self.tracker.visible(draft.parent.ref):
                        raise Gone(f"{draft.parent.key} does not exist")
                    written = replace(draft, fields=self._custom.inward(fields))
                    ref = self.tracker.insert(written, self._account_id)
                    results.append(self._answer(self._custom.outward(self.tracker.show(ref)), fields))
                except TrackerError as error:
                    results.append(error)

        self._request(write=True, effect=effect)
        return results

    def update(self, item: Observed, patch: Patch) -> Observed:
        """The item after the patch."""
        now = self._read_one(item.ref)
        if isinstance(now, TrackerError):
            self._request()
            raise now
        now = self._custom.outward(now)
        several = {*SETS, Field.MILESTONES} if self.capabilities.max_milestones > 1 else SETS
        fields = self._accepted(item.kind, merged(patch, item, now, several))
        self._refuse_edges(now, fields)
        written = self._custom.inward(fields)
        self._request(write=True, effect=lambda: self.tracker.alter(item.ref, written, self._account_id))
        return self._answer(self._believed(self.tracker.show(item.ref), {item.ref: item.marker}.get), fields)

    def _answer(self, item: Observed, fields: Showing) -> Observed:
        """What a write returns: the item, or where the tracker is terse what it shows if everything was taken."""
        if not self.tracker.terse:
            return item
        shown = {**item.showing, **{name: value for name, value in fields.items() if name in item.showing}}
        return replace(item, showing=shown, version=Version(""))

    def account(self, account_id: str) -> Account | None:
        """The person, when the tracker knows them."""
        return self.tracker.people.get(account_id)

    @property
    def accounts_change(self) -> bool:
        """People can be renamed."""
        return True

    def account_of(self, native: str) -> Account | None:
        """The person with this native id, by the id they have now."""
        self._request()
        return next((person for person in self.tracker.people.values() if person.native == native), None)

    def roster(self) -> Roster:
        """What the tracker was given, and us as its reader."""
        self._request()
        return replace(self.tracker.roster, reader=self.tracker.people[self._account_id])

    def close(self) -> None:
        """Further requests raise RuntimeError."""
        self._closed = True

    def fence(self, assure: Callable[[], None]) -> None:
        """Calls `assure` right before each request that writes."""
        self._assure = assure

    def _request(self, *, write: bool = False, effect: Callable[[], None] = lambda: None) -> None:
        if self._closed:
            raise RuntimeError("the connector is closed")
        if write:
            self._assure()
        self._requests += 1
        self.tracker.request(write=write, effect=effect)

    def _believed(self, item: Observed, linked: Callable[[Ref], Marker | None] = lambda _ref: None) -> Observed:
        """The item with its marker only where one of our accounts made it, or the store has it linked by that."""
        item = self._custom.outward(item)
        ours = item.author is not None and item.author.id in {self._account_id, *self._recognised}
        return item if ours or item.marker in (None, linked(item.ref)) else replace(item, marker=None)

    def _read_one(self, ref: Ref) -> Observed | TrackerError:
        if not self.tracker.exists(ref):
            return Gone(f"{ref} was deleted")
        if not self.tracker.visible(ref):
            return Gone(f"{ref} cannot be seen", uncertain=True)
        if reason := self.tracker.unreadable(ref):
            return Unreadable(reason)
        return self.tracker.show(ref)

    def _comments(
        self, tasks: Iterable[Observed], known: Known, *, everything: bool
    ) -> tuple[list[Observed], set[Ref]]:
        """Comments of the tasks that changed since they were stored, and which tasks those are."""
        comments: list[Observed] = []
        complete: set[Ref] = set()
        for task in tasks:
            stored = known.observed(task.ref)
            if everything or stored is None or task.updated > stored.updated:
                listed = self.tracker.items(Kind.COMMENT, task.ref)
                if listed or known.comments(task.ref):
                    self._request()
                comments.extend(comment for comment in listed if self.tracker.visible(comment.ref))
                complete.add(task.ref)
        return comments, complete

    def _accepted(self, kind: Kind, fields: Showing) -> Showing:
        """The fields as this tracker takes them. Raises Rejected with the name of the field it refuses."""
        accepted: dict[Field, Value] = {}
        for name, value in fields.items():
            if self.capabilities.fields[kind].get(name, Fidelity.READ_ONLY) is Fidelity.READ_ONLY:
                raise Rejected(f"{name} cannot be written on a {kind}")
            accepted[name] = _UNWRITABLE.sub("", value) if isinstance(value, str) else self._own(kind, value)
            self._accept(kind, name, accepted[name])
        if Field.LABELS in accepted and self.capabilities.labels_fold_case:
            unique = {str(label).casefold(): str(label) for label in reversed(_elements(accepted[Field.LABELS]))}
            accepted[Field.LABELS] = tuple(unique.values())
        return accepted

    def _own(self, kind: Kind, value: Value) -> Value:
        """A status as this tracker has it: by name, and by reason where one is asked for."""
        if kind is not Kind.TASK or not isinstance(value, Status):
            return value
        named = (own for own in self.tracker.statuses if own.name == value.name and value.reason in (None, own.reason))
        return next(named, value)

    def _refuse_edges(self, now: Observed, fields: Showing) -> None:
        """Raises Rejected for a new edge that leads nowhere or would close a cycle."""

        def shown(native: str) -> Showing | None:
            task = Ref(Kind.TASK, native)
            return self.tracker.show(task).showing if self.tracker.visible(task) else None

        for name in EDGES:
            for native in set(ends(fields.get(name))) - set(ends(now.showing.get(name))):
                if self.tracker.refuses_edges:
                    raise Rejected(f"{name}: {native} does not belong to the appropriate hierarchy")
                if shown(native) is None:
                    raise Rejected(f"{name}: there is no task {native}")
                if now.ref.id in reached(native, name, shown):
                    raise Rejected(f"{name}: {now.ref.id} would lead back to itself through {native}")

    def _accept(self, kind: Kind, name: Field, value: Value) -> None:
        able = self.capabilities
        elements = _elements(value)
        refused = {
            Field.TITLE: isinstance(value, str) and (not value.strip() or len(value) > able.title_limit),
            Field.BODY: isinstance(value, str) and len(value) > able.body_limit,
            Field.STATUS: kind is Kind.TASK and value not in self.tracker.statuses,
            Field.LABELS: any(
                len(label) > able.label_limit or (" " in label and not able.label_spaces) for label in elements
            ),
            Field.ASSIGNEES: len(elements) > able.max_assignees
            or any(account_id not in self.tracker.people for account_id in elements),
            Field.MILESTONES: len(elements) > able.max_milestones
            or any(not self.tracker.visible(Ref(Kind.MILESTONE, native)) for native in elements),
        }
        if name.custom or name in able.custom:
            self._accept_custom(name, value)
        unwanted = self.tracker.refused & {value if isinstance(value, str) else "", *elements}
        if refused.get(name, False) or unwanted:
            raise Rejected(f"{name}: {str(value)[:80]!r} is not accepted")

    def _accept_custom(self, name: Field, value: Value) -> None:
        """Raises Rejected for a value that a declared field cannot hold."""
        field = self.capabilities.custom[name]
        unknown = [one for one in chosen(field, value) if field.options and one not in field.options]
        strangers = field.type is CustomType.PERSON and any(one not in self.tracker.people for one in _elements(value))
        if not makes_sense(field, value) or unknown or strangers:
            raise Rejected(f"{name}: {str(value)[:80]!r} is not accepted")


def _elements(value: Value) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()


def _names(items: Iterable[Observed], name: Field) -> tuple[str, ...]:
    """The distinct values of a field, sorted."""
    values = (item.showing.get(name) for item in items)
    found = (value if isinstance(value, tuple) else (value,) for value in values)
    return tuple(sorted({element for elements in found for element in elements if isinstance(element, str)}))


def _unknown_milestone(tasks: Iterable[Observed], known: Known) -> bool:
    ids = {native for task in tasks for native in _elements(task.showing.get(Field.MILESTONES))}
    return any(known.observed(Ref(Kind.MILESTONE, native)) is None for native in ids)
