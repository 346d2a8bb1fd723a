"""The state of the product, and the only SQL: what was observed, linked, agreed, intended and seen to change.

Why one package: every rule that must hold across a crash (an intent is on disk before its request leaves, an outcome
and its base appear together, an item has one link and at most one live create) is a transaction or an index here.
"""

from syncer.store.budgets import BudgetUse
from syncer.store.database import Lease
from syncer.store.errors import (
    AlreadyBegun,
    AlreadyLinked,
    Busy,
    Fenced,
    NotOpen,
    StateCorrupt,
    StateError,
    StateExposed,
    StateTooNew,
    StateUnreachable,
    StateUnwritable,
    StoreError,
)
from syncer.store.journal import Concluded
from syncer.store.kept import KeptStore
from syncer.store.lineage import OwnAccountRecord
from syncer.store.links import Settled
from syncer.store.outbox import LatePost, Mail, MailState
from syncer.store.recording import PageStored
from syncer.store.store import Store

__all__ = [
    "AlreadyBegun",
    "AlreadyLinked",
    "BudgetUse",
    "Busy",
    "Concluded",
    "Fenced",
    "KeptStore",
    "LatePost",
    "Lease",
    "Mail",
    "MailState",
    "NotOpen",
    "OwnAccountRecord",
    "PageStored",
    "Settled",
    "StateCorrupt",
    "StateError",
    "StateExposed",
    "StateTooNew",
    "StateUnreachable",
    "StateUnwritable",
    "Store",
    "StoreError",
]
