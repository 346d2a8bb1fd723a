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
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from syncer.contract.capabilities import Capabilities, Fidelity
from syncer.contract.connector import ConnectorKind
from syncer.contract.errors import Ambiguous, Denied, Gone, Unreadable
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
    Patch,
    Ref,
    Status,
    Value,
)
from syncer.contract.small import Part, SmallConnector, SmallKind, version_of

OPEN, DONE = Status("open", Category.TODO), Status("done", Category.DONE)
NEW: dict[Kind, dict[str, Any]] = {
    Kind.TASK: {"title": "", "body": "", "status": "open", "labels": [], "assignees": [], "comments": []},
    Kind.COMMENT: {"body": ""},
    Kind.MILESTONE: {"title": "", "body": "", "status": "open"},
}
"""What a new item shows where it is not told otherwise. A key is the name of its field."""
HELD = {kind: tuple(name for name in Field if name.value in new) for kind, new in NEW.items()}

Record = dict[str, Any]


class FolderConnector(SmallConnector):
    """One folder. `replace` puts a finished file in its place."""

    statuses = (OPEN, DONE)
    readers = Audience.MEMBERS
    capabilities = Capabilities(
        fields={kind: dict.fromkeys(fields, Fidelity.EXACT) for kind, fields in HELD.items()},
        native_types=False,
        max_assignees=9,
        max_milestones=0,
        title_limit=120,
    )

    def __init__(
        self,
        folder: Path,
        us: str = "syncer",
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        replace: Callable[[Path, Path], None] = os.replace,
    ) -> None:
        super().__init__(us, now)
        self._folder, self._replace = folder, replace

    def people(self) -> Mapping[str, Account]:
        """Those of people.json, each with a page of their own."""
        try:
            names = json.loads((self._folder / "people.json").read_text("utf-8"))
        except FileNotFoundError:
            raise Denied(f"{self._folder} has no people.json", remedy="Name the folder of a tracker.") from None
        return {name: Account(name, shown, _page("people", name)) for name, shown in names.items()}

    # --- reading

    def parts(self) -> Iterator[Part]:
        """Every file, and of a task its comments."""
        for kind in (Kind.MILESTONE, Kind.TASK):
            for path in sorted((self._folder / kind).glob("*.json"), key=lambda path: int(path.stem)):
                ref = Ref(kind, path.stem)
                try:
                    record = self.record(ref)
                except Unreadable as error:
                    yield ref, None, error
                    continue
                yield ref, None, record
                for comment in record.get("comments", ()):
                    yield Ref(Kind.COMMENT, f"{ref.id}-{comment['id']}"), ref, comment

    def record(self, ref: Ref) -> Record:
        """What is in the file of an item; of a comment, its part of the file of its task."""
        native, _, number = ref.id.partition("-")
        path = self._folder / (Kind.TASK if number else ref.kind) / f"{native}.json"
        try:
            record: Record = json.loads(path.read_text("utf-8"))
        except FileNotFoundError:
            raise Gone(f"{path.name} was deleted") from None
        except ValueError as error:
            raise Unreadable(f"{path.name}: {error}") from None
        found = [each for each in record["comments"] if each["id"] == number] if number else [record]
        if not found:
            raise Gone(f"comment {ref.id} was deleted")
        return dict(found[0])

    def shown(self, ref: Ref, record: Record, parent: Ref | None) -> Observed:
        """A record as an item."""
        author, marker, closed = record["author"], record.get("marker"), record.get("closed")
        return Observed(
            ref=ref,
            key=f"{self._folder.name}/{ref.id}",
            url=_page(ref.kind, ref.id),
            version=version_of(record),
            created=datetime.fromisoformat(record["created"]),
            updated=datetime.fromisoformat(record["updated"]),
            showing={name: _value(name, record[name]) for name in HELD[ref.kind]},
            audience=self.readers,
            author=Account(author, author, _page("people", author)),
            marker=Marker(marker) if marker else None,
            parent=parent,
            facts=Facts(closed=datetime.fromisoformat(closed) if closed else None),
        )

    # --- writing

    def add(self, draft: Draft) -> Ref:
        """One new file, or one more comment in the file of its task."""
        stamp = self.now().isoformat()
        new = NEW[draft.kind] | {"author": self.us, "created": stamp, "marker": draft.marker}
        new |= self._written(draft.fields)
        if draft.parent is None:
            numbers = [int(path.stem) for path in (self._folder / draft.kind).glob("*.json")]
            ref = Ref(draft.kind, str(max(numbers, default=0) + 1))
            self._write(ref, new)
            return ref
        task = draft.parent.ref
        record = self.record(task)
        number = str(1 + max((int(each["id"]) for each in record["comments"]), default=0))
        self._write(task, record | {"comments": [*record["comments"], new | {"id": number}], "updated": stamp})
        return Ref(Kind.COMMENT, f"{task.id}-{number}")

    def change(self, item: Observed, fields: Patch) -> None:
        """The file with other values, or that of the task with another comment."""
        changed = self.record(item.ref) | self._written(fields)
        if item.parent is None:
            self._write(item.ref, changed)
            return
        task = self.record(item.parent)
        comments = [changed if each["id"] == changed["id"] else each for each in task["comments"]]
        self._write(item.parent, task | {"comments": comments, "updated": changed["updated"]})

    def _written(self, fields: Patch) -> Record:
        """Fields as keys of a record."""
        record: Record = {"updated": self.now().isoformat()}
        for name, value in fields.items():
            record[name] = value.name if isinstance(value, Status) else value
        if "status" in record:
            record["closed"] = record["updated"] if record["status"] == DONE.name else None
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


def _page(kind: str, name: str) -> str:
    return f"https://folder.example/{kind}/{name}"


def _value(name: Field, stored: Any) -> Value:
    if name is Field.STATUS:
        return {status.name: status for status in (OPEN, DONE)}[stored]
    return tuple(stored) if name in {Field.LABELS, Field.ASSIGNEES} else str(stored)


# --- how it is configured


class TrackerSettings(BaseModel, extra="forbid", frozen=True):
    """`[trackers.NAME]` with `kind = "folder"`."""

    us: str = "syncer"


class ScopeSettings(BaseModel, extra="forbid", frozen=True):
    """`left` or `right` of a pair."""

    folder: Path


KIND: ConnectorKind = SmallKind(
    "folder",
    FolderConnector,
    (TrackerSettings, ScopeSettings),
    lambda tracker, scope: FolderConnector(scope.folder, tracker.us),
    account=lambda tracker: str(tracker.us),
    place=lambda scope: str(scope.folder),
)
