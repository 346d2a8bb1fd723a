"""Nothing that looks like a secret reaches a log, at any level, from any library."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from syncer.app.logs import REDACTED, logger, redacted, switch_on, tame_libraries

CANARIES = [
    "ghp_" + "a1B2c3D4e5" * 3,
    "github_pat_11ABC_" + "x" * 20,
    "ghs_" + "Z" * 36,
    "ATATT3xFfGF0" + "q" * 40 + "=1234",
    "eyJhbGciOi.eyJpc3MiOi.c2lnbmF0dXJl",
]


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    root = logging.getLogger()
    before = [*root.handlers], root.level
    yield
    root.handlers[:], root.level = before
    structlog.reset_defaults()


@pytest.mark.parametrize("canary", CANARIES)
def test_tokens_are_taken_out_of_any_text(canary: str) -> None:
    assert redacted(f"before {canary} after") == f"before {REDACTED} after"


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("Authorization: Bearer abc.def-123", "abc.def-123"),
        ("authorization: basic dXNlcjpwYXNz", "dXNlcjpwYXNz"),
        ("Authorization: token 0123456789abcdef", "0123456789abcdef"),
        ("https://bot:hunter2@jira.example/rest", "hunter2"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----", "MIIE"),
    ],
)
def test_headers_addresses_and_keys_lose_their_secret(text: str, secret: str) -> None:
    assert secret not in redacted(text)


def test_ordinary_text_is_left_alone() -> None:
    text = "PAY-7: the token ring of 2026-11-23 has a basic idea; see https://jira.example/browse/PAY-7"
    assert redacted(text) == text


@pytest.mark.parametrize("form", ["console", "json"])
@pytest.mark.parametrize("name", ["syncer", "urllib3.connectionpool", "jira", "github.Requester", "anything.else"])
def test_no_logger_lets_a_token_through(form: str, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    switch_on("debug", form, 2)
    for canary in CANARIES:
        logging.getLogger(name).debug("header %s", canary)
        logging.getLogger(name).warning("Authorization: %s", f"Bearer {canary}")
        try:
            raise RuntimeError(canary)
        except RuntimeError:
            logging.getLogger(name).exception("failed")
            logger(name).exception("failed", value=canary, nested={"token": canary})
    err = capsys.readouterr().err
    assert REDACTED in err
    assert not [canary for canary in CANARIES if canary in err]


def test_a_handler_that_a_library_brings_along_is_taken_away(capsys: pytest.CaptureFixture[str]) -> None:
    switch_on("warning", "console")
    library = logging.getLogger("github")
    library.addHandler(logging.StreamHandler())
    library.setLevel(logging.INFO)
    tame_libraries()
    logging.getLogger("github.Requester").info("following a redirection")
    logging.getLogger("github.Requester").warning("once")
    assert capsys.readouterr().err.count("\n") == 1


def test_json_is_one_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    switch_on("info", "json")
    logger("syncer").info("run ended", pair="payments", outcome="clean")
    [line] = capsys.readouterr().err.splitlines()
    event = json.loads(line)
    assert (event["event"], event["pair"], event["level"]) == ("run ended", "payments", "info")


def test_libraries_say_only_warnings_unless_everything_is_wanted(capsys: pytest.CaptureFixture[str]) -> None:
    switch_on("info", "console")
    logging.getLogger("urllib3.connectionpool").info("starting a connection")
    logging.getLogger("syncer").info("ours")
    err = capsys.readouterr().err
    assert "ours" in err
    assert "starting" not in err
