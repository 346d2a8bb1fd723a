"""Which version a release is about, by its tag."""

from __future__ import annotations

import pytest

from syncer.core.release_names import release_name


@pytest.mark.parametrize(
    ("tag", "version"), [("v1.2", "1.2"), ("V1.2", "1.2"), ("1.2", "v1.2"), (" 1.2 ", "1.2"), ("spring", "Spring")]
)
def test_a_version_has_the_name_of_its_tag_with_or_without_a_v(tag: str, version: str) -> None:
    assert release_name(tag) == release_name(version)


@pytest.mark.parametrize(("tag", "version"), [("v1.2", "1.2.0"), ("vspring", "spring"), ("vv1", "1"), ("1.2", "1.20")])
def test_what_only_looks_alike_is_another_version(tag: str, version: str) -> None:
    assert release_name(tag) != release_name(version)
