"""A link at the beginning of a block is one, whatever its label begins with; a box and an alert there are text."""

from __future__ import annotations

import pytest

from syncer.richtext.markdown import MarkdownMarkup


@pytest.mark.parametrize(
    "source",
    [
        "[Xcode](https://x.y) is **good** [l](http://l.m)",
        "# [Xray](http://a.b) word",
        "[![CI](https://e.com/b.svg)](https://e.com/ci) [docs](https://d.e)",
        "- one\n- [x] two\n- [xkcd](http://xkcd.com)",
        "| a | b |\n| --- | --- |\n| [x-ray](http://x.y) | *c* |",
        "> [xkcd](http://xkcd.com) says",
    ],
)
def test_a_link_whose_label_begins_as_a_box_does(source: str) -> None:
    markup = MarkdownMarkup()
    document = markup.read(source)
    written = markup.write(document)
    assert markup.read(written.source) == document
    assert "](http" in written.source


@pytest.mark.parametrize("source", [r"\[x] no box", r"- \[ ] no box", r"> \[!NOTE] no alert"])
def test_what_looks_like_a_box_or_an_alert_stays_text(source: str) -> None:
    markup = MarkdownMarkup()
    document = markup.read(source)
    assert markup.read(markup.write(document).source) == document
