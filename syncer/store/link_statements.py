"""What is asked of the links and said to them, made once: making an alias costs more than running its statement."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, ColumnElement, Select, and_, bindparam, delete, func, or_, select

from syncer.contract.model import Side
from syncer.core.records import LinkState
from syncer.store.database import IN_PAIR, OF_PAIR, REFS
from syncer.store.schema.items import observed, showings
from syncer.store.schema.links import awaited, links
from syncer.store.schema.pairs import pairs

PAGE = 500
DIGEST_PAGE = 5_000


def _come(moment: Column[Any]) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Whether a time has come: by `now`, or because it lies further ahead than anybody would have put it."""
    return moment <= bindparam("now"), moment > bindparam("beyond_belief")


def ref_of(side: Side) -> Any:
    """The column with what a link joins on a side."""
    return links.c.left_ref if side is Side.LEFT else links.c.right_ref


def _joined(before: Any, item: Any, side: Side) -> Any:
    """A join that adds what one side shows, where that is there."""
    condition = and_(
        item.c.pair == links.c.pair, item.c.side == side.value, item.c.ref == ref_of(side), item.c.gone_at.is_(None)
    )
    return before.outerjoin(item, condition)


def _links_with_items(*columns: Any) -> Select[Any]:
    """Links, or these columns of them, with the stored form of what both sides show."""
    source: Any = links
    payloads = []
    for side in Side:
        item, shown = observed.alias(), showings.alias()
        source = _joined(source, item, side).outerjoin(
            shown, and_(shown.c.pair == item.c.pair, shown.c.side == item.c.side, shown.c.ref == item.c.ref)
        )
        payloads.append(shown.c.payload.label(f"{side.value}_payload"))
    return select(*(columns or (links,)), *payloads).select_from(source)


def _unsettled() -> Select[Any]:
    """The ids of active links of which a side shows something else than was settled, or nothing."""
    left, right = observed.alias(), observed.alias()
    return (
        select(links.c.id)
        .select_from(_joined(_joined(links, left, Side.LEFT), right, Side.RIGHT))
        .where(
            links.c.state == LinkState.ACTIVE.value,
            or_(
                left.c.digest.is_(None),
                right.c.digest.is_(None),
                left.c.digest != links.c.settled_left,
                right.c.digest != links.c.settled_right,
            ),
            links.c.pair == OF_PAIR,
            links.c.kind == bindparam("kind"),
            or_(links.c.retry_at.is_(None), *_come(links.c.retry_at)),
        )
        .order_by(links.c.id)
        .limit(PAGE)
    )


def _digests() -> Select[Any]:
    """What was settled of each link, and what its sides show."""
    left, right = observed.alias(), observed.alias()
    return (
        select(
            links.c.id,
            links.c.settled_left,
            func.coalesce(left.c.digest, ""),
            links.c.settled_right,
            func.coalesce(right.c.digest, ""),
        )
        .select_from(_joined(_joined(links, left, Side.LEFT), right, Side.RIGHT))
        .where(links.c.pair == OF_PAIR)
        .order_by(links.c.id)
        .limit(DIGEST_PAGE)
    )


def _arrived() -> Select[Any]:
    """The active links that wait for an item which is linked by now."""
    waiting, partner = links.alias(), links.alias()
    arrived = or_(
        and_(awaited.c.side == Side.LEFT.value, partner.c.left_ref == awaited.c.ref),
        and_(awaited.c.side == Side.RIGHT.value, partner.c.right_ref == awaited.c.ref),
    )
    joined = awaited.join(waiting, waiting.c.id == awaited.c.link)
    joined = joined.join(partner, and_(partner.c.pair == awaited.c.pair, arrived))
    query = select(awaited.c.link).distinct().select_from(joined)
    return query.where(
        awaited.c.pair == OF_PAIR, waiting.c.state == LinkState.ACTIVE.value, partner.c.state != LinkState.RETIRED.value
    )


WITH_ITEMS, UNSETTLED, DIGESTS, ARRIVED = _links_with_items(), _unsettled(), _digests(), _arrived()
LINKS_OF_PAIR = WITH_ITEMS.where(links.c.pair == OF_PAIR).order_by(links.c.id).limit(PAGE)
SHOWN_TOGETHER = (
    _links_with_items(links.c.id, links.c.origin, links.c.because)
    .where(links.c.pair == OF_PAIR)
    .order_by(links.c.id)
    .limit(PAGE)
)
"""What both sides show, without the base and memory of the link, which hold the texts twice again."""
JOINED = (
    select(links.c.id, links.c.origin, links.c.left_ref, links.c.right_ref)
    .where(links.c.pair == OF_PAIR)
    .order_by(links.c.id)
    .limit(DIGEST_PAGE)
)
DIFFERING = LINKS_OF_PAIR.where(links.c.differs.is_not(None))
# Only what differs has a time at all: the first condition leads to the few rows of an index.
DUE = DIFFERING.where(
    links.c.kind == bindparam("kind"), links.c.state == LinkState.ACTIVE.value, or_(*_come(links.c.again_at))
)
THESE_LINKS = WITH_ITEMS.where(links.c.pair == OF_PAIR, links.c.id.in_(REFS)).order_by(links.c.id)
OF_ID = select(links, pairs.c.name).join(pairs).where(links.c.id == bindparam("link"))
OF_ITEM = {
    side: select(links, pairs.c.name).join(pairs).where(IN_PAIR, ref_of(side) == bindparam("ref")) for side in Side
}
PARTNER = {
    side: select(ref_of(side.other)).where(links.c.pair == OF_PAIR, ref_of(side) == bindparam("ref")) for side in Side
}
PARTNERS = {
    side: select(ref_of(side), ref_of(side.other)).where(links.c.pair == OF_PAIR, ref_of(side).in_(REFS))
    for side in Side
}
COUNT = (
    select(links.c.kind, func.count())
    .where(links.c.pair == OF_PAIR, links.c.state != LinkState.RETIRED.value)
    .group_by(links.c.kind)
)
COUNT_WAITING = (
    select(func.count())
    .select_from(links)
    .where(
        links.c.pair == OF_PAIR,
        or_(
            links.c.state == LinkState.HELD.value,
            and_(links.c.state == LinkState.ACTIVE.value, or_(links.c.because != "", links.c.refused > 0)),
        ),
    )
)
IN_STATE = {
    listing: listing.where(links.c.kind == bindparam("kind"), links.c.state == bindparam("state"))
    for listing in (LINKS_OF_PAIR, SHOWN_TOGETHER, JOINED, DIGESTS)
}
NOT_AWAITED = delete(awaited).where(awaited.c.link.in_(REFS))
