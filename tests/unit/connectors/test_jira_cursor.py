"""Where reading begins again: late changes are seen, bursts are not read again each time."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from connectors.jira.cursor import TAIL, Burst, CursorContent, advanced, after_burst, burst_is_due, dump, load
from syncer.contract.model import Cursor

MINUTE = 60_000
OVERLAP = 15 * MINUTE
NOON = 1_772_452_800_000

positions = st.builds(
    CursorContent,
    start=st.integers(0, NOON),
    newest=st.integers(0, NOON),
    settled=st.integers(0, NOON),
    burst=st.none() | st.builds(Burst, st.integers(0, NOON), st.integers(0, NOON), st.integers(0, NOON)),
    project=st.text(max_size=8),
    account=st.text(max_size=8),
    scope=st.text(max_size=8),
)


@given(positions)
def test_a_position_survives_its_cursor(position: CursorContent) -> None:
    assert load(dump(position)) == position


@given(st.text(max_size=40) | st.sampled_from(["{}", "[]", "null", '{"start":"x"}']))
def test_a_strange_cursor_is_no_position(text: str) -> None:
    assert load(Cursor(text)) is None


def test_reading_begins_an_overlap_before_the_newest_change() -> None:
    position = advanced(CursorContent(), [NOON - MINUTE, NOON], NOON, OVERLAP)
    assert (position.newest, position.start, position.burst) == (NOON, NOON - OVERLAP, None)


def test_nothing_new_leaves_the_cursor_as_it_was() -> None:
    position = advanced(CursorContent(), [NOON], NOON, OVERLAP)
    assert dump(advanced(position, [NOON], NOON + MINUTE, OVERLAP)) == dump(position)


def test_an_older_change_never_moves_the_newest_back() -> None:
    position = advanced(CursorContent(), [NOON], NOON, OVERLAP)
    assert advanced(position, [NOON - OVERLAP], NOON, OVERLAP).newest == NOON


def test_of_a_burst_only_the_tail_is_read_again() -> None:
    seen = [NOON + number for number in range(1_000)]
    position = advanced(CursorContent(), seen, NOON + 1_000, OVERLAP)
    assert sum(1 for moment in seen if moment >= position.start) == TAIL
    assert position.burst == Burst(NOON + 999 - OVERLAP, NOON + 999, NOON + 1_000 + OVERLAP)


def test_a_moment_that_very_many_share_is_left_to_the_burst() -> None:
    position = advanced(CursorContent(), [NOON] * 1_000, NOON, OVERLAP)
    assert position.start == NOON + 1
    assert position.burst is not None
    assert position.burst.start <= NOON < position.start


def test_a_burst_is_read_once_more_when_the_index_has_settled() -> None:
    position = advanced(CursorContent(), [NOON + number for number in range(1_000)], NOON, OVERLAP)
    assert not burst_is_due(position, NOON + OVERLAP - 1)
    assert burst_is_due(position, NOON + OVERLAP)
    settled = after_burst(position, OVERLAP)
    assert (settled.settled, settled.burst) == (NOON + 999, None)
    assert settled.start == NOON + 999


def test_a_settled_burst_does_not_come_back() -> None:
    seen = [NOON + number for number in range(1_000)]
    settled = after_burst(advanced(CursorContent(), seen, NOON, OVERLAP), OVERLAP)
    again = advanced(settled, seen[-1:], NOON + 2 * OVERLAP, OVERLAP)
    assert (again.burst, again.start) == (None, NOON + 999)


def test_without_the_servers_clock_a_burst_waits_for_the_full_listing() -> None:
    position = advanced(CursorContent(), [NOON + number for number in range(1_000)], None, OVERLAP)
    assert position.burst is not None
    assert not burst_is_due(position, NOON + 10**9)


@given(st.lists(st.lists(st.integers(0, 40 * MINUTE), max_size=200), max_size=6))
def test_no_late_change_falls_between(readings: list[list[int]]) -> None:
    """Whatever was seen, what lies up to an overlap back is read again: by the next reading or by that of the burst."""
    position, clock = CursorContent(), NOON
    for moments in readings:
        clock += 20 * MINUTE
        seen = sorted(clock - 40 * MINUTE + moment for moment in moments)
        position = advanced(position, seen, clock, OVERLAP)
        begins = min(position.start, position.burst.start if position.burst else position.start)
        assert begins <= max(position.settled, position.newest - OVERLAP, 0)
        if burst_is_due(position, clock + OVERLAP):
            position = after_burst(position, OVERLAP)
