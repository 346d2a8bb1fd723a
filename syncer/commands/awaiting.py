"""A state whose database is not there yet when a service begins: waited for, as after its machine was started."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from syncer.commands.output import say

if TYPE_CHECKING:
    from syncer.commands.interruption import Interruption

T = TypeVar("T")
AGAIN_AFTER = 5.0
"""Seconds between two tries to reach the database."""


def once_there(opened: Callable[[], T], interruption: Interruption) -> T | None:
    """What `opened` gives, once the server of the database answers; None where the service is to end before.

    Says once that it waits, and once that it goes on. What a server that answers refuses is raised: somebody has to
    mend that.
    """
    from syncer.store import StateUnreachable

    waited = False
    while not interruption.stop():
        try:
            found = opened()
        except StateUnreachable as error:
            if not waited:
                say(f"{error}. Waiting for it.")
            waited = True
            interruption.sleep(AGAIN_AFTER)
        else:
            if waited:
                say("The database answers.")
            return found
    return None
