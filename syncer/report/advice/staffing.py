"""Advice on people and work: move tasks to who has room, settle who is responsible, train a second. Pure.

A person's load is only ever compared with their own capacity, and nobody is compared with anybody.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from syncer.core.responsibility import Party
from syncer.report.advice.findings import Findings
from syncer.report.metrics.resources import SINGLE_POINT, alone_with, critical, touched
from syncer.report.metrics.workload import Burden, burdens, overloaded
from syncer.report.model.collaboration import Task
from syncer.report.model.evaluation import Advice, AdviceRule
from syncer.report.model.responsibilities import GapKind
from syncer.report.model.snapshot import Snapshot, evidence
from syncer.report.model.timeline import Standing

ROOM = 0.7
"""Who has less than this of their capacity in progress can take more."""

MOST_SCOPES = 3


@dataclass(frozen=True, slots=True)
class Handover:
    """Tasks that one person could hand to another who knows their components."""

    giver: str
    taker: str
    tasks: tuple[Task, ...]


def advice(week: Findings) -> Iterator[Advice]:
    """Rebalance, settle responsibilities, cover."""
    for handover in handovers(week.snapshot):
        giver, taker = week.names((handover.giver, handover.taker))
        count = len(handover.tasks)
        who = week.leads or (giver,)
        yield Advice(
            AdviceRule.REBALANCE, giver, "", who, evidence(handover.tasks), count, 2.0 * count, names=(giver, taker)
        )
    yield from _unsettled(week)
    yield from _cover(week)


def handovers(snapshot: Snapshot) -> Iterator[Handover]:
    """For everybody overloaded for two weeks: what somebody of the same party with room could take, if anybody."""
    loads = burdens(snapshot)
    for giver in overloaded(snapshot):
        options = [
            Handover(giver, taker, tasks)
            for taker, burden in loads.items()
            if taker != giver
            and _party(taker, snapshot) is _party(giver, snapshot)
            and burden.ratio is not None
            and burden.ratio < ROOM
            and (tasks := _movable(giver, taker, loads, snapshot))
        ]
        if options:
            yield max(options, key=lambda one: (len(one.tasks), -(loads[one.taker].ratio or 0.0), one.taker))


def _movable(giver: str, taker: str, loads: Mapping[str, Burden], snapshot: Snapshot) -> tuple[Task, ...]:
    """Tasks in progress of the giver in components the taker finished tasks of, the last begun first.

    As many as bring the giver to what they can take on, and no more than the taker has room for.
    """
    known = touched(snapshot)
    tasks = [
        task
        for task in snapshot.open_tasks
        if task.owners == (giver,)
        and snapshot.standings[task.id] is Standing.DOING
        and not task.restricted
        and any(taker in known.get(component, {}) for component in task.components)
    ]
    tasks.sort(key=lambda task: (snapshot.started_at(task) or task.created, task.id), reverse=True)
    over = loads[giver].doing - (loads[giver].capacity or 0.0)
    room = (loads[taker].capacity or 0.0) - loads[taker].doing
    return tuple(tasks[: max(0, min(-int(-over // 1), int(room)))])


def _party(who: str, snapshot: Snapshot) -> Party:
    profile = snapshot.profiles.get(who)
    return Party.DELIVERY if profile is None else profile.party


def _unsettled(week: Findings) -> Iterator[Advice]:
    """Gaps and clashes; work that nobody does has an advice of its own."""
    gaps = [gap for gap in week.responsibilities.gaps if gap.kind is not GapKind.NOBODY_RESPONSIBLE]
    if gaps:
        scopes = tuple(dict.fromkeys(gap.scope for gap in gaps))[:MOST_SCOPES]
        yield Advice(AdviceRule.RACI, "", "", week.leads, (), len(gaps), 0.5 * len(gaps), scopes=scopes)


def _cover(week: Findings) -> Iterator[Advice]:
    found = week.metric(SINGLE_POINT)
    if found is not None and found.value:
        judged = [task for task in critical(week.goals, week.snapshot) if task.owners and task.components]
        tasks = alone_with(judged, week.snapshot)
        yield Advice(AdviceRule.COVER, "", "", week.owners(tasks), found.evidence, found.count, 1.0 * found.count)
