"""How deep tests go that enumerate or roll dice: enough for every day, or `pytest --hypothesis-profile thorough`."""

from __future__ import annotations

from hypothesis import settings

PROFILE = "thorough"


def thorough() -> bool:
    """Whether time does not matter."""
    return settings.get_current_profile_name() == PROFILE
