"""Which version of one tracker a release of the other is about: the one whose name is its tag. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from syncer.contract.code import Release
from syncer.contract.model import Category, Field, Observed, Status

_NUMBERED = re.compile(r"v\d")


def release_name(text: str) -> str:
    """The name by which a version and a tag are compared: without case, and without the `v` before a number."""
    name = text.strip().casefold()
    return name[1:] if _NUMBERED.match(name) else name


def unreleased(releases: Iterable[Release], versions: Iterable[Observed]) -> Iterator[tuple[Release, Observed]]:
    """Each release for everybody with its version, where that does not say that it is released; the oldest first."""
    named = {release_name(title): one for one in versions if isinstance(title := one.showing.get(Field.TITLE), str)}
    for release in releases:
        version = None if release.preliminary else named.get(release_name(release.tag))
        status = None if version is None else version.showing.get(Field.STATUS)
        if version is not None and isinstance(status, Status) and status.category is not Category.DONE:
            yield release, version
