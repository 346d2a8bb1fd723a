"""Changing items: what the decision was based on is looked at again, then only the moved fields are written."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from threading import Lock
from typing import Any

from connectors.jira.answers import Forbidden, Invalid
from connectors.jira.bodies import body_of, edited_issue, field_id, texts, version_body, written
from connectors.jira.closures import Editable
from connectors.jira.creating import Creating
from connectors.jira.json_fields import Json, Malformed, as_object, need_time
from connectors.jira.links import Linking, key_of_epic, learn_epics
from connectors.jira.lookup import raw_comment, read_tasks, read_version
from connectors.jira.mapping import observed_version, shown_by_issue, version_of
from connectors.jira.markers import PROPERTY, properties_of
from connectors.jira.patching import applied, merged_set, still_to_do
from connectors.jira.project import Project, understood
from connectors.jira.project_fields import ProjectFields
from connectors.jira.transitions import EXPAND, TransitionRunner
from connectors.jira.versions import version_refused
from syncer.contract.custom import CustomType
from syncer.contract.errors import Ambiguous, Denied, Gone, Rejected, Retryable, TrackerError
from syncer.contract.model import Category, Field, Kind, Observed, Patch, Ref, Status, Value, Version

BEYOND = frozenset({Field.COMPONENTS, Field.PARENT})
"""Fields that writing one issue may change elsewhere: a component is created, an epic has issues."""


class Updating:
    """Changes items, and remembers which were read just now. Several threads may change an issue each."""

    def __init__(
        self,
        project: Project,
        creating: Creating,
        transitions: TransitionRunner,
        declared: ProjectFields,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._project = project
        self._creating = creating
        self._declared = declared
        self._transitions = transitions
        self._linking = Linking(project)
        self._monotonic = monotonic
        self._reads: dict[Ref, tuple[Version, float]] = {}
        self._editable = Editable(project, monotonic)
        self._quietly = True
        self._one_by_one = Lock()

    def remember(self, items: Iterable[object]) -> None:
        """Notes the tasks among `items` as read just now, by a reading that is consistent (never a search)."""
        now = self._monotonic()
        for item in items:
            if isinstance(item, Observed) and item.kind is Kind.TASK:
                self._reads[item.ref] = (item.version, now)

    def note(self, task: Observed, issue: Json) -> None:
        """Notes a task that `issue` showed by a consistent reading, and its transitions where it shows them."""
        self.remember([task])
        self._transitions.learn(task, issue)

    def update(self, item: Observed, patch: Patch) -> Observed:
        """See `Connector.update`."""
        match item.kind:
            case Kind.TASK:
                with self._turn(patch):
                    shown = self._update_task(item, patch)
                self.remember([shown])
                return shown
            case Kind.COMMENT:
                return self._update_comment(item, patch)
            case Kind.MILESTONE:
                return self._update_version(item, patch)

    def _turn(self, patch: Patch) -> AbstractContextManager[object]:
        """Held while what more than one issue may need is written: such changes go one after the other."""
        beyond = any(field in BEYOND or field.edges or field.custom for field in patch)
        return self._one_by_one if beyond else nullcontext()

    # --------------------------------------------------------------------------------------------------- issues

    def _update_task(self, item: Observed, patch: Patch) -> Observed:
        base = item if self._was_read_just_now(item) else self._read_again(item, patch)
        self._declared.require_shown(base, patch)
        todo = still_to_do(item, base, patch, written(patch, self._project.site))
        edges = {field: todo.pop(field) for field in list(todo) if field.edges}
        sprints = {field: todo.pop(field) for field in self._declared.sprints if field in todo}
        base = self._change(item, base, todo)
        for field, name in sprints.items():
            base = self._declared.boards.put(base, field, name)
        if not edges:
            return base
        merged = {
            field: merged_set(item.showing.get(field), base.showing.get(field), ends) for field, ends in edges.items()
        }
        self._forget_other_ends(base, merged)
        return self._linking.link(base, merged)

    def _forget_other_ends(self, base: Observed, edges: Mapping[Field, frozenset[str]]) -> None:
        """Has the other ends of links that both ends show looked at again before they are changed: they have them now.

        Else a link that both ends are to show would be made once for each.
        """
        for field, ends in edges.items():
            if self._project.site.links[field].type is CustomType.PEERS:
                for end in ends ^ frozenset(texts(base.showing.get(field))):
                    self._reads.pop(Ref(Kind.TASK, end), None)

    def _change(self, item: Observed, base: Observed, todo: dict[Field, Value]) -> Observed:
        """Writes all but the links, in the order that a workflow allows."""
        goal = todo.pop(Field.STATUS, None)
        if not isinstance(goal, Status):
            return self._edit(item, base, todo) if todo else base
        closing = goal.category is Category.DONE
        # A closed issue may not be editable: edit before it is closed, and after it is opened.
        if todo and closing:
            base = self._edit(item, base, todo)
        base = self._move(base, goal)
        return self._edit(item, base, todo) if todo and not closing else base

    def _was_read_just_now(self, item: Observed) -> bool:
        version, at = self._reads.get(item.ref, (None, 0.0))
        return version == item.version and self._monotonic() - at < self._project.tracker.reread_after

    def _read_again(self, item: Observed, patch: Patch) -> Observed:
        """The issue as it is now. Raises Gone, and Stale when a field of the patch moved."""
        expand = EXPAND if Field.STATUS in patch else ""
        issue = self._project.issue(item.ref.id, expand=expand)
        if issue is None:
            raise Gone(f"issue {item.key} cannot be seen", uncertain=True)
        with understood(f"issue {item.key}"):
            if not self._project.contains(issue):
                raise Gone(f"issue {item.key} was moved away", moved_to=str(issue.get("key")))
            if Field.PARENT in patch:
                learn_epics(self._project, [issue])
            issue = self._declared.vanished.kept(issue, item)
            fresh = _with_parent_of(item, self._project.observe(issue, linked=item.marker))
        self.note(fresh, issue)
        return fresh

    def _edit(self, item: Observed, base: Observed, patch: Patch) -> Observed:
        """Writes all fields but the status in one request. The issue as it then shows."""
        if self._project.scope.create_components:
            self._creating.ensure_components(set(texts(patch.get(Field.COMPONENTS))))
        shown, declared = self._declared.bodies.of_edit(base, patch)
        patch = {**patch, **shown}
        body = edited_issue(item, self._speakable(base, patch), self._project.site, declared)
        if not body:
            return base
        self._editable.require(base, patch)
        try:
            answer = self._put(f"/issue/{item.ref.id}", body, self._returning)
        except Forbidden as error:
            raise Rejected(f"{', '.join(map(str, patch))} of {item.key}: {error}") from error
        except Invalid as error:
            if (refused := error.fields.get(field_id(Field.PARENT, self._project.site))) is not None:
                raise Rejected(f"{Field.PARENT} of {item.key}: {refused}") from error
            if {*body.get("fields", ()), *body.get("update", ())} <= error.fields.keys():
                self._editable.look(base)
                self._editable.require(base, patch)
            self._declared.explain(base, patch, error)
            raise
        except Ambiguous as error:
            return self._settled(item, patch, error)
        return self._after_edit(base, applied(item, base, patch, self._project.site), answer)

    def _speakable(self, base: Observed, patch: Patch) -> Patch:
        """The patch with the key of the epic where Jira wants that. Raises Rejected for a sub-task there."""
        parent = patch.get(Field.PARENT)
        if Field.PARENT not in patch or self._project.site.dialect.has_parents:
            return patch
        if base.showing.get(Field.TYPE) in self._project.subtask_types:
            raise Rejected(f"parent of {base.key}: a sub-task stays with its issue")
        return {**patch, Field.PARENT: key_of_epic(self._project, parent) if isinstance(parent, str) else None}

    @property
    def _returning(self) -> Mapping[str, str]:
        """What an edit of an issue is asked with, so that it answers with the issue where the site can do that."""
        return {"returnIssue": "true"} if self._project.site.dialect.returns_edited_issue else {}

    def _put(self, path: str, body: Mapping[str, Any], query: Mapping[str, str]) -> Any:
        """A PUT that notifies nobody, unless that needs a permission that the account lacks."""
        if self._quietly:
            try:
                return self._project.client.write("PUT", path, body, {**query, "notifyUsers": "false"})
            except (Forbidden, Invalid) as refusal:
                if isinstance(refusal, Invalid) and refusal.fields:
                    raise  # for what was written, not for how
                # A refusal had no effect. Only administrators of a project may silence notifications; whether others
                # get a 403 or a 400 is told nowhere.
                answer = self._project.client.write("PUT", path, body, query)
                self._quietly = False
                return answer
        return self._project.client.write("PUT", path, body, query)

    def _after_edit(self, base: Observed, shown: dict[Field, Value], answer: Any) -> Observed:
        """The issue after an edit: as Cloud returns it, else computed, with an empty version until it is read again."""
        computed = replace(base, showing=shown, version=Version(""))
        answer = self._declared.vanished.kept(answer, computed) if isinstance(answer, dict) else {}
        if not isinstance(fields := answer.get("fields"), dict):
            return computed
        try:
            returned = shown_by_issue(fields, self._project.site, base.key, self._project.epics)
            if "updated" not in fields:
                return replace(computed, showing={**shown, **returned})
            updated = need_time(fields, "updated", base.key)
        except Malformed:
            # The edit was answered with success; an odd picture of it is no reason to doubt that.
            return computed
        now = {**shown, **returned}
        return replace(computed, showing=now, version=version_of(updated, now), updated=updated)

    def _settled(self, item: Observed, patch: Patch, lost: Ambiguous) -> Observed:
        """Looks whether an edit happened whose answer was lost. Raises Ambiguous while it is not seen."""
        try:
            outcome = read_tasks(self._project, [item.ref.id], {item.ref.id: item}, self._declared.vanished)[
                item.ref.id
            ]
        except TrackerError:
            raise lost from None
        if isinstance(outcome, TrackerError):
            raise outcome
        if still_to_do(item, outcome, patch, written(patch, self._project.site), check=False):
            raise lost
        return outcome

    def _move(self, base: Observed, goal: Status) -> Observed:
        start = base.showing.get(Field.STATUS)
        if not isinstance(start, Status):
            # An issue completed from its draft: where it stands is not known yet.
            base = self._read_again(base, {Field.STATUS: goal})
            start = base.showing[Field.STATUS]
        if not isinstance(start, Status):
            raise Retryable(f"issue {base.key} shows no status")
        if start.name == goal.name:
            return self._resolve_anew(base, goal)
        reached = self._transitions.move(base, start, goal)
        if reached is None:
            outcome = self._reading_of(base)
            if outcome is not None:
                return outcome
            reached = Status(goal.name, goal.category)
        return replace(base, showing={**base.showing, Field.STATUS: reached}, version=Version(""))

    def _resolve_anew(self, base: Observed, goal: Status) -> Observed:
        """Changes the resolution of an issue that already has the wanted status."""
        start = base.showing.get(Field.STATUS)
        if goal.reason is None or (isinstance(start, Status) and start.reason == goal.reason):
            return base
        try:
            resolution = {"fields": {"resolution": {"name": goal.reason}}}
            self._put(f"/issue/{base.ref.id}", resolution, self._returning)
        except Forbidden as error:
            raise Rejected(f"resolution of {base.key}: {error}") from error
        outcome = self._reading_of(base)
        return outcome or replace(base, showing={**base.showing, Field.STATUS: goal}, version=Version(""))

    def _reading_of(self, item: Observed) -> Observed | None:
        """The issue after a transition, whose rules may have set its resolution; None when it cannot be read now."""
        try:
            outcome = read_tasks(self._project, [item.ref.id], {item.ref.id: item}, self._declared.vanished)[
                item.ref.id
            ]
        except TrackerError:
            return None
        return outcome if isinstance(outcome, Observed) else None

    # --------------------------------------------------------------------------------------- comments, versions

    def _update_comment(self, item: Observed, patch: Patch) -> Observed:
        """Replaces the body and keeps visibility and properties, which a PUT would otherwise take away."""
        place = f"/issue/{_task_of(item)}/comment/{item.ref.id}"
        now = self._comment_now(item)
        fresh = self._comment_shown(item, now)
        if not (todo := still_to_do(item, fresh, patch, written(patch, self._project.site))):
            return fresh
        body: dict[str, Any] = {"body": body_of(str(todo.get(Field.BODY) or ""), self._project.site.dialect) or ""}
        if now.get("visibility") is not None:
            body["visibility"] = now["visibility"]
        if (ours := properties_of(now).get(PROPERTY)) is not None:
            body["properties"] = [{"key": PROPERTY, "value": ours}]
        try:
            cloud = self._project.site.dialect.fetches_in_bulk
            query = {"expand": "properties"}
            client = self._project.client
            answer = self._put(place, body, query) if cloud else client.write("PUT", place, body, query)
        except Forbidden as error:
            raise Rejected(f"comment {item.key}: {error}") from error
        except Ambiguous as lost:
            try:
                fresh = self._comment_shown(item, self._comment_now(item))
            except Retryable:
                raise lost from None
            if still_to_do(item, fresh, patch, written(patch, self._project.site), check=False):
                raise
            return fresh
        with understood(f"comment {item.key}", writing=True):
            return self._comment_shown(item, as_object(answer, "answer"))

    def _comment_now(self, item: Observed) -> Json:
        comment = raw_comment(self._project, _task_of(item), item.ref.id)
        if comment is None:
            raise Gone(f"comment {item.key} cannot be seen", uncertain=True)
        return comment

    def _comment_shown(self, item: Observed, comment: Json) -> Observed:
        """A comment whose task is not at hand: it stays as restricted as it was known to be."""
        with understood(f"comment {item.key}"):
            shown = self._project.observe_comment(comment, item, item.marker)
        return replace(shown, parent=item.parent, url=item.url, audience=min(shown.audience, item.audience))

    def _update_version(self, item: Observed, patch: Patch) -> Observed:
        fresh = self._version_now(item)
        site = self._project.site
        todo = still_to_do(item, fresh, patch, _version_written(patch, self._project))
        if not todo:
            return fresh
        try:
            answer = self._project.client.write("PUT", f"/version/{item.ref.id}", version_body(todo, site.dialect))
        except (Denied, Gone) as error:
            if isinstance(error, Gone):
                self._version_now(item)  # raises where it is gone indeed
            raise version_refused(self._project, str(fresh.showing[Field.TITLE]), error) from error
        except Ambiguous as lost:
            try:
                fresh = self._version_now(item)
            except Retryable:
                raise lost from None
            if still_to_do(item, fresh, patch, _version_written(patch, self._project), check=False):
                raise
            return fresh
        with understood(f"version {item.key}", writing=True):
            return observed_version(as_object(answer, "answer"), site, self._project.readers())

    def _version_now(self, item: Observed) -> Observed:
        version = read_version(self._project, item.ref.id)
        if isinstance(version, TrackerError):
            raise version
        if version is None:
            raise Gone(f"version {item.key} cannot be seen", uncertain=True)
        return version


def _with_parent_of(item: Observed, fresh: Observed) -> Observed:
    """A reading that names the epic by a key nobody knows, with the parent known before: the next listing tells."""
    if Field.PARENT in fresh.showing or Field.PARENT not in item.showing:
        return fresh
    showing = {**fresh.showing, Field.PARENT: item.showing[Field.PARENT]}
    return replace(fresh, showing=showing, version=version_of(fresh.updated, showing))


def _task_of(comment: Observed) -> str:
    if comment.parent is None:
        raise ValueError(f"{comment.ref} names no task it belongs to")
    return comment.parent.id


def _version_written(patch: Patch, project: Project) -> dict[Field, Value]:
    """A patch of a version as Jira will show it: its description is plain text."""
    shown = written({field: value for field, value in patch.items() if field is not Field.BODY}, project.site)
    if Field.BODY in patch:
        shown[Field.BODY] = str(version_body({Field.BODY: patch[Field.BODY]}, project.site.dialect)["description"])
    return shown
