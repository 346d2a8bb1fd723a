"""One project of one site, and what has been learned about it since the connector was opened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from connectors.jira.accounts import account_of, creator_of, natives_of
from connectors.jira.answers import Forbidden, Invalid
from connectors.jira.client import Client
from connectors.jira.json_fields import Json, Malformed, as_object, as_objects, need_id, want
from connectors.jira.mapping import observed_comment, observed_issue, observed_version, unreadable_version
from connectors.jira.markers import PROPERTY
from connectors.jira.settings import JiraTracker, ScopeSettings, is_field_id
from connectors.jira.site import CustomFields, Site, issue_fields
from syncer.contract.connector import OwnAccount, UnreadableItem
from syncer.contract.errors import Ambiguous, Denied, Gone, Rejected, Retryable, TrackerError
from syncer.contract.model import Account, Audience, Marker, Observed
from syncer.contract.recording import Product

BULK = 100
"""How many issues one bulk fetch may name."""
GENERATED_KEY = "JIRAUSER"
"""How the keys begin that Data Center makes for users since 8.4; older ones equal the user's first name."""


@contextmanager
def understood(what: str, *, writing: bool = False) -> Iterator[None]:
    """Turns a `Malformed` answer into the error the engine decides by: read again, or settle whether it was written."""
    try:
        yield
    except Malformed as error:
        raise (Ambiguous if writing else Retryable)(f"{what}: {error}") from error


class Project:
    """The project, its client, and answers worth keeping: its id, its audience, who we are, who people are."""

    def __init__(self, client: Client, tracker: JiraTracker, scope: ScopeSettings) -> None:
        self.client = client
        self.tracker = tracker
        self.scope = scope
        self.site = Site(
            tracker.url,
            tracker.dialect,
            scope.project,
            CustomFields(
                tracker.epic_link,
                tracker.story_points,
                tracker.flagged,
                tracker.start_date,
                tracker.sprint,
                tracker.rank if is_field_id(tracker.rank) else None,
                tracker.reference_fields,
            ),
        )
        self.people: dict[str, Account] = {}
        self.epics: dict[str, str] = {}
        """Numeric ids behind the keys of epics, as far as they were learned (`connectors.jira.links`)."""
        self._types: object = None
        """What the description of the project tells of its types; None until something asked for it."""
        self.subtask_types: set[str] = set()
        """Names of the types whose issues are below another one for good, as far as issues showed them."""
        self._names: dict[str, str] = {}
        self.id = ""
        """Numeric id of the project, "" until something asked for it."""
        self.own_account = ""
        """The id by which the API addresses our own account, "" until something asked for it."""
        self.recognised: frozenset[str] = frozenset()
        """Accounts we acted as before, by the ids that never change."""
        self._former = frozenset(tracker.former_accounts)
        self._own: OwnAccount | None = None
        self.highest = 0
        """The highest number among the keys of issues that were seen; numbers are handed out in order."""
        self.floors: dict[Marker, int] = {}
        """What `highest` was before the issue with a marker was asked for."""
        self.numbers_sent = 0
        """How many issues were asked for since then: their creation may have used up as many numbers."""
        self._audience: Audience | None = None
        self.lists: dict[str, list[Json] | TrackerError] = {}
        """What lists of names answered, by address (`connectors.jira.probing`)."""

    # ------------------------------------------------------------------------------------------- about the project

    def details(self) -> Json:
        """The project as Jira describes it. Raises Denied when it cannot be seen."""
        with self.reachable(), understood("project"):
            found = as_object(self.client.get(f"/project/{self.scope.project}"), "project")
            self.id = need_id(found, "project")
            self._types = found.get("issueTypes")
            return found

    @contextmanager
    def reachable(self) -> Iterator[None]:
        """Turns `Gone` into Denied: what was asked about is the project itself, not an item of it."""
        try:
            yield
        except Gone as error:
            raise Denied(
                f"project {self.scope.project} cannot be seen: {error}",
                remedy=f"Check `project`, and that the account may browse {self.scope.project}.",
            ) from error

    @contextmanager
    def searchable(self) -> Iterator[None]:
        """Turns what a search is refused by into Denied. A project that is not there is no 404: that is the address."""
        try:
            yield
        except Gone as error:
            remedy = "Check `deployment`: Jira Cloud and Data Center search at different addresses."
            raise Denied(f"there is no search here: {error}", remedy=remedy) from error
        except Invalid as error:
            raise Denied(
                f"Jira refuses to search {self.scope.project}: {error}",
                remedy="Check `project` and `filter` of this side, and that the account may browse the project.",
            ) from error

    def makes_sub_tasks(self, type_name: str) -> bool:
        """Whether issues of a type can only be created below another one, as the project's description tells."""
        if self._types is None and type_name not in self.subtask_types:
            self.details()
        for kind in self._types if isinstance(self._types, list) else ():
            if isinstance(kind, dict) and kind.get("subtask") is True:
                self.subtask_types.add(str(kind.get("name")))
        return type_name in self.subtask_types

    def known_id(self) -> str:
        """Numeric id of the project, asked for once."""
        if not self.id:
            self.details()
        return self.id

    def contains(self, issue: Json) -> bool:
        """True when an issue belongs to this project, also when the project's key was changed."""
        project = as_object(as_object(issue.get("fields"), "issue.fields").get("project"), "issue.fields.project")
        if not self.id and project.get("key") == self.scope.project:
            return True
        return need_id(project, "issue.fields.project") == self.known_id()

    def granted(self, names: Sequence[str]) -> dict[str, bool]:
        """Which of the permissions our account has in the project."""
        query = {"projectKey": self.scope.project}
        if self.site.dialect.fetches_in_bulk:
            # Cloud wants to be told which ones; Data Center tells all.
            query["permissions"] = ",".join(names)
        with understood("mypermissions"):
            answer = as_object(self.client.get("/mypermissions", query), "mypermissions")
            told = as_object(answer.get("permissions"), "permissions")
        entries = {name: told.get(name) for name in names}
        return {
            name: isinstance(entry, dict) and entry.get("havePermission") is True for name, entry in entries.items()
        }

    def audience(self) -> Audience:
        """Who can browse the project, asked without credentials. Unknown is RESTRICTED."""
        readable = self.client.readable_by_anybody(f"/project/{self.scope.project}")
        if readable is None:
            self._audience = Audience.RESTRICTED
        else:
            self._audience = Audience.PUBLIC if readable else Audience.MEMBERS
        return self._audience

    def readers(self) -> Audience:
        """As `audience`, asked once, on first use."""
        return self.audience() if self._audience is None else self._audience

    def saw(self, key: object) -> None:
        """Notes that an issue has this key."""
        prefix, _, number = str(key).rpartition("-")
        if prefix == self.scope.project and number.isdecimal() and int(number) > self.highest:
            self.highest, self.numbers_sent = int(number), 0

    def known_readers(self) -> Audience:
        """As `readers` without asking: RESTRICTED until somebody asked, for which a create need not wait."""
        return Audience.RESTRICTED if self._audience is None else self._audience

    # ------------------------------------------------------------------------------------------ what we created

    @contextmanager
    def _at_a_site(self) -> Iterator[None]:
        """Turns `Gone` into Denied: every Jira tells who we are, so that this address is none."""
        try:
            yield
        except Gone as error:
            raise Denied(
                f"{self.tracker.name}: {self.tracker.url} is not an address of a Jira site: {error}",
                remedy="Set `url` to the address of the site, without /browse or /rest.",
            ) from error

    def own(self) -> OwnAccount:
        """The account we act as, asked once. Raises Denied."""
        if self._own is None:
            with understood("myself"), self._at_a_site():
                self.signed_in(as_object(self.client.get("/myself"), "myself"))
        if self._own is None:
            raise Retryable("myself: the account has no id")
        return self._own

    def signed_in(self, me: Json) -> None:
        """Learns who we are from Jira's answer to that."""
        account, natives = account_of(me, self.site), natives_of(me)
        if account is not None and natives:
            self.own_account, self._own = account.id, OwnAccount(natives[0], account.name or account.id)

    def is_ours(self, user: Json | None) -> bool:
        """Whether an account is ours, or one we acted as before; a name that the settings give stands for any id."""
        natives = natives_of(user)
        if not natives:
            return False
        if natives[0] in self.recognised or not self._former.isdisjoint(natives):
            return True
        return natives[0] == self.own().native

    def believed(self, item: Observed, author: Json | None, linked: Marker | None) -> Observed:
        """The item with the marker it has only where that counts: one of our accounts made it, or it is linked so."""
        if item.marker is None or item.marker == linked or self.is_ours(author):
            return item
        return replace(item, marker=None)

    def versions(self) -> tuple[list[Observed], list[UnreadableItem]]:
        """The project's versions, in Jira's order, and those that cannot be read."""
        with self.reachable(), understood("versions"):
            found = as_objects(self.client.get(f"/project/{self.id or self.scope.project}/versions"), "versions")
        readers = self.readers()
        read: list[Observed] = []
        aside: list[UnreadableItem] = []
        for version in found:
            try:
                read.append(observed_version(version, self.site, readers))
            except Malformed as error:
                aside.append(unreadable_version(version, error))
        return read, aside

    # -------------------------------------------------------------------------------------------------- its issues

    def observe(self, issue: Json, scope: Audience | None = None, linked: Marker | None = None) -> Observed:
        """An issue as observed, where `scope` or the project's readers see it. Raises Malformed.

        Its marker counts where one of our accounts created the issue, or where it is the one it is `linked` by.
        """
        fields = as_object(issue.get("fields"), "issue.fields")
        if scope is None:
            # An issue that does not show its level is restricted whoever reads the project.
            scope = self.readers() if "security" in fields else Audience.RESTRICTED
        task = observed_issue(issue, self.site, scope, self.epics)
        self.remember_people(issue)
        kind = fields.get("issuetype")
        if isinstance(kind, dict) and kind.get("subtask") is True:
            self.subtask_types.add(str(kind.get("name")))
        return self.believed(task, creator_of(issue), linked)

    def observe_comment(self, comment: Json, task: Observed, linked: Marker | None = None) -> Observed:
        """A comment as observed. Raises Malformed. `linked` is the marker it is linked by."""
        shown = observed_comment(comment, task, self.site, marker=linked)
        return self.believed(shown, want(comment, "author", dict, "comment"), linked)

    def remember_people(self, issue: Json) -> None:
        """Keeps name and profile of the people an issue shows."""
        fields = as_object(issue.get("fields"), "issue.fields")
        for role in ("reporter", "creator", "assignee"):
            if isinstance(person := fields.get(role), dict):
                self.remember(person)

    def remember(self, user: Json | None) -> None:
        """Keeps name and profile of a person."""
        if (account := account_of(user, self.site)) is not None:
            self.people[account.id] = account

    def account_id(self, native: str) -> str:
        """The id by which the API addresses a person whom a changelog names; there Data Center tells a user's key.

        A key is the name of old, unless the user was made lately: those are asked for, each once.
        """
        if self.site.dialect.account_key != "name" or not native.startswith(GENERATED_KEY):
            return native
        if native not in self._names:
            try:
                answer = as_object(self.client.get("/user", {"key": native}), "user")
            except (Gone, Rejected, Forbidden):
                answer = {}
            account = account_of(answer, self.site)
            self._names[native] = account.id if account is not None else native
        return self._names[native]

    def issues(self, ids: Sequence[str], fields: Sequence[str] | None = None) -> dict[str, Json]:
        """The raw issues with these ids, by default without comments; absent where they cannot be seen."""
        if self.site.dialect.fetches_in_bulk:
            return {
                native: issue
                for start in range(0, len(ids), BULK)
                for native, issue in self.fetched(ids[start : start + BULK], fields).items()
            }
        found = {native: self.issue(native, fields) for native in ids}
        return {native: issue for native, issue in found.items() if issue is not None}

    def fetched(self, ids_or_keys: Sequence[str], fields: Sequence[str] | None = None) -> dict[str, Json]:
        """At most `BULK` issues by id or key in one request, by numeric id."""
        body = {
            "issueIdsOrKeys": list(ids_or_keys),
            "fields": list(fields) if fields is not None else self.read_fields,
            "properties": [PROPERTY],
        }
        with understood("issue/bulkfetch"):
            answer = as_object(self.client.ask("/issue/bulkfetch", body), "answer")
            issues = as_objects(answer.get("issues"), "issues")
            return {need_id(issue, "issue"): issue for issue in issues}

    def issue(
        self, id_or_key: str, fields: Sequence[str] | None = None, expand: str = "", properties: bool = True
    ) -> Json | None:
        """One issue by id or key, None when it cannot be seen."""
        query = {"fields": ",".join(fields if fields is not None else self.read_fields)}
        if properties:
            query["properties"] = PROPERTY
        if expand:
            query["expand"] = expand
        try:
            return as_object(self.client.get(f"/issue/{id_or_key}", query), f"issue {id_or_key}")
        except (Gone, Forbidden):
            return None
        except Malformed as error:
            raise Retryable(str(error)) from error

    @property
    def read_fields(self) -> list[str]:
        """The fields asked of an issue that is read on its own: all but its comments."""
        return [field for field in issue_fields(self.site) if field != "comment"]


def product(client: Client) -> Product | None:
    """The product by `serverInfo`, which anybody may ask; None where it is kept back.

    Data Center and Server both call themselves `Server`. The version of Cloud is the same everywhere and tells nothing.
    """
    try:
        with understood("serverInfo"):
            told = as_object(client.get("/serverInfo"), "serverInfo")
            kind, version = (want(told, name, str, "serverInfo") or "" for name in ("deploymentType", "version"))
    except (Gone, Forbidden, Rejected):
        return None
    return Product("Jira Cloud") if kind == "Cloud" else Product("Jira Data Center or Server", version)
