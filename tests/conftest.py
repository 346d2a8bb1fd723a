"""What holds for the whole suite: how deep it goes, where its files lie, and that the sandbox is as the vendors say."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.depth import PROFILE
from tests.unit.sandbox import vendor_specs

MEMORY = Path("/dev/shm")  # noqa: S108 - only a directory of our own in it
ENOUGH = 4 * 2**30
"""Bytes of memory that must be free for the suite's files to lie there; it uses a tenth."""

settings.register_profile(PROFILE, max_examples=1_000, deadline=None)


def pytest_configure(config: pytest.Config) -> None:
    """Puts temporary files into memory: a state syncs each commit to disk, and no test takes the power away.

    The processes that tests start, and xdist's workers, inherit it. Whoever sets `TMPDIR` keeps it.
    """
    if "TMPDIR" in os.environ or not os.access(MEMORY, os.W_OK) or shutil.disk_usage(MEMORY).free < ENOUGH:
        return
    place = tempfile.mkdtemp(prefix="syncer-tests-", dir=MEMORY)
    os.environ["TMPDIR"] = tempfile.tempdir = place
    config.add_cleanup(lambda: shutil.rmtree(place, ignore_errors=True))


@pytest.fixture(scope="session", autouse=True)
def every_exchange_is_as_documented() -> Iterator[None]:
    """Fails the session when a sandbox answered, or was asked, what the vendors' documents do not allow."""
    if (reason := vendor_specs.missing()) is not None:
        print(f"\nexchanges with the sandbox are not checked: {reason}")
        yield
        return
    found: list[vendor_specs.Violation] = []
    with vendor_specs.watching_every_sandbox(found):
        yield
    assert sorted({_without_index(violation) for violation in found}) == []


def _without_index(violation: vendor_specs.Violation) -> str:
    return str(violation).partition(" ")[2]
