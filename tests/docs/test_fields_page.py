"""The page of fields says what the connectors hold."""

from __future__ import annotations

from tests.docs.fields import PAGE, replaced


def test_the_tables_of_fields_are_as_the_connectors_are() -> None:
    text = PAGE.read_text("utf-8")
    assert replaced(text) == text, "write it anew: python -m tests.docs.fields"
