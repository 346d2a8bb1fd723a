"""The issue fields of an organisation as plain records: what one is called, what it takes, and its options."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

DataType = Literal["text", "number", "date", "single_select", "multi_select"]
FieldVisibility = Literal["organization_members_only", "all"]

DATA_TYPES: tuple[DataType, ...] = ("text", "number", "date", "single_select", "multi_select")
SELECTS: tuple[DataType, ...] = ("single_select", "multi_select")


@dataclass(slots=True, eq=False)
class FieldOption:
    """One choice of a field that has choices."""

    id: int
    name: str
    color: str
    priority: int
    created_at: datetime
    updated_at: datetime
    description: str | None = None


@dataclass(slots=True, eq=False)
class IssueField:
    """A field that the issues of an organisation's repositories can have; its type never changes."""

    id: int
    name: str
    data_type: DataType
    created_at: datetime
    updated_at: datetime
    description: str | None = None
    visibility: FieldVisibility = "organization_members_only"
    options: list[FieldOption] = field(default_factory=list)

    def option(self, name: object) -> FieldOption | None:
        """Return the option of exactly this name, or None."""
        return next((option for option in self.options if option.name == name), None)


FieldValue = str | float | tuple[FieldOption, ...]
"""A text or a day as GitHub writes it, a number, or the options that are chosen."""
