"""Settings of the GitHub connector: one table of `[trackers]`, one scope of a pair."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from math import ceil
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import (
    Field,
    PositiveInt,
    PrivateAttr,
    SecretStr,
    ValidationInfo,
    field_validator,
    model_validator,
)

from connectors.settings import SessionTable, TrackerTable
from syncer.contract.capabilities import RateLimit
from syncer.contract.checking import Demand, FilterWord, RouteRule
from syncer.contract.recording import Product

API: str = "https://api.github.com"
_FREE_IN_A_MINUTE = 10
"""Creates of a minute that a backfill leaves free."""
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class GitHubTracker(SessionTable):
    """`[trackers.NAME]` with `kind = "github"`: where GitHub is, and as whom to speak."""

    former_keys: ClassVar[Mapping[str, str]] = {"reread-after-seconds": "reread-after"}

    kind: Literal["github"] = "github"
    url: str = API
    """Address of the REST API. Enterprise Server: `https://ghe.acme.example/api/v3`."""

    token: SecretStr | None = None
    """A personal access token; instead of it the three keys of a GitHub App."""
    app_id: PositiveInt | None = None
    """Id of the GitHub App."""
    installation_id: PositiveInt | None = None
    """Id of its installation in your organisation."""
    private_key_file: Path | None = None
    """PEM file of the App's private key."""

    read_timeout: float | None = Field(default=30, gt=0, le=600)
    longest_wait: float = Field(default=60, ge=0, le=600)
    reread_after: float = Field(default=30, ge=0, le=3_600)

    former_accounts: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    """Accounts used here before, by login or numeric id: what they created still is ours."""

    creates_per_minute: Annotated[int, Field(ge=0)] = 60
    """Issues and comments; GitHub allows 80. 0 switches this limit of ours off."""
    creates_per_hour: Annotated[int, Field(ge=0, le=490)] = 450
    """Issues and comments; GitHub allows 500, of which what people make with the account counts too. 0: no limit."""
    live_reserve: Annotated[float, Field(ge=0, le=0.5)] = 0.05
    """The share of the hour that a backfill leaves free for what people make now; of the minute it leaves 10."""
    writes_per_second: Annotated[int, Field(ge=0)] = 1
    """GitHub advises one. 0 switches this limit of ours off."""
    rate_reserve: Annotated[int, Field(ge=0)] = 10
    """Requests of the hourly limit that are left for others."""

    edges_every: Literal["run", "1h", "24h"] = "1h"
    """How often all items of a project are read: in every run, or once in this time. No other list tells of them."""

    rank: bool = False
    """The order of a project's items is the plan's, for the weekly report: of the first of which a field is carried."""

    code: bool = False
    """Pull requests and releases of its repositories are read for the weekly report, once an hour."""

    clock_skew_seconds: Annotated[float, Field(ge=0)] = 900.0
    """How far our clock and GitHub's may lie apart when the outcome of a create is looked for."""
    settle_seconds: Annotated[float, Field(ge=0, le=60)] = 3.0
    """How far a list may be behind: what was sent so lately and is not listed is looked for once more."""

    _called: str = PrivateAttr("")
    """The name of the table, for messages."""
    _variable: str = PrivateAttr("")
    """How the variables begin that give its secrets."""

    @field_validator("url")
    @classmethod
    def _check_url(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f'"{url}" is not a web address; expected {API} or https://HOST/api/v3')
        if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
            raise ValueError("http would send the token unencrypted; use https")
        if parts.username or parts.password:
            raise ValueError("a user or password does not belong in the address; set `token`")
        if parts.hostname in ("github.com", "www.github.com"):
            raise ValueError(f"this is the address of the pages; the address of the interface is {API}")
        if _lacks_api(parts.hostname, parts.path):
            raise ValueError(
                f"is the address of the pages; that of the interface ends in /api/v3: {url.rstrip('/')}/api/v3"
            )
        return url.rstrip("/")

    @model_validator(mode="after")
    def _named(self, info: ValidationInfo) -> GitHubTracker:
        told = info.context or {}
        self._called, self._variable = told.get("tracker", ""), told.get("variable", "")
        return self

    @model_validator(mode="after")
    def _check_credentials(self) -> GitHubTracker:
        app = {
            "app-id": self.app_id,
            "installation-id": self.installation_id,
            "private-key-file": self.private_key_file,
        }
        given = [key for key, value in app.items() if value is not None]
        if self.token is not None and given:
            raise ValueError(f"token and {given[0]} are both set; keep one way to sign in")
        if self.token is None and not given:
            raise ValueError("no credentials; set token, or app-id, installation-id and private-key-file")
        if given and len(given) < len(app):
            missing = [key for key in app if key not in given]
            raise ValueError(f"a GitHub App also needs {' and '.join(missing)}")
        if self.token is not None and not re.fullmatch(r"[!-~]+", self.token.get_secret_value()):
            raise ValueError("the token is empty, or has blanks or signs that no token has")
        return self

    @property
    def name(self) -> str:
        """The table and the host, for messages: `trackers.github (github.com)`."""
        return f"trackers.{self._called} ({self.host})" if self._called else self.host

    @property
    def new_token(self) -> str:
        """What to do where the token is refused."""
        if self.token is None:
            return "Check app-id, installation-id and the private key; the App may be uninstalled."
        return f"Put a new token into {self._variable}TOKEN." if self._variable else "Set a token that is valid."

    @property
    def board_period(self) -> timedelta | None:
        """How often boards are read; None for every run."""
        return {"run": None, "1h": timedelta(hours=1), "24h": timedelta(hours=24)}[self.edges_every]

    @property
    def host(self) -> str:
        """What people call this GitHub: `github.com`, `ghe.acme.example`."""
        parts = urlsplit(self.url)
        return "github.com" if self.url == API else parts.netloc

    def product(self, headers: Mapping[str, str]) -> Product:
        """Which of GitHub's products answers: the address tells, and Enterprise Server says its version."""
        interface = headers.get("x-github-api-version-selected", "")
        version = headers.get("x-github-enterprise-version", "").rpartition("@")[2]
        if self.url == API:
            return Product("github.com", interface=interface)
        if (urlsplit(self.url).hostname or "").endswith(".ghe.com"):
            return Product("GitHub Enterprise Cloud", interface=interface)
        return Product("GitHub Enterprise Server", version, interface)

    @property
    def pages(self) -> str:
        """The address that pages for people begin with, without a slash at its end."""
        parts = urlsplit(self.url)
        if self.url == API or (parts.hostname or "").endswith(".ghe.com"):  # Enterprise Cloud with data residency
            return f"{parts.scheme}://{parts.netloc.removeprefix('api.')}"
        return self.url.removesuffix("/api/v3")

    @property
    def rate_limits(self) -> tuple[RateLimit, ...]:
        """The limits that are switched on."""
        of_minute = min(_FREE_IN_A_MINUTE, self.creates_per_minute // 2) if self.live_reserve else 0
        of_hour = ceil(self.creates_per_hour * self.live_reserve)
        limits = (
            RateLimit(self.creates_per_minute, 60, creates_only=True, reserve=of_minute),
            RateLimit(self.creates_per_hour, 3600, creates_only=True, reserve=of_hour),
            RateLimit(self.writes_per_second, 1),
        )
        return tuple(limit for limit in limits if limit.amount)


def _lacks_api(host: str, path: str) -> bool:
    """Whether this is an Enterprise Server's address without the path of its interface.

    Enterprise Cloud with data residency has a host of its own for it: `api.acme.ghe.com`.
    """
    return not path.strip("/") and not host.startswith("api.") and host not in _LOOPBACK


class GitHubScope(TrackerTable):
    """`left` or `right` of a pair that is a repository."""

    repository: str
    """`owner/name`."""
    filter: str = ""
    """Terms as in GitHub's search box: `label:sync -label:internal type:Bug`; one label and one type must match."""
    issue_types: bool = False
    """The organisation has issue types (Bug, Task, ...) and they shall be kept in step."""

    @field_validator("repository")
    @classmethod
    def _check_repository(cls, repository: str) -> str:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+", repository):
            raise ValueError(f'"{repository}" is not a repository; expected owner/name, such as acme/pay')
        return repository

    @field_validator("filter")
    @classmethod
    def _check_filter(cls, text: str) -> str:
        Terms.parse(text)
        return text

    @classmethod
    def routed(
        cls, table: Mapping[str, Any], rule: RouteRule | None, earlier: Sequence[RouteRule], component_prefix: str
    ) -> dict[str, Any]:
        """See `ConnectorKind.scope_settings`."""
        own = str(table.get("filter", ""))
        wanted = [] if rule is None else _terms_of(rule, component_prefix)
        if any(term.startswith(("label:", "type:")) and re.search(rf"(?<!-)\b{term.partition(':')[0]}:", own)
               for term in wanted):  # fmt: skip
            raise ValueError("filter: one with a term of the same kind lets through what either of them admits")
        unwanted = [f"-{term}" for each in earlier for term in _terms_of(each, component_prefix)]
        return {**table, "filter": " ".join(part for part in (own.strip(), *wanted, *unwanted) if part)}

    @property
    def demands(self) -> tuple[Demand, ...]:
        """See `ConnectorKind.scope_settings`."""
        terms = self.terms
        labels, types = (" or ".join(sorted(names)) for names in (terms.labels, terms.types))
        asked = (f"label {labels}" if labels and not self.created_labels else "", f"type {types}" if types else "")
        return tuple(Demand(text) for text in asked if text)

    @property
    def created_labels(self) -> tuple[str, ...]:
        """The labels that a new issue gets so that the filter admits it: where it names one, every issue needs that."""
        wanted = self.terms.labels
        return tuple(wanted) if len(wanted) == 1 else ()

    @property
    def filter_words(self) -> frozenset[FilterWord]:
        """See `ConnectorKind.scope_settings`: labels and types are somebody's word."""
        return frozenset({FilterWord.OTHER}) if self.filter.strip() else frozenset()

    @property
    def terms(self) -> Terms:
        """The filter, taken apart."""
        return Terms.parse(self.filter)


def _terms_of(rule: RouteRule, component_prefix: str) -> list[str]:
    """What a rule admits, as terms of a filter. Raises ValueError."""
    if rule.key not in {"label", "type", "component"}:
        raise ValueError(f'a repository has no field "{rule.key}": use label, type or component')
    if rule.key == "component" and not component_prefix:
        raise ValueError("a repository has components only as labels with a component-prefix: use label")
    if any('"' in name for name in rule.names):
        raise ValueError("a name with a quotation mark cannot be looked for")
    prefix = component_prefix if rule.key == "component" else ""
    return [f'{"type" if rule.key == "type" else "label"}:"{prefix}{name}"' for name in rule.names]


class Terms(TrackerTable):
    """A filter, taken apart; names are folded to lower case."""

    labels: frozenset[str] = frozenset()
    without_labels: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()
    without_types: frozenset[str] = frozenset()

    @classmethod
    def parse(cls, text: str) -> Terms:
        """The terms of a filter. Raises ValueError naming the one that is not understood."""
        found: dict[str, set[str]] = {"label": set(), "-label": set(), "type": set(), "-type": set()}
        term = re.compile(r'\s*(?P<key>-?[a-z]+):(?:"(?P<quoted>[^"]+)"|(?P<word>[^\s"]+))(?=\s|$)')
        rest = text.rstrip()
        while rest:
            match = term.match(rest)
            if match is None or match["key"] not in found:
                raise ValueError(
                    f'"{rest.strip()}" is not understood; use label:NAME, -label:NAME, type:NAME, -type:NAME'
                )
            found[match["key"]].add((match["quoted"] or match["word"]).casefold())
            rest = rest[match.end() :]
        return cls(
            labels=frozenset(found["label"]),
            without_labels=frozenset(found["-label"]),
            types=frozenset(found["type"]),
            without_types=frozenset(found["-type"]),
        )

    def admit(self, labels: frozenset[str], type_name: str | None) -> bool:
        """An issue with these labels and this type belongs to the scope."""
        folded = {label.casefold() for label in labels}
        return (
            (not self.labels or bool(self.labels & folded))
            and not self.without_labels & folded
            and (not self.types or (type_name or "").casefold() in self.types)
            and (type_name or "").casefold() not in self.without_types
        )
