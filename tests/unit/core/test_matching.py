"""Which items of both sides are one: what names, what looks alike, and what only seems to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from syncer.contract.model import Audience, Facts, Field, Kind, Observed, Ref, Value, Version
from syncer.core.likeness import Reading, tokens
from syncer.core.matching import Material, Proposal, mirrored_comments, propose
from syncer.core.mirror_tools import TOOLS, without_head
from syncer.core.references import ReferenceBook, ReferencePlace, exposed, strongest
from syncer.richtext.plain import PlainMarkup

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
TEXT = "Since Monday the refund of order 4711 hangs, and the ledger says ERR-8812 in src/ledger/queue.py."
OTHER = "The export of invoices for Nordwind leaves out page 17 when the printer queue restarts at night."
PAGE = "https://acme.example/browse/PAY-7"
ISSUE = "https://code.example/acme/pay/issues/12"


def item(
    key: str, title: str, *, url: str = "", labels: Sequence[str] = (), hours: float = 0,
    facts: Facts | None = None,
) -> Observed:  # fmt: skip
    at = NOON + timedelta(hours=hours)
    showing: dict[Field, Value] = {Field.TITLE: title, Field.LABELS: tuple(labels)}
    return Observed(
        Ref(Kind.TASK, key), key, url or f"https://t.example/{key}", Version("1"), at, at, showing, Audience.MEMBERS,
        facts=facts or Facts(),
    )  # fmt: skip


def reading(
    key: str, title: str, text: str = "", *, author: str = "", comments: Sequence[str] = (), **more: Any
) -> Reading:
    made = item(key, title, **more)
    said = tuple(item(f"{key}.{number}", "") for number, _ in enumerate(comments))
    texts = tuple("\n".join(exposed(PlainMarkup().read(each))) for each in comments)
    return Reading(made, exposed(PlainMarkup().read(text)), author, said, texts)


def places(
    text: str, *, title: str = "Refund hangs", book: ReferenceBook | None = None, **more: Any
) -> list[ReferencePlace]:
    """How an item with this text names `PAY-7`."""
    known = book or ReferenceBook([item("PAY-7", "Refund", url=PAGE), item("PAY-8", "Other")])
    read = reading("acme/pay#1", title, text, **more)
    return [one.place for one in strongest(known.of(read.item, read.lines, ())).values() if one.key == "PAY-7"]


@pytest.mark.parametrize(
    ("text", "tool"),
    [
        (f"_Issue [PAY-7]({PAGE}) was created on JIRA by [Mia](https://acme.example/u/1):_\n\nWords.", "jirahub"),
        (f"Words.\n\nUpstream URL: {PAGE}", "Sync2Jira"),
        (f"Words.\n\n┆Issue is synchronized with this [Jira Task]({PAGE}) by [Unito](https://www.unito.io)", "Unito"),
        (f"Words.\n\n┆Issue is synchronized with this [Jira Task]({PAGE})\n┆Issue Number: PAY-7", "Unito"),
        (f"Remote issue: {PAGE}", "Exalate"),
        ("Synced from PAY-7 on the other side of the company", "sync-jira-actions"),
    ],
)
def test_what_tools_write_is_known_by_name(text: str, tool: str) -> None:
    book = ReferenceBook([item("PAY-7", "Refund", url=PAGE)])
    read = reading("acme/pay#1", "Refund hangs", text)
    (found,) = strongest(book.of(read.item, read.lines, ())).values()
    assert (found.place, found.tool, found.key) == (ReferencePlace.TOOL, tool, "PAY-7")
    assert tool in found.reason


def test_every_tool_says_where_its_words_were_read() -> None:
    assert all(tool.source for tool in TOOLS)
    assert len({tool.name for tool in TOOLS}) == len(TOOLS)


@pytest.mark.parametrize(
    "title",
    [
        "[PAY-7] Refund hangs", "PAY-7: Refund hangs", "Refund hangs (PAY-7)", "Refund hangs before noon (PAY-7)",
        "PAY-7 – Refund",
    ],
)  # fmt: skip
def test_a_key_set_off_from_a_title_says_this_is_it(title: str) -> None:
    assert places("", title=title) == [ReferencePlace.TITLE]


@pytest.mark.parametrize(
    "title",
    ["Follow-up of PAY-7", "Refund hangs (blocked by PAY-7)", "PAY-7 follow-up: clean the queue", "Revert PAY-7"],
)
def test_a_title_that_speaks_of_another_item_does_not(title: str) -> None:
    assert places("", title=title) == [ReferencePlace.TEXT]


def test_a_line_that_is_there_for_the_key_weighs_more_than_one_that_mentions_it() -> None:
    assert places("Tracked as PAY-7.\n\nWords.") == [ReferencePlace.OWN_LINE]
    assert places(PAGE) == [ReferencePlace.OWN_LINE]
    assert places("The queue that PAY-7 speaks of is full again since yesterday.") == [ReferencePlace.TEXT]
    assert places("Blocked by PAY-7") == [ReferencePlace.TEXT]
    assert places("See PAY-7 and PAY-8.") == [ReferencePlace.TEXT]
    assert places("PAY-77 and XPAY-7 are others") == []


def test_labels_fields_and_links_name_it() -> None:
    assert places("", labels=["PAY-7"]) == [ReferencePlace.LABEL]
    assert places("", facts=Facts(references=(PAGE,))) == [ReferencePlace.FIELD]
    book = ReferenceBook(
        [item("PAY-7", "Refund", url=PAGE), item("PAY-8", "Other", url="https://acme.example/browse/PAY-8")]
    )
    read = reading("acme/pay#1", "x")
    assert [one.place for one in book.of(read.item, (), [f"{PAGE}?focusedId=3#comment"])] == [ReferencePlace.LINK]
    several = [PAGE, "https://acme.example/browse/PAY-8"]
    assert {one.place for one in book.of(read.item, (), several)} == {ReferencePlace.TEXT}


def test_patterns_of_the_pair_name_it() -> None:
    known = [item("PAY-7", "Refund", url=PAGE), item("acme/pay#12", "x")]
    book = ReferenceBook(known, [re.compile(r"Ticket no\. (\d+|PAY-\d+)", re.IGNORECASE)])
    assert places("ticket no. PAY-7 of the desk, which Mia opened last week", book=book) == [ReferencePlace.PATTERN]
    assert book.at("12") is not None, "a number alone stands for #12"


def pairs(left: Sequence[Reading], right: Sequence[Reading]) -> list[Proposal]:
    return propose(Material(left, {}), Material(right, {}))


def test_equal_titles_and_texts_made_together_are_one_and_titles_alone_are_not() -> None:
    twins = pairs(
        [reading("PAY-1", "Refund hangs", TEXT, author="Mia")], [reading("a#1", "Refund hangs", TEXT, author="Mia")]
    )
    assert [one.sure for one in twins] == [True]
    assert {"equal titles", "equal texts", "both by Mia"} <= set(twins[0].reasons)
    alone = pairs(
        [reading("PAY-1", "Refund hangs for Visa", author="Mia")],
        [reading("a#1", "Refund hangs for Visa", author="Mia")],
    )
    assert not any(one.sure for one in alone)


def test_a_misleading_title_does_not_win_over_the_true_partner_whose_title_changed() -> None:
    left = [reading("PAY-1", "Refund hangs for Visa cards", TEXT)]
    decoy = reading("a#1", "Refund hangs for Visa cards", OTHER, hours=3_000)
    true = reading("a#2", "Refunds are stuck", f"{TEXT}\n\nThis is PAY-1.", hours=1)
    (found,) = [one for one in pairs(left, [decoy, true]) if one.sure]
    assert found.right.key == "a#2"


def test_two_that_fit_equally_well_are_left_to_a_person() -> None:
    left = [reading("PAY-1", "Refund hangs", TEXT)]
    copies = [reading(f"a#{number}", "[PAY-1] Refund hangs", TEXT) for number in (1, 2)]
    found = pairs(left, copies)
    assert len(found) <= 1
    assert not any(one.sure for one in found)


def test_titles_that_differ_in_a_number_are_two() -> None:
    left = [
        reading(f"PAY-{number}", f"Publish release 1.{number} of the client", "Tag, build, announce.")
        for number in range(2, 5)
    ]
    right = [
        reading(f"a#{number}", f"Publish release 1.{number} of the client", "Tag, build, announce.")
        for number in range(5, 9)
    ]
    assert pairs(left, right) == []


def test_a_blocker_that_is_mentioned_is_no_partner() -> None:
    left = [reading("PAY-1", "Refund hangs", TEXT)]
    right = [reading("a#1", "Export for Nordwind is short", f"{OTHER}\n\nWe wait until PAY-1 is done.", hours=4)]
    assert not any(one.sure for one in pairs(left, right))


def test_unrelated_trackers_have_nothing_in_common() -> None:
    left = [
        reading(f"PAY-{n}", f"Refund {n} of shop {n * 7} hangs", f"Order {n * 991} of shop {n * 7}.") for n in range(60)
    ]
    right = [
        reading(f"a#{n}", f"Docs page {n} lacks chapter {n * 3}", f"Chapter {n * 3} of guide {n}.") for n in range(60)
    ]
    assert not any(one.sure for one in pairs(left, right))


def test_han_text_is_compared_too() -> None:
    text = "周一以来订单四千七百一十一的退款一直超时，账本日志报告错误代码并且队列没有恢复。"
    twins = pairs([reading("PAY-1", "退款一直超时", text)], [reading("a#1", "退款一直超时", text)])
    assert [one.sure for one in twins] == [True]
    assert tokens("退款超时 ERR-1") == ("退款", "款超", "超时", "err-1")


@pytest.mark.parametrize(
    "head",
    [
        "_Comment by [Mia Braun](https://acme.example/u) on [JIRA](https://acme.example/c):_\n\n",
        "[8] Upstream, Mia Braun wrote [Tue Mar 03]:\n\n",
        "➤ Mia Braun commented:\n\n",
        "Mia Braun wrote:\n",
        "",
    ],
)
def test_a_comment_is_the_same_whatever_a_tool_wrote_above_it(head: str) -> None:
    words = "Reproduced on staging with order 4711 and the card of Nordwind."
    assert without_head(head + words) == words
    left, right = (
        reading("PAY-1", "x", comments=[words, "Thanks"]),
        reading("a#1", "x", comments=["No idea", head + words]),
    )
    assert [(one.key, other.key) for one, other in mirrored_comments(left, right)] == [("PAY-1.0", "a#1.1")]


def test_a_comment_has_one_mirror_at_most() -> None:
    left, right = reading("PAY-1", "x", comments=["Done now"]), reading("a#1", "x", comments=["Done now", "Done now"])
    assert len(mirrored_comments(left, right)) == 1


def test_an_id_that_a_tool_gave_both_sides_joins_them() -> None:
    shared = Facts(references=("git-bug: 1a2b3c4d5e6f",))
    left, right = reading("PAY-1", "Refund", facts=shared), reading("a#1", "Different words", facts=shared)
    (found,) = pairs([left], [right])
    assert (found.sure, found.reasons[0]) == (True, "both have one id of git-bug")
