"""Servers as their sources tell them: what the sandbox can be made to behave like."""

from syncer.sandbox.profiles.edge import Edge
from syncer.sandbox.profiles.model import FORMS, Difference, Form, Missing, Profile, Setting, Shown, as_json, parse
from syncer.sandbox.profiles.named import GITHUB_COM, NAMED
from syncer.sandbox.profiles.recorded import profiles_from, profiles_of

__all__ = [
    "FORMS",
    "GITHUB_COM",
    "NAMED",
    "Difference",
    "Edge",
    "Form",
    "Missing",
    "Profile",
    "Setting",
    "Shown",
    "as_json",
    "parse",
    "profiles_from",
    "profiles_of",
]
