"""Numbers for Prometheus, computed from the state: a textfile after each sync, or an endpoint of the daemon.

Everything is read from the state when it is asked for, so that one run of one pair never drops the others' numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from prometheus_client import CollectorRegistry, write_to_textfile
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from syncer.core.change import writes_in
from syncer.core.notification import unannounced
from syncer.core.records import RunRecord
from syncer.core.waiting import Why
from syncer.store import Store
from syncer.sync.ledger import waiting
from syncer.sync.outcome import EXIT_CODES

Missed = Callable[[datetime, datetime], bool]
"""Whether a run is missing since a moment, at another one."""
_RUNS: Final = 50
_SIGN: Final = timedelta(minutes=1)
"""A worker gives a sign every ten seconds, unless it was told otherwise."""


class PortTaken(Exception):
    """The numbers cannot be served at the port that was asked for."""


class StateCollector(Collector):
    """Hands out what `read` tells at the moment of the scrape."""

    def __init__(self, read: Callable[[], Iterable[Metric]]) -> None:
        self._read = read

    def collect(self) -> Iterable[Metric]:
        """The metric families."""
        return self._read()

    def describe(self) -> Iterable[Metric]:
        """Nothing: registering must not open the state."""
        return ()


def collect(store: Store, pairs: Mapping[str, Missed | None]) -> list[Metric]:
    """The metric families of the given pairs. Times are seconds since 1970, all values are gauges.

    With each pair that has a schedule goes what tells whether it was missed.
    """
    names = list(pairs)
    return [
        *_of_state(store, names),
        *_of_progress(store, names),
        _of_schedule(store, pairs),
        *_of_queue(store),
        *_of_hooks(store, names),
    ]


def _of_schedule(store: Store, pairs: Mapping[str, Missed | None]) -> Metric:
    """Which of the pairs with a schedule nobody has run in their time."""
    behind = _gauge("behind", "1 where a scheduled run of the pair is missing although the next one is due.")
    for pair, missed in pairs.items():
        if missed is not None and (since := store.pairs.due_since(pair)) is not None:
            behind.add_metric([pair], int(missed(since, store.now())))
    return behind


def _of_queue(store: Store) -> list[Metric]:
    """The workers on the state and what waits for them; empty where none ever began."""
    workers = _gauge_of("workers", "Workers that gave a sign within a minute.")
    silent = _gauge_of("worker_silent_seconds", "Since the last sign of a worker.", "worker")
    hand = _gauge_of("worker_jobs", "Jobs that a worker has in hand.", "worker")
    waiting = _gauge_of("queue_jobs", "Jobs that nobody has begun; a higher priority goes first.", "priority")
    oldest = _gauge_of("queue_oldest_seconds", "How long the oldest of them has waited; 0 where none waits.")
    if store.queue.installed():
        figures = store.queue.figures()
        workers.add_metric([], sum(one.silent < _SIGN for one in figures.workers))
        for one in figures.workers:
            silent.add_metric([one.record.name], one.silent.total_seconds())
            hand.add_metric([one.record.name], one.jobs)
        for priority, count in figures.waiting.items():
            waiting.add_metric([str(priority)], count)
        oldest.add_metric([], figures.oldest.total_seconds() if figures.oldest is not None else 0)
    return [workers, silent, hand, waiting, oldest]


def _of_hooks(store: Store, pairs: Sequence[str]) -> list[Metric]:
    """The receivers of webhooks and what came; empty where none ever began."""
    silent = _gauge_of("hooks_silent_seconds", "Since the last sign of a receiver of webhooks.", "receiver")
    came = _gauge_of("hooks_deliveries", "Deliveries since a receiver began.", "receiver", "tracker", "result")
    heard = _gauge("hooks_heard_seconds", "Since the last webhook that told of a side of the pair.", "side")
    for one in store.hints.receivers():
        silent.add_metric([one.name], (store.now() - one.at).total_seconds())
        for tracker, counts in one.counts.items():
            for result, count in counts.items():
                came.add_metric([one.name, tracker, result], count)
    for pair, known in store.hints.heard(pairs).items():
        for side, at in known.at.items():
            heard.add_metric([pair, side.value], (store.now() - at).total_seconds())
    return [silent, came, heard]


def _of_progress(store: Store, pairs: Sequence[str]) -> list[Metric]:
    """How far behind each pair is, how much is left of a first sync, and whether its trackers answered."""
    lag = _gauge("lag_seconds", "Age of the oldest change that may not be carried yet: since the last complete run.")
    backlog = _gauge("backlog", "Creations that were still to do when the last finished run ended.")
    down = _gauge("out_of_reach", "1 where a tracker of the pair did not answer the last finished run.")
    for pair in pairs:
        finished = [run for run in store.pairs.runs(pair, limit=_RUNS) if run.finished_at is not None]
        if complete := next((run for run in finished if run.outcome in {"clean", "held"}), None):
            lag.add_metric([pair], (store.now() - complete.started_at).total_seconds())
        if finished:
            backlog.add_metric([pair], int(finished[0].result.get("remaining", 0)))
            down.add_metric([pair], int(bool(finished[0].result.get("outage"))))
    return [lag, backlog, down]


def _of_state(store: Store, pairs: Sequence[str]) -> list[Metric]:
    """The last run of each pair, and what the state holds of it."""
    started = _gauge("run_timestamp_seconds", "Start of the last run.")
    complete = _gauge("complete_timestamp_seconds", "Start of the last run that left nothing to retry.")
    outcome = _gauge("run_outcome", "1 for the outcome of the last finished run.", "outcome")
    seconds = _gauge("run_seconds", "Duration of the last finished run.")
    writes = _gauge("run_writes", "Writes of the last finished run.")
    requests = _gauge("run_requests", "Requests of the last finished run.", "side")
    limited = _gauge("run_rate_limited", "Rate limits met by the last finished run.", "side", "reason")
    links = _gauge("links", "Linked items.", "kind")
    held = _gauge("held", "Items and fields that wait for a person, conflicts aside.")
    conflicts = _gauge("conflicts", "Open conflicts.")
    untold = _gauge("untold", "Conflicts, items and fields that wait for a person and that nobody was told of.")
    for pair in pairs:
        runs = store.pairs.runs(pair, limit=_RUNS)
        finished = [run for run in runs if run.finished_at is not None]
        if runs:
            started.add_metric([pair], runs[0].started_at.timestamp())
        if last_complete := next((run for run in finished if run.outcome in {"clean", "held"}), None):
            complete.add_metric([pair], last_complete.started_at.timestamp())
        if finished:
            _add_run(pair, finished[0], outcome, seconds, writes, requests)
            for met in finished[0].result.get("rate_limited", ()):
                limited.add_metric([pair, met["side"], met["reason"]], met["count"])
        for kind, count in store.links.count(pair).items():
            links.add_metric([pair, kind.value], count)
        waits = waiting(store, pair)
        apart = sum(one.why is Why.CONFLICT for one in waits)
        held.add_metric([pair], sum(one.needs_a_person for one in waits) - apart)
        conflicts.add_metric([pair], apart)
        untold.add_metric([pair], len(unannounced(waits, store.notifications.told(pair))))
    return [started, complete, outcome, seconds, writes, requests, limited, links, held, conflicts, untold]


def _add_run(
    pair: str,
    run: RunRecord,
    outcome: GaugeMetricFamily,
    seconds: GaugeMetricFamily,
    writes: GaugeMetricFamily,
    requests: GaugeMetricFamily,
) -> None:
    for name in EXIT_CODES:
        outcome.add_metric([pair, name], 1 if run.outcome == name else 0)
    seconds.add_metric([pair], float(run.result.get("seconds", 0)))
    writes.add_metric([pair], writes_in(run.result))
    for side, count in run.result.get("requests", {}).items():
        requests.add_metric([pair, side], count)


def write(path: Path, families: Sequence[Metric]) -> None:
    """Writes the textfile in one step: a reader never sees half of it. Raises OSError.

    Everybody can read it, whatever the umask: it is there for the account of node exporter, and holds names of pairs
    and numbers.
    """
    registry = CollectorRegistry()
    registry.register(StateCollector(lambda: families))
    write_to_textfile(str(path), registry)
    path.chmod(0o644)


def serve(port: int, read: Callable[[], Iterable[Metric]]) -> Callable[[], None]:
    """Serves `http://127.0.0.1:PORT/metrics`; returns what ends the server. Raises PortTaken."""
    from prometheus_client import start_http_server

    registry = CollectorRegistry()
    registry.register(StateCollector(read))
    try:
        server, thread = start_http_server(port, addr="127.0.0.1", registry=registry)
    except OSError as error:
        raise PortTaken(f"--metrics-port {port}: cannot listen on 127.0.0.1:{port} ({error.strerror})") from error

    def end() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    return end


def _gauge(name: str, text: str, *labels: str) -> GaugeMetricFamily:
    """A number of each pair."""
    return _gauge_of(name, text, "pair", *labels)


def _gauge_of(name: str, text: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"syncer_{name}", text, labels=labels)
