"""The register and the connectors agree: a row names code that exists, and no code relies on what no row tells."""

from __future__ import annotations

import importlib
import re
from functools import reduce

import pytest

from syncer.contract.assumptions import Assumption
from tests.vendor.register import REGISTER

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
