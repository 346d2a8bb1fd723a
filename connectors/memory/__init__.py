"""A whole tracker in memory: the reference connector, and the double the engine is tested against.

`MemoryTracker` is the world, in which people act; `MemoryConnector` is how the engine sees it. What is hard about real
trackers (answers that are lost, an index that lags, strangers who edit meanwhile) can be asked for; nothing happens by
chance.

```python
tracker = MemoryTracker(clock, name="pay")
task = tracker.create("Refund fails", "Since Monday.", by="mia")
tracker.comment(task, "Seen again.", by="liwei")
connector = MemoryConnector(tracker)
```
"""

from connectors.memory.connector import MemoryConnector
from connectors.memory.records import CLOSED, DOING, DONE, EVERYTHING, OPEN, STATUSES, TODO, WONT_DO
from connectors.memory.tracker import MemoryTracker
from syncer.richtext.plain import PlainMarkup

__all__ = [
    "CLOSED",
    "DOING",
    "DONE",
    "EVERYTHING",
    "OPEN",
    "STATUSES",
    "TODO",
    "WONT_DO",
    "MemoryConnector",
    "MemoryTracker",
    "PlainMarkup",
]
