"""What one process finds out of a tracker holds for all processes on the state, as if they were one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from syncer.app.lines import StateMemory
from syncer.contract.errors import Denied, Down
from syncer.contract.line import ASK_AGAIN, TrackerLine, TrackerLines
from syncer.store import StateUnwritable, Store

ACCOUNT = "jira https://acme.example bot"


class Clocks:
    """The time of the state and of both processes, moved together."""

    def __init__(self) -> None:
        self.passed = 0.0

    def monotonic(self) -> float:
        return 1000.0 + self.passed

    def now(self) -> datetime:
        return datetime(2026, 11, 5, 12, tzinfo=UTC) + timedelta(seconds=self.passed)


@pytest.fixture
def clocks() -> Clocks:
    return Clocks()


@pytest.fixture
def both(tmp_path: Path, clocks: Clocks) -> Iterator[tuple[TrackerLines, TrackerLines]]:
    """The lines of two processes on one state."""
    with (
        Store.open(tmp_path / "state", clock=clocks.now) as one,
        Store.open(tmp_path / "state", clock=clocks.now) as two,
    ):
        yield (
            TrackerLines(clocks.monotonic, StateMemory(lambda: one)),
            TrackerLines(clocks.monotonic, StateMemory(lambda: two)),
        )


def begun(lines: TrackerLines) -> TrackerLine:
    """The line as a run that begins now has it."""
    lines.look([ACCOUNT])
    return lines.of(ACCOUNT)


def test_what_one_process_found_down_no_other_one_asks(both: tuple[TrackerLines, TrackerLines], clocks: Clocks) -> None:
    mine, other = both
    begun(mine).close(Down("jira does not answer"))
    clocks.passed += 20
    with pytest.raises(Down, match="jira does not answer"):
        begun(other).enter()


def test_refused_credentials_keep_their_remedy(both: tuple[TrackerLines, TrackerLines]) -> None:
    mine, other = both
    begun(mine).close(Denied("token refused", remedy="Renew it", credentials=True))
    with pytest.raises(Denied, match="token refused") as told:
        begun(other).enter()
    assert (told.value.remedy, told.value.credentials) == ("Renew it", True)


def test_after_a_minute_one_of_all_processes_asks_again(
    both: tuple[TrackerLines, TrackerLines], clocks: Clocks
) -> None:
    mine, other = both
    begun(mine).close(Down("jira does not answer"))
    begun(other)
    clocks.passed += ASK_AGAIN
    assert other.of(ACCOUNT).enter()
    with pytest.raises(Down):
        mine.of(ACCOUNT).enter()


def test_once_it_answers_every_process_goes_on(both: tuple[TrackerLines, TrackerLines], clocks: Clocks) -> None:
    mine, other = both
    begun(mine).close(Down("jira does not answer"))
    begun(other)
    clocks.passed += ASK_AGAIN
    assert other.of(ACCOUNT).enter()
    other.of(ACCOUNT).open()
    assert not begun(mine).enter()


def test_a_state_out_of_reach_leaves_each_process_to_itself(clocks: Clocks) -> None:
    def unreachable() -> Store:
        raise StateUnwritable("the server does not answer")

    lines = TrackerLines(clocks.monotonic, StateMemory(unreachable))
    begun(lines).close(Down("jira does not answer"))
    with pytest.raises(Down):
        lines.of(ACCOUNT).enter()
    clocks.passed += ASK_AGAIN
    assert lines.of(ACCOUNT).enter()


def test_a_clock_that_was_set_back_keeps_nobody_from_asking(
    both: tuple[TrackerLines, TrackerLines], clocks: Clocks
) -> None:
    mine, other = both
    clocks.passed = 7200
    begun(mine).close(Down("jira does not answer"))
    clocks.passed = 0
    begun(other)
    clocks.passed = ASK_AGAIN
    assert other.of(ACCOUNT).enter()
