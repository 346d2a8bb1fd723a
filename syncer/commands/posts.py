"""The report posted in trackers, as `[[report.posts]]` say: `syncer report --send` and the daemon do it after mail."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from syncer.commands.exits import Exit
from syncer.commands.opening import open_contexts
from syncer.commands.output import printable, remark, say

if TYPE_CHECKING:
    from syncer.context import PairContext
    from syncer.contract.model import Audience
    from syncer.posting import Post
    from syncer.report.evaluation import Evaluation
    from syncer.settings import PostSettings, Settings
    from syncer.store import Store


def post_report(settings: Settings, store: Store, week: Evaluation, sleep: Callable[[float], None]) -> Exit:
    """Brings every post up to date and says what became of it; how the command ends."""
    from syncer.posting import Outcome, post

    ended = Exit.DONE
    readers = least_audience(settings, store)
    with open_contexts(settings, store, sleep=sleep) as contexts:
        pairs = {context.name: context for context in contexts}
        for table in settings.report.posts:
            done = post(pairs[table.pair], _wanted(pairs[table.pair], table, week, readers))
            late = done.outcome in {Outcome.REFUSED, Outcome.WAITING}
            (say if late else remark)(f"Post {table.name}: {done.outcome}: {printable(done.told)}")
            if late:
                ended = Exit.RETRY
    return ended


def least_audience(settings: Settings, store: Store) -> Audience:
    """Who may read every scope the report is made from; unknown counts as nobody."""
    from syncer.contract.model import Audience, Side
    from syncer.core.audience import of_scope
    from syncer.wiring import build_rules

    found = []
    for pair in settings.pairs:
        rules = build_rules(settings, pair)
        for side in Side:
            state = store.side(pair.name, side)
            found.append(Audience.RESTRICTED if state is None else of_scope(rules, side, state.audience))
    return min(found)


def _wanted(context: PairContext, table: PostSettings, week: Evaluation, readers: Audience) -> Post:
    from syncer.contract.model import Side
    from syncer.posting import Post
    from syncer.report import edition

    report = edition(week, language=table.language, audience=table.audience)
    return Post(
        name=table.name, side=Side(table.side), on=table.on, title=report.content.title, text=report.posted,
        readers=readers, publish=table.publish,
    )  # fmt: skip
