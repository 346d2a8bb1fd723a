"""What waits for whom: everybody's own tasks and questions, and what the client is waited for with. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime

from syncer.report.gather.status_words import client_stays
from syncer.report.metrics.communication import open_question
from syncer.report.model.collaboration import Task
from syncer.report.model.evaluation import ClientNeed, ClientNeedKind, PersonDesk
from syncer.report.model.snapshot import Snapshot
from syncer.report.model.timeline import Standing


def desks(snapshot: Snapshot) -> tuple[PersonDesk, ...]:
    """The desk of everybody who has something on it, by name; bots have none."""
    mine: dict[str, list[Task]] = defaultdict(list)
    questions: dict[str, list[Task]] = defaultdict(list)
    asked: dict[str, list[Task]] = defaultdict(list)
    clears: dict[str, list[Task]] = defaultdict(list)
    for task in snapshot.open_tasks:
        if task.restricted:
            continue
        for who in task.owners:
            mine[who].append(task)
        if open_question(task, snapshot) is not None:
            asker = _asker(task, snapshot)
            for who in (owner for owner in task.owners if owner != asker):
                questions[who].append(task)
            if asker:
                asked[asker].append(task)
        for who in _clearers(task, snapshot):
            clears[who].append(task)
    people = sorted(
        {*mine, *questions, *asked, *clears} - snapshot.bots, key=lambda who: (snapshot.names.get(who, who), who)
    )
    return tuple(
        PersonDesk(
            who,
            snapshot.names.get(who, who),
            tasks=snapshot.lines(_in_hand(mine[who], snapshot)),
            questions=snapshot.lines(questions[who]),
            asked=snapshot.lines(asked[who]),
            clears=snapshot.lines(clears[who]),
        )
        for who in people
    )


def _asker(task: Task, snapshot: Snapshot) -> str:
    """Who waits for the answer: who wrote last, or who made a task with the label."""
    written = snapshot.comments.get(task.id, ())
    return written[-1].author if written else task.author or ""


def _clearers(task: Task, snapshot: Snapshot) -> set[str]:
    """Others than its owners who can clear what is in its way."""
    return {who for one in task.impediments for who in snapshot.clearers(task, one) if who not in task.owners}


def _in_hand(tasks: Sequence[Task], snapshot: Snapshot) -> list[Task]:
    def order(task: Task) -> tuple[bool, date, str]:
        return snapshot.standings[task.id] is not Standing.DOING, task.due or date.max, task.id

    return sorted(tasks, key=order)


def needs(snapshot: Snapshot) -> tuple[ClientNeed, ...]:
    """What waits for the client, the longest first."""
    found = sorted(
        (
            (since, task.id, kind, task)
            for task in snapshot.open_tasks
            if not task.restricted
            for since, kind in _waits(task, snapshot)
        ),
    )
    zone = snapshot.window.zone
    return tuple(ClientNeed(kind, snapshot.line(task), since.astimezone(zone).date()) for since, _, kind, task in found)


def _waits(task: Task, snapshot: Snapshot) -> Iterator[tuple[datetime, ClientNeedKind]]:
    """Since when a task waits for the client, and with what; a task that waits for its word is told once."""
    stays = client_stays(task.visits, snapshot.as_of)
    if stays and stays[-1][1] is None:
        yield stays[-1][0], ClientNeedKind.WORD
        return
    asked = open_question(task, snapshot)
    if asked is not None and task.author in snapshot.clients and _asker(task, snapshot) not in snapshot.clients:
        yield asked, ClientNeedKind.ANSWER
