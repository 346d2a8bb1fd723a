"""Every format of an edition tells the same, and none tells a client what is internal."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import replace
from email.message import EmailMessage
from functools import partial
from html import unescape
from io import BytesIO, StringIO

import pytest
from openpyxl import load_workbook

from syncer.report import Reader, build_report
from syncer.report.build import FILES, Report
from syncer.report.evaluate import evaluate
from syncer.report.model.collaboration import Comment, Impediment, Person
from syncer.report.model.evaluation import Evaluation
from syncer.report.model.timeline import Cause
from syncer.report.render.columns import wrap
from syncer.report.render.markdown import JOINER
from syncer.richtext import plain_text
from tests.unit.report.sample import NOW, WINDOW, collaboration, done, moment, task

LANGUAGES = ("en", "zh")

SECRETS = ("Owner-Intern", "Loaded-Intern", "Waiting-Task", "Left-Value", "Right-Value", "Held-Reason", "Run-Message",
           "Obstacle-Intern", "Critical-Task", "Commenter-Intern")  # fmt: skip


def with_secrets() -> Evaluation:
    """A week in which every internal place holds a word that is found nowhere else; enough was finished to forecast."""
    sample = collaboration()
    people = (*sample.people, Person("owner", "Owner-Intern"), Person("loaded", "Loaded-Intern"),
              Person("commenter", "Commenter-Intern"))  # fmt: skip
    past = tuple(done(500 + number, "Earlier", moment(17, number), goals=(), owners=("owner",)) for number in range(12))
    impeded = (Impediment(Cause.LABEL, "Obstacle-Intern"),)
    tasks = (
        task(40, "Critical-Task", owners=("loaded",)),
        task(41, "Waiting-Task", owners=(), impediments=impeded, due=moment(10).date()),
    )
    conflict = replace(sample.conflicts[0], title="Waiting-Task", left="Left-Value", right="Right-Value")
    run = replace(sample.pairs[0].runs[0], outcome="denied", message="Run-Message")
    whole = replace(
        sample,
        people=people,
        tasks=(*sample.tasks, *past, *tasks),
        comments=(*sample.comments, Comment("payments/left/40", "commenter", moment(18), asks=True)),
        conflicts=(conflict,),
        held=(replace(sample.held[0], reason="Held-Reason"),),
        pairs=(replace(sample.pairs[0], runs=(run, *sample.pairs[0].runs)),),
    )
    return evaluate(whole, WINDOW, NOW)


def words(report: Report) -> dict[str, str]:
    """What each format says."""
    found = {name: getattr(report, name) for name in FILES if name != "xlsx"}
    shown = {name: text.decode() if isinstance(text, bytes) else text for name, text in found.items()}
    shown["ics"], shown["todo"] = (shown[name].replace("\r\n ", "") for name in ("ics", "todo"))
    cells = [cell.value for sheet in load_workbook(BytesIO(report.xlsx)) for row in sheet.iter_rows() for cell in row]
    whole = report.message("client@acme.example", attach=())
    body = whole.get_body(("html",))
    assert isinstance(body, EmailMessage)
    return {
        **shown,
        "xlsx": "\n".join(str(cell) for cell in cells if cell is not None),
        "mail": unescape(str(body.get_content())),
        "posted": plain_text(report.posted),
        "subject": str(whole["Subject"]),
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_client_is_told_nothing_internal_in_any_format(language: str) -> None:
    for name, text in words(build_report(with_secrets(), language=language, audience=Reader.CLIENT)).items():
        assert [secret for secret in SECRETS if secret in text.replace(JOINER, "")] == [], name


def test_the_secrets_are_there_for_the_manager() -> None:
    """Else the test above could not fail."""
    told = "\n".join(words(build_report(with_secrets())).values()).replace(JOINER, "")
    assert [secret for secret in SECRETS if secret not in told] == ["Commenter-Intern"]  # comments are only counted


@pytest.mark.parametrize("reader", list(Reader))
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_format_for_people_shows_the_charts_and_goals_of_the_json(language: str, reader: Reader) -> None:
    report = build_report(with_secrets(), language=language, audience=reader)
    whole = json.loads(report.json)
    shown = words(report)
    finding = report.content.graphs[-1].finding
    created = sum(week["created"] for week in whole["flow"])
    finished = sum(week["finished"] for week in whole["flow"])
    assert str(created) in finding
    assert str(finished) in finding
    assert finding in unescape(shown["html"])
    assert wrap(finding, 80) in shown["text"]
    weeks = [row for row in csv.DictReader(StringIO(shown["csv"])) if row["section"] == "week"]
    assert sum(int(row["value"]) for row in weeks if row["measure"] == "created") == created
    numbers = [[str(week[name]) for name in ("created", "finished")] for week in whole["flow"]]
    assert [list(row[1:]) for row in report.content.graphs[-1].rows] == numbers
    for goal in whole["goals"]:
        for name in ("html", "mail", "posted", "text", "markdown", "xlsx"):
            title = goal["title"]
            assert title in unescape(shown[name]).replace(JOINER, "").replace("\\", ""), name


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_bars_of_the_timeline_are_the_days_of_the_forecast(language: str) -> None:
    report = build_report(with_secrets(), language=language)
    graph = report.content.graphs[0]
    forecasts = {
        goal["title"]: goal["forecast"]
        for goal in json.loads(report.json)["goals"]
        if goal["forecast"] is not None and goal["due"] is not None
    }
    today = report.evaluation.as_of.astimezone(report.evaluation.window.zone).date()
    days = partial(report.content.language.near_day, today=today)
    goals = {goal.title: goal for goal in report.evaluation.goals}
    assert {row[0] for row in graph.rows} == set(forecasts)
    for title, due, even, safe, _ in graph.rows:
        found = goals[title].forecast
        assert found is not None
        assert (even, safe) == (days(found.q50), days(found.q85))
        assert found.q50.isoformat() == forecasts[title]["q50"]
        assert goals[title].due is not None
        assert due == days(goals[title].due)  # type: ignore[arg-type]


def test_the_posted_edition_is_as_short_as_the_mail() -> None:
    report = build_report(with_secrets())
    assert len(plain_text(report.posted)) < len(report.markdown) / 2
    assert plain_text(report.posted).startswith(report.content.completeness)


@pytest.mark.parametrize(
    "name", ["Pay\r\nBcc: x@evil.example", "Pay\u2028Bcc: x@evil.example", "=?utf-8?q?Bcc=3A?=", "<>"]
)
def test_no_name_of_a_collaboration_adds_a_header(name: str) -> None:
    usual = build_report(evaluate(collaboration(), WINDOW, NOW)).message("mei@acme.example")
    named = build_report(evaluate(replace(collaboration(), name=name), WINDOW, NOW)).message("mei@acme.example")
    raw = named.as_bytes().split(b"\r\n\r\n")[0]
    assert named.keys() == usual.keys()
    assert not re.search(rb"(?im)^bcc", raw)


@pytest.mark.parametrize("name", ["json", "csv", "text"])
def test_a_file_holds_what_its_format_says(name: str) -> None:
    smiling = replace(collaboration(), name="Payments 🙂")
    report = build_report(evaluate(smiling, WINDOW, NOW))
    assert report.encoded(name) == getattr(report, name).encode(FILES[name].encoding)
