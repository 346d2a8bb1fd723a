"""The report posted in trackers, as `[[report.posts]]` say: `syncer report --send` and the daemon do it after mail."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from syncer.commands.exits import Exit
from syncer.commands.opening import now, open_contexts
from syncer.commands.output import printable, remark, say

if TYPE_CHECKING:
    from syncer.contract.model import Audience
    from syncer.publish.post import Post, Posted
    from syncer.report.model.evaluation import Evaluation
    from syncer.settings import PostSettings, Settings
    from syncer.store import Store
    from syncer.sync.context import PairContext


WAITS = (10.0, 60.0, 300.0)
"""Seconds before each further attempt of a command at a post that meets a running sync or a tracker that is down."""


def post_report(
    settings: Settings,
    store: Store,
    week: Evaluation,
    sleep: Callable[[float], None],
    *,
    waits: Sequence[float] = (),
    tables: Sequence[PostSettings] | None = None,
) -> Exit:
    """Brings every post up to date and says what became of it; how the command ends.

    What cannot be done now is tried again after each of `waits`, and then waits for `post_late`, as mail does.
    """
    from syncer.publish.post import PostOutcome

    due = list(settings.report.posts if tables is None else tables)
    done = _attempt(settings, store, week, due, sleep)
    for wait in waits:
        late = [table for table in due if done[table.name].outcome is PostOutcome.WAITING]
        if not late:
            break
        sleep(wait)
        done |= _attempt(settings, store, week, late, sleep)
    return max((_told(store, week, name, posted) for name, posted in done.items()), default=Exit.DONE)


def post_late(settings: Settings, store: Store, evaluate: Callable[[str], Evaluation]) -> None:
    """Tries again the posts that are late; those that the configuration does not name any more are forgotten."""
    tables = {table.name: table for table in settings.report.posts}
    for late in store.outbox.late_posts():
        if late.name not in tables:
            store.outbox.post_settled(late.name)
            continue
        post_report(settings, store, evaluate(late.week), time.sleep, tables=[tables[late.name]])


def _attempt(
    settings: Settings, store: Store, week: Evaluation, tables: Sequence[PostSettings], sleep: Callable[[float], None]
) -> dict[str, Posted]:
    from syncer.publish.post import post

    readers = least_audience(settings, store)
    with open_contexts(settings, store, sleep=sleep) as contexts:
        pairs = {context.name: context for context in contexts}
        return {
            table.name: post(pairs[table.pair], _wanted(pairs[table.pair], table, week, readers)) for table in tables
        }


def _told(store: Store, week: Evaluation, name: str, posted: Posted) -> Exit:
    """Says what became of one post, and keeps in mind whether it is late."""
    from syncer.publish.post import PostOutcome

    line = f"Post {name}: {posted.outcome}: {printable(posted.told)}"
    if posted.outcome is PostOutcome.WAITING:
        store.outbox.post_late(name, week.window.label, now(), posted.told)
        say(f"{line}; the daemon, or the next syncer report --send, tries again")
        return Exit.RETRY
    store.outbox.post_settled(name)
    (say if posted.outcome is PostOutcome.REFUSED else remark)(line)
    return Exit.RETRY if posted.outcome is PostOutcome.REFUSED else Exit.DONE


def least_audience(settings: Settings, store: Store) -> Audience:
    """Who may read every scope the report is made from; unknown counts as nobody."""
    from syncer.app.wiring import build_rules
    from syncer.contract.model import Audience, Side
    from syncer.core.audience import of_scope

    found = []
    for pair in settings.pairs:
        rules = build_rules(settings, pair)
        for side in Side:
            state = store.pairs.side(pair.name, side)
            found.append(Audience.RESTRICTED if state is None else of_scope(rules, side, state.audience))
    return min(found)


def _wanted(context: PairContext, table: PostSettings, week: Evaluation, readers: Audience) -> Post:
    from syncer.contract.model import Side
    from syncer.publish.post import Post
    from syncer.report import build_report

    report = build_report(week, language=table.language, audience=table.audience)
    return Post(
        name=table.name, side=Side(table.side), on=table.on, title=report.content.title, text=report.posted,
        readers=readers, publish=table.publish,
    )  # fmt: skip
