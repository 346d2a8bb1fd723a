"""What this connector takes for granted about Jira, with the evidence for each. See `syncer.contract.assumptions`."""

from __future__ import annotations

from typing import Final

from syncer.contract.assumptions import Assumption, Evidence

ASSUMPTIONS: Final = (
    Assumption(
        id="jira.security.absent-without-level",
        behaviour="Data Center and Server leave `security` out where an issue has no level, and where the account may"
        " not see the field; Cloud sends null where there is no level.",
        evidence=Evidence.REPORT,
        source="answers of issues.redhat.com in public reports; recorded answers of a Jira Server whose `/field` lists"
        " the field",
        where=("connectors.jira.levels.audiences", "connectors.jira.mapping.observed_issue"),
        safe="An issue that does not show its level is carried only after a search told that it has none.",
        asked_by="security level",
    ),
    Assumption(
        id="jira.search.window-limited",
        behaviour="Data Center 11 refuses a search whose `startAt` passes 10,000 (`max_result_window`).",
        evidence=Evidence.DOCUMENTATION,
        source="Atlassian knowledge base: Jira Data Center 11, max_result_window",
        where=("connectors.jira.search.FARTHEST",),
        safe="Pages begin at the last change of the page before; within one moment, at the last key.",
    ),
)
"""Every behaviour of Jira that would lose, duplicate, leak or stop something if it were otherwise."""
