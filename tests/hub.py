"""One project on the left and a repository for each of several pairs on the right, over one state."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any

from connectors.memory import MemoryConnector, MemoryTracker
from syncer.contract.model import Audience, Field, Kind, Observed, Ref, Side
from syncer.core.change import Tally
from syncer.core.rules import LabelRules, PairRules, Route
from syncer.core.side_view import names
from syncer.sync.context import PairContext
from syncer.sync.ledger import waiting
from syncer.sync.run import run_pair
from tests.kept import KeptStates
from tests.worlds import GITHUB_LIKE, GITHUB_STATUSES, JIRA_LIKE, JIRA_STATUSES, PEOPLE, STATUS_MAP, Clock

OF_A, OF_B = "of-a", "of-b"
"""The labels by which tasks of the project go to `a` and `b`; nobody else knows what they mean."""


def labelled(label: str) -> Callable[[Observed], bool]:
    """Admits what bears a label."""
    return lambda item: label in names(item.showing.get(Field.LABELS))


def everything(_item: Observed) -> bool:
    """Admits everything."""
    return True


@dataclass
class Hub:
    """Two repositories of a project, `a` and `b`; each pair sees of the project what its rule admits."""

    directory: Path
    routes: bool = True
    """Whether the pairs are routes, or made by hand."""
    admit: Mapping[str, Callable[[Observed], bool]] = field(
        default_factory=lambda: {"a": labelled(OF_A), "b": labelled(OF_B)}
    )
    may_link: bool = False
    accounts: dict[str, str] = field(default_factory=dict)
    """By pair, as whom it is in the project; without one it is our usual account."""
    clock: Clock = field(default_factory=Clock)
    rules: dict[str, Any] = field(default_factory=dict)
    """What the rules of both pairs have besides."""

    def __post_init__(self) -> None:
        members = Audience.MEMBERS
        self.project = MemoryTracker(
            self.clock, name="pay", capabilities=JIRA_LIKE, statuses=JIRA_STATUSES, audience=members
        )
        self.places = {
            name: MemoryTracker(
                self.clock, name=name, capabilities=GITHUB_LIKE, statuses=GITHUB_STATUSES, audience=members
            )
            for name in self.admit
        }
        for person in PEOPLE:
            self.project.person(person.accounts[Side.LEFT], person.name)
            for place in self.places.values():
                place.person(person.accounts[Side.RIGHT], person.name)
        self.states = KeptStates(self.clock)
        self._ids = count(1)

    def rules_of(self, name: str) -> PairRules:
        """The rules of a pair."""
        route = Route(Side.LEFT, frozenset(self.admit) - {name}, may_link=self.may_link)
        return replace(
            PairRules(name, status=STATUS_MAP, people=PEOPLE, labels=LabelRules(exclude=(OF_A, OF_B))),
            route=route if self.routes else None, **self.rules,
        )  # fmt: skip

    @contextmanager
    def context(self, name: str, **overrides: Any) -> Iterator[PairContext]:
        """A pair on the state."""
        connectors = {
            Side.LEFT: MemoryConnector(
                self.project, account_id=self.accounts.get(name, "syncer"), admits=self.admit[name]
            ),
            Side.RIGHT: MemoryConnector(self.places[name]),
        }
        yield replace(
            PairContext(
                rules=self.rules_of(name), connectors=connectors, store=self.states.at(self.directory / "state"),
                fingerprint=name, credentials={side: side.value for side in Side},
                addresses={Side.LEFT: "pay", Side.RIGHT: name}, clock=self.clock,
                configured=frozenset(self.admit), scopes={each: ("pay", each) for each in self.admit},
                whole=frozenset({Side.RIGHT}), filters={Side.LEFT: name},
                identity=lambda: f"id{next(self._ids):08d}", sleep=self.clock.tick,
            ),
            **overrides,
        )  # fmt: skip

    def run(self, name: str, *, sweep: bool = False, **overrides: Any) -> Tally:
        """One run of a pair, a minute after whatever happened before."""
        self.clock.tick()
        with self.context(name, **overrides) as context:
            tally = run_pair(context, sweep=sweep)
        self.clock.tick()
        return tally

    def sync(self, times: int = 1, *, sweep: bool = False) -> int:
        """So many runs of all pairs; how much they wrote."""
        return sum(self.run(name, sweep=sweep).writes for _ in range(times) for name in self.admit)

    def quiet(self) -> None:
        """Five runs and a complete reading of all pairs write nothing."""
        assert self.sync(5) == 0
        assert self.sync(sweep=True) == 0

    def label(self, task: Ref, *labels: str) -> None:
        """Somebody in the project gives a task these labels."""
        self.project.edit(task, {Field.LABELS: tuple(sorted(labels))}, by="mia.braun")

    def waits(self, name: str) -> list[str]:
        """The reasons for what waits in a pair."""
        with self.context(name) as context:
            return [one.reason for one in waiting(context.store, name)]

    def there(self, name: str, kind: Kind = Kind.TASK) -> list[Observed]:
        """What a repository has."""
        return list(self.places[name].items(kind))

    def texts(self, name: str) -> str:
        """Every text that can be read in a repository."""
        return "\n".join(
            str(value) for kind in Kind for item in self.there(name, kind) for value in item.showing.values()
        )
