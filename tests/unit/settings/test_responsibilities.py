"""The responsibilities file: what it gives, and every mistake in it at once, each with its line."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncer.core.responsibility import Authority, Party, Raci, Scope, ScopeKind
from syncer.settings import Misconfigured, declarations

SAMPLE = Path(__file__).parents[3] / "config" / "responsibilities.toml"


def write(directory: Path, text: str) -> Path:
    file = directory / "responsibilities.toml"
    file.write_text(text, encoding="utf-8")
    return file


def mistakes(directory: Path, text: str) -> list[str]:
    with pytest.raises(Misconfigured) as caught:
        declarations(write(directory, text), ["payments"])
    return [str(problem).removeprefix(str(directory) + "/") for problem in caught.value.problems]


def test_the_sample_says_who_is_responsible() -> None:
    found = declarations(SAMPLE, ["payments"])
    assert [person.party for person in found.people] == [Party.DELIVERY, Party.DELIVERY, Party.CLIENT]
    ledger = found.rows[1]
    assert ledger.scope == Scope(ScopeKind.COMPONENT, "ledger")
    assert ledger.letters == (Raci.ACCOUNTABLE, Raci.RESPONSIBLE)
    assert ledger.authority == (Authority.MERGE, Authority.CLOSE)
    assert ledger.place.startswith("responsibilities.toml:")
    assert "[[responsibilities]]" in SAMPLE.read_text("utf-8").splitlines()[int(ledger.place.split(":")[1]) - 1]
    assert ledger.agreed(date(2026, 11, 2))
    assert not ledger.agreed(date(2026, 11, 1))
    assert not ledger.valid(date(2026, 11, 1))


def test_leaves_take_working_days_away() -> None:
    wei = declarations(SAMPLE, ["payments"]).people[0]
    assert [wei.presence(date(2026, 12, day)) for day in (14, 21)] == [1.0, 0.0]
    assert wei.presence(date(2027, 1, 4)) == 1.0


def test_every_mistake_is_told_with_its_line_and_what_would_be_right(tmp_path: Path) -> None:
    text = """\
[[people]]
name = "Mia"
party = "clinet"
timezone = "Europe/Berlinn"
leaves = [{ from = 2026-12-21, to = 2026-12-01 }]

[[responsibilities]]
scope = "compnent: ledger"
person = "Mia"
raci = "X"

[[responsibilities]]
scope = "project"
persn = "Mia"
raci = "A"
authority = ["decide_scop"]
agreed-by = ["Mia"]
pair = "payment"
"""
    assert mistakes(tmp_path, text) == [
        'responsibilities.toml:3: people[0].party: "clinet" is not one of delivery, client, supplier: did you mean '
        '"client"?',
        'responsibilities.toml:4: people[0].timezone: "Europe/Berlinn" is not a time zone; write one like '
        "Europe/Berlin or Asia/Shanghai",
        "responsibilities.toml:5: people[0].leaves[0]: to lies before from",
        'responsibilities.toml:8: responsibilities[0].scope: "compnent: ledger" is not a scope; write project, or '
        "component: NAME, path: NAME, goal: NAME, plan: NAME, task: NAME",
        'responsibilities.toml:10: responsibilities[0].raci: "X" is not one of R, A, C, I',
        "responsibilities.toml:12: responsibilities[1].person: is required",
        'responsibilities.toml:14: responsibilities[1].persn: unknown key: did you mean "person"?',
        'responsibilities.toml:16: responsibilities[1].authority[0]: "decide_scop" is not one of decide_scope, '
        'decide_date, accept, assign, close, spend, merge: did you mean "decide_scope"?',
        'responsibilities.toml:18: responsibilities[1].pair: there is no pair "payment": did you mean "payments"?',
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("responsibilities = [", "is not TOML"),
        ('[[people]]\nname = "A"\n[[people]]\nname = "A"\n', ':4: people[1].name: "A" is people[0] already'),
        ('[[responsibilities]]\nscope = "project"\nperson = "A"\n', "says nothing"),
        ('[[responsibilities]]\nscope = "project: x"\nperson = "A"\nraci = "A"\n', "is not a scope"),
        (
            '[[responsibilities]]\nscope = "project"\nperson = "A"\nraci = "A"\nagreed-by = ["A"]\n',
            "agreed-by and agreed-at belong together",
        ),
        (
            '[[responsibilities]]\nscope = "project"\nperson = "A"\nraci = "A"\n'
            "valid-from = 2026-02-01\nvalid-to = 2026-01-01\n",
            "valid-to lies before valid-from",
        ),
        ("people = 3\n", "people"),
        ('responsibilities = "x"\n', "responsibilities"),
    ],
)
def test_single_mistakes(tmp_path: Path, text: str, said: str) -> None:
    assert any(said in line for line in mistakes(tmp_path, text)), mistakes(tmp_path, text)


def test_a_file_that_is_missing_or_no_text(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="cannot be read"):
        declarations(tmp_path / "no.toml", [])
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(Misconfigured, match="is not UTF-8 text"):
        declarations(tmp_path / "binary.toml", [])


@given(st.sampled_from(list(ScopeKind)), st.text().map(lambda text: " ".join(text.split())))
def test_a_scope_is_read_as_it_is_written(kind: ScopeKind, name: str) -> None:
    scope = Scope(kind, "" if kind is ScopeKind.PROJECT else name or "x")
    assert Scope.parse(str(scope)) == scope
