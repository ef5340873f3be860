# SPDX-License-Identifier: Apache-2.0
"""A gateway behind a real server in a process of its own, for tests that speak HTTP to it.

Run as `python -m factories.gateway_server FOLDER PORT DSN MORE`, where FOLDER holds what `factories.gateways.Node` makes, and
MORE is a JSON object: limits of the gateway, networks in which it may reach interfaces of providers, and milliseconds that
headers may take to arrive.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from granian import Granian
from granian.constants import Interfaces
from granian.http import HTTP1Settings

from datong.gateway.app import build
from datong.gateway.config import GatewayConfig, Limits
from datong.kernel.addresses import networks
from factories.gateways import NODE, Node


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(node: Node, dsn: str = "", **more: Any) -> Iterator[str]:
    """Serve a node's gateway, perhaps with a PostgreSQL, and with `limits` or `networks` told; its address. The policy file must be there."""
    port = free_port()
    here = Path(__file__).resolve().parents[1]
    environment = os.environ | {"PYTHONPATH": f"{here}{os.pathsep}{here.parent / 'src'}"}
    process = subprocess.Popen(
        [sys.executable, "-m", "factories.gateway_server", str(node.folder), str(port), dsn, json.dumps(more)], env=environment
    )
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 120  # a crowded machine needs more than ten seconds to load it
        while not _ready(address):
            assert process.poll() is None and time.monotonic() < deadline, "the gateway did not get ready"
            time.sleep(0.05)
        yield address
    finally:
        process.terminate()
        process.wait(60)


def _ready(address: str) -> bool:
    try:
        return httpx.get(f"{address}/readyz").status_code == 200
    except httpx.TransportError:
        return False


def application() -> object:
    """The application of the folder named on the command line."""
    folder, more = Path(sys.argv[1]), json.loads(sys.argv[4])
    return build(
        GatewayConfig(
            node_code=NODE, node_dir=folder, signing_key=folder / "node.key", public_key=folder / "evidence" / "node.pub",
            policy_file=folder / "run" / "policy", evidence_dir=folder / "evidence", dsn=sys.argv[3] or None,
            public_url=f"http://127.0.0.1:{sys.argv[2]}", networks=networks(more.get("networks", [])),
            limits=Limits(**more.get("limits", {})),
        )
    )  # fmt: skip


if __name__ == "__main__":
    patience = json.loads(sys.argv[4]).get("headers_ms", HTTP1Settings().header_read_timeout)
    Granian(
        "factories.gateway_server:application", address="127.0.0.1", port=int(sys.argv[2]), interface=Interfaces.ASGI,
        factory=True, workers=1, websockets=False, log_enabled=False, http1_settings=HTTP1Settings(header_read_timeout=patience),
    ).serve()  # fmt: skip
