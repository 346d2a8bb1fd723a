"""Reading: listings, cursors, comments, single items."""
# ruff: noqa: S101  (a suite is made of assertions)

from __future__ import annotations

from datetime import UTC, date, timedelta

from syncer.contract.conformance.world import Remembered, Suite, items_of, only
from syncer.contract.errors import Gone, Unreadable
from syncer.contract.model import Category, Field, Kind, Observed, Ref, Status

_ORDER = {Kind.MILESTONE: 0, Kind.TASK: 1, Kind.COMMENT: 2}


class ReadingSuite(Suite):
    """What people do is seen: all of it, once, and at a bounded price."""

    def test_empty_scope_gives_a_cursor(self) -> None:
        """The listing of nothing is a page that says where to go on."""
        pages = list(self.open_connector().changes(None, Remembered()))
        assert items_of(pages) == []
        assert pages[-1].cursor

    def test_full_listing_shows_tasks_comments_and_milestones(self) -> None:
        """Without a cursor everything in the scope is shown."""
        task = self.person_creates("Pay the courier")
        comment = self.person_comments(task, "Cash only")
        milestone = self.person_creates_milestone("Spring")
        listed = items_of(self.open_connector().changes(None, Remembered()))
        assert {item.ref for item in listed} == {task, comment, milestone}

    def test_full_listing_calls_every_task_complete(self) -> None:
        """After a full listing it is known which comments exist, even where there are none."""
        quiet, busy = self.person_creates("Quiet"), self.person_creates("Busy")
        self.person_comments(busy, "Hello")
        pages = self.open_connector().changes(None, Remembered())
        assert frozenset().union(*(page.complete for page in pages)) == {quiet, busy}

    def test_milestones_come_before_tasks_and_tasks_before_comments(self) -> None:
        """Within a page nothing refers to what comes later."""
        self.person_comments(self.person_creates("First"), "Hello")
        self.person_creates_milestone("Spring")
        for page in self.open_connector().changes(None, Remembered()):
            order = [_ORDER[item.kind] for item in page.observed]
            assert order == sorted(order)

    def test_observed_is_well_formed(self) -> None:
        """Every part of an item has the type and form the model promises."""
        task = self.person_creates("Well formed", "Body", labels=("zebra", "apple"))
        self.person_comments(task, "Comment")
        self.person_creates_milestone("Spring")
        connector = self.open_connector()
        for item in items_of(connector.changes(None, Remembered())):
            assert item.version
            assert item.key
            assert item.url.startswith("http")
            assert item.created.utcoffset() == item.updated.utcoffset() == timedelta(0)
            assert item.created.tzinfo is UTC
            assert item.author is not None
            assert item.marker is None
            assert set(item.showing) <= set(connector.capabilities.fields[item.kind])
            assert (item.parent is not None) == (item.kind is Kind.COMMENT)
            for field, value in item.showing.items():
                assert _has_the_right_type(field, value), (field, value)

    def test_labels_are_sorted(self) -> None:
        """The order in which a tracker lists labels is of no meaning."""
        task = self.person_creates("Labelled", labels=("zebra", "apple"))
        assert self.look_up(self.open_connector(), task).showing[Field.LABELS] == ("apple", "zebra")

    def test_audience_of_an_item_is_never_wider_than_that_of_the_scope(self) -> None:
        """The audience of an ordinary item is that of its scope."""
        self.person_creates("Public or not")
        connector = self.open_connector()
        (item,) = items_of(connector.changes(None, Remembered()))
        assert self.readers_of(connector, item) is connector.audience()

    def test_comment_names_its_task(self) -> None:
        """The parent of a comment is the task's reference."""
        task = self.person_creates("Parent")
        comment = self.person_comments(task, "Child")
        assert self.look_up(self.open_connector(), comment).parent == task

    def test_nothing_changed_costs_one_request_and_shows_nothing_new(self) -> None:
        """A reading after which everything is as it was asks once."""
        for number in range(3):
            self.person_comments(self.person_creates(f"Task {number}"), "Hello")
        store, connector = Remembered(), self.open_connector()
        store.follow(connector)
        self.time_passes(600)
        before, versions = connector.requests, _versions(store)
        store.follow(connector)
        assert connector.requests - before == 1
        assert _versions(store) == versions

    def test_unchanged_item_keeps_its_version(self) -> None:
        """A second look at the same thing gives the same version, in the listing and by reading."""
        task = self.person_creates("Still", "The same", labels=("b", "a"))
        self.time_passes(5)
        first = self.look_up(self.open_connector(), task)
        second = self.open_connector()
        assert self.look_up(second, task).version == first.version
        assert self.read_one(second, first).version == first.version

    def test_version_changes_with_every_field(self) -> None:
        """Whatever a person changes, the version differs, even within one second."""
        task = self.person_creates("Moving")
        connector = self.open_connector()
        item = self.look_up(connector, task)
        seen = [item.version]
        for field in (Field.TITLE, Field.BODY, Field.LABELS, Field.ASSIGNEES):
            if self.has(connector, field):
                value = self.source(connector, "Changed") if field is Field.BODY else self.value_for(field)
                self.person_edits(task, {field: value})
                seen.append(self.read_one(connector, item).version)
        self.person_closes(task)
        seen.append(self.read_one(connector, item).version)
        assert len(set(seen)) == len(seen)

    def test_change_is_seen_after_the_cursor(self) -> None:
        """An incremental reading shows what a person changed meanwhile."""
        task = self.person_creates("Before")
        store, connector = Remembered(), self.open_connector()
        store.follow(connector)
        self.time_passes(600)
        self.person_edits(task, {Field.TITLE: "After"})
        store.follow(connector)
        assert store.items[task].showing[Field.TITLE] == "After"

    def test_change_within_the_second_of_the_reading_is_seen(self) -> None:
        """No change hides behind a clock that counts whole seconds."""
        task = self.person_creates("Before")
        store, connector = Remembered(), self.open_connector()
        store.follow(connector)
        self.person_edits(task, {Field.TITLE: "After"})
        store.follow(connector)
        assert store.items[task].showing[Field.TITLE] == "After"

    def test_new_task_is_seen_after_the_cursor(self) -> None:
        """An incremental reading shows new tasks with their comments."""
        store, connector = Remembered(), self.open_connector()
        store.follow(connector)
        self.time_passes(600)
        task = self.person_creates("New")
        comment = self.person_comments(task, "First!")
        store.follow(connector)
        assert {task, comment} <= store.items.keys()

    def test_new_comment_is_seen_after_the_cursor(self) -> None:
        """A comment on a task that was known is shown."""
        task = self.person_creates("Talk")
        store, connector = Remembered(), self.open_connector()
        store.follow(connector)
        self.time_passes(600)
        comment = self.person_comments(task, "Hello")
        store.follow(connector)
        assert comment in store.items

    def test_edited_comment_is_seen_after_the_cursor(self) -> None:
        """A changed comment is shown with another version."""
        task = self.person_creates("Talk")
        connector = self.open_connector()
        comment = self.person_comments(task, self.source(connector, "Helo"))
        store = Remembered()
        store.follow(connector)
        before = store.items[comment]
        self.time_passes(600)
        self.person_edits_comment(comment, self.source(connector, "Hello"))
        store.follow(connector)
        assert store.items[comment].showing[Field.BODY] != before.showing[Field.BODY]
        assert store.items[comment].version != before.version

    def test_deleted_comment_is_missing_from_a_complete_task(self) -> None:
        """When a comment was deleted its task is complete without it, at the latest in the next full listing."""
        task = self.person_creates("Talk")
        kept, deleted = self.person_comments(task, "Stays"), self.person_comments(task, "Goes")
        store, connector = Remembered(), self.open_connector()
        store.follow(connector)
        self.time_passes(600)
        self.person_deletes(deleted)
        store.cursor = None
        store.follow(connector)
        assert store.comments_of(task) == {kept}

    def test_deleted_comment_beside_a_new_one_is_noticed(self) -> None:
        """One comment deleted and another written leave the count as it was, and are still told apart."""
        task = self.person_creates("Talk")
        deleted = self.person_comments(task, "Goes")
        store, connector = Remembered(), self.open_connector()
        store.follow(connector)
        self.time_passes(600)
        self.person_deletes(deleted)
        added = self.person_comments(task, "Comes")
        store.follow(connector)
        assert store.comments_of(task) == {added}

    def test_comments_of_unchanged_tasks_are_not_asked_for(self) -> None:
        """A changed task does not make those beside it cost anything."""
        tasks = [self.person_creates(f"Task {number}") for number in range(4)]
        for task in tasks:
            self.person_comments(task, "Hello")
        store, connector = Remembered(), self.open_connector()
        store.follow(connector)
        self.time_passes(600)
        self.person_edits(tasks[0], {Field.TITLE: "Changed"})
        before = connector.requests
        store.follow(connector)
        assert connector.requests - before <= 2

    def test_cursor_serves_another_connector(self) -> None:
        """A cursor means the same after the process was started again."""
        task = self.person_creates("Before")
        store = Remembered()
        store.follow(self.open_connector())
        self.time_passes(600)
        self.person_edits(task, {Field.TITLE: "After"})
        store.follow(self.open_connector())
        assert store.items[task].showing[Field.TITLE] == "After"

    def test_every_task_is_listed_once_read_page_by_page(self) -> None:
        """Pages neither skip nor lose a task, and a task's comments come with it."""
        tasks = [self.person_creates(f"Task {number}") for number in range(105)]
        comment = self.person_comments(tasks[50], "In the middle")
        listed = [item.ref for item in items_of(self.open_connector().changes(None, Remembered()))]
        assert sorted(listed) == sorted([*tasks, comment])

    def test_listing_begun_again_at_the_cursor_of_any_page_is_complete(self) -> None:
        """Whoever stores a page may stop there: reading from its cursor shows the rest."""
        tasks = []
        for number in range(105):
            tasks.append(self.person_creates(f"Task {number}"))
            self.time_passes(90)
        connector = self.open_connector()
        for stop in range(2):
            store = Remembered()
            for page, _ in zip(connector.changes(None, store), range(stop + 1), strict=False):
                store.store(page)
            store.follow(connector)
            assert set(tasks) <= store.items.keys()

    def test_task_changed_while_pages_are_read_is_not_lost(self) -> None:
        """Somebody who edits between two pages moves items, and nothing falls between."""
        tasks = []
        for number in range(105):
            tasks.append(self.person_creates(f"Task {number}"))
            self.time_passes(1)
        store, connector = Remembered(), self.open_connector()
        for page in connector.changes(None, store):
            store.store(page)
            self.time_passes(1)
            self.person_edits(tasks[3], {Field.TITLE: "Moved to the end"})
        self.time_passes(600)
        store.follow(connector)
        assert set(tasks) <= store.items.keys()
        assert store.items[tasks[3]].showing[Field.TITLE] == "Moved to the end"

    def test_read_shows_a_change_at_once(self) -> None:
        """Reading single items is consistent with what was just written."""
        task = self.person_creates("Before")
        connector = self.open_connector()
        item = self.look_up(connector, task)
        self.person_edits(task, {Field.TITLE: "After"})
        assert self.read_one(connector, item).showing[Field.TITLE] == "After"

    def test_read_shows_comments_and_milestones(self) -> None:
        """Every kind can be read singly, and is the same as in the listing."""
        task = self.person_creates("Talk")
        comment, milestone = self.person_comments(task, "Hello"), self.person_creates_milestone("Spring")
        store, connector = Remembered(), self.open_connector()
        store.follow(connector)
        items = [store.items[ref] for ref in (comment, milestone, task)]
        assert list(connector.read(items)) == items

    def test_read_answers_in_the_order_asked(self) -> None:
        """Answers belong to the questions, whatever is missing between them."""
        tasks = [self.person_creates(f"Task {number}") for number in range(3)]
        store, connector = Remembered(), self.open_connector()
        store.follow(connector)
        self.person_deletes(tasks[1])
        first, second, third = connector.read([store.items[ref] for ref in reversed(tasks)])
        assert isinstance(second, Gone)
        assert [only([first]).ref, only([third]).ref] == [tasks[2], tasks[0]]

    def test_deleted_comment_is_gone(self) -> None:
        """A deleted comment is gone, and its task is not."""
        task = self.person_creates("Talk")
        comment = self.person_comments(task, "Oops")
        connector = self.open_connector()
        item = self.look_up(connector, comment)
        self.person_deletes(comment)
        (answer,) = connector.read([item])
        assert isinstance(answer, Gone)

    def test_read_of_nothing_costs_nothing(self) -> None:
        """No item asked for is no request."""
        connector = self.open_connector()
        before = connector.requests
        assert list(connector.read([])) == []
        assert connector.requests == before

    def test_unreadable_item_is_named_and_hides_no_other(self) -> None:
        """Whatever one task, comment or milestone is shown as, all others are shown, and it is known to be there."""
        bad, good = self.person_creates("Bad"), self.person_creates("Good")
        comments = [self.person_comments(good, text) for text in ("One", "Two", "Three")]
        milestone = self.person_creates_milestone("Spring")
        for item in (bad, comments[1], milestone):
            self.garbles(item)
        pages = list(self.open_connector().changes(None, Remembered()))
        aside = {one.ref: one for page in pages for one in page.unreadable}
        assert set(aside) == {bad, comments[1], milestone}
        assert all(one.key and one.reason for one in aside.values())
        assert aside[comments[1]].parent == good
        assert {item.ref for item in items_of(pages)} == {good, comments[0], comments[2]}
        assert good in frozenset().union(*(page.complete for page in pages))

    def test_unreadable_item_is_told_when_it_is_read_and_shown_once_it_is_mended(self) -> None:
        """Reading one by one says `Unreadable`, never that an item is gone."""
        bad, good = self.person_creates("Bad"), self.person_creates("Good")
        comment = self.person_comments(good, "One")
        milestone = self.person_creates_milestone("Spring")
        connector = self.open_connector()
        items = {item.ref: item for item in items_of(connector.changes(None, Remembered()))}
        asked = [items[ref] for ref in (bad, comment, milestone, good)]
        for ref in (bad, comment, milestone):
            self.garbles(ref)
        answers = connector.read(asked)
        assert [type(answer) for answer in answers[:3]] == [Unreadable] * 3
        assert isinstance(answers[3], Observed)
        for ref in (bad, comment, milestone):
            self.mends(ref)
        assert all(isinstance(answer, Observed) for answer in connector.read(asked))

    def test_unreadable_item_after_the_cursor_keeps_no_other_from_being_seen(self) -> None:
        """The next reading shows what changed beside it."""
        bad, good = self.person_creates("Bad"), self.person_creates("Good")
        store = Remembered()
        store.follow(self.open_connector())
        self.time_passes(60)
        for ref in (bad, good):
            self.person_edits(ref, {Field.TITLE: "Renamed"})
        self.garbles(bad)
        pages = store.follow(self.open_connector())
        assert store.items[good].showing[Field.TITLE] == "Renamed"
        assert store.items[bad].showing[Field.TITLE] == "Bad"
        assert {one.ref for page in pages for one in page.unreadable} == {bad}

    def test_closed_task_shows_when(self) -> None:
        """A finished task has category DONE and the time it was finished."""
        task = self.person_creates("Finish me")
        self.time_passes(60)
        self.person_closes(task)
        item = self.look_up(self.open_connector(), task)
        status = item.showing[Field.STATUS]
        assert isinstance(status, Status)
        assert status.category is Category.DONE
        assert item.facts.closed is not None
        assert item.facts.closed > item.created

    def test_text_is_shown_as_it_was_written(self) -> None:
        """Scripts and signs of all planes arrive as they are."""
        connector = self.open_connector()
        title = "退款失败 – naïve 😀 \u05d0\u05d1 e\u0301"
        task = self.person_creates(title, self.source(connector, title))
        item = self.look_up(connector, task)
        assert item.showing[Field.TITLE] == title
        assert connector.markup.read(str(item.showing[Field.BODY])) == connector.markup.read(
            self.source(connector, title)
        )


def _versions(store: Remembered) -> dict[Ref, str]:
    return {ref: item.version for ref, item in store.items.items()}


def _has_the_right_type(field: Field, value: object) -> bool:
    match field:
        case Field.TITLE | Field.BODY:
            return isinstance(value, str)
        case Field.STATUS:
            return isinstance(value, Status) and bool(value.name)
        case Field.LABELS | Field.COMPONENTS | Field.ASSIGNEES | Field.MILESTONES:
            return isinstance(value, tuple) and all(isinstance(element, str) for element in value)
        case Field.BLOCKED_BY | Field.RELATES | Field.DUPLICATES | Field.CLONES:
            return isinstance(value, tuple) and value == tuple(sorted(map(str, value)))
        case Field.PRIORITY | Field.TYPE | Field.PARENT:
            return value is None or isinstance(value, str)
        case Field.START | Field.DUE:
            return value is None or type(value) is date
