"""`syncer explain`: why a field has its value. Who, when, which rule, which run: from the state alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from syncer.commands.conflicts import as_json as conflict_as_json
from syncer.commands.conflicts import shown
from syncer.commands.failures import CommandFailed
from syncer.commands.naming_fields import field_named
from syncer.commands.opening import find, open_settings, open_store
from syncer.commands.options import ConfigOption, JsonOption, PairOption, StateOption, VerboseOption, add
from syncer.commands.output import console, emit, printable
from syncer.core.amounts import moment
from syncer.core.conflict_text import said

if TYPE_CHECKING:
    from syncer.contract.model import Field, Observed, Side
    from syncer.core.records import ApartItem, FieldChange, Link, Operation
    from syncer.core.rules import PairRules
    from syncer.core.steering import PausedItem
    from syncer.richtext.markup import Markup
    from syncer.store import Store

_CHANGES = 8
"""Changes of a field that are shown; `-v` shows all."""


def register(app: typer.Typer) -> None:
    """Adds the command."""
    add(
        app,
        "explain",
        explain,
        "syncer explain PAY-7",
        "syncer explain acme/pay#12 status",
        "syncer explain PAY-7 title --json",
    )


def explain(
    item: Annotated[str, typer.Argument(metavar="REF", help="A key (PAY-7, acme/pay#12) or the address of its page.")],
    field: Annotated[str | None, typer.Argument(metavar="[FIELD]", help="One field: title, status, labels ...")] = None,
    pair: PairOption = None,
    json: JsonOption = False,
    verbose: VerboseOption = 0,
    config: ConfigOption = None,
    state: StateOption = None,
) -> None:
    """Tell why an item's fields have their values: who changed what, when, under which rule, written by which run.

    Asks no tracker; it knows what was seen up to the last sync.
    """
    from syncer.app.wiring import build_markups, build_rules

    settings = open_settings(config, state, verbose, only=pair)
    only = None if field is None else field_named(settings, field, "FIELD")
    with open_store(settings) as store:
        found = [
            explanation(store, build_rules(settings, configured), side, shown_item, only)
            for configured, side, shown_item in find(store, settings.pairs, item, pair)
        ]
    if not found:
        raise CommandFailed(
            "unknown",
            f"{item} is not known; `syncer sync` reads both trackers, and keys are written like PAY-7 or acme/pay#12.",
        )
    if json:
        emit({"items": found})
        return
    markups = build_markups(settings)
    for entry in found:
        _tell(entry, verbose, {side.value: markup for side, markup in markups[entry["pair"]].items()})


def explanation(store: Store, pair: PairRules, side: Side, item: Observed, only: Field | None) -> dict[str, Any]:
    """Everything the state knows about one item, field by field, as JSON."""
    from syncer.core.codec import encode_fields
    from syncer.core.records import OperationState

    within = store.comment_digests.of_comment(pair.name, side, item.ref)
    link = store.links.of_item(pair.name, side, within or item.ref)
    partner = None if link is None else store.observed.get(pair.name, side.other, link.ref(side.other))
    showing = {
        one: encode_fields(shown_item.showing)
        for one, shown_item in ((side, item), (side.other, partner))
        if shown_item
    }
    operations: dict[str, Operation] = {}
    for shown_item in (item, partner):
        if shown_item is not None:
            operations |= {op.id: op for op in store.journal.latest(pair.name, ref=shown_item.ref, limit=1000)}
    past = _changes(store, pair.name, side, item, partner)
    held = {name for values in showing.values() for name, value in values.items() if value not in (None, "", [])}
    names = held | {change.field.value for change in past if change.field}
    # What is watched for the report (a sprint) is told once where a declared field of that name carries it.
    carried = {_called(name) for name in names if _called(name) != name}
    told = [change for change in past if change.field is None or change.field.value not in carried]
    changes = [_change(store, change, operations) for change in told]
    fields = [only.value] if only else sorted(names - carried)
    conflicts = [
        conflict for conflict in store.conflicts.of_pair(pair.name) if link is not None and conflict.link == link.id
    ]
    return {
        "pair": pair.name,
        "side": side.value,
        "key": item.key,
        "url": item.url,
        "author": None if item.author is None else item.author.name or item.author.id,
        "created": item.created.isoformat(),
        "partner": None if partner is None else {"key": partner.key, "url": partner.url},
        "link": None if link is None else _link(link),
        "digest": within is not None,
        "steered": _steered(store, pair.name, {side: item, side.other: partner}),
        "writes": [
            _write(operation) for operation in operations.values() if operation.state is not OperationState.DONE
        ],
        "names": {one.value: _milestones(store, pair.name, one, values) for one, values in showing.items()},
        "keys": {one.value: _ends(store, pair.name, one, values) for one, values in showing.items()},
        "events": [change for change in changes if change["field"] is None],
        "fields": {
            _called(name): {
                **{one.value: values.get(name) for one, values in showing.items()},
                "as_labels": {one.value: _as_labels(pair, one, name, values) for one, values in showing.items()},
                "base": {} if link is None else {one.value: base.get(name) for one, base in link.base.items()},
                "leads_to_tasks": _leads(name),
                "rule": _rule(pair, name),
                "changes": [change for change in changes if change["field"] == _called(name)],
                "conflicts": [conflict_as_json(store, found) for found in conflicts if found.field.value == name],
            }
            for name in fields
        },
    }


def _called(name: str) -> str:
    """What people call a field or trait of the state."""
    from syncer.contract.history import aspect

    return str(aspect(name))


def _milestones(store: Store, pair: str, side: Side, showing: dict[str, Any]) -> dict[str, str]:
    """The titles of the milestones an item shows, by their ids."""
    from syncer.contract.model import Field, Kind, Ref

    found = store.observed.get_many(
        pair, side, [Ref(Kind.MILESTONE, native) for native in showing.get("milestones") or ()]
    )
    return {ref.id: str(item.showing.get(Field.TITLE, item.key)) for ref, item in found.items()}


def _ends(store: Store, pair: str, side: Side, showing: dict[str, Any]) -> dict[str, str]:
    """The keys of the tasks that an item leads to, by their ids."""
    from syncer.contract.model import Field, Kind, Ref
    from syncer.core.codec import decode_value
    from syncer.core.side_view import ends_of

    natives = {native for name in showing if Field(name).leads for native in ends_of(decode_value(showing[name]))}
    found = store.observed.get_many(pair, side, [Ref(Kind.TASK, native) for native in natives])
    return {ref.id: item.key for ref, item in found.items()}


def _changes(store: Store, pair: str, side: Side, item: Observed, partner: Observed | None) -> list[FieldChange]:
    changes = list(store.history.changes(pair, side=side, ref=item.ref))
    if partner is not None:
        changes += store.history.changes(pair, side=side.other, ref=partner.ref)
    return sorted(changes, key=lambda change: (change.at, change.seen_at))


def _change(store: Store, change: FieldChange, operations: dict[str, Operation]) -> dict[str, Any]:
    operation = operations.get(change.operation or "")
    actor = None if change.actor is None else store.history.account_name(change.pair, change.side, change.actor)
    return {
        "side": change.side.value,
        "field": None if change.field is None else str(change.field),
        "at": change.at.isoformat(),
        "seen_at": change.seen_at.isoformat(),
        "by": "syncer" if change.operation else actor,
        "old": change.old,
        "new": change.new,
        "reason": None if operation is None else operation.reason,
        "run": None if operation is None else operation.run,
    }


def _write(operation: Operation) -> dict[str, Any]:
    """A write that did not simply happen: refused, held, or with an unknown outcome."""
    return {
        "at": operation.at.isoformat(),
        "verb": operation.verb.value,
        "side": operation.side.value,
        "state": operation.state.value,
        "reason": operation.reason,
        "outcome": operation.outcome,
        "run": operation.run,
    }


def _link(link: Link) -> dict[str, Any]:
    return {
        "id": link.id,
        "origin": link.origin.value,
        "state": link.state.value,
        "reason": link.explanation,
        "attempts": link.attempts,
        "retry_at": None if link.retry_at is None else link.retry_at.isoformat(),
        "linked": dict(zip(("by", "at"), link.memory.linked, strict=False)) or None,
    }


def _steered(store: Store, pair: str, items: Mapping[Side, Observed | None]) -> list[dict[str, Any]]:
    """What people asked for about an item or its partner: that it is paused, or apart."""
    from syncer.sync.ledger import paused_so

    refs = {side: item.ref for side, item in items.items() if item is not None}
    found = [
        _as_steered("paused", paused, paused_so(store, pair, paused, item), until=paused.until, label=paused.label)
        for paused in store.paused.listed(pair)
        if (item := items.get(paused.side)) is not None and item.ref == paused.ref
    ]
    for apart in store.apart.listed(pair):
        if refs.get(apart.side) == apart.ref:
            former = None if apart.partner is None else store.observed.get(pair, apart.side.other, apart.partner)
            parted = "apart" if former is None else f"apart from {former.key}"
            said = f"{parted} since {moment(apart.since.astimezone())} by {apart.by}"
            found.append(_as_steered("apart", apart, f"{said}: {apart.why}" if apart.why else said))
    return found


def _as_steered(
    what: str, one: PausedItem | ApartItem, said: str, *, until: datetime | None = None, label: str = ""
) -> dict[str, Any]:
    return {
        "what": what, "since": one.since.isoformat(), "by": one.by, "why": one.why,
        "until": None if until is None else until.isoformat(), "label": label, "said": said,
    }  # fmt: skip


def _as_labels(pair: PairRules, side: Side, name: str, showing: dict[str, Any]) -> list[str]:
    """The labels by which a side shows a field: of a map, or of a component where it has no components."""
    from syncer.contract.model import Field
    from syncer.core.side_view import TERM_FIELDS, decode_label

    terms = {field.value for field in TERM_FIELDS}
    labels = [str(label) for label in showing.get(Field.LABELS.value) or ()]
    if name in terms:
        return [label for label in labels if label.casefold() in pair.labels_of(Field(name), side)]
    prefix = pair.component_prefix.casefold()
    if name != Field.COMPONENTS or showing.get(name) or not prefix:
        return []
    return [label for label in labels if decode_label(label).casefold().startswith(prefix)]


def _leads(name: str) -> bool:
    """Whether an aspect leads to tasks, which have keys."""
    from syncer.contract.history import aspect
    from syncer.contract.model import Field

    known = aspect(name)
    return isinstance(known, Field) and known.leads


def _rule(pair: PairRules, name: str) -> dict[str, str]:
    from syncer.contract.history import Trait, aspect

    known = aspect(name)
    if isinstance(known, Trait):
        return {"direction": "off"}  # watched, never carried
    rule = pair.rule(known)
    return {"direction": rule.direction.value, "on_conflict": rule.on_conflict.value}


def _tell(entry: dict[str, Any], verbose: int, markups: Mapping[str, Markup]) -> None:
    screen = console()
    partner = entry["partner"]
    screen.print(printable(f"{entry['key']}  {entry['url']}"))
    if partner is None:
        waits = "waits to be carried in a digest" if entry["digest"] else "is on this side only: not linked"
        screen.print(f"  {waits}")
    else:
        screen.print(printable(f"  = {partner['key']}  {partner['url']}  (pair {entry['pair']})"))
        if entry["digest"]:
            screen.print("  with other old comments of its task, which are carried as one (backfill)")
    link = entry["link"]
    if link is not None and link["state"] != "active":
        screen.print(printable(f"  {link['state']}: {link['reason']}"))
    if link is not None and link["linked"]:
        screen.print(printable(f"  linked by {link['linked']['by']}, {_local(link['linked']['at'])}"))
    for steered in entry["steered"]:
        screen.print(printable(f"  {steered['said']}"))
    for write in entry["writes"]:
        text = f"{write['state']}: {write['verb']} on the {write['side']} side: {write['outcome'] or write['reason']}"
        screen.print(printable(f"  {_local(write['at'])}  {text} (run {write['run']})"))
    for event in entry["events"]:
        screen.print(f"  {_local(event['at'])}  {event['side']}: {event['new']} {_by(event)}")
    for name, field in entry["fields"].items():
        rule = ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in field["rule"].items())
        screen.print(f"{name}  ({rule})")
        called = entry["keys" if field["leads_to_tasks"] else "names"]
        for side, names in sorted(called.items()):
            title = partial(_named, names)
            screen.print(printable(f"  {side:5}  {_shown(name, field, side, title, markups[side])}"))
        changes = field["changes"] if verbose else field["changes"][-_CHANGES:]
        for change in changes:
            title, markup = partial(_named, called[change["side"]]), markups[change["side"]]
            old, new = (shown(name, change[when], 40, title, markup) for when in ("old", "new"))
            step = f"{old} → {new}"
            screen.print(f"  {_local(change['at'])}  {change['side']}: {step} {_by(change)}")
        for conflict in field["conflicts"]:
            screen.print(printable(f"  conflict {conflict['id']} {_standing(conflict)}"))


def _shown(name: str, field: dict[str, Any], side: str, title: Callable[[str], str], markup: Markup) -> str:
    """What a side shows of a field, by itself or by labels."""
    labels = ", ".join(f"“{label}”" for label in field["as_labels"][side])
    value = shown(name, field[side], 100, title, markup)
    if not labels:
        return value
    return f"as label {labels}" if field[side] is None else f"{value}, with label {labels}"


def _standing(conflict: dict[str, Any]) -> str:
    if conflict["decision"] is not None:
        who = f" by {conflict['decided_by']}" if conflict["decided_by"] else ""
        return f"is decided{who}: {said(conflict['decision'])}; the next sync writes it"
    return f"waits: syncer conflicts {conflict['id']}, then syncer resolve {conflict['id']} left|right|edit"


def _by(change: dict[str, Any]) -> str:
    if change["reason"]:
        return printable(f"by syncer: {change['reason']} (run {change['run']})")
    return f"by {printable(change['by'])}" if change["by"] else "by a person"


def _named(names: dict[str, str], native: str) -> str:
    return names.get(native, native)


def _local(stored: str) -> str:
    """A stored moment as the clock on this machine's wall showed it, with its zone."""
    return moment(datetime.fromisoformat(stored).astimezone())
