"""The posted report: one item, edited in place, that the sync does not take for work."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.memory import MemoryConnector
from syncer.contract.errors import TrackerError
from syncer.contract.model import Audience, Field, Kind, Observed, Side
from syncer.core.records import OperationState
from syncer.publish.post import Post, Posted, PostOutcome, post
from syncer.report import build_report
from syncer.report.evaluate import evaluate
from syncer.richtext import Document, Paragraph, Run
from syncer.sync.preview import preview_pair
from tests.rig import Rig
from tests.unit.report.sample import NASTY_TITLE, NOW, WINDOW, collaboration
from tests.worlds import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    made.right.create("Weekly report goes here")
    made.left.create("Ship it")
    made.sync()
    return made


def document(*paragraphs: str) -> Document:
    return Document(tuple(Paragraph((Run(text),)) for text in paragraphs))


def wanted(text: str = "Week 47", **changes: object) -> Post:
    return replace(Post("client", Side.RIGHT, None, text, document(text), Audience.MEMBERS), **changes)


def posted(world: World, one: Post) -> Posted:
    world.clock.tick()
    with world.context() as context:
        return post(context, one)


def key_of(world: World, title: str = "Weekly report goes here") -> str:
    return next(task.key for task in world.right.items(Kind.TASK) if task.showing[Field.TITLE] == title)


def ours(world: World, side: Side = Side.RIGHT) -> list[Observed]:
    tracker = world.tracker(side)
    return [item for kind in Kind for item in tracker.items(kind) if (item.marker or "").startswith("report:")]


# --- one item, edited in place


@pytest.mark.parametrize("comment", [True, False])
def test_every_week_edits_the_same_item_and_a_second_call_writes_nothing(world: World, comment: bool) -> None:
    on = key_of(world) if comment else None
    outcomes = []
    for week in (47, 47, 48, 49):
        outcomes.append(posted(world, wanted(f"Week {week}", on=on)).outcome)
        world.sync(sweep=week == 48)
    assert outcomes == [PostOutcome.CREATED, PostOutcome.UNCHANGED, PostOutcome.UPDATED, PostOutcome.UPDATED]
    (item,) = ours(world)
    assert item.showing[Field.BODY] == "Week 49"
    assert item.kind is (Kind.COMMENT if comment else Kind.TASK)
    assert comment or item.showing[Field.TITLE] == "Week 49"


@pytest.mark.parametrize("comment", [True, False])
def test_the_sync_leaves_it_alone(world: World, comment: bool) -> None:
    before = len(world.left.items(Kind.TASK)), len(world.left.items(Kind.COMMENT))
    posted(world, wanted(on=key_of(world) if comment else None))
    for sweep in (False, True):
        tally = world.sync(sweep=sweep)
        assert (tally.outcome, tally.writes) == ("clean", 0)
    with world.context() as context:
        assert preview_pair(context).changes == ()
    assert (len(world.left.items(Kind.TASK)), len(world.left.items(Kind.COMMENT))) == before


def test_a_second_pair_on_the_same_scope_leaves_it_alone_too(world: World) -> None:
    posted(world, wanted())
    world.rules = replace(world.rules, name="other")
    world.sync()
    assert [task.showing[Field.TITLE] for task in world.left.items(Kind.TASK)].count("Week 47") == 0


def test_it_is_no_task_of_the_collaboration(world: World) -> None:
    from syncer.report import evaluate_week

    posted(world, wanted())
    world.sync()
    with world.context() as context:
        evaluation = evaluate_week(context.store, [context.rules], week="2026-W47", now=world.clock())
    assert sum(count.total for count in evaluation.standings) == 2


def test_posts_of_two_names_are_two_items(world: World) -> None:
    posted(world, wanted())
    posted(world, wanted(name="client.two"))
    assert posted(world, wanted("Week 48")).outcome is PostOutcome.UPDATED
    assert sorted(str(item.showing[Field.BODY]) for item in ours(world)) == ["Week 47", "Week 48"]


def test_what_somebody_deleted_is_posted_anew(world: World) -> None:
    posted(world, wanted())
    world.right.delete(ours(world)[0].ref)
    assert posted(world, wanted("Week 48")).outcome is PostOutcome.CREATED
    assert len(ours(world)) == 1


def test_what_a_person_wrote_into_it_gives_way(world: World) -> None:
    posted(world, wanted())
    world.clock.tick()
    world.right.edit(ours(world)[0].ref, {Field.BODY: "mine"}, by="liwei")
    assert posted(world, wanted("Week 48")).outcome is PostOutcome.UPDATED
    assert ours(world)[0].showing[Field.BODY] == "Week 48"


# --- who may read it


def test_a_wider_audience_must_be_wanted(world: World) -> None:
    world.right.audience = Audience.PUBLIC
    refused = posted(world, wanted())
    assert (refused.outcome, ours(world)) == (PostOutcome.REFUSED, [])
    assert "publish = true" in refused.told
    assert posted(world, wanted(publish=True)).outcome is PostOutcome.CREATED


def test_a_task_that_is_not_known_is_named(world: World) -> None:
    refused = posted(world, wanted(on="acme#999"))
    assert (refused.outcome, "acme#999" in refused.told) == (PostOutcome.REFUSED, True)


# --- faults


@pytest.mark.parametrize("committed", [True, False])
@pytest.mark.parametrize("comment", [True, False])
def test_a_lost_answer_never_makes_a_second_post(world: World, committed: bool, comment: bool) -> None:
    on = key_of(world) if comment else None
    world.right.lose_next_answer(committed=committed)
    first = posted(world, wanted(on=on)).outcome
    assert first is (PostOutcome.CREATED if committed else PostOutcome.WAITING)
    world.sync()
    posted(world, wanted("Week 48", on=on))
    assert [item.showing[Field.BODY] for item in ours(world)] == ["Week 48"]


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("sync_between", [True, False])
@pytest.mark.parametrize("comment", [True, False])
def test_a_crash_after_the_request_never_makes_a_second_post(
    world: World, monkeypatch: pytest.MonkeyPatch, sync_between: bool, comment: bool
) -> None:
    on = key_of(world) if comment else None
    create: Callable[..., object] = MemoryConnector.create

    def create_and_die(self: MemoryConnector, drafts: object) -> object:
        create(self, drafts)
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(MemoryConnector, "create", create_and_die)
        with pytest.raises(Killed):
            posted(world, wanted(on=on))
    if sync_between:
        assert world.sync().writes == 0
    assert posted(world, wanted("Week 48", on=on)).outcome is PostOutcome.UPDATED
    assert [item.showing[Field.BODY] for item in ours(world)] == ["Week 48"]


def test_what_cannot_be_told_is_not_sent_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.right.lose_next_answer(committed=True)

    def away(self: MemoryConnector, intents: object) -> object:
        raise TrackerError("the tracker is away")

    with monkeypatch.context() as patched:
        patched.setattr(MemoryConnector, "find", away)
        assert [posted(world, wanted()).outcome for _ in range(2)] == [PostOutcome.WAITING, PostOutcome.WAITING]
    assert posted(world, wanted()).outcome is PostOutcome.UNCHANGED
    assert len(ours(world)) == 1
    with world.context() as context:
        assert context.store.journal.open("pay") == []
        states = [operation.state for operation in context.store.journal.latest("pay", side=Side.RIGHT, limit=3)]
    assert OperationState.DONE in states


# --- on real connectors


@pytest.mark.parametrize(
    ("deployment", "side"), [("cloud", Side.LEFT), ("datacenter", Side.LEFT), ("cloud", Side.RIGHT)]
)
@pytest.mark.parametrize("comment", [True, False])
def test_both_trackers_show_it_and_nobody_is_notified(
    tmp_path: Path, deployment: str, side: Side, comment: bool
) -> None:
    report = build_report(evaluate(collaboration(), WINDOW, NOW))
    with Rig(tmp_path, deployment=deployment) as rig:  # type: ignore[arg-type]
        rig.github("POST", "/issues", {"title": "Weekly report"})
        rig.sync()
        with rig.context() as context:
            (task,) = context.store.observed.items("pay", side, Kind.TASK)
            one = Post("all", side, task.key if comment else None, report.content.title, report.posted, Audience.PUBLIC)
            assert post(context, one).outcome is PostOutcome.CREATED
            rig.tick()
            assert post(context, one).outcome is PostOutcome.UNCHANGED
        for sweep in (False, True):
            assert rig.sync(sweep=sweep).writes == 0
        with rig.context() as context:
            later = replace(one, title="Week 48", text=document("Week 48", NASTY_TITLE))
            assert post(context, later).outcome is PostOutcome.UPDATED
            shown = [
                item for item in context.store.observed.items("pay", side) if (item.marker or "").startswith("report:")
            ]
            assert len(shown) == 1
        assert rig.sync().writes == 0
        body = str(shown[0].showing[Field.BODY])
        assert "Week 48" in body
        if side is Side.RIGHT:
            assert not re.search(r"@\w|#\d", body)
