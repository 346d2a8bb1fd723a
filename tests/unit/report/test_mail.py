"""The message as mail programs take it."""

import re
from dataclasses import replace
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from html import unescape

import pytest

from syncer.report import Reader, build_report
from syncer.report.evaluate import evaluate
from syncer.report.model.collaboration import Collaboration
from syncer.report.render.mail import LIMIT, address
from tests.unit.report.sample import NOW, WINDOW, collaboration, done, moment, task

MEI = "Mei Lin 林梅 <mei@acme.example>"
SENDER = "syncer <sync@acme.example>"


def parsed(language: str = "en", recipient: str = MEI) -> EmailMessage:
    report = build_report(evaluate(collaboration(), WINDOW, NOW), language=language)
    raw = report.message(recipient, SENDER, unsubscribe="sync@acme.example").as_bytes()
    found = BytesParser(policy=policy.default).parsebytes(raw)
    assert isinstance(found, EmailMessage)
    return found


def parts(mail: EmailMessage) -> list[EmailMessage]:
    return [part for part in mail.walk() if isinstance(part, EmailMessage)]


def run_on(html: str) -> str:
    """Without the spans that keep a key or a day on one line."""
    return re.sub(r'<span class="kept"[^>]*>([^<]*)</span>', r"\1", html)


def html_of(mail: EmailMessage) -> str:
    found = mail.get_body(("html",))
    assert found is not None
    return str(found.get_content())


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_message_is_parsed_back_without_defects(language: str) -> None:
    found = parts(parsed(language))
    assert [part.get_content_type() for part in found] == [
        "multipart/mixed", "multipart/alternative", "text/plain", "text/html", "text/html",
    ]  # fmt: skip
    assert not [defect for part in found for defect in part.defects]
    assert not [defect for part in found for header in part.values() for defect in getattr(header, "defects", ())]


@pytest.mark.parametrize("reader", list(Reader))
@pytest.mark.parametrize("language", ["en", "zh"])
def test_both_parts_say_the_same_and_no_more(language: str, reader: Reader) -> None:
    report = build_report(evaluate(collaboration(), WINDOW, NOW), language=language, audience=reader)
    mail = report.message(MEI, SENDER)
    text = mail.get_body(("plain",))
    assert text is not None
    told = "".join(str(text.get_content()).split())
    assert len(told) < len("".join(report.text.split())) / (1 if reader is Reader.CLIENT else 2)
    html = unescape(run_on(html_of(mail)))
    for said in (
        *(row.sentence for row in report.content.answers),
        *(notice.text for notice in report.content.notices),
        *(row.text for row in report.content.advice),
        *(row.figures.title for row in report.content.goals),
        *(item.text for row in report.content.changes for item in row.items),
    ):
        assert "".join(said.split()) in told
        assert said in html


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_line_on_the_wire_is_short_and_plain(language: str) -> None:
    report = build_report(evaluate(collaboration(), WINDOW, NOW), language=language)
    lines = report.message(MEI, SENDER).as_bytes().split(b"\r\n")
    assert max(map(len, lines)) <= 998
    assert all(line.isascii() for line in lines)


def test_the_same_report_to_the_same_recipient_is_the_same_message() -> None:
    report = build_report(evaluate(collaboration(), WINDOW, NOW))
    assert report.message(MEI, SENDER).as_bytes() == report.message(MEI, SENDER).as_bytes()


def test_ids_tell_weeks_and_recipients_apart_and_weeks_share_a_thread() -> None:
    this, other = parsed(), parsed(recipient="jonas@acme.example")
    later = build_report(evaluate(collaboration(), WINDOW.earlier(1), NOW)).message(MEI, SENDER)
    assert len({str(mail["Message-ID"]) for mail in (this, other, later)}) == 3
    assert str(this["References"]) == str(later["References"]) != str(other["References"])


def test_headers_keep_machines_from_answering() -> None:
    mail = parsed()
    assert mail["Auto-Submitted"] == "auto-generated"
    assert (mail["Content-Language"], parsed("zh")["Content-Language"]) == ("en-GB", "zh-Hans")
    assert mail["List-Unsubscribe"] == "<mailto:sync@acme.example?subject=unsubscribe>"
    assert mail["To"].addresses[0].display_name == "Mei Lin 林梅"


def test_a_page_that_takes_a_post_makes_leaving_one_click() -> None:
    mail = build_report(evaluate(collaboration(), WINDOW, NOW)).message(
        MEI, SENDER, "https://acme.example/leave?who=mei"
    )
    assert mail["List-Unsubscribe"] == "<https://acme.example/leave?who=mei>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_a_name_cannot_inject_a_header() -> None:
    sample = replace(collaboration(), name="Pay\r\nBcc: everybody@evil.example")
    mail = build_report(evaluate(sample, WINDOW, NOW)).message(MEI, SENDER)
    assert mail["Bcc"] is None
    assert "\n" not in str(mail["Subject"])


@pytest.mark.parametrize(
    "text",
    ["", "mei", "mei@", "@acme.example", "a@b, c@d", "a@b\r\nBcc: c@d", "Mei <mei@acme.example", "a@b c@d", "<a@b>;"],
)
def test_what_is_not_one_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a mail address|invalid"):
        address(text)


def test_a_long_week_stays_under_the_limit_and_keeps_what_needs_a_decision() -> None:
    sample = collaboration()
    crowd = tuple(task(1000 + number, f"任务 {number} " + "很长的标题" * 12, owners=()) for number in range(400))
    report = build_report(evaluate(replace(sample, tasks=(*sample.tasks, *crowd)), WINDOW, NOW))
    assert len(report.mail_html.encode()) <= LIMIT
    assert "Card payments live" in report.mail_html


def crowded() -> Collaboration:
    """Sixty goals with a forecast, each of the longest title that a tracker allows."""
    sample = collaboration()
    past = tuple(done(500 + number, "Earlier", moment(6, number), goals=()) for number in range(12))
    goals = tuple(
        replace(
            sample.goals[0], id=f"goal-{number}", title=f"{number} " + "很长的目标标题&<>" * 25, owners=("mei", "liwei")
        )
        for number in range(60)
    )
    tasks = tuple(
        task(1000 + number, "很长的任务标题" * 30, goals=(f"goal-{number % 60}",), owners=()) for number in range(300)
    )
    return replace(sample, goals=goals, tasks=(*past, *tasks))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_longest_titles_a_tracker_allows_stay_under_the_limit_with_charts(language: str) -> None:
    whole = crowded()
    mail = build_report(evaluate(whole, WINDOW, NOW), language=language).message(MEI, SENDER)
    assert len(html_of(mail).encode()) <= LIMIT
    assert html_of(mail).count("bar-due") > 5


def test_the_mail_says_how_many_goals_it_leaves_out() -> None:
    sample = collaboration()
    crowd = tuple(replace(sample.goals[-1], id=f"idea-{number}", title=f"Idea {number}") for number in range(30))
    report = build_report(evaluate(replace(sample, goals=(*sample.goals, *crowd)), WINDOW, NOW))
    assert "and 14 more, in the full report" in report.mail_html  # 34 goals, 20 shown
    assert "Idea 29" in report.html


def test_the_mail_holds_no_lists_of_tasks() -> None:
    assert "Explain chargebacks" not in build_report(evaluate(collaboration(), WINDOW, NOW)).mail_html


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_mail_needs_no_picture_and_loads_nothing(language: str) -> None:
    html = html_of(parsed(language))
    assert not re.search(r"<img|<svg|cid:|url\(|@import|<link", html)
    assert not [part for part in parts(parsed(language)) if part.get_content_maintype() == "image"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_goal_says_in_words_what_its_bar_shows(language: str) -> None:
    report = build_report(evaluate(crowded(), WINDOW, NOW), language=language)
    lines = [unescape(line) for line in re.findall(r">([^<]+)<", run_on(report.mail_html))]
    shown = [row for row in report.content.goals if row.figures.title in lines]
    assert len(shown) >= 5
    for row in shown:
        assert row.outlook
        assert row.outlook in lines


def test_a_bar_is_a_cell_with_a_width_and_a_colour_that_outlook_and_a_dark_page_show() -> None:
    html = build_report(evaluate(crowded(), WINDOW, NOW)).mail_html
    cells = re.findall(r'<td [^>]*class="bar bar-(?!none)[^>]*>', html)
    assert cells
    for cell in cells:
        colour, width = re.search(r'bgcolor="(#\w+)"', cell), re.search(r' width="(\d+)"', cell)
        assert colour is not None
        assert width is not None
        assert f"background-color: {colour[1]}" in cell
    kept = html[html.index("prefers-color-scheme: dark") :]
    assert {"bar-due", "bar-late", "bar-tight", "bar-safe", "bar-past", "bar-now"} <= set(
        re.findall(r"\.(bar-\w+)", kept)
    )


def test_what_goes_with_the_mail_is_the_recipients_own_edition() -> None:
    report = build_report(evaluate(collaboration(), WINDOW, NOW), audience="client")
    mail = report.message(MEI, SENDER, attach=("html", "xlsx", "ics"))
    files = {part.get_filename(): part for part in mail.iter_attachments()}
    assert {name: part.get_content_type() for name, part in files.items()} == {
        "report-2026-W47.html": "text/html",
        "report-2026-W47.xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "report-2026-W47.ics": "text/calendar",
    }
    assert files["report-2026-W47.html"].get_content().replace("\r\n", "\n") == report.html
    assert "Li Wei" not in files["report-2026-W47.html"].get_content()


def test_the_mail_says_where_the_rest_is() -> None:
    report = build_report(evaluate(collaboration(), WINDOW, NOW))
    assert "are in the attached page" in html_of(report.message(MEI, SENDER))
    assert "attached page" not in html_of(report.message(MEI, SENDER, attach=()))
