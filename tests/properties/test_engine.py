"""The engine under arbitrary histories; `python -m tests.properties.histories` plays many more."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

from tests.depth import thorough
from tests.properties.machine import SyncMachine

SyncMachine.TestCase.settings = settings(
    max_examples=600 if thorough() else 12,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestSync = pytest.mark.slow(pytest.mark.timeout(6 * 3600 if thorough() else 600)(SyncMachine.TestCase))
