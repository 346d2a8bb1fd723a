"""The outbox: mail that leaves once."""

from __future__ import annotations

import pytest

from syncer.store import MailState, NotOpen, Store
from tests.unit.store.builders import NOON, later


def test_a_report_of_a_week_is_sent_to_a_recipient_once(store: Store) -> None:
    assert store.outbox_add("weekly", "2026-W10", "lead@acme.example", b"Subject: x\x00\r\n", NOON)
    assert not store.outbox_add("weekly", "2026-W10", "lead@acme.example", b"other", NOON)
    assert store.outbox_add("weekly", "2026-W11", "lead@acme.example", b"next", NOON)
    claimed = store.outbox_next(later(1), NOON)
    assert claimed is not None
    assert (claimed.message, claimed.state, claimed.added_at, claimed.moved_at) == (
        b"Subject: x\x00\r\n",
        MailState.SENDING,
        NOON,
        later(1),
    )
    store.outbox_mark(claimed.id, MailState.SENT, later(2))
    with pytest.raises(NotOpen):
        store.outbox_mark(claimed.id, MailState.NEW, later(3))
    assert [(mail.week, mail.state) for mail in store.outbox()] == [
        ("2026-W10", MailState.SENT),
        ("2026-W11", MailState.NEW),
    ]


def test_a_claimed_message_is_not_given_out_again(store: Store) -> None:
    store.outbox_add("weekly", "2026-W10", "lead@acme.example", b"x", NOON)
    assert store.outbox_next(NOON, later(-1)) is not None
    assert store.outbox_next(NOON, later(-1)) is None
    assert len(store.outbox([MailState.SENDING])) == 1


def test_a_failed_message_may_be_tried_again(store: Store) -> None:
    store.outbox_add("weekly", "2026-W10", "lead@acme.example", b"x", NOON)
    claimed = store.outbox_next(NOON, later(-1))
    assert claimed is not None
    store.outbox_mark(claimed.id, MailState.FAILED, NOON, "refused \x00")
    assert [mail.note for mail in store.outbox([MailState.FAILED])] == ["refused \\x00"]
    store.outbox_mark(claimed.id, MailState.NEW, NOON)
    assert store.outbox_next(NOON, later(-1)) is not None


def test_a_claim_that_is_old_is_given_out_once_more(store: Store) -> None:
    store.outbox_add("weekly", "2026-W10", "lead@acme.example", b"x", NOON)
    store.outbox_next(NOON, later(-1))
    assert not store.outbox_waits(later(-1))
    assert store.outbox_waits(NOON)
    again = store.outbox_next(later(5), NOON)
    assert again is not None
    assert again.state is MailState.AGAIN
    assert store.outbox_next(later(99), later(99)) is None
