"""A connector in one file: a folder of JSON files as a tracker.

    FOLDER/people.json        {"mia": "Mia Braun", "syncer": "Syncer"}
    FOLDER/task/7.json        {"title", "body", "status", "labels", "assignees", "author", "created", "updated",
                               "closed", "marker", "comments": [{"id", "body", "author", "created", ...}]}
    FOLDER/milestone/3.json   {"title", "body", "status", ...}

Whoever may write into the folder is a person of this tracker. A change is a new file in the place of the old one, so
that no reader meets half of it; what people change they date in "updated".
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from syncer.contract import connector as port
from syncer.contract.errors import Ambiguous, Denied, Gone, Rejected, Stale, TrackerError, Unreadable
from syncer.contract.model import (
    Account,
    Audience,
    Category,
    Cursor,
    Draft,
    Facts,
    Field,
    Kind,
    Marker,
    Observed,
    Patch,
    Ref,
    Status,
    Value,
    Version,
)  # fmt: skip
from syncer.richtext.plain import PlainMarkup

OPEN, DONE = Status("open", Category.TODO), Status("done", Category.DONE)
STATUSES = {status.name: status for status in (OPEN, DONE)}
NATIVE = {Field.TITLE: "title", Field.BODY: "body", Field.LABELS: "labels", Field.ASSIGNEES: "assignees"}
"""The keys of a file that hold fields; the status has its own."""
HELD = {
    Kind.TASK: (*NATIVE, Field.STATUS),
    Kind.COMMENT: (Field.BODY,),
    Kind.MILESTONE: (Field.TITLE, Field.BODY, Field.STATUS),
}
NEW: dict[Kind, dict[str, Any]] = {
    Kind.TASK: {"title": "", "body": "", "status": "open", "labels": [], "assignees": [], "comments": []},
    Kind.COMMENT: {"body": ""},
    Kind.MILESTONE: {"title": "", "body": "", "status": "open"},
}
"""What a new item shows where it is not told otherwise."""
ORDER = (Kind.MILESTONE, Kind.TASK, Kind.COMMENT)
"""Nothing refers to what comes later."""
LONGEST_TITLE = 120
UNWRITABLE = re.compile("[\x00\ud800-\udfff]")
OVERLAP = timedelta(minutes=1)
"""Reading begins so long before the latest change: a file may be dated before it is in its place."""

Record = dict[str, Any]


class FolderConnector:
    """One folder. `us` is the person we write as; `replace` puts a finished file in its place."""

    markup = PlainMarkup()
    capabilities = port.Capabilities(
        fields={kind: dict.fromkeys(fields, port.Fidelity.EXACT) for kind, fields in HELD.items()},
        native_types=False, max_assignees=9, max_milestones=0,
        title_limit=LONGEST_TITLE,
    )  # fmt: skip

    def __init__(
        self,
        folder: Path,
        us: str = "syncer",
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        replace: Callable[[Path, Path], None] = os.replace,
    ) -> None:
        self._folder, self._us, self._now, self._replace = folder, us, now, replace
        self._ours = {us}
        self._closed = False
        self.requests = 0

    # --- who and what

    @property
    def clock(self) -> datetime | None:
        """A folder has the clock of its machine."""
        return self._now() if self.requests else None

    def own_account(self) -> port.OwnAccount:
        """The person we write as."""
        return port.OwnAccount(self._us, self._us)

    def recognise(self, natives: Collection[str]) -> None:
        """Former names of ours, whose markers count as well."""
        self._ours = {self._us, *natives}

    def check(self) -> Sequence[port.Finding]:
        """Whether the folder is there and knows us."""
        self._ask()
        try:
            if self._us in self._people():
                return ()
        except Denied as error:
            return (port.Finding(port.Severity.ERROR, "folder", str(error), error.remedy),)
        fix = f'add "{self._us}" to people.json'
        return (port.Finding(port.Severity.ERROR, "people", f"people.json does not know {self._us}", fix),)

    def vocabulary(self) -> port.Vocabulary:
        """The names in use."""
        self._ask()
        tasks = [record for record in self._files(Kind.TASK).values() if isinstance(record, dict)]
        labels = {label for record in tasks for label in record.get("labels", ())}
        return port.Vocabulary(tuple(STATUSES), labels=tuple(sorted(labels)), accounts=tuple(self._people()))

    def audience(self) -> Audience:
        """Whoever may read the folder."""
        self._ask()
        self._people()
        return Audience.MEMBERS

    def account(self, account_id: str) -> Account | None:
        """A person of people.json, with a page of their own."""
        self._ask()
        return self._account(account_id, self._people())

    def close(self) -> None:
        """Further calls are errors."""
        self._closed = True

    # --- reading

    def changes(self, since: Cursor | None, known: port.Known, fresh: Collection[Ref] = ()) -> Iterator[port.Page]:
        """Everything in one page: a folder is read in one go. With a cursor, what was changed since."""
        self._ask()
        begin = None if since is None else datetime.fromisoformat(since)
        shown, aside, complete = [], [], set()
        for kind in (Kind.MILESTONE, Kind.TASK):
            for native, record in self._files(kind).items():
                for ref, parent, part in _parts(Ref(kind, native), record):
                    try:
                        item = self._observed(ref, part, parent, known.marker(ref))
                        if begin is None or item.updated >= begin or known.observed(ref) is None:
                            shown.append(item)
                    except Unreadable as error:
                        aside.append(port.UnreadableItem(ref.kind, str(ref), str(error), ref, parent))
                if kind is Kind.TASK and isinstance(record, dict):
                    complete.add(Ref(kind, native))
        shown.sort(key=lambda item: (ORDER.index(item.kind), item.updated))
        hidden = {one.ref for one in aside}
        latest = max((item.updated for item in shown), default=self._now())
        yield port.Page(
            tuple(item for item in shown if item.parent not in hidden),
            Cursor((latest - OVERLAP).isoformat()),
            frozenset(complete - hidden),
            tuple(aside),
        )

    def read(self, items: Sequence[Observed]) -> Sequence[Observed | TrackerError]:
        """The items as their files say now."""
        answers: list[Observed | TrackerError] = []
        if items:
            self._ask()
        for item in items:
            try:
                answers.append(self._observed(item.ref, self._record(item.ref), item.parent, item.marker))
            except TrackerError as error:
                answers.append(error)
        return answers

    def find(self, intents: Sequence[port.Intent]) -> Mapping[Marker, Observed]:
        """Those whose marker stands in a file of ours."""
        self._ask()
        wanted = {intent.draft.marker for intent in intents}
        found: dict[Marker, Observed] = {}
        for kind in (Kind.TASK, Kind.MILESTONE):
            for native, record in self._files(kind).items():
                for ref, parent, part in _parts(Ref(kind, native), record):
                    if isinstance(part, dict) and part.get("marker") in wanted and part.get("author") in self._ours:
                        found.setdefault(Marker(part["marker"]), self._observed(ref, part, parent, None))
        return found

    # --- writing

    def create(self, drafts: Sequence[Draft]) -> Sequence[Observed | TrackerError]:
        """One new file, or one more comment in the file of its task."""
        (draft,) = drafts
        self._ask()
        try:
            return [self._created(draft)]
        except (Gone, Rejected) as error:
            return [error]

    def _created(self, draft: Draft) -> Observed:
        stamp = self._now().isoformat()
        new = NEW[draft.kind] | {"author": self._us, "created": stamp, "marker": draft.marker}
        new |= _written(draft.kind, draft.fields, stamp)
        if draft.parent is None:
            ref = Ref(draft.kind, self._next_number(draft.kind))
            self._write(ref, new)
            return self._observed(ref, new, None, None)
        task = self._record(draft.parent.ref)
        number = str(1 + max((int(each["id"]) for each in task["comments"]), default=0))
        comment = new | {"id": number}
        self._write(draft.parent.ref, task | {"comments": [*task["comments"], comment], "updated": stamp})
        return self._observed(Ref(Kind.COMMENT, f"{draft.parent.ref.id}-{number}"), comment, draft.parent.ref, None)

    def update(self, item: Observed, patch: Patch) -> Observed:
        """The file with the fields of the patch; sets element by element."""
        self._ask()
        record = self._record(item.ref)
        now = self._observed(item.ref, record, item.parent, item.marker)
        merged = {name: _merged(name, value, item, now) for name, value in patch.items()}
        stamp = self._now().isoformat()
        changed = record | _written(item.kind, merged, stamp)
        if item.kind is Kind.COMMENT and item.parent is not None:
            task = self._record(item.parent)
            comments = [changed if each["id"] == record["id"] else each for each in task["comments"]]
            self._write(item.parent, task | {"comments": comments, "updated": stamp})
        else:
            self._write(item.ref, changed)
        return self._observed(item.ref, changed, item.parent, item.marker)

    # --- files

    def _files(self, kind: Kind) -> dict[str, Any]:
        """What every file of a kind holds, by number; an error in the place of one that makes no sense."""
        found: dict[str, Any] = {}
        for path in sorted((self._folder / kind).glob("*.json"), key=lambda path: int(path.stem)):
            try:
                found[path.stem] = self._load(path)
            except TrackerError as error:
                found[path.stem] = error
        return found

    def _record(self, ref: Ref) -> Record:
        """What is in the file of an item now. Raises Gone and Unreadable."""
        native, _, number = ref.id.partition("-")
        record = self._load(self._folder / (Kind.TASK if number else ref.kind) / f"{native}.json")
        if not number:
            return record
        found = [each for each in record["comments"] if each["id"] == number]
        if not found:
            raise Gone(f"comment {ref.id} was deleted")
        return dict(found[0])

    def _load(self, path: Path) -> Record:
        try:
            record: Record = json.loads(path.read_text("utf-8"))
        except FileNotFoundError:
            raise Gone(f"{path.name} was deleted") from None
        except ValueError as error:
            raise Unreadable(f"{path.name}: {error}") from None
        return record

    def _write(self, ref: Ref, record: Record) -> None:
        """Puts a file in its place. Nobody can tell what an error on the way left behind."""
        path = self._folder / ref.kind / f"{ref.id}.json"
        path.parent.mkdir(exist_ok=True)
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps(record, ensure_ascii=False, indent=1), "utf-8")
        try:
            self._replace(fresh, path)
        except OSError as error:
            raise Ambiguous(f"{path.name}: {error}") from error

    def _next_number(self, kind: Kind) -> str:
        numbers = [int(path.stem) for path in (self._folder / kind).glob("*.json")]
        return str(max(numbers, default=0) + 1)

    def _people(self) -> dict[str, str]:
        try:
            return dict(json.loads((self._folder / "people.json").read_text("utf-8")))
        except FileNotFoundError:
            raise Denied(f"{self._folder} has no people.json", remedy="Name the folder of a tracker.") from None

    def _ask(self) -> None:
        """Counts a request: each call of the protocol is one, as there is nobody to ask but the disk."""
        if self._closed:
            raise RuntimeError("the connector is closed")
        self.requests += 1

    # --- what a file says

    def _observed(self, ref: Ref, part: Any, parent: Ref | None, linked: Marker | None) -> Observed:
        """An item as its part of a file shows it. Raises Unreadable."""
        if isinstance(part, TrackerError):
            raise part
        try:
            marker, author = part.get("marker"), part["author"]
            url = f"https://folder.example/{ref.kind}/{ref.id}"
            return Observed(
                ref, f"{self._folder.name}/{ref.id}", url, _version(part),
                datetime.fromisoformat(part["created"]), datetime.fromisoformat(part["updated"]),
                {name: _value(name, part) for name in HELD[ref.kind]}, Audience.MEMBERS,
                author=Account(author, author, f"https://folder.example/people/{author}"),
                # A marker counts only on what we made ourselves, or where the state has it linked.
                marker=marker if marker is not None and (author in self._ours or marker == linked) else None,
                parent=parent, facts=Facts(closed=_moment(part.get("closed"))),
            )  # fmt: skip
        except (KeyError, TypeError, ValueError) as error:
            raise Unreadable(f"{error!r} in {ref}") from None

    def _account(self, name: str, people: Mapping[str, str]) -> Account | None:
        return Account(name, people[name], f"https://folder.example/people/{name}") if name in people else None


def _parts(ref: Ref, record: Any) -> Iterator[tuple[Ref, Ref | None, Any]]:
    """A file's item, and of a task its comments, each with the task it belongs to."""
    yield ref, None, record
    if ref.kind is Kind.TASK and isinstance(record, dict):
        for comment in record.get("comments", ()):
            yield Ref(Kind.COMMENT, f"{ref.id}-{comment['id']}"), ref, comment


def _value(name: Field, part: Record) -> Value:
    match name:
        case Field.STATUS:
            return STATUSES[part["status"]]
        case Field.LABELS:
            return tuple(sorted(part["labels"]))
        case Field.ASSIGNEES:
            return tuple(part["assignees"])
        case _:
            return str(part[NATIVE[name]])


def _written(kind: Kind, fields: Mapping[Field, Value], stamp: str) -> Record:
    """Fields as keys of a file; of a new item also what it shows by itself. Raises Rejected."""
    record: Record = {"updated": stamp}
    for name, value in fields.items():
        if name not in HELD[kind]:
            raise Rejected(f"{name} cannot be written here")
        if isinstance(value, Status):
            if value.name not in STATUSES:
                raise Rejected(f'{name}: there is no status "{value.name}"')
            record |= {"status": value.name, "closed": stamp if value.name == DONE.name else None}
        elif name is Field.TITLE and not 0 < len(str(value).strip()) <= LONGEST_TITLE:
            raise Rejected(f"{name}: a title has 1 to {LONGEST_TITLE} characters")
        else:
            # What no file can hold is left out, as trackers do: it would look like a refusal.
            record[NATIVE[name]] = UNWRITABLE.sub("", value) if isinstance(value, str) else value
    return record


def _merged(name: Field, value: Value, based_on: Observed, now: Observed) -> Value:
    """The value to write so that nobody's edit is lost. Raises Stale where that cannot be."""
    before, shown = based_on.showing.get(name), now.showing.get(name)
    if name is Field.LABELS and isinstance(value, tuple) and isinstance(before, tuple) and isinstance(shown, tuple):
        return tuple(sorted((set(shown) - (set(before) - set(value))) | (set(value) - set(before))))
    if shown not in (before, value):
        raise Stale(f"{name} of {based_on.key} changed meanwhile")
    return value


def _version(part: Record) -> Version:
    return Version(sha256(json.dumps(part, sort_keys=True).encode()).hexdigest()[:16])


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


# --- how it is configured


class TrackerSettings(BaseModel, extra="forbid", frozen=True):
    """`[trackers.NAME]` with `kind = "folder"`."""

    us: str = "syncer"


class ScopeSettings(BaseModel, extra="forbid", frozen=True):
    """`left` or `right` of a pair."""

    folder: Path


class FolderKind:
    """What the entry point names."""

    name = "folder"
    tracker_settings, scope_settings = TrackerSettings, ScopeSettings
    usual_statuses = (OPEN, DONE)

    def open(self, tracker: TrackerSettings, scope: ScopeSettings) -> port.Connector:
        """A connector to one folder."""
        return FolderConnector(scope.folder, tracker.us)

    def markup(self, tracker: TrackerSettings, scope: ScopeSettings) -> PlainMarkup:
        """What reads and writes texts."""
        return PlainMarkup()

    def credential(self, tracker: TrackerSettings) -> str:
        """Under which name budgets are kept."""
        return f"folder {tracker.us}"

    def address(self, tracker: TrackerSettings, scope: ScopeSettings) -> str:
        """What people call the scope."""
        return f"folder {scope.folder}"


KIND: port.ConnectorKind = FolderKind()
