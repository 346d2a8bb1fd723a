"""Pictures and files in one repository's texts: which addresses lead to them, and reading them."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Final
from urllib.parse import unquote, urlsplit

from connectors.github.client import GitHubClient
from connectors.github.fetching import Download, Fetcher
from connectors.github.file_addresses import FileAddresses
from connectors.github.file_kinds import identified
from connectors.github.settings import GitHubTracker
from syncer.contract.errors import Gone, Rejected
from syncer.contract.files import File
from syncer.contract.model import Observed

_WITH_HTML: Final = "application/vnd.github.full+json"
_SOURCE: Final = re.compile(r'src="([^"]+)"')


class RepositoryFiles:
    """Reads the files of a repository's texts. `path` names an item in the API."""

    def __init__(
        self, tracker: GitHubTracker, repository: str, client: GitHubClient, path: Callable[[Observed], str]
    ) -> None:
        self._addresses = FileAddresses(tracker.pages, repository)
        self._fetcher = Fetcher(
            tracker.pages,
            self._addresses.hosts,
            connect_timeout=tracker.connect_timeout,
            read_timeout=tracker.silence,
            trusted=tracker.ca_bundle,
            stop=client.watch.asked_to_stop,
        )
        self._client = client
        self._path = path
        self.requests = 0
        """Requests sent so far, redirects not counted."""

    def stable(self, address: str) -> str:
        """The stable spelling of the address of a file; empty for any other address."""
        return self._addresses.stable(address)

    def fetch(self, item: Observed, address: str, most: int) -> File:
        """The file at a stable address. Raises `Rejected` and `Retryable`."""
        try:
            found = self._read(address, most)
        except Gone as missing:
            signed = self._signed(item, address)
            if not signed:
                raise Rejected(f"{missing}; no token opens it") from missing
            try:
                found = self._read(signed, most)
            except Gone as error:
                raise Rejected(str(error)) from error
        name = unquote(urlsplit(address).path.rpartition("/")[2])
        if self._addresses.picture(address):
            name = ""  # the address of a picture ends with an id that says nothing to people
        name, media_type = identified(name, found.media_type, found.content)
        return File(name, media_type, found.content)

    def _read(self, address: str, most: int) -> Download:
        """What is at an address. Raises `Gone` also for the page to sign in that an Enterprise Server answers with."""
        self.requests += 1
        found = self._fetcher.fetch(address, most)
        if found.media_type in ("text/html", "application/xhtml+xml"):
            raise Gone(f"{address.partition('?')[0]} is a page", uncertain=True)
        return found

    def _signed(self, item: Observed, address: str) -> str:
        """The address at which a picture of a private repository can be read for a few minutes; empty for none.

        GitHub gives it in the HTML of the text, and no token opens the stable address itself.
        """
        picture = self._addresses.picture(address)
        if not picture:
            return ""
        body, _ = self._client.get(self._path(item), f"read the pictures of {item.key}", item=True, accept=_WITH_HTML)
        shown = body.get("body_html") if isinstance(body, dict) else None
        sources = (unescape(found) for found in _SOURCE.findall(shown if isinstance(shown, str) else ""))
        return next((source for source in sources if picture in source.lower() and "?" in source), "")
