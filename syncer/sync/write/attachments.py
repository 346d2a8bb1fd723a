"""Adding to a task what texts of its other side refer to: each content once, whatever happens on the way.

And noticing what people take away again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from syncer.contract.errors import Ambiguous, Denied, Gone, Rejected, Retryable, TrackerError, Unreadable
from syncer.contract.files import Attached, File, FileHolder, FileSource
from syncer.contract.model import Field, Observed, Ref, Side
from syncer.core.change import Skip
from syncer.core.files import WantedFiles
from syncer.core.link_setbacks import GIVE_UP_AFTER
from syncer.core.records import CarriedFile, FileState, Operation, OperationState, Verb
from syncer.core.trusted_time import LONGEST_BACKOFF
from syncer.core.waiting import Why
from syncer.sync.context import OutOfBudget
from syncer.sync.write.writer import Writer

UNDER_WAY = timedelta(minutes=1)
"""When a file is looked at again whose upload nobody knows the outcome of."""


@dataclass(frozen=True, slots=True)
class Attaching:
    """Reads wanted files from one side and adds them to a task of the other."""

    writer: Writer

    def carry(self, wanted: WantedFiles) -> None:
        """Adds what can be added; what becomes of each file is recorded. Raises Denied, OutOfBudget, TrackerDown."""
        context = self.writer.context
        source, holder = context.connectors[wanted.side.other], context.connectors[wanted.side]
        if not isinstance(source, FileSource) or not isinstance(holder, FileHolder):
            return
        for address in wanted.addresses:
            known = self._known(wanted.side, wanted.task.ref).get(address)
            met = known or CarriedFile(
                context.name, wanted.side, wanted.task.ref, address, FileState.WAITING, context.clock()
            )
            context.check_stop()
            try:
                file = source.fetch(wanted.source, address, context.rules.attachments)
            except Denied:
                raise
            except TrackerError as error:
                self._failed(met, wanted.source, error)
            else:
                self._keep(holder, wanted, met, file)

    def _keep(self, holder: FileHolder, wanted: WantedFiles, met: CarriedFile, file: File) -> None:
        known = self._known(wanted.side, wanted.task.ref).values()
        same = _of_content(known, file.digest)
        if same is not None:
            self.writer.context.store.files.save(self.writer.lease, replace(same, address=met.address, at=met.at))
            return
        if self._is_under_way(wanted, file):
            self._wait(met, wanted.source)
            return
        shown = [name for name, _ in wanted.task.facts.files]
        ours = {each.name for each in known}
        try:
            found = self._found_again(holder, wanted.task, file, [name for name in shown if name not in ours])
            if found is not None:
                self.writer.context.store.files.save(self.writer.lease, _kept(met, file.digest, found))
                return
            taken = {name.casefold() for name in (*shown, *ours)}
            name = file.told_apart if file.safe_name.casefold() in taken else file.safe_name
            self._add(holder, wanted, met, file, name)
        except (Denied, OutOfBudget):
            raise
        except TrackerError as error:
            self._failed(met, wanted.source, error)

    def _found_again(self, holder: FileHolder, task: Observed, file: File, strangers: Sequence[str]) -> Attached | None:
        """What an earlier state added to a task: by the digest in its name, else by its name and size."""
        digests = [name for name in strangers if file.digest[:16] in name]
        names = [*digests, *(name for name in strangers if name == file.safe_name)]
        looked = (holder.attached(task, name, len(file.content)) for name in names)
        return next((found for found in looked if found is not None), None)

    def _add(self, holder: FileHolder, wanted: WantedFiles, met: CarriedFile, file: File, name: str) -> None:
        """Journals the upload, sends it once, and settles by reading what a lost answer left open."""
        self.writer.prepare(wanted.side, creates=0)
        payload = {"address": met.address, "name": name, "digest": file.digest, "bytes": len(file.content)}
        reason = f"a text of {wanted.source.key} refers to {file.name}"
        operation = self.writer.operation(Verb.ATTACH, wanted.side, wanted.task, wanted.source, payload, reason)
        self.writer.begin([operation])
        try:
            attached = holder.attach(wanted.task, file, name)
        except Ambiguous as error:
            if not self.settle(holder, operation, wanted.task, met, error):
                self.writer.conclude(operation, OperationState.FAILED, None, None, f"no effect: {error}")
                self.writer.tally.retry += 1
        except TrackerError as error:
            outcome = f"{type(error).__name__}: {error}"
            self.writer.conclude(operation, OperationState.FAILED, None, None, outcome)
            if isinstance(error, Retryable) and error.budget:
                raise OutOfBudget(wanted.side, error.after or timedelta(minutes=1)) from error
            raise
        else:
            self._added(operation, _kept(met, file.digest, attached))

    def settle(
        self, holder: FileHolder, operation: Operation, task: Observed, met: CarriedFile, error: TrackerError
    ) -> bool:
        """Finds out by a consistent read whether a file was added whose answer was lost; whether it is there.

        Of one that is not there the caller says what that means. Raises TrackerError where nothing can be told.
        """
        try:
            found = holder.attached(task, operation.payload["name"], operation.payload["bytes"])
        except Gone:
            found = None
        except TrackerError as unknown:
            self.writer.conclude(operation, OperationState.AMBIGUOUS, None, None, f"{error}; then {unknown}")
            self.writer.tally.retry += 1
            raise
        if found is not None:
            self._added(operation, _kept(met, operation.payload["digest"], found))
        return found is not None

    def _is_under_way(self, wanted: WantedFiles, file: File) -> bool:
        """Whether nobody knows yet what became of an earlier upload of the same content to the same task."""
        return any(
            (one.verb, one.side, one.target) == (Verb.ATTACH, wanted.side, wanted.task.ref)
            and one.payload["digest"] == file.digest
            for one in self.writer.context.store.journal.open(self.writer.context.name)
        )

    def _wait(self, met: CarriedFile, source: Observed) -> None:
        """Leaves a file to a coming run, without counting it as a failure of the file."""
        later, said = self.writer.context.now() + UNDER_WAY, "an earlier upload of it may still arrive"
        waiting = replace(met, state=FileState.WAITING, reason=said, retry_at=later)
        self.writer.context.store.files.save(self.writer.lease, waiting)
        self.writer.tally.example(source, "failed", said)

    def _added(self, operation: Operation, file: CarriedFile) -> None:
        now = self.writer.context.clock()
        done = replace(operation, state=OperationState.DONE, settled_at=now)
        self.writer.context.store.files.conclude(self.writer.lease, done, file)
        self.writer.failures = 0
        self.writer.tally.files += 1

    def _failed(self, met: CarriedFile, source: Observed, error: TrackerError) -> None:
        """Records why a file is not there: for good, or until it is tried again."""
        attempts = met.attempts + 1
        for_good = isinstance(error, Rejected | Gone) or attempts >= GIVE_UP_AFTER
        wait = min(timedelta(minutes=2 ** (attempts - 1)), LONGEST_BACKOFF)
        self.writer.context.store.files.save(
            self.writer.lease,
            replace(
                met,
                state=FileState.REFUSED if for_good else FileState.WAITING,
                reason=str(error),
                attempts=attempts,
                retry_at=None if for_good else self.writer.context.now() + wait,
            ),
        )
        if not for_good:
            self.writer.tally.example(source, "failed", str(error))
            self.writer.tally.retry += 1

    def _known(self, side: Side, task: Ref) -> dict[str, CarriedFile]:
        files = self.writer.context.store.files.of_task(self.writer.context.name, side, task)
        return {file.address: file for file in files}


def _of_content(files: Iterable[CarriedFile], digest: str) -> CarriedFile | None:
    return next((file for file in files if file.state is FileState.KEPT and file.digest == digest), None)


def _kept(met: CarriedFile, digest: str, attached: Attached) -> CarriedFile:
    return replace(
        met, state=FileState.KEPT, digest=digest, attached=attached.id, name=attached.name, page=attached.address,
        target=attached.target, reason="", attempts=0, retry_at=None,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """Looks after files that tasks of one side had."""

    writer: Writer
    side: Side

    def notice(self, tasks: Collection[Ref]) -> None:
        """Records which files the tasks have no more, tells it once, and has the texts decided that refer to them."""
        context = self.writer.context
        holder = context.connectors[self.side]
        if not tasks or not context.rules.attachments or not isinstance(holder, FileHolder):
            return
        lacking: dict[Ref, list[CarriedFile]] = {}
        for task in sorted(tasks):
            kept = context.store.files.of_task(context.name, self.side, task)
            if found := [file for file in kept if file.state is FileState.KEPT]:
                lacking[task] = found
        for task, files in lacking.items():
            shown = context.store.observed.get(context.name, self.side, task)
            if shown is not None and shown.version:
                self._notice_of(holder, shown, files)

    def _notice_of(self, holder: FileHolder, task: Observed, files: Collection[CarriedFile]) -> None:
        pages = {page for _, page in task.facts.files}
        absent = {file.attached for file in files if file.page not in pages}
        gone = absent - self._now(holder, task) if absent else absent
        for file in files:
            if file.attached in gone:
                self.writer.context.store.files.save(self.writer.lease, replace(file, state=FileState.WITHDRAWN))
        for name in sorted({file.name for file in files if file.attached in gone}):
            reason = f"{name} was deleted from {task.key}; its text leads to the original again"
            self.writer.tally.leave_alone([Skip(self.side, task, Field.BODY, Why.GONE, reason)])
        if gone:
            self._decide_again(task)

    def _now(self, holder: FileHolder, task: Observed) -> frozenset[str]:
        """The files that a task has now: a listing may be older than our own upload. One that shows none keeps all."""
        try:
            return holder.attachments(task)
        except (Gone, Unreadable):
            files = self.writer.context.store.files.of_task(self.writer.context.name, self.side, task.ref)
            return frozenset(file.attached for file in files)

    def _decide_again(self, task: Observed) -> None:
        store, pair = self.writer.context.store, self.writer.context.name
        for ref in self._texts(task):
            link = store.links.of_item(pair, self.side, ref)
            if link is not None:
                store.links.save(self.writer.lease, replace(link, settled={}))

    def _texts(self, task: Observed) -> Iterator[Ref]:
        yield task.ref
        comments = self.writer.context.store.observed.comments_of(self.writer.context.name, self.side, task.ref)
        yield from (comment.ref for comment in comments)
