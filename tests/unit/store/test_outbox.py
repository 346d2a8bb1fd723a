"""The outbox: mail that leaves once."""

from __future__ import annotations

import pytest

from syncer.store import MailState, NotOpen, Store
from tests.unit.store.builders import NOON, later


def test_a_report_of_a_week_is_sent_to_a_recipient_once(store: Store) -> None:
    assert store.outbox.add("weekly", "2026-W10", "lead@acme.example", NOON)
    assert not store.outbox.add("weekly", "2026-W10", "lead@acme.example", NOON)
    assert store.outbox.add("weekly", "2026-W11", "lead@acme.example", NOON)
    claimed = store.outbox.claim(later(1), NOON)
    assert claimed is not None
    assert (claimed.recipient, claimed.state, claimed.added_at, claimed.moved_at) == (
        "lead@acme.example", MailState.SENDING, NOON, later(1),
    )  # fmt: skip
    store.outbox.mark(claimed.id, MailState.SENT, later(2))
    with pytest.raises(NotOpen):
        store.outbox.mark(claimed.id, MailState.NEW, later(3))
    assert [(mail.week, mail.state) for mail in store.outbox.mails()] == [
        ("2026-W10", MailState.SENT),
        ("2026-W11", MailState.NEW),
    ]


def test_a_claimed_message_is_not_given_out_again(store: Store) -> None:
    store.outbox.add("weekly", "2026-W10", "lead@acme.example", NOON)
    assert store.outbox.claim(NOON, later(-1)) is not None
    assert store.outbox.claim(NOON, later(-1)) is None
    assert len(store.outbox.mails([MailState.SENDING])) == 1


def test_a_failed_message_may_be_tried_again(store: Store) -> None:
    store.outbox.add("weekly", "2026-W10", "lead@acme.example", NOON)
    claimed = store.outbox.claim(NOON, later(-1))
    assert claimed is not None
    store.outbox.mark(claimed.id, MailState.FAILED, NOON, "refused \x00")
    assert [mail.note for mail in store.outbox.mails([MailState.FAILED])] == ["refused \\x00"]
    store.outbox.mark(claimed.id, MailState.NEW, NOON)
    assert store.outbox.claim(NOON, later(-1)) is not None


def test_a_claim_that_is_old_is_given_out_once_more(store: Store) -> None:
    store.outbox.add("weekly", "2026-W10", "lead@acme.example", NOON)
    store.outbox.claim(NOON, later(-1))
    assert not store.outbox.waits(later(-1))
    assert store.outbox.waits(NOON)
    again = store.outbox.claim(later(5), NOON)
    assert again is not None
    assert again.state is MailState.AGAIN
    assert store.outbox.claim(later(99), later(99)) is None


def test_what_failed_or_was_sent_begins_anew_only_where_that_is_asked(store: Store) -> None:
    store.outbox.add("weekly", "2026-W10", "lead@acme.example", NOON)
    claimed = store.outbox.claim(NOON, later(-1))
    assert claimed is not None
    store.outbox.mark(claimed.id, MailState.SENT, NOON)
    assert not store.outbox.add("weekly", "2026-W10", "Lead@acme.example", NOON, [MailState.FAILED])
    assert store.outbox.add("weekly", "2026-W10", "Lead@acme.example", NOON, [MailState.SENT])
    assert store.outbox.claim(NOON, later(-1)) is not None


def test_a_late_post_is_kept_with_its_newest_week_and_since_when_it_is_late(store: Store) -> None:
    store.outbox.post_late("client", "2026-W10", NOON, "busy")
    store.outbox.post_late("client", "2026-W11", later(5), "no answer")
    (late,) = store.outbox.late_posts()
    assert (late.name, late.week, late.since, late.note) == ("client", "2026-W11", NOON, "no answer")
    store.outbox.post_settled("client")
    assert store.outbox.late_posts() == []


def test_three_hundred_recipients_of_a_year_leave_little(store: Store) -> None:
    for week in range(52):
        for number in range(30):
            store.outbox.add("weekly", f"2026-W{week:02}", f"reader-{number}@acme.example", NOON)
    with store._database.reading() as connection:
        size = connection.exec_driver_sql("PRAGMA page_count").scalar() if store._database.sqlite else 0
    assert size * 4096 < 2_000_000
