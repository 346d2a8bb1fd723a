"""Logs: structlog on the standard library's logging, to stderr, with every token taken out.

The filter sits on the handlers of the root logger and on the loggers of the client libraries themselves, because those
write request headers at DEBUG.

structlog is loaded when the first line is written: with it come rich and asyncio, and most runs have nothing to say.
"""

from __future__ import annotations

import logging
import re
import sys
import threading
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from structlog.types import EventDict, Processor

_PATTERNS: Final = (
    re.compile(r"gh[pousr]_[A-Za-z0-9]{8,}|github_pat_\w{8,}|ATATT[\w=-]{8,}|sandbox-[\w-]*token[\w-]*"),
    re.compile(r"(?i)(?<=bearer )[\w.=+/~-]+|(?<=basic )[\w=+/-]{6,}|(?<=token )[\w.=+/~-]{8,}"),
    re.compile(r"(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"),
    re.compile(r"eyJ[\w-]{6,}\.[\w-]{6,}\.[\w-]+"),
    re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)", re.DOTALL),
)
"""GitHub and Atlassian tokens, Authorization headers, passwords in URLs, JSON web tokens, private keys."""

_LIBRARIES: Final = (
    "urllib3",
    "requests",
    "jira",
    "github",
    "github.Requester",
    "apscheduler",
    "procrastinate",
    "alembic",
    "sqlalchemy",
)

REDACTED: Final = "[redacted]"


def redacted(text: str) -> str:
    """The text without anything that looks like a secret."""
    for pattern in _PATTERNS:
        text = pattern.sub(REDACTED, text)
    return text


class Redaction(logging.Filter):
    """Takes secrets out of a record's message, its arguments and its traceback before any handler sees them."""

    def filter(self, record: logging.LogRecord) -> bool:
        """True always: the record is changed, not dropped."""
        if isinstance(record.msg, str):
            record.msg = redacted(record.getMessage())
            record.args = None
        elif isinstance(record.msg, dict):
            record.msg = _redact_event(record.msg)
        if record.exc_info and not record.exc_text:
            record.exc_text = redacted(logging.Formatter().formatException(record.exc_info))
        return True


_process: dict[str, str] = {}
"""What every line of this process says beside its sentence."""
_about: ContextVar[Mapping[str, str | int]] = ContextVar("about")
"""What the run says of itself that writes the line: its pair, and once it has the pair, its id and epoch."""


def by_worker(name: str) -> None:
    """From now on every line of this process names the worker."""
    _process["worker"] = name


@contextmanager
def about_pair(name: str, **more: str) -> Iterator[None]:
    """While it is open, lines of this thread name the pair, and what else is given."""
    token = _about.set({"pair": name, **more})
    try:
        yield
    finally:
        _about.reset(token)


def about_run(run: str, epoch: int) -> None:
    """Until `about_pair` ends, lines of this thread also name the run, by its id and epoch."""
    _about.set({**_about.get({}), "run": run, "epoch": epoch})


class _Formatter(logging.Formatter):
    """`console` lines or `json` objects. The last look is ours: whatever was put together is redacted once more."""

    def __init__(self, form: str) -> None:
        super().__init__()
        self._form = form
        self._made: logging.Formatter | None = None

    def format(self, record: logging.LogRecord) -> str:
        """The line to write."""
        if self._made is None:
            self._made = _structured(self._form)
        return redacted(self._made.format(record))


def _structured(form: str) -> logging.Formatter:
    """The formatter of structlog, for its own loggers and for those of the standard library."""
    import structlog

    renderer: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if form == "json"
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.ExtraAdder(), *_told_of_each_line()],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            _redact_processor,
            renderer,
        ],
    )


def _told_of_each_line() -> list[Processor]:
    import structlog

    return [
        _with_its_run,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]


def _with_its_run(_logger: Any, _method: str, event: EventDict) -> EventDict:
    for name, value in {**_process, **_about.get({})}.items():
        event.setdefault(name, value)
    return event


def logger(name: str) -> Any:
    """A logger that takes what a line says beside its sentence as keywords."""
    import structlog

    if not structlog.is_configured():
        structlog.configure(
            processors=[*_told_of_each_line(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
            logger_factory=structlog.stdlib.LoggerFactory(),
            wrapper_class=structlog.stdlib.BoundLogger,
            cache_logger_on_first_use=False,
        )
    return structlog.get_logger(name)


def switch_on(level: str, form: str, verbose: int = 0) -> None:
    """Sends all logs to stderr as `console` lines or `json` objects. `verbose` 1 shows `info`, 2 and more `debug`."""
    chosen = min(logging.getLevelNamesMapping()[level.upper()], {0: 100, 1: logging.INFO}.get(verbose, logging.DEBUG))
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(Redaction())
    handler.setFormatter(_Formatter(form))
    root = logging.getLogger()
    for old in [*root.handlers]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(chosen)
    tame_libraries()


@contextmanager
def everything_logged() -> Iterator[None]:
    """While it is open, warnings and errors that nobody caught are logged instead of written to stderr as they are."""
    log = logging.getLogger("syncer")
    hooks = sys.excepthook, threading.excepthook, sys.unraisablehook

    def uncaught(kind: Any, error: Any, trace: Any) -> None:
        log.error("unexpected error", exc_info=(kind, error, trace))

    logging.captureWarnings(True)
    sys.excepthook = uncaught
    threading.excepthook = lambda told: uncaught(told.exc_type, told.exc_value, told.exc_traceback)
    sys.unraisablehook = lambda told: uncaught(told.exc_type, told.exc_value, told.exc_traceback)
    try:
        yield
    finally:
        logging.captureWarnings(False)
        sys.excepthook, threading.excepthook, sys.unraisablehook = hooks


def tame_libraries() -> None:
    """Takes their own handlers from the client libraries, and lets them say warnings only unless everything is wanted.

    To be called again once they are imported: PyGithub puts a handler on its logger and sets its level at that moment.
    None of them ever logs below INFO here except urllib3, because at DEBUG they write whole bodies and headers.
    """
    level = logging.getLogger().level
    logging.getLogger("apprise").propagate = False  # what it says holds addresses: `syncer.publish.channel` tells it
    for name in _LIBRARIES:
        logger = logging.getLogger(name)
        lowest = logging.DEBUG if name == "urllib3" else logging.INFO
        logger.setLevel(max(level, lowest) if level <= logging.DEBUG else max(level, logging.WARNING))
        for handler in [*logger.handlers]:
            logger.removeHandler(handler)
        if not any(isinstance(found, Redaction) for found in logger.filters):
            logger.addFilter(Redaction())


def _redact_processor(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    return _redact_event(event)


def _redact_event(event: Mapping[str, Any]) -> dict[str, Any]:
    return {key: redacted(value) if isinstance(value, str) else value for key, value in event.items()}
