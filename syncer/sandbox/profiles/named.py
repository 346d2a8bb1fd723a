"""The profiles that have a name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from syncer.sandbox.profiles.github import PROFILES as GITHUB
from syncer.sandbox.profiles.jira import PROFILES as JIRA
from syncer.sandbox.profiles.model import Profile

NAMED: Final[Mapping[str, Profile]] = {profile.name: profile for profile in (*JIRA, *GITHUB)}
"""By what `syncer sandbox --profile` calls them."""
