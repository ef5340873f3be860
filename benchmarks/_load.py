# SPDX-License-Identifier: Apache-2.0
"""A load generator of one process: keep-alive connections on one epoll, each with one request under way.

Kept here: requests are bytes made beforehand, answers are read by their Content-Length or chunks and counted; nothing is
decoded, so that it stays faster than what it measures (`client_cpu` says how busy it was: far below 1 it was no brake).

Run as `python benchmarks/_load.py FILE PORT CONNECTIONS SECONDS`, FILE holding a JSON list of requests as text.
"""

from __future__ import annotations

import json
import select
import socket
import sys
import time
from pathlib import Path

WARM = 0.25  # part of the time that is not counted


class Connection:
    """One keep-alive connection."""

    __slots__ = ("begun", "buffer", "socket")

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        self.begun = 0.0


def whole(answer: bytes) -> bool:
    """Whether a whole answer has arrived."""
    end = answer.find(b"\r\n\r\n")
    if end < 0:
        return False
    head = answer[:end].lower()
    at = head.find(b"content-length:")
    if at < 0:
        return answer.endswith(b"0\r\n\r\n") if b"chunked" in head else True
    stop = head.find(b"\r", at)
    return len(answer) >= end + 4 + int(head[at + 15 : stop if stop > 0 else None])


def run(requests: list[bytes], port: int, connections: int, seconds: float) -> dict[str, float]:
    """Ask for some seconds.

    Returns:
        rps, p50_ms, p99_ms, requests, errors (answers that are not 200), client_cpu.
    """
    poll = select.epoll()
    held = {}
    for number in range(connections):
        connection = Connection(port)
        held[connection.socket.fileno()] = connection
        poll.register(connection.socket, select.EPOLLIN)
        connection.begun = time.perf_counter()
        connection.socket.sendall(requests[number % len(requests)])
    asked, errors, times = connections, 0, []
    begun = time.perf_counter()
    counted, end, busy = begun + seconds * WARM, begun + seconds, 0.0
    while (now := time.perf_counter()) < end:
        if not busy and now >= counted:
            busy, counted, errors, times = time.process_time(), now, 0, []
        for handle, _ in poll.poll(0.5):
            connection = held[handle]
            part = connection.socket.recv(65_536)
            if not part:
                raise SystemExit("the server closed a connection")
            answer = connection.buffer + part
            if not whole(answer):
                connection.buffer = answer
                continue
            now = time.perf_counter()
            times.append(now - connection.begun)
            errors += answer[9:12] != b"200"
            connection.buffer, connection.begun = b"", now
            connection.socket.sendall(requests[asked % len(requests)])
            asked += 1
    took = time.perf_counter() - counted
    times.sort()
    return {
        "rps": round(len(times) / took, 1),
        "p50_ms": round(times[len(times) // 2] * 1000, 3) if times else 0.0,
        "p99_ms": round(times[int(len(times) * 0.99)] * 1000, 3) if times else 0.0,
        "requests": len(times),
        "errors": errors,
        "client_cpu": round((time.process_time() - busy) / took, 2),
    }


if __name__ == "__main__":
    texts = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    print(json.dumps(run([text.encode() for text in texts], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]))))
