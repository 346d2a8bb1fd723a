"""What this connector takes for granted about GitHub, with the evidence for each. See `syncer.contract.assumptions`."""

from __future__ import annotations

from typing import Final

from syncer.contract.assumptions import Assumption, Evidence

ASSUMPTIONS: Final = (
    Assumption(
        id="github.sub-issues.absent-on-server",
        behaviour="Enterprise Server to 3.19 has no sub-issues: its lists lack `sub_issues_summary` and"
        " `parent_issue_url`, and the operations answer 404.",
        evidence=Evidence.SPECIFICATION,
        source="github/rest-api-description, the documents of Enterprise Server 3.17, 3.18 and 3.19",
        where=("connectors.github.mapping.tells_parent", "connectors.github.edges.Edges"),
        safe="An issue that does not tell its parent keeps the one that is known, and none is written.",
    ),
    Assumption(
        id="github.dependencies.absent-on-server",
        behaviour="Enterprise Server before 3.19 has no dependencies: its lists lack `issue_dependencies_summary`, and"
        " the operations answer 404.",
        evidence=Evidence.SPECIFICATION,
        source="github/rest-api-description, the documents of Enterprise Server 3.17, 3.18 and 3.19",
        where=("connectors.github.mapping.blockers_of", "connectors.github.edges.Edges"),
        safe="An issue that does not tell how many block it keeps the blockers that are known.",
    ),
)
"""Every behaviour of GitHub that would lose, duplicate, leak or stop something if it were otherwise."""
