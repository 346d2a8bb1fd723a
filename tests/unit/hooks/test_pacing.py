"""When pairs are asked to run: at once, then once a minute, and what came last is never left out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from syncer.app.hints import SETTLING, RarePolling, ask, asked
from syncer.contract.model import Side
from syncer.core.records import RunRecord
from syncer.hooks.judging import HookedTracker, Judge, Judged, Result
from syncer.hooks.pacing import HintPacing, heard_of
from syncer.hooks.receiving import SIGN_EVERY, Reception
from syncer.settings.cron import Cron
from syncer.store import StateUnwritable, Store
from syncer.store.hints import GONE, HeardOf, ReceiverRecord
from tests.servers import fresh_postgresql

START = datetime(2026, 11, 22, 12, 7, tzinfo=UTC)
LEFT, RIGHT = Side.LEFT, Side.RIGHT


class Time:
    """A clock that is set."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def monotonic(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return START + timedelta(seconds=self.seconds)


def heard(side: Side = RIGHT, at: datetime = START, native: str = "7") -> HeardOf:
    return heard_of({("payments", side): native}, at)["payments"]


def test_a_pair_is_asked_for_at_once_then_once_a_minute_and_the_last_is_not_lost() -> None:
    time = Time()
    pacing = HintPacing(time.monotonic)
    asked_at = []
    for second in range(200):
        time.seconds = float(second)
        if second < 70:
            pacing.tell({"payments": heard(at=time.now())})
        if found := pacing.due(0):
            asked_at.append((second, found["payments"].at[RIGHT]))
    assert [second for second, _ in asked_at] == [0, 60, 120]
    assert asked_at[-1][1] == START + timedelta(seconds=69), "what came last"


def test_a_pair_does_not_wait_for_another_one() -> None:
    time = Time()
    pacing = HintPacing(time.monotonic)
    pacing.tell({"payments": heard()})
    assert list(pacing.due(0)) == ["payments"]
    pacing.tell({"payments": heard(), "web": heard()})
    assert list(pacing.due(0)) == ["web"]


def test_a_thousand_deliveries_at_once_are_one_hint() -> None:
    pacing = HintPacing(Time().monotonic)
    for _ in range(1_000):
        pacing.tell({"payments": heard()})
    assert (list(pacing.due(0)), pacing.due(0)) == (["payments"], {})


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path, clock=lambda: START) as opened:
        yield opened


@pytest.fixture(params=["directory", "postgresql"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "directory":
        with Store.open(tmp_path, clock=lambda: START) as opened:
            yield opened
        return
    with fresh_postgresql() as address, Store.open(address, clock=lambda: START) as opened:
        yield opened


def test_a_hint_waits_in_the_state_until_one_takes_it(either: Store) -> None:
    ask(either, {"payments": heard(RIGHT), "web": heard(LEFT)}, START)
    ask(either, {"payments": heard(LEFT, START + timedelta(seconds=5), "10000")}, START)
    assert asked(either, START, ["payments", "other"]) == ["payments"], "what this configuration does not know stays"
    assert either.hints.take(["payments", "payments", "other"]) == ["payments"]
    assert asked(either, START, ["payments", "web"]) == ["web"]
    known = either.hints.heard(["payments", "nothing"])
    assert known == {
        "payments": HeardOf({LEFT: START + timedelta(seconds=5), RIGHT: START}, {LEFT: "10000", RIGHT: "7"})
    }
    either.hints.ask_again("payments", START + timedelta(seconds=10))
    assert asked(either, START, ["payments"]) == []
    assert asked(either, START + timedelta(seconds=10), ["payments"]) == ["payments"]


def test_a_receiver_gives_signs_and_is_forgotten_when_it_is_long_gone(either: Store) -> None:
    def record(name: str, at: datetime) -> ReceiverRecord:
        return ReceiverRecord(name, at, START.isoformat(), {"github": {"accepted": 2}}, {})

    either.hints.sign(record("one:9470", START))
    either.hints.sign(record("two:9470", START + timedelta(hours=1)))
    assert [one.name for one in either.hints.receivers()] == ["one:9470", "two:9470"]
    either.hints.sign(record("two:9470", START + GONE + timedelta(minutes=1)))
    assert [one.name for one in either.hints.receivers()] == ["two:9470"]


def test_what_was_told_is_in_the_state_with_the_sign_and_the_counts(tmp_path: Path) -> None:
    time = Time()
    with Store.open(tmp_path, clock=time.now) as store:
        reception = Reception("here:9470", HintPacing(time.monotonic), time.now)
        reception.told("github", Judged(Result.ACCEPTED, "issues", {("payments", RIGHT): "7"}, proof=True))
        reception.told("github", Judged(Result.FORGED))
        reception.told("", Judged(Result.NO_PATH))
        assert store.hints.waiting(time.now()) == [], "nothing is written while the tracker waits"
        reception.pass_on(lambda: store, 0)
        assert store.hints.waiting(time.now()) == ["payments"]
        (receiver,) = store.hints.receivers()
        assert receiver.counts == {"github": {"accepted": 1, "signature": 1}, "": {"path": 1}}
        assert receiver.last == {"github": START.isoformat()}
        time.seconds = SIGN_EVERY.total_seconds()
        reception.pass_on(lambda: store, 0)
        assert store.hints.receivers()[0].at == START + SIGN_EVERY


def test_what_a_state_does_not_take_is_told_to_it_later(tmp_path: Path) -> None:
    time = Time()
    with Store.open(tmp_path, clock=time.now) as store:
        reception = Reception("here:9470", HintPacing(time.monotonic), time.now)

        def away() -> Store:
            raise StateUnwritable("the database is away")

        reception.told("github", Judged(Result.ACCEPTED, "issues", {("payments", RIGHT): "7"}, proof=True))
        reception.pass_on(away, 0)
        time.seconds = 61.0
        reception.pass_on(lambda: store, 0)
        assert store.hints.waiting(time.now()) == ["payments"]
        assert store.hints.heard(["payments"])["payments"].at == {RIGHT: START}
        assert len(store.hints.receivers()) == 1


def test_the_first_delivery_of_each_kind_is_in_the_state_at_once(store: Store) -> None:
    time = Time()
    reception = Reception("here:9470", HintPacing(lambda: time.seconds), time.now)
    reception.pass_on(lambda: store, 0)
    for result in (Result.IGNORED, Result.FORGED, Result.IGNORED):
        time.seconds += 1
        reception.told("github", Judged(result))
        reception.pass_on(lambda: store, 0)
    (told,) = store.hints.receivers()
    assert told.counts == {"github": {"ignored": 1, "signature": 1}}, "more of a kind may wait for the next sign"
    time.seconds += SIGN_EVERY.total_seconds()
    reception.pass_on(lambda: store, 0)
    assert store.hints.receivers()[0].counts["github"]["ignored"] == 2


# --- rare polling


def rested(
    store: Store, at: datetime, *, signs: datetime | None = None, right: datetime | None = None, outcome: str = "clean"
) -> bool:
    """Whether the poll at a moment is left out, after a run at the start. Both sides told of something at `right`."""
    hours = timedelta(hours=24)
    store.hints.sign(ReceiverRecord("here:9470", signs or at, START.isoformat(), {}, {}))
    if right is not None:
        ask(store, {"payments": heard_of({("payments", LEFT): "", ("payments", RIGHT): ""}, right)["payments"]}, START)
    with store.lease("payments", f"run-{at.timestamp()}-{outcome}") as lease:
        store.pairs.finish_run(lease, RunRecord(lease.run, "payments", START, START, outcome, {"remaining": 0}))
    return RarePolling("payments", Cron.parse("0 * * * *"), UTC, hours).rests(store, at)


def test_a_poll_is_left_out_as_long_as_hooks_tell_of_both_sides(store: Store) -> None:
    soon = START + SETTLING
    assert rested(store, soon, right=START)
    assert not rested(store, START + timedelta(hours=1)), "the rare poll is due"


def test_a_receiver_that_gives_no_sign_stalls_no_pair(store: Store) -> None:
    soon = START + SETTLING
    assert not rested(store, soon, right=START, signs=soon - timedelta(minutes=3))


def test_a_receiver_that_died_with_a_clock_that_was_ahead_stalls_no_pair(store: Store) -> None:
    soon = START + SETTLING
    assert not rested(store, soon, right=START, signs=soon + timedelta(hours=3))


def test_a_webhook_that_may_have_been_set_up_for_comments_alone_is_no_proof(tmp_path: Path) -> None:
    time = Time()
    with Store.open(tmp_path, clock=time.now) as store:
        reception = Reception("here:9470", HintPacing(time.monotonic), time.now)
        reception.told("github", Judged(Result.ACCEPTED, "issue_comment", {("payments", RIGHT): "7"}))
        reception.pass_on(lambda: store, 0)
        assert store.hints.waiting(time.now()) == ["payments"]
        assert store.hints.heard(["payments"]) == {"payments": HeardOf({}, {RIGHT: "7"})}


def test_a_side_that_was_never_heard_from_is_polled(store: Store) -> None:
    ask(store, {"payments": heard(LEFT)}, START)
    assert not rested(store, START + SETTLING)


def test_a_side_that_was_not_heard_from_for_long_is_polled(store: Store) -> None:
    assert not rested(store, START + timedelta(minutes=20), right=START - timedelta(hours=24))


def test_right_after_a_delivery_a_pair_is_polled_as_ever_since_an_index_may_lag(store: Store) -> None:
    assert not rested(store, START + timedelta(minutes=14), right=START)


@pytest.mark.parametrize("outcome", ["partial", "denied", "budget", "failed", "busy", ""])
def test_after_a_run_that_left_something_to_do_a_pair_is_polled(store: Store, outcome: str) -> None:
    assert not rested(store, START + SETTLING, right=START, outcome=outcome)


# --- renames


def test_a_repository_that_was_renamed_is_known_by_its_id() -> None:
    from tests.unit.hooks.test_attacks import NEWS, github, signature

    tracker = github()
    judge = Judge([tracker], trusted_proxy=False)
    assert _judged(judge, tracker, NEWS, signature(NEWS)).result is Result.ACCEPTED
    renamed = NEWS.replace(b"Acme/Pay", b"acme/billing")
    assert _judged(judge, tracker, renamed, signature(renamed)).pairs == {("payments", RIGHT): "7"}
    other = renamed.replace(b"7", b"8")
    assert _judged(judge, tracker, other, signature(other)).result is Result.UNKNOWN


def _judged(judge: Judge, tracker: HookedTracker, body: bytes, signed: str) -> Judged:
    from syncer.contract.hooks import Delivery

    headers = {"x-github-event": "issues", "content-type": "application/json", "x-hub-signature-256": signed}
    return judge.judge(tracker, Delivery(headers, body))
