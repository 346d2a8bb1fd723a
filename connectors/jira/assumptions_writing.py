"""What the connector takes for granted where it writes to Jira, of its rate limits, and of what closes it.

See `connectors.jira.assumptions`.
"""

from __future__ import annotations

from typing import Final

from syncer.contract.assumptions import Assumption, Evidence

_CREATING: Final = (
    Assumption(
        id="jira.create.keeps-properties",
        behaviour="A create of an issue or comment keeps the `properties` it brings, which hold our marker.",
        evidence=Evidence.SPECIFICATION,
        source="Create issue and Add comment: IssueUpdateDetails, IssueUpdateBean, Comment, CommentJsonBean",
        where=("connectors.jira.bodies.property_entries", "connectors.jira.lookup.find_tasks"),
        safe="A create whose answer is lost is held where something alike of our account shows no marker.",
        asked_by="origin marker",
    ),
    Assumption(
        id="jira.create.bulk-answers-in-order",
        behaviour="A bulk create lists the issues it made in the order of the request, and the others by number.",
        evidence=Evidence.REPORT,
        source="public clients take them so: pycontribs/jira, JIRA.create_issues",
        where=("connectors.jira.creating.BATCH",),
        safe="Numbers that do not add up leave the whole request to be settled by the markers of what exists.",
    ),
    Assumption(
        id="jira.create.may-move-the-issue",
        behaviour="A create may take a transition along, which moves the new issue to another status.",
        evidence=Evidence.UNVERIFIED,
        source="Create issue: IssueUpdateDetails.transition, without a word on what a create makes of it",
        where=("connectors.jira.create_defaults.CreateDefaults",),
        safe="The first issue made so is read; a transition that was ignored or refused is not sent again.",
    ),
    Assumption(
        id="jira.create.keys-in-order",
        behaviour="Keys are handed out in order, and never again.",
        evidence=Evidence.REPORT,
        source="Deep Clone for Jira, documentation: Order of Jira Work Item Keys",
        where=("connectors.jira.lookup.ABSENT", "connectors.jira.project.Project.saw"),
        safe="A lost create is looked for past gaps of 50 keys and at least to the newest key of the index.",
    ),
    Assumption(
        id="jira.create.screen-told-by-type",
        behaviour="What can be entered in a create is told by project and issue type, since Jira 8.4.",
        evidence=Evidence.SPECIFICATION,
        source="Get create field metadata for a project and issue type id (Cloud and Data Center)",
        where=("connectors.jira.creating.Creating",),
        safe="Untold, nothing is left out of a create; a refusal names its fields and is held, and `check` says so.",
    ),
    Assumption(
        id="jira.create.creator-fixed",
        behaviour="Nobody can change the `creator` of an issue or the `author` of a comment.",
        evidence=Evidence.REPORT,
        source="Atlassian community: the creator is set once, the reporter can be changed",
        where=("connectors.jira.accounts.creator_of", "connectors.jira.project.Project.is_ours"),
        safe="A marker on anybody else's item counts only where the state has that item linked by it.",
    ),
    Assumption(
        id="jira.version.name-once",
        behaviour="The name of a version is free once in a project; a second create is refused for the field `name`.",
        evidence=Evidence.REPORT,
        source="the refusal: A version with this name already exists in this project",
        where=("connectors.jira.lookup.find", "connectors.jira.creating.Creating"),
        safe="A refused version is adopted only where one of its name is there.",
    ),
    Assumption(
        id="jira.attachment.names-its-media",
        behaviour="The content of an attachment of Cloud is redirected to an address that holds its media id.",
        evidence=Evidence.UNVERIFIED,
        source="Get attachment content redirects (documented); what the address holds is not",
        where=("connectors.jira.files.media_target",),
        safe="Without it the text links to the page of the file instead of showing it.",
        asked_by="media ids",
    ),
)

_CHANGING: Final = (
    Assumption(
        id="jira.edit.silence-needs-administrators",
        behaviour="`notifyUsers=false` is refused, and the edit with it, to who does not administer the project.",
        evidence=Evidence.UNVERIFIED,
        source="Edit issue says that the request is ignored; lesstif/php-jira-rest-client#390 and"
        " ankitpokhrel/jira-cli#1013 say that the edit is refused, without the status",
        where=("connectors.jira.updating.Updating",),
        safe="Refused with 403, or with 400 for no field, an edit is sent once more without it.",
        asked_by="permissions",
    ),
    Assumption(
        id="jira.edit.returns-the-issue",
        behaviour="Cloud answers an edit with the issue where `returnIssue=true` is asked.",
        evidence=Evidence.SPECIFICATION,
        source="REST API v3 of Cloud, Edit issue: returnIssue",
        where=("connectors.jira.updating.Updating",),
        safe="Without the issue the result is computed, and its version stays empty until it is read.",
    ),
    Assumption(
        id="jira.comment.put-replaces-all",
        behaviour="A PUT of a comment takes away visibility and properties that it does not repeat.",
        evidence=Evidence.UNVERIFIED,
        source="no document says what becomes of parts that a PUT leaves out",
        where=("connectors.jira.updating.Updating",),
        safe="Both are sent again as they were read just before, whether or not they would stay.",
    ),
    Assumption(
        id="jira.comment.several-in-one-edit",
        behaviour="An edit may add several comments at once.",
        evidence=Evidence.UNVERIFIED,
        source="the page Updating an issue via the REST APIs shows lists of verbs, and one `add` for comments",
        where=("connectors.jira.creating.Creating",),
        safe="It is not relied on: each comment is a request of its own, with its marker.",
    ),
    Assumption(
        id="jira.text.limit-counted",
        behaviour="The limit of 32,767 counts characters or UTF-16 units, of the text that ADF shows.",
        evidence=Evidence.UNVERIFIED,
        source="messages say characters (jenkinsci/jira-plugin#667); mozilla/jira-bugzilla-integration#1030 and #1134"
        " met it after conversion; sites set other limits (release-engineering/Sync2Jira#123)",
        where=("connectors.jira.adf.AdfMarkup", "connectors.jira.wiki.WikiMarkup"),
        safe="Texts are cut by UTF-16 units, of which none has fewer than characters; where a site counts more, the"
        " refusal is held by name and tells of `body-limit`.",
    ),
    Assumption(
        id="jira.text.four-byte-signs",
        behaviour="A Jira on MySQL with `utf8` answers 500 to a text with a sign of four bytes.",
        evidence=Evidence.REPORT,
        source="JRA-36135",
        where=("connectors.jira.answers.error_of",),
        safe="It is settled by reading like any lost answer, and after a few runs the item alone is held.",
    ),
    Assumption(
        id="jira.transition.fields-told",
        behaviour="The transitions of an issue show their screens where `transitions.fields` is expanded.",
        evidence=Evidence.DOCUMENTATION,
        source="REST API of Server and Data Center, Get transitions: expand; REST API v3 of Cloud, Get transitions",
        where=("connectors.jira.transitions.TransitionRunner",),
        safe="A transition is tried with what the configuration gives and, refused, without it.",
        requests=("GET /issue/{}/transitions?expand",),
    ),
    Assumption(
        id="jira.link.usual-types",
        behaviour="A site has the link types Blocks, Relates, Duplicate and Cloners under these names.",
        evidence=Evidence.DOCUMENTATION,
        source="Atlassian support: Configure issue linking, default link types",
        where=("connectors.jira.link_types.USUAL_LINKS",),
        safe="An edge of a type that the site lacks is neither read nor written, and `check` says so.",
        asked_by="links",
    ),
    Assumption(
        id="jira.link.inward-is-the-doer",
        behaviour="In a new link `inwardIssue` is the one that blocks or duplicates; an issue shows the other end.",
        evidence=Evidence.REPORT,
        source="mozilla/jira-bugzilla-integration#1285; pycontribs/jira#585; atlassian/atlassian-mcp-server#112",
        where=("connectors.jira.links.Linking", "connectors.jira.edges.links_of"),
        safe="What was written is read again, and a link in the other direction is reported as a difference.",
    ),
    Assumption(
        id="jira.limit.told-by-429",
        behaviour="A limit is told by 429, or 403 with Retry-After; a 5xx with it is maintenance.",
        evidence=Evidence.DOCUMENTATION,
        source="developer.atlassian.com, Rate limiting; RFC 9110 10.2.3; RFC 6585 4",
        where=("connectors.jira.answers.error_of",),
        safe="A read is repeated within `read-seconds`; a write that may have been taken is settled by reading.",
    ),
)

WRITING: Final = (*_CREATING, *_CHANGING)
"""Of what is created and changed."""


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
        where=("connectors.jira.closures.search_explained", "connectors.jira.listing.changes"),
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
        where=("connectors.jira.closures.Editable",),
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
