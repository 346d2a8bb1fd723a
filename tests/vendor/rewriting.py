"""A sandbox that answers otherwise than it is assumed to: each JSON object of an answer may be changed."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from syncer.sandbox import Sandbox
from tests.garbling import objects


def answering(box: Sandbox, change: Callable[[dict[str, Any]], None], *, where: str = "") -> None:
    """From now on `change` is applied to every JSON object of the answers at paths that contain `where`."""

    def rewritten(path: str, body: bytes) -> bytes:
        if where not in path:
            return body
        try:
            answer = json.loads(body)
        except ValueError:
            return body
        for found in list(objects(answer)):
            change(found)
        return json.dumps(answer).encode()

    box.faults.rewriting = rewritten
