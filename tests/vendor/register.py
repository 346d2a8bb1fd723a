"""The register as one table, and as the lines that `python -m tests.vendor` prints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from connectors.github.assumptions import ASSUMPTIONS as GITHUB
from connectors.jira.assumptions import ASSUMPTIONS as JIRA
from syncer.contract.assumptions import Assumption, Evidence
from tests.vendor.shown import SHOWN

REGISTER: Sequence[Assumption] = (*GITHUB, *JIRA)


def lines(register: Sequence[Assumption]) -> Iterator[str]:
    """What is unverified first, then the rest by evidence: source, what is done where it is not so, who shows it."""
    for evidence in (Evidence.UNVERIFIED, *(each for each in Evidence if each is not Evidence.UNVERIFIED)):
        rows = [row for row in register if row.evidence is evidence]
        yield f"{evidence} ({len(rows)})"
        for row in rows:
            yield f"  {row.id}"
            yield f"    {row.behaviour}"
            yield f"    source: {row.source}"
            yield f"    otherwise: {row.safe}"
            if row.asked_by:
                yield f"    asked by `syncer check`: {row.asked_by}"
            yield from (f"    shown by: {test}" for test in SHOWN.get(row.id, ()))
