"""What differs in a conflict is shown word by word, and edited as git shows it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncer.contract.model import Side
from syncer.core.conflict_text import (
    LONG,
    Edited,
    Fate,
    difference,
    excerpt,
    has_markers,
    marked,
    parsed,
    said,
    stored_edit,
    with_markers,
)

NAMES = ("left: PAY-1", "right: acme/pay#1")
TEXT = st.text(st.sampled_from("ab \n支付"), max_size=40)


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        ("Pay by card", "Pay by invoice", "Pay by [-card-]{+invoice+}"),
        ("Pay by card", "Pay by card today", "Pay by [-card-]{+card today+}"),
        ("", "New", "{+New+}"),
        ("支付页面出错", "支付页面正常", "支付页面[-出错-]{+正常+}"),
        ("one\ntwo\nthree\n", "one\n2\nthree\n", "one\n[-two\n-]{+2\n+}three\n"),
    ],
)
def test_words_that_differ_are_marked(old: str, new: str, shown: str) -> None:
    assert marked(difference(old, new)) == shown


@given(TEXT, TEXT)
def test_both_texts_can_be_read_from_their_difference(old: str, new: str) -> None:
    pieces = difference(old, new)
    assert "".join(piece.text for piece in pieces if piece.fate is not Fate.GONE) == new
    assert "".join(piece.text for piece in pieces if piece.fate is not Fate.NEW) == old


def test_long_texts_that_differ_at_their_end_do_not_look_alike() -> None:
    base = "The amount is shown in the wrong currency until the page is loaded again. " * 40
    lines = {marked(excerpt(difference(base, base + end))) for end in ("Bought in May.", "Bought in June.")}
    assert len(lines) == 2
    assert all(len(line) < 2 * LONG and "Bought in" in line for line in lines)


def test_only_what_is_near_to_a_difference_is_shown() -> None:
    before, after = "word " * 100, " more" * 100
    shown = marked(excerpt(difference(f"{before}old{after}", f"{before}new{after}")))
    assert shown.startswith("…rd word")
    assert "[-old-]{+new+}" in shown.replace("old ", "old").replace("new ", "new")
    assert shown.endswith("…")
    assert len(shown) < 2 * LONG


@pytest.mark.parametrize("text", ["a " * 30_000, "a\n" * 30_000, "a" * 60_000, "! " * 30_000])
def test_no_text_takes_long_to_compare(text: str) -> None:
    began = time.process_time()
    difference(f"{text}x", f"y {text}")
    with_markers(text, f"{text}x", f"y {text}", NAMES)
    assert time.process_time() - began < 5


def test_what_one_side_changed_is_taken_and_what_both_changed_stands_between_markers() -> None:
    base = "Title line\n\nCards are refused.\n\nSeen in May.\n"
    left = "Title line\n\nCards are refused at night.\n\nSeen in May.\n"
    right = "New title line\n\nAll cards are refused.\n\nSeen in May.\n"
    assert with_markers(base, left, right, NAMES) == (
        "New title line\n\n<<<<<<< left: PAY-1\nCards are refused at night.\n||||||| what both agreed on\n"
        "Cards are refused.\n=======\nAll cards are refused.\n>>>>>>> right: acme/pay#1\n\nSeen in May.\n"
    )


def test_without_a_base_all_that_differs_stands_between_markers() -> None:
    assert with_markers(None, "one\ntwo", "one\n2", NAMES) == (
        "one\n<<<<<<< left: PAY-1\ntwo\n=======\n2\n>>>>>>> right: acme/pay#1\n"
    )


@given(TEXT, TEXT, TEXT)
def test_a_merged_text_has_no_markers_where_only_one_side_changed(base: str, other: str, third: str) -> None:
    lines = [[f"{line}\n" for line in text.splitlines()] for text in (base, other, third)]
    assert with_markers(base, other, base, NAMES) == "".join(lines[1])
    assert with_markers(base, base, other, NAMES) == "".join(lines[1])
    assert with_markers(base, other, other, NAMES) == "".join(lines[1])
    merged = with_markers(base, other, third, NAMES)
    assert has_markers(merged) or set(merged.splitlines()) <= set((base + "\n" + other + "\n" + third).splitlines())


def test_a_line_of_a_text_that_only_looks_like_a_marker_is_none() -> None:
    assert not has_markers("Title\n========\n<<<<<<<x\n> quoted\n")
    assert has_markers("a\n=======\nb")
    assert not has_markers("A title\n=======\nb", "A title\n=======\n")


@pytest.mark.parametrize(
    ("decision", "meaning", "line"),
    [
        ("left", Side.LEFT, "left"),
        ("value:right", "right", "“right”"),
        ("value:" + "x" * 100, "x" * 100, f"“{'x' * 59}…”"),
        (stored_edit(Edited(Side.RIGHT, "left: a\nb")), Edited(Side.RIGHT, "left: a\nb"), "an edited text"),
    ],
)
def test_a_stored_decision_says_what_it_said(decision: str, meaning: object, line: str) -> None:
    assert (parsed(decision), said(decision)) == (meaning, line)
