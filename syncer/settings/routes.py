"""`[[routes]]`: one scope whose items go to several places, by rules. Each place becomes a pair.

What one table says for all places is written once; the rules of the places exclude each other, since a place leaves out
what an earlier one takes. Everything that holds for pairs holds for these.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Annotated, Any

from pydantic import BeforeValidator, field_validator

from syncer.contract.checking import RouteRule
from syncer.contract.model import Side
from syncer.settings.documents import merged
from syncer.settings.places import Path
from syncer.settings.table import ConfigTable

_OWN = ("to", "may-link")
"""The keys of a route that no pair has."""


_RULED = ("component", "label", "type")
"""What a rule looks at, beside fields by their names and ids."""
_TRACKERS_OWN = frozenset({"labels", "issuetype"})
"""Fields of Jira that are called nearly so."""


def _slip(key: str) -> str | None:
    """What a key of a rule is meant to be that is nearly one; None for one that is, and for any other word."""
    if key in _RULED or key in _TRACKERS_OWN:
        return None
    near = get_close_matches(key.casefold(), _RULED, n=1, cutoff=0.8)
    return near[0] if near else None


Names = Annotated[tuple[str, ...], BeforeValidator(lambda value: (value,) if isinstance(value, str) else value)]
"""One name, or a list of them."""


class DestinationSettings(ConfigTable):
    """`[[routes.to]]`: one place, with the keys of `[[pairs]]` that hold for it alone."""

    name: str
    """The name of the pair that this place becomes."""
    when: dict[str, Names] | None = None
    """What an item has that goes there: `component`, `label`, `type`, or a field. The last place may do without."""

    @field_validator("when")
    @classmethod
    def _one_key(cls, when: dict[str, tuple[str, ...]] | None) -> dict[str, tuple[str, ...]] | None:
        if when is not None and (len(when) != 1 or not all(names and all(names) for names in when.values())):
            raise ValueError('is one key with a name or a list of names: { component = "Web" }, { label = ["a", "b"] }')
        for key in when or {}:
            if (meant := _slip(key)) is not None:
                raise ValueError(
                    f'"{key}" is no key of a rule: did you mean "{meant}"? A field that is called so is named by its id'
                )
        return when

    @property
    def rule(self) -> RouteRule | None:
        """The rule; None for the place of all that no other takes."""
        return None if self.when is None else RouteRule(*next(iter(self.when.items())))


class RouteSettings(ConfigTable):
    """`[[routes]]`: one scope whose items go to several places. Every key of `[[pairs]]` may stand there, for all."""

    left: Any = None
    """The scope that all places share, where it is on the left; each place gives its own `right`."""
    right: Any = None
    """The same where it is on the right."""
    to: tuple[DestinationSettings, ...]
    """The places, in this order: an item goes to the first one whose `when` it meets, else to the last without one."""
    may_link: bool = False
    """Whether an item that moved on is named where it was, though not everybody who reads that may read it."""

    @property
    def shared(self) -> Side:
        """The side that all places have in common."""
        return Side.LEFT if self.left is not None else Side.RIGHT

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the pairs."""
        return tuple(place.name for place in self.to)


def overlaps(route: RouteSettings, index: int) -> Iterator[tuple[int, str]]:
    """The places of a route that never get what they name, by number, and why."""
    taken: dict[tuple[str, str], int] = {}
    for number, place in enumerate(route.to):
        if place.rule is None:
            if number < len(route.to) - 1:
                yield number, "is missing, so this place takes everything: it comes last"
            continue
        for name in place.rule.names:
            first = taken.setdefault((place.rule.key, name.casefold()), number)
            if first != number:
                yield number, f'"{name}" goes to routes[{index}].to[{first}] already'


def reaches(leads: Mapping[str, Collection[str]], start: str, end: str) -> bool:
    """Whether the places that a scope leads to, and theirs, come to another scope."""
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        scope = waiting.pop()
        if scope == end:
            return True
        if scope not in seen:
            seen.add(scope)
            waiting += leads.get(scope, ())
    return False


@dataclass
class Expansion:
    """A document whose routes became pairs, and where each of these stands in the file."""

    narrow: Callable[[str, Mapping[str, Any], RouteRule | None, Sequence[RouteRule], str], dict[str, Any]]
    """A scope that only a rule leads to, by tracker, table, rule, earlier rules and component prefix. ValueError."""
    problem: Callable[[Path, str], None]
    origins: dict[int, tuple[int, int]] = field(default_factory=dict)
    """By the index of a pair: of its route, and of its place in that."""

    def run(self, document: dict[str, Any]) -> dict[str, Any]:
        """The document with a pair for each place, and of routes what pairs do not say."""
        routes = document.get("routes")
        if not isinstance(routes, list):
            return document
        pairs, kept = list(document.get("pairs") or ()), []
        for index, route in enumerate(routes):
            shared = self._shared(index, route)
            if shared is None:
                continue
            kept.append({**{key: route[key] for key in (*_OWN, shared) if key in route}, "to": _bare(route["to"])})
            for place, pair in enumerate(self._pairs(index, route, shared)):
                self.origins[len(pairs)] = (index, place)
                pairs.append(pair)
        return {**document, "routes": kept, "pairs": pairs}

    def _shared(self, index: int, route: Any) -> str | None:
        """The side whose scope is given for all places."""
        path: Path = ("routes", index)
        if not isinstance(route, dict):
            self.problem(path, "should be a table")
            return None
        given = [side.value for side in Side if isinstance(route.get(side.value), dict) and "tracker" in route[side]]
        places = route.get("to")
        if len(given) != 1:
            self.problem(path, "gives one scope for all, as left or as right; each [[routes.to]] gives the other")
        elif not isinstance(places, list) or not all(isinstance(place, dict) for place in places) or not places:
            self.problem((*path, "to"), "is required: a [[routes.to]] for each place")
        elif "name" in route:
            self.problem((*path, "name"), "belongs to each [[routes.to]]: it is the name of a pair")
        else:
            return given[0]
        return None

    def _pairs(self, index: int, route: Mapping[str, Any], shared: str) -> list[dict[str, Any]]:
        common = {key: value for key, value in route.items() if key not in _OWN}
        rules = [self._rule((("routes", index, "to", place, "when")), to) for place, to in enumerate(route["to"])]
        found = []
        for place, to in enumerate(route["to"]):
            if shared in to:
                self.problem(("routes", index, "to", place, shared), f"stands in routes[{index}], for all places")
            own = {key: value for key, value in to.items() if key not in {"when", shared}}
            pair = merged(merged({}, deepcopy(common)), own)
            earlier = [rule for rule in rules[:place] if rule is not None]
            self._narrow((*("routes", index, "to", place), "when"), pair, shared, rules[place], earlier)
            for rule in filter(None, rules):
                _keep(pair, rule, shared)
            found.append(pair)
        return found

    def _rule(self, path: Path, to: Mapping[str, Any]) -> RouteRule | None:
        try:
            return DestinationSettings(name="place", when=to.get("when")).rule
        except ValueError:
            return None  # told with the rest of the table

    def _narrow(
        self, path: Path, pair: dict[str, Any], shared: str, rule: RouteRule | None, earlier: Sequence[RouteRule]
    ) -> None:
        table = pair[shared]
        prefix = pair.get("component-prefix", "component: ")
        try:
            pair[shared] = self.narrow(str(table.get("tracker")), table, rule, earlier, str(prefix))
        except ValueError as error:
            self.problem(path, str(error))


def _bare(places: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{key: place[key] for key in ("name", "when") if key in place} for place in places]


def _keep(pair: dict[str, Any], rule: RouteRule, shared: str) -> None:
    """Has what a rule looks at stay in the shared scope: nobody moves an item from one of its places."""
    fields = pair.get("fields")
    if rule.key == "type" and isinstance(fields, dict) and isinstance(fields.get("type"), dict):
        outward = "left-to-right" if shared == "left" else "right-to-left"
        fields["type"].setdefault("direction", outward)
    table = {"label": "labels", "component": "components"}.get(rule.key)
    if table is None or not isinstance(pair.setdefault(table, {}), dict):
        return
    kept = pair[table].get("except", [])
    if isinstance(kept, list):
        pair[table]["except"] = [*kept, *(name for name in map(_literal, rule.names) if name not in kept)]


def _literal(name: str) -> str:
    """A name as a shell pattern that only it matches."""
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in name)
