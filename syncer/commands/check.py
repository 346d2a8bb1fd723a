"""`syncer check`: the configuration tried on the live trackers, before the first write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from syncer.commands.exits import Exit
from syncer.commands.opening import open_contexts, open_settings, open_store
from syncer.commands.options import ConfigOption, JsonOption, PairOption, StateOption, VerboseOption, add
from syncer.commands.output import console, emit, plural, printable

if TYPE_CHECKING:
    from syncer.context import PairContext
    from syncer.contract.connector import Finding
    from syncer.settings import Settings

_SIGNS = {"error": "✗", "warning": "!", "info": "·"}


def register(app: typer.Typer) -> None:
    """Adds the command."""
    add(app, "check", check, "syncer check", "syncer check --offline", "syncer check --json")


def check(
    pair: PairOption = None,
    offline: Annotated[
        bool, typer.Option("--offline", help="Only validate the configuration; ask no tracker.")
    ] = False,
    json: JsonOption = False,
    verbose: VerboseOption = 0,
    config: ConfigOption = None,
    state: StateOption = None,
) -> None:
    """Try the configuration on the live trackers. Writes nothing there.

    Looks at credentials, permissions that are missing or more than needed, statuses, types, priorities and people that
    are not mapped, fields that cannot be written, and which fields would be published to a wider audience. Each finding
    comes with the line that fixes it.
    """
    settings = open_settings(config, state, verbose, only=pair)
    own = machine_findings(settings)
    if offline:
        names = ", ".join(found.name for found in settings.pairs)
        if json:
            emit({"pairs": [], "machine": list(map(_as_json, own)), "errors": 0})
        else:
            console().print(f"The configuration is valid: {names}.")
            _tell_machine(own, verbose)
        return
    with open_store(settings) as store, open_contexts(settings, store, only=pair) as contexts:
        checked = [(context.name, *findings_of(context)) for context in contexts]
    results = [(name, findings) for name, findings, _ in checked]
    errors = sum(finding.severity.value == "error" for _, findings in results for finding in findings)
    if json:
        pairs = [{"name": name, "findings": [_as_json(finding) for finding in findings]} for name, findings in results]
        emit({"pairs": pairs, "machine": list(map(_as_json, own)), "errors": errors})
    else:
        _tell_machine(own, verbose)
        for name, findings in results:
            _tell(name, findings, verbose)
        if not errors:
            console().print("Next: syncer preview")
    raise typer.Exit(Exit.DENIED if any(denied for _, _, denied in checked) else Exit.USAGE if errors else Exit.DONE)


def machine_findings(settings: Settings) -> list[Finding]:
    """What on this machine does not fit the settings; nothing of it keeps a sync from working."""
    from syncer.contract.connector import Finding, Severity
    from syncer.settings import Misconfigured
    from syncer.wiring import build_declarations

    found = [Finding(Severity.WARNING, "secrets", line) for line in settings.exposed_secrets]
    try:
        build_declarations(settings)
    except Misconfigured as wrong:
        found += [Finding(Severity.WARNING, "report", str(problem)) for problem in wrong.problems]
    return found


def findings_of(context: PairContext) -> tuple[list[Finding], bool]:
    """What the trackers of a pair and its rules give reason to say, the worst first; and whether a side is denied.

    A side that cannot be used at all is a finding too, so that both sides are told at once.
    """
    from syncer.contract.connector import Finding, Severity
    from syncer.contract.errors import Denied, TrackerError
    from syncer.contract.model import Side
    from syncer.core.audience import of_scope
    from syncer.core.inspect import Inspected, inspect

    findings: list[Finding] = []
    told: dict[Side, Any] = {}
    denied = False
    for side in Side:
        connector, address = context.connectors[side], context.addresses[side]
        own: list[Finding] = []
        try:
            own += connector.check()
            told[side] = (connector.vocabulary(), connector.capabilities, connector.audience())
        except TrackerError as error:
            denied = denied or isinstance(error, Denied)
            if not any(finding.severity is Severity.ERROR for finding in own):  # else the connector said it better
                fix = error.remedy if isinstance(error, Denied) else "try again; then look at the tracker"
                own.append(Finding(Severity.ERROR, "access", f"{address}: {error}", fix))
        findings += own
    if len(told) == len(Side):
        findings += [*beginning_of(context), *accounts_of(context)]
        rules = context.rules
        findings += inspect(
            Inspected(
                rules=rules,
                vocabulary={side: vocabulary for side, (vocabulary, _, _) in told.items()},
                capabilities={side: capabilities for side, (_, capabilities, _) in told.items()},
                audience={side: of_scope(rules, side, audience) for side, (_, _, audience) in told.items()},
                names=context.addresses,
            )
        )
    order = list(_SIGNS)
    return sorted(findings, key=lambda finding: order.index(finding.severity.value)), denied


def beginning_of(context: PairContext) -> list[Finding]:
    """What the first run of a pair would do: create so many tasks, or be refused because the pair was renamed."""
    from syncer.contract.connector import Finding, Severity
    from syncer.contract.errors import TrackerError
    from syncer.engine import Refused, first_sync, is_first
    from syncer.naming import refused_name

    if (refusal := refused_name(context)) is not None:
        return [Finding(Severity.ERROR, "name of the pair", refusal.reason)]
    if not is_first(context):
        return []
    try:
        size = first_sync(context)
    except (TrackerError, Refused) as error:
        return [Finding(Severity.WARNING, "first sync", f"its size cannot be told: {error}", "try again")]
    told = ", ".join(f"{plural(count, 'task')} in {context.addresses[side]}" for side, count in _by_side(size))
    return [Finding(Severity.WARNING, "first sync", f"it creates {told}", "syncer preview shows each of them")]


def accounts_of(context: PairContext) -> list[Finding]:
    """The accounts of `[[people]]` that belong to somebody else by now; each known one is asked for."""
    from syncer.acquaintance import who_has
    from syncer.contract.connector import Finding, Severity
    from syncer.contract.model import Side
    from syncer.core.people import changed_hands

    return [
        Finding(
            Severity.WARNING,
            f"people {person.name}",
            f"{context.addresses[side]}: the account {person.accounts[side]} {changed_hands(identity, other)} now;"
            " assignments of both stay as they are",
            f"[[people]]: name the account by its login now, or ids = {{ ... = {identity.native} }}",
        )
        for side in Side
        for person, identity, other in who_has(context, side)
    ]


def _by_side(size: dict[str, int]) -> list[tuple[Any, int]]:
    from syncer.contract.model import Side

    return [(Side(side), count) for side, count in size.items()]


def _as_json(finding: Finding) -> dict[str, str]:
    return {"severity": finding.severity.value, "about": finding.about, "message": finding.message, "fix": finding.fix}


def _tell_machine(findings: list[Finding], verbose: int) -> None:
    if findings:
        _tell("this machine", findings, verbose)


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
