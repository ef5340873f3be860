# SPDX-License-Identifier: Apache-2.0
"""Work in a process of its own: a landing takes its memory with it, and a file that kills it kills nothing else.

Kept here: errors come back as they were raised; progress comes back while the work goes on; a child whose parent is
gone ends at its next report.
"""

import multiprocessing
from collections.abc import Callable
from multiprocessing.connection import Connection
from time import monotonic
from typing import Any

from datong.engine.errors import BackendFailed, SourceUnreadable
from datong.kernel.errors import DatongError

GRACE = 2.0
_PROGRESS, _DONE, _FAILED = "progress", "done", "failed"


def run(
    task: Callable[..., Any], arguments: tuple[Any, ...], options: dict[str, Any], seconds: float | None = None
) -> Any:
    """Run a task of the engine in a fresh process.

    Args:
        task: A module-level function; takes `progress` when `options` has it.
        arguments: Its positional arguments; they travel by pickle.
        options: Its keyword arguments.
        seconds: How long it may take; None for any time.

    Raises:
        SourceUnreadable: It took longer.
        DatongError: Whatever the task raised.
        BackendFailed: The process died, for one because memory ran out.
    """
    progress = options.get("progress")
    options = options | {"progress": _PROGRESS} if progress else {k: v for k, v in options.items() if k != "progress"}
    ours, theirs = multiprocessing.Pipe()
    context = multiprocessing.get_context("spawn")
    child = context.Process(target=_work, args=(theirs, task, arguments, options), daemon=True)
    child.start()
    theirs.close()
    try:
        return _listen(ours, progress, None if seconds is None else monotonic() + seconds)
    except EOFError:
        child.join()
        raise BackendFailed(
            f"the process of {task.__name__} ended with {child.exitcode}",
            remedy="the file may need more memory than there is: split it, or hand it in as CSV",
        ) from None
    finally:
        ours.close()
        child.join(GRACE)
        child.kill()
        child.join()
        child.close()


def _listen(ours: Connection, progress: Callable[[int], None] | None, deadline: float | None) -> Any:
    while True:
        if deadline is not None and not ours.poll(max(0.0, deadline - monotonic())):
            raise SourceUnreadable("this takes too long", fields={"file": "time is over"}, remedy="hand in less, or as CSV")
        kind, said = ours.recv()
        if kind == _DONE:
            return said
        if kind == _FAILED:
            raise said
        if progress is not None:
            progress(said)


def _work(theirs: Connection, task: Callable[..., Any], arguments: tuple[Any, ...], options: dict[str, Any]) -> None:
    if "progress" in options:
        options["progress"] = lambda rows: theirs.send((_PROGRESS, rows))
    try:
        theirs.send((_DONE, task(*arguments, **options)))
    except DatongError as error:
        error.__cause__ = None
        theirs.send((_FAILED, error))
