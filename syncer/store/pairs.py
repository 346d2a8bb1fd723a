"""Pairs: who may write them, how far their sides were read, the runs over them, and their names."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, select, update
from sqlalchemy.exc import IntegrityError

from syncer.contract.model import Audience, Cursor, Side
from syncer.core.records import Holder, RunRecord, SideState
from syncer.core.retention import had_nothing_to_do
from syncer.core.rule_change import AgreedRules
from syncer.store.database import OF_PAIR, OF_SIDE, Database, Lease
from syncer.store.errors import StateError
from syncer.store.lineage import last_number
from syncer.store.locks import advisory_lock, file_lock, this_host
from syncer.store.part import StorePart
from syncer.store.schema import metadata
from syncer.store.schema.items import observed
from syncer.store.schema.pairs import former_names, meta, pairs, runs, sides
from syncer.store.schema.writes import journal

_FORMER = "labels:"
"""How keys begin that are no declared field: of each side, the labels that showed one."""

FORGOTTEN = "forgotten-pairs"
EXPECTED = "expected-pairs"

Scopes = tuple[str, str]
"""The addresses of the left and the right scope."""


class Pairs(StorePart):
    """Leases, rules' fingerprints, sides and runs."""

    @contextmanager
    def lease(self, pair: str, run: str) -> Iterator[Lease]:
        """The right to write a pair, kept from all other processes until the block ends or this process dies.

        Raises Busy at once when another holds it. Every taking raises the epoch: whoever still writes under an earlier
        one is told Fenced (a process that was frozen, or whose database connection was lost).
        """
        now = self._database.clock()
        with self._lock(pair, run, now), self._database.remembering.holding(pair):
            yield Lease(pair, run, self._next_epoch(pair, now))

    @contextmanager
    def whole_pass(self, pairs: Sequence[str]) -> Iterator[None]:
        """Held by a pass over these pairs, so that a second one over the same does not begin. Raises Busy at once."""
        with self._lock(f"pass\0{chr(0).join(sorted(pairs))}", "", self._database.clock()):
            yield

    def _lock(self, name: str, run: str, now: datetime) -> AbstractContextManager[None]:
        if self._database.directory is None:
            return advisory_lock(self._database.engine, name)
        return file_lock(self._database.directory, name, run, now)

    def _next_epoch(self, pair: str, now: datetime) -> int:
        insert = self._database.insert(pairs).values(
            name=pair, epoch=1, taken_pid=os.getpid(), taken_host=this_host(), taken_at=now
        )
        taken = {name: insert.excluded[name] for name in ("taken_pid", "taken_host", "taken_at")}
        bump = insert.on_conflict_do_update(index_elements=["name"], set_={"epoch": pairs.c.epoch + 1, **taken})
        with self._database.transaction(of=pair) as connection:
            epoch = connection.scalar(bump.returning(pairs.c.epoch))
        return int(epoch)

    def assure(self, lease: Lease) -> None:
        """Raises Fenced where another run has taken the pair over."""
        self._database.assure(lease)

    def version(self, pair: str) -> object:
        """What is another one as soon as this process writes something of a pair."""
        return self._database.remembering.version(pair)

    def taken_at(self, pair: str) -> datetime | None:
        """When a pair was taken last; None before its first run."""
        with self._database.reading() as connection:
            found: datetime | None = connection.scalar(select(pairs.c.taken_at).where(pairs.c.name == pair))
        return found

    def expect(self, names: Collection[str]) -> None:
        """Notes from when on runs of these pairs are due: whoever keeps their schedule begins.

        Of a pair that is known to be due, and of one that was run, nothing is noted.
        """
        with self._database.transaction(of_no_pair=True) as connection:
            ran = set(connection.scalars(select(pairs.c.name).where(pairs.c.taken_at.is_not(None))))
            known = _noted(connection, EXPECTED)
            since = self._database.clock().isoformat()
            kept = {name: known.get(name, since) for name in known.keys() | names if name not in ran}
            if kept != known:
                row = {"name": EXPECTED, "value": json.dumps(kept, sort_keys=True)}
                connection.execute(self._database.upsert(meta), row)

    def due_since(self, pair: str) -> datetime | None:
        """Since when the next run of a pair is due by its schedule: since the last one began, or since it is expected.

        None for one that never ran, and of which nobody keeps the schedule.
        """
        if (taken := self.taken_at(pair)) is not None:
            return taken
        with self._database.reading() as connection:
            expected = _noted(connection, EXPECTED).get(pair)
        return None if expected is None else datetime.fromisoformat(expected)

    def holder(self, pair: str) -> Holder | None:
        """Who took a pair last, and when something of it last moved; None before its first run."""
        with self._database.reading() as connection:
            row = connection.execute(select(pairs).where(pairs.c.name == pair)).first()
            if row is None:
                return None
            newest = select(journal.c.at, journal.c.settled_at).where(journal.c.pair == row.id)
            written = connection.execute(newest.order_by(journal.c.sequence.desc()).limit(1)).first() or ()
            seen = connection.scalar(select(func.max(observed.c.seen_at)).where(observed.c.pair == row.id))
        moved = max(at for at in (row.taken_at, seen, *written) if at is not None)
        return Holder(row.taken_pid, row.taken_host, row.taken_at, moved)

    def names(self) -> list[str]:
        """Every pair that was ever run on this state, by name."""
        with self._database.reading() as connection:
            return sorted(self._database.pair_names(connection).values())

    def agreed_rules(self, pair: str) -> AgreedRules | None:
        """The rules under which the bases of a pair were agreed; None before the first run."""
        query = select(pairs.c.fingerprint, pairs.c.without_people, pairs.c.people).where(pairs.c.name == pair)
        with self._database.reading() as connection:
            row = connection.execute(query).first()
        if row is None or row.fingerprint is None:
            return None
        return AgreedRules(row.fingerprint, row.without_people, row.people or [])

    def agree_on_rules(self, lease: Lease, rules: AgreedRules, *, covered: str | None = None) -> None:
        """Says which rules the bases belong to from now on.

        `covered`: a complete reading under the rules with this fingerprint counts as one under these.
        """
        values = {
            "fingerprint": rules.fingerprint,
            "without_people": rules.without_people,
            "people": None if rules.without_people is None else list(rules.people),
        }
        with self._database.writing(lease) as (connection, number):
            connection.execute(update(pairs).where(pairs.c.id == number).values(values))
            if covered is not None:
                read = (sides.c.pair == number) & (sides.c.covers == covered)
                connection.execute(update(sides).where(read).values(covers=rules.fingerprint))

    def declared(self, pair: str) -> dict[str, str]:
        """By side and declared field, the tracker's id of the field that it was last."""

        def read(connection: Connection) -> dict[str, str]:
            return connection.scalar(select(pairs.c.declared).where(pairs.c.name == pair)) or {}

        return dict(self._database.remembered(pair, "declared", read))

    def note_declared(self, lease: Lease, fields: Mapping[str, str]) -> None:
        """Says which fields the declared ones are from now on."""
        with self._database.writing(lease) as (connection, number):
            connection.execute(update(pairs).where(pairs.c.id == number).values(declared=dict(fields)))

    def former_labels(self, pair: str) -> dict[Side, tuple[str, ...]]:
        """By side, the labels that showed a field by a row that is gone."""
        noted = self.declared(pair)
        return {side: tuple(noted[key].split("\n")) for side in Side if (key := _FORMER + side.value) in noted}

    def note_former_labels(self, lease: Lease, labels: Mapping[Side, Sequence[str]]) -> None:
        """Says which they are from now on."""
        rest = {key: value for key, value in self.declared(lease.pair).items() if not key.startswith(_FORMER)}
        self.note_declared(lease, rest | {_FORMER + side.value: "\n".join(of) for side, of in labels.items()})

    def creates_waiting(self, pair: str) -> int:
        """How many creates waited for consent at the end of the last run."""
        with self._database.reading() as connection:
            return int(connection.scalar(select(pairs.c.creates_waiting).where(pairs.c.name == pair)) or 0)

    def set_creates_waiting(self, lease: Lease, count: int) -> None:
        """Says how many creates wait for consent now."""
        if count != self.creates_waiting(lease.pair):
            with self._database.writing(lease) as (connection, number):
                connection.execute(update(pairs).where(pairs.c.id == number).values(creates_waiting=count))

    def side(self, pair: str, side: Side) -> SideState | None:
        """How far a side was read; None before it was."""

        def read(connection: Connection) -> Row[Any] | None:
            number = self._database.pair_number(connection, pair)
            return connection.execute(_SIDE, {"of_pair": number, "of_side": side.value}).first()

        row = self._database.remembered(pair, ("side", side), read)
        if row is None:
            return None
        return SideState(
            cursor=None if row.cursor is None else Cursor(row.cursor),
            covers=row.covers,
            swept_at=row.swept_at,
            audience=Audience(row.audience),
            audience_at=row.audience_at,
            address=row.address,
            filter=row.filter,
            outside=row.outside,
        )

    def set_side(self, lease: Lease, side: Side, state: SideState) -> None:
        """Replaces what is known about a side."""
        values = {
            "side": side.value,
            "cursor": state.cursor or None,
            "covers": state.covers,
            "swept_at": state.swept_at,
            "audience": int(state.audience),
            "audience_at": state.audience_at,
            "address": state.address,
            "filter": state.filter,
            "outside": state.outside,
        }
        with self._database.writing(lease) as (connection, number):
            connection.execute(self._database.upsert(sides), {"pair": number, **values})

    def start_run(self, lease: Lease, started_at: datetime) -> None:
        """Records that a run began; should it die, its record stays unfinished."""
        values = {"id": lease.run, "epoch": lease.epoch, "started_at": started_at, "outcome": "", "result": {}}
        with self._database.writing(lease) as (connection, number):
            connection.execute(runs.insert(), {"pair": number, **values})

    def finish_run(self, lease: Lease, record: RunRecord) -> None:
        """Completes the record of a run (or adds it whole, when it never started).

        One that had nothing to do also stands for those of its day and outcome before it: the state does not grow by
        what did not happen.
        """
        values = {
            "id": record.id,
            "epoch": lease.epoch,
            "started_at": record.started_at,
            "finished_at": record.finished_at,
            "outcome": record.outcome,
            "result": record.result,
        }
        insert = self._database.insert(runs)
        finished = {name: insert.excluded[name] for name in ("finished_at", "outcome", "result", "stands_for", "since")}
        upsert = insert.on_conflict_do_update(index_elements=["id"], set_=finished)
        with self._database.writing(lease) as (connection, number):
            stands_for = {"stands_for": 1, "since": None}
            if had_nothing_to_do(record):
                stands_for = _take_in(connection, number, record)
            connection.execute(upsert, {"pair": number, **values, **stands_for})

    def runs(self, pair: str | None = None, limit: int = 20) -> list[RunRecord]:
        """The latest runs, newest first."""
        query = select(runs, pairs.c.name).join(pairs).order_by(runs.c.started_at.desc(), runs.c.sequence.desc())
        if pair is not None:
            query = query.where(pairs.c.name == pair)
        with self._database.reading() as connection:
            return [_run_record(row) for row in connection.execute(query.limit(limit))]

    def first_run_at(self, pair: str) -> datetime | None:
        """When the first run of a pair began; None before it."""
        first = func.min(func.coalesce(runs.c.since, runs.c.started_at))
        query = select(first).join(pairs).where(pairs.c.name == pair)
        with self._database.reading() as connection:
            found: datetime | None = connection.execute(query).scalar_one()
        return found


_SIDE = select(sides).where(sides.c.pair == OF_PAIR, sides.c.side == OF_SIDE)


def _take_in(connection: Connection, number: int, record: RunRecord) -> dict[str, Any]:
    """Deletes the row of the day's earlier runs like this one; for how many this one stands now, and since when."""
    day = record.started_at.replace(hour=0, minute=0, second=0, microsecond=0)
    like = runs.c.since.is_not(None) & (runs.c.outcome == record.outcome) & (runs.c.id != record.id)
    earlier = (runs.c.pair == number) & (runs.c.started_at >= day) & (runs.c.started_at <= record.started_at) & like
    latest = select(runs.c.sequence, runs.c.stands_for, runs.c.since).where(earlier).order_by(runs.c.started_at.desc())
    found = connection.execute(latest.limit(1)).first()
    if found is None:
        return {"stands_for": 1, "since": record.started_at}
    connection.execute(delete(runs).where(runs.c.sequence == found.sequence))
    return {"stands_for": found.stands_for + 1, "since": found.since}


def _run_record(row: Row[Any]) -> RunRecord:
    since = row.since if row.stands_for > 1 else None
    return RunRecord(row.id, row.name, row.started_at, row.finished_at, row.outcome, row.result, row.stands_for, since)


class Naming(StorePart):
    """Names of pairs. A pair that changes its name stays the same pair; one that is forgotten never was."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._names: dict[str, tuple[str, ...]] = {}

    def is_known(self, pair: str) -> bool:
        """Whether a pair of this name was read at least once."""
        query = select(sides.c.side).join(pairs, sides.c.pair == pairs.c.id).where(pairs.c.name == pair).limit(1)
        with self._database.reading() as connection:
            return connection.scalar(query) is not None

    def known(self, *, at: Collection[str] | None = None) -> Mapping[str, Scopes]:
        """The scopes of every pair that was read at least once, by its name now.

        Of those alone that have a scope at one of the addresses `at`, where they are given.
        """
        query = select(pairs.c.name, sides.c.side, sides.c.address).join(sides, sides.c.pair == pairs.c.id)
        if at is not None:
            query = query.where(sides.c.pair.in_(select(sides.c.pair).where(sides.c.address.in_(at))))
        found: dict[str, dict[str, str]] = {}
        with self._database.reading() as connection:
            for row in connection.execute(query):
                found.setdefault(row.name, {})[row.side] = row.address
        left, right = Side
        return {name: (scopes.get(left, ""), scopes.get(right, "")) for name, scopes in found.items()}

    def names_of(self, pair: str) -> tuple[str, ...]:
        """The name of a pair and those it had before."""
        if pair not in self._names:  # asked for every item that carries a marker
            query = select(former_names.c.name).join(pairs).where(pairs.c.name == pair).order_by(former_names.c.name)
            with self._database.reading() as connection:
                self._names[pair] = (pair, *(name for name in connection.scalars(query) if name != pair))
        return self._names[pair]

    def rename(self, lease: Lease, name: str, at: datetime) -> None:
        """Gives the pair of a lease another name; the lease ends with it. Raises StateError where the name is taken."""
        try:
            with self._database.writing(lease) as (connection, number):
                connection.execute(update(pairs).where(pairs.c.id == number).values(name=name))
                former = {"pair": number, "name": lease.pair, "until": at}
                connection.execute(self._database.upsert(former_names), former)
        except IntegrityError:
            raise StateError(f'the state has a pair "{name}" already') from None
        self._renamed(lease.pair)

    def forget(self, lease: Lease) -> None:
        """Deletes all that is known of the pair of a lease, but for how far its markers may be numbered."""
        names = self.names_of(lease.pair)
        with self._database.writing(lease) as (connection, number):
            numbers = {**_forgotten(connection), **dict.fromkeys(names, last_number(connection))}
            row = {"name": FORGOTTEN, "value": json.dumps(numbers, sort_keys=True)}
            connection.execute(self._database.upsert(meta), row)
            for table in reversed(metadata.sorted_tables):
                if "pair" in table.columns and table.c.pair.references(pairs.c.id):
                    connection.execute(delete(table).where(table.c.pair == number))
            connection.execute(delete(pairs).where(pairs.c.id == number))
        self._renamed(lease.pair)

    def forgotten_up_to(self, names: Iterable[str]) -> int:
        """The number up to which creates of forgotten pairs with these names may be numbered; 0 without such a pair."""
        with self._database.reading() as connection:
            numbers = _forgotten(connection)
        return max((numbers.get(name, 0) for name in names), default=0)

    def look_up_again(self, pair: str) -> None:
        """Forgets what was remembered of a pair: its name may mean another one by now."""
        self._names.pop(pair, None)
        self._database.forget_number(pair)

    def _renamed(self, pair: str) -> None:
        """Forgets what was remembered under names that mean something else from now on."""
        self._names.clear()
        self._database.forget_number(pair)


def _forgotten(connection: Connection) -> dict[str, int]:
    return _noted(connection, FORGOTTEN)


def _noted(connection: Connection, name: str) -> dict[str, Any]:
    """What is noted of several pairs under a name."""
    value = connection.scalar(select(meta.c.value).where(meta.c.name == name))
    return {} if value is None else dict(json.loads(value))
