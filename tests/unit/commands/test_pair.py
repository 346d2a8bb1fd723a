"""`syncer pair`, and what the commands say of a pair that was renamed, begins, or waits for consent."""

from __future__ import annotations

from tests.unit.commands.conftest import Run, Site


def rename_in_the_file(site: Site, **texts: str) -> None:
    text = site.file.read_text("utf-8").replace('name = "payments"', 'name = "billing"' + texts.get("more", ""))
    site.file.write_text(text, "utf-8")


def test_a_pair_is_renamed_with_all_that_is_in_step(syncer: Run, site: Site) -> None:
    syncer("sync")
    rename_in_the_file(site)
    refused = syncer("sync")
    assert refused.code == 7
    assert "syncer pair rename payments billing" in refused.err
    assert "all that it would create waits for your consent: syncer pair forget payments" in refused.err
    assert "syncer pair forget payments" in refused.err
    assert syncer("preview").code == 7
    assert "syncer pair rename payments billing" in syncer("check").out
    assert syncer("pair", "rename", "payments", "billing").code == 0
    after = syncer("sync", "-v")
    assert (after.code, len(site.box.jira.issues)) == (0, 3)


def test_a_name_that_the_file_still_has_is_not_taken_from_it(syncer: Run, site: Site) -> None:
    syncer("sync")
    ended = syncer("pair", "rename", "payments", "billing")
    assert ended.code == 2
    assert 'write name = "billing" there first' in ended.err
    unknown = syncer("pair", "rename", "orders", "billing")
    assert (unknown.code, 'has no pair "orders"; it has: payments' in unknown.err) == (2, True)


def test_a_former_name_in_the_file_does_the_same(syncer: Run, site: Site) -> None:
    syncer("sync")
    rename_in_the_file(site, more='\nformerly = ["payments"]')
    assert syncer("sync").code == 0
    assert len(site.box.jira.issues) == 3


def test_forgetting_says_what_it_gives_up_and_asks_first(syncer: Run, site: Site) -> None:
    syncer("sync")
    asked = syncer("pair", "forget", "payments")
    assert asked.code == 2
    assert "3 tasks, 3 comments" in asked.err
    assert "What a new pair of these scopes would create waits for your consent." in asked.err
    assert "it recognises the items that were created for it." in asked.err
    assert "syncer pair forget payments --yes" in asked.err
    assert syncer("pair", "forget", "payments", "--yes").code == 0
    assert 'has no pair "payments"' in syncer("pair", "forget", "payments", "--yes").err


def test_check_preview_and_the_first_line_tell_how_large_a_first_sync_is(syncer: Run, site: Site) -> None:
    assert "3 tasks" in syncer("check").out
    assert syncer("preview").out.startswith("payments: a first sync of 3 tasks (3 left, 0 right)")
    assert "first sync of 3 tasks" in syncer("sync", "-v").out
    assert "first sync" not in syncer("sync", "-v").out
    assert "first sync" not in syncer("check").out
