"""Updating: only what the patch says, never over a person's change."""
# ruff: noqa: S101  (a suite is made of assertions)

from __future__ import annotations

import pytest

from syncer.contract.capabilities import Fidelity
from syncer.contract.conformance.world import Suite, comment_draft, milestone_draft, task_draft
from syncer.contract.connector import Connector
from syncer.contract.errors import Ambiguous, Gone, Rejected, Retryable, Stale
from syncer.contract.model import EDGES, Category, Field, Kind, Status, Value


class UpdatingSuite(Suite):
    """A change reaches its field and no other, and nobody's edit is lost to it."""

    def test_update_changes_each_field_it_can_hold(self) -> None:
        """Every field with fidelity EXACT shows the value it was given, and the answer says the same."""
        connector = self.open_connector()
        item = self.create_one(connector, task_draft(connector, "Before"))
        for field in self._writable(connector):
            value = self._value(connector, field)
            answered = connector.update(item, {field: value})
            item = self.read_one(connector, item)
            assert answered.showing.get(field) == item.showing.get(field), field
            self._assert_shows(connector, item.showing.get(field), field, value)

    def test_update_changes_several_fields_at_once(self) -> None:
        """A patch of many fields is applied as a whole."""
        connector = self.open_connector()
        item = self.create_one(connector, task_draft(connector, "Before"))
        patch = {field: self._value(connector, field) for field in self._writable(connector)}
        connector.update(item, patch)
        now = self.read_one(connector, item)
        for field, value in patch.items():
            self._assert_shows(connector, now.showing[field], field, value)

    def test_update_can_empty_a_field(self) -> None:
        """Fields that may be empty can be made empty again."""
        connector = self.open_connector()
        empty: dict[Field, Value] = {Field.LABELS: (), Field.ASSIGNEES: (), Field.DUE: None, Field.BODY: ""}
        fields = [field for field in self._writable(connector) if field in empty]
        item = self.create_one(connector, task_draft(connector, "Full"))
        item = connector.update(item, {field: self._value(connector, field) for field in fields})
        item = self.read_one(connector, item)
        connector.update(item, {field: empty[field] for field in fields})
        now = self.read_one(connector, item)
        assert {field: now.showing[field] for field in fields} == {field: empty[field] for field in fields}

    def test_update_changes_only_what_the_patch_says(self) -> None:
        """What a person changed in other fields meanwhile stays."""
        connector = self.open_connector()
        item = self.create_one(connector, task_draft(connector, "Before"))
        body = self.source(connector, "A person's body")
        self.person_edits(item.ref, {Field.BODY: body, Field.LABELS: ("theirs",)})
        connector.update(item, {Field.TITLE: "After"})
        now = self.read_one(connector, item)
        assert now.showing[Field.TITLE] == "After"
        assert connector.markup.read(str(now.showing[Field.BODY])) == connector.markup.read(body)
        assert now.showing[Field.LABELS] == ("theirs",)

    def test_update_of_a_field_changed_meanwhile_is_stale(self) -> None:
        """A person was faster: nothing is written."""
        connector = self.open_connector()
        item = self.create_one(connector, task_draft(connector, "Before"))
        self.person_edits(item.ref, {Field.TITLE: "Theirs"})
        with pytest.raises(Stale):
            connector.update(item, {Field.TITLE: "Ours"})
        assert self.read_one(connector, item).showing[Field.TITLE] == "Theirs"

    def test_update_to_what_is_already_shown_succeeds(self) -> None:
        """A person made the same change: there is no quarrel."""
        connector = self.open_connector()
        item = self.create_one(connector, task_draft(connector, "Before"))
        self.person_edits(item.ref, {Field.TITLE: "After"})
        assert connector.update(item, {Field.TITLE: "After"}).showing[Field.TITLE] == "After"

    def test_update_keeps_a_strangers_label(self) -> None:
        """Labels are added and removed one by one."""
        connector = self.open_connector()
        item = self.create_one(connector, task_draft(connector, "Labelled", labels=("keep", "remove")))
        self.person_edits(item.ref, {Field.LABELS: ("keep", "remove", "stranger")})
        connector.update(item, {Field.LABELS: ("add", "keep")})
        assert self.read_one(connector, item).showing[Field.LABELS] == ("add", "keep", "stranger")

    def test_update_does_not_bring_back_a_removed_label(self) -> None:
        """A label that a person took away meanwhile stays away."""
        connector = self.open_connector()
        item = self.create_one(connector, task_draft(connector, "Labelled", labels=("keep", "theirs")))
        self.person_edits(item.ref, {Field.LABELS: ("keep",)})
        connector.update(item, {Field.LABELS: ("add", "keep", "theirs")})
        assert self.read_one(connector, item).showing[Field.LABELS] == ("add", "keep")

    def test_update_closes_and_opens_again(self) -> None:
        """A task goes to DONE with its reason, and back."""
        connector = self.open_connector()
        item = self.create_one(connector, task_draft(connector, "Round trip"))
        opened = item.showing[Field.STATUS]
        connector.update(item, {Field.STATUS: self.closed_status()})
        closed = self.read_one(connector, item)
        assert closed.showing[Field.STATUS] == self.closed_status()
        assert closed.facts.closed is not None
        connector.update(closed, {Field.STATUS: opened})
        reopened = self.read_one(connector, closed).showing[Field.STATUS]
        assert isinstance(reopened, Status)
        assert reopened.name == self.open_status().name
        assert reopened.category is not Category.DONE

    def test_update_of_a_comment(self) -> None:
        """A comment can be given another body, and keeps its marker and its task."""
        connector = self.open_connector()
        task = self.create_one(connector, task_draft(connector, "Talk"))
        comment = self.create_one(connector, comment_draft(connector, task, "Helo"))
        source = self.source(connector, "Hello")
        updated = connector.update(comment, {Field.BODY: source})
        now = self.read_one(connector, comment)
        assert connector.markup.read(str(now.showing[Field.BODY])) == connector.markup.read(source)
        assert (updated.marker, now.marker, now.parent) == (comment.marker, comment.marker, task.ref)

    def test_update_of_a_comment_changed_meanwhile_is_stale(self) -> None:
        """A person's edit of a comment is not written over."""
        connector = self.open_connector()
        task = self.create_one(connector, task_draft(connector, "Talk"))
        comment = self.create_one(connector, comment_draft(connector, task, "Before"))
        self.person_edits_comment(comment.ref, self.source(connector, "Theirs"))
        with pytest.raises(Stale):
            connector.update(comment, {Field.BODY: self.source(connector, "Ours")})

    def test_update_of_a_milestone(self) -> None:
        """A milestone can be renamed."""
        connector = self.open_connector()
        milestone = self.create_one(connector, milestone_draft("Spring"))
        connector.update(milestone, {Field.TITLE: "Summer"})
        assert self.read_one(connector, milestone).showing[Field.TITLE] == "Summer"

    def test_update_with_a_lost_answer_can_be_repeated(self) -> None:
        """After a lost answer the same update settles it, whether or not the first took effect."""
        for committed in (True, False):
            connector = self.open_connector()
            item = self.create_one(connector, task_draft(connector, "Before", f"syncer-{committed}"))
            self.lose_next_answer(committed=committed)
            try:
                connector.update(item, {Field.TITLE: "After"})
            except (Ambiguous, Retryable):
                connector.update(item, {Field.TITLE: "After"})
            assert self.read_one(connector, item).showing[Field.TITLE] == "After"

    def test_update_of_a_deleted_task_is_gone(self) -> None:
        """There is nothing to change."""
        connector = self.open_connector()
        item = self.create_one(connector, task_draft(connector, "Before"))
        self.person_deletes(item.ref)
        with pytest.raises(Gone):
            connector.update(item, {Field.TITLE: "After"})

    def test_refused_update_names_the_field(self) -> None:
        """A value that the tracker refuses is `Rejected`, and the message says which field."""
        connector = self.open_connector()
        item = self.create_one(connector, task_draft(connector, "Before"))
        with pytest.raises(Rejected, match=r"(?i)title|summary"):
            connector.update(item, {Field.TITLE: "x" * (connector.capabilities.title_limit + 1)})

    def test_updated_version_is_that_of_the_next_listing(self) -> None:
        """What an update returned is what is read later: our own change is no news. An empty version says nothing."""
        connector = self.open_connector()
        item = self.create_one(connector, task_draft(connector, "Before"))
        updated = connector.update(item, {Field.TITLE: "After"})
        self.time_passes(120)
        listed = self.look_up(self.open_connector(), item.ref)
        assert listed.showing == updated.showing
        assert updated.version in ("", listed.version)

    def _writable(self, connector: Connector) -> list[Field]:
        """The fields of a task that hold exactly what they are given, those excepted that lead to other items."""
        able = connector.capabilities.fields[Kind.TASK]
        leading = (Field.MILESTONES, *EDGES)
        return [field for field in Field if able.get(field) is Fidelity.EXACT and field not in leading]

    def _value(self, connector: Connector, field: Field) -> Value:
        return self.source(connector, "Another body") if field is Field.BODY else self.value_for(field)

    def _assert_shows(self, connector: Connector, shown: object, field: Field, value: Value) -> None:
        if field is Field.BODY:
            assert connector.markup.read(str(shown)) == connector.markup.read(str(value))
        else:
            assert shown == value, field
