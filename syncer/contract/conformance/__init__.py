"""The meaning of the connector protocol, as tests that any connector can be put through.

```python
class TestMyTracker(ConnectorSuite):
    def open_connector(self) -> Connector: ...
    ...
```

A subclass supplies the members of `World`: how to open a connector, and how people act in the tracker without it. It
runs under pytest, which this package needs and the rest of the contract does not. For readable failures, put
`pytest.register_assert_rewrite("syncer.contract.conformance")` into `conftest.py`.
"""

from syncer.contract.conformance.answering import AnsweringSuite
from syncer.contract.conformance.creating import CreatingSuite
from syncer.contract.conformance.declaring import DeclaringSuite
from syncer.contract.conformance.describing import DescribingSuite
from syncer.contract.conformance.edges import EdgesSuite
from syncer.contract.conformance.reading import ReadingSuite
from syncer.contract.conformance.telling import TellingSuite
from syncer.contract.conformance.updating import UpdatingSuite
from syncer.contract.conformance.world import Remembered, World


class ConnectorSuite(
    ReadingSuite,
    CreatingSuite,
    UpdatingSuite,
    EdgesSuite,
    DeclaringSuite,
    DescribingSuite,
    TellingSuite,
    AnsweringSuite,
):
    """Everything a connector must do."""


__all__ = ["ConnectorSuite", "Remembered", "World"]
