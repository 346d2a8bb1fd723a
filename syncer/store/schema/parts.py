"""What every table is made of. All moments are UTC microseconds; a ref is stored as `kind:id`."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, MetaData, Table, Text
from sqlalchemy.schema import SchemaItem

metadata = MetaData()
LARGE = BigInteger().with_variant(Integer(), "sqlite")


def table(name: str, *parts: SchemaItem, clustered: bool = False) -> Table:
    """A table of the state; a `clustered` one keeps its rows in the order of their key, under SQLite."""
    return Table(name, metadata, *parts, sqlite_strict=True, sqlite_with_rowid=not clustered)


def pair(**options: Any) -> Column[Any]:
    """The pair that a row belongs to."""
    return Column("pair", Integer, ForeignKey("pairs.id"), nullable=False, **options)


def key_of_side() -> list[Column[Any]]:
    """What the primary key of a table about one side of a pair is, or begins with."""
    return [pair(primary_key=True), Column("side", Text, primary_key=True)]


def key_of_item() -> list[Column[Any]]:
    """What the primary key of a table about items is, or begins with."""
    return [*key_of_side(), Column("ref", Text, primary_key=True)]
