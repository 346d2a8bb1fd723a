"""What the configuration says of being told at once: channels, what is told there, and when it is quiet."""

from __future__ import annotations

import re
from datetime import time, timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, SecretStr

from syncer.contract.model import Audience
from syncer.core.incidents import Event
from syncer.settings.table import ConfigTable, Duration

_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")


def _hours(value: str) -> str:
    if not _HOURS.fullmatch(value):
        raise ValueError('write hours like "22:00-07:00"')
    return value


class ChannelSettings(ConfigTable):
    """`[[channels]]`: where people are told at once; the address comes from a file or a variable."""

    url: SecretStr
    """The address as Apprise takes it (`slack://…`, `ntfy://…`, `json://…`). It holds secrets."""
    timeout: Duration = timedelta(seconds=10)
    """How long a run waits for the channel at most."""
    audience: Literal["members", "organization", "public"] = "public"
    """Who reads it. Titles of items, and what trackers said of them, go only where all of these may read them."""

    @property
    def readers(self) -> Audience:
        """Who reads it, as the model knows it."""
        return Audience[self.audience.upper()]


class NotifySettings(ConfigTable):
    """`[notify]`: what is told at once, once each, with the command that settles it."""

    on: tuple[Event, ...] = tuple(Event)
    """What is told: conflict, hold, refusal, guard, token, outage, recovery, first-sync."""
    channels: tuple[str, ...] = ()
    """Names of `[[channels]]`."""
    mail: bool = True
    """Whether the `owner` of a pair is told by mail."""
    quiet_hours: Annotated[str, AfterValidator(_hours)] | None = None
    """When nothing is sent, by the clock of `timezone` in `[report]`: what is still true afterwards is sent then."""
    timeout: Duration = timedelta(seconds=10)
    """How long a run waits for the mail server, and for the heartbeat's address, at most."""
    heartbeat: SecretStr | None = None
    """An address that is called at the end of each pass, for a service that misses the call (healthchecks)."""

    def is_quiet(self, clock: time) -> bool:
        """Whether nothing is sent at a time of day."""
        found = _HOURS.fullmatch(self.quiet_hours or "")
        if found is None:
            return False
        begin, end = time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4]))
        return begin <= clock < end if begin <= end else clock >= begin or clock < end
