"""Profiles as people ask for them: by name, or as a file that a recording made."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from syncer.sandbox.errors import SandboxError
from syncer.sandbox.profiles.model import Profile, parse
from syncer.sandbox.profiles.named import NAMED
from syncer.sandbox.profiles.recorded import is_record, recorded_profiles


def profiles_from(name_or_file: str) -> tuple[Profile, ...]:
    """The profile of that name, else those in the file. Raises SandboxError for neither.

    A file holds one profile, or is a record of `syncer check --record`, which may be of a Jira and of a GitHub.
    """
    if name_or_file in NAMED:
        return (NAMED[name_or_file],)
    file = Path(name_or_file)
    if not file.is_file():
        raise SandboxError(f"no profile and no file is called {name_or_file}; the profiles are {', '.join(NAMED)}")
    try:
        text = file.read_text("utf-8")
        data = json.loads(text)
    except (OSError, ValueError, RecursionError) as error:
        raise SandboxError(f"cannot read the profile {file}: {error}") from None
    try:
        return recorded_profiles(text) if is_record(data) else (parse(data),)
    except SandboxError as error:
        raise SandboxError(f"{file}: {error}") from None


def profiles_of(names_or_files: Iterable[str]) -> tuple[Profile, ...]:
    """The profiles that were asked for. Raises SandboxError where two are of one tracker."""
    found: dict[str, Profile] = {}
    for profile in (one for each in names_or_files for one in profiles_from(each)):
        if (other := found.get(profile.tracker)) is not None:
            raise SandboxError(f"{other.name} and {profile.name} are both a {profile.tracker.title()}; keep one")
        found[profile.tracker] = profile
    return tuple(found.values())
