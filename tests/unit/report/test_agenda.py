"""The agenda as calendars read it: stable entries, all-day, folded, and no text of a tracker that adds a property."""

from dataclasses import replace
from datetime import date, timedelta

from icalendar import Calendar, Component

from syncer.contract.model import Side
from syncer.report import Reader, Window, build_report
from syncer.report.build import Report
from syncer.report.evaluate import evaluate
from syncer.report.model.collaboration import Collaboration
from tests.unit.report.sample import NOW, WINDOW, collaboration, github, task


def made(whole: Collaboration | None = None, window: Window = WINDOW, reader: Reader = Reader.MANAGER) -> Report:
    return build_report(evaluate(whole or collaboration(), window, NOW), language="zh", audience=reader)


def events(report: Report) -> list[Component]:
    return list(Calendar.from_ical(report.ics).walk("VEVENT"))


def test_goals_and_open_tasks_stand_on_the_day_they_are_due() -> None:
    found = {str(event["SUMMARY"]): (event.decoded("DTSTART"), event.decoded("DTEND")) for event in events(made())}
    day = date(2026, 11, 30)
    assert found["目标：Card payments live"] == (day, day + timedelta(days=1))
    assert found["PAY-6 对账文件每日自动生成"][0] == date(2026, 11, 27)
    assert len(found) == 3 + 2 - 1 + 1  # three goals with a date, one of them reached; three open tasks


def test_entries_keep_their_uid_and_a_later_week_goes_before_an_earlier_one() -> None:
    this, before = events(made()), events(made(window=WINDOW.earlier(1)))
    shared = {str(event["UID"]) for event in this} & {str(event["UID"]) for event in before}
    assert shared
    assert {int(event["SEQUENCE"]) for event in this} == {int(before[0]["SEQUENCE"]) + 1}
    assert len({str(event["UID"]) for event in this}) == len(this)


def test_lines_are_folded_at_75_octets_and_no_character_is_cut() -> None:
    long = task(50, "很长的标题" * 40, due=date(2026, 12, 1))
    raw = made(replace(collaboration(), tasks=(long,))).ics
    assert max(len(line) for line in raw.split(b"\r\n")) <= 75
    for line in raw.split(b"\r\n"):
        line.decode("utf-8")  # raises where a character was cut in two
    (event,) = (
        event for event in events(made(replace(collaboration(), tasks=(long,)))) if "PAY-50" in event["SUMMARY"]
    )
    assert event["SUMMARY"] == f"PAY-50 {long.title}"


def test_a_title_adds_no_property() -> None:
    nasty = task(51, "x\r\nATTENDEE:mailto:everybody@evil.example\r\nEND:VEVENT", due=date(2026, 12, 1))
    report = made(replace(collaboration(), tasks=(nasty,), goals=()))
    (event,) = events(report)
    assert "ATTENDEE" not in event


def test_only_web_addresses_are_linked() -> None:
    place = replace(github(1), side=Side.LEFT, url="javascript:alert(1)")
    report = made(replace(collaboration(), tasks=(task(52, "x", due=date(2026, 12, 1), places=(place,)),), goals=()))
    assert "URL" not in events(report)[0]


def test_to_do_lists_have_the_same_entries() -> None:
    report = made()
    todos = list(Calendar.from_ical(report.todo).walk("VTODO"))
    assert {str(todo["UID"]) for todo in todos} == {str(event["UID"]) for event in events(report)}
    assert {str(todo["STATUS"]) for todo in todos} <= {"NEEDS-ACTION", "IN-PROCESS"}


def test_a_client_sees_dates_of_goals_only() -> None:
    assert all(str(event["SUMMARY"]).startswith("目标：") for event in events(made(reader=Reader.CLIENT)))


def test_no_goals_and_no_tasks_are_an_empty_calendar() -> None:
    assert events(made(replace(collaboration(), tasks=(), goals=()))) == []


def test_the_last_and_the_first_day_there_is_are_events_too() -> None:
    for day in (date.max, date(1, 1, 2)):
        goals = tuple(replace(goal, due=day) for goal in collaboration().goals)
        found = events(made(replace(collaboration(), goals=goals)))
        assert day in {event["DTSTART"].dt for event in found}
