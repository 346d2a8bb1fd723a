"""What `syncer check` asks of a Jira project, and the names its rules may use. Reads only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

from connectors.jira.accounts import account_of
from connectors.jira.answers import Forbidden, Invalid
from connectors.jira.bodies import field_id
from connectors.jira.creating import Creating
from connectors.jira.edges import LINK_TYPES
from connectors.jira.levels import audiences
from connectors.jira.mapping import PROPERTY, marker_of, observed_issue
from connectors.jira.project import Project, understood
from connectors.jira.search import changed_issues, first_issues
from connectors.jira.site import issue_fields
from connectors.jira.standing import WRITING, archived_by, read_only_mode
from connectors.jira.wire import Json, Malformed, as_object, as_objects, need, need_id, want
from syncer.contract.connector import Demand, Finding, Severity, Vocabulary
from syncer.contract.errors import Denied, Gone, Rejected, Retryable
from syncer.contract.model import Audience, Field

NEEDED = {
    "BROWSE_PROJECTS": "read issues",
    "CREATE_ISSUES": "create issues",
    "EDIT_ISSUES": "change issues",
    "TRANSITION_ISSUES": "change the status of issues",
    "ADD_COMMENTS": "add comments",
    "EDIT_OWN_COMMENTS": "change its own comments",
}
USEFUL = {"ASSIGN_ISSUES": "assign issues", "RESOLVE_ISSUES": "set a resolution", "LINK_ISSUES": "link issues"}
ADVANCED = {"ADMINISTER_PROJECTS": "create versions, nor change issues without notifying their watchers"}
EXCESSIVE = {
    "ADMINISTER": "administer the whole site",
    "SYSTEM_ADMIN": "administer the server",
    "DELETE_ISSUES": "delete issues",
}
_ON_SCREEN = (
    Field.BODY,
    Field.LABELS,
    Field.COMPONENTS,
    Field.ASSIGNEES,
    Field.PRIORITY,
    Field.MILESTONES,
    Field.DUE,
    Field.START,
)
_ALWAYS_GIVEN = ("project", "issuetype", "summary", "reporter", "parent")
"""Fields that every create has, or that Jira fills in itself."""
_PEOPLE = 1_000


def check(project: Project, creating: Creating) -> list[Finding]:
    """See `Connector.check`. Stops at the first thing without which nothing else can be asked."""
    findings: list[Finding] = []
    for step in (_credentials, _project, _permissions, _links, _search, _markers, _audience):
        try:
            findings.extend(step(project))
        except Gone as error:
            where = f"{project.tracker.name}: {project.tracker.url} is no address of a Jira site: {error}"
            fix = "`url` is the address of the site, without /browse, with its context path where it has one."
            return [*findings, Finding(Severity.ERROR, "url", where, fix)]
        except Denied as error:
            remedy = error.remedy
            return [*findings, Finding(Severity.ERROR, _about(step), str(error), remedy)]
        except (Rejected, Retryable) as error:
            findings.append(Finding(Severity.ERROR, _about(step), str(error), "Try again; if it stays, check `url`."))
            if step is _credentials:
                return findings
    return [*findings, *_screen(project, creating)]


def _about(step: Callable[[Project], Iterator[Finding]]) -> str:
    return step.__name__.lstrip("_")


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
    granted = project.granted([*NEEDED, *USEFUL, *ADVANCED, *EXCESSIVE])
    if not any(granted[name] for name in WRITING) and (mode := read_only_mode(project)) is not None:
        yield Finding(Severity.ERROR, "read-only mode", str(mode), mode.remedy)
        return
    for names, held, severity, text, fix in (
        (NEEDED, False, Severity.ERROR, "the account may not {}", "Grant {} in the project's permission scheme."),
        (USEFUL, False, Severity.WARNING, "the account may not {}", "Grant {} in the project's permission scheme."),
        (ADVANCED, False, Severity.INFO, "the account may not {}", "Grant {} in the project, if that is wanted."),
        (EXCESSIVE, True, Severity.WARNING, "the account may {}, which syncer never does", "Take {} from the account."),
    ):
        for name, ability in names.items():
            if granted[name] is held:
                yield Finding(severity, f"permission {name}", text.format(ability), fix.format(name))


def _links(project: Project) -> Iterator[Finding]:
    """The link types by which edges are read and written, as far as the site lacks them."""
    with understood("issueLinkType"):
        answer = as_object(project.client.get("/issueLinkType"), "issueLinkType")
        known = {kind.get("name") for kind in as_objects(answer.get("issueLinkTypes") or [], "issueLinkTypes")}
    for field, name in LINK_TYPES.items():
        if name not in known:
            yield Finding(
                Severity.WARNING,
                f"link type {name}",
                f"the site has none of this name: {field} is neither read nor written",
                f"Give the type its usual name, or switch {field} off in the pair's fields.",
            )


def _search(project: Project) -> Iterator[Finding]:
    first = next(changed_issues(project, issue_fields(project.site), None), [])
    yield from _levels(project, first)
    if not first:
        yield Finding(
            Severity.INFO,
            f"project {project.scope.project}",
            "no issue matches yet" if project.scope.filter else "the project has no issue yet",
        )
    overlap = project.tracker.overlap_seconds
    if overlap < 60:
        yield Finding(
            Severity.WARNING,
            "overlap-seconds",
            f"Jira's search index may lag by minutes; {overlap} s are read again",
            "Leave `overlap-seconds` at 900.",
        )


def _markers(project: Project) -> Iterator[Finding]:
    """Whether the newest issue that our account made kept what syncer marks its issues by."""
    try:
        newest = first_issues(project, ["creator = currentUser()"], "created DESC", ["summary"], 1)
    except Denied as refusal:
        if isinstance(refusal.__cause__, Invalid):
            return  # nothing depends on it
        raise
    for issue in newest:
        shown = project.issue(need_id(issue, "issue"), ["summary"])
        if shown is not None and marker_of(shown) is None:
            yield Finding(
                Severity.WARNING,
                "origin marker",
                f"{shown.get('key')}, which this account created, does not show the property {PROPERTY}: if syncer made"
                " it, this server drops it, and a create whose answer is lost waits for a person",
                "Use an account of its own for syncer; ask the administrator about apps that change new issues.",
            )


def _levels(project: Project, issues: Sequence[Json]) -> Iterator[Finding]:
    """Whether it can be told which issues have a security level, tried on those that do not show it."""
    untold = []
    for issue in issues:
        with suppress(Malformed):
            shown = observed_issue(issue, project.site, Audience.MEMBERS)
            untold += [shown] if shown.audience_untold else []
    if not untold or project.readers() is Audience.RESTRICTED:  # the latter is said on its own
        return
    doubt = next((answer for answer in audiences(project, untold) if isinstance(answer, Rejected)), None)
    if doubt is not None:
        fix = f"Let the account administer {project.scope.project}, or show the field Security Level to it."
        yield Finding(Severity.ERROR, "security level", f"no issue can be carried: {doubt}", fix)


def _audience(project: Project) -> Iterator[Finding]:
    match project.audience():
        case Audience.PUBLIC:
            yield Finding(Severity.WARNING, "audience", f"anybody on the network can read {project.scope.project}")
        case Audience.RESTRICTED:
            yield Finding(
                Severity.WARNING,
                "audience",
                "it cannot be told who can read the project: nothing of it will be published",
            )
        case _:
            yield Finding(Severity.INFO, "audience", f"{project.scope.project} is read by those who may browse it")


def _screen(project: Project, creating: Creating) -> list[Finding]:
    kind = project.scope.type
    screen = creating.create_screen(kind)
    if not screen:
        return [
            Finding(
                Severity.WARNING,
                f"type {kind}",
                f"Jira does not tell what can be entered when a {kind} is created",
                "Check `type`, and that the account may create issues of it.",
            )
        ]
    strange = sorted(project.scope.create_fields.keys() - screen)
    lacking = [field for field in _ON_SCREEN if field_id(field, project.site) not in screen]
    return [
        *(
            Finding(
                Severity.ERROR,
                f"field {key}",
                f"create-fields names it, and the create screen of {kind} does not have it",
                "Take it out of create-fields, or add the field to the screen.",
            )
            for key in strange
        ),
    ] + [
        Finding(
            Severity.WARNING,
            f"field {field_id(field, project.site)}",
            f"the create screen of {kind} lacks it: {field} is left out when an issue is created",
            "Add the field to the screen, or switch it off in the pair's fields.",
        )
        for field in lacking
        if field is not Field.START or project.site.custom.start_date is not None
    ]


def _required(project: Project, creating: Creating, types: Iterable[str]) -> dict[str, tuple[Demand, ...]]:
    """By type, the fields that its create screen requires and that nothing gives."""
    given = {*_ALWAYS_GIVEN, *project.scope.create_fields}
    told = {field_id(field, project.site) for field in _ON_SCREEN}
    return {
        kind: tuple(
            Demand(
                f'field "{entry.name}" ({key})',
                f"create-fields = {{ {key} = {entry.example} }}",
                always=key not in told,
            )
            for key, entry in creating.entries(kind).items()
            if entry.required and key not in given
        )
        for kind in types
    }


def vocabulary(project: Project, creating: Creating) -> Vocabulary:
    """See `Connector.vocabulary`. What may not be asked is left empty."""
    place = f"/project/{project.scope.project}"
    with project.reachable(), understood("statuses"):
        types = as_objects(project.client.get(f"{place}/statuses"), "statuses")
        statuses = [
            need(status, "name", str, "status")
            for kind in types
            for status in as_objects(kind.get("statuses"), "statuses")
        ]
        labelled = first_issues(project, ["labels is not EMPTY"], "updated DESC", ["labels"], 100)
        labels = {
            str(label) for issue in labelled for label in as_object(issue.get("fields"), "fields").get("labels") or []
        }
    people = _listed(project, "/user/assignable/search", {"project": project.scope.project, "maxResults": _PEOPLE})
    accounts = [account for person in people if (account := account_of(person, project.site)) is not None]
    project.people.update((account.id, account) for account in accounts)
    return Vocabulary(
        statuses=_distinct(statuses),
        reasons=_names(_listed(project, "/resolution")),
        types=_names(types),
        required=_required(project, creating, dict.fromkeys([*_names(types), project.scope.type])),
        usual_type=project.scope.type,
        priorities=_names(_listed(project, "/priority")),
        labels=tuple(sorted(labels)),
        components=_names(_listed(project, f"{place}/components")),
        accounts=_distinct([account.id for account in accounts]),
    )


def _listed(project: Project, path: str, query: Mapping[str, str | int] | None = None) -> list[Json]:
    try:
        with understood(path):
            return as_objects(project.client.get(path, query), path)
    except (Gone, Forbidden, Rejected):
        return []


def _names(entries: list[Json]) -> tuple[str, ...]:
    with understood("names"):
        return _distinct([need(entry, "name", str, "entry") for entry in entries])


def _distinct(names: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
