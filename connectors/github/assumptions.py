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
    Assumption(
        id="github.types.absent-on-server",
        behaviour="Enterprise Server to 3.19 has no issue types: the operations answer 404, and issues lack `type`.",
        evidence=Evidence.SPECIFICATION,
        source="github/rest-api-description, the documents of Enterprise Server 3.17, 3.18 and 3.19",
        where=("connectors.github.mapping.task", "connectors.github.checking"),
        safe="An issue that does not tell its type keeps the one that is known; `check` warns where types are wanted.",
    ),
    Assumption(
        id="github.issue-fields.absent-on-server",
        behaviour="Enterprise Server to 3.19 has no issue fields, and no values of them that could be written.",
        evidence=Evidence.SPECIFICATION,
        source="github/rest-api-description, the documents of Enterprise Server 3.17, 3.18 and 3.19",
        where=("connectors.github.mapping.Scope",),
        safe="Issue fields are neither read nor written.",
    ),
    Assumption(
        id="github.operations.absent-on-server",
        behaviour="Enterprise Server to 3.19 has no pinned comments or suggestions, and does not list its versions.",
        evidence=Evidence.SPECIFICATION,
        source="github/rest-api-description, the documents of Enterprise Server 3.17, 3.18 and 3.19",
        where=("connectors.github.client.GitHubClient",),
        safe="None of them is asked for: a version is tried, not looked up.",
    ),
    Assumption(
        id="github.api-version.negotiated",
        behaviour="A version of the interface that a server does not know is refused with 400, one that ended with"
        " 410; version 2026-03-10, which Enterprise Server has from 3.21, leaves out `assignee`, `has_downloads` and"
        " `rate`.",
        evidence=Evidence.DOCUMENTATION,
        source="GitHub Docs: API Versions; Breaking changes, version 2026-03-10",
        where=("connectors.github.client.VERSIONS", "connectors.github.client.GitHubClient"),
        safe="What is refused before a version was accepted is asked once more in the other version.",
    ),
    Assumption(
        id="github.enterprise-version.told",
        behaviour="Enterprise Server tells its version in `X-GitHub-Enterprise-Version`; github.com does not send it.",
        evidence=Evidence.REPORT,
        source="microsoft/vscode-pull-request-github#3983; `installed_version` of GET /meta in the servers' documents",
        where=("connectors.github.checking",),
        safe="Without the header an empty repository is taken for one that holds parents and blockers.",
    ),
    Assumption(
        id="github.data-residency.hosts",
        behaviour="With data residency the interface is at api.SUBDOMAIN.ghe.com, the pages are at SUBDOMAIN.ghe.com.",
        evidence=Evidence.DOCUMENTATION,
        source="GitHub Docs: About GitHub Enterprise Cloud with data residency, API access",
        where=("connectors.github.settings.GitHubTracker",),
        safe="Pages of any other host are taken to be where its interface is.",
    ),
)
"""Every behaviour of GitHub that would lose, duplicate, leak or stop something if it were otherwise."""
