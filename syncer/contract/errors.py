"""Errors of a tracker, one for each decision the engine can take.

```
TrackerError
├── Retryable     the request certainly had no effect: wait, then the same request may be sent again
│   ├── Stopped   the run was asked to end while the answer to a read was awaited
│   └── Down      nothing was sent: the tracker was found not to answer a moment ago
├── Denied        stop this side: credentials, permissions, a scope that is gone or renamed
│   └── ReadOnly  write nothing to this side for now: it is archived; it can be read, and the other side written
├── Gone          the item no longer exists (or, `uncertain`, can no longer be seen)
├── Stale         the item changed since it was read: read again, reconcile again
├── Unreadable    the answer about one item makes no sense: set the item aside, it is there
├── Rejected      the tracker will never accept this: set the item aside, tell a person
└── Ambiguous     a write may or may not have happened: settle it by reading before anything else
```
"""

from __future__ import annotations

from datetime import timedelta


class TrackerError(Exception):
    """Something a tracker answered, or failed to answer."""


class Retryable(TrackerError):
    """The request had no effect and may be sent again.

    `after` is the tracker's own wish (Retry-After, rate-limit reset), None where it named none. `budget` is true when a
    rate limit was the reason: the run then stops cleanly instead of insisting. `item` is true when a limit of this one
    item was: it waits, and everything else goes on.
    """

    def __init__(
        self, message: str, *, after: timedelta | None = None, budget: bool = False, item: bool = False
    ) -> None:
        super().__init__(message)
        self.after = after
        self.budget = budget
        self.item = item


class Stopped(Retryable):
    """The run was asked to end while the answer to a read was awaited."""


class Down(Retryable):
    """Nothing was sent: the tracker was found not to answer a moment ago, and every request would be lost alike."""


class Denied(TrackerError):
    """The side cannot be used: 401, a missing scope or permission, a scope that was renamed away or deleted.

    `remedy` is one sentence that tells the operator what to do; `credentials` says that they themselves are refused.
    """

    def __init__(self, message: str, *, remedy: str = "", credentials: bool = False) -> None:
        super().__init__(message)
        self.remedy = remedy
        self.credentials = credentials


class ReadOnly(Denied):
    """The scope can be read, and takes nothing at present: it is archived."""


class Gone(TrackerError):
    """The item is not there.

    `uncertain` when the tracker hides missing permissions behind the same answer (404); `moved_to` names where it is
    now, when it left the scope but still exists.
    """

    def __init__(self, message: str, *, uncertain: bool = False, moved_to: str = "") -> None:
        super().__init__(message)
        self.uncertain = uncertain
        self.moved_to = moved_to

    @property
    def deleted(self) -> bool:
        """Whether the item certainly exists nowhere any more."""
        return not self.uncertain and not self.moved_to


class Unreadable(TrackerError):
    """The item is there, and the answer about it makes no sense: what it shows is not known."""


class Stale(TrackerError):
    """The item is no longer as it was when the change was decided."""


class Rejected(TrackerError):
    """The tracker refuses this content or this transition, and would refuse it again."""


class Ambiguous(TrackerError):
    """A write was sent and its answer was lost: it may or may not have taken effect."""
