"""Which version of one tracker a release of the other is about: the one whose name is its tag. Pure.

Where both do not say the same, that is listed: a release whose version is open, and a version without its release.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from syncer.contract.code import RELEASED, LooseRelease, Release
from syncer.contract.model import Category, Field, Observed, Status

LATELY: Final = timedelta(days=90)
"""How long ago a version may have been released that is missed among the releases. It is less than `RELEASES_OF`: its
release may have been published long before the day that the version tells."""

_NUMBERED = re.compile(r"v\d")


def release_name(text: str) -> str:
    """The name by which a version and a tag are compared: without case, and without the `v` before a number."""
    name = text.strip().casefold()
    return name[1:] if _NUMBERED.match(name) else name


@dataclass(frozen=True, slots=True)
class ReleaseMark:
    """What is remembered of a release and its version."""

    version: str
    """Its native id."""
    why: str = ""
    """Why it could not be marked as released; empty once both said the same."""


def with_version(releases: Iterable[Release], versions: Iterable[Observed]) -> Iterator[tuple[Release, Observed]]:
    """Each release for everybody with the versions of its name, the oldest release first."""
    named = defaultdict[str, list[Observed]](list)
    for version in versions:
        if isinstance(title := version.showing.get(Field.TITLE), str):
            named[release_name(title)].append(version)
    for release in releases:
        if not release.preliminary:
            yield from ((release, version) for version in named.get(release_name(release.tag), ()))


def shared_names(versions: Iterable[Observed]) -> set[str]:
    """The names, as `release_name` gives them, that more than one version has."""
    titles = [version.showing.get(Field.TITLE) for version in versions]
    names = Counter(release_name(title) for title in titles if isinstance(title, str))
    return {name for name, count in names.items() if count > 1}


def is_open(version: Observed) -> bool:
    """Whether a version says that it is not finished."""
    status = version.showing.get(Field.STATUS)
    return isinstance(status, Status) and status.category is not Category.DONE


def unreleased(releases: Iterable[Release], versions: Iterable[Observed]) -> Iterator[tuple[Release, Observed]]:
    """Each release for everybody with its version, where that does not say that it is released; the oldest first."""
    return ((release, version) for release, version in with_version(releases, versions) if is_open(version))


def unpublished(
    releases: Iterable[Release], loose: Iterable[LooseRelease], versions: Iterable[Observed], today: date
) -> Iterator[tuple[Observed, LooseRelease | None]]:
    """Each version that was released lately and whose release is not published, the oldest first.

    With it comes the draft or the release without a tag that is called like it, if there is one. A version that does
    not tell its day is left out: nobody knows whether its release is old.
    """
    published = {release_name(each.tag) for each in releases}
    waiting = {release_name(name): each for each in loose for name in (each.name, each.tag) if name}
    for day, name, version in sorted(_released(versions), key=lambda one: one[:2]):
        if day >= today - LATELY and name not in published:
            yield version, waiting.get(name)


def _released(versions: Iterable[Observed]) -> Iterator[tuple[date, str, Observed]]:
    for version in versions:
        title, status, day = (version.showing.get(name) for name in (Field.TITLE, Field.STATUS, Field.DUE))
        released = isinstance(status, Status) and status.name == RELEASED.name
        if released and isinstance(title, str) and isinstance(day, date):
            yield day, release_name(title), version
