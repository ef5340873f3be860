# SPDX-License-Identifier: Apache-2.0
"""A span for each job of the queue, each beat and each time something is sent by the worker.

Kept here: a span tells the name of the work, and of a job its number and how often it was tried; never its arguments.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from opentelemetry.context import Context
from opentelemetry.trace import SpanKind

from datong.config.node.traces import export
from datong.config.wiring import Beat, Sender
from datong.gateway.traces import spans


def beats(known: tuple[Beat, ...]) -> tuple[Beat, ...]:
    """The same beats, each in a span."""
    return tuple(replace(one, run=_watched(f"beat {one.name}", one.run)) for one in known)


def senders(known: tuple[Sender, ...]) -> tuple[Sender, ...]:
    """The same senders, each in a span."""
    return tuple(replace(one, run=_watched(f"send {one.name}", one.run)) for one in known)


async def job(call_next: Callable[[], Awaitable[Any]], context: Any, _worker: Any) -> Any:
    """Do a job of the queue, in a span."""
    told = {"datong.job": int(context.job.id), "datong.tried": int(context.job.attempts)}
    name = f"job {context.job.task_name}"
    with spans.span(export.tracer("worker"), name, SpanKind.CONSUMER, told, Context()):
        return await call_next()


def _watched(name: str, run: Callable[[], object]) -> Callable[[], object]:
    def watched() -> object:
        with spans.span(export.tracer("worker"), name, SpanKind.INTERNAL, {}, Context()):
            return run()

    return watched
