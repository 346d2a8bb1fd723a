"""Creating issues, comments and versions: one request for each call, sent once, the origin marker inside."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from connectors.jira.answers import Forbidden, Invalid
from connectors.jira.bodies import (
    body_of,
    created_issue,
    field_id,
    limited,
    property_entries,
    texts,
    version_body,
    written,
)
from connectors.jira.create_answers import Outcome, bulk_outcomes, id_and_key, in_time
from connectors.jira.create_defaults import CreateDefaults
from connectors.jira.custom import KINDS
from connectors.jira.json_fields import as_object, as_objects, need
from connectors.jira.lookup import find_tasks, raw_comment
from connectors.jira.mapping import NO_TIME, observed_comment, observed_version
from connectors.jira.plain import one_line
from connectors.jira.project import Project, understood
from connectors.jira.project_fields import ProjectFields
from connectors.jira.screens import Screen
from connectors.jira.site import Site
from connectors.jira.versions import version_refused
from connectors.jira.workflow import Transition
from syncer.contract.errors import Ambiguous, Denied, Gone, Rejected, Retryable, Stale, TrackerError
from syncer.contract.model import (
    Audience,
    Draft,
    Field,
    Kind,
    Marker,
    Observed,
    Ref,
    Showing,
    Value,
    Version,
)

BATCH = 50
"""How many issues one bulk request may create."""

_NEVER_LEFT_OUT = frozenset({"project", "issuetype", "summary", "parent"})


def nothing_shown(site: Site) -> dict[Field, Value]:
    """What a new issue shows of the fields that nothing was asked for, where its tracker gives nothing by itself."""
    shown: dict[Field, Value] = {
        Field.BODY: "",
        Field.LABELS: (),
        Field.COMPONENTS: (),
        Field.ASSIGNEES: (),
        Field.MILESTONES: (),
        Field.DUE: None,
        **dict.fromkeys(site.links, ()),
    }
    if site.tells_parents:
        shown[Field.PARENT] = None
    if site.custom.start_date is not None:
        shown[Field.START] = None
    shown = {field: value for field, value in shown.items() if field not in site.elsewhere}
    return shown | {field: KINDS[held.kind].empty for field, held in site.held.items() if not held.read_only}


class Creating:
    """Creates items, and remembers what the project's create screens lack."""

    def __init__(self, project: Project, defaults: CreateDefaults, declared: ProjectFields) -> None:
        self._project = project
        self._defaults = defaults
        self._screens = declared.screens
        self._bodies = declared.bodies
        self._left_out: dict[str, frozenset[str]] = {}
        self._components: set[str] | None = None

    def create(self, drafts: Sequence[Draft]) -> list[Outcome]:
        """See `Connector.create`."""
        kinds = {draft.kind for draft in drafts}
        if len(kinds) != 1:
            raise ValueError("drafts of one kind are created at a time")
        match kinds.pop():
            case Kind.TASK:
                return self._create_tasks(drafts)
            case Kind.COMMENT:
                return [self._create_comment(draft) for draft in _one(drafts)]
            case Kind.MILESTONE:
                return [self._create_version(draft) for draft in _one(drafts)]

    # -------------------------------------------------------------------------------------------------- issues

    def _create_tasks(self, drafts: Sequence[Draft]) -> list[Outcome]:
        if len(drafts) > BATCH:
            raise ValueError(f"at most {BATCH} issues are created at a time")
        if self._project.scope.create_components:
            self.ensure_components({name for draft in drafts for name in texts(draft.fields.get(Field.COMPONENTS))})
        before = dict(self._left_out)
        ways = [self._defaults.way(self._type(draft), draft.fields.get(Field.STATUS)) for draft in drafts]
        outcomes = self._send(drafts, ways)
        screens = {
            index
            for index, outcome in enumerate(outcomes)
            if self._screen_was_the_reason(drafts[index], outcome, before.get(self._type(drafts[index]), frozenset()))
        }
        moved = {index for index, outcome in enumerate(outcomes) if ways[index] and isinstance(outcome, Invalid)}
        made = self._made_after_all([drafts[index] for index in moved])
        if made is None:
            screens, moved = screens - moved, set()
        # Refused with 400, these had no effect: sent once more, standing still, without the fields their screen lacks.
        again = sorted(index for index in screens | moved if drafts[index].marker not in (made or {}))
        second = dict(zip(again, self._sent_again([drafts[index] for index in again]), strict=True))
        for index in screens | moved:
            outcomes[index] = second[index] if index in second else (made or {})[drafts[index].marker]
            way = ways[index]
            if way is not None and index not in screens and isinstance(outcomes[index], Observed):
                self._defaults.refuse(self._type(drafts[index]), way)
        return [in_time(draft, outcome) for draft, outcome in zip(drafts, outcomes, strict=True)]

    def _made_after_all(self, drafts: Sequence[Draft]) -> Mapping[Marker, Observed] | None:
        """Those issues that exist although their create was refused with its transition; None when that is unclear.

        Jira does not say whether such a create is one step or two. Sending it again unseen might make a second issue.
        """
        now = self._project.client.clock
        if not drafts or now is None:
            return None if drafts else {}
        try:
            return find_tasks(self._project, drafts, now)
        except TrackerError:
            return None

    def _sent_again(self, drafts: Sequence[Draft]) -> list[Outcome]:
        """What became of drafts sent a second time. Raises Ambiguous: all drafts of the call are then to be settled."""
        try:
            return self._send(drafts, [None] * len(drafts)) if drafts else []
        except Ambiguous:
            raise
        except TrackerError as error:
            return [error] * len(drafts)

    def _send(self, drafts: Sequence[Draft], ways: Sequence[Transition | None]) -> list[Outcome]:
        bodies = [
            created_issue(
                draft,
                self._project.site,
                self._default_type,
                self._left_out.get(self._type(draft), frozenset()),
                self._project.scope.created_with,
                self._declared(draft)[1],
                self._below(draft),
            )
            for draft in drafts
        ]
        for body, way in zip(bodies, ways, strict=True):
            if self._project.id:
                body["fields"]["project"] = {"id": self._project.id}
            if way is not None:
                body["transition"] = {"id": way.id}
        self._note_the_floor(drafts)
        answers = self._post_one(bodies[0]) if len(bodies) == 1 else self._post_many(bodies)
        for one in answers:
            if not isinstance(one, TrackerError):
                self._project.saw(one[1])
        return [
            one if isinstance(one, TrackerError) else self._completed(draft, way, *one)
            for draft, way, one in zip(drafts, ways, answers, strict=True)
        ]

    def _declared(self, draft: Draft) -> tuple[Showing, Mapping[str, Any]]:
        """The declared fields of a draft as its issue will show them, and as the API takes them."""
        kind = self._type(draft)
        return self._bodies.of_create(kind, draft.fields, self._left_out.get(kind, frozenset()))

    def _below(self, draft: Draft) -> Observed | None:
        """What the issue of a draft is created below: its type is for parts of others."""
        above = draft.parent
        return above if above is not None and self._project.makes_sub_tasks(self._type(draft)) else None

    def _note_the_floor(self, drafts: Sequence[Draft]) -> None:
        """Remembers the highest key that was seen before these drafts are sent: what they become comes after it.

        Where none was seen, a hundred older issues are looked at one by one on Data Center to find a lost answer.
        """
        project = self._project
        if project.highest:
            project.floors |= dict.fromkeys((draft.marker for draft in drafts), project.highest)
        project.numbers_sent += len(drafts)

    def _post_one(self, body: Mapping[str, Any]) -> list[tuple[str, str] | TrackerError]:
        try:
            with understood("POST issue", writing=True), _creating():
                return [id_and_key(as_object(self._project.client.write("POST", "/issue", body), "answer"))]
        except Rejected as error:
            return [error]

    def _post_many(self, bodies: Sequence[Mapping[str, Any]]) -> list[tuple[str, str] | TrackerError]:
        with understood("POST issue/bulk", writing=True), _creating():
            try:
                answer = self._project.client.write("POST", "/issue/bulk", {"issueUpdates": list(bodies)})
            except Invalid as refusal:
                content = refusal.content
                if not isinstance(content, dict) or not isinstance(content.get("errors"), list):
                    # The request as a whole is refused: each element is, until it is tried alone.
                    return [refusal for _ in bodies]
                answer = content
            return bulk_outcomes(as_object(answer, "answer"), len(bodies))

    def _completed(self, draft: Draft, way: Transition | None, native: str, key: str) -> Observed:
        """The new issue. The first of each type and status is read, so that what the others show is known."""
        kind = self._type(draft)
        if self._defaults.shown(kind, way) is None and (born := self._defaults.read(kind, way, native)) is not None:
            return replace(born, marker=draft.marker)
        return self._from_draft(draft, native, key, self._defaults.shown(kind, way) or {})

    def _given(self, left_out: Collection[str]) -> dict[Field, list[str]]:
        """The elements of sets that every new issue gets: that it begins with them is nobody's edit."""
        fields = {Field.LABELS: "labels", Field.COMPONENTS: "components"}
        created = self._project.scope.created_with
        return {
            field: [str(one.get("name") if isinstance(one, dict) else one) for one in created.get(key) or ()]
            for field, key in fields.items()
            if key not in left_out
        }

    def _from_draft(self, draft: Draft, native: str, key: str, fresh: Showing) -> Observed:
        left_out = self._left_out.get(self._type(draft), frozenset())
        site = self._project.site
        sent: dict[Field, Value] = {
            field: value
            for field, value in draft.fields.items()
            if value and field is not Field.STATUS and not field.custom and field not in site.elsewhere
        }
        shown = {**nothing_shown(self._project.site), Field.TYPE: self._type(draft), **fresh}
        shown |= {field: value for field, value in written(sent, site).items() if field_id(field, site) not in left_out}
        shown |= self._declared(draft)[0]
        if (above := self._below(draft)) is not None:
            shown[Field.PARENT] = above.ref.id
        for field, elements in self._given(left_out).items():
            there = shown[field]
            shown[field] = tuple(sorted({*(there if isinstance(there, tuple) else ()), *elements}))
        now = self._project.client.clock or NO_TIME
        told = self._project.site.dialect.shows_no_level
        return Observed(
            ref=Ref(Kind.TASK, native),
            key=key,
            url=f"{self._project.site.url}/browse/{key}",
            version=Version(""),
            created=now,
            updated=now,
            showing=shown,
            # A project may give new issues a level.
            audience=self._project.known_readers() if told else Audience.RESTRICTED,
            audience_untold=not told,
            author=self._project.people.get(self._project.own_account),
            marker=draft.marker,
        )

    @property
    def _default_type(self) -> str:
        return self._project.scope.type

    def _type(self, draft: Draft) -> str:
        return str(draft.fields.get(Field.TYPE) or self._default_type)

    # ------------------------------------------------------------------------------------------------- screens

    def _screen_was_the_reason(self, draft: Draft, outcome: Outcome, left_out: frozenset[str]) -> bool:
        """True when an issue was refused for fields its create screen lacks, which are left out from now on.

        `left_out` are those that were left out already when it was sent.
        """
        if not isinstance(outcome, Invalid):
            return False
        blamed = frozenset(outcome.fields) - _NEVER_LEFT_OUT - left_out
        if not blamed:
            return False
        kind = self._type(draft)
        screen = self.create_screen(kind)
        lacking = blamed - screen if screen else frozenset()
        self._left_out[kind] = self._left_out.get(kind, frozenset()) | lacking
        return bool(lacking)

    def create_screen(self, type_name: str) -> frozenset[str]:
        """Ids of the fields that can be set when an issue of this type is created; empty when that cannot be told."""
        return frozenset(self.entries(type_name))

    def entries(self, type_name: str) -> Screen:
        """What can be entered when an issue of this type is created, by field id; empty when that cannot be told."""
        return self._screens.creating(type_name)

    def ensure_components(self, names: set[str]) -> None:
        """Creates the components that the project lacks."""
        if not names:
            return
        place = f"/project/{self._project.scope.project}/components"
        if self._components is None:
            with understood("components"):
                found = as_objects(self._project.client.get(place), "components")
                self._components = {need(component, "name", str, "component") for component in found}
        for name in sorted(names - self._components):
            body = {"name": name, "project": self._project.scope.project}
            try:
                self._project.client.write("POST", "/component", body)
            except (Rejected, Forbidden, Ambiguous):
                # Missing permission or a lost answer: the issue that needs the component will show which.
                continue
            self._components.add(name)

    # --------------------------------------------------------------------------------------- comments, versions

    def _create_comment(self, draft: Draft) -> Outcome:
        task = draft.parent
        if task is None:
            raise ValueError("a comment is drafted without its task")
        body = {
            "body": body_of(str(draft.fields.get(Field.BODY) or ""), self._project.site.dialect) or "",
            "properties": property_entries(draft.marker),
        }
        if draft.answers is not None:
            answered = raw_comment(self._project, task.ref.id, draft.answers.ref.id)
            if answered is None:
                return Rejected(
                    f"comment on {task.key}: who can read the comment that it answers is not known any more"
                )
            body = limited(body, answered)
        try:
            answer = self._project.client.write("POST", f"/issue/{task.ref.id}/comment", body, {"expand": "properties"})
        except Forbidden as error:
            refused = Rejected(f"comment on {task.key}: {error}")
            refused.__cause__ = error
            return refused
        except (Rejected, Gone) as error:
            return error
        except Stale as error:
            raise Retryable(str(error)) from error
        with understood(f"comment on {task.key}", writing=True):
            return observed_comment(as_object(answer, "answer"), task, self._project.site, marker=draft.marker)

    def _create_version(self, draft: Draft) -> Outcome:
        project = self._project
        name = one_line(str(draft.fields.get(Field.TITLE) or ""))
        body = version_body(draft.fields, project.site.dialect)
        body = {key: value for key, value in body.items() if value not in {"", False, None}}
        body["projectId"] = int(project.known_id())
        readers = project.readers()
        try:
            with _creating():
                answer = project.client.write("POST", "/version", body)
        except Invalid as error:
            # A name is free once in a project: somebody made this version already, perhaps we.
            same = [version for version in project.versions()[0] if version.showing.get(Field.TITLE) == name]
            return replace(same[0], marker=draft.marker) if "name" in error.fields and same else error
        except Denied as error:
            # Only administrators of a project make versions; issues can be kept in step without.
            refused = version_refused(project, name, error)
            if not isinstance(refused, Rejected):
                raise refused from error
            return refused
        except Rejected as error:
            return error
        with understood(f"version {name}", writing=True):
            return replace(observed_version(as_object(answer, "answer"), project.site, readers), marker=draft.marker)


@contextmanager
def _creating() -> Iterator[None]:
    """Turns what only items know (`Gone`, `Stale`) into what it means where there is no item yet."""
    try:
        yield
    except Gone as error:
        raise Denied(str(error), remedy="Check `project`, and that the account may create issues in it.") from error
    except Stale as error:
        raise Retryable(str(error)) from error


def _one(drafts: Sequence[Draft]) -> Sequence[Draft]:
    if len(drafts) != 1:
        raise ValueError("one comment or version is created at a time")
    return drafts
