"""Creating: one request, the marker inside, and what is known when the answer is lost."""
# ruff: noqa: S101  (a suite is made of assertions)

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from syncer.contract.conformance.world import Remembered, Suite, comment_draft, milestone_draft, only, task_draft
from syncer.contract.connector import Connector, Intent
from syncer.contract.errors import Ambiguous, Gone, Rejected
from syncer.contract.model import Draft, Field, Kind, Marker, Observed


class CreatingSuite(Suite):
    """Nothing is created twice, and whatever was created can be found."""

    def test_created_task_shows_what_was_drafted(self) -> None:
        """Title, body, labels and people are as the draft says."""
        connector = self.open_connector()
        people = (self.people()[0],)
        draft = task_draft(connector, "Refund fails", labels=("apple", "zebra"), assignees=people)
        created = self.create_one(connector, draft)
        now = self.read_one(connector, created)
        for item in (created, now):
            assert item.kind is Kind.TASK
            assert item.showing[Field.TITLE] == "Refund fails"
            assert connector.markup.read(str(item.showing[Field.BODY])) == connector.markup.read(
                str(draft.fields[Field.BODY])
            )
            assert item.showing[Field.LABELS] == ("apple", "zebra")
            assert item.showing[Field.ASSIGNEES] == people

    def test_create_is_one_request(self) -> None:
        """A create asks once, whatever the draft holds."""
        connector = self.open_connector()
        self.create_one(connector, task_draft(connector, "Warm up", "syncer-0"))
        before = connector.requests
        self.create_one(connector, task_draft(connector, "Counted", labels=("new",)))
        assert connector.requests - before == 1

    def test_created_task_is_in_the_listing_with_its_marker(self) -> None:
        """The marker is read back from the tracker, by another connector too."""
        connector = self.open_connector()
        created = self.create_one(connector, task_draft(connector, "Marked"))
        assert created.marker == "syncer-1"
        assert self.look_up(self.open_connector(), created.ref).marker == "syncer-1"

    def test_marker_on_what_somebody_else_created_is_none(self) -> None:
        """A copied or forged marker makes nothing ours, and ours stays ours."""
        connector = self.open_connector()
        created = self.create_one(connector, task_draft(connector, "Marked"))
        copy = self.person_copies(created.ref)
        if copy is None:
            pytest.skip("nobody can copy a marker here")
        store = Remembered()
        store.follow(self.open_connector())
        assert (store.items[created.ref].marker, store.items[copy].marker) == ("syncer-1", None)
        assert self.read_one(connector, store.items[copy]).marker is None
        found = connector.find([Intent(task_draft(connector, "Marked"), self.now())])
        assert [item.ref for item in found.values()] == [created.ref]

    def test_marker_that_an_item_is_linked_by_counts_whoever_seems_to_have_created_it(self) -> None:
        """Where the store has the link, the store decides."""
        connector = self.open_connector()
        created = self.create_one(connector, task_draft(connector, "Marked"))
        copy = self.person_copies(created.ref)
        if copy is None:
            pytest.skip("nobody can copy a marker here")
        store = Remembered()
        store.follow(self.open_connector())
        store.items[copy] = replace(store.items[copy], marker=Marker("syncer-1"))
        store.linked[copy] = Marker("syncer-1")
        store.cursor = None
        store.follow(self.open_connector())
        assert store.items[copy].marker == "syncer-1"

    def test_own_account_is_the_same_for_every_connector_and_asked_once(self) -> None:
        """By an id that survives renames."""
        one, other = self.open_connector(), self.open_connector()
        first = one.own_account()
        before = one.requests
        assert first is not None
        assert first.native
        assert (one.own_account(), other.own_account(), one.requests) == (first, first, before)

    def test_marker_is_no_part_of_the_body(self) -> None:
        """Nobody who compares bodies ever sees the marker."""
        connector = self.open_connector()
        draft = task_draft(connector, "Marked")
        created = self.create_one(connector, draft)
        assert "syncer-1" not in str(self.read_one(connector, created).showing[Field.BODY])

    def test_long_marker_survives(self) -> None:
        """A marker of the greatest length and all its characters comes back."""
        connector = self.open_connector()
        marker = "Az09._:-" * 25
        created = self.create_one(connector, task_draft(connector, "Marked", marker))
        assert self.read_one(connector, created).marker == marker

    def test_marker_survives_an_update_of_the_body(self) -> None:
        """Writing another body keeps the marker where it was."""
        connector = self.open_connector()
        created = self.create_one(connector, task_draft(connector, "Marked"))
        connector.update(created, {Field.BODY: self.source(connector, "Another body")})
        assert self.look_up(self.open_connector(), created.ref).marker == "syncer-1"

    def test_empty_body_is_empty(self) -> None:
        """A task without a body shows none, though it carries a marker."""
        connector = self.open_connector()
        draft = Draft(Kind.TASK, {Field.TITLE: "Bare", Field.BODY: ""}, Marker("syncer-1"))
        created = self.create_one(connector, draft)
        now = self.read_one(connector, created)
        assert (now.showing[Field.BODY], now.marker) == ("", "syncer-1")

    def test_created_comment_belongs_to_its_task(self) -> None:
        """A comment is created where its parent says, with its marker."""
        connector = self.open_connector()
        task = self.create_one(connector, task_draft(connector, "Talk"))
        comment = self.create_one(connector, comment_draft(connector, task, "Hello"))
        assert (comment.kind, comment.parent, comment.marker) == (Kind.COMMENT, task.ref, "syncer-c1")
        listed = self.look_up(self.open_connector(), comment.ref)
        assert (listed.parent, listed.marker) == (task.ref, "syncer-c1")
        assert "syncer-c1" not in str(listed.showing[Field.BODY])

    def test_comment_on_a_deleted_task_is_gone(self) -> None:
        """There is nothing to comment on."""
        connector = self.open_connector()
        task = self.create_one(connector, task_draft(connector, "Talk"))
        self.person_deletes(task.ref)
        (answer,) = connector.create([comment_draft(connector, task, "Hello")])
        assert isinstance(answer, Gone)

    def test_created_milestone_is_in_the_listing(self) -> None:
        """A milestone is created and listed."""
        connector = self.open_connector()
        created = self.create_one(connector, milestone_draft("Spring"))
        assert self.look_up(self.open_connector(), created.ref).showing[Field.TITLE] == "Spring"

    def test_task_can_be_created_in_a_milestone(self) -> None:
        """The native id that a milestone was created with can be given to a task."""
        connector = self.open_connector()
        if not self.has(connector, Field.MILESTONES):
            pytest.skip("tasks belong to no milestone here")
        milestone = self.create_one(connector, milestone_draft("Spring"))
        created = self.create_one(connector, task_draft(connector, "Planned", milestones=(milestone.ref.id,)))
        assert self.read_one(connector, created).showing[Field.MILESTONES] == (milestone.ref.id,)

    def test_unwritable_characters_are_left_out(self) -> None:
        """What no tracker stores (NUL, half a surrogate pair) does not stop the rest."""
        connector = self.open_connector()
        created = self.create_one(connector, task_draft(connector, "A\x00B\ud83d", text="C\x00D\ud83d"))
        now = self.read_one(connector, created)
        assert now.showing[Field.TITLE] == "AB"
        assert not {"\x00", "\ud83d"} & set(str(now.showing[Field.BODY]))
        assert {"C", "D"} <= set(str(now.showing[Field.BODY]))

    def test_refused_draft_is_an_answer_that_names_the_field(self) -> None:
        """A title that the tracker refuses is `Rejected`, says so, and creates nothing."""
        connector = self.open_connector()
        title = "x" * (connector.capabilities.title_limit + 1)
        (answer,) = connector.create([task_draft(connector, title)])
        assert isinstance(answer, Rejected)
        assert any(word in str(answer).lower() for word in ("title", "summary"))
        assert self.count(Kind.TASK) == 0

    def test_lost_answer_of_a_created_task_is_ambiguous_and_found(self) -> None:
        """When the answer is lost the task is there once, and its marker finds it."""
        connector = self.open_connector()
        draft, at = task_draft(connector, "Twice?"), self._about_now()
        self.lose_next_answer(committed=True)
        with pytest.raises(Ambiguous):
            connector.create([draft])
        assert self.count(Kind.TASK) == 1
        found = self.open_connector().find([Intent(draft, at)])
        assert found[draft.marker].showing[Field.TITLE] == "Twice?"

    @pytest.mark.parametrize("kind", list(Kind))
    def test_lost_answer_is_found_without_a_time_too(self, kind: Kind) -> None:
        """Where nobody knows when it was sent, everything is looked through."""
        connector = self.open_connector()
        task = self.create_one(connector, task_draft(connector, "Talk", "syncer-t"))
        drafts = {
            Kind.TASK: task_draft(connector, "Twice?"),
            Kind.COMMENT: comment_draft(connector, task, "Hello"),
            Kind.MILESTONE: milestone_draft("Spring"),
        }
        draft = drafts[kind]
        self.lose_next_answer(committed=True)
        with pytest.raises(Ambiguous):
            connector.create([draft])
        assert list(self.open_connector().find([Intent(draft, None)])) == [draft.marker]

    def test_lost_request_of_a_task_is_ambiguous_and_not_found(self) -> None:
        """When the request was lost nothing is there, and that is what `find` says."""
        connector = self.open_connector()
        draft, at = task_draft(connector, "Never?"), self._about_now()
        self.lose_next_answer(committed=False)
        with pytest.raises(Ambiguous):
            connector.create([draft])
        assert self.count(Kind.TASK) == 0
        assert self.open_connector().find([Intent(draft, at)]) == {}

    def test_lost_answer_of_a_comment_is_found_beside_what_people_said(self) -> None:
        """Comments of others, which carry no marker, are looked through and not taken for ours."""
        connector = self.open_connector()
        task = self.create_one(connector, task_draft(connector, "Talk"))
        self.person_comments(task.ref, self.source(connector, "Hello"))
        draft, at = comment_draft(connector, task, "Hello"), self._about_now()
        self.lose_next_answer(committed=True)
        with pytest.raises(Ambiguous):
            connector.create([draft])
        assert set(connector.find([Intent(draft, at)])) == {draft.marker}
        assert self.count(Kind.COMMENT) == 2

    def test_lost_answer_of_a_comment_is_found(self) -> None:
        """A comment whose answer was lost is found on its task."""
        connector = self.open_connector()
        task = self.create_one(connector, task_draft(connector, "Talk"))
        self._lose_and_find(connector, comment_draft(connector, task, "Hello"))

    def test_lost_answer_of_a_milestone_is_found(self) -> None:
        """A milestone whose answer was lost is found."""
        self._lose_and_find(self.open_connector(), milestone_draft("Spring"))

    def test_lost_request_of_a_comment_is_not_found(self) -> None:
        """A comment whose request was lost is not found."""
        connector = self.open_connector()
        task = self.create_one(connector, task_draft(connector, "Talk"))
        draft, at = comment_draft(connector, task, "Hello"), self._about_now()
        self.lose_next_answer(committed=False)
        with pytest.raises(Ambiguous):
            connector.create([draft])
        assert connector.find([Intent(draft, at)]) == {}

    def test_find_knows_several_intents_at_once(self) -> None:
        """Those that took effect are found, the others are not, and nothing else is."""
        connector = self.open_connector()
        at = self._about_now()
        task = self.create_one(connector, task_draft(connector, "There", "syncer-1"))
        self.create_one(connector, task_draft(connector, "Not asked for", "syncer-9"))
        comment = self.create_one(connector, comment_draft(connector, task, "Hello", "syncer-c1"))
        drafts = [
            task_draft(connector, "There", "syncer-1"),
            task_draft(connector, "Not there", "syncer-2"),
            comment_draft(connector, task, "Hello", "syncer-c1"),
            comment_draft(connector, task, "Not there", "syncer-c2"),
            milestone_draft("Not there", "syncer-m2"),
        ]
        found = self.open_connector().find([Intent(draft, at) for draft in drafts])
        assert {marker: item.ref for marker, item in found.items()} == {
            Marker("syncer-1"): task.ref,
            Marker("syncer-c1"): comment.ref,
        }

    def test_marker_quoted_by_a_person_is_not_found(self) -> None:
        """Somebody who copies the visible text of a marked task does not make a second one of it."""
        connector = self.open_connector()
        at = self._about_now()
        created = self.create_one(connector, task_draft(connector, "Original"))
        copied = str(self.read_one(connector, created).showing[Field.BODY])
        self.person_creates("Copy", f"{copied}\n\nsyncer-1")
        found = self.open_connector().find([Intent(task_draft(connector, "Original"), at)])
        assert {item.ref for item in found.values()} == {created.ref}

    def test_batch_creates_each_draft_once(self) -> None:
        """As many drafts as one request may hold are created by one request, in order."""
        connector = self.open_connector()
        size = connector.capabilities.batch(Kind.TASK)
        drafts = [task_draft(connector, f"Task {number}", f"syncer-{number}") for number in range(size)]
        before = connector.requests
        created = [only([result]) for result in connector.create(drafts)]
        assert [item.marker for item in created] == [draft.marker for draft in drafts]
        assert self.count(Kind.TASK) == size
        assert connector.requests - before <= 2  # the first create may have to learn the names of fields

    def _lose_and_find(self, connector: Connector, draft: Draft) -> Observed:
        at = self._about_now()
        self.lose_next_answer(committed=True)
        with pytest.raises(Ambiguous):
            connector.create([draft])
        assert self.count(draft.kind) == 1
        found = connector.find([Intent(draft, at)])
        assert list(found) == [draft.marker]
        return found[draft.marker]

    def _about_now(self) -> datetime:
        """The time of an intent that is about to be recorded."""
        return self.now().astimezone(UTC)
