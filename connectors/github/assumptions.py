"""What this connector takes for granted about GitHub, with the evidence for each. See `syncer.contract.assumptions`."""

from __future__ import annotations

from typing import Final

from connectors.github.assumptions_boards import ABOUT_BOARDS
from connectors.github.assumptions_fields import ABOUT_FIELDS
from syncer.contract.assumptions import Assumption, Evidence

_PRODUCTS: Final = (
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
        id="github.issue.absent-summary-is-not-zero",
        behaviour="Also on github.com an issue of a list may lack its summaries and its type.",
        evidence=Evidence.RECORDING,
        source="43 recorded rows since 2024, of which 28 % have them",
        where=("connectors.github.mapping.tells_parent", "connectors.github.mapping.blockers_of"),
        safe="What is absent is left as it was known; it is never taken for an emptied field.",
    ),
    Assumption(
        id="github.repository.visibility-absent-on-old-server",
        behaviour="Enterprise Server before 3.0 tells `private` and no `visibility`.",
        evidence=Evidence.DOCUMENTATION,
        source="GitHub REST API, release notes of Enterprise Server 3.0",
        where=("connectors.github.mapping.audience",),
        safe="A repository that tells neither, or another word, is restricted.",
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
        where=("connectors.github.mapping.RepositoryFacts",),
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

_READING: Final = (
    Assumption(
        id="github.list.since-is-inclusive",
        behaviour="`since` lists what changed at or after a moment, in whole seconds, oldest first where asked.",
        evidence=Evidence.DOCUMENTATION,
        source="GitHub REST API, List repository issues; github/developer.github.com#292",
        where=("connectors.github.paging.changed_since", "connectors.github.paging.stamp"),
        safe="Each reading begins `overlap-seconds` before the last change seen.",
    ),
    Assumption(
        id="github.list.shows-what-was-created",
        behaviour="A list shows an issue or comment as soon as the create that made it has ended, unlike a search.",
        evidence=Evidence.UNVERIFIED,
        source="octokit/octokit.js#900 and probot/stale#83 tell of replicas that are seconds behind",
        where=("connectors.github.lookup.created",),
        safe="A create that was sent within `settle-seconds` and is not listed is looked for again, that much later,"
        " before it counts as never made.",
    ),
    Assumption(
        id="github.comment.edit-moves-its-issue",
        behaviour="Editing or deleting a comment moves the `updated_at` of its issue.",
        evidence=Evidence.UNVERIFIED,
        source="the documentation says it of no operation",
        where=("connectors.github.listing.Listing",),
        safe="The complete reading (`sweep-every`) lists all comments; a count that differs is looked into at once.",
        asked_by="edited comments",
    ),
    Assumption(
        id="github.dependency.change-moves-its-issue",
        behaviour="Adding and removing a blocker does not move the `updated_at` of an issue.",
        evidence=Evidence.UNVERIFIED,
        source="the documentation says nothing of it",
        where=("connectors.github.edges.Edges",),
        safe="Either way the number of blockers is compared where an issue is shown, and all are listed by the"
        " complete reading.",
    ),
    Assumption(
        id="github.parent.told-in-lists",
        behaviour="Where a list tells `sub_issues_summary`, an issue with a parent tells `parent_issue_url` as well.",
        evidence=Evidence.SPECIFICATION,
        source="GitHub REST API, schema issue: parent_issue_url; about 3 of 3,108 recorded rows have it",
        where=("connectors.github.mapping.parent_of",),
        safe="A parent that is taken away is shown by `preview`, and text is never touched by it.",
    ),
    Assumption(
        id="github.clock.date-of-the-answer",
        behaviour="The `Date` of an answer is the clock by which GitHub dates issues.",
        evidence=Evidence.DOCUMENTATION,
        source="RFC 9110 6.6.1: the origination of the message, which a gateway may add",
        where=("connectors.github.client.GitHubClient", "connectors.github.lookup.created"),
        safe="A lost create is looked for from `clock-skew-seconds` before.",
    ),
    Assumption(
        id="github.pages.told-by-link",
        behaviour="A page that is followed by another one says so by a `link` header with `next`.",
        evidence=Evidence.DOCUMENTATION,
        source="GitHub REST API, Using pagination",
        where=("connectors.github.answers.GitHubAnswer", "connectors.github.paging.pages"),
        safe="Where a proxy takes it away, the next run goes on from the last change seen, and what a complete reading"
        " misses is read by itself before it counts as gone.",
    ),
    Assumption(
        id="github.list.holds-pull-requests",
        behaviour="Lists of issues and of their comments hold those of pull requests, told by `pull_request` and by"
        " `/pull/` in the address.",
        evidence=Evidence.DOCUMENTATION,
        source="GitHub REST API, List repository issues; List issue comments for a repository",
        where=("connectors.github.mapping.is_pull_request", "connectors.github.mapping.on_pull_request"),
        safe="A comment whose issue is none of the scope is dropped.",
    ),
    Assumption(
        id="github.absence.404-hides",
        behaviour="404 stands for what was deleted and for what the token may not see; 410 for a deleted issue, or"
        " issues that are switched off.",
        evidence=Evidence.DOCUMENTATION,
        source="GitHub REST API, Troubleshooting: 404 for an existing resource; Get an issue: 301, 404, 410",
        where=("connectors.github.answers.judge",),
        safe="After 404 an item is gone uncertainly: it is held and its partner stays as it is.",
    ),
    Assumption(
        id="github.issues.switched-off",
        behaviour="Where issues are switched off, one that exists answers 410 as a deleted one does, in words that say"
        " disabled; the list answers 410, or shows pull requests only; `has_issues` is false.",
        evidence=Evidence.REPORT,
        source="ansible/ansibullbot#845; ingydotnet/git-hub#72; GitHub REST API, Get a repository: has_issues",
        where=("connectors.github.answers.judge", "connectors.github.connector.GitHubConnector.audience"),
        safe="Nothing counts as deleted: the side is closed by the name of the repository until issues are on again.",
        asked_by="repository",
    ),
    Assumption(
        id="github.new.not-found-yet",
        behaviour="What was created seconds ago may answer 404 to a read, an edit or a comment.",
        evidence=Evidence.REPORT,
        source="octokit/octokit.js#900; probot/stale#83; rust-lang/highfive#190",
        where=("connectors.github.answers.judge",),
        safe="It is asked for again for seconds and written within the run, then after minutes; never held for a day.",
    ),
    Assumption(
        id="github.comment.minimized",
        behaviour="A comment tells in `minimized` that it is hidden, and why; null where it is shown.",
        evidence=Evidence.SPECIFICATION,
        source="GitHub's OpenAPI document, Issue Comment: minimized",
        where=("connectors.github.mapping.hidden_note",),
        safe="A comment that does not tell counts as shown, and `check` says that this server does not tell.",
        asked_by="hidden comments",
    ),
    Assumption(
        id="github.comment.minimizing-moves-its-time",
        behaviour="Hiding a comment, and showing it again, moves its `updated_at` and that of its issue.",
        evidence=Evidence.UNVERIFIED,
        source="the documentation says it of no operation",
        where=("connectors.github.mapping.hidden_note",),
        safe="The complete reading (`sweep-every`) sees it at the latest.",
    ),
    Assumption(
        id="github.redirect.renamed-or-transferred",
        behaviour="A renamed repository and a transferred issue answer with a redirect.",
        evidence=Evidence.DOCUMENTATION,
        source="GitHub REST API, Best practices: Follow redirects; Transferring an issue",
        where=("connectors.github.client.GitHubClient",),
        safe="No redirect is followed by itself: the repository is asked what it is called now, or the item is gone.",
    ),
    Assumption(
        id="github.account.id-never-given-again",
        behaviour="The numeric id of an account never changes and is never given again; a login may be.",
        evidence=Evidence.DOCUMENTATION,
        source="GitHub documentation, Changing your username; REST API, Get a user using their ID",
        where=("connectors.github.repository.Ours", "connectors.github.connector.GitHubConnector.account_of"),
        safe="A login that belongs to another id by now is reported, and assignments stay as they are.",
        requests=("GET /user/{}",),
    ),
    Assumption(
        id="github.token.lists-its-repositories",
        behaviour="A token lists the repositories that its user has explicit permission to access.",
        evidence=Evidence.DOCUMENTATION,
        source="GitHub REST API, List repositories for the authenticated user",
        where=("connectors.github.beginning.scopes",),
        safe="`syncer init` asks for the repository's name.",
        requests=("GET /user/repos",),
    ),
    Assumption(
        id="github.app.tells-its-name",
        behaviour="An App tells its slug, and creates as the account `SLUG[bot]`.",
        evidence=Evidence.DOCUMENTATION,
        source="GitHub REST API, Get the authenticated app; Authenticating as a GitHub App installation",
        where=("connectors.github.repository.Ours", "connectors.github.client.GitHubClient.app_slug"),
        safe="Without it nothing is created, and no marker counts.",
        requests=("GET /app",),
    ),
    Assumption(
        id="github.app.web-token-times",
        behaviour="An App's web token is refused with 401 where it is issued in the future or ends more than ten"
        " minutes ahead, both by GitHub's clock.",
        evidence=Evidence.DOCUMENTATION,
        source="GitHub documentation, Generating a JSON Web Token (JWT) for a GitHub App; octokit/auth-app.js#698",
        where=("connectors.github.session.App",),
        safe="It is signed once more by the clock of the refusal; a second refusal is told in GitHub's words.",
    ),
    Assumption(
        id="github.app.token-ends",
        behaviour="The token of an installation ends after an hour, or earlier where it is revoked; a request with a"
        " dead one answers 401 and has no effect.",
        evidence=Evidence.DOCUMENTATION,
        source="GitHub documentation, Generating an installation access token for a GitHub App",
        where=("connectors.github.client.GitHubClient", "connectors.github.answers.lifetime"),
        safe="It is renewed before its end, and once where it dies; a new one that is refused ends the run.",
    ),
    Assumption(
        id="github.contents.tell-code-owners",
        behaviour="A file of the repository is given in base64 with its type.",
        evidence=Evidence.DOCUMENTATION,
        source="GitHub REST API, Get repository content",
        where=("connectors.github.roster.roster",),
        safe="The report says that the code owners could not be read.",
        requests=("GET /repos/{}/{}/contents/{}",),
    ),
    Assumption(
        id="github.events.newest-first",
        behaviour="The events of a repository are listed newest first, and a very long list is ended early with 422.",
        evidence=Evidence.REPORT,
        source="GitHub REST API, List issue events for a repository; pagination limits reported for large repositories",
        where=("connectors.github.history.history",),
        safe="Only the history of the report depends on it: it says from when on it is known.",
    ),
)

_WRITING: Final = (
    Assumption(
        id="github.body.keeps-comments",
        behaviour="A body is kept as it was sent, an HTML comment in it included, and nobody sees that.",
        evidence=Evidence.DOCUMENTATION,
        source="GitHub documentation, Basic writing and formatting syntax: Hiding content with comments",
        where=("connectors.github.marker.with_marker",),
        safe="An item of ours without a marker on its last line is linked by the state alone.",
    ),
    Assumption(
        id="github.body.limit-counted",
        behaviour="A body has at most 65,536 characters, and a title 256.",
        evidence=Evidence.REPORT,
        source="suzuki-shunsuke/github-comment#124: body is too long (maximum is 65536 characters)",
        where=("connectors.github.mapping.BODY_LIMIT", "connectors.github.mapping.TITLE_LIMIT"),
        safe="A longer text is cut and says where it goes on; a refusal is held by the name of the field.",
    ),
    Assumption(
        id="github.state.reason-only-with-state",
        behaviour="The reason why an issue is closed changes only along with its state.",
        evidence=Evidence.REPORT,
        source="github/docs#22914; cli/cli#14364 says that a PATCH takes it",
        where=("connectors.github.connector.GitHubConnector",),
        safe="It is sent by itself first; only where it did not change the issue is opened and closed again.",
    ),
    Assumption(
        id="github.milestone.day-in-pacific-time",
        behaviour="The day a milestone is due is that of its moment in Pacific time.",
        evidence=Evidence.REPORT,
        source="microsoft/PowerShellForGitHub#133; wordpress-mobile/release-toolkit#419",
        where=("connectors.github.bodies.milestone_changes",),
        safe="Noon in UTC is sent, which is the same day in both.",
    ),
    Assumption(
        id="github.read-role.ignores-labels",
        behaviour="Of an account that may only read, labels, assignees and milestone of a create are ignored without an"
        " error.",
        evidence=Evidence.DOCUMENTATION,
        source="GitHub REST API, Create an issue: NOTE: Only users with push access",
        where=("connectors.github.checking.findings",),
        safe="What the answer does not show is owed and written by an update, whose refusal is held; `check` says so.",
        asked_by="repository",
    ),
    Assumption(
        id="github.assignees.refused-as-a-whole",
        behaviour="One login that cannot be assigned refuses the whole request with 422.",
        evidence=Evidence.RECORDING,
        source="recorded answers of github.com to creates with such a login",
        where=("connectors.github.bodies.task_changes", "connectors.github.connector.GitHubConnector"),
        safe="A refused create is sent once more with what makes an issue; the rest is owed and follows by field.",
    ),
    Assumption(
        id="github.locked.needs-write-access",
        behaviour="A locked conversation takes comments only of who may write; another is refused with 403 in words"
        " that say locked.",
        evidence=Evidence.DOCUMENTATION,
        source="GitHub documentation, Locking conversations",
        where=("connectors.github.answers.judge",),
        safe="Another 403 stops the side and says which permission is missing.",
        asked_by="locked conversations",
    ),
    Assumption(
        id="github.archived.says-so",
        behaviour="A write to an archived repository is refused with 403 in words that say archived or read-only.",
        evidence=Evidence.DOCUMENTATION,
        source="GitHub documentation, Archiving repositories",
        where=("connectors.github.answers.judge", "connectors.github.checking.findings"),
        safe="Another 403 stops the side as well, with other words.",
        asked_by="repository",
    ),
    Assumption(
        id="github.limit.secondary",
        behaviour="A secondary limit is told by 403 or 429, with `retry-after` or without, and by 422 in the words"
        " submitted too quickly.",
        evidence=Evidence.DOCUMENTATION,
        source="GitHub REST API, Rate limits; cli/cli#4801",
        where=("connectors.github.answers.judge",),
        safe="Without a time a minute is waited; a run that may not wait so long ends cleanly.",
    ),
    Assumption(
        id="github.issue.copied-with-its-body",
        behaviour="A copy of an issue copies its body, and any marker in it.",
        evidence=Evidence.DOCUMENTATION,
        source="GitHub documentation, Duplicating and transferring issues",
        where=("connectors.github.lookup.created", "connectors.github.mapping.task"),
        safe="A marker counts on an item of our own account, and the oldest of several is ours.",
    ),
    Assumption(
        id="github.picture.signed-in-the-html",
        behaviour="The HTML of a text holds signed addresses of the pictures of a private repository.",
        evidence=Evidence.REPORT,
        source="GitHub community: private-user-images with a jwt in body_html",
        where=("connectors.github.files.RepositoryFiles",),
        safe="A picture that cannot be read is left as a link and named.",
    ),
)

ASSUMPTIONS: Final = (*_PRODUCTS, *_READING, *_WRITING, *ABOUT_BOARDS, *ABOUT_FIELDS)
"""Every behaviour of GitHub that would lose, duplicate, leak or stop something if it were otherwise."""
