"""Undoing what was told from what is shown gives back every set as it was."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from syncer.contract.history import PastChange
from syncer.contract.model import Account, Field, Kind, Ref
from syncer.core.history_merge import Sighting, ToldChange, explained, unfold

START = datetime(2026, 1, 5, tzinfo=UTC)
REF = Ref(Kind.TASK, "1")
NAMES = st.sampled_from(["a", "b", "c", "d"])
EDITS = st.lists(st.tuples(NAMES, st.integers(0, 2)), max_size=15)


def told(edits: list[tuple[str, int]], first: frozenset[str]) -> tuple[list[PastChange], list[frozenset[str]]]:
    """Events of edits that toggle labels, each some seconds after the one before; and the labels after each."""
    states, changes, at = [first], [], START
    for number, (name, wait) in enumerate(edits, 1):
        at += timedelta(seconds=wait)
        present = name in states[-1]
        states.append(states[-1] - {name} if present else states[-1] | {name})
        elements = ((name,), ()) if present else ((), (name,))
        changes.append(PastChange(REF, str(number), Field.LABELS, at, Account("mia"), *elements, partial=True))
    return changes, states


@given(EDITS, st.frozensets(NAMES), st.randoms(use_true_random=False))
def test_every_set_is_as_it_was(edits: list[tuple[str, int]], first: frozenset[str], dice: object) -> None:
    changes, states = told(edits, first)
    shown = {Field.LABELS: tuple(sorted(states[-1]))}
    shuffled = sorted(changes, key=lambda _: dice.random())  # type: ignore[attr-defined]
    entries = unfold(shown, START + timedelta(days=1), shuffled, {})
    assert [entry.new for entry in entries] == [sorted(state) for state in states[1:]]
    assert [entry.old for entry in entries] == [sorted(state) for state in states[:-1]]


@given(EDITS, st.frozensets(NAMES), st.data())
def test_what_is_told_in_parts_newest_first_is_what_is_told_at_once(
    edits: list[tuple[str, int]], first: frozenset[str], data: st.DataObject
) -> None:
    changes, states = told(edits, first)
    shown, until = {Field.LABELS: tuple(sorted(states[-1]))}, START + timedelta(days=1)
    cut = data.draw(st.integers(0, len(changes)))
    newer = unfold(shown, until, changes[cut:], {})
    recorded = {(Field.LABELS, entry.change.event): entry.old for entry in newer}
    # The second part comes with one change of the first, as pages that overlap do.
    older = unfold(shown, until, changes[: cut + 1], recorded) if changes else []
    if cut < len(changes) or not changes:
        assert [*older, *newer] == unfold(shown, until, changes, {})


@given(EDITS, st.frozensets(NAMES))
def test_telling_again_adds_nothing(edits: list[tuple[str, int]], first: frozenset[str]) -> None:
    changes, states = told(edits, first)
    shown, until = {Field.LABELS: tuple(sorted(states[-1]))}, START + timedelta(days=1)
    recorded = {(Field.LABELS, entry.change.event): entry.old for entry in unfold(shown, until, changes, {})}
    assert unfold(shown, until, changes, recorded) == []


def change(event: int, minute: int, new: str) -> ToldChange:
    moment = START + timedelta(minutes=minute)
    return ToldChange(PastChange(REF, str(event), Field.TITLE, moment, Account("mia"), "", new), "", new)


def seen(minute: int, new: str, operation: str | None = None) -> Sighting:
    return Sighting(minute, Field.TITLE, START + timedelta(minutes=minute), new, operation)


def test_a_sighting_is_the_last_change_before_it_and_no_other() -> None:
    entries = [change(1, 1, "A"), change(2, 5, "B"), change(3, 9, "A")]
    assert explained(entries, [], [seen(7, "B")]) == {7: entries[1]}
    assert explained(entries, [], [seen(7, "A")]) == {}
    assert explained(entries, [], [seen(12, "A")]) == {12: entries[2]}
    assert explained(entries[1:], entries[:1], [seen(2, "A")]) == {2: entries[0]}
    assert explained(entries, [], [seen(0, "A")]) == {}


def test_what_happened_after_the_reading_waits_until_it_is_seen() -> None:
    late = change(1, 30, "A").change
    assert unfold({Field.TITLE: "B"}, START, [late], {}) == []
