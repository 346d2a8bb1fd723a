"""How both sides of a pair refer to one file: what is carried is what is read back, whatever stands around it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.github.markdown import GitHubMarkdown
from connectors.jira.adf import AdfMarkup
from connectors.jira.file_pages import file_at
from connectors.jira.wiki import WikiMarkup
from syncer.contract.model import Audience, Facts, Kind, Observed, Ref, Side, Version
from syncer.core.files import MOST_FILES, FileKeeper, KnownFiles
from syncer.core.records import CarriedFile, FileState
from syncer.richtext import Document, Paragraph, Run, RunKind, digest, map_runs, normalise, runs_of, same
from syncer.richtext.markup import Markup

TASK = Ref(Kind.TASK, "10006")
NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
SITE = "https://acme.atlassian.net"
UUID = "3f0c1a2b-0000-4111-8222-abcdefabcdef"
A = f"https://github.com/user-attachments/assets/{UUID}"
B = "https://github.com/user-attachments/files/7/plan.pdf"
C = "https://github.com/acme/pay/assets/1/" + UUID
MEDIA = "media:0d9f5cf7-51a5-4a3a-9a01-6d5f0f0b1b5e"
GITHUB = GitHubMarkdown("https://github.com", "acme/pay")
JIRAS: dict[str, Markup] = {"adf": AdfMarkup(SITE, "PAY"), "wiki": WikiMarkup(SITE, "PAY")}


def task(side: Side, *files: tuple[str, str]) -> Observed:
    url = f"{SITE}/browse/PAY-7" if side is Side.LEFT else "https://github.com/acme/pay/issues/12"
    return Observed(
        Ref(Kind.TASK, "10006"), "PAY-7", url, Version("1"), NOW, NOW, {}, Audience.MEMBERS, facts=Facts(files=files)
    )


def kept(address: str, name: str, markup: str, content: str = "") -> CarriedFile:
    page = f"{SITE}/secure/attachment/10/{name}"
    target = MEDIA if markup == "adf" and name.endswith("png") else page if markup == "adf" else name
    task_ref = Ref(Kind.TASK, "10006")
    return CarriedFile(
        "pay", Side.LEFT, task_ref, address, FileState.KEPT, NOW, content or name, "10", name, page, target
    )


def files(markup: str, *rows: CarriedFile, audience: Audience = Audience.MEMBERS) -> KnownFiles:
    def stable(address: str) -> str:
        return address.partition("?")[0] if address.startswith("https://github.com/") else ""

    rows = rows or (kept(A, "receipt-ab.png", markup), kept(B, "plan-cd.pdf", markup))
    return KnownFiles(lambda: rows, {Side.LEFT: FileKeeper("PAY in Jira", audience, file_at)}, {Side.RIGHT: stable})


def meaning(known: KnownFiles, side: Side, document: Document) -> str:
    return digest(map_runs(document, lambda run: known.meaning(side, run, TASK if side is Side.LEFT else None)))


def both(*attached: tuple[str, str]) -> dict[Side, Observed | None]:
    return {Side.LEFT: task(Side.LEFT, *attached), Side.RIGHT: task(Side.RIGHT)}


TEXTS = {
    "a picture of its own": f"Look\n\n![the receipt]({A})\n\nWell",
    "a picture with an old signature": f"![the receipt]({A}?jwt=a.b)",
    "a picture that links to itself": f"[![x]({A})]({A})",
    "a file": f"Read [the plan]({B}) today",
    "a bare address": f"{B}",
    "a picture in a list": f"- one\n- ![x]({A})",
    "a picture that is nobody's": "![x](https://elsewhere.example/a.png)",
}


@pytest.mark.parametrize("markup", JIRAS)
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_what_jira_shows_means_the_original_and_leads_back_to_it(markup: str, text: str) -> None:
    known, jira, there = files(markup), JIRAS[markup], both()
    original = GITHUB.read(text)
    written = jira.write(known.exchange(Side.LEFT, original, there)).source
    assert A not in written
    assert B not in written
    shown = jira.read(written)
    assert meaning(known, Side.LEFT, shown) == meaning(known, Side.RIGHT, original)
    back = known.exchange(Side.RIGHT, shown, there)
    assert GITHUB.patch(text, back).source == text
    assert known.refreshed(Side.LEFT, shown, there[Side.LEFT]) is None


@pytest.mark.parametrize("markup", JIRAS)
def test_a_picture_inside_a_sentence_comes_back_as_a_picture(markup: str) -> None:
    known, jira = files(markup), JIRAS[markup]
    original = GITHUB.read(f"See ![the receipt]({A}) here")
    written = jira.write(known.exchange(Side.LEFT, original, both())).source
    assert A not in written
    assert same(known.exchange(Side.RIGHT, jira.read(written), both()), original)


@pytest.mark.parametrize("markup", JIRAS)
def test_a_text_that_shows_original_addresses_is_refreshed_once(markup: str) -> None:
    known, jira = files(markup), JIRAS[markup]
    before = jira.read(jira.write(GITHUB.read(f"![x]({A})\n\nRead [the plan]({B})")).source)
    after = known.refreshed(Side.LEFT, before, task(Side.LEFT))
    assert after is not None
    assert meaning(known, Side.LEFT, after) == meaning(known, Side.LEFT, before)
    assert known.refreshed(Side.LEFT, jira.read(jira.write(after).source), task(Side.LEFT)) is None
    assert known.refreshed(Side.RIGHT, before, task(Side.RIGHT)) is None
    assert known.refreshed(Side.LEFT, before, None) is None


def test_a_file_of_another_task_is_not_shown() -> None:
    known = files("wiki", replace(kept(A, "receipt-ab.png", "wiki"), task=Ref(Kind.TASK, "10007")))
    document = GITHUB.read(f"![x]({A})")
    assert known.exchange(Side.LEFT, document, both()) == normalise(document)


def test_two_addresses_of_one_content_mean_the_same() -> None:
    known = files("wiki", kept(A, "receipt-ab.png", "wiki"), kept(C, "receipt-ab.png", "wiki"))
    one, two, shown = (
        meaning(known, side, Document((Paragraph((Run("x", RunKind.IMAGE, target=target),)),)))
        for side, target in ((Side.RIGHT, A), (Side.RIGHT, C), (Side.LEFT, "receipt-ab.png"))
    )
    assert one == two == shown


OWN = {
    "wiki": "Look\n\n!shot 1.png|width=300!\n\nsee !shot 1.png! and [^spec.pdf]",
    "adf": (
        '{"version":1,"type":"doc","content":[{"type":"mediaSingle","attrs":{"layout":"center"},"content":['
        '{"type":"media","attrs":{"type":"file","id":"11111111-51a5-4a3a-9a01-6d5f0f0b1b5e","collection":"",'
        '"alt":"shot 1.png"}}]}]}'
    ),
}


@pytest.mark.parametrize("markup", JIRAS)
@pytest.mark.parametrize("attached", [(), (("shot 1.png", f"{SITE}/secure/attachment/9/shot%201.png"),)])
@pytest.mark.parametrize("audience", Audience)
def test_what_only_jira_has_is_a_link_that_leads_back(
    markup: str, attached: tuple[tuple[str, str], ...], audience: Audience
) -> None:
    known, there = files(markup, audience=audience), both(*attached)
    native = JIRAS[markup].read(OWN[markup])
    written = GITHUB.write(known.exchange(Side.RIGHT, native, there)).source
    assert "![" not in written
    assert "PAY in Jira](" in written
    shown = GITHUB.read(written)
    assert meaning(known, Side.RIGHT, shown) == meaning(known, Side.LEFT, native)
    back = known.exchange(Side.LEFT, shown, there)
    assert JIRAS[markup].patch(OWN[markup], native).source == OWN[markup]
    targets = {run.target for run in runs_of(native.blocks) if run.kind is RunKind.IMAGE}
    assert {run.target for run in runs_of(back.blocks) if run.kind is RunKind.IMAGE} == targets
    # Who can open it may change later: the link stays one.
    later = files(markup, audience=Audience.PUBLIC)
    assert meaning(later, Side.RIGHT, shown) == meaning(later, Side.LEFT, native)


@given(st.text(max_size=40), st.text(max_size=40))
def test_no_other_link_is_taken_for_one(text: str, address: str) -> None:
    run = Run(text, link=f"https://elsewhere.example/{address}")
    assert files("wiki").meaning(Side.RIGHT, run, None) == run


@pytest.mark.parametrize("markup", JIRAS)
@pytest.mark.parametrize(
    "address",
    [
        "https://elsewhere.example/a#b",
        "https://elsewhere.example/a",
        f"{SITE}/wiki/x#y",
        f"{SITE}/browse/PAY-9#shot.png",
    ],
)
def test_a_link_that_only_says_for_whom_it_is_stays_a_link(markup: str, address: str) -> None:
    known, there = files(markup), both(("shot.png", f"{SITE}/secure/attachment/9/shot.png"))
    text = f"See [the plan, for members of PAY in Jira]({address}) first"
    written = JIRAS[markup].write(known.exchange(Side.LEFT, GITHUB.read(text), there)).source
    assert address in written
    back = known.exchange(Side.RIGHT, JIRAS[markup].read(written), there)
    assert GITHUB.patch(text, back).source == text
    assert meaning(known, Side.LEFT, JIRAS[markup].read(written)) == meaning(known, Side.RIGHT, GITHUB.read(text))


def test_what_is_wanted_is_each_stable_address_once() -> None:
    document = GITHUB.read(f"![x]({A}) [y]({A}?jwt=1) [z]({B}) ![w](https://elsewhere.example/a.png) ![v](a.png)")
    assert list(files("wiki").wanted(Side.LEFT, document)) == [A, B]
    assert list(files("wiki").wanted(Side.RIGHT, document)) == []
    assert list(KnownFiles().wanted(Side.LEFT, document)) == []


def test_what_is_missing_is_tried_when_its_time_has_come() -> None:
    waiting = replace(kept(C, "", "wiki"), state=FileState.WAITING, reason="503", retry_at=NOW)
    refused = replace(kept("https://github.com/r", "", "wiki"), state=FileState.REFUSED, reason="too large")
    known = files("wiki", kept(A, "receipt-ab.png", "wiki"), waiting, refused)
    wanted = [A, B, C, "https://github.com/r"]
    early = known.missing(Side.LEFT, task(Side.LEFT), wanted, NOW - timedelta(seconds=1))
    assert (early.addresses, early.waits) == ((B,), True)
    assert early.reasons == (f"{C} stays a link: 503", "https://github.com/r stays a link: too large")
    assert known.missing(Side.LEFT, task(Side.LEFT), wanted, NOW).addresses == (B, C)
    settled = known.missing(Side.LEFT, task(Side.LEFT), [A, "https://github.com/r"], NOW)
    assert (settled.addresses, settled.waits) == ((), False)
    many = [f"https://github.com/{number}" for number in range(100)]
    assert len(known.missing(Side.LEFT, task(Side.LEFT), many, NOW).addresses) == MOST_FILES
