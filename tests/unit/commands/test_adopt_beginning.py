"""Two trackers that a team mirrored by hand and by tools come from nothing to quiet, by what the commands print."""

from __future__ import annotations

import json
import re
import shlex
from datetime import UTC, datetime
from pathlib import Path

import pytest

from syncer.contract.model import Kind
from syncer.sandbox.datasets import GITHUB_TOKEN, JIRA_TOKEN, PROJECT, REPOSITORY
from syncer.store import Store
from tests.bench.adopt_rig import Grown, grown_rig
from tests.bench.adopt_worlds import jirahub, key_in_title, unito
from tests.unit.commands.conftest import Run

MIRRORED, ALONE = 200, 20


def counts(made: Grown) -> tuple[int, int]:
    """How many issues each side has."""
    box = made.rig.box
    return len(box.jira.issues), len(box.github.repository(REPOSITORY).issues)


def printed(text: str) -> list[list[str]]:
    """The commands that a text tells to run."""
    found = re.findall(r"(?:^|\s)(syncer (?:check|preview|sync|adopt)\b[^\n#.]*(?:\.\d+)?)", text)
    return [shlex.split(call)[1:] for call in found]


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_two_hundred_mirrored_issues_come_to_rest_by_the_printed_hints_without_a_double(
    syncer: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    habits = [(1.0, jirahub), (1.0, unito), (1.0, key_in_title)]
    (tmp_path / "world").mkdir()
    size = MIRRORED + ALONE
    made = grown_rig(
        tmp_path / "world", 5, size, deployment="datacenter", mirrored=MIRRORED / size, misleading=0.02, habits=habits
    )
    monkeypatch.setenv("SYNCER_TRACKERS__JIRA__TOKEN", JIRA_TOKEN)
    monkeypatch.setenv("SYNCER_TRACKERS__GITHUB__TOKEN", GITHUB_TOKEN)
    with made.rig as rig:
        box = rig.box
        begun = syncer(
            "init", "--jira-url", box.jira_url, "--project", PROJECT, "--github-repository", REPOSITORY,
            "--github-url", box.github_url,
        )  # fmt: skip
        assert begun.code == 0, begun.err
        assert ["check"] in printed(begun.err)
        checked = syncer("check")
        assert checked.code == 0, checked.out
        (link, *_) = [call for call in printed(checked.out) if call[0] == "adopt"]
        refused = syncer("sync")
        assert refused.code == 7
        assert link in printed(refused.err)
        assert counts(made) == (size, size)

        adopted = syncer(*link)
        assert adopted.code == 0, adopted.err
        rest = [
            call for call in printed(adopted.err) if call[0] == "adopt" and "--apart" not in call and "--csv" in call
        ]
        if rest:
            listed = syncer(*rest[0])
            (imported,) = [call for call in printed(listed.err) if "--import" in call]
            keep_only(tmp_path / "links.csv", made)
            adopted = syncer(*imported)
        linked = json.loads(syncer("status", "--json").out)["pairs"][0]["links"]["task"]
        assert linked == MIRRORED

        shown = syncer("preview")
        assert f"{2 * ALONE} left" not in shown.out
        for _ in range(12):
            ended = syncer("sync")
            approve = [call for call in printed(ended.err) if "--approve" in call]
            if ended.code == 7 and approve:
                ended = syncer(*approve[0])
            if ended.code == 0:
                break
            assert ended.code in {5, 6}, ended.err
        assert ended.code == 0
        quiet = syncer("sync")
        assert (quiet.code, quiet.out, quiet.err) == (0, "", "")

        expected = MIRRORED + 2 * ALONE
        assert counts(made) == (expected, expected)
        assert linked_keys(tmp_path) >= made.trackers.pairs


def linked_keys(folder: Path) -> set[tuple[str, str]]:
    """The keys of both ends of every linked task."""
    with Store.open(folder / "state-home" / "syncer", clock=lambda: datetime.now(UTC)) as store:
        (pair,) = store.pairs.names()
        links = store.links.of_pair(pair, kind=Kind.TASK)
        return {(both.left.key, both.right.key) for both in links if both.left is not None and both.right is not None}


def keep_only(file: Path, made: Grown) -> None:
    """What a person does with the list: the rows that are not one go."""
    head, *rows = file.read_text("utf-8").splitlines(keepends=True)
    kept = [row for row in rows if tuple(row.split(",")[:2]) in made.trackers.pairs]
    file.write_text(head + "".join(kept), "utf-8")
