"""Files that somebody deleted from a task: the text shows the original address again, and nothing is added anew."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from syncer.contract.errors import Gone, Unreadable
from syncer.contract.files import FileHolder
from syncer.contract.model import Field, Observed, Ref, Side
from syncer.core.change import Skip
from syncer.core.records import CarriedFile, FileState, Why
from syncer.sync.write.writer import Writer


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
        for file in context.store.files.of_pair(context.name):
            if file.side is self.side and file.task in tasks and file.state is FileState.KEPT:
                lacking.setdefault(file.task, []).append(file)
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
            files = self.writer.context.store.files.of_pair(self.writer.context.name)
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
