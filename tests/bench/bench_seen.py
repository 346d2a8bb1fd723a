"""What a person sees of a converted text, by GitHub's and Atlassian's own renderers.

Run: `python tests/bench/bench_seen.py [--documents FOLDER] [--show ROUTE]`. The first run installs cmark-gfm
(`cmarkgfm` from PyPI) and `@atlaskit/editor-wikimarkup-transformer` (npm, Node 20) into a folder of the cache; nothing
of them is ever part of the product. The folder of documents holds `gfm.jsonl`, `wiki.jsonl` and `adf.jsonl`, one
`{"doc": ...}` a line.

Each document is rendered as it is and as converted; the figures are means over documents. Apart from the rest are
counted those with a construct that the other format cannot hold, and those on which a renderer errs (`JUDGE_ERRS`).
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Any

from syncer.richtext import Document, Run, RunKind, map_runs
from tests.bench.bench_text import CORPUS, FILES, MACHINE_MADE, MARKUPS
from tests.bench.seeing import Feature, Seen, seen_adf, seen_html

TOOLS = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "syncer" / "seen"
ROUTES = [("Markdown", "wiki"), ("Markdown", "ADF"), ("wiki", "Markdown"), ("wiki", "ADF"), ("ADF", "Markdown")]
ROUTES.append(("ADF", "wiki"))
BARS = dict(zip(ROUTES, (".994", ".997", ".998", ".998", ".96", ".96"), strict=True))
JUDGE_ERRS = {
    "entity in wiki markup": (
        r"&[A-Za-z]{2,8};",
        "wiki",
        "Atlassian's parser is Cloud's; it shows entities as written",
    ),
    "escaped bar": (r"\\\|", "wiki", "Cloud's parser divides the cell at an escaped bar; Data Center does not"),
    "quote in a quote": (
        r"\{quote\}(?:(?!\{quote\})[\s\S])*\nbq\. ",
        "wiki",
        "Cloud's documents hold none, so it is flattened",
    ),
    "C++": (r"C\+\+", "wiki", "Atlassian's parser underlines from a plus to one of the two"),
    "an address before a tag": (r"https?://[^\s<]*<", "wiki", "Atlassian's parser takes the tag into the address"),
}
_TASK_PAGE = re.compile(r"https?://[^\s/]+/(?:\S+/)?browse/([A-Z][A-Z0-9_]*-[0-9]+)$")
_REFERENCE = re.compile(r"(?:https?://[^\s/]+/)?(?:[\w.-]+/[\w.-]+(?:/issues/|(?=#)))?(?:#|(?<=/issues/))(\d+)")


@dataclass
class Judges:
    """The renderers, each many texts at once."""

    tools: Path

    def install(self) -> None:
        """Install what is missing."""
        if not (self.tools / "python" / "cmarkgfm").exists():
            pip = [sys.executable, "-m", "pip", "install", "-q", "--target", str(self.tools / "python")]
            subprocess.run([*pip, "cmarkgfm==2025.10.22"], check=True)
        if not (self.tools / "node" / "node_modules" / "@atlaskit").exists():
            (self.tools / "node").mkdir(parents=True, exist_ok=True)
            (self.tools / "node" / "package.json").write_text("{}", encoding="utf-8")
            npm = ["npm", "install", "--ignore-scripts", "--silent", "@atlaskit/editor-wikimarkup-transformer@12.2.2"]
            subprocess.run(npm, cwd=self.tools / "node", check=True)
        sys.path.append(str(self.tools / "python"))

    def markdown(self, sources: list[str]) -> list[Seen]:
        """What GitHub shows: newlines are breaks, tags are shown but for those it filters."""
        import cmarkgfm  # type: ignore[import-not-found]  # installed above
        from cmarkgfm.cmark import Options  # type: ignore[import-not-found]

        options = Options.CMARK_OPT_HARDBREAKS | Options.CMARK_OPT_UNSAFE | Options.CMARK_OPT_FOOTNOTES
        clean = (source.replace("\x00", "").encode("utf-8", "replace").decode() for source in sources)
        return [seen_html(cmarkgfm.github_flavored_markdown_to_html(source, options=options)) for source in clean]

    def wiki(self, sources: list[str]) -> list[Seen]:
        """What Jira's own parser makes of wiki markup."""
        script = Path(__file__).with_name("seen.mjs")
        lines = "".join(json.dumps(source) + "\n" for source in sources)
        node = ["node", "--input-type=module", "-e", script.read_text(encoding="utf-8")]
        done = subprocess.run(node, input=lines, capture_output=True, text=True, cwd=self.tools / "node", check=True)
        shown = done.stdout.removesuffix("\n").split("\n")  # a document may hold other line ends
        return [seen_adf(json.loads(line)) for line in shown]

    def adf(self, sources: list[str]) -> list[Seen]:
        """A document is what it says."""
        return [seen_adf(json.loads(source) if source else None) for source in sources]

    def of(self, name: str) -> Callable[[list[str]], list[Seen]]:
        """The renderer of a markup."""
        return {"Markdown": self.markdown, "wiki": self.wiki, "ADF": self.adf}[name]


def compared(seen: Seen) -> list[Feature]:
    """The features with references under one name, without the mark that only one tracker gives them."""
    result = []
    for word, marks, path in seen.features:
        place = tuple(part for part in path if part != "item")
        word = _TASK_PAGE.sub(r"\1", word)  # noqa: PLW2901  # a task is shown by its key
        found = _REFERENCE.search(word)
        if found:
            pieces = [word[: found.start()], f"#{found[1]}", word[found.end() :]]
            result.extend((piece, marks.replace("link", "").strip("+"), place) for piece in pieces if piece)
            continue
        named = word.startswith("@")
        bare = named or word.startswith("\u25a3") or "@" in word
        shown = "" if named else marks.replace("link", "").strip("+") if bare else marks
        result.append((word.replace("\u25a3media:", "\u25a3"), shown, place))
    return result


def f1(one: list[Any], other: list[Any]) -> float:
    """F1 of two multisets."""
    a, b = Counter(one), Counter(other)
    return 2 * sum((a & b).values()) / (sum(a.values()) + sum(b.values())) if a or b else 1.0


def beyond(seen: Seen, other: str) -> str:
    """What the other format cannot hold of a text; empty when it can hold everything."""
    for path in seen.paths:
        inner = {part for part in path if part in {"quote", "panel", "expand"}}
        if path.count("quote") > 1 or (len(inner) > 1 and other != "Markdown"):
            return "a quote, panel or section in another"
        headings = any(re.fullmatch("h[1-6]", part) for part in path)
        if headings and ("quote" in path or "ul" in path or "ol" in path) and other != "Markdown":
            return "a heading in a quote or item"
        cell = next((n for n, part in enumerate(path) if part in {"td", "th"}), -1)
        if 0 <= cell < len(path) - 1 and path[cell + 1 :] != ("item",) and other != "ADF":
            return "a block in a cell"
        if {"quote", "panel"} & set(path) and {"ul", "ol"} & set(path[: path.index(next(iter(inner)))]):
            return "a quote or panel in an item"
    return ""


def documents(folder: Path, name: str) -> list[str]:
    """The documents of one markup that people wrote: strings made to test a parser are none. Of ADF, fixtures too."""
    path = folder / f"{FILES[name]}.jsonl"
    with path.open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    chosen = [r["doc"] for r in rows if name == "ADF" or not r.get("source", "").startswith(MACHINE_MADE)]
    return [doc if isinstance(doc, str) else json.dumps(doc, ensure_ascii=False) for doc in chosen]


def led_to(document: Document) -> Document:
    """The document with links in place of files that only its tracker can show, as the service writes them."""

    def led(run: Run) -> Run:
        if run.kind is not RunKind.IMAGE or not run.target.startswith("media:"):
            return run
        return Run(run.text or "file", link=f"https://acme.atlassian.net/browse/PAY-1#{run.target}")

    return map_runs(document, led)


def measure(judges: Judges, folder: Path, show: str) -> Iterator[str]:
    """The lines of the table."""
    yield f"{'route':<16}{'documents':>10}{'words':>9}{'structure':>11}{'bar':>7}{'>= .95':>8}{'alike':>8}{'apart':>7}"
    for one, other in ROUTES if not show else [tuple(show.split(">"))]:
        sources = documents(folder, one)
        before = judges.of(one)(sources)
        written = [MARKUPS[other].write(led_to(MARKUPS[one].read(source))).source for source in sources]
        after = judges.of(other)(written)
        apart: Counter[str] = Counter()
        words, structure, alike, shown = [], [], [], []
        for source, there, old, new in zip(sources, written, before, after, strict=True):
            erring = next((n for n, (p, m, _) in JUDGE_ERRS.items() if m == one and re.search(p, source)), "")
            reason = beyond(old, other) or erring
            if reason:
                apart[reason] += 1
                continue
            a, b = compared(old), compared(new)
            words.append(f1([w for w, *_ in a if w != "\n"], [w for w, *_ in b if w != "\n"]))
            structure.append(f1([x for x in a if x[0] != "\n"], [x for x in b if x[0] != "\n"]))
            alike.append(a == b)
            shown.append((structure[-1], source, there, sorted((Counter(a) - Counter(b)).elements())[:6],
                          sorted((Counter(b) - Counter(a)).elements())[:6]))  # fmt: skip
        good = mean(score >= 0.95 for score in structure)
        yield (
            f"{one + ' > ' + other:<16}{len(sources):>10}{mean(words):>9.4f}{mean(structure):>11.4f}"
            f"{BARS[one, other]:>7}"
            f"{100 * good:>7.1f}%{100 * mean(alike):>7.1f}%{sum(apart.values()):>7}   "
            + ", ".join(f"{count} {reason}" for reason, count in apart.most_common())
        )
        if show == f"{one}>{other}":
            for score, source, there, lost, new in sorted(shown)[:60]:
                yield f"--- {score:.3f}\n{source[:300]}\n-->\n{there[:300]}\nlost {lost}\nnew  {new}"


def main() -> int:
    """Print the table. Returns 2 when there are no documents."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--documents", type=Path, default=CORPUS)
    options.add_argument("--tools", type=Path, default=TOOLS)
    options.add_argument("--show", default="", help="a route, as Markdown>wiki: its worst documents")
    chosen = options.parse_args()
    if not chosen.documents.exists():
        print(f"no documents at {chosen.documents}")
        return 2
    judges = Judges(chosen.tools)
    judges.install()
    for line in measure(judges, chosen.documents, chosen.show):
        print(line, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
