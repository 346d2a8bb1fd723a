"""What the connector takes for granted about Jira's rate limits, about what closes it, and about what it leaves out."""

from __future__ import annotations

from typing import Final

from syncer.contract.assumptions import Assumption, Evidence

LIMITS: Final = (
    Assumption(
        id="jira.limits.reason-named",
        behaviour="Cloud answers 429 with `RateLimit-Reason`: `jira-per-issue-on-write` (one issue), `jira-burst-based`"
        " (one endpoint and verb), `jira-quota-*` (all until the hour ends), with `Retry-After` in seconds and"
        " `X-RateLimit-Reset` as ISO 8601.",
        evidence=Evidence.DOCUMENTATION,
        source='developer.atlassian.com, "Rate limiting" (3 February 2026) and "Build an app that respects rate limits"'
        " (20 October 2026)",
        where=("connectors.jira.pacing.reason_of", "connectors.jira.pacing.wait_told"),
        safe="A 429 without a reason, or with one that is not documented (`jira-cost-based` was reported), stops all"
        " requests; without a time the waits grow from 2 to 30 seconds.",
    ),
    Assumption(
        id="jira.limits.refused-without-effect",
        behaviour="A request that a rate limit of Jira refuses with 429 changed nothing.",
        evidence=Evidence.DOCUMENTATION,
        source='developer.atlassian.com, "Rate limiting": requests without a token "will be rejected"',
        where=("connectors.jira.client.Client", "connectors.jira.pacing.is_of_the_limiter"),
        safe="A write is sent again only where the 429 shows a reason or a time of Jira's; any other stops the run.",
    ),
    Assumption(
        id="jira.limits.writes-to-one-issue",
        behaviour="Cloud takes 20 writes to one issue in 2 seconds and 100 in 30.",
        evidence=Evidence.DOCUMENTATION,
        source='developer.atlassian.com, "Rate limiting", per-issue rate limiting on write operations',
        where=("connectors.jira.dialect.CLOUD", "connectors.jira.pacing.bucket_within"),
        safe="A 429 with that reason makes this issue wait, whatever was sent to it.",
    ),
    Assumption(
        id="jira.limits.near",
        behaviour="`X-RateLimit-NearLimit: true` says that less than 20 % of a quota is left; bursts are not meant.",
        evidence=Evidence.DOCUMENTATION,
        source='developer.atlassian.com, "Rate limiting", current headers',
        where=("connectors.jira.pacing.NEAR_GAP",),
        safe="Requests go out one a second while it is said; without it the 429 is waited for.",
    ),
    Assumption(
        id="jira.limits.token-bucket",
        behaviour="Data Center with rate limits tells `X-RateLimit-Remaining`, `-FillRate` and `-Interval-Seconds` in"
        " every answer, and `Retry-After`, which is 0 while there are tokens; its 429 is a page of the web server.",
        evidence=Evidence.DOCUMENTATION,
        source='confluence.atlassian.com, "Improving instance stability with rate limiting"; the page:'
        " ahungry/org-jira issue 365",
        where=("connectors.jira.pacing.counts_tokens", "connectors.jira.pacing.Pacing"),
        safe="Nothing is sent before there are new tokens; a 403 with these headers is a missing permission.",
    ),
)

CLOSED: Final = (
    Assumption(
        id="jira.project.archived-told",
        behaviour="An archived project is still shown by its key, with `archived: true`; so are its issues by theirs,"
        " and are in no search; nothing in it changes.",
        evidence=Evidence.DOCUMENTATION,
        source='confluence.atlassian.com, "Archiving a project"; operation `GET /project/{projectIdOrKey}`;'
        " fourplusone/terraform-provider-jira pull request 84",
        where=("connectors.jira.closures.archived_by",),
        safe="Where it does not say so, its refusals are those of an account that may only read, or of single items.",
        asked_by="project",
    ),
    Assumption(
        id="jira.project.search-when-archived",
        behaviour="A search in an archived project is refused as if there were no such project.",
        evidence=Evidence.UNVERIFIED,
        source='"Archiving a project" says only that its issues "will no longer appear in search results"',
        where=("connectors.jira.closures.search_explained", "connectors.jira.reading.changes"),
        safe="An answer without issues is taken for one as well: a complete reading asks for the project first, and a"
        " refused write asks why.",
    ),
    Assumption(
        id="jira.issue.archived-readable",
        behaviour="An archived issue is still read by its id, is in no search, and takes no change.",
        evidence=Evidence.UNVERIFIED,
        source='developer.atlassian.com, "Archiving API" (Data Center, of pages); on Cloud no source tells what'
        " `GET /issue/{issueIdOrKey}` answers",
        where=("connectors.jira.lookup.read_tasks",),
        safe="Read by its id, it is held by name. With 404 it is held, and counts as deleted after three complete"
        " readings.",
    ),
    Assumption(
        id="jira.site.read-only-mode",
        behaviour="Data Center (11.3, and 10.3 LTS) in read-only mode takes all project permissions to write from"
        " everybody but system administrators, and tells of it at `readonly-mode`.",
        evidence=Evidence.DOCUMENTATION,
        source='developer.atlassian.com, "Making your app compatible with read-only mode" (8 July 2026), and the group'
        " readonly-mode of the REST API v1103",
        where=("connectors.jira.closures.read_only_mode",),
        safe="Without an answer the side stops as one where the account may only read.",
        asked_by="permissions",
        requests=("GET /readonly-mode",),
    ),
    Assumption(
        id="jira.issue.no-edit-screen",
        behaviour="Where a status (`jira.issue.editable=false`) or a workflow permission forbids to edit an issue, its"
        " `editmeta` shows no field, and an edit is refused with 400 for every field alike.",
        evidence=Evidence.DOCUMENTATION,
        source="operation `GET /issue/{issueIdOrKey}/editmeta`, its conditions; prometheus-community/jiralert issue 95;"
        " pycontribs/jira issue 1",
        where=("connectors.jira.editable.Editable",),
        safe="A refusal that names other fields, or an edit screen that shows some, is told in Jira's own words.",
    ),
    Assumption(
        id="jira.site.read-only-cloud",
        behaviour="A Cloud site that takes no change for a while answers 503 with `Retry-After`, or refuses writes as"
        " where a permission is missing.",
        evidence=Evidence.UNVERIFIED,
        source='"Rate limiting" says of 503 that it may carry `Retry-After`; no source tells of a read-only state',
        where=("connectors.jira.answers.error_of", "connectors.jira.closures.closed_by"),
        safe="503 is an outage and is told when it lasts; without any permission to write the pair stops by that name.",
    ),
)

SCOPES: Final = (
    Assumption(
        id="jira.gateway.lacking-scope-is-401",
        behaviour='A scoped token that lacks the scope of an operation gets 401 with `"scope does not match"` for it,'
        " and goes on to work for others.",
        evidence=Evidence.REPORT,
        source="raycast/extensions issue 11212; PipedreamHQ/pipedream issue 20210",
        where=("connectors.jira.answers.Unscoped",),
        safe="Any other 401 counts as a refused token, and nothing more is sent with it.",
    ),
)

SHOWN: Final = (
    Assumption(
        id="jira.fields.left-out-is-unknown",
        behaviour="A field that a project hides is left out of its issues; an empty one is null, an empty list `[]`.",
        evidence=Evidence.RECORDING,
        source="recorded issues of a Jira Server: `description` absent in 3 %, `priority` and `fixVersions` in 36 %,"
        " `environment` null in 59 %; of a Cloud site: lists present in every issue",
        where=("connectors.jira.mapping.shown_by_issue", "connectors.jira.edges.linked"),
        safe="What is absent, and null in place of a list, is not known: it takes nothing away on the other side.",
    ),
    Assumption(
        id="jira.version.left-out-is-empty",
        behaviour="A version leaves out the description and the dates that it does not have.",
        evidence=Evidence.RECORDING,
        source="recorded versions of a Jira Server: `description` absent in 49 %, `releaseDate` in 9 %",
        where=("connectors.jira.mapping.observed_version",),
        safe="There is nothing else to go by: a part that were hidden would count as emptied.",
    ),
    Assumption(
        id="jira.changelog.both-ends-told",
        behaviour="Every item of a changelog has `fromString` and `toString`, null or empty where there was nothing.",
        evidence=Evidence.RECORDING,
        source="284 recorded items of a Cloud site, none without them",
        where=("connectors.jira.changelog.entry_of",),
        safe="An item without either is passed over: nothing is decided by it.",
    ),
)
