"""Numbers, days and shares as people of each language write them."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from syncer.report.render import language

ENGLISH, CHINESE = language("en"), language("zh")


@pytest.mark.parametrize(
    ("share", "shown"), [(0.0, "0%"), (0.001, "<1%"), (0.335, "34%"), (0.996, ">99%"), (0.9949, "99%"), (1.0, "100%")]
)
def test_a_share_is_never_more_certain_than_it_is(share: float, shown: str) -> None:
    assert ENGLISH.percent(share) == CHINESE.percent(share) == shown


def test_days_and_moments() -> None:
    moment = datetime(2026, 11, 20, 16, 30, tzinfo=UTC)
    shanghai = ZoneInfo("Asia/Shanghai")
    assert (ENGLISH.day(date(2026, 11, 30)), CHINESE.day(date(2026, 11, 30))) == ("30 Nov", "11月30日")
    assert ENGLISH.moment(moment, shanghai) == "21 Nov 2026, 00:30"
    assert CHINESE.moment(moment, shanghai) == "2026年11月21日 00:30"


def test_numbers_and_plurals() -> None:
    assert ENGLISH.plural("%(n)s open task", "%(n)s open tasks", 1) == "1 open task"
    assert ENGLISH.plural("%(n)s open task", "%(n)s open tasks", 1234) == "1,234 open tasks"


def test_lists_and_clauses_have_the_punctuation_of_their_language() -> None:
    assert (ENGLISH.listing(("a", "b")), CHINESE.listing(("a", "b"))) == ("a, b", "a、b")
    assert (ENGLISH.labelled("Due", "x"), CHINESE.labelled("到期", "x")) == ("Due: x", "到期：x")
    assert (ENGLISH.sentences("A.", "", "B."), CHINESE.sentences("甲。", "", "乙。")) == ("A. B.", "甲。乙。")


def test_a_percent_sign_in_text_is_only_text() -> None:
    assert ENGLISH.text("nobody") == "nobody"
    assert ENGLISH.labelled("100 % done", "%(n)s") == "100 % done: %(n)s"


@pytest.mark.parametrize(
    ("code", "near", "far"), [("en", "30 Nov", "30 Nov 2028"), ("zh", "11月30日", "2028年11月30日")]
)
def test_a_year_is_said_where_it_is_not_obvious(code: str, near: str, far: str) -> None:
    today = date(2026, 11, 20)
    assert language(code).near_day(date(2026, 11, 30), today) == near
    assert language(code).near_day(date(2028, 11, 30), today) == far
