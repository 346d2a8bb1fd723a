"""One verdict a goal: from what it follows, and that everything which tells of it tells the same."""

import itertools
import json
import random
import re
from dataclasses import replace
from datetime import timedelta
from functools import cache

import pytest

from syncer.core.responsibility import Declarations, Raci, ResponsibilityEntry, Scope, ScopeKind
from syncer.report import build_report
from syncer.report.evaluate import evaluate
from syncer.report.goals import health_of
from syncer.report.metrics.goals import GOALS_ATTENTION
from syncer.report.model.collaboration import Collaboration, Goal, GoalKind, Person
from syncer.report.model.evaluation import Evaluation
from syncer.report.model.goal import Basis, Forecast, Health, Outlook
from syncer.report.model.responsibilities import ResponsibilityTable
from syncer.report.model.timeline import DueChange
from syncer.report.render.language import language
from syncer.report.render.phrases.goals import odds
from tests.unit.report.test_metrics import NOW, PAIR, WEEK, ago, task, worked

TODAY = NOW.date()
HISTORY = tuple(worked(1_000 + number, number % 5 + 1, finished=20 + number, owners=("b",)) for number in range(60))


def forecast(chance: float | None, n: int = 40) -> Forecast:
    return Forecast(chance, TODAY, TODAY, TODAY, (), Basis.CYCLE, n, 2_000)


@pytest.mark.parametrize(
    ("outlook", "told", "health"),
    [
        (Outlook.REACHED, forecast(0.0), Health.REACHED),
        (Outlook.OVERDUE, forecast(0.9), Health.OFF_TRACK),
        (Outlook.ON_COURSE, forecast(0.17), Health.OFF_TRACK),
        (Outlook.ON_COURSE, forecast(0.5), Health.AT_RISK),
        (Outlook.BEHIND, forecast(0.93), Health.ON_TRACK),
        (Outlook.BEHIND, forecast(0.93, n=12), Health.AT_RISK),
        (Outlook.BEHIND, None, Health.AT_RISK),
        (Outlook.ON_COURSE, None, Health.ON_TRACK),
        (Outlook.NOT_STARTED, None, Health.UNKNOWN),
        (Outlook.NO_DATE, forecast(None), Health.UNKNOWN),
        (Outlook.NO_TASKS, None, Health.UNKNOWN),
    ],
)
def test_the_forecast_tells_and_the_calendar_where_there_is_none(
    outlook: Outlook, told: Forecast | None, health: Health
) -> None:
    assert health_of(outlook, told) is health


def goal(number: int, due: float | None, **changes: object) -> Goal:
    values = {"start": TODAY - timedelta(days=40), "created": ago(60)}
    day = None if due is None else TODAY + timedelta(days=due)
    return Goal(f"g{number}", "pair", GoalKind.EPIC, f"Goal {number}", (), ("p1",), due=day, **(values | changes))  # type: ignore[arg-type]


@cache
def week(seed: int) -> Evaluation:
    """Some goals with some tasks, early and late, with many finished tasks or few."""
    dice = random.Random(seed)
    goals = tuple(goal(number, dice.choice([None, -3, 2, 8, 15, 30, 90])) for number in range(dice.randrange(1, 16)))
    tasks = [
        task(number, goals=(f"g{dice.randrange(len(goals))}",), owners=dice.choice([(), ("a",), ("b",)]))
        for number in range(dice.randrange(60))
    ]
    done = [
        worked(500 + number, 2, finished=3 + number, goals=(f"g{dice.randrange(len(goals))}",))
        for number in range(dice.randrange(30))
    ]
    history = HISTORY[: dice.choice([0, 12, 60])]
    return evaluate(Collaboration("Some", (PAIR,), (), goals, (*history, *tasks, *done)), WEEK, NOW)


@pytest.mark.parametrize("seed", range(12))
def test_every_headline_tells_the_same_of_every_goal(seed: int) -> None:
    found = week(seed)
    content = build_report(found).content
    troubled = [one for one in found.goals if one.health.needs_attention]
    off = [one for one in troubled if one.health is Health.OFF_TRACK]
    risky = [one for one in troubled if one.health is Health.AT_RISK]
    assert found.metric(GOALS_ATTENTION).value == len(troubled)
    for some, words in ((off, "off track"), (risky, "at risk")):
        verb = "is" if len(some) == 1 else "are"
        said = f"The goal is {words}." if len(found.goals) == 1 else f"{len(some)} {verb} {words}"
        assert (said in content.answers[0].sentence) == bool(some)
    if troubled:
        assert f"Most urgent: {found.goals[0].title} (" in content.answers[0].sentence
    told = [notice for notice in content.notices if notice.goal]
    verdicts = {one.id: f"{one.title} ({'off track' if one in off else 'at risk'}" for one in troubled}
    assert all(notice.text.startswith(verdicts[notice.goal]) for notice in told)
    if not any("decisions are shown" in notice.text for notice in content.notices):
        assert len(told) == len(troubled)
    drawn = [one for one in troubled if one.forecast is not None and one.due is not None]
    chart = next((graph for graph in content.graphs if graph.id == "dates"), None)
    if chart is not None:
        one = "The only goal with a forecast is not on track" if len(chart.rows) == 1 else f"{len(drawn)} of "
        said = one if drawn else "Every goal with a forecast is on track"
        assert chart.finding.startswith(said)
    replan = {one.subject for one in found.advice if one.rule == "replan" and one.subject}
    assert replan <= {one.id for one in troubled}
    rows = {row.figures.id: row.health for row in content.goals}
    words = {Health.OFF_TRACK: "off track", Health.AT_RISK: "at risk", Health.ON_TRACK: "on track"}
    assert all(rows[one.id] == words[one.health] for one in found.goals if one.health in words)
    assert [one.health for one in found.goals if one.health.needs_attention] == sorted(
        (one.health for one in troubled), key=[Health.OFF_TRACK, Health.AT_RISK].index
    )


VERDICTS = {
    "en": {"off track": Health.OFF_TRACK, "at risk": Health.AT_RISK, "on track": Health.ON_TRACK},
    "zh": {"进度落后": Health.OFF_TRACK, "有风险": Health.AT_RISK, "进度正常": Health.ON_TRACK},
}


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("language", VERDICTS)
@pytest.mark.parametrize("audience", ["manager", "member", "client"])
def test_no_format_and_no_edition_gives_a_goal_two_verdicts(seed: int, language: str, audience: str) -> None:
    """Whatever word stands in brackets behind a goal's title or below it, it is the verdict of the JSON."""
    report = build_report(week(seed), language=language, audience=audience)
    words = VERDICTS[language]
    data = json.loads(report.json)
    verdicts = {one["title"]: one["health"] for one in data["goals"]}
    assert verdicts == {one.title: one.health for one in week(seed).goals}
    plain = report.text.splitlines()
    pages = [re.sub(r"<[^>]*>|\s+", " ", form) for form in (report.html, report.mail_html, report.markdown)]
    said: dict[str, set[Health]] = {title: set() for title in verdicts}
    for title, text in itertools.product(verdicts, (" ".join(plain), *pages)):
        for word in re.findall(rf"{re.escape(title)}\s*[(（]({'|'.join(words)})", text):
            said[title].add(words[word])
    for line, below in itertools.pairwise(plain):
        title, word = line.split("  ")[0], below.strip().split(" · ")[0].split(" (")[0].split("（")[0].split("，")[0]
        if title in verdicts and word in words:
            said[title].add(words[word])
    troubled = {title for title, health in verdicts.items() if health in {"off-track", "at-risk"}}
    assert all(found <= {verdicts[title]} for title, found in said.items())
    assert troubled <= {title for title, found in said.items() if found}


def test_a_shortened_list_says_what_it_leaves_out() -> None:
    goals = tuple(goal(number, -3) for number in range(37))
    tasks = [task(number, goals=(f"g{number}",), owners=("a",)) for number in range(37)]
    report = build_report(evaluate(Collaboration("Many", (PAIR,), (), goals, (*HISTORY, *tasks)), WEEK, NOW))
    assert "8 of 3" in report.content.notices[-1].text
    assert sum(notice.counts for notice in report.content.notices) >= 37
    assert "10 of 37 goals are drawn" in report.text.replace("\n", " ")


def test_a_ninth_decision_is_shown_instead_of_the_line_that_would_say_so() -> None:
    def shown(many: int) -> list[str]:
        goals = tuple(goal(number, -3) for number in range(many))
        tasks = [task(number, goals=(f"g{number}",), owners=("a",)) for number in range(many)]
        found = evaluate(Collaboration("Many", (PAIR,), (), goals, (*HISTORY, *tasks)), WEEK, NOW)
        troubled = replace(found, overdue=(), responsibilities=ResponsibilityTable(()))
        return [notice.goal for notice in build_report(troubled).content.notices]

    assert all(shown(9))
    assert shown(10).count("") == 1


def test_a_goal_says_what_was_told_of_it_a_week_ago() -> None:
    moved = goal(1, 5, due_changes=(DueChange(ago(50), TODAY), DueChange(ago(20), TODAY + timedelta(days=2)),
                                    DueChange(ago(3), TODAY + timedelta(days=5))))  # fmt: skip
    crowd = [task(number, goals=("g1",), owners=("a",), made=2) for number in range(12)]
    found = evaluate(
        Collaboration("One", (PAIR,), (), (moved,), (*HISTORY, task(99, goals=("g1",), owners=("b",)), *crowd)),
        WEEK,
        NOW,
    )
    (one,) = found.goals
    assert (one.date_moves, one.health) == (2, Health.OFF_TRACK)
    assert one.earlier is not None
    assert one.earlier.due == TODAY + timedelta(days=2)
    assert "date moved 2 times" in build_report(found).text


def test_who_is_written_down_as_accountable_owns_the_goal() -> None:
    milestone = replace(goal(1, 30), kind=GoalKind.MILESTONE, owners=())
    row = ResponsibilityEntry(Scope(ScopeKind.GOAL, "Goal 1"), "chen", (Raci.ACCOUNTABLE,), "r.toml:1")
    declared = Declarations(rows=(row,))
    people = (Person("chen", "陈晓"), Person("p1", "Ada"))
    for one in (milestone, goal(1, 30)):
        whole = Collaboration("One", (PAIR,), people, (one,), (*HISTORY, task(1, goals=("g1",))), declared=declared)
        assert evaluate(whole, WEEK, NOW).goals[0].owners == ("陈晓",)


@pytest.mark.parametrize(
    ("chance", "few", "many"),
    [(0.01, "very unlikely", "1%"), (0.05, "about 1 in 20", "5%"), (0.25, "about 1 in 4", "25%"),
     (0.5, "about even", "50%"), (0.74, "about 3 in 4", "74%"), (0.94, "likely", "94%")],
)  # fmt: skip
def test_few_cases_are_told_in_words_and_many_in_percent(chance: float, few: str, many: str) -> None:
    english = language("en")
    assert odds(chance, 19, english) == few
    assert odds(chance, 20, english) == many


def test_data_that_ended_weeks_before_is_not_complete_and_the_first_line_says_so() -> None:
    old = replace(PAIR, runs=tuple(replace(run, started_at=ago(20), finished_at=ago(20)) for run in PAIR.runs[:1]))
    found = evaluate(Collaboration("Old", (old,), (), (), ()), WEEK, NOW)
    assert not found.complete
    first = " ".join(build_report(found).text.split("\n\n")[0].split())
    assert first.endswith(": nothing has been read since. Check that the schedule of pair runs.")
    assert evaluate(Collaboration("New", (PAIR,), (), (), ()), WEEK, NOW).complete


def test_a_pair_that_was_denied_says_so_in_the_first_line_and_nothing_of_it_is_a_decision() -> None:
    denied = replace(PAIR, runs=tuple(replace(run, outcome="denied", message="401") for run in PAIR.runs))
    report = build_report(evaluate(Collaboration("Denied", (denied,), (), (), ()), WEEK, NOW))
    first = " ".join(report.text.split("\n\n")[0].split())
    assert first.endswith("never read to the end: pair (credentials or permissions). 401")
    assert report.content.notices == ()
