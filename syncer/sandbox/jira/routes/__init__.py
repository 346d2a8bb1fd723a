"""The HTTP operations of Jira, one module an area."""

from __future__ import annotations

from starlette.routing import BaseRoute

from syncer.sandbox.jira.routes import comments, issues, people, projects, search, site
from syncer.sandbox.jira.state import Jira
from syncer.sandbox.jira.web import mount


def routes(jira: Jira) -> list[BaseRoute]:
    """Returns every route of the site, relative to its base path."""
    areas = [search.AREA, projects.AREA, people.AREA, issues.AREA, comments.AREA, site.AREA]
    return list(mount(jira, areas))
