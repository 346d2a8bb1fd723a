"""The text of one pair: reading, comparing, carrying across and merging of bodies and comments.

What is compared is the canonical document without our own header or footer, with mentions and references named by who
and what they mean rather than by where they point. What is carried keeps the other side's source wherever its blocks
already say the same (`Markup.patch`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from syncer.contract.model import Kind, Observed, Ref, Side
from syncer.core.conflict_text import Edited
from syncer.core.files import KnownFiles
from syncer.core.origin import EMPHASIS, Origin, Origins, named_by, named_in, unwrap, wrap
from syncer.core.rules import PairRules
from syncer.core.sub_task_text import (
    MOST_LISTED,
    NO_LIST,
    KnownList,
    ListedTask,
    known_list,
    list_blocks,
    may_hold_list,
    recorded_list,
    taken_apart,
    together,
)
from syncer.core.wording import same_words
from syncer.richtext import Document, Paragraph, Run, RunKind, digest, map_runs, runs_of
from syncer.richtext.links import issue_key
from syncer.richtext.markup import Markup, Presuming, Written

if TYPE_CHECKING:
    from syncer.core.text_merge import Pick

Tasks = Mapping[Side, Observed | None]
"""The task that a text belongs to, on both sides; None where there is none yet."""
NO_TASKS: Tasks = MappingProxyType(dict.fromkeys(Side))
_NAMED = re.compile(r"(?<![\w/@.])@(\w+(?:[./-]+\w+)*)", re.ASCII)
"""A word that a sign makes look like somebody's name."""


class Pages(Protocol):
    """Where things are on either side, as far as the store knows."""

    def partner_page(self, to: Side, url: str) -> tuple[str, str] | None:
        """Key and page on `to` of the task whose page on the other side is `url`; None when it is not linked."""
        ...

    def profile(self, side: Side, account: str) -> str:
        """The profile page of an account, empty when unknown."""
        ...

    def known(self, side: Side, login: str) -> bool:
        """Whether a person or team of this name has to do with the pair."""
        ...


@dataclass(frozen=True, slots=True)
class Edit:
    """Sources of a text that is carried: the other side's now and when both agreed, and what the target shows."""

    now: str
    base: str | None
    """None when the sides never agreed."""
    shown: str | None
    """None for a new item."""


class Prose:
    """Text of one pair. Pure apart from asking `pages`."""

    def __init__(
        self, rules: PairRules, markups: Mapping[Side, Markup], pages: Pages, files: KnownFiles | None = None
    ) -> None:
        self._rules = rules
        self.files = files or KnownFiles()
        """The pictures and files that texts refer to."""
        self._markups = markups
        self._pages = pages
        self._canonical = lru_cache(maxsize=256)(self._read_canonical)
        self._recorded = lru_cache(maxsize=64)(self._read_recorded)
        self._list_now = lru_cache(maxsize=64)(self._read_list)
        self._list_before = lru_cache(maxsize=64)(self._read_recorded_list)

    def document(self, side: Side, source: str, origin: Origin | None) -> Document:
        """What a side's source says, without our header or footer; `origin` is what it is the mirror of."""
        document = self._markups[side].read(source)
        if origin is None:
            return document
        recorded, worded = (
            ("", False) if origin.recorded is None else self._recorded(side, origin.kind, *origin.recorded)
        )
        worded = worded or (bool(origin.said) and bool(recorded or origin.recorded is None))
        document = unwrap(document, origin.kind, {origin.url, recorded} - {""}, recorded, worded=worded)
        return taken_apart(document, self._known_list(side, origin))[0]

    def _known_list(self, side: Side, origin: Origin) -> KnownList:
        """What tells the list of sub-tasks in the text of a mirror."""
        mirror, original = origin.recorded or ("", "")
        known = [self._list_now(side, origin.key, origin.url, origin.listed)] if origin.listed else []
        known += [
            self._list_before(side, before, original) for before in (mirror, origin.sent) if may_hold_list(before)
        ]
        return together(known) if known else NO_LIST

    def _read_list(self, side: Side, key: str, url: str, listed: tuple[ListedTask, ...]) -> KnownList:
        return known_list(self._as_listed(side, key, url, listed))

    def _as_listed(self, side: Side, key: str, url: str, listed: Sequence[ListedTask]) -> Document:
        """A list of sub-tasks as a side reads it once it is written there."""
        markup = self._markups[side]
        return markup.read(markup.write(Document(list_blocks(key, url, listed))).source)

    def _read_recorded_list(self, side: Side, mirror: str, original: str) -> KnownList:
        return recorded_list(self._markups[side].read(mirror), self._markups[side.other].read(original))

    def _read_recorded(self, side: Side, kind: Kind, mirror: str, original: str) -> tuple[str, bool]:
        """What our header or footer named when both agreed, and whether in words of a template.

        What the original began or ended with too is its text.
        """
        before, source = self._markups[side].read(mirror), self._markups[side.other].read(original)
        for worded in (False, True):
            named = named_in(before, kind, worded=worded)
            if named and named != named_in(source, kind, worded=worded):
                return named, worded
        if kind is Kind.TASK:  # people wrote below it, and what they wrote was carried
            theirs = {named_by(block, kind) for block in source.blocks}
            inside = [named for block in before.blocks if (named := named_by(block, kind)) and named not in theirs]
            return (inside[0] if len(inside) == 1 else ""), False
        return "", False

    def canonical(self, side: Side, source: str, origins: Origins, tasks: Tasks = NO_TASKS) -> Document:
        """The same with mentions, references and files by meaning, for comparison only."""
        return self._canonical(side, source, origins[side], self.files.keeper(side, tasks))

    def _read_canonical(self, side: Side, source: str, origin: Origin | None, task: Ref | None) -> Document:
        return map_runs(self.document(side, source, origin), partial(self._meaning, side, task))

    def same(self, side: Side, one: str, two: str, origins: Origins, tasks: Tasks = NO_TASKS) -> bool:
        """Whether two sources of one side say the same."""
        read = partial(self.canonical, side, origins=origins, tasks=tasks)
        return one == two or digest(read(one)) == digest(read(two))

    def agree(self, sources: Mapping[Side, str], origins: Origins, tasks: Tasks = NO_TASKS) -> bool:
        """Whether the two sides say the same."""
        left, right = (digest(self.canonical(side, sources[side], origins, tasks)) for side in Side)
        return left == right

    def same_words(self, sources: Mapping[Side, str], origins: Origins, tasks: Tasks = NO_TASKS) -> bool:
        """Whether the two sides hold the same words, which they still do where only our reading of them changed."""

        def shown(run: Run) -> str:
            page = self._pages.partner_page(Side.LEFT, run.target)
            if run.kind is RunKind.MENTION:
                return self._person(run.target) or run.text
            return page[0] if page else issue_key(run.target) or run.text

        left, right = (
            self._exchange(Side.LEFT, self.document(side, sources[side], origins[side]), tasks) for side in Side
        )
        return same_words(left, right, shown)

    def empty(self, side: Side, source: str, origins: Origins) -> bool:
        """Whether a source says nothing."""
        return not self.document(side, source, origins[side]).blocks

    def carry(self, to: Side, edit: Edit, origins: Origins, continued_at: str, tasks: Tasks = NO_TASKS) -> Written:
        """The source for `to` that says what the other side says now.

        A side that holds more than the other shows (quotes inside quotes, a layout) keeps it: only what was edited
        since both agreed travels. `tasks` says on which tasks files of the text are kept.
        """
        from syncer.richtext.carrying import carried  # much, and most runs carry no text
        from syncer.richtext.cutting import is_cut

        document = self._exchange(to, self.document(to.other, edit.now, origins[to.other]), tasks)
        kept = None if edit.shown is None else self.document(to, edit.shown, origins[to])
        document = document if kept is None else self._named_again(document, kept)
        if kept is not None and edit.base is not None and not is_cut(kept, continued_at):
            before = self._exchange(to, self.document(to.other, edit.base, origins[to.other]), tasks)
            document = carried(kept, self._named_again(before, kept), document)
        return self.put(to, document, edit.shown, origins[to], continued_at)

    def put(self, to: Side, document: Document, shown: str | None, origin: Origin | None, continued_at: str) -> Written:
        """A document in `to`'s own terms, written over what it shows."""
        markup = self._markups[to]
        if origin is not None and len(self._known_list(to, origin).lines) < len(origin.listed[:MOST_LISTED]):
            origin = replace(origin, listed=())  # what is not read as it was written could not be told from a text
        wrapped = wrap(document, origin)
        if shown is None:
            written = markup.write(wrapped, live=self._live(to), continued_at=continued_at)
        else:
            written = markup.patch(shown, wrapped, live=self._live(to), continued_at=continued_at)
        if written.truncated and origin is not None and origin.listed:  # what people wrote has the room first
            return self.put(to, document, shown, replace(origin, listed=()), continued_at)
        return written

    def kept(self, side: Side, document: Document) -> str:
        """A document in a side's own terms that is kept by us alone: a mention in it notifies nobody."""
        named = frozenset(run.target for run in runs_of(document.blocks) if run.kind is RunKind.MENTION)
        return self._markups[side].write(document, live=named).source

    def typed(self, to: Side, text: str, shown: str, origin: Origin | None, continued_at: str) -> Written:
        """Plain text a person typed at a terminal, a blank line between paragraphs, written over what `to` shows."""
        paragraphs = (paragraph.strip() for paragraph in text.split("\n\n"))
        blocks = tuple(Paragraph((Run(paragraph),)) for paragraph in paragraphs if paragraph)
        return self.put(to, Document(blocks), shown, origin, continued_at)

    def editable(self, side: Side, sources: Mapping[Side, str], origins: Origins, tasks: Tasks) -> dict[Side, str]:
        """Both sides' texts in the markup of one of them, without our header or footer, as a person edits them."""
        markup = self._markups[side]
        own = self.document(side, sources[side], origins[side])
        foreign = self._exchange(side, self.document(side.other, sources[side.other], origins[side.other]), tasks)
        return {side: markup.patch(sources[side], own).source, side.other: markup.write(foreign).source}

    def is_plain(self, side: Side) -> bool:
        """Whether people write the markup of a side: plain words stand in it as they are."""
        words = "plain words"
        return self._markups[side].write(Document((Paragraph((Run(words),)),))).source.strip() == words

    def edited(
        self, to: Side, edited: Edited, shown: str, origins: Origins, continued_at: str, tasks: Tasks
    ) -> Written:
        """What a person edited in the markup of one side, written over what `to` shows."""
        document = self._markups[edited.side].read(edited.source)
        if to is not edited.side:
            document = self._exchange(to, document, tasks)
        return self.put(to, document, shown, origins[to], continued_at)

    def footed(self, side: Side, source: str, origin: Origin) -> Written:
        """The same text of a mirror with the footer that its origin asks for now."""
        return self.put(side, self.document(side, source, origin), source, origin, "")

    def tombstone(self, side: Side, source: str, key: str, origin: Origin | None) -> Written:
        """What a mirrored comment shows once its original was deleted: its header, and a note."""
        blocks = self._markups[side].read(source).blocks
        kept = blocks[: len(blocks) - len(self.document(side, source, origin).blocks)]
        note = Paragraph(
            (Run(f"This comment was deleted on {key}." if key else "This comment was deleted.", marks=EMPHASIS),)
        )
        return self._markups[side].write(Document((*kept, note)))

    def refreshed(self, side: Side, source: str, task: Observed | None, continued_at: str) -> Written | None:
        """The source of a side with files that were added to its task shown as such; None where there are none."""
        changed = self.files.refreshed(side, self._markups[side].read(source), task)
        if changed is None:
            return None
        return self._markups[side].patch(source, changed, live=self._live(side), continued_at=continued_at)

    def relisted(self, side: Side, source: str, origin: Origin | None) -> Written | None:
        """The source of a mirror with the sub-tasks of its original as they are now; None where none changed."""
        if origin is None or origin.kind is not Kind.TASK:
            return None
        known = self._known_list(side, origin)
        if not known.lines:  # as of nearly every text: nothing is listed, and nothing was
            return None
        texts = (
            self._markups[side].read(source),
            self._markups[side].read("" if origin.recorded is None else origin.recorded[0]),
            self._as_listed(side, origin.key, origin.url, origin.listed),
        )
        shown, agreed, wanted = (digest(taken_apart(text, known)[1]) for text in texts)
        if wanted in {shown, agreed}:  # who takes it away is not fought with: it comes with the next change
            return None
        written = self.footed(side, source, origin)
        return None if written.truncated or written.source == source else written

    def merge(
        self, base: Mapping[Side, str], now: Mapping[Side, str], origins: Origins, tasks: Tasks = NO_TASKS
    ) -> dict[Side, Document] | None:
        """Both sides' edits in one document for each side; None where they touch the same block.

        Where a side can show the text only more poorly, what it shows of a block counts as that block.
        """
        from syncer.core.text_merge import merged_blocks

        old, new = (
            {side: self.canonical(side, sources[side], origins, tasks).blocks for side in Side}
            for sources in (base, now)
        )
        picks = merged_blocks(old, new)
        if picks is None:
            return None
        native = {side: self.document(side, now[side], origins[side]) for side in Side}
        if any(len(native[side].blocks) != len(new[side]) for side in Side):
            return None
        return {side: self._assemble(side, picks, native, tasks) for side in Side}

    def _assemble(self, to: Side, picks: Sequence[Pick], native: Mapping[Side, Document], tasks: Tasks) -> Document:
        own, other = native[to], self._exchange(to, native[to.other], tasks)
        foreign = self._named_again(other, own).blocks
        chosen = (own.blocks[pick[to]] if to in pick else foreign[pick[to.other]] for pick in picks)
        return Document(tuple(block for blocks in chosen for block in blocks))

    def _meaning(self, side: Side, task: Ref | None, run: Run) -> Run:
        match run.kind:
            case RunKind.REFERENCE:
                page = self._pages.partner_page(Side.LEFT, run.target)
                return Run("", RunKind.REFERENCE, run.marks, target=page[1] if page else run.target)
            case RunKind.MENTION if person := self._person(run.target):
                return Run("", RunKind.MENTION, run.marks, target=f"person:{person}")
            case RunKind.MENTION if login := self._presumed(run):
                return Run(f"@{login}")
            case RunKind.MENTION:
                return Run("", RunKind.MENTION, run.marks, target=run.target)
            case _:
                return self.files.meaning(side, run, task)

    def _exchange(self, to: Side, document: Document, tasks: Tasks) -> Document:
        def exchange(run: Run) -> Run:
            match run.kind:
                case RunKind.REFERENCE if (page := self._pages.partner_page(to, run.target)) is not None:
                    return Run(page[0], RunKind.REFERENCE, run.marks, target=page[1])
                case RunKind.MENTION if (profile := self._profile(to, run.target)) is not None:
                    return Run(run.text, RunKind.MENTION, run.marks, target=profile)
                case RunKind.MENTION if (login := self._presumed(run)) and not self._is_known(to.other, run, login):
                    return Run(f"@{login}")
                case _:
                    return run

        return self.files.exchange(to, map_runs(document, exchange), tasks)

    def _presumed(self, run: Run) -> str:
        """The name of a mention that may be a mere word, in whichever of the two markups it was read."""
        markups = (markup for markup in self._markups.values() if isinstance(markup, Presuming))
        return next((login for markup in markups if (login := markup.presumed(run))), "")

    def _is_known(self, side: Side, run: Run, login: str) -> bool:
        return self._person(run.target) is not None or self._pages.known(side, login)

    def _named_again(self, document: Document, kept: Document) -> Document:
        """The document with each word a mention that is one in the text it goes to."""
        mentions = {login: run for run in runs_of(kept.blocks) if (login := self._presumed(run))}
        if not mentions:
            return document

        def again(run: Run) -> Run | list[Run]:
            if run.kind is not RunKind.TEXT or run.link or "@" not in run.text:
                return run
            pieces: list[Run] = []
            done = 0
            for found in _NAMED.finditer(run.text):
                if mention := mentions.get(found[1]):
                    pieces.extend((replace(run, text=run.text[done : found.start()]), mention))
                    done = found.end()
            return [*pieces, replace(run, text=run.text[done:])]

        return map_runs(document, again)

    def _person(self, profile: str) -> str | None:
        for person in self._rules.people:
            accounts = () if person.unsure else (*person.accounts.values(), *person.logins.values())
            if any(profile.endswith((f"/{account}", f"={account}")) for account in accounts):
                return person.name
        return None

    def _profile(self, side: Side, profile: str) -> str | None:
        """The profile on `side` of the person behind a profile of the other side, where mentions are carried at all."""
        name = self._person(profile) if self._rules.mention_people else None
        account = next((person.login(side) for person in self._rules.people if person.name == name), None)
        return (self._pages.profile(side, account) or None) if account else None

    def _live(self, side: Side) -> frozenset[str]:
        if not self._rules.mention_people:
            return frozenset()
        accounts = (person.login(side) for person in self._rules.people)
        return frozenset(profile for account in accounts if account and (profile := self._pages.profile(side, account)))
