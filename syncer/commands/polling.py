"""When a pair is polled: by its `schedule`, and rarely as long as webhooks tell of its changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from syncer.app.hints import RarePolling
    from syncer.app.prometheus import Missed
    from syncer.settings import PairSettings, Settings
    from syncer.store import Store


def rare_polling(settings: Settings, pair: PairSettings) -> RarePolling | None:
    """When a pair is polled while hooks tell of its changes; None where that makes no difference."""
    from zoneinfo import ZoneInfo

    from syncer.app.hints import RarePolling
    from syncer.settings.cron import Cron

    if pair.schedule_with_hooks is None:
        return None
    zone = ZoneInfo(settings.report.timezone)
    return RarePolling(pair.name, Cron.parse(pair.schedule_with_hooks), zone, settings.hooks.silent_after)


def missed(settings: Settings, pair: PairSettings, store: Store) -> Missed | None:
    """What tells whether a run of a pair is missing: by the times at which it is polled now. None without any."""
    from zoneinfo import ZoneInfo

    from syncer.app.scheduler import is_behind
    from syncer.settings.cron import Cron

    if pair.schedule is None:
        return None
    cron, zone, rare = Cron.parse(pair.schedule), ZoneInfo(settings.report.timezone), rare_polling(settings, pair)

    def told(taken: datetime, moment: datetime) -> bool:
        return is_behind(cron if rare is None else rare.counts(cron, store, moment), zone, taken, moment)

    return told
