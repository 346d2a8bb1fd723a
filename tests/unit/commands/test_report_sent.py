"""The report leaves even when no tracker answers, and begins with how complete its data is."""

from __future__ import annotations

import tomllib
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

import pytest

from tests.unit.commands.conftest import Run, Site
from tests.unit.test_delivery import Box, free_port, serving

CONFIGURATION = """
[trackers.acme-jira]
kind = "jira"
url = "http://127.0.0.1:{dead}"
deployment = "datacenter"
allow-http = true
read-seconds = 1
read-attempts = 1

[trackers.github]
kind = "github"
url = "http://127.0.0.1:{dead}"
read-seconds = 1
read-tries = 1

[[pairs]]
name = "pay"
left = {{ tracker = "acme-jira", project = "PAY" }}
right = {{ tracker = "github", repository = "acme/pay" }}

[report]
recipients = ["mei@acme.example", {{ address = "li@acme.example", language = "zh" }}]

[[report.posts]]
name = "client"
pair = "pay"
side = "right"

[mail]
host = "127.0.0.1"
port = {mail}
tls = "none"
from = "syncer@acme.example"
"""


@pytest.fixture
def tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ACME_JIRA", "GITHUB"):
        monkeypatch.setenv(f"SYNCER_TRACKERS__{name}__TOKEN", "x")


@pytest.mark.usefixtures("tokens")
def test_a_report_is_mailed_although_every_sync_failed(syncer: Run, tmp_path: Path) -> None:
    box = Box()
    with serving(box) as port:
        (tmp_path / "syncer.toml").write_text(CONFIGURATION.format(dead=free_port(), mail=port), "utf-8")
        assert syncer("sync").code == 1
        ended = syncer("report", "--send", "--dir", "out")
    first = {recipients[0]: text.splitlines()[0] for recipients, text in map(read, box.got)}
    assert first == {
        "mei@acme.example": "Data incomplete: at least one pair was never read completely.",
        "li@acme.example": "数据不完整：至少有一组同步从未完整读取。",
    }
    assert "Post client: waiting" in ended.err
    assert ended.code == 1  # the post is tried again by the next call


def read(envelope: object) -> tuple[list[str], str]:
    mail = BytesParser(policy=policy.default).parsebytes(envelope.content)  # type: ignore[attr-defined]
    body = mail.get_body(("plain",))
    assert isinstance(body, EmailMessage)
    assert str(mail["Subject"]).endswith(("data incomplete", "数据不完整"))
    return envelope.rcpt_tos, body.get_content()  # type: ignore[attr-defined]


def test_a_post_is_made_by_the_command_and_edited_by_the_next(syncer: Run, site: Site) -> None:
    """Without [mail]: a post alone is reason enough to send."""
    text = site.file.read_text("utf-8")
    (pair,) = tomllib.loads(text)["pairs"]
    site.file.write_text(f'{text}\n[[report.posts]]\nname = "all"\npair = "{pair["name"]}"\nside = "right"\n', "utf-8")
    assert syncer("sync").code == 0
    outcomes = [syncer("report", "--send", "--week", week, "--dir", "out") for week in WEEKS]
    assert [(ended.code, ended.out, ended.err) for ended in outcomes] == [(0, "", "")] * 3
    assert syncer("sync").code == 0
    assert len(site.box.jira.issues) == 3  # nothing of it came over


WEEKS = ("2024-W10", "2024-W10", "2024-W11")
