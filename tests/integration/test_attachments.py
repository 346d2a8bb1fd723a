"""Pictures and files in texts, carried through the whole product against the sandbox."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import pytest

from syncer.sandbox.faults import Fault
from syncer.sandbox.github.pages import upload
from syncer.sandbox.jira import permissions
from tests.rig import Rig

pytestmark = pytest.mark.slow  # its tests together take more than ten seconds

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4
OTHER = PICTURE[:-1] + b"x"
Deployment = Literal["cloud", "datacenter"]
UPLOADS = r"/attachments$"
GITHUB_FILES = r"^/(user-attachments|private-user-images|storage)/"


@contextmanager
def rig_with(
    tmp_path: Path, deployment: Deployment = "cloud", extra: str = "attachments = true\n", **more: Any
) -> Iterator[Rig]:
    with Rig(tmp_path, deployment=deployment, extra=extra, **more) as rig:
        yield rig


@pytest.fixture(params=["cloud", "datacenter"])
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    with rig_with(tmp_path, request.param) as made:
        yield made


def picture(rig: Rig, data: bytes = PICTURE, name: str = "receipt.png", kind: str = "image/png", **more: str) -> str:
    return upload(rig.box.github, rig.repository, name, data, kind, **more)


def open_issue(rig: Rig, body: str) -> int:
    return int(rig.github("POST", "/issues", {"title": "Show the receipt", "body": body})["number"])


def jira_issue(rig: Rig) -> dict[str, Any]:
    """The only issue's content."""
    (issue,) = rig.box.jira.issues.values()
    return dict(issue.content)


def attachments(rig: Rig) -> list[Any]:
    return [each for issue in rig.box.jira.issues.values() for each in issue.content["attachment"]]


def described(rig: Rig) -> str:
    """The description as JSON or wiki markup."""
    text = jira_issue(rig)["description"]
    return text if isinstance(text, str) else json.dumps(text)


def asked(rig: Rig, verb: str, pattern: str) -> int:
    return sum(1 for each in rig.box.log.entries if each.verb == verb and re.search(pattern, each.path))


def quiet(rig: Rig) -> None:
    """Two more runs write nothing, fetch nothing, add nothing; the last needs a request a side."""
    before = asked(rig, "GET", GITHUB_FILES)
    for _ in range(2):
        tally = rig.sync()
        assert (tally.writes, tally.files, tally.outcome) == (0, 0, "clean"), tally
    assert asked(rig, "GET", GITHUB_FILES) == before
    assert sum(tally.requests.values()) == 2


def test_a_picture_of_a_private_repository_is_shown_in_jira(rig: Rig) -> None:
    address = picture(rig)
    body = f"Before\n\n![the receipt]({address})\n\nAfter"
    number = open_issue(rig, body)
    tally = rig.sync()
    assert (tally.outcome, tally.files) == ("clean", 1), tally
    (kept,) = attachments(rig)
    assert (kept.data, kept.media_type) == (PICTURE, "image/png")
    if rig.deployment == "cloud":
        assert f'"id": "{kept.media}"' in described(rig)
        assert '"alt": "the receipt"' in described(rig)
    else:
        assert f"!{kept.filename}|alt=the receipt!" in described(rig)
    assert address not in described(rig)
    quiet(rig)
    assert rig.github("GET", f"/issues/{number}")["body"] == body
    assert len(attachments(rig)) == 1


def test_nothing_is_read_or_added_unless_it_is_switched_on(tmp_path: Path) -> None:
    with rig_with(tmp_path, extra="") as rig:
        address = picture(rig)
        open_issue(rig, f"![the receipt]({address})")
        assert rig.sync().files == 0
        assert attachments(rig) == []
        assert address in described(rig)
        assert asked(rig, "GET", GITHUB_FILES) == 0
        quiet(rig)


def test_switching_it_on_later_carries_what_was_there(tmp_path: Path) -> None:
    with rig_with(tmp_path, extra="") as rig:
        open_issue(rig, f"![the receipt]({picture(rig)})")
        rig.sync()
        rig.extra = "attachments = { largest-mb = 1 }\n"
        assert rig.sync().files == 1
        quiet(rig)


def test_one_content_is_added_to_a_task_once_wherever_it_is_mentioned(rig: Rig) -> None:
    first, again = picture(rig), picture(rig)
    number = open_issue(rig, f"![one]({first})\n\n![two]({again})\n\n![three]({first}?x=1)")
    rig.github("POST", f"/issues/{number}/comments", {"body": f"See ![here]({again}) and\n\n![there]({first})"})
    assert rig.sync().files == 1
    (kept,) = attachments(rig)
    shown = kept.media if rig.deployment == "cloud" else kept.filename
    assert described(rig).count(shown) == 3
    quiet(rig)


def test_two_pictures_of_one_name_do_not_meet(rig: Rig) -> None:
    open_issue(rig, f"![one]({picture(rig)})\n\n![two]({picture(rig, OTHER)})")
    assert rig.sync().files == 2
    assert len({each.filename for each in attachments(rig)}) == 2
    quiet(rig)


def test_a_picture_added_later_is_added_and_shown_with_the_edit(rig: Rig) -> None:
    number = open_issue(rig, "First")
    rig.sync()
    address = picture(rig)
    rig.github("PATCH", f"/issues/{number}", {"body": f"First\n\n![later]({address})"})
    before = asked(rig, "PUT", r"/issue/\d+$")
    tally = rig.sync()
    assert (tally.files, tally.updated["left"]) == (1, 1)
    assert asked(rig, "PUT", r"/issue/\d+$") == before + 1
    assert address not in described(rig)
    quiet(rig)


def test_a_file_is_a_link_to_the_attachment(tmp_path: Path) -> None:
    with rig_with(tmp_path) as rig:
        rig.box.github.repository(rig.repository).visibility = "public"
        address = picture(rig, b"%PDF-1.7", "The plan.pdf", "application/pdf")
        body = f"Read [the plan]({address}) and {address}"
        number = open_issue(rig, body)
        assert rig.sync().files == 1
        (kept,) = attachments(rig)
        assert kept.filename == "The plan.pdf"
        assert described(rig).count(f"/secure/attachment/{kept.id}/The%20plan.pdf") == 2
        quiet(rig)
        assert rig.github("GET", f"/issues/{number}")["body"] == body


def test_what_no_token_opens_stays_a_link(rig: Rig) -> None:
    address = picture(rig, b"%PDF-1.7", "plan.pdf", "application/pdf")
    open_issue(rig, f"Read [the plan]({address})")
    tally = rig.sync()
    assert (tally.files, tally.outcome) == (0, "clean")
    assert any("no token opens it" in skip["reason"] for skip in tally.skips)
    assert address in described(rig)
    quiet(rig)


@pytest.mark.parametrize(
    "leads_to",
    ["http://169.254.169.254/latest/meta-data/", "file:/etc/passwd", "https://evil.example/a.png", "http://[::1]:1/"],
)
def test_a_file_that_leads_elsewhere_is_never_followed(tmp_path: Path, leads_to: str) -> None:
    with rig_with(tmp_path) as rig:
        address = picture(rig, leads_to=leads_to)
        open_issue(rig, f"![x]({address})")
        assert rig.sync().files == 0
        assert attachments(rig) == []
        assert address in described(rig)
        quiet(rig)


def test_what_is_too_large_or_no_picture_stays_a_link(tmp_path: Path) -> None:
    with rig_with(tmp_path, extra="attachments = { largest-mb = 1 }\n") as rig:
        large = picture(rig, PICTURE + bytes(1024 * 1024))
        page = picture(rig, b"<!DOCTYPE html><title>Sign in</title>")
        open_issue(rig, f"![large]({large})\n\n![page]({page})")
        tally = rig.sync()
        assert tally.files == 0
        assert large in described(rig)
        assert page in described(rig)
        quiet(rig)


@pytest.mark.parametrize("kind", ["truncated-body", "503", "close-before-commit", "429"])
def test_a_picture_that_cannot_be_read_now_is_read_later(tmp_path: Path, kind: Any) -> None:
    with rig_with(tmp_path) as rig:
        address = picture(rig)
        open_issue(rig, f"![x]({address})")
        rig.box.faults.add(Fault(kind, path=r"^/private-user-images/"))
        tally = rig.sync()
        assert (tally.files, tally.outcome) == (0, "partial")
        assert address in described(rig)
        assert rig.sync().files == 1
        assert address not in described(rig)
        quiet(rig)


@pytest.mark.parametrize("kind", ["commit-then-close", "commit-then-502", "truncated-body", "html-200"])
def test_a_lost_answer_is_settled_by_reading(tmp_path: Path, kind: Any) -> None:
    with rig_with(tmp_path) as rig:
        open_issue(rig, f"![x]({picture(rig)})")
        rig.box.faults.add(Fault(kind, verb="POST", path=UPLOADS, after_commit=True if kind == "html-200" else None))
        assert rig.sync().files == 1
        assert asked(rig, "POST", UPLOADS) == 1
        assert len(attachments(rig)) == 1
        quiet(rig)


def test_an_upload_that_a_rate_limit_refuses_is_sent_again_when_it_ends(tmp_path: Path) -> None:
    with rig_with(tmp_path) as rig:
        open_issue(rig, f"![x]({picture(rig)})")
        rig.box.faults.add(Fault("429", verb="POST", path=UPLOADS, retry_after="1"))
        assert rig.sync().files == 1
        assert asked(rig, "POST", UPLOADS) == 2
        assert len(attachments(rig)) == 1
        quiet(rig)


@pytest.mark.parametrize("kind", ["close-before-commit", "502"])
def test_an_upload_without_effect_is_sent_again_by_the_next_run(tmp_path: Path, kind: Any) -> None:
    with rig_with(tmp_path) as rig:
        open_issue(rig, f"![x]({picture(rig)})")
        rig.box.faults.add(Fault(kind, verb="POST", path=UPLOADS))
        first = rig.sync()
        assert first.files == 0
        assert first.outcome in {"partial", "budget"}
        assert rig.sync().files == 1
        assert len(attachments(rig)) == 1
        quiet(rig)


def test_a_run_that_dies_after_the_upload_adds_nothing_twice(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(BaseException):
        """The process is gone."""

    def die(*_: object) -> None:
        raise Killed

    open_issue(rig, f"![x]({picture(rig)})")
    with monkeypatch.context() as patched:
        patched.setattr("syncer.store.files.FileRecords.conclude", die)
        with pytest.raises(Killed):
            rig.sync()
    assert len(attachments(rig)) == 1
    assert rig.sync().outcome == "clean"
    assert len(attachments(rig)) == 1
    assert asked(rig, "POST", UPLOADS) == 1
    quiet(rig)


def test_a_lost_state_finds_again_what_was_added(rig: Rig) -> None:
    open_issue(rig, f"![x]({picture(rig)})")
    rig.sync()
    tally = rig.sync(location=rig.directory / "another")
    assert (tally.files, tally.conflicts) == (0, 0)
    assert len(attachments(rig)) == 1


def test_a_jira_edit_beside_a_picture_keeps_the_original_address_on_github(rig: Rig) -> None:
    address = picture(rig)
    number = open_issue(rig, f"Before\n\n![the receipt]({address})\n\nAfter")
    rig.sync()
    (issue,) = rig.box.jira.issues.values()
    now = issue.content["description"]
    edited = (
        now.replace("Before", "Before that")
        if isinstance(now, str)
        else json.loads(json.dumps(now).replace('"Before"', '"Before that"'))
    )
    rig.jira("PUT", f"/issue/{issue.id}", {"fields": {"description": edited}})
    assert rig.sync().updated["right"] == 1
    assert rig.github("GET", f"/issues/{number}")["body"].startswith(
        f"Before that\n\n![the receipt]({address})\n\nAfter"
    )
    quiet(rig)


def test_moving_the_picture_in_jira_moves_it_on_github(rig: Rig) -> None:
    address = picture(rig)
    number = open_issue(rig, f"One\n\n![the receipt]({address})\n\nTwo")
    rig.sync()
    (issue,) = rig.box.jira.issues.values()
    now = issue.content["description"]
    if isinstance(now, str):
        parts = now.split("\n\n")
        edited: Any = "\n\n".join([parts[0], parts[2], parts[1], *parts[3:]])
    else:
        nodes = now["content"]
        edited = {**now, "content": [nodes[0], nodes[2], nodes[1], *nodes[3:]]}
    rig.jira("PUT", f"/issue/{issue.id}", {"fields": {"description": edited}})
    rig.sync()
    body = rig.github("GET", f"/issues/{number}")["body"]
    assert body.startswith(f"One\n\nTwo\n\n![the receipt]({address})")
    quiet(rig)


def delete_in_jira(rig: Rig, kept: Any) -> None:
    """A person who may deletes a picture."""
    rig.box.jira.project("PAY").grants["DELETE_ALL_ATTACHMENTS"] = {permissions.ANYONE}
    rig.jira("DELETE", f"/attachment/{kept.id}")


@pytest.mark.slow
def test_a_text_of_many_pictures_gets_them_all(rig: Rig) -> None:
    many = [picture(rig, PICTURE + bytes([number])) for number in range(70)]
    body = "\n\n".join(f"![x]({address})" for address in many)
    number = open_issue(rig, body)
    added, told = 0, []
    for _ in range(4):
        tally = rig.sync()
        added += tally.files
        told += [skip["reason"] for skip in tally.skips if "more files" in skip["reason"]]
    assert (added, len(attachments(rig))) == (70, 70)
    assert told, "what is still missing is named"
    assert not any(address in described(rig) for address in many)
    quiet(rig)
    assert rig.github("GET", f"/issues/{number}")["body"] == body


def test_a_picture_that_a_person_deletes_in_jira_is_told_once_and_never_added_again(rig: Rig) -> None:
    first, other = picture(rig), picture(rig, OTHER)
    number = open_issue(rig, f"![one]({first})\n\n![two]({other})")
    rig.github("POST", f"/issues/{number}/comments", {"body": f"See\n\n![there]({first})"})
    rig.sync()
    quiet(rig)
    kept = next(each for each in attachments(rig) if each.data == PICTURE)
    delete_in_jira(rig, kept)
    tally = rig.sync()
    told = [skip["reason"] for skip in tally.skips]
    assert [reason for reason in told if "was deleted" in reason] == [
        f"picture.png was deleted from {jira_key(rig)}; its text leads to the original again"
    ], tally
    assert first in described(rig)
    assert other not in described(rig)
    (comment,) = jira_issue(rig)["comment"]
    assert first in json.dumps(comment.body, default=str)
    quiet(rig)
    rig.github("PATCH", f"/issues/{number}", {"body": f"Now\n\n![one]({first})\n\n![two]({other})"})
    tally = rig.sync(sweep=True)
    assert (tally.files, tally.skips, len(attachments(rig))) == (0, [], 1)
    assert first in described(rig)
    quiet(rig)


def jira_key(rig: Rig) -> str:
    (issue,) = rig.box.jira.issues.values()
    return str(issue.key)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("支付 报告.pdf", "支付 报告.pdf"),
        ("Überweisung, neu (2).pdf", "Überweisung, neu (2).pdf"),
        ("con.pdf", "_con.pdf"),
    ],
)
def test_a_file_keeps_the_name_that_people_gave_it(rig: Rig, written: str, kept: str) -> None:
    rig.box.github.repository(rig.repository).visibility = "public"
    address = picture(rig, b"%PDF-1.7", written, "application/pdf")
    number = open_issue(rig, f"See [it]({address})\n\n{address}")
    assert rig.sync().files == 1
    assert [each.filename for each in attachments(rig)] == [kept]
    assert address not in described(rig)
    quiet(rig)
    assert rig.github("GET", f"/issues/{number}")["body"].count(address) == 2


def test_pictures_of_one_name_in_two_tasks_do_not_meet(rig: Rig) -> None:
    first, other = picture(rig), picture(rig, OTHER)
    open_issue(rig, f"![x]({first})")
    open_issue(rig, f"![x]({other})")
    assert rig.sync().files == 2
    assert [each.filename for each in attachments(rig)] == ["picture.png"] * 2
    quiet(rig)
    for issue in list(rig.box.jira.issues.values()):
        text = json.dumps(issue.content["description"]).replace("picture.png|alt=x", "picture.png|alt=y")
        edited = json.loads(text.replace('"alt": "x"', '"alt": "y"'))
        rig.jira("PUT", f"/issue/{issue.id}", {"fields": {"description": edited}})
    rig.sync()
    bodies = [issue["body"] for issue in rig.github("GET", "/issues?sort=created&direction=asc")]
    assert [f"![y]({address})" in body for address, body in zip((first, other), bodies, strict=True)] == [True, True]


@pytest.mark.parametrize("kind", ["commit-then-close", "close-before-commit"])
def test_a_lost_answer_is_not_settled_by_somebody_elses_file_of_that_name(tmp_path: Path, kind: Any) -> None:
    with rig_with(tmp_path, "datacenter") as rig:
        number = open_issue(rig, "First")
        rig.sync()
        (issue,) = rig.box.jira.issues.values()
        rig.sync()
        rig.github("PATCH", f"/issues/{number}", {"body": f"![x]({picture(rig, OTHER)})"})
        theirs = attach_in_jira(rig, issue.id, "picture.png")  # of the same size
        rig.box.faults.add(Fault(kind, verb="POST", path=UPLOADS))
        for _ in range(3):
            rig.sync()
        ours = [each for each in attachments(rig) if each.data == OTHER]
        assert len(ours) == 1
        assert ours[0].filename in described(rig)
        assert ours[0].filename != theirs.filename
        quiet(rig)


def attach_in_jira(rig: Rig, issue: str, name: str) -> Any:
    """A person adds a picture to an issue."""
    import requests

    version = "3" if rig.deployment == "cloud" else "2"
    auth = ("mia@acme.example", "mia-token") if rig.deployment == "cloud" else None
    headers = {"X-Atlassian-Token": "no-check"} | ({} if auth else {"Authorization": "Bearer mia-token"})
    answer = requests.post(
        f"{rig.box.jira_url}/rest/api/{version}/issue/{issue}/attachments",
        files={"file": (name, PICTURE, "image/png")}, auth=auth, headers=headers, timeout=10,
    )  # fmt: skip
    assert answer.ok, answer.text
    return attachments(rig)[-1]


@pytest.mark.parametrize("extra", ["", "attachments = true\n"])
def test_what_only_jira_has_becomes_a_link_that_says_for_whom(rig: Rig, extra: str) -> None:
    rig.extra = extra
    fields = {"project": {"key": "PAY"}, "issuetype": {"name": "Task"}, "summary": "From Jira"}
    key = rig.jira("POST", "/issue", {"fields": fields})["key"]
    kept = attach_in_jira(rig, key, "shot 1.png")
    if rig.deployment == "cloud":
        node = {"type": "media", "attrs": {"type": "file", "id": kept.media, "collection": "", "alt": "shot 1.png"}}
        single = {"type": "mediaSingle", "attrs": {"layout": "center", "width": 50}, "content": [node]}
        text: Any = {"version": 1, "type": "doc", "content": [*rig.text("Look")["content"], single]}
    else:
        text = "Look\n\n!shot 1.png|width=300!"
    rig.jira("PUT", f"/issue/{key}", {"fields": {"description": text}})
    rig.sync()
    (issue,) = rig.github("GET", "/issues")
    address = f"{rig.box.jira_url}/secure/attachment/{kept.id}/shot%201.png"
    assert f"[shot 1.png, for members of PAY in Jira]({address}" in issue["body"]
    assert "![" not in issue["body"]
    quiet(rig)
    before = jira_issue(rig)["description"]
    rig.github("PATCH", f"/issues/{issue['number']}", {"body": issue["body"].replace("Look", "Look here")})
    rig.sync()
    after = jira_issue(rig)["description"]
    if isinstance(before, str):
        assert after == before.replace("Look", "Look here")
    else:
        assert after["content"][1] == before["content"][1]
        assert "".join(part["text"] for part in after["content"][0]["content"]) == "Look here"
    quiet(rig)


def test_attachments_of_a_narrower_audience_stay_where_they_are(tmp_path: Path) -> None:
    extra = 'attachments = true\npublish = ["title", "body", "comments"{}]\n'
    with rig_with(tmp_path, extra=extra.format("")) as rig:
        rig.box.jira.project("PAY").grants["BROWSE_PROJECTS"].add(permissions.ANYONE)
        address = picture(rig)
        open_issue(rig, f"![x]({address})")
        assert rig.sync().files == 0
        assert attachments(rig) == []
        rig.extra = extra.format(', "attachments"')
        assert rig.sync(sweep=True).files == 1
