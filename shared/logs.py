"""Logs: one JSON object a line on standard error, with the trace, and with ids instead of names."""

from __future__ import annotations

import logging
import traceback

import structlog

from shared import trace


def set_up(service: str, level: str) -> None:
    """Send all logging of this process through structlog."""

    def add_context(
        _logger: object, _method: str, event: structlog.typing.EventDict
    ) -> structlog.typing.EventDict:
        return {**event, "service": service, "trace_id": trace.trace_id()}

    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                add_context,
                _trace_without_values,
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ]
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    logging.getLogger("pika").setLevel("ERROR")
    logging.getLogger("alembic").setLevel("WARNING")
    # Below "error" it writes the paths of visitors who went away, and personal links are paths.
    logging.getLogger("waitress").setLevel("ERROR")


def _trace_without_values(
    _logger: object, _method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """Show where an error arose and its type, never its text: a database quotes rows in it."""
    raised = event.pop("exc_info", None)
    if isinstance(raised, tuple) and raised[0] is not None:
        event["error"] = raised[0].__name__
        event["where"] = "".join(traceback.format_tb(raised[2]))
    return event
