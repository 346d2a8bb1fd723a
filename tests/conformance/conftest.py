"""Readable failures of the shipped suite."""

import pytest

pytest.register_assert_rewrite("syncer.contract.conformance")
