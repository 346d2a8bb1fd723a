"""README, samples and help say what is true."""

from __future__ import annotations

import configparser
import os
import re
import shlex
import tomllib
from pathlib import Path

import pytest
import typer.main

from connectors.github import GitHubKind
from connectors.jira import JiraKind
from syncer import __version__
from syncer.cli import app
from syncer.commands.starter import ChosenSide, Proposals, starter, variables
from syncer.core.beginning import ProposedPerson
from syncer.settings import Misconfigured, Settings, load
from syncer.settings.cron import Cron
from tests.docs.pictures import PICTURES

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text("utf-8")
DOCS = ROOT / "docs"
PAGES = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md")))
CONFIG = ROOT / "config"
GROUP = typer.main.get_group(app)
COMMANDS = GROUP.commands

TOML_SAMPLES = sorted(CONFIG.glob("*.toml"))
RESPONSIBILITIES = CONFIG / "responsibilities.toml"
UNITS = sorted((CONFIG / "systemd").iterdir())
CRON = CONFIG / "cron" / "syncer"


def blocks() -> list[str]:
    """The shell blocks of the README, in order."""
    return [found.strip() for found in re.findall(r"```sh\n(.*?)```", README, re.DOTALL)]


def load_sample(file: Path) -> Settings:
    """The settings of a file, with a token for every tracker that takes one."""
    environment = {}
    while True:
        try:
            return load(file, environment=environment)
        except Misconfigured as error:
            needed = set(re.findall(r"set (SYNCER_\w+)", str(error))) - set(environment)
            if not needed:
                raise
            environment |= dict.fromkeys(needed, "x")


def test_the_readme_opens_with_the_demo_and_the_tests() -> None:
    demo, tests = blocks()[:2]
    assert demo.endswith(".venv/bin/syncer demo")
    assert tests.endswith(".venv/bin/pytest -n 2")
    assert README.index(demo) < README.index(tests) < README.index("## ")


def test_the_gate_runs_exactly_the_readmes_test_line_and_then_the_proofs() -> None:
    gate = ROOT / ".ci" / "run"
    assert gate.read_text("utf-8").splitlines()[-2:] == [blocks()[1], ".venv/bin/python -m tests.prove ci"]
    assert os.access(gate, os.X_OK)


def test_every_command_is_in_its_page_and_nothing_else() -> None:
    table = re.findall(r"^\| `syncer (\w+)` \|", (DOCS / "commands.md").read_text("utf-8"), re.MULTILINE)
    assert table == list(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_and_examples_that_parse(name: str) -> None:
    command = COMMANDS[name]
    assert command.help
    examples = [line for line in (command.epilog or "").splitlines() if line.startswith("syncer ")]
    assert examples
    for example in examples:
        words = shlex.split(example.split(" | ")[0])[1:]
        assert words[0] == name
        options = [word.split("=")[0] for word in words[1:] if word.startswith("-")]
        assert set(options) <= known_options(name), example


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_has_help(name: str) -> None:
    for parameter in COMMANDS[name].params:
        assert getattr(parameter, "help", None), parameter.name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_syncer_call_in_a_page_is_one(page: Path) -> None:
    calls = re.findall(r"`syncer ([a-z][^`…]*)`", page.read_text("utf-8"))
    for call in calls:
        name, *rest = shlex.split(call)
        assert name in COMMANDS, call
        options = [word for word in rest if word.startswith("-") and set(word) & set("abcdefghijklmnopqrstuvwxyz")]
        assert set(options) <= known_options(name), call


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_a_page_names_is_there(page: Path) -> None:
    text = page.read_text("utf-8")
    named = re.findall(
        r"`((?:config|syncer|connectors|tests|docs)/[\w./-]*\w/?|\w+\.md|constraints\.txt|LICENSE)`", text
    )
    assert [name for name in named if not (ROOT / name).exists() and "NAME" not in name] == []


def links(page: Path) -> list[str]:
    """Where a page leads, without what leads out of the repository; anchors are kept."""
    return [link for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")) if "://" not in link]


def test_every_page_is_reached_from_the_readme() -> None:
    reached, waiting = set[Path](), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page not in reached and page.suffix == ".md":
            reached.add(page)
            waiting += [(page.parent / link.partition("#")[0]).resolve() for link in links(page)]
    assert set(PAGES) <= reached


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_link_is_dead(page: Path) -> None:
    for link in links(page):
        file, _, anchor = link.partition("#")
        target = (page.parent / file).resolve() if file else page
        assert target.exists(), link
        if anchor:
            headings = re.findall(r"^#+ (.+)$", target.read_text("utf-8"), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}, link


@pytest.mark.parametrize("picture", sorted((DOCS / "pictures").glob("*")), ids=lambda path: path.name)
def test_a_picture_is_small_drawn_by_the_command_and_described(picture: Path) -> None:
    content = picture.read_bytes()
    size = int.from_bytes(content[16:20], "big"), int.from_bytes(content[20:24], "big")
    assert content.startswith(b"\x89PNG")
    assert size == PICTURES[picture.stem]
    assert len(content) < 200_000
    assert re.search(rf"!\[[^\]]{{20,}}\]\(docs/pictures/{picture.name}\)", README)


def test_every_picture_is_there() -> None:
    assert {path.stem for path in (DOCS / "pictures").glob("*.png")} == PICTURES.keys()


def test_the_readme_is_short() -> None:
    assert len(README) < 7_000


def test_every_sample_is_named_where_the_configuration_is_described() -> None:
    page = (DOCS / "configuration.md").read_text("utf-8")
    for path in [*TOML_SAMPLES, CRON]:
        assert f"`{path.relative_to(ROOT).as_posix()}`" in page
    assert {path.suffix for path in UNITS} == {".service", ".timer"}
    assert "`config/systemd/`" in page


@pytest.mark.parametrize(
    "file", [path for path in TOML_SAMPLES if path != RESPONSIBILITIES], ids=lambda path: path.name
)
def test_every_sample_loads(file: Path) -> None:
    assert load_sample(file).pairs


def test_the_sample_of_responsibilities_loads_and_has_every_key() -> None:
    from syncer.settings import declarations, responsibilities

    assert declarations(RESPONSIBILITIES, ["payments"]).rows
    text = RESPONSIBILITIES.read_text("utf-8")
    tables = (responsibilities.FileSettings, responsibilities.ProfileSettings, responsibilities.RowSettings)
    keys = {field.alias or name for table in tables for name, field in table.model_fields.items()}
    assert {key for key in keys if not re.search(rf"^(# |\[\[)?{re.escape(key)}\b", text, re.MULTILINE)} == set()


def test_the_annotated_sample_has_every_key() -> None:
    text = (CONFIG / "syncer.toml").read_text("utf-8")
    from syncer.settings import custom, model, pair, reporting

    tables = (
        custom.CustomSettings,
        model.Settings, pair.PairSettings, pair.FieldSettings, pair.GuardSettings, pair.LabelSettings,
        pair.CommentSettings, pair.MilestoneSettings, pair.AdoptSettings,
        reporting.ReportSettings, reporting.MailSettings,
        model.LogSettings,
        model.PersonSettings, reporting.PostSettings, reporting.TargetSettings,
    )  # fmt: skip
    keys = {field.alias or name for table in tables for name, field in table.model_fields.items()}
    before = r"^(# |(?:# )?\[+|(?:# )?\[+(?:pairs|report)\.)?"
    missing = {key for key in keys if not re.search(rf"{before}{re.escape(key)}\b", text, re.MULTILINE)}
    assert missing == {"password"}  # a secret: named in a comment beside [mail]


@pytest.mark.parametrize(
    ("jira", "github"),
    [
        ({"url": "https://acme.atlassian.net", "user": "sync-bot@acme.example"}, {}),
        ({"url": "https://jira.acme.example"}, {"url": "https://ghe.acme.example/api/v3"}),
    ],
    ids=["cloud", "datacenter"],
)
@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("asked", [False, True])
def test_what_init_writes_loads_with_the_variables_it_names(
    jira: dict[str, str], github: dict[str, str], turned: bool, asked: bool, tmp_path: Path
) -> None:
    sides = [
        ChosenSide("jira", "jira", JiraKind().start({**jira, "project": "PAY"})),
        ChosenSide("github", "github", GitHubKind().start({**github, "repository": "acme/pay"})),
    ]
    left, right = reversed(sides) if turned else sides
    people = (ProposedPerson('Li "Wei" 李伟', "li.wei", "liwei", "name"),)
    proposals = Proposals([("Open\nto all", "open", "status: open")], [("High", "label:high")], (), people, ("Mia",))
    file = tmp_path / "syncer.toml"
    file.write_text(starter(left, right, "pay", proposals if asked else Proposals()), "utf-8")
    settings = load(file, environment={name: "x" for name, _ in variables((left, right))})
    assert [pair.name for pair in settings.pairs] == ["pay"]
    assert [person.name for person in settings.people] == (['Li "Wei" 李伟'] if asked else [])


def test_the_cron_lines_are_valid_and_call_commands() -> None:
    lines = [line for line in CRON.read_text("utf-8").splitlines() if re.match(r"[0-9*@]", line)]
    assert len(lines) == 2
    for line in lines:
        *times, user, command = line.split(maxsplit=6)
        Cron.parse(" ".join(times))
        assert user == "syncer"
        assert shlex.split(command)[1] in COMMANDS
        assert "%" not in command  # cron would end the command there


@pytest.mark.parametrize("file", UNITS, ids=lambda path: path.name)
def test_the_units_call_commands_with_options_they_have(file: Path) -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string(file.read_text("utf-8"))
    if file.suffix == ".timer":
        assert unit["Timer"]["OnCalendar"]
        return
    _, name, *rest = shlex.split(unit["Service"]["ExecStart"])
    assert {word for word in rest if word.startswith("-")} <= known_options(name)


def test_the_version_is_the_same_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["version"] == __version__
    assert f"## {__version__}" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_every_requirement_is_pinned_exactly() -> None:
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    lines = [line for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines() if not line.startswith("#")]
    assert all(re.fullmatch(r"[a-z0-9-]+==[\w.]+", line) for line in lines)
    pins = {line.split("==")[0]: line.split("==")[1] for line in lines}
    assert list(pins) == sorted(pins)
    extras = project["optional-dependencies"].values()
    for text in (*project["dependencies"], *(text for extra in extras for text in extra)):
        requirement = Requirement(text)
        if requirement.name == project["name"]:
            assert requirement.extras <= project["optional-dependencies"].keys()
            continue
        assert requirement.specifier.contains(pins[canonicalize_name(requirement.name)]), text


def known_options(name: str) -> set[str]:
    return {option for parameter in COMMANDS[name].params for option in parameter.opts} | {"-h", "--help"}
