"""What goes wrong, and the exit code and sentence it becomes."""

from __future__ import annotations

import json

import pytest

from syncer.demo.rehearsal import REPOSITORY
from syncer.sandbox import Fault
from tests.unit.commands.conftest import Run, Site


def test_no_configuration_names_the_places_looked_at_and_init(syncer: Run) -> None:
    ended = syncer("sync")
    assert ended.code == 2
    assert "syncer init" in ended.err
    assert "config-home/syncer/syncer.toml" in ended.err


def test_a_wrong_configuration_is_one_json_object_too(syncer: Run, site: Site) -> None:
    site.file.write_text("pairs = 3\n", "utf-8")
    ended = syncer("sync", "--json")
    assert ended.code == 2
    assert json.loads(ended.out)["error"] == "configuration"
    assert all(line.startswith("syncer.toml") for line in ended.err.splitlines())


def test_an_unknown_pair_is_a_usage_error(syncer: Run, site: Site) -> None:
    ended = syncer("sync", "--pair", "paymets")
    assert (ended.code, "configured: payments" in ended.err) == (2, True)


def test_an_unknown_command_is_a_usage_error(syncer: Run) -> None:
    assert syncer("synk").code == 2


def test_a_revoked_token_ends_with_4_and_says_so_even_without_a_terminal(syncer: Run, site: Site) -> None:
    site.box.jira.revoke_token("sync-bot")
    ended = syncer("sync")
    assert ended.code == 4
    assert "payments" in ended.err


def test_check_tells_about_both_sides_when_both_are_denied(
    syncer: Run, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNCER_TRACKERS__JIRA__TOKEN", "wrong-for-jira")
    monkeypatch.setenv("SYNCER_TRACKERS__GITHUB__TOKEN", "wrong-for-github")
    ended = syncer("check", "--json")
    errors = [found for found in json.loads(ended.out)["pairs"][0]["findings"] if found["severity"] == "error"]
    assert ended.code == 4
    assert len(errors) == 2
    assert all(found["fix"] for found in errors)
    assert "wrong-for" not in ended.out + ended.err


def test_a_tracker_that_is_away_is_retried_by_the_next_run(syncer: Run, site: Site) -> None:
    site.box.faults.add(Fault("503", path="/jira/.*", times=1000))
    ended = syncer("sync", "--json")
    assert ended.code in {1, 5}
    assert json.loads(ended.out)["pairs"][0]["outcome"] in {"partial", "budget"}


def test_a_guard_refuses_with_7_and_its_digest_is_accepted(syncer: Run, site: Site) -> None:
    site.file.write_text(
        site.file.read_text("utf-8").replace(
            "[pairs.fields.status]", "[pairs.guard]\ncloses-at-least = 0\ncloses-share = 0.0\n\n[pairs.fields.status]"
        ),
        "utf-8",
    )
    syncer("sync")
    for number in (1, 2):
        site.box.github.edit_issue(REPOSITORY, number, "mia-berg", state="closed")
    refused = syncer("sync", "--json")
    [pair] = json.loads(refused.out)["pairs"]
    assert (refused.code, pair["outcome"]) == (7, "refused")
    assert "--approve" in syncer("sync").err

    assert syncer("sync", "--approve", pair["approve"]).code == 0

    assert site.box.jira.find_issue("PAY-1").content["status"].name == "Done"  # type: ignore[union-attr]


def test_a_wrong_digest_approves_nothing(syncer: Run, site: Site) -> None:
    site.file.write_text(
        site.file.read_text("utf-8").replace(
            "[pairs.fields.status]", "[pairs.guard]\ncloses-at-least = 0\ncloses-share = 0.0\n\n[pairs.fields.status]"
        ),
        "utf-8",
    )
    syncer("sync")
    site.box.github.edit_issue(REPOSITORY, 1, "mia-berg", state="closed")
    assert syncer("sync", "--approve", "000000000000").code == 7


def test_a_corrupt_state_is_named_and_left_alone(syncer: Run, site: Site) -> None:
    syncer("sync")
    database = site.file.parent / "state-home" / "syncer" / "state.db"
    database.write_bytes(b"this is not a database" * 100)
    for rest in database.parent.glob("state.db-*"):
        rest.unlink()
    ended = syncer("sync")
    assert (ended.code, "state.db" in ended.err) == (2, True)


def test_a_state_that_cannot_be_written_is_named(syncer: Run, site: Site) -> None:
    (site.file.parent / "occupied").write_text("a file, no folder")
    ended = syncer("status", "--state", "occupied")
    assert (ended.code, "occupied" in ended.err) == (2, True)


def test_a_database_that_does_not_answer_is_named_without_its_password(syncer: Run, site: Site) -> None:
    ended = syncer("status", "--state", "postgresql://syncer:hunter22@127.0.0.1:1/syncer")
    assert ended.code == 2
    assert "127.0.0.1" in ended.err
    assert "hunter22" not in ended.err + ended.out


def test_send_without_a_mail_server_is_a_usage_error(syncer: Run, site: Site) -> None:
    assert syncer("report", "--send").code == 2


@pytest.mark.parametrize("week", ["2026-47", "2026-W60", "last"])
def test_a_week_that_is_none_is_a_usage_error(syncer: Run, site: Site, week: str) -> None:
    assert syncer("report", "--week", week).code == 2


def test_an_error_nobody_foresaw_is_70_and_ends_with_a_sentence(
    syncer: Run, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("with ghp_0123456789abcdef0123 inside")

    monkeypatch.setattr("syncer.app.wiring.open_pairs", broken)
    ended = syncer("sync")
    assert ended.code == 70
    assert "Unexpected error: RuntimeError: with [redacted] inside" in ended.err
    assert ended.err.rstrip().endswith("say where it happened.")
    assert "ghp_" not in ended.err


def test_an_unforeseen_error_of_one_pair_does_not_keep_the_others_waiting(
    syncer: Run, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = site.file.read_text("utf-8")
    pair = text[text.index("[[pairs]]") : text.index("[[people]]")]
    site.box.github.add_repository("acme/second", visibility="private")
    site.box.github.add_collaborator("acme/second", "sync-bot", "write")
    second = pair.replace('"payments"', '"second"').replace("acme/pay", "acme/second")
    site.file.write_text(text.replace("[[people]]", second + "\n[[people]]", 1), "utf-8")
    from syncer.sync.run import run_pair as real

    def run_pair(context: object, **options: object) -> object:
        if context.name == "payments":  # type: ignore[attr-defined]
            raise RuntimeError("unforeseen")
        return real(context, **options)  # type: ignore[arg-type]

    monkeypatch.setattr("syncer.sync.run.run_pair", run_pair)
    ended = syncer("sync", "--json")
    outcomes = {pair["name"]: pair["outcome"] for pair in json.loads(ended.out)["pairs"]}
    assert (ended.code, outcomes) == (70, {"payments": "failed", "second": "clean"})
