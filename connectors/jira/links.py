"""Links between issues, each made and deleted by a request of its own without notifying anybody; and epics.

Data Center names an issue's epic by key, where everything else names an issue by its id.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from connectors.jira import jql
from connectors.jira.answers import Forbidden
from connectors.jira.bodies import texts
from connectors.jira.edges import epic_key, links_of
from connectors.jira.json_fields import Json, Malformed, as_object, as_objects, need_id
from connectors.jira.project import Project, understood
from connectors.jira.search import first_issues
from syncer.contract.connector import Known
from syncer.contract.errors import Ambiguous, Denied, Gone, Rejected, Retryable, TrackerError
from syncer.contract.model import Field, Kind, Observed, Ref, Version


def remote_links(project: Project, tasks: Sequence[Observed]) -> Iterator[tuple[str, ...] | TrackerError]:
    """The addresses of the web pages and remote issues that each issue leads to: one request an issue."""
    for task in tasks:
        try:
            yield _addresses(project.client.get(f"/issue/{task.ref.id}/remotelink"), task.key)
        except (Gone, Rejected, Retryable, Forbidden) as error:
            yield error


def _addresses(answer: object, key: str) -> tuple[str, ...]:
    """The addresses in a list of remote links, or in a single one. What has none is passed over."""
    with understood(f"remote links of {key}"):
        pages = [link.get("object") for link in as_objects(answer if isinstance(answer, list) else [answer], "links")]
    found = (page.get("url") for page in pages if isinstance(page, dict))
    return tuple(dict.fromkeys(url for url in found if isinstance(url, str)))


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


class Linking:
    """Makes and deletes the links of issues."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def link(self, item: Observed, edges: Mapping[Field, frozenset[str]]) -> Observed:
        """The issue with exactly these ends in each of the fields; its version is empty until it is read again.

        Raises Rejected with the name of the field.
        """
        shown = {field: frozenset(texts(item.showing.get(field))) for field in edges}
        for field, ends in edges.items():
            for end in sorted(ends - shown[field]):
                self._make(item, field, end)
        if any(shown[field] - edges[field] for field in edges):
            self._delete(item, {field: shown[field] - edges[field] for field in edges})
        showing = {**item.showing, **{field: tuple(sorted(ends)) for field, ends in edges.items()}}
        return replace(item, showing=showing, version=Version(""))

    def _make(self, item: Observed, field: Field, end: str) -> None:
        """Makes a link. For Jira `inwardIssue` is the one that does what the type says, blocking or duplicating."""
        kind = self._project.site.links[field]
        doer, other = (end, item.ref.id) if kind.of_the_other else (item.ref.id, end)
        body = {"type": {"name": kind.name}, "inwardIssue": {"id": doer}, "outwardIssue": {"id": other}}
        try:
            self._project.client.write("POST", "/issueLink", body)
        except (Rejected, Forbidden, Gone) as error:
            # Also where the site has no such type, or the other issue cannot be seen.
            raise Rejected(f"{field} of {item.key}: {error}") from error
        except Ambiguous as lost:
            if (field, end) not in {(of, to) for of, _, to in self._links(item, lost)}:
                raise

    def _delete(self, item: Observed, gone: Mapping[Field, frozenset[str]]) -> None:
        for field, link, end in self._links(item):
            if end not in gone.get(field, ()):
                continue
            try:
                self._project.client.write("DELETE", f"/issueLink/{link}")
            except Gone:
                continue  # somebody was faster
            except (Rejected, Forbidden) as error:
                raise Rejected(f"{field} of {item.key}: {error}") from error
            except Ambiguous as lost:
                if link in {native for _, native, _ in self._links(item, lost)}:
                    raise

    def _links(self, item: Observed, lost: Ambiguous | None = None) -> list[tuple[Field, str, str]]:
        """The links of an issue as they are now. Raises `lost` where that cannot be told after a lost answer."""
        try:
            issue = self._project.issue(item.ref.id, ["issuelinks"], properties=False)
        except Retryable:
            raise lost or Retryable(f"the links of {item.key} cannot be read") from None
        if issue is None:
            raise Gone(f"issue {item.key} cannot be seen", uncertain=True)
        with understood(f"issue {item.key}"):
            return links_of(as_object(issue.get("fields"), "issue.fields"), self._project.site.links, item.key)
