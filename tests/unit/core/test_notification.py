"""When somebody is told of a run, and when cron stays silent: from plain values."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from syncer.contract.model import Field
from syncer.core.change import Tally
from syncer.core.notification import Ended, Listener, Notification, notification_of, unannounced
from syncer.core.records import Holder
from syncer.core.waiting import Waiting, Why

NIGHT = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


class Cron:
    """Run after run of one pair, with what is remembered between them."""

    def __init__(self) -> None:
        self.now = NIGHT
        self.told: dict[str, datetime] = {}

    def run(
        self,
        tally: Tally,
        *waiting: Waiting,
        after: timedelta = timedelta(minutes=5),
        holder: Holder | None = None,
        reader: Listener = Listener.LATER,
    ) -> Notification:
        self.now += after
        found = notification_of(Ended(tally, waiting, self.told, self.now, holder, reader))
        for key in found.begun | found.told:
            self.told[key] = self.now
        for key in found.over:
            self.told.pop(key, None)
        return found


def clean() -> Tally:
    return Tally("payments", complete=True)


def away() -> Tally:
    return Tally("payments", outcome="partial", outage=True, message="acme/pay: no connection")


def denied(message: str = "the token is refused") -> Tally:
    return Tally("payments", outcome="denied", message=message)


def silent(found: Notification) -> bool:
    return not found.aloud and not found.lines


def conflict(number: int) -> Waiting:
    settle = f"syncer resolve {number} left|right"
    return Waiting(
        f"conflict:{number}", f"PAY-{number} = acme/pay#{number}", Field.TITLE, Why.CONFLICT, "apart", settle
    )


def test_a_new_conflict_is_told_once_with_the_command_that_settles_it() -> None:
    cron = Cron()
    first, second = cron.run(clean(), conflict(1)), cron.run(clean(), conflict(1))
    assert first.news == (conflict(1),)
    assert first.lines == (
        "payments: PAY-1 = acme/pay#1, title: apart. Settle: syncer resolve 1 left|right",
        "payments: 1 new item needs a person. Everything that waits: syncer status --pair payments",
    )
    assert (second.news, silent(second)) == ((), True)


def test_what_was_settled_and_waits_again_is_news_again() -> None:
    cron = Cron()
    cron.run(clean(), conflict(1))
    cron.run(clean())
    assert cron.run(clean(), conflict(1)).news


def test_ten_items_are_told_one_by_one_and_the_rest_by_its_number() -> None:
    found = Cron().run(clean(), *map(conflict, range(13)))
    assert len(found.lines) == 11
    assert found.lines[-1].startswith("payments: 13 new items need a person (3 of them not shown).")
    assert len(found.news) == len(found.told) == 13


def test_what_follows_from_the_rules_is_no_news() -> None:
    label = Waiting("field:1", "PAY-1 = acme/pay#1", Field.LABELS, Why.AUDIENCE, "it is not in `publish`")
    assert silent(Cron().run(clean(), label))
    assert unannounced([label, conflict(1)], {}) == (conflict(1),)


def test_what_others_remember_there_stays() -> None:
    cron = Cron()
    cron.told["marker:left:task:7"] = NIGHT
    cron.run(clean(), conflict(1))
    cron.run(clean())
    assert cron.told == {"marker:left:task:7": NIGHT}


def test_what_a_person_sees_at_a_terminal_is_told_to_cron_all_the_same() -> None:
    cron = Cron()
    seen = cron.run(clean(), conflict(1), reader=Listener.NOW)
    assert seen.lines
    assert cron.run(clean(), conflict(1)).news


def test_a_program_is_told_what_is_new_and_reads_the_rest_in_the_object_of_each_run() -> None:
    cron = Cron()
    found = cron.run(denied(), conflict(1), reader=Listener.PROGRAM)
    assert (found.aloud, found.news, len(found.lines)) == (False, (conflict(1),), 2)
    assert cron.run(clean(), conflict(1)).news == ()
    assert cron.run(denied()).aloud


def test_what_has_no_command_of_its_own_says_where_to_look() -> None:
    held = Waiting("link:1", "PAY-1 = acme/pay#1", None, Why.HELD, "it left the filter.")
    assert Cron().run(clean(), held).lines[0] == (
        "payments: PAY-1 = acme/pay#1: it left the filter. Look: syncer explain PAY-1"
    )


def test_a_refused_token_is_told_at_once_and_again_once_a_day() -> None:
    cron = Cron()
    aloud = [cron.run(denied()).aloud for _ in range(290)]
    assert [number for number, said in enumerate(aloud) if said] == [0, 288]


def test_a_clock_that_was_ahead_for_one_run_keeps_nothing_secret() -> None:
    cron = Cron()
    year = timedelta(days=365)
    assert cron.run(denied(), after=year).aloud
    cron.run(away())
    assert cron.run(denied(), after=-year).aloud
    assert [bool(cron.run(away()).lines) for _ in range(8)] == [False] * 6 + [True, False]


def test_another_cause_is_told_at_once_but_another_number_is_not() -> None:
    cron = Cron()
    closes = [replace(denied(f"{count} tasks would be closed"), outcome="refused") for count in (12, 13)]
    assert [cron.run(tally).aloud for tally in (*closes, denied("no permission"))] == [True, False, True]


def test_what_stopped_a_pair_is_told_at_once_when_it_comes_back() -> None:
    cron = Cron()
    assert [cron.run(tally).aloud for tally in (denied(), clean(), denied())] == [True, False, True]


def test_an_outage_between_two_refusals_is_no_reason_to_tell_them_again() -> None:
    cron = Cron()
    assert [cron.run(tally).aloud for tally in (denied(), away(), denied())] == [True, False, False]


def test_a_short_outage_concerns_nobody() -> None:
    cron = Cron()
    assert all(silent(cron.run(away())) for _ in range(6))
    assert silent(cron.run(clean()))


def test_a_long_outage_is_told_once_and_its_end_once() -> None:
    cron = Cron()
    lines = [cron.run(away()).lines for _ in range(20)]
    told = [number for number, said in enumerate(lines) if said]
    assert told == [6]  # half an hour after the first
    assert lines[6] == (
        "payments: out of reach since 2026-11-23 03:05 UTC (30 min): acme/pay: no connection."
        " Every run tries again; you are told when it is over.",
    )
    over = cron.run(clean())
    assert over.lines == ("payments: in reach again. It was out of reach from 2026-11-23 03:05 UTC on (1 h 40 min).",)
    assert silent(cron.run(clean()))


def test_an_outage_of_two_runs_is_told_by_the_second_however_seldom_they_come() -> None:
    cron = Cron()
    hourly = timedelta(hours=1)
    assert [silent(cron.run(away(), after=hourly)) for _ in range(3)] == [True, False, True]


def test_a_second_outage_is_told_like_the_first() -> None:
    cron = Cron()
    for _ in range(2):
        assert sum(not silent(cron.run(away())) for _ in range(10)) == 1
        assert not silent(cron.run(Tally("payments", outcome="budget", created={"left": 0, "right": 9})))


def test_a_refusal_does_not_say_that_an_outage_of_the_other_side_is_over() -> None:
    cron = Cron()
    for _ in range(8):
        cron.run(away())
    assert cron.run(denied()).lines == ()


def test_an_outage_that_somebody_watches_is_shown_and_begins_all_the_same() -> None:
    cron = Cron()
    assert [cron.run(away(), reader=Listener.NOW).aloud for _ in range(8)] == [True] * 8
    assert cron.run(away()).lines


def test_single_items_to_retry_concern_nobody() -> None:
    cron = Cron()
    assert all(
        silent(
            cron.run(Tally("payments", outcome="partial", retry=2, complete=True, message="PAY-3 is tried again later"))
        )
        for _ in range(30)
    )


def test_a_filter_that_a_tracker_refuses_is_no_outage() -> None:
    cron = Cron()
    stuck = Tally("payments", outcome="partial", retry=1, message="PAY: the field 'labelz' does not exist")
    assert [cron.run(stuck).aloud for _ in range(3)] == [True, False, False]


def busy(cron: Cron, since: int, moved: int, *, after: int = 5) -> Notification:
    now = cron.now + timedelta(minutes=after)
    holder = Holder(4711, "ops1", now - timedelta(minutes=since), now - timedelta(minutes=moved))
    return cron.run(Tally("payments", outcome="busy"), after=timedelta(minutes=after), holder=holder)


@pytest.mark.parametrize(("since", "moved", "told"), [(29, 1, False), (29, 9, False), (20, 11, True), (31, 0, True)])
def test_another_run_concerns_nobody_while_it_is_young_and_moves(since: int, moved: int, told: bool) -> None:
    assert silent(busy(Cron(), since, moved)) is not told


def test_a_run_that_hangs_is_told_once_a_day_with_what_to_do() -> None:
    cron = Cron()
    found = busy(cron, 50, 25)
    assert found.lines == (
        "payments: process 4711 on ops1 has worked on it since 2026-11-23 02:15 UTC (50 min);"
        " its last trace is 25 min old."
        " If it hangs, end it (kill 4711): the next run goes on from there.",
    )
    assert silent(busy(cron, 55, 30))
    assert not silent(busy(cron, 55 + 1440, 30, after=1440))


def test_a_run_that_ended_makes_the_next_one_that_hangs_news() -> None:
    cron = Cron()
    busy(cron, 50, 25)
    cron.run(clean())
    assert not silent(busy(cron, 50, 25))


def test_what_nobody_foresaw_is_told_every_time() -> None:
    cron = Cron()
    assert [cron.run(Tally("payments", outcome="failed", message="KeyError")).aloud for _ in range(2)] == [True, True]
