"""`syncer check --record`: nothing that anybody wrote gets into the record, and a sandbox behaves like it."""

from __future__ import annotations

import json
import os
import pty
import stat
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from syncer.demo.rehearsal import BOT, GITHUB_TOKEN, JIRA_TOKEN, Deployment
from syncer.sandbox import Sandbox
from syncer.shapes.record import read_record
from tests.garbling import objects
from tests.unit.commands.conftest import Run
from tests.unit.commands.test_process import COMMAND, PATIENCE
from tests.unit.shapes.test_record import is_told, strings

CANARY = "kanarie"
PLACE = "Kanarie/kanarie-pay"
DEPLOYMENTS = ("cloud", "datacenter")


def said(what: str) -> str:
    """A text that tells where it comes from."""
    return f"{CANARY} {what}"


def staffed(box: Sandbox, numbers: range) -> None:
    """People on both sides, by number."""
    for number in numbers:
        account = f"{CANARY}-{number}"
        box.github.add_user(account, said("member"))
        box.github.add_collaborator(PLACE, account, "write")
        box.jira.add_user(account, said("member"), email=f"{account}@{CANARY}.example")


def populated(box: Sandbox) -> None:
    """Both trackers with a canary in every text that people can write, and a number that is one."""
    github, jira = box.github, box.jira
    github.add_organization("Kanarie", said("organisation"))
    github.add_repository(PLACE, visibility="private", description=said("description"))
    github.add_user(BOT, said("bot"), token=GITHUB_TOKEN)
    jira.add_user(BOT, said("bot"), email=f"{BOT}@{CANARY}.example", token=JIRA_TOKEN)
    github.add_collaborator(PLACE, BOT, "maintain")
    staffed(box, range(3))
    github.add_team("Kanarie", said("team"), [f"{CANARY}-0"], repositories={PLACE: "write"})
    github.put_file(PLACE, "CODEOWNERS", f"* @{CANARY}-0 # {CANARY}".encode())
    github.add_issue_type("Kanarie", said("type"))
    github.add_label(PLACE, said("label"), "ffffff", said("label's description"))
    for number in range(3):
        issue = github.add_issue(
            PLACE, said("title"), f"{CANARY}-0", said("body") if number else None, labels=[said("label")],
            assignees=[f"{CANARY}-0"] if number else [],
        )  # fmt: skip
        github.add_comment(PLACE, issue.number, f"{CANARY}-0", said("comment"))
    github.edit_issue(PLACE, 1, f"{CANARY}-0", title=said("second title"), state="closed")

    jira.add_project("KANARIE", said("project"), lead=f"{CANARY}-0")
    jira.grant(BOT, "ADMINISTER_PROJECTS", "KANARIE")
    jira.project("KANARIE").roles["Administrators"].add(f"{CANARY}-0")
    jira.add_version("KANARIE", said("version"), description=said("version's description"))
    jira.add_component("KANARIE", said("component"), description=said("component's description"))
    jira.add_sprint("KANARIE", said("sprint"), goal=said("goal"))
    jira.add_security_level("KANARIE", said("level"), [BOT])
    jira.add_status(said("status"), "new")
    for kind in ("string", "text", "number", "option"):
        jira.add_custom_field(said(f"field {kind}"), kind, [said("option")] if kind == "option" else [])
    jira.seed_issues("KANARIE", 3, 1)
    for held in list(jira.issues.values()):
        written = {
            "summary": said("summary"),
            "labels": (f"{CANARY}-label",),
            "components": tuple(jira.project("KANARIE").components.values()),
            "fixVersions": tuple(jira.project("KANARIE").versions.values()),
            "assignee": jira.users[f"{CANARY}-0"],
            "properties": {f"{CANARY}-property": {CANARY: said("property")}},
        }
        texts = {
            field.id: said("custom") for field in jira.fields.values() if field.name.startswith(said("field string"))
        }
        jira.commit(jira.issues[held.id], jira.users[f"{CANARY}-0"], written | texts)


def configured(box: Sandbox, deployment: str, folder: Path) -> Path:
    """A configuration for them, in which names are canaries, too."""
    user = f'user = "{BOT}@{CANARY}.example"' if deployment == "cloud" else ""
    file = folder / "syncer.toml"
    file.write_text(
        f"""
[trackers.{CANARY}-jira]
kind = "jira"
url = "{box.jira_url}"
deployment = "{deployment}"
allow-http = true
read-seconds = 1
{user}
[trackers.{CANARY}-github]
kind = "github"
url = "{box.github_url}"
read-seconds = 1
[[pairs]]
name = "{CANARY}-pair"
left = {{ tracker = "{CANARY}-jira", project = "KANARIE", filter = "summary !~ {CANARY}nothing" }}
right = {{ tracker = "{CANARY}-github", repository = "{PLACE}", issue-types = true }}
""",
        "utf-8",
    )
    return file


@pytest.fixture
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tokens of the bot, in the variables."""
    monkeypatch.setenv(f"SYNCER_TRACKERS__{CANARY.upper()}_JIRA__TOKEN", JIRA_TOKEN)
    monkeypatch.setenv(f"SYNCER_TRACKERS__{CANARY.upper()}_GITHUB__TOKEN", GITHUB_TOKEN)


def strange(_path: str, body: bytes) -> bytes:
    """The answer with a key in each of its objects that no document names, and in error messages a canary."""
    try:
        answer = json.loads(body)
    except ValueError:
        return body
    for found in list(objects(answer)):
        found[f"{CANARY}Key"] = {f"{CANARY}@{CANARY}.example": [said("value"), {CANARY: 918273645}]}
        if "errorMessages" in found:
            found["errorMessages"] = [said("refusal")]
            found["errors"] = {"customfield_10101": said("field is wrong")}
        if "documentation_url" in found:
            found["message"] = said("refusal")
    return json.dumps(answer).encode()


def is_clean(text: str) -> None:
    """Fails where a record holds anything that people wrote, or that is no word of a record."""
    assert CANARY not in text.casefold()
    for secret in ("918273645", "customfield", GITHUB_TOKEN, JIRA_TOKEN, BOT, "127.0.0.1", "localhost"):
        assert secret not in text
    assert [word for word in strings(json.loads(text)) if not (is_told(word) or word.startswith("syncer "))] == []


@pytest.mark.parametrize("deployment", DEPLOYMENTS)
def test_nothing_that_people_wrote_gets_into_a_record(
    deployment: Deployment, syncer: Run, secrets: None, tmp_path: Path
) -> None:
    with Sandbox(jira_deployment=deployment) as box:
        populated(box)
        configured(box, deployment, tmp_path)
        box.faults.rewriting = strange
        ended = syncer("check", "--record", "shapes.json", "--yes")
        asked = {entry.path for entry in box.log.entries}
    text = (tmp_path / "shapes.json").read_text("utf-8")
    is_clean(text)
    trackers = {tracker.kind: tracker for tracker in read_record(text)}
    assert "<operation 1>" not in text, "an address is asked that the table of keys does not know"
    version = "3" if deployment == "cloud" else "2"
    search = "search/jql" if deployment == "cloud" else "search"
    fields = trackers["jira"].answers[f"POST /rest/api/{version}/{search}"]["200"]
    assert fields.keys["issues"].shape.elements is not None
    assert fields.keys["issues"].shape.elements.keys["fields"].shape.keys["summary"].shape.words == {"text to 255"}
    issues = trackers["github"].answers["GET /repos/{}/{}/issues"]["200"].elements
    assert issues is not None
    assert {"title", "labels", "user", "<key 1>"} <= issues.keys.keys()
    assert any(CANARY in path.casefold() for path in asked)
    assert text in ended.out
    assert stat.S_IMODE((tmp_path / "shapes.json").stat().st_mode) == 0o600


@pytest.mark.parametrize("deployment", DEPLOYMENTS)
def test_how_many_people_work_there_cannot_be_told_from_a_record(
    deployment: Deployment, syncer: Run, secrets: None, tmp_path: Path
) -> None:
    texts = []
    for members in (3, 130):
        with Sandbox(jira_deployment=deployment) as box:
            populated(box)
            staffed(box, range(3, members))
            configured(box, deployment, tmp_path)
            syncer("check", "--record", f"{members}.json", "--yes")
        texts.append((tmp_path / f"{members}.json").read_text("utf-8"))
    assert texts[0] == texts[1]


class Hostile(BaseHTTPRequestHandler):
    """Answers everything with canaries: status line, headers, bodies, JSON and none."""

    statuses = (200, 201, 400, 401, 403, 404, 409, 422, 429, 500, 503)
    asked = 0

    def _answer(self) -> None:
        kind = type(self)
        kind.asked += 1
        status = self.statuses[kind.asked % len(self.statuses)]
        body: Any = {"message": said("m"), "errorMessages": [said("e")], "errors": {CANARY: said("v")}, CANARY: CANARY}
        sent = f"<html>{CANARY}</html>" if kind.asked % 5 == 0 else json.dumps([body] if kind.asked % 2 else body)
        self.send_response(status, said("reason"))
        for name in (
            "X-Kanarie-Proxy",
            "Server",
            "X-GitHub-Enterprise-Version",
            "X-GitHub-Api-Version-Selected",
            "Link",
        ):
            self.send_header(name, said("header"))
        self.send_header("Set-Cookie", f"{CANARY}={CANARY}")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent.encode())

    do_GET = do_POST = _answer  # noqa: N815 - the names are the library's

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


@contextmanager
def hostile() -> Iterator[str]:
    """The address of a server that answers so."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Hostile) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("deployment", DEPLOYMENTS)
def test_nothing_of_errors_and_headers_gets_into_a_record(
    deployment: Deployment, syncer: Run, secrets: None, tmp_path: Path
) -> None:
    with Sandbox(jira_deployment=deployment) as box, hostile() as address:
        file = configured(box, deployment, tmp_path)
        file.write_text(file.read_text("utf-8").replace(box.url, address), "utf-8")
        ended = syncer("check", "--record", "shapes.json", "--yes")
    assert ended.code in {1, 2, 4}
    text = (tmp_path / "shapes.json").read_text("utf-8")
    is_clean(text)
    assert '"<header 1>"' in text
    assert '"set-cookie"' in text


# --- shown, then written


@pytest.fixture
def site_of(tmp_path: Path, secrets: None) -> Iterator[Sandbox]:
    with Sandbox() as box:
        populated(box)
        configured(box, "cloud", tmp_path)
        yield box


def test_without_a_terminal_nothing_is_written_that_nobody_agreed_to(
    syncer: Run, site_of: Sandbox, tmp_path: Path
) -> None:
    ended = syncer("check", "--record", "shapes.json")
    assert ended.code == 2
    assert '"format": "syncer shapes 1"' in ended.out
    assert "Nothing was written. Without a terminal, say that you mean it: add --yes" in ended.err
    assert not (tmp_path / "shapes.json").exists()


@pytest.mark.parametrize(("answer", "written"), [(b"y\n", True), (b"n\n", False), (b"\n", False)])
def test_at_a_terminal_the_record_is_shown_before_it_is_asked_for(
    answer: bytes, written: bool, site_of: Sandbox, tmp_path: Path
) -> None:
    controller, terminal = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, "check", "--record", "shapes.json"],
        cwd=tmp_path, env={**os.environ, "XDG_STATE_HOME": str(tmp_path)},
        stdin=terminal, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    os.close(terminal)
    os.write(controller, answer)
    out, err = process.communicate(timeout=PATIENCE)
    os.close(controller)
    assert process.returncode == 0, err
    assert "Write it to shapes.json?" in err.decode()
    assert '"format": "syncer shapes 1"' in out.decode()
    assert (tmp_path / "shapes.json").exists() is written
    if written:
        assert (tmp_path / "shapes.json").read_text("utf-8") in out.decode()


def test_a_file_that_is_there_already_is_not_replaced_and_nothing_is_asked(
    syncer: Run, site_of: Sandbox, tmp_path: Path
) -> None:
    (tmp_path / "shapes.json").symlink_to(tmp_path / "elsewhere")
    ended = syncer("check", "--record", "shapes.json", "--yes")
    assert (ended.code, "shapes.json exists already" in ended.err) == (2, True)
    assert not (tmp_path / "elsewhere").exists()
    assert site_of.log.count() == 0
    ended = syncer("check", "--record", "no/folder.json", "--yes")
    assert (ended.code, "there is no folder" in ended.err) == (2, True)


@pytest.mark.parametrize("option", ["--offline", "--json"])
def test_what_cannot_be_recorded_or_shown_is_refused(option: str, syncer: Run, site_of: Sandbox) -> None:
    ended = syncer("check", "--record", "shapes.json", option)
    assert (ended.code, "--record asks the trackers" in ended.err) == (2, True)


def test_a_record_writes_nothing_to_the_trackers(syncer: Run, site_of: Sandbox) -> None:
    syncer("check", "--record", "shapes.json", "--yes")
    assert site_of.log.writes() == ()
