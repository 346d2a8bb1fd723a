"""What `syncer check` says: of the file alone, of the mail server, of trackers that cannot be used."""

import json
import re
import tomllib
from pathlib import Path

import pytest

from tests.unit.commands.conftest import Run, Site
from tests.unit.commands.test_init import CLOUD
from tests.unit.publish.test_mail import Box, dripping, free_port, serving


@pytest.fixture
def configured(syncer: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    syncer(*CLOUD)
    for name in ("JIRA", "GITHUB"):
        monkeypatch.setenv(f"SYNCER_TRACKERS__{name}__TOKEN", "x")
    return tmp_path / "syncer.toml"


def test_a_chinese_report_needs_nothing_that_this_machine_could_lack(syncer: Run, configured: Path) -> None:
    text = configured.read_text("utf-8").replace("[report]\n", "")
    configured.write_text(text + '\n[report]\nlanguage = "zh"\n', "utf-8")
    assert syncer("check", "--offline").out == "The configuration is valid: pay.\n"


def test_a_secret_that_only_its_folder_protects_is_told(
    syncer: Run, configured: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SYNCER_TRACKERS__JIRA__TOKEN")
    folder = tmp_path / "private"
    folder.mkdir(mode=0o700)
    (folder / "trackers__jira__token").write_text("x")
    (folder / "trackers__jira__token").chmod(0o644)
    monkeypatch.setenv("SYNCER_SECRETS_DIR", str(folder))
    ended = syncer("check", "--offline", "--json")
    assert ended.code == 0
    [told] = json.loads(ended.out)["machine"]
    assert (told["severity"], told["about"]) == ("warning", "secrets")
    assert str(folder / "trackers__jira__token") in told["message"]
    assert told["fix"] == f"chmod 600 {folder / 'trackers__jira__token'}"


def test_a_mistake_in_the_responsibilities_file_fails_the_check_and_no_sync(syncer: Run, configured: Path) -> None:
    text = configured.read_text("utf-8").replace("[report]\n", "")
    configured.write_text(text + '\n[report]\nresponsibilities = "who.toml"\n', "utf-8")
    (configured.parent / "who.toml").write_text('[[responsibilities]]\nscope = "project"\n', "utf-8")
    ended = syncer("check", "--offline")
    assert ended.code == 2
    assert "who.toml:1: responsibilities[0].person: is required" in ended.out
    assert syncer("responsibilities").code == 2
    (configured.parent / "who.toml").unlink()
    ended = syncer("check", "--offline")
    assert ended.code == 2
    assert "who.toml: cannot be read" in ended.out


# --- the file alone


def test_the_file_alone_needs_no_secret_and_no_network(syncer: Run, tmp_path: Path) -> None:
    syncer(*CLOUD)
    assert (syncer("check", "--offline").code, syncer("check", "--offline").out) == (
        0,
        "The configuration is valid: pay.\n",
    )
    assert not (tmp_path / "state-home").exists()
    (tmp_path / "syncer.toml").write_text("sweep = 1\n" + (tmp_path / "syncer.toml").read_text("utf-8"), "utf-8")
    assert syncer("check", "--offline").code == 2


def test_pairs_that_share_a_scope_are_told_and_drawn(syncer: Run, configured: Path) -> None:
    """Two clients' repositories and one project: which of them gets an issue would be chance."""
    text = configured.read_text("utf-8")
    pair = tomllib.loads(text)["pairs"][0]
    second = f"""
[[pairs]]
name = "web"
left = {{ tracker = "{pair["left"]["tracker"]}", project = "{pair["left"]["project"]}" }}
right = {{ tracker = "{pair["right"]["tracker"]}", repository = "acme/web" }}
"""
    at = text.index("[[pairs]]")
    configured.write_text(f"{text[:at]}{second}\n{text[at:]}", "utf-8")
    told = json.loads(syncer("check", "--offline", "--json").out)
    (finding,) = [finding for one in told["pairs"] for finding in one["findings"] if "pairs" in finding["about"]]
    assert finding["about"] == "pairs web and pay"
    assert "is not carried to the other's" in finding["message"]
    assert "[[routes]]" in finding["fix"]
    assert told["reach"][-1] == "  Nothing that came from one of these places goes on to another."


# --- trackers


def test_trackers_that_do_not_answer_have_nothing_corrected(syncer: Run, tmp_path: Path) -> None:
    """Out of reach is 1, as for a run: cron tries again. Nobody is sent to look at a token that was never tried."""
    port = free_port()
    site = f"https://127.0.0.1:{port}"
    syncer(
        "init", "--jira-url", site, "--project", "PAY", "--github-repository", "a/b", "--github-url", f"{site}/api/v3"
    )
    with pytest.MonkeyPatch.context() as environment:
        for name in ("JIRA", "GITHUB"):
            environment.setenv(f"SYNCER_TRACKERS__{name}__TOKEN", "x")
        ended = syncer("check")
    assert ended.code == 1
    assert ended.out.count("✗ access") == 2
    assert "credentials" not in ended.out


# --- mail


def with_mail(file: Path, port: int, extra: str = "") -> None:
    text = file.read_text("utf-8").replace("[report]\n", "")
    server = f'[mail]\nhost = "127.0.0.1"\nport = {port}\ntls = "none"\nfrom = "syncer@acme.example"\n{extra}'
    file.write_text(f'{text}\n[report]\nrecipients = ["mei@acme.example"]\n\n{server}\n', "utf-8")


def test_check_tries_the_mail_server_and_sends_nothing(syncer: Run, site: Site) -> None:
    box = Box()
    with serving(box) as port:
        with_mail(site.file, port)
        ended = syncer("check", "-v")
    assert ended.code == 0
    assert f"127.0.0.1:{port} answers (none); no message was sent" in ended.out
    assert box.got == []


def test_a_mail_server_that_does_not_answer_fails_the_check_with_host_and_port(syncer: Run, site: Site) -> None:
    port = free_port()
    with_mail(site.file, port)
    ended = syncer("check")
    assert ended.code == 2
    assert f"mail: 127.0.0.1:{port}: connection refused" in ended.out
    assert "check `host`, `port` and `tls`" in ended.out


def test_a_mail_server_that_drips_does_not_hold_the_check(syncer: Run, site: Site) -> None:
    with dripping(b"EHLO", b"250") as port:
        with_mail(site.file, port, 'timeout = "1s"\n')
        ended = syncer("check")
    assert ended.code == 2
    assert "timed out" in ended.out


def test_recipients_without_a_way_to_them_are_told(syncer: Run, configured: Path) -> None:
    text = configured.read_text("utf-8").replace("[report]\n", "")
    configured.write_text(f'{text}\n[report]\nrecipients = ["mei@acme.example"]\n', "utf-8")
    assert "there is no [mail]: no report can be sent" in syncer("check", "--offline").out


# --- trackers that cannot be used


def test_a_wrong_token_is_told_with_the_tracker_and_its_variable(
    syncer: Run, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNCER_TRACKERS__JIRA__TOKEN", "wrong-jira-token")
    monkeypatch.setenv("SYNCER_TRACKERS__GITHUB__TOKEN", "wrong-github-token")
    ended = syncer("check")
    assert ended.code == 4
    assert "trackers.jira (127.0.0.1" in ended.out
    assert "Check `user`, or put a new token into SYNCER_TRACKERS__JIRA__TOKEN." in ended.out
    assert "trackers.github (127.0.0.1" in ended.out
    assert "Put a new token into SYNCER_TRACKERS__GITHUB__TOKEN." in ended.out


def test_an_address_where_no_jira_is_fails_as_a_mistake_of_the_configuration(syncer: Run, site: Site) -> None:
    text = site.file.read_text("utf-8")
    url = next(line for line in text.splitlines() if line.startswith("url") and "jira" in line)
    site.file.write_text(text.replace(url, url.rstrip('"') + '/teams"'), "utf-8")
    ended = syncer("check")
    assert ended.code == 2
    assert "/teams is not an address of a Jira site" in ended.out
    assert "without /browse" in ended.out


def test_a_closed_port_is_told_with_the_host(syncer: Run, site: Site) -> None:
    text, port = site.file.read_text("utf-8"), free_port()
    site.file.write_text(re.sub(r"127\.0\.0\.1:\d+", f"127.0.0.1:{port}", text), "utf-8")
    site.file.write_text(re.sub(r'(kind = "jira"\n)', r"\1read-seconds = 1\nread-tries = 1\n",
                         re.sub(r'(kind = "github"\n)', r"\1read-seconds = 1\nread-tries = 1\n",
                         site.file.read_text("utf-8"))), "utf-8")  # fmt: skip
    out = syncer("check").out
    assert out.count(f"(127.0.0.1:{port}): ") == 2
    assert out.count("no connection: refused") == 2


def test_a_short_token_does_not_eat_the_letters_of_messages(
    syncer: Run, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNCER_TRACKERS__GITHUB__TOKEN", "y")
    out = syncer("check").out
    assert "***" not in out
    assert "repository" in out


def test_a_dry_run_is_called_a_preview(syncer: Run) -> None:
    ended = syncer("sync", "--dry-run")
    assert (ended.code, "syncer preview" in ended.err) == (2, True)


def test_a_missing_certificate_is_told_by_check_and_ends_no_sync_unexpectedly(syncer: Run, site: Site) -> None:
    text = site.file.read_text("utf-8")
    site.file.write_text(text.replace('kind = "jira"\n', 'kind = "jira"\nca-bundle = "authority.pem"\n'), "utf-8")
    ended = syncer("check")
    assert ended.code == 4
    assert f"trackers.jira.ca-bundle: there is no file {site.file.parent}/authority.pem" in ended.out
    assert syncer("sync").code == 4
    assert syncer("check", "--offline").code == 0


@pytest.mark.parametrize(("option", "value"), [("--language", "de"), ("--audience", "boss")])
def test_a_value_there_is_none_of_is_refused_in_words(syncer: Run, option: str, value: str) -> None:
    ended = syncer("report", option, value)
    assert ended.code == 2
    assert f'"{value}" is not one of' in ended.err
    assert "Value error" not in ended.err


def test_the_name_of_a_host_that_is_not_known_is_told(
    syncer: Run, configured: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = configured.read_text("utf-8").replace('kind = "jira"\n', 'kind = "jira"\nread-tries = 1\n')
    text = text.replace('kind = "github"\n', 'kind = "github"\nread-tries = 1\nurl = "https://ghe.invalid/api/v3"\n')
    configured.write_text(re.sub(r'url = "https://[^"]*atlassian.net"', 'url = "https://jira.invalid"', text), "utf-8")
    ended = syncer("check")
    assert ended.code == 1
    assert ended.out.count("the name of the host is not known") == 2
    assert "trackers.jira (jira.invalid)" in ended.out


def test_a_former_key_is_named_by_the_check_and_at_a_terminal(
    syncer: Run, configured: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = configured.read_text("utf-8").replace('kind = "jira"\n', 'kind = "jira"\nread-attempts = 2\n')
    configured.write_text(text, "utf-8")
    number = text.splitlines().index("read-attempts = 2") + 1
    line = f"syncer.toml:{number}: trackers.jira.read-attempts: is called read-tries now"
    ended = syncer("check", "--offline", "--json")
    [told] = json.loads(ended.out)["machine"]
    assert (ended.code, told["severity"], told["message"]) == (0, "warning", line)
    assert told["fix"] == "write read-tries in its place; both are understood"
    assert syncer("status").err == ""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    assert syncer("status").err == f"{line}\n"
    assert line not in syncer("check", "--offline").err
