"""How a kind of tracker introduces itself to somebody who begins: its questions, and what can be chosen from.

Optional: a `ConnectorKind` that also is a `Guide` can be set up by `syncer init`. Nothing here asks a tracker.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from syncer.contract.model import Status

Answers = Mapping[str, str]
"""What is known so far, by the key of the question."""


@dataclass(frozen=True, slots=True)
class InitQuestion:
    """Something that a person is asked, or an option tells."""

    key: str
    """`url`, `project`: also the name of the answer at the command line."""
    words: str
    """What is asked: `Jira address`."""
    example: str
    normal: Callable[[str], str | None]
    """The answer in its normal form; None where it cannot be one."""
    listed: bool = False
    """The tracker can list what there is to choose from: see `Guide.scopes`."""


@dataclass(frozen=True, slots=True)
class Start:
    """What the answers make of a configuration."""

    tracker: Mapping[str, Any]
    """The keys of the tracker's table, without `kind` and without secrets."""
    scope: Mapping[str, Any]
    """The keys of the scope, without `tracker`."""
    secrets: Sequence[tuple[str, str]]
    """The keys that hold secrets, each with what to put there."""
    called: str
    """A short name of the scope, for the pair."""


@dataclass(frozen=True, slots=True)
class ScopeChoice:
    """A scope that the account can see."""

    name: str
    """What the question takes as its answer."""
    title: str = ""


@dataclass(frozen=True, slots=True)
class FoundPerson:
    """Somebody who can be assigned in a scope."""

    account: str
    """What `accounts` of `[[people]]` takes."""
    name: str = ""
    mail: str = ""


@dataclass(frozen=True, slots=True)
class Discovery:
    """What a scope has, as far as maps and people can be proposed from it."""

    statuses: tuple[Status, ...] = ()
    """In the order of its workflow, each with its category."""
    types: tuple[str, ...] = ()
    priorities: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    people: tuple[FoundPerson, ...] = field(default=())


@runtime_checkable
class Guide(Protocol):
    """A kind of tracker that says what it has to be told. What asks the tracker may raise a `TrackerError`."""

    def questions(self, answers: Answers) -> Sequence[InitQuestion]:
        """Everything that has to be known, given what is known already. Sends no request."""
        ...

    def start(self, answers: Answers) -> Start:
        """The configuration that complete answers make. Sends no request."""
        ...

    def scopes(self, tracker: Any) -> Sequence[ScopeChoice]:
        """The scopes that the account can see, by a few requests; `tracker` are valid settings."""
        ...

    def discover(self, tracker: Any, scope: Any) -> Discovery:
        """What a scope has, by a few requests."""
        ...
