"""What the state knows of the queue that workers share: whose tables it has, who works, who keeps the schedule.

The queue's own tables are Procrastinate's; they lie beside ours in one schema. They hold nothing that cannot be lost: a
job says "bring this pair in step", and the next period says it again. So another version of them simply begins anew.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, delete, func, inspect, make_url, select, text

from syncer.contract.model import Side
from syncer.store.database import POSTGRESQL_SCHEMA
from syncer.store.errors import StateError, StateTooNew
from syncer.store.locks import lock_number, unlock
from syncer.store.part import StorePart
from syncer.store.schema.pairs import meta, pairs, runs, sides

_VERSION, _SCHEDULED, _PACE, _WORKER = "queue", "queue-scheduled-until", "queue-pace", "worker-"
_TABLES = ("procrastinate_events", "procrastinate_periodic_defers", "procrastinate_jobs", "procrastinate_workers")
_DROP_REST = """
DO $$
DECLARE found record;
BEGIN
  FOR found IN SELECT oid::regprocedure AS name FROM pg_proc
      WHERE pronamespace = current_schema()::regnamespace AND proname LIKE 'procrastinate\\_%' LOOP
    EXECUTE 'DROP FUNCTION ' || found.name || ' CASCADE';
  END LOOP;
  FOR found IN SELECT oid::regtype AS name FROM pg_type
      WHERE typnamespace = current_schema()::regnamespace AND typname LIKE 'procrastinate\\_%'
        AND typtype IN ('e', 'c') LOOP
    EXECUTE 'DROP TYPE ' || found.name || ' CASCADE';
  END LOOP;
END $$
"""


@dataclass(frozen=True, slots=True)
class WorkerRecord:
    """A worker that takes part. `name` is also the name of its sessions on the server."""

    number: int
    name: str
    host: str
    pid: int
    since: str
    """Aware, ISO 8601."""
    rules: Mapping[str, str]
    """The fingerprint of the rules it would run each pair by."""


@dataclass(frozen=True, slots=True)
class SeenWorker:
    """A worker as the queue sees it."""

    record: WorkerRecord
    silent: timedelta
    """Since it last gave a sign."""
    jobs: int
    """How many it has in hand."""


@dataclass(frozen=True, slots=True)
class QueueFigures:
    """What is in the queue at a moment."""

    waiting: Mapping[int, int]
    """Jobs that nobody has begun, by priority."""
    running: int
    oldest: timedelta | None
    """How long the oldest of those that wait has waited."""
    workers: Sequence[SeenWorker]


@dataclass(frozen=True, slots=True)
class CompleteReading:
    """The last complete reading of both sides of a pair."""

    swept_at: datetime
    """Of the side that was read longer ago."""
    covers: frozenset[str]
    """The fingerprints of the rules it was made under."""


@dataclass(frozen=True, slots=True)
class Leadership:
    """The right to a duty, for as long as a session of the database lives."""

    session: Connection

    def confirm(self) -> None:
        """Raises StateUnwritable where the session, and with it the right, was lost."""
        self.session.exec_driver_sql("SELECT 1")


class WorkQueue(StorePart):
    """The queue's tables, workers and figures. Only on PostgreSQL."""

    def install(self, version: str, definition: str, *, alive: timedelta) -> bool:
        """Makes the queue's tables, or begins anew where they are another version's; whether it did.

        Raises StateTooNew while a worker of another version is at work: it gave a sign within `alive`.
        """
        with self._database.transaction(of_no_pair=True) as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": lock_number("queue")})
            found = connection.scalar(select(meta.c.value).where(meta.c.name == _VERSION))
            if found == version and inspect(connection).has_table(_TABLES[2]):
                return False
            if found is not None and any(one.silent < alive for one in workers_of(connection)):
                raise StateTooNew(
                    f"workers with version {found} of the queue are at work, this one has {version}: end them first,"
                    " then start those of one version together"
                )
            _drop(connection)
            connection.exec_driver_sql(definition.replace("%", "%%"))
            connection.execute(self._database.upsert(meta), {"name": _VERSION, "value": version})
        return True

    def agree_on_pace(self, pace: Sequence[float]) -> None:
        """Makes a heartbeat and a patience, in seconds, those of all workers on this state.

        Raises StateError while a worker with other ones is at work: who waits less than others need for a sign would
        take them for dead.
        """
        with self._database.transaction(of_no_pair=True) as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": lock_number("queue")})
            found = connection.scalar(select(meta.c.value).where(meta.c.name == _PACE))
            known = list(pace) if found is None else json.loads(found)
            if known == list(pace):
                if found is None:
                    connection.execute(self._database.upsert(meta), {"name": _PACE, "value": json.dumps(known)})
                return
            beat, patience = known
            for one in workers_of(connection):
                if one.silent < timedelta(seconds=patience):
                    raise StateError(
                        f"process {one.record.pid} on {one.record.host} works with --heartbeat {beat:g} --stalled"
                        f" {patience:g}, this worker with {pace[0]:g} and {pace[1]:g}: give all workers the same"
                    )
            connection.execute(self._database.upsert(meta), {"name": _PACE, "value": json.dumps(list(pace))})

    def installed(self) -> bool:
        """Whether any worker ever began on this state."""
        if self._database.sqlite:
            return False
        with self._database.reading() as connection:
            return connection.scalar(select(meta.c.value).where(meta.c.name == _VERSION)) is not None

    # --- workers

    def enter(self, record: WorkerRecord) -> None:
        """Notes a worker that begins."""
        row = {"name": f"{_WORKER}{record.number}", "value": json.dumps(asdict(record), sort_keys=True)}
        with self._database.transaction(of_no_pair=True) as connection:
            connection.execute(self._database.upsert(meta), row)

    def leave(self, number: int) -> None:
        """Forgets a worker that has ended, or was found dead."""
        with self._database.transaction(of_no_pair=True) as connection:
            connection.execute(delete(meta).where(meta.c.name == f"{_WORKER}{number}"))

    def workers(self) -> list[SeenWorker]:
        """Who takes part, the first to begin first."""
        with self._database.reading() as connection:
            return workers_of(connection)

    def end_lost(self, silent: timedelta) -> int:
        """Ends the sessions of workers that gave no sign for so long, or that the queue forgot meanwhile; how many.

        Procrastinate forgets a silent worker as soon as another one begins, which says nothing of its sessions: one
        that only stands still keeps its locks. A process that began anew has another number under the same name.
        """
        with self._database.reading() as connection:
            seen = [one.record for one in workers_of(connection) if one.silent <= silent]
            alive, numbers = {one.name for one in seen}, {one.number for one in seen}
            lost = [one for one in _records(connection) if one.number not in numbers]
        for one in lost:
            if one.name not in alive:
                self.end_sessions(one.name)
            self.leave(one.number)
        return len(lost)

    def end_sessions(self, worker: str) -> int:
        """Ends what a worker has open on the server, its locks included; how many sessions that were.

        A process that was frozen finds its state closed when it wakes, and cannot write another request into it.
        """
        ended = text(
            "SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE application_name = :name AND datname = current_database() AND pid <> pg_backend_pid()"
        )
        with self._database.reading() as connection:
            return int(connection.scalar(ended, {"name": worker}) or 0)

    # --- the schedule

    @contextmanager
    def sole(self, duty: str) -> Iterator[Leadership | None]:
        """The right to a duty that one worker has at a time; None where another one has it."""
        engine = self._database.engine.execution_options(isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            key = lock_number(f"{connection.scalar(text('SELECT current_schema()'))}:{duty}")
            if not connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": key}):
                yield None
                return
            try:
                yield Leadership(connection)
            finally:
                unlock(connection, key)

    def scheduled_until(self) -> datetime | None:
        """Up to when everything due is in the queue; None before the first time."""
        with self._database.reading() as connection:
            found = connection.scalar(select(meta.c.value).where(meta.c.name == _SCHEDULED))
        return None if found is None else datetime.fromisoformat(found)

    def note_scheduled(self, until: datetime) -> None:
        """Says that everything due up to then is in the queue."""
        with self._database.transaction(of_no_pair=True) as connection:
            connection.execute(self._database.upsert(meta), {"name": _SCHEDULED, "value": until.isoformat()})

    def left(self) -> dict[str, tuple[int, int]]:
        """How many creates, and tasks whose past is untold, the last run of each pair left, where it left any."""
        last = select(runs.c.pair, func.max(runs.c.started_at).label("at")).group_by(runs.c.pair).subquery()
        query = select(pairs.c.name, runs.c.result).join(runs, runs.c.pair == pairs.c.id)
        query = query.join(last, and_(last.c.pair == runs.c.pair, last.c.at == runs.c.started_at))
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        counts = {row.name: tuple(int(row.result.get(name, 0)) for name in ("remaining", "untold")) for row in rows}
        return {name: (creates, untold) for name, (creates, untold) in counts.items() if creates or untold}

    def readings(self) -> dict[str, CompleteReading]:
        """When, and under which rules, both sides of each pair were last read completely; without those never read."""
        query = select(pairs.c.name, sides.c.swept_at, sides.c.covers).join(sides, sides.c.pair == pairs.c.id)
        found: dict[str, list[CompleteReading]] = {}
        with self._database.reading() as connection:
            for row in connection.execute(query.where(sides.c.swept_at.is_not(None))):
                found.setdefault(row.name, []).append(CompleteReading(row.swept_at, frozenset({row.covers})))
        both = ((name, sides) for name, sides in found.items() if len(sides) == len(Side))
        return {
            name: CompleteReading(min(one.swept_at for one in sides), frozenset().union(*(one.covers for one in sides)))
            for name, sides in both
        }

    def figures(self) -> QueueFigures:
        """What is in the queue now."""
        waiting = text("SELECT priority, count(*) FROM procrastinate_jobs WHERE status = 'todo' GROUP BY priority")
        oldest = text(
            "SELECT clock_timestamp() - min(event.at) FROM procrastinate_jobs job JOIN procrastinate_events event"
            " ON event.job_id = job.id WHERE job.status = 'todo' AND event.type IN ('deferred', 'deferred_for_retry')"
        )
        running = text("SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing'")
        with self._database.reading() as connection:
            return QueueFigures(
                waiting={row[0]: row[1] for row in connection.execute(waiting)},
                running=int(connection.scalar(running) or 0),
                oldest=connection.scalar(oldest),
                workers=workers_of(connection),
            )


def _drop(connection: Connection) -> None:
    for name in _TABLES:
        connection.execute(text(f"DROP TABLE IF EXISTS {name} CASCADE"))
    connection.execute(text(_DROP_REST))
    connection.execute(delete(meta).where(meta.c.name.like(f"{_WORKER}%")))


def workers_of(connection: Connection) -> list[SeenWorker]:
    """Who takes part, the first to begin first; nobody where there is no queue."""
    if not inspect(connection).has_table("procrastinate_workers"):
        return []
    seen = text(
        "SELECT worker.id, clock_timestamp() - worker.last_heartbeat AS silent, count(job.id) AS jobs"
        " FROM procrastinate_workers worker"
        " LEFT JOIN procrastinate_jobs job ON job.worker_id = worker.id AND job.status = 'doing'"
        " GROUP BY worker.id ORDER BY worker.id"
    )
    rows: dict[int, Any] = {row.id: row for row in connection.execute(seen)}
    return sorted(
        (
            SeenWorker(one, rows[one.number].silent, rows[one.number].jobs)
            for one in _records(connection)
            if one.number in rows
        ),
        key=lambda worker: worker.record.number,
    )


def _records(connection: Connection) -> list[WorkerRecord]:
    """Every worker that began and was not noted to have ended."""
    records = connection.scalars(select(meta.c.value).where(meta.c.name.like(f"{_WORKER}%")))
    return [WorkerRecord(**json.loads(record)) for record in records]


@dataclass(frozen=True, slots=True)
class QueueSessions:
    """How a queue reaches the database of a state: the address as libpq takes it, and how a session begins."""

    address: str
    schema: str | None

    @classmethod
    def of(cls, location: str) -> QueueSessions:
        """The sessions for a state at a `postgresql://` address."""
        url = make_url(location).set(drivername="postgresql")
        address = url.render_as_string(hide_password=False).replace("+", "%20")  # libpq knows no other blank
        return cls(address, None if "options" in url.query else POSTGRESQL_SCHEMA)

    async def begin(self, connection: Any) -> None:
        """Chooses our schema on an asynchronous connection of psycopg; by a statement, for the sake of poolers."""
        if self.schema is not None:
            await connection.execute(f"SET search_path TO {self.schema}")
            if not connection.autocommit:
                await connection.commit()


def with_session_name(location: str, name: str) -> str:
    """The address of a state whose sessions bear a name on the server."""
    return make_url(location).update_query_dict({"application_name": name}).render_as_string(hide_password=False)
