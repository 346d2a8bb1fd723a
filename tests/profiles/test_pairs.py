"""Pairs that cover every named profile: a first sync, edits both ways, and rest."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncer.sandbox.profiles import NAMED, Profile
from tests.profiles.pairs import USUAL, play


def test_the_usual_pairs_cover_every_profile() -> None:
    assert {profile.name for pair in USUAL for profile in pair} == set(NAMED)


@pytest.mark.parametrize(("jira", "github"), USUAL, ids=lambda profile: profile.name)
def test_a_pair_is_carried_both_ways_and_comes_to_rest(tmp_path: Path, jira: Profile, github: Profile) -> None:
    played = play(tmp_path, jira, github)
    assert played.well, played
    assert played.quiet_requests == 2
