"""Which tasks have a list of their sub-tasks in the text of their mirror, and of what."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import and_, delete, select, update

from syncer.contract.model import Ref, Side
from syncer.store.database import Lease
from syncer.store.link_statements import ref_of
from syncer.store.part import StorePart
from syncer.store.schema.items import sub_task_lists
from syncer.store.schema.links import links


class SubTaskLists(StorePart):
    """The lists of the pairs, each as a digest."""

    def of_pair(self, pair: str) -> dict[tuple[Side, Ref], str]:
        """What the mirror of each task lists."""
        with self._database.reading() as connection:
            number = self._database.pair_number(connection, pair)
            rows = connection.execute(select(sub_task_lists).where(sub_task_lists.c.pair == number)).all()
        return {(Side(row.side), Ref.parse(row.ref)): row.shown for row in rows}

    def save(self, lease: Lease, lists: Mapping[tuple[Side, Ref], str]) -> None:
        """Stores what the mirrors of tasks list now, "" for nothing, and has the links of these tasks looked at."""
        with self._database.writing(lease) as (connection, number):
            for (side, ref), shown in lists.items():
                row = {"pair": number, "side": side.value, "ref": str(ref)}
                if shown:
                    connection.execute(self._database.upsert(sub_task_lists), row | {"shown": shown})
                else:
                    gone = delete(sub_task_lists).where(*(sub_task_lists.c[name] == row[name] for name in row))
                    connection.execute(gone)
                mine = and_(links.c.pair == number, ref_of(side) == str(ref))
                connection.execute(update(links).where(mine).values(settled_left="", settled_right=""))
