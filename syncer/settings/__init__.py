"""The configuration: one TOML file, secrets from elsewhere, and every mistake reported at once.

`load` is the way in. Nothing here is read at import time.
"""

from syncer.settings.addresses import specification
from syncer.settings.kinds import Kinds
from syncer.settings.load import load
from syncer.settings.locating import locate
from syncer.settings.model import LogSettings, PersonSettings, Settings
from syncer.settings.pair import FieldSettings, PairSettings, SideSettings, TrackerSettings
from syncer.settings.problems import Misconfigured, Problem
from syncer.settings.reporting import MailSettings, PostSettings, RecipientSettings, ReportSettings
from syncer.settings.responsibilities import declarations

__all__ = [
    "FieldSettings",
    "Kinds",
    "LogSettings",
    "MailSettings",
    "Misconfigured",
    "PairSettings",
    "PersonSettings",
    "PostSettings",
    "Problem",
    "RecipientSettings",
    "ReportSettings",
    "Settings",
    "SideSettings",
    "TrackerSettings",
    "declarations",
    "load",
    "locate",
    "specification",
]
