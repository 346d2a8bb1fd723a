"""What becomes of one delivery: whether its tracker sent it, and which pairs it is about. Pure, but for its memory."""

from __future__ import annotations

import hmac
import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from hashlib import sha256

from syncer.contract.hooks import Delivery, HookNews, HookPlace, HookReader
from syncer.contract.model import Side

REMEMBERED = 4_096
"""Deliveries that are known again; only authentic ones are remembered, so that nobody else can fill it."""
_SIGNATURE = re.compile(r"sha256=([0-9a-f]{64})", re.IGNORECASE)


class Result(Enum):
    """What becomes of a delivery: the word for it, and the status of the answer."""

    ACCEPTED = "accepted", 202
    IGNORED = "ignored", 204
    """Authentic, and of nothing that concerns an item of a pair."""
    REPEATED = "repeated", 202
    PING = "ping", 200
    UNSIGNED = "unsigned", 401
    FORGED = "signature", 401
    """Signed with none of the secrets, or changed on its way."""
    NO_SECRET = "no-secret", 403
    """Nothing is configured by which anybody could tell who sent it."""
    UNREADABLE = "unreadable", 400
    UNKNOWN = "unknown", 204
    """About a scope that is no side of a pair."""
    NO_PATH = "path", 404
    NO_METHOD = "method", 405
    TOO_LARGE = "too-large", 413
    TOO_MANY = "too-many", 503
    SLOW = "slow", 408
    FAILED = "failed", 500

    def __init__(self, word: str, status: int) -> None:
        self.word, self.status = word, status


Pairs = Sequence[tuple[str, Side]]


@dataclass(slots=True)
class HookedTracker:
    """A tracker of the configuration as deliveries need it."""

    name: str
    reader: HookReader
    secrets: Sequence[bytes]
    pairs: Mapping[str, Pairs]
    """By what the tracker calls a scope: the sides of pairs that are it."""
    by_native: dict[str, str] = field(default_factory=dict)
    """What the tracker called a scope when its id was last seen under a name of ours: it may be renamed meanwhile."""

    def find(self, place: HookPlace) -> Pairs:
        """The sides of pairs that a place is, by its name or by the id that it had under that name."""
        if place.name in self.pairs:
            if place.native:
                self.by_native[place.native] = place.name
            return self.pairs[place.name]
        return self.pairs.get(self.by_native.get(place.native, ""), ())


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of a delivery."""

    result: Result
    event: str = ""
    pairs: Mapping[tuple[str, Side], str] = field(default_factory=dict)
    """The sides of pairs that it is about, with the tracker's id of each scope."""
    proof: bool = False
    """See `HookNews`."""
    why: str = ""
    """More words for the log; nothing of the body."""


class Judge:
    """Judges deliveries. Keeps the last authentic ones in mind, so that each counts once."""

    def __init__(self, trackers: Sequence[HookedTracker], *, trusted_proxy: bool) -> None:
        self.trackers = {tracker.name: tracker for tracker in trackers}
        self._trusted_proxy = trusted_proxy
        self._seen: OrderedDict[bytes, None] = OrderedDict()

    def look(self, tracker: HookedTracker, headers: Mapping[str, str], *, from_here: bool) -> Result | None:
        """What is wrong with a delivery before its body is read; None where nothing is.

        `from_here` says that it came from this machine, as what a trusted proxy passes on does.
        """
        if not tracker.secrets:
            return None if self._trusted_proxy and from_here else Result.NO_SECRET
        signature = headers.get(tracker.reader.signature)
        if signature is None:
            return Result.UNSIGNED
        return None if _SIGNATURE.fullmatch(signature.strip()) else Result.FORGED

    def judge(self, tracker: HookedTracker, delivery: Delivery) -> Judged:
        """What becomes of a delivery that `look` let pass."""
        seal = Seal(tracker)
        seal.update(delivery.body)
        if not seal.fits(delivery.headers):
            return Judged(Result.FORGED)
        return self.conclude(tracker, delivery.headers, seal, told_by(tracker, delivery))

    def conclude(
        self, tracker: HookedTracker, headers: Mapping[str, str], seal: Seal, news: HookNews | NoDelivery
    ) -> Judged:
        """What becomes of an authentic delivery, by what it tells."""
        if isinstance(news, NoDelivery):
            return Judged(Result.UNREADABLE, why=news.why)
        if not news.places:
            result = Result.PING if news.event == "ping" else Result.IGNORED
            return Judged(result, news.event, why=_lacking(news))
        found = {side: place.native for place in reversed(news.places) for side in tracker.find(place)}
        if not found:
            return Judged(Result.UNKNOWN, news.event)
        if self._is_known(tracker, headers, seal):
            return Judged(Result.REPEATED, news.event)
        return Judged(Result.ACCEPTED, news.event, found, proof=news.proof)

    def _is_known(self, tracker: HookedTracker, headers: Mapping[str, str], seal: Seal) -> bool:
        """Whether a delivery came before: by its body, or by its id, which nobody signs."""
        name, identity = tracker.name.encode(), headers.get(tracker.reader.identity, "")
        keys = [sha256(name + b"\0body\0" + seal.print).digest()[:16]]
        if identity:
            keys.append(sha256(name + b"\0id\0" + identity.encode()).digest()[:16])
        if any(key in self._seen for key in keys):
            return True
        self._seen.update(dict.fromkeys(keys))
        while len(self._seen) > 2 * REMEMBERED:
            self._seen.popitem(last=False)
        return False


class Seal:
    """What a body is signed with, made while it arrives: the answer waits for nothing but the last piece."""

    def __init__(self, tracker: HookedTracker) -> None:
        self._header = tracker.reader.signature
        self._signed = [hmac.new(secret, digestmod="sha256") for secret in tracker.secrets]
        self._unsigned = None if self._signed else sha256()

    def update(self, part: bytes) -> None:
        """Takes the next piece of the body."""
        for one in self._signed:
            one.update(part)
        if self._unsigned is not None:
            self._unsigned.update(part)

    def fits(self, headers: Mapping[str, str]) -> bool:
        """Whether the body was signed with one of the secrets: all are tried, in constant time each.

        True where the tracker has none: `Judge.look` says who is believed without.
        """
        if not self._signed:
            return True
        found = _SIGNATURE.fullmatch(headers.get(self._header, "").strip())
        given = bytes.fromhex(found[1]) if found else b""
        right = [hmac.compare_digest(one.digest(), given) for one in self._signed]
        return any(right)

    @property
    def print(self) -> bytes:
        """The same for the same body, whichever of the secrets it was signed with."""
        return self._signed[0].digest() if self._unsigned is None else self._unsigned.digest()


@dataclass(frozen=True, slots=True)
class NoDelivery:
    """An authentic request that is no delivery of its tracker."""

    why: str


def told_by(tracker: HookedTracker, delivery: Delivery) -> HookNews | NoDelivery:
    """What an authentic delivery tells. Remembers nothing: any thread may call it."""
    try:
        return tracker.reader.read(delivery)
    except ValueError as error:
        return NoDelivery(str(error))


def _lacking(news: HookNews) -> str:
    return f"the webhook does not send {' and '.join(news.lacking)}: add these events" if news.lacking else ""
