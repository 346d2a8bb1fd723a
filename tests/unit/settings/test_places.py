"""The line of every key, for any TOML that people write."""

from __future__ import annotations

import pytest

from syncer.settings.places import nearest, places


@pytest.mark.parametrize(
    ("text", "path", "line"),
    [
        ("a = 1\nb = 2\n", ("b",), 2),
        ("[t]\n\n# note = 1\nx = 1", ("t", "x"), 4),
        ("[[p]]\nn = 1\n[[p]]\nn = 2\n", ("p", 1, "n"), 4),
        ("[[p]]\n[p.f.s]\nmap = [\n 1, # one\n 2,\n]\n", ("p", 0, "f", "s", "map", 1), 5),
        ("[[p]]\n[[p.q]]\nx = 1\n[[p.q]]\nx = 2\n[[p]]\n[[p.q]]\nx = 3\n", ("p", 1, "q", 0, "x"), 8),
        ('x = """\none\n"two" ""\n"""\ny = 1\n', ("y",), 5),
        ("x = '''\n\\'''\ny = 1\n", ("y",), 3),
        ('x = "a # [b] \\" = {"\ny = 1\n', ("y",), 2),
        ('a."b.c".d = 1\n', ("a", "b.c", "d"), 1),
        ("t = { a = 1, b = { c = [ { d = 1 } ] } }\nz = 1\n", ("t", "b", "c", 0, "d"), 1),
        ("d = 2026-11-23T08:00:00Z # when\nf = -1.5e3\ng = true\n", ("g",), 3),
        ("a = [\n  [ 'x' ],\n  [ 'y',\n    'z' ] ]\n", ("a", 1, 1), 4),
        ("x = '''''two quotes'''''\ny = 1", ("y",), 2),
        ("a = 1\r\nb = 2\r\n", ("b",), 2),
    ],
)
def test_each_key_has_its_line(text: str, path: tuple[str | int, ...], line: int) -> None:
    import tomllib

    tomllib.loads(text)  # the examples are TOML
    assert places(text)[path] == line


def test_a_missing_key_is_reported_at_the_table_around_it() -> None:
    known = places("[a]\nx = 1\n[[b]]\n")
    assert nearest(known, ("b", 0, "name")) == 3
    assert nearest(known, ("c",)) is None
