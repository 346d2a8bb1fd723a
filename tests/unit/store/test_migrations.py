"""The way from an older state to the current one."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, inspect, text

from syncer.contract.model import Side
from syncer.core.codec import digest, encode_observed
from syncer.core.link_reason import Because, LinkReason
from syncer.store import StateUnwritable, Store
from syncer.store.columns import pack, to_microseconds
from syncer.store.database import Database, postgresql_engine, sqlite_engine
from syncer.store.place import prepare_directory, private_file
from syncer.store.revisions import upgrade
from syncer.store.schema import REVISIONS, VERSION_TABLE, metadata
from tests.unit.store.builders import NOON, PAIR, later, page, task


def at_first_revision(location: str) -> Database:
    """A state as the first version made it, with one pair and one item."""
    if location.startswith("postgresql"):
        database = Database(postgresql_engine(location), lambda: NOON, None)
    else:
        directory = Path(location)
        file = prepare_directory(directory)
        private_file(file)
        database = Database(sqlite_engine(file), lambda: NOON, directory)
    with database.transaction() as connection:
        if not database.sqlite:
            connection.execute(text("CREATE SCHEMA syncer"))
        upgrade(connection, "0001")
        moment = to_microseconds(NOON)
        pair = {"name": PAIR, "at": moment}
        connection.execute(text("INSERT INTO pairs VALUES (1, :name, 7, NULL, 1, 'host', :at)"), pair)
        item = task(1)
        row = {"ref": str(item.ref), "at": moment, "digest": digest(item), "key": item.key, "url": item.url}
        connection.execute(
            text(
                "INSERT INTO observed (pair, side, ref, kind, rank, created, digest, seen_at)"
                " VALUES (1, 'left', :ref, 'task', 0, :at, :digest, :at)"
            ),
            row,
        )
        connection.execute(
            text("INSERT INTO showings VALUES (1, 'left', :ref, :key, :url, :payload)"),
            row | {"payload": pack(encode_observed(item))},
        )
    return database


def test_an_older_state_is_brought_up_to_date_with_all_it_holds(state_location: str) -> None:
    at_first_revision(state_location).engine.dispose()
    with Store.open(state_location, clock=lambda: NOON) as store, store.lease(PAIR, "run-1") as lease:
        assert lease.epoch == 8
        assert store.observed.get(PAIR, Side.LEFT, task(1).ref) == task(1)
        assert store.outbox.mails() == []
        stored = store.observed.save_page(lease, Side.LEFT, page(task(1, title="moved")), seen_at=later(1))
        assert stored.changed == [task(1).ref]


def test_a_migration_that_fails_leaves_the_older_state(state_location: str) -> None:
    database = at_first_revision(state_location)
    with database.transaction() as connection:
        connection.execute(text("CREATE TABLE outbox (in_the_way integer)"))
    database.engine.dispose()
    with pytest.raises(Exception, match="outbox"):
        Store.open(state_location, clock=lambda: NOON)
    with database.reading() as connection:
        assert connection.scalar(text("SELECT version_num FROM syncer_revision")) == "0001"
        assert "unconfirmed" not in {column["name"] for column in inspect(connection).get_columns("observed")}
    database.engine.dispose()


def test_the_migrations_lead_to_the_tables_that_are_used(state_location: str) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with Store.open(state_location, clock=lambda: NOON) as store, store._database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE, "compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_a_new_state_is_what_the_migrations_make_with_an_id_of_its_own(tmp_path: Path) -> None:
    def dump(name: str, *, migrated: bool) -> set[str]:
        if not migrated:
            Store.open(tmp_path / name, clock=lambda: NOON).close()
        database = Database(sqlite_engine(tmp_path / name / "state.db"), lambda: NOON, tmp_path / name)
        if migrated:
            private_file(prepare_directory(tmp_path / name))
            with database.transaction() as connection:
                upgrade(connection, REVISIONS[-1])
        with database.reading() as connection:
            told = set(connection.connection.driver_connection.iterdump())
        database.engine.dispose()
        return told

    migrated, *new = dump("migrated", migrated=True), dump("one", migrated=False), dump("other", migrated=False)
    assert [len(migrated ^ each) for each in new] == [2, 2]
    identities = {one for one in migrated | new[0] | new[1] if one not in migrated & new[0] & new[1]}
    assert len(identities) == 3
    assert all(one.startswith("INSERT INTO \"meta\" VALUES('state',") for one in identities)


def test_what_was_compiled_for_one_state_serves_the_next(tmp_path: Path) -> None:
    compiled = []
    for name in ("one", "other"):
        with Store.open(tmp_path / name, clock=lambda: NOON) as store:

            @event.listens_for(store._database.engine, "before_cursor_execute")
            def note(*told: Any) -> None:
                compiled.append(told[4].compiled)

            assert store.outbox.mails() == []
    assert len(compiled) == 2
    assert compiled[0] is compiled[1]


def test_the_known_revisions_are_those_that_are_shipped() -> None:
    from alembic.script import ScriptDirectory

    import syncer.store

    scripts = ScriptDirectory(str(Path(syncer.store.__file__).with_name("migrations")))
    assert tuple(script.revision for script in reversed(list(scripts.walk_revisions()))) == REVISIONS


def test_tables_of_sqlite_are_strict(tmp_path: Path) -> None:
    with Store.open(tmp_path / "state", clock=lambda: NOON) as store, store._database.reading() as connection:
        strict = {row.name: row.strict for row in connection.execute(text("PRAGMA table_list")) if row.schema == "main"}
    assert {name for name in metadata.tables if not strict[name]} == set()


def test_mail_that_waited_before_the_outbox_lost_its_texts_waits_still(state_location: str) -> None:
    """An address is one recipient however it is written; two rows of one address stay two."""
    database = at_first_revision(state_location)
    rows = [("Lead@acme.example", "new"), ("mei@acme.example", "sent"), ("Mei@acme.example", "new")]
    with database.transaction() as connection:
        upgrade(connection, "0008")
        for recipient, state in rows:
            connection.execute(
                text(
                    "INSERT INTO outbox (report, week, recipient, message, state, added_at, moved_at, note)"
                    " VALUES ('weekly', '2026-W10', :recipient, :message, :state, :at, :at, '')"
                ),
                {"recipient": recipient, "state": state, "at": to_microseconds(NOON), "message": b"x" * 100_000},
            )
    database.engine.dispose()
    with Store.open(state_location, clock=lambda: NOON) as store:
        assert [(mail.recipient, mail.state.value) for mail in store.outbox.mails()] == [
            ("lead@acme.example", "new"), ("mei@acme.example", "sent"), ("Mei@acme.example", "new"),
        ]  # fmt: skip
        claimed = [store.outbox.claim(NOON, later(-1)) for _ in range(2)]
        assert [mail.recipient for mail in claimed if mail is not None] == ["lead@acme.example", "Mei@acme.example"]
        assert store.outbox.late_posts() == []


ON_RIGHT = " on the right side"
SENTENCES = [
    ("held", f"acme/pay#2 left the filter{ON_RIGHT}", LinkReason(Because.LEFT_FILTER, "acme/pay#2", Side.RIGHT)),
    ("held", f"PAY-1 is listed no more (archived?){ON_RIGHT}", LinkReason(Because.UNLISTED, "PAY-1", Side.RIGHT)),
    ("held", "PAY-1 cannot be seen any more on the left side", LinkReason(Because.UNSEEN, "PAY-1", Side.LEFT)),
    ("held", f"PAY-1 was moved to OPS-7{ON_RIGHT}", LinkReason(Because.MOVED, "PAY-1", Side.RIGHT, "OPS-7")),
    (
        "held",
        "the partner of PAY-1 was deleted, and PAY-1 was edited since: decide by hand",
        LinkReason(Because.EDITED, "PAY-1"),
    ),
    (
        "held",
        "gave up after 8 attempts: Ambiguous: two\nlines",
        LinkReason(Because.GAVE_UP, detail="Ambiguous: two\nlines", attempts=8),
    ),
    ("held", "set aside by hand", LinkReason(Because.OTHER, detail="set aside by hand")),
    ("active", "Retryable: (503)", LinkReason(Because.FAILED, detail="Retryable: (503)")),
    ("active", "Rejected: locked", LinkReason(Because.REJECTED, detail="locked")),
    (
        "active",
        "parent of PAY-1 is not carried: it would close the ring PAY-1 → PAY-2 → PAY-1",
        LinkReason(Because.CYCLE),
    ),
    ("active", "something else", LinkReason(Because.OTHER, detail="something else")),
    ("active", "", None),
    ("retired", "both sides are gone", LinkReason(Because.BOTH_GONE)),
    ("retired", "the partner of PAY-1 was deleted", LinkReason(Because.PARTNER_GONE, "PAY-1")),
    ("retired", "the comment 10 stands for was deleted", LinkReason(Because.ORIGINAL_GONE, "10")),
    ("retired", "its mirror was deleted; the original is left alone", LinkReason(Because.MIRROR_GONE)),
    (
        "retired",
        "its partner of v1 was deleted; the milestone is left alone",
        LinkReason(Because.MILESTONE_GONE, "v1"),
    ),
]


def test_the_sentences_of_an_older_state_become_reasons_that_say_the_same(state_location: str) -> None:
    database = at_first_revision(state_location)
    with database.transaction() as connection:
        upgrade(connection, "0014")
        for number, (state, sentence, _) in enumerate(SENTENCES):
            connection.execute(
                text(
                    "INSERT INTO links (id, pair, kind, left_ref, right_ref, origin, state, reason, settled_left,"
                    " settled_right, attempts, base, memory) VALUES (:id, 1, 'task', :id, :id, 'left', :state, :reason,"
                    " '', '', 0, :empty, :empty)"
                ),
                {"id": f"task:{number}", "state": state, "reason": sentence, "empty": pack({})},
            )
    database.engine.dispose()
    with Store.open(state_location, clock=lambda: NOON) as store:
        found = [store.links.get(f"task:{number}") for number in range(len(SENTENCES))]
        assert [None if one is None else one.reason for one in found] == [reason for _, _, reason in SENTENCES]
        cycle = "an edge would close a cycle"  # what differs names it
        said = [cycle if reason == LinkReason(Because.CYCLE) else sentence for _, sentence, reason in SENTENCES]
        assert [None if one is None else one.explanation for one in found] == said
        assert store.links.count_waiting(PAIR) == sum(
            state != "retired" and bool(words) for state, words, _ in SENTENCES
        )


def test_a_create_that_nobody_tells_the_outcome_of_is_known_as_such_after_an_upgrade(state_location: str) -> None:
    database = at_first_revision(state_location)
    outcomes = {"a": "cannot be told: no markers here", "b": "the answer was lost; then (503)"}
    with database.transaction() as connection:
        upgrade(connection, "0014")
        for name, outcome in outcomes.items():
            connection.execute(
                text(
                    "INSERT INTO journal (id, pair, run, epoch, verb, side, kind, source, payload, reason, state, at,"
                    " outcome) VALUES (:id, 1, 'r', 1, 'create', 'right', 'task', :source, :payload, '', 'ambiguous',"
                    " :at, :outcome)"
                ),
                {
                    "id": name,
                    "source": f"task:{name}",
                    "payload": pack({}),
                    "at": to_microseconds(NOON),
                    "outcome": outcome,
                },
            )
    database.engine.dispose()
    with Store.open(state_location, clock=lambda: NOON) as store:
        assert {one.id: one.never_told for one in store.journal.open(PAIR)} == {"a": True, "b": False}


def test_a_state_is_backed_up_whole_and_private_before_it_is_migrated_and_leads_back(tmp_path: Path) -> None:
    at_first_revision(str(tmp_path / "state")).engine.dispose()
    with Store.open(tmp_path / "state", clock=lambda: NOON):
        pass
    copy = tmp_path / "state" / f"state.db.before-{REVISIONS[-1]}"
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    back = sqlite_engine(copy)
    with back.connect() as connection:
        assert connection.scalar(text("SELECT version_num FROM syncer_revision")) == "0001"
        assert connection.scalar(text("PRAGMA integrity_check")) == "ok"
        assert connection.scalar(text("SELECT count(*) FROM showings")) == 1
    back.dispose()


def test_neither_a_fresh_nor_a_current_state_is_backed_up_by_itself(tmp_path: Path) -> None:
    for _ in range(2):
        with Store.open(tmp_path / "state", clock=lambda: NOON):
            pass
    assert not list((tmp_path / "state").glob("state.db.before-*"))


def test_a_state_that_cannot_be_backed_up_is_not_migrated(tmp_path: Path) -> None:
    database = at_first_revision(str(tmp_path / "state"))
    (tmp_path / "state" / f"state.db.before-{REVISIONS[-1]}").mkdir()
    with pytest.raises(StateUnwritable):
        Store.open(tmp_path / "state", clock=lambda: NOON)
    with database.reading() as connection:
        assert connection.scalar(text("SELECT version_num FROM syncer_revision")) == "0001"
    database.engine.dispose()
