"""The register and the connectors agree: a row names code that exists, and no code relies on what no row tells."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import reduce
from pathlib import Path
from typing import Any

import pytest

from connectors.github import checking as github_checking
from connectors.jira import checking as jira_checking
from syncer.contract.assumptions import Assumption, Evidence
from syncer.contract.checking import Finding
from tests.conformance.github_world import GitHubWorld
from tests.unit.connectors.jira_world import office
from tests.vendor.register import REGISTER
from tests.vendor.shown import SHOWN

ROOT = Path(__file__).resolve().parents[2]
ROWS = [pytest.param(row, id=row.id) for row in REGISTER]


def found(dotted: str) -> object:
    """What a dotted name names. Raises ImportError, AttributeError where it names nothing."""
    parts = dotted.split(".")
    for end in range(len(parts), 0, -1):
        try:
            module: object = importlib.import_module(".".join(parts[:end]))
        except ModuleNotFoundError:
            continue
        return reduce(getattr, parts[end:], module)
    raise ImportError(dotted)


def test_every_row_has_an_id_of_its_own() -> None:
    assert len({row.id for row in REGISTER}) == len(REGISTER)


@pytest.mark.parametrize("row", ROWS)
def test_a_row_names_its_connector_and_code_that_exists(row: Assumption) -> None:
    tracker = row.id.partition(".")[0]
    assert re.fullmatch(r"[a-z]+(\.[a-z0-9-]+){2}", row.id)
    assert row.where
    for name in row.where:
        assert name.startswith((f"connectors.{tracker}.", "connectors.transport"))
        found(name)


@pytest.mark.parametrize("row", ROWS)
def test_a_row_tells_the_behaviour_its_source_and_what_is_done_otherwise(row: Assumption) -> None:
    for said in (row.behaviour, row.source, row.safe):
        assert said.strip() == said != ""


# --- what is unverified


def test_each_unverified_row_and_no_other_has_a_test_of_what_is_done_where_it_is_not_so() -> None:
    assert {row.id for row in REGISTER if row.evidence is Evidence.UNVERIFIED} == set(SHOWN)


@pytest.mark.parametrize("test", [test for tests in SHOWN.values() for test in tests])
def test_the_test_that_shows_it_exists(test: str) -> None:
    file, name = test.split("::")
    assert f"def {name}(" in (ROOT / file).read_text("utf-8")


@pytest.fixture(scope="module")
def questions() -> Iterator[set[str]]:
    """What `check` asks, with the name of the tracker before each."""
    asked: set[str] = {"github repository"}
    with pytest.MonkeyPatch.context() as patch:
        ends, tried = jira_checking._ends, github_checking._tried

        def noted(findings: list[Finding], about: str, *rest: Any) -> bool:
            asked.add(f"jira {about}")
            return ends(findings, about, *rest)

        def tried_and_noted(about: str, *rest: Any) -> Iterator[Finding]:
            asked.add(f"github {about}")
            return tried(about, *rest)

        patch.setattr(jira_checking, "_ends", noted)
        patch.setattr(github_checking, "_tried", tried_and_noted)
        with office("cloud") as place:
            place.open().check()
        world = GitHubWorld().start()
        world.connector().check()
        world.stop()
        yield asked


@pytest.mark.parametrize("row", [pytest.param(row, id=row.id) for row in REGISTER if row.asked_by])
def test_the_question_of_check_that_a_row_names_is_asked(row: Assumption, questions: set[str]) -> None:
    assert f"{row.id.partition('.')[0]} {row.asked_by}" in questions


def test_the_command_prints_what_is_unverified_first_with_what_is_done_about_it() -> None:
    ended = subprocess.run([sys.executable, "-m", "tests.vendor"], cwd=ROOT, capture_output=True, text=True, check=True)
    printed = ended.stdout
    assert printed.startswith(f"unverified ({len(SHOWN)})\n")
    assert all(f"  {row.id}\n" in printed and f"    otherwise: {row.safe}\n" in printed for row in REGISTER)
    assert "    asked by `syncer check`: comment total\n" in printed
    assert f"    shown by: {SHOWN['jira.comment.total-where-capped'][0]}\n" in printed
