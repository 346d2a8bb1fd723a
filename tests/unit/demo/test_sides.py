"""What a tracker holds is drawn as it is meant, and nothing of it becomes a tag."""

from __future__ import annotations

from typing import Any

import pytest

from syncer.demo.sides import github_html, jira_html


def doc(*content: dict[str, Any]) -> dict[str, Any]:
    return {"type": "doc", "version": 1, "content": list(content)}


def words(text: str, *marks: dict[str, Any]) -> dict[str, Any]:
    return {"type": "paragraph", "content": [{"type": "text", "text": text, "marks": list(marks)}]}


def test_github_breaks_lines_and_draws_boxes() -> None:
    assert github_html("a\nb") == "<p>a<br />\nb</p>\n"
    assert "☑ </span>done" in github_html("- [x] done\n- [ ] open")


def test_marks_and_links_of_jira() -> None:
    link = {"type": "link", "attrs": {"href": "https://acme.example/?a=1&b=2"}}
    html = jira_html(doc(words("a & b", {"type": "strong"}, link)))
    assert html == '<p><a href="https://acme.example/?a=1&amp;b=2"><strong>a &amp; b</strong></a></p>'


def test_a_node_nobody_knows_shows_what_is_in_it() -> None:
    assert jira_html(doc({"type": "newNode", "content": [words("inside")]})) == "<p>inside</p>"


def test_layouts_decisions_and_sections_of_jira_are_drawn() -> None:
    columns = [{"type": "layoutColumn", "content": [words(each)]} for each in ("left", "right")]
    html = jira_html(doc({"type": "layoutSection", "content": columns}))
    assert html == '<div class="layout"><div><p>left</p></div><div><p>right</p></div></div>'
    decided = {"type": "decisionItem", "content": [{"type": "text", "text": "yes"}]}
    assert "⤷ </span>yes</li></ul>" in jira_html(doc({"type": "decisionList", "content": [decided]}))
    section = {"type": "expand", "attrs": {"title": "More <b>"}, "content": [words("inside")]}
    assert jira_html(doc(section)) == "<details><summary>More &lt;b&gt;</summary><p>inside</p></details>"


def test_html_that_arranges_text_is_drawn_as_github_draws_it() -> None:
    assert github_html('<table width="1">\n<tr><td>a</td></tr>\n</table>') == "<table>\n<tr><td>a</td></tr>\n</table>"
    assert "press <kbd>x</kbd>" in github_html("press <kbd onclick='alert(1)'>x</kbd>")


@pytest.mark.parametrize("hostile", ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>"])
def test_nothing_becomes_a_tag(hostile: str) -> None:
    for html in (github_html(hostile), jira_html(doc(words(hostile))), jira_html(hostile)):
        assert "<script" not in html
        assert "<img" not in html


def test_a_link_leads_to_no_program() -> None:
    link = {"type": "link", "attrs": {"href": "javascript:alert(1)"}}
    assert "javascript" not in jira_html(doc(words("a", link)))
