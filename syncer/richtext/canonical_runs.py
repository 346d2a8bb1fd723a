"""The canonical form of runs, the inline half of `syncer.richtext.canonical`, whose rules it keeps.

A paragraph goes through five steps, each one pass: cleaned, merged, lifted, told apart, cut into lines. Most paragraphs
need none of them but the first and the last, so each step returns the very list it was given where it finds nothing to
do: this is the hottest code of reading and of verified writing.
"""

from __future__ import annotations

from collections.abc import Iterable

from syncer.richtext.characters import BLANKS, cleaned, cleaned_code, one_blank, unclean
from syncer.richtext.document import LINE_BREAK, Mark, Run, RunKind
from syncer.richtext.links import canonical_link, is_profile, issue_key, last_part, names_issue, split_addresses

_NO_MARKS: frozenset[Mark] = frozenset()
_POINTS = frozenset({RunKind.MENTION, RunKind.REFERENCE})
_TEXT = RunKind.TEXT


def normal_lines(runs: Iterable[Run]) -> list[tuple[Run, ...]]:
    """Canonical paragraphs of a sequence of runs: none when it shows nothing, several where empty lines are."""
    runs = tuple(runs)
    if len(runs) == 1 and _is_normal_text(runs[0]):
        return [runs]
    paragraphs: list[tuple[Run, ...]] = []
    lines: list[Run] = []
    for line in _lines(_settled(_cleaned(runs))):
        if line:
            if lines:
                lines.append(LINE_BREAK)
            lines.extend(line)
        elif lines:
            paragraphs.append(tuple(lines))
            lines = []
    if lines:
        paragraphs.append(tuple(lines))
    return paragraphs


def one_line(runs: Iterable[Run]) -> tuple[Run, ...]:
    """Canonical runs without any line break: what a heading can hold."""
    lines = _lines(_settled([Run(" ") if run is LINE_BREAK else run for run in _cleaned(runs)]))
    return tuple(lines[0])


def one_line_breaks(runs: Iterable[Run]) -> tuple[Run, ...]:
    """Canonical runs of one paragraph, paragraphs joined by a line break."""
    joined: list[Run] = []
    for paragraph in normal_lines(runs):
        if joined:
            joined.append(LINE_BREAK)
        joined.extend(paragraph)
    return tuple(joined)


def _settled(runs: list[Run]) -> list[Run]:
    """Cleaned runs after the three steps that depend on neighbours and links."""
    return _told_apart(_lifted(_merged(runs)))


def _is_normal_text(run: Run) -> bool:
    """Whether a run that stands alone is text in which nothing is to be cleaned or lifted: most paragraphs."""
    text = run.text
    return (
        run.kind is _TEXT
        and not run.link
        and bool(text)
        and not (text[0].isspace() or text[-1].isspace() or "://" in text or unclean(text))
    )


# --- cleaned -------------------------------------------------------------------------------------------------------


def _cleaned(runs: Iterable[Run]) -> list[Run]:
    """Runs without characters or attributes that do not count; every line break is `LINE_BREAK`."""
    result: list[Run] = []
    for run in runs:
        match run.kind:
            case RunKind.TEXT:
                if run.link or unclean(run.text):
                    result.extend(_cleaned_text(run))
                elif run.text:
                    result.append(run)
            case RunKind.BREAK:
                result.append(LINE_BREAK)
            case RunKind.CODE:
                text = BLANKS.sub(" ", cleaned_code(run.text).replace("\n", " ")).strip()
                if text:
                    result.append(Run(text, RunKind.CODE, run.marks, canonical_link(run.link)))
            case _:
                result.extend(_cleaned_pointer(run))
    return result


def _cleaned_text(run: Run) -> list[Run]:
    link = canonical_link(run.link) if run.link else ""
    if link == run.link and not link.startswith(("mailto:", "http://www.")) and not unclean(run.text):
        return [run] if run.text else []
    text = cleaned(run.text)
    if (link.startswith("mailto:") and link[7:] == text) or (link == "http://" + text and text.startswith("www.")):
        link = ""
    result: list[Run] = []
    for number, line in enumerate(text.split("\n")):
        if number:
            result.append(LINE_BREAK)
        if line:
            result.append(Run(BLANKS.sub(" ", line), marks=run.marks, link=link))
    return result


def _cleaned_pointer(run: Run) -> list[Run]:
    """A mention, reference or image; its words where it points nowhere."""
    target = canonical_link(run.target)
    words = one_blank(run.text)
    if run.kind is RunKind.MENTION:
        name = words.lstrip("@ ")
        return [Run(name or last_part(target), RunKind.MENTION, target=target) if target else Run("@" + name)]
    if run.kind is RunKind.REFERENCE:
        key = words or issue_key(target) or target
        return [Run(key, RunKind.REFERENCE, run.marks, target=target) if target else Run(key, marks=run.marks)]
    if target:
        return [Run(words, RunKind.IMAGE, link=canonical_link(run.link), target=target)]
    return [Run(words)] if words else []


# --- merged --------------------------------------------------------------------------------------------------------


def _merged(runs: list[Run]) -> list[Run]:
    """Runs in which no two runs of the same look are neighbours: text is one, two pieces of code stay apart."""
    for at in range(1, len(runs)):
        if _look_alike(runs[at - 1], runs[at]):
            return _merged_from(runs, at)
    return runs


def _look_alike(one: Run, other: Run) -> bool:
    return (
        one.kind is other.kind
        and (one.kind is _TEXT or one.kind is RunKind.CODE)
        and one.link == other.link
        and one.marks == other.marks
    )


def _merged_from(runs: list[Run], at: int) -> list[Run]:
    """The runs merged; those before `at` have nothing to be merged."""
    result = runs[: at - 1]
    look = runs[at - 1]
    parts = [look.text]
    for run in runs[at:]:
        if _look_alike(look, run):
            if run.kind is _TEXT:
                parts.append(run.text)
                continue
            result.extend((look, Run(" ", marks=run.marks, link=run.link)))
            look, parts = run, [run.text]
            continue
        result.append(_with_parts(look, parts))
        look, parts = run, [run.text]
    result.append(_with_parts(look, parts))
    return result


def _with_parts(look: Run, parts: list[str]) -> Run:
    return Run(BLANKS.sub(" ", "".join(parts)), look.kind, look.marks, look.link) if len(parts) > 1 else look


# --- lifted --------------------------------------------------------------------------------------------------------


def _lifted(runs: list[Run]) -> list[Run]:
    """Runs in which bare addresses are links, links to tasks are references, and links to people are mentions."""
    if not any(run.kind is _TEXT and (run.link or "://" in run.text) for run in runs):
        return runs
    result: list[Run] = []
    for run in runs:
        if run.kind is not _TEXT:
            result.append(run)
        elif run.link:
            result.append(_lifted_link(run))
        elif "://" in run.text:
            for text, address in split_addresses(run.text):
                piece = Run(text, marks=run.marks, link=address)
                result.append(_lifted_link(piece) if address else piece)
        else:
            result.append(run)
    return result


def _lifted_link(run: Run) -> Run:
    text = run.text.strip()
    if names_issue(text, run.link):
        return Run(issue_key(run.link), RunKind.REFERENCE, run.marks, target=run.link)
    if text.startswith("@") and text[1:].strip() and is_profile(run.link):
        return Run(text[1:].strip(), RunKind.MENTION, target=run.link)
    return run


# --- told apart ----------------------------------------------------------------------------------------------------


def _told_apart(runs: list[Run]) -> list[Run]:
    """Runs in which nothing that touches a mention or reference links to its page: they would be one link in markup."""
    if not any(run.kind in _POINTS for run in runs):
        return runs
    result: list[Run] = []
    before = Run("")
    for run in runs:
        points = run.kind in _POINTS
        pointed = before.kind in _POINTS
        if points and pointed and run.kind is before.kind and run.target == before.target:
            continue
        apart = run
        if pointed and run.link and run.link == before.target:
            apart = _unlinked(run)
        elif points and before.link and before.link == run.target:
            before = _unlinked(before)
        result.extend(_lifted([before]))
        before = apart
    result.extend(_lifted([before]))
    return result


def _unlinked(run: Run) -> Run:
    return Run(run.text, run.kind, run.marks, target=run.target)


# --- lines ---------------------------------------------------------------------------------------------------------


def _lines(runs: list[Run]) -> list[list[Run]]:
    """The lines of a paragraph, at least one; blanks between two runs carry the marks and link that both carry."""
    lines: list[list[Run]] = []
    line: list[Run] = []
    blank = ""
    for run in runs:
        if run is LINE_BREAK:
            lines.append(_merged(line))
            line, blank = [], ""
            continue
        text = run.text
        body = run
        after = ""
        if run.kind is _TEXT:
            stripped = text.strip()
            if not stripped:
                blank = blank or text
                continue
            if len(stripped) != len(text):
                start = text.find(stripped[0])
                blank = blank or text[:start]
                after = text[start + len(stripped) :]
                body = Run(stripped, marks=run.marks, link=run.link)
        if line and blank:
            line.append(_blank_between(line[-1], body, blank))
        line.append(body)
        blank = after
    lines.append(_merged(line))
    return lines


def _blank_between(before: Run, after: Run, blank: str) -> Run:
    link = before.link if before.link == after.link else ""
    return Run(" " if blank.isascii() else blank, marks=before.marks & after.marks or _NO_MARKS, link=link)
