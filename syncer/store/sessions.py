"""Sessions of a PostgreSQL that lay idle: one that the server ended meanwhile is replaced, and nobody has to know.

Why not `pool_pre_ping`: it asks the server before each use, and a run with nothing to do takes its sessions out of the
pool some 140 times; more than half of what it spent on the database was that question.
"""

from __future__ import annotations

from select import POLLIN, poll
from time import monotonic
from typing import Any, Final

from sqlalchemy import Engine, event
from sqlalchemy.exc import InvalidatePoolError

RESTED: Final = 10.0
"""Seconds after which an idle session is asked whether it still lives: what lies between may have died."""


def look_at_sessions(engine: Engine) -> None:
    """Has a session looked at before it is used again: one that was ended has something to read."""

    @event.listens_for(engine, "checkin")
    def rests(_connection: Any, record: Any) -> None:
        record.info["since"] = monotonic()

    @event.listens_for(engine, "checkout")
    def look(connection: Any, record: Any, _proxy: object) -> None:
        since = record.info.get("since")
        if since is None:
            return
        waiting = poll()
        waiting.register(connection.fileno(), POLLIN)
        if not waiting.poll(0) and monotonic() - since <= RESTED:
            return
        try:
            engine.dialect.do_ping(connection)
        except Exception as error:  # whatever the driver says of it
            raise InvalidatePoolError from error
