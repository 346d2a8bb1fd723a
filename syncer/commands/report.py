"""`syncer report`: the evaluation of a week, as files and as e-mail."""

from __future__ import annotations

import re
import sys
import time
from enum import StrEnum
from json import loads as from_json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from syncer.commands.exits import Exit
from syncer.commands.failures import CommandFailed, writing_to
from syncer.commands.mailing import Composer, deliver, readers
from syncer.commands.opening import now, open_settings, open_store
from syncer.commands.options import ConfigOption, JsonOption, StateOption, VerboseOption, add, one_of
from syncer.commands.output import console, emit, remark
from syncer.commands.posts import WAITS, post_report

if TYPE_CHECKING:
    from syncer.report.model.evaluation import Evaluation
    from syncer.settings import RecipientSettings, Settings
    from syncer.store import Store

MAIL = "mail"
"""The format that is a message to the first recipient."""

_WEEK = re.compile(r"\d{4}-W(0[1-9]|[1-4]\d|5[0-3])")


class LanguageOption(StrEnum):
    """Which language a report is written in."""

    ENGLISH = "en"
    CHINESE = "zh"


class AudienceOption(StrEnum):
    """Whom a report is written for: decides what is shown, never what is computed."""

    MANAGER = "manager"
    MEMBER = "member"
    CLIENT = "client"


def register(app: typer.Typer) -> None:
    """Adds the command."""
    add(
        app,
        "report",
        report,
        "syncer report",
        "syncer report --week 2026-W47 --dir /srv/reports",
        "syncer report --language zh --audience client",
        "syncer report --format html,xlsx,ics",
        "syncer report --schema",
        "syncer report --send",
        "syncer report --send --again",
    )


def report(
    week: Annotated[
        str | None, typer.Option(metavar="YYYY-Www", help="An ISO week (default: that of yesterday).")
    ] = None,
    directory: Annotated[Path | None, typer.Option("--dir", metavar="DIR", help="Where the files are written.")] = None,
    language: Annotated[
        LanguageOption | None,
        typer.Option(**one_of(LanguageOption), help="Which language (default: that of the configuration)."),
    ] = None,
    audience: Annotated[
        AudienceOption | None,
        typer.Option(**one_of(AudienceOption), help="Whom it is written for (default: as the configuration says)."),
    ] = None,
    formats: Annotated[
        list[str] | None,
        typer.Option(
            "--format",
            metavar="NAMES",
            help="html, text, markdown, json, csv, mail (these by default), xlsx, ics, todo; several with commas.",
        ),
    ] = None,
    schema: Annotated[bool, typer.Option("--schema", help="Only print the JSON Schema of the JSON report.")] = False,
    send: Annotated[
        bool, typer.Option("--send", help="Also mail it, once to each recipient and week, and post it.")
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help="With --send: mail it also to those who have it already.")
    ] = False,
    json: JsonOption = False,
    verbose: VerboseOption = 0,
    config: ConfigOption = None,
    state: StateOption = None,
) -> None:
    """Evaluate a week over all pairs and write it as HTML, text, Markdown, JSON, CSV and e-mail.

    Asks no tracker: it tells what the last syncs have read, and how far that reaches. `xlsx` is a workbook, `ics` an
    agenda of goals and due tasks as all-day events, `todo` the same as a to-do list.

    `--send` sends again what a server refused, and prints nothing on success where no terminal is.
    """
    if schema:
        from syncer.report.render.schema import schema_text

        typer.echo(schema_text(), nl=False)
        return
    wanted = _formats(formats)
    week = week_given(week)
    if again and not send:
        raise typer.BadParameter("says what --send does: give both", param_hint="--again")
    settings = _for_reader(open_settings(config, state, verbose), language, audience)
    mails = settings.mail is not None and bool(settings.report.recipients)
    if send and not (mails or settings.report.posts):
        raise CommandFailed(
            "configuration",
            "--send needs [mail] with recipients of [report], or [[report.posts]], in the configuration.",
        )
    with open_store(settings) as store:
        evaluation = evaluate_week(settings, store, week)
        composer = composer_of(settings, store, evaluation)
        if json:
            emit(from_json(composer.report(evaluation.window.label).json))
        else:
            folder = directory or settings.report.directory or Path("syncer-report")
            with writing_to(folder, "--dir"):
                files = write_report(settings, composer, evaluation, folder, wanted)
            if not send or sys.stdout.isatty():
                _tell(files)
        if send:
            label = evaluation.window.label
            mailed = deliver(settings, store, composer, label, _patiently, again=again) if mails else Exit.DONE
            raise typer.Exit(max(mailed, post_report(settings, store, evaluation, _patiently, waits=WAITS)))


def _patiently(seconds: float) -> None:
    remark(
        f"Not everything was taken; the next attempt is in {seconds:g} s. What then remains waits for the next call."
    )
    time.sleep(seconds)


def composer_of(settings: Settings, store: Store, *known: Evaluation) -> Composer:
    """What makes the messages; `known` are weeks that were evaluated already."""
    return Composer(settings, lambda week: evaluate_week(settings, store, week), known)


def week_given(text: str | None) -> str | None:
    """The week of the command line. Raises BadParameter where it is none."""
    if text is not None and _WEEK.fullmatch(text) is None:
        raise typer.BadParameter("write an ISO week like 2026-W47", param_hint="--week")
    return text


def _formats(given: list[str] | None) -> tuple[str, ...]:
    """The names of the formats, each once. Raises BadParameter for one there is none of."""
    from syncer.publish.files import USUAL
    from syncer.report.build import FILES

    known = (*FILES, MAIL)
    names = [name.strip() for text in given or () for name in text.split(",")]
    for name in names:
        if name not in known:
            raise typer.BadParameter(f'there is no format "{name}": {", ".join(known)}', param_hint="--format")
    return tuple(dict.fromkeys(names)) or (*USUAL, MAIL)


def _for_reader(settings: Settings, language: LanguageOption | None, audience: AudienceOption | None) -> Settings:
    """The settings with another language or audience of the report, where the command line names one."""
    chosen = {"language": language, "audience": audience}
    wanted = {name: value.value for name, value in chosen.items() if value is not None}
    return settings.model_copy(update={"report": settings.report.model_copy(update=wanted)})


def evaluate_week(settings: Settings, store: Store, week: str | None) -> Evaluation:
    """The evaluation of a week over all pairs; without a week, of the one that yesterday belongs to.

    Yesterday, because the usual time to make it is Monday morning. Its forecasts are kept in the store.
    """
    from datetime import timedelta
    from zoneinfo import ZoneInfo

    from syncer.app.wiring import build_declarations, build_markups, build_rules
    from syncer.report import Window, evaluate_week, log_forecasts

    zone = ZoneInfo(settings.report.timezone)
    moment = now()
    found = evaluate_week(
        store,
        [build_rules(settings, pair) for pair in settings.pairs],
        week=Window.containing(moment - timedelta(days=1), zone) if week is None else week,
        now=moment,
        zone=zone,
        declared=build_declarations(settings),
        markups=build_markups(settings),
    )
    log_forecasts(store, found)
    return found


def this_week(settings: Settings) -> str:
    """The week that is under way in the report's time zone, `2026-W47`."""
    from zoneinfo import ZoneInfo

    from syncer.report import Window

    return Window.containing(now(), ZoneInfo(settings.report.timezone)).label


def write_report(
    settings: Settings, composer: Composer, week: Evaluation, directory: Path, formats: tuple[str, ...] | None = None
) -> list[Path]:
    """Writes the formats (without any: the usual ones) into a folder named after the week; returns the files."""
    from syncer.publish.files import USUAL, write_files, write_mail

    folder = directory / week.window.label
    wanted = (*USUAL, MAIL) if formats is None else formats
    mode = settings.report.file_mode
    files = write_files(composer.report(week.window.label), folder, [name for name in wanted if name != MAIL], mode)
    if MAIL in wanted:
        files.append(write_mail(composer.message(week.window.label, _first(settings)), folder / "report.eml", mode))
    return files


def _first(settings: Settings) -> RecipientSettings:
    """The first recipient; somebody made up where there is none, for the message that is only a file."""
    from syncer.settings import RecipientSettings

    return next(iter(readers(settings).values()), None) or RecipientSettings(address="team@localhost")


def _tell(files: list[Path]) -> None:
    screen: Any = console()
    for file in files:
        screen.print(str(file))
