"""What the store costs: run `python tests/bench/bench_store.py [--links N] [--state LOCATION] [--json]`.

A benchmark, not a test: it prints a table (and JSON) and judges nothing. Items have bodies of about 1,200 characters.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from syncer.contract.capabilities import RateLimit
from syncer.contract.connector import Page
from syncer.contract.model import Audience, Category, Cursor, Field, Kind, Marker, Observed, Ref, Side, Status, Version
from syncer.core.codec import compact, digest, encode_fields, encode_observed
from syncer.core.records import Link, Operation, OperationState, Verb
from syncer.store import Store
from syncer.store.columns import pack, unpack

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
WORDS = ["payment", "refund", "ledger", "invoice", "retry", "and", "when", "timeout", "gateway", "付款", "退款", "账户"]
CHANCE = random.Random(7)
BODIES = [" ".join(CHANCE.choices(WORDS, k=170)) for _ in range(997)]


@dataclass(slots=True)
class Measure:
    """One line of the table."""

    what: str
    unit: str
    seconds: float = 0.0
    cpu: float = 0.0
    count: int = 0

    def __str__(self) -> str:
        each = f"{self.seconds / self.count * 1000:.3f} ms/{self.unit}" if self.unit else ""
        return f"{self.what:58}  {self.seconds:9.3f} s  {self.cpu:8.3f} s CPU  {each}"


class Bench:
    """Collects measures; those of one name are added up."""

    def __init__(self) -> None:
        self.measures: dict[str, Measure] = {}

    @contextmanager
    def measured(self, what: str, count: int = 1, unit: str = "") -> Iterator[None]:
        """Times the block; `count` units were done in it."""
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        measure = self.measures.setdefault(what, Measure(what, unit))
        measure.seconds += time.perf_counter() - wall
        measure.cpu += time.process_time() - cpu
        measure.count += count


def item(number: int, side: Side, kind: Kind = Kind.TASK) -> Observed:
    """An invented task with a body of some 1,200 characters."""
    created = START + timedelta(minutes=number)
    left = side is Side.LEFT
    return Observed(
        ref=Ref(kind, str(100_000 + number)),
        key=f"PAY-{number}" if left else f"acme/pay#{number}",
        url=f"https://acme.atlassian.net/browse/PAY-{number}"
        if left
        else f"https://github.com/acme/pay/issues/{number}",
        version=Version(created.isoformat()),
        created=created,
        updated=created,
        showing={
            Field.TITLE: f"{WORDS[number % 12]} {number}",
            Field.BODY: BODIES[number % len(BODIES)],
            Field.STATUS: Status("To Do" if left else "open", Category.TODO),
            Field.LABELS: (WORDS[number % 7],),
            Field.ASSIGNEES: (f"person-{number % 40}",),
        },
        audience=Audience.PUBLIC,
    )


def link(number: int, left: Observed, right: Observed) -> Link:
    """A settled link of two items."""
    return Link(
        id=f"01J{number:023d}",
        pair="payments",
        kind=left.kind,
        left=left.ref,
        right=right.ref,
        origin=Side.LEFT,
        base={Side.LEFT: encode_fields(left.showing), Side.RIGHT: encode_fields(right.showing)},
        settled={Side.LEFT: digest(left), Side.RIGHT: digest(right)},
    )


def create(number: int, epoch: int, left: Observed) -> Operation:
    """The journal row of creating `left` on the right."""
    return Operation(
        id=f"op{number}",
        pair="payments",
        run="run",
        epoch=epoch,
        verb=Verb.CREATE,
        side=Side.RIGHT,
        kind=left.kind,
        source=left.ref,
        target=None,
        marker=Marker(f"payments.{number}"),
        payload={"fields": encode_fields(left.showing)},
        reason="new on the left",
        state=OperationState.SENT,
        at=START,
    )


def fill(bench: Bench, store: Store, links: int) -> None:
    """Stores both sides and their links, as first reading would."""
    with store.lease("payments", "fill") as lease:
        for start in range(0, links, 500):
            numbers = range(start, min(start + 500, links))
            shown = {side: [item(number, side) for number in numbers] for side in Side}
            for side in Side:
                for first in range(0, len(numbers), 100):
                    page = Page(tuple(shown[side][first : first + 100]), Cursor(str(start + first)))
                    with bench.measured("store_page of 100 new items", 1, "page"):
                        store.observed.save_page(lease, side, page, seen_at=START, sweep="first")
            made = [link(*both) for both in zip(numbers, shown[Side.LEFT], shown[Side.RIGHT], strict=True)]
            with bench.measured("save_links, 500 at a time", len(made), "link"):
                store.links.save_all(lease, made)


def read(bench: Bench, store: Store, links: int) -> None:
    """Everything a run with nothing to do, and `verify`, would read."""
    with bench.measured(f"unsettled over {links:,} settled links"):
        assert not list(store.links.unsettled("payments", Kind.TASK, START))
    for side in Side:
        with bench.measured(f"unlinked over {links:,} linked items, {side}"):
            assert not list(store.observed.unlinked("payments", side, Kind.TASK))
    with bench.measured(f"links_digests, {links:,} pairs compared"):
        assert all(a == b and c == d for _, a, b, c, d in store.links.digests("payments"))
    with bench.measured(f"links, {links:,} pairs streamed and digested again"):
        for both in store.links.of_pair("payments"):
            assert both.left is not None
            assert digest(both.left) == both.link.settled[Side.LEFT]
    with bench.measured("by_key, by_url, link_of", 3_000, "call"):
        for number in range(0, links, max(1, links // 1000)):
            store.observed.by_key("payments", Side.LEFT, f"PAY-{number}")
            store.observed.by_url("payments", Side.RIGHT, f"https://github.com/acme/pay/issues/{number}")
            store.links.of_item("payments", Side.LEFT, Ref(Kind.TASK, str(100_000 + number)))


def write(bench: Bench, store: Store, links: int) -> None:
    """What a run that has something to do writes."""
    with store.lease("payments", "write") as lease:
        pages = [
            tuple(item(number, Side.LEFT) for number in range(start, start + 100)) for start in range(0, 2000, 100)
        ]
        with bench.measured("store_page of 100 unchanged items", 20, "page"):
            for page in pages:
                store.observed.save_page(lease, Side.LEFT, Page(page, Cursor("")), seen_at=START)
        with bench.measured("store_page of 100 unchanged items in a sweep", 20, "page"):
            for page in pages:
                store.observed.save_page(lease, Side.LEFT, Page(page, Cursor("")), seen_at=START, sweep="second")
        with bench.measured("store_page of 100 changed items", 20, "page"):
            for page in pages:
                changed = tuple(replace(one, showing={**one.showing, Field.TITLE: "moved"}) for one in page)
                store.observed.save_page(lease, Side.LEFT, Page(changed, Cursor("")), seen_at=START)
        fresh = [item(number, Side.LEFT) for number in range(links, links + 200)]
        with bench.measured("begin + conclude of a create, one by one", 200, "create"):
            for number, left in enumerate(fresh, start=links):
                operation = create(number, lease.epoch, left)
                store.journal.begin(lease, [operation])
                right = item(number, Side.RIGHT)
                done = replace(operation, state=OperationState.DONE, target=right.ref, settled_at=START)
                store.journal.conclude(lease, done, observed=right, link=link(number, left, right))
        limits = [RateLimit(10_000, 60), RateLimit(10_000, 3600, creates_only=True)]
        with bench.measured("take_budget", 200, "call"):
            for number in range(200):
                store.budgets.take("bot", limits, creates=1, now=START + timedelta(seconds=number))


def form(bench: Bench) -> dict[str, float]:
    """How well the stored form does."""
    samples = [encode_observed(item(number, Side.LEFT)) for number in range(2000)]
    with bench.measured("pack", 2000, "item"):
        packed = [pack(sample) for sample in samples]
    with bench.measured("unpack", 2000, "item"):
        for one in packed:
            unpack(one)
    plain = sum(len(compact(sample).encode()) for sample in samples)
    return {"plain bytes/item": plain / 2000, "packed bytes/item": sum(map(len, packed)) / 2000}


def started(bench: Bench, what: str, code: str) -> None:
    """Times a fresh interpreter."""
    with bench.measured(what, 5, "process"):
        for _ in range(5):
            subprocess.run([sys.executable, "-c", code], check=True)


def peak_of_comparison(location: str) -> float:
    """Peak resident megabytes of a fresh process that does nothing but compare all pairs."""
    code = (
        "import resource, sys\nfrom datetime import datetime, UTC\nfrom syncer.store import Store\n"
        "from syncer.contract.model import Kind\n"
        "with Store.open(sys.argv[1], clock=lambda: datetime.now(UTC)) as store:\n"
        "    assert sum(1 for _ in store.links.digests('payments'))\n"
        "    list(store.links.unsettled('payments', Kind.TASK, datetime.now(UTC)))\n"
        "    for _ in store.links.of_pair('payments'): pass\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)"
    )
    return float(subprocess.run([sys.executable, "-c", code, location], check=True, capture_output=True).stdout)


def main() -> None:
    """Fills a state, measures, prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--links", type=int, default=100_000)
    parser.add_argument(
        "--state", help="a directory or postgresql:// address that is empty; default: a temporary directory"
    )
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    bench = Bench()
    clock: Callable[[], datetime] = lambda: START  # noqa: E731
    with tempfile.TemporaryDirectory() as scratch:
        location = chosen.state or str(Path(scratch) / "state")
        facts = form(bench)
        with bench.measured("open a new state (imports alembic)"):
            Store.open(location, clock=clock).close()
        with bench.measured("open a state at its revision", 20, "open"):
            for _ in range(20):
                Store.open(location, clock=clock).close()
        started(bench, "fresh interpreter: import syncer.store", "import syncer.store")
        started(bench, "fresh interpreter: nothing", "pass")
        with Store.open(location, clock=clock) as store:
            fill(bench, store, chosen.links)
            read(bench, store, chosen.links)
            write(bench, store, chosen.links)
            if not chosen.state:
                with bench.measured("integrity"):
                    assert store.integrity() == []
                with bench.measured("backup"):
                    store.backup(Path(scratch) / "copy.db")
        if not chosen.state:
            facts["state megabytes"] = (Path(location) / "state.db").stat().st_size / 2**20
        facts["peak megabytes, this process"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        facts["peak megabytes, comparison only"] = peak_of_comparison(location)
    for measure in bench.measures.values():
        print(measure)
    for name, value in facts.items():
        print(f"{name:58}  {value:9.1f}")
    if chosen.json:
        rows = [asdict(measure) for measure in bench.measures.values()]
        print(json.dumps({"measures": rows, "facts": facts}, ensure_ascii=False))


if __name__ == "__main__":
    main()
