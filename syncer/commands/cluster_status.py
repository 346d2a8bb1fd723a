"""What `syncer status` says of the workers on a state, of what waits for them, and of what they missed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from syncer.commands.output import console, printable, table
from syncer.core.amounts import plural, span

if TYPE_CHECKING:
    from syncer.settings import Settings
    from syncer.store import Store

WAITING: Final = {
    "40": "for the report",
    "30": "for edits",
    "20": "for complete readings",
    "10": "for first syncs",
    "5": "for the past",
}
"""What jobs of the queue are for, by their priority."""
MOST_NAMED: Final = 10
"""So many pairs that are behind their schedule are named."""


def cluster_as_json(store: Store, settings: Settings, moment: datetime) -> dict[str, Any] | None:
    """The workers on this state, what waits for them and what they missed; None where none ever began."""
    if not store.queue.installed():
        return None
    figures = store.queue.figures()
    return {
        "workers": [
            {
                "host": one.record.host, "pid": one.record.pid, "since": one.record.since, "jobs": one.jobs,
                "silent_seconds": round(one.silent.total_seconds()),
            }
            for one in figures.workers
        ],
        "running": figures.running,
        "waiting": {str(priority): count for priority, count in sorted(figures.waiting.items(), reverse=True)},
        "oldest_seconds": None if figures.oldest is None else round(figures.oldest.total_seconds()),
        "behind": _behind(store, settings, moment),
    }  # fmt: skip


def _behind(store: Store, settings: Settings, moment: datetime) -> list[str]:
    """The pairs of which a scheduled run is missing although the next one is due."""
    from syncer.commands.polling import missed

    found = []
    for pair in settings.pairs:
        since, told = store.pairs.due_since(pair.name), missed(settings, pair, store)
        if since is not None and told is not None and told(since, moment):
            found.append(pair.name)
    return found


def tell_cluster(cluster: Mapping[str, Any]) -> None:
    """Shows it to people."""
    workers = [
        (one["host"], one["pid"], one["jobs"], span(timedelta(seconds=one["silent_seconds"])))
        for one in cluster["workers"]
    ]
    table("Workers", ("machine", "process", "jobs in hand", "last sign"), workers)
    waiting, oldest = sum(cluster["waiting"].values()), cluster["oldest_seconds"]
    kinds = ", ".join(f"{count} {WAITING.get(priority, priority)}" for priority, count in cluster["waiting"].items())
    of_which = f" ({kinds})" if kinds else ""
    since = "" if oldest is None else f", the oldest for {span(timedelta(seconds=oldest))}"
    nobody = "" if workers else "; no worker is at work: syncer worker"
    jobs = plural(waiting, "job waits", "jobs wait")
    console().print(f"queue: {jobs}{of_which}{since}; {cluster['running']} running{nobody}")
    if behind := cluster["behind"]:
        more = f" and {len(behind) - MOST_NAMED} more" if len(behind) > MOST_NAMED else ""
        console().print(f"behind their schedule: {printable(', '.join(behind[:MOST_NAMED]))}{more}")
