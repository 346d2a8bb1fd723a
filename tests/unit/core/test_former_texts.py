"""A better reading of a text is no edit: what an older version wrote still agrees as long as nobody touched it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from connectors.jira.adf import AdfMarkup
from connectors.jira.wiki import WikiMarkup
from syncer.contract.model import Side
from syncer.core.field_types import ProseField
from syncer.core.origin import NO_ORIGINS
from tests.unit.core.test_text_sync import JIRA, across, prose

FORMER = json.loads((Path(__file__).resolve().parents[2] / "golden/text/former.json").read_text(encoding="utf-8"))


def field_type(row: dict[str, Any]) -> ProseField:
    markup = WikiMarkup(JIRA, "PAY") if row["markup"] == "wiki" else AdfMarkup(JIRA, "PAY")
    return ProseField(prose(markup), NO_ORIGINS, dict.fromkeys(Side, ""))


def column(row: dict[str, Any]) -> dict[Side, str]:
    return {Side.LEFT: row["jira"], Side.RIGHT: row["github"]}


@pytest.mark.parametrize("row", FORMER, ids=[f"{row['name']}, {row['markup']}" for row in FORMER])
def test_both_sides_of_a_former_text_still_agree(row: dict[str, Any]) -> None:
    shown = column(row)
    compared = field_type(row)
    assert compared.agree(*shown.values()) or compared.still_agree(shown, shown)


def test_a_former_agreement_that_never_was_one_comes_to_light() -> None:
    row = FORMER[0]
    changed = {**column(row), Side.RIGHT: row["github"].replace("Before", "Later")}
    assert not field_type(row).still_agree(changed, changed)


def test_words_that_moved_since_are_an_edit() -> None:
    row = FORMER[0]
    assert not field_type(row).still_agree(column(row), {**column(row), Side.LEFT: row["jira"] + " more"})


def test_the_next_edit_brings_the_new_form_where_it_was_made() -> None:
    row = next(row for row in FORMER if row["name"] == "pictures" and row["markup"] == "adf")
    edited = row["github"].replace("after", "behind it")
    shown = across(field_type(row).prose, Side.LEFT, edited, row["github"], row["jira"])
    assert shown.count('"mediaSingle"') == 1
    assert '"text":"a","marks":[{"type":"link"' in shown
