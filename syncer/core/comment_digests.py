"""Comment digests: old comments of a task that are carried as one, with the name and the day of each.

A digest is an item of the originals' side that no tracker holds: its text is put together from theirs, in their own
markup. So it is linked, compared, written, verified and explained like any other comment, only that nothing is ever
written to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from syncer.contract.model import Account, Field, Kind, Observed, Ref, Side, Version
from syncer.core.creation import kept_back, says_nothing
from syncer.core.decision_context import DecisionContext, is_open
from syncer.core.origin import origin_of
from syncer.core.records import Link
from syncer.core.rules import Direction, FieldRule, PairRules, Policy
from syncer.richtext import Block, Document, Mark, Paragraph, Run

PREFIX = "syncer-digest-"
"""What the ids of digests begin with; no tracker gives such ones."""
NAMED = 3
"""So many authors are named at the head of a digest."""
MARGIN = 2_000
"""Characters of a comment that are left for its head, its marker and what an edit adds."""
AUTHOR = "syncer-digest"
"""Stands for the account of a digest, which several people wrote."""


def is_comment_digest(ref: Ref) -> bool:
    """Whether an item is a digest."""
    return ref.kind is Kind.COMMENT and ref.id.startswith(PREFIX)


def comment_digest(task: Ref, number: int) -> Ref:
    """The digest of a task that has this number among those of the task."""
    return Ref(Kind.COMMENT, f"{PREFIX}{task.id}-{number}")


def one_way(rules: PairRules, link: Link) -> PairRules:
    """The rules for a link of a digest: its mirror follows the originals, and what somebody writes into it stays there.

    Where both were changed the originals win; the conflict is recorded with both texts.
    """
    if not is_comment_digest(link.ref(link.origin)):
        return rules
    to_right = link.origin is Side.LEFT
    forth = Direction.LEFT_TO_RIGHT if to_right else Direction.RIGHT_TO_LEFT
    carried = rules.comments.direction.writes(link.origin.other)
    wins = Policy.LEFT if to_right else Policy.RIGHT
    return replace(rules, comments=FieldRule(forth if carried else Direction.OFF, wins))


def is_old(rules: PairRules, task: Observed, now: datetime) -> bool:
    """Whether `backfill` decides about the old comments of a task: it is finished, or nobody touched it for long."""
    return not is_open(task) or now - task.updated > rules.backfill_age


@dataclass(frozen=True, slots=True)
class DigestMaker:
    """Puts comments of one task together."""

    context: DecisionContext
    side: Side
    """The originals' side."""
    task: Observed

    def shows(self, comment: Observed) -> bool:
        """Whether a comment may be read on the other side, and says something."""
        hidden = kept_back(self.context, self.side, comment) is not None
        return not hidden and not says_nothing(self.context, self.side, comment)

    def packed(self, comments: Sequence[Observed]) -> Iterator[list[Observed]]:
        """The comments in their order, as many together as one comment of either side has room for."""
        pack: list[Observed] = []
        used = 0
        room = min(view.capabilities.body_limit for view in self.context.views.values()) - MARGIN
        for comment in sorted(comments, key=lambda one: (one.created, one.ref)):
            size = self._size(comment)
            if pack and used + size > room:
                yield pack
                pack, used = [], 0
            pack.append(comment)
            used += size
        if pack:
            yield pack

    def _size(self, comment: Observed) -> int:
        document = Document(tuple(self._blocks(comment)))
        return max(len(self.context.prose.kept(side, document)) for side in Side)

    def made(self, ref: Ref, comments: Sequence[Observed]) -> Observed:
        """The digest of comments, at least one of them."""
        first = comments[0]
        document = Document(tuple(block for comment in comments for block in self._blocks(comment)))
        return Observed(
            ref=ref,
            key=f"{self.task.key} ({len(comments)} comments from {first.created:%Y-%m-%d})",
            url=first.url,
            version=Version("digest"),
            created=first.created,
            updated=max(comment.updated for comment in comments),
            showing={Field.BODY: self.context.prose.kept(self.side, document)},
            audience=min(comment.audience for comment in comments),
            author=Account(AUTHOR, self._authors(comments)),
            parent=self.task.ref,
            audience_untold=any(comment.audience_untold for comment in comments),
        )

    def _blocks(self, comment: Observed) -> Iterator[Block]:
        when = Run(f"{comment.created:%Y-%m-%d %H:%M} UTC", link=comment.url)
        yield Paragraph((Run(self._name(comment), marks=frozenset({Mark.STRONG})), Run(" · "), when))
        text = str(comment.showing.get(Field.BODY) or "")
        yield from self.context.prose.document(self.side, text, None).blocks

    def _authors(self, comments: Sequence[Observed]) -> str:
        names = list(dict.fromkeys(self._name(comment) for comment in comments))
        more = len(names) - NAMED
        if more > 0:
            return f"{', '.join(names[:NAMED])} and {more} {'other' if more == 1 else 'others'}"
        return " and ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)

    def _name(self, comment: Observed) -> str:
        return origin_of(self.context.rules, self.side, comment, "").author
