"""The report of one week in one language for one kind of reader, in every format."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from email.message import EmailMessage
from pathlib import PurePath
from typing import TYPE_CHECKING

from syncer.core.records import LoggedForecast
from syncer.core.responsibility import NOTHING_DECLARED, Declarations
from syncer.core.rules import PairRules
from syncer.report import render
from syncer.report.editions import shown_to
from syncer.report.evaluate import evaluate
from syncer.report.gather.collect import collect
from syncer.report.gather.values import PLAIN, Markups
from syncer.report.model.collaboration import Collaboration, Reader
from syncer.report.model.counting import USUAL, CountingRules
from syncer.report.model.evaluation import Evaluation
from syncer.report.model.responsibilities import ResponsibilityTable
from syncer.report.model.snapshot import snapshot_at
from syncer.report.model.window import Window
from syncer.report.responsibility.survey import survey
from syncer.richtext import Document

if TYPE_CHECKING:
    from syncer.store import Store

FRESH = timedelta(days=7)
"""So old may an evaluation be whose forecasts are kept."""


@dataclass(frozen=True, slots=True)
class FileFormat:
    """What a format is called as a file, and what mail programs know it as."""

    name: str
    type: str
    encoding: str = "utf-8"


FILES = {
    "html": FileFormat("report.html", "text/html"),
    "text": FileFormat("report.txt", "text/plain"),
    "markdown": FileFormat("report.md", "text/markdown"),
    "json": FileFormat("report.json", "application/json"),
    "csv": FileFormat("report.csv", "text/csv", "utf-8-sig"),
    "xlsx": FileFormat("report.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "ics": FileFormat("report.ics", "text/calendar"),
    "todo": FileFormat("report.todo.ics", "text/calendar"),
}
"""Each format, a property of `Report`. Excel reads a CSV as UTF-8 only where it begins with a byte order mark."""

ATTACHED = ("html",)
"""What goes with a mail where nothing else is wanted."""


@dataclass(frozen=True, slots=True)
class Report:
    """One edition of the report. Every format is made when it is asked for, from the same content."""

    evaluation: Evaluation
    """As this reader sees it."""
    content: render.ReportContent

    @property
    def html(self) -> str:
        """The page: one file that needs nothing else."""
        return render.page(self.content)

    @property
    def mail_html(self) -> str:
        """The HTML part of the mail."""
        return render.mail_html(self.content)

    @property
    def text(self) -> str:
        """Plain text of 80 columns."""
        return render.plain(self.content)

    @property
    def markdown(self) -> str:
        """Markdown that is safe to post in a tracker."""
        return render.markdown(self.content)

    @property
    def posted(self) -> Document:
        """The short report as a document, for a comment or an issue."""
        return render.posted(self.content)

    @property
    def chat(self) -> tuple[str, str]:
        """Title and text of a message to a chat: how the week stands, and what is to be decided."""
        return render.chat(self.content)

    @property
    def json(self) -> str:
        """JSON with a versioned schema; the same in every language."""
        return render.as_json(self.evaluation)

    @property
    def csv(self) -> str:
        """One row for each figure; the same in every language."""
        return render.as_csv(self.evaluation)

    @property
    def xlsx(self) -> bytes:
        """A workbook: figures, goals, tasks, advice."""
        return render.as_xlsx(self.content)

    @property
    def ics(self) -> bytes:
        """An iCalendar file: goals and due tasks as all-day events."""
        return render.as_ics(self.content)

    @property
    def todo(self) -> bytes:
        """An iCalendar file: goals and due tasks as entries of a to-do list."""
        return render.as_todos(self.content)

    def encoded(self, name: str) -> bytes:
        """The bytes of its file in a format of `FILES`."""
        return b"".join(self.pieces(name))

    def pieces(self, name: str) -> Iterator[bytes]:
        """The same, piece by piece, as it is made."""
        if name == "json":
            yield from render.json_file(self.evaluation)
            return
        made: str | bytes = getattr(self, name)
        yield made.encode(FILES[name].encoding) if isinstance(made, str) else made

    def message(
        self,
        recipient: str,
        sender: str = "syncer <syncer@localhost>",
        unsubscribe: str = "",
        attach: Sequence[str] = ATTACHED,
    ) -> EmailMessage:
        """The mail to one recipient, with files of the formats in `attach`.

        Raises ValueError when an address is not one.
        """
        envelope = render.Envelope(sender, recipient, render.address(sender).domain, unsubscribe)
        attachments = [self._attachment(name) for name in attach]
        return render.message(self.content, envelope, attachments)

    def _attachment(self, name: str) -> render.Attachment:
        file = FILES[name]
        path = PurePath(file.name)
        label = self.evaluation.window.label
        return render.Attachment(f"{path.stem}-{label}{path.suffix}", file.type, self.encoded(name))


def build_report(
    evaluation: Evaluation,
    *,
    language: str = "en",
    audience: Reader | str = Reader.MANAGER,
    person: str = "",
    clock: tzinfo | None = None,
) -> Report:
    """The report of an evaluation, for one member if `person` is named, its moments by their clock.

    Raises ValueError for a language or audience there is none of.
    """
    reader = Reader(audience)
    shown = shown_to(evaluation, reader, person)
    return Report(shown, render.content(shown, replace(render.language(language), clock=clock), reader))


def evaluate_week(
    store: Store, pairs: Sequence[PairRules], *, week: str | Window, now: datetime, zone: tzinfo = UTC,
    name: str | None = None, declared: Declarations = NOTHING_DECLARED, markups: Markups = PLAIN,
    counting: CountingRules = USUAL,
) -> Evaluation:  # fmt: skip
    """The evaluation of one week over some pairs, from what the store holds; no tracker is asked.

    `week` is `2026-W47` or a window, `now` is aware. `declared` is what people wrote down of who is responsible, with
    which any past week is evaluated too; `markups` reads the texts of goals and comments; `counting` is what the
    configuration says of counting. Raises ValueError for a week that does not exist.
    """
    window = Window.parse(week, zone) if isinstance(week, str) else week
    found = collect(
        store, pairs, window=window, now=now, name=name, declared=declared, markups=markups, counting=counting
    )
    return evaluate(found, window, now)


def plan_of(
    store: Store,
    pairs: Sequence[PairRules],
    *,
    window: Window,
    now: datetime,
    declared: Declarations = NOTHING_DECLARED,
    markups: Markups = PLAIN,
    counting: CountingRules = USUAL,
) -> tuple[Collaboration, Evaluation]:
    """What plans are shown from: the collaboration as last seen, and the evaluation of a week of it."""
    collaboration = collect(store, pairs, window=window, now=now, declared=declared, markups=markups, counting=counting)
    return collaboration, evaluate(collaboration, window, now)


def responsibility_table(
    store: Store, pairs: Sequence[PairRules], *, window: Window, now: datetime, declared: Declarations,
    tasks: bool = False, counting: CountingRules = USUAL,
) -> ResponsibilityTable:  # fmt: skip
    """Who is responsible for what in a week, as far as the store knows; of the present week, now.

    `tasks` adds a row for each person of each open task.
    """
    collaboration = collect(store, pairs, window=window, now=now, declared=declared, counting=counting)
    return survey(collaboration, snapshot_at(collaboration, window, min(now, window.end)), tasks=tasks)


def log_forecasts(store: Store, week: Evaluation) -> int:
    """Keeps what the evaluation says of when goals will be reached; returns how many of it were new.

    Only of a week that has just ended or still runs: what is computed of an older one was not said then.
    """
    if week.generated_at - week.as_of > FRESH:
        return 0
    day = week.generated_at.astimezone(week.window.zone).date()
    return store.forecasts.log(
        LoggedForecast(goal.id, day, week.generated_at, goal.due, found.p_on_time, found.q50, found.q85, found.q95)
        for goal in week.goals
        if (found := goal.forecast) is not None
    )


def report_of_week(
    store: Store,
    pairs: Sequence[PairRules],
    *,
    week: str | Window | None,
    now: datetime,
    language: str = "en",
    audience: Reader | str = Reader.MANAGER,
    zone: tzinfo = UTC,
    name: str | None = None,
    declared: Declarations = NOTHING_DECLARED,
    markups: Markups = PLAIN,
) -> Report:
    """The report of one week in one edition: see `evaluate_week`. Without a week it is that of `now`.

    Raises ValueError for a week, a language or an audience that does not exist.
    """
    chosen = Window.containing(now, zone) if week is None else week
    whole = evaluate_week(store, pairs, week=chosen, now=now, zone=zone, name=name, declared=declared, markups=markups)
    return build_report(whole, language=language, audience=audience)
