"""What `syncer check` asks of a Jira project, step by step. Reads only."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial

from connectors.jira.accounts import account_of
from connectors.jira.answers import Forbidden, Invalid
from connectors.jira.bodies import field_id
from connectors.jira.closures import WRITING, archived_by, read_only_mode
from connectors.jira.creating import Creating
from connectors.jira.field_bodies import sent_as
from connectors.jira.json_fields import Json, as_object, as_objects, want
from connectors.jira.probing import ON_SCREEN, PROBES, unlisted
from connectors.jira.project import Project, understood
from connectors.jira.project_fields import ProjectFields
from connectors.jira.search import changed_issues
from connectors.jira.site import issue_fields
from syncer.contract.checking import Finding, Severity
from syncer.contract.errors import Denied, Gone, Rejected, Retryable
from syncer.contract.model import Audience, Field
from syncer.contract.naming import did_you_mean

NEEDED = {
    "BROWSE_PROJECTS": "read issues",
    "CREATE_ISSUES": "create issues",
    "EDIT_ISSUES": "change issues",
    "TRANSITION_ISSUES": "change the status of issues",
    "ADD_COMMENTS": "add comments",
    "EDIT_OWN_COMMENTS": "change its own comments",
}
USEFUL = {"ASSIGN_ISSUES": "assign issues", "RESOLVE_ISSUES": "set a resolution", "LINK_ISSUES": "link issues"}
ADVANCED = {"ADMINISTER_PROJECTS": "create or release versions, nor change issues without notifying their watchers"}
EXCESSIVE = {
    "ADMINISTER": "administer the whole site",
    "SYSTEM_ADMIN": "administer the server",
    "DELETE_ISSUES": "delete issues",
}
_ON_SERVERS = "SYSTEM_ADMIN"
"""Not in every Jira: whether Cloud knows it is told nowhere."""
_FIRST = frozenset({"credentials", "project"})
"""Without these nothing else can be asked."""


def check(project: Project, creating: Creating, declared: ProjectFields) -> list[Finding]:
    """See `Connector.check`. Stops at the first thing without which nothing else can be asked."""
    findings: list[Finding] = []
    issues: list[Json] = []
    steps: Mapping[str, Callable[[], Iterator[Finding]]] = {
        "credentials": partial(_credentials, project),
        "project": partial(_project, project),
        "permissions": partial(_permissions, project),
        "names": partial(unlisted, project),
        "links": partial(_links, project),
        "fields": partial(_configured, project),
        "search": partial(_search, project, issues),
        **{name: partial(probe, project, issues) for name, probe in PROBES.items()},
        "audience": partial(_audience, project),
        "screen": partial(_screen, project, creating, declared),
    }
    for about, step in steps.items():
        if _ends(findings, about, step, project):
            break
    return findings


def _ends(findings: list[Finding], about: str, step: Callable[[], Iterator[Finding]], project: Project) -> bool:
    """Adds what a step finds, its own failure included; whether nothing else can be asked after it."""
    first = about in _FIRST
    try:
        findings.extend(step())
    except Gone as error:
        if about == "credentials":
            where = f"{project.tracker.name}: {project.tracker.url} is not an address of a Jira site: {error}"
            fix = "`url` is the address of the site, without /browse, with its context path where it has one."
            findings.append(Finding(Severity.ERROR, "url", where, fix))
        else:
            fix = "Not every Jira has this address, nor every account: ask its administrator, or check `deployment`."
            findings.append(Finding(Severity.ERROR, about, str(error), fix))
        return first
    except Denied as error:
        findings.append(Finding.of_failure(about, error))
        # Another refusal concerns the account as a whole, and asking on may lock it.
        of_this_alone = isinstance(error, Forbidden) or isinstance(error.__cause__, Gone | Invalid)
        return first or about == "search" or not of_this_alone
    except (Rejected, Retryable) as error:
        findings.append(Finding.of_failure(about, error))
        return about == "credentials"
    return False


def _credentials(project: Project) -> Iterator[Finding]:
    with understood("myself"), _pointed_to_the_gateway(project):
        me = as_object(project.client.get("/myself"), "myself")
        account = account_of(me, project.site)
        name = account.name or account.id if account else "?"
        zone = want(me, "timeZone", str, "myself") or "?"
    project.signed_in(me)
    yield Finding(
        Severity.INFO, "credentials", f"signed in as {name} (time zone {zone}, which queries do not depend on)"
    )


@contextmanager
def _pointed_to_the_gateway(project: Project) -> Iterator[None]:
    """Adds to a refusal of the token how a scoped one is used: Cloud takes it at the gateway alone."""
    try:
        yield
    except Denied as refusal:
        site = project.tracker
        direct = site.deployment == "cloud" and site.api == site.url
        if not (refusal.credentials and direct and (found := project.client.cloud_id())):
            raise
        remedy = f'{refusal.remedy} The token of a service account, or one with scopes, needs: cloud-id = "{found}"'
        raise Denied(str(refusal), remedy=remedy, credentials=True) from refusal


def _project(project: Project) -> Iterator[Finding]:
    found = project.details()
    key = found.get("key")
    if key != project.scope.project:
        yield Finding(
            Severity.WARNING,
            f"project {project.scope.project}",
            f"the project's key is {key} now",
            f'Write project = "{key}".',
        )
    if (archived := archived_by(project, found)) is not None:
        yield Finding(Severity.ERROR, f"project {key}", str(archived), archived.remedy)


def _permissions(project: Project) -> Iterator[Finding]:
    asked = [*NEEDED, *USEFUL, *ADVANCED, *EXCESSIVE]
    try:
        granted = project.granted(asked)
    except Invalid as unknown:
        # Cloud refuses the whole question for one name that it does not know.
        granted = project.granted([name for name in asked if name != _ON_SERVERS])
        told = f"whether the account has it is not told: {unknown}"
        yield Finding(Severity.INFO, f"permission {_ON_SERVERS}", told)
    if not any(granted[name] for name in WRITING) and (mode := read_only_mode(project)) is not None:
        yield Finding(Severity.ERROR, "read-only mode", str(mode), mode.remedy, writing=True)
        return
    for names, held, severity, text, fix in (
        (NEEDED, False, Severity.ERROR, "the account may not {}", "Grant {} in the project's permission scheme."),
        (USEFUL, False, Severity.WARNING, "the account may not {}", "Grant {} in the project's permission scheme."),
        (ADVANCED, False, Severity.INFO, "the account may not {}", "Grant {} in the project, if that is wanted."),
        (EXCESSIVE, True, Severity.WARNING, "the account may {}, which syncer never does", "Take {} from the account."),
    ):
        for name, ability in names.items():
            if granted.get(name) is held:
                writing = not held and name != "BROWSE_PROJECTS"
                yield Finding(severity, f"permission {name}", text.format(ability), fix.format(name), writing=writing)


def _links(project: Project) -> Iterator[Finding]:
    """The link types by which edges are read and written, as far as the site lacks them."""
    with understood("issueLinkType"):
        answer = as_object(project.client.get("/issueLinkType"), "issueLinkType")
        known = {kind.get("name") for kind in as_objects(answer.get("issueLinkTypes") or [], "issueLinkTypes")}
    for field, one in project.site.links.items():
        if one.name not in known:
            yield Finding(
                Severity.WARNING,
                f"link type {one.name}",
                f"the site has none of this name: {field} is neither read nor written",
                f"Name the site's own type in [pairs.links], or switch {field} off in the pair's fields.",
            )


def _configured(project: Project) -> Iterator[Finding]:
    """The fields that the settings of the tracker name, as far as the site has none of them, or another sort."""
    configured = project.tracker.custom_fields
    if not configured:
        return
    with understood("field"):
        listed = as_objects(project.client.get("/field"), "field")
    for key, named in configured.items():
        told = next((one for one in listed if named in (one.get("id"), one.get("name"))), None)
        what = "" if told is None else _no_rank(told)
        if told is None:
            hint = did_you_mean(named, [str(one.get("name")) for one in listed])
            message = f'the site has no field "{named}"{hint or ": it is read from no issue"}'
            yield Finding(Severity.WARNING, key, message, f"`{key}` of the tracker: correct it, or leave it out.")
        elif key == "rank" and what:
            message = f'"{told.get("name")}" is no rank but of the type {what}: nothing is ordered by it'
            yield Finding(Severity.WARNING, key, message, "`rank` of the tracker: name the field with ranks.")


def _no_rank(told: Json) -> str:
    """The type of a field that holds no ranks; empty for one that does, or does not tell."""
    schema = told.get("schema")
    key = str(schema.get("custom") or schema.get("type") or "") if isinstance(schema, dict) else ""
    return "" if key.endswith(":gh-lexo-rank") else key


def _search(project: Project, issues: list[Json]) -> Iterator[Finding]:
    """Fills `issues` with the first page of the project's."""
    issues += next(changed_issues(project, issue_fields(project.site), None), [])
    overlap = project.tracker.overlap_seconds
    if overlap < 60:
        yield Finding(
            Severity.WARNING,
            "overlap-seconds",
            f"Jira's search index may lag by minutes; {overlap} s are read again",
            "Leave `overlap-seconds` at 900.",
        )


def _audience(project: Project) -> Iterator[Finding]:
    match project.audience():
        case Audience.PUBLIC:
            yield Finding(Severity.WARNING, "audience", f"anybody on the network can read {project.scope.project}")
        case Audience.RESTRICTED:
            yield Finding(
                Severity.ERROR,
                "audience",
                f"it cannot be told who can read {project.scope.project}: nothing of it is carried",
                "See that this machine can read `url` without signing in, be it to be refused.",
            )
        case _:
            yield Finding(Severity.INFO, "audience", f"{project.scope.project} is read by those who may browse it")


def _screen(project: Project, creating: Creating, declared: ProjectFields) -> Iterator[Finding]:
    """What the create screen of the usual type lacks."""
    kind = project.scope.type
    screen = creating.create_screen(kind)
    if not screen:
        yield Finding(
            Severity.WARNING,
            f"type {kind}",
            f"Jira does not tell what can be entered when a {kind} is created",
            "Check `type`, and that the account may create issues of it.",
            writing=True,
        )
        return
    for key in sorted(project.scope.created_with.keys() - screen):
        yield Finding(
            Severity.ERROR,
            f"field {key}",
            f"create-fields or filter names it, and the create screen of {kind} does not have it",
            "Take it out of create-fields, or add the field to the screen.",
            writing=True,
        )
    for field, key in _entered(project, declared):
        if key not in screen:
            yield Finding(
                Severity.WARNING,
                f"field {key}",
                f"the create screen of {kind} lacks it: {field} is left out when an issue is created",
                "Add the field to the screen, or switch it off in the pair's fields.",
                writing=True,
            )


def _entered(project: Project, declared: ProjectFields) -> Iterator[tuple[Field, str]]:
    """The fields that a create screen may lack, each with its key there."""
    declared.fields.ensure()
    site = project.site
    for field in ON_SCREEN:
        if field not in site.elsewhere and (field is not Field.START or site.custom.start_date is not None):
            yield field, field_id(field, site)
    for field, held in site.held.items():
        if not held.read_only:
            yield field, sent_as(held)
