"""Holds workflows: which transitions lead from a status, what their screens ask for, and the resolution they leave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from syncer.sandbox.jira.records import Resolution, Status


@dataclass(frozen=True, slots=True)
class Transition:
    """One step of a workflow; an empty `sources` makes it available from every status."""

    id: str
    name: str
    target: Status
    sources: tuple[str, ...] = ()
    screen: Mapping[str, bool] = field(default_factory=dict)
    resolution: Resolution | None = None

    def available_from(self, status: Status) -> bool:
        """Tells whether the step can be taken from `status`."""
        return not self.sources or status.name in self.sources


@dataclass(frozen=True, slots=True)
class Workflow:
    """One workflow: its first status and its transitions."""

    name: str
    initial: Status
    transitions: tuple[Transition, ...]
    uneditable: frozenset[str] = frozenset()
    """Names of statuses with the property `jira.issue.editable=false`."""

    def available(self, status: Status) -> list[Transition]:
        """Returns the transitions that can be taken from `status`, in definition order."""
        return [step for step in self.transitions if step.available_from(status)]

    def statuses(self) -> list[Status]:
        """Returns the initial status and every target, each once, in definition order."""
        found = {self.initial.name: self.initial}
        for step in self.transitions:
            found.setdefault(step.target.name, step.target)
        return list(found.values())


def simple_workflow(statuses: Mapping[str, Status], resolutions: Mapping[str, Resolution]) -> Workflow:
    """Returns the workflow of new Cloud projects: every status from every status, named like its target."""
    resolution = {"Done": resolutions["Done"], "Won't Do": resolutions["Won't Do"]}
    names: Sequence[str] = ("To Do", "In Progress", "In Review", "Done", "Won't Do")
    steps = tuple(
        Transition(str(11 + 10 * index), name, statuses[name], resolution=resolution.get(name))
        for index, name in enumerate(names)
    )
    return Workflow("Software Simplified Workflow", statuses["To Do"], steps)


def defect_workflow(statuses: Mapping[str, Status], resolutions: Mapping[str, Resolution]) -> Workflow:
    """Returns a guarded workflow: finishing takes two hops, and resolving asks for a resolution on its screen."""
    to_do, doing, review = statuses["To Do"], statuses["In Progress"], statuses["In Review"]
    done, refused = statuses["Done"], statuses["Won't Do"]
    steps = (
        Transition("4", "Start work", doing, (to_do.name,)),
        Transition("5", "Ask for review", review, (doing.name,)),
        Transition("6", "Resolve", done, (doing.name, review.name), {"resolution": True, "fixVersions": False}),
        Transition("7", "Reject", refused, (to_do.name, doing.name), resolution=resolutions["Won't Do"]),
        Transition("8", "Back to work", doing, (review.name,)),
        Transition("9", "Stop work", to_do, (doing.name,)),
        Transition("10", "Reopen", to_do, (done.name, refused.name)),
    )
    return Workflow("Defect Workflow", to_do, steps)
