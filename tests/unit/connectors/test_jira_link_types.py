"""Which type of links stands behind an edge, as a site lists its types."""

from __future__ import annotations

import pytest

from connectors.jira import KIND
from connectors.jira.link_types import USUAL_LINKS, LinkLocator, LinkType, found_type
from syncer.contract.model import Field

LISTED = [
    {"id": "1", "name": "Blocks", "inward": "is blocked by", "outward": "blocks"},
    {"id": "2", "name": "Verwandt", "inward": "ist verwandt mit", "outward": "ist verwandt mit"},
    {"id": "3", "name": "Tests", "inward": "is tested by", "outward": "tests"},
]


@pytest.mark.parametrize(
    ("field", "name", "reads"),
    [
        (Field.RELATES, "Tests", "differently from each end"),
        (Field.CLONES, "Verwandt", "the same from both ends"),
        (Field.BLOCKED_BY, "Verwandt", "the same from both ends"),
    ],
)
def test_a_type_that_reads_otherwise_than_a_usual_one_does_not_stand_for_it(
    field: Field, name: str, reads: str
) -> None:
    told = found_type(field, LinkLocator(name), LISTED)
    assert isinstance(told, str)
    assert f'"{name}" that reads {reads}' in told


@pytest.mark.parametrize(("field", "name"), [(Field.RELATES, "Verwandt"), (Field.DUPLICATES, "tests")])
def test_a_type_of_another_name_that_reads_alike_does(field: Field, name: str) -> None:
    assert isinstance(found_type(field, LinkLocator(name), LISTED), LinkType)


def test_a_usual_type_is_one_however_a_site_words_its_ends() -> None:
    listed = [{"id": "4", "name": "Relates", "inward": "is related to", "outward": "relates to"}]
    found = found_type(Field.RELATES, LinkLocator("Relates"), listed)
    assert isinstance(found, LinkType)
    assert found.ends == USUAL_LINKS[Field.RELATES].ends


def test_the_kind_calls_the_usual_types_as_the_connector_does() -> None:
    """Twice, because a configuration is read without loading the connector."""
    assert KIND.usual_links == {field.value: one.name for field, one in USUAL_LINKS.items()}
