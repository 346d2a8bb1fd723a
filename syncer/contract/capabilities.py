"""What a scope can hold, how well, and how fast it may be written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from syncer.contract.custom import CustomField, Resolved
from syncer.contract.model import Field, Kind


class Fidelity(StrEnum):
    """How well a tracker holds a field. A field that is not listed at all is absent there."""

    EXACT = "exact"
    LOSSY = "lossy"
    READ_ONLY = "read-only"


@dataclass(frozen=True, slots=True)
class RateLimit:
    """At most `amount` operations within any `seconds`. `creates_only` restricts it to the creation of content."""

    amount: int
    seconds: float
    creates_only: bool = False
    reserve: int = 0
    """So many of `amount` a backfill leaves free, for what people make now."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a scope can hold, and how fast it may be written."""

    fields: Mapping[Kind, Mapping[Field, Fidelity]]
    rate_limits: tuple[RateLimit, ...] = ()
    """Limits to keep on our side; those the tracker announces by itself arrive as `Retryable`."""
    create_batch: Mapping[Kind, int] = field(default_factory=dict)
    """How many drafts of a kind one request can create."""
    at_once: Mapping[Kind, int] = field(default_factory=dict)
    """How many calls of `create` may be on their way for items of a kind, each in its own thread; one where absent."""
    updates_at_once: Mapping[Kind, int] = field(default_factory=dict)
    """The same for `update`; never two for one task and its comments."""
    labels_fold_case: bool = False
    """Labels that differ only in case are one label here."""
    label_spaces: bool = True
    """A label may contain spaces."""
    native_types: bool = True
    """The scope has issue types of its own (else a type can only be shown as a label)."""
    parts_have_parents: bool = False
    """A task with a parent is a part of it, unless that stands above tasks on the other side: no level tells it."""
    listing_lags: bool = False
    """`changes` may be answered from an index that is behind (Jira's search)."""
    creates_below: bool = False
    """Tasks of some types can only be created below another one: drafts of tasks have `Draft.parent`, where it is."""
    max_assignees: int = 1
    max_milestones: int = 1
    title_limit: int = 255
    body_limit: int = 32_767
    """In characters of the written source."""
    label_limit: int = 255
    lacking: frozenset[Field] = frozenset()
    """Fields of tasks that trackers of this kind have and this one does not: an older server, for instance."""
    comments_by_mail: bool = False
    """A mail may become a comment under the name of its sender, and no answer tells which comments came so."""
    files_in: str = ""
    """What people call the place where files are kept along with tasks (`PAY in Jira`); empty where none are."""
    custom: Mapping[Field, CustomField] = field(default_factory=dict)
    """The declared fields of tasks that the tracker has, once they are resolved (`syncer.contract.custom`)."""
    unheld: Mapping[Field, str] = field(default_factory=dict)
    """Why the tracker cannot hold a declared field."""

    def with_declared(self, resolved: Resolved) -> Capabilities:
        """The capabilities of a scope that has these fields, too; what is among them already stays as it is."""
        told = {name: one for name, one in resolved.items() if isinstance(one, CustomField)}
        fidelity = {name: Fidelity.READ_ONLY if one.read_only else Fidelity.EXACT for name, one in told.items()}
        fields = {**self.fields, Kind.TASK: {**self.fields.get(Kind.TASK, {}), **fidelity}}
        unheld = {name: why for name, why in resolved.items() if isinstance(why, str)}
        return replace(self, fields=fields, custom=told, unheld=unheld)

    def batch(self, kind: Kind) -> int:
        """The number of drafts of `kind` that one request may create, at least 1."""
        return self.create_batch.get(kind, 1)

    def creates_at_once(self, kind: Kind) -> int:
        """How many calls of `create` for items of `kind` may be on their way, at least 1."""
        return self.at_once.get(kind, 1)
