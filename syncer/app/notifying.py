"""Who is told at once of what happened to a pair: channels and the pair's owner, as `[notify]` says."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from functools import partial
from itertools import product
from zoneinfo import ZoneInfo

from syncer.app.wiring import build_rules
from syncer.contract.model import Audience, Side
from syncer.core.audience import of_scope
from syncer.core.change import Tally
from syncer.core.incidents import (
    FIRST,
    OUT,
    Concluded,
    Event,
    Incident,
    begins_first_sync,
    incidents,
    over,
    stored,
    text_of,
)
from syncer.core.notification import AGAIN
from syncer.core.waiting import Waiting
from syncer.publish import channel
from syncer.publish.mail import send_now
from syncer.settings import PairSettings, Settings
from syncer.settings.addresses import specification
from syncer.store import Store
from syncer.sync.ledger import waiting
from syncer.sync.notify import home_of

FAILED = "failed"
"""The key of a place that did not take a message: it is said once a day."""


@dataclass(frozen=True, slots=True)
class Destination:
    """Somewhere messages go."""

    name: str
    readers: Audience
    seconds: float
    send: Callable[[str, str], str]
    """Sends a title and a body; why they were not taken, empty where they were."""


def places(settings: Settings, pair: PairSettings | None, moment: datetime) -> list[Destination]:
    """Where it is told what happens to a pair; every place of the configuration without one."""
    notify = settings.notify
    names = notify.channels if pair is not None else tuple(settings.channels)
    found = [
        Destination(
            f"channel {name}",
            one.readers,
            one.timeout.total_seconds(),
            partial(channel.to_channel, one.url.get_secret_value()),
        )
        for name in names
        for one in [settings.channels[name]]
    ]
    mail, seconds = settings.mail, notify.timeout.total_seconds()
    if mail is None or not notify.mail:
        return found
    owners = {one.owner for one in settings.pairs if pair is None or one.name == pair.name}
    for person in settings.people:
        if person.name in owners and person.mail is not None:
            send = partial(_by_mail, settings, person.mail, moment)
            found.append(Destination(f"mail {specification(person.mail)}", Audience.MEMBERS, seconds, send))
    return found


def misread_channels(settings: Settings) -> Iterator[tuple[str, str]]:
    """The channels whose address is none that messages can be sent to, and why."""
    for name, one in settings.channels.items():
        if reason := channel.misread(one.url.get_secret_value()):
            yield name, reason


def _by_mail(settings: Settings, address: str, moment: datetime, title: str, body: str) -> str:
    assert settings.mail is not None  # noqa: S101 - the caller looked
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = settings.mail.from_, address, f"[syncer] {title}"
    message["Date"] = format_datetime(moment)
    message["Message-ID"] = make_msgid(domain=specification(settings.mail.from_).rpartition("@")[2] or None)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(f"{body}\n")
    return send_now(settings.mail, message)


def announce(
    settings: Settings, store: Store, tally: Tally, now: Callable[[], datetime], say: Callable[[str], None]
) -> None:
    """Tells every place what is new to it after a run, and remembers what it took.

    What was not taken is said once a day.
    """
    pair, moment = settings.pair(tally.name), now()
    found = [] if pair is None else places(settings, pair, moment)
    if pair is None or not found:
        return
    memory = _Memory(store, *home_of(store, pair.name), moment)
    if begins_first_sync(tally):
        memory.keep({FIRST})
    if settings.notify.is_quiet(moment.astimezone(ZoneInfo(settings.report.timezone)).time()):
        return
    told = memory.told()
    waits = () if tally.outcome == "busy" else tuple(waiting(store, pair.name))
    due: list[tuple[Destination, list[Incident]]] = []
    for place in found:
        ended = Concluded(tally, waits, told, place.name, moment)
        memory.forget(stored(place.name, over(ended)))
        if new := [one for one in incidents(ended) if one.event in settings.notify.on]:
            due.append((place, new))
    outcomes = channel.deliver([_sending(settings, store, pair, waits, place, new) for place, new in due])
    for place, new in due:
        if outcomes[place.name]:
            memory.not_taken(place, outcomes[place.name], told, say)
        else:
            memory.taken(place, new)
    if tally.complete and FIRST in told and not any(outcomes.values()):
        memory.forget({FIRST})


@dataclass(frozen=True, slots=True)
class _Memory:
    """What the state remembers of what was told of a pair."""

    store: Store
    home: str
    prefix: str
    moment: datetime

    def told(self) -> dict[str, datetime]:
        """The keys of what was told, by any means, and when."""
        kept = self.store.notifications.told(self.home).items()
        return {key.removeprefix(self.prefix): at for key, at in kept if key.startswith(self.prefix)}

    def keep(self, keys: Collection[str]) -> None:
        """Remembers keys."""
        self.store.notifications.tell(self.home, {self.prefix + key for key in keys}, self.moment)

    def forget(self, keys: Collection[str]) -> None:
        """Forgets keys."""
        if keys:
            self.store.notifications.forget(self.home, {self.prefix + key for key in keys})

    def taken(self, place: Destination, new: Sequence[Incident]) -> None:
        """Remembers what a place took; a recovery ends the outage it was told of."""
        recovered = any(one.event is Event.RECOVERY for one in new)
        keys = frozenset(key for one in new if one.event is not Event.RECOVERY for key in one.keys)
        self.keep(stored(place.name, keys))
        self.forget(stored(place.name, frozenset({FAILED, OUT} if recovered else {FAILED})))

    def not_taken(
        self, place: Destination, reason: str, told: Mapping[str, datetime], say: Callable[[str], None]
    ) -> None:
        """Says once a day that a place did not take its message."""
        keys = stored(place.name, frozenset({FAILED}))
        at = max((told[key] for key in keys if key in told), default=None)
        if at is None or self.moment - at >= AGAIN:
            say(f"{place.name}: not told: {reason}. The next run tries again. Try it: syncer check --notify")
            self.keep(keys)


def _sending(
    settings: Settings,
    store: Store,
    pair: PairSettings,
    waits: Sequence[Waiting],
    place: Destination,
    new: Sequence[Incident],
) -> channel.Sending:
    keys = frozenset(key for one in new for key in one.keys)
    concerned = [one for one in waits if f"waits:{one.key}" in keys]
    details = place.readers <= _readers(settings, store, pair, concerned)
    title, body = text_of(pair.name, new, details=details)
    return channel.Sending(place.name, place.seconds, partial(place.send, title, body))


def _readers(settings: Settings, store: Store, pair: PairSettings, concerned: Iterable[Waiting]) -> Audience:
    """Who may read both scopes and every item that is told of; what is not known may be read by nobody."""
    rules = build_rules(settings, pair)
    scopes = []
    for side in Side:
        state = store.pairs.side(pair.name, side)
        scopes.append(Audience.RESTRICTED if state is None else of_scope(rules, side, state.audience))
    return min([*scopes, *_of_items(store, pair.name, concerned)])


def _of_items(store: Store, pair: str, concerned: Iterable[Waiting]) -> Iterator[Audience]:
    keys = (key for one in concerned for key in one.item.removeprefix("comment on ").partition(" (")[0].split(" = "))
    for key, side in product(keys, Side):
        item = store.observed.by_key(pair, side, key)
        if item is not None:
            yield Audience.RESTRICTED if item.audience_untold else item.audience


def beat(settings: Settings, say: Callable[[str], None]) -> None:
    """Calls the heartbeat's address at the end of a pass."""
    if settings.notify.heartbeat is None:
        return
    seconds = settings.notify.timeout.total_seconds()
    address = settings.notify.heartbeat.get_secret_value()
    outcomes = channel.deliver([channel.Sending("heartbeat", seconds, partial(channel.call, address, seconds))])
    if outcomes["heartbeat"]:
        say(f"heartbeat: {outcomes['heartbeat']}")


def try_places(settings: Settings, moment: datetime) -> dict[str, str]:
    """Sends a test to every place; by place, why it was not taken, empty where it was."""
    title, body = "syncer: a test", "Somebody called: syncer check --notify. You are told here what needs a person."
    found = places(settings, None, moment)
    return channel.deliver([channel.Sending(one.name, one.seconds, partial(one.send, title, body)) for one in found])
