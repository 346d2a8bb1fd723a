"""Jira sites, as documentation, recordings and reports tell them."""

from __future__ import annotations

from typing import Final

from syncer.sandbox.profiles.model import Profile, Setting, Shown

_NO_LEVEL: Final = Shown("issue.fields", "security", "absent", "jira.security.absent-without-level")

# Counted in 5,499 issues, 17,003 comments and 3,268 versions that one Jira Server answered, and two issues of another.
# What a project hides (there the priority, the fix versions, the description) is no property of a server: it is varied.
_AS_RECORDED: Final = (
    Shown("issue.fields", "description", "empty", "jira.fields.absent-where-empty"),
    Shown("issue.fields", "parent", "absent", "jira.fields.absent-where-empty"),
    Shown("version", "description", "absent", "jira.fields.absent-where-empty"),
    Shown("version", "releaseDate", "absent", "jira.fields.absent-where-empty"),
    Shown("comment", "body", "absent", "jira.comment.absent-where-empty"),
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
    Profile("jira-server", "Jira Server as recorded", "jira", "datacenter", (_NO_LEVEL, *_AS_RECORDED)),
    Profile(
        "jira-data-center",
        "Jira Data Center 11",
        "jira",
        "datacenter",
        (_NO_LEVEL, Setting("result-window", 10_000, "jira.search.window-limited")),
    ),
)
