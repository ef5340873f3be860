# SPDX-License-Identifier: Apache-2.0
"""Servers of this machine that tests speak to: each listens as long as it is wanted, and is gone afterwards whatever happened."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def http_server(handler: type[BaseHTTPRequestHandler]) -> ThreadingHTTPServer:
    """An HTTP server on a free port, which writes no log."""
    quiet = type(handler.__name__, (handler,), {"log_message": lambda *_: None})
    return ThreadingHTTPServer(("127.0.0.1", 0), quiet)


@contextmanager
def listening(server: socketserver.BaseServer) -> Iterator[int]:
    """Let a server answer in a thread of its own; its port."""
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    with server:
        thread.start()
        try:
            yield int(server.server_address[1])
        finally:
            server.shutdown()
            thread.join()
