"""Every command, once, on a Jira and a GitHub that answer over HTTP."""

from __future__ import annotations

import json
import os
import time
import tomllib
from datetime import timedelta, timezone
from email import message_from_bytes
from email.policy import default

import pytest
import requests

from syncer.demo.rehearsal import GITHUB_TOKEN, REPOSITORY
from tests.unit.commands.conftest import Run, Site, edit_both
from tests.unit.publish.test_mail import Box as Mailbox
from tests.unit.publish.test_mail import serving


def test_check_finds_no_error_and_names_the_next_command(syncer: Run, site: Site) -> None:
    ended = syncer("check", "-v")
    assert ended.code == 0
    assert "Next: syncer preview" in ended.out
    assert 'status "In Review"' in ended.out


def test_preview_lists_the_writes_and_does_none(syncer: Run, site: Site) -> None:
    ended = syncer("preview", "--json")
    [pair] = json.loads(ended.out)["pairs"]
    assert (ended.code, pair["writes"]) == (0, 6)
    assert {change["change"] for change in pair["changes"]} == {"create"}
    assert not site.box.jira.issues


def test_preview_of_people_shows_title_and_reason(syncer: Run, site: Site) -> None:
    ended = syncer("preview")
    assert "acme/pay#1 is new on the right side" in ended.out
    assert "digest" in ended.out
    assert " on acme/pay#1" in ended.out  # its comment


def test_preview_counts_what_a_narrower_filter_sets_aside(syncer: Run, site: Site) -> None:
    syncer("sync")
    text = site.file.read_text("utf-8")
    (pair,) = tomllib.loads(text)["pairs"]
    repository = f'repository = "{pair["right"]["repository"]}"'
    assert text.count(repository) == 1
    site.file.write_text(text.replace(repository, f'{repository}, filter = "label:client"'), "utf-8")
    ended = syncer("preview")
    assert "payments: 3 tasks are outside the route or filter" in ended.out
    assert json.loads(syncer("preview", "--json").out)["pairs"][0]["set_aside"] == 3


def test_sync_reports_every_count_as_json(syncer: Run, site: Site) -> None:
    ended = syncer("sync", "--json")
    answer = json.loads(ended.out)
    [pair] = answer["pairs"]
    assert (ended.code, pair["name"], pair["outcome"]) == (0, "payments", "clean")
    assert pair["created"] == {"left": 3, "right": 0}
    assert pair["comments"]["created"] == 3
    assert answer["run"]
    assert ended.err == ""


def test_second_sync_writes_nothing(syncer: Run, site: Site) -> None:
    syncer("sync")
    [pair] = json.loads(syncer("sync", "--json").out)["pairs"]
    assert pair["outcome"] == "clean"
    assert not any([*pair["created"].values(), *pair["updated"].values(), *pair["comments"].values()])


def test_a_clean_sync_is_silent_without_a_terminal(syncer: Run, site: Site) -> None:
    first, second = syncer("sync"), syncer("sync")
    assert (first.out, first.err, second.out, second.err) == ("", "", "", "")


def test_verbose_sync_says_what_it_did(syncer: Run, site: Site) -> None:
    assert "payments: 3 created (3 left)" in syncer("sync", "-v").out
    assert "payments: nothing to do" in syncer("sync", "-v").out


def test_sync_logs_nothing_about_bodies_or_tokens_at_any_level(syncer: Run, site: Site) -> None:
    ended = syncer("sync", "-vv")
    assert ended.code == 0
    for secret in ("token-sync-bot", "ghp_sandbox_sync_bot"):
        assert secret not in ended.err + ended.out


def test_status_before_and_after_the_first_sync(syncer: Run, site: Site) -> None:
    [before] = json.loads(syncer("status", "--json").out)["pairs"]
    assert before["last_run"] is None
    assert "has never run" in syncer("status").out
    syncer("sync")
    [after] = json.loads(syncer("status", "--json").out)["pairs"]
    assert (after["last_run"]["outcome"], after["links"]["task"], after["held"]) == ("clean", 3, 0)
    assert after["lag_seconds"] < 60
    assert "payments" in syncer("status").out


def test_a_conflict_is_listed_decided_and_written(syncer: Run, site: Site) -> None:
    syncer("sync")
    edit_both(site, "Paid twice", "Paid two times")
    assert syncer("sync").code == 6
    [conflict] = json.loads(syncer("conflicts", "--json").out)["conflicts"]
    assert (conflict["field"], conflict["left"], conflict["right"]) == ("title", "Paid two times", "Paid twice")
    assert "Decide with: syncer resolve" in syncer("conflicts").out

    assert syncer("resolve", str(conflict["id"]), "right").code == 0
    assert syncer("sync").code == 0

    assert site.box.jira.find_issue("PAY-1").content["summary"] == "Paid twice"  # type: ignore[union-attr]
    assert json.loads(syncer("conflicts", "--json").out)["conflicts"] == []


def test_a_conflict_can_be_decided_by_a_new_value(syncer: Run, site: Site) -> None:
    syncer("sync")
    edit_both(site, "Paid twice", "Paid two times")
    syncer("sync")
    [conflict] = json.loads(syncer("conflicts", "--json").out)["conflicts"]
    assert syncer("resolve", str(conflict["id"]), "value:Refund what was paid twice").code == 0
    syncer("sync")
    assert site.box.github.repository(REPOSITORY).issues[1].title == "Refund what was paid twice"
    assert site.box.jira.find_issue("PAY-1").content["summary"] == "Refund what was paid twice"  # type: ignore[union-attr]


def test_resolve_refuses_what_it_does_not_know(syncer: Run, site: Site) -> None:
    assert syncer("resolve", "99", "left").code == 2
    assert syncer("resolve", "1", "middle").code == 2


def test_explain_names_the_run_that_wrote_a_value(syncer: Run, site: Site) -> None:
    answer = json.loads(syncer("sync", "--json").out)
    run = answer["run"]
    assert [pair["run"] for pair in answer["pairs"]] == [run]
    [item] = json.loads(syncer("explain", "PAY-1", "title", "--json").out)["items"]
    assert item["partner"]["key"] == "acme/pay#1"
    assert [event["run"] for event in item["events"] if event["by"] == "syncer"] == [run]
    assert item["fields"]["title"]["rule"] == {"direction": "both", "on_conflict": "ask"}


def test_explain_names_parents_and_blockers_by_their_keys(syncer: Run, site: Site) -> None:
    issues = site.box.github.repository(REPOSITORY).issues
    issues[1].blocked_by.append(issues[2])
    issues[2].blocking.append(issues[1])
    issues[1].parent = issues[3]
    issues[3].children.append(issues[1])
    syncer("sync")
    said = syncer("explain", "acme/pay#1").out
    assert "right  acme/pay#2" in said
    assert "left   PAY-2" in said
    assert "right  acme/pay#3" in said


def test_explain_tells_when_a_thing_happened_with_its_zone_and_not_when_it_was_imported(
    syncer: Run, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    issue = site.box.github.repository(REPOSITORY).issues[1]
    issue.created_at -= timedelta(days=40)
    syncer("sync")
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("TZ", "Asia/Kathmandu")
        time.tzset()
        told = syncer("explain", "acme/pay#1").out
    time.tzset()
    local = issue.created_at.astimezone(timezone(timedelta(hours=5, minutes=45)))
    assert f"{local:%Y-%m-%d %H:%M} +05:45  right: created" in told


def test_explain_shows_what_a_side_has_as_labels(syncer: Run, site: Site) -> None:
    priorities = '[pairs.fields.priority]\nmap = [["High", "label:priority: high"]]\n\n[[people]]'
    text = site.file.read_text("utf-8")
    assert '"status: in progress"' in text
    site.file.write_text(text.replace("[[people]]", priorities, 1), "utf-8")
    site.box.github.edit_issue(REPOSITORY, 1, "mia-berg", labels=["priority: high", "status: in progress"])
    syncer("sync")
    told = syncer("explain", "PAY-1").out
    assert "right  as label “priority: high”" in told
    assert "right  open, with label “status: in progress”" in told
    [item] = json.loads(syncer("explain", "PAY-1", "priority", "--json").out)["items"]
    assert item["fields"]["priority"]["as_labels"] == {"left": [], "right": ["priority: high"]}


def test_explain_takes_either_key_or_the_page(syncer: Run, site: Site) -> None:
    syncer("sync")
    assert "= PAY-1" in syncer("explain", "acme/pay#1").out
    assert "= PAY-1" in syncer("explain", f"{site.box.url}/acme/pay/issues/1", "status").out
    unknown = syncer("explain", "PAY-99")
    assert (unknown.code, "PAY-99 is not known" in unknown.err) == (2, True)


def test_verify_agrees_after_a_sync(syncer: Run, site: Site) -> None:
    syncer("sync")
    ended = syncer("verify")
    assert (ended.code, ended.out) == (0, "payments: both sides agree\n")


def test_report_writes_every_format(syncer: Run, site: Site) -> None:
    syncer("sync")
    ended = syncer("report", "--dir", "out")
    assert ended.code == 0
    written = [site.file.parent / line for line in ended.out.splitlines()]
    assert {file.suffix for file in written} == {".html", ".txt", ".md", ".json", ".csv", ".eml"}
    assert all(file.stat().st_size > 0 for file in written)


def test_report_takes_language_and_reader_from_the_command_line(syncer: Run, site: Site) -> None:
    syncer("sync")
    assert syncer("report", "--dir", "out", "--language", "zh", "--audience", "client").code == 0
    [page] = site.file.parent.glob("out/*/report.html")
    assert '<html lang="zh' in page.read_text("utf-8")
    assert syncer("report", "--language", "la").code == 2


def test_report_writes_the_formats_that_are_named(syncer: Run, site: Site) -> None:
    syncer("sync")
    ended = syncer("report", "--dir", "out", "--format", "xlsx,ics", "--format", "todo")
    assert [line.rpartition("/")[2] for line in ended.out.splitlines()] == [
        "report.xlsx",
        "report.ics",
        "report.todo.ics",
    ]
    assert syncer("report", "--format", "docx").code == 2


def test_report_prints_the_schema_without_a_configuration(syncer: Run) -> None:
    assert json.loads(syncer("report", "--schema").out)["properties"]["schema"] == {"const": "syncer-report/1"}


def test_report_json_is_one_object(syncer: Run, site: Site) -> None:
    syncer("sync")
    assert isinstance(json.loads(syncer("report", "--json").out), dict)


def test_report_is_mailed_once_to_each_recipient(syncer: Run, site: Site) -> None:
    box = Mailbox()
    syncer("sync")
    with serving(box) as port:
        mail = f'[report]\nrecipients = ["mia@acme.example"]\n[mail]\nhost = "127.0.0.1"\nport = {port}\ntls = "none"\n'
        site.file.write_text(f'{site.file.read_text("utf-8")}\n{mail}from = "syncer@acme.example"\n', "utf-8")
        first, second = syncer("report", "--send"), syncer("report", "--send")
    assert [(ended.code, ended.out, ended.err) for ended in (first, second)] == [(0, "", "")] * 2  # cron mails nothing
    [envelope] = box.got
    assert b"multipart/alternative" in (envelope.original_content or b"")


def test_each_recipient_has_a_language_and_an_audience(syncer: Run, site: Site) -> None:
    box = Mailbox()
    syncer("sync")
    with serving(box) as port:
        readers = '"mia@acme.example", { address = "Li <li@acme.example>", language = "zh", audience = "client" }'
        mail = f'[report]\nrecipients = [{readers}]\n[mail]\nhost = "127.0.0.1"\nport = {port}\ntls = "none"\n'
        site.file.write_text(f'{site.file.read_text("utf-8")}\n{mail}from = "syncer@acme.example"\n', "utf-8")
        assert syncer("report", "--send").code == 0
    english, chinese = (message_from_bytes(envelope.original_content or b"", policy=default) for envelope in box.got)
    assert [mail["Content-Language"] for mail in (english, chinese)] == ["en-GB", "zh-Hans"]
    assert [envelope.rcpt_tos for envelope in box.got] == [["mia@acme.example"], ["li@acme.example"]]
    assert "What needs a decision" in english.get_body(("plain",)).get_content()
    assert "需要您处理的事项" in chinese.get_body(("plain",)).get_content()
    assert "受阻" not in chinese.get_body(("plain",)).get_content()


def test_the_report_of_a_failed_sync_is_sent_and_says_so_first(
    syncer: Run, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = Mailbox()
    syncer("sync")
    with serving(box) as port:
        mail = f'[report]\nrecipients = ["mia@acme.example"]\n[mail]\nhost = "127.0.0.1"\nport = {port}\ntls = "none"\n'
        site.file.write_text(f'{site.file.read_text("utf-8")}\n{mail}from = "syncer@acme.example"\n', "utf-8")
        monkeypatch.setenv("SYNCER_TRACKERS__GITHUB__TOKEN", "revoked")
        assert syncer("sync").code == 4
        assert syncer("report", "--send").code == 0
    text = message_from_bytes(box.got[0].original_content or b"", policy=default).get_body(("plain",)).get_content()
    assert text.startswith("Data only up to ")
    assert "the last run of payments (credentials or permissions) did not finish." in " ".join(text.split()[:40])


def test_a_held_item_is_listed_with_its_reason(syncer: Run, site: Site) -> None:
    syncer("sync")
    site.file.write_text(
        site.file.read_text("utf-8").replace('project = "PAY"', 'project = "PAY", filter = "summary ~ refunds"'),
        "utf-8",
    )
    syncer("sync")
    [pair] = json.loads(syncer("status", "--json").out)["pairs"]
    tasks = [held for held in pair["waiting"] if not held["item"].startswith("comment")]
    assert (len(tasks), pair["held"]) == (2, 4)
    assert all("left the filter" in held["reason"] for held in pair["waiting"])
    told = syncer("status").out
    assert "payments: held (4)\n  PAY-2 = acme/pay#2: PAY-2 left the filter" in told
    # Comments are on their way together, so the ids and the order they get are anybody's.
    (comment,) = [line for line in told.splitlines() if line.startswith("  comment on PAY-2 = acme/pay#2 (")]
    assert comment.endswith("Look: syncer explain PAY-2")


def test_metrics_tell_what_waits_for_a_person_and_whether_somebody_was_told(syncer: Run, site: Site) -> None:
    from syncer.app import prometheus as metrics
    from syncer.commands.opening import now
    from syncer.store import Store

    site.file.write_text('metrics-file = "syncer.prom"\n' + site.file.read_text("utf-8"), "utf-8")
    syncer("sync")
    edit_both(site, "Paid twice", "Paid two times")
    syncer("sync")
    text = (site.file.parent / "syncer.prom").read_text("utf-8")
    assert 'syncer_conflicts{pair="payments"} 1.0' in text
    assert 'syncer_untold{pair="payments"} 0.0' in text
    with Store.open(site.file.parent / "state-home" / "syncer", clock=now) as store:
        store.notifications.forget("payments", store.notifications.told("payments"))
        [untold] = [one for one in metrics.collect(store, {"payments": None}) if one.name == "syncer_untold"]
    assert [sample.value for sample in untold.samples] == [1.0]


def test_metrics_file_holds_the_last_run(syncer: Run, site: Site) -> None:
    site.file.write_text('metrics-file = "syncer.prom"\n' + site.file.read_text("utf-8"), "utf-8")
    syncer("sync")
    text = (site.file.parent / "syncer.prom").read_text("utf-8")
    assert 'syncer_run_outcome{outcome="clean",pair="payments"} 1.0' in text
    assert 'syncer_links{kind="task",pair="payments"} 3.0' in text


def test_node_exporter_can_read_the_metrics_and_nobody_else_the_report(syncer: Run, site: Site) -> None:
    site.file.write_text('metrics-file = "syncer.prom"\n' + site.file.read_text("utf-8"), "utf-8")
    before = os.umask(0o077)
    try:
        syncer("sync")
        syncer("report", "--dir", str(site.file.parent / "reports"))
        (folder,) = (site.file.parent / "reports").iterdir()
        assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}
        os.umask(0o022)
        site.file.write_text(site.file.read_text("utf-8") + '\n[report]\nfile-mode = "0644"\n', "utf-8")
        syncer("report", "--dir", str(site.file.parent / "served"))
        (served,) = (site.file.parent / "served").iterdir()
    finally:
        os.umask(before)
    assert (site.file.parent / "syncer.prom").stat().st_mode & 0o777 == 0o644
    assert {file.stat().st_mode & 0o777 for file in served.iterdir()} == {0o644}
    assert served.stat().st_mode & 0o777 == 0o755


def test_responsibilities_say_from_what_they_are_known(syncer: Run, site: Site) -> None:
    syncer("sync")
    ended = syncer("responsibilities", "--json")
    answer = json.loads(ended.out)
    assert ended.code == 0
    grounds = [one["ground"] for row in answer["responsibilities"] for one in (*row["letters"], *row["authority"])]
    assert {"project-lead", "permission"} <= {ground["source"] for ground in grounds}
    assert {ground["origin"] for ground in grounds} <= {"declared", "derived", "inferred"}
    told = syncer("responsibilities")
    assert "lead of the project" in told.out
    assert ("gap" in told.out) is True
    assert syncer("responsibilities", "--week", "2026-47").code == 2


def test_goals_say_how_far_they_are_and_what_would_better_them(syncer: Run, site: Site) -> None:
    body = "```goal\nmetric: refunds by hand\nbaseline: 40\ntarget: 0\ncurrent: 10\n```\n"
    made = requests.post(
        f"{site.box.github_url}/repos/{REPOSITORY}/milestones",
        json={"title": "Refunds without a hotline", "description": body},
        headers={"Authorization": f"Bearer {GITHUB_TOKEN}"},
        timeout=10,
    )
    assert made.status_code == 201
    syncer("sync")
    ended = syncer("goals", "--json")
    assert ended.code == 0
    found = json.loads(ended.out)["goals"]
    goal = next(one for one in found if one["title"] == "Refunds without a hotline")
    assert (goal["progress"], goal["aim"]["metric"]) == (0.75, "refunds by hand")
    assert goal["edits"]["timed"] == "give it a due date"
    told = syncer("goals").out
    assert "75% of the way to 0.0" in told
    assert "give it a due date" in told


def test_advice_names_evidence_and_who_can_act(syncer: Run, site: Site) -> None:
    syncer("sync")
    ended = syncer("advice", "--json")
    answer = json.loads(ended.out)
    assert ended.code == 0
    assert set(answer) == {"version", "week", "advice", "follow_up"}
    assert len(answer["advice"]) <= 6
    told = syncer("advice").out
    assert all(f"{number}. " in told for number in range(1, len(answer["advice"]) + 1))
    assert told
    assert syncer("advice", "--week", "W47").code == 2


@pytest.mark.parametrize(("week", "why"), [("2025-W53", "2025 has no week 53"), ("2031-W10", "2031-W10 has not begun")])
def test_a_week_that_does_not_exist_or_has_not_begun_is_a_usage_error(
    syncer: Run, site: Site, week: str, why: str
) -> None:
    for command in ("report", "goals", "advice", "responsibilities"):
        ended = syncer(command, "--week", week)
        assert ended.code == 2, command
        assert why in " ".join(ended.err.replace("│", " ").split())


def test_a_plan_is_shown_with_its_revisions(syncer: Run, site: Site) -> None:
    made = requests.post(
        f"{site.box.github_url}/repos/{REPOSITORY}/milestones",
        json={"title": "Refunds without a hotline"},
        headers={"Authorization": f"Bearer {GITHUB_TOKEN}"},
        timeout=10,
    )
    requests.patch(
        f"{site.box.github_url}/repos/{REPOSITORY}/issues/1",
        json={"milestone": made.json()["number"]},
        headers={"Authorization": f"Bearer {GITHUB_TOKEN}"},
        timeout=10,
    ).raise_for_status()
    syncer("sync")
    ended = syncer("plan", "show", "refunds", "--json")
    assert ended.code == 0
    answer = json.loads(ended.out)
    assert (answer["goal"]["title"], answer["revision"], len(answer["items"])) == ("Refunds without a hotline", 1, 1)
    assert [one["tasks"] for one in answer["revisions"]] == [1]
    assert "first plan: 1 task" in syncer("plan", "show", "refunds").out
    assert syncer("plan", "show", "no such goal").code == 2
    assert syncer("plan", "show", "refunds", "--revision", "7").code == 2


def test_restore_puts_a_backup_in_place_and_creates_wait_for_the_number_told(syncer: Run, site: Site) -> None:
    assert syncer("restore").code == syncer("restore", "copy.db", "--here").code == 2
    syncer("sync")
    state = json.loads(syncer("restore", "--here", "--json").out)["state"]
    assert syncer("sync").code == 0
    kept = json.loads(syncer("restore", state, "--json").out)["kept"]
    assert "before-restore" in kept
    assert syncer("restore", str(site.file)).code == 2
    assert syncer("sync", "--approve-creates", "1").code == 2
    assert "0 creates wait" in syncer("sync", "--pair", "payments", "--approve-creates", "1").err


def test_a_backup_is_put_back_and_nothing_is_doubled_or_overwritten(syncer: Run, site: Site) -> None:
    assert syncer("sync").code == 0
    assert syncer("backup", "backup.db").code == 0
    assert syncer("backup", str(site.file)).code == 2  # a file that is no backup stays as it is
    assert "[trackers" in site.file.read_text()
    issues = site.box.github.repository(REPOSITORY).issues
    before = len(issues)
    edit_both(site, "Paid twice", "Paid two times")
    assert syncer("sync").code == 6
    assert syncer("restore", "backup.db").code == 0
    ended = json.loads(syncer("sync", "--json").out)["pairs"][0]
    assert (sum(ended["created"].values()), sum(ended["updated"].values()), ended["conflicts"]) == (0, 0, 1)
    assert len(issues) == before


def test_a_state_is_carried_to_another_place_and_goes_on_there(syncer: Run, site: Site) -> None:
    assert syncer("state", "copy", "nowhere", "copied").code == 2
    assert syncer("sync").code == 0
    assert syncer("state", "copy", "state-home/syncer", "copied").code == 0
    assert "holds something" in syncer("state", "copy", "state-home/syncer", "copied").err
    ended = json.loads(syncer("sync", "--state", "copied", "--json").out)["pairs"][0]
    assert (ended["outcome"], sum(ended["created"].values())) == ("clean", 0)


def test_prune_says_what_is_past_its_time_and_deletes_it(syncer: Run, site: Site) -> None:
    for _ in range(3):
        syncer("sync")
    assert syncer("prune", "--dry-run").out == "payments: nothing is past its time\n"
    site.file.write_text(site.file.read_text() + '\n[retention]\nwrites = "1d"\n')
    assert "35d" in syncer("prune").err
