"""What this connector takes for granted about Jira, with the evidence for each. See `syncer.contract.assumptions`.

Here what it reads; what it writes is in `connectors.jira.assumptions_writing`.
"""

from __future__ import annotations

from typing import Final

from connectors.jira.assumptions_fields import FIELDS
from connectors.jira.assumptions_writing import CLOSED, LIMITS, SCOPES, SHOWN, WRITING
from syncer.contract.assumptions import Assumption, Evidence

_ACCESS: Final = (
    Assumption(
        id="jira.stranger.answered-with-success",
        behaviour="Jira may answer a stranger with 200 and an empty list, and tells so by `X-AUSERNAME: anonymous` or"
        " by `X-Seraph-LoginReason`.",
        evidence=Evidence.DOCUMENTATION,
        source="JIRA REST API Example: Basic and Cookie-based Authentication; ServiceNow KB2942093",
        where=("connectors.jira.answers.payload",),
        safe="A search that shows nothing more where much was known is stopped by the brake on deletions.",
    ),
    Assumption(
        id="jira.audience.told-by-a-stranger",
        behaviour="What may be read of a project without credentials at the address of the site is public; 401, 403"
        " and 404 say that it is not.",
        evidence=Evidence.DOCUMENTATION,
        source="Atlassian support: Allow anonymous access to projects",
        where=("connectors.jira.client.Client.readable_by_anybody", "connectors.jira.project.Project.audience"),
        safe="Any other answer leaves the project restricted: nothing of it is carried, and `check` says so.",
    ),
    Assumption(
        id="jira.gateway.takes-scoped-tokens",
        behaviour="Scoped tokens and service accounts work only at `https://api.atlassian.com/ex/jira/<cloudId>`.",
        evidence=Evidence.DOCUMENTATION,
        source="Atlassian support: 401 for service accounts; CLOUD-12617",
        where=("connectors.jira.settings.JiraTracker", "connectors.jira.checking.check"),
        safe="A refused token stops the side; `check` names the `cloud-id` to write.",
    ),
    Assumption(
        id="jira.site.tells-its-cloud-id",
        behaviour="A site of Cloud tells everybody its id at `/_edge/tenant_info`.",
        evidence=Evidence.DOCUMENTATION,
        source="Atlassian support: How to Find Your Atlassian Cloud Site's Cloud ID",
        where=("connectors.jira.client.Client.cloud_id",),
        safe="The message about the refused token lacks the id to write.",
        requests=("GET /_edge/tenant_info",),
    ),
    Assumption(
        id="jira.permissions.unknown-key-refused",
        behaviour="Cloud refuses the whole question for permissions with 400 where one of the keys is unknown.",
        evidence=Evidence.DOCUMENTATION,
        source="REST API v3 of Cloud, Get my permissions: 400, contains an invalid key",
        where=("connectors.jira.project.Project.granted",),
        safe="A permission of which nothing is told counts as not granted.",
    ),
    Assumption(
        id="jira.permissions.system-admin-on-cloud",
        behaviour="Cloud knows the permission SYSTEM_ADMIN.",
        evidence=Evidence.UNVERIFIED,
        source="Get all permissions tells it of Data Center; no document lists the keys of Cloud",
        where=("connectors.jira.checking.check",),
        safe="Refused, the question is asked again without it, and `check` says that it is not told.",
        asked_by="permissions",
    ),
    Assumption(
        id="jira.project.insight-counts-all-issues",
        behaviour="`insight.totalIssueCount` of Cloud counts the issues of a project whoever may see them.",
        evidence=Evidence.UNVERIFIED,
        source="Get project, expand=insight: ProjectInsight, which does not say whose issues are counted",
        where=("connectors.jira.probing.hidden_issues",),
        safe="Only words of `check` depend on it: a project that shows no issue is said to show none in either case.",
        asked_by="hidden issues",
    ),
    Assumption(
        id="jira.user.key-never-given-again",
        behaviour="The accountId of Cloud and the key of a user of Data Center never change and are never given again;"
        " a name of Data Center may be.",
        evidence=Evidence.DOCUMENTATION,
        source="Atlassian: GDPR changes in Jira Data Center (user keys); Cloud user privacy guide (accountId)",
        where=("connectors.jira.accounts.natives_of", "connectors.jira.project.GENERATED_KEY"),
        safe="Items by another account than ours are never taken for ours; assignments name the account as it is now.",
    ),
)

_SEARCH: Final = (
    Assumption(
        id="jira.search.index-lags",
        behaviour="A search may show an issue seconds to minutes after it was written.",
        evidence=Evidence.DOCUMENTATION,
        source="Cloud developer documentation, Search and reconcile issues; JRACLOUD-96208",
        where=(
            "connectors.jira.listing.advanced",
            "connectors.jira.listing.changes",
            "connectors.jira.lookup.find_tasks",
        ),
        safe="Each reading reaches back `overlap-seconds`; what the index shows older than it is known is read by id;"
        " a lost create is looked for by key.",
    ),
    Assumption(
        id="jira.search.takes-milliseconds",
        behaviour="JQL takes epoch milliseconds for `updated` and `created`, free of the account's time zone.",
        evidence=Evidence.REPORT,
        source="airbytehq/airbyte#48395 and #48492",
        where=("connectors.jira.jql.updated_since", "connectors.jira.jql.created_since"),
        safe="A refusal stops the side; a search that found nothing leaves the daily complete reading to find it.",
        asked_by="search by time",
    ),
    Assumption(
        id="jira.search.token-pages",
        behaviour="Cloud chains pages by `nextPageToken`, which the last one lacks, and may show fewer than asked.",
        evidence=Evidence.DOCUMENTATION,
        source="REST API v3 of Cloud, Search for issues using JQL enhanced search",
        where=("connectors.jira.search.changed_issues",),
        safe="A token that comes back, or a missing one where more follows, ends the reading as an error.",
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
        id="jira.search.reconciles-fifty",
        behaviour="A search of Cloud shows up to 50 issues named in `reconcileIssues` as the database holds them.",
        evidence=Evidence.DOCUMENTATION,
        source="Cloud developer documentation, Search and reconcile issues",
        where=("connectors.jira.search.RECONCILED", "connectors.jira.search.changed_and_named"),
        safe="An item read longer ago than `reread-after` is read again by id before it is changed.",
    ),
    Assumption(
        id="jira.issue.moved-answers-under-its-old-key",
        behaviour="A moved issue answers under its old key with its new one, and keeps its id.",
        evidence=Evidence.REPORT,
        source="Atlassian community: Things Developers Believe About Jira",
        where=("connectors.jira.project.Project.contains", "connectors.jira.lookup.find_tasks"),
        safe="An issue counts by its id and the project it is in; one that does not answer is gone uncertainly.",
    ),
    Assumption(
        id="jira.issue.absent-is-not-deleted",
        behaviour="404, and absence in a bulk fetch, stand for a deleted issue and for one that is hidden from us.",
        evidence=Evidence.DOCUMENTATION,
        source="REST API v3 of Cloud, Get issue; Bulk fetch issues: issues the user cannot see are left out",
        where=("connectors.jira.answers.error_of", "connectors.jira.lookup.read_tasks"),
        safe="Such an issue is gone uncertainly: it is held and its partner stays as it is.",
    ),
    Assumption(
        id="jira.search.shows-properties",
        behaviour="A search of Cloud, and a bulk fetch, show the issue properties that are asked for.",
        evidence=Evidence.SPECIFICATION,
        source="REST API v3 of Cloud, SearchAndReconcileRequestBean and BulkFetchIssueRequestBean: properties",
        where=("connectors.jira.search.changed_issues", "connectors.jira.project.Project.fetched"),
        safe="An issue that shows no marker is linked by the state; a lost create that is not found is held.",
        asked_by="origin marker",
    ),
    Assumption(
        id="jira.status.four-categories",
        behaviour="The category of a status is `new`, `indeterminate`, `done` or `undefined`, whatever its name.",
        evidence=Evidence.DOCUMENTATION,
        source="REST API v3 of Cloud, Get all status categories",
        where=("connectors.jira.mapping.named_status",),
        safe="Another one counts as not begun; which status an issue gets is decided by its name.",
    ),
    Assumption(
        id="jira.clock.date-of-the-answer",
        behaviour="The `Date` of an answer is the clock by which Jira dates issues.",
        evidence=Evidence.DOCUMENTATION,
        source="RFC 9110 6.6.1: the origination of the message, which a gateway may add",
        where=("connectors.jira.client.Client", "connectors.jira.lookup.SKEW"),
        safe="A lost create is looked for from an hour before; without a date, among all issues.",
    ),
    Assumption(
        id="jira.issue.parent-absent-without-one",
        behaviour="Cloud leaves `parent` out of an issue that has none.",
        evidence=Evidence.RECORDING,
        source="33 recorded issues of a Cloud site (apache/incubator-devlake, test data)",
        where=("connectors.jira.edges.above",),
        safe="The field is read only where the type came with it, which is always asked for together.",
    ),
)

_READERS: Final = (
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
        id="jira.security.search-names-the-hidden-field",
        behaviour="A search by `level` is refused where the account may not see the field, in words that name it.",
        evidence=Evidence.UNVERIFIED,
        source="shridhar-tl/jira-assistant#144 shows the words for another field",
        where=("connectors.jira.levels.audiences",),
        safe="A refusal that names neither the field nor an issue leaves the issues restricted.",
        asked_by="security level",
    ),
    Assumption(
        id="jira.security.no-scheme-is-404",
        behaviour="Who administers a project gets 404, or nothing, for its security scheme where it has none.",
        evidence=Evidence.UNVERIFIED,
        source="REST API of Data Center, Project security level scheme: 404 where the project does not exist, or for"
        " lack of rights",
        where=("connectors.jira.levels.audiences",),
        safe="404 is believed of an account alone that administers the project; else the issues stay restricted.",
        asked_by="security level",
    ),
    Assumption(
        id="jira.issue.restrictions-told",
        behaviour="An issue of Cloud tells who alone may see it by `issuerestriction`, and only team-managed projects"
        " (`simplified`) have such restrictions.",
        evidence=Evidence.RECORDING,
        source="33 recorded issues of a Cloud site show it, empty (apache/incubator-devlake, test data); no document"
        " lists the field",
        where=("connectors.jira.mapping.observed_issue", "connectors.jira.site.issue_fields"),
        safe="An issue of a team-managed project that does not show it is restricted.",
        asked_by="security level",
    ),
    Assumption(
        id="jira.comment.public-told-by-cloud",
        behaviour="Cloud says `jsdPublic` of every comment.",
        evidence=Evidence.SPECIFICATION,
        source="REST API v3 of Cloud, Comment.jsdPublic",
        where=("connectors.jira.mapping.is_internal",),
        safe="A comment that does not say it is restricted.",
    ),
    Assumption(
        id="jira.comment.internal-property-on-server",
        behaviour="Data Center marks an internal comment by `sd.public.comment`, which a search leaves out.",
        evidence=Evidence.DOCUMENTATION,
        source="Jira Service Management Server: Internal comments by REST (sd.public.comment)",
        where=("connectors.jira.mapping.INTERNAL_PROPERTY", "connectors.jira.comments.thread_of"),
        safe="In a service desk, and in a project of unknown type, every changed thread is read with its properties.",
    ),
    Assumption(
        id="jira.project.type-told-by-issues",
        behaviour="An issue of Data Center tells the type of its project (`projectTypeKey`).",
        evidence=Evidence.UNVERIFIED,
        source="an old recording lacks it; the specification of Data Center has no such field in an issue",
        where=("connectors.jira.comments.thread_of",),
        safe="A project of unknown type may have internal comments: one request more for each changed thread.",
        asked_by="project type",
    ),
    Assumption(
        id="jira.fields.absent-where-empty",
        behaviour="A Server leaves out the parent of an issue and the description and date of a version where there is"
        " none, and every field that a project hides; it shows an empty description as an empty text.",
        evidence=Evidence.RECORDING,
        source="5,499 issues and 3,268 versions of a public archive of a Jira Server, two issues of another",
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
        where=("connectors.jira.listing",),
        safe="The project itself is asked whether it is a service desk.",
    ),
    Assumption(
        id="jira.gateway.scoped-tokens",
        behaviour="Scoped tokens, the only ones a service account of Cloud can make, work at the API gateway alone.",
        evidence=Evidence.DOCUMENTATION,
        source="Atlassian support: 401 for service accounts; CLOUD-12617",
        where=("connectors.jira.settings.JiraTracker",),
        safe="A token that the site refuses is named with the line that leads to the gateway.",
    ),
)

_COMMENTS: Final = (
    Assumption(
        id="jira.comment.edit-moves-its-issue",
        behaviour="Editing or deleting a comment moves the `updated` of its issue.",
        evidence=Evidence.UNVERIFIED,
        source="no document says it",
        where=("connectors.jira.listing.changes",),
        safe="The complete reading (`sweep-every`) compares all comments; a count that differs is looked into at once.",
        asked_by="edited comments",
    ),
    Assumption(
        id="jira.comment.total-where-capped",
        behaviour="Where Cloud shows only some comments of an issue in a search (about 20), `total` counts all.",
        evidence=Evidence.UNVERIFIED,
        source="the specification calls PageOfComments.total the number of items returned",
        where=("connectors.jira.comments.SHOWN", "connectors.jira.comments.thread_of"),
        safe="A thread of which 20 comments or more are shown is read on its own, whatever its total.",
        asked_by="comment total",
    ),
    Assumption(
        id="jira.comment.pages-of-a-hundred",
        behaviour="The list of an issue's comments tells how many there are; Cloud gives 100 a page at most.",
        evidence=Evidence.REPORT,
        source="pycontribs/jira#1938; JRASERVER-74572",
        where=("connectors.jira.comments.all_comments",),
        safe="Pages are asked for until as many are there as are told; fewer is an error after three readings.",
    ),
)

ASSUMPTIONS: Final = (*_ACCESS, *_SEARCH, *_READERS, *_COMMENTS, *FIELDS, *LIMITS, *CLOSED, *SCOPES, *SHOWN, *WRITING)
"""Every behaviour of Jira that would lose, duplicate, leak or stop something if it were otherwise."""
