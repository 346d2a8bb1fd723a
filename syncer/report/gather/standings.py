"""How far an item is, now and over time, by what both sides show and what was seen to change. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from syncer.contract.model import Field, Observed, Side, Status
from syncer.core.records import FieldChange
from syncer.core.rules import PairRules
from syncer.core.side_view import names
from syncer.report.gather.merged_item import MergedItem
from syncer.report.gather.values import standing_of
from syncer.report.model.timeline import Standing, StandingChange


class Standings:
    """Tells the standing of the items of a pair."""

    def __init__(self, rules: PairRules) -> None:
        self._labels = {side: rules.labels_of(Field.STATUS, side) for side in Side}
        """By which an open item shows a status of the other side's workflow."""

    def now(self, merged: MergedItem) -> Standing:
        """The standing now. The side that tells more decides: a workflow knows work in progress, open does not."""
        found = [self._of(side, item) for side, item in merged.sides]
        if Standing.DOING in found and Standing.TODO in found:
            return Standing.DOING
        if len(found) == 2 and found[0] is not found[1]:
            later = max(merged.sides, key=lambda shown: shown[1].updated)
            return self._of(*later)
        return found[0]

    def over_time(
        self, merged: MergedItem, changes: Sequence[FieldChange]
    ) -> tuple[tuple[StandingChange, ...], datetime | None]:
        """Standings over time, and when it was finished if it is done.

        Both sides' changes in one row. Of our own writes only those between open standings count: they show what
        somebody said with a label on the other side; all others repeat a change that is in the row already. What
        happened before the first reading is known as far as the trackers tell it: when it was closed.
        """
        moves = [change for change in changes if change.field is Field.STATUS]
        timeline = self._before_first_sight(merged, moves)
        for change in moves:
            standing, before = _standing_in(change.new), timeline[-1].standing
            echo = change.operation is not None and not (before.open and standing is not None and standing.open)
            if standing is not None and standing is not before and not echo:
                timeline.append(StandingChange(change.at, standing))
        now = self.now(merged)
        if now is not timeline[-1].standing:
            timeline.append(StandingChange(max(merged.closed or merged.first.updated, timeline[-1].at), now))
        return tuple(timeline), timeline[-1].at if now is Standing.DONE else None

    def _before_first_sight(self, merged: MergedItem, moves: Sequence[FieldChange]) -> list[StandingChange]:
        """The standing at its creation, and its closing where it was closed when it was first seen."""
        seen = (_standing_in(change.old) for change in moves if change.side is merged.origin)
        first = next((standing for standing in seen if standing is not None), None)
        initial = first or self._of(*merged.sides[0])
        if initial.open:
            return [StandingChange(merged.created, initial)]
        closed = merged.closed
        known = closed is not None and (first is None or closed <= moves[0].at)
        return [
            StandingChange(merged.created, Standing.TODO),
            StandingChange(closed if known and closed else merged.created, initial),
        ]

    def _of(self, side: Side, item: Observed) -> Standing:
        status = item.showing.get(Field.STATUS)
        if not isinstance(status, Status):
            return Standing.TODO
        standing = standing_of(status)
        if standing is Standing.TODO and self._shows_progress_by_label(side, item):
            return Standing.DOING
        return standing

    def _shows_progress_by_label(self, side: Side, item: Observed) -> bool:
        """Whether an open item has a label by which the pair shows a status of the other side's workflow."""
        telling = self._labels[side]
        return bool(telling) and any(label.casefold() in telling for label in names(item.showing.get(Field.LABELS)))


def _standing_in(value: object) -> Standing | None:
    """The standing in a value of the history; None where it holds no status."""
    return standing_of(value) if isinstance(value, Status) else None
