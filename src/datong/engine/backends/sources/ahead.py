# SPDX-License-Identifier: Apache-2.0
"""Reading ahead: the next batch of a stream is fetched while the one before is worked on."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any


def ahead(reader: Any, cancel: Callable[[], object]) -> Iterator[Any]:
    """Give the record batches of a stream; at most two are held.

    Args:
        reader: A RecordBatchReader; only one thread reads it at a time.
        cancel: Ends a read that waits, were the rest not wanted.

    Raises:
        Exception: Whatever the stream raises, where the batch would have been.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="ahead") as pool:
        coming: Future[Any] = pool.submit(_next, reader)
        try:
            while (batch := coming.result()) is not None:
                coming = pool.submit(_next, reader)
                yield batch
        finally:
            if not coming.done():
                cancel()


def _next(reader: Any) -> Any:
    try:
        return reader.read_next_batch()
    except StopIteration:
        return None
