"""Fidelity and speed of text conversion on the corpus, as a table and as JSON.

Run: `python tests/bench/bench_text.py [--json FILE]`. The corpus (`data/markup` of the folder `shared` beside the
checkout) is people's real text; figures of structure compare what the reader of the source saw with what the reader of
the written source sees, so they measure the trip and not the readers.

Atlassian's schema is the file `json-schema/v1/full.json` of the npm package `@atlaskit/adf-schema` (Apache-2.0), to be
installed in an empty folder outside the repository and named by `--adf-schema`.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from random import Random
from statistics import mean

import jsonschema_rs

from connectors.github.markdown import GitHubMarkdown
from connectors.jira.adf import AdfMarkup
from connectors.jira.wiki import WikiMarkup
from syncer.richtext import (
    Block,
    Document,
    Heading,
    ListBlock,
    Paragraph,
    Run,
    RunKind,
    Table,
    children,
    digest,
    map_block,
    normalise,
    plain_run,
    runs_of,
)
from syncer.richtext.carrying import carried
from syncer.richtext.markup import Markup

CORPUS = Path(__file__).resolve().parents[2] / "../shared/data/markup"
MARKUPS: dict[str, Markup] = {
    "Markdown": GitHubMarkdown("https://github.com", "acme/pay"),
    "wiki": WikiMarkup("https://acme.atlassian.net", "PAY", limit=10**9),
    "ADF": AdfMarkup("https://acme.atlassian.net", "PAY", limit=10**9),
}
FILES = {"Markdown": "gfm", "wiki": "wiki", "ADF": "adf"}
MACHINE_MADE = ("spec", "probe", "j2m-test", "atlaskit", "marklassian")


@dataclass(frozen=True)
class Sample:
    """One document of the corpus."""

    source: str
    human: bool


def corpus(name: str) -> list[Sample]:
    """The documents of one markup."""
    samples = []
    for line in (CORPUS / f"{FILES[name]}.jsonl").open(encoding="utf-8"):
        row = json.loads(line)
        doc = (
            row["doc"]
            if isinstance(row["doc"], str)
            else json.dumps(row["doc"], ensure_ascii=False, separators=(",", ":"))
        )
        samples.append(Sample(doc, not row["source"].startswith(MACHINE_MADE)))
    return samples


def trip(one: Markup, other: Markup, source: str) -> tuple[str, str]:
    """What the other side shows at first, and after a full trip to this side and back."""
    there = other.write(one.read(source)).source
    back = one.write(other.read(there)).source
    again = other.write(one.read(back)).source
    return there, again


def features(blocks: tuple[Block, ...], path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """(word, marks, path) of every word: the multiset whose F1 is reported."""
    for block in blocks:
        name = type(block).__name__ + (str(block.level) if isinstance(block, Heading) else "")
        match block:
            case Paragraph() | Heading():
                for run in block.runs:
                    yield from _words(run, (*path, *((name,) if isinstance(block, Heading) else ())))
            case ListBlock():
                for item in block.items:
                    yield from features(item.blocks, (*path, "ol" if block.ordered else "ul"))
            case Table():
                for row in block.rows:
                    for cell in row:
                        yield from features(cell.blocks, (*path, "th" if cell.header else "td"))
            case _:
                inner = children(block)
                if not inner:
                    yield from ((word, "", *path, name) for word in getattr(block, "text", "").split())
                for part in inner:
                    yield from features(part, (*path, name))


def _words(run: Run, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    marks = (
        "+".join(sorted(run.marks))
        + (f"={run.link}" if run.link else "")
        + ("code" if run.kind is RunKind.CODE else "")
    )
    for word in plain_run(run).split() or ["\n"] * (run.kind is RunKind.BREAK):
        for character in word if any("\u4e00" <= c <= "\u9fff" for c in word) else [word]:
            yield (character, marks, *path)


def f1(one: Document, other: Document) -> float:
    """F1 of the features of two documents."""
    a, b = Counter(features(one.blocks)), Counter(features(other.blocks))
    if not a and not b:
        return 1.0
    common = sum((a & b).values())
    return 2 * common / (sum(a.values()) + sum(b.values()))


def edited(document: Document) -> Document | None:
    """The document with one word added to its middle top-level paragraph; None when it has none."""
    places = [
        at for at, block in enumerate(document.blocks) if isinstance(block, Paragraph) and not _stands_for_other(block)
    ]
    if not places:
        return None
    at = places[len(places) // 2]
    block = document.blocks[at]
    assert isinstance(block, Paragraph)
    changed = Paragraph((*block.runs, Run(" edited")))
    return normalise(Document((*document.blocks[:at], changed, *document.blocks[at + 1 :])))


def edited_inside(document: Document) -> Document | None:
    """The document with one word added inside its first list or table; None when it has none with words."""
    for at, block in enumerate(document.blocks):
        if isinstance(block, ListBlock | Table):
            words = next((run for run in runs_of((block,)) if run.kind is RunKind.TEXT and not run.link), None)
            if words is not None:
                changed = map_block(block, partial(_with_word, words))
                return normalise(Document((*document.blocks[:at], changed, *document.blocks[at + 1 :])))
    return None


def _with_word(words: Run, runs: tuple[Run, ...]) -> tuple[Run, ...]:
    return tuple(replace(run, text=run.text + " edited") if run is words else run for run in runs)


def _stands_for_other(block: Paragraph) -> bool:
    """Whether a paragraph is only the placeholder of something the tracker cannot show."""
    return len(block.runs) == 1 and block.runs[0].text.startswith("[Jira: ")


def lines_of(source: str) -> list[str]:
    """Lines of a source; of ADF, the lines of its indented JSON."""
    if source.startswith('{"'):
        source = json.dumps(json.loads(source), indent=1, ensure_ascii=False)
    return source.splitlines()


def kept_lines(before: str, after: str) -> float:
    """The share of the lines of `before` that `after` still has."""
    old, new = Counter(lines_of(before)), Counter(lines_of(after))
    return sum((old & new).values()) / max(sum(old.values()), 1)


def hostile() -> dict[str, str]:
    """Inputs made to exhaust a parser, 64 kB each."""
    seeds = {
        "a *b": "a *b",
        "_a": "_a ",
        "**a**": "**a** ",
        "{{": "{{",
        "[": "[",
        "![": "![",
        "]": "](",
        "`": "`a",
        "<": "<a",
        "> ": "> ",
        "|": "|a",
        "||": "||",
        "{quote}": "{quote}",
        "{code": "{code}",
        "{panel": "{panel:title=",
        "- ": "- ",
        "* nested": "* a\n",
        "***": "***",
        "~~": "~~a",
        "_*": "_*a",
        "{*}": "{*}",
        "[x|": "[x|",
        "!a": "!a.",
        "&#": "&#",
        "@a": "@a ",
        "#1": "#1 ",
        "\\": "\\",
        "http": "http://",
        "http(": "http://a((",
        "<!--": "<!--",
        "<details>": "<details>\n\n",
        "word": "word ",
        "汉": "汉*字*",
        "\0": "\0",
        "surrogate": "\ud800 ",
        "bidi": "\u202e\u200b",
        "links": "[a](http://b.example) ",
        "rows": "|a|b|\n|-|-|\n",
        "*(": "*(a",
        "a_": "a_ ",
        "summary": "<details><summary>a</summary>\n\n",
        "[http": "[a|http://b]",
        "dots": "http://a/" + "." * 65_536,
        "parentheses": "http://a/" + ").,!" * 16_384,
    }
    made = {name: (seed * (65_536 // len(seed) + 1))[:65_536] for name, seed in seeds.items()}
    made["quotes deep"] = "\n".join(">" * min(n, 400) + " x" for n in range(200))
    made["list deep"] = "\n".join("  " * n + "- x" for n in range(250))
    made["stars deep"] = "\n".join("*" * n + " x" for n in range(1, 350))
    made["adf deep"] = '{"type":"doc","content":[' + '{"type":"blockquote","content":[' * 9_000 + "]}" * 9_000 + "]}"
    random = Random(5)
    made["![http"] = "".join(random.choice(("http://a", "'", "![")) for _ in range(17_400))
    made["marker run"] = "*" * 32_768 + "a" + "*" * 32_767
    return made


@dataclass
class Line:
    """One row of the table."""

    measured: str
    value: float | int | str
    bar: str


def measure(progress: Callable[[str], None], only: str | None = None, schema: Path | None = None) -> list[Line]:
    """All figures, or only those of the corpus or of hostile input; validity of ADF where its schema is given."""
    rows: list[Line] = []
    if only == "hostile":
        return list(_hostile(progress))
    samples = {name: corpus(name) for name in MARKUPS}
    for name, markup in MARKUPS.items():
        unchanged = [markup.patch(s.source, markup.read(s.source)).source == s.source for s in samples[name]]
        rows.append(Line(f"no-op sync byte-identical: {name} %", 100 * sum(unchanged) / len(unchanged), "100"))
    bars = {
        ("Markdown", "wiki"): ("99.8", ".992"),
        ("Markdown", "ADF"): ("99.9", ".997"),
        ("wiki", "Markdown"): ("99.5", ".995"),
        ("ADF", "Markdown"): ("99", ".95"),
        ("wiki", "ADF"): ("-", "-"),
        ("ADF", "wiki"): ("-", "-"),
    }
    for (one, other), (bar_equal, bar_kept) in bars.items():
        progress(f"{one} > {other}")
        rows.extend(_route(one, other, samples[one], bar_equal, bar_kept))
    for name in MARKUPS:
        rows.extend(_patch_quality(name, samples[name]))
    if schema is not None:
        progress("ADF against its schema")
        rows.append(_invalid_adf(samples, schema))
    rows.extend(_speed(samples))
    if only is None:
        rows.extend(_hostile(progress))
    return rows


def _route(one: str, other: str, samples: list[Sample], bar_equal: str, bar_kept: str) -> Iterator[Line]:
    a, b = MARKUPS[one], MARKUPS[other]
    equal = stable = changing = 0
    scores = []
    for sample in samples:
        before = a.read(sample.source)
        there = b.write(before).source
        there_document = b.read(there)
        back = a.write(there_document).source
        again = b.write(a.read(back)).source
        equal += digest(b.read(again)) == digest(there_document)
        third = b.write(a.read(a.write(b.read(again)).source)).source
        changing += digest(b.read(third)) != digest(b.read(again))
        stable += there == again
        if sample.human:
            scores.append(f1(before, there_document))
    yield Line(f"canonical equal after full trip: {one}>{other} %", 100 * equal / len(samples), bar_equal)
    yield Line(f"still changing on 2nd trip: {one}>{other}", changing, "0")
    if scores:
        yield Line(f"structure kept, human-written: {one}>{other} F1", sum(scores) / len(scores), bar_kept)


def _patch_quality(name: str, samples: list[Sample]) -> Iterator[Line]:
    """Source lines kept, as means over documents of eight lines and more, when something was edited on the other side.

    The edited line is always lost, so of all lines no tool can keep more than the ceiling.
    """
    bar = {"Markdown": ".95", "wiki": ".96", "ADF": ".95"}[name]
    chosen = [s.source for s in samples if len(lines_of(s.source)) >= 8 and (s.human or name == "ADF")]
    kept, ceiling = _kept_after(name, chosen, edited)
    outside = mean(min(1.0, share / most) for share, most in zip(kept, ceiling, strict=True))
    yield Line(f"lines nobody edited that are kept: {name}", outside, bar)
    limit = "" if name == "ADF" else f" (ceiling {mean(ceiling):.4f})"  # a word added to ADF may be a node of its own
    yield Line(f"all source lines kept, one paragraph edited: {name}{limit}", mean(kept), bar)
    inside, most = _kept_after(name, chosen, edited_inside)
    outside = mean(min(1.0, share / top) for share, top in zip(inside, most, strict=True))
    yield Line(f"lines nobody edited that are kept, one item or cell edited: {name}", outside, "-")


def _kept_after(
    name: str, sources: list[str], edit: Callable[[Document], Document | None]
) -> tuple[list[float], list[float]]:
    """The share of lines each document keeps after an edit on the other side, and the most that any tool could."""
    markup = MARKUPS[name]
    other = MARKUPS["Markdown" if name != "Markdown" else "wiki"]
    kept, ceiling = [], []
    for source in sources:
        shown = other.read(other.write(markup.read(source)).source)
        change = edit(shown)
        if change is not None:
            target = carried(markup.read(source), shown, change)
            kept.append(kept_lines(source, markup.patch(source, target).source))
            ceiling.append(1 - 1 / len(lines_of(source)))
    return kept, ceiling


def _invalid_adf(samples: dict[str, list[Sample]], schema: Path) -> Line:
    """How much of what we write as ADF its schema refuses, but for nodes copied from a source that it refuses too."""
    schema_accepts = jsonschema_rs.validator_for(json.loads(schema.read_text(encoding="utf-8"))).is_valid
    written = invalid = 0
    for name, all_of_them in samples.items():
        for sample in all_of_them:
            source = MARKUPS["ADF"].write(MARKUPS[name].read(sample.source)).source
            copied = name == "ADF" and not schema_accepts(json.loads(sample.source))
            written += bool(source)
            invalid += bool(source) and not copied and not schema_accepts(json.loads(source))
    return Line(f"invalid ADF among {written} documents, by Atlassian's schema", invalid, "0")


def _speed(samples: dict[str, list[Sample]]) -> Iterator[Line]:
    slowest = ("", float("inf"))
    for one, a in MARKUPS.items():
        chosen = [s.source for s in samples[one] if s.human or one == "ADF"]
        for other, b in MARKUPS.items():
            if one == other:
                continue
            spent = min(_seconds(a, b, chosen) for _ in range(3))  # the best of three: what else runs here is not ours
            slowest = min(slowest, (f"{one}>{other}", len(chosen) / spent), key=lambda pair: pair[1])
    yield Line(f"documents a second, slowest direction ({slowest[0]})", slowest[1], "500")


def _seconds(one: Markup, other: Markup, sources: list[str]) -> float:
    started = time.process_time()
    for source in sources:
        other.write(one.read(source))
    return time.process_time() - started


def _hostile(progress: Callable[[str], None]) -> Iterator[Line]:
    slow = crashes = 0
    longest = 0.0
    for label, source in hostile().items():
        for one, a in MARKUPS.items():
            for other, b in MARKUPS.items():
                started = time.process_time()
                try:
                    document = a.read(source if one != "ADF" or source.startswith("{") else _adf(source))
                    b.write(document)
                except Exception as error:  # noqa: BLE001  # the figure counts crashes of any kind
                    progress(f"crash {label} {one}>{other}: {error!r:.200}")
                    crashes += 1
                took = time.process_time() - started
                longest = max(longest, took)
                if took > 1:
                    slow += 1
                    progress(f"slow {label} {one}>{other}: {took:.1f} s")
    yield Line("crashes on hostile input", crashes, "0")
    yield Line("hostile 64 kB inputs over 1 s", slow, "0")
    yield Line("longest, s", longest, "1")


def _adf(text: str) -> str:
    paragraph = {"type": "paragraph", "content": [{"type": "text", "text": text}]}
    return json.dumps({"version": 1, "type": "doc", "content": [paragraph]})


def main() -> int:
    """Print the table; write JSON where asked. Returns 2 when the corpus is absent."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--json", type=Path)
    options.add_argument("--adf-schema", type=Path)
    options.add_argument("--only", choices=["corpus", "hostile"])
    chosen = options.parse_args()
    if not CORPUS.exists():
        print(f"no corpus at {CORPUS}")
        return 2
    rows = measure(lambda text: print(text, file=sys.stderr), chosen.only, chosen.adf_schema)
    for row in rows:
        value = f"{row.value:.4g}" if isinstance(row.value, float) else row.value
        print(f"{row.measured:<76} {value:>8}   bar {row.bar}")
    if chosen.json:
        chosen.json.write_text(json.dumps([vars(row) for row in rows], indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
