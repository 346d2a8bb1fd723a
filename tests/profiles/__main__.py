"""Plays every pair of named profiles and prints what became of each: `python -m tests.profiles`.

With `--fields` every field that answers may leave out is varied in every form, beyond the few that a run of the suite
draws, and what is read wrongly is printed.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.profiles.pairs import EVERY, Played, play


def row(names: tuple[str, str], played: Played) -> str:
    """One line of the table."""
    said = "well" if played.well else "; ".join(played.wrong) or ", ".join(played.outcomes)
    writes = "+".join(map(str, played.writes))
    lacking = ", ".join(played.lacking) or "-"
    counted = f"{writes:<14} {played.quiet_requests:>5} {lacking:<19} {played.seconds:5.1f}"
    return f"{names[0]:<19} {names[1]:<18} {counted}  {said}"


def pairs() -> int:
    """1 where a pair is not as it should be."""
    print(f"{'jira':<19} {'github':<18} {'writes':<14} {'quiet':>5} {'not held':<19} {'CPU s':>5}  outcome")
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for number, (jira, github) in enumerate(EVERY):
            played = play(Path(folder) / str(number), jira, github)
            failed += not played.well
            print(row((jira.name, github.name), played), flush=True)
    return 1 if failed else 0


def fields() -> int:
    """1 where something that an answer leaves out is read wrongly."""
    from tests.properties import presence
    from tests.properties.test_presence import PLACES, judge

    listed = presence.counted() if presence.COUNTS.is_file() else presence.FIELDS
    failed = 0
    for name, place_of in PLACES.items():
        with place_of() as place:
            varied = presence.shown(listed[place.base.tracker])
            for difference in varied:
                try:
                    judge(place, difference)
                except AssertionError:
                    failed += 1
                    print(f"{name}: {presence.as_text(difference)}", flush=True)
            print(f"{name}: {len(varied)} differences tried", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(fields() if sys.argv[1:] == ["--fields"] else pairs())
