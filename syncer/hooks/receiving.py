"""From deliveries to hints in the state: what was counted, what the log says, and signs that the receiver lives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from threading import Lock

from syncer.app.hints import ask
from syncer.app.logs import logger
from syncer.hooks.judging import Judged, Result
from syncer.hooks.pacing import HintPacing, heard_of
from syncer.store import StateError, Store
from syncer.store.hints import ReceiverRecord

SIGN_EVERY = timedelta(seconds=30)
RETRY = timedelta(seconds=10)
"""When a state that could not be written is tried again."""
LOOK = 0.5
"""Seconds between two looks whether to end."""
_QUIET = timedelta(minutes=1)
"""What is refused for one reason is one line of the log in this time: whoever can connect could fill it."""
_AUTHENTIC = frozenset({Result.ACCEPTED, Result.IGNORED, Result.REPEATED, Result.PING, Result.UNKNOWN})
_USUAL = _AUTHENTIC - {Result.UNKNOWN}


class Reception:
    """What is told of deliveries, until it is in the state."""

    def __init__(self, name: str, pacing: HintPacing, clock: Callable[[], datetime]) -> None:
        self._name, self._pacing, self._clock = name, pacing, clock
        self._since = clock().isoformat()
        self._counts: dict[str, Counter[str]] = {}
        self._last: dict[str, str] = {}
        self._said: dict[tuple[str, Result], tuple[datetime, int]] = {}
        self._sign_at = clock()
        self._counting = Lock()

    def told(self, tracker: str, judgement: Judged) -> None:
        """Takes what became of a delivery. Asks nothing of the state: this is called while the tracker waits."""
        now = self._clock()
        with self._counting:
            counted = self._counts.setdefault(tracker, Counter())
            if not counted[judgement.result.word]:
                self._sign_at = now  # the first of its kind is seen at once: whoever sets a webhook up looks for it
            counted[judgement.result.word] += 1
            if judgement.result in _AUTHENTIC:
                self._last[tracker] = now.isoformat()
        if judgement.pairs:
            self._pacing.tell(heard_of(judgement.pairs, now if judgement.proof else None))
        self._log(tracker, judgement, now)

    def _log(self, tracker: str, judgement: Judged, now: datetime) -> None:
        log, result = logger("syncer.hooks"), judgement.result
        if result in _USUAL:
            more = {"why": judgement.why} if judgement.why else {}
            say = log.warning if judgement.why else log.info if result is Result.PING else log.debug
            pairs = sorted({pair for pair, _ in judgement.pairs})
            say("delivery", tracker=tracker, result=result.word, news=judgement.event, pairs=pairs, **more)
            return
        said, missed = self._said.get((tracker, result), (now - _QUIET, 0))
        if now - said < _QUIET:
            self._said[tracker, result] = said, missed + 1
            return
        self._said[tracker, result] = now, 0
        log.warning(
            "delivery refused" if result is not Result.UNKNOWN else "delivery for no pair", tracker=tracker,
            result=result.word, news=judgement.event, why=judgement.why, before=missed,
        )  # fmt: skip

    def pass_on(self, opened: Callable[[], Store], longest: float = LOOK) -> None:
        """Notes in the state what is due, and that the receiver lives. A state that cannot be written is waited for."""
        heard = self._pacing.due(longest)
        try:
            store = opened()
            if heard:
                ask(store, heard, self._clock())
                logger("syncer.hooks").info("asked to run", pairs=sorted(heard))
            self.sign(store)
        except Exception as error:  # noqa: BLE001 - whatever the state has, the receiver goes on and tries again
            self._pacing.give_back(heard)
            self._sign_at = self._clock() + RETRY
            why = str(error) if isinstance(error, StateError) else type(error).__name__
            logger("syncer.hooks").warning("the state cannot be written; what was told waits", error=why)

    def sign(self, store: Store) -> None:
        """Notes that the receiver lives, with what it counted, where that is long ago."""
        now = self._clock()
        if now < self._sign_at:
            return
        with self._counting:
            counts: Mapping[str, Mapping[str, int]] = {name: dict(count) for name, count in self._counts.items()}
            last = dict(self._last)
            self._sign_at = now + SIGN_EVERY
        store.hints.sign(ReceiverRecord(self._name, now, self._since, counts, last))
