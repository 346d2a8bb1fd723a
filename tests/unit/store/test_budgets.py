"""Rate budgets: at most so many within any so many seconds."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from syncer.contract.capabilities import RateLimit
from syncer.store import BudgetUse, Store
from tests.unit.store.builders import NOON

MINUTE = RateLimit(3, 60)
CREATES = RateLimit(5, 3600, creates_only=True)


def after(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


def take(store: Store, seconds: float, creates: int = 0, *limits: RateLimit, who: str = "bot") -> timedelta | None:
    return store.budgets.take(who, limits or (MINUTE,), creates=creates, now=NOON + after(seconds))


def test_what_keeps_the_limit_is_granted_and_the_rest_waits(store: Store) -> None:
    assert [take(store, second) for second in (0, 10, 20)] == [None, None, None]
    assert take(store, 30) == after(30)
    assert take(store, 60) is None
    assert take(store, 61) == after(9)


def test_what_has_to_wait_is_not_counted(store: Store) -> None:
    for second in range(10):
        take(store, second)
    assert take(store, 60) is None
    assert take(store, 61) is None
    assert take(store, 62) is None
    assert take(store, 63) == after(57)


def test_creates_count_one_by_one_and_only_against_their_limit(store: Store) -> None:
    assert take(store, 0, 4, CREATES) is None
    assert take(store, 1, 2, CREATES) == after(3599)
    assert take(store, 2, 0, CREATES) is None
    assert take(store, 3, 1, CREATES) is None
    assert take(store, 4, 1, CREATES) == after(3596)


def test_all_limits_are_kept_at_once(store: Store) -> None:
    assert take(store, 0, 5, MINUTE, CREATES) is None
    assert take(store, 10, 1, MINUTE, CREATES) == after(3590)
    assert take(store, 10, 0, MINUTE, CREATES) is None


def test_a_batch_larger_than_its_limit_passes_when_nothing_else_counts(store: Store) -> None:
    assert take(store, 0, 9, CREATES) is None
    assert take(store, 1, 9, CREATES) == after(3599)
    assert take(store, 3600, 9, CREATES) is None


def test_credentials_have_budgets_of_their_own(store: Store) -> None:
    assert [take(store, 0, who="one") for _ in range(4)] == [None, None, None, after(60)]
    assert take(store, 0, who="two") is None
    assert store.budgets.credentials() == ["one", "two"]


def test_a_clock_that_was_set_back_costs_one_window_at_most(store: Store) -> None:
    for _ in range(3):
        take(store, 86_400)
    assert take(store, 0) == after(60)
    assert take(store, 60) is None


def test_no_limits_never_wait(store: Store) -> None:
    assert store.budgets.take("bot", (), creates=1, now=NOON) is None


def test_the_use_of_each_limit_can_be_shown(store: Store) -> None:
    assert store.budgets.used("bot", NOON) == []
    for second in (0, 10, 20):
        take(store, second, 1, MINUTE, CREATES)
    shown = store.budgets.used("bot", NOON + after(30))
    assert shown == [BudgetUse(MINUTE, 3, NOON + after(60)), BudgetUse(CREATES, 3, NOON + after(30))]


def test_threads_together_take_no_more_than_there_is(store: Store) -> None:
    limit = RateLimit(7, 60)
    with ThreadPoolExecutor(8) as threads:
        taken = list(threads.map(lambda _: take(store, 0, 0, limit), range(24)))
    assert taken.count(None) == 7


HOURLY = RateLimit(100, 3600, creates_only=True, reserve=10)


def fill(store: Store, seconds: float, pair: str | None) -> int:
    """How many creates are granted until one has to wait."""
    granted = 0
    while store.budgets.take("bot", [HOURLY], creates=1, now=NOON + after(seconds), backfill=pair) is None:
        granted += 1
    return granted


def test_a_backfill_leaves_the_reserve_to_what_people_make(store: Store) -> None:
    assert fill(store, 0, "one") == 90
    assert fill(store, 1, None) == 10


def test_a_backfill_leaves_as_much_again_as_people_used_lately(store: Store) -> None:
    for _ in range(20):
        assert store.budgets.take("bot", [HOURLY], creates=1, now=NOON) is None
    assert fill(store, 1, "one") == 50
    assert fill(store, 2, None) == 30


def test_pairs_take_turns_as_long_as_each_has_a_backlog(store: Store) -> None:
    assert fill(store, 0, "one") == 90
    assert fill(store, 1, "two") == 0
    assert fill(store, 3600, "one") == 45
    assert fill(store, 3601, "two") == 45
    store.budgets.backfilled("bot", "two")
    assert fill(store, 7201, "one") == 90


def test_a_pair_that_did_not_ask_for_an_hour_has_no_turn(store: Store) -> None:
    assert fill(store, 0, "two") == 90
    assert fill(store, 3601, "one") == 90


def test_processes_share_the_reserve(store: Store) -> None:
    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(lambda number: fill(store, 0, f"pair {number % 1}"), range(4))) == 90
