"""The report leaves even when no tracker answers, and begins with how complete its data is."""

from __future__ import annotations

import tomllib
from contextlib import ExitStack
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

import pytest

from syncer.commands.opening import open_settings, open_store
from syncer.commands.scheduled import _late
from syncer.sandbox import Fault
from tests.unit.commands.conftest import Run, Site
from tests.unit.publish.test_mail import Box, Stern, free_port, serving

CONFIGURATION = """
[trackers.acme-jira]
kind = "jira"
url = "http://127.0.0.1:{dead}"
deployment = "datacenter"
allow-http = true
read-seconds = 1
read-tries = 1

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


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that the command waited for a further attempt; none of them is waited for."""
    waited: list[float] = []
    monkeypatch.setattr("syncer.commands.report._patiently", waited.append)
    return waited


@pytest.mark.usefixtures("tokens", "waits")
def test_a_report_is_mailed_although_every_sync_failed(syncer: Run, tmp_path: Path) -> None:
    box = Box()
    with serving(box) as port:
        (tmp_path / "syncer.toml").write_text(CONFIGURATION.format(dead=free_port(), mail=port), "utf-8")
        assert syncer("sync").code == 1
        ended = syncer("report", "--send", "--dir", "out")
    first = {recipients[0]: text.splitlines()[0] for recipients, text in map(read, box.got)}
    assert first == {
        "mei@acme.example": "Data incomplete, never read to the end: pay (some items will be retried).",
        "li@acme.example": "数据不完整，从未完整读取：pay（部分条目将重试）。请运行：syncer sync",
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


# --- the configuration as it is now


def mailing(site: Site, port: int, recipients: str) -> None:
    """Writes the part of the file that says who gets the report from which server."""
    text = site.file.read_text("utf-8").partition("\n# mail\n")[0]
    server = f'[mail]\nhost = "127.0.0.1"\nport = {port}\ntls = "none"\nfrom = "syncer@acme.example"\n'
    site.file.write_text(f"{text}\n# mail\n[report]\nrecipients = [{recipients}]\n{server}", "utf-8")


def subjects(box: Box) -> dict[str, str]:
    mails = (BytesParser(policy=policy.default).parsebytes(envelope.content) for envelope in box.got)  # type: ignore[arg-type]
    return {str(mail["To"]): mail.get_body(("plain",)).get_content() for mail in mails}


@pytest.mark.usefixtures("waits")
def test_who_was_made_a_client_gets_the_clients_edition_and_who_was_removed_gets_nothing(
    syncer: Run, site: Site
) -> None:
    syncer("sync")
    mailing(site, free_port(), '"client@acme.example", "gone@acme.example"')
    assert syncer("report", "--send").code == 1  # the server is away: both wait
    box = Box()
    with serving(box) as port:
        mailing(site, port, '{ address = "client@acme.example", audience = "client" }')
        assert syncer("report", "--send").code == 0
    got = subjects(box)
    assert list(got) == ["client@acme.example"]
    assert "Are both trackers in step?" in (site.file.parent / "syncer-report").rglob(
        "report.txt"
    ).__next__().read_text("utf-8")
    assert "Are both trackers in step?" not in got["client@acme.example"]


@pytest.mark.usefixtures("waits")
def test_what_a_server_refused_is_told_and_sent_by_the_next_call(syncer: Run, site: Site) -> None:
    syncer("sync")
    box = Stern()
    with serving(box) as port:
        mailing(site, port, '"mei@acme.example"')
        refused = syncer("report", "--send")
        assert "mei@acme.example: refused: 530 authentication required" in refused.err
        assert refused.code == 1
        box.answer = "250 OK"
        assert syncer("report", "--send").code == 0
        assert len(box.got) == 1
        assert syncer("report", "--send", "--again").code == 0
    assert len(box.got) == 2
    assert syncer("report", "--again").code == 2


@pytest.mark.usefixtures("waits")
def test_an_address_that_stands_there_twice_gets_one_mail_and_check_says_so(syncer: Run, site: Site) -> None:
    syncer("sync")
    box = Box()
    with serving(box) as port:
        mailing(site, port, '"Mei@acme.example", { address = "Mei <mei@ACME.example>", language = "zh" }')
        assert syncer("report", "--send").code == 0
        assert "mei@acme.example" in syncer("check").out
    assert [envelope.rcpt_tos for envelope in box.got] == [["Mei@acme.example"]]


def test_a_host_with_letters_of_a_language_is_written_as_the_network_knows_it(syncer: Run, site: Site) -> None:
    box = Box()
    syncer("sync")
    with serving(box) as port:
        mailing(site, port, '"Anna <anna@müller.example>"')
        assert syncer("report", "--send").code == 0
    assert [envelope.rcpt_tos for envelope in box.got] == [["anna@xn--mller-kva.example"]]


@pytest.mark.parametrize("address", ["b;c@acme.example", "li wei@acme.example", "jörg@acme.example", "a@b@c", "@acme"])
def test_an_address_that_is_none_is_refused_with_its_line_before_anything_is_sent(
    syncer: Run, site: Site, address: str
) -> None:
    mailing(site, free_port(), f'"mei@acme.example",\n  "{address}"')
    line = site.file.read_text("utf-8").splitlines().index(f'  "{address}"]') + 1
    ended = syncer("report", "--send")
    assert ended.code == 2
    assert ended.err.startswith(f"syncer.toml:{line}: report.recipients[1]")


# --- posts that meet a running sync, or a tracker that is down


def posting(site: Site) -> str:
    text = site.file.read_text("utf-8")
    (pair,) = tomllib.loads(text)["pairs"]
    site.file.write_text(f'{text}\n[[report.posts]]\nname = "all"\npair = "{pair["name"]}"\nside = "right"\n', "utf-8")
    return str(pair["name"])


def test_a_post_that_meets_a_running_sync_is_made_by_a_further_attempt(
    syncer: Run, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = posting(site)
    syncer("sync")
    settings = open_settings(site.file, None)
    with ExitStack() as running:
        store = running.enter_context(open_store(settings))
        running.enter_context(store.lease(pair, "another"))
        waited: list[float] = []

        def wait(seconds: float) -> None:
            waited.append(seconds)
            running.close()

        monkeypatch.setattr("syncer.commands.report._patiently", wait)
        ended = syncer("report", "--send")
    assert (ended.code, ended.err, waited) == (0, "", [10.0])


@pytest.mark.usefixtures("waits")
@pytest.mark.slow
def test_a_post_whose_tracker_is_down_is_made_by_the_daemons_next_look(syncer: Run, site: Site) -> None:
    posting(site)
    syncer("sync")
    site.box.faults.add(Fault("503", path="/repos/", times=1000, retry_after=None))
    assert "Post all: waiting" in syncer("report", "--send").err
    site.box.faults.clear()
    settings = open_settings(site.file, None)
    with open_store(settings) as store:
        assert [late.name for late in store.outbox.late_posts()] == ["all"]
    _late(settings)
    with open_store(settings) as store:
        assert store.outbox.late_posts() == []
    assert syncer("report", "--send", "-v").code == 0
