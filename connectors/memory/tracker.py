"""The tracker itself: items in a dictionary, people who act on them, and what can go wrong on request."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from connectors.memory.faults import Fault, Faults
from connectors.memory.records import (
    CLOSED,
    EMPTY,
    EVERYTHING,
    OPEN,
    STATUSES,
    MemoryItem,
    canonical,
    changes_between,
    newly_related,
    related,
    without_end,
)
from syncer.contract.capabilities import Capabilities
from syncer.contract.custom import CustomField
from syncer.contract.errors import Ambiguous, Denied
from syncer.contract.history import PastChange
from syncer.contract.model import (
    Account,
    Audience,
    Category,
    Draft,
    Facts,
    Field,
    Kind,
    Marker,
    Observed,
    Ref,
    Showing,
    Status,
    Value,
    Version,
)
from syncer.contract.roster import Roster


class MemoryTracker:
    """A tracker with one scope. Time is what `clock` says; ids are sequential."""

    def __init__(
        self,
        clock: Callable[[], datetime],
        *,
        name: str = "memory",
        capabilities: Capabilities = EVERYTHING,
        statuses: Sequence[Status] = STATUSES,
        audience: Audience = Audience.PUBLIC,
        index_lag: timedelta = timedelta(0),
        status_on_create: bool = False,
    ) -> None:
        self.clock = clock
        self.name = name
        self.url = f"https://{name}.example"
        self.capabilities = capabilities
        self.statuses = tuple(statuses)
        """The first is the one a new task starts in."""
        self.audience = audience
        self.index_lag = index_lag
        self.status_on_create = status_on_create
        """A create may set the status at once; if not, a new task is in the first status whatever its draft says."""
        self.admits: Callable[[Observed], bool] = lambda _item: True
        """The filter of the scope."""
        self.custom: dict[str, CustomField] = {}
        """Fields of people's own making that tasks have, by name; items show them as `Field.declared(name)`."""
        self.people: dict[str, Account] = {}
        self.roster = Roster()
        """Who is who, as connectors are told."""
        self.denied = ""
        """When not empty, every request is refused with this message."""
        self.refuses_edges = False
        """Every edge that a connector would add is refused, as one between the wrong levels of a hierarchy is."""
        self.ignored: set[Field] = set()
        """Fields of connectors' requests that are left out without a word, as GitHub does for an account that reads."""
        self.refused: set[str] = set()
        """Values, and elements of sets, that a connector's request is refused for."""
        self.terse = False
        """Writes are answered with less than the item: connectors compute what it shows, and give it no version."""
        self.writes: list[str] = []
        """What connectors wrote, oldest first: `create task:7`, `update task:7 status`."""
        self._records: dict[Ref, MemoryItem] = {}
        self._past: dict[Ref, list[MemoryItem]] = {}
        self._hidden: set[Ref] = set()
        self._garbled: dict[Ref, str] = {}
        self._faults = Faults()
        self._last_id = 0
        self._last_event = 0
        self._last_person = 0
        self._events: dict[Ref, list[PastChange]] = {}

    # What people do

    def person(self, account_id: str, name: str = "", *, bot: bool = False) -> Account:
        """The account of a person, who is known here from now on."""
        self._last_person += 1
        native = str(1_000 + self._last_person)
        account = Account(account_id, name or account_id, f"{self.url}/users/{account_id}", bot, native)
        self.people[account_id] = account
        return account

    def rename_person(self, account_id: str, new: str) -> None:
        """Gives an account another id; it is shown wherever the old one was, and nothing counts as edited by that."""
        account = self.people.pop(account_id)
        self.people[new] = replace(account, id=new, url=f"{self.url}/users/{new}")
        for ref, record in list(self._records.items()):
            item = record.item
            shown = item.showing.get(Field.ASSIGNEES)
            if isinstance(shown, tuple) and account_id in shown:
                renamed = tuple(new if each == account_id else each for each in shown)
                item = replace(item, showing={**item.showing, Field.ASSIGNEES: renamed})
            if item.author is not None and item.author.native == account.native:
                item = replace(item, author=self.people[new])
            self._records[ref] = replace(record, item=item)

    def create(
        self,
        title: str,
        body: str = "",
        *,
        by: str = "someone",
        fields: Showing | None = None,
        facts: Facts | None = None,
        marker: Marker | None = None,
    ) -> Ref:
        """A new task of a person; `marker` is what they write or copy into it."""
        showing = {Field.TITLE: title, Field.BODY: body, **(fields or {})}
        return self._insert(Kind.TASK, showing, by=by, facts=facts or Facts(), marker=marker)

    def comment(
        self,
        task: Ref,
        body: str,
        *,
        by: str = "someone",
        audience: Audience | None = None,
        marker: Marker | None = None,
    ) -> Ref:
        """A new comment of a person; `audience` limits who may read it, `marker` is what they write into it."""
        return self._insert(Kind.COMMENT, {Field.BODY: body}, by=by, parent=task, audience=audience, marker=marker)

    def milestone(self, title: str, *, by: str = "someone", fields: Showing | None = None) -> Ref:
        """A new milestone."""
        return self._insert(Kind.MILESTONE, {Field.TITLE: title, **(fields or {})}, by=by)

    def edit(self, ref: Ref, fields: Showing, *, facts: Facts | None = None, by: str = "someone") -> None:
        """Changes the given fields of an item, whatever they were."""
        self._alter(ref, fields, facts, by=by)

    def close(self, ref: Ref, status: Status | None = None, *, by: str = "someone") -> None:
        """Finishes a task with `status`, or with the first one that means done; closes a milestone."""
        if ref.kind is Kind.MILESTONE:
            self._alter(ref, {Field.STATUS: CLOSED}, by=by)
        else:
            done = status or next(each for each in self.statuses if each.category is Category.DONE)
            self._alter(ref, {Field.STATUS: done}, by=by)

    def delete(self, ref: Ref) -> None:
        """Deletes an item, and the comments of a task with it."""
        record = self._records.pop(ref)
        self._past.pop(ref, None)
        tasks = {other: record.item.showing for other, record in self._records.items() if other.kind is Kind.TASK}
        self._change_edges({other: without_end(showing, ref.id) for other, showing in tasks.items()})
        if record.item.parent is not None:
            self._touch(record.item.parent)
        for comment in [other for other in self._records.values() if other.item.parent == ref]:
            self._records.pop(comment.item.ref)

    def move(self, ref: Ref, key: str) -> None:
        """Gives an item another key and address; it stays the same item, in this scope."""
        record = self._records[ref]
        self._store(replace(record.item, key=key, url=f"{self.url}/{key}", updated=self.clock()))

    def hide(self, ref: Ref) -> None:
        """Takes an item out of sight, as a lost permission does: it may or may not exist."""
        self._hidden.add(ref)

    def reveal(self, ref: Ref) -> None:
        """Undoes `hide`."""
        self._hidden.discard(ref)

    def garble(self, ref: Ref, reason: str = "labels[0].name is missing") -> None:
        """Shows an item so that nobody can read it, until `mend`."""
        self._garbled[ref] = reason
        self._touch(ref)

    def mend(self, ref: Ref) -> None:
        """Undoes `garble`."""
        del self._garbled[ref]
        self._touch(ref)

    def restrict(self, ref: Ref, audience: Audience) -> None:
        """Limits who may read one item."""
        self._store(replace(self._records[ref].item, audience=audience, updated=self.clock()))

    # What a test looks at

    def show(self, ref: Ref) -> Observed:
        """The item as it is now. Raises KeyError when there is none."""
        return self._seen(self._records[ref].item)

    def events(self, ref: Ref) -> tuple[PastChange, ...]:
        """What was changed about a task, and by whom, oldest first; bodies are not told."""
        return tuple(self._events.get(ref, ()))

    def items(self, kind: Kind = Kind.TASK, parent: Ref | None = None) -> tuple[Observed, ...]:
        """All items of a kind, oldest first; only the comments of `parent` when given."""
        found = (self.show(ref) for ref in self._records if ref.kind is kind)
        return tuple(item for item in found if parent is None or item.parent == parent)

    # What goes wrong

    def lose_next_answer(self, *, committed: bool = True) -> None:
        """Makes the next write of a connector raise `Ambiguous`, after or before it took effect."""
        self._faults.add(Fault(Ambiguous("the answer was lost"), 0, committed, writes_only=True))

    def interrupt(
        self, error: BaseException, *, after: int = 0, committed: bool = False, writes_only: bool = False
    ) -> None:
        """Lets `after` requests pass, then one raises `error`: after its effect when `committed`."""
        self._faults.add(Fault(error, after, committed, writes_only))

    def clear_faults(self) -> None:
        """Forgets the faults that have not happened yet."""
        self._faults.clear()
        self.denied = ""

    # What the connector does

    def request(self, *, write: bool, effect: Callable[[], None] = lambda: None) -> None:
        """One request: takes `effect` unless a fault prevents it, and raises what the fault says."""
        if self.denied:
            raise Denied(self.denied, remedy="restore the permission")
        fault = self._faults.due(write=write)
        if fault is None or fault.committed:
            effect()
        if fault is not None:
            raise fault.error

    def indexed(self, since: datetime | None) -> list[Observed]:
        """Tasks as the index shows them, oldest change first, from `since` on."""
        shown = [record.item for ref in self._records if ref.kind is Kind.TASK and (record := self._indexed(ref))]
        visible = (item for item in shown if item.ref not in self._hidden and (since is None or item.updated >= since))
        return sorted((self._seen(item) for item in visible), key=lambda item: (item.updated, int(item.ref.id)))

    def visible(self, ref: Ref) -> bool:
        """The item exists and can be seen."""
        return ref in self._records and ref not in self._hidden

    def unreadable(self, ref: Ref) -> str:
        """Why an item cannot be read; empty where it can."""
        return self._garbled.get(ref, "")

    def exists(self, ref: Ref) -> bool:
        """The item exists, seen or not."""
        return ref in self._records

    def insert(self, draft: Draft, by: str) -> Ref:
        """Creates what a draft says, for the account `by`."""
        fields = {name: value for name, value in draft.fields.items() if name not in self.ignored}
        if draft.kind is Kind.TASK and not self.status_on_create:
            fields.pop(Field.STATUS, None)
        parent = None if draft.parent is None else draft.parent.ref
        audience = None if draft.answers is None else draft.answers.audience
        ref = self._insert(draft.kind, fields, by=by, parent=parent, marker=draft.marker, audience=audience)
        self.writes.append(f"create {ref}")
        return ref

    def alter(self, ref: Ref, fields: Showing, by: str) -> None:
        """Changes what a patch says, for the account `by`."""
        self._alter(ref, {name: value for name, value in fields.items() if name not in self.ignored}, by=by)
        self.writes.append(f"update {ref} {' '.join(sorted(fields))}")

    # Inside

    def _seen(self, item: Observed) -> Observed:
        """An item as a reader is shown it: no wider than the scope, with the accounts behind its assignees."""
        assigned = item.showing.get(Field.ASSIGNEES)
        names = assigned if isinstance(assigned, tuple) else ()
        people = tuple(self.people[name] for name in names if name in self.people)
        return replace(item, audience=min(item.audience, self.audience), people=people)

    def _insert(
        self,
        kind: Kind,
        fields: Showing,
        *,
        by: str,
        parent: Ref | None = None,
        marker: Marker | None = None,
        audience: Audience | None = None,
        facts: Facts | None = None,
    ) -> Ref:
        if parent is not None and parent not in self._records:
            raise KeyError(parent)
        self._last_id += 1
        now = self.clock()
        ref = Ref(kind, str(self._last_id))
        key = f"{self.name.upper()}-{self._last_id}"
        author = self.people.get(by) or self.person(by)
        initial: dict[Field, Value] = {Field.STATUS: self.statuses[0] if kind is Kind.TASK else OPEN}
        showing = {name: fields.get(name, {**EMPTY, **initial}[name]) for name in self.capabilities.fields[kind]}
        showing |= {name: value for name, value in fields.items() if name.custom}
        status = showing.get(Field.STATUS)
        done = isinstance(status, Status) and status.category is Category.DONE
        item = Observed(
            ref=ref,
            key=key,
            url=f"{self.url}/{key}",
            version=Version(""),
            created=now,
            updated=now,
            showing=canonical(showing),
            audience=Audience.PUBLIC if audience is None else audience,
            author=author,
            marker=marker,
            parent=parent,
            facts=replace(facts or Facts(), closed=now if done else None),
        )
        self._store(item)
        if parent is not None:
            self._touch(parent)
        return ref

    def _alter(self, ref: Ref, fields: Showing, facts: Facts | None = None, *, by: str) -> None:
        item = self._records[ref].item
        now = self.clock()
        new_facts = facts or item.facts
        status = fields.get(Field.STATUS)
        if isinstance(status, Status):
            closed = (item.facts.closed or now) if status.category is Category.DONE else None
            new_facts = replace(new_facts, closed=closed)
        showing = canonical({**item.showing, **fields})
        if showing == item.showing and new_facts == item.facts:
            return
        changed = replace(item, showing=showing, facts=new_facts, updated=now)
        if ref.kind is Kind.TASK:
            self._note(item, changed, by)
        self._store(changed)
        turned = newly_related(item.showing, changed.showing)
        others = {Ref(Kind.TASK, native): to for native, to in turned.items() if self.exists(Ref(Kind.TASK, native))}
        self._change_edges(
            {other: related(self._records[other].item.showing, ref.id, to=to) for other, to in others.items()}
        )
        if item.parent is not None:
            self._touch(item.parent)

    def _change_edges(self, changed: Mapping[Ref, Showing]) -> None:
        """Shows at other tasks what an edit or a deletion means for their edges."""
        for ref, showing in changed.items():
            if showing != self._records[ref].item.showing:
                self._store(replace(self._records[ref].item, showing=showing, updated=self.clock()))

    def _note(self, before: Observed, after: Observed, by: str) -> None:
        """Keeps what one edit changed."""
        actor = self.people.get(by) or self.person(by)
        for event in changes_between(before, after, actor, self._last_event):
            self._last_event += 1
            self._events.setdefault(before.ref, []).append(event)

    def _touch(self, ref: Ref) -> None:
        """Bumps the time of change alone, as a comment does to its task."""
        if ref in self._records:
            record = self._records[ref]
            self._store(replace(record.item, updated=self.clock()), same_version=True)

    def _store(self, item: Observed, *, same_version: bool = False) -> None:
        old = self._records.get(item.ref)
        revision = (old.revision if old else 0) + (0 if same_version else 1)
        item = replace(item, version=Version(f"{item.ref.id}.{revision}"))
        indexed_at = self.clock() + self.index_lag
        if old is not None and self.index_lag:
            self._past.setdefault(item.ref, []).append(old)
        self._records[item.ref] = MemoryItem(item, revision, indexed_at)

    def _indexed(self, ref: Ref) -> MemoryItem | None:
        now = self.clock()
        newest_first = (self._records[ref], *reversed(self._past.get(ref, ())))
        return next((record for record in newest_first if record.indexed_at <= now), None)
