"""Advice on how work and changes flow: limit what is begun, look sooner, estimate truer, settle a field. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from syncer.report.advice.findings import Findings
from syncer.report.metrics.building import LEAST_FOR_SHARE
from syncer.report.metrics.flow import ESTIMATE_RATIO
from syncer.report.metrics.smoothness import REVIEW_SHARE, WIP
from syncer.report.metrics.workload import A_WEEK
from syncer.report.model.evaluation import Advice, AdviceRule
from syncer.report.model.metric import EvidenceTask, Judgement
from syncer.report.model.snapshot import MOST_EVIDENCE, TRAILING, Snapshot
from syncer.report.model.timeline import Standing
from syncer.report.statistics import wilson

RISING_WEEKS = 3
CONFLICTS_OF_WRITES = 0.05
"""More conflicts than this share of what was carried mean that a rule of the pair does not fit."""
LEAST_CONFLICTS = 3
"""Of one field; fewer are chance."""


def advice(week: Findings) -> Iterator[Advice]:
    """Limit, review, estimate, drift."""
    yield from _limit(week)
    yield from _review(week)
    yield from _estimate(week)
    yield from _drift(week)


def _limit(week: Findings) -> Iterator[Advice]:
    """Work in progress grew for three weeks and no more was finished: as many as three weeks ago are enough."""
    moment = week.snapshot
    counts = wip_by_week(moment)
    late = moment.finished_within(TRAILING / 2)
    early = len(moment.finished_within(TRAILING)) - len(late)
    known = all(since <= moment.as_of - RISING_WEEKS * A_WEEK for since in moment.watched_since.values())
    rising = all(before < after for before, after in pairwise(counts))
    doing = [task for task in moment.open_tasks if moment.standings[task.id] is Standing.DOING]
    people = len({owner for task in (*doing, *late) for owner in task.owners})
    # One each is the least that a team can have in progress.
    limit, now = max(1, people, counts[0]), counts[-1]
    if known and rising and now > limit and len(late) + early >= LEAST_FOR_SHARE and len(late) <= early:
        wip = week.metric(WIP)
        oldest = () if wip is None else wip.evidence
        yield Advice(AdviceRule.LIMIT, "", "", week.leads, oldest, now, 1.0 * (now - limit), number=limit)


def wip_by_week(snapshot: Snapshot) -> tuple[int, ...]:
    """Tasks in progress three, two and one weeks ago, and now."""
    tasks = (*snapshot.open_tasks, *snapshot.finished_within(RISING_WEEKS * A_WEEK))
    moments = [snapshot.as_of - weeks * A_WEEK for weeks in range(RISING_WEEKS, -1, -1)]
    return tuple(sum(task.standing_at(at) is Standing.DOING for task in tasks) for at in moments)


def _review(week: Findings) -> Iterator[Advice]:
    found = week.metric(REVIEW_SHARE)
    if found is not None and found.judgement is Judgement.MISSED and found.value is not None:
        waiting = round(found.value * found.n)
        yield Advice(AdviceRule.REVIEW, "", "", week.leads, found.evidence, waiting, 1.0 * waiting)


def _estimate(week: Findings) -> Iterator[Advice]:
    """What was booked is surely not what was estimated."""
    found = week.metric(ESTIMATE_RATIO)
    if found is None or found.value is None or found.interval is None or found.n < LEAST_FOR_SHARE:
        return
    if found.interval.low > 1 or (found.interval.high is not None and found.interval.high < 1):
        weight = abs(found.value - 1) * len(week.snapshot.open_tasks) / 5
        yield Advice(
            AdviceRule.ESTIMATE, "", "", week.leads, found.evidence, found.n, weight, number=round(found.value, 2)
        )


def _drift(week: Findings) -> Iterator[Advice]:
    """A field of a pair that both sides change apart more often than carrying it can be worth."""
    for (pair, field), count in sorted(Counter((one.pair, one.field) for one in week.opened).items()):
        writes = week.writes.get(pair, 0)
        if count < LEAST_CONFLICTS or writes < LEAST_FOR_SHARE:
            continue
        surely = wilson(min(count, writes), writes)
        if surely is None or surely.low <= CONFLICTS_OF_WRITES:
            continue
        found = [one for one in week.opened if (one.pair, one.field) == (pair, field) and not one.restricted]
        named = tuple(EvidenceTask(f"{pair}/{one.id}", one.title, one.places) for one in found[:MOST_EVIDENCE])
        yield Advice(
            AdviceRule.DRIFT, f"{pair}/{field}", "", week.leads, named, count, 0.5 * count, names=(pair, field)
        )
