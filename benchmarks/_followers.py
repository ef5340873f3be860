# SPDX-License-Identifier: Apache-2.0
"""Subscribers of one process: each waits at the gateway, follows its cursor and notes when each event came.

Kept here: half of them poll and wait, half read server-sent events; what came is written as lines `id seconds` for each
subscriber, so that lost and doubled events are counted afterwards.

Run as `python benchmarks/_followers.py FILE PORT`, FILE holding a JSON list of [number, token, kind, headers]; a line on
standard output says that all of them wait, the end of standard input ends them and prints what came.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path


async def page(reader: asyncio.StreamReader) -> bytes:
    """The body of one answer with a Content-Length."""
    head = await reader.readuntil(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(head.decode("latin-1"))
    length = next(int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    return await reader.readexactly(length)


async def poll(port: int, number: str, headers: str, came: list[tuple[str, float]]) -> None:
    """Ask again and again, waiting, from the cursor of the page before."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    after = ""
    while True:
        target = f"/v1/subscriptions/{number}/events?wait=30{after and f'&after={after}'}"
        writer.write(f"GET {target} HTTP/1.1\r\nHost: h\r\n{headers}\r\n".encode())
        body = await page(reader)
        at = time.time()
        told = json.loads(body)
        came += [(one["id"], at) for one in told["events"]]
        after = told["next"]


async def feed(port: int, number: str, headers: str, came: list[tuple[str, float]]) -> None:
    """Read one stream to its end, and note the id of each event."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 24)
    accept = "Accept: text/event-stream\r\n"
    writer.write(f"GET /v1/subscriptions/{number}/events HTTP/1.1\r\nHost: h\r\n{accept}{headers}\r\n".encode())
    while line := await reader.readline():
        if line.startswith(b"id: "):
            came.append((line[4:].strip().decode(), time.time()))


async def follow(jobs: list[list[str]], port: int) -> None:
    """Have all of them follow until standard input ends."""
    came: list[list[tuple[str, float]]] = [[] for _ in jobs]
    ways = {"poll": poll, "feed": feed}
    tasks = []
    for place, (number, kind, headers) in enumerate(jobs):
        tasks.append(asyncio.create_task(ways[kind](port, number, headers, came[place])))
        if place % 50 == 49:
            await asyncio.sleep(0.05)
    await asyncio.sleep(1)
    sys.stdout.write("waiting\n")
    sys.stdout.flush()
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    failed = [str(task.exception()) for task in tasks if task.done() and task.exception()]
    for task in tasks:
        task.cancel()
    sys.stdout.write(json.dumps({"came": came, "failed": failed}) + "\n")


if __name__ == "__main__":
    asyncio.run(follow(json.loads(Path(sys.argv[1]).read_text("utf-8")), int(sys.argv[2])))
