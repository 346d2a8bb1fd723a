"""What the configuration says of webhooks as hints to run a pair soon."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import Field as Key

from syncer.settings.table import ConfigTable, Duration


class HooksSettings(ConfigTable):
    """`[hooks]`: how `syncer hooks` takes deliveries; what they are signed with stands with each tracker."""

    trusted_proxy: bool = False
    """Whether deliveries of a tracker without a `hook-secret` are taken, because a proxy on this machine lets in nobody
    else. They are taken from 127.0.0.1 and ::1 only."""
    silent_after: Duration = timedelta(hours=24)
    """A side that no delivery told of for so long is polled by `schedule` again, where there is a
    `schedule-with-hooks`."""
    largest_mb: Annotated[int, Key(ge=1, le=25)] = 4
    """Larger deliveries are refused. In megabytes of 1,048,576 bytes; trackers send 25 at most."""

    @property
    def largest(self) -> int:
        """In bytes."""
        return self.largest_mb * 1024 * 1024
