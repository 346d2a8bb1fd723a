"""Text inside one line of Jira wiki markup: marks, code, links, mentions, pictures.

The rules are those of Atlassian's own parser: a delimiter opens after a character that is no letter or digit (Han
characters are letters) and before one that is no blank, and closes the other way round; `{*}` opens and closes
anywhere; nothing spans lines. Every search for a closer remembers what it found, so the work is linear.
"""

from __future__ import annotations

import html
import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field

from connectors.jira.markup_site import JiraSite
from syncer.richtext import LINE_BREAK, Mark, Run, RunKind
from syncer.richtext.links import bare_address, canonical_link

DELIMITERS = {
    "*": Mark.STRONG,
    "_": Mark.EMPHASIS,
    "-": Mark.STRIKE,
    "+": Mark.UNDERLINE,
    "^": Mark.SUPERSCRIPT,
    "~": Mark.SUBSCRIPT,
    "??": Mark.EMPHASIS,
}
ESCAPABLE = r"-#*_+?^~|%{}\[\]()!@"
"""What a backslash escapes, as a class of characters: Jira's own `BackslashEscapeRendererComponent`, as the sources of
`@atlaskit/editor-wikimarkup-transformer` quote it. Before anything else, and after another one, a backslash is shown.
"""
_ESCAPE = re.compile(rf"(?<!\\)\\([{ESCAPABLE}])")
_BRACED = re.compile(r"\{(\*|_|-|\+|\^|~|\?\?)\}")
_SILENT_MACRO = re.compile(r"\{(?:color(?::[^{}\n]{0,60})?|anchor:[^{}\n]{0,200})\}")
_ENTITY = re.compile(r"&(?:#([0-9]{1,7})|([A-Za-z][A-Za-z0-9]{1,30}));")
_DASH = re.compile(r"(?<!\S)(---?)(?!\S)")
EMOTICON = re.compile(r"(?::-?[()DPp]|;-?\)|\((?:[/xiyn!?+*-]|\*[rgby]|on|off|flag|flagoff)\))(?![A-Za-z0-9])")
"""What Jira shows as an icon. Help: https://jira.atlassian.com/secure/WikiRendererHelpAction.jspa?section=miscellaneous.

Atlassian's own parser sees one after a letter too (`f(x)`), but not before one.
"""
_SPECIAL = re.compile(r"[\\{\[!*_\-+^~?&]|https?://|" + EMOTICON.pattern)
_ICONS = {
    ":)": "🙂", ":(": "😞", ";)": "😉", ":D": "😃", ":P": "😛", ":p": "😛", "(y)": "👍", "(n)": "👎", "(i)": "ℹ️",
    "(/)": "✅", "(x)": "❌", "(!)": "⚠️", "(+)": "➕", "(-)": "➖", "(?)": "❓", "(on)": "💡",
    "(*)": "⭐", "(*r)": "⭐", "(*g)": "⭐", "(*b)": "⭐", "(*y)": "⭐", "(flag)": "🚩", "(flagoff)": "🏳️",
}  # fmt: skip
_IMAGE_NAME = re.compile(r"(?:https?://[^\s|!]+|[^\s|!:*?\"<>](?:[^\n|!:*?\"<>]*[^\s|!:*?\"<>])?\.[A-Za-z0-9]{2,5})")
_CODE_ESCAPE = re.compile(r"\\([{}|]|\[(?=~))")
_ADDRESS = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*:(?!\s)|/|www\.)\S*")
_TARGET = re.compile(r"[^\s\[\]|]+")
_LINKED_IMAGE = re.compile(r"!([^!|\s][^!|]*)(?:\|([^!]*))?!\|([^|\s]+)(?:\|[^|]*)?")
_BARE = re.compile(r"[\w?!~^/\\#$%&'()*+,\-./:;<=@]*", re.ASCII)
_NO_END = ".,>)];}\"'!?"
MAX_LINK = 4_000


def is_picture(name: str) -> bool:
    """Whether `!name!` is a picture: an address, or a file name with an ending."""
    return bool(_IMAGE_NAME.fullmatch(name))


def stands_bare(address: str, after: str) -> bool:
    """Whether Jira sees a bare address end where it does, before `after`: neither sooner nor later."""
    seen = _BARE.match(address + after)
    return seen is not None and seen[0].rstrip(_NO_END) == address and bare_address(address + after, 0) == address


@dataclass(slots=True)
class _Delimiter:
    sign: str
    braced: bool
    opens: bool
    closes: bool

    @property
    def source(self) -> str:
        return f"{{{self.sign}}}" if self.braced else self.sign


_Atom = str | Run | tuple[Run, ...] | _Delimiter


@dataclass(slots=True)
class _Line:
    """A line being read, with what is known about where its closers are."""

    text: str
    closers: dict[str, int] = field(default_factory=dict)

    def find(self, closer: str, start: int) -> int:
        """Where `closer` next stands, not escaped; -1 when nowhere. Amortised: `start` never goes back."""
        known = self.closers.get(closer)
        if known is not None and (known == -1 or known >= start):
            return known
        at = self.text.find(closer, start)
        while at > 0 and self.text[at - 1] == "\\" and closer != "!":
            at = self.text.find(closer, at + 1)
        self.closers[closer] = at
        return at


def line_runs(text: str, site: JiraSite) -> Iterator[Run]:
    """The runs of one line."""
    if not _SPECIAL.search(text):
        return site.with_keys(Run(text)) if text else iter(())
    atoms = _atoms(text, site, in_link=False)
    return _marked(atoms, site)


def _marked(atoms: list[_Atom], site: JiraSite) -> Iterator[Run]:
    closers: dict[tuple[str, bool], list[int]] = {}
    for at, atom in enumerate(atoms):
        if isinstance(atom, _Delimiter) and atom.closes:
            closers.setdefault((atom.sign, atom.braced), []).append(at)
    for run in _spanned(atoms, 0, len(atoms), frozenset(), closers):
        yield from site.with_keys(run)


def _spanned(
    atoms: list[_Atom], start: int, end: int, marks: frozenset[Mark], closers: dict[tuple[str, bool], list[int]]
) -> Iterator[Run]:
    at = start
    while at < end:
        atom = atoms[at]
        if isinstance(atom, _Delimiter):
            closing = _closer(closers.get((atom.sign, atom.braced), []), at + 2, end) if atom.opens else -1
            if closing > 0:
                yield from _spanned(atoms, at + 1, closing, marks | {DELIMITERS[atom.sign]}, closers)
                at = closing + 1
                continue
            yield Run(atom.source, marks=marks)
        elif isinstance(atom, str):
            yield Run(atom, marks=marks)
        elif isinstance(atom, Run):
            yield Run(atom.text, atom.kind, marks, atom.link, atom.target)
        else:
            yield from (Run(run.text, run.kind, run.marks | marks, run.link, run.target) for run in atom)
        at += 1


def _closer(places: list[int], least: int, end: int) -> int:
    """The first closing place from `least` on and before `end`; -1 when there is none."""
    number = bisect_left(places, least)
    return places[number] if number < len(places) and places[number] < end else -1


def _atoms(text: str, site: JiraSite, *, in_link: bool) -> list[_Atom]:
    line = _Line(text)
    atoms: list[_Atom] = []
    plain: list[str] = []
    at = 0
    while found := _SPECIAL.search(text, at):
        plain.append(text[at : found.start()])
        at = found.start()
        if (read := _text_sign(text, at)) is not None:
            shown, at = read
            plain.append(shown)
            continue
        atom, end = _sign(line, at, site, in_link=in_link)
        if atom is None:
            end = max(end, at + 1)
            plain.append(text[at:end])
        elif atom != "":
            if before := "".join(plain):
                atoms.append(before)
            plain.clear()
            atoms.append(atom)
        at = end
    if rest := "".join((*plain, text[at:])):
        atoms.append(rest)
    return atoms


def _text_sign(text: str, at: int) -> tuple[str, int] | None:
    """The characters that a sign stands for, and where it ends; None for one that is no text."""
    match text[at]:
        case "\\" if not text.startswith("\\\\", at):
            escape = _ESCAPE.match(text, at)
            return (escape[1], at + 2) if escape else ("\\", at + 1)
        case "&":
            entity = _ENTITY.match(text, at)
            shown = _character(entity) if entity else ""
            return (shown, entity.end()) if entity and shown else ("&", at + 1)
        case "(" | ":" | ";" as character:
            icon = EMOTICON.match(text, at)
            return (_icon(icon[0]), icon.end()) if icon else (character, at + 1)
        case "-" if dash := _DASH.match(text, at):
            return "–" if len(dash[0]) == 2 else "—", dash.end()
    return None


def _sign(line: _Line, at: int, site: JiraSite, *, in_link: bool) -> tuple[_Atom | None, int]:
    """What a sign stands for, and where that ends; None where it stands for itself, up to there."""
    match line.text[at]:
        case "\\":
            return LINE_BREAK, at + 2
        case "{":
            return _brace(line, at)
        case "[":
            return (None, at) if in_link else _link(line, at, site)
        case "!":
            return _image(line, at)
        case "h":
            return (None, at) if in_link else _bare(line.text, at)
    return _delimiter(line.text, at)


def _icon(emoticon: str) -> str:
    """The character of an icon, which may have a nose."""
    return _ICONS.get(emoticon if emoticon[0] == "(" else emoticon.replace("-", ""), emoticon)


def _character(entity: re.Match[str]) -> str:
    """The character that an entity stands for; empty when none does.

    Data Center's renderer keeps the entities of a text, so the browser shows the character; Cloud's parser does not.
    """
    if entity[2]:
        shown = html.unescape(entity[0])
        return shown if shown != entity[0] and not shown.endswith(";") else ""
    code = int(entity[1])
    return chr(code) if 32 <= code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF else ""


def _brace(line: _Line, at: int) -> tuple[_Atom | None, int]:
    text = line.text
    if braced := _BRACED.match(text, at):
        return _Delimiter(braced[1], braced=True, opens=True, closes=True), braced.end()
    if silent := _SILENT_MACRO.match(text, at):
        return "", silent.end()
    if text.startswith("{{", at):
        end = line.find("}}", at + 3)
        if end > 0 and not (at and text[at - 1].isalnum()):
            while text.startswith("}", end + 2):  # `{{a}}}` ends at the last brace
                end += 1
            body = _CODE_ESCAPE.sub(r"\1", text[at + 2 : end])
            if body.strip() and not text[end + 2 : end + 3].isalnum():
                return Run(body, RunKind.CODE), end + 2
    return None, at


def _link(line: _Line, at: int, site: JiraSite) -> tuple[_Atom | None, int]:  # noqa: PLR0911  # one case a form of link
    end = line.find("]", at + 2)
    if end < 0 or end - at > MAX_LINK:
        return None, at
    body = line.text[at + 1 : end]
    if body[0] == "~":
        name = body[1:].removeprefix("accountid:") if site.cloud else body[1:]
        if not name.strip() or "|" in name:
            return None, at
        return Run(name, RunKind.MENTION, target=site.person(name)), end + 1
    if body[0] == "^" and "|" not in body:
        name = body[1:]
        return (Run(name, RunKind.IMAGE, target=name), end + 1) if is_picture(name) else (None, at)
    linked = _LINKED_IMAGE.fullmatch(body)
    if linked and is_picture(linked[1]):
        return Run(_alternative(linked[2] or ""), RunKind.IMAGE, link=linked[3], target=linked[1]), end + 1
    parts = [part.replace("\\|", "|") for part in re.split(r"(?<!\\)\|", body)]
    if parts[-1] in {"smart-link", "smart-card", "smart-embed"} and len(parts) > 2:
        parts.pop()
    address = parts[1 if len(parts) > 1 else 0].strip()
    if not (_ADDRESS if len(parts) == 1 else _TARGET).fullmatch(address) or len(parts) > 3:
        return None, at
    address = address.replace("\\", "")
    if len(parts) == 1:
        shown = address.removeprefix("mailto:")
        return Run(shown, link=address), end + 1
    label = body[: body.index("|" + parts[1])] if "|" + parts[1] in body else parts[0]
    runs = tuple(_marked(_atoms(label, site, in_link=True), _NoKeys(site)))
    inner = tuple(Run(r.text, r.kind, r.marks, address, r.target) for r in runs if r.kind is not RunKind.BREAK)
    return (inner or (Run(address, link=address),)), end + 1


class _NoKeys(JiraSite):
    """A site whose keys are not recognised: inside the text of a link."""

    def __init__(self, site: JiraSite) -> None:
        super().__init__(site.url, site.project, site.cloud)

    def with_keys(self, run: Run) -> Iterator[Run]:
        """The run as it is."""
        yield run


def _image(line: _Line, at: int) -> tuple[_Atom | None, int]:
    end = line.find("!", at + 2)
    if end < 0 or end - at > MAX_LINK:
        return None, at
    name, _, options = line.text[at + 1 : end].partition("|")
    if not is_picture(name):
        return None, at
    return Run(_alternative(options), RunKind.IMAGE, target=name), end + 1


def _alternative(options: str) -> str:
    found = re.search(r"(?:^|[,|])\s*alt=\"?([^\",|]*)\"?", options)
    return found[1] if found else ""


def _bare(text: str, at: int) -> tuple[_Atom | None, int]:
    if at and text[at - 1].isascii() and text[at - 1].isalnum():
        return None, at + 4
    address = bare_address(text, at)
    if address:
        return Run(address, link=canonical_link(address)), at + len(address)
    return None, at + 4


def _delimiter(text: str, at: int) -> tuple[_Atom | None, int]:
    sign = "??" if text.startswith("??", at) else text[at]
    if sign == "?":
        return None, at + 1
    end = at + len(sign)
    character = sign[0]
    run_end = end
    while run_end < len(text) and text[run_end] == character:
        run_end += 1
    if run_end > end:
        return None, run_end  # `--`, `**`, `????`: dashes and rules, not marks
    before = text[at - 1] if at else " "
    after = text[end] if end < len(text) else " "
    opens = not before.isalnum() and not after.isspace()
    closes = not before.isspace() and not after.isalnum()
    if not opens and not closes:
        return None, end
    return _Delimiter(sign, braced=False, opens=opens, closes=closes), end
