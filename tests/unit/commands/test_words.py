"""Sentences, durations and estimates, from plain values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
import typer

from connectors.jira.adf import AdfMarkup
from syncer.commands.conflicts import shown
from syncer.commands.fail_on import Conditions, conditions_of, failures
from syncer.commands.output import printable
from syncer.commands.status import backlogs, estimate
from syncer.commands.sync import sentence
from syncer.commands.waiting import TITLES, listed
from syncer.core.amounts import moment, plural, span
from syncer.core.change import Tally
from syncer.core.records import RunRecord
from syncer.core.waiting import Why

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (3_600, "1 h"),
        (7_500, "2 h 5 min"),
        (86_400, "1 d"),
        (180_000, "2 d 2 h"),
    ],
)
def test_a_span_has_its_two_largest_units(seconds: int, words: str) -> None:
    assert span(timedelta(seconds=seconds)) == words


def test_a_moment_has_its_zone() -> None:
    assert moment(NOON) == "2026-11-23 12:00 UTC"
    assert moment(NOON.astimezone(timezone(timedelta(hours=-3, minutes=-30)))) == "2026-11-23 08:30 -03:30"


def test_plural() -> None:
    assert (plural(1, "task"), plural(2, "task"), plural(2, "reply", "replies")) == ("1 task", "2 tasks", "2 replies")


def test_control_characters_of_a_title_never_reach_a_terminal() -> None:
    assert printable("\x1b[2Jwiped\u202e 支付\n") == "�[2Jwiped� 支付\n"
    assert shown("title", "\x1b]0;owned\x07") == "]0;owned"


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("status", {"name": "closed", "category": "done", "reason": "completed"}, "closed (completed)"),
        ("due", {"date": "2026-11-30"}, "2026-11-30"),
        ("labels", ["a", "b"], "a, b"),
        ("labels", [], "empty"),
        ("title", None, "empty"),
        ("title", "x" * 200, "x" * 159 + "…"),
        ("body", "a **b**", "a **b**"),
    ],
)
def test_a_stored_value_is_readable(field: str, value: object, words: str) -> None:
    assert shown(field, value) == words


def test_a_text_is_shown_in_the_words_that_its_markup_reads() -> None:
    source = '{"type":"doc","version":1,"content":[{"type":"paragraph","content":[{"type":"text","text":"Hi"}]}]}'
    assert shown("body", source, markup=AdfMarkup("https://acme.example", "PAY")) == "Hi"


def run(minutes_ago: int, outcome: str, remaining: int = 0, created: int = 0) -> RunRecord:
    start = NOON - timedelta(minutes=minutes_ago)
    result = {"remaining": remaining, "created": {"left": 0, "right": created}, "resumes_at": "later"}
    return RunRecord(f"run-{minutes_ago}", "payments", start, start + timedelta(minutes=1), outcome, result)


def test_the_estimate_follows_the_rate_of_the_runs_that_a_budget_stopped() -> None:
    runs = [run(1, "budget", 900, 60), run(11, "budget", 960, 60), run(500, "clean", 0, 4)]
    assert estimate(runs) == {"remaining": 900, "seconds": round(900 / (120 / 660)), "resumes_at": "later"}


def test_runs_that_leave_the_backlog_to_others_change_no_estimate() -> None:
    runs = [run(0, "clean", 900), run(1, "budget", 900, 60), run(6, "clean", 960), run(11, "budget", 960, 60)]
    assert estimate(runs) == {"remaining": 900, "seconds": round(900 / (120 / 660)), "resumes_at": "later"}


def test_there_is_no_estimate_once_a_run_came_through() -> None:
    assert estimate([run(1, "clean"), run(11, "budget", 900, 60)]) is None
    assert estimate([]) is None


def test_nothing_written_yet_gives_no_time() -> None:
    assert estimate([run(1, "budget", 900, 0)]) == {"remaining": 900, "seconds": None, "resumes_at": "later"}


def test_every_reason_to_wait_has_words() -> None:
    assert {why.value for why in Why} <= set(TITLES)


def waits(number: int, why: str = "conflict") -> dict[str, object]:
    item = f"PAY-{number} = acme/pay#{number}"
    return {"why": why, "item": item, "field": "title", "reason": "It differs.", "settle": ""}


def test_what_waits_is_listed_under_its_reason_those_first_that_need_a_person() -> None:
    assert list(listed("pay", [waits(1, "audience"), waits(2), waits(3)])) == [
        "pay: conflicts (2)",
        "  PAY-2 = acme/pay#2, title: It differs. Look: syncer explain PAY-2",
        "  PAY-3 = acme/pay#3, title: It differs. Look: syncer explain PAY-3",
        "pay: not carried: more people could read it than may (1)",
        "  PAY-1 = acme/pay#1, title: It differs. Look: syncer explain PAY-1",
    ]


def test_twenty_items_are_listed_and_the_rest_by_its_number() -> None:
    told = list(listed("pay", [*map(waits, range(25)), waits(30, "limit")]))
    assert sum(line.startswith("  ") for line in told) == 20
    assert told[-1] == "pay: 6 more are not shown: syncer status --pair pay --json"
    assert f"pay: {TITLES['limit']} (1)" in told


@pytest.mark.parametrize(
    ("text", "conditions"),
    [
        (None, Conditions()),
        ("conflicts", Conditions(conflicts=True)),
        ("held, lag=30m", Conditions(waiting=True, lag=timedelta(minutes=30))),
        ("lag=2h", Conditions(lag=timedelta(hours=2))),
        ("lag=1d,conflicts,waiting", Conditions(conflicts=True, waiting=True, lag=timedelta(days=1))),
    ],
)
def test_a_monitor_names_what_it_watches(text: str | None, conditions: Conditions) -> None:
    assert conditions_of(text) == conditions


@pytest.mark.parametrize("text", ["", ",", "weather", "lag", "lag=30", "lag=0m", "lag=-1h", "conflicts held"])
def test_a_word_that_is_none_is_refused_with_the_list(text: str) -> None:
    with pytest.raises(typer.BadParameter, match=r"conflicts, waiting, lag=NUMBER with m, h or d"):
        conditions_of(text)


def test_a_lag_is_told_only_when_it_is_longer_than_allowed() -> None:
    pair = {"name": "pay", "conflicts": 0, "held": 0, "lag_seconds": 1800}
    allowed = conditions_of("lag=30m")
    assert list(failures(pair, allowed)) == []
    assert list(failures({**pair, "lag_seconds": 1860}, allowed)) == [
        "pay: is 31 min behind: syncer sync --pair pay -v"
    ]


def test_the_sentence_of_a_quiet_run() -> None:
    tally = Tally("payments", requests={"left": 1, "right": 1}, seconds=0.14)
    assert sentence(tally.as_json()) == "payments: nothing to do (1 + 1 requests, 0.1 s)"


def test_the_sentence_of_a_busy_week() -> None:
    tally = Tally("payments", outcome="partial", created={"left": 1, "right": 2}, conflicts=1, retry=3, message="503")
    assert sentence(tally.as_json()) == (
        "payments: [partial] 3 created (1 left, 2 right), 1 conflict (syncer conflicts), 3 to retry "
        "(0 + 0 requests, 0.0 s)\n  503"
    )


def test_the_sentence_of_a_refusal_says_how_to_approve() -> None:
    tally = Tally("payments", outcome="refused", message="12 tasks would be closed", approve="4f0c9a1be2d3")
    assert sentence(tally.as_json()).splitlines() == [
        "payments: refused (0 + 0 requests, 0.0 s)",
        "  12 tasks would be closed",
        "  Look: syncer preview --pair payments",
        "  Then: syncer sync --pair payments --approve 4f0c9a1be2d3",
    ]


def test_the_pairs_of_an_account_share_its_rate() -> None:
    pairs = [
        {"name": "pay", "estimate": {"remaining": 900, "seconds": 3600}},
        {"name": "hr", "estimate": {"remaining": 300, "seconds": 1200}},
        {"name": "ops", "estimate": {"remaining": 50, "seconds": None}},
        {"name": "web", "estimate": None},
    ]
    trackers = {"pay": {"jira", "github"}, "hr": {"jira", "github"}, "ops": {"jira", "github"}, "web": {"github"}}
    (left,) = backlogs(trackers, pairs, {"github"})
    rate = 900 / 3600 + 300 / 1200
    assert left == {
        "tracker": "github",
        "pairs": ["pay", "hr", "ops"],
        "remaining": 1250,
        "seconds": round(1250 / rate),
    }


def test_a_pair_that_shares_its_account_with_no_backlog_has_its_own_estimate_alone() -> None:
    pairs = [{"name": "pay", "estimate": {"remaining": 900, "seconds": 3600}}, {"name": "hr", "estimate": None}]
    assert backlogs({"pay": {"github"}, "hr": {"github"}}, pairs, {"github"}) == []
