"""What a refusal to make or change a version means: versions are the matter of those who administer a project.

Jira's documents give 401, 403 and 404 for it, as the deployment goes. Each would stop more than the version, were it
taken at its word: a token that is refused, a permission that the account lacks, an item that is gone.
"""

from __future__ import annotations

from connectors.jira.project import Project
from syncer.contract.errors import Denied, Gone, Rejected, TrackerError

ADMINISTER = "ADMINISTER_PROJECTS"


def cannot_administer(project: Project) -> str:
    """Why our account may make or change no versions; empty where it may. Raises TrackerError."""
    return "" if project.granted([ADMINISTER])[ADMINISTER] else "our account may not administer the project"


def version_refused(project: Project, name: str, error: Denied | Gone) -> TrackerError:
    """The refusal of one version; the error itself where our token is refused everything."""
    try:
        why = cannot_administer(project)
    except TrackerError as stopped:
        return stopped
    return Rejected(f"version {name}: {error}{f' ({why})' if why else ''}")
