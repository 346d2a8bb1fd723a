"""Every fault the sandbox knows, at every request of every operation: what is said, and what is true then."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC

import pytest

from connectors.github.connector import GitHubConnector
from syncer.contract.conformance import Remembered
from syncer.contract.connector import Intent
from syncer.contract.errors import Ambiguous, Denied, Gone, Retryable, TrackerError
from syncer.contract.model import Draft, Field, Kind, Marker, Observed
from syncer.sandbox.faults import FAULT_KINDS, Fault
from tests.conformance.github_world import REPOSITORY, GitHubWorld

ANSWERED = frozenset({"401", "403-secondary", "404", "429"})
PASSING = sorted(FAULT_KINDS - ANSWERED)
LOST = [*((kind, None) for kind in sorted(FAULT_KINDS)), *((kind, True) for kind in ("500", "502", "503", "html-200"))]
TASK = Draft(Kind.TASK, {Field.TITLE: "Once", Field.BODY: "Only"}, Marker("m-1"))
MILESTONE = Draft(Kind.MILESTONE, {Field.TITLE: "Spring"}, Marker("m-3"))


@pytest.fixture
def world() -> Iterator[GitHubWorld]:
    github = GitHubWorld().start()
    for number in range(3):
        github.act("POST", "/issues", {"title": f"Task {number}", "body": "Text", "labels": ["one"]})
        github.act("POST", f"/issues/{number + 1}/comments", {"body": "Said"})
    github.act("POST", "/milestones", {"title": "Autumn"})
    yield github
    github.stop()


def connect(world: GitHubWorld, kind: str = "") -> GitHubConnector:
    """Impatient only where an answer is slow on purpose: a busy machine is no fault."""
    return world.connector(read_timeout=0.5 if kind == "slow" else 30)


def everything(connector: GitHubConnector) -> dict[str, Observed]:
    store = Remembered()
    store.follow(connector)
    return {str(ref): item for ref, item in store.items.items()}


def outcome(action: Callable[[], object]) -> TrackerError | None:
    """The error an action ended with, returned or raised."""
    try:
        result = action()
    except TrackerError as error:
        return error
    return next((each for each in result if isinstance(each, TrackerError)), None) if isinstance(result, list) else None


def strike(world: GitHubWorld, kind: str, index: int, times: int = 1) -> None:
    world.box.log.reset()
    world.faults.clear()
    world.faults.add(Fault(kind, index=None if times > 1 else index, times=times, seconds=1.0))  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", PASSING)
def test_listing_survives_a_passing_fault_at_any_request(world: GitHubWorld, kind: str) -> None:
    whole = everything(connect(world, kind))
    requests = world.box.log.count("github", "GET")
    for index in range(4 if kind != "slow" else 1):
        assert index < requests
        strike(world, kind, index)
        assert everything(connect(world, kind)) == whole


@pytest.mark.parametrize("kind", sorted(FAULT_KINDS - {"slow"}))
def test_listing_of_a_tracker_that_stays_broken_ends_in_an_error(world: GitHubWorld, kind: str) -> None:
    strike(world, kind, 0, times=1000)
    connector = connect(world, kind)
    with pytest.raises((Retryable, Denied)):
        list(connector.changes(None, Remembered()))
    assert connector.requests <= 4


@pytest.mark.parametrize("kind", ["403-secondary", "429"])
def test_limited_read_is_not_tried_again(world: GitHubWorld, kind: str) -> None:
    strike(world, kind, 0)
    connector = connect(world, kind)
    with pytest.raises(Retryable) as caught:
        list(connector.changes(None, Remembered()))
    assert (caught.value.budget, caught.value.after is not None, connector.requests) == (True, True, 1)


@pytest.mark.parametrize(("kind", "after_commit"), LOST)
def test_create_happens_at_most_once_and_says_what_is_known(
    world: GitHubWorld, kind: str, after_commit: bool | None
) -> None:
    connector = connect(world, kind)
    parent = next(item for item in everything(connector).values() if item.kind is Kind.TASK)
    comment = Draft(Kind.COMMENT, {Field.BODY: "Once"}, Marker("m-2"), parent)
    before = {Kind.TASK: 3, Kind.COMMENT: 3, Kind.MILESTONE: 1}
    for draft in (TASK, comment, MILESTONE):
        world.fail_next_write(kind, after_commit=after_commit, seconds=1.0)  # type: ignore[arg-type]
        error = outcome(lambda draft=draft: connector.create([draft]))  # type: ignore[misc]
        found = connector.find([Intent(draft, world.clock.now().astimezone(UTC))])
        count = sum(item.kind is draft.kind for item in everything(connect(world, kind)).values())
        assert count == before[draft.kind] + len(found)
        match kind:
            case "401":
                assert isinstance(error, Denied)
            case "403-secondary" | "429":
                assert isinstance(error, Retryable)
                assert error.budget
            case "404":
                assert isinstance(error, Gone if draft.kind is Kind.COMMENT else Denied)
            case _:
                assert isinstance(error, Ambiguous)
        if not isinstance(error, Ambiguous):
            assert found == {}


@pytest.mark.parametrize("kind", sorted(FAULT_KINDS))
def test_update_takes_effect_or_says_that_it_did_not(world: GitHubWorld, kind: str) -> None:
    connector = connect(world, kind)
    item = next(each for each in everything(connector).values() if each.kind is Kind.TASK)
    for index in range(2):
        title = f"After {index}"
        strike(world, kind, index)
        error = outcome(lambda item=item, title=title: connector.update(item, {Field.TITLE: title}))  # type: ignore[misc]
        world.faults.clear()
        (now,) = connector.read([item])
        assert isinstance(now, Observed)
        assert (now.showing[Field.TITLE] == title) == (error is None)
        assert not isinstance(error, Ambiguous)
        item = now


@pytest.mark.parametrize("kind", PASSING)
def test_find_survives_a_passing_fault(world: GitHubWorld, kind: str) -> None:
    connector = connect(world, kind)
    connector.create([TASK])
    strike(world, kind, 0)
    assert list(connector.find([Intent(TASK, world.clock.now())])) == ["m-1"]


@pytest.mark.parametrize("kind", sorted(ANSWERED))
def test_find_that_cannot_tell_raises(world: GitHubWorld, kind: str) -> None:
    connector = connect(world, kind)
    task = next(item for item in everything(connector).values() if item.kind is Kind.TASK)
    comment = Draft(Kind.COMMENT, {Field.BODY: "Once"}, Marker("m-2"), task)
    for draft in (TASK, comment, MILESTONE):
        strike(world, kind, 0)
        with pytest.raises((Denied, Retryable)):
            connector.find([Intent(draft, world.clock.now())])


def test_error_messages_and_logs_never_hold_the_token(world: GitHubWorld, caplog: pytest.LogCaptureFixture) -> None:
    from tests.conformance.github_world import BOT_TOKEN

    caplog.set_level("DEBUG")
    said = []
    for kind in sorted(FAULT_KINDS - {"slow"}):
        strike(world, kind, 0, times=100)
        error = outcome(lambda: list(connect(world).changes(None, Remembered())))
        said.append(f"{error!r} {getattr(error, 'remedy', '')}")
    assert REPOSITORY in said[0]
    assert BOT_TOKEN not in "".join(said) + caplog.text
