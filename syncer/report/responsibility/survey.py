"""The responsibilities of a week: table and gaps. Pure."""

from __future__ import annotations

from syncer.report.model.collaboration import Collaboration
from syncer.report.model.responsibilities import ResponsibilityTable
from syncer.report.model.snapshot import Snapshot
from syncer.report.responsibility.gaps import gaps
from syncer.report.responsibility.table import pair_tables, responsibilities, unread


def survey(collaboration: Collaboration, snapshot: Snapshot, *, tasks: bool = False) -> ResponsibilityTable:
    """Who is responsible for what at a moment, and what is missing; `tasks` gives each open task a scope of its own."""
    tables = pair_tables(collaboration, snapshot, tasks=tasks)
    found = gaps(tables, collaboration, snapshot)
    rows = responsibilities(tables, snapshot)
    scopes = {(table.pair, scope) for table in tables for scope in (*table.scopes, *table.components, *table.goals)}
    return ResponsibilityTable(rows, found, unread(tables), len(scopes))
