"""What a marker says, strictly read: a name of a pair may hold dots, and older versions wrote less."""

from __future__ import annotations

import pytest

from syncer.contract.model import Kind, Marker, Ref, Side
from syncer.core.markers import Provenance, marker_for, marker_source, provenance, quotes_marker

STATE = "0123456789abcdef"
TASK = Ref(Kind.TASK, "7")


def test_a_marker_says_its_source_its_state_and_its_number() -> None:
    marker = marker_for("pay", Side.LEFT, TASK, "nonce", state=STATE, number=12)
    assert provenance(["pay"], marker) == Provenance(Side.LEFT, TASK, STATE, 12)


def test_a_marker_of_an_older_version_says_its_source_alone() -> None:
    assert provenance(["pay"], Marker("pay.left.task.7.nonce")) == Provenance(Side.LEFT, TASK)


def test_markers_of_former_names_count() -> None:
    marker = marker_for("old", Side.RIGHT, TASK, "nonce", state=STATE, number=1)
    assert marker_source(["pay"], marker) is None
    assert marker_source(["pay", "old"], marker) == (Side.RIGHT, TASK)


@pytest.mark.parametrize("name", ["pay", "pay.left.task", "a.b-c_d", "left.task.7"])
def test_a_marker_is_of_the_pair_that_made_it_whatever_its_name_looks_like(name: str) -> None:
    marker = marker_for(name, Side.LEFT, TASK, "nonce", state=STATE, number=1)
    old = Marker(f"{name}.left.task.7.nonce")
    for other in ("pay", "pay.left.task", "a.b-c_d", "left.task.7"):
        for one in (marker, old):
            assert (marker_source([other], one) == (Side.LEFT, TASK)) is (other == name)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "pay",
            "pay.",
            "pay.left",
            "pay.left.task.7",
            "pay.middle.task.7.n",
            "pay.left.epic.7.n",
            "bay.left.task.7.n",
        ),
        *("pay.left.task..n", "pay.left.task.7.", f"pay.left.task.7.{STATE}.n", f"pay.left.task.7.{STATE}.x1.n"),
        *(f"pay.left.task.7.{STATE[1:]}.1.n", f"pay.left.task.7.{STATE.upper()}.1.n", f"pay.left.task.7.{STATE}.1.n.m"),
        "report:pay:week:n",
    ],
)
def test_what_is_not_made_like_a_marker_is_none(text: str) -> None:
    assert provenance(["pay"], Marker(text)) is None
    assert provenance(["pay"], None) is None


def test_the_longest_marker_has_room() -> None:
    nonce, native = "f" * 26, "9" * 20
    longest = marker_for("p" * 64, Side.RIGHT, Ref(Kind.MILESTONE, native), nonce, state=STATE, number=10**12)
    assert len(longest) <= 200


def test_a_text_that_quotes_a_marker_is_told_from_one_that_does_not() -> None:
    assert quotes_marker(["pay"], "see <!-- syncer:pay.left.task.1.x -->")
    assert not quotes_marker(["pay"], "see syncer:other.left, and syncer: pay")


def test_a_version_that_knows_no_state_still_reads_the_source_of_a_marker() -> None:
    """Version 0.1.0 took what follows the name of the pair for exactly four parts between dots."""
    marker = marker_for("pay", Side.LEFT, Ref(Kind.TASK, "7"), "nonce", state="0123456789abcdef", number=12)
    assert marker.removeprefix("pay.").split(".") == ["left", "task", "7", "0123456789abcdef-12-nonce"]
