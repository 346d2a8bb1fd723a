"""Commands in comments: whose, when, once, and answered where they were said. Nothing else in a text is obeyed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from connectors.memory import MemoryConnector
from syncer.commands.sync import sentence
from syncer.contract.errors import Ambiguous, Retryable
from syncer.contract.model import Account, Audience, Field, Kind, Observed, Ref, Side
from syncer.core.commands import MOST_AN_HOUR, Outcome
from syncer.core.posts import is_post
from syncer.core.rules import Command, CommandRules, FieldRule, Policy
from syncer.sync import steering
from syncer.sync.commands import spoken
from syncer.sync.preview import preview_pair
from syncer.sync.steering import Spot
from tests.worlds import World

RULES = CommandRules(frozenset(Command), ("Li Wei",))


@pytest.fixture
def world(tmp_path: Path) -> World:
    """One task in step, and a pair that obeys Li Wei."""
    world = World(tmp_path)
    world.rules = replace(world.rules, commands=RULES)
    world.left.create("First", "The text.", by="li.wei")
    world.sync()
    return world


def task(world: World, side: Side = Side.LEFT) -> Observed:
    return next(item for item in world.tracker(side).items() if item.showing[Field.TITLE] == "First")


def say(world: World, words: str, side: Side = Side.LEFT, by: str = "", **how: Any) -> Ref:
    world.clock.tick()
    who = by or {Side.LEFT: "li.wei", Side.RIGHT: "liwei"}[side]
    return world.tracker(side).comment(task(world, side).ref, words, by=who, **how)


def comments(world: World, side: Side) -> list[str]:
    """What people and our mirrors say there."""
    listed = world.tracker(side).items(Kind.COMMENT)
    return [str(one.showing[Field.BODY]) for one in listed if not is_post(one.marker)]


def lines(world: World, side: Side) -> list[str]:
    """Our answers there."""
    return [str(one.showing[Field.BODY]) for one in world.tracker(side).items(Kind.COMMENT) if is_post(one.marker)]


def paused(world: World) -> list[str]:
    with world.context() as context:
        return [one.by for one in context.store.paused.listed(context.name)]


def outcomes(world: World) -> list[Outcome | None]:
    """What became of each comment that was taken for a command, oldest first."""
    with world.context() as context:
        found = [
            context.store.commands.of(context.name, side, one.ref)
            for side in Side
            for one in world.tracker(side).items(Kind.COMMENT)
        ]
    return [one.outcome for one in found if one is not None]


def quiet(world: World) -> None:
    """Five runs, one of them a complete reading, write nothing."""
    written = [len(world.tracker(side).writes) for side in Side]
    tallies = [world.sync(sweep=number == 2) for number in range(5)]
    assert [tally.writes for tally in tallies] == [0] * 5, tallies
    assert written == [len(world.tracker(side).writes) for side in Side]


@pytest.mark.parametrize("side", list(Side))
def test_a_task_is_paused_and_goes_on_by_comments_that_stay_where_they_are(world: World, side: Side) -> None:
    say(world, "/pause", side)
    world.sync()
    assert paused(world) == ["Li Wei, in a comment"]
    assert (comments(world, side), comments(world, side.other)) == (["/pause"], [])
    assert lines(world, side)[0].startswith(
        "syncer: paused: nothing of this item is carried until /resume (Li Wei, 2026-"
    )
    world.left.edit(task(world).ref, {Field.BODY: "Another text."}, by="mia.braun")
    quiet(world)
    say(world, "/恢复", side)
    world.sync()
    assert paused(world) == []
    assert len(lines(world, side)) == 1
    assert lines(world, side)[0].startswith("syncer：已恢复")
    assert str(task(world, Side.RIGHT).showing[Field.BODY]).startswith("Another text.")
    assert (comments(world, side), comments(world, side.other)) == (["/pause", "/恢复"], [])
    assert lines(world, side.other) == []
    quiet(world)


def test_what_else_a_comment_says_is_carried(world: World) -> None:
    say(world, "/retry\n\nthe client asked for it")
    world.sync()
    assert outcomes(world) == [Outcome.NOTHING_REFUSED]
    assert len(comments(world, Side.RIGHT)) == 1
    assert "the client asked for it" in comments(world, Side.RIGHT)[0]
    quiet(world)


def test_nobody_else_is_obeyed_and_a_stranger_is_not_even_answered(world: World) -> None:
    say(world, "/pause", by="mia.braun")
    say(world, "/pause", Side.RIGHT, by="a stranger")
    say(world, "please /pause")
    world.sync()
    assert (paused(world), outcomes(world), lines(world, Side.LEFT), lines(world, Side.RIGHT)) == ([], [], [], [])
    assert (len(comments(world, Side.LEFT)), len(comments(world, Side.RIGHT))) == (3, 3)
    quiet(world)  # our own mirrors of them are none either


def test_an_edit_counts_for_nothing(world: World) -> None:
    seen = say(world, "What do you think?")
    world.sync()
    world.left.edit(seen, {Field.BODY: "/pause"}, by="mia.braun")
    unseen = say(world, "Or this?")
    world.clock.tick()
    world.left.edit(unseen, {Field.BODY: "/pause"}, by="mia.braun")
    world.sync()
    world.sync(sweep=True)
    assert (paused(world), outcomes(world)) == ([], [])


def test_what_was_said_before_the_switch_counts_for_nothing(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.left.create("First", by="li.wei")
    world.sync()
    say(world, "/pause")
    world.rules = replace(world.rules, commands=RULES)
    world.sync(sweep=True)
    assert outcomes(world) == []
    world.rules = replace(world.rules, commands=CommandRules())
    say(world, "/pause")
    world.sync()
    say(world, "/pause")
    world.rules = replace(world.rules, commands=replace(RULES, who=("Li Wei", "Mia Braun")))
    world.sync(sweep=True)
    assert (paused(world), outcomes(world)) == ([], [])
    say(world, "/pause")
    world.sync()
    assert outcomes(world) == [Outcome.DONE]


def test_who_was_added_is_obeyed_only_from_then_on(world: World) -> None:
    say(world, "/pause", by="mia.braun")
    world.rules = replace(world.rules, commands=replace(RULES, who=("Li Wei", "Mia Braun")))
    world.sync()
    assert paused(world) == []


def test_a_comment_counts_once(world: World) -> None:
    said = say(world, "/pause")
    world.sync()
    with world.context() as context, context.store.lease(context.name, "by hand") as lease:
        assert steering.resume(Spot(context.store, context.name, Side.LEFT, task(world)), lease)
    world.left.edit(said, {Field.BODY: "/pause "}, by="li.wei")
    world.sync(sweep=True)
    world.left.edit(said, {Field.BODY: "/pause"}, by="li.wei")
    world.sync(sweep=True)
    assert paused(world) == []
    quiet(world)


def test_twenty_an_hour_are_looked_at(world: World) -> None:
    for _ in range(MOST_AN_HOUR + 5):
        say(world, "/resume")
    world.sync()
    assert outcomes(world) == [Outcome.NOT_PAUSED] * MOST_AN_HOUR + [Outcome.TOO_MANY] * 5
    assert len(lines(world, Side.LEFT)) == 1
    world.clock.tick(3_700)
    say(world, "/pause")
    world.sync()
    assert paused(world) == ["Li Wei, in a comment"]
    assert len(outcomes(world)) == MOST_AN_HOUR + 6


def test_a_restricted_comment_is_answered_to_its_readers_alone(world: World) -> None:
    say(world, "/pause", audience=Audience.RESTRICTED)
    world.sync()
    (line,) = [one for one in world.left.items(Kind.COMMENT) if is_post(one.marker)]
    assert line.audience is Audience.RESTRICTED
    say(world, "/resume")
    world.sync()
    audiences = [one.audience for one in world.left.items(Kind.COMMENT) if is_post(one.marker)]
    assert audiences == [Audience.RESTRICTED, Audience.MEMBERS]
    assert comments(world, Side.RIGHT) == []
    quiet(world)


@pytest.mark.parametrize("committed", [True, False])
def test_a_lost_answer_is_given_once_and_nothing_is_obeyed_twice(world: World, committed: bool) -> None:
    say(world, "/pause")
    world.left.lose_next_answer(committed=committed)
    world.sync()
    with world.context() as context, context.store.lease(context.name, "by hand") as lease:
        steering.resume(Spot(context.store, context.name, Side.LEFT, task(world)), lease)
    world.sync()
    world.sync()
    assert (len(lines(world, Side.LEFT)), paused(world)) == (1, [])
    quiet(world)


def test_what_was_cut_off_before_it_was_done_is_said_so_and_not_done(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(world, "/pause")

    def killed(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(steering, "pause", killed)
        with pytest.raises(KeyboardInterrupt):
            world.sync()
    world.sync()
    assert (paused(world), outcomes(world)) == ([], [Outcome.CUT_OFF])
    assert "Write it again" in lines(world, Side.LEFT)[0]


def test_a_command_that_is_not_allowed_is_answered(world: World) -> None:
    world.rules = replace(world.rules, commands=CommandRules(frozenset({Command.RETRY}), ("Li Wei",)))
    world.sync()
    say(world, "/pause")
    world.sync()
    assert (paused(world), outcomes(world)) == ([], [Outcome.NOT_ALLOWED])
    assert lines(world, Side.LEFT)[0].startswith("syncer: not done: the configuration does not allow this command")


def test_a_run_that_is_refused_obeys_all_the_same(world: World) -> None:
    for number in range(30):
        world.left.create(f"Another {number}")
    world.sync()
    for item in world.left.items():
        if item.showing[Field.TITLE] != "First":
            world.left.close(item.ref)
    say(world, "/pause")
    assert world.sync().outcome == "refused"
    assert (paused(world), len(lines(world, Side.LEFT))) == (["Li Wei, in a comment"], 1)


def test_an_item_is_read_anew(world: World) -> None:
    say(world, "/resync", Side.RIGHT)
    world.sync()
    assert outcomes(world) == [Outcome.DONE]
    quiet(world)


def test_an_account_that_took_over_a_name_is_nobody(world: World) -> None:
    say(world, "Hello", by="li.wei")
    world.sync()
    world.left.rename_person("li.wei", "li.old")
    world.left.person("li.wei", "Somebody else")
    say(world, "/pause", by="li.wei")
    world.sync()
    assert paused(world) == []


# --- where the tracker tells permissions and shows signs


@dataclass
class Signs:
    """What a tracker with signs was asked, and shows."""

    permitted: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    shown: list[tuple[Ref, bool]] = field(default_factory=list)
    failing: list[Exception] = field(default_factory=list)


class SigningConnector(MemoryConnector):
    """As GitHub: it tells who may write, and has reactions."""

    signs: Signs

    def may_write(self, account: Account) -> bool:
        self.signs.asked.append(account.id)
        return account.id in self.signs.permitted

    def react(self, comment: Observed, *, done: bool) -> None:
        if self.signs.failing:
            raise self.signs.failing.pop()
        self.signs.shown.append((comment.ref, done))


def sync_signing(world: World, signs: Signs) -> None:
    world.clock.tick()
    right = SigningConnector(world.right)
    right.signs = signs
    world.sync(connectors={Side.LEFT: MemoryConnector(world.left), Side.RIGHT: right})


def test_write_permission_is_needed_and_asked_once_a_day(world: World) -> None:
    signs = Signs()
    refused = say(world, "/pause", Side.RIGHT)
    sync_signing(world, signs)
    assert (paused(world), outcomes(world)) == ([], [Outcome.NO_PERMISSION])
    signs.permitted.add("liwei")
    said = [say(world, words, Side.RIGHT) for words in ("/pause", "/resume", "/pause")]
    sync_signing(world, signs)
    assert paused(world) == ["Li Wei, in a comment"]
    assert signs.asked == ["liwei", "liwei"]
    assert signs.shown == [(refused, False), *((ref, True) for ref in said)]
    signs.permitted.clear()
    world.clock.tick(90_000)
    sync_signing(world, signs)
    say(world, "/resume", Side.RIGHT)
    sync_signing(world, signs)
    assert (paused(world), len(signs.asked)) == (["Li Wei, in a comment"], 3)
    assert comments(world, Side.LEFT) == []
    (line,) = lines(world, Side.RIGHT)  # a sign tells no reason
    assert line.startswith("syncer: not done: it needs the permission to write here (Li Wei, 2026-11-17")


def test_an_answer_names_people_as_their_tracker_does_and_not_as_the_configuration(world: World) -> None:
    world.right.person("liwei", "liwei")  # a public repository knows them by this alone
    say(world, "/retry", Side.RIGHT)
    world.sync()
    assert [line.partition(" (")[2].partition(",")[0] for line in lines(world, Side.RIGHT)] == ["liwei"]


@pytest.mark.parametrize("side", list(Side))
def test_a_retry_that_is_refused_again_is_answered_with_the_fields_and_a_later_one_with_success(
    world: World, side: Side
) -> None:
    signs = Signs(permitted={"liwei"})
    world.right.refused = {"bad"}
    world.left.edit(task(world).ref, {Field.LABELS: ("bad",)})
    sync_signing(world, signs)
    said = say(world, "/retry", side)
    sync_signing(world, signs)
    assert outcomes(world) == [Outcome.REFUSED_AGAIN]
    (line,) = lines(world, side)
    assert line.startswith("syncer: not done: it was refused again (labels) (Li Wei, ")
    world.right.refused = set()
    again = say(world, "/retry", side)
    sync_signing(world, signs)
    assert outcomes(world) == [Outcome.REFUSED_AGAIN, Outcome.DONE]
    (line,) = lines(world, side)
    assert line.startswith("syncer: what was refused is tried again now")
    assert task(world, Side.RIGHT).showing[Field.LABELS] == ("bad",)
    assert signs.shown == ([(said, False), (again, True)] if side is Side.RIGHT else [])


def test_a_preview_shows_what_the_next_run_obeys_and_takes_nothing(world: World) -> None:
    world.rules = replace(world.rules, commands=replace(RULES, allow=frozenset({Command.PAUSE})))
    world.sync()
    for words, by in (("/pause", ""), ("/retry", ""), ("/pause", "mia.braun"), ("pause it", "")):
        say(world, words, by=by)
    for _ in range(2):
        with world.context() as context:
            preview_pair(context)
            found = [(one.said, one.by, one.task, one.allowed) for one in spoken(context)]
        assert found == [("/pause", "Li Wei", "PAY-1", True), ("/retry", "Li Wei", "PAY-1", False)]
    assert outcomes(world) == []
    world.sync()
    assert outcomes(world) == [Outcome.DONE, Outcome.NOT_ALLOWED]
    with world.context() as context:
        assert list(spoken(context)) == []


def test_a_run_counts_the_commands_it_obeyed_and_the_answers_it_gave(world: World) -> None:
    for words in ("/pause", "/pause everything", "/resume", "/retry"):
        say(world, words)
    tally = world.sync()
    assert (tally.commands, tally.answers) == (2, 3)
    assert "2 commands obeyed, 3 answers given" in sentence(tally.as_json())
    in_conflict(world)
    world.sync()
    assert "commands" not in sentence(world.sync().as_json())


@pytest.mark.parametrize("error", [Retryable("502"), Ambiguous("the answer was lost")])
def test_a_sign_that_was_not_set_is_set_by_the_next_run(world: World, error: Exception) -> None:
    signs = Signs(permitted={"liwei"}, failing=[error])
    said = say(world, "/pause", Side.RIGHT)
    sync_signing(world, signs)
    assert (paused(world), signs.shown) == (["Li Wei, in a comment"], [])
    sync_signing(world, signs)
    sync_signing(world, signs)
    assert signs.shown == [(said, True)]


# --- conflicts that are shown in a comment


def in_conflict(world: World) -> None:
    world.rules = replace(world.rules, fields={**world.rules.fields, Field.TITLE: FieldRule(on_conflict=Policy.ASK)})
    left, right = task(world).ref, task(world, Side.RIGHT).ref
    world.left.edit(left, {Field.BODY: "Secret words of the left."}, by="mia.braun")
    world.right.edit(right, {Field.BODY: "Other words."}, by="miab")
    world.sync()
    world.sync()


def test_a_conflict_is_shown_in_one_line_and_decided_in_a_comment(world: World) -> None:
    in_conflict(world)
    (line,) = lines(world, Side.LEFT)
    assert line.startswith("syncer: body differs on the two sides")
    assert "/take left" in line
    assert "words" not in line
    assert lines(world, Side.RIGHT) == []
    quiet(world)
    say(world, "/take right", Side.RIGHT)
    world.sync()
    assert outcomes(world) == [Outcome.DONE]
    assert task(world).showing[Field.BODY] == "Other words."
    with world.context() as context:
        reasons = [one.reason for one in context.store.journal.latest(context.name, ref=task(world).ref)]
    assert any(reason.endswith("was kept, decided by Li Wei, in a comment") for reason in reasons), reasons
    world.sync()
    assert lines(world, Side.LEFT) == ["syncer: decided, nothing waits any more"]
    quiet(world)


def test_a_conflict_that_no_comment_showed_is_not_decided_in_one(world: World) -> None:
    world.rules = replace(world.rules, commands=CommandRules(frozenset({Command.PAUSE}), ("Li Wei",)))
    in_conflict(world)
    assert lines(world, Side.LEFT) == []
    world.rules = replace(world.rules, commands=RULES)
    world.sync()
    say(world, "/take right")
    world.sync()
    assert outcomes(world) == [Outcome.NO_CONFLICT]
    assert task(world).showing[Field.BODY] == "Secret words of the left."


def test_a_pair_that_obeys_nobody_shows_no_conflict_and_takes_nothing(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.left.create("First", by="li.wei")
    world.sync()
    in_conflict(world)
    say(world, "/take left")
    world.sync()
    assert (lines(world, Side.LEFT), outcomes(world)) == ([], [])
