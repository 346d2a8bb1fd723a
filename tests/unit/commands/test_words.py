"""Sentences, durations and estimates, from plain values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from syncer.commands.conflicts import shown
from syncer.commands.output import plural, printable
from syncer.commands.starter import deployment_of
from syncer.commands.status import estimate
from syncer.commands.sync import sentence
from syncer.core.change import Tally
from syncer.core.durations import moment, span
from syncer.core.records import RunRecord

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
        ("body", '{"type":"doc","content":[{"type":"paragraph","content":[{"type":"text","text":"Hi"}]}]}', "Hi"),
    ],
)
def test_a_stored_value_is_readable(field: str, value: object, words: str) -> None:
    assert shown(field, value) == words


def run(minutes_ago: int, outcome: str, remaining: int = 0, created: int = 0) -> RunRecord:
    start = NOON - timedelta(minutes=minutes_ago)
    result = {"remaining": remaining, "created": {"left": 0, "right": created}, "resumes_at": "later"}
    return RunRecord(f"run-{minutes_ago}", "payments", start, start + timedelta(minutes=1), outcome, result)


def test_the_estimate_follows_the_rate_of_the_runs_that_a_budget_stopped() -> None:
    runs = [run(1, "budget", 900, 60), run(11, "budget", 960, 60), run(500, "clean", 0, 4)]
    assert estimate(runs) == {"remaining": 900, "seconds": round(900 / (120 / 660)), "resumes_at": "later"}


def test_there_is_no_estimate_once_a_run_came_through() -> None:
    assert estimate([run(1, "clean"), run(11, "budget", 900, 60)]) is None
    assert estimate([]) is None


def test_nothing_written_yet_gives_no_time() -> None:
    assert estimate([run(1, "budget", 900, 0)]) == {"remaining": 900, "seconds": None, "resumes_at": "later"}


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


def test_the_deployment_is_guessed_from_the_address() -> None:
    assert deployment_of("https://acme.atlassian.net") == "cloud"
    assert deployment_of("https://jira.acme.example/atlassian.net") == "datacenter"
