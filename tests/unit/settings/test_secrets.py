"""Secrets come from outside the file, and never come out again."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from syncer.settings import Settings
from tests.unit.settings.fakes import SECRET, TOKENS, VALID, load_text, problems

RIGHT = {"SYNCER_TRACKERS__RIGHT__TOKEN": SECRET}


def left_token(settings: Settings) -> str:
    return str(settings.trackers["acme-left"].settings.token.get_secret_value())


def test_a_missing_secret_says_where_to_put_it(tmp_path: Path) -> None:
    assert problems(tmp_path, VALID, RIGHT) == [
        "syncer.toml:1: trackers.acme-left.token: is required, and not in this file: "
        "set SYNCER_TRACKERS__ACME_LEFT__TOKEN, or token-file"
    ]


def test_a_secret_in_the_file_is_refused_and_not_repeated(tmp_path: Path) -> None:
    text = VALID.replace('kind = "fake"\n', f'kind = "fake"\ntoken = "{SECRET}"\n', 1)
    assert problems(tmp_path, text) == [
        "syncer.toml:3: trackers.acme-left.token: a secret does not belong into this file: "
        "set SYNCER_TRACKERS__ACME_LEFT__TOKEN or token-file"
    ]


@pytest.mark.parametrize(
    "value",
    [
        "ghp_" + "a1B2c3D4e5" * 3,
        "github_pat_" + "a1B2c3D4e5" * 3,
        "ATATT" + "x" * 30,
        "https://me:hunter22@left.example",
    ],
)
def test_a_token_is_recognised_wherever_it_stands(tmp_path: Path, value: str) -> None:
    [line] = problems(tmp_path, VALID.replace("https://left.example", value))
    assert line.startswith("syncer.toml:3: trackers.acme-left.url: a secret does not belong into this file")
    assert value not in line


def test_a_password_in_the_address_of_the_state_is_refused(tmp_path: Path) -> None:
    text = f'state = "postgresql://syncer:{SECRET}@db.example/syncer"\n{VALID}'
    assert problems(tmp_path, text) == [
        "syncer.toml:1: state: a secret does not belong into this file: set SYNCER_STATE"
    ]


def test_no_message_repeats_a_secret_beside_which_a_key_is_missing(tmp_path: Path) -> None:
    # pydantic prints the input of the table around a missing key unless told otherwise.
    text = VALID.replace('url = "https://left.example"\n', "")
    assert problems(tmp_path, text) == ["syncer.toml:1: trackers.acme-left.url: is required"]


def test_settings_do_not_print_their_secrets(tmp_path: Path) -> None:
    settings = load_text(tmp_path, VALID)
    assert SECRET not in repr(settings) + str(settings)


def test_a_file_that_only_its_owner_can_read_holds_a_secret(tmp_path: Path) -> None:
    text = VALID.replace('kind = "fake"\n', 'kind = "fake"\ntoken-file = "left.token"\n', 1)
    file = tmp_path / "left.token"
    file.write_text("from-file\n")
    file.chmod(0o600)
    assert left_token(load_text(tmp_path, text, RIGHT)) == "from-file"


@pytest.fixture
def public_place() -> Iterator[Path]:
    """A folder that everybody can enter, unlike those that pytest makes."""
    place = Path(tempfile.mkdtemp(prefix="syncer-public-"))
    place.chmod(0o755)
    if any(folder.stat().st_mode & 0o011 == 0 for folder in place.parents):
        pytest.skip(f"{place.parent} can be entered by its owner alone")
    yield place
    shutil.rmtree(place)


@pytest.mark.parametrize("mode", [0o640, 0o644, 0o604, 0o660])
def test_a_secret_file_that_others_can_read_is_refused(public_place: Path, mode: int) -> None:
    text = VALID.replace('kind = "fake"\n', 'kind = "fake"\ntoken-file = "left.token"\n', 1)
    file = public_place / "left.token"
    file.write_text("from-file\n")
    file.chmod(mode)
    [line] = problems(public_place, text, RIGHT)
    assert line == (
        "syncer.toml:3: trackers.acme-left.token-file: "
        f"left.token can be read by others (mode {mode:04o}): chmod 600 left.token"
    )


def test_a_file_of_the_secrets_directory_that_others_can_read_is_refused(public_place: Path) -> None:
    secrets = public_place / "secrets"
    secrets.mkdir(mode=0o755)
    file = secrets / "trackers__acme-left__token"
    file.write_text("from-directory\n")
    file.chmod(0o644)
    [line] = problems(public_place, VALID, {**RIGHT, "SYNCER_SECRETS_DIR": str(secrets)})
    assert line == f"trackers.acme-left.token: {file.relative_to(public_place)} can be read by others (mode 0644): " + (
        f"chmod 600 {file.relative_to(public_place)}"
    )


def test_a_file_of_the_secrets_directory_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    (secrets / "trackers__acme-left__token").write_bytes(b"\xff\xfe")
    [line] = problems(tmp_path, VALID, {**RIGHT, "SYNCER_SECRETS_DIR": str(secrets)})
    assert "cannot be read: is not text" in line


def test_an_open_mode_in_a_folder_that_nobody_else_can_enter_is_noted_and_no_mistake(public_place: Path) -> None:
    text = VALID.replace('kind = "fake"\n', 'kind = "fake"\ntoken-file = "private/left.token"\n', 1)
    folder = public_place / "private"
    folder.mkdir(mode=0o700)
    (folder / "left.token").write_text("from-file\n")
    (folder / "left.token").chmod(0o644)
    settings = load_text(public_place, text, RIGHT)
    assert left_token(settings) == "from-file"
    [(line, fix)] = settings.exposed_secrets
    assert fix == f"chmod 600 {folder / 'left.token'}"
    assert line.startswith(f"the mode of {folder / 'left.token'} lets others read it (0644)")
    (folder / "left.token").chmod(0o600)
    assert load_text(public_place, text, RIGHT).exposed_secrets == ()


def test_what_systemd_mounted_has_the_mode_that_systemd_gave_it(public_place: Path) -> None:
    file = public_place / "trackers__acme-left__token"
    file.write_text("from-systemd\n")
    file.chmod(0o440)  # with an access list for the service's own account
    settings = load_text(public_place, VALID, {**RIGHT, "CREDENTIALS_DIRECTORY": str(public_place)})
    assert left_token(settings) == "from-systemd"
    assert len(settings.exposed_secrets) == 1


def test_a_secret_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    text = VALID.replace('kind = "fake"\n', 'kind = "fake"\ntoken-file = "left.token"\n', 1)
    [line] = problems(tmp_path, text, RIGHT)
    assert "left.token cannot be read: No such file" in line


@pytest.mark.parametrize(
    "name", ["trackers__acme-left__token", "trackers__acme_left__token", "TRACKERS__ACME_LEFT__TOKEN"]
)
def test_a_secrets_directory_holds_a_file_for_each(tmp_path: Path, name: str) -> None:
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    (secrets / name).write_text("from-directory\n")
    assert left_token(load_text(tmp_path, VALID, {**RIGHT, "SYNCER_SECRETS_DIR": str(secrets)})) == "from-directory"


def test_a_strange_file_in_our_secrets_directory_is_a_mistake_but_not_in_systemds(tmp_path: Path) -> None:
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    (secrets / "trackers__acme-lft__token").write_text("x")
    assert problems(tmp_path, VALID, {**TOKENS, "CREDENTIALS_DIRECTORY": str(secrets)}) == []
    [line] = problems(tmp_path, VALID, {**TOKENS, "SYNCER_SECRETS_DIR": str(secrets)})
    assert 'this secret means nothing: did you mean "trackers__acme_left__token"?' in line


def test_a_variable_wins_over_a_file(tmp_path: Path) -> None:
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    (secrets / "trackers__acme-left__token").write_text("from-directory")
    assert left_token(load_text(tmp_path, VALID, {**TOKENS, "SYNCER_SECRETS_DIR": str(secrets)})) == SECRET


def test_a_secrets_directory_that_is_not_there_is_told(tmp_path: Path) -> None:
    [line] = problems(tmp_path, VALID, {**TOKENS, "SYNCER_SECRETS_DIR": str(tmp_path / "absent")})
    assert line == "absent: the secrets directory does not exist"


@pytest.mark.parametrize(
    ("variable", "line"),
    [
        ("SYNCER_INTERVALL", "environment: SYNCER_INTERVALL is set and means nothing here: unset it"),
        ("SYNCER_STAT", 'environment: SYNCER_STAT is set and means nothing here: did you mean "SYNCER_STATE"?'),
        (
            "SYNCER_TRACKERS__ACME_LEFT__TOKN",
            "environment: SYNCER_TRACKERS__ACME_LEFT__TOKN is set and means nothing here: "
            'did you mean "SYNCER_TRACKERS__ACME_LEFT__TOKEN"?',
        ),
    ],
)
def test_a_misspelt_variable_is_a_mistake(tmp_path: Path, variable: str, line: str) -> None:
    assert problems(tmp_path, VALID, {**TOKENS, variable: "x"}) == [line]


def test_an_empty_variable_is_a_mistake(tmp_path: Path) -> None:
    assert "environment: SYNCER_TRACKERS__RIGHT__TOKEN is empty" in problems(
        tmp_path, VALID, {**TOKENS, "SYNCER_TRACKERS__RIGHT__TOKEN": ""}
    )


def test_plain_settings_can_be_given_by_variables(tmp_path: Path) -> None:
    given = {"SYNCER_LOG__LEVEL": "debug", "SYNCER_TRACKERS__RIGHT__READ_TRIES": "7", "SYNCER_METRICS_FILE": "m.prom"}
    settings = load_text(tmp_path, VALID, {**TOKENS, **given})
    assert settings.log.level == "debug"
    assert settings.trackers["right"].settings.read_tries == 7
    assert settings.metrics_file == tmp_path / "m.prom"


def test_a_wrong_value_in_a_variable_names_the_variable(tmp_path: Path) -> None:
    assert problems(tmp_path, VALID, {**TOKENS, "SYNCER_LOG__LEVEL": "loud"}) == [
        "SYNCER_LOG__LEVEL: is not one of debug, info, warning, error"
    ]


def test_the_mail_password_is_a_secret_too(tmp_path: Path) -> None:
    mail = '[mail]\nhost = "mail.example"\nfrom = "syncer <syncer@acme.example>"\nuser = "syncer"\n'
    settings = load_text(tmp_path, VALID + mail, {**TOKENS, "SYNCER_MAIL__PASSWORD": SECRET})
    assert settings.mail is not None
    assert settings.mail.password is not None
    assert settings.mail.password.get_secret_value() == SECRET
    [line] = problems(tmp_path, VALID + mail + f'password = "{SECRET}"\n')
    assert line.startswith("syncer.toml:17: mail.password: a secret does not belong into this file")


def test_a_variable_of_the_tests_is_none_of_ours(tmp_path: Path) -> None:
    assert left_token(load_text(tmp_path, VALID, {**TOKENS, "SYNCER_TEST_POSTGRESQL": "postgresql://x"})) == SECRET
