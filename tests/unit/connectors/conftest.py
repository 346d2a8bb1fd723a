"""Jiras of either deployment, with one project, for the tests of its connector."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.unit.connectors.jira_world import Office, office


@pytest.fixture(params=["cloud", "datacenter"])
def place(request: pytest.FixtureRequest) -> Iterator[Office]:
    """One of each."""
    with office(request.param) as opened:
        yield opened


@pytest.fixture
def cloud() -> Iterator[Office]:
    """One in the cloud."""
    with office("cloud") as opened:
        yield opened


@pytest.fixture
def server() -> Iterator[Office]:
    """One of people's own."""
    with office("datacenter") as opened:
        yield opened
