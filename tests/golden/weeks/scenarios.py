"""Three made-up teams as Jira answers them: issues with changelogs and comments, all before Monday, 16 November 2026.

healthy: small tasks, started and finished steadily, reviewed once, answered within hours.
slipping: half of it late, dates moved, reviews that send work back, one person with most of it.
chaotic: no dates, no owners, flags and blocked labels, back and forth, questions nobody answers, titles that are
formulas or markup or run from right to left, one date moved forty times, moments around the change of clocks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

END = datetime(2026, 11, 15, 23, 0, tzinfo=UTC)
"""The end of week 46 in Berlin."""

PEOPLE = {"ana": "Ana Prado", "bo": "Bo Lindqvist", "chen": "陈晓", "dana": "דנה לוי"}
CATEGORIES = {
    "To Do": "new", "In Progress": "indeterminate", "In Review": "indeterminate", "Waiting for client": "indeterminate",
    "Done": "done", "Won't Do": "done",
}  # fmt: skip

Record = dict[str, Any]


@dataclass
class Story:
    """One issue; times are days before the end of the week."""

    title: str
    made: float
    steps: Sequence[tuple[float, str]] = ()
    owners: Sequence[tuple[float, str | None]] = ()
    due: Sequence[tuple[float, str | None]] = ()
    labels: Sequence[tuple[float, str]] = ()
    """The whole set, separated by blanks."""
    flags: Sequence[tuple[float, bool]] = ()
    comments: Sequence[tuple[float, str, str]] = ()
    author: str = "ana"
    type: str = "Task"
    version: str | None = None
    epic: int | None = None
    points: float | None = None
    text: str | None = None
    sprints: Sequence[tuple[float, int | None]] = ()
    """Its sprints by their numbers: see `sprint`."""


@dataclass
class Team:
    """Numbers what it writes, and leaves out what happened less than `until` days before the end."""

    until: float = 0.0
    records: list[Record] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    ids: Iterator[int] = field(default_factory=lambda: count(20_000))

    def add(self, story: Story) -> int:
        """Adds an issue and returns its number."""
        number = next(self.numbers)
        if story.made >= self.until:
            known = {
                name: [step for step in getattr(story, name) if step[0] >= self.until]
                for name in ("steps", "owners", "due", "labels", "flags", "comments", "sprints")
            }
            self.records.append(_issue(number, replace(story, **known), self.ids, self.until))
        return number


def at(days: float) -> str:
    """A moment so many days before the end of the week, as Jira writes it."""
    return (END - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def _issue(number: int, story: Story, ids: Iterator[int], until: float) -> Record:
    entries = sorted(_entries(story), key=lambda entry: -entry[0])
    histories = [
        {"id": str(next(ids)), "created": at(days), "author": _person(who), "items": items}
        for days, who, items in entries
    ]
    status = story.steps[-1][1] if story.steps else "To Do"
    done = CATEGORIES[status] == "done"
    moments = [days for days, _, _ in (*entries, *story.comments)]
    fields: Record = {
        "project": {"key": "PAY", "name": "Payments"},
        "summary": story.title,
        "description": story.text,
        "issuetype": {"name": story.type, "hierarchyLevel": 1 if story.type == "Epic" else 0},
        "status": {"name": status, "statusCategory": {"key": CATEGORIES[status]}},
        "created": at(story.made),
        "updated": at(min([story.made, *moments])),
        "reporter": _person(story.author),
        "creator": _person(story.author),
        "assignee": _person(story.owners[-1][1] if story.owners else None),
        "labels": story.labels[-1][1].split() if story.labels else [],
        "duedate": story.due[-1][1] if story.due else None,
        "resolution": {"name": "Done" if status == "Done" else "Won't Do"} if done else None,
        "resolutiondate": at(story.steps[-1][0]) if done else None,
        "fixVersions": [{"name": story.version, "releaseDate": "2026-12-18"}] if story.version else [],
        "parent": {"id": str(10_000 + story.epic)} if story.epic else None,
        "comment": {
            "comments": [
                {"id": str(next(ids)), "author": _person(who), "created": at(days), "updated": at(days), "body": body}
                for days, who, body in story.comments
            ]
        },
        "customfield_10016": story.points,
        "customfield_10020": _sprints(story, until),
        "customfield_10021": [{"value": "Impediment"}] if story.flags and story.flags[-1][1] else None,
    }
    return {"id": str(10_000 + number), "key": f"PAY-{number}", "fields": fields, "changelog": {"histories": histories}}


def _person(who: str | None) -> Record | None:
    if who is None:
        return None
    return {"accountId": who, "displayName": PEOPLE[who], "active": True, "accountType": "atlassian"}


def _entries(story: Story) -> Iterator[tuple[float, str, list[Record]]]:
    """Every change that Jira's changelog would have, with days before the end and who did it."""
    owner = next((who for _, who in story.owners if who), story.author)
    rows: list[tuple[str, Sequence[tuple[float, Any]], Any, Callable[[Any], tuple[str | None, str | None]]]] = [
        ("status", story.steps, "To Do", lambda value: (str(list(CATEGORIES).index(value) + 1), value)),
        ("assignee", story.owners, None, lambda value: (value, PEOPLE.get(value or ""))),
        ("duedate", story.due, None, lambda value: (value, value)),
        ("labels", story.labels, "", lambda value: (None, value)),
        ("Flagged", story.flags, False, lambda value: ("[10019]", "Impediment") if value else (None, None)),
        ("Sprint", story.sprints, None, _told),
    ]
    for name, steps, before, shown in rows:
        befores = [before, *(value for _, value in steps)]
        for (days, value), former in zip(steps, befores, strict=False):
            (old, old_text), (new, new_text) = shown(former), shown(value)
            if days < story.made:
                item = {"field": name, "fieldtype": "jira", "fieldId": name, "from": old, "fromString": old_text,
                        "to": new, "toString": new_text}  # fmt: skip
                if name in _CUSTOM:
                    item |= {"fieldtype": "custom", "fieldId": _CUSTOM[name]}
                yield days, owner if name != "assignee" else "ana", [item]


_CUSTOM = {"Flagged": "customfield_10021", "Sprint": "customfield_10020"}

CLOSES = 0.25
"""So many days before the end of its week a sprint is closed: on Sunday at six in the evening."""


def sprint(number: int, until: float = 0.0) -> Record:
    """The sprint so many weeks before the last one of the story, as issues show it `until` days before the end.

    It runs from Monday morning; the one after the last, -1, has not begun and has no days.
    """
    begins, ends = 7 * number + 6.6, 7 * number + CLOSES
    told: Record = {"id": 40 - number, "name": f"Sprint {40 - number}", "boardId": 1}
    if number < 0:
        return told | {"state": "future", "goal": ""}
    told |= {"startDate": at(begins), "endDate": at(ends), "goal": f"Part {40 - number} of the payment flow"}
    if ends >= until:
        return told | {"state": "closed", "completeDate": at(ends)}
    return told | {"state": "active" if begins >= until else "future"}


def _told(number: int | None) -> tuple[str | None, str | None]:
    """The ends of a change of the field for sprints: the ids, and the names."""
    return ("", "") if number is None else (str(40 - number), f"Sprint {40 - number}")


def _sprints(story: Story, until: float) -> list[Record] | None:
    """The sprints that an issue shows: the one it is in, and those that were closed with it in them."""
    left = [days for days, _ in story.sprints[1:]]
    closed = [
        one for (_, one), days in zip(story.sprints, left, strict=False) if one is not None and _closing(one, days)
    ]
    last = [one for _, one in story.sprints[-1:] if one is not None]
    return [sprint(number, until) for number in (*closed, *last)] or None


def _closing(number: int, days: float) -> bool:
    """Whether a sprint is closed at a moment."""
    return 0 <= days - (7 * number + CLOSES) < 0.001


def worked(start: float, review: float, done: float) -> list[tuple[float, str]]:
    """To work, to review, done."""
    return [(start, "In Progress"), (review, "In Review"), (done, "Done")]


def day(days: float) -> str:
    """A day so many days before the end of the week; negative for later."""
    return (END - timedelta(days=days)).date().isoformat()


def healthy(until: float = 0.0) -> list[Record]:
    """A steady team of three."""
    team, people = Team(until), ["ana", "bo", "chen"]
    goal = team.add(Story("Card payments live", 60, owners=[(60, "ana")], due=[(60, day(-30))], type="Epic",
                          text="* cards are accepted\n* refunds are booked"))  # fmt: skip
    for number in range(24):
        made = 55 - 2 * number
        took = 2 + number % 3
        done = max(0.4, made - 3 - took)
        team.add(Story(
            f"Step {number + 1} of the payment flow", made, worked(done + took, done + 0.5, done),
            [(made, people[number % 3])], [(made, day(done - 1))], epic=goal, points=float(1 + number % 3),
            version="1.0", type="Bug" if number % 8 == 5 else "Task", author="ana" if number % 2 else "bo",
            comments=[(made - 0.2, "chen", "Looks clear to me."), (done + 0.3, people[(number + 1) % 3], "Reviewed.")],
            sprints=_planned(number, made, done),
        ))  # fmt: skip
    for number in range(5):
        started = [(1.5 + number / 2, "In Progress")] if number < 3 else []
        team.add(Story(f"Next step {number + 1}", 9 - number, started, [(9 - number, people[number % 3])],
                       [(9 - number, day(-6 - number))], epic=goal, points=2.0, version="1.0",
                       comments=[(8.5 - number, "bo", "Planned for the coming week.")],
                       sprints=_next(number)))  # fmt: skip
    return team.records


def _next(number: int) -> list[tuple[float, int | None]]:
    """Of the next steps two were planned for the last sprint, one came late, and none gets done in it."""
    first: list[tuple[float, int | None]] = [(9.0 - number, 0)] if number < 2 else [(9.0 - number, None), (3.0, 0)]
    return [*first, (CLOSES + 0.0004, -1)] if number < 3 else []


def _planned(number: int, made: float, done: float) -> list[tuple[float, int | None]]:
    """A task is planned for the sprint in which it gets done; every fifth was left over, every fourth comes late."""
    within = int((done - CLOSES) // 7)
    if number % 5 == 2 and made > 7 * (within + 1) + CLOSES:
        return [(made, within + 1), (7 * (within + 1) + CLOSES + 0.0004, within)]
    if number % 4 == 1:
        return [(made, None), (min(made - 0.1, done + 1.5), within)]
    return [(made, within)]


def slipping(until: float = 0.0) -> list[Record]:
    """Late, moved and sent back; most of it with one person."""
    team = Team(until)
    goal = team.add(Story("退款上线", 70, owners=[(70, "chen")], due=[(70, day(10)), (20, day(-5))], type="Epic"))
    for number in range(18):
        made = 60 - 2 * number
        took = 5 + 2 * (number % 4)
        done = max(0.3, made - 8 - took)
        sent_back = [(done + took, "In Progress"), (done + 3, "In Review"), (done + 2, "In Progress"),
                     (done + 0.8, "In Review"), (done, "Done")]  # fmt: skip
        steps = sent_back if number % 3 == 0 else worked(done + took, done + 2, done)
        team.add(Story(
            f"Refund case {number + 1}", made, steps, [(made, "ana"), (made - 1, "bo" if number % 4 else "chen")],
            [(made, day(done + 4)), (done + 5, day(done + 1)), (done + 2, day(done - 1))][: 1 + number % 3],
            epic=goal, type="Bug" if number % 3 == 1 else "Task", author="chen" if number % 2 else "ana",
            comments=[(made - 3, "bo", "Will look at it.")] if number % 2 else [],
        ))  # fmt: skip
    for number in range(8):
        made = 30 - 2 * number
        steps = [(made - 2, "In Progress")] + ([(6 - number / 2, "Waiting for client")] if number < 3 else [])
        team.add(Story(f"Open refund case {number + 1}", made, steps, [(made, "bo")], [(made, day(3 - number))],
                       epic=goal, comments=[(5, "bo", "Which account is it?")] if number % 2 else [],
                       labels=[(4, "blocked:decision")] if number == 5 else []))  # fmt: skip
    return team.records


HOSTILE = (
    "=HYPERLINK(\"http://x\",\"pay\")", "<script>alert(1)</script> & <b>bold</b>", "שלום עולם — בדיקת תשלום",
    "| a | b | [link](javascript:alert(1)) @octocat #1", "+1 for -2 and @3", "\u202eevil.exe\u202c reversed",
    "Ticket with {{7*7}} and ${x}", "   ",
)  # fmt: skip


def chaotic(until: float = 0.0) -> list[Record]:
    """Hardly any dates or owners, much in the way, and titles to break a page."""
    team = Team(until)
    moved = [(50 - number, day(-number % 37)) for number in range(40)]
    goal = team.add(Story("A goal whose date moved forty times", 55, due=moved, type="Epic"))
    team.add(Story("A goal without anything", 40, type="Epic"))
    for number, title in enumerate(HOSTILE):
        made = 26 - number
        team.add(Story(title.strip() or "(no title)", made, [(made - 2, "In Progress")] if number % 2 else [],
                       flags=[(made - 3, True), (3, False), (1.5, True)] if number % 4 == 1 else [],
                       labels=[(5, "blocked"), (2, "blocked:external zahlung")] if number % 4 == 2 else [],
                       comments=[(4, "dana", "מה עושים?"), (3.5, "bo", "No idea?")] if number % 3 == 0 else [],
                       author="dana", epic=goal if number % 2 else None))  # fmt: skip
    for number in range(12):
        made = 50 - 3 * number
        done = made - 6
        again = [(done + 4, "In Progress"), (done + 3, "To Do"), (done + 2, "In Progress"), (done + 1, "Done"),
                 (done + 0.5, "In Progress"), (done, "Done")]  # fmt: skip
        hands: Mapping[int, list[tuple[float, str | None]]] = {
            0: [(made - 1, "ana"), (made - 2, "bo"), (made - 3, "ana")], 1: [], 2: [(made - 1, "dana")],
        }  # fmt: skip
        team.add(Story(f"Sudden thing {number + 1}", made, again, hands[number % 3], author="chen",
                       type="Bug" if number % 2 else "Task"))  # fmt: skip
    # Clocks went back in Berlin on 25 October, 21 days before the end of the week.
    team.add(Story("Over the change of clocks", 25, [(21.02, "In Progress"), (20.98, "Done")], [(25, "dana")]))
    team.add(Story("Given up", 20, [(10, "Won't Do")], author="bo"))
    return team.records


SCENARIOS = {"healthy": healthy, "slipping": slipping, "chaotic": chaotic}
