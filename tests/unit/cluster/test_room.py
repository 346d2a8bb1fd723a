"""A worker keeps room for what people wait for, however much there is that takes long."""

from __future__ import annotations

import asyncio
from threading import Event

import procrastinate
import pytest
from procrastinate.testing import InMemoryConnector

from syncer.cluster.queue import SHORT, DueJob, Priority, enqueue, tasks_of
from syncer.cluster.worker import RoomyWorker


@pytest.mark.parametrize(
    ("threads", "begun"), [(1, {"long 0"}), (2, {"long 0", "edits"}), (4, {"long 0", "long 1", "edits"})]
)
def test_what_takes_long_has_half_of_the_threads(threads: int, begun: set[str]) -> None:
    called, release = set[str](), Event()

    def call(name: str, _part: str) -> None:
        called.add(name)
        release.wait(20)

    async def work() -> None:
        app = procrastinate.App(connector=InMemoryConnector())
        tasks_of(app, call)
        async with app.open_async():
            await enqueue(app, [DueJob(f"long {number}", Priority.SWEEP) for number in range(6)])
            worker = RoomyWorker(
                app, concurrency=threads, install_signal_handlers=False, fetch_job_polling_interval=0.05
            )
            working = asyncio.create_task(worker.run())  # type: ignore[no-untyped-call]
            while not called:
                await asyncio.sleep(0.01)
            await enqueue(app, [DueJob("edits")])
            while not begun <= called:
                await asyncio.sleep(0.01)
            assert worker.queues == [SHORT], "nothing else that takes long is taken now"
            seen = set(called)
            worker.stop()  # type: ignore[no-untyped-call]
            release.set()
            await working
        assert seen == begun

    asyncio.run(asyncio.wait_for(work(), 20))


def test_a_worker_takes_nothing_before_it_is_noted() -> None:
    seen, noting, go_on = list[str](), Event(), Event()

    def note(_number: int) -> None:
        noting.set()
        go_on.wait(20)
        seen.append("noted")

    async def work() -> None:
        app = procrastinate.App(connector=InMemoryConnector())
        tasks_of(app, lambda name, _part: seen.append(name))
        async with app.open_async():
            await enqueue(app, [DueJob("pay")])
            worker = RoomyWorker(
                app, concurrency=1, install_signal_handlers=False, fetch_job_polling_interval=0.05, note=note
            )
            working = asyncio.create_task(worker.run())  # type: ignore[no-untyped-call]
            await asyncio.to_thread(noting.wait, 20)
            assert not worker.noted.is_set()
            go_on.set()
            while len(seen) < 2:
                await asyncio.sleep(0.01)
            worker.stop()  # type: ignore[no-untyped-call]
            await working
        assert seen == ["noted", "pay"]

    asyncio.run(asyncio.wait_for(work(), 20))


def test_one_job_of_a_name_waits_whoever_asks_for_it() -> None:
    async def put() -> list[int]:
        app = procrastinate.App(connector=InMemoryConnector())
        tasks_of(app, lambda _name, _part: None)
        async with app.open_async():
            wanted = [DueJob("pay"), DueJob("pay", Priority.SWEEP)]
            return [
                await enqueue(app, wanted),
                await enqueue(app, [DueJob("pay")]),
                await enqueue(app, [DueJob("web")]),
            ]

    assert asyncio.run(put()) == [2, 0, 1]
