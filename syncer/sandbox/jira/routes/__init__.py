"""The HTTP operations of Jira, one module an area."""

from __future__ import annotations

from starlette.routing import BaseRoute

from syncer.sandbox.jira.routes import agile, issues, planning, projects, search, site, work
from syncer.sandbox.jira.state import Jira
from syncer.sandbox.jira.web import mount, plain_route

# Fixed paths come before `/issue/{issue}` and `/project/{project}`, which would swallow them.
_AREAS = (
    search.AREA,
    projects.AREA,
    planning.AREA,
    work.AREA,
    issues.AREA,
    site.AREA,
    agile.AREA,
)


CLOUD_ID = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
"""The id of the site, where it is Cloud."""


def routes(jira: Jira) -> list[BaseRoute]:
    """Returns every route of the site, relative to its base path."""
    found: list[BaseRoute] = list(mount(jira, _AREAS))
    found.append(plain_route(jira, "/secure/attachment/{attachment}/{name}", work.download_by_name))
    if jira.is_cloud:
        found.append(plain_route(jira, "/_edge/tenant_info", lambda call: {"cloudId": CLOUD_ID}))
        found.append(plain_route(jira, "/media/file/{media}/binary", work.download_media))
    return found
