"""What the name of a status says of the work that stands in it. Pure.

Trackers know three categories of statuses; that work waits, is looked at by somebody else or lies with the client is
only in their names. The report names the statuses it found, so that nobody takes a figure for more than it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

from syncer.report.model.timeline import StatusVisit

WAITING_WORDS = (
    "review",
    "waiting",
    "on hold",
    "pending",
    "blocked",
    "queue",
    "ready for",
    "评审",
    "审核",
    "等待",
    "挂起",
)
"""A status whose name holds one of these is one in which work waits."""

IMPEDED_WORDS = ("waiting", "on hold", "pending", "blocked", "等待", "挂起", "受阻")
"""Those in which something is in the way; a queue or a review is the usual course of work."""

REVIEW_WORDS = ("review", "approval", "testing", "verification", "评审", "审核", "审批", "测试", "验证")
"""Those in which somebody looks at what was made. From there back to work is rework."""

CLIENT_WORDS = ("client", "customer", "uat", "acceptance", "客户", "甲方", "验收")
"""Those in which the client has the word."""

DECISION_WORDS = ("decision", "approval", "sign-off", "决定", "决策", "审批")


@lru_cache(maxsize=4_096)
def is_waiting(status: str) -> bool:
    """Whether work waits in it."""
    return _holds(status, WAITING_WORDS)


@lru_cache(maxsize=4_096)
def is_impeded(status: str) -> bool:
    """Whether something is in the way of work that stands in it."""
    return _holds(status, IMPEDED_WORDS)


@lru_cache(maxsize=4_096)
def is_review(status: str) -> bool:
    """Whether somebody looks at the work in it."""
    return _holds(status, REVIEW_WORDS)


@lru_cache(maxsize=4_096)
def is_client(status: str) -> bool:
    """Whether the client has the word in it."""
    return _holds(status, CLIENT_WORDS)


def client_stays(visits: Sequence[StatusVisit], as_of: datetime) -> list[tuple[datetime, datetime | None]]:
    """From when to when the client had the word, up to a time; None for the end of a stay that goes on."""
    stays: list[tuple[datetime, datetime | None]] = []
    for visit in visits:
        if visit.at > as_of:
            continue
        open_stay = bool(stays) and stays[-1][1] is None
        if is_client(visit.name):
            stays += [] if open_stay else [(visit.at, None)]
        elif open_stay:
            stays[-1] = (stays[-1][0], visit.at)
    return stays


def impeded_kind(status: str) -> str | None:
    """The kind of impediment the name of a status says; None when it says none."""
    if _holds(status, DECISION_WORDS):
        return "decision"
    return "external" if is_client(status) else None


def _holds(status: str, words: tuple[str, ...]) -> bool:
    folded = status.casefold()
    return any(word in folded for word in words)
