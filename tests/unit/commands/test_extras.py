"""What works without the extras of the package, and what is said where one is needed and absent."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from syncer.commands.extras import EXTRAS, extra_of, install, lacking, lines_for
from tests.unit.commands.conftest import Ended, Run, Site, edit_both

ROOT = Path(__file__).resolve().parents[3]

WITHOUT = """
import io, json, shlex, sys
from contextlib import redirect_stderr, redirect_stdout

hidden = set(sys.argv[1].split(","))


class Hiding:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in hidden:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


sys.meta_path.insert(0, Hiding())
from syncer.cli import main

ended = []
for line in sys.argv[2:]:
    sys.argv = ["syncer", *shlex.split(line)]
    with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
        try:
            main()
        except SystemExit as end:
            ended.append([end.code or 0, out.getvalue(), err.getvalue()])
print(json.dumps(ended))
"""
"""The command, once for each line, in a Python that has none of the modules named first."""


def without(folder: Path, extras: str, *lines: str) -> list[Ended]:
    """How commands end, one after the other, where the modules of some extras are not installed."""
    modules = ",".join(sorted(module for extra in extras.split() for module in EXTRAS[extra]))
    command = [sys.executable, "-c", WITHOUT, modules, *lines]
    child = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return [Ended(*each) for each in json.loads(child.stdout)]


def test_the_extras_are_those_of_the_package() -> None:
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    for extra, modules in EXTRAS.items():
        assert {Requirement(text).name.replace("-", "_") for text in listed[extra]} == modules
    assert f"tracker-syncer[{','.join(EXTRAS)}]" in listed["dev"]


@pytest.mark.parametrize("extra", EXTRAS)
def test_a_module_that_is_absent_is_told_by_its_extra(extra: str) -> None:
    for module in EXTRAS[extra]:
        told = extra_of(ModuleNotFoundError(name=f"{module}.inner"))
        assert module in EXTRAS[told or ""]
    assert extra_of(ModuleNotFoundError(name="sqlalchemy")) is None
    assert lacking(extra) == ()


def test_the_line_installs_into_the_python_that_runs() -> None:
    what, line = lines_for("report", "sandbox")
    assert what == "This command needs the extras report and sandbox, which are not installed."
    assert line == f"Install: {install('report', 'sandbox')}"
    words = shlex.split(install("report", "sandbox"))
    assert words == [sys.executable, "-m", "pip", "install", "tracker-syncer[report,sandbox]"]


def test_a_sync_and_what_looks_after_it_need_no_extra(syncer: Run, site: Site) -> None:
    syncer("sync")
    edit_both(site, "Refund cards", "Refund a card")
    lines = ("--help", "check", "preview", "sync -v", "status", "conflicts", "explain acme/pay#1", "verify", "retry")
    ended = dict(zip(lines, without(site.file.parent, " ".join(EXTRAS), *lines), strict=True))
    assert {line: each.code for line, each in ended.items()} == dict.fromkeys(lines, 0) | {"sync -v": 6}
    assert "Refund a card" in ended["conflicts"].out


REPORTING = ("report", "report --schema", "goals", "goals --json", "advice", "responsibilities", "plan show PAY-1")
NEEDED = [
    ("report", (*REPORTING, "demo")),
    ("sandbox", ("demo", "sandbox", "sandbox --data demo")),
    ("postgresql", ("status --state postgresql://nobody@127.0.0.1:1/nothing",)),
    ("report sandbox", ("demo",)),
]


@pytest.mark.parametrize(("absent", "lines"), NEEDED)
def test_a_command_whose_extra_is_absent_ends_with_2_and_the_line_that_installs_it(
    syncer: Run, site: Site, absent: str, lines: tuple[str, ...]
) -> None:
    told = list(lines_for(*absent.split()))
    for line, ended in zip(lines, without(site.file.parent, absent, *lines), strict=True):
        assert (ended.code, ended.err.splitlines()) == (2, told), line
        if "--json" in line:
            assert json.loads(ended.out)["error"] == "extra"


def test_where_a_report_is_scheduled_check_and_daemon_say_what_it_lacks(syncer: Run, site: Site) -> None:
    site.file.write_text(site.file.read_text("utf-8") + '\n[report]\nschedule = "0 8 * * 1"\n', "utf-8")
    check, daemon = without(site.file.parent, "report", "check --offline", "daemon")
    assert check.code == 2
    assert install("report") in " ".join(check.out.split())
    assert (daemon.code, daemon.err.splitlines()) == (2, list(lines_for("report")))
