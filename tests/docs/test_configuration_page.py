"""The reference of the configuration has every key, and is as the settings models and the samples are."""

from __future__ import annotations

import tomllib
from typing import Annotated, Any

import pytest
from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from syncer.settings import Kinds, Settings
from syncer.settings.responsibilities import FileSettings
from tests.docs.configuration import (
    PAGE,
    UNSAMPLED,
    Key,
    Model,
    Section,
    keys,
    nested,
    page,
    sections,
)

ROWS = [(section, key) for section in sections() for key in keys(section)]

SIDES = frozenset({"left", "right"})
"""Their tables are checked by the kind of the tracker: the samples are loaded as a whole."""


def tables() -> set[Model]:
    """Every model that a part of the configuration is checked by."""
    found: set[Model] = set()
    kinds = [Kinds.installed()[name] for name in ("jira", "github")]
    waiting: list[Model] = [Settings, FileSettings]
    waiting += [table for kind in kinds for table in (kind.tracker_settings, kind.scope_settings)]
    while waiting:
        table = waiting.pop()
        if table not in found:
            found.add(table)
            waiting += nested(table)
    return found


def test_the_reference_is_as_the_models_are() -> None:
    assert PAGE.read_text("utf-8") == page(), "write it anew: python -m tests.docs.configuration"


def test_every_table_is_in_the_reference() -> None:
    shown = {table.__name__ for section in sections() for table in section.models}
    assert {table.__name__ for table in tables()} - shown == {
        "FileSettings",
        "TrackerSettings",
    }  # a kind's own is shown


@pytest.mark.parametrize(("section", "key"), ROWS, ids=lambda each: getattr(each, "name", getattr(each, "heading", "")))
def test_every_key_has_a_meaning(section: Section, key: Key) -> None:
    assert key.meaning


def field_of(section: Section, key: Key) -> FieldInfo:
    return next(
        field
        for table in section.models
        for name, field in table.model_fields.items()
        if (field.alias or name.replace("_", "-")) == key.name
    )


@pytest.mark.parametrize(
    ("section", "key"),
    [row for row in ROWS if row[1].example.startswith("`") and row[1].name not in SIDES],
    ids=lambda each: getattr(each, "name", getattr(each, "heading", "")),
)
def test_an_example_is_a_line_that_its_table_takes(section: Section, key: Key) -> None:
    value = tomllib.loads(key.example.strip("`").replace("\\|", "|"))[key.name]
    field = field_of(section, key)
    adapter: TypeAdapter[Any] = TypeAdapter(
        Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation
    )
    adapter.validate_python(value)


def test_an_example_that_is_none_would_be_seen() -> None:
    field = field_of(*next(row for row in ROWS if row[1].name == "sweep-every"))
    with pytest.raises(ValidationError):
        TypeAdapter(Annotated[field.annotation, *field.metadata]).validate_python("soon")  # type: ignore[valid-type]


def test_an_example_that_the_sample_lacks_is_of_a_key_that_there_is() -> None:
    assert {name.rpartition(".")[2] for name in UNSAMPLED} <= {key.name for _, key in ROWS}
