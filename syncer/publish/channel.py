"""Hands messages to channels, and calls an address that waits for the call. No message delays a run beyond its time.

Each is sent in a thread of its own. One that does not come back in time is left behind: it counts as not taken, and is
sent again after the next run. Nothing follows a redirect: the address holds secrets, and is meant for one host.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from threading import Thread

import requests

from syncer.richtext.characters import JOINER

_CALLS = re.compile(r"([@＠<])(?=\S)")
_LONGEST_SCHEME = 16
"""A longer word before an address is no slip of a scheme, and may be a secret."""
SECRET = 6
"""Letters from which on a part of an address counts as a secret."""


@dataclass(slots=True)
class Sending:
    """One message on its way."""

    place: str
    seconds: float
    send: Callable[[], str]
    """Sends it; why it was not taken, empty where it was."""
    outcome: str | None = field(default=None, init=False)
    """Why it was not taken, empty where it was; None while nobody knows."""

    def run(self) -> None:
        """Sends it, and keeps what became of it. Never raises."""
        try:
            self.outcome = self.send()
        except Exception as error:  # noqa: BLE001 - whatever a channel does, the run goes on
            self.outcome = f"{type(error).__name__}: {error}"


def deliver(messages: Sequence[Sending]) -> dict[str, str]:
    """Sends all at once; by place, why a message was not taken, empty where it was. Waits for the slowest at most."""
    began = time.monotonic()
    threads = [Thread(target=message.run, daemon=True, name=f"to {message.place}") for message in messages]
    for thread in threads:
        thread.start()
    for message, thread in zip(messages, threads, strict=True):
        thread.join(max(0.0, message.seconds - (time.monotonic() - began)))
    return {
        message.place: f"no answer within {message.seconds:g} s" if message.outcome is None else message.outcome
        for message in messages
    }


def unpinging(text: str) -> str:
    """A text that calls nobody, in whatever channel: `@everyone`, `<!here>`, `<users/all>` are words like others."""
    return _CALLS.sub(rf"\1{JOINER}", text)


def to_channel(url: str, title: str, body: str) -> str:
    """Sends a text to an address as Apprise takes it; why it was not taken, empty where it was."""
    import apprise

    channel = apprise.Apprise(asset=apprise.AppriseAsset(http_redirects=False))
    if not channel.add(url):
        return "its url is none that Apprise understands"
    capture = apprise.LogCapture(level=apprise.logging.WARNING, fmt="%(message)s")  # type: ignore[no-untyped-call]
    with capture as told:
        taken = channel.notify(body=unpinging(body), title=unpinging(title), body_format=apprise.NotifyFormat.TEXT)
        words = [line.strip() for line in told.getvalue().splitlines() if line.strip()]
    return "" if taken else _without_secrets(" ".join(words[-2:]), url) or "it was not taken"


def misread(url: str) -> str:
    """Why an address is none to Apprise, nothing of it repeated but its scheme; empty where it is one."""
    import apprise
    from apprise.manager_plugins import NotificationManager

    with apprise.LogCapture():  # type: ignore[no-untyped-call]  # what it says of an address holds the address
        if apprise.Apprise().add(url):
            return ""
    scheme, sign, _ = url.partition("://")
    known = [name for name in NotificationManager().schemas() if isinstance(name, str)]  # type: ignore[no-untyped-call]
    if not sign or not scheme.isalnum() or len(scheme) > _LONGEST_SCHEME or scheme.casefold() in known:
        return "its url is none that Apprise understands"
    near = get_close_matches(scheme.casefold(), known, n=1)
    return f"Apprise knows no {scheme}://" + (f": did you mean {near[0]}://?" if near else "")


def _without_secrets(text: str, url: str) -> str:
    """Words of a library without the parts of an address, any of which may be a secret."""
    for part in sorted(re.split(r"[/:@?&=#]+", url.partition("://")[2]), key=len, reverse=True):
        text = text.replace(part, "***") if len(part) >= SECRET else text
    return text


def call(address: str, seconds: float) -> str:
    """Calls an address; why it did not answer well, empty where it did."""
    try:
        answer = requests.get(address, timeout=seconds, allow_redirects=False, stream=True)
        answer.close()
    except requests.RequestException as error:
        return type(error).__name__
    return "" if answer.status_code < 300 else f"answered with {answer.status_code}"
