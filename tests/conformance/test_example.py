"""The example connector of the documentation against the shipped suite, as a third party would run it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from syncer.contract.conformance import ConnectorSuite
from syncer.contract.connector import Connector
from syncer.contract.model import Field, Kind, Ref, Showing, Status

EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "examples" / "folder-tracker"
sys.path.insert(0, str(EXAMPLE))

import folder_tracker as example  # noqa: E402  # it is no part of the package


class TestFolder(ConnectorSuite):
    """A folder whose people edit its files."""

    @pytest.fixture(autouse=True)
    def world(self, tmp_path: Path) -> None:
        self.time = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)
        self.folder = tmp_path / "pay"
        for kind in (Kind.TASK, Kind.MILESTONE):
            (self.folder / kind).mkdir(parents=True)
        people = {"mia": "Mia Braun", "liwei": "Li Wei", "syncer": "Syncer"}
        (self.folder / "people.json").write_text(json.dumps(people), "utf-8")
        self.lost: bool | None = None
        self.kept: dict[Ref, str] = {}

    def open_connector(self) -> Connector:
        connector: Connector = example.FolderConnector(self.folder, now=lambda: self.time, replace=self.replaced)
        return connector

    def replaced(self, fresh: Path, path: Path) -> None:
        lost, self.lost = self.lost, None
        if lost is not False:
            fresh.replace(path)
        if lost is not None:
            raise OSError("the disk does not answer")

    def people(self) -> Sequence[str]:
        return ("mia", "liwei")

    def open_status(self) -> Status:
        opened: Status = example.OPEN
        return opened

    def closed_status(self) -> Status:
        done: Status = example.DONE
        return done

    def file(self, item: Ref) -> Path:
        kind = Kind.TASK if item.kind is Kind.COMMENT else item.kind
        return self.folder / kind / f"{item.id.partition('-')[0]}.json"

    def load(self, item: Ref) -> dict[str, Any]:
        return dict(json.loads(self.file(item).read_text("utf-8")))

    def save(self, item: Ref, record: dict[str, Any]) -> None:
        self.file(item).write_text(json.dumps(record, ensure_ascii=False), "utf-8")

    def stamp(self) -> dict[str, str]:
        return {"updated": self.time.isoformat()}

    def person_adds(self, kind: Kind, **fields: Any) -> Ref:
        numbers = [int(path.stem) for path in (self.folder / kind).glob("*.json")]
        ref = Ref(kind, str(max(numbers, default=0) + 1))
        new = {"author": "mia", "created": self.time.isoformat(), "status": "open", "body": "", **self.stamp()}
        self.save(ref, new | fields)
        return ref

    def person_creates(self, title: str, body: str = "", *, labels: Sequence[str] = ()) -> Ref:
        return self.person_adds(Kind.TASK, title=title, body=body, labels=list(labels), assignees=[], comments=[])

    def person_creates_milestone(self, title: str) -> Ref:
        return self.person_adds(Kind.MILESTONE, title=title)

    def person_copies(self, task: Ref) -> Ref:
        ours = self.load(task)
        return self.person_adds(Kind.TASK, **{**ours, "author": "mia", "created": self.time.isoformat()})

    def person_edits(self, task: Ref, fields: Showing) -> None:
        keys = {Field.TITLE: "title", Field.BODY: "body", Field.LABELS: "labels", Field.ASSIGNEES: "assignees"}
        self.save(task, self.load(task) | {keys[name]: value for name, value in fields.items()} | self.stamp())

    def person_closes(self, task: Ref) -> None:
        self.save(task, self.load(task) | {"status": "done", "closed": self.time.isoformat()} | self.stamp())

    def person_deletes(self, item: Ref) -> None:
        if item.kind is Kind.COMMENT:
            self.comments(item, lambda _mine: None)
        else:
            self.file(item).unlink()

    def person_comments(self, task: Ref, body: str) -> Ref:
        record = self.load(task)
        number = 1 + max((int(each["id"]) for each in record["comments"]), default=0)
        new = {"id": str(number), "body": body, "author": "liwei", "created": self.time.isoformat(), **self.stamp()}
        self.save(task, record | {"comments": [*record["comments"], new]} | self.stamp())
        return Ref(Kind.COMMENT, f"{task.id}-{number}")

    def person_edits_comment(self, comment: Ref, body: str) -> None:
        self.comments(comment, lambda mine: mine | {"body": body} | self.stamp())

    def comments(self, comment: Ref, change: Any) -> None:
        """Has one comment of a task changed, or (None) taken away."""
        record, number = self.load(comment), comment.id.partition("-")[2]
        changed = [change(each) if each["id"] == number else each for each in record["comments"]]
        self.save(comment, record | {"comments": [each for each in changed if each is not None]} | self.stamp())

    def garbles(self, item: Ref) -> None:
        self.kept[item] = self.file(item).read_text("utf-8")
        if item.kind is Kind.COMMENT:
            self.comments(item, lambda mine: {key: value for key, value in mine.items() if key != "body"})
        else:
            self.file(item).write_text("{", "utf-8")

    def mends(self, item: Ref) -> None:
        self.file(item).write_text(self.kept.pop(item), "utf-8")

    def count(self, kind: Kind) -> int:
        if kind is Kind.COMMENT:
            return sum(len(json.loads(path.read_text("utf-8"))["comments"]) for path in self.folder.glob("task/*.json"))
        return len(list((self.folder / kind).glob("*.json")))

    def lose_next_answer(self, *, committed: bool) -> None:
        self.lost = committed

    def time_passes(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)

    def now(self) -> datetime:
        return self.time


def documented(language: str) -> list[str]:
    """The blocks of the page about connectors in a language."""
    page = (EXAMPLE.parents[1] / "connectors.md").read_text("utf-8")
    return re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)


def test_two_folders_are_kept_in_step_by_the_command_line(tmp_path: Path) -> None:
    """Found by its entry point, as an installed package is."""
    installed = tmp_path / "site"
    metadata = installed / "folder_tracker-0.1.0.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: folder-tracker\nVersion: 0.1.0\n", "utf-8")
    points = tomllib.loads((EXAMPLE / "pyproject.toml").read_text("utf-8"))["project"]["entry-points"]
    named, configuration = documented("toml")
    assert points == tomllib.loads(named)["project"]["entry-points"]
    lines = [f"[{group}]\n{name} = {value}\n" for group, kinds in points.items() for name, value in kinds.items()]
    (metadata / "entry_points.txt").write_text("".join(lines), "utf-8")
    shutil.copy(EXAMPLE / "folder_tracker.py", installed)
    (tmp_path / "syncer.toml").write_text(configuration.replace("/srv/notes/", ""), "utf-8")
    for side in ("team", "client"):
        (tmp_path / side / "task").mkdir(parents=True)
        (tmp_path / side / "people.json").write_text('{"mia": "Mia Braun", "syncer": "Syncer"}', "utf-8")
    stamp = datetime.now(UTC).isoformat()
    task = {"title": "Pay the courier", "body": "Cash.", "status": "open", "labels": ["red"], "assignees": [],
            "comments": [], "author": "mia", "created": stamp, "updated": stamp}  # fmt: skip
    (tmp_path / "team" / "task" / "1.json").write_text(json.dumps(task), "utf-8")

    def syncer(*words: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PYTHONPATH": str(installed), "SYNCER_STATE": str(tmp_path / "state")}
        command = [sys.executable, "-m", "syncer", *words]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    for words in (("check",), ("sync",), ("verify",)):
        ended = syncer(*words)
        assert ended.returncode == 0, ended.stdout + ended.stderr
    mirror = json.loads((tmp_path / "client" / "task" / "1.json").read_text("utf-8"))
    assert (mirror["title"], mirror["status"], mirror["labels"]) == ("Pay the courier", "open", ["red"])
    assert len(list((tmp_path / "client" / "task").iterdir())) == 1
