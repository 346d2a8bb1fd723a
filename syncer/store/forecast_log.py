"""The log of forecasts: what was said of each goal on a day, append-only, to be held against what came."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy import select

from syncer.core.records import LoggedForecast
from syncer.store.part import StorePart
from syncer.store.schema.notices import forecasts


class ForecastLog(StorePart):
    """Forecasts, one for each goal and day: the first that was made."""

    def log(self, made: Iterable[LoggedForecast]) -> int:
        """Appends forecasts; returns how many were new. What is in the log stays."""
        rows = [
            {
                "goal": one.goal,
                "day": one.day.isoformat(),
                "made_at": one.made_at,
                "due": None if one.due is None else one.due.isoformat(),
                "chance": one.chance,
                **{name: getattr(one, name).isoformat() for name in ("q50", "q85", "q95")},
            }
            for one in made
        ]
        insert = self._database.insert(forecasts).on_conflict_do_nothing().returning(forecasts.c.id)
        with self._database.transaction(of_no_pair=True) as connection:
            return sum(connection.execute(insert, row).first() is not None for row in rows)

    def logged(self) -> list[LoggedForecast]:
        """All forecasts, oldest first."""
        with self._database.reading() as connection:
            rows = connection.execute(select(forecasts).order_by(forecasts.c.made_at, forecasts.c.id)).all()
        return [
            LoggedForecast(
                goal=row.goal,
                day=date.fromisoformat(row.day),
                made_at=row.made_at,
                due=None if row.due is None else date.fromisoformat(row.due),
                chance=row.chance,
                q50=date.fromisoformat(row.q50),
                q85=date.fromisoformat(row.q85),
                q95=date.fromisoformat(row.q95),
            )
            for row in rows
        ]
