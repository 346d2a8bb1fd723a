"""What is said of a scope before anything is written to it: findings, the demands of its filter, the names it knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from syncer.contract.errors import Denied, Retryable


class Severity(StrEnum):
    """How bad a finding of `check` is."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something `syncer check` found, with the configuration line or the action that would fix it."""

    severity: Severity
    about: str
    """What it is about, e.g. `credentials`, `status "In Review"`, `people liwei`."""
    message: str
    fix: str = ""
    writing: bool = False
    """It matters only where something is written: not for a pair that watches."""
    passing: bool = False
    """It may be over by itself, and nothing has to be corrected: no answer, an answer that makes no sense."""

    @classmethod
    def of_failure(cls, about: str, error: Exception) -> Finding:
        """What a question that failed gives reason to say. A tracker that does not answer is about `access`."""
        if isinstance(error, Denied):
            return cls(Severity.ERROR, about, str(error), error.remedy)
        passing = isinstance(error, Retryable)
        about = "access" if passing and about == "credentials" else about
        return cls(Severity.ERROR, about, str(error), "Try again; if it stays, check `url`.", passing=passing)


@dataclass(frozen=True, slots=True)
class Demand:
    """Something that a new item must have so that the filter of its scope admits it."""

    needs: str
    """In the words of the filter."""
    fix: str = ""
    """The line of the scope that gives it to every new item, where there is one."""
    always: bool = True
    """False for something that the item of the other side may tell."""
    certain: bool = False
    """Whether every new item is known to lack it; else it may have it of itself (a first status, a default)."""


class FilterWord(StrEnum):
    """What a filter asks of an item. All but the last change as work goes on; the last is somebody's word."""

    STATUS = "status"
    RESOLUTION = "resolution"
    SPRINT = "sprint"
    VERSIONS = "versions"
    ASSIGNEE = "assignee"
    DATES = "dates"
    OTHER = "other"
    """A label, a component, a type, a level, a field of the site's own."""


@dataclass(frozen=True, slots=True)
class RouteRule:
    """What an item of a scope has that goes to one place of several."""

    key: str
    """`component`, `label`, `type`, or a field of the tracker by its name or id."""
    names: tuple[str, ...]
    """It has one of these."""

    def __str__(self) -> str:
        return f"{self.key} {' or '.join(self.names)}"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The names a scope knows, so that the rules of a pair can be checked against them before the first write."""

    statuses: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    priorities: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    """Ids of the accounts that can be assigned."""
    required: Mapping[str, tuple[Demand, ...]] = field(default_factory=dict)
    """By type, what a create of it is refused without and the scope's settings do not give."""
    usual_type: str = ""
    """The type of new items that bring none of their own."""
