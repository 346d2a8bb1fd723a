"""Somebody is told at once, once of each incident, with the command that settles it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from syncer.core.change import Tally
from syncer.core.incidents import Concluded, Event, incidents, over, stored, text_of
from syncer.core.notification import BEGUN, LASTING
from syncer.core.waiting import Waiting, Why

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
CONFLICT = Waiting(
    "conflict:1", "PAY-1 = acme/pay#1", None, Why.CONFLICT, "both sides changed it", "syncer resolve 1 left"
)
HELD = Waiting("link:2", "PAY-2 = acme/pay#2", None, Why.HELD, "PAY-2 left the filter", "syncer resume PAY-2")
QUIET = Waiting("field:3", "PAY-3", None, Why.LIMIT, "no room")


def ended(tally: Tally, *waits: Waiting, told: Mapping[str, datetime] | None = None) -> Concluded:
    return Concluded(tally, waits, told or {}, "team", NOW)


def done(**changes: object) -> Tally:
    return Tally("pay", complete=True, **changes)  # type: ignore[arg-type]


def told(*keys: str) -> dict[str, datetime]:
    return dict.fromkeys(stored("team", frozenset(keys)), NOW)


def events(one: Concluded) -> list[Event]:
    return [found.event for found in incidents(one)]


def test_what_needs_a_person_is_told_once_by_sort_and_forgotten_when_it_is_over() -> None:
    assert events(ended(done(), CONFLICT, HELD, QUIET)) == [Event.CONFLICT, Event.HOLD]
    again = ended(done(), CONFLICT, HELD, told=told("waits:conflict:1", "waits:link:2"))
    assert (events(again), over(again)) == ([], frozenset())
    assert over(ended(done(), CONFLICT, told=told("waits:conflict:1", "waits:link:2"))) == {"waits:link:2"}
    assert over(ended(Tally("pay", outcome="busy"), told=told("waits:link:2"))) == frozenset()


def test_another_place_is_told_by_itself() -> None:
    other = {key.replace("team", "other"): at for key, at in told("waits:conflict:1").items()}
    assert events(ended(done(), CONFLICT, told=other)) == [Event.CONFLICT]


def test_a_guard_is_told_with_the_command_that_approves_and_again_once_it_has_passed() -> None:
    tally = Tally("pay", outcome="refused", message="12 tasks would be closed", approve="4f0c")
    (found,) = incidents(ended(tally))
    assert (found.event, "--approve 4f0c" in found.lines[0].settle) == (Event.GUARD, True)
    known = told(*found.keys)
    assert events(ended(Tally("pay", outcome="refused", message="13 tasks would be closed"), told=known)) == []
    assert over(ended(done(), told=known)) == found.keys


def test_a_token_that_ends_soon_or_is_refused_is_told() -> None:
    soon = (NOW + timedelta(days=5)).isoformat()
    later = (NOW + timedelta(days=50)).isoformat()
    assert events(ended(done(credentials_end={"left": soon, "right": later}))) == [Event.TOKEN]
    assert events(ended(done(credentials_end={"left": soon}), told=told(f"token:left:{soon[:10]}"))) == []
    assert over(ended(done(credentials_end={"left": later}), told=told(f"token:left:{soon[:10]}"))) != frozenset()
    assert events(ended(Tally("pay", outcome="denied", message="401"))) == [Event.TOKEN]


def test_an_outage_is_told_once_it_lasts_and_once_it_is_over() -> None:
    down = Tally("pay", outcome="partial", outage=True, message="no answer")
    young, old = {BEGUN: NOW - LASTING + timedelta(seconds=1)}, {BEGUN: NOW - LASTING}
    assert events(ended(down)) == events(ended(down, told=young)) == []
    assert events(ended(down, told=old)) == [Event.OUTAGE]
    assert events(ended(down, told={**old, **told("outage")})) == []
    assert events(ended(done(), told=told("outage"))) == [Event.RECOVERY]
    assert events(ended(done())) == []


def test_a_first_sync_that_is_finished_is_told_where_it_was_seen_to_begin() -> None:
    assert events(ended(done(), told={"first:": NOW})) == [Event.FIRST_SYNC]
    assert events(ended(Tally("pay", outcome="budget"), told={"first:": NOW})) == []
    assert events(ended(done())) == []


def test_words_of_trackers_are_left_out_for_those_who_may_not_read_them() -> None:
    found = incidents(ended(done(), CONFLICT, HELD))
    title, body = text_of("pay", found, details=False)
    assert title == "pay: 2 messages"
    assert "PAY-1 = acme/pay#1\n  syncer resolve 1 left" in body
    assert "left the filter" not in body
    assert "left the filter" in text_of("pay", found, details=True)[1]


def test_more_than_ten_are_counted() -> None:
    waits = [Waiting(f"link:{number}", f"PAY-{number}", None, Why.HELD, "x") for number in range(14)]
    (found,) = incidents(ended(done(), *waits))
    assert (len(found.lines), found.lines[-1].item, len(found.keys)) == (11, "4 more", 14)
