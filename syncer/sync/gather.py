"""What decisions depend on besides the items themselves, as the store has it now. Asks no tracker, writes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, lru_cache

from syncer.contract.connector import Connector
from syncer.contract.files import FileHolder, FileSource
from syncer.contract.model import Audience, Field, Kind, Observed, Ref, Side
from syncer.contract.roster import names_in
from syncer.core.audience import of_scope
from syncer.core.custom_fields import only_fitting
from syncer.core.decision_context import DecisionContext
from syncer.core.files import FileKeeper, KnownFiles
from syncer.core.records import LinkState
from syncer.core.rules import SubTasks
from syncer.core.side_view import SideView, ends_of
from syncer.core.text_sync import Prose
from syncer.richtext.markup import Markup
from syncer.sync.context import PairContext
from syncer.sync.identities import rules_of
from syncer.sync.sharing import NOWHERE_ELSE, SharedScopes


class StorePages:
    """Pages and keys of linked tasks, for references in texts; remembers what it found for one run."""

    def __init__(self, context: PairContext) -> None:
        self._context = context
        self._pages: dict[tuple[Side, str], tuple[str, str]] = {}
        self._profiles: dict[tuple[Side, str], str] = {}
        self._named: dict[Side, frozenset[str]] = {}

    def partner_page(self, to: Side, url: str) -> tuple[str, str] | None:
        """Key and page on `to` of the task whose page on the other side is `url`."""
        if (to, url) not in self._pages:
            page = self._look_up(to, url)
            if page is None:
                return None
            self._pages[to, url] = page
        return self._pages[to, url]

    def _look_up(self, to: Side, url: str) -> tuple[str, str] | None:
        store, pair = self._context.store, self._context.name
        item = store.observed.by_url(pair, to.other, url)
        partner = store.links.partner(pair, to.other, item.ref) if item is not None else None
        there = store.observed.get(pair, to, partner) if partner is not None else None
        return (there.key, there.url) if there is not None else None

    def profile(self, side: Side, account: str) -> str:
        """The profile page of an account, empty when unknown."""
        if (side, account) not in self._profiles:
            found = self._context.connectors[side].account(account)
            self._profiles[side, account] = found.url if found else ""
        return self._profiles[side, account]

    def known(self, side: Side, login: str) -> bool:
        """Whether a person or team has to do with the pair: wrote something, was assigned it, or is in the roster."""
        if login.casefold() not in self._named.get(side, ()):
            self._named[side] = self._names(side)  # anew for each unknown name: people appear during a run
        return login.casefold() in self._named[side]

    def _names(self, side: Side) -> frozenset[str]:
        store, pair = self._context.store, self._context.name
        met = store.identities.of_pair(pair, side)
        read = store.rosters.get(pair, side)
        logins = [name for each in met for name in (each.login, each.known_as) if name]
        return frozenset(name.casefold() for name in (*logins, *(names_in(read.roster) if read else ())))


def views_of(context: PairContext) -> dict[Side, SideView]:
    """Both sides through the rules of the pair, as the store knows now which tasks are linked."""
    former = context.store.pairs.former_labels(context.name)
    folded = {side: frozenset(one.casefold() for one in labels) for side, labels in former.items()}
    rules = replace(context.rules, former_labels=folded) if folded else context.rules

    def view(side: Side) -> SideView:
        @lru_cache(maxsize=4_096)
        def linked(native: str) -> bool:
            return in_step(context, side, Ref(Kind.TASK, native))

        return SideView(rules, side, context.connectors[side].capabilities, linked)

    return {side: view(side) for side in Side}


def unlinked_below(context: PairContext) -> Callable[[Side, Ref], Sequence[Observed]]:
    """Finds the tasks without a partner below a task, the oldest first, for pairs whose mirrors list them.

    What another pair brought or took along, or is written by people of another place, is left out.
    """

    @cache
    def by_parent(side: Side) -> Mapping[str, Sequence[Observed]]:
        alone = context.store.observed.unlinked(context.name, side, Kind.TASK)
        below = [item for item in alone if isinstance(item.showing.get(Field.PARENT), str)]
        elsewhere = SharedScopes(context).look(side, below)
        found: dict[str, list[Observed]] = {}
        for item in sorted(below, key=lambda item: (item.created, item.ref)):
            other = elsewhere.get(item.ref, NOWHERE_ELSE)
            if not other.kept and Field.TITLE not in other.behind:
                found.setdefault(str(item.showing[Field.PARENT]), []).append(item)
        return found

    if context.rules.sub_tasks is not SubTasks.LIST:
        return lambda _side, _task: ()
    return lambda side, task: by_parent(side).get(task.id, ())


def in_step(context: PairContext, side: Side, task: Ref) -> bool:
    """Whether a task is linked, and still there on both sides."""
    store, pair = context.store, context.name
    link = store.links.of_item(pair, side, task)
    if link is None or link.state is LinkState.RETIRED:
        return False
    return all(store.observed.get(pair, end, link.ref(end)) is not None for end in Side)


def decision_context(context: PairContext, pages: StorePages) -> DecisionContext:
    """Everything a decision depends on besides the items, as the store knows it now."""
    store, pair = context.store, context.name
    states = {side: store.pairs.side(pair, side) for side in Side}

    @lru_cache(maxsize=64)
    def task(side: Side, ref: Ref) -> Observed | None:
        return store.observed.get(pair, side, ref)

    def task_key(side: Side, ref: Ref) -> str:
        item = task(side, ref)
        return item.key if item else ""

    def ends(side: Side, name: Field, native: str) -> tuple[str, ...]:
        item = store.observed.get(pair, side, Ref(Kind.TASK, native))
        return ends_of(item.showing.get(name)) if item is not None else ()

    audiences = {
        side: of_scope(context.rules, side, state.audience) for side, state in states.items() if state is not None
    }

    decided = {(row.link, row.field): row for row in store.conflicts.of_pair(pair) if row.decision is not None}
    rules = only_fitting(rules_of(context), {side: context.connectors[side].capabilities for side in Side})
    return DecisionContext(
        rules=rules,
        views=views_of(context),
        prose=Prose(
            rules,
            _Markups(context.connectors),
            pages,
            _files(context, audiences),
        ),
        audiences=audiences,
        partner=lambda side, ref: store.links.partner(pair, side, ref),
        task_key=task_key,
        ends=ends,
        decisions={place: row.decision or "" for place, row in decided.items()},
        deciders={place: row.decided_by for place, row in decided.items() if row.decided_by},
        now=context.now(),
        task=task,
        in_several=SharedScopes(context).in_several,
        sub_tasks=unlinked_below(context),
    )


class _Markups(Mapping[Side, Markup]):
    """The markup of each side, asked of its connector with the first text: most runs read none."""

    def __init__(self, connectors: Mapping[Side, Connector]) -> None:
        self._connectors = connectors

    def __getitem__(self, side: Side) -> Markup:
        return self._connectors[side].markup

    def __iter__(self) -> Iterator[Side]:
        return iter(self._connectors)

    def __len__(self) -> int:
        return len(self._connectors)


def _files(context: PairContext, audiences: Mapping[Side, Audience]) -> KnownFiles:
    """The files of the pair: where they are kept, where they come from, and what became of those that were met."""
    connectors = context.connectors
    places = {
        side: FileKeeper(tracker.capabilities.files_in, audiences.get(side, Audience.RESTRICTED), tracker.file_at)
        for side, tracker in connectors.items()
        if isinstance(tracker, FileHolder) and tracker.capabilities.files_in
    }
    sources = {side: tracker.file_address for side, tracker in connectors.items() if isinstance(tracker, FileSource)}
    return KnownFiles(lambda: context.store.files.of_pair(context.name), places, sources)
