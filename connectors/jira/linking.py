"""Links between issues: each is made and deleted by a request of its own, without notifying anybody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from connectors.jira.answers import Forbidden
from connectors.jira.bodies import texts
from connectors.jira.edges import LINK_TYPES, links_of
from connectors.jira.json_fields import as_object
from connectors.jira.project import Project, understood
from syncer.contract.errors import Ambiguous, Gone, Rejected, Retryable
from syncer.contract.model import Field, Observed, Version


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
        doer, other = (end, item.ref.id) if field is Field.BLOCKED_BY else (item.ref.id, end)
        body = {"type": {"name": LINK_TYPES[field]}, "inwardIssue": {"id": doer}, "outwardIssue": {"id": other}}
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
            return links_of(as_object(issue.get("fields"), "issue.fields"), item.key)
