"""Jira sites, as documentation, recordings and reports tell them."""

from __future__ import annotations

from typing import Final

from syncer.sandbox.profiles.model import Profile, Setting, Shown

_NO_LEVEL: Final = Shown("issue.fields", "security", "absent", "jira.security.absent-without-level")

# Counted in 5,499 issues, 17,003 comments and 3,268 versions that a Jira Server answered. What is left out now and then
# where it is empty is left out here always: a connector that reads this reads the mixture too.
_LEFT_OUT: Final = (
    *(
        Shown("issue.fields", field, "absent", "jira.fields.absent-where-empty")
        for field in ("description", "priority", "fixVersions", "duedate", "parent")
    ),
    Shown("comment", "body", "absent", "jira.comment.absent-where-empty"),
    Shown("version", "description", "absent", "jira.fields.absent-where-empty"),
    Shown("version", "releaseDate", "absent", "jira.fields.absent-where-empty"),
    Shown("user", "emailAddress", "absent", "jira.user.email-hidden", always=True),
    Shown("project", "projectTypeKey", "absent", "jira.project.type-key-untold", always=True),
)

PROFILES: Final = (
    Profile(
        "jira-cloud",
        "Jira Cloud",
        "jira",
        "cloud",
        (Shown("user", "emailAddress", "absent", "jira.user.email-hidden", always=True),),
    ),
    Profile(
        "jira-cloud-gateway",
        "Jira Cloud behind the API gateway, for a service account",
        "jira",
        "cloud",
        (
            Shown("user", "emailAddress", "absent", "jira.user.email-hidden", always=True),
            Setting("gateway", True, "jira.gateway.scoped-tokens"),
        ),
    ),
    Profile("jira-server", "Jira Server as recorded", "jira", "datacenter", (_NO_LEVEL, *_LEFT_OUT)),
    Profile(
        "jira-data-center",
        "Jira Data Center 11",
        "jira",
        "datacenter",
        (_NO_LEVEL, Setting("result-window", 10_000, "jira.search.window-limited")),
    ),
)
