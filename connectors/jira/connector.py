"""The connector: one Jira project behind the port of `syncer.contract.connector`."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property, partial
from typing import Final

from connectors.jira import history as past
from connectors.jira import levels, links, lookup, pull_links
from connectors.jira.accounts import account_of
from connectors.jira.answers import Forbidden
from connectors.jira.client import Client
from connectors.jira.closures import WriteClosures
from connectors.jira.create_defaults import CreateDefaults
from connectors.jira.creating import BATCH, Creating
from connectors.jira.file_pages import file_at
from connectors.jira.files import IssueFiles
from connectors.jira.json_fields import as_object
from connectors.jira.listing import changes
from connectors.jira.markup import markup
from connectors.jira.project import Project, product, understood
from connectors.jira.project_fields import ProjectFields
from connectors.jira.screens import Screens
from connectors.jira.settings import JiraTracker, ScopeSettings
from connectors.jira.transitions import TransitionRunner
from connectors.jira.updating import Updating
from connectors.jira.versions import cannot_administer
from syncer.contract.capabilities import Capabilities, Fidelity
from syncer.contract.checking import Finding, Vocabulary
from syncer.contract.code import PullLink
from syncer.contract.connector import Intent, Known, OwnAccount, Page
from syncer.contract.custom import DeclaredField, Resolved
from syncer.contract.errors import Gone, Rejected, TrackerError
from syncer.contract.files import Attached, File
from syncer.contract.history import HistoryPage
from syncer.contract.line import TrackerLine
from syncer.contract.model import (
    EDGE_SETS,
    Account,
    Audience,
    Cursor,
    Draft,
    Field,
    Kind,
    Marker,
    Observed,
    Patch,
    Ref,
    Showing,
)
from syncer.contract.recording import Exchange, Product
from syncer.contract.roster import Roster
from syncer.richtext.markup import Markup

_TASK = (
    Field.TITLE,
    Field.BODY,
    Field.STATUS,
    Field.LABELS,
    Field.COMPONENTS,
    Field.ASSIGNEES,
    Field.PRIORITY,
    Field.TYPE,
    Field.MILESTONES,
    Field.DUE,
    *EDGE_SETS,
)
AT_ONCE: Final = 8
"""New comments on their way. Jira says what it takes in a second and in an hour; nothing forbids several at once."""
_MILESTONE = {
    Field.TITLE: Fidelity.EXACT,
    Field.BODY: Fidelity.LOSSY,  # a version's description is plain text
    Field.STATUS: Fidelity.EXACT,
    Field.DUE: Fidelity.EXACT,
    Field.START: Fidelity.EXACT,
}


class JiraConnector:
    """One project of one Jira site, Cloud or Data Center. Implements `syncer.contract.connector.Connector`."""

    tells_texts: Final = True
    """See `syncer.contract.history.TextHistorian`."""

    def __init__(
        self,
        tracker: JiraTracker,
        scope: ScopeSettings,
        *,
        sleep: Callable[[float], None] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = Client(tracker, sleep=sleep, monotonic=monotonic)
        self._project = Project(self._client, tracker, scope)
        self._declared = ProjectFields(self._project, Screens(self._project))
        transitions = TransitionRunner(self._project)
        self._standing = WriteClosures(self._project, monotonic)
        self._creating = Creating(self._project, CreateDefaults(self._project, transitions), self._declared)
        self._updating = Updating(self._project, self._creating, transitions, self._declared, monotonic)
        self._files = IssueFiles(self._project)
        self._capabilities = capabilities(tracker, scope)
        self._markup = partial(markup, tracker, scope)

    @property
    def capabilities(self) -> Capabilities:
        """What a project holds: fixed by the deployment, the configured fields and the declared ones."""
        return self._declared.extend(self._capabilities)

    def declare(self, fields: Sequence[DeclaredField]) -> None:
        """Takes the locators of declared fields: their names or ids."""
        self._declared.fields.declare(fields)
        self._declared.boards.made = self._declared.fields.made

    def declared(self) -> Resolved:
        """What the fields are, by one list of the site's fields where no reading found them before."""
        return self._declared.told()

    def unsendable(self, item: Observed | None, fields: Showing) -> Mapping[Field, str]:
        """See `Foreseer`: by the screens, which are asked once for each type of issue."""
        return self._declared.unsendable(item, fields)

    @cached_property
    def markup(self) -> Markup:
        """Reader and writer of ADF (Cloud) or wiki markup (Data Center), loaded with the first text."""
        return self._markup()

    @property
    def requests(self) -> int:
        """Requests sent so far, repetitions included."""
        return self._client.requests

    @property
    def rate_limited(self) -> Mapping[str, int]:
        """How often a rate limit of Jira refused a request or was said to be near, by the reason it gave."""
        return self._client.rate_limited

    def heed(self, stop: Callable[[], bool]) -> None:
        """Ends reads and waits soon after `stop` says so."""
        self._client.watch.stop = stop

    def fence(self, assure: Callable[[], None]) -> None:
        """Calls `assure` right before each request that writes."""
        self._client.watch.assure = assure

    def share(self, line: TrackerLine) -> None:
        """Shares whether the site answers, and the limits it told, with all connectors of the account."""
        self._client.share(line)

    def hear(self, listener: Callable[[Exchange], None]) -> None:
        """Tells `listener` of each exchange, also of those without credentials."""
        self._client.hear(listener)

    def product(self) -> Product | None:
        """Cloud, or Data Center and Server, which call themselves the same; with the version."""
        return product(self._client)

    @property
    def clock(self) -> datetime | None:
        """The `Date` of Jira's last answer."""
        return self._client.clock

    def own_account(self) -> OwnAccount:
        """The account of the token, asked once: accountId on Cloud, key on Data Center."""
        return self._project.own()

    def recognise(self, natives: Collection[str]) -> None:
        """Accounts we acted as before, by accountId or key."""
        self._project.recognised = frozenset(natives)

    def check(self) -> Sequence[Finding]:
        """Credentials, project, permissions, create screen, audience."""
        from connectors.jira import checking  # no run looks at these, nor at a vocabulary

        return checking.check(self._project, self._creating, self._declared)

    def vocabulary(self) -> Vocabulary:
        """Statuses, types, priorities, resolutions, components and assignable people of the project."""
        from connectors.jira.probing import vocabulary

        return vocabulary(self._project, self._creating)

    def audience(self) -> Audience:
        """PUBLIC when the project can be read without credentials, else MEMBERS; RESTRICTED when that is unclear."""
        return self._project.audience()

    def audiences(self, tasks: Sequence[Observed]) -> Sequence[Audience | TrackerError]:
        """Who can read issues that do not show their security level: one search for a hundred of them."""
        return levels.audiences(self._project, tasks)

    def changes(self, since: Cursor | None, known: Known, fresh: Collection[Ref] = ()) -> Iterator[Page]:
        """Pages of what changed; a run that finds nothing new costs one request."""
        return changes(self._project, since, known, fresh, self._updating.note, self._declared)

    def read(self, items: Sequence[Observed]) -> Sequence[Observed | TrackerError]:
        """The items as Jira shows them now, by id and not from the search index."""
        self._declared.fields.ensure()
        outcomes = lookup.read(self._project, items, self._declared.vanished)
        self._updating.remember(outcomes)
        return outcomes

    def history(
        self, items: Sequence[Observed], cursor: Cursor | None = None, *, lately: bool = False
    ) -> Iterator[HistoryPage]:
        """What the changelogs of the tasks tell: a request or two for a thousand of them on Cloud, for fifty on DC."""
        self._declared.fields.ensure()
        return past.history(self._project, items)

    def find(self, intents: Sequence[Intent]) -> Mapping[Marker, Observed]:
        """Those intents that took effect, found by walking keys, comments and versions."""
        self._declared.fields.ensure()
        return lookup.find(self._project, intents)

    def create(self, drafts: Sequence[Draft]) -> Sequence[Observed | TrackerError]:
        """One outcome for each draft; up to 50 issues in one request."""
        with self._standing.named():
            self._declared.fields.ensure()
            outcomes = self._creating.create(drafts)
        self._standing.judge(outcomes)
        self._updating.remember(outcomes)
        return outcomes

    def update(self, item: Observed, patch: Patch) -> Observed:
        """The item after the patch was written."""
        with self._standing.named():
            self._declared.fields.ensure()
            return self._updating.update(item, patch)

    def account(self, account_id: str) -> Account | None:
        """Name and profile of an account, None when Jira does not tell."""
        people = self._project.people
        if account_id not in people:
            key = {"accountId": "accountId", "name": "username"}[self._project.site.dialect.account_key]
            try:
                answer = self._client.get("/user", {key: account_id})
            except (Gone, Rejected, Forbidden):
                return None
            with understood(f"user {account_id}"):
                found = account_of(as_object(answer, "user"), self._project.site)
            if found is None:
                return None
            people[account_id] = found
        return people[account_id]

    @property
    def accounts_change(self) -> bool:
        """On Data Center, where a user's name can be changed; an accountId of Cloud cannot."""
        return self._project.site.dialect.account_key == "name"

    def account_of(self, native: str) -> Account | None:
        """The user with a key, by the name they have now; on Cloud the account with this id."""
        key = {"accountId": "accountId", "name": "key"}[self._project.site.dialect.account_key]
        try:
            answer = self._client.get("/user", {key: native})
        except (Gone, Rejected, Forbidden):
            return None
        with understood(f"user {native}"):
            return account_of(as_object(answer, "user"), self._project.site)

    def remote_links(self, tasks: Sequence[Observed]) -> Iterator[tuple[str, ...] | TrackerError]:
        """The addresses of web links and remote issue links, issue by issue."""
        return links.remote_links(self._project, tasks)

    def show_pull(self, task: Ref, link: PullLink) -> None:
        """A remote link of ours, by its `globalId`."""
        pull_links.show_pull(self._project, task, link)

    def hide_pull(self, task: Ref, name: str) -> None:
        """Deletes a remote link of ours."""
        pull_links.hide_pull(self._project, task, name)

    def cannot_release(self) -> str:
        """Versions are the matter of those who administer the project."""
        return cannot_administer(self._project)

    def roster(self) -> Roster:
        """The project's lead, the leads of its components, its roles with their members."""
        from connectors.jira.roster import roster  # asked once a day

        return roster(self._project)

    def attach(self, task: Observed, file: File, name: str) -> Attached:
        """Adds a file to an issue."""
        with self._standing.named():
            return self._files.attach(task, file, name)

    def attached(self, task: Observed, name: str, size: int) -> Attached | None:
        """The file an issue has under a name."""
        return self._files.attached(task, name, size)

    def file_at(self, address: str) -> str:
        """The name of the attachment at an address."""
        return file_at(address)

    def attachments(self, task: Observed) -> frozenset[str]:
        """The ids of the files that an issue has now."""
        return self._files.attachments(task)

    def close(self) -> None:
        """Ends the session."""
        self._client.close()


def capabilities(tracker: JiraTracker, scope: ScopeSettings) -> Capabilities:
    """What a project of this site holds."""
    task = dict.fromkeys(_TASK, Fidelity.EXACT)
    if tracker.start_date is not None:
        task[Field.START] = Fidelity.EXACT
    # Without the epic-link field only sub-tasks of Data Center show what is above them, and they stay there.
    told = tracker.dialect.has_parents or tracker.epic_link is not None
    task[Field.PARENT] = Fidelity.EXACT if told else Fidelity.READ_ONLY
    return Capabilities(
        fields={Kind.TASK: task, Kind.COMMENT: {Field.BODY: Fidelity.EXACT}, Kind.MILESTONE: _MILESTONE},
        rate_limits=tracker.limits,
        create_batch={Kind.TASK: BATCH},
        at_once={Kind.COMMENT: AT_ONCE},
        updates_at_once={Kind.TASK: AT_ONCE, Kind.COMMENT: AT_ONCE},
        label_spaces=False,
        listing_lags=True,
        creates_below=True,
        # An incoming mail handler adds a mail as a comment of the user who has its sender's address; no document of the
        # API names a field that tells such a comment from one that was typed.
        comments_by_mail=True,
        max_milestones=100,
        body_limit=tracker.body_limit,
        files_in=f"{scope.project} in Jira",
    )
