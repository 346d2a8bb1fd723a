"""A stateful Jira, Cloud (REST v3, ADF) or Data Center (REST v2, wiki markup), served below one path.

`Jira` holds the site and can be filled from Python; `routes` gives the HTTP routes people act through.
"""

from syncer.sandbox.jira.routes import routes
from syncer.sandbox.jira.state import Jira

__all__ = ["Jira", "routes"]
