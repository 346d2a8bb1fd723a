"""Epics of Data Center, which an issue names by key where everything else names an issue by its id."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from connectors.jira import jql
from connectors.jira.edges import epic_key
from connectors.jira.json_fields import Json, Malformed, as_object, need_id
from connectors.jira.project import Project
from connectors.jira.search import first_issues
from syncer.contract.connector import Known
from syncer.contract.errors import Denied, Rejected
from syncer.contract.model import Field, Kind, Ref


def learn_epics(project: Project, issues: Iterable[Json], known: Known | None = None) -> None:
    """Finds the ids behind the epic keys that issues name: in the store where it has them, else by one search."""
    field = project.site.custom.epic_link
    if field is None:
        return
    named: set[str] = set()
    for issue in issues:
        try:
            project.epics[str(issue.get("key"))] = need_id(issue, "issue")
            key = epic_key(as_object(issue.get("fields"), "issue.fields"), field)
        except Malformed:
            continue  # whoever maps it will say so
        if key is not None:
            named.add(key)
            if known is not None and (native := _as_stored(issue, key, known)) is not None:
                project.epics.setdefault(key, native)
    unknown = sorted(named - project.epics.keys())
    if not unknown:
        return
    try:
        found = first_issues(project, [jql.keys_in(unknown)], "", ["summary"], len(unknown))
    except Denied:
        # One key that no longer exists makes the whole query invalid; the parents are then simply not known.
        return
    for issue in found:
        with suppress(Malformed):
            project.epics[str(issue.get("key"))] = need_id(issue, "issue")


def key_of_epic(project: Project, native: str) -> str:
    """The key by which an issue names its epic. Raises Rejected where there is no such issue."""
    known = next((key for key, found in project.epics.items() if found == native), None)
    if known is not None:
        return known
    issue = project.issue(native, ["summary"], properties=False)
    if issue is None:
        raise Rejected(f"parent: issue {native} cannot be seen")
    project.epics[str(issue.get("key"))] = native
    return str(issue.get("key"))


def _as_stored(issue: Json, key: str, known: Known) -> str | None:
    """The id of an issue's epic as it is stored, when that still has the key."""
    stored = known.observed(Ref(Kind.TASK, str(issue.get("id"))))
    parent = stored.showing.get(Field.PARENT) if stored is not None else None
    epic = known.observed(Ref(Kind.TASK, parent)) if isinstance(parent, str) else None
    return epic.ref.id if epic is not None and epic.key == key else None
