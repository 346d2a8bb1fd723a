"""Who may read what, and what may therefore be carried where.

Unknown is always treated as the narrowest source and the widest target.
"""

from __future__ import annotations

from syncer.contract.model import Audience, Observed, Side
from syncer.core.rules import PairRules

COMMENTS = "comments"
"""The name under which `publish` lists comments."""


ATTACHMENTS = "attachments"
"""The name under which `publish` lists files that texts refer to."""


def of_scope(rules: PairRules, side: Side, told: Audience) -> Audience:
    """The audience of a side: as declared in the configuration, else as the tracker told."""
    return rules.audience.get(side, told)


def may_carry(
    rules: PairRules,
    name: str,
    source: Observed,
    source_scope: Audience,
    target_scope: Audience,
    target: Observed | None,
) -> bool:
    """Whether the field `name` of `source` may be shown to everybody who can read the target.

    A restricted item never leaves its side. Otherwise text goes freely to an equal or narrower audience, and to a wider
    one only when `publish` names it.
    """
    if source.audience is Audience.RESTRICTED or source_scope is Audience.RESTRICTED:
        return False
    reads_source = min(source.audience, source_scope)
    reads_target = Audience.PUBLIC if target_scope is Audience.RESTRICTED else target_scope
    if target is not None and target.audience is not Audience.RESTRICTED:
        reads_target = min(reads_target, target.audience)
    return reads_target <= reads_source or name in rules.publish
