"""Which keys the vendors' documents name in the answers to what connectors ask, and at which position."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

OTHER_OPERATION: Final = "<operation 1>"
"""Stands for everything that was asked and is in no document."""

KINDS: Final[Mapping[str, tuple[str, ...]]] = {"github": ("github",), "jira": ("jira-cloud", "jira-datacenter")}
"""The kinds of connectors whose vendors' documents are known, with these."""

HEADERS: Final = frozenset(
    {
        # RFC 9110, 9111, 9112 and the registry of IANA
        "accept-ranges", "access-control-allow-origin", "access-control-expose-headers", "age", "allow",
        "cache-control", "connection", "content-disposition", "content-encoding", "content-language", "content-length",
        "content-security-policy", "content-type", "date", "deprecation", "etag", "expires", "keep-alive",
        "last-modified", "location", "pragma", "referrer-policy", "retry-after", "server", "set-cookie",
        "strict-transport-security", "sunset", "transfer-encoding", "vary", "via", "warning", "www-authenticate",
        "x-content-type-options", "x-frame-options", "x-xss-protection",
        # docs.github.com: rate limits, API versions, troubleshooting
        "github-authentication-token-expiration", "x-accepted-github-permissions", "x-accepted-oauth-scopes",
        "x-github-api-version-selected", "x-github-enterprise-version", "x-github-media-type", "x-github-request-id",
        "x-github-sso", "x-oauth-client-id", "x-oauth-scopes", "x-ratelimit-limit", "x-ratelimit-remaining",
        "x-ratelimit-reset", "x-ratelimit-resource", "x-ratelimit-used",
        # developer.atlassian.com: rate limiting; Seraph and the access log of Jira
        "atl-traceid", "ratelimit-reason", "x-anodeid", "x-arequestid", "x-asessionid", "x-atlassian-token",
        "x-ausername", "x-ratelimit-fillrate", "x-ratelimit-interval-seconds", "x-ratelimit-nearlimit",
        "x-seraph-loginreason",
    }
)  # fmt: skip
"""Headers whose names are everybody's. A proxy adds others, and their names may tell whose it is."""

_COUNTING: Final = frozenset({"link"})
"""Headers that are there where a list has a further page: of a list of people that tells how many there are."""


@dataclass(frozen=True, slots=True)
class NamedKeys:
    """An object of an answer: the keys that a document names there. Lists are looked through."""

    number: int
    table: tuple[Mapping[str, int], ...]

    def names(self, key: str) -> bool:
        """Whether the document names `key` here."""
        return key in self.table[self.number] and key != "*"

    def named(self) -> list[str]:
        """The keys that the document names here."""
        return [key for key in self.table[self.number] if key != "*"]

    def below(self, key: str) -> NamedKeys:
        """The position that a named key leads to."""
        return NamedKeys(self.table[self.number][key], self.table)

    def other(self) -> NamedKeys | None:
        """The position below keys that the document leaves open; None where it says nothing of it."""
        number = self.table[self.number].get("*")
        return None if number is None else NamedKeys(number, self.table)


NOTHING_NAMED: Final = NamedKeys(0, ({},))
"""Where no key is named."""


@dataclass(frozen=True, slots=True)
class ApiDescription:
    """What the documents of one vendor's product say of its operations."""

    operations: Mapping[str, NamedKeys]
    """By verb and path, `{}` in place of what is a caller's: `GET /repos/{}/{}/issues`."""
    errors: NamedKeys

    def operation(self, verb: str, path: str) -> str | None:
        """The operation that a request asks for; None where the documents have none."""
        parts = path.strip("/").split("/")
        fitting = (each for each in self.operations if _fits(each, verb, parts))
        return min(fitting, key=lambda each: each.count("{}"), default=None)


def _fits(operation: str, verb: str, parts: list[str]) -> bool:
    own, _, path = operation.partition(" ")
    template = path.strip("/").split("/")
    return (
        own == verb
        and len(template) == len(parts)
        and all(word in ("{}", part) and part for word, part in zip(template, parts, strict=True))
    )


@cache
def documents() -> Mapping[str, ApiDescription]:
    """The documents by name, from the table that `tests/vendor_keys.py` makes."""
    raw = json.loads(files(__package__).joinpath("vendor_keys.json").read_text("utf-8"))
    found = {}
    for name, part in raw.items():
        table = tuple(part["positions"])
        operations = {each: NamedKeys(number, table) for each, number in part["operations"].items()}
        found[name] = ApiDescription(operations, NamedKeys(part["errors"], table))
    return found


def asked(kind: str, verb: str, path: str) -> str:
    """The operation that a request to a tracker of a kind asks for, `<operation 1>` where no document has it."""
    found = (documents()[name].operation(verb, path) for name in KINDS[kind])
    return next((each for each in found if each is not None), OTHER_OPERATION)


def answered(kind: str, operation: str, status: str) -> NamedKeys:
    """The position of the answer with a status to an operation of a kind."""
    for document in (documents()[name] for name in KINDS[kind]):
        if operation in document.operations:
            return document.operations[operation] if status < "3" else document.errors
    return NOTHING_NAMED


def is_operation(kind: str, operation: str) -> bool:
    """Whether the documents of a kind have an operation."""
    return any(operation in documents()[name].operations for name in KINDS[kind])


def known_headers(names: Iterable[str]) -> list[str]:
    """The names of headers that may be told, in order, and one that stands for all others."""
    lower = {name.lower() for name in names} - _COUNTING
    return sorted(lower & HEADERS) + (["<header 1>"] if lower - HEADERS else [])
