"""The languages of the report: messages from gettext catalogues, dates and numbers by Babel.

Message ids are the English sentences. A catalogue is shipped as its `.po` source and compiled in memory when a language
is first asked for: a report costs a few milliseconds more, and no compiled file can be older than its source.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import Any

from babel import Locale
from babel.dates import format_date, format_datetime, format_interval, get_timezone_name
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent
from babel.support import NullTranslations, Translations

LANGUAGES = {"en": "en_GB", "zh": "zh_Hans_CN"}
"""Code of a language as the command takes it -> locale."""


@dataclass(frozen=True, slots=True)
class Language:
    """One language of the report."""

    code: str
    locale: Locale
    translations: NullTranslations = field(repr=False)
    clock: tzinfo | None = None
    """That of the reader, where it is another than that of the report."""

    @property
    def tag(self) -> str:
        """For `lang=` and Content-Language: `en-GB`, `zh-Hans`."""
        return "zh-Hans" if self.code == "zh" else "en-GB"

    def text(self, message: str, **values: Any) -> str:
        """The message in this language, with `%(name)s` filled in."""
        translated = self.translations.gettext(message)
        return translated % values if values else translated

    def plural(self, one: str, many: str, n: int, **values: Any) -> str:
        """The message for `n` things; `%(n)s` is the number as people write it."""
        return self.translations.ngettext(one, many, n) % {"n": self.number(n), **values}

    def number(self, value: int) -> str:
        """`1,234`; with a real minus sign where the language has one."""
        return str(format_decimal(value, locale=self.locale))

    def decimal(self, value: float) -> str:
        """`3.4`: one digit after the point, two under one; never so rounded that something becomes nothing."""
        digits = "#,##0.00" if abs(value) < 1 else "#,##0.0"
        return str(format_decimal(value, digits, locale=self.locale))

    def percent(self, share: float) -> str:
        """`56%`. Never a false certainty: what is not none is not 0 %, what is not all is not 100 %."""
        rounded = round(share, 2)
        if rounded == 0 and share > 0:
            return "<" + str(format_percent(0.01, locale=self.locale))
        if rounded == 1 and share < 1:
            return ">" + str(format_percent(0.99, locale=self.locale))
        return str(format_percent(rounded, locale=self.locale))

    def chance(self, share: float) -> str:
        """`56%`; `<1%` and `>99%` at the ends: a simulation is never certain."""
        at_ends = "<" if share < 0.01 else ">" if share > 0.99 else ""
        return at_ends + str(format_percent(round(min(0.99, max(0.01, share)), 2), locale=self.locale))

    def day(self, day: date) -> str:
        """`30 Nov`, `11月30日`."""
        return str(format_date(day, "d MMM" if self.code == "en" else "M月d日", locale=self.locale))

    def near_day(self, day: date, today: date) -> str:
        """`30 Nov`; `30 Nov 2028` where it is so far from today that the year is not obvious."""
        if day.year == today.year or abs(day - today) < timedelta(days=60):
            return self.day(day)
        return str(format_date(day, "d MMM y" if self.code == "en" else "y年M月d日", locale=self.locale))

    def day_of_year(self, day: date) -> str:
        """`30 November 2026`, `2026年11月30日`."""
        return str(format_date(day, "long", locale=self.locale))

    def days(self, first: date, last: date) -> str:
        """`16 – 22 Nov 2026`, `2026年11月16日 – 22日`."""
        return str(format_interval(first, last, "yMMMd", locale=self.locale))

    def moment(self, moment: datetime, zone: tzinfo) -> str:
        """`20 Nov 2026, 17:30` by the reader's clock, else in the time zone of the report."""
        pattern = "d MMM y, HH:mm" if self.code == "en" else "y年M月d日 HH:mm"
        return str(format_datetime(moment.astimezone(self.clock or zone), pattern, locale=self.locale))

    def zone(self, zone: tzinfo) -> str:
        """A zone as people name it: `China time`, `UTC`."""
        return "UTC" if str(zone) == "UTC" else str(get_timezone_name(zone, locale=self.locale, width="long"))

    def listing(self, names: tuple[str, ...]) -> str:
        """`Mei Lin, Jonas Weber`."""
        return ("、" if self.code == "zh" else ", ").join(names)

    def labelled(self, label: str, text: str) -> str:
        """`Concerns: Mei Lin`."""
        return f"{label}：{text}" if self.code == "zh" else f"{label}: {text}"

    def aside(self, text: str, known: str) -> str:
        """`Mei Lin (A, R)`; the text alone where nothing is known besides."""
        if not known:
            return text
        return f"{text}（{known}）" if self.code == "zh" else f"{text} ({known})"

    def clauses(self, *parts: str) -> str:
        """`of 11 tasks, week before: 9`: parts of a sentence that are no mere list of names."""
        return ("，" if self.code == "zh" else ", ").join(part for part in parts if part)

    def options(self, *parts: str) -> str:
        """`a; b.`: clauses that have commas of their own."""
        return self.ended(self.points(*parts))

    def ended(self, clause: str) -> str:
        """A clause as the end of a sentence."""
        return clause + ("。" if self.code == "zh" else ".")

    def points(self, *parts: str) -> str:
        """`a; b`: notes that have commas of their own."""
        return self.between.join(part for part in parts if part)

    @property
    def between(self) -> str:
        """What stands between `points`."""
        return "；" if self.code == "zh" else "; "

    @property
    def gap(self) -> str:
        """What stands between two sentences."""
        return "" if self.code == "zh" else " "

    def sentences(self, *parts: str) -> str:
        """Sentences in a row; languages differ in the space between."""
        return self.gap.join(part for part in parts if part)


@cache
def language(code: str) -> Language:
    """The language with a code (`en`, `zh`). Raises ValueError naming those there are."""
    if code not in LANGUAGES:
        raise ValueError(f"no language {code!r}: there are {', '.join(sorted(LANGUAGES))}")
    return Language(code, Locale.parse(LANGUAGES[code]), _translations(code))


def _translations(code: str) -> NullTranslations:
    if code == "en":
        return NullTranslations()
    directory = str(Locale.parse(LANGUAGES[code])).removesuffix("_CN")
    source = files(__package__).joinpath("locale", directory, "LC_MESSAGES", "report.po")
    catalogue = read_po(BytesIO(source.read_bytes()), locale=LANGUAGES[code])
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)
