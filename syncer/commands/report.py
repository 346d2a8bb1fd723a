"""`syncer report`: the evaluation of a week, as files and as e-mail."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from json import loads as from_json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from syncer.commands.exits import Exit
from syncer.commands.failures import CommandFailed, writing_to
from syncer.commands.opening import now, open_contexts, open_settings, open_store
from syncer.commands.options import ConfigOption, JsonOption, StateOption, VerboseOption, add, one_of
from syncer.commands.output import console, emit, remark, say

if TYPE_CHECKING:
    from syncer.app.reporting import Reporting
    from syncer.report.model.evaluation import Evaluation
    from syncer.settings import RecipientSettings, Settings

WAITS = (10.0, 60.0, 300.0)
"""Seconds before each further attempt at a post that meets a running sync or a tracker that is down."""

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
        "syncer report --audience member --person 'Mei Lin'",
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
    person: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="With --audience member: begin with what is on this person's desk."),
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
    _refuse_halves(person, audience, again=again, send=send)
    settings = _for_reader(open_settings(config, state, verbose), language, audience)
    if send:
        _refuse_without_receivers(settings)
    from syncer.app.reporting import Reporting

    with open_store(settings) as store:
        reporting = Reporting(settings, store, now)
        with a_week():
            reporting.window(week)
        evaluation = reporting.evaluate(week)
        label = evaluation.window.label
        reader = _member(evaluation, person)
        if json:
            emit(from_json(reporting.report(label, reader).json))
        else:
            folder = directory or settings.report.directory or Path("syncer-report")
            with writing_to(folder, "--dir"):
                files = reporting.write(label, folder, wanted, reader)
            if not send or sys.stdout.isatty():
                _tell(files)
        if send:
            raise typer.Exit(_send(reporting, evaluation, say if verbose else remark, again=again))


def _refuse_halves(person: str | None, audience: AudienceOption | None, *, again: bool, send: bool) -> None:
    """Refuses an option that means nothing without another one."""
    if person is not None and audience is not AudienceOption.MEMBER:
        raise typer.BadParameter("is for one member: give --audience member", param_hint="--person")
    if again and not send:
        raise typer.BadParameter("says what --send does: give both", param_hint="--again")


def _mails(settings: Settings) -> bool:
    return settings.mail is not None and bool(settings.report.recipients)


def _refuse_without_receivers(settings: Settings) -> None:
    if not (_mails(settings) or settings.report.posts or settings.report.channels):
        raise CommandFailed(
            "configuration",
            "--send needs [mail] with recipients of [report], its channels, or [[report.posts]], in the configuration.",
        )


def _send(reporting: Reporting, week: Evaluation, told: Callable[[str], None], *, again: bool) -> Exit:
    """Mails and posts the report of a week; what went well is `told` where somebody watches."""
    from syncer.app.delivery import Voice, deliver, post_report, tell_chats

    settings, voice = reporting.settings, Voice(say, told)
    mailed = not _mails(settings) or deliver(reporting, week.window.label, voice, _patiently, again=again)
    chats = not settings.report.channels or tell_chats(reporting, week.window.label, voice, again=again)
    posted = post_report(
        reporting,
        week,
        lambda: open_contexts(settings, reporting.store, sleep=_patiently),
        voice,
        _patiently,
        waits=WAITS,
    )
    return Exit.DONE if mailed and chats and posted else Exit.RETRY


def _patiently(seconds: float) -> None:
    remark(
        f"Not everything was taken; the next attempt is in {seconds:g} s. What then remains waits for the next call."
    )
    time.sleep(seconds)


def week_given(text: str | None) -> str | None:
    """The week of the command line. Raises BadParameter where it is none."""
    if text is not None and _WEEK.fullmatch(text) is None:
        raise typer.BadParameter("write an ISO week like 2026-W47", param_hint="--week")
    return text


def _member(week: Evaluation, person: str | None) -> RecipientSettings | None:
    """The one member a report is for. Raises BadParameter for a name that nobody has."""
    if person is None:
        return None
    from syncer.settings import RecipientSettings

    known = {desk.name for desk in week.desks} | {desk.person for desk in week.desks}
    if person not in known:
        names = ", ".join(sorted({desk.name for desk in week.desks})) or "nobody"
        raise typer.BadParameter(f"nobody of that name has anything to do here: {names}", param_hint="--person")
    return RecipientSettings(address="member@localhost", person=person)


@contextmanager
def a_week() -> Iterator[None]:
    """Turns a week that does not exist or has not begun into a usage error."""
    try:
        yield
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--week") from None


def _formats(given: list[str] | None) -> tuple[str, ...]:
    """The names of the formats, each once. Raises BadParameter for one there is none of."""
    from syncer.app.reporting import FORMATS, USUAL_FORMATS

    names = [name.strip() for text in given or () for name in text.split(",")]
    for name in names:
        if name not in FORMATS:
            raise typer.BadParameter(f'there is no format "{name}": {", ".join(FORMATS)}', param_hint="--format")
    return tuple(dict.fromkeys(names)) or USUAL_FORMATS


def _for_reader(settings: Settings, language: LanguageOption | None, audience: AudienceOption | None) -> Settings:
    """The settings with another language or audience of the report, where the command line names one."""
    chosen = {"language": language, "audience": audience}
    wanted = {name: value.value for name, value in chosen.items() if value is not None}
    return settings.model_copy(update={"report": settings.report.model_copy(update=wanted)})


def _tell(files: list[Path]) -> None:
    screen: Any = console()
    for file in files:
        screen.print(str(file))
