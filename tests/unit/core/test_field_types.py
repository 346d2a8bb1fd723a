"""How sets and lists with partners are carried and merged."""

from __future__ import annotations

import pytest

from syncer.contract.model import Field, Side
from syncer.core.decision_context import person_partner
from syncer.core.field_types import LineField, Unmapped
from syncer.core.set_fields import NamesField, PartneredField
from tests.worlds import PEOPLE

ASSIGNEES = PartneredField(Field.ASSIGNEES, person_partner(PEOPLE), {Side.LEFT: 1, Side.RIGHT: 10}, "map them")
NAMES = NamesField()


@pytest.mark.parametrize(
    ("base", "now", "shown", "expected"),
    [
        ((), ("a",), ("b",), ("a", "b")),
        (("a",), (), ("a", "b"), ("b",)),
        (("a",), ("a",), ("b",), ("b",)),
        (("a",), ("A",), ("a",), ("a",)),
        (None, ("a",), ("A", "c"), ("A", "c")),
    ],
)
def test_only_what_was_added_or_removed_travels(base: object, now: object, shown: object, expected: object) -> None:
    assert NAMES.carry(Side.RIGHT, base, now, shown).value == expected  # type: ignore[arg-type]  # tuples of names


def test_both_sides_additions_and_removals_are_kept() -> None:
    merged = NAMES.merge(
        {Side.LEFT: ("a", "b"), Side.RIGHT: ("a", "b")}, {Side.LEFT: ("a", "c"), Side.RIGHT: ("b", "d")}
    )
    assert merged is not None
    assert merged[Side.LEFT].value == merged[Side.RIGHT].value == ("c", "d")


@pytest.mark.parametrize(
    ("base", "now", "shown", "expected"),
    [
        ((), ("li.wei",), (), ("liwei",)),
        (("li.wei",), ("mia.braun",), ("liwei", "stranger"), ("stranger", "miab")),
        (("li.wei",), (), ("liwei", "stranger"), ("stranger",)),
        ((), ("li.wei",), ("miab",), ("miab", "liwei")),
    ],
)
def test_one_assignee_of_jira_moves_among_many_of_github(
    base: tuple[str, ...], now: tuple[str, ...], shown: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    assert ASSIGNEES.carry(Side.RIGHT, base, now, shown).value == expected


@pytest.mark.parametrize(
    ("base", "now", "shown", "expected"),
    [
        ((), ("liwei", "miab"), (), ("li.wei",)),
        (("liwei",), ("liwei", "miab"), ("li.wei",), ("li.wei",)),
        (("liwei",), ("miab",), ("li.wei",), ("mia.braun",)),
        (("liwei", "miab"), ("miab",), ("li.wei",), ("mia.braun",)),
        ((), ("miab",), ("only.jira",), ("only.jira",)),
        (("liwei",), (), ("li.wei",), ()),
    ],
)
def test_many_assignees_of_github_become_the_one_of_jira_that_changes_least(
    base: tuple[str, ...], now: tuple[str, ...], shown: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    assert ASSIGNEES.carry(Side.LEFT, base, now, shown).value == expected


@pytest.mark.parametrize(
    ("left", "right", "agree"),
    [
        (("li.wei",), ("liwei",), True),
        (("li.wei",), ("LiWei", "miab"), True),
        (("li.wei",), ("miab",), False),
        ((), ("liwei",), False),
        ((), ("stranger",), True),
        (("only.jira",), (), True),
        (("only.jira",), ("liwei",), True),
    ],
)
def test_assignees_agree_as_far_as_both_sides_can_show_them(
    left: tuple[str, ...], right: tuple[str, ...], agree: bool
) -> None:
    assert ASSIGNEES.agree(left, right) is agree


def test_somebody_without_a_partner_is_said() -> None:
    with pytest.raises(Unmapped, match="map them"):
        ASSIGNEES.carry(Side.RIGHT, (), ("only.jira",), ())


def test_a_line_is_cut_with_an_ellipsis_and_says_so() -> None:
    field_type = LineField({Side.LEFT: 10, Side.RIGHT: 20})
    carried = field_type.carry(Side.LEFT, None, "a  title of\nmore than ten", None)
    assert (carried.value, carried.truncated) == ("a title o…", True)
    assert field_type.same(Side.LEFT, "a  b", "a b ")
