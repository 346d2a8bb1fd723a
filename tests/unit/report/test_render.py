"""What every format must hold: the same numbers, nothing dangerous, nothing loaded, every word translated."""

import csv
import json
import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from io import StringIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncer.report import Reader, build_report
from syncer.report.build import Report
from syncer.report.evaluate import evaluate
from syncer.report.model.collaboration import HeldItem, Steering
from syncer.report.model.metric import Missing
from syncer.report.render import machine
from syncer.report.render.columns import cut, width, wrap
from syncer.report.render.jinja import WORD_JOINER, web_address
from syncer.report.render.markdown import JOINER, harmless
from tests.golden.regenerate import REPORT, SAMPLE, sample
from tests.unit.report.sample import NASTY_TITLE, NOW, WINDOW, collaboration, done, moment

LANGUAGES = ("en", "zh")


def made(language: str = "en", reader: Reader = Reader.MANAGER) -> Report:
    return build_report(evaluate(collaboration(), WINDOW, NOW), language=language, audience=reader)


class Tags(HTMLParser):
    """Every start tag with its attributes, and what stands in `<data>`."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def data(self, style: str) -> dict[str | None, str | None]:
        return {
            attributes["data-id"]: attributes["value"]
            for tag, attributes in self.tags
            if tag == "data" and attributes.get("class") == style
        }


# --- the same numbers everywhere


def shown(value: float | None) -> str:
    return "" if value is None else str(value)


def worth_saying(metrics: dict[str, Any]) -> dict[str, Any]:
    """Without those of a way to work that is not the team's: nobody is told that they have no value."""
    return {name: one for name, one in metrics.items() if one["missing"] != Missing.NO_SPRINT.value}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reader", list(Reader))
def test_the_page_shows_the_figures_of_the_json(language: str, reader: Reader) -> None:
    report = made(language, reader)
    metrics = worth_saying(json.loads(report.json)["metrics"])
    assert Tags(report.html).data("metric") == {name: shown(metric["value"]) for name, metric in metrics.items()}


def test_the_page_shows_the_goals_of_the_json() -> None:
    report = made()
    goals = json.loads(report.json)["goals"]
    assert Tags(report.html).data("goal-done") == {goal["id"]: f"{goal['done']}/{goal['scope']}" for goal in goals}


def test_every_format_shows_the_forecast_of_the_json() -> None:
    report = foretold()
    chances = {
        goal["id"]: goal["forecast"]["p_on_time"] for goal in json.loads(report.json)["goals"] if goal["forecast"]
    }
    assert set(chances) == {"launch", "security", "ideas"}
    assert Tags(report.html).data("goal-chance") == {name: shown(chance) for name, chance in chances.items()}
    rows = csv.DictReader(StringIO(report.csv))
    assert {row["id"]: row["value"] for row in rows if row["measure"] == "p_on_time"} == {
        name: shown(chance) for name, chance in chances.items()
    }
    for row in report.content.goals:
        assert row.forecast in unescape(report.html)
        assert "".join(row.forecast.split()) in "".join(report.text.split())
        assert harmless(row.forecast) in report.markdown


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_format_shows_the_advice_of_the_json(language: str) -> None:
    report = foretold(language)
    advice = json.loads(report.json)["advice"]
    assert len(advice) > 0
    told = [row for row in csv.DictReader(StringIO(report.csv)) if row["section"] == "advice"]
    rows = [row["id"] for row in told if row["measure"] == "weeks_open"]
    decided = [notice.advice for notice in report.content.notices if notice.advice]
    assert set(rows) == {*decided, *(row.id for row in report.content.advice)}
    effects = [float(row["value"]) for row in told if row["measure"] == "expected"]
    assert effects == [one["expected"]["then"] for one in advice if one["expected"]]
    assert [tag["data-id"] for name, tag in Tags(report.html).tags if name == "li" and "data-id" in tag] == [
        *decided,
        *(row.id for row in report.content.advice),
    ]
    for row in report.content.advice:
        assert row.text in unescape(report.html)
        assert row.text in unescape(report.mail_html)
        assert "".join(row.text.split()) in "".join(report.text.split())
        assert harmless(row.text) in report.markdown


def foretold(language: str = "en") -> Report:
    """The report of the sample with enough finished tasks to draw from."""
    sample = collaboration()
    past = tuple(done(500 + number, "Earlier", moment(6, number), goals=()) for number in range(12))
    whole = replace(sample, tasks=(*sample.tasks, *past))
    return build_report(evaluate(whole, WINDOW, NOW), language=language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_text_and_markdown_show_the_figures_of_the_json(language: str) -> None:
    report = made(language)
    metrics = worth_saying(json.loads(report.json)["metrics"])
    figures = [figure for group in report.content.groups for figure in group.figures]
    assert {figure.id: figure.raw for figure in figures} == {name: one["value"] for name, one in metrics.items()}
    text = " ".join(report.text.split())
    for figure in figures:
        said = report.content.language.labelled(f"- {figure.label}", figure.value)
        row = f"| {figure.label} | {figure.value} |"
        if figure.raw is None:
            said = row = report.content.language.aside(figure.label, figure.value)
        assert "".join(said.split()) in "".join(text.split()), figure.id
        assert row in report.markdown


def test_csv_shows_the_figures_of_the_json() -> None:
    report = made()
    whole = json.loads(report.json)
    rows = list(csv.DictReader(StringIO(report.csv)))

    def column(section: str, measure: str) -> dict[str, str]:
        return {row["id"]: row["value"] for row in rows if (row["section"], row["measure"]) == (section, measure)}

    metrics = whole["metrics"]
    assert column("metric", "value") == {name: shown(metric["value"]) for name, metric in metrics.items()}
    intervals = {name: metric["interval"] for name, metric in metrics.items() if metric["interval"]}
    assert column("metric", "interval_low") == {name: shown(interval["low"]) for name, interval in intervals.items()}
    assert column("goal", "done") == {goal["id"]: shown(goal["done"]) for goal in whole["goals"]}


def test_the_mail_shows_the_figures_of_the_page() -> None:
    report = made()
    cells = re.sub(r"<[^>]+>", "\n", report.mail_html)
    for figure in report.content.missed:
        assert re.search(rf"{re.escape(figure.label)}\s+{re.escape(figure.value)}\s", cells), figure.label


def test_numbers_are_the_same_in_every_language() -> None:
    assert made("en").json == made("zh").json
    assert made("en").csv == made("zh").csv


# --- the first line


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_format_says_first_how_complete_the_data_is(language: str) -> None:
    report = made(language)
    complete = report.content.completeness
    assert report.text.startswith(complete)
    assert report.markdown.startswith(f"_{harmless(complete)}_")
    assert re.search(rf"<main>\s*<p class=\"complete\">{re.escape(complete)}", report.html.replace(WORD_JOINER, ""))
    assert complete in report.mail_html[: report.mail_html.index("<h1")]


def test_incomplete_data_is_said_and_marked() -> None:
    sample = collaboration()
    stopped = replace(sample.pairs[0].runs[0], outcome="denied", message="the token has expired")
    pair = replace(sample.pairs[0], runs=(stopped, *sample.pairs[0].runs[1:]))
    report = build_report(evaluate(replace(sample, pairs=(pair,)), WINDOW, NOW))
    assert report.text.startswith("Data only up to 20 Nov 2026, 13:00")
    assert "the token has expired" in report.text
    assert 'class="complete incomplete"' in report.html
    assert str(report.message("mei@acme.example")["Subject"]).endswith("data incomplete")


# --- nothing dangerous


def test_text_of_a_tracker_is_never_markup_on_the_page() -> None:
    for html in (made().html, made().mail_html):
        tags = Tags(html).tags
        assert not [tag for tag, _ in tags if tag in {"script", "iframe", "object", "form", "link", "base"}]
        assert not [name for _, attributes in tags for name in attributes if name.startswith("on")]
        assert "&lt;b&gt;" in html
    assert "&lt;script&gt;" in made().html


def test_nothing_is_loaded_from_anywhere() -> None:
    for html in (made().html, made().mail_html):
        loading = {"src", "srcset", "background", "poster", "data", "action", "xlink:href"}
        assert not [name for _, attributes in Tags(html).tags for name in attributes if name in loading]
        assert "url(" not in html
        assert "@import" not in html


def test_the_page_forbids_everything_but_its_own_style_sheet() -> None:
    policies = [
        attributes["content"]
        for tag, attributes in Tags(made().html).tags
        if tag == "meta" and attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    assert len(policies) == 1
    assert re.fullmatch(
        r"default-src 'none'; style-src 'sha256-[\w+/=]+'; base-uri 'none'; form-action 'none'", str(policies[0])
    )
    assert not [attributes for _, attributes in Tags(made().html).tags if "style" in attributes]


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "mailto:a@b", "x", "http://[", ""]
)
def test_only_web_addresses_become_links(address: str) -> None:
    assert web_address(address) == ""


@pytest.mark.parametrize("start", list("=+-@\t\r＝＋－＠"))
def test_a_spreadsheet_runs_nothing(start: str) -> None:
    assert machine.harmless(f"{start}SUM(A1)").startswith("'")


def test_a_title_that_is_a_formula_is_text_in_the_csv() -> None:
    titles = {row["name"] for row in csv.DictReader(StringIO(made().csv))}
    assert f"'{NASTY_TITLE}" in titles


@given(st.text(max_size=80))
def test_markdown_of_a_trackers_text_notifies_and_refers_to_nothing(text: str) -> None:
    shown = harmless(text)
    assert not re.search(r"@\w", shown)
    assert not re.search(r"#\d", shown)
    assert not re.search(r"\b[A-Za-z]\w*-\d", shown)
    assert not re.search(r"(?<!\\)[|<>`\[\]*_]", shown)
    assert "\n" not in shown


def test_markdown_still_reads_as_what_it_was() -> None:
    shown = harmless("@octocat fixes #12 and PAY-9 | see www.evil.example")
    assert shown.replace(JOINER, "").replace("\\", "") == "@octocat fixes #12 and PAY-9 | see www.evil.example"


def test_every_row_of_a_markdown_table_has_as_many_cells_as_its_header() -> None:
    tables = re.findall(r"(?:^\|.*\n)+", made().markdown, re.MULTILINE)
    for table in tables:
        assert len({len(re.findall(r"(?<!\\)\|", row)) for row in table.splitlines()}) == 1
    assert len(tables) >= 5


def test_a_restricted_task_is_named_in_no_format() -> None:
    report = made()
    for text in (report.html, report.mail_html, report.text, report.markdown, report.json, report.csv):
        assert "Penetration test" not in text


def test_a_client_is_not_told_owners_and_not_told_that_there_is_nobody() -> None:
    report = made(reader=Reader.CLIENT)
    finished = report.text[report.text.index("Delivered this week (") :]
    assert "PAY-1, acme/pay#101 · 17 Nov" in finished
    assert "nobody" not in finished
    assert "Jonas Weber" not in finished
    for text in (report.html, report.mail_html, report.markdown, report.json, report.csv):
        assert "Li Wei" not in text


def test_a_restricted_conflict_shows_neither_title_nor_values() -> None:
    sample = collaboration()
    secret = replace(sample.conflicts[0], restricted=True, title="", left="", right="", places=())
    report = build_report(evaluate(replace(sample, conflicts=(secret,)), WINDOW, NOW))
    assert "(restricted: not shown)" in report.text
    assert "负载测试" not in report.text


@pytest.mark.parametrize(
    ("language", "said"), [("en", "nothing tells which side is right"), ("zh", "无法判断以哪个为准")]
)
def test_a_conflict_that_nobody_edited_is_told_as_a_difference(language: str, said: str) -> None:
    sample = collaboration()
    unlike = replace(sample.conflicts[0], edited=False)
    report = build_report(evaluate(replace(sample, conflicts=(unlike,)), WINDOW, NOW), language=language)
    assert said in " ".join(report.markdown.split())
    assert "Both sides edited" not in report.markdown


# --- words


@pytest.mark.parametrize("language", LANGUAGES)
def test_text_fits_into_80_columns(language: str) -> None:
    assert [line for line in made(language).text.splitlines() if width(line) > 80] == []


@given(st.text(alphabet=st.sampled_from("ab 中文，。.é😀"), max_size=120), st.integers(min_value=8, max_value=40))
def test_wrapping_keeps_every_character_and_the_width(text: str, columns: int) -> None:
    wrapped = wrap(text, columns)
    assert "".join(wrapped.split()) == "".join(text.split())
    longest_word = max((width(word) for word in text.split()), default=0)
    assert all(width(line) <= max(columns, longest_word) for line in wrapped.splitlines())


@pytest.mark.parametrize("whole", ["2026年11月30日", "11月30日", "12 项", "30 Nov 2026", "3 December", "10 天"])
def test_a_date_and_a_number_with_its_unit_stay_on_one_line(whole: str) -> None:
    for before in range(1, 24):
        for text in ("中" * before + whole + "前完成，否则延后", "a " * before + whole + " or later, but not before"):
            assert any(whole in line for line in wrap(text, 24).splitlines())


def test_cutting_counts_columns_and_not_characters() -> None:
    assert cut("每日对账文件", 12) == "每日对账文件"
    assert cut("每日对账文件自动生成", 12) == "每日对账文…"


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_say_their_language(language: str) -> None:
    assert f'<html lang="{made(language).content.language.tag}">' in made(language).html


def test_an_unknown_language_or_reader_is_refused() -> None:
    with pytest.raises(ValueError, match="no language 'fr'"):
        made("fr")
    with pytest.raises(ValueError, match="boss"):
        build_report(evaluate(collaboration(), WINDOW, NOW), audience="boss")


# --- looked at once, kept since


@pytest.mark.parametrize("name", SAMPLE)
def test_the_report_is_what_was_read_and_approved(name: str) -> None:
    """After a wanted change: `python -m tests.golden.regenerate`, and read what changed."""
    assert sample(name) == (REPORT / name).read_bytes().decode("utf-8")


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (
            Steering(False, moment(17), "ada", "with the client"),
            "Paused since 17 Nov 2026, 11:00. By ada. with the client",
        ),
        (Steering(False, moment(17), "Bo", label="sync: off"), "Paused by the label “sync: off” since"),
        (Steering(False, moment(17), "ada", until=moment(20)), ", until 20 Nov 2026"),
        (Steering(True, moment(17), "ada"), "Unlinked since 17 Nov 2026, 11:00; both sides stay as they are. By ada."),
    ],
)
def test_what_somebody_paused_or_set_apart_says_who_and_when_and_asks_for_nothing(said: Steering, words: str) -> None:
    found = replace(collaboration(), held=(HeldItem("payments", "Steered", (), "", steering=said),))
    report = build_report(evaluate(found, WINDOW, NOW), language="en", audience=Reader.MANAGER)
    text = " ".join(report.text.split())
    assert words in text
    assert "until somebody acts" not in text
