"""CODEOWNERS: GitHub's own examples by hand, and its patterns against another reader of .gitignore."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pathspec import GitIgnoreSpec

from syncer.report.responsibility.claims import CodeOwners, parse

EXAMPLE = """\
# This is a comment.
*       @global-owner1 @global-owner2
*.js    @js-owner #This is an inline comment.
*.go docs@example.com
*.txt @octo-org/octocats
/build/logs/ @doctocat
docs/* docs@example.com
apps/ @octocat
/docs/ @doctocat
/scripts/ @doctocat @octocat
**/logs @octocat
/apps/ @octocat
/apps/github
"""
"""GitHub's documentation, "Example of a CODEOWNERS file"."""


@pytest.mark.parametrize(
    ("path", "owners"),
    [
        ("README", ("@global-owner1", "@global-owner2")),
        ("src/index.js", ("@js-owner",)),
        ("cmd/main.go", ("docs@example.com",)),
        ("notes/a.txt", ("@octo-org/octocats",)),
        ("build/logs/today", ("@octocat",)),  # **/logs stands further down
        ("deeply/nested/logs/x", ("@octocat",)),
        ("docs/getting-started.md", ("@doctocat",)),
        ("scripts/run", ("@doctocat", "@octocat")),
        ("apps/web/main.go", ("@octocat",)),
        ("apps/github/main.go", ()),  # a line without owners: nobody's
        ("apps/github", ()),
    ],
)
def test_githubs_own_example(path: str, owners: tuple[str, ...]) -> None:
    found = parse(EXAMPLE).of(path)
    assert found is not None
    assert found.owners == owners


def only(pattern: str) -> CodeOwners:
    return parse(f"{pattern} @somebody\n")


@pytest.mark.parametrize(
    ("pattern", "path", "owned"),
    [
        ("docs/*", "docs/a.md", True),
        ("docs/*", "docs/build/a.md", False),  # GitHub: "not further nested files"
        ("docs/*", "other/docs/a.md", False),
        ("/docs/", "other/docs/a.md", False),
        ("docs/", "other/docs/a.md", True),
        ("docs/", "docs", False),
        ("*.md", "deep/er/a.md", True),
        ("a/**/b", "a/b", True),
        ("a/**/b", "a/x/y/b", True),
        ("/Docs/", "docs/a", False),  # case matters
        (r"with\ space/", "with space/a", True),
        ("/", "anything", True),
        ("a?c", "abc", True),
        ("a?c", "a/c", False),
    ],
)
def test_patterns(pattern: str, path: str, owned: bool) -> None:
    assert (only(pattern).of(path) is not None) is owned


NAMES = st.text("ab.*?", min_size=1, max_size=5).filter(lambda name: set(name) - {".", "*"} and "**" not in name)
PLAIN = st.text("ab.", min_size=1, max_size=4).filter(lambda name: set(name) != {"."})


@st.composite
def patterns(draw: st.DrawFn) -> str:
    parts = draw(st.lists(st.one_of(NAMES, PLAIN, st.just("**")), min_size=1, max_size=3))
    # `dir/*` means something else to GitHub, and `**` alone or beside itself is nobody's pattern.
    if parts[-1] in {"*", "**"} or any(one == other == "**" for one, other in pairwise(parts)):
        parts.append("end")
    return draw(st.sampled_from(["", "/"])) + "/".join(parts) + draw(st.sampled_from(["", "/"]))


@given(patterns(), st.lists(PLAIN, min_size=1, max_size=4))
def test_a_pattern_matches_as_in_gitignore(pattern: str, names: list[str]) -> None:
    path = "/".join(names)
    assert (only(pattern).of(path) is not None) is GitIgnoreSpec.from_lines([pattern]).match_file(path)


@given(st.lists(st.tuples(patterns(), st.sampled_from("xyz")), max_size=8), st.lists(PLAIN, min_size=1, max_size=3))
def test_the_last_match_wins(rows: list[tuple[str, str]], names: list[str]) -> None:
    path = "/".join(names)
    found = parse("".join(f"{pattern} @{owner}\n" for pattern, owner in rows)).of(path)
    matching = [owner for pattern, owner in rows if only(pattern).of(path) is not None]
    assert (found.owners[0] if found else None) == (f"@{matching[-1]}" if matching else None)


@given(st.one_of(st.text(), st.binary().map(lambda data: data.decode("utf-8", "surrogateescape"))))
def test_any_text_is_taken(text: str) -> None:
    found = parse(text)
    assert all(line.pattern and line.line > 0 for line in found.lines)


def test_what_means_nothing_to_github_is_told_and_skipped() -> None:
    found = parse("!keep @a\n[ab].c @a\n\\#x @a\ngood @a\nbad owner\nalso @a @b/c x@y.example\n\x00\x01 @a\n")
    assert [line.line for line in found.lines] == [4, 6]
    assert found.skipped == (1, 2, 3, 5, 7)


def test_a_pattern_that_stands_again_further_down_decides_there() -> None:
    found = parse("/src/ @a\n*.md @b\n/src/ @c\n")
    assert [(line.pattern, line.owners) for line in found.deciding] == [("*.md", ("@b",)), ("/src/", ("@c",))]


def test_five_thousand_lines_and_many_stars_are_quick() -> None:
    text = "".join(f"/src/module{number}/**/*a*a*a*a*a*a*a*a*b @team{number % 40}\n" for number in range(5_000))
    started = time.process_time()
    found = parse(text)
    assert len(found.lines) == 5_000
    assert found.of("src/module7/" + "a" * 200) is None
    assert time.process_time() - started < 20


def test_a_file_larger_than_github_reads_owns_nothing() -> None:
    assert parse("* @a\n" * 700_000).lines == ()
