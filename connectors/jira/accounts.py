"""Jira's users as accounts, and by what an account is known again. Pure."""

from __future__ import annotations

from urllib.parse import quote

from connectors.jira.json_fields import Json, as_object, want
from connectors.jira.site import Site
from syncer.contract.model import Account


def account_of(user: Json | None, site: Site) -> Account | None:
    """A user object as an account; None for nobody and for a user who was erased."""
    if user is None:
        return None
    # The site's own key first; recorded and anonymised data may hold only another one.
    for key in (site.dialect.account_key, "accountId", "name", "key"):
        if isinstance(native := user.get(key), str) and native:
            shown = user.get("displayName")
            return Account(
                native,
                name=shown if isinstance(shown, str) else "",
                url=profile(native, site),
                bot=user.get("accountType") == "app",
                native=_unchanging(user, site),
            )
    return None


def _unchanging(user: Json, site: Site) -> str:
    """The key of a user of Data Center, whose name may change; empty on Cloud, where accountIds never do."""
    key = user.get("key")
    return key if site.dialect.account_key == "name" and isinstance(key, str) else ""


def people_of(fields: Json, site: Site, where: str) -> tuple[Account, ...]:
    """The accounts that an issue's showing names, where they can be renamed: who is assigned, and who is in a field."""
    named = [want(fields, "assignee", dict, where)] if "assignee" in fields else []
    declared = (fields.get(held.id) for held in site.held.values() if held.kind == "person")
    found = [account_of(user, site) for user in (*named, *(user for user in declared if isinstance(user, dict)))]
    return tuple(dict.fromkeys(account for account in found if account is not None and account.native))


def natives_of(user: Json | None) -> tuple[str, ...]:
    """The ids of an account, first the one that survives renames: accountId (Cloud), key (Data Center); else none.

    A key of Data Center is never given again, a name may be.
    """
    if user is None:
        return ()
    found = (user.get(key) for key in ("accountId", "key", "name"))
    return tuple(native for native in found if isinstance(native, str) and native)


def creator_of(issue: Json) -> Json | None:
    """Who created an issue, which nobody can change; None where that is not told. Raises Malformed."""
    return want(as_object(issue.get("fields"), "issue.fields"), "creator", dict, "issue")


def profile(account_id: str, site: Site) -> str:
    """The profile page of an account."""
    if site.dialect.account_key == "accountId":
        return f"{site.url}/jira/people/{quote(account_id, safe=':')}"
    return f"{site.url}/secure/ViewProfile.jspa?name={quote(account_id, safe='')}"
