"""Fixtures of the sandbox's tests: a served GitHub with people in it, checked against the vendor's document."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from syncer.sandbox import Clock, Sandbox
from tests.unit.sandbox import vendor_specs
from tests.unit.sandbox.github_world import World, fill

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def world() -> Iterator[World]:
    """A GitHub with an organisation, a private and a public repository; every exchange is checked at the end."""
    with Sandbox(clock=Clock.virtual(START), seed=7) as box:
        yield fill(box)
        assert [str(violation) for violation in vendor_specs.violations(box.log)] == []


@pytest.fixture(scope="module", autouse=True)
def what_a_module_asked_is_its_own(undocumented: list[vendor_specs.Violation]) -> Iterator[None]:
    """Lets go of the wrong requests to a sandbox that serves a whole module.

    Such a sandbox stops, and is checked, after the last test of the module: without this the next test of another
    module would answer for them. What a sandbox answered wrongly stays to be told.
    """
    yield
    undocumented[:] = [violation for violation in undocumented if violation.part == "response"]
