"""The longest chain and its floats, against networkx and against a table worked out by hand."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncer.report.forecast.order import critical, without_rings
from syncer.report.metrics.feasibility import CPM_LENGTH
from syncer.report.model.metric import Missing
from syncer.report.model.timeline import Blockage, Cause
from tests.unit.report.test_metrics import ago, task, told, worked

networkx = pytest.importorskip("networkx")


def test_floats_of_a_small_plan() -> None:
    """3 before 2 before 1 is 1 + 4 + 2 days; 4 is as long as 2 less 3 days, 5 stands alone with 2 days."""
    tasks = [task(1, waits_for=("t2", "t4")), task(2, waits_for=("t3",)), task(3), task(4, waits_for=("t3",)), task(5)]
    found = critical(tasks, {"t1": 2.0, "t2": 4.0, "t3": 1.0, "t4": 1.0, "t5": 2.0})
    assert found.length == 7
    assert [one.id for one in found.chain] == ["t3", "t2", "t1"]
    assert found.floats == {"t1": 0, "t2": 0, "t3": 0, "t4": 3, "t5": 5}
    assert found.cut == ()


def test_of_a_ring_the_newest_edge_is_cut() -> None:
    def waits(number: int, before: int, days: float) -> object:
        link = Blockage(ago(days), None, None, Cause.DEPENDENCY, f"t{before}")
        return replace(task(number, waits_for=(f"t{before}",)), blockages=(link,))

    ring = [waits(1, 2, 9), waits(2, 3, 4), waits(3, 1, 7), task(4, waits_for=("t4",))]
    _, cut = without_rings(ring)  # type: ignore[arg-type]
    assert cut == (("t2", "t3"),)


graphs = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=25)


@settings(max_examples=120, deadline=None)
@given(graphs, st.lists(st.integers(1, 9), min_size=10, max_size=10))
def test_length_and_floats_are_networkx_s(pairs: list[tuple[int, int]], days: list[int]) -> None:
    tasks = [
        task(number, waits_for=tuple(f"t{before}" for one, before in pairs if one == number)) for number in range(10)
    ]
    lasts = {f"t{number}": float(length) for number, length in enumerate(days)}
    found = critical(tasks, lasts)
    graph = networkx.DiGraph()
    graph.add_nodes_from(lasts)
    edges = {(f"t{before}", f"t{waiting}") for waiting, before in pairs if waiting != before}
    graph.add_edges_from(edges - {(before, waiting) for waiting, before in found.cut})
    assert networkx.is_directed_acyclic_graph(graph)
    assert len(found.cut) <= len(edges)
    for name, own in lasts.items():
        # The longest way through a task: what leads to it, itself, and what follows from it.
        into = longest(graph.subgraph(networkx.ancestors(graph, name) | {name}), lasts)
        out = longest(graph.subgraph(networkx.descendants(graph, name) | {name}), lasts)
        assert found.floats[name] == pytest.approx(found.length - (into + out - own))
    assert found.length == longest(graph, lasts)
    assert sum(lasts[one.id] for one in found.chain) == pytest.approx(found.length)


def longest(graph: object, lasts: dict[str, float]) -> float:
    weighted = networkx.DiGraph()
    for name in graph:  # type: ignore[attr-defined]
        weighted.add_edge((name, "in"), (name, "out"), weight=lasts[name])
    for before, after in graph.edges:  # type: ignore[attr-defined]
        weighted.add_edge((before, "out"), (after, "in"), weight=0)
    return float(networkx.dag_longest_path_length(weighted))


def test_the_figure_takes_the_usual_time_less_the_age() -> None:
    """Ten tasks took 4 days. One that nobody has begun and one that waits for it: 8 days."""
    history = [worked(100 + number, 4) for number in range(10)]
    first, second = task(1), task(2, waits_for=("t1",))
    found = told(CPM_LENGTH, *history, first, second, task(3))
    assert (found.value, found.n) == (pytest.approx(8), 2)
    assert [one.title for one in found.evidence] == ["Task 1", "Task 2"]
    assert [(one.name, one.value) for one in found.portions] == [("without_float", 2)]
    assert told(CPM_LENGTH, *history, first).missing is Missing.NOTHING_TO_COUNT
    assert told(CPM_LENGTH, first, second).missing is Missing.TOO_FEW
