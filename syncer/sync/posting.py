"""One comment or one issue of ours that is edited in place: a report of the week, the answer to a command.

It is written as everything is: under the pair's lock, within the rate budget, journal first, one request, a lost answer
settled by reading. Its marker tells the sync to leave it alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from syncer.contract.connector import Intent
from syncer.contract.errors import Ambiguous, Gone, TrackerError
from syncer.contract.model import Audience, Draft, Field, Kind, Observed, Ref, Showing, Side
from syncer.core.audience import of_scope
from syncer.core.change import Tally
from syncer.core.codec import decode_fields, encode_fields
from syncer.core.posts import is_post, is_post_named, post_marker
from syncer.core.records import Operation, OperationState, Verb
from syncer.richtext import Document, same
from syncer.store import Lease
from syncer.sync.context import PairContext, clock_told
from syncer.sync.gather import StorePages, decision_context
from syncer.sync.pull import ask_audience
from syncer.sync.write import Writer


@dataclass(frozen=True, slots=True)
class Post:
    """What is posted where."""

    name: str
    side: Side
    on: str | None
    """Key of the task whose comment it is; None: an issue of its own."""
    title: str
    """Of an issue of its own."""
    text: Document
    readers: Audience
    """Who may read everything that the report tells of: the narrowest of the scopes it was made from."""
    publish: bool = False
    """Whether more people than those may read it."""
    answers: Observed | None = None
    """The comment that it answers, where that has fewer readers than its task: nobody else reads it either."""
    edited_only: bool = False
    """Whether it is only brought up to date where it is there already."""


class PostOutcome(StrEnum):
    """What became of a post."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    """Somebody has to change something first."""
    WAITING = "waiting"
    """The next call tries again."""


@dataclass(frozen=True, slots=True)
class Posted:
    """What became of a post, and where it is or why it is not."""

    outcome: PostOutcome
    told: str


class NotPosted(Exception):  # a decision
    """Nothing may or can be posted as things are."""


class Posting:
    """One post, under the lease of its pair."""

    def __init__(self, context: PairContext, lease: Lease, wanted: Post) -> None:
        self._context, self._lease, self._wanted = context, lease, wanted
        self._connector = context.connectors[wanted.side]
        self._source = self._connector.markup.write(wanted.text).source

    def execute(self) -> Posted:
        """Settles what an earlier call left open, then creates, edits, or leaves it."""
        self._require_readers()
        parent = self._parent()
        writer = Writer(
            self._context,
            self._lease,
            decision_context(self._context, StorePages(self._context)),
            Tally(self._context.name),
        )
        self._settle(writer)
        shown = self._shown(writer, parent)
        if shown is None:
            return Posted(PostOutcome.UNCHANGED, "") if self._wanted.edited_only else self._create(writer, parent)
        patch = self._patch(shown)
        return self._update(writer, shown, patch) if patch else Posted(PostOutcome.UNCHANGED, shown.url)

    def _require_readers(self) -> None:
        asked = ask_audience(self._context, self._lease, self._wanted.side)
        told = of_scope(self._context.rules, self._wanted.side, asked.audience)
        reads = Audience.PUBLIC if told is Audience.RESTRICTED else told
        if reads > self._wanted.readers and not self._wanted.publish:
            raise NotPosted(
                f"more people can read {self._context.addresses[self._wanted.side]} than what the report tells of;"
                " publish = true allows it"
            )

    def _parent(self) -> Observed | None:
        if self._wanted.on is None:
            return None
        found = self._context.store.observed.by_key(self._context.name, self._wanted.side, self._wanted.on)
        if found is None or found.kind is not Kind.TASK:
            raise NotPosted(f"{self._wanted.on} was not read by any sync: name a task of the pair")
        return found

    # --- what is there

    def _shown(self, writer: Writer, parent: Observed | None) -> Observed | None:
        """Our post as the tracker shows it now; None when there is none, or somebody deleted it."""
        for item in self._known(parent):
            answer = self._connector.read([item])[0]
            if isinstance(answer, Observed):
                return answer
            if not (isinstance(answer, Gone) and answer.deleted):
                raise answer
            writer.mark_gone(self._wanted.side, item)
        return None

    def _known(self, parent: Observed | None) -> list[Observed]:
        """The items with its marker, oldest first: whoever copies a post copies the marker."""
        kind = Kind.TASK if parent is None else Kind.COMMENT
        there = self._context.store.observed.unlinked(self._context.name, self._wanted.side, kind)
        ours = [
            item
            for item in there
            if is_post_named(item.marker, self._context.name, self._wanted.name)
            and (parent is None or item.parent == parent.ref)
        ]
        return sorted(ours, key=lambda item: item.created)

    def _patch(self, shown: Observed) -> Showing:
        """The fields that do not say yet what they should."""
        markup, body = self._connector.markup, shown.showing.get(Field.BODY)
        patch: dict[Field, str] = {}
        if not isinstance(body, str) or not same(markup.read(body), markup.read(self._source)):
            patch[Field.BODY] = self._source
        if shown.kind is Kind.TASK and shown.showing.get(Field.TITLE) != self._wanted.title:
            patch[Field.TITLE] = self._wanted.title
        return patch

    # --- writing

    def _create(self, writer: Writer, parent: Observed | None) -> Posted:
        identity = self._context.identity()
        kind = Kind.TASK if parent is None else Kind.COMMENT
        marker = post_marker(self._context.name, self._wanted.name, identity)
        draft = Draft(kind, self._fields(parent), marker, parent, self._wanted.answers)
        writer.prepare(self._wanted.side, creates=1)
        operation = Operation(
            id=identity, pair=self._context.name, run=self._lease.run, epoch=self._lease.epoch, verb=Verb.CREATE,
            side=self._wanted.side, kind=kind, source=Ref(kind, f"report:{self._wanted.name}:{identity}"), target=None,
            marker=marker,
            payload={
                "after": clock_told(self._context, self._wanted.side),
                "fields": encode_fields(draft.fields),
                "parent": str(parent.ref) if parent else None,
            },
            reason=f"{self._wanted.name} is posted", state=OperationState.SENT, at=self._context.clock(),
        )  # fmt: skip
        self._context.store.journal.begin(self._lease, [operation])
        try:
            (made,) = self._connector.create([draft])
        except Ambiguous:
            made = self._found(writer, operation, draft)
        except TrackerError as error:
            made = error
        return self._created(writer, operation, made)

    def _fields(self, parent: Observed | None) -> Showing:
        if parent is not None:
            return {Field.BODY: self._source}
        kinds = self._context.rules.default_type
        named = {Field.TYPE: kinds[self._wanted.side]} if self._wanted.side in kinds else {}
        return {Field.TITLE: self._wanted.title, Field.BODY: self._source, **named}

    def _created(self, writer: Writer, operation: Operation, made: Observed | TrackerError) -> Posted:
        if isinstance(made, TrackerError):
            writer.conclude(operation, OperationState.FAILED, None, None, f"{type(made).__name__}: {made}")
            raise made
        writer.conclude(replace(operation, target=made.ref), OperationState.DONE, made, None)
        return Posted(PostOutcome.CREATED, made.url)

    def _update(self, writer: Writer, shown: Observed, patch: Showing) -> Posted:
        writer.prepare(self._wanted.side, creates=0)
        reason = f"{self._wanted.name} tells of something else"
        operation = writer.operation(Verb.UPDATE, self._wanted.side, shown, None, encode_fields(patch), reason)
        self._context.store.journal.begin(self._lease, [operation])
        try:
            after = self._connector.update(shown, patch)
        except TrackerError as error:
            writer.conclude(operation, OperationState.FAILED, None, None, f"{type(error).__name__}: {error}")
            raise
        writer.conclude(operation, OperationState.DONE, after, None)
        return Posted(PostOutcome.UPDATED, after.url)

    # --- what an earlier call left open

    def _settle(self, writer: Writer) -> None:
        """Finds out what became of posts whose answer was lost. Raises TrackerError when that cannot be told."""
        for operation in self._context.store.journal.open(self._context.name):
            if not is_post(operation.marker) or operation.side is not self._wanted.side:
                continue
            assert operation.marker is not None  # noqa: S101 - just looked at
            parent = operation.payload["parent"]
            above = (
                self._context.store.observed.get(self._context.name, operation.side, Ref.parse(parent))
                if parent
                else None
            )
            draft = Draft(operation.kind, decode_fields(operation.payload["fields"]), operation.marker, above)
            found = self._found(writer, operation, draft)
            state = OperationState.DONE if isinstance(found, Observed) else OperationState.FAILED
            shown = found if isinstance(found, Observed) else None
            writer.conclude(
                replace(operation, target=None if shown is None else shown.ref),
                state,
                shown,
                None,
                "settled by reading",
            )

    def _found(self, writer: Writer, operation: Operation, draft: Draft) -> Observed | TrackerError:
        """What a request with a lost answer made, by consistent reads."""
        try:
            found = self._connector.find([Intent(draft, operation.after)])
        except TrackerError as error:
            if operation.state is OperationState.SENT:
                writer.conclude(operation, OperationState.AMBIGUOUS, None, None, str(error))
            raise
        if draft.marker not in found and writer.may_arrive(operation):
            raise Ambiguous("the answer was lost, and the request may still arrive")
        return found.get(draft.marker) or Ambiguous("it had no effect: the answer was lost")
