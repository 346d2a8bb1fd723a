"""The dates of the report as an iCalendar file (RFC 5545): goals and open tasks on the day they are due.

Why all-day events: calendars of Google and Outlook show no VTODO. Programs that do can be given `todos` instead.

An entry keeps its UID for good. Its SEQUENCE is the number of the evaluated week: a calendar takes what a later week
says of an entry, and a report that is made again for an earlier week moves nothing back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import blake2b

from icalendar import Calendar, Event, Todo

from syncer.report.model.collaboration import Place
from syncer.report.model.goal import Outlook
from syncer.report.model.timeline import Standing
from syncer.report.render.content import ReportContent
from syncer.report.render.jinja import web_address
from syncer.report.render.phrases import tasks as task_phrases

_PRODUCT = "-//syncer//report//EN"


@dataclass(frozen=True, slots=True)
class AgendaEntry:
    """One thing on one day."""

    id: str
    day: date
    summary: str
    description: str
    places: tuple[Place, ...]
    status: str
    """As VTODO knows it."""


def as_ics(content: ReportContent) -> bytes:
    """Goals and due tasks as all-day events."""
    return _calendar(content, [_event(entry, content) for entry in entries(content)])


def as_todos(content: ReportContent) -> bytes:
    """The same as entries of a to-do list."""
    return _calendar(content, [_todo(entry, content) for entry in entries(content)])


def entries(content: ReportContent) -> Iterator[AgendaEntry]:
    """Every goal with a date that is not reached, then every open task with a due date that may be named."""
    language = content.language
    for row in content.goals:
        goal = row.figures
        if goal.due is not None and goal.outlook is not Outlook.REACHED:
            summary = language.labelled(language.text("Goal"), goal.title)
            owner = language.labelled(language.text("Owner"), row.owners) if row.owners else ""
            text = "\n".join(part for part in (row.finding, row.forecast, owner) if part)
            status = "IN-PROCESS" if goal.doing or goal.done else "NEEDS-ACTION"
            yield AgendaEntry(goal.id, goal.due, summary, text, goal.places, status)
    for line in content.evaluation.dated:
        if line.due is not None:
            key = line.places[0].key if line.places else ""
            owner = language.listing(line.owners or ()) or language.text("unassigned")
            said = language.labelled(task_phrases.standing(line.standing, language), line.status)
            text = "\n".join(
                (said, language.labelled(language.text("Owner"), owner), language.listing(line.goals))
            ).strip()
            status = "IN-PROCESS" if line.standing is Standing.DOING else "NEEDS-ACTION"
            yield AgendaEntry(line.id, line.due, f"{key} {line.title}".strip(), text, line.places, status)


def _calendar(content: ReportContent, components: list[Event | Todo]) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", content.evaluation.collaboration)
    for component in components:
        calendar.add_component(component)
    return bytes(calendar.to_ical())


def _event(entry: AgendaEntry, content: ReportContent) -> Event:
    event = Event()
    _describe(event, entry, content)
    event.add("dtstart", entry.day)
    if entry.day < date.max:  # without an end, an event of a day lasts that day (RFC 5545, 3.6.1)
        event.add("dtend", entry.day + timedelta(days=1))
    event.add("transp", "TRANSPARENT")
    return event


def _todo(entry: AgendaEntry, content: ReportContent) -> Todo:
    todo = Todo()
    _describe(todo, entry, content)
    todo.add("due", entry.day)
    todo.add("status", entry.status)
    return todo


def _describe(component: Event | Todo, entry: AgendaEntry, content: ReportContent) -> None:
    evaluation = content.evaluation
    component.add("uid", _uid(evaluation.collaboration, entry.id))
    component.add("sequence", evaluation.window.first_day.toordinal() // 7)
    component.add("dtstamp", evaluation.generated_at)
    component.add("last-modified", evaluation.as_of)
    component.add("summary", entry.summary)
    component.add("description", entry.description)
    address = next((found for place in entry.places if (found := web_address(place.url))), "")
    if address:
        component.add("url", address)


def _uid(collaboration: str, entry: str) -> str:
    fingerprint = blake2b("\0".join((collaboration, entry)).encode(), digest_size=16).hexdigest()
    return f"{fingerprint}@syncer.invalid"
