# SPDX-License-Identifier: Apache-2.0
"""Process of the control plane: pages and API."""

from datong.config import logs
from datong.config.node import env, serve, traces

THREADS = 6


def main() -> None:
    """Serve the control plane on the node's control port."""
    logs.configure("control", env.log_level())
    _, config = env.node()
    leave = traces.leaving("control")
    serve.serve("datong.config.wsgi:application", config.host, config.control_port, threads=THREADS, leave=leave)
