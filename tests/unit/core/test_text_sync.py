"""Text between the two sides of a pair, in the markups of real trackers."""

from __future__ import annotations

import re

import pytest

from connectors.github.markdown import GitHubMarkdown
from connectors.jira.adf import AdfMarkup
from connectors.jira.wiki import WikiMarkup
from syncer.contract.model import Side
from syncer.core.origin import NO_ORIGINS
from syncer.core.rules import MappedPerson, PairRules
from syncer.core.text_sync import Edit, Prose
from syncer.richtext.markup import Markup

JIRA = "https://acme.atlassian.net"
PEOPLE = (MappedPerson("Li Wei", {Side.LEFT: "5b10", Side.RIGHT: "liwei"}),)


class Pages:
    """PAY-7 and acme/pay#12 are one task."""

    def partner_page(self, to: Side, url: str) -> tuple[str, str] | None:
        pages = {
            (Side.LEFT, "https://github.com/acme/pay/issues/12"): ("PAY-7", f"{JIRA}/browse/PAY-7"),
            (Side.RIGHT, f"{JIRA}/browse/PAY-7"): ("acme/pay#12", "https://github.com/acme/pay/issues/12"),
        }
        return pages.get((to, url))

    def profile(self, side: Side, account: str) -> str:
        return f"https://github.com/{account}" if side is Side.RIGHT else f"{JIRA}/jira/people/{account}"

    def known(self, side: Side, login: str) -> bool:
        return side is Side.RIGHT and login in {"octo", "acme/pay"}


def prose(left: Markup, **rules: object) -> Prose:
    markups = {Side.LEFT: left, Side.RIGHT: GitHubMarkdown("https://github.com", "acme/pay")}
    return Prose(PairRules("pay", people=PEOPLE, **rules), markups, Pages())  # type: ignore[arg-type]  # rules by name


def across(text: Prose, to: Side, now: str, base: str | None = None, shown: str | None = None) -> str:
    return text.carry(to, Edit(now, base, shown), NO_ORIGINS, "").source


@pytest.fixture(params=["wiki", "adf"])
def text(request: pytest.FixtureRequest) -> Prose:
    return prose(WikiMarkup(JIRA, "PAY") if request.param == "wiki" else AdfMarkup(JIRA, "PAY"))


def test_an_edit_of_the_poorer_side_leaves_what_only_the_richer_one_holds(text: Prose) -> None:
    written = "<!-- template -->\n> Said.\n> > And before.\n\nSecond *paragraph*.\n"
    there = across(text, Side.LEFT, written)
    edited = there.replace("Second", "Next")
    assert across(text, Side.RIGHT, edited, there, written) == written.replace("Second", "Next")


def test_a_reference_to_a_linked_task_becomes_its_partner_and_back(text: Prose) -> None:
    there = across(text, Side.LEFT, "See #12 first.")
    assert "PAY-7" in there
    assert "issues/12" not in there
    assert text.agree({Side.LEFT: there, Side.RIGHT: "See #12 first."}, NO_ORIGINS)
    assert across(text, Side.RIGHT, there).strip() == "See #12 first."


def test_a_mention_notifies_nobody_unless_the_pair_says_so(text: Prose) -> None:
    there = across(text, Side.LEFT, "Ask @liwei, @octo and @stranger.")
    assert "5b10" not in there
    assert text.same(Side.LEFT, there, there, NO_ORIGINS)
    shown = "Ask @liwei, @octo and @stranger."
    assert across(text, Side.RIGHT, there, there, shown) == shown


PROSE = "Use `@a` and @property, @media or @angular/core; ask @octo of @acme/pay, @liwei."


def test_only_people_whom_the_pair_knows_become_links(text: Prose) -> None:
    there = across(text, Side.LEFT, PROSE)
    assert "github.com/octo" in there
    assert "orgs/acme/teams/pay" in there
    assert "@property, @media or @angular/core; ask " in there
    assert not re.search("github.com/(?:property|media|orgs/angular)", there)


def test_a_word_that_names_nobody_stays_as_it_is_whatever_is_edited_beside_it(text: Prose) -> None:
    there = across(text, Side.LEFT, PROSE)
    assert text.agree({Side.LEFT: there, Side.RIGHT: PROSE}, NO_ORIGINS)
    edited = there.replace("Use ", "Take ")
    assert across(text, Side.RIGHT, edited, there, PROSE) == PROSE.replace("Use ", "Take ")


def test_a_name_typed_in_jira_calls_nobody_on_github(text: Prose) -> None:
    there = across(text, Side.LEFT, PROSE)
    edited = there.replace("Use ", "Ask @newcomer: ")
    assert across(text, Side.RIGHT, edited, there, PROSE) == PROSE.replace("Use ", "Ask @\u2060newcomer: ")


def test_a_mapped_person_is_mentioned_where_the_pair_says_so() -> None:
    written = across(prose(AdfMarkup(JIRA, "PAY"), mention_people=True), Side.RIGHT, ADF_MENTION)
    assert written.strip() == "Ask @liwei"
    assert "@liwei" not in across(prose(AdfMarkup(JIRA, "PAY")), Side.RIGHT, ADF_MENTION)


ADF_MENTION = (
    '{"version":1,"type":"doc","content":[{"type":"paragraph","content":[{"type":"text","text":"Ask "},'
    '{"type":"mention","attrs":{"id":"5b10","text":"@Li Wei"}}]}]}'
)


POORER = "> Said.\n> > And before.\n\nFirst.\n\nSecond.\n\n![a](https://x.example/a.png) beside\n\nThird.\n"


def merged(text: Prose, left: tuple[str, str], right: tuple[str, str]) -> str | None:
    """What GitHub shows after edits of both sides, each an exchange of words; None for a conflict."""
    there = across(text, Side.LEFT, POORER)
    assert left[0] in there
    now = {Side.LEFT: there.replace(*left), Side.RIGHT: POORER.replace(*right)}
    found = text.merge({Side.LEFT: there, Side.RIGHT: POORER}, now, NO_ORIGINS)
    if found is None:
        return None
    shown = {side: text.put(side, found[side], now[side], None, "").source for side in Side}
    assert right[1] in shown[Side.LEFT]
    assert left[1] in shown[Side.LEFT]
    return shown[Side.RIGHT]


def test_edits_of_both_sides_are_merged_though_one_shows_less(text: Prose) -> None:
    shown = merged(text, ("Second", "Jira's second"), ("Third", "GitHub's third"))
    assert shown == POORER.replace("Second", "Jira's second").replace("Third", "GitHub's third")


def test_edits_of_what_one_side_shows_less_of_are_a_conflict(text: Prose) -> None:
    assert merged(text, ("And before", "And after"), ("And before", "And never")) is None
    assert merged(text, ("Second", "Jira's second"), ("Second", "GitHub's second")) is None
