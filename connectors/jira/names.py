"""The names that the rules of a pair may use in a Jira project. Reads only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from connectors.jira.accounts import account_of
from connectors.jira.answers import Forbidden
from connectors.jira.bodies import field_id
from connectors.jira.creating import Creating
from connectors.jira.json_fields import Json, as_object, as_objects, need
from connectors.jira.project import Project, understood
from connectors.jira.search import first_issues
from syncer.contract.connector import Demand, Finding, Severity, Vocabulary
from syncer.contract.errors import Gone, Rejected, TrackerError
from syncer.contract.model import Field

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
    given = {*_ALWAYS_GIVEN, *project.scope.create_fields}
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
