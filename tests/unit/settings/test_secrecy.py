"""Whether others can read a file with a secret, by its mode, its folders and what it is mounted from."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncer.settings import secrecy
from syncer.settings.secrecy import Exposure, Mount, exposure, innermost

ROOT = "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw"


@pytest.fixture
def token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that everybody can read, in folders that everybody can enter."""
    monkeypatch.setattr(secrecy, "_ours_alone", lambda _: False)
    file = tmp_path / "token"
    file.write_text("x")
    file.chmod(0o644)
    return file


def mounted(tmp_path: Path, *lines: str) -> Path:
    file = tmp_path / "mountinfo"
    file.write_text("\n".join((ROOT, *lines)) + "\n")
    return file


def test_a_file_of_its_owner_alone_is_not_exposed(token: Path, tmp_path: Path) -> None:
    token.chmod(0o600)
    assert exposure(token, mounts=mounted(tmp_path)) is Exposure.NONE


def test_a_file_that_others_can_read_is_open(token: Path, tmp_path: Path) -> None:
    assert exposure(token, mounts=mounted(tmp_path)) is Exposure.OPEN


def test_nothing_is_known_of_mounts_where_the_system_does_not_tell(token: Path, tmp_path: Path) -> None:
    assert exposure(token, mounts=tmp_path / "none") is Exposure.OPEN


@pytest.mark.parametrize(
    ("options", "kind", "found"),
    [
        ("ro,relatime", "ext4", Exposure.CONTAINED),
        ("rw,relatime", "tmpfs", Exposure.CONTAINED),
        ("rw,relatime", "ramfs", Exposure.CONTAINED),
        ("rw,relatime", "ext4", Exposure.OPEN),
    ],
)
def test_what_a_supervisor_mounted_is_its_affair(
    token: Path, tmp_path: Path, options: str, kind: str, found: Exposure
) -> None:
    line = f"30 22 0:40 / {tmp_path} {options} shared:9 - {kind} {kind} rw"
    assert exposure(token, mounts=mounted(tmp_path, line)) is found


def test_a_place_in_memory_for_everybody_is_no_mount_of_a_supervisor(token: Path, tmp_path: Path) -> None:
    tmp_path.chmod(0o1777)  # as /tmp and /dev/shm are
    assert exposure(token, mounts=mounted(tmp_path, f"30 22 0:40 / {tmp_path} rw - tmpfs tmpfs rw")) is Exposure.OPEN


def test_a_system_that_is_read_only_as_a_whole_mounted_nothing_for_us(token: Path, tmp_path: Path) -> None:
    file = tmp_path / "mountinfo"
    file.write_text("22 1 8:1 / / ro,relatime - overlay overlay ro\n")
    assert exposure(token, mounts=file) is Exposure.OPEN


def test_a_link_into_systemds_directory_is_what_it_leads_to(token: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(token)
    assert exposure(link, credentials=str(token.parent), mounts=mounted(tmp_path)) is Exposure.CONTAINED


def test_the_innermost_and_latest_mount_counts() -> None:
    lines = (
        ROOT,
        "30 22 0:40 / /run rw,nosuid - tmpfs tmpfs rw",
        "31 30 0:41 / /run/my\\040secrets rw - ext4 /dev/sdb rw",
        "32 31 0:42 / /run/my\\040secrets ro - tmpfs tmpfs rw",
        "a line of another shape",
    )
    assert innermost(Path("/run/my secrets/token"), lines) == Mount(Path("/run/my secrets"), True, "tmpfs")
    assert innermost(Path("/run/other"), lines) == Mount(Path("/run"), False, "tmpfs")
    assert innermost(Path("/etc/token"), lines) == Mount(Path("/"), False, "ext4")


def test_the_remedy_for_somebody_elses_file_makes_it_ours(token: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert secrecy.remedy(token) == f"chmod 600 {token}"
    monkeypatch.setattr(secrecy.os, "geteuid", lambda: 4711)
    assert secrecy.remedy(token) == f"chown 4711 {token} && chmod 600 {token}"


def test_the_remedy_for_a_file_that_is_mounted_read_only_is_its_mount(
    token: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secrecy, "_is_read_only", lambda _: True)
    assert secrecy.remedy(token) == f"mount {token} with mode 0400"
