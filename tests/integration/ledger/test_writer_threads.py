# SPDX-License-Identifier: Apache-2.0
"""Group commit: everyone gets the receipt of his own record, or hears that there is no evidence."""

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from datong.kernel.errors import Malformed, Unavailable
from datong.ledger.read import records
from datong.ledger.receipts import verify_receipt
from datong.ledger.verify import verify_log
from datong.ledger.writer import GroupWriter
from factories.evidence import a_log, a_signer, its_verifier


class SlowLog:
    """A log that waits for a signal before each append, so that a queue can build up."""

    def __init__(self, log):
        self.log, self.origin, self.go, self.batches = log, log.origin, threading.Semaphore(0), []
        self.entered = threading.Event()
        self.error = None

    def append(self, batch):
        self.entered.set()
        assert self.go.acquire(timeout=60)
        self.batches.append(len(batch))
        if self.error:
            raise self.error
        return self.log.append(batch)

    def close(self):
        self.log.close()


@pytest.fixture
def slow(tmp_path):
    with a_log(tmp_path / "log") as log:
        yield SlowLog(log)


def test_threads_get_the_receipts_of_their_own_records(tmp_path):
    writer, verifier = GroupWriter(a_log(tmp_path)), its_verifier(a_signer())
    with ThreadPoolExecutor(8) as pool:
        futures = list(pool.map(writer.submit, [str(number).encode() for number in range(400)]))
    for number, future in enumerate(futures):
        verify_receipt(future.result(60), verifier, record=str(number).encode())
    writer.close()
    assert len({future.result().index for future in futures}) == 400
    report = verify_log(tmp_path, verifier)
    assert (report.ok, report.size) == (True, 400)


def test_tasks_get_the_receipts_of_their_own_records(tmp_path):
    async def main():
        writer = GroupWriter(a_log(tmp_path))
        bodies = [str(number).encode() for number in range(300)]
        receipts = await asyncio.gather(*map(writer.write, bodies))
        writer.close()
        return [receipt.record for receipt in receipts] == bodies

    assert asyncio.run(main())
    assert verify_log(tmp_path).checkpoints < 300


def test_what_waits_makes_up_the_next_batch(slow):
    writer = GroupWriter(slow, max_batch=4)
    futures = [writer.submit(b"first")]
    assert slow.entered.wait(60)
    futures += [writer.submit(b"later") for _ in range(6)]
    slow.go.release(10)
    assert [future.result(60).index for future in futures] == list(range(7))
    assert slow.batches == [1, 4, 2]
    writer.close()


def test_a_full_queue_refuses_at_once_and_recovers(slow):
    writer = GroupWriter(slow, max_queue=2)
    waiting = [writer.submit(b"first")]
    assert slow.entered.wait(60)
    waiting += [writer.submit(b"x"), writer.submit(b"x")]
    with pytest.raises(Unavailable, match="2 records wait"):
        writer.submit(b"too many")
    assert writer.writable
    slow.go.release(10)
    assert [future.result(60).index for future in waiting] == [0, 1, 2]
    writer.submit(b"again").result(60)
    writer.close()


def test_a_failing_log_tells_all_who_wait_and_stays_closed(slow):
    writer = GroupWriter(slow)
    slow.error = OSError("the disk is gone")
    futures = [writer.submit(b"first")]
    assert slow.entered.wait(60)
    futures += [writer.submit(b"x") for _ in range(5)]
    slow.go.release()
    for future in futures:
        with pytest.raises(Unavailable, match="the disk is gone"):
            future.result(60)
    assert not writer.writable
    with pytest.raises(Unavailable, match="closed"):
        writer.submit(b"x")
    writer.close()


def test_a_failing_log_tells_tasks_too(slow):
    async def main():
        writer = GroupWriter(slow)
        slow.error = Unavailable("full")
        slow.go.release()
        with pytest.raises(Unavailable, match="full"):
            await writer.write(b"x")
        with pytest.raises(Unavailable, match="closed"):
            await writer.write(b"x")
        writer.close()

    asyncio.run(main())


def test_closing_writes_what_waits(slow, tmp_path):
    writer = GroupWriter(slow)
    futures = [writer.submit(str(number).encode()) for number in range(5)]
    slow.go.release(10)
    writer.close()
    writer.close()
    assert all(future.done() for future in futures)
    assert [body for _, body in records(tmp_path / "log")] == [b"0", b"1", b"2", b"3", b"4"]


def test_closing_while_the_log_fails_leaves_nobody_waiting(slow):
    writer = GroupWriter(slow)
    slow.error = OSError("gone")
    future = writer.submit(b"x")
    assert slow.entered.wait(60)
    closing = threading.Thread(target=writer.close)
    closing.start()
    while writer.writable:
        time.sleep(0.001)
    slow.go.release()
    closing.join(60)
    assert isinstance(future.exception(0), Unavailable)


def test_what_is_no_record_hurts_nobody_else(tmp_path):
    writer = GroupWriter(a_log(tmp_path))
    with pytest.raises(Malformed):
        writer.submit("text")
    assert writer.submit(b"good").result(60).index == 0
    writer.close()


def test_callers_who_gave_up_are_passed_over(slow):
    writer = GroupWriter(slow)
    futures = [writer.submit(b"first")]
    assert slow.entered.wait(60)
    futures += [writer.submit(b"x") for _ in range(3)]
    assert futures[2].cancel()
    slow.go.release(10)
    assert futures[3].result(60).index == 3
    writer.close()


def test_tasks_and_loops_that_are_gone_are_passed_over(slow):
    writer = GroupWriter(slow)

    async def hurried():
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(writer.write(b"x"), 0.01)
        task = asyncio.create_task(writer.write(b"y"))
        await asyncio.sleep(0)
        task.cancel()
        slow.go.release()
        await asyncio.sleep(0.05)
        return task.cancelled()

    assert asyncio.run(hurried())
    asyncio.run(abandon(writer))
    slow.go.release(10)
    assert writer.submit(b"z").result(60).record == b"z"
    writer.close()


async def abandon(writer):
    """Leave a record in the queue of a loop that ends before the answer."""
    task = asyncio.create_task(writer.write(b"late"))
    await asyncio.sleep(0)
    task.cancel()
