"""What is known of the workflows of a project: which transition leads where, learned from the issues met. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from connectors.jira.json_fields import Json, Malformed, as_object, as_objects, need
from connectors.jira.mapping import named_status
from syncer.contract.model import Category

MAX_HOPS = 4


@dataclass(frozen=True, slots=True)
class Transition:
    """One way out of a status."""

    id: str
    goal: str
    """Name of the status it leads to."""
    category: Category
    offered: frozenset[str] | None = None
    """Ids of the fields on its screen, None when Jira did not tell."""
    required: frozenset[str] = frozenset()
    resolutions: tuple[str, ...] = ()
    """Names that its screen offers as resolution."""

    @property
    def resolution(self) -> str | None:
        """What to enter where its screen requires a resolution that nobody chose; None where it requires none.

        The one named like the status it leads to, else `Done`, else the first: a project whose screens ask for a
        resolution is then usable without any configuration, and "Won't Do" is not closed as done.
        """
        if "resolution" not in self.required or not self.resolutions:
            return None
        names = {name.casefold(): name for name in reversed(self.resolutions)}
        return names.get(self.goal.casefold()) or names.get("done") or self.resolutions[0]


def transitions_of(answer: object, where: str) -> tuple[Transition, ...]:
    """The transitions of an answer `{"transitions": [...]}`. Raises Malformed, where not one of them makes sense.

    One that does not tell its id, or where it leads, cannot be taken, and keeps no other from being taken.
    """
    found: list[Transition] = []
    odd: Malformed | None = None
    for entry in as_objects(as_object(answer, where).get("transitions"), where):
        try:
            found.append(_transition(entry, where))
        except Malformed as error:
            odd = error
    if odd is not None and not found:
        raise odd
    return tuple(found)


def _transition(entry: Json, where: str) -> Transition:
    name, category = named_status(as_object(entry.get("to"), f"{where}.to"), f"{where}.to")
    fields = entry.get("fields")
    screen = fields if isinstance(fields, dict) else {}
    choices = screen["resolution"].get("allowedValues") if isinstance(screen.get("resolution"), dict) else None
    names = [choice.get("name") for choice in choices if isinstance(choice, dict)] if isinstance(choices, list) else []
    required = {
        key
        for key, meta in screen.items()
        if isinstance(meta, dict) and meta.get("required") and not meta.get("hasDefaultValue")
    }
    return Transition(
        id=need(entry, "id", str, where),
        goal=name,
        category=category,
        offered=frozenset(screen) if isinstance(fields, dict) else None,
        required=frozenset(required),
        resolutions=tuple(str(choice) for choice in names if choice),
    )


class Workflow:
    """The transitions out of each status of each issue type, as last seen."""

    def __init__(self) -> None:
        self._ways: dict[tuple[str, str], tuple[Transition, ...]] = {}

    def learn(self, type_name: str, status: str, ways: Sequence[Transition]) -> None:
        """Notes the ways out of a status."""
        self._ways[type_name, status] = tuple(ways)

    def ways(self, type_name: str, status: str) -> tuple[Transition, ...] | None:
        """The ways out of a status, None when none were seen yet."""
        return self._ways.get((type_name, status))

    def forget(self, type_name: str, status: str) -> None:
        """Drops what was learned about a status that turned out otherwise."""
        self._ways.pop((type_name, status), None)

    def first_step(self, type_name: str, start: str, goal: str, hops: int = MAX_HOPS) -> Transition | None:
        """The first transition of a shortest known route of at most `hops` transitions, None when none is known."""
        queue: deque[tuple[str, Transition | None, int]] = deque([(start, None, 0)])
        seen = {start}
        while queue:
            status, first, length = queue.popleft()
            if length == hops:
                continue
            for way in self.ways(type_name, status) or ():
                if way.goal == goal:
                    return first or way
                if way.goal not in seen:
                    seen.add(way.goal)
                    queue.append((way.goal, first or way, length + 1))
        return None

    def unexplored(self, type_name: str, start: str) -> list[str]:
        """Statuses known to be reachable from `start` whose own ways out are not known, near ones first."""
        queue, seen, found = deque([start]), {start}, list[str]()
        while queue:
            status = queue.popleft()
            ways = self.ways(type_name, status)
            if ways is None:
                found.append(status)
            for way in ways or ():
                if way.goal not in seen:
                    seen.add(way.goal)
                    queue.append(way.goal)
        return found
