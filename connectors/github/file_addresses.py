"""Which addresses in a text lead to a file of this GitHub, and the one stable spelling of each.

GitHub hands out the same picture at several addresses. Those with a signature or token end after minutes; in the stable
spelling they are the address that a text holds for good, so a copied signature never looks like an edit.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from syncer.richtext import Run

_UUID: Final = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_ASSET: Final = re.compile(rf"/user-attachments/assets/({_UUID})/?", re.IGNORECASE)
_FILE: Final = re.compile(r"/user-attachments/files/[0-9]+/[^/]+")
_SIGNED: Final = re.compile(rf"(?:/private-user-images)?/[0-9]+/[0-9]+-({_UUID})(?:\.[A-Za-z0-9]+)?", re.IGNORECASE)
_LEGACY: Final = re.compile(rf"/[0-9]+/[0-9]+-{_UUID}(?:\.[A-Za-z0-9]+)?", re.IGNORECASE)
_OF_REPOSITORY: Final = re.compile(rf"/(?:assets/[0-9]+/{_UUID}|files/[0-9]+/[^/]+|raw/.+)", re.IGNORECASE)
_DOTS: Final = re.compile(r"(?:^|/)(?:\.|%2e){1,2}(?:/|$)", re.IGNORECASE)

_SIGNED_HOST: Final = "private-user-images.githubusercontent.com"
_PICTURE_HOST: Final = "user-images.githubusercontent.com"
_RAW_HOST: Final = "raw.githubusercontent.com"
STORES: Final = frozenset(
    {
        _SIGNED_HOST,
        _PICTURE_HOST,
        _RAW_HOST,
        "media.githubusercontent.com",
        "objects.githubusercontent.com",
        "github-production-user-asset-6210df.s3.amazonaws.com",
        "github-production-repository-file-5c1aeb.s3.amazonaws.com",
    }
)
"""The hosts on which github.com keeps files."""


class FileAddresses:
    """The addresses of files that texts of one repository may refer to. `pages` is what the host's pages begin with."""

    def __init__(self, pages: str, repository: str) -> None:
        self.pages = pages
        self._public = pages == "https://github.com"
        self._host = urlsplit(pages).netloc.lower()
        self._repository = f"/{repository}".casefold()

    @property
    def hosts(self) -> frozenset[str]:
        """Every host a file may come from."""
        if self._public:
            return STORES | {self._host}
        name = self._host.partition(":")[0]
        return frozenset({self._host, f"media.{name}", f"raw.{name}"})

    def stable(self, address: str) -> str:
        """The stable spelling of an address of a file; empty for any other address."""
        try:
            parts = urlsplit(address.strip())
            scheme, host, path = parts.scheme.lower(), parts.netloc.lower(), parts.path
        except ValueError:
            return ""
        if scheme != urlsplit(self.pages).scheme or _DOTS.search(path) or any(map(str.isspace, path)):
            return ""
        if host == self._host:
            return self._on_pages(path)
        return self._on_stores(host, path) if self._public else ""

    def picture(self, address: str) -> str:
        """The part of a stable address by which a picture is found in a text's HTML; empty for what is no picture."""
        found = _ASSET.fullmatch(urlsplit(address).path)
        return found[1].lower() if found else ""

    def _on_pages(self, path: str) -> str:
        signed = _SIGNED.fullmatch(path) if path.startswith("/private-user-images/") else None
        if asset := _ASSET.fullmatch(path) or signed:
            return f"{self.pages}/user-attachments/assets/{asset[1].lower()}"
        rest = path[len(self._repository) :] if path.casefold().startswith(self._repository + "/") else ""
        if _FILE.fullmatch(path) or _OF_REPOSITORY.fullmatch(rest):
            return self.pages + path
        return ""

    def _on_stores(self, host: str, path: str) -> str:
        if host == _SIGNED_HOST and (signed := _SIGNED.fullmatch(path)):
            return f"{self.pages}/user-attachments/assets/{signed[1].lower()}"
        if host == _PICTURE_HOST and _LEGACY.fullmatch(path):
            return f"https://{host}{path}"
        if host == _RAW_HOST and path.casefold().startswith(self._repository + "/"):
            return f"https://{host}{path}"
        return ""

    def unsigned(self, runs: tuple[Run, ...]) -> tuple[Run, ...]:
        """The runs with the stable spelling in place of addresses that end after minutes."""
        return tuple(self._unsigned(run) if "?" in run.link + run.target else run for run in runs)

    def _unsigned(self, run: Run) -> Run:
        link, target = self.stable(run.link), self.stable(run.target)
        text = link if link and run.text == run.link else run.text
        return replace(run, text=text, link=link or run.link, target=target or run.target)
