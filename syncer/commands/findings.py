"""What `syncer check` looks at: the configuration by itself, the mail server, the trackers of each pair."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from syncer.commands.extras import install, lacking
from syncer.core.amounts import plural

if TYPE_CHECKING:
    from syncer.contract.checking import Finding, RouteRule
    from syncer.settings import MailSettings, Settings
    from syncer.store import Store
    from syncer.sync.context import PairContext

FIRST_REFUSED = "first sync refused"
"""What a finding is about that says why a pair cannot begin yet."""


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """The findings by severity, otherwise in the order they have."""
    from syncer.contract.checking import Severity

    order = list(Severity)
    return sorted(findings, key=lambda finding: order.index(finding.severity))


def configured_findings(settings: Settings) -> dict[str, list[Finding]]:
    """What the configuration alone tells of each pair, by its name."""
    from syncer.app.wiring import build_configured
    from syncer.core.static_check import foreseen

    return foreseen(build_configured(settings))


def reach_of(settings: Settings) -> list[str]:
    """A drawing of which scope's items can reach which, where several pairs have one; empty where none do."""
    from syncer.app.wiring import build_configured
    from syncer.core.reach import Reached, reach

    pairs = [Reached(one.rules, one.names, one.filters, one.rule) for one in build_configured(settings)]
    return [line for scope in reach(pairs) for line in scope.lines()]


def report_findings(settings: Settings) -> list[Finding]:
    """What the report lacks and the file says in former words. Nothing of it keeps a sync from working."""
    from syncer.app.wiring import build_declarations
    from syncer.contract.checking import Finding, Severity
    from syncer.settings import Misconfigured

    found = [Finding(Severity.WARNING, "secrets", line, fix) for line, fix in settings.exposed_secrets]
    found += [Finding(Severity.WARNING, "configuration", line, fix) for line, fix in settings.former_keys]
    report = settings.report
    if lacking("report") and (report.recipients or report.posts or report.channels or report.schedule is not None):
        found.append(Finding(Severity.ERROR, "report", "no report can be made without its extra", install("report")))
    try:
        build_declarations(settings)
    except Misconfigured as wrong:
        found += [Finding(Severity.ERROR, "report", f"{problem}: no report can be made") for problem in wrong.problems]
    found += [
        Finding(
            Severity.WARNING,
            "recipients",
            f"{address} stands there more than once: one mail is sent, in the edition of the first",
            "[report] recipients: leave one of them",
        )
        for address in settings.report.doubled()
    ]
    found += _notify_findings(settings)
    if settings.report.recipients and settings.mail is None:
        fix = '[mail] host = "mail.acme.example", from = "syncer@acme.example"'
        found.append(Finding(Severity.WARNING, "recipients", "there is no [mail]: no report can be sent", fix))
    return found


def _notify_findings(settings: Settings) -> Iterator[Finding]:
    """Why somebody who should be told at once would not be."""
    from syncer.contract.checking import Finding, Severity

    told_weekly = [one.channel for one in settings.report.channels]
    if (settings.notify.channels or told_weekly) and lacking("notify"):
        yield Finding(Severity.ERROR, "channels", "no channel can be told without its extra", install("notify"))
    for name in sorted(settings.channels.keys() - {*settings.notify.channels, *told_weekly}):
        fix = f'[notify] channels = ["{name}"], or [report] channels = ["{name}"]'
        yield Finding(Severity.WARNING, f"channel {name}", "nothing is told there", fix)
    mails = {person.name: person.mail for person in settings.people}
    for pair in settings.pairs:
        if pair.owner is not None and mails.get(pair.owner) is None:
            message = f"{pair.owner} owns {pair.name} and has no mail: they are not told at once"
            yield Finding(Severity.WARNING, "owner", message, "[[people]] mail = ...")
        elif pair.owner is not None and settings.mail is None:
            message = f"there is no [mail]: {pair.owner} cannot be told"
            yield Finding(Severity.WARNING, "owner", message, "[mail] host = ...")


def chat_findings(settings: Settings, store: Store) -> list[Finding]:
    """The chats that would be told nothing of the week, because more people read them than may read what it tells of.

    Only once every scope was read: before, nobody knows who may read them.
    """
    from syncer.app.readers import least_audience
    from syncer.contract.checking import Finding, Severity
    from syncer.contract.model import Audience

    readers = least_audience(settings, store) if settings.report.channels else Audience.RESTRICTED
    return [
        Finding(
            Severity.WARNING,
            f"channel {one.channel}",
            "no report is told there: more people read it than may read every scope of the report",
            '[[channels]] audience = "members", if nobody else reads it',
        )
        for one in settings.report.channels
        if readers is not Audience.RESTRICTED and settings.channels[one.channel].readers > readers
    ]


def channel_findings(settings: Settings) -> list[Finding]:
    """The channels that nothing can be sent to, whatever is sent."""
    from syncer.app.notifying import misread_channels
    from syncer.contract.checking import Finding, Severity

    if not settings.channels or lacking("notify"):
        return []
    fix = "put the right address into its url-file, or its variable"
    return [Finding(Severity.ERROR, f"channel {name}", why, fix) for name, why in misread_channels(settings)]


def of_its_rule(finding: Finding, rule: RouteRule | None) -> Finding:
    """A refused filter that names the field of a route's rule, told as what it is: the file has no such filter."""
    from syncer.contract.checking import Severity

    if rule is None or finding.severity is not Severity.ERROR or rule.key not in finding.message:
        return finding
    fix = "[[routes.to]] when: component, label, type, or a field of this tracker by its name or id"
    return replace(finding, about=f"rule of the route ({rule})", fix=fix)


def missing_files(settings: Settings) -> list[Finding]:
    """Files that the trackers and the mail server cannot be used without: certificates, keys."""
    from pathlib import Path

    from syncer.contract.checking import Finding, Severity

    tables: dict[str, Any] = {f"trackers.{name}": table.settings for name, table in settings.trackers.items()}
    named = [
        (f"{table}.{name.replace('_', '-')}", value)
        for table, model in (*tables.items(), ("mail", settings.mail))
        if model is not None
        for name in type(model).model_fields
        if isinstance(value := getattr(model, name), Path)
    ]
    return [
        Finding(Severity.ERROR, key, f"there is no file {path}", f"correct {key}, or put the file there")
        for key, path in named
        if not path.is_file()
    ]


def mail_findings(settings: Settings) -> tuple[list[Finding], bool]:
    """What the mail server says to a greeting, encryption and a sign-in, and whether we are refused. Sends nothing."""
    import smtplib

    from syncer.contract.checking import Finding, Severity
    from syncer.publish.mail import conversation, words

    mail = settings.mail
    if mail is None:
        return [], False
    place = f"{mail.host}:{mail.port}"
    try:
        with conversation(mail) as server:
            server.noop()
    except (OSError, smtplib.SMTPException) as error:
        denied = isinstance(error, smtplib.SMTPAuthenticationError)
        return [Finding(Severity.ERROR, "mail", f"{place}: {words(error)}", _mail_fix(mail, error))], denied
    signed = f", signed in as {mail.user}" if mail.user and mail.password else ""
    found = [Finding(Severity.INFO, "mail", f"{place} answers ({mail.tls}{signed}); no message was sent")]
    if mail.user and mail.password is None:
        message = f"{place}: `user` is set and no password is, so nobody is signed in"
        found = [Finding(Severity.WARNING, "mail", message, "set SYNCER_MAIL__PASSWORD")]
    return found, False


def _mail_fix(mail: MailSettings, error: Exception) -> str:
    """The line of [mail] to look at."""
    import smtplib
    import ssl

    match error:
        case smtplib.SMTPAuthenticationError():
            return "[mail]: check `user`, or put the right password into SYNCER_MAIL__PASSWORD"
        case smtplib.SMTPNotSupportedError():
            return f"[mail] tls: this server does not offer what {mail.tls} or `user` needs"
        case ssl.SSLCertVerificationError() | FileNotFoundError():
            return "[mail] ca-bundle: the file with the certificate of the authority that signed the server's"
        case ssl.SSLError():
            return '[mail] tls: "starttls" is usual on port 587, "tls" on 465'
        case _:
            return "[mail]: check `host`, `port` and `tls`, and that a firewall lets this machine through"


def findings_of(context: PairContext) -> tuple[list[Finding], bool]:
    """What the trackers of a pair and its rules give reason to say, the worst first; and whether a side is denied.

    A side that cannot be used at all is a finding too, so that both sides are told at once.
    """
    from syncer.contract.checking import Finding, Severity
    from syncer.contract.custom import CustomHolder
    from syncer.contract.errors import Denied, TrackerError
    from syncer.contract.model import Side
    from syncer.core.audience import of_scope
    from syncer.core.config_check import Inspected, inspect

    findings: list[Finding] = []
    told: dict[Side, Any] = {}
    denied = False
    for side in Side:
        connector, address = context.connectors[side], context.addresses[side]
        own: list[Finding] = []
        try:
            own += connector.check()
            if any(finding.about == "url" for finding in own):
                findings += own
                continue  # there is no tracker to be asked
            if isinstance(connector, CustomHolder):
                connector.declared()  # its capabilities have them from now on
            told[side] = (connector.vocabulary(), connector.capabilities, connector.audience())
        except TrackerError as error:
            denied = denied or isinstance(error, Denied)
            if not any(finding.severity is Severity.ERROR for finding in own):  # else the connector said it better
                own.append(replace(Finding.of_failure("access", error), message=f"{address}: {error}"))
        findings += own
    rules = context.rules
    if len(told) == len(Side):
        findings += _former_labels(context)
        findings += [*beginning_of(context), *accounts_of(context), *own_commands(context)]
        mapped = inspect(
            Inspected(
                rules=rules,
                vocabulary={side: vocabulary for side, (vocabulary, _, _) in told.items()},
                capabilities={side: capabilities for side, (_, capabilities, _) in told.items()},
                audience={side: of_scope(rules, side, audience) for side, (_, _, audience) in told.items()},
                names=context.addresses,
            )
        )
        findings += [replace(finding, writing=True) for finding in mapped]
    if context.watches:
        findings = [_watched(), *(unwritten(finding) for finding in findings)]
    return worst_first(findings), denied


def _former_labels(context: PairContext) -> Iterator[Finding]:
    """The labels that showed a field by rows that are gone."""
    from syncer.contract.checking import Finding, Severity
    from syncer.sync.former_labels import former_labels, said_of

    for side, labels in former_labels(context).items():
        message = f"{context.addresses[side]}: {said_of(labels)}"
        yield Finding(Severity.INFO, "labels", message, "Delete them there once nobody needs them.")


def _watched() -> Finding:
    from syncer.contract.checking import Finding, Severity

    fix = '[[pairs]] mode = "sync", once both sides are to be kept in step'
    return Finding(Severity.WARNING, "mode", "the pair only watches: both sides are read, nothing is written", fix)


def unwritten(finding: Finding) -> Finding:
    """A finding about a pair that watches: what concerns writing stops nothing."""
    from syncer.contract.checking import Severity

    return replace(finding, severity=Severity.INFO) if finding.writing else finding


def beginning_of(context: PairContext) -> list[Finding]:
    """What the first run of a pair would do: create so many tasks, or be refused because the pair was renamed."""
    from syncer.contract.checking import Finding, Severity
    from syncer.contract.errors import TrackerError
    from syncer.sync.outcome import Refused
    from syncer.sync.pair_names import refused_name
    from syncer.sync.pair_run import is_first
    from syncer.sync.preview import beginning
    from syncer.sync.twins import doubled

    if (refusal := refused_name(context)) is not None:
        return [Finding(Severity.ERROR, "name of the pair", refusal.reason)]
    if context.watches or not is_first(context):
        return []
    try:
        first = beginning(context)
    except (TrackerError, Refused) as error:
        return [Finding(Severity.WARNING, "first sync", f"its size cannot be told: {error}", "try again")]
    if first.alike:
        refused, _, settle = doubled(context.name, first.alike).partition(". ")
        return [Finding(Severity.WARNING, FIRST_REFUSED, refused, settle)]
    told = ", ".join(f"{plural(count, 'task')} in {context.addresses[side]}" for side, count in _by_side(first.creates))
    return [Finding(Severity.WARNING, "first sync", f"it creates {told}", "syncer preview shows each of them")]


def accounts_of(context: PairContext) -> list[Finding]:
    """The accounts of `[[people]]` that belong to somebody else by now; each known one is asked for."""
    from syncer.contract.checking import Finding, Severity
    from syncer.contract.model import Side
    from syncer.core.people import changed_hands
    from syncer.sync.identities import who_has

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


def own_commands(context: PairContext) -> list[Finding]:
    """The people who would be obeyed if their account were not the one that syncer writes with."""
    from syncer.contract.checking import Finding, Severity
    from syncer.contract.model import Side

    found = []
    for side in Side if context.rules.commands.allow else ():
        me = context.connectors[side].own_account()
        for person in context.rules.people:
            account = person.accounts.get(side)
            if me is None or account is None or person.name not in context.rules.commands.who:
                continue
            if me.native in (account, person.ids.get(side)) or me.login.casefold() == account.casefold():
                about = (
                    f"{context.addresses[side]}: {person.name} has the account that syncer writes with, so no comment"
                )
                fix = "give syncer an account of its own"
                found.append(Finding(Severity.WARNING, "commands", f"{about} of theirs counts", fix))
    return found


def _by_side(size: dict[str, int]) -> list[tuple[Any, int]]:
    from syncer.contract.model import Side

    return [(Side(side), count) for side, count in size.items()]
