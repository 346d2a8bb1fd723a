"""The Chinese catalogue is complete: every sentence of the report has a translation with the same blanks."""

import re
from functools import cache
from importlib.resources import files
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import syncer.report.metrics
import syncer.report.render
from syncer.report import build_report
from syncer.report.evaluate import evaluate
from tests.unit.report.sample import NOW, WINDOW, collaboration

KEYWORDS = {"text": None, "t": None, "plural": (1, 2), "marked": None, "counted": (1, 2)}
METHODS = [("**.py", "python"), ("**.j2", "jinja2")]
BLANK = re.compile(r"%\((\w+)\)s")


@cache
def written() -> frozenset[str | tuple[str, ...]]:
    """The messages in the source."""
    folders = (Path(str(room.__file__)).parent for room in (syncer.report.render, syncer.report.metrics))
    return frozenset(found[2] for folder in folders for found in extract_from_dir(str(folder), METHODS, {}, KEYWORDS))


@cache
def translated() -> dict[str | tuple[str, ...], str]:
    source = files("syncer.report.render").joinpath("locale", "zh_Hans", "LC_MESSAGES", "report.po")
    catalogue = read_po(BytesIO(source.read_bytes()), locale="zh_Hans")
    return {
        tuple(message.id) if isinstance(message.id, list | tuple) else message.id: (
            message.string[0] if isinstance(message.string, list | tuple) else message.string
        )
        for message in catalogue
        if message.id and not message.fuzzy
    }


def test_every_message_is_translated() -> None:
    found = translated()
    assert {message for message in written() if not found.get(message)} == set()


def test_nothing_is_translated_that_nobody_says() -> None:
    assert set(translated()) - written() == set()


@pytest.mark.parametrize("message", sorted(translated(), key=str))
def test_a_translation_fills_the_same_blanks(message: str | tuple[str, ...]) -> None:
    original = message if isinstance(message, str) else message[-1]
    assert set(BLANK.findall(translated()[message])) == set(BLANK.findall(original))


def test_no_english_is_left_in_the_chinese_report() -> None:
    """Words of the report itself; names, titles and commands of the sample stay as they are."""
    report = build_report(evaluate(collaboration(), WINDOW, NOW), language="zh")
    english = build_report(evaluate(collaboration(), WINDOW, NOW), language="en")
    chinese = [figure for group in report.content.groups for figure in group.figures]
    originals = [figure for group in english.content.groups for figure in group.figures]
    for figure, original in zip(chinese, originals, strict=True):
        words = figure.label + figure.note + figure.target + figure.judgement + figure.interval
        assert not re.search(r"[A-Za-z]", words), figure
        assert figure.raw == original.raw


def test_no_english_word_is_left_in_the_chinese_report() -> None:
    """Every Latin word comes from the trackers, or names a command."""
    sample = collaboration()
    report = build_report(evaluate(sample, WINDOW, NOW), language="zh")
    mail = re.sub(r"<style.*?</style>|<[^>]+>|&\w+;", " ", report.mail_html, flags=re.DOTALL)
    page = re.sub(r"<style.*?</style>|<[^>]+>|&\w+;", " ", report.html, flags=re.DOTALL)
    said = set(re.findall(r"[A-Za-z][A-Za-z-]+", " ".join((report.text, report.markdown, mail, page))))
    told = set(re.findall(r"[A-Za-z][A-Za-z-]+", repr(sample)))
    assert said - told <= {"syncer", "resolve", "responsibilities"}


NOT_SAID = (
    "rather miss",
    "even odds",
    "nobody's",
    "apart",
    "likelier",
    "问责",
    "由谁",
    "态势",
    "与日程相符",
    "一半可能",
    "两侧齐全",
)


@pytest.mark.parametrize("word", NOT_SAID)
def test_words_that_nobody_uses_at_work_stand_in_no_sentence(word: str) -> None:
    """English and Chinese that readers called foreign."""
    said = [part for message in written() for part in ((message,) if isinstance(message, str) else message)]
    assert [one for one in (*said, *translated().values()) if word in one.casefold()] == []


def test_smart_is_spelled_out_with_the_usual_words() -> None:
    found = translated()
    words = [found[name] for name in ("specific", "measurable", "attainable", "relevant", "timed")]
    assert words == ["明确", "可度量", "可达成", "相关", "有时限"]
