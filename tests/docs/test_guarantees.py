"""The table of the guarantees names tests that are there, and codes that are."""

from __future__ import annotations

import ast
import re

import pytest

from syncer.commands.exits import Exit
from tests.docs.situations import ROOT, Situation, situations

ROWS = situations()


def test_the_table_is_there_and_says_each_situation_once() -> None:
    told = [row.deciding for row in ROWS]
    assert len(told) > 30
    assert len(told) == len(set(told))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.deciding)
def test_a_row_names_a_test_that_is_there(row: Situation) -> None:
    for named in row.tests:
        file, _, test = named.partition("::")
        tree = ast.parse((ROOT / file).read_text("utf-8"))
        names = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        assert (test or "test_a_situation_of_the_table") in names, named


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.deciding)
def test_a_row_has_codes_that_there_are(row: Situation) -> None:
    assert row.codes
    assert {Exit(code) for code in row.codes}


def test_every_code_is_in_the_table() -> None:
    assert {code for row in ROWS for code in row.codes} == set(Exit)


def test_help_and_page_name_all_codes() -> None:
    from syncer.cli import app

    page = (ROOT / "docs" / "guarantees.md").read_text("utf-8")
    said = page[page.index("The codes say") : page.index("Where several pairs")]
    epilog = str(app.info.epilog)
    for text in (said, epilog):
        assert {int(code) for code in re.findall(r"\b\d+\b", text)} == set(Exit)


def test_the_most_serious_code_is_found_as_the_page_says() -> None:
    from syncer.sync.outcome import SERIOUS_FIRST

    page = (ROOT / "docs" / "guarantees.md").read_text("utf-8")
    assert ", ".join(map(str, SERIOUS_FIRST)) in " ".join(page.split())
