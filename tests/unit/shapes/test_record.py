"""A record holds shapes and nothing else, whatever a tracker answers; and only a record is read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncer.contract.recording import Exchange, Product
from syncer.shapes.named import HEADERS, documents
from syncer.shapes.record import PRODUCTS, Recording, read_record
from syncer.shapes.shape import NotAShape

CANARY = "kanarienvogel"
NUMBER = 918273645
WRITER = "syncer 9.8.7"

FIXED = {
    *("format", "written-by", "trackers", "kind", "product", "version", "interface", "headers", "answers", "refusals"),
    *("syncer shapes 1", WRITER, "github", "jira", "", "<one of>", "none", "<operation 1>", "<header 1>"),
    *PRODUCTS,
    *HEADERS,
}
WORD = re.compile(
    r"null|boolean|number|empty text|text to (255|32767|65536)|longer text|empty list|deeper|no body|no JSON"
)
OPERATIONS = {operation for document in documents().values() for operation in document.operations}
NAMED = {
    key for document in documents().values() for position in document.errors.table for key in position if key != "*"
} | {
    key
    for document in documents().values()
    for start in document.operations.values()
    for position in start.table
    for key in position
    if key != "*"
}


def strings(value: Any) -> Iterator[str]:
    """Every key and every text of a JSON value; a number or a truth value has no place in a record."""
    match value:
        case dict():
            for key, part in value.items():
                yield key
                yield from strings(part)
        case list():
            for part in value:
                yield from strings(part)
        case str():
            yield value
        case _:
            raise AssertionError(value)


def is_told(word: str) -> bool:
    """Whether a word may stand in a record."""
    key = word.removesuffix("?")
    return (
        word in FIXED | OPERATIONS
        or key in NAMED
        or re.fullmatch(r"<key [1-6]>", key) is not None
        or re.fullmatch(r"[1-5]\d\d|\d{1,4}\.\d{1,4}|20\d\d-[01]\d-[0-3]\d", word) is not None
        or all(map(WORD.fullmatch, word.split(", ")))
    )


def heard(verb: str, path: str, value: Any, status: int | None = 200, **headers: str) -> Exchange:
    """An exchange with a tracker that answers with JSON."""
    named = {name.replace("_", "-"): content for name, content in headers.items() if content}
    return Exchange(verb, path, "", b"", status, named, json.dumps(value).encode())


def recorded(kind: str, *exchanges: Exchange, product: Product | None = None) -> str:
    recording = Recording(WRITER)
    listener = recording.listener("trackers.acme", kind)
    assert listener is not None
    for exchange in exchanges:
        listener(exchange)
    recording.introduce("trackers.acme", product)
    return recording.text()


def answers(kind: str, *exchanges: Exchange) -> Any:
    [tracker] = json.loads(recorded(kind, *exchanges))["trackers"]
    return tracker["answers"]


words = st.sampled_from([CANARY, f"{CANARY}@acme.example", f"https://{CANARY}.example/x", CANARY * 2000, ""])
keys = st.one_of(words, st.sampled_from(sorted(NAMED)))
values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.just(NUMBER), st.just(float(NUMBER)), words),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(keys, inner, max_size=6)),
    max_leaves=30,
)
exchanges = st.builds(
    Exchange,
    verb=st.sampled_from(["GET", "POST", CANARY]),
    path=st.one_of(
        st.sampled_from(sorted(OPERATIONS)).map(lambda each: each.partition(" ")[2].replace("{}", CANARY)),
        st.just(f"/{CANARY}/{CANARY}"),
        st.just(""),
    ),
    query=st.sampled_from(["", f"fields={CANARY}", f"{CANARY}={CANARY}"]),
    sent=st.sampled_from([b"", f'{{"fields": ["{CANARY}"]}}'.encode(), CANARY.encode(), b"[" * 5_000]),
    status=st.sampled_from([None, 200, 201, 302, 401, 403, 404, 429, 500]),
    headers=st.dictionaries(st.one_of(words, st.sampled_from(sorted(HEADERS))), words, max_size=4),
    body=st.one_of(values.map(lambda value: json.dumps(value).encode()), st.just(CANARY.encode()), st.just(b"")),
)
products = st.builds(Product, st.one_of(words, st.sampled_from(PRODUCTS)), words, words)


@given(st.sampled_from(["jira", "github"]), st.lists(exchanges, min_size=1, max_size=6), products)
def test_whatever_is_answered_no_word_of_it_is_recorded(kind: str, told: list[Exchange], product: Product) -> None:
    text = recorded(kind, *told, product=product)
    assert CANARY not in text.casefold()
    assert str(NUMBER) not in text
    assert [word for word in strings(json.loads(text)) if not is_told(word)] == []


@given(st.sampled_from(["jira", "github"]), st.lists(exchanges, min_size=1, max_size=6))
def test_how_often_something_is_answered_makes_no_difference(kind: str, told: list[Exchange]) -> None:
    assert recorded(kind, *told) == recorded(kind, *told, *told) == recorded(kind, *reversed(told))


@given(st.integers(min_value=1, max_value=300), st.integers(min_value=1, max_value=300))
def test_how_many_people_there_are_makes_no_difference(few: int, many: int) -> None:
    def of(people: int) -> str:
        listed = [{"login": f"person-{number}", "id": number, "type": "User"} for number in range(people)]
        roles = {f"role {number}": f"https://acme.example/{number}" for number in range(people)}
        return recorded(
            "github",
            heard("GET", "/repos/acme/pay/assignees", listed, 200, link="<next>" if people > 100 else ""),
            heard("GET", "/repos/acme/pay/labels", [], link="<next>"),
            heard("GET", "/repos/acme/pay", {"custom_properties": roles}),
        )

    assert of(few) == of(many)


def test_keys_types_absences_and_classes_of_length_are_recorded() -> None:
    path = "/repos/acme/pay/issues"
    told = answers(
        "github",
        heard("GET", path, [{"title": "A", "body": "", "assignees": [], "labels": [{"name": "bug"}], "locked": True}]),
        heard("GET", path, [{"title": "B" * 256, "body": None, "assignees": [], "labels": [], "number": 7}]),
    )
    assert told == {
        "GET /repos/{}/{}/issues": {
            "200": [
                {
                    "assignees": "empty list",
                    "body": "null, empty text",
                    "labels": {"<one of>": ["empty list", [{"name": "text to 255"}]]},
                    "locked?": "boolean",
                    "number?": "number",
                    "title": "text to 255, text to 32767",
                }
            ]
        }
    }


def test_keys_that_no_document_names_are_told_apart_by_their_type_alone() -> None:
    fields = {"customfield_1": "a", "customfield_2": "b", "customfield_3": None, "customfield_4": {"value": "x"}}
    told = answers("jira", heard("GET", "/rest/api/3/issue/PAY-1", {"fields": {"summary": "x", **fields}}))
    assert told["GET /rest/api/3/issue/{}"]["200"]["fields"] == {
        "summary": "text to 255",
        "<key 1>": "null",
        "<key 2>": "text to 255",
        "<key 3>": {"<key 1>": "text to 255"},
    }


def test_a_key_is_named_where_the_document_names_it_and_nowhere_else() -> None:
    told = answers("jira", heard("GET", "/rest/api/3/project/PAY/role", {"owner": "https://x", "name": "https://y"}))
    assert told["GET /rest/api/3/project/{}/role"]["200"] == {"<key 1>": "text to 255"}


def test_a_field_that_was_not_asked_for_is_not_missing() -> None:
    def search(fields: list[str], *issues: dict[str, Any]) -> Exchange:
        sent = json.dumps({"fields": fields}).encode()
        body = json.dumps({"issues": [{"fields": issue} for issue in issues]}).encode()
        return Exchange("POST", "/rest/api/2/search", "", sent, 200, {}, body)

    told = answers(
        "jira",
        search(["summary", "security"], {"summary": "A", "security": {"name": "x"}}, {"summary": "B"}),
        search(["labels"], {"labels": []}),
    )
    assert told["POST /rest/api/2/search"]["200"] == {
        "issues": [{"fields": {"labels": "empty list", "security?": {"name": "text to 255"}, "summary": "text to 255"}}]
    }


def test_failures_are_answers_too() -> None:
    told = answers(
        "github",
        heard("GET", "/repos/acme/pay", {"message": "Not Found", "status": "404"}, 404),
        Exchange("GET", "/repos/acme/pay", "", b"", 502, {}, b"<html>proxy.acme.example</html>"),
        Exchange("GET", "/repos/acme/pay", "", b"", None, {}, b""),
    )
    assert told["GET /repos/{}/{}"] == {
        "404": {"message": "text to 255", "status": "text to 255"},
        "502": "no JSON",
        "none": "no body",
    }


def test_of_a_version_the_patch_is_left_out() -> None:
    text = recorded("jira", heard("GET", "/rest/api/2/myself", {}), product=Product(PRODUCTS[-1], "9.12.14"))
    [tracker] = json.loads(text)["trackers"]
    assert (tracker["product"], tracker["version"]) == ("Jira Data Center or Server", "9.12")
    assert "9.12.14" not in text


def test_a_tracker_of_another_kind_is_not_listened_to() -> None:
    assert Recording(WRITER).listener("trackers.acme", "memory") is None


@given(st.sampled_from(["jira", "github"]), st.lists(exchanges, min_size=1, max_size=6))
def test_a_record_is_read_as_it_was_written(kind: str, told: list[Exchange]) -> None:
    text = recorded(kind, *told)
    [tracker] = read_record(text)
    [raw] = json.loads(text)["trackers"]
    tracker.headers["answers"], tracker.headers["refusals"] = set(), set()
    assert tracker.written()["answers"] == raw["answers"]


GOOD = json.loads(recorded("github", heard("GET", "/repos/acme/pay", {"id": 1, "owner": {"login": "acme"}})))


@pytest.mark.parametrize(
    ("at", "value"),
    [
        (("format",), "syncer shapes 2"),
        (("written-by",), CANARY),
        (("more",), CANARY),
        (("trackers",), CANARY),
        (("trackers", 0, "kind"), CANARY),
        (("trackers", 0, "kind"), []),
        (("trackers", 0, "product"), CANARY),
        (("trackers", 0, "version"), CANARY),
        (("trackers", 0, "version"), 12),
        (("trackers", 0, "interface"), CANARY),
        (("trackers", 0, "more"), CANARY),
        (("trackers", 0, "headers", "answers"), [CANARY]),
        (("trackers", 0, "headers", "answers"), [7]),
        (("trackers", 0, "headers", CANARY), []),
        (("trackers", 0, "answers"), []),
        (("trackers", 0, "answers", f"GET /{CANARY}"), {}),
        (("trackers", 0, "answers", "GET /repos/{}/{}", CANARY), {}),
        (("trackers", 0, "answers", "GET /repos/{}/{}", "200"), CANARY),
        (("trackers", 0, "answers", "GET /repos/{}/{}", "200"), NUMBER),
        (("trackers", 0, "answers", "GET /repos/{}/{}", "200"), ["null", "null"]),
        (("trackers", 0, "answers", "GET /repos/{}/{}", "200"), {"<one of>": []}),
        (("trackers", 0, "answers", "GET /repos/{}/{}", "200"), {"<one of>": CANARY}),
        (("trackers", 0, "answers", "GET /repos/{}/{}", "200", CANARY), "null"),
        (("trackers", 0, "answers", "GET /repos/{}/{}", "200", "owner", "full_name"), "null"),
        (("trackers", 0, "answers", "GET /repos/{}/{}", "200", "<key 7>"), "null"),
        (("trackers", 0, "answers", "GET /repos/{}/{}", "200", "*"), "null"),
    ],
)
def test_what_holds_anything_else_is_no_record(at: tuple[str | int, ...], value: Any) -> None:
    read_record(json.dumps(GOOD))
    spoilt = json.loads(json.dumps(GOOD))
    place = spoilt
    for step in at[:-1]:
        place = place[step]
    place[at[-1]] = value
    with pytest.raises(NotAShape) as error:
        read_record(json.dumps(spoilt))
    assert CANARY not in str(error.value)


@pytest.mark.parametrize("text", ["", CANARY, "[]", "[" * 5_000, "1"])
def test_what_is_no_json_object_is_no_record(text: str) -> None:
    with pytest.raises(NotAShape):
        read_record(text)
