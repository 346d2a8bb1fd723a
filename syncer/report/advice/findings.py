"""What is known of one week, as far as advice rests on it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from syncer.core.responsibility import Raci, ScopeKind
from syncer.report.metrics.sync import CONFLICTS_WAITING
from syncer.report.model.collaboration import Goal, Task, WaitingConflict
from syncer.report.model.goal import GoalFigures
from syncer.report.model.metric import Metric, MetricDefinition
from syncer.report.model.responsibilities import ResponsibilityTable
from syncer.report.model.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Findings:
    """What is known of one week."""

    snapshot: Snapshot
    goals: tuple[GoalFigures, ...]
    metrics: tuple[Metric, ...]
    responsibilities: ResponsibilityTable
    plan: tuple[Goal, ...]
    """The goals behind `goals`."""
    waiting: tuple[WaitingConflict, ...]
    """Conflicts that waited then."""
    opened: tuple[WaitingConflict, ...]
    """Those that arose in the seven days before, settled since or not."""
    writes: Mapping[str, int]
    """By pair: changes carried in these days."""

    def value(self, wanted: MetricDefinition) -> int | float | None:
        """A figure of the week."""
        if wanted is CONFLICTS_WAITING:
            return len(self.waiting)
        return next((metric.value for metric in self.metrics if metric.definition is wanted), None)

    def chance(self, goal: str) -> float | None:
        """A goal's chance to keep its date."""
        found = next((one.forecast for one in self.goals if one.id == goal), None)
        return None if found is None else found.p_on_time

    def sample(self, goal: str) -> int:
        """The finished tasks that a goal's chance rests on."""
        found = next((one.forecast for one in self.goals if one.id == goal), None)
        return 0 if found is None else found.n

    def metric(self, wanted: MetricDefinition) -> Metric | None:
        """A figure with all that is known of it."""
        return next((metric for metric in self.metrics if metric.definition is wanted), None)

    @property
    def leads(self) -> tuple[str, ...]:
        """Names of those who answer for a project."""
        rows = (row for row in self.responsibilities.rows if row.scope.kind is ScopeKind.PROJECT)
        answering = (row.person for row in rows if any(known.value == Raci.ACCOUNTABLE for known in row.letters))
        return tuple(dict.fromkeys(answering))

    def names(self, people: Iterable[str]) -> tuple[str, ...]:
        """What people are called, each once."""
        return tuple(self.snapshot.names.get(one, one) for one in dict.fromkeys(people))

    def owners(self, tasks: Iterable[Task]) -> tuple[str, ...]:
        """Names of those who own the tasks that may be named."""
        return self.names(owner for task in tasks if not task.restricted for owner in task.owners)
