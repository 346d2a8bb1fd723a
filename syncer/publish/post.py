"""A report of the week as one comment or one issue of a tracker (`syncer.sync.posting`), under the pair's lease."""

from __future__ import annotations

from syncer.contract.errors import Denied, Rejected, TrackerError
from syncer.store import Busy
from syncer.sync.context import Interrupted, OutOfBudget, PairContext
from syncer.sync.pair_names import settle_name
from syncer.sync.posting import NotPosted, Post, Posted, Posting, PostOutcome
from syncer.sync.write import AudienceChanged

__all__ = ["Post", "PostOutcome", "Posted", "post"]


def post(context: PairContext, wanted: Post) -> Posted:
    """Brings one post up to date. Never raises for what a tracker or another process does."""
    try:
        if (refusal := settle_name(context)) is not None:
            return Posted(PostOutcome.REFUSED, refusal.reason)
        with context.store.lease(context.name, context.identity()) as lease:
            return Posting(context, lease, wanted).execute()
    except (NotPosted, Denied, Rejected) as error:
        return Posted(PostOutcome.REFUSED, str(error))
    except AudienceChanged:
        return Posted(PostOutcome.WAITING, "somebody just changed who can read it")
    except Interrupted:
        return Posted(PostOutcome.WAITING, "stopped on request")
    except (Busy, OutOfBudget, TrackerError) as error:
        return Posted(PostOutcome.WAITING, str(error))
