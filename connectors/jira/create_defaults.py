"""What Jira asks of new issues, how they look, and which of them the create itself moves on to the status they need.

Why it is learned and not assumed. A create answers with an id and a key alone, and what it makes of `transition` is
documented in half a sentence. So the first issue of each kind is read: it tells the status of all that follow, and the
transitions open to them. A transition that a create turns out to ignore or to refuse is not sent again.
"""

from __future__ import annotations

from connectors.jira.markers import marker_of
from connectors.jira.project import Project, understood
from connectors.jira.transitions import EXPAND, TransitionRunner
from connectors.jira.workflow import Transition
from syncer.contract.errors import TrackerError
from syncer.contract.model import Field, Observed, Showing, Status, Value

_KNOWN = (Field.STATUS, Field.PRIORITY)
"""What a draft does not tell of the issue that is made from it."""


class CreateDefaults:
    """What new issues of each type show, without a transition and with each."""

    def __init__(self, project: Project, transitions: TransitionRunner) -> None:
        self._project = project
        self._transitions = transitions
        self._seen: dict[tuple[str, str], Showing] = {}
        self._useless: set[tuple[str, str]] = set()

    def way(self, kind: str, goal: Value) -> Transition | None:
        """The transition that a create of this type takes along to reach `goal`; None when there is none to trust.

        Only a direct one that is known, and on whose screen nothing is entered: a create has a screen of its own.
        """
        born = self._seen.get((kind, ""), {}).get(Field.STATUS)
        if not isinstance(goal, Status) or not isinstance(born, Status) or born.name == goal.name:
            return None
        way = self._transitions.direct(kind, born.name, goal.name)
        if way is None or (kind, way.id) in self._useless or way.required:
            return None
        entries = self._transitions.entries(way, goal)
        return None if (entries if way.offered is None else entries.keys() & way.offered) else way

    def refuse(self, kind: str, way: Transition) -> None:
        """Notes that creates of this type do not take a transition."""
        self._useless.add((kind, way.id))

    def shown(self, kind: str, way: Transition | None) -> Showing | None:
        """What an issue created so shows beside what its draft said; None while none was read."""
        return self._seen.get((kind, way.id if way else ""))

    def read(self, kind: str, way: Transition | None, native: str) -> Observed | None:
        """The first issue created so, and notes how it looks; None when it cannot be read, which a later one may."""
        try:
            issue = self._project.issue(native, expand=EXPAND)
            if issue is None:
                return None
            with understood(f"issue {native}"):
                born = self._project.observe(issue, self._project.known_readers(), linked=marker_of(issue))
            self._transitions.learn(born, issue)
        except TrackerError:
            # It was created all the same: the next reading completes the picture.
            return None
        self._seen[kind, way.id if way else ""] = {
            field: born.showing[field] for field in _KNOWN if field in born.showing
        }
        status = born.showing.get(Field.STATUS)
        if way is not None and isinstance(status, Status) and status.name != way.goal:
            self.refuse(kind, way)
        return born
