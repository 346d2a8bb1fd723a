"""Taking an issue from one status to another through whatever its workflow permits."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock
from typing import Any

from connectors.jira import jql
from connectors.jira.answers import Forbidden, Invalid
from connectors.jira.json_fields import Json, as_object
from connectors.jira.mapping import status_of
from connectors.jira.project import Project, understood
from connectors.jira.search import first_issues
from connectors.jira.workflow import MAX_HOPS, Transition, Workflow, transitions_of
from syncer.contract.errors import Ambiguous, Denied, Gone, Rejected, Retryable, Stale, TrackerError
from syncer.contract.model import Category, Field, Observed, Status

EXPAND = "transitions,transitions.fields"
"""What an issue is asked for, so that it shows the transitions open to it with their screens."""
SCOUTS = 6
"""How many other issues are looked at, for each change, to learn the ways out of statuses not met before."""


class _Trip:
    """One issue on its way."""

    def __init__(self, item: Observed, start: Status) -> None:
        self.item = item
        self.kind = _type_of(item)
        self.here = start
        self.hops = 0
        self.visited = {start.name}
        self.looked: set[str] = set()
        self.resolution: str | None = None
        """What the last transition entered as resolution."""


class TransitionRunner:
    """Moves issues, and remembers the workflow it saw on the way. Several threads may move an issue each."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._workflow = Workflow()
        self._bare: set[tuple[str, str]] = set()
        """Transitions (of an issue type, by id) that took nothing of what was entered."""
        self._choosing = Lock()
        """Of several issues on the same way one asks for it, and the others follow."""

    def learn(self, item: Observed, answer: Json) -> None:
        """Notes the transitions that a GET of an issue shows, when it shows any."""
        status = item.showing.get(Field.STATUS)
        if isinstance(status, Status) and isinstance(answer.get("transitions"), list):
            with understood(f"transitions of {item.key}"):
                self._workflow.learn(_type_of(item), status.name, transitions_of(answer, "transitions"))

    def direct(self, kind: str, start: str, goal: str) -> Transition | None:
        """The known transition between two statuses of an issue type, None when none is known."""
        return self._workflow.first_step(kind, start, goal, 1)

    def move(self, item: Observed, start: Status, goal: Status) -> Status | None:
        """Brings an issue to `goal`. The status it then shows, None when its resolution must be read to tell.

        Where no resolution was wanted or entered the status has none: which one Jira sets, the next reading shows.
        Raises Rejected naming both statuses when there is no way, Stale when somebody else moved it meanwhile.
        """
        trip = _Trip(item, start)
        try:
            while trip.hops < MAX_HOPS and trip.here.name != goal.name:
                with self._choosing:
                    way = self._next(trip, goal.name)
                if way is None:
                    raise Rejected(self._no_way(trip, start, goal))
                self._step(trip, way, goal)
            if trip.here.name != goal.name:
                raise Rejected(self._no_way(trip, start, goal))
        except Rejected:
            self._return(trip, start)
            raise
        if goal.reason not in {None, trip.resolution}:
            return None
        return Status(trip.here.name, trip.here.category, trip.resolution)

    def _no_way(self, trip: _Trip, start: Status, goal: Status) -> str:
        ways = self._workflow.ways(trip.kind, start.name) or ()
        offered = ", ".join(sorted(repr(way.goal) for way in ways)) or "nothing"
        return (
            f"status: {trip.item.key} cannot go from {start.name!r} to {goal.name!r}:"
            f" the workflow offers {offered} from there"
        )

    # ------------------------------------------------------------------------------------------ choosing the way

    def _next(self, trip: _Trip, goal: str) -> Transition | None:
        """The next transition: direct, on a known route, on one learned from other issues, or a step into the dark."""
        kind, here, hops = trip.kind, trip.here.name, MAX_HOPS - trip.hops
        ways = self._workflow.ways(kind, here) or self._look(trip)
        step = self._workflow.first_step(kind, here, goal, hops)
        if step is None and hops > 1:
            self._scout(kind, here, goal, hops)
            step = self._workflow.first_step(kind, here, goal, hops)
        if step is not None or hops == 1:
            return step
        dark = [way for way in ways if way.goal not in trip.visited and self._may_pass(way)]
        unknown = [way for way in dark if self._workflow.ways(kind, way.goal) is None]
        return max(unknown, key=lambda way: way.category is Category.DOING, default=None)

    def _look(self, trip: _Trip) -> Sequence[Transition]:
        """The transitions open to the issue now, asked of Jira."""
        ways = self._ask(trip.item.ref.id)
        self._workflow.learn(trip.kind, trip.here.name, ways)
        trip.looked.add(trip.here.name)
        return ways

    def _ask(self, issue_id: str) -> tuple[Transition, ...]:
        answer = self._project.client.get(f"/issue/{issue_id}/transitions", {"expand": "transitions.fields"})
        with understood("transitions"):
            return transitions_of(answer, "transitions")

    def _scout(self, kind: str, here: str, goal: str, hops: int) -> None:
        """Learns the ways out of statuses not met before from other issues that are in them: moves nothing."""
        tried: set[str] = set()
        while len(tried) < SCOUTS and self._workflow.first_step(kind, here, goal, hops) is None:
            status = next((name for name in self._workflow.unexplored(kind, here) if name not in tried), None)
            if status is None:
                return
            tried.add(status)
            if (ways := self._ways_of_another(kind, status)) is not None:
                self._workflow.learn(kind, status, ways)

    def _ways_of_another(self, kind: str, status: str) -> tuple[Transition, ...] | None:
        """The ways out of a status, as some issue in it shows them; None when there is no such issue."""
        try:
            samples = first_issues(self._project, [jql.of_type_in_status(kind, status)], "", ["status"], 1)
            return self._ask(str(samples[0].get("id"))) if samples else None
        except (Gone, Denied):
            return None

    def _may_pass(self, way: Transition) -> bool:
        through = self._project.scope.through
        return way.goal in through if through else way.category is not Category.DONE

    def _return(self, trip: _Trip, start: Status) -> None:
        """Takes an issue back that could not reach its goal, as far as known transitions lead."""
        trip.hops = 0
        try:
            while trip.here.name != start.name and trip.hops < MAX_HOPS:
                _ = self._workflow.ways(trip.kind, trip.here.name) or self._look(trip)
                way = self._workflow.first_step(trip.kind, trip.here.name, start.name, MAX_HOPS - trip.hops)
                if way is None:
                    return
                self._step(trip, way, start)
        except TrackerError:
            # The refusal that led here is the better message; what the issue shows now will be read again.
            return

    # ------------------------------------------------------------------------------------------------- one step

    def _step(self, trip: _Trip, way: Transition, goal: Status) -> None:
        """Performs one transition and notes where the issue is then.

        Where Jira refuses one that was only remembered, what is open to the issue is asked, and the way chosen again.
        """
        try:
            trip.resolution = self._go(trip.item, trip.here, way, goal)
        except Rejected:
            if trip.here.name in trip.looked:
                raise
            self._look(trip)
            return
        trip.hops += 1
        trip.here = Status(way.goal, way.category)
        trip.visited.add(way.goal)

    def _go(self, item: Observed, here: Status, way: Transition, goal: Status) -> str | None:
        """Performs one transition. The name of the resolution that was entered and taken, None when none was."""
        entries = self.entries(way, goal)
        offered = {key: value for key, value in entries.items() if key in (way.offered or ())}
        bare = way.offered is not None or (_type_of(item), way.id) in self._bare
        sent, other = (offered, entries) if bare else (entries, offered)
        try:
            self._post(item, here, way, sent)
        except Invalid as refusal:
            if sent == other:
                raise self._explained(item, here, way, refusal) from refusal
            # A screen may hold more than Jira tells, and less than was configured.
            try:
                self._post(item, here, way, other)
            except Invalid as second:
                raise self._explained(item, here, way, second) from second
            sent = other
            if not bare:
                self._bare.add((_type_of(item), way.id))
        entered = sent.get("resolution")
        return str(entered["name"]) if isinstance(entered, dict) and "name" in entered else None

    def entries(self, way: Transition, goal: Status) -> dict[str, Any]:
        """What is entered on a transition's screen: the configuration's values, and a resolution.

        The resolution is the wanted one (`Status.reason`), else the configured one, else, where the screen requires it,
        that of `Transition.resolution`: the one named like the target status, else Done, else the first.
        """
        fields = {
            key: _entered(key, value) for key, value in self._project.scope.transition_fields.get(way.goal, {}).items()
        }
        wanted = way.goal == goal.name and goal.reason is not None
        if wanted and (way.category is Category.DONE or "resolution" in (way.offered or ())):
            fields["resolution"] = {"name": goal.reason}
        if (usual := way.resolution) is not None:
            fields.setdefault("resolution", {"name": usual})
        return fields

    def _post(self, item: Observed, here: Status, way: Transition, fields: dict[str, Any]) -> None:
        body: dict[str, Any] = {"transition": {"id": way.id}}
        if fields:
            body["fields"] = fields
        try:
            self._project.client.write("POST", f"/issue/{item.ref.id}/transitions", body)
        except Ambiguous as lost:
            self._settle(item, here, way, lost)
        except Forbidden as error:
            raise Rejected(f"status: {error}") from error

    def _settle(self, item: Observed, here: Status, way: Transition, lost: Ambiguous) -> None:
        """Finds out whether a transition happened whose answer was lost. Raises Ambiguous while it is not seen."""
        try:
            shown = self._status(item)
        except Retryable:
            raise lost from None
        if shown.name == here.name:
            raise lost
        if shown.name != way.goal:
            raise Stale(f"status: somebody moved {item.key} to {shown.name!r}")

    def _status(self, item: Observed) -> Status:
        issue = self._project.issue(item.ref.id, ["status", "resolution"], properties=False)
        if issue is None:
            raise Gone(f"issue {item.key} cannot be seen", uncertain=True)
        with understood(f"issue {item.key}"):
            return status_of(as_object(issue.get("fields"), "fields"), item.key)

    def _explained(self, item: Observed, here: Status, way: Transition, refusal: Invalid) -> TrackerError:
        """What a refused transition means: moved by somebody else, or a screen that wants more."""
        self._workflow.forget(_type_of(item), here.name)
        shown = self._status(item)
        if shown.name != here.name:
            return Stale(f"status: somebody moved {item.key} to {shown.name!r}")
        missing = ", ".join(sorted(refusal.fields) or sorted(way.required))
        hint = f" (its screen wants {missing}: see `transition-fields`)" if missing else ""
        return Rejected(f"status: {item.key} from {here.name!r} to {way.goal!r}: {refusal}{hint}")


def _entered(key: str, value: Any) -> Any:
    """A configured value as the API takes it: a resolution may be given by its name alone."""
    return {"name": value} if key == "resolution" and isinstance(value, str) else value


def _type_of(item: Observed) -> str:
    return str(item.showing.get(Field.TYPE) or "")
