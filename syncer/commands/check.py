"""`syncer check`: the configuration tried on the live trackers, before the first write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from syncer import __version__
from syncer.commands.exits import Exit
from syncer.commands.opening import now, open_contexts, open_settings, open_store
from syncer.commands.options import ConfigOption, JsonOption, PairOption, StateOption, VerboseOption, add
from syncer.commands.output import console, emit, printable
from syncer.commands.recording import listening, offer, refuse_existing
from syncer.core.amounts import plural
from syncer.shapes.record import Recording

if TYPE_CHECKING:
    from syncer.contract.checking import Finding
    from syncer.settings import Settings

_SIGNS = {"error": "✗", "warning": "!", "info": "·"}


def register(app: typer.Typer) -> None:
    """Adds the command."""
    add(app, "check", check, "syncer check", "syncer check --offline", "syncer check --notify")


def check(
    pair: PairOption = None,
    offline: Annotated[
        bool, typer.Option("--offline", help="Only validate the configuration; ask no tracker.")
    ] = False,
    record: Annotated[
        Path | None,
        typer.Option(
            "--record", metavar="FILE", help="Also show the shape of what the trackers answer, and write it to FILE."
        ),
    ] = None,
    notify: Annotated[
        bool, typer.Option("--notify", help="Only send a test to every channel, and to the owners of pairs by mail.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="With --record: write it without asking.")] = False,
    json: JsonOption = False,
    verbose: VerboseOption = 0,
    config: ConfigOption = None,
    state: StateOption = None,
) -> None:
    """Try the configuration on the live trackers and the mail server. Writes nothing there, and sends no message.

    Looks at credentials, permissions that are missing or more than needed, statuses, types, priorities and people that
    are not mapped, fields that cannot be written or that a new issue needs, filters that new issues would not match,
    pairs that share a scope, which fields would be published to a wider audience, and whether mail can leave. Each
    finding comes with the line that fixes it. Where several pairs share a scope, it draws what can reach what.

    `--offline` validates the file alone: it needs no secret and no network.

    `--record` writes what you can send us when something does not work: keys that the vendors document, types, classes
    of length, and no value. It is shown first.
    """
    if record is not None:
        if offline or json:
            raise typer.BadParameter("--record asks the trackers and shows what it writes: no --offline, no --json")
        refuse_existing(record)
    settings = open_settings(config, state, verbose, only=pair, alone=offline, checks=True)
    if notify:
        if offline or record is not None:
            raise typer.BadParameter("--notify sends a test: no --offline, no --record")
        raise typer.Exit(_try_places(settings, json=json))
    recording = Recording(f"syncer {__version__}") if record is not None else None
    own, results, denied = _offline(settings, pair) if offline else _live(settings, pair, recording)
    errors = [finding for found in (own, *results.values()) for finding in found if finding.severity.value == "error"]
    if json:
        pairs = [
            {"name": name, "findings": [_as_json(finding) for finding in found]} for name, found in results.items()
        ]
        emit({"pairs": pairs, "machine": list(map(_as_json, own)), "errors": len(errors), "reach": _drawn(settings)})
    else:
        _tell_all(settings, own, results, verbose, offline=offline, errors=len(errors))
        if record is not None and recording is not None:
            offer(recording, record, yes=yes)
    raise typer.Exit(Exit.DENIED if denied else _code(errors))


def _code(errors: Sequence[Finding]) -> Exit:
    """What the errors that were found ask of the operator."""
    if any(not finding.passing for finding in errors):
        return Exit.USAGE
    return Exit.RETRY if errors else Exit.DONE


def _next(results: Mapping[str, Sequence[Finding]]) -> str:
    """The command that comes next: a first sync that would be refused is settled before it is looked at."""
    from syncer.commands.findings import FIRST_REFUSED

    refused = (name for name, found in results.items() if any(finding.about == FIRST_REFUSED for finding in found))
    name = next(refused, None)
    return "syncer preview" if name is None else f"syncer adopt --pair {name}"


def _drawn(settings: Settings) -> list[str]:
    """What can reach what, where several pairs share a scope."""
    from syncer.commands.findings import reach_of

    return reach_of(settings)


def _tell_all(
    settings: Settings,
    own: list[Finding],
    results: dict[str, list[Finding]],
    verbose: int,
    *,
    offline: bool,
    errors: int,
) -> None:
    """Everything that was found, at a terminal."""
    if offline and not errors:
        console().print(f"The configuration is valid: {', '.join(results)}.")
    for line in _drawn(settings):
        console().print(printable(line))
    if own:
        _tell("report and mail", own, verbose)
    for name, found in results.items():
        if found or not offline:
            _tell(name, found, verbose)
    if not errors and not offline:
        console().print(f"Next: {_next(results)}")


def _try_places(settings: Settings, *, json: bool) -> Exit:
    """Sends a test to every place that is told at once, and says what became of it."""
    from syncer.app.logs import redacted
    from syncer.app.notifying import try_places

    tried = {name: redacted(outcome) for name, outcome in try_places(settings, now()).items()}
    if json:
        emit({"places": [{"place": name, "taken": not outcome, "reason": outcome} for name, outcome in tried.items()]})
    for name, outcome in {} if json else tried.items():
        console().print(printable(f"{name}: {f'not taken: {outcome}' if outcome else 'taken'}"))
    if not tried and not json:
        console().print("Nobody is told at once: name a channel in [[channels]], or an owner of a pair who has a mail.")
    return Exit.USAGE if any(tried.values()) else Exit.DONE


def _offline(settings: Settings, pair: str | None) -> tuple[list[Finding], dict[str, list[Finding]], bool]:
    """What the configuration tells by itself: beside the pairs, for each, and whether anybody is denied."""
    from syncer.commands.findings import configured_findings, report_findings

    found = configured_findings(settings)
    return report_findings(settings), {name: found[name] for name in found if pair in {None, name}}, False


def _live(
    settings: Settings, pair: str | None, recording: Recording | None
) -> tuple[list[Finding], dict[str, list[Finding]], bool]:
    """As `_offline`, with what the trackers and the mail server say."""
    from syncer.commands.findings import (
        channel_findings,
        chat_findings,
        findings_of,
        mail_findings,
        missing_files,
        of_its_rule,
        worst_first,
    )

    own, results, _ = _offline(settings, pair)
    own += [*missing_files(settings), *channel_findings(settings)]
    mail, denied = mail_findings(settings)
    with (
        open_store(settings) as store,
        open_contexts(settings, store, only=pair) as contexts,
        listening(settings, contexts, recording),
    ):
        own += chat_findings(settings, store)
        for context in contexts:
            told, refused = findings_of(context)
            told = [of_its_rule(finding, settings.rule_of(context.name)) for finding in told]
            results[context.name] = worst_first([*told, *results[context.name]])
            denied = denied or refused
    return [*own, *mail], results, denied


def _as_json(finding: Finding) -> dict[str, str]:
    return {"severity": finding.severity.value, "about": finding.about, "message": finding.message, "fix": finding.fix}


def _tell(name: str, findings: list[Finding], verbose: int) -> None:
    screen = console()
    counts = {word: sum(finding.severity.value == word for finding in findings) for word in _SIGNS}
    summary = ", ".join(plural(count, word) for word, count in counts.items() if count and word != "info")
    screen.print(f"{name}: {summary or 'everything fits'}")
    for finding in findings:
        if finding.severity.value == "info" and not verbose:
            continue
        screen.print(f"  {_SIGNS[finding.severity.value]} {printable(finding.about)}: {printable(finding.message)}")
        if finding.fix:
            screen.print(f"      fix: {printable(finding.fix)}")
    if counts["info"] and not verbose:
        screen.print(f"  {plural(counts['info'], 'note')} more with -v")
