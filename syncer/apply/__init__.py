"""Writing a change set: journal first, one request, outcome and base in one commit.

Intent is committed before a request leaves, so that after a crash every write that may have happened is known. A lost
answer is settled by reading, never by sending again.
"""

from syncer.apply.attaching import Attaching
from syncer.apply.creates import Creates
from syncer.apply.updates import Updates
from syncer.apply.withdrawn import Withdrawn
from syncer.apply.writer import AudienceChanged, TrackerDown, Writer

__all__ = ["Attaching", "AudienceChanged", "Creates", "TrackerDown", "Updates", "Withdrawn", "Writer"]
