"""Errors of the sandbox itself, as opposed to the errors its trackers answer with."""

from __future__ import annotations


class SandboxError(Exception):
    """The sandbox was asked for something it cannot do (a wrong call of its Python or control interface)."""
