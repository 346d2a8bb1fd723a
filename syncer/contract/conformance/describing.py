"""What a connector says about its scope and itself."""
# ruff: noqa: S101  (a suite is made of assertions)

from __future__ import annotations

from datetime import timedelta

import pytest

from syncer.contract.capabilities import Fidelity
from syncer.contract.checking import Severity
from syncer.contract.conformance.world import Remembered, Suite, paragraph
from syncer.contract.model import Audience, Field, Kind
from syncer.contract.people import renaming
from syncer.contract.roster import Rostered
from syncer.richtext import Document, Paragraph, Run, RunKind


class DescribingSuite(Suite):
    """Capabilities, vocabulary, people, markup, and the end."""

    def test_opening_sends_nothing(self) -> None:
        """A connector that was only opened has asked nothing."""
        assert self.open_connector().requests == 0

    def test_the_trackers_clock_is_told_with_its_answers(self) -> None:
        """Its own clock, from an answer to something else; nothing before the first."""
        assert self.open_connector().clock is None
        connector = self.open_connector()
        list(connector.changes(None, Remembered()))
        assert connector.clock is not None
        assert abs(connector.clock - self.now()) < timedelta(minutes=1)

    def test_capabilities_are_constant(self) -> None:
        """What a scope can hold does not change during a run."""
        connector = self.open_connector()
        before = connector.capabilities
        list(connector.changes(None, Remembered()))
        assert connector.capabilities == before

    def test_every_scope_holds_titles_bodies_and_statuses(self) -> None:
        """Without these there is nothing to keep in step."""
        fields = self.open_connector().capabilities.fields
        for field in (Field.TITLE, Field.BODY, Field.STATUS):
            assert fields[Kind.TASK][field] is not Fidelity.READ_ONLY
        assert Field.BODY in fields[Kind.COMMENT]

    def test_working_setup_has_no_error(self) -> None:
        """The check of a good configuration complains of nothing serious."""
        findings = self.open_connector().check()
        assert [finding for finding in findings if finding.severity is Severity.ERROR] == []

    def test_check_and_vocabulary_write_nothing(self) -> None:
        """Looking changes nothing."""
        task = self.person_creates("Untouched")
        connector = self.open_connector()
        before = self.look_up(connector, task)
        connector.check()
        connector.vocabulary()
        assert self.look_up(connector, task) == before
        assert [self.count(kind) for kind in Kind] == [1, 0, 0]

    def test_vocabulary_knows_people_statuses_and_labels(self) -> None:
        """The names that rules may use are listed."""
        self.person_creates("Labelled", labels=("urgent",))
        words = self.open_connector().vocabulary()
        assert set(self.people()) <= set(words.accounts)
        assert {self.open_status().name, self.closed_status().name} <= set(words.statuses)
        assert "urgent" in words.labels

    def test_audience_is_determined(self) -> None:
        """Who can read the scope is asked of the tracker, and is more than nobody."""
        assert self.open_connector().audience() > Audience.RESTRICTED

    def test_account_of_a_person_has_a_name_and_a_page(self) -> None:
        """A person is known by name, and by a page that a mention can link to."""
        account = self.open_connector().account(self.people()[0])
        assert account is not None
        assert account.id == self.people()[0]
        assert account.name
        assert account.url.startswith("http")

    def test_unknown_account_is_none(self) -> None:
        """Nobody is made up."""
        assert self.open_connector().account("nobody-of-this-name") is None

    def test_renamed_account_is_known_by_its_unchanging_id(self) -> None:
        """Wherever an account is shown, so is what does not change about it; and by that it is found."""
        connector = self.open_connector()
        if renaming(connector) is None:
            pytest.skip("accounts keep their ids here")
        person = self.people()[0]
        task = self.person_creates("Whose is it")
        self.person_edits(task, {Field.ASSIGNEES: (person,)})
        (before,) = self.look_up(connector, task).people
        assert before.id == person
        assert before.native
        assert (known := connector.account(person)) is not None
        assert known.native == before.native
        self.account_is_renamed(person, "renamed")
        renamed = self.open_connector()
        by_native = renaming(renamed)
        assert by_native is not None
        item = self.look_up(renamed, task)
        assert item.showing[Field.ASSIGNEES] == ("renamed",)
        assert [(account.id, account.native) for account in item.people] == [("renamed", before.native)]
        found = by_native.account_of(before.native)
        assert found is not None
        assert (found.id, found.native) == ("renamed", before.native)
        assert by_native.account_of("987654321") is None

    def test_author_of_an_item_is_an_account(self) -> None:
        """The person who wrote something can be looked up."""
        task = self.person_creates("Whose is it")
        connector = self.open_connector()
        author = self.look_up(connector, task).author
        assert author is not None
        found = connector.account(author.id)
        assert found is not None
        assert (found.id, found.url) == (author.id, author.url)

    def test_written_document_reads_back(self) -> None:
        """A header as the engine writes it, with a rule of its own, reads back as the same document."""
        markup = self.open_connector().markup
        header = (Run("Mia wrote "), Run("on 2 March", link="https://example.org/acme/pay/issues/7#c1"), Run(":"))
        document = Document((Paragraph(header), *paragraph("Text 你好").blocks))
        assert markup.read(markup.write(document).source) == document

    def test_markup_mentions_nobody_by_itself(self) -> None:
        """A mention of somebody who is not live reads back as no mention."""
        connector = self.open_connector()
        account = connector.account(self.people()[0])
        assert account is not None
        mention = Document((Paragraph((Run(account.name, RunKind.MENTION, target=account.url),)),))
        source = connector.markup.write(mention).source
        assert f"@{account.id}" not in source
        assert f"~{account.id}" not in source

    def test_patch_of_the_same_document_changes_nothing(self) -> None:
        """Text that nobody edited is not rewritten."""
        markup = self.open_connector().markup
        source = markup.write(paragraph("Untouched")).source
        assert markup.patch(source, markup.read(source)).source == source

    def test_roster_is_told_twice_alike_and_writes_nothing(self) -> None:
        """Where a connector tells who is who, it knows its own account, and asking again changes nothing."""
        connector = self.open_connector()
        if not isinstance(connector, Rostered):
            pytest.skip("this connector does not tell who is who")
        first = connector.roster()
        assert first.reader is not None
        assert connector.roster() == first
        assert all(one.part and one.reason for one in first.unread)
        assert [self.count(kind) for kind in Kind] == [0, 0, 0]

    def test_closed_connector_refuses(self) -> None:
        """After `close` nothing is sent."""
        connector = self.open_connector()
        connector.close()
        with pytest.raises(RuntimeError):
            list(connector.changes(None, Remembered()))
