"""Errors of the store, one for each decision the caller can take.

```
StoreError
├── StateError            the state as a whole cannot be used: nothing was changed, a person must act
│   ├── StateTooNew       written by a later version of syncer
│   ├── StateCorrupt      damaged, or not a state of syncer at all
│   ├── StateExposed      the place is not private: another owner, readable by others, a symbolic link
│   └── StateUnwritable   read-only, full, locked for too long, or a database server that does not answer
│       └── StateUnreachable  the server cannot be reached at present: it may be restarted, or start up
├── Busy                  another run works on the pair: come back later
├── Fenced                another run has taken the pair over: stop at once, write nothing more
├── AlreadyLinked         an item would get a second link
├── AlreadyBegun          an item would be created twice
└── NotOpen               what should be concluded or decided is not waiting for it
```
"""

from __future__ import annotations

from datetime import datetime


class StoreError(Exception):
    """Something the store refuses. Whatever was asked for did not happen, not even in part."""


class StateError(StoreError):
    """The state cannot be used. The message says what to do."""


class StateTooNew(StateError):
    """The state was written by a later version; it was left untouched."""


class StateCorrupt(StateError):
    """The state is damaged or belongs to another product."""


class StateExposed(StateError):
    """The state lies where other people could read or replace it."""


class StateUnwritable(StateError):
    """The state cannot be written: read-only, no space left, locked for too long, or out of reach."""


class StateUnreachable(StateUnwritable):
    """The database server cannot be reached at present. Nothing is wrong with the state."""


class Busy(StoreError):
    """Another process works on the pair. `pid`, `since` and `host` are None where it has not yet said."""

    def __init__(self, pair: str, pid: int | None, since: datetime | None, host: str | None = None) -> None:
        self.pair = pair
        self.pid = pid
        self.since = since
        self.host = host
        who = "another process" if pid is None else f"process {pid}"
        where = "" if host is None else f" on {host}"
        when = "" if since is None else f" since {since.isoformat(timespec='seconds')}"
        super().__init__(f"pair {pair!r} is being worked on by {who}{where}{when}")


class Fenced(StoreError):
    """The epoch of the lease is over: a later run owns the pair."""

    def __init__(self, pair: str, epoch: int, current: int) -> None:
        self.pair = pair
        self.epoch = epoch
        self.current = current
        super().__init__(f"pair {pair!r} was taken over by another run (epoch {current}, ours was {epoch})")


class AlreadyLinked(StoreError):
    """One of the items is in another link."""


class AlreadyBegun(StoreError):
    """A create for the same item is sent, unsettled, held or done."""


class NotOpen(StoreError):
    """No operation or conflict with this id is waiting to be settled in this way."""
