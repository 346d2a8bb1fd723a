"""Whether this state is the one that wrote what is there, and what a run leaves alone where it is not.

Looked at after reading and before the first write: as whom the two sides are written, whether a copy of this state is
at work somewhere else, whether a backup took its place, and whether it was lost.

A change of the rules must not look like an edit either: links that nobody touched since take their base from what they
show now.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product

from syncer.contract.model import MISPLACED, Field, Kind, Observed, Ref, Side
from syncer.core.amounts import plural
from syncer.core.change import Skip, Tally, called
from syncer.core.codec import digest
from syncer.core.decision_context import DecisionContext
from syncer.core.guard import Refusal
from syncer.core.markers import Provenance, misplaced_sources, pair_of, provenance, quotes_marker
from syncer.core.records import MOVED, Link, LinkedItems, LinkState
from syncer.core.rule_change import AgreedRules, concerns, encode_people, names_concerned, only_people_changed
from syncer.core.side_view import SideView, encode_view
from syncer.core.steering import shows_label
from syncer.core.update_result import distrusted
from syncer.core.waiting import Why
from syncer.store import Lease, OwnAccountRecord
from syncer.sync.context import PairContext
from syncer.sync.former_labels import note_former_labels
from syncer.sync.gather import views_of
from syncer.sync.ledger import came_into_view
from syncer.sync.missing import MissingItems
from syncer.sync.pull import chunks

_log = logging.getLogger(__name__)

AT_ONCE = 500
"""So many links are written in one commit."""

QUOTED = "the marker in its text is not ours: it is an ordinary item of its author"
LOST = "the state knows no item of this pair, although it was in step before"


def introduce(context: PairContext, lease: Lease) -> None:
    """Tells both connectors as whom this pair was ever written, and keeps the account it is written with now."""
    for side in Side:
        connector, store = context.connectors[side], context.store
        kept = store.lineage.own_accounts(context.name, side)
        connector.recognise([account.native for account in kept])
        credential = context.credentials[side]
        if all(account.credential != credential for account in kept) and (me := connector.own_account()) is not None:
            record = OwnAccountRecord(credential, me.native, me.login, context.clock())
            store.lineage.keep_account(lease, side, record)


@dataclass(frozen=True, slots=True)
class Unlinked:
    """What the items in no link say of where they come from."""

    ours: Sequence[tuple[Observed, Provenance]]
    """Those that one of our accounts created for this pair, with what their markers say."""
    moved: Sequence[tuple[Side, Observed]]
    """Those of our accounts in which somebody moved or doubled a marker of this pair."""
    quoting: Sequence[tuple[Side, Observed]]
    """Those of other people in whose text stands what looks like a marker of this pair."""
    labelled: Sequence[tuple[Side, Observed]] = ()
    """Those that bear the label by which people pause an item."""
    unheard: frozenset[str] = frozenset()
    """Pairs for which one of our accounts created items here, and of which neither state nor configuration knows."""


def unlinked(context: PairContext) -> Unlinked:
    """Looks through the items in no link, once."""
    ours, moved, quoting, labelled = [], [], [], []
    pairs: set[str] = set()
    apart = context.store.apart.of(context.name)
    for side, kind in product(Side, Kind):
        for item in context.store.observed.unlinked(context.name, side, kind):
            if shows_label(context.rules.steer_label, item) and (side, item.ref) not in apart:
                labelled.append((side, item))
            found = provenance(context.names, item.marker)
            pairs |= {pair} if (pair := pair_of(item.marker)) is not None else set()
            if found is not None:
                ours.append((item, found))
            elif misplaced_sources(context.names, item.marker):
                moved.append((side, item))
            elif item.marker is None and quotes_marker(context.names, str(item.showing.get(Field.BODY) or "")):
                quoting.append((side, item))
    strange = pairs - {*context.names} - context.configured
    unheard = {pair for pair in strange if context.store.pairs.taken_at(pair) is None}
    return Unlinked(ours, moved, quoting, labelled, frozenset(unheard))


def another_copy(context: PairContext, found: Unlinked) -> Refusal | None:
    """Why nothing may be written: an item bears the name of this state, and this state did not create it.

    Nothing is concluded from what the state has linked, from its own past under another id or before the pair was
    forgotten, from another pair's marker or from one without a number.
    """
    identity, forgotten = context.store.lineage.identity(), context.store.naming.forgotten_up_to(context.names)
    for item, marker in found.ours:
        if marker.state == identity and marker.number > forgotten and not _known(context, item, marker):
            return Refusal(
                f"{called(item)} ({item.url}) was created by another copy of this state, or by a newer one: its create"
                f" number {marker.number} is not known to the state in {context.store.lineage.place}. Stop the other"
                " copy for good, or put the newer one here; to go on with this one: syncer restore --here"
            )
    return None


def _known(context: PairContext, item: Observed, found: Provenance) -> bool:
    return (
        item.marker is not None
        and context.store.journal.create_with(context.name, found.source, item.marker) is not None
    )


def notice_loss(context: PairContext, lease: Lease, found: Unlinked) -> None:
    """Has creates wait where the state knows no link of the pair and mirrors of the pair exist: this is no first sync.

    An item whose mirror was deleted looks then like one that never had a mirror. So it is where mirrors of a pair exist
    that neither the state nor the configuration knows: this one may have been called so.
    """
    store, pair = context.store, context.name
    if store.lineage.creates_await_consent(pair) is not None or any(store.links.count(pair).values()):
        return
    if found.moved or any(not _known(context, item, marker) for item, marker in found.ours):
        store.lineage.set_creates_await_consent(lease, pair, LOST)
    elif found.unheard:
        former = min(found.unheard)
        store.lineage.set_creates_await_consent(
            lease,
            pair,
            f'items were created here for a pair "{former}" that nobody names any more; if it is this one, set'
            f' formerly = ["{former}"] in [[pairs]]',
        )


def tell_oddities(context: PairContext, found: Unlinked, tally: Tally) -> None:
    """Says once of each item that what looks like our marker in it is not, or is not where we wrote it."""
    odd = [(f"marker:{side}:{item.ref}", item, QUOTED) for side, item in found.quoting]
    odd += [(f"{MISPLACED}{side}:{item.ref}", item, MOVED) for side, item in found.moved]
    store, pair = context.store, context.name
    told = store.notifications.told(pair)
    for key, item, reason in odd:
        if key not in told:
            tally.example(item, "marker", reason)
            _log.info(reason, extra={"item": item.key, "author": item.author and item.author.id})
            store.notifications.tell(pair, [key], context.clock())


def distrust_the_backup(context: PairContext, lease: Lease, decision_context: DecisionContext) -> None:
    """Compares what a backup holds with a complete reading, once: what was changed since has no base any more."""
    store, pair = context.store, context.name
    for state in (LinkState.ACTIVE, LinkState.HELD):
        for several in chunks(store.links.of_pair(pair, state=state), AT_ONCE):
            store.links.save_all(lease, [distrusted(decision_context, items) for items in several])
    store.lineage.compared_since_restore(lease)


def agree_to_creates(context: PairContext, lease: Lease, missing: MissingItems, number: int) -> None:
    """Lets creates go on that wait for consent, if there are as many as a person was told. Raises ValueError."""
    waiting = awaiting_consent(missing)
    if len(waiting) != number:
        raise ValueError(
            f"{plural(len(waiting), 'create waits', 'creates wait')} for consent, not {number}: look at them with"
            f" `syncer preview --pair {context.name}`, then approve that number"
        )
    context.store.lineage.set_creates_await_consent(lease, context.name, None)
    context.store.observed.agree_to_what_came(lease)


def tell_awaiting(context: PairContext, lease: Lease, missing: MissingItems, *, complete: bool) -> str:
    """Why creates of a pair wait and how many there are; empty where none does.

    After a complete reading in which nothing had to wait there is no doubt left: what comes then is new.
    """
    store, pair = context.store, context.name
    reason = store.lineage.creates_await_consent(pair)
    if reason is None and not store.pairs.creates_waiting(pair) and not store.observed.came_into_view(pair):
        return ""
    number = len(awaiting_consent(missing))
    store.pairs.set_creates_waiting(lease, number)
    if reason is not None and complete and not number:
        store.lineage.set_creates_await_consent(lease, pair, None)
    if not number:
        return ""
    deleted = f"{plural(number, 'item')} may have had a mirror that was deleted"
    why, are = f"{reason}: {deleted}" if reason else came_into_view(number), "is" if number == 1 else "are"
    return f"{why}, and {are} not created without consent: syncer sync --pair {pair} --approve-creates {number}"


def awaiting_consent(missing: MissingItems) -> list[tuple[Side, Ref]]:
    """The sides on which something would be created, and its sources, if a person agreed to it."""
    return [
        (found.side, found.item.ref)
        for kind in Kind
        for found in missing.of(kind, pending=True)
        if isinstance(found, Skip) and found.why is Why.CONSENT
    ]


def apply_rule_change(context: PairContext, lease: Lease) -> bool:
    """Brings the links under the rules of now, where these are others; whether both sides are to be read completely.

    Where nothing but people changed, reading tells nothing new, and only links that have to do with them are touched.
    """
    before, now = context.store.pairs.agreed_rules(context.name), _rules_of_now(context)
    if before == now:
        return False
    changed = before is not None and before.fingerprint != now.fingerprint
    names = _people_concerned(context, before, now) if before is not None and only_people_changed(before, now) else None
    if changed and names is None:
        note_former_labels(context, lease)
    if changed and names != frozenset():
        _bring_under_new_rules(context, lease, names)
    covered = before.fingerprint if before is not None and names is not None else None
    context.store.pairs.agree_on_rules(lease, now, covered=covered)
    return changed and names is None


def _rules_of_now(context: PairContext) -> AgreedRules:
    people = [] if context.without_people is None else encode_people(context.rules.people)
    return AgreedRules(context.fingerprint, context.without_people, people)


def _people_concerned(context: PairContext, before: AgreedRules, now: AgreedRules) -> frozenset[str]:
    known = {side: context.store.identities.of_pair(context.name, side) for side in Side}
    return names_concerned(before, now, known)


def _bring_under_new_rules(context: PairContext, lease: Lease, names: frozenset[str] | None) -> None:
    """Has every link decided again that has to do with people of these `names` (None: all), some at a time."""
    store, views = context.store, views_of(context)
    waiting = {(row.link, row.field) for row in store.conflicts.of_pair(context.name)}
    for several in chunks(store.links.of_pair(context.name, state=LinkState.ACTIVE), AT_ONCE):
        concerned = [items for items in several if names is None or concerns(names, items)]
        after = [_under_new_rules(items, views, waiting) for items in concerned]
        store.links.save_all(lease, [link for link, items in zip(after, concerned, strict=True) if link != items.link])


def _under_new_rules(items: LinkedItems, views: dict[Side, SideView], waiting: set[tuple[str, Field]]) -> Link:
    """The link, unsettled; its base read again under the new rules where neither side moved since it was settled."""
    link = items.link
    shown = {side: items.side(side) for side in Side}
    if any(item is None or link.settled.get(side) != digest(item) for side, item in shown.items()):
        return replace(link, settled={})
    # What was kept back keeps its base: it flows once the new rules allow it.
    kept = {one.field for one in link.differs} | {
        name for pending_fields in link.memory.pending.values() for name in pending_fields
    }
    base = {side: dict(link.base.get(side, {})) for side in Side}
    for side, item in shown.items():
        if item is None:
            continue
        for name, value in views[side].look(item).items():
            if name in kept or (link.id, name) in waiting:
                continue
            if name.value in base[side] and name.value in base[side.other]:
                base[side][name.value] = encode_view(value)
    return replace(link, base=base, settled={})
