"""Texts for the order of a board: they sort in it, and few of them change."""

from __future__ import annotations

import random

import pytest

from connectors.github.ranks import ranks


def test_the_texts_sort_in_the_order_of_the_board() -> None:
    found = ranks(list("abcd"), {})
    assert sorted(found, key=found.__getitem__) == list("abcd")
    assert ranks([], {"a": "x"}) == {}


@pytest.mark.parametrize("order", ["dabc", "bcda", "acbd", "abxcd", "xabcd", "abcdx", "abd"])
def test_one_moved_new_or_gone_item_changes_no_text_but_its_own(order: str) -> None:
    before = ranks(list("abcd"), {})
    after = ranks(list(order), before)
    assert sorted(after, key=after.__getitem__) == list(order)
    assert len([one for one in order if after[one] != before.get(one)]) <= 1


def test_any_number_of_moves_keeps_the_order() -> None:
    dice, order = random.Random(5), [str(number) for number in range(40)]
    known = ranks(order, {})
    for _ in range(300):
        order.insert(dice.randrange(3), order.pop(dice.randrange(len(order))))
        known = ranks(order, known)
        assert sorted(known, key=known.__getitem__) == order


@pytest.mark.parametrize("odd", ["", "0|i000db:", "-00000000000000001", "9" * 18])
def test_a_text_of_another_kind_is_no_hindrance(odd: str) -> None:
    found = ranks(list("abc"), {"a": odd, "b": odd})
    assert sorted(found, key=found.__getitem__) == list("abc")
