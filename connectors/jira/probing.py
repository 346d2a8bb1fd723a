"""What `syncer check` asks of a live site: the names that rules may use, and what no source tells of its vendor.

Everything here reads only. Each question about the vendor is named in the register (`connectors.jira.assumptions`), and
says what it found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Final

from connectors.jira import jql
from connectors.jira.accounts import account_of
from connectors.jira.answers import Forbidden, Invalid
from connectors.jira.bodies import field_id
from connectors.jira.comments import SHOWN, TOLD_WITHOUT, counted, total_of
from connectors.jira.creating import Creating
from connectors.jira.file_pages import listed
from connectors.jira.files import media_target
from connectors.jira.json_fields import (
    Json,
    Malformed,
    as_object,
    as_objects,
    milliseconds,
    need,
    need_id,
    need_time,
    want,
)
from connectors.jira.levels import audiences
from connectors.jira.mapping import observed_issue
from connectors.jira.markers import PROPERTY, marker_of
from connectors.jira.project import Project, understood
from connectors.jira.search import PAGE, first_issues
from syncer.contract.checking import Demand, Finding, Severity, Vocabulary
from syncer.contract.errors import Denied, Gone, Rejected, TrackerError
from syncer.contract.model import Audience, Field, Observed

ON_SCREEN = (
    Field.BODY,
    Field.LABELS,
    Field.COMPONENTS,
    Field.ASSIGNEES,
    Field.PRIORITY,
    Field.MILESTONES,
    Field.DUE,
    Field.START,
)
"""Fields that a create screen may lack."""
_ALWAYS_GIVEN = ("project", "issuetype", "summary", "reporter", "parent")
"""Fields that every create has, or that Jira fills in itself."""
_PEOPLE = 1_000


def _required(project: Project, creating: Creating, types: Iterable[str]) -> dict[str, tuple[Demand, ...]]:
    """By type, the fields that its create screen requires and that nothing gives."""
    given = {*_ALWAYS_GIVEN, *project.scope.created_with}
    told = {field_id(field, project.site) for field in ON_SCREEN}
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


class _Lists:
    """What a project lists, each asked once."""

    def __init__(self, project: Project) -> None:
        place = f"/project/{project.scope.project}"
        assignable: dict[str, str | int] = {"project": project.scope.project, "maxResults": _PEOPLE}
        self.types = _listed(project, f"{place}/statuses")
        self.resolutions = _listed(project, "/resolution")
        self.priorities = _listed(project, "/priority")
        self.components = _listed(project, f"{place}/components")
        self.people = _listed(project, "/user/assignable/search", assignable)


def unlisted(project: Project) -> Iterator[Finding]:
    """What `vocabulary` leaves empty because Jira does not give it."""
    _Lists(project)
    names = {"statuses": "statuses", "resolution": "resolutions", "priority": "priorities", "search": "people"}
    for path, answer in project.lists.items():
        if isinstance(answer, TrackerError):
            last = path.rpartition("/")[2]
            severity = Severity.ERROR if last == "statuses" else Severity.WARNING
            fix = "This Jira has no such address, or not for this account: ask its administrator."
            message = f"{answer}: the rules cannot be compared with them"
            yield Finding(severity, names.get(last, last), message, fix)


def vocabulary(project: Project, creating: Creating) -> Vocabulary:
    """See `Connector.vocabulary`. What may not be asked is left empty."""
    lists = _Lists(project)
    with understood("statuses"):
        statuses = [
            need(status, "name", str, "status")
            for kind in lists.types
            for status in as_objects(kind.get("statuses"), "statuses")
        ]
        labelled = first_issues(project, ["labels is not EMPTY"], "updated DESC", ["labels"], 100)
        labels = {
            str(label) for issue in labelled for label in as_object(issue.get("fields"), "fields").get("labels") or []
        }
    accounts = [account for person in lists.people if (account := account_of(person, project.site)) is not None]
    project.people.update((account.id, account) for account in accounts)
    return Vocabulary(
        statuses=_distinct(statuses),
        reasons=_names(lists.resolutions),
        types=_names(lists.types),
        required=_required(project, creating, dict.fromkeys([*_names(lists.types), project.scope.type])),
        usual_type=project.scope.type,
        priorities=_names(lists.priorities),
        labels=tuple(sorted(labels)),
        components=_names(lists.components),
        accounts=_distinct([account.id for account in accounts]),
    )


def _listed(project: Project, path: str, query: Mapping[str, str | int] | None = None) -> list[Json]:
    """The entries at an address, asked once; none where Jira does not give them."""
    if path not in project.lists:
        try:
            with understood(path):
                project.lists[path] = as_objects(project.client.get(path, query), path)
        except (Gone, Forbidden, Rejected) as error:
            project.lists[path] = error
    found = project.lists[path]
    return [] if isinstance(found, TrackerError) else found


def _names(entries: list[Json]) -> tuple[str, ...]:
    with understood("names"):
        return _distinct([need(entry, "name", str, "entry") for entry in entries])


def _distinct(names: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


Probe = Callable[[Project, Sequence[Json]], Iterator[Finding]]
"""Given the project and the first issues of its search, whose order is that of their last change."""

_MINUTE: Final = 60_000
_DAY: Final = 24 * 60 * _MINUTE


def _readable(project: Project, issues: Sequence[Json]) -> Iterator[Observed]:
    for issue in issues:
        with suppress(Malformed):
            yield observed_issue(issue, project.site, Audience.MEMBERS)


def security_level(project: Project, issues: Sequence[Json]) -> Iterator[Finding]:
    """Whether any issue may be carried: none is of which it cannot be told who sees it, and none that is restricted."""
    shown = list(_readable(project, issues))
    if not shown or project.readers() is Audience.RESTRICTED:  # the latter is said on its own
        return
    untold = [issue for issue in shown if issue.audience_untold]
    if untold:
        doubt = next((answer for answer in audiences(project, untold) if isinstance(answer, Rejected)), None)
        if doubt is not None:
            fix = f"Let the account administer {project.scope.project}, or show the field Security Level to it."
            yield Finding(Severity.ERROR, "security level", f"no issue can be carried: {doubt}", fix)
    elif all(issue.audience is Audience.RESTRICTED for issue in shown):
        severity = Severity.WARNING if len(issues) >= PAGE else Severity.ERROR
        seen = f"each of the {len(shown)} issues looked at" if len(shown) > 1 else f"{shown[0].key}"
        yield Finding(
            severity,
            "security level",
            f"{seen} has a security level or another restriction: none that has is carried",
            f"Choose a project, or by `filter` issues, that everybody in {project.scope.project} may read.",
        )


def comment_total(project: Project, issues: Sequence[Json]) -> Iterator[Finding]:
    """Whether the total of a search counts the comments that it leaves out, tried on the longest thread it shows."""
    longest, total, shown = None, 0, 0
    for issue in issues:
        with suppress(Malformed):
            fields = as_object(issue.get("fields"), "issue.fields")
            embedded = as_object(fields.get("comment"), "comment").get("comments")
            told = total_of(issue)
            if isinstance(embedded, list) and told is not None and len(embedded) > shown:
                longest, total, shown = issue, told, len(embedded)
    if longest is None:
        return
    key, there = longest.get("key"), counted(project, need_id(longest, "issue"))
    if total == there:
        told_by = f"{key} has {there} comments, of which a search shows {shown}, and tells how many there are"
        yield Finding(Severity.INFO, "comment total", told_by)
    elif shown >= SHOWN:
        said = f"a search tells of {total} of the {there} comments of {key}: threads of {SHOWN} and more are read alone"
        yield Finding(Severity.WARNING, "comment total", said)
    else:
        fix = "Write to the authors of syncer: comments would be missing until each complete reading."
        message = f"a search tells of {total} of the {there} comments of {key}, and shows {shown}"
        yield Finding(Severity.ERROR, "comment total", message, fix)


def edited_comments(_project: Project, issues: Sequence[Json]) -> Iterator[Finding]:
    """Whether editing a comment moves the time of change of its issue, by which an edit is found at once."""
    for issue in reversed(issues):
        with suppress(Malformed):
            fields, key = as_object(issue.get("fields"), "issue.fields"), str(issue.get("key"))
            talk = as_objects(as_object(fields.get("comment"), "comment").get("comments"), "comments")
            times = [(need_time(each, "created", key), need_time(each, "updated", key)) for each in talk]
            last = max((updated for created, updated in times if updated > created), default=None)
            if last is None:
                continue
            at_once = need_time(fields, "updated", key) >= last
            effect = "carried at once" if at_once else "carried by the daily complete reading (sweep-every)"
            moves = "moves" if at_once else "does not move"
            told = f"editing one {moves} the time of its issue ({key}): edits are {effect}"
            yield Finding(Severity.INFO, "edited comments", told)
            return
    yield Finding(Severity.INFO, "edited comments", "none to try whether they move the time of their issue")


def media_ids(project: Project, issues: Sequence[Json]) -> Iterator[Finding]:
    """Whether Cloud tells by what id a text shows a file, tried on the newest file of these issues."""
    if not project.site.dialect.rich_text:
        return
    for issue in reversed(issues):
        with suppress(Malformed):
            files = listed(as_object(issue.get("fields"), "issue.fields"), "issue")
            if files:
                told = media_target(project, need_id(files[-1], "attachment"))
                effect = "shown in texts" if told else "linked in texts and not shown: their media id is not told"
                yield Finding(Severity.INFO, "media ids", f"files that are carried to Jira are {effect}")
                return


def project_type(project: Project, issues: Sequence[Json]) -> Iterator[Finding]:
    """Whether issues of Data Center tell in what type of project they are, by which a service desk is known."""
    if project.site.dialect.marks_internal_comments or not issues:
        return
    types = set()
    for issue in issues:
        fields = issue.get("fields")
        home = fields.get("project") if isinstance(fields, dict) else None
        types.add(home.get("projectTypeKey") if isinstance(home, dict) else None)
    if types <= TOLD_WITHOUT:
        yield Finding(Severity.INFO, "project type", f"issues tell it: {', '.join(sorted(map(str, types)))}")
        return
    why = "issues do not tell it" if None in types else "it may have internal comments"
    cost = "one request more for each changed issue with comments, to know the internal ones"
    yield Finding(Severity.INFO, "project type", f"{why}: {cost}")


def search_by_time(project: Project, issues: Sequence[Json]) -> Iterator[Finding]:
    """Whether a search by milliseconds finds an issue that changed then, and not what changed a day earlier."""
    if not issues:
        return
    newest = issues[-1]
    key = str(newest.get("key"))
    with understood("search"):
        changed = need_time(as_object(newest.get("fields"), "issue.fields"), "updated", key)
    moment = milliseconds(changed)
    for since, expected in ((moment - _MINUTE, True), (moment + _DAY, False)):
        found = first_issues(project, [jql.keys_in([key]), jql.updated_since(since)], "", ["updated"], 1)
        if bool(found) is expected:
            continue
        what = "does not find" if expected else "also finds"
        message = f"a search for what changed since {since} (milliseconds) {what} {key}, which changed at {moment}"
        effect = "changes are found by complete readings alone" if expected else "every run reads everything"
        yield Finding(Severity.ERROR if expected else Severity.WARNING, "search by time", f"{message}: {effect}")
        return
    yield Finding(Severity.INFO, "search by time", f"it finds {key} by the moment of its last change")


def origin_marker(project: Project, _issues: Sequence[Json]) -> Iterator[Finding]:
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


def hidden_issues(project: Project, issues: Sequence[Json]) -> Iterator[Finding]:
    """Where a search shows no issue: whether the project has none, or hides all of them from the account."""
    about = f"project {project.scope.project}"
    if issues:
        return
    if project.scope.filter:
        yield Finding(Severity.INFO, about, "no issue matches yet")
        return
    there = _count(project)
    if there == 0:
        yield Finding(Severity.INFO, about, "the project has no issue yet")
        return
    fix = "Look at the security levels and the permission Browse Projects of the account, if the project has issues."
    if there is None:
        message = "this account is shown no issue of it: it has none yet, or hides them"
        yield Finding(Severity.WARNING, about, message, fix)
        return
    counted = "1 issue" if there == 1 else f"{there} issues"
    yield Finding(Severity.ERROR, about, f"the project has {counted}, and this account is shown none", fix)


def _count(project: Project) -> int | None:
    """How many issues the project has, whoever may see them; None where Jira does not tell: only Cloud does."""
    if not project.site.dialect.fetches_in_bulk:
        return None
    with project.reachable(), understood("project"):
        found = as_object(project.client.get(f"/project/{project.scope.project}", {"expand": "insight"}), "project")
        insight = want(found, "insight", dict, "project") or {}
        return want(insight, "totalIssueCount", int, "project.insight")


PROBES: Final[Mapping[str, Probe]] = {
    "hidden issues": hidden_issues,
    "security level": security_level,
    "search by time": search_by_time,
    "comment total": comment_total,
    "edited comments": edited_comments,
    "media ids": media_ids,
    "project type": project_type,
    "origin marker": origin_marker,
}
"""By the names that the register gives them."""
