"""The control interface below `/_sandbox`: read the log, reset, move the clock, plan faults, set lag and limits."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, fields
from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from syncer.sandbox.clock import Clock
from syncer.sandbox.errors import SandboxError
from syncer.sandbox.faults import Fault, FaultPlan
from syncer.sandbox.requestlog import RequestLog

_FAULT_FIELDS = frozenset(field.name for field in fields(Fault))


def control_routes(
    log: RequestLog,
    faults: FaultPlan,
    clock: Clock,
    set_lag: Callable[[timedelta], None],
    set_limits: Callable[[Mapping[str, Any]], None],
) -> list[BaseRoute]:
    """Return the routes of the control interface, relative to `/_sandbox`.

    GET requests; POST reset; GET and POST clock/advance `{"seconds": n}`; GET, POST and DELETE faults (a `Fault`'s
    fields as JSON); POST lag `{"seconds": n}`; POST limits, those of Jira: `{"quota": n}`. A wrong call is a 400 with
    `{"message": ...}`.
    """

    async def requests(_: Request) -> Response:
        return JSONResponse({"counts": log.counts(), "requests": [entry.as_json() for entry in log.entries]})

    async def reset(_: Request) -> Response:
        log.reset()
        faults.clear()
        return Response(status_code=204)

    async def read_clock(_: Request) -> Response:
        return JSONResponse({"now": clock.now().isoformat(), "virtual": clock.is_virtual})

    async def advance(request: Request) -> Response:
        clock.advance(await _seconds(request))
        return JSONResponse({"now": clock.now().isoformat(), "virtual": clock.is_virtual})

    async def list_faults(_: Request) -> Response:
        return JSONResponse([{**asdict(fault), "times": times} for fault, times in faults.pending()])

    async def add_fault(request: Request) -> Response:
        given = await _object(request)
        unknown = sorted(set(given) - _FAULT_FIELDS)
        if unknown or "kind" not in given:
            raise SandboxError(f"a fault has a kind and may have {', '.join(sorted(_FAULT_FIELDS))}; got {unknown}")
        faults.add(Fault(**given))
        return Response(status_code=204)

    async def clear_faults(_: Request) -> Response:
        faults.clear()
        return Response(status_code=204)

    async def lag(request: Request) -> Response:
        set_lag(await _seconds(request))
        return Response(status_code=204)

    async def limits(request: Request) -> Response:
        set_limits(await _object(request))
        return Response(status_code=204)

    return [
        Route("/requests", _checked(requests), methods=["GET"]),
        Route("/reset", _checked(reset), methods=["POST"]),
        Route("/clock", _checked(read_clock), methods=["GET"]),
        Route("/clock/advance", _checked(advance), methods=["POST"]),
        Route("/faults", _checked(list_faults), methods=["GET"]),
        Route("/faults", _checked(add_fault), methods=["POST"]),
        Route("/faults", _checked(clear_faults), methods=["DELETE"]),
        Route("/lag", _checked(lag), methods=["POST"]),
        Route("/limits", _checked(limits), methods=["POST"]),
    ]


_Endpoint = Callable[[Request], Awaitable[Response]]


def _checked(endpoint: _Endpoint) -> _Endpoint:
    """Return `endpoint` with wrong calls answered as 400."""

    async def guarded(request: Request) -> Response:
        try:
            return await endpoint(request)
        except SandboxError as error:
            return JSONResponse({"message": str(error)}, status_code=400)

    return guarded


async def _object(request: Request) -> Mapping[str, Any]:
    """Return the request body as a JSON object; raise SandboxError when it is none."""
    try:
        given = json.loads(await request.body())
    except ValueError as error:
        raise SandboxError(f"the body is not JSON: {error}") from error
    if not isinstance(given, dict):
        raise SandboxError("the body is not a JSON object")
    return given


async def _seconds(request: Request) -> timedelta:
    """Return the `seconds` of the request body; raise SandboxError when there is no such number."""
    seconds = (await _object(request)).get("seconds")
    if not isinstance(seconds, int | float) or isinstance(seconds, bool):
        raise SandboxError('expected {"seconds": number}')
    return timedelta(seconds=seconds)
