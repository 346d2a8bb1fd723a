"""Items that both sides already have become links: `syncer adopt`. Nothing is written to a tracker.

Without a base nothing wins: the next run takes equal values for agreed, fills what one side lacks, and lets the rest
wait with both values, unless somebody said before which side is preferred.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from syncer.contract.model import Field, Kind, Observed, Side
from syncer.core.change import Tally
from syncer.core.decision_context import DecisionContext
from syncer.core.link_list import Lookup
from syncer.core.records import Conflict, Link
from syncer.core.rules import Policy
from syncer.store import Lease
from syncer.sync.context import PairContext
from syncer.sync.gather import StorePages
from syncer.sync.pair_run import PairRun
from syncer.sync.twins import (
    TwinPair,
    agreed_as_shown,
    agreed_but_for_traces,
    decided_as_linked,
    ends_of_twin,
    link_of,
    trusting,
)

Preferences = Mapping[Field | None, Policy]
"""Which side a field is taken from where both sides differ and never agreed; under None for all others."""


@dataclass(frozen=True, slots=True)
class Adopted:
    """What adopting did to the state."""

    tasks: int
    comments: int


class NotAdoptable(Exception):  # a decision
    """Nothing was adopted: an item changed since it was proposed. Has a sentence for each."""

    def __init__(self, sentences: Sequence[str]) -> None:
        super().__init__("; ".join(sentences))
        self.sentences = tuple(sentences)


def read_both(context: PairContext, lease: Lease, *, sweep: bool = True) -> None:
    """Reads both sides completely into the state, and finds out whether it can be trusted. Raises Refused."""
    run = PairRun(context, lease, Tally(context.name), StorePages(context))
    run.judge_state(run.look(sweep=sweep))


def adopt(context: PairContext, lease: Lease, twins: Sequence[TwinPair], prefer: Preferences) -> Adopted:
    """Links what is one, and its comments, in one transaction. Raises NotAdoptable where something changed since.

    Writes to no tracker. What is preferred becomes a decided conflict, which the next run carries out.
    """
    _require_unlinked(context, twins)
    decisions = trusting(context)
    links = [(_task_link(context, decisions, twin, prefer), twin) for twin in twins]
    comments = [link for twin in twins for link in _comment_links(context, decisions, twin)]
    context.store.links.save_all(lease, [*(link for link, _ in links), *comments])
    for side in Side:
        context.store.apart.remove(
            lease, side, [twin.left.ref if side is Side.LEFT else twin.right.ref for twin in twins]
        )
    if prefer:
        for link, twin in links:
            _decide(context, lease, decisions, link, twin, prefer)
    return Adopted(len(links), len(comments))


def lookup_of(context: PairContext) -> Lookup:
    """How the tasks of both sides are found by their key, however its letters are written, or by their address."""
    store, pair = context.store, context.name
    keys: dict[Side, dict[str, Observed]] = {side: {} for side in Side}
    for side in Side:
        for item in store.observed.items(pair, side, Kind.TASK):
            keys[side] |= {item.key.casefold(): item, item.url.rstrip("/").casefold(): item}
    return lambda side, called: keys[side].get(called.strip().rstrip("/").casefold())


def set_apart(context: PairContext, lease: Lease, twins: Sequence[TwinPair], *, by: str, why: str) -> int:
    """Remembers both items of each as apart; how many items these are."""
    for side in Side:
        refs = [twin.left.ref if side is Side.LEFT else twin.right.ref for twin in twins]
        context.store.apart.add(lease, side, refs, since=context.clock(), by=by, why=why)
    return 2 * len(twins)


def _task_link(context: PairContext, decisions: DecisionContext, twin: TwinPair, prefer: Preferences) -> Link:
    """The link of two tasks. What differs only in a tool's words agrees as it is, unless one value is preferred."""
    link = link_of(context, context.identity(), twin.left, twin.right)
    agreed = {name for name in agreed_but_for_traces(context, decisions, link, twin.left, twin.right)
              if prefer.get(name, prefer.get(None)) is None}  # fmt: skip
    return agreed_as_shown(decisions, link, twin.left, twin.right, agreed)


def _comment_links(context: PairContext, decisions: DecisionContext, twin: TwinPair) -> Iterator[Link]:
    """Links of mirrored comments. One that differs only by what stands above the words agrees as it is."""
    for left, right in twin.comments:
        link = link_of(context, context.identity(), left, right)
        waits = {row.field for row in decided_as_linked(decisions, link, left, right).record.conflicts}
        yield agreed_as_shown(decisions, link, left, right, waits)


def _require_unlinked(context: PairContext, twins: Sequence[TwinPair]) -> None:
    store, pair = context.store, context.name
    wrong: list[str] = []
    for twin in twins:
        for side, item in ends_of_twin(twin):
            if store.observed.get(pair, side, item.ref) is None:
                wrong.append(f"{item.key} is not there any more")
            elif store.links.of_item(pair, side, item.ref) is not None:
                wrong.append(f"{item.key} was linked meanwhile")
    if wrong:
        raise NotAdoptable(wrong)


def _decide(
    context: PairContext, lease: Lease, decisions: DecisionContext, link: Link, twin: TwinPair, prefer: Preferences
) -> None:
    """Notes for each field that would wait which side it is to be taken from."""
    for row in decided_as_linked(decisions, link, twin.left, twin.right).record.conflicts:
        policy = prefer.get(row.field, prefer.get(None))
        if policy is not None and policy is not Policy.ASK:
            context.store.conflicts.record(lease, _preferred(context, row, policy, twin))


def _preferred(context: PairContext, row: Conflict, policy: Policy, twin: TwinPair) -> Conflict:
    side = policy.value
    if policy is Policy.NEWEST:
        side = Side.RIGHT.value if twin.right.updated > twin.left.updated else Side.LEFT.value
    return replace(row, policy=policy.value, decision=side, decided_at=context.clock())
