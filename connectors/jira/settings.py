"""Configuration of a Jira site and of one project of it, validated with messages that say what to write instead."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    Field,
    PrivateAttr,
    SecretStr,
    ValidationInfo,
    field_validator,
    model_validator,
)

from connectors.jira import jql
from connectors.jira.dialect import CLOUD, DATA_CENTER, Dialect
from connectors.jira.jql import demands
from connectors.settings import SessionTable, TrackerTable
from syncer.contract.capabilities import RateLimit
from syncer.contract.checking import Demand, FilterWord, RouteRule


def is_field_id(value: str | None) -> bool:
    """Whether a text is an id of a custom field, and no name of one."""
    return value is not None and re.fullmatch(r"customfield_\d+", value) is not None


def _custom_field(value: str) -> str:
    if not is_field_id(value):
        raise ValueError(f'"{value}" is not an id of a custom field; write one like customfield_10016')
    return value


CustomField = Annotated[str, AfterValidator(_custom_field)]


_PAGES = frozenset({"browse", "projects", "issues", "secure", "rest", "login.jsp", "login", "plugins", "software"})
"""What addresses of pages have behind the address of a site."""


_TOLD = frozenset({"project", "issuetype", "summary", "description", "status", "parent"})
"""Fields that every new issue has from the item it is made for."""


_SEVERAL = {"label": "labels", "component": "components"}
"""What an issue can have several of, by the word of routes: the field."""


class Limit(TrackerTable):
    """At most `amount` operations within `seconds`."""

    amount: int = Field(gt=0)
    """So many operations,"""
    seconds: float = Field(gt=0)
    """in so many seconds."""
    creates_only: bool = False
    """Whether it counts creates alone."""


GATEWAY = "https://api.atlassian.com/ex/jira/"
"""Where the sites of Cloud take requests with scoped tokens, followed by the id of the site."""


class JiraTracker(SessionTable):
    """One `[trackers.NAME]` table of kind `jira`."""

    former_keys: ClassVar[Mapping[str, str]] = {
        "connect-seconds": "connect-timeout",
        "read-attempts": "read-tries",
        "reread-seconds": "reread-after",
    }

    kind: Literal["jira"] = "jira"
    url: str
    """Address people open, with a context path if there is one: `https://acme.atlassian.net`."""
    api_url: str = ""
    """Where requests go instead of `url`: the gateway of Cloud, a reverse proxy. `url` stays the address of people."""
    cloud_id: str = ""
    """Cloud: id of the site. Requests go through the gateway, where alone scoped tokens and service accounts work."""
    deployment: Literal["cloud", "datacenter"] = "cloud"
    """Jira Cloud, or Jira Data Center and Server."""
    user: str = ""
    """Cloud: e-mail address of the account. Data Center needs none: the token says who."""
    token: SecretStr
    """Cloud: API token. Data Center: personal access token."""
    allow_http: bool = False
    """Permit an unencrypted address; only for loopback and private networks."""
    read_seconds: float = Field(default=90, gt=0, le=3_600)
    overlap_seconds: float = Field(default=900, ge=0, le=86_400)
    """How far back the search index may lag: what changed in this time is read again."""

    epic_link: CustomField | None = None
    """Data Center: the field that holds the key of an issue's epic. Cloud uses `parent`."""
    story_points: CustomField | None = None
    """The field with estimates, for the weekly report."""
    flagged: CustomField | None = None
    """The field with the flag for impediments, for the weekly report."""
    start_date: CustomField | None = None
    """The field with the day on which work begins."""
    sprint: CustomField | None = None
    """The field with sprints, for the weekly report."""
    rank: Annotated[str, Field(min_length=1)] | None = None
    """The field with the rank, by which the weekly report orders what is planned: its name or its id."""
    reference_fields: tuple[CustomField, ...] = ()
    """Fields that keep the key or address of the same issue in another tracker: `syncer adopt` reads them."""
    former_accounts: tuple[str, ...] = ()
    """Accounts used here before (Cloud: accountId; Data Center: user key or name): what they created still is ours."""
    body_limit: int = Field(default=32_767, ge=1_000)
    """Longest description or comment, in characters."""
    rate_limits: tuple[Limit, ...] = ()
    """Limits of your own, below those of the site."""

    _called: str = PrivateAttr("")
    """The name of the table, for messages."""
    _variable: str = PrivateAttr("")
    """How the variables begin that give its secrets."""

    @field_validator("cloud_id")
    @classmethod
    def _id_of_a_site(cls, cloud_id: str) -> str:
        if cloud_id and not re.fullmatch(r"[0-9A-Za-z-]+", cloud_id):
            raise ValueError("is not an id of a site; `syncer check` finds it")
        return cloud_id

    @field_validator("api_url")
    @classmethod
    def _interface(cls, url: str) -> str:
        parts = urlsplit(url)
        if url and (parts.scheme not in {"http", "https"} or not parts.hostname):
            raise ValueError(f"must be an address such as {GATEWAY}11223344-a1b2-3b33-c444-def123456789")
        if parts.username or parts.password or parts.query or parts.fragment or "/rest/" in f"{parts.path}/":
            raise ValueError("must hold neither credentials nor a query, and nothing from /rest on")
        return url.rstrip("/")

    @field_validator("url")
    @classmethod
    def _address(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("must be an address such as https://acme.atlassian.net")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ValueError("must hold neither credentials nor a query: only the address of the site")
        page = next((part for part in parts.path.split("/") if part in _PAGES), "")
        if page:
            site = url.partition(f"/{page}")[0]
            raise ValueError(f"is the address of a page: write that of the site, without /{page}: {site}")
        return url.rstrip("/")

    @model_validator(mode="after")
    def _named(self, info: ValidationInfo) -> JiraTracker:
        told = info.context or {}
        self._called, self._variable = told.get("tracker", ""), told.get("variable", "")
        return self

    @model_validator(mode="after")
    def _consistent(self) -> JiraTracker:
        for key, address in (("url", self.url), ("api-url", self.api_url)):
            parts = urlsplit(address)
            if parts.scheme != "http" or (self.allow_http and _is_local(parts.hostname or "")):
                continue
            raise ValueError(
                f"{key}: must begin with https://, or the token would travel in the clear"
                " (`allow-http = true` permits http:// on loopback and private networks)"
            )
        if self.cloud_id and (self.api_url or self.deployment != "cloud"):
            raise ValueError("cloud-id: is for Jira Cloud, and stands for an api-url: keep one of them")
        if self.deployment == "cloud" and not self.user:
            raise ValueError("user: Jira Cloud needs the e-mail address of the account that owns the token")
        if not self.token.get_secret_value().strip():
            raise ValueError("token: is empty")
        return self

    @property
    def api(self) -> str:
        """The address that requests go to, without the path of the REST API."""
        return self.api_url or (GATEWAY + self.cloud_id if self.cloud_id else self.url)

    @property
    def dialect(self) -> Dialect:
        """The REST dialect of this deployment."""
        return CLOUD if self.deployment == "cloud" else DATA_CENTER

    @property
    def host(self) -> str:
        """What people call the site."""
        return urlsplit(self.url).netloc

    @property
    def name(self) -> str:
        """The table and the site, for messages: `trackers.jira (acme.atlassian.net)`."""
        return f"trackers.{self._called} ({self.host})" if self._called else self.host

    @property
    def new_token(self) -> str:
        """What to do where the token is refused."""
        place = f"{self._variable}TOKEN" if self._variable else "`token`"
        user = "Check `user`, or put" if self.deployment == "cloud" else "Put"
        return f"{user} a new token into {place}."

    @property
    def custom_fields(self) -> dict[str, str]:
        """The configured custom fields by their keys: ids, of the rank maybe a name."""
        keys = ("epic_link", "story_points", "flagged", "start_date", "sprint", "rank")
        named = {key.replace("_", "-"): getattr(self, key) for key in keys}
        return {key: field for key, field in named.items() if field is not None}

    @property
    def limits(self) -> tuple[RateLimit, ...]:
        """The configured rate limits."""
        return tuple(RateLimit(limit.amount, limit.seconds, limit.creates_only) for limit in self.rate_limits)


class ScopeSettings(TrackerTable):
    """`left` or `right` of a pair whose tracker is a Jira site."""

    project: str
    """Key of the project: `PAY`."""
    filter: str = ""
    """JQL that narrows the project: `labels != internal`."""
    type: str = "Task"
    """Issue type of created issues that bring none of their own."""
    create_components: bool = False
    """Create a component that an issue needs and the project lacks; otherwise such a change is refused."""
    through: tuple[str, ...] = ()
    """Statuses that an issue may pass through on its way to another; without any, all that are not done."""
    transition_fields: dict[str, dict[str, Any]] = Field(default_factory=dict)
    """By target status, what a transition's screen requires, as the API takes it: `Done = {resolution = "Done"}`.

    A resolution that is required and not given is chosen: the one named like the target status, else Done, else the
    first.
    """

    create_fields: dict[str, Any] = Field(default_factory=dict)
    """What a new issue gets where the other side tells nothing, by field id, as the API takes it.

    `customfield_10010 = { value = "Backend" }`, `labels = ["public"]`; an `assignee` is an account id or a user name.
    """

    @field_validator("create_fields")
    @classmethod
    def _create_fields(cls, fields: dict[str, Any]) -> dict[str, Any]:
        told = sorted(_TOLD.intersection(fields))
        if told:
            raise ValueError(f"{', '.join(told)}: the item of the other side tells it")
        return fields

    @classmethod
    def routed(
        cls, table: Mapping[str, Any], rule: RouteRule | None, earlier: Sequence[RouteRule], _component_prefix: str
    ) -> dict[str, Any]:
        """See `ConnectorKind.scope_settings`."""
        ways = [jql.ruled(rule)] if rule is not None else []
        own = jql.within(str(table.get("filter", "")))
        narrowed = {**table, "filter": jql.all_of([own, *ways, *map(jql.not_ruled, earlier)])}
        if rule is not None and rule.key == "type":
            narrowed.setdefault("type", rule.names[0])
        if rule is not None and rule.key in _SEVERAL and len(rule.names) > 1:
            fields, key = dict(table.get("create-fields", {})), _SEVERAL[rule.key]
            first: Any = rule.names[0] if key == "labels" else {"name": rule.names[0]}
            narrowed["create-fields"] = {**fields, key: [*_listed(fields.get(key)), first]}
        return narrowed

    @property
    def demands(self) -> tuple[Demand, ...]:
        """See `ConnectorKind.scope_settings`."""
        labels, components = (_listed(self.created_with.get(key)) for key in ("labels", "components"))
        names = [str(entry.get("name")) for entry in components if isinstance(entry, dict)]
        return demands(self.filter, {"labels": list(map(str, labels)), "components": names}, [self.type])

    @property
    def created_with(self) -> dict[str, Any]:
        """What a new issue gets: `create-fields`, and the labels and components that a plain `filter` asks for."""
        fields = dict(self.create_fields)
        for key, names in jql.given_by(self.filter).items():
            there = _listed(fields.get(key))
            known = {str(one.get("name") if isinstance(one, dict) else one).casefold() for one in there}
            added = [name for name in names if name.casefold() not in known]
            fields[key] = [*there, *(added if key == "labels" else ({"name": name} for name in added))]
        return fields

    @property
    def filter_words(self) -> frozenset[FilterWord] | None:
        """See `ConnectorKind.scope_settings`."""
        return jql.words(self.filter) if self.filter.strip() else frozenset()

    @field_validator("project")
    @classmethod
    def _project(cls, project: str) -> str:
        return jql.project_key(project)

    @field_validator("filter")
    @classmethod
    def _filter(cls, text: str) -> str:
        return jql.condition(text)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _is_local(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_private
