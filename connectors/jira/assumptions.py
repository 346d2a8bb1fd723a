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
    Assumption(
        id="jira.fields.absent-where-empty",
        behaviour="A Server leaves out fields in which an issue or version has nothing: description, priority, fix"
        " versions, parent, release date.",
        evidence=Evidence.RECORDING,
        source="5,499 issues and 3,268 versions of a public archive of a Jira Server",
        where=("connectors.jira.mapping.observed_issue",),
        safe="A field that an answer lacks keeps the value that is known.",
    ),
    Assumption(
        id="jira.comment.absent-where-empty",
        behaviour="A Server leaves out the body of a comment that has none.",
        evidence=Evidence.RECORDING,
        source="17,003 comments of a public archive of a Jira Server",
        where=("connectors.jira.mapping",),
        safe="A comment without a body is one with nothing to carry.",
    ),
    Assumption(
        id="jira.user.email-hidden",
        behaviour="Most accounts of Cloud, and all of a Server's answers that were kept, show no e-mail address.",
        evidence=Evidence.RECORDING,
        source="96 accounts of a Jira Cloud site, 16,048 of a Jira Server",
        where=("connectors.jira.mapping",),
        safe="Accounts are told by their ids and names alone.",
    ),
    Assumption(
        id="jira.project.type-key-untold",
        behaviour="An old Server does not tell `projectTypeKey` of an issue's project.",
        evidence=Evidence.RECORDING,
        source="issues of a public archive of a Jira Server",
        where=("connectors.jira.reading",),
        safe="The project itself is asked whether it is a service desk.",
    ),
    Assumption(
        id="jira.gateway.scoped-tokens",
        behaviour="Scoped tokens, the only ones a service account of Cloud can make, work at the API gateway alone.",
        evidence=Evidence.DOCUMENTATION,
        source="Atlassian support: 401 for service accounts; CLOUD-12617",
        where=("connectors.jira.settings.TrackerSettings",),
        safe="A token that the site refuses is named with the line that leads to the gateway.",
    ),
)
"""Every behaviour of Jira that would lose, duplicate, leak or stop something if it were otherwise."""
