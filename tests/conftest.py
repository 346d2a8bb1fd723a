"""What holds for the whole suite: how deep it goes, where its files lie, and that the sandbox is as the vendors say."""

from __future__ import annotations

import gc
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from syncer.cli import COLLECTED_AFTER
from tests.depth import PROFILE
from tests.kept import KeptStates
from tests.unit.sandbox import vendor_specs

MEMORY = Path("/dev/shm")  # noqa: S108 - only a directory of our own in it
ENOUGH = 4 * 2**30
"""Bytes of memory that must be free for the suite's files to lie there; it uses a tenth."""
NOWHERE = os.devnull + "/of-no-user"
"""Where a test finds state and configuration of whoever runs it: nothing is there, and nothing can be written."""

SANDBOX_TESTS = Path(vendor_specs.__file__).parent

settings.register_profile(PROFILE, max_examples=1_000, deadline=None)
# The same draws in every ordinary run, so that a change is judged by what it changes; `--hypothesis-profile` explores.
# Without a deadline: how busy a machine is says nothing about the code.
settings.register_profile("same-draws", derandomize=True, deadline=None)
settings.load_profile("same-draws")


def pytest_configure(config: pytest.Config) -> None:
    """Puts temporary files into memory: a state syncs each commit to disk, and no test takes the power away.

    And keeps what was compiled, which images for containers like to forbid: tests start hundreds of processes. These
    and xdist's workers inherit both. Whoever sets `TMPDIR` keeps it.
    """
    gc.set_threshold(*COLLECTED_AFTER)  # as the command does
    os.environ["XDG_STATE_HOME"] = os.environ["XDG_CONFIG_HOME"] = NOWHERE
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    if "TMPDIR" in os.environ or not os.access(MEMORY, os.W_OK) or shutil.disk_usage(MEMORY).free < ENOUGH:
        return
    place = tempfile.mkdtemp(prefix="syncer-tests-", dir=MEMORY)
    Path(place).chmod(0o711)  # tests that give up their rights must still reach what is theirs in it
    os.environ["TMPDIR"] = tempfile.tempdir = place
    config.add_cleanup(lambda: shutil.rmtree(place, ignore_errors=True))


def pytest_report_header() -> str:
    """Says at the top whether the sandbox is checked."""
    beyond = "alone" if vendor_specs.beyond_facts() else "and their documents"
    return f"exchanges with the sandbox are checked against the facts of the vendors' operations {beyond}"


@pytest.fixture(autouse=True)
def no_state_stays_open() -> Iterator[None]:
    """Closes the states that a test kept open between its runs."""
    yield
    KeptStates.close_all()


@pytest.fixture(scope="session")
def undocumented() -> Iterator[list[vendor_specs.Violation]]:
    """What sandboxes that have stopped answered or were asked against the documents, until somebody looks."""
    found: list[vendor_specs.Violation] = []
    with vendor_specs.watching_every_sandbox(found):
        yield found
    assert [str(violation) for violation in found] == []


@pytest.fixture(autouse=True)
def every_exchange_is_as_documented(
    request: pytest.FixtureRequest, undocumented: list[vendor_specs.Violation]
) -> Iterator[None]:
    """Fails a test whose sandbox answers what it should not, or whose connectors ask what they should not."""
    yield
    told = [
        violation for violation in undocumented if violation.part == "response" or not _is_about_the_sandbox(request)
    ]
    undocumented.clear()
    assert [str(violation) for violation in told] == []


def _is_about_the_sandbox(request: pytest.FixtureRequest) -> bool:
    """Whether a test sends requests of its own, some of them wrong on purpose."""
    return SANDBOX_TESTS in request.path.parents
