"""Items that both sides already have: which are probably one, and what linking them would mean. Writes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from syncer.contract.connector import RemoteLinks
from syncer.contract.model import Field, Kind, Observed, Ref, Side
from syncer.core.amounts import plural
from syncer.core.change import Adopt, Reconciled
from syncer.core.creation import adopted_link
from syncer.core.decision_context import DecisionContext
from syncer.core.likeness import Reading
from syncer.core.link_memory import LinkMemory
from syncer.core.matching import SURE, Material, Proposal, mirrored_comments, propose, sure_of
from syncer.core.reconcile import LinkReconciler
from syncer.core.records import Link, LinkedItems
from syncer.core.references import exposed, title_alone, words_alone
from syncer.core.rules import Direction
from syncer.core.side_view import encode_view
from syncer.sync.context import PairContext
from syncer.sync.gather import StorePages, decision_context
from syncer.sync.recognise import recognised
from syncer.sync.sharing import SharedScopes


@dataclass(frozen=True, slots=True)
class TwinPair:
    """Two items that are, or are said to be, one."""

    left: Observed
    right: Observed
    score: float
    reasons: tuple[str, ...]
    comments: tuple[tuple[Observed, Observed], ...] = ()
    """The comments that say the same on both sides."""
    conflicts: tuple[Field, ...] = ()
    """The fields that would wait with both values."""
    filled: tuple[Field, ...] = ()
    """The fields that one side lacks, and the next run writes there."""

    @property
    def sure(self) -> bool:
        """Whether nobody needs to look at it."""
        return self.score >= SURE


@dataclass(slots=True)
class Twins:
    """What was found in a pair."""

    pair: str
    twins: list[TwinPair] = field(default_factory=list)
    """The surest first."""
    unlinked: dict[Side, int] = field(default_factory=dict)
    """How many tasks of each side have no partner."""
    unasked: list[str] = field(default_factory=list)
    """Why the remote links of some items are not known, a sentence each."""

    def differing(self, twins: Iterable[TwinPair]) -> Counter[Field]:
        """In how many of these each field differs and would wait."""
        return Counter(name for twin in twins for name in twin.conflicts)

    def filling(self, twins: Iterable[TwinPair]) -> Counter[Field]:
        """In how many of these each field is empty on one side and would be written there."""
        return Counter(name for twin in twins for name in twin.filled)


def find_twins(context: PairContext, *, ask_links: bool) -> Twins:
    """What probably is one, by what the state holds; `ask_links` asks for the remote links of what has no sure twin."""
    unlinked = unlinked_tasks(context)
    apart = context.store.apart.of(context.name)
    free = {side: [item for item in items if (side, item.ref) not in apart] for side, items in unlinked.items()}
    found = Twins(context.name, unlinked={side: len(items) for side, items in free.items()})
    if not all(free.values()):
        return found
    readings = {side: list(_readings(context, side, items)) for side, items in unlinked.items()}
    links: dict[Side, dict[Ref, tuple[str, ...]]] = {side: {} for side in Side}
    proposals = _proposals(context, readings, links)
    if ask_links:
        sure = {(side, item.ref) for one in sure_of(proposals) for side, item in ends_of_twin(one)}
        for side in Side:
            asked = [item for item in free[side] if (side, item.ref) not in sure]
            links[side] = _ask_for_links(context, side, asked, found)
        if any(links.values()):
            proposals = _proposals(context, readings, links)
    by_ref = {side: {one.item.ref: one for one in of_side} for side, of_side in readings.items()}
    for proposal in proposals:
        if any((side, item.ref) in apart for side, item in ends_of_twin(proposal)):
            continue
        both = by_ref[Side.LEFT][proposal.left.ref], by_ref[Side.RIGHT][proposal.right.ref]
        comments = tuple(mirrored_comments(*both))
        found.twins.append(TwinPair(proposal.left, proposal.right, proposal.score, proposal.reasons, comments))
    return found


def twin_of(context: PairContext, left: Observed, right: Observed, reason: str) -> TwinPair:
    """Two items that somebody names as one, with the comments that say the same."""
    readings = [next(_readings(context, side, [item])) for side, item in zip(Side, (left, right), strict=True)]
    return TwinPair(left, right, 1.0, (reason,), tuple(mirrored_comments(*readings)))


def with_differences(context: PairContext, twins: Iterable[TwinPair]) -> Iterator[TwinPair]:
    """The same with what would wait and what would be filled in if they were linked now."""
    decisions = trusting(context)
    for twin in twins:
        both = twin.left, twin.right
        link = link_of(context, "", *both)
        link = agreed_as_shown(decisions, link, *both, agreed_but_for_traces(context, decisions, link, *both))
        decided = decided_as_linked(decisions, link, twin.left, twin.right)
        conflicts = tuple(row.field for row in decided.record.conflicts)
        filled = tuple(dict.fromkeys(name for update in decided.updates for name in update.wanted))
        yield replace(twin, conflicts=conflicts, filled=filled)


def alike_without_link(context: PairContext) -> int:
    """How many tasks a pair that has linked nothing would double; asks no tracker."""
    if context.rules.create is Direction.OFF or any(context.store.links.count(context.name).values()):
        return 0
    return sum(twin.sure for twin in find_twins(context, ask_links=False).twins)


def doubled(pair: str, count: int) -> str:
    """Why a pair does not begin while items of both sides look alike, and how to go on."""
    are = plural(count, "task looks", "tasks look")
    return (
        f"{are} alike on both sides and would be doubled by a first sync. Link them: syncer adopt --pair {pair}"
        f" --accept {SURE}. Those that are not one: syncer adopt --pair {pair} --apart"
    )


def unlinked_tasks(context: PairContext) -> dict[Side, list[Observed]]:
    """The tasks of both sides that have no partner and are not our own.

    What was set apart is among them: it is no longer proposed, and nothing else is in its place.
    """
    store, pair = context.store, context.name
    taken: set[tuple[Side, Ref]] = set()
    for adopt in recognised(context, Kind.TASK):
        taken |= {(Side.LEFT, adopt.left.ref), (Side.RIGHT, adopt.right.ref)}
    shared = SharedScopes(context)
    there = {side: list(store.observed.unlinked(pair, side, Kind.TASK)) for side in Side}
    elsewhere = {side: shared.kept(side, items) for side, items in there.items()}
    return {
        side: [
            item
            for item in there[side]
            if item.marker is None and (side, item.ref) not in taken and item.ref not in elsewhere[side]
        ]
        for side in Side
    }


def _proposals(
    context: PairContext,
    readings: Mapping[Side, Sequence[Reading]],
    links: Mapping[Side, Mapping[Ref, tuple[str, ...]]],
) -> list[Proposal]:
    left, right = (Material(readings[side], links[side]) for side in Side)
    return propose(left, right, context.rules.adopt_patterns)


def _readings(context: PairContext, side: Side, items: Sequence[Observed]) -> Iterator[Reading]:
    """Each item with its text, its author's name and those of its comments that have no mirror."""
    markup = context.connectors[side].markup
    comments: dict[Ref, list[Observed]] = {item.ref: [] for item in items}
    for comment in _unlinked_comments(context, side, items):
        if comment.parent in comments:
            comments[comment.parent].append(comment)
    for item in items:
        said = tuple(comments[item.ref])
        texts = tuple("\n".join(exposed(markup.read(_body(one)))) for one in said)
        yield Reading(item, exposed(markup.read(_body(item))), _author(context, side, item), said, texts)


def _unlinked_comments(context: PairContext, side: Side, items: Sequence[Observed]) -> Iterator[Observed]:
    """The comments without a mirror: all of a side's in one stream, or those of a single item."""
    store, pair = context.store, context.name
    if len(items) > 1:
        yield from store.observed.unlinked(pair, side, Kind.COMMENT)
        return
    for item in items:
        found = store.observed.comments_of(pair, side, item.ref)
        linked = store.links.partners(pair, side, [one.ref for one in found])
        yield from (one for one in found if one.ref not in linked)


def _body(item: Observed) -> str:
    return str(item.showing.get(Field.BODY) or "")


def _author(context: PairContext, side: Side, item: Observed) -> str:
    """The name in `[[people]]`; empty for programs and strangers."""
    if item.author is None or item.author.bot:
        return ""
    known = (one for one in context.rules.people if one.accounts.get(side, "").casefold() == item.author.id.casefold())
    person = next(known, None)
    return "" if person is None else person.name


def _ask_for_links(
    context: PairContext, side: Side, items: Sequence[Observed], found: Twins
) -> dict[Ref, tuple[str, ...]]:
    """The remote links of items, where their tracker has any: one request an item."""
    connector = context.connectors[side]
    if not isinstance(connector, RemoteLinks) or not items:
        return {}
    known: dict[Ref, tuple[str, ...]] = {}
    failed = 0
    for done, (item, answer) in enumerate(zip(items, connector.remote_links(items), strict=True), start=1):
        context.check_stop()
        context.progress.step(f"remote links {side}", done, len(items))
        if isinstance(answer, tuple):
            known[item.ref] = answer
        else:
            failed += 1
    if failed:
        found.unasked.append(
            f"{context.addresses[side]}: the remote links of {failed} of {len(items)} items are not told"
        )
    return known


# --- as links


def ends_of_twin(one: Proposal | TwinPair) -> tuple[tuple[Side, Observed], ...]:
    """Both items, each with its side."""
    return ((Side.LEFT, one.left), (Side.RIGHT, one.right))


def _origin(left: Observed, right: Observed) -> Side:
    """Where a person made it first: what a program wrote is the copy, else what is younger."""
    bots = {side: item.author is not None and item.author.bot for side, item in zip(Side, (left, right), strict=True)}
    if bots[Side.LEFT] is not bots[Side.RIGHT]:
        return Side.RIGHT if bots[Side.LEFT] else Side.LEFT
    return Side.LEFT if left.created <= right.created else Side.RIGHT


def link_of(context: PairContext, identity: str, left: Observed, right: Observed) -> Link:
    """The link of two items that were never in step: without a base."""
    return adopted_link(identity, context.name, Adopt(left, right, _origin(left, right), ""))


def but_for_traces(context: PairContext, left: Observed, right: Observed) -> frozenset[Field]:
    """The texts of two tasks that differ only in what a tool, or whoever mirrored them, wrote to name the other one."""
    found = set()
    titles = [title_alone(str(item.showing.get(Field.TITLE) or "")) for item in (left, right)]
    if titles[0] == titles[1] and titles[0]:
        found.add(Field.TITLE)
    texts = [
        words_alone(exposed(context.connectors[side].markup.read(_body(item))))
        for side, item in zip(Side, (left, right), strict=True)
    ]
    if texts[0] == texts[1]:
        found.add(Field.BODY)
    return frozenset(found)


def agreed_but_for_traces(
    context: PairContext, decisions: DecisionContext, link: Link, left: Observed, right: Observed
) -> frozenset[Field]:
    """The fields that would wait although they differ only in such traces: each side keeps its own words."""
    waits = {row.field for row in decided_as_linked(decisions, link, left, right).record.conflicts}
    return frozenset(waits & but_for_traces(context, left, right)) if waits & {Field.TITLE, Field.BODY} else frozenset()


def agreed_as_shown(
    decisions: DecisionContext, link: Link, left: Observed, right: Observed, names: Collection[Field]
) -> Link:
    """A link of which these fields agree although both sides show them differently."""
    if not names:
        return link
    base = {
        side: {
            name.value: encode_view(value) for name, value in decisions.views[side].look(item).items() if name in names
        }
        for side, item in zip(Side, (left, right), strict=True)
    }
    return replace(link, base=base, memory=LinkMemory(inexact=frozenset(names)))


def trusting(context: PairContext) -> DecisionContext:
    """Decisions as if it were known that everybody may read what is carried: nothing of it is written here."""
    return replace(decision_context(context, StorePages(context)), trusting=True)


def decided_as_linked(decisions: DecisionContext, link: Link, left: Observed, right: Observed) -> Reconciled:
    """What a run would decide about a link."""
    return LinkReconciler(decisions, LinkedItems(link, left, right), left, right).decide()
