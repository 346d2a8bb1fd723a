"""A newer version that reads or writes text differently writes nothing on its own account."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest

from connectors.jira import wiki
from syncer.richtext import Mark, Run, canonical, canonical_runs
from syncer.richtext.markdown import writing as markdown_writing
from tests.rig import Rig

BODY = "A **bold** and <ins>underlined</ins> word.\n\n- one\n- [x] two\n\n| a | b |\n|---|---|\n| 1 | *2* |\n"

Upgrade = Callable[[pytest.MonkeyPatch], None]


def written_differently(patch: pytest.MonkeyPatch) -> None:
    """Writers that choose other signs: `__bold__`, and a tag for every mark."""
    patch.setitem(markdown_writing._SIGNS, Mark.STRONG, "__")
    patch.setattr(wiki.WikiWriter, "_lines", lambda self, runs: self._inline(runs) + " ")


def read_differently(patch: pytest.MonkeyPatch) -> None:
    """A canonical form in which underlining does not count any more, with its new version."""
    patch.setattr(canonical, "VERSION", canonical.VERSION + 1)
    clean = canonical_runs._cleaned

    def cleaned(runs: tuple[Run, ...]) -> list[Run]:
        return [replace(run, marks=run.marks - {Mark.UNDERLINE}) if run.marks else run for run in clean(runs)]

    patch.setattr(canonical_runs, "_cleaned", cleaned)


@pytest.fixture(params=["cloud", "datacenter"])
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    deployment: Literal["cloud", "datacenter"] = request.param
    with Rig(tmp_path, deployment) as made:
        made.github("POST", "/issues", {"title": "Born on GitHub", "body": BODY})
        made.jira(
            "POST",
            "/issue",
            {"fields": {"project": {"key": made.project}, "issuetype": {"name": "Task"}, "summary": "Born in Jira"}},
        )
        assert made.sync().writes == 2
        made.github("POST", "/issues/1/comments", {"body": BODY})
        assert made.sync().writes == 1
        assert made.sync().writes == 0
        yield made


@pytest.mark.parametrize("upgrade", [written_differently, read_differently])
def test_an_upgrade_writes_nothing_and_the_next_edit_still_arrives(
    rig: Rig, upgrade: Upgrade, monkeypatch: pytest.MonkeyPatch
) -> None:
    upgrade(monkeypatch)
    assert rig.sync().writes == 0
    assert rig.sync(sweep=True).writes == 0
    rig.github("PATCH", "/issues/1", {"body": BODY.replace("A **bold**", "One **bold**")})
    assert rig.sync().updated == {"left": 1, "right": 0}
    assert rig.sync(sweep=True).writes == 0


def test_the_upgrades_of_this_test_do_change_something(monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.bench.bench_text import MARKUPS

    document = MARKUPS["Markdown"].read(BODY)
    before = MARKUPS["Markdown"].write(document).source, canonical.digest(document)
    written_differently(monkeypatch)
    read_differently(monkeypatch)
    read_again = MARKUPS["Markdown"].read(BODY)
    assert MARKUPS["Markdown"].write(read_again).source != before[0]
    assert canonical.digest(read_again) != before[1]
