"""What is the same for every item of a scope, and what is asked of each of its issues. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from connectors.jira.dialect import Dialect
from connectors.jira.link_types import USUAL_LINKS, LinkType
from syncer.contract.model import Field


@dataclass(frozen=True, slots=True)
class CustomFields:
    """Ids of the site's custom fields that are read, None where the site has none."""

    epic_link: str | None = None
    story_points: str | None = None
    flagged: str | None = None
    start_date: str | None = None
    sprint: str | None = None
    rank: str | None = None
    references: tuple[str, ...] = ()
    """Those that hold a key or an address of the same issue in another tracker."""


@dataclass(frozen=True, slots=True)
class HeldField:
    """A declared field that the site has."""

    id: str
    """`customfield_10016`."""
    name: str
    """What people call it."""
    kind: str
    """How it is read and written: a row of `connectors.jira.custom.KINDS`."""
    read_only: bool = False


@dataclass(frozen=True, slots=True)
class Site:
    """What is the same for every item of a scope."""

    url: str
    dialect: Dialect
    project: str
    """Key of the project."""
    custom: CustomFields = CustomFields()
    held: Mapping[Field, HeldField] = field(default_factory=dict)
    """The declared fields that the site has."""
    links: Mapping[Field, LinkType] = field(default_factory=lambda: USUAL_LINKS)
    """The types of links that are edges of issues."""
    elsewhere: frozenset[Field] = frozenset()
    """Fields that every pair knows and that are kept here at a declared place, be it one where nothing is."""

    @property
    def tells_parents(self) -> bool:
        """Whether every issue tells what is above it, and may be told: by its parent or by the configured field."""
        return self.dialect.has_parents or self.custom.epic_link is not None


def sprint_fields(site: Site) -> list[str]:
    """The fields that show sprints, the configured one and those that are declared."""
    declared = (held.id for held in site.held.values() if held.kind == "sprint")
    return list(dict.fromkeys([*((site.custom.sprint,) if site.custom.sprint is not None else ()), *declared]))


def issue_fields(site: Site) -> list[str]:
    """The fields asked of every issue: all that `observed_issue` reads."""
    custom = site.custom
    extra = (custom.epic_link, custom.story_points, custom.flagged, custom.start_date, custom.sprint, custom.rank)
    fields = [
        *("summary", "description", "status", "resolution", "resolutiondate", "labels", "components", "assignee"),
        *("creator", "reporter", "priority", "issuetype", "fixVersions", "duedate", "created", "updated", "project"),
        *("security", "parent", "issuelinks", "attachment", "comment", "timeoriginalestimate", "timespent"),
        *(("issuerestriction",) if site.dialect.fetches_in_bulk else ()),
        *(field for field in extra if field is not None),
        *custom.references,
        *(held.id for held in site.held.values()),
    ]
    return list(dict.fromkeys(fields))
