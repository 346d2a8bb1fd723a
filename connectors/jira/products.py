"""What a server says that it is."""

from __future__ import annotations

from connectors.jira.answers import Forbidden
from connectors.jira.client import Client
from connectors.jira.json_fields import as_object, want
from connectors.jira.project import understood
from syncer.contract.errors import Gone, Rejected
from syncer.contract.recording import Product


def product(client: Client) -> Product | None:
    """The product by `serverInfo`, which anybody may ask; None where it is kept back.

    Data Center and Server both call themselves `Server`. The version of Cloud is the same everywhere and tells nothing.
    """
    try:
        with understood("serverInfo"):
            told = as_object(client.get("/serverInfo"), "serverInfo")
            kind, version = (want(told, name, str, "serverInfo") or "" for name in ("deploymentType", "version"))
    except (Gone, Forbidden, Rejected):
        return None
    return Product("Jira Cloud") if kind == "Cloud" else Product("Jira Data Center or Server", version)
