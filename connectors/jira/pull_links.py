"""Pull requests with an issue: remote links of ours, each under a `globalId`, by which Jira replaces and deletes it.

Source: Atlassian, Using fields in Remote Issue Links. A link that is `resolved` is struck through.
"""

from __future__ import annotations

from contextlib import suppress

from connectors.jira.project import Project
from syncer.contract.code import PullLink
from syncer.contract.errors import Gone
from syncer.contract.model import Ref

RELATIONSHIP = "pull request"
"""Under which heading Jira shows them."""


def show_pull(project: Project, task: Ref, link: PullLink) -> None:
    """One request: Jira creates the link, or replaces the one of that `globalId`."""
    page = {"url": link.url, "title": link.title, "summary": link.state.value, "status": {"resolved": link.state.over}}
    body = {"globalId": link.id, "relationship": RELATIONSHIP, "object": page}
    project.client.write("POST", f"/issue/{task.id}/remotelink", body)


def hide_pull(project: Project, task: Ref, name: str) -> None:
    """One request; a link that is not there, or whose issue is gone, needs none."""
    with suppress(Gone):
        project.client.write("DELETE", f"/issue/{task.id}/remotelink", query={"globalId": name})
