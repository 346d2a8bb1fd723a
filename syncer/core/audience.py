"""Who may read what, and what may therefore be carried where.

Unknown is always treated as the narrowest source and the widest target.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from syncer.contract.model import Audience, Kind, Observed, Ref, Side
from syncer.core.rules import PairRules

COMMENTS = "comments"
"""The name under which `publish` lists comments."""


ATTACHMENTS = "attachments"
"""The name under which `publish` lists files that texts refer to."""

PULL_REQUESTS = "pull-requests"
"""The name under which `publish` lists titles and states of pull requests."""

RELEASES = "releases"
"""The name under which `publish` lists that something was released, and when."""


def of_scope(rules: PairRules, side: Side, told: Audience) -> Audience:
    """The audience of a side: as declared in the configuration, else as the tracker told."""
    return rules.audience.get(side, told)


def may_carry(
    rules: PairRules,
    name: str,
    to: Side,
    scopes: Mapping[Side, Audience],
    source: Observed | None,
    target: Observed | None,
) -> bool:
    """Whether the field `name` of `source` may be shown to everybody who can read the target on the side `to`.

    Without a `source` it is something that everybody knows who can read its side.

    A restricted item never leaves its side. Otherwise text goes freely to an equal or narrower audience, and to a wider
    one only when `publish` names it. What is known of an item is as old as its last reading, so the narrower of source
    and scope counts, and the wider of target and scope.
    """
    reads_source = scopes[to.other] if source is None else min(source.audience, scopes[to.other])
    if reads_source is Audience.RESTRICTED:
        return False
    return _reads_target(rules, to, scopes[to], target) <= reads_source or name in rules.publish


def _reads_target(rules: PairRules, to: Side, scope: Audience, target: Observed | None) -> Audience:
    """Who can read what is written: never fewer than can read the scope, whose declared audience is that of its items.

    An item that is limited to a few counts as its scope: whoever lifts the limit later shows what was written.
    """
    if scope is Audience.RESTRICTED:
        return Audience.PUBLIC
    if target is None or to in rules.audience:
        return scope
    return max(scope, target.audience)


@dataclass(frozen=True, slots=True)
class AudienceDoubt:
    """Why it is not known who can read a task, or (without a `ref`) anything on a side that does not tell it."""

    side: Side
    ref: Ref | None
    reason: str

    PREFIX: ClassVar[str] = "untold:"

    @property
    def key(self) -> str:
        """The name under which the state remembers it."""
        return f"{self.PREFIX}{self.side}:{self.ref or ':'}:{self.reason}"

    @classmethod
    def parse(cls, key: str) -> AudienceDoubt | None:
        """The doubt that has this key; None where the key is another one."""
        if not key.startswith(cls.PREFIX):
            return None
        side, kind, native, reason = key.removeprefix(cls.PREFIX).split(":", 3)
        return cls(Side(side), Ref(Kind(kind), native) if kind else None, reason)


def as_known(item: Observed, known: Observed | None, scope: Audience) -> Observed:
    """An item whose readers its tracker did not tell, with those that are known; `known` is as the state has it.

    A task is known in this very version, or by what we wrote and it shows: a limit that somebody sets changes it. A
    comment is seen by whom its task is. That it is restricted is asked again: former versions took it for so unasked.
    """
    if known is None or Audience.RESTRICTED in (known.audience, scope):
        return item
    if known.ref == item.ref and known.version != item.version and (known.version or known.showing != item.showing):
        return item
    return replace(item, audience=scope, audience_untold=False)


def asks_the_source(target_scope: Audience) -> bool:
    """Whether it matters who can read the source now: a target that only members read is never the wider one."""
    return target_scope is not Audience.MEMBERS
