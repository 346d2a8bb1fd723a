"""What a link remembers and why it stands as it does: stored and read again, also by another version."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from syncer.contract.model import Field, Side
from syncer.core.link_memory import LinkMemory, Sent, Verdict, Way, decode_memory, encode_memory
from syncer.core.link_reason import Because, LinkReason, decode_reason, encode_reason

FULL = LinkMemory(
    pending={
        Side.RIGHT: {
            Field.TITLE: Sent(Way.UPDATED, asked="New", source="New", since=datetime(2026, 3, 2, tzinfo=UTC)),
            Field.LABELS: Sent(Way.CREATED, asked=["a"], answered=True, shown=["a"], first=True),
            Field.BODY: Sent(Way.FAILED, asked="x", answered=True, shown=None, verdict=Verdict.UNKNOWN),
        }
    },
    refused={Side.LEFT: {Field.ASSIGNEES: "0123456789abcdef"}},
    apart=frozenset({Field.STATUS}),
    given={Field.PRIORITY: {"term": ["Medium", None, None, None]}},
    restored=frozenset({Field.DUE, Field.BODY}),
    truncated={Side.RIGHT: frozenset({Field.BODY})},
    inexact=frozenset({Field.TITLE}),
    before={Side.LEFT: ({"term": ["In Review", None, None, "doing"]},)},
    awaits={Side.LEFT: ("7", "8")},
    missed={Side.LEFT: 2},
    read=1,
)


def test_a_memory_comes_back_as_it_was_stored() -> None:
    assert decode_memory(encode_memory(FULL)) == FULL


def test_what_is_empty_is_not_stored() -> None:
    assert encode_memory(LinkMemory()) == {}
    assert encode_memory(LinkMemory(pending={Side.LEFT: {}}, truncated={Side.LEFT: frozenset()})) == {}


def test_what_a_newer_version_remembers_is_written_back() -> None:
    stored = {"read": 1, "foreseen": {"left": [1]}}
    assert encode_memory(decode_memory(stored)) == stored


def test_an_older_state_only_names_what_is_pending() -> None:
    pending = decode_memory({"owed": {"right": ["title"]}}).pending
    assert pending == {Side.RIGHT: {Field.TITLE: Sent(Way.CREATED, known=False, first=True)}}


@pytest.mark.parametrize("because", list(Because))
def test_a_reason_comes_back_as_it_was_stored_and_says_a_sentence(because: Because) -> None:
    reason = LinkReason(because, "PAY-1", Side.RIGHT, "{its} words", 8)
    assert decode_reason(*encode_reason(reason)) == reason
    assert reason.sentence


def test_a_link_without_a_reason_stores_none() -> None:
    assert encode_reason(None) == ("", None)
    assert decode_reason("", None) is None


def test_a_reason_that_only_a_newer_version_knows_is_another_one() -> None:
    found = decode_reason("eclipsed", {"detail": "behind the moon", "item": "PAY-1"})
    assert (found and found.because, found and found.sentence) == (Because.OTHER, "behind the moon")
    unsaid = decode_reason("eclipsed", None)
    assert unsaid is not None
    assert unsaid.sentence == "eclipsed"
