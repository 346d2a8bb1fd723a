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
        if vendor_specs.missing() is None:
            assert [str(violation) for violation in vendor_specs.violations(box.log)] == []
