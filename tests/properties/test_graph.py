"""Edges under arbitrary edits: people tie and untie tasks on both sides in turn, and both sides end with one graph."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from syncer.contract.model import Field, Kind, Ref, Side, Value
from tests.depth import thorough
from tests.worlds import World

TITLES = ("A", "B", "C", "D", "E")
Graph = dict[Field, set[tuple[str, str]]]
Edit = tuple[Side, Field, str, str | None, bool]
"""Who: a side; what: a field, a task, another one (None: nothing), and whether a sync follows."""

EDITS = st.lists(
    st.tuples(
        st.sampled_from(list(Side)),
        st.sampled_from([Field.PARENT, Field.BLOCKED_BY]),
        st.sampled_from(TITLES),
        st.sampled_from([*TITLES, None]),
        st.sampled_from([True, True, True, False]),
    ),
    max_size=8,
)


def graph_of(world: World, side: Side) -> Graph:
    """All edges of a side by the titles of their ends."""
    tracker = world.tracker(side)
    titles = {item.ref.id: str(item.showing[Field.TITLE]) for item in tracker.items()}
    graph: Graph = {Field.PARENT: set(), Field.BLOCKED_BY: set()}
    for item in tracker.items():
        for field, edges in graph.items():
            value = item.showing[field]
            ends = value if isinstance(value, tuple) else (value,) if isinstance(value, str) else ()
            edges |= {(titles[item.ref.id], titles[end]) for end in ends}
    return graph


def edit(world: World, side: Side, field: Field, task: str, end: str | None) -> None:
    """A person turns one edge: gives or takes a blocker, sets or empties the parent."""
    natives = {str(item.showing[Field.TITLE]): item.ref.id for item in world.tracker(side).items()}
    ref = Ref(Kind.TASK, natives[task])
    value: Value = None if end is None else natives[end]
    if field is Field.BLOCKED_BY:
        shown = world.tracker(side).show(ref).showing[field]
        ends = set(shown if isinstance(shown, tuple) else ())
        value = tuple(sorted(ends ^ {natives[end]} if end is not None else set()))
    world.clock.tick()
    world.tracker(side).edit(ref, {field: value})


def turned(graph: Graph, field: Field, task: str, end: str | None) -> Graph:
    """The oracle of one edit: the graph after it."""
    mine = {edge for edge in graph[field] if edge[0] == task}
    others = graph[field] - mine
    new = {(task, end)} if end is not None else set()
    return {**graph, field: others | (mine ^ new if field is Field.BLOCKED_BY and new else new)}


def has_ring(edges: set[tuple[str, str]]) -> bool:
    """Whether some task leads to itself: an oracle that takes away, again and again, what leads nowhere."""
    left = set(edges)
    while left:
        leading = {start for start, _ in left}
        rest = {(start, end) for start, end in left if end in leading}
        if rest == left:
            return True
        left = rest
    return False


ORIGINS = st.lists(st.sampled_from(list(Side)), min_size=len(TITLES), max_size=len(TITLES))


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits=EDITS, origins=ORIGINS)
def test_both_sides_end_with_one_graph(edits: list[Edit], origins: list[Side]) -> None:
    end_with_one_graph(edits, origins)


@pytest.mark.slow
@settings(
    max_examples=400 if thorough() else 20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(edits=EDITS, origins=ORIGINS)
def test_both_sides_end_with_one_graph_after_many_histories(edits: list[Edit], origins: list[Side]) -> None:
    end_with_one_graph(edits, origins)


def end_with_one_graph(edits: list[Edit], origins: list[Side]) -> None:
    with TemporaryDirectory() as directory:
        world = World(Path(directory))
        for title, side in zip(TITLES, origins, strict=True):
            world.tracker(side).create(title)
        world.sync()
        expected: Graph | None = {Field.PARENT: set(), Field.BLOCKED_BY: set()}
        for side, field, task, end, synced in edits:
            if end == task:
                continue
            edit(world, side, field, task, end)
            expected = turned(expected, field, task, end) if expected is not None else None
            if synced:
                world.sync()
            if not synced or (expected is not None and any(has_ring(edges) for edges in expected.values())):
                expected = None  # who edits next need not see this
        world.sync()
        last = world.sync()
        assert last.writes == 0
        left, right = graph_of(world, Side.LEFT), graph_of(world, Side.RIGHT)
        for field in left:
            if not has_ring(left[field] | right[field]):
                assert left[field] == right[field]
        if expected is not None:
            assert left == right == expected
        if not any(has_ring(left[field] | right[field]) for field in left):
            assert last.outcome == "clean"
        elif left != right:
            assert last.held > 0
