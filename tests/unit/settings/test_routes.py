"""`[[routes]]`: places become pairs whose rules exclude each other, and every mistake is told where it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncer.app.wiring import build_configured, build_rules
from syncer.contract.model import Side
from syncer.core.reach import Reached, reach
from syncer.core.rules import Direction
from syncer.settings import Misconfigured, Settings, load

TRACKERS = """\
[trackers.jira]
kind = "jira"
url = "https://acme.atlassian.net"
user = "sync-bot@acme.example"

[trackers.github]
kind = "github"

"""
TOKENS = {"SYNCER_TRACKERS__JIRA__TOKEN": "x", "SYNCER_TRACKERS__GITHUB__TOKEN": "y"}
PROJECT = 'left = { tracker = "jira", project = "PAY", filter = "project = PAY" }\n'
REPOSITORY = 'right = { tracker = "github", repository = "acme/pay" }\n'


def place(name: str, when: str, target: str, more: str = "") -> str:
    side = "left" if target.isupper() else "right"
    scope = (
        f'tracker = "jira", project = "{target}"' if side == "left" else f'tracker = "github", repository = "{target}"'
    )
    rule = f"when = {{ {when} }}\n" if when else ""
    return f'[[routes.to]]\nname = "{name}"\n{rule}{side} = {{ {scope} }}\n{more}'


def loaded(folder: Path, text: str) -> Settings:
    file = folder / "syncer.toml"
    file.write_text(TRACKERS + text, "utf-8")
    return load(file, environment={"HOME": str(folder), **TOKENS})


def test_each_place_gets_what_no_earlier_one_takes(tmp_path: Path) -> None:
    settings = loaded(
        tmp_path,
        f"[[routes]]\n{PROJECT}create = \"left-to-right\"\n"
        + place("web", 'component = ["Web", "Shop"]', "acme/web")
        + place("bugs", 'type = "Bug"', "acme/bugs", 'create = "both"\n')
        + place("team", 'customfield_10010 = "Blue"', "acme/blue")
        + place("rest", "", "acme/rest"),
    )  # fmt: skip
    assert [pair.left.scope.filter for pair in settings.pairs] == [
        '(project = PAY) AND component in ("Web", "Shop")',
        '(project = PAY) AND issuetype = "Bug" AND (component is EMPTY OR component not in ("Web", "Shop"))',
        '(project = PAY) AND cf[10010] = "Blue" AND (component is EMPTY OR component not in ("Web", "Shop"))'
        ' AND issuetype != "Bug"',
        '(project = PAY) AND (component is EMPTY OR component not in ("Web", "Shop")) AND issuetype != "Bug"'
        ' AND (cf[10010] is EMPTY OR cf[10010] != "Blue")',
    ]
    assert [pair.create for pair in settings.pairs] == [
        Direction.LEFT_TO_RIGHT, Direction.BOTH, Direction.LEFT_TO_RIGHT, Direction.LEFT_TO_RIGHT
    ]  # fmt: skip
    assert settings.pairs[0].left.scope.created_with == {"components": [{"name": "Web"}]}
    assert settings.pairs[1].left.scope.type == "Bug"
    rules = build_rules(settings, settings.pairs[1])
    assert rules.route is not None
    assert (rules.route.shared, rules.route.beside) == (Side.LEFT, {"web", "team", "rest"})
    assert [rules.components.owns(name) for name in ("Web", "Shop", "Other")] == [False, False, True]


def test_one_repository_and_several_projects(tmp_path: Path) -> None:
    text = f"[[routes]]\n{REPOSITORY}may-link = true\n" + place("ops", 'label = "ops"', "OPS")
    settings = loaded(tmp_path, text + place("bugs", 'component = "API"', "API") + place("pay", "", "PAY"))
    assert [pair.right.scope.filter for pair in settings.pairs] == [
        'label:"ops"', 'label:"component: API" -label:"ops"', '-label:"ops" -label:"component: API"'
    ]  # fmt: skip
    rules = build_rules(settings, settings.pairs[2])
    assert rules.route is not None
    assert (rules.route.shared, rules.route.may_link, rules.labels.owns("ops")) == (Side.RIGHT, True, False)


def test_a_rule_by_type_is_not_changed_from_its_places(tmp_path: Path) -> None:
    more = '[routes.fields.type]\nmap = [["Bug", "label:bug"]]\n'
    settings = loaded(tmp_path, f"[[routes]]\n{PROJECT}{more}" + place("bugs", 'type = "Bug"', "acme/bugs"))
    assert next(iter(settings.pairs[0].fields.values())).direction is Direction.LEFT_TO_RIGHT


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (place("a", "", "acme/a") + place("b", 'label = "b"', "acme/b"),
         "is missing, so this place takes everything: it comes last"),
        (place("a", 'label = "x"', "acme/a") + place("b", 'label = ["y", "X"]', "acme/b"),
         '"X" goes to routes[0].to[0] already'),
        (place("a", 'label = "x"', "acme/a") + place("b", 'label = "y"', "acme/a"),
         "github.com acme/a is the place of routes[0].to[0] already: give that one all names"),
        (place("a", 'label = "x", type = "Bug"', "acme/a"),
         'is one key with a name or a list of names: { component = "Web" }, { label = ["a", "b"] }'),
        (place("a", 'label = "x"', "acme/a").replace('name = "a"\n', ""), "is required"),
        (place("a", 'label = "x"', "acme/a", "creat = 1\n"), 'unknown key: did you mean "create"?'),
        (place("a", 'label = "x"', "acme/a") + place("a", 'label = "y"', "acme/b"),
         '"a" is already the name of routes[0].to[0]'),
        (place("a", 'label = "x"', "acme/a", 'left = { tracker = "jira", project = "OPS" }\n'),
         "stands in routes[0], for all places"),
        ("", "is required: a [[routes.to]] for each place"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_where_it_stands(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(Misconfigured) as raised:
        loaded(tmp_path, f"[[routes]]\n{PROJECT}{text}")
    lines = [str(problem) for problem in raised.value.problems]
    assert any(line.endswith(told) for line in lines), lines
    assert all("pairs[" not in line for line in lines)
    assert all(problem.line is not None and problem.line > TRACKERS.count("\n") for problem in raised.value.problems)


def test_a_route_names_the_scope_of_one_side(tmp_path: Path) -> None:
    for scopes in ("", PROJECT + REPOSITORY):
        with pytest.raises(Misconfigured, match="gives one scope for all, as left or as right"):
            loaded(tmp_path, f"[[routes]]\n{scopes}" + place("a", 'label = "x"', "acme/a"))


def test_what_a_tracker_cannot_tell_apart_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match='a repository has no field "Team": use label, type or component'):
        loaded(tmp_path, f"[[routes]]\n{REPOSITORY}" + place("a", 'Team = "x"', "OPS"))
    filtered = REPOSITORY.replace('"acme/pay"', '"acme/pay", filter = "label:sync"')
    with pytest.raises(Misconfigured, match="lets through what either of them admits"):
        loaded(tmp_path, f"[[routes]]\n{filtered}" + place("a", 'label = "x"', "OPS"))


def test_routes_that_lead_back_are_a_mistake(tmp_path: Path) -> None:
    project = PROJECT.replace(', filter = "project = PAY"', "")
    there = f"[[routes]]\n{project}" + place("a", 'label = "x"', "acme/pay")
    back = f"[[routes]]\n{REPOSITORY}" + place("b", 'label = "y"', "OPS")
    loaded(tmp_path, there + back)
    again = '[[routes]]\nleft = { tracker = "jira", project = "OPS" }\n' + place("c", 'label = "z"', "acme/pay")
    with pytest.raises(Misconfigured, match=r"leads back to https://acme\.atlassian\.net OPS"):
        loaded(tmp_path, there + back + again)


def test_what_can_reach_what_is_drawn(tmp_path: Path) -> None:
    text = f"[[routes]]\n{PROJECT}" + place("web", 'component = "Web"', "acme/web")
    settings = loaded(tmp_path, text + place("api", 'component = "API"', "acme/api", 'create = "left-to-right"\n'))
    pairs = [Reached(one.rules, one.names, one.filters, one.rule) for one in build_configured(settings)]
    [drawn] = [list(scope.lines()) for scope in reach(pairs)]
    assert drawn == [
        "https://acme.atlassian.net PAY",
        "  component Web    <->  github.com acme/web (web)",
        "  component API    -->  github.com acme/api (api)",
        "  everything else  --|  nowhere: it stays where it is",
        "  Nothing that came from one of these places goes on to another.",
    ]


@pytest.mark.parametrize(("key", "meant"), [("componnt", "component"), ("Label", "label"), ("components", "component")])
def test_a_slip_in_a_rule_is_told_where_it_stands(tmp_path: Path, key: str, meant: str) -> None:
    text = f"[[routes]]\n{PROJECT}" + place("web", f'{key} = "Web"', "acme/web") + place("rest", "", "acme/rest")
    with pytest.raises(Misconfigured) as told:
        loaded(tmp_path, text)
    (problem,) = told.value.problems
    assert problem.path == ("routes", 0, "to", 0, "when")
    assert f'did you mean "{meant}"?' in problem.message


@pytest.mark.parametrize("key", ["labels", "issuetype", "team", "customfield_10010", "Story type"])
def test_fields_of_the_tracker_are_no_slips(tmp_path: Path, key: str) -> None:
    text = f"[[routes]]\n{PROJECT}" + place("web", f'"{key}" = "Web"', "acme/web") + place("rest", "", "acme/rest")
    assert len(loaded(tmp_path, text).pairs) == 2
