"""What makes `syncer status --fail-on` fail: the conditions that it names, and what of them holds for a pair."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import typer

from syncer.core.amounts import plural, span


@dataclass(frozen=True, slots=True)
class Conditions:
    """What makes `status --fail-on` fail."""

    conflicts: bool = False
    waiting: bool = False
    lag: timedelta | None = None


_LAG = re.compile(r"lag=([1-9]\d{0,5})([mhd])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def conditions_of(text: str | None) -> Conditions:
    """What `--fail-on` names. Raises BadParameter for a word that is none."""
    known = "conflicts, waiting, lag=NUMBER with m, h or d (lag=30m)"
    found = Conditions()
    for word in (part.strip() for part in (text or "").split(",") if part.strip()):
        if word == "conflicts":
            found = replace(found, conflicts=True)
        elif word in {"waiting", "held"}:  # as it was called once
            found = replace(found, waiting=True)
        elif lag := _LAG.fullmatch(word):
            found = replace(found, lag=timedelta(**{_UNITS[lag[2]]: int(lag[1])}))
        else:
            raise typer.BadParameter(f'"{word}" is none of: {known}', param_hint="--fail-on")
    if text is not None and found == Conditions():
        raise typer.BadParameter(f"name at least one of: {known}", param_hint="--fail-on")
    return found


def failures(pair: Mapping[str, Any], conditions: Conditions) -> Iterator[str]:
    """What of the conditions holds for a pair, a sentence each."""
    name, lag = pair["name"], pair["lag_seconds"]
    if conditions.conflicts and pair["conflicts"]:
        yield f"{name}: {plural(pair['conflicts'], 'conflict waits', 'conflicts wait')}: syncer conflicts --pair {name}"
    if conditions.waiting and pair["held"]:
        yield f"{name}: {plural(pair['held'], 'item waits', 'items wait')} for a person: syncer status --pair {name}"
    if conditions.lag is not None and lag is None:
        yield f"{name}: was never brought up to date: syncer sync --pair {name}"
    elif conditions.lag is not None and lag > conditions.lag.total_seconds():
        yield f"{name}: is {span(timedelta(seconds=lag))} behind: syncer sync --pair {name} -v"
