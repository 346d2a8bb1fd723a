"""The demonstration: two trackers on this machine, people who edit both, and the report of their week."""

from syncer.demo.run import run_demo

__all__ = ["run_demo"]
