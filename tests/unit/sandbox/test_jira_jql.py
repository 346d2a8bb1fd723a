"""JQL: the parser against its printer, the predicate against a naive oracle, dates in every time zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncer.sandbox import Clock
from syncer.sandbox.jira import Jira
from syncer.sandbox.jira.jql import syntax
from syncer.sandbox.jira.jql.parser import parse
from syncer.sandbox.jira.jql.syntax import And, Call, Clause, Empty, Many, Not, Or, Query, Sort, Word, is_bare, show
from syncer.sandbox.jira.problems import JiraError

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
ZONES = (
    "UTC",
    "Asia/Shanghai",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Pacific/Kiritimati",
    "Pacific/Niue",
)

# --- parsing ---------------------------------------------------------------------------------------------------------

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
bare = st.one_of(texts.filter(is_bare), st.sampled_from(["PAY", "x_1", "a.b", "10", "-3"]))
words = st.one_of(texts.map(lambda text: Word(text, True)), bare.map(Word))
calls = st.builds(Call, st.sampled_from(["now", "startOfDay", "currentUser"]), st.lists(texts, max_size=2).map(tuple))
singles = st.one_of(words, st.just(Empty()), calls)
fields = st.one_of(st.sampled_from(["status", "Epic Link", "cf[10016]", "order"]), texts)
clauses = st.one_of(
    st.builds(Clause, fields, st.sampled_from(["=", "!=", "~", "!~", "<", "<=", ">", ">=", "was", "was not"]), singles),
    st.builds(Clause, fields, st.sampled_from(["is", "is not"]), st.just(Empty())),
    st.builds(
        Clause,
        fields,
        st.sampled_from(["in", "not in", "was in", "was not in"]),
        st.lists(singles, min_size=1, max_size=3).map(lambda items: Many(tuple(items))),
    ),
    st.builds(Clause, fields, st.just("changed"), st.none()),
)


def _combined(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    several = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.one_of(several.map(And), several.map(Or), inner.map(Not))


conditions = st.recursive(clauses, _combined, max_leaves=6)
queries = st.builds(
    Query,
    st.one_of(st.none(), conditions),
    st.lists(st.builds(Sort, fields, st.sampled_from([None, True, False])), max_size=2).map(tuple),
)


@given(queries)
@settings(max_examples=300)
def test_what_is_printed_parses_back(query: Query) -> None:
    assert parse(show(query)) == query


@given(st.text(max_size=40))
@settings(max_examples=300)
def test_any_text_is_a_query_or_a_400(text: str) -> None:
    problem: JiraError | None = None
    try:
        query = parse(text)
    except JiraError as caught:
        problem = caught
    if problem is None:
        assert parse(show(query)) == query
    else:
        assert (problem.status, len(problem.messages)) == (400, 1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a = 1 OR b = 2 AND NOT c = 3", Or((Clause("a", "=", Word("1")), And((Clause("b", "=", Word("2")), Not(Clause("c", "=", Word("3")))))))),  # noqa: E501
        ("A=1 && !b=2 || c=3", Or((And((Clause("A", "=", Word("1")), Not(Clause("b", "=", Word("2"))))), Clause("c", "=", Word("3"))))),  # noqa: E501
        ("a NOT IN ('x y', \"q\\\"\\\\\", EMPTY)", Clause("a", "not in", Many((Word("x y", True), Word('q"\\', True), Empty())))),  # noqa: E501
        ("a is not null", Clause("a", "is not", Empty())),
        ("issue.property[syncer.origin].id = g1", Clause("issue.property[syncer.origin].id", "=", Word("g1"))),
    ],
)  # fmt: skip
def test_grammar(text: str, expected: object) -> None:
    assert parse(text).condition == expected


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("project PAY", "Expecting operator but got 'PAY'"),
        ("project = ", "Expecting either a value, list or function but got the end of the query"),
        ("(project = PAY", "Expecting ')'"),
        ("project = PAY status = Done", "Expecting either 'OR' or 'AND' but got 'status'"),
        ('summary ~ "open', "has not been completed"),
        ("project in PAY", "does not support the non-list value 'PAY'"),
        ("project = (PAY)", "does not support searching for list values"),
        ("a is 3", "only supports EMPTY and NULL"),
        ("a = b@c", "The character '@' is a reserved JQL character"),
        ('a = "\\q"', "illegal JQL escape sequence"),
    ],
)
def test_what_is_no_query_is_refused_in_jiras_words(text: str, part: str) -> None:
    with pytest.raises(JiraError) as caught:
        parse(text)
    assert part in caught.value.messages[0]


# --- matching --------------------------------------------------------------------------------------------------------

STATUSES = ("To Do", "In Progress", "Done")
LABELS = ("red", "green")
PEOPLE = ("mei", "omar")


@cache
def _site() -> Jira:
    """Return a Jira with one issue for every combination of a few values."""
    jira = Jira(Clock.virtual(NOW), "cloud")
    for name in PEOPLE:
        jira.add_user(name)
    project = jira.add_project("PAY")
    minute = 0
    for status in STATUSES:
        for labels in ((), ("red",), ("green",), ("green", "red")):
            for assignee in (None, *PEOPLE):
                minute += 1
                moment = NOW - timedelta(minutes=minute)
                content = jira.blank(project, jira.types["Task"], jira.users["mei"], moment)
                content |= {"status": jira.statuses[status], "labels": labels, "summary": f"No {minute}"}
                content |= {"assignee": None if assignee is None else jira.users[assignee]}
                issue = jira.insert(content)
                jira.index.write(NOW, issue.id, issue.content)
    return jira


def _shown(content: Any, field: str) -> tuple[Any, ...]:
    match field:
        case "status":
            return (content["status"].name,)
        case "labels":
            return tuple(content["labels"])
        case _:
            return () if content["assignee"] is None else (content["assignee"].identifier,)


def _expected(condition: Any, content: Any, negated: bool = False) -> bool:
    """Say naively whether an issue matches, with NOT moved into the operators as Jira does."""
    match condition:
        case Not(inner):
            return _expected(inner, content, not negated)
        case And(conditions):
            each = [_expected(one, content, negated) for one in conditions]
            return any(each) if negated else all(each)
        case Or(conditions):
            each = [_expected(one, content, negated) for one in conditions]
            return all(each) if negated else any(each)
        case Clause("updated", operator, Word(text)):
            limit, updated = int(text), int(content["updated"].timestamp() * 1000)
            found = {">": updated > limit, ">=": updated >= limit, "<": updated < limit, "<=": updated <= limit}[
                operator
            ]
            return found != negated
        case Clause(field, operator, operand):
            shown = _shown(content, field)
            positive = (operator in {"=", "in", "is"}) != negated
            items = operand.items if isinstance(operand, Many) else (operand,)
            values = {item.text for item in items if isinstance(item, Word)}
            with_empty = any(isinstance(item, Empty) for item in items)
            if positive:
                return bool(values & set(shown)) or (with_empty and not shown)
            return bool(shown) and not values & set(shown)
        case _:
            raise AssertionError(condition)


def _comparisons(field: str, values: tuple[str, ...]) -> st.SearchStrategy[Clause]:
    value = st.sampled_from([Word(each, True) for each in values])
    listed = st.lists(st.one_of(value, st.just(Empty())), min_size=1, max_size=2).map(lambda items: Many(tuple(items)))
    return st.one_of(
        st.builds(Clause, st.just(field), st.sampled_from(["=", "!="]), value),
        st.builds(Clause, st.just(field), st.sampled_from(["in", "not in"]), listed),
        st.builds(Clause, st.just(field), st.sampled_from(["is", "is not"]), st.just(Empty())),
    )


moments = st.integers(-40, 2).map(lambda minutes: Word(str(int((NOW + timedelta(minutes=minutes)).timestamp() * 1000))))
comparisons = st.one_of(
    _comparisons("status", STATUSES),
    _comparisons("labels", LABELS),
    _comparisons("assignee", PEOPLE),
    st.builds(Clause, st.just("updated"), st.sampled_from([">", ">=", "<", "<="]), moments),
)


@given(st.recursive(comparisons, _combined, max_leaves=6))
@settings(max_examples=200, deadline=None)
def test_matching_agrees_with_a_naive_oracle(condition: Any) -> None:
    jira = _site()
    page = jira.searcher.offset_page(jira.users["mei"], show(Query(condition)), 0, 1000)
    expected = {issue.id for issue in jira.issues.values() if _expected(condition, issue.content)}
    assert {issue_id for issue_id, _ in page.issues} == expected


@pytest.mark.parametrize(
    ("order", "key"),
    [
        ("updated ASC", lambda issue: issue.content["updated"]),
        ("updated DESC", lambda issue: -issue.content["updated"].timestamp()),
        ("status DESC, key ASC", lambda issue: (-ord(issue.content["status"].name[0]), issue.content["number"])),
        (
            "assignee, key DESC",
            lambda issue: ((issue.content["assignee"] or Late()).identifier, -issue.content["number"]),
        ),
    ],
)
def test_order(order: str, key: Any) -> None:
    jira = _site()
    page = jira.searcher.offset_page(jira.users["mei"], f"project = PAY ORDER BY {order}", 0, 1000)
    assert [issue_id for issue_id, _ in page.issues] == [issue.id for issue in sorted(jira.issues.values(), key=key)]


class Late:
    """Stands for nobody, who sorts last."""

    identifier = "\uffff"


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("nothing = 1", "Field 'nothing' does not exist or you do not have permission to view it."),
        ("status = Gone", "The value 'Gone' does not exist for the field 'status'."),
        ("project = GONE", "The value 'GONE' does not exist for the field 'project'."),
        ("issuetype = Gone", "The value 'Gone' does not exist for the field 'issuetype'."),
        ("project ~ PAY", "The operator '~' is not supported by the 'project' field."),
        ("status > Done", "The operator '>' is not supported by the 'status' field."),
        ("summary = x", "The operator '=' is not supported by the 'summary' field."),
        ("updated > soon", "Date value 'soon' for field 'updated' is invalid."),
        ("assignee = whoever()", "Unable to find JQL function 'whoever()'."),
        ("key = PAY-999", "An issue with key 'PAY-999' does not exist for field 'key'."),
        ("project = PAY ORDER BY nothing", "Field 'nothing' does not exist"),
    ],
)
def test_what_means_nothing_here_is_refused_in_jiras_words(text: str, part: str) -> None:
    jira = _site()
    with pytest.raises(JiraError) as caught:
        jira.searcher.offset_page(jira.users["mei"], text, 0, 10)
    assert (caught.value.status, part in caught.value.messages[0]) == (400, True)


# --- dates -----------------------------------------------------------------------------------------------------------

minutes = st.integers(0, 60 * 24 * 365 * 8).map(
    lambda number: datetime(2022, 1, 1, tzinfo=UTC) + timedelta(minutes=number)
)


@given(minutes, st.sampled_from(ZONES))
@settings(max_examples=300)
def test_a_bare_date_time_stands_in_the_zone_of_the_account(moment: datetime, zone: str) -> None:
    local = moment.astimezone(ZoneInfo(zone))
    found = syntax.instant("updated", Word(f"{local:%Y-%m-%d %H:%M}", True), ZoneInfo(zone), NOW)
    # In the hour a clock change repeats, the text cannot say which of both is meant: the earlier is.
    assert found == local.replace(fold=0).astimezone(UTC)


@pytest.mark.parametrize(
    ("zone", "text", "expected"),
    [
        ("Asia/Shanghai", "2026-11-23 14:00", datetime(2026, 11, 23, 6, 0, tzinfo=UTC)),
        ("Europe/Berlin", "2026/10/25 02:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ("Europe/Berlin", "2026-03-29 02:30", datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
        ("America/New_York", "2026-11-01 01:30", datetime(2026, 11, 1, 5, 30, tzinfo=UTC)),
        ("America/New_York", "2026-11-23", datetime(2026, 11, 23, 5, 0, tzinfo=UTC)),
        ("UTC", "-2w 3d", NOW - timedelta(days=17)),
        ("UTC", "-90m", NOW - timedelta(minutes=90)),
        ("UTC", "4h", NOW + timedelta(hours=4)),
        ("UTC", "-1M", datetime(2026, 10, 23, 6, 0, tzinfo=UTC)),
    ],
)
def test_written_dates(zone: str, text: str, expected: datetime) -> None:
    assert syntax.instant("updated", Word(text, True), ZoneInfo(zone), NOW) == expected


@pytest.mark.parametrize(
    ("zone", "call", "expected"),
    [
        ("UTC", Call("now"), NOW),
        ("Asia/Shanghai", Call("startOfDay"), datetime(2026, 11, 22, 16, 0, tzinfo=UTC)),
        ("Asia/Shanghai", Call("startOfDay", ("-1",)), datetime(2026, 11, 21, 16, 0, tzinfo=UTC)),
        ("UTC", Call("endOfDay", ("1d",)), datetime(2026, 11, 24, 23, 59, 59, 999000, tzinfo=UTC)),
        ("UTC", Call("startOfWeek"), datetime(2026, 11, 22, tzinfo=UTC)),
        ("UTC", Call("endOfMonth"), datetime(2026, 11, 30, 23, 59, 59, 999000, tzinfo=UTC)),
        # Berlin changed its clocks on 25 October: that day's start is 29 days before the 23rd of November, an hour off.
        ("Europe/Berlin", Call("startOfDay", ("-29d",)), datetime(2026, 10, 24, 22, 0, tzinfo=UTC)),
    ],
)
def test_date_functions(zone: str, call: Call, expected: datetime) -> None:
    assert syntax.instant("updated", call, ZoneInfo(zone), NOW) == expected


@given(st.integers(0, 4_000_000_000_000), st.sampled_from(ZONES), st.booleans())
def test_an_integer_is_epoch_milliseconds_whatever_the_zone(number: int, zone: str, quoted: bool) -> None:
    if quoted and number < 100_000:
        return
    found = syntax.instant("updated", Word(str(number), quoted), ZoneInfo(zone), NOW)
    assert found == datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=number)
