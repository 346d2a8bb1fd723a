"""Files to which texts refer: which are kept where, which wait, which are not carried."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, select

from syncer.contract.model import Ref, Side
from syncer.core.records import CarriedFile, FileState, Operation
from syncer.store.database import Lease
from syncer.store.journal import settle
from syncer.store.part import StorePart
from syncer.store.schema.writes import files


class FileRecords(StorePart):
    """One row for each address in the texts of a task, its comments included."""

    def of_pair(self, pair: str) -> list[CarriedFile]:
        """Every file of a pair, those that were met first first."""
        with self._database.reading() as connection:
            number = self._database.pair_number(connection, pair)
            query = select(files).where(files.c.pair == number)
            rows = connection.execute(query.order_by(files.c.at, files.c.side, files.c.task, files.c.address))
            return [_file(row, pair) for row in rows]

    def of_task(self, pair: str, side: Side, task: Ref) -> list[CarriedFile]:
        """The files of one task of a side, those that were met first first."""
        with self._database.reading() as connection:
            number = self._database.pair_number(connection, pair)
            mine = files.c.pair == number, files.c.side == side.value, files.c.task == str(task)
            query = select(files).where(*mine).order_by(files.c.at, files.c.address)
            return [_file(row, pair) for row in connection.execute(query)]

    def save(self, lease: Lease, file: CarriedFile) -> None:
        """Records what is known of a file now."""
        with self._database.writing(lease) as (connection, number):
            self._write(connection, number, file)

    def conclude(self, lease: Lease, operation: Operation, file: CarriedFile) -> None:
        """Records the outcome of adding a file, and the file, in one transaction. Raises NotOpen."""
        with self._database.writing(lease) as (connection, number):
            settle(connection, number, operation)
            self._write(connection, number, file)

    def _write(self, connection: Connection, number: int, file: CarriedFile) -> None:
        values = {
            "pair": number, "side": file.side.value, "task": str(file.task), "address": file.address,
            "state": file.state.value, "at": file.at, "digest": file.digest, "attached": file.attached,
            "name": file.name, "page": file.page, "target": file.target, "reason": file.reason,
            "attempts": file.attempts, "retry_at": file.retry_at,
        }  # fmt: skip
        connection.execute(self._database.upsert(files), values)


def _file(row: Row[Any], pair: str) -> CarriedFile:
    return CarriedFile(
        pair, Side(row.side), Ref.parse(row.task), row.address, FileState(row.state), row.at, row.digest, row.attached,
        row.name, row.page, row.target, row.reason, row.attempts, row.retry_at,
    )  # fmt: skip
