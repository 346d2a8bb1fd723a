"""The samples for systemd, containers and Kubernetes: their tools can read them, and each is allowed what it needs."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from syncer.settings import Kinds
from syncer.settings.sources import nameable

ROOT = Path(__file__).resolve().parents[2]
CONFIG = ROOT / "config"
TRACKERS = '[trackers.jira]\nkind = "jira"\n[trackers.github]\nkind = "github"\n'
UNITS = sorted((CONFIG / "systemd").iterdir())
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]
KUBERNETES = sorted((CONFIG / "kubernetes").glob("*.yaml"))


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("no systemd-analyze is installed")
    return subprocess.run([program, *arguments], capture_output=True, text=True, timeout=60, check=False)


def test_systemd_finds_nothing_wrong_with_the_units(tmp_path: Path) -> None:
    for unit in UNITS:
        text = unit.read_text("utf-8").replace("/opt/syncer/bin/syncer", sys.executable)
        (tmp_path / unit.name).write_text(text, "utf-8")
    told = analyze("verify", "--man=no", *map(str, sorted(tmp_path.iterdir())))
    assert (told.returncode, told.stderr) == (0, "")


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_a_unit_may_do_little(unit: Path) -> None:
    told = analyze("security", "--offline=true", "--no-pager", str(unit))
    (exposure,) = re.findall(r"Overall exposure level for \S+ ([\d.]+)", told.stdout)
    assert float(exposure) <= 2.5


# --- containers


def documents(*files: Path) -> list[dict[str, Any]]:
    return [document for file in files for document in yaml.safe_load_all(file.read_text("utf-8"))]


def pods() -> Iterator[Mapping[str, Any]]:
    for document in documents(*KUBERNETES):
        spec = document.get("spec", {})
        template = spec.get("template") or spec.get("jobTemplate", {}).get("spec", {}).get("template")
        if template is not None:
            yield template["spec"]


def test_every_container_runs_as_an_ordinary_user_with_nothing_to_write_but_its_state() -> None:
    found = list(pods())
    assert len(found) == 3
    for pod in found:
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["automountServiceAccountToken"] is False
        for container in pod["containers"]:
            allowed = container["securityContext"]
            assert allowed["readOnlyRootFilesystem"] is True
            assert allowed["allowPrivilegeEscalation"] is False
            assert allowed["capabilities"] == {"drop": ["ALL"]}
            assert "memory" in container["resources"]["limits"]
            mounted = {mount["name"] for mount in container["volumeMounts"]}
            assert mounted == {volume["name"] for volume in pod["volumes"]}


def test_secrets_are_files_that_exist_under_the_names_that_are_mounted() -> None:
    made = {one["metadata"]["name"] for one in documents(*KUBERNETES) if one["kind"] == "Secret"}
    used = {volume["secret"]["secretName"] for pod in pods() for volume in pod["volumes"] if "secret" in volume}
    assert used == made


def test_the_composition_gives_each_service_only_secrets_that_it_declares() -> None:
    (composition,) = documents(CONFIG / "compose.yaml")
    declared = set(composition["secrets"])
    used = {secret for service in composition["services"].values() for secret in service["secrets"]}
    assert used == declared
    assert composition["services"]["worker"]["deploy"]["replicas"] == 2
    assert composition["services"]["worker"]["read_only"] is True


def test_every_secret_of_the_composition_is_a_setting_of_its_configuration() -> None:
    """They lie in `/run/secrets`, where a file that is none ends every command with 2."""
    (composition,) = documents(CONFIG / "compose.yaml")
    known = nameable(tomllib.loads(TRACKERS), Kinds.installed())
    given = {secret for name, one in composition["services"].items() if name != "database" for secret in one["secrets"]}
    assert given <= {"__".join(path) for path in known.values()}


def test_the_receiver_of_webhooks_is_given_no_token_of_a_tracker() -> None:
    (composition,) = documents(CONFIG / "compose.yaml")
    given = [
        *composition["services"]["hooks"]["secrets"],
        *next(
            one for one in documents(*KUBERNETES) if one["metadata"]["name"] == "syncer-hooks" and "stringData" in one
        )["stringData"],
        *re.findall(r"LoadCredential=(\S+):", (CONFIG / "systemd" / "syncer-hooks.service").read_text("utf-8")),
    ]
    assert given
    assert [secret for secret in given if "token" in secret] == []
    assert composition["services"]["hooks"]["ports"] == ["127.0.0.1:9470:9470"]


def test_the_image_is_made_by_the_steps_that_are_tried_without_one() -> None:
    text = (ROOT / "Containerfile").read_text("utf-8")
    assert "RUN sh config/container/install.sh /opt/syncer" in text
    last = text.rpartition("\nFROM ")[2]
    assert "USER 10001:10001" in last
    assert "apt-get" not in text, "nothing is installed beside Python and the packages"


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize(("extras", "largest"), [("cluster", 140), ("report,cluster,notify,hooks", 300)])
def test_the_steps_of_the_image_make_a_folder_that_works_and_is_small(
    tmp_path: Path, extras: str, largest: int
) -> None:
    reached = subprocess.run(
        [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", tmp_path / "reached", "tzdata"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if reached.returncode != 0:
        pytest.skip(f"no package index: {reached.stderr.strip().splitlines()[-1:]}")
    folder = tmp_path / "syncer"
    made = subprocess.run(
        ["sh", CONFIG / "container" / "install.sh", folder, extras], capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, made.stderr
    told = subprocess.run([folder / "bin" / "syncer", "--version"], capture_output=True, text=True, check=True)
    assert told.stdout.startswith("syncer ")
    assert not list(folder.glob("bin/pip*"))
    assert sum(file.lstat().st_size for file in folder.rglob("*")) <= largest * 2**20
