"""Files of a report: their owner's alone, whatever the umask, unless somebody says otherwise; whole or not there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from syncer.publish.files import write_file, write_files, write_mail
from syncer.report import build_report
from syncer.report.build import FILES
from syncer.report.evaluate import evaluate
from tests.unit.report.sample import NOW, WINDOW, collaboration

REPORT = build_report(evaluate(collaboration(), WINDOW, NOW))


@pytest.fixture(params=[0o000, 0o022, 0o077], ids=oct, autouse=True)
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o7777


def test_only_its_owner_can_read_a_report_or_enter_the_folders_made_for_it(tmp_path: Path) -> None:
    folder = tmp_path / "reports" / "2026-W47"
    files = write_files(REPORT, folder, list(FILES))
    files.append(write_mail(REPORT.message("mei@acme.example"), folder / "report.eml"))
    assert {mode(file) for file in files} == {0o600}
    assert [mode(made) for made in (folder, folder.parent)] == [0o700, 0o700]
    assert sorted(folder.iterdir()) == sorted(files)


@pytest.mark.parametrize(("wanted", "entered"), [(0o640, 0o750), (0o644, 0o755), (0o604, 0o705)])
def test_who_may_read_the_files_can_enter_the_folders(tmp_path: Path, wanted: int, entered: int) -> None:
    files = write_files(REPORT, tmp_path / "reports", ["html"], wanted)
    assert [mode(path) for path in (*files, tmp_path / "reports")] == [wanted, entered]


@pytest.mark.parametrize("kept", [0o755, 0o2775])
def test_a_folder_that_was_there_keeps_its_mode(tmp_path: Path, kept: int) -> None:
    folder = tmp_path / "served"
    folder.mkdir()
    folder.chmod(kept)
    write_files(REPORT, folder, ["text"])
    assert mode(folder) == kept


def test_a_report_written_again_takes_the_mode_it_is_written_with(tmp_path: Path) -> None:
    file = tmp_path / "report.txt"
    file.write_text("older")
    file.chmod(0o666)
    assert mode(write_file(file, "newer")) == 0o600
    assert file.read_text("utf-8") == "newer"


def test_what_an_interrupted_writing_left_is_no_obstacle_and_is_not_written_through(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("somebody's")
    (tmp_path / ".report.txt.part").symlink_to(elsewhere)
    write_file(tmp_path / "report.txt", "ours")
    assert (elsewhere.read_text("utf-8"), (tmp_path / "report.txt").read_text("utf-8")) == ("somebody's", "ours")


def test_excel_reads_the_chinese_of_a_csv(tmp_path: Path) -> None:
    """It takes a CSV for UTF-8 only where it begins with a byte order mark; programs that read UTF-8 pass over it."""
    report = build_report(evaluate(collaboration(), WINDOW, NOW))
    (file,) = write_files(report, tmp_path, ["csv"])
    assert file.read_bytes().startswith(b"\xef\xbb\xbfsection,")
    assert "安全审计通过" in file.read_text("utf-8-sig")
    mail = report.message("mei@acme.example", attach=("csv",))
    (attached,) = mail.iter_attachments()
    assert (attached.get_payload(decode=True) or b"").startswith(b"\xef\xbb\xbf")
