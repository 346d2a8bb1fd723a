"""Surroundings of a text in which nothing is known."""

from __future__ import annotations

from syncer.contract.model import Side


class Nowhere:
    """No task is linked, no profile known."""

    def partner_page(self, to: Side, url: str) -> tuple[str, str] | None:
        del to, url
        return None

    def profile(self, side: Side, account: str) -> str:
        del side, account
        return ""

    def known(self, side: Side, login: str) -> bool:
        del side, login
        return False
