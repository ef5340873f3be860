# SPDX-License-Identifier: Apache-2.0
"""Logs of the processes of a node: structured lines on standard output, whoever wrote them.

Kept here: one line is one JSON object with at, level, process, logger and event; the supervisor keeps the files.
"""

from __future__ import annotations

import logging.config

import structlog

QUIET = ("procrastinate", "django.server", "psycopg.pool", "asyncio", "httpx")


def configure(process: str, level: str) -> None:
    """Send the logs of structlog, of the standard library and of granian to standard output as JSON lines.

    Args:
        process: name of this process in the journal.
        level: lowest level written.
    """
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", key="at"),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        _named(process),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    logging.config.dictConfig(settings(shared, level))


def settings(shared: list[structlog.typing.Processor], level: str) -> dict[str, object]:
    """The standard library's half of the same arrangement."""
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": shared,
        "processors": [
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.EventRenamer("event"),
            structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
        ],
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": formatter},
        "handlers": {"out": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": "json"}},
        "root": {"handlers": ["out"], "level": level},
        "loggers": {name: {"level": "WARNING"} for name in QUIET},
    }


def _named(process: str) -> structlog.typing.Processor:
    def add(_logger: object, _method: str, line: structlog.typing.EventDict) -> structlog.typing.EventDict:
        line["process"] = process
        return line

    return add
