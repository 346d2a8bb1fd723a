"""The edition for one member begins with their desk; that for clients says what they are needed for, and no more."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from syncer.core.responsibility import Declarations, Party, Profile, Raci, ResponsibilityEntry, Scope, ScopeKind
from syncer.report import build_report
from syncer.report.build import Report
from syncer.report.evaluate import evaluate
from syncer.report.model.collaboration import Collaboration, Comment, Impediment, Person
from syncer.report.model.evaluation import Evaluation
from syncer.report.model.timeline import Cause, Standing, StatusVisit
from tests.unit.report.sample import NOW, WINDOW, collaboration, moment, task

FORMS = ("html", "mail_html", "text", "markdown")


def whole() -> Evaluation:
    """The sample, in which Li Wei is asked, waited for, and answers for a goal; the client is waited for twice."""
    sample = collaboration()
    blocked = (Impediment(Cause.DEPENDENCY, None, ("PAY-6",), waits_for=("payments/left/6",)),)
    asked = task(40, "Which bank holidays count?", Standing.DOING, owners=("liwei",), goals=())
    waits = task(41, "Reports for the branches", owners=("sofia",), goals=(), impediments=blocked)
    theirs = task(42, "Choose the receipt text", Standing.DOING, owners=("mei",), goals=(), status="With client",
                  visits=(StatusVisit(moment(2), "To Do"), StatusVisit(moment(9), "With client")))  # fmt: skip
    clients = task(43, "Opening hours of the branches", owners=("mei",), goals=(), author="carla")
    unanswered = task(44, "Colour of the button", owners=("jonas",), goals=())
    notes = (
        *sample.comments,
        Comment("payments/left/40", "sofia", moment(16), asks=True),
        Comment("payments/left/43", "mei", moment(17), asks=True),
        Comment("payments/left/44", "liwei", moment(17), asks=True),
    )
    goals = (replace(sample.goals[0], owners=("liwei",)), *sample.goals[1:])
    declared = Declarations(
        people=(Profile("carla", Party.CLIENT),),
        rows=(ResponsibilityEntry(Scope(ScopeKind.PROJECT), "sofia", (Raci.ACCOUNTABLE,), "r.toml:1"),),
    )
    return evaluate(
        replace(
            sample, tasks=(*sample.tasks, asked, waits, theirs, clients, unanswered), comments=notes, goals=goals,
            declared=declared, people=(*sample.people, Person("carla", "Carla Client")),
        ),
        WINDOW,
        NOW,
    )  # fmt: skip


def member(person: str, language: str = "en") -> Report:
    return build_report(whole(), language=language, audience="member", person=person)


def listed(report: Report) -> dict[str, set[str]]:
    return {tasks.id: {row.title for row in tasks.rows} for tasks in report.content.desk}


@pytest.mark.parametrize("name", ["liwei", "Li Wei 李伟"])
def test_a_desk_holds_tasks_questions_and_what_waits_for_its_owner(name: str) -> None:
    found = listed(member(name))
    assert found["my-tasks"] == {"对账文件每日自动生成", "Which bank holidays count?"}
    assert found["my-questions"] == {"Which bank holidays count?"}
    assert found["my-asked"] == {"Colour of the button"}
    # What waits for their task, and what waits for somebody outside: they answer for its goal.
    assert found["my-clears"] == {"Reports for the branches", "Three-domain authentication in the browser"}


def test_a_desk_says_in_one_line_what_is_not_on_it() -> None:
    report = member("Ada Idle")
    (tasks,) = report.content.desk
    assert report.content.notices == ()
    assert (tasks.id, tasks.total) == ("my-tasks", 0)
    assert tasks.more == "No questions are waiting for you. All your questions are answered. Nobody is waiting for you."
    for form in (report.html, report.mail_html, report.text, report.markdown):
        assert tasks.empty in form
        assert " ".join(tasks.more.split()) in " ".join(form.split())
        assert "Questions for me" not in form


def test_a_member_decides_what_is_theirs() -> None:
    assert [notice.text.split(" (")[0] for notice in member("liwei").content.notices] == ["Card payments live"]
    assert member("jonas").content.notices == ()
    assert all("Li Wei 李伟" in row.who for row in member("liwei").content.advice)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_format_begins_with_the_desk(form: str, language: str) -> None:
    report = member("liwei", language)
    text = getattr(report, form)
    headings = [tasks.heading for tasks in report.content.desk]
    places = [text.index(heading) for heading in (*headings, report.content.answers[0].question)]
    assert places == sorted(places)


def test_nobody_else_sees_a_desk() -> None:
    for report in (
        build_report(whole()),
        build_report(whole(), audience="client"),
        build_report(whole(), audience="member"),
    ):
        assert report.content.desk == ()
        assert report.evaluation.desks == ()
        assert '"desks"' not in report.json


def client(language: str = "en") -> Report:
    return build_report(whole(), language=language, audience="client")


def test_a_client_is_told_what_waits_for_them() -> None:
    assert [notice.text for notice in client().content.notices] == [
        "“Choose the receipt text” has waited for your answer since 9 Nov.",
        "A question on “Opening hours of the branches” has waited for your answer since 17 Nov.",
    ]
    assert "2 things we need from you" in str(client().message("carla@client.example")["Subject"])


@pytest.mark.parametrize("form", [*FORMS, "json", "csv"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_client_meets_nobody_but_their_contacts(form: str, language: str) -> None:
    text = getattr(client(language), form)
    for name in ("Li Wei", "Mei Lin", "Jonas Weber"):
        assert name not in text, name
    assert "Sofia" in text or form in {"mail_html", "csv"}  # she answers for the project


@pytest.mark.parametrize("form", [*FORMS, "json", "csv"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_client_sees_no_path_of_our_files(form: str, language: str) -> None:
    assert "r.toml" in getattr(build_report(whole(), language=language), form) or form not in {"text", "json", "html"}
    assert "r.toml" not in getattr(client(language), form)


@pytest.mark.parametrize("form", FORMS)
def test_a_client_is_told_nothing_of_how_we_work(form: str) -> None:
    late = replace(whole(), complete_to=moment(1))
    report = build_report(replace(late, pairs=(replace(late.pairs[0], complete_to=moment(1)),)), audience="client")
    text = getattr(report, form)
    for word in ("SMART", "cron", "One edit", "syncer", "Who decides", "nobody", "acme.example PAY", "owner"):
        assert word not in text, word
    assert "Data only up to 1 Nov 2026, 11:00." in text


def test_moments_are_told_by_the_readers_clock() -> None:
    report = build_report(whole(), clock=ZoneInfo("Asia/Shanghai"))
    assert report.content.completeness.startswith("Data complete to 21 Nov 2026, 00:00")
    assert report.content.period.endswith("(Central European Time; times: China Time)")
    same = build_report(whole(), clock=ZoneInfo("Europe/Berlin"))
    assert same.content.period.endswith("(Central European Time)")


def test_an_empty_project_has_editions_too() -> None:
    nothing = evaluate(Collaboration("Empty", (), (), (), ()), WINDOW, datetime(2026, 11, 20, tzinfo=UTC))
    for audience in ("manager", "member", "client"):
        for form in FORMS:
            assert "Empty" in getattr(build_report(nothing, audience=audience), form)


def test_a_run_that_a_guard_refused_is_told_without_english_in_chinese() -> None:
    sample = collaboration()
    refused = replace(sample.pairs[0].runs[0], outcome="refused", message="the run would close 40 of 50 tasks")
    stopped = replace(sample, pairs=(replace(sample.pairs[0], runs=(refused, *sample.pairs[0].runs)),))
    english, chinese = (build_report(evaluate(stopped, WINDOW, NOW), language=one) for one in ("en", "zh"))
    assert ": the last run of payments (refused by a" in english.text.splitlines()[0]
    assert "would close" in english.text
    for form in FORMS:
        assert "would close" not in getattr(chinese, form)
        assert "被保护机制拒绝" in getattr(chinese, form)
