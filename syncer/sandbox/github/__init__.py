"""A stateful GitHub: REST interface 2022-11-28, driven unmodified by PyGithub.

`GitHub` holds the state and has the shortcuts tests and data sets use; `routes` serves it.
"""

from syncer.sandbox.github.api import routes
from syncer.sandbox.github.behaviour import Behaviour
from syncer.sandbox.github.model import Account, App, Comment, Installation, Issue, Label, Milestone, Repository, Token
from syncer.sandbox.github.state import GitHub

__all__ = [
    "Account",
    "App",
    "Behaviour",
    "Comment",
    "GitHub",
    "Installation",
    "Issue",
    "Label",
    "Milestone",
    "Repository",
    "Token",
    "routes",
]
