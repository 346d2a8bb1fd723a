"""The weekly report of a configuration, which commands and the daemon share: evaluated, composed, written as files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.message import EmailMessage
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

from syncer.app.wiring import build_declarations, build_markups, build_rules
from syncer.core.responsibility import Days, Declarations
from syncer.core.rules import PairRules
from syncer.publish.files import USUAL, write_files, write_mail
from syncer.publish.mail import WEEKLY
from syncer.report import (
    Report,
    Window,
    build_report,
    evaluate_week,
    log_forecasts,
    plan_of,
    responsibility_table,
)
from syncer.report.build import ATTACHED, FILES
from syncer.report.forecast.order import in_order
from syncer.report.model.collaboration import Goal, Task
from syncer.report.model.counting import CountingRules, WorkingTime
from syncer.report.model.evaluation import Advice, AdviceRule, Evaluation
from syncer.report.model.goal import GoalFigures
from syncer.report.model.plan import Revision, ever_part_of, revisions
from syncer.report.model.responsibilities import ResponsibilityTable
from syncer.settings import RecipientSettings, ReportSettings, Settings, specification
from syncer.store import Mail, Store

MAIL = "mail"
"""The format that is a message to the first recipient."""

FORMATS = (*FILES, MAIL)
"""All there are."""

USUAL_FORMATS = (*USUAL, MAIL)
"""Those that are written when nobody names any."""


class UnknownGoal(LookupError):
    """No goal, or several, have such a key or title; the message says which there are."""


@dataclass(frozen=True, slots=True)
class GoalPlan:
    """One goal with its plan and how it became what it is."""

    figures: GoalFigures
    tasks: Mapping[str, Task]
    """All that ever belonged to it, by id."""
    names: Mapping[str, str]
    """Of people, by id."""
    revisions: tuple[Revision, ...]
    order: tuple[str, ...]
    """Ids of its open tasks, those first that others wait for."""
    advice: Advice | None
    """What would make the plan feasible."""


class Reporting:
    """Evaluates weeks from what the store holds, each once, and makes of them what the configuration wants."""

    def __init__(self, settings: Settings, store: Store, clock: Callable[[], datetime]) -> None:
        self.settings = settings
        self.store = store
        self.clock = clock
        self._weeks: dict[str, Evaluation] = {}
        self._reports: dict[tuple[str, str, str, str, str], Report] = {}

    @cached_property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.settings.report.timezone)

    @cached_property
    def _counting(self) -> CountingRules:
        return counting_rules(self.settings.report)

    @cached_property
    def _declared(self) -> Declarations:
        """What people wrote down; holidays are leaves of everybody of whom anything is."""
        written, report = build_declarations(self.settings), self.settings.report
        holidays = tuple(Days(day, day) for day in report.holidays)
        people = tuple(replace(profile, leaves=(*profile.leaves, *holidays)) for profile in written.people)
        return replace(written, people=people)

    def _rules(self, pair: str | None = None) -> list[PairRules]:
        pairs = [one for one in self.settings.pairs if pair in {None, one.name}]
        return [build_rules(self.settings, one) for one in pairs]

    # --- a week

    def evaluate(self, week: str | None = None) -> Evaluation:
        """The evaluation of a week over all pairs; without a week, of the one that yesterday belongs to.

        Yesterday, because the usual time to make it is Monday morning. Its forecasts are kept in the store. Raises
        ValueError for a week that does not exist or has not begun.
        """
        now = self.clock()
        window = Window.containing(now - timedelta(days=1), self._zone) if week is None else self.window(week)
        if window.label not in self._weeks:
            found = evaluate_week(
                self.store,
                self._rules(),
                week=window,
                now=now,
                zone=self._zone,
                declared=self._declared,
                markups=build_markups(self.settings),
                counting=self._counting,
            )
            log_forecasts(self.store, found)
            self._weeks[window.label] = found
        return self._weeks[window.label]

    def window(self, week: str | None = None) -> Window:
        """The week of that name, or the one that is under way.

        Raises ValueError for a week that does not exist or has not begun.
        """
        now = self.clock()
        if week is None:
            return Window.containing(now, self._zone)
        window = Window.parse(week, self._zone)
        if window.first_day > now.astimezone(self._zone).date():
            raise ValueError(f"{window.label} has not begun: it begins on {window.first_day:%A, %d %B %Y}")
        return window

    def responsibilities(self, window: Window, pair: str | None, *, tasks: bool) -> ResponsibilityTable:
        """Who is responsible for what at the end of a week, or now; see `responsibility_table`."""
        return responsibility_table(
            self.store, self._rules(pair), window=window, now=self.clock(), declared=self._declared, tasks=tasks,
            counting=self._counting,
        )  # fmt: skip

    def plan(self, wanted: str) -> GoalPlan:
        """The plan of the goal with a key, a title or a part of one. Raises UnknownGoal."""
        now = self.clock()
        whole, week = plan_of(
            self.store, self._rules(), window=self.window(), now=now, declared=self._declared,
            markups=build_markups(self.settings), counting=self._counting,
        )  # fmt: skip
        goal = _found(wanted, whole.goals)
        tasks = ever_part_of(whole.tasks).get(goal.id, [])
        open_tasks = [task for task in tasks if task.standing.open and goal.id in task.goals]
        return GoalPlan(
            figures=next(one for one in week.goals if one.id == goal.id),
            tasks={task.id: task for task in tasks},
            names={person.id: person.name for person in whole.people},
            revisions=revisions(goal, tasks, now, self._zone),
            order=tuple(task.id for task in in_order(open_tasks)),
            advice=next((one for one in week.advice if one.rule is AdviceRule.REPLAN and one.subject == goal.id), None),
        )

    # --- its report

    def report(self, week: str, reader: RecipientSettings | None = None) -> Report:
        """The report of a week as the settings want it, or as one reader does."""
        usual = self.settings.report
        language = (reader and reader.language) or usual.language
        audience = (reader and reader.audience) or usual.audience
        person = (reader and reader.person) or ""
        clock = (reader and reader.timezone) or usual.timezone
        wanted = (week, language, audience, person, clock)
        if wanted not in self._reports:
            self._reports[wanted] = build_report(
                self.evaluate(week), language=language, audience=audience, person=person, clock=ZoneInfo(clock)
            )
        return self._reports[wanted]

    def message(self, week: str, reader: RecipientSettings) -> EmailMessage:
        """The report of a week for one reader. Raises ValueError for a week there is none of."""
        mail = self.settings.mail
        sender = mail.from_ if mail is not None else "syncer <syncer@localhost>"
        wish = mail.unsubscribe if mail is not None else None
        attach = ATTACHED if mail is None else mail.attach
        return self.report(week, reader).message(reader.address, sender, wish or sender, attach)

    def compose(self, due: Mail) -> EmailMessage | None:
        """What is due in the outbox; None for a recipient whom the configuration does not name, or another report."""
        reader = readers(self.settings).get(due.recipient)
        return self.message(due.week, reader) if due.report == WEEKLY and reader is not None else None

    def write(
        self,
        week: str,
        directory: Path,
        formats: Sequence[str] = USUAL_FORMATS,
        reader: RecipientSettings | None = None,
    ) -> list[Path]:
        """Writes the formats, for one reader if there is one, into a folder named after the week; returns the files.

        Raises OSError.
        """
        folder, mode = directory / week, self.settings.report.file_mode
        files = write_files(self.report(week, reader), folder, [name for name in formats if name != MAIL], mode)
        if MAIL in formats:
            first = reader or next(iter(readers(self.settings).values()), None)
            # A message that is only a file is for somebody made up where nobody is named.
            message = self.message(week, first or RecipientSettings(address="team@localhost"))
            files.append(write_mail(message, folder / "report.eml", mode))
        return files


def counting_rules(report: ReportSettings) -> CountingRules:
    """What the configuration says of counting."""
    opens, closes = report.working_hours
    wanted = {name: value for name, value in report.targets.model_dump().items() if value is not None}
    return CountingRules(
        goal_types=frozenset(name.casefold() for name in report.goal_types),
        bug_types=frozenset(name.casefold() for name in report.bug_types),
        subtasks=report.subtasks,
        targets=wanted,
        working=WorkingTime(opens, closes, frozenset(report.working_days), frozenset(report.holidays)),
    )


def readers(settings: Settings) -> Mapping[str, RecipientSettings]:
    """The recipients by their address in small letters: of an address that stands there twice, the first."""
    found: dict[str, RecipientSettings] = {}
    for one in settings.report.recipients:
        found.setdefault(specification(one.address).casefold(), one)
    return found


def _found(wanted: str, goals: Sequence[Goal]) -> Goal:
    named = [goal for goal in goals if not goal.restricted]
    folded = wanted.casefold()
    found = (
        [goal for goal in named if goal.id == wanted or any(place.key.casefold() == folded for place in goal.places)]
        or [goal for goal in named if goal.title.casefold() == folded]
        or [goal for goal in named if folded in goal.title.casefold()]
    )
    if len(found) == 1:
        return found[0]
    known = ", ".join(f"“{goal.title}”" for goal in (found or named)) or "none was read"
    raise UnknownGoal(f"{'several goals match' if found else 'no such goal'}: {known}")
