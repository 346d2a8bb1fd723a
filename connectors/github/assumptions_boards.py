"""What this connector takes for granted about boards (Projects v2), pull requests and releases, with the evidence."""

from __future__ import annotations

from typing import Final

from syncer.contract.assumptions import Assumption, Evidence

ABOUT_BOARDS: Final = (
    Assumption(
        id="github.boards.absent-on-server",
        behaviour="Enterprise Server to 3.19 has no boards in its REST interface: the operations answer 404.",
        evidence=Evidence.SPECIFICATION,
        source="github/rest-api-description, the documents of Enterprise Server 3.17, 3.18 and 3.19",
        where=("connectors.github.mapping.RepositoryFacts",),
        safe="A field of a board is not held there, and `check` says so.",
    ),
)
