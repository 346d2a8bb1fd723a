"""Reading what changed: everything at first, then from a cursor on."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from copy import copy
from dataclasses import replace
from datetime import datetime

from connectors.jira import jql
from connectors.jira.accounts import creator_of
from connectors.jira.answers import Invalid
from connectors.jira.closures import archived_by, search_explained
from connectors.jira.comments import Thread, observed_comments, thread_of, total_of
from connectors.jira.cursor import CursorContent, advanced, after_burst, burst_is_due, dump, load
from connectors.jira.json_fields import Json, Malformed, as_object, milliseconds, need_id, need_time
from connectors.jira.links import learn_epics
from connectors.jira.mapping import observed_issue, shown_by_issue, unreadable_issue, version_of
from connectors.jira.markers import marker_of
from connectors.jira.project import Project, understood
from connectors.jira.project_fields import ProjectFields
from connectors.jira.search import RECONCILED, changed_and_named, changed_issues, found_of
from connectors.jira.site import issue_fields
from syncer.contract.connector import Known, Page, UnreadableItem, expect
from syncer.contract.errors import Denied, Retryable
from syncer.contract.model import Audience, Category, Cursor, Field, Kind, Marker, Observed, Ref, Showing, Status

Note = Callable[[Observed, Json], None]
"""Takes a task that was read consistently, and the JSON that showed it."""


def changes(
    project: Project,
    since: Cursor | None,
    known: Known,
    fresh: Collection[Ref],
    note: Note,
    declared: ProjectFields,
) -> Iterator[Page]:
    """See `Connector.changes`. A run that finds nothing new costs one request.

    On Cloud up to `RECONCILED` tasks of `fresh` are read consistently by the search itself: each that is still in the
    scope is given to `note`, changed or not.
    """
    position = load(since) if since is not None else None
    if position is not None and position.scope != _scope_of(project):
        position = None
    reading = _Reading(project, known, declared, complete=position is None)
    if position is not None and project.site.dialect.fetches_in_bulk:
        reading.make_sure(sorted((ref.id for ref in fresh if ref.kind is Kind.TASK), key=int)[:RECONCILED], note)
    with search_explained(project):
        yield from reading.everything() if position is None else reading.recent(position)


class _Reading:
    """One pass over the scope."""

    def __init__(self, project: Project, known: Known, declared: ProjectFields, *, complete: bool) -> None:
        self._project = project
        self._known = known
        self._declared = declared
        self._complete = complete
        self._overlap = int(project.tracker.overlap_seconds * 1000)
        self._seen: list[int] = []
        self._began: int | None = None
        self._milestones: set[str] = set()
        self._sure: list[str] = []
        self._note: Note | None = None
        self._aside: list[UnreadableItem] = []
        self._shown: set[str] = set()
        self._outside: set[Ref] = set()

    def make_sure(self, ids: Sequence[str], note: Note) -> None:
        """Has `recent` read these tasks consistently, and `note` told of each."""
        self._sure, self._note = list(ids), note

    def everything(self) -> Iterator[Page]:
        """Milestones, then all tasks with their comments, oldest change first."""
        if (archived := archived_by(self._project, self._project.details())) is not None:
            raise archived
        self._declared.begin()
        milestones = self._versions()
        self._milestones = {milestone.ref.id for milestone in milestones}
        position = CursorContent(project=self._project.id, scope=_scope_of(self._project))
        yield from self._closed(self._pages(position, milestones), position)

    def recent(self, position: CursorContent) -> Iterator[Page]:
        """What changed since the position, and once more a burst that has settled meanwhile."""
        project = self._project
        project.id = project.id or position.project
        project.own_account = project.own_account or position.account
        self._declared.fields.recall(position.declared)
        yield from self._closed(self._pages(position, ()), position)

    def _closed(self, pages: Iterator[Page], position: CursorContent) -> Iterator[Page]:
        """The pages, the last of which carries the position to go on from."""
        held: Page | None = None
        for page in pages:
            if held is not None:
                yield held
            held = page
        if self._complete:
            self._declared.finish()
        settled = burst_is_due(position, self._began)
        reached = advanced(self._known_by_now(position), self._seen, self._began, self._overlap)
        final = dump(after_burst(reached, self._overlap) if settled else reached)
        yield replace(held, cursor=final) if held is not None else Page((), final)

    def _pages(self, position: CursorContent, milestones: Sequence[Observed]) -> Iterator[Page]:
        first = tuple(milestones)
        for issues, sure in self._issues(position):
            tasks, complete = self._read(issues, sure)
            yield self._page((*first, *tasks), dump(self._meanwhile(position)), complete)
            first = ()
        if first or self._aside:
            yield self._page(first, dump(position), frozenset())

    def _page(self, shown: tuple[Observed, ...], cursor: Cursor, complete: frozenset[Ref]) -> Page:
        """A page, with what was set aside since the one before."""
        aside, self._aside = tuple(self._aside), []
        outside, self._outside = frozenset(self._outside & {item.ref for item in shown}), set()
        unnamed = {one.parent for one in aside if one.ref is None}
        return Page(shown, cursor, complete - unnamed, aside, outside)

    def _versions(self) -> list[Observed]:
        read, aside = self._project.versions()
        self._aside += aside
        return read

    def _issues(self, position: CursorContent) -> Iterator[tuple[list[Json], Collection[str]]]:
        """Pages of issues, each with the ids of those that it shows consistently."""
        fields = issue_fields(self._project.site)
        for issues, sure in self._listed(fields, None if self._complete else position.start):
            self._note_clock()
            self._shown |= {str(issue.get("id")) for issue in issues}
            yield issues, sure
        yield from self._strays(position)
        if position.burst is not None and burst_is_due(position, self._began):
            for issues in changed_issues(self._project, fields, position.burst.start, before=position.start):
                yield issues, ()

    def _strays(self, position: CursorContent) -> Iterator[tuple[list[Json], Collection[str]]]:
        """The linked issues that changed and that the filter does not admit now, read by id.

        Asked by the filter itself: what changed between two answers of the index must not count as gone.
        """
        project = self._project
        if self._complete or not project.scope.filter:
            return
        everything = copy(project)
        everything.scope = project.scope.model_copy(update={"filter": ""})
        rows = [row for rows in changed_issues(everything, ["updated"], position.start) for row in rows]
        moved = [str(row.get("id")) for row in rows if self._may_have_left(row)][:RECONCILED]
        if not moved:
            return
        query = jql.all_of([jql.in_project(project.id or project.scope.project), jql.within(project.scope.filter),
                            jql.ids_in(moved)])  # fmt: skip
        inside = {str(row.get("id")) for row in found_of(project, query, moved)}
        outside = [native for native in moved if native not in inside]
        read = project.issues(outside, issue_fields(project.site)) if outside else {}
        issues = [issue for issue in read.values() if project.contains(issue)]
        self._outside |= {Ref(Kind.TASK, str(issue["id"])) for issue in issues}
        if issues:
            yield issues, ()

    def _may_have_left(self, row: Json) -> bool:
        """Whether a linked issue changed since it was stored, and no page of this reading has shown it."""
        ref = Ref(Kind.TASK, str(row.get("id")))
        if ref.id in self._shown or not self._known.follows(ref):
            return False
        stored = self._known.observed(ref)
        return stored is not None and (not stored.version or stored.updated < _updated(row))

    def _listed(self, fields: Sequence[str], since: int | None) -> Iterator[tuple[list[Json], Collection[str]]]:
        if self._sure and since is not None:
            pages = changed_and_named(self._project, fields, since, self._sure)
            try:
                first = next(pages, None)
            except Denied as refusal:
                if not isinstance(refusal.__cause__, Invalid):
                    raise
                # One that does not exist any more makes the whole query invalid: who writes it will read it first.
            else:
                sure = frozenset(self._sure)
                if first is not None:
                    yield first, sure
                for issues in pages:
                    yield issues, sure
                return
        for issues in changed_issues(self._project, fields, since):
            yield issues, ()

    def _note_clock(self) -> None:
        """The server's clock at the first answer of this pass: later changes may be missing in it."""
        if self._began is None and self._project.client.clock is not None:
            self._began = milliseconds(self._project.client.clock)

    def _known_by_now(self, position: CursorContent) -> CursorContent:
        told = self._declared.fields.remembered()
        return replace(position, project=self._project.id, account=self._project.own_account, declared=told)

    def _meanwhile(self, position: CursorContent) -> CursorContent:
        """Where a run that stops after this page may go on: changes arrive in order, so only the overlap is unsure."""
        newest = max([position.newest, *self._seen[-1:]])
        start = max(position.start, newest - self._overlap)
        return replace(self._known_by_now(position), start=start, newest=newest)

    def _read(self, issues: Sequence[Json], sure: Collection[str]) -> tuple[list[Observed], frozenset[Ref]]:
        """A page of issues as unknown milestones, tasks and comments; and the tasks shown with all comments."""
        with understood("search"):
            issues = self._readable(issues)
            self._declared.note(issues)
            expect(self._known, [*_refs_in(issues)])
            learn_epics(self._project, issues, self._known)
            for issue in issues if self._project.site.held else ():
                self._declared.vanished.notice(issue, self._stored(issue))
            issues = [self._declared.vanished.kept(issue, self._stored(issue)) for issue in self._certain(issues)]
            for issue in issues:
                self._project.saw(issue.get("key"))
            changed = [issue for issue in issues if self._has_changed(issue)]
            fresh = {need_id(issue, "issue"): self._observe(issue) for issue in changed}
            tasks = [fresh.get(str(issue["id"])) or self._stored(issue) for issue in issues]
            for task, issue in zip(tasks, issues, strict=True):
                if task is not None and task.ref.id in sure and self._note is not None:
                    self._note(task, issue)
        threads = list(self._threads((fresh[str(issue["id"])], issue) for issue in changed))
        comments = observed_comments(self._project, threads, self._known, self._aside)
        shown = [task for task in tasks if task is not None]
        milestones = self._unknown_milestones(list(fresh.values()))
        return [*milestones, *shown, *comments], frozenset(thread.task.ref for thread in threads)

    def _readable(self, issues: Sequence[Json]) -> list[Json]:
        """The issues that make sense; the others are set aside."""
        sound: list[Json] = []
        for issue in issues:
            try:
                observed_issue(issue, self._project.site, self._project.known_readers(), self._project.epics)
                creator_of(issue)
            except Malformed as error:
                self._aside.append(unreadable_issue(issue, error, self._project.site))
            else:
                sound.append(issue)
        return sound

    def _threads(self, changed: Iterable[tuple[Observed, Json]]) -> Iterator[Thread]:
        """The threads of issues that changed. One that makes no sense as a whole is set aside, and not complete."""
        for task, issue in changed:
            try:
                yield thread_of(self._project, task, issue, self._known)
            except Retryable as error:
                if not isinstance(error.__cause__, Malformed):
                    raise
                thread = UnreadableItem(Kind.COMMENT, "thread", str(error), parent=task.ref)
                self._aside.append(thread)

    def _certain(self, issues: Sequence[Json]) -> list[Json]:
        """The issues, those that the index shows older than they are stored read again by id, and none that is gone.

        The index lags behind what we wrote ourselves. Believed, it would look as if somebody had taken that back.
        """
        self._seen.extend(milliseconds(_updated(issue)) for issue in issues)
        doubtful = [need_id(issue, "issue") for issue in issues if self._is_doubtful(issue)]
        if not doubtful:
            return list(issues)
        asked = self._project.issues(doubtful, issue_fields(self._project.site))
        found = {str(issue["id"]): issue for issue in self._readable(list(asked.values()))}
        certain = [found.get(str(issue["id"])) if str(issue["id"]) in doubtful else issue for issue in issues]
        return [issue for issue in certain if issue is not None and self._project.contains(issue)]

    def _is_doubtful(self, issue: Json) -> bool:
        stored = self._stored(issue)
        if stored is None:
            return False
        if stored.version:
            return _updated(issue) < stored.updated
        shown = self._shown_by(issue)
        return not _confirms(shown, stored.showing)

    def _has_changed(self, issue: Json) -> bool:
        """False for an issue that is read again because of the overlap and looks as it is stored."""
        updated = _updated(issue)
        stored = self._stored(issue)
        showing = self._shown_by(issue)
        return (
            self._complete
            or stored is None
            or stored.version != version_of(updated, showing)
            or stored.key != issue.get("key")
            or total_of(issue) != self._known.comments(stored.ref)
        )

    def _shown_by(self, issue: Json) -> Showing:
        fields = as_object(issue.get("fields"), "issue.fields")
        return shown_by_issue(fields, self._project.site, f"issue {issue.get('key')}", self._project.epics)

    def _stored(self, issue: Json) -> Observed | None:
        return self._known.observed(Ref(Kind.TASK, str(issue.get("id"))))

    def _observe(self, issue: Json) -> Observed:
        ref = Ref(Kind.TASK, need_id(issue, "issue"))
        if self._project.site.dialect.fetches_in_bulk:
            linked = None if marker_of(issue) is None else self._known.marker(ref)
            return self._project.observe(issue, self._readers_of(issue), linked)
        return replace(self._project.observe(issue, self._readers_of(issue)), marker=self._hidden_marker(issue, ref))

    def _readers_of(self, issue: Json) -> Audience | None:
        """The stored audience for an issue that only confirms what we wrote; None to ask for that of the project."""
        stored = self._stored(issue)
        if stored is None or stored.version or stored.audience is Audience.RESTRICTED:
            return None
        shown = self._shown_by(issue)
        confirmed = _confirms(shown, stored.showing)
        return stored.audience if confirmed else None

    def _hidden_marker(self, issue: Json, ref: Ref) -> Marker | None:
        """The marker of an issue that one of our accounts created: Data Center shows properties only one by one."""
        stored = self._known.observed(ref)
        if stored is not None and stored.marker is None:
            return None
        if stored is not None and (linked := self._known.marker(ref)) is not None:
            return linked
        if not self._project.is_ours(creator_of(issue)):
            return None
        if stored is not None:
            return stored.marker
        found = self._project.issue(str(issue["id"]), ["summary"])
        if found is None:
            # Just deleted, or hidden for a moment: not to be taken for an issue that is not ours.
            raise Retryable(f"issue {issue.get('key')} is listed but cannot be read")
        return marker_of(found)

    def _unknown_milestones(self, tasks: Sequence[Observed]) -> list[Observed]:
        """All milestones, when a task shows one that neither the store nor this pass knows."""
        shown: set[str] = set()
        for task in tasks:
            value = task.showing.get(Field.MILESTONES)
            shown.update(value if isinstance(value, tuple) else ())
        unknown = {
            native for native in shown - self._milestones if self._known.observed(Ref(Kind.MILESTONE, native)) is None
        }
        if not unknown:
            return []
        milestones = self._versions()
        self._milestones |= shown | {milestone.ref.id for milestone in milestones}
        return milestones


def _scope_of(project: Project) -> str:
    return f"{project.scope.project} {project.scope.filter}".rstrip()


def _confirms(shown: Showing, computed: Showing) -> bool:
    """True when a reading is what was computed after a write: the resolution that Jira chose itself may be any."""
    status, expected = shown.get(Field.STATUS), computed.get(Field.STATUS)
    if isinstance(status, Status) and expected == Status(status.name, Category.DONE):
        return {**shown, Field.STATUS: expected} == computed
    return shown == computed


def _refs_in(issues: Sequence[Json]) -> Iterator[Ref]:
    """The issues, and the comments that came with them, as far as they say who they are."""
    for issue in issues:
        yield Ref(Kind.TASK, str(issue.get("id")))
        shown: object = issue
        for key in ("fields", "comment", "comments"):
            shown = shown.get(key) if isinstance(shown, dict) else None
        for comment in shown if isinstance(shown, list) else ():
            if isinstance(comment, dict):
                yield Ref(Kind.COMMENT, str(comment.get("id")))


def _updated(issue: Json) -> datetime:
    fields = as_object(issue.get("fields"), "issue.fields")
    return need_time(fields, "updated", f"issue {issue.get('key')}")
