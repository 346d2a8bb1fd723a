"""`syncer report`: the evaluation of a week, as files and as e-mail."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from syncer.commands.exits import Exit
from syncer.commands.opening import now, open_settings, open_store
from syncer.commands.options import ConfigOption, JsonOption, StateOption, VerboseOption, add
from syncer.commands.output import console, say

if TYPE_CHECKING:
    from syncer.report import Report
    from syncer.settings import Settings
    from syncer.store import Store

MAIL = "mail"
"""The format that is a message to the first recipient."""

_WEEK = re.compile(r"\d{4}-W(0[1-9]|[1-4]\d|5[0-3])")


class Language(StrEnum):
    """Which language a report is written in."""

    ENGLISH = "en"
    CHINESE = "zh"


class Audience(StrEnum):
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
    )


def report(
    week: Annotated[
        str | None, typer.Option(metavar="YYYY-Www", help="An ISO week (default: that of yesterday).")
    ] = None,
    directory: Annotated[Path | None, typer.Option("--dir", metavar="DIR", help="Where the files are written.")] = None,
    language: Annotated[
        Language | None, typer.Option(help="Which language (default: that of the configuration).")
    ] = None,
    audience: Annotated[
        Audience | None, typer.Option(help="Whom it is written for (default: as the configuration says).")
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
    send: Annotated[bool, typer.Option("--send", help="Also mail it, once to each recipient and week.")] = False,
    json: JsonOption = False,
    verbose: VerboseOption = 0,
    config: ConfigOption = None,
    state: StateOption = None,
) -> None:
    """Evaluate a week over all pairs and write it as HTML, text, Markdown, JSON, CSV and e-mail.

    Asks no tracker: it tells what the last syncs have read, and how far that reaches. `xlsx` is a workbook, `ics` an
    agenda of goals and due tasks as all-day events, `todo` the same as a to-do list.
    """
    if schema:
        from syncer.report.render.schema import schema_text

        typer.echo(schema_text(), nl=False)
        return
    wanted = _formats(formats)
    if week is not None and _WEEK.fullmatch(week) is None:
        raise typer.BadParameter("write an ISO week like 2026-W47", param_hint="--week")
    settings = _for_reader(open_settings(config, state, verbose), language, audience)
    if send and (settings.mail is None or not settings.report.recipients):
        say("--send needs [mail] and [report] recipients in the configuration.")
        raise typer.Exit(Exit.USAGE)
    with open_store(settings) as store:
        made = weekly_report(settings, store, week)
        if json:
            typer.echo(made.json)
        else:
            folder = directory or settings.report.directory or Path("syncer-report")
            _tell(write_report(made, folder, settings, wanted))
        if send:
            raise typer.Exit(deliver(settings, store, made))


def _formats(given: list[str] | None) -> tuple[str, ...]:
    """The names of the formats, each once. Raises BadParameter for one there is none of."""
    from syncer.report.deliver import FILE_NAMES, USUAL

    known = (*FILE_NAMES, MAIL)
    names = [name.strip() for text in given or () for name in text.split(",")]
    for name in names:
        if name not in known:
            raise typer.BadParameter(f'there is no format "{name}": {", ".join(known)}', param_hint="--format")
    return tuple(dict.fromkeys(names)) or (*USUAL, MAIL)


def _for_reader(settings: Settings, language: Language | None, audience: Audience | None) -> Settings:
    """The settings with another language or audience of the report, where the command line names one."""
    chosen = {"language": language, "audience": audience}
    wanted = {name: value.value for name, value in chosen.items() if value is not None}
    return settings.model_copy(update={"report": settings.report.model_copy(update=wanted)})


def weekly_report(settings: Settings, store: Store, week: str | None) -> Report:
    """The report of a week over all pairs; without a week, of the one that yesterday belongs to.

    Yesterday, because the usual time to make it is Monday morning.
    """
    from datetime import timedelta
    from zoneinfo import ZoneInfo

    from syncer.report import Window, weekly
    from syncer.wiring import build_rules

    zone = ZoneInfo(settings.report.timezone)
    moment = now()
    return weekly(
        store,
        [build_rules(settings, pair) for pair in settings.pairs],
        week=Window.containing(moment - timedelta(days=1), zone) if week is None else week,
        now=moment,
        language=settings.report.language,
        audience=settings.report.audience,
        zone=zone,
    )


def write_report(
    made: Report, directory: Path, settings: Settings, formats: tuple[str, ...] | None = None
) -> list[Path]:
    """Writes the formats (without any: the usual ones) into a folder named after the week; returns the files."""
    from syncer.report.deliver import write_files, write_mail

    folder = directory / made.evaluation.window.label
    sender, recipients = _addresses(settings)
    wanted = _formats(None) if formats is None else formats
    files = write_files(made, folder, [name for name in wanted if name != MAIL])
    if MAIL in wanted:
        files.append(write_mail(made.message(recipients[0], sender), folder / "report.eml"))
    return files


def deliver(settings: Settings, store: Store, made: Report) -> Exit:
    """Mails the report to everybody who did not get it yet; says what became of it."""
    from syncer import delivery

    if settings.mail is None:
        return Exit.USAGE
    sender, recipients = _addresses(settings)
    messages = [(recipient, made.message(recipient, sender)) for recipient in recipients]
    before = delivery.queue(store, "weekly", made.evaluation.window.label, messages, now())
    result = delivery.deliver(store, settings.mail, now)
    for recipient in before:
        if recipient not in {*result.sent, *result.failed, *result.waiting, *result.in_doubt}:
            say(f"{recipient} has this week's report already.")
    for recipient in result.sent:
        say(f"Sent to {recipient}.")
    for word, told in (("refused", result.failed), ("not yet sent", result.waiting), ("in doubt", result.in_doubt)):
        for recipient, reason in told.items():
            say(f"{recipient}: {word}: {reason}")
    return Exit.RETRY if result.failed or result.waiting or result.in_doubt else Exit.DONE


def _addresses(settings: Settings) -> tuple[str, tuple[str, ...]]:
    sender = settings.mail.from_ if settings.mail is not None else "syncer <syncer@localhost>"
    return sender, settings.report.recipients or ("team@localhost",)


def _tell(files: list[Path]) -> None:
    screen: Any = console()
    for file in files:
        screen.print(str(file))
