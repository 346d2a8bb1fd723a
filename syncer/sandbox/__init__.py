"""A GitHub and a Jira that run on loopback, behave like the vendors, and can be told to fail.

They are the demo, the test bed, the benchmark rig and a user's rehearsal room. `Sandbox` serves both from one
server; `GitHub` and `Jira` hold their state and can be filled from Python; people act on them through HTTP as
themselves, with their own tokens.
"""

from syncer.sandbox.clock import Clock
from syncer.sandbox.errors import SandboxError
from syncer.sandbox.faults import Fault, FaultPlan
from syncer.sandbox.requestlog import Exchange, RequestLog
from syncer.sandbox.server import Sandbox

__all__ = ["Clock", "Exchange", "Fault", "FaultPlan", "RequestLog", "Sandbox", "SandboxError"]
