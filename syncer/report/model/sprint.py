"""Sprints of the team: when each began and ended. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from syncer.contract.sprint import Moment, SprintState

A_DAY = timedelta(days=1)
AN_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class TeamSprint:
    """A sprint that tasks were in, whichever trackers and pairs show it; one whose first day nobody tells is none."""

    id: str
    name: str
    start: Moment
    end: Moment | None = None
    """When it was to end; of days, the last one of it."""
    state: SprintState | None = None
    completed: datetime | None = None
    """When somebody closed it."""
    goal: str = ""
    restricted: bool = False
    """Only tasks that must not be named were seen in it."""

    def first_day(self, zone: tzinfo) -> date:
        """The day on which it began."""
        return self.start.astimezone(zone).date() if isinstance(self.start, datetime) else self.start

    def began(self, zone: tzinfo) -> datetime:
        """When it began."""
        return self.start if isinstance(self.start, datetime) else _midnight(self.start, zone)

    def planned(self, zone: tzinfo) -> datetime:
        """From when on what comes into it was added: teams plan on the first day, which the plan may take."""
        return _midnight(self.first_day(zone) + A_DAY, zone)

    def over(self, zone: tzinfo) -> datetime | None:
        """When it ended, or will by its days; None while it runs until somebody closes it, or nobody told its end."""
        if self.completed is not None:
            return self.completed
        if self.state is SprintState.ACTIVE or self.end is None:
            return None
        return self.end if isinstance(self.end, datetime) else _midnight(self.end + A_DAY, zone) - AN_INSTANT

    @property
    def told(self) -> bool:
        """Whether it began as its days say (some trackers have people say so), and it is known when it ends."""
        ends = self.state is SprintState.ACTIVE or self.completed is not None or self.end is not None
        return ends and self.state is not SprintState.FUTURE


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone)
